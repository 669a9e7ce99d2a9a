"""The page "Change many": each action is looked at first, then done in one step that can be undone."""

from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda import checks, frame, service
from retreat.agenda import organise as draft
from retreat.agenda.board import presence, steps
from retreat.agenda.board.models import OF_MANY, Step, StepKind
from retreat.agenda.bulk import choices, copying, setting, shifting, skeleton, swapping
from retreat.agenda.bulk.forms import BreaksForm, ShiftForm, SkeletonForm, SwapForm
from retreat.agenda.bulk.outcome import CannotStandThere, Outcome
from retreat.agenda.checking import cards
from retreat.agenda.models import Kind, SessionStatus
from retreat.core import clock, http
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.editions.web import edition_of, edition_with_frame_of

blueprint = Blueprint("many", __name__, url_prefix="/organise/<edition_slug>/agenda/many")

F = TypeVar("F", bound=FlaskForm)
MOST_LINES = 300
"""More than this nobody reads; they are counted."""


class NothingChosen(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Tick some sessions, and choose what to set."))


class Page:
    """The edition and the four forms, each offering what there is; only the one that was sent holds what was typed."""

    def __init__(self, edition_slug: str, sent: str = "") -> None:
        self.edition = edition = edition_with_frame_of(edition_slug)
        language = http.language()
        sessions = service.draft_sessions(edition)
        days = sorted({*(day.date for day in edition.days), *(one.date for one in sessions if one.date)})
        breaks: dict[date, int] = {}
        for session in sessions:
            if session.date and session.kind is Kind.BREAK and session.status is not SessionStatus.CANCELLED:
                breaks[session.date] = breaks.get(session.date, 0) + 1
        self.others = [other for other in editions.all_editions() if other.id != edition.id]
        self.has_sessions, self.has_breaks = bool(sessions), bool(breaks)

        def form(kind: type[F], name: str) -> F:
            made: F = kind(prefix=f"{name}-") if name == sent else kind(formdata=None, prefix=f"{name}-")
            return made

        self.shift = form(ShiftForm, "shift").offer(edition, days, frame.tracks(edition), language)
        self.swap = form(SwapForm, "swap").offer(edition, sessions, language)
        self.breaks = form(BreaksForm, "breaks").offer(breaks, days, language)
        self.skeleton = form(SkeletonForm, "skeleton").offer(self.others, language)

    def form(self, action: str) -> FlaskForm:
        found: FlaskForm = getattr(self, action)
        return found

    def carry_out(self, action: str) -> Outcome:
        at, by, edition = clock.now(), actor(), self.edition
        if action == "shift":
            return shifting.shift(edition, self.shift.asked(), at=at, by=by)
        if action == "swap":
            exactly = self.swap.lengths.data == "slots"
            pair = self.swap.code_of(self.swap.one), self.swap.code_of(self.swap.other)
            return swapping.swap(edition, *pair, slots_exactly=exactly, at=at, by=by)
        if action == "breaks":
            day = date.fromisoformat(self.breaks.day.data)
            to = [date.fromisoformat(text) for text in self.breaks.to.data or ()]
            return copying.copy_breaks(edition, day, to, at=at, by=by)
        other = editions.edition_by_slug(self.skeleton.edition.data)
        return skeleton.copy_skeleton(edition, other, self.skeleton.wishes(), at=at, by=by)

    def shown(self, *, sentences: tuple[Any, ...] = ()) -> str:
        last = last_of_many(self.edition)
        return render_template("agenda/bulk/index.html", page=self, last=last, sentences=sentences)


def last_of_many(edition: Edition) -> Step | None:
    """What this organiser did last, when it was done to many."""
    step = steps.next_to_undo(edition, actor())
    return step if step is not None and step.kind in OF_MANY else None


@blueprint.get("")
@needs(Permission.EDIT_AGENDA)
def index(edition_slug: str) -> str:
    """The forms, and the way back from the last step."""
    return Page(edition_slug).shown()


@blueprint.post("/<any(shift, swap, breaks, skeleton):action>")
@needs(Permission.EDIT_AGENDA)
def change(edition_slug: str, action: str) -> Any:
    """What would change; sent again with what was seen, it is done, unless somebody was faster: then look again."""
    page = Page(edition_slug, sent=action)
    form = page.form(action)
    if not form.validate_on_submit():
        return page.shown(), 422
    seen = request.form.get("seen", "")
    edition = page.edition
    clashing = {_key(clash) for clash in checks.draft_clashes(edition)}
    try:
        outcome = page.carry_out(action)
    except RetreatError as refusal:
        db.session.rollback()
        form.form_errors.append(refusal.message)
        sentences = refusal.sentences if isinstance(refusal, CannotStandThere) else ()
        return page.shown(sentences=sentences), 422
    if seen == outcome.digest:
        db.session.commit()
        flash(done_words(action, len(outcome.lines)))
        return redirect(url_for(".index", edition_slug=edition_slug), 303)
    new = [one for one in checks.open_clashes(edition) if _key(one.clash) not in clashing]
    shown = cards.cards(new[:MOST_LINES], http.language(), edition.main_language)
    held = presence.in_hands(edition, at=clock.now(), other_than=actor())
    # Looked at, and taken back: what is shown is what doing it does.
    db.session.rollback()
    answer = render_template(
        "agenda/bulk/preview.html",
        edition=edition_of(edition_slug),
        action=action,
        outcome=outcome,
        clashes=shown,
        more_clashes=len(new) - len(shown),
        most=MOST_LINES,
        is_stale=bool(seen),
        held=[(line, held[line.code]) for line in outcome.lines if line.before and line.code in held],
        sent=[(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "seen")],
    )
    return answer, 409 if seen else 200


def _key(clash: Any) -> tuple[Any, ...]:
    return clash.kind, clash.sessions


def done_words(action: str, count: int) -> str:
    if action == "swap":
        return _("They have changed places.")
    if action == "shift":
        return ngettext("%(num)d session has been moved.", "%(num)d sessions have been moved.", count)
    return ngettext("%(num)d session has been copied.", "%(num)d sessions have been copied.", count)


@blueprint.post("/undo")
@needs(Permission.EDIT_AGENDA)
def undo(edition_slug: str) -> Redirect:
    """Take back the step that the page showed; a later one is taken back on the board first."""
    edition = edition_of(edition_slug)
    step = last_of_many(edition)
    if step is None or step.number != whole_number(request.form.get("number")):
        flash(_("Something else was done since. Undo it on the board first."), "error")
        return redirect(url_for(".index", edition_slug=edition_slug), 303)
    try:
        steps.undo(edition, at=clock.now(), by=actor())
    except RetreatError as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
    else:
        db.session.commit()
        flash(
            _("Undone: the copied sessions are removed again. Halls and tracks that were made for them stay.")
            if step.kind is StepKind.COPIED
            else _("Undone: everything is where it was.")
        )
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


@blueprint.post("/set")
@needs(Permission.EDIT_AGENDA)
def set_field(edition_slug: str) -> Any:
    """One value for the sessions that are ticked in the list, and back to the list as it was filtered.

    What will not do comes back with the ticks as they were.
    """
    edition = edition_with_frame_of(edition_slug)
    choice = choices.chosen(
        choices.offered(edition, frame.tracks(edition), http.language()), request.form.get("set", "")
    )
    seen = _ticked(request.form.getlist("code"))
    try:
        if choice is None or not seen:
            raise NothingChosen
        done, left = setting.set_field(edition, seen, choice.field, choice.value_of, at=clock.now(), by=actor())
    except RetreatError as refusal:
        db.session.rollback()
        return draft.draft_page(edition_of(edition_slug), seen, str(refusal.message)), refusal.status
    db.session.commit()
    flash(ngettext("%(num)d session has been changed.", "%(num)d sessions have been changed.", done))
    if left:
        flash(ngettext("%(num)d is locked and stays.", "%(num)d are locked and stay.", left))
    filters: dict[str, Any] = {name: request.form[name] for name in ("q", "track", "status") if request.form.get(name)}
    return redirect(url_for("draft.index", edition_slug=edition_slug, **filters), 303)


def _ticked(sent: list[str]) -> dict[str, int | None]:
    """The versions that the list showed, by code; a script may send codes alone."""
    return {code: whole_number(version) for code, _colon, version in (one.partition(":") for one in sent)}

"""The board: one day in hall columns. The server decides every move, and answers with the board as it is then."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.accounts import guards
from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda import service
from retreat.agenda.board import moves, presence, steps, words
from retreat.agenda.board.look import Looked, NoSuchDay, look
from retreat.agenda.board.made import TouchedSince
from retreat.agenda.board.models import OF_MANY, Step
from retreat.agenda.board.page import Filters
from retreat.agenda.board.state import state
from retreat.agenda.cards import Reader
from retreat.agenda.times import BadTime
from retreat.agenda.values import SessionRefused
from retreat.core import clock, http, zones
from retreat.core.db import db, writing
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall
from retreat.editions.web import edition_of

blueprint = Blueprint("board", __name__, url_prefix="/organise/<edition_slug>/board")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_HOUR = re.compile(r"\d{2}:\d{2}\Z")


@dataclass(frozen=True)
class Done:
    """What a request has done: the step, and which way; `more` is said after where the session stands now."""

    step: Step | None
    code: str = ""
    lead: str = ""
    more: list[str] = field(default_factory=list)


@blueprint.get("")
def index(edition_slug: str) -> Any:
    """One day: the edition's today, else its first, unless the address names another."""
    at = clock.now()
    seen = state(edition_slug, actor().id, at=at)
    _be_here(seen.edition_id, seen.seen_at)
    return _whole_page(edition_slug, _asked_day(is_strict=True), is_strict=True)


@blueprint.get("/state")
def state_of_day(edition_slug: str) -> Response:
    """What changes on the board; 304 when nothing has since the ETag that is sent along. Says that one is here."""
    at, by = clock.now(), actor()
    seen = state(edition_slug, by.id, at=at)
    tag = _tag(seen.tag, _asked_day())
    is_known = tag in request.if_none_match
    answer = Response(status=304) if is_known else None
    _be_here(seen.edition_id, seen.seen_at)
    if answer is None:
        edition = edition_of(edition_slug)
        answer = make_response(_fragment(edition, _looked(edition, _asked_day())))
    answer.set_etag(tag)
    return answer


@blueprint.post("/move")
@needs(Permission.EDIT_AGENDA)
def move(edition_slug: str) -> Any:
    """Put a session somewhere, or take it off."""
    return _act(edition_slug, _move)


@blueprint.post("/undo")
@needs(Permission.EDIT_AGENDA)
def undo(edition_slug: str) -> Any:
    return _act(edition_slug, lambda edition: Done(steps.undo(edition, at=clock.now(), by=actor()), lead=_("Undone.")))


@blueprint.post("/redo")
@needs(Permission.EDIT_AGENDA)
def redo(edition_slug: str) -> Any:
    return _act(
        edition_slug, lambda edition: Done(steps.redo(edition, at=clock.now(), by=actor()), lead=_("Done again."))
    )


@blueprint.post("/hold")
@needs(Permission.EDIT_AGENDA)
def hold(edition_slug: str) -> Response:
    """Take a card into the hand for half a minute, or let go of whatever was in it. 409 when somebody else has it."""
    edition = edition_of(edition_slug)
    code = _given("session")
    editions.hold(edition.id)
    holder = None
    if code:
        holder = presence.hold(edition, service.session_by_code(edition, code), at=clock.now(), by=actor())
    else:
        presence.let_go(edition, at=clock.now(), by=actor())
    db.session.commit()
    if holder:
        return Response(_("%(name)s has this session open.", name=holder), 409, mimetype="text/plain")
    return Response(status=204)


def _move(edition: Edition) -> Done:
    code, version, day, starts, ends, hall = _asked_move(edition)
    session = service.session_by_code(edition, code)
    zone = session.zone
    step = moves.place(
        session,
        day=day,
        starts=starts,
        ends=ends,
        hall=hall,
        at=clock.now(),
        by=actor(),
        expected_version=version,
    )
    more = []
    if step is not None and len(step.changes) > 1:
        more.append(ngettext("%(num)d part went along.", "%(num)d parts went along.", len(step.changes) - 1))
    if session.zone != zone and session.starts:
        more.append(
            _(
                "The clock there is another, %(zone)s: the hours stay as they are on it.",
                zone=_zone_words(session.zone),
            )
        )
    return Done(step, code=session.code, more=more)


def _zone_words(zone: str) -> str:
    return f"{zone} ({zones.offset_label(clock.now(), zone)})"


def _asked_move(edition: Edition) -> tuple[str, int, date | None, time | None, time | None, Hall | None]:
    """What the form says; a button of a card says all of it in one: `off=S20-001.3`. Raises BadTime, SessionRefused."""
    code, version, *times = (_given(name) for name in ("session", "version", "day", "start", "end"))
    hall = _given("hall")
    if off := _given("off"):
        code, _dot, version = off.rpartition(".")
        times, hall = ["", "", ""], ""
    if not (version.isdecimal() and version.isascii() and len(version) < 10):
        raise SessionRefused("version", _("The board did not say which state of the session you saw. Load it again."))
    day, starts, ends = times
    return code, int(version), _day(day), _hour("start", starts), _hour("end", ends), moves.hall_of(edition, hall)


def _given(name: str) -> str:
    return request.form.get(name, "").replace("\x00", "").strip()[:60]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        # Python reads more spellings than a form sends: week dates, and numbers without hyphens.
        return date.fromisoformat(text if _DAY.match(text) else "")
    except ValueError as error:
        raise BadTime("date", _("“%(text)s” is not a date.", text=text[:20])) from error


def _hour(field_name: str, text: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text if _HOUR.match(text) else "")
    except ValueError as error:
        raise BadTime(field_name, _("“%(text)s” is not a time of day.", text=text[:20])) from error


# Answers -----------------------------------------------------------------------------------------------------------


def _act(edition_slug: str, act: Callable[[Edition], Done]) -> Any:
    """Do it and commit, or refuse and change nothing; then answer with the board as it is."""
    edition = edition_of(edition_slug)
    try:
        done = act(edition)
        db.session.commit()
    except RetreatError as refusal:
        db.session.rollback()
        return refused(edition_slug, refusal, _let_stand(edition_slug, refusal))
    looked = _looked(edition, _shown_day())
    sentence = _sentence(done, looked, edition)
    if is_live():
        return _live(edition, looked, sentence, 200)
    flash(sentence)
    return redirect(_board_url(edition_slug, looked.page.day, done.code), 303)


def answered(edition: Edition, sentence: str) -> Any:
    """The board after something that was done from it and is no step, such as accepting a clash."""
    looked = _looked(edition, _shown_day())
    if is_live():
        return _live(edition, looked, sentence, 200)
    flash(sentence)
    return redirect(_board_url(edition.slug, looked.page.day, ""), 303)


def refused(edition_slug: str, refusal: RetreatError, more: str = "") -> Any:
    status, sentence = int(refusal.status), f"{refusal.message} {more}".strip()
    if not is_live():
        return _whole_page(edition_slug, _shown_day(), note=sentence), status
    edition = edition_of(edition_slug)
    return _live(edition, _looked(edition, _shown_day()), sentence, status)


def _let_stand(edition_slug: str, refusal: RetreatError) -> str:
    """A step that somebody else has made impossible to undo does not bar the way to those before it."""
    if not isinstance(refusal, TouchedSince | steps.GoneSince) or refusal.step is None:
        return ""
    following = steps.let_stand(edition_of(edition_slug), refusal.step, by=actor())
    db.session.commit()
    return _("Undo goes on with the step before it.") if following else ""


def _live(edition: Edition, looked: Looked, sentence: str, status: int) -> Response:
    seen = state(edition.slug, actor().id, at=clock.now())
    answer = make_response(_fragment(edition, looked, sentence), status)
    answer.set_etag(_tag(seen.tag, looked.page.day))
    return answer


def _whole_page(edition_slug: str, day: date | None, *, note: str = "", is_strict: bool = False) -> str:
    edition = edition_of(edition_slug)
    looked = _looked(edition, day, is_strict=is_strict)
    return render_template("agenda/board/index.html", note=note, **_shown(edition, looked, ""))


def _fragment(edition: Edition, looked: Looked, said: str = "") -> str:
    return render_template("agenda/board/_live.html", **_shown(edition, looked, said))


def _shown(edition: Edition, looked: Looked, said: str) -> dict[str, Any]:
    filters = looked.page.shelf.filters
    return {
        "board": looked.page,
        "edition": edition,
        "said": said,
        "may_edit": guards.can(Permission.EDIT_AGENDA),
        "may_publish": guards.can(Permission.PUBLISH_AGENDA),
        "narrowed": {"q": filters.q or None, "track": filters.track or None, "kind": filters.kind or None},
        "can_accept": "clashes.accept" in current_app.view_functions,
    }


def _looked(edition: Edition, day: date | None, *, is_strict: bool = False) -> Looked:
    reader = Reader.of(edition, http.language(), clock.now())
    is_whole = request.args.get("past") == "all"
    return look(edition, day, _filters(), reader, actor(), is_strict=is_strict, whole_history=is_whole)


def _filters() -> Filters:
    return Filters(*(request.args.get(name, "").replace("\x00", "").strip()[:80] for name in ("q", "track", "kind")))


def _asked_day(*, is_strict: bool = False) -> date | None:
    text = request.args.get("day", "")
    try:
        return _day(text)
    except BadTime as error:
        if is_strict:
            raise NoSuchDay(text) from error
        return None


def _shown_day() -> date | None:
    """The day on the screen from which something was sent."""
    try:
        return _day(_given("shown"))
    except BadTime:
        return None


def is_live() -> bool:
    return request.headers.get("X-Board") == "live"


def _tag(tag_of: Callable[..., str], day: date | None) -> str:
    """Of everything that the answer depends on: the hour too, for the line at "now" moves."""
    return tag_of(
        day,
        _filters(),
        request.args.get("past"),
        http.language(),
        actor().id,
        guards.can(Permission.EDIT_AGENDA),
        guards.can(Permission.PUBLISH_AGENDA),
        clock.now().replace(second=0, microsecond=0).timestamp() // 300,
    )


def _be_here(edition_id: int, seen_at: datetime | None) -> None:
    """Note that this organiser is here, at most every ten seconds; who may only look is nobody to wait for."""
    at, by = clock.now(), actor()
    if not guards.can(Permission.EDIT_AGENDA) or (seen_at is not None and at - seen_at < presence.TOUCH_EVERY):
        return
    with writing():
        presence.touch(edition_id, at=at, by=by)


def _board_url(edition_slug: str, day: date, code: str = "") -> str:
    kept: dict[str, Any] = {name: request.args.get(name) or None for name in ("q", "track", "kind")}
    anchor = f"session-{code}" if code else None
    return url_for(".index", edition_slug=edition_slug, day=day.isoformat(), _anchor=anchor, **kept)


def _sentence(done: Done, looked: Looked, edition: Edition) -> str:
    """What was done, for those who see it and those who hear it."""
    step = done.step
    if step is None:
        return _("It stays where it is.")
    if step.kind in OF_MANY:
        return f"{done.lead} {looked.said(step)}."
    first = step.changes[0]
    after = first["before"] if step.is_undone else first["after"]
    title = looked.titles.get(first["id"], Translated()).text(http.language(), edition.main_language) or first["code"]
    said = [done.lead, words.placed_sentence(title, after, looked.halls, looked.reader), *done.more]
    if after and after["starts"]:
        number = looked.clashes_of(first["code"])
        said.append(ngettext("One clash.", "%(num)d clashes.", number) if number else _("No clash."))
    return " ".join(one for one in said if one)

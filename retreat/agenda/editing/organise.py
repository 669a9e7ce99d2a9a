"""The form of one session: new or known, with its points and people; whom it offers for a part."""

from datetime import date
from typing import Any, NamedTuple

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda import checks, frame, labels, places, service
from retreat.agenda.checking.cards import ClashCard, cards
from retreat.agenda.editing.forms import Differs, differences
from retreat.agenda.editing.states import states_of
from retreat.agenda.editing.suggestions import Suggestion, suggested
from retreat.agenda.forms import SessionForm
from retreat.agenda.models import AgendaSession
from retreat.agenda.organise import blueprint, say
from retreat.agenda.papers.service import papers_of
from retreat.agenda.people import People
from retreat.agenda.times import BadTime
from retreat.core import clock, http
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import clean
from retreat.editions.models import Edition
from retreat.editions.web import edition_of, edition_with_frame_of
from retreat.network.service import bodies

_LONGEST_QUESTION = 100


@blueprint.route("/sessions/new", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def new_session(edition_slug: str) -> Any:
    """An empty form; a day, or the session that it will be part of, in the address is filled in."""
    edition = edition_with_frame_of(edition_slug)
    form = _offered(edition, None)
    if not form.is_submitted():
        form.is_listed.data = True
        form.date.process(None, _day_asked())
        _inside(edition, form)
    if _asks_to_go_on(form):
        return _page(form, None), 200
    if form.validate_on_submit():
        known = People(edition)
        try:
            created = service.create_session(edition, form.values(), at=clock.now(), by=actor(), people=known)
        except (RetreatError, BadTime) as error:
            db.session.rollback()
            say(form, error)
        else:
            db.session.commit()
            flash(_("“%(title)s” is in the draft.", title=created.title.text(http.language(), edition.main_language)))
            _say_who_is_unsure(known)
            return _next(edition, created)
    return _page(form, None), 422 if form.is_submitted() else 200


def _day_asked() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _inside(edition: Edition, form: SessionForm) -> None:
    """A part of another session begins where and when that one does."""
    code = request.args.get("part_of", "")
    whole = next((one for one in service.draft_sessions(edition) if one.code == code), None) if code else None
    if whole is None:
        return
    form.parent.data, form.hall.data, form.venue.data = whole.id, whole.hall_id or 0, whole.venue_id or 0
    form.date.process(None, whole.date)
    form.starts.process(None, whole.starts)
    form.track.data = whole.track_id or 0
    form.access.data = f"body:{whole.access_body_id}" if whole.access_body_id else whole.access.value
    form.is_listed.data = whole.is_listed


def _offered(edition: Edition, session: AgendaSession | None) -> SessionForm:
    return SessionForm().offer(
        edition, frame.tracks(edition), bodies(), service.draft_sessions(edition), session, http.language()
    )


def _asks_to_go_on(form: SessionForm) -> bool:
    """A button that changes the form itself and saves nothing."""
    if not form.is_submitted():
        return False
    form.points.act(request.form.get("points_do", ""))
    form.add_person(request.form.get("people_add", ""))
    return any(name in request.form for name in ("points_do", "people_add", "people_find"))


def _say_who_is_unsure(known: People) -> None:
    for name in known.unsure:
        flash(
            _(
                "Several people are called %(name)s, and the organisation does not say which one: nobody’s own page "
                "shows this session. Write the organisation as it stands in the registration.",
                name=name,
            ),
            "error",
        )


def _next(edition: Edition, session: AgendaSession) -> Redirect:
    if "again" in request.form:
        return redirect(
            url_for(".new_session", edition_slug=edition.slug, day=session.date.isoformat() if session.date else None),
            303,
        )
    if request.args.get("back") == "board":
        day = session.date or _day_asked()
        shown = url_for("board.index", edition_slug=edition.slug, day=day.isoformat() if day else None)
        return redirect(f"{shown}#session-{session.code}", 303)
    return redirect(url_for(".index", edition_slug=edition.slug) + f"#{session.code}", 303)


@blueprint.route("/sessions/<code>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def session(edition_slug: str, code: str) -> Any:
    """The form for one session; a stale one is refused and shows what the other editor has saved otherwise."""
    edition = edition_with_frame_of(edition_slug)
    edited = service.session_by_code(edition, code)
    form = _offered(edition, edited).show(edited)
    if _asks_to_go_on(form):
        return _page(form, edited), 200
    if form.validate_on_submit():
        known = People(edition)
        try:
            service.update_session(
                edited,
                form.values(),
                at=clock.now(),
                by=actor(),
                expected_version=form.version.data,
                people=known,
            )
        except service.EditedMeanwhile as error:
            db.session.rollback()
            return _stale(form, edition_slug, code, error), 409
        except (RetreatError, BadTime) as error:
            db.session.rollback()
            say(form, error)
        else:
            db.session.commit()
            flash(_("Saved in the draft. The public page changes when you publish."))
            _say_who_is_unsure(known)
            return _next(edition, edited)
    return _page(form, edited), 422 if form.is_submitted() else 200


def _stale(form: SessionForm, edition_slug: str, code: str, error: service.EditedMeanwhile) -> str:
    edition = edition_with_frame_of(edition_slug)
    saved = service.session_by_code(edition, code)
    theirs = SessionForm(formdata=None).offer(
        edition, frame.tracks(edition), bodies(), service.draft_sessions(edition), saved, http.language()
    )
    return _page(form, saved, error, differences(form, theirs.show(saved, over_what_was_sent=True)))


def _page(
    form: SessionForm,
    session: AgendaSession | None,
    stale: service.EditedMeanwhile | None = None,
    differs: list[Differs] | None = None,
) -> str:
    is_published = session is not None and service.is_published(session)
    question = clean(request.form.get("people_q"))[:_LONGEST_QUESTION]
    return render_template(
        "agenda/draft/session.html",
        form=form,
        session=session,
        stale=stale,
        differs=differs or (),
        is_published=is_published,
        states=states_of(session, is_published=is_published) if session else (),
        seats=_seats_of(session) if session else None,
        clashes=_clashes_of(session.edition, session.code) if session else (),
        inside=_parts_of(session) if session else (),
        question=question,
        suggestions=suggested(edition_of(request.view_args["edition_slug"]), question)  # type: ignore[index]
        if "people_find" in request.form
        else None,
        status_labels=labels.STATUS,
        papers=papers_of(session) if session else (),
        audience_labels=labels.AUDIENCES,
    )


class SeatsOf(NamedTuple):
    """What the form says of sign-ups: whether people can now, and whether somebody has or is invited."""

    takes: bool
    guests: bool


def _seats_of(session: AgendaSession) -> SeatsOf:
    return SeatsOf(places.is_open(session, at=clock.now()), places.has_guests(session))


def _clashes_of(edition: Edition, code: str) -> tuple[ClashCard, ...]:
    """The open clashes of one session."""
    found = (one for one in checks.open_clashes(edition) if code in one.clash.sessions)
    return cards(found, http.language(), edition.main_language)


def _parts_of(session: AgendaSession) -> list[AgendaSession]:
    return list(
        db.session.scalars(
            select(AgendaSession)
            .where(AgendaSession.parent_id == session.id)
            .order_by(AgendaSession.date, AgendaSession.starts, AgendaSession.code)
        )
    )


@blueprint.get("/people")
@needs(Permission.EDIT_AGENDA)
def people(edition_slug: str) -> Response:
    """At most ten people for a part, as somebody types."""
    edition = edition_of(edition_slug)
    question = clean(request.args.get("q"))
    if len(question) > _LONGEST_QUESTION:
        abort(400)
    answer = jsonify(people=[_facts(one) for one in suggested(edition, question)])
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _facts(one: Suggestion) -> dict[str, Any]:
    return {
        "line": one.line,
        "name": one.name,
        "position": one.position,
        "organisation": one.organisation,
        "registered": one.is_registered,
    }

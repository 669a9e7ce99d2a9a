"""The organisers' agenda: the draft as a list, a form for each session, the frame, import, clashes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, can, needs
from retreat.accounts.roles import Permission
from retreat.agenda import checks, exports, frame, imports, labels, places, publishing, service
from retreat.agenda.bulk import choices
from retreat.agenda.bulk.choices import Choice
from retreat.agenda.cards import part_words
from retreat.agenda.checking.organise import clash_page
from retreat.agenda.exchange import incoming
from retreat.agenda.forms import DayForm, HallForm, ImportForm, TrackForm, VenueForm
from retreat.agenda.halls import organise as halls_pages
from retreat.agenda.models import AgendaSession, SessionStatus, Track
from retreat.core import clock, downloads, http, sheets
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.names import search_key
from retreat.editions import service as editions
from retreat.editions.models import Day, Edition, Hall, Venue
from retreat.editions.web import edition_of, edition_with_frame_of

blueprint = Blueprint("draft", __name__, url_prefix="/organise/<edition_slug>/agenda")

FIELDS_OF_REFUSALS = {"start": "starts", "end": "ends", "zone": "zone_override", "access_body": "access"}
"""Where a refusal names a column of the file, the form's field for it."""


def say(form: FlaskForm, error: RetreatError) -> None:
    """Put a service's refusal beside the field that it is about, else above the form."""
    name = getattr(error, "field", "")
    name = FIELDS_OF_REFUSALS.get(name, name)
    if name in form:
        form[name].errors = [*form[name].errors, error.message]
    else:
        form.form_errors.append(error.message)


@blueprint.get("")
def index(edition_slug: str) -> str:
    """The draft by day, with search and filters."""
    return draft_page(edition_of(edition_slug))


def draft_page(edition: Edition, ticked: Collection[str] = (), refusal: str = "") -> str:
    """The list, narrowed by what the request says; `ticked` are codes that were just chosen in vain."""
    everything = service.draft_sessions(edition)
    found = [session for session in everything if _matches(session)]
    clashing = checks.open_clashes(edition)
    changes = publishing.difference_to_publish(edition, everything)
    return render_template(
        "agenda/draft/index.html",
        groups=[(day, list(some)) for day, some in groupby(found, key=lambda session: session.date)],
        found=len(found),
        total=len(everything),
        tracks=frame.tracks(edition),
        titles={day.date: day.title for day in _days(edition)},
        clashing={side.code for one in clashing for side in one.sides},
        changed={change.session.code: change for change in changes.changes},
        unpublished=len(changes.changes),
        status_labels=labels.STATUS,
        kind_labels=labels.KINDS,
        part_words=part_words,
        settings=_settings(edition) if found and can(Permission.EDIT_AGENDA) else {},
        ticked=ticked,
        refusal=refusal,
    )


def _settings(edition: Edition) -> dict[str, list[Choice]]:
    return choices.offered(edition, frame.tracks(edition), http.language())


def _days(edition: Edition) -> list[Day]:
    return list(db.session.scalars(select(Day).where(Day.edition_id == edition.id).order_by(Day.date)))


def _matches(session: AgendaSession) -> bool:
    words, track, status = (request.values.get(name, "") for name in ("q", "track", "status"))
    return (
        (not track or (session.track is not None and session.track.slug == track))
        and (not status or session.status == status)
        and (not words or search_key(words) in search_key(_text_of(session)))
    )


def _text_of(session: AgendaSession) -> str:
    return " ".join((session.code, *session.title.values(), *(part.printed_name for part in session.parts)))


@blueprint.post("/sessions/<code>/<any(cancel, reinstate, remove):action>")
@needs(Permission.EDIT_AGENDA)
def change_session(edition_slug: str, code: str, action: str) -> Redirect:
    edition = edition_of(edition_slug)
    edited = service.session_by_code(edition, code)
    title = edited.title.text(http.language(), edition.main_language)
    if action == "remove":
        service.delete_session(edited, at=clock.now(), by=actor())
        flash(_("“%(title)s” is removed.", title=title))
    elif action == "cancel":
        service.cancel_session(edited, at=clock.now(), by=actor())
        flash(_("“%(title)s” is cancelled in the draft; publishing tells everyone.", title=title))
    else:
        service.update_session(edited, {"status": SessionStatus.CONFIRMED}, at=clock.now(), by=actor())
        flash(_("“%(title)s” takes place again.", title=title))
    db.session.commit()
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


# Sign-up -----------------------------------------------------------------------------------------------------------


@blueprint.get("/sessions/<code>/seats")
def seats(edition_slug: str, code: str) -> str:
    """Who has signed up or is invited."""
    edition = edition_of(edition_slug)
    return _seats_page(service.session_by_code(edition, code))


def _seats_page(session: AgendaSession, who: str = "", refusal: str = "") -> str:
    return render_template(
        "agenda/draft/seats.html",
        session=session,
        guests=places.guests(session, http.language()),
        is_open=places.is_open(session, at=clock.now()),
        state_labels=labels.PLACES,
        who=who,
        refusal=refusal,
    )


@blueprint.get("/sessions/<code>/seats.csv")
def seats_csv(edition_slug: str, code: str) -> Response:
    edition = edition_of(edition_slug)
    listed = service.session_by_code(edition, code)
    content = sheets.csv_bytes(places.COLUMNS, [one.cells() for one in places.guests(listed, http.language())])
    return downloads.sent_table(content, f"seats-{edition_slug}-{code}")


@blueprint.post("/sessions/<code>/seats/invite")
@needs(Permission.EDIT_AGENDA)
def invite(edition_slug: str, code: str) -> Any:
    edition = edition_of(edition_slug)
    listed = service.session_by_code(edition, code)
    who = request.form.get("who", "").replace("\x00", "").strip()[:24]
    try:
        place = places.invite(listed, places.registration_by_code(edition, who), at=clock.now(), by=actor())
    except RetreatError as refusal:
        db.session.rollback()
        return _seats_page(service.session_by_code(edition_of(edition_slug), code), who, refusal.message), 422
    name = place.person.printed_name
    db.session.commit()
    flash(_("%(name)s is on the list.", name=name))
    return redirect(url_for(".seats", edition_slug=edition_slug, code=code), 303)


@blueprint.post("/sessions/<code>/seats/<int:number>/free")
@needs(Permission.EDIT_AGENDA)
def free_seat(edition_slug: str, code: str, number: int) -> Redirect:
    edition = edition_of(edition_slug)
    next_ones = places.free(service.session_by_code(edition, code), number, at=clock.now(), by=actor())
    names = ", ".join(place.person.printed_name for place in next_ones)
    db.session.commit()
    flash(_("%(name)s was next on the waiting list and has the seat now.", name=names) if names else _("Done."))
    return redirect(url_for(".seats", edition_slug=edition_slug, code=code), 303)


# The frame ---------------------------------------------------------------------------------------------------------


@blueprint.get("/frame")
def frame_page(edition_slug: str) -> str:
    """Days, venues, halls and tracks."""
    edition = edition_with_frame_of(edition_slug)
    return halls_pages.frame_page(edition)


@dataclass(frozen=True)
class Piece:
    """How one kind of thing in the frame is made, changed and found."""

    model: type[Venue] | type[Hall] | type[Track]
    form: type[VenueForm] | type[HallForm] | type[TrackForm]
    create: Callable[..., Any]
    update: Callable[..., Any]


PIECES = {
    "venue": Piece(Venue, VenueForm, frame.create_venue, frame.update_venue),
    "hall": Piece(Hall, HallForm, frame.create_hall, frame.update_hall),
    "track": Piece(Track, TrackForm, frame.create_track, frame.update_track),
}


def _found(edition: Edition, piece: Piece, slug: str) -> Any:
    thing = db.session.scalar(select(piece.model).where(piece.model.edition_id == edition.id, piece.model.slug == slug))
    return thing or abort(404)


@blueprint.route("/frame/<any(venue, hall, track):kind>/new", methods=["GET", "POST"])
@blueprint.route("/frame/<any(venue, hall, track):kind>/<slug>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def piece(edition_slug: str, kind: str, slug: str = "") -> Any:
    """The form for a venue, hall or track, new or known. A new name is public at once."""
    edition = edition_with_frame_of(edition_slug)
    if kind == "hall" and not edition.venues:
        editions.default_venue(edition)
        db.session.commit()
    of_kind = PIECES[kind]
    thing = _found(edition, of_kind, slug) if slug else None
    form = of_kind.form(obj=thing)
    if isinstance(form, HallForm):
        form.offer(edition, http.language())
    if isinstance(form, VenueForm) and thing is None and not form.is_submitted():
        form.city.data, form.zone.data = edition.city, edition.zone
    if form.validate_on_submit():
        try:
            values = form.values(edition)
            if thing is None:
                of_kind.create(edition, values, at=clock.now(), by=actor())
            else:
                of_kind.update(thing, values, at=clock.now(), by=actor())
        except RetreatError as error:
            db.session.rollback()
            say(form, error)
        else:
            db.session.commit()
            return redirect(url_for(".frame_page", edition_slug=edition_slug) + f"#{kind}s", 303)
    status = 422 if form.is_submitted() else 200
    return render_template("agenda/draft/piece.html", form=form, kind=kind, thing=thing), status


@blueprint.post("/frame/<any(venue, hall, track):kind>/<slug>/remove")
@needs(Permission.EDIT_AGENDA)
def remove_piece(edition_slug: str, kind: str, slug: str) -> Redirect:
    edition = edition_of(edition_slug)
    try:
        frame.delete_from_frame(_found(edition, PIECES[kind], slug), at=clock.now(), by=actor())
    except RetreatError as error:
        db.session.rollback()
        flash(error.message, "error")
    else:
        db.session.commit()
        flash(_("Removed."))
    return redirect(url_for(".frame_page", edition_slug=edition_slug) + f"#{kind}s", 303)


@blueprint.route("/frame/days/<day>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def day(edition_slug: str, day: str) -> Any:
    """The title of one day, in four languages."""
    edition = edition_with_frame_of(edition_slug)
    titled = next((one for one in edition.days if one.date.isoformat() == day), None) or abort(404)
    form = DayForm(obj=titled)
    if form.validate_on_submit():
        editions.title_day(edition, titled.date, form.title.data, at=clock.now(), by=actor())
        db.session.commit()
        return redirect(url_for(".frame_page", edition_slug=edition_slug) + "#days", 303)
    return render_template("agenda/draft/day.html", form=form, day=titled), 422 if form.is_submitted() else 200


# Files -------------------------------------------------------------------------------------------------------------


@blueprint.route("/import", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def import_file(edition_slug: str) -> Any:
    """Check a file, or check and import it: all rows, or none and every error with its line."""
    edition = edition_of(edition_slug)
    form = ImportForm()
    errors: tuple[sheets.SheetError, ...] = ()
    done = None
    dry_run = "check" in request.form
    if form.validate_on_submit():
        upload = form.file.data
        try:
            name = upload.filename or "file.csv"
            done = incoming.import_file(edition, name, upload.read(), at=clock.now(), by=actor(), dry_run=dry_run)
        except sheets.SheetErrors as refused:
            errors = refused.errors
        if errors or dry_run:
            db.session.rollback()
        else:
            db.session.commit()
    page = render_template(
        "agenda/draft/import.html",
        edition=edition_of(edition_slug),
        form=form,
        errors=errors,
        done=done,
        dry_run=dry_run,
        columns=imports.COMMON_COLUMNS,
    )
    return page, 422 if errors or form.errors else 200


@blueprint.get("/draft.<any(csv, xlsx, json):kind>")
def export(edition_slug: str, kind: str) -> Response:
    """The whole draft as a file that can be imported again."""
    return downloads.sent_table(exports.export_agenda(edition_of(edition_slug), kind), f"agenda-{edition_slug}", kind)


# Publication -------------------------------------------------------------------------------------------------------


@blueprint.get("/clashes")
def clash_list(edition_slug: str) -> str:
    """Every clash of the draft, both sides named."""
    return clash_page(edition_of(edition_slug))

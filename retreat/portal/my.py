"""The delegate's own page, behind a secret link: where things stand, the answers, the badge, the week, the calendar.

Nobody signs in here; who has the link may see and change this one registration and nothing else.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from limits import parse
from werkzeug.exceptions import NotFound

from retreat.agenda import places
from retreat.agenda.attendees import attendee_of
from retreat.agenda.cards import Reader, SessionCard, card
from retreat.agenda.models import Document as Paper
from retreat.agenda.models import PlaceState
from retreat.agenda.papers.service import readable_of
from retreat.agenda.public import day_titles, reader_of
from retreat.agenda.stars.public import offered as offered_of_browser
from retreat.calendars.personal import has_a_part, personal_week
from retreat.core import audit, clock, dates
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.downloads import sent, sent_bytes
from retreat.core.forms import whole_number
from retreat.core.http import keep_secret, language, spend
from retreat.core.i18n import Rendering, Translated
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.network.service import sections
from retreat.portal.calendar_panel import calendar_panel
from retreat.portal.privacy import exporting
from retreat.portal.standing import standing
from retreat.printing.own import Document, Own, own
from retreat.registration import participants, proof, service
from retreat.registration.answers import badge_lines
from retreat.registration.forms import AnswersForm, ButtonForm
from retreat.registration.letters.lists import own as own_letter
from retreat.registration.links import links_of, registration_of_link
from retreat.registration.lists import categories_of, suggestions
from retreat.registration.models import Registration, Status
from retreat.registration.proof import Proof
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.questions.service import answered, file_of, printed_answers
from retreat.registration.states import LIVE
from retreat.registration.window import RegistrationClosed, may_correct, window

blueprint = Blueprint("my", __name__, url_prefix="/<edition_slug>/registration/<token>")
blueprint.after_request(keep_secret)

NEW_LINK = "new_calendar_link"
"""In the session's cookie, until the next page has shown it."""
RENEWALS_PER_HOUR = parse("5 per hour")
"""Each is a mail."""


class ProofShown(NamedTuple):
    """What the page says of the proof: `seen` is sent back by the button that approves it."""

    state: Proof
    day: str
    seen: str
    is_readable: bool


class WeekDay(NamedTuple):
    day: date | None
    label: str
    title: Rendering
    cards: tuple[SessionCard, ...]


@blueprint.get("")
def page(edition_slug: str, token: str) -> str:
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    is_live, is_over = registration.status in LIVE, edition.closed_at is not None
    offered = places.offers(registration, at=clock.now()) if is_live else ()
    attendee = attendee_of(registration.person_id, edition.id)
    week = _week(registration, edition) if is_live else ()
    return render_template(
        "portal/my.html",
        seats={one.session.code: one for one in offered if one.state is not None},
        papers=readable_of(personal_week(registration.person_id, edition), attendee) if is_live else {},
        waiting=[one for one in offered if one.is_waiting],
        invitations=sum(one.state is PlaceState.INVITED for one in offered),
        offered=len(offered),
        registration=registration,
        answered=answered(registration, language(), edition.main_language),
        token=token,
        is_live=is_live,
        standing=standing(registration, edition, clock.now()),
        is_over=is_over,
        lines=_lines(registration),
        extra=printed_answers([registration], edition, edition.main_language).get(registration.id, ()),
        qr=_badge_code(registration.badge_token),
        proof=_proof_shown(registration, edition),
        week=week,
        starred={one.code for day in week for one in day.cards if attendee.has_starred(one.session)},
        browser=len(offered_of_browser(registration.person_id, edition)) if is_live else 0,
        calendar=calendar_panel(registration, edition, new=session.pop(NEW_LINK, None), at=clock.now())
        if is_live or has_a_part(registration.person_id, edition)
        else None,
        documents=_documents(registration) if is_live else (),
        visa=own_letter(registration),
        links=[_inside(one.created_at, edition) for one in links_of(registration)],
        can_correct=is_live and may_correct(edition, clock.now()),
    )


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(edition_slug: str, token: str) -> Any:
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    at = clock.now()
    if not may_correct(edition, at):
        raise RegistrationClosed(window(edition, at), edition.city)
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    form = _answers_form(edition, registration, token)
    if not form.validate_on_submit():
        return _edit_page(form, registration, token), 422 if form.errors else 200
    try:
        service.correct(
            registration,
            form.values(),
            version=whole_number(form.version.data),
            at=at,
            by=actor_of(registration),
            replies=form.replies(),
        )
    except ChoiceFull as refusal:
        db.session.rollback()
        edition = edition_of(edition_slug)
        registration = registration_of_link(edition, token)
        form = _answers_form(edition, registration, token)
        form.refuse_full(refusal)
        return _edit_page(form, registration, token), int(refusal.status)
    except (service.ChangedMeanwhile, service.NoPlaceLeft) as refusal:
        db.session.rollback()
        form.form_errors.append(refusal.message)
        registration = registration_of_link(edition_of(edition_slug), token)
        return _edit_page(form, registration, token), int(refusal.status)
    db.session.commit()
    flash(_("Your answers have been saved."), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)


@blueprint.get("/files/<slug>")
def answer_file(edition_slug: str, token: str, slug: str) -> Response:
    """The file with which the person answered a question."""
    file = file_of(registration_of_link(edition_of(edition_slug), token), slug)
    if file is None:
        raise NotFound
    return sent(file)


@blueprint.post("/proof")
def approve_proof(edition_slug: str, token: str) -> Any:
    """Also after the deadline: the badge is read until it is printed."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    seen, at, by = request.form.get("seen", ""), clock.now(), actor_of(registration)
    try:
        service.approve_proof(registration, seen, at=at, by=by)
    except service.ProofRefused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
    else:
        db.session.commit()
        flash(_("You have approved your badge. Thank you for reading it."), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="proof"), 303)


@blueprint.route("/withdraw", methods=["GET", "POST"])
def withdraw(edition_slug: str, token: str) -> Any:
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    form = ButtonForm()
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    if not form.validate_on_submit():
        reader = reader_of(edition)
        held = [one for one in places.offers(registration, at=reader.now) if one.is_mine]
        return render_template(
            "portal/my_withdraw.html",
            registration=registration,
            token=token,
            form=form,
            waits=registration.status is Status.WAITLISTED,
            held=[card(one.session, reader) for one in held],
        )
    service.withdraw(registration, at=clock.now(), by=actor_of(registration))
    db.session.commit()
    flash(_("You have withdrawn. Thank you for telling us."), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)


@blueprint.post("/data.zip")
def data(edition_slug: str, token: str) -> Response:
    """Everything about this registration, as a file of one's own."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    at, code = clock.now(), registration.code
    content = exporting.of_registration(registration, at=at)
    audit.record("registration.exported", registration, at=at, by=actor_of(registration), code=code)
    db.session.commit()
    return sent_bytes(content, f"{code}.zip", "application/zip")


@blueprint.post("/links")
def renew_links(edition_slug: str, token: str) -> Any:
    """Every link ends but the one that this page goes on with."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    if not spend(RENEWALS_PER_HOUR, "links", str(registration.id)):
        flash(_("The links have been renewed several times. Try again in an hour."), "error")
        return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="links"), 303)
    fresh = service.renew_links(registration, at=clock.now(), by=actor_of(registration))
    email = registration.email
    db.session.commit()
    flash(_("All earlier links have ended. A mail with a new one is on its way to %(email)s.", email=email), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=fresh, _anchor="links"), 303)


@blueprint.post("/shown")
def show(edition_slug: str, token: str) -> Any:
    """Onto the participants' page or off it, whatever else may still be changed."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    is_shown = request.form.get("is_shown") == "yes" and registration.status in LIVE
    participants.agree(registration, is_shown=is_shown, at=clock.now(), by=actor_of(registration))
    db.session.commit()
    flash(
        _("You are named on the participants’ page.")
        if is_shown
        else _("You are not named on the participants’ page."),
        "success",
    )
    return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="shown"), 303)


def _week(registration: Registration, edition: Edition) -> tuple[WeekDay, ...]:
    """The person's sessions under the days of the edition; those without a day last."""
    reader: Reader = reader_of(edition)
    cards = [card(one, reader) for one in personal_week(registration.person_id, edition)]
    titles = day_titles(edition)
    days = sorted({*titles, *(one.session.date for one in cards if one.session.date)})
    week = [
        WeekDay(
            day,
            dates.long_date(day, reader.language),
            reader.words(titles.get(day, Translated())),
            tuple(one for one in cards if one.session.date == day),
        )
        for day in days
    ]
    undated = tuple(one for one in cards if one.session.date is None)
    if undated:
        week.append(WeekDay(None, _("Day to be confirmed"), Rendering("", reader.language), undated))
    return tuple(week) if cards else ()


def _papers(registration: Registration, edition: Edition) -> dict[int, list[Paper]]:
    """Of the sessions of the own week, those that this person may read."""
    week = personal_week(registration.person_id, edition)
    return readable_of(week, attendee_of(registration.person_id, edition.id)) if week else {}


def _documents(registration: Registration) -> tuple[Own, ...]:
    at, spoken = clock.now(), language()
    return tuple(own(registration, document, language=spoken, at=at) for document in Document)


def _lines(registration: Registration) -> Any:
    return badge_lines(
        registration.printed_name, registration.family_name, registration.native_name, registration.native_language
    )


def _proof_shown(registration: Registration, edition: Edition) -> ProofShown:
    since = registration.proof_approved_at or registration.proof_reopened_at
    return ProofShown(
        proof.state(registration),
        _inside(since, edition) if since else "",
        proof.fingerprint(registration),
        registration.status in proof.READABLE,
    )


def _inside(at: datetime, edition: Edition) -> str:
    """The day within a sentence, where a weekday would be small in some languages and is of no use in any."""
    return dates.bare_date(dates.on_wall(at, edition.zone).date(), language())


class BadgeCode(NamedTuple):
    """A QR code as the template draws it."""

    box: str
    path: str


def _badge_code(token: str) -> BadgeCode:
    import segno

    matrix = [list(row) for row in segno.make_qr(token, error="m").matrix]
    size = len(matrix)
    path = "".join(f"M{x} {y + 0.5}h1" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return BadgeCode(f"0 0 {size} {size}", path)


def _answers_form(edition: Edition, registration: Registration, token: str) -> AnswersForm:
    """The kind of badge is the secretariat's once it has decided."""
    categories = categories_of(edition, is_public=True)
    if registration.category not in categories or registration.status is Status.APPROVED:
        categories = [registration.category]
    form = AnswersForm(edition, categories, sections(), registration)
    form.files_at = lambda slug: url_for(".answer_file", edition_slug=edition.slug, token=token, slug=slug)
    return form


def _edit_page(form: AnswersForm, registration: Registration, token: str) -> str:
    return render_template(
        "portal/my_edit.html", form=form, registration=registration, token=token, suggestions=suggestions()
    )


def actor_of(registration: Registration) -> Actor:
    return Actor("delegate", registration.printed_name, registration.person_id)

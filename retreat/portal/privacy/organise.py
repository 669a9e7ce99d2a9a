"""Personal data, for organisers: consent, who is shown, how long it is kept; one person's, to give or to erase."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.core import audit, clock, files, jobs
from retreat.core.db import db
from retreat.core.downloads import sent_bytes
from retreat.core.errors import NotFound, RetreatError
from retreat.core.http import language
from retreat.core.jobs import Job
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.editions.web import edition_of, edition_with_frame_of
from retreat.network.models import Person
from retreat.portal import labels
from retreat.portal.privacy import erasing, exporting, waiting_files
from retreat.portal.privacy.forms import ConsentForm, EraseForm, KeepingForm
from retreat.registration import consent
from retreat.registration.states import LABELS as STATUSES

blueprint = Blueprint("personal", __name__, url_prefix="/organise/<edition_slug>")


@blueprint.get("/settings/privacy")
@needs(Permission.EDIT_SETTINGS)
def settings(edition_slug: str) -> str:
    return _settings_page(edition_with_frame_of(edition_slug))


@blueprint.post("/settings/privacy/consent")
@needs(Permission.EDIT_SETTINGS)
def save_consent(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = ConsentForm()
    if not form.validate_on_submit():
        return _settings_page(edition, consent_form=form), 422
    before = consent.current(edition)
    after = consent.save(edition, form.text.data, at=clock.now(), by=actor())
    is_new = after is not None and (before is None or after.id != before.id)
    number = after.number if after else 0
    db.session.commit()
    if is_new:
        flash(_("Version %(number)s is what the form shows from now on.", number=number), "success")
    else:
        flash(_("The text is the same as before; there is no new version."), "info")
    return redirect(url_for(".settings", edition_slug=edition_slug, _anchor="consent"), 303)


@blueprint.post("/settings/privacy")
@needs(Permission.EDIT_SETTINGS)
def save(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = KeepingForm().offer(edition, language())
    if not form.validate_on_submit():
        return _settings_page(edition, keeping_form=form), 422
    editions.save_keeping(
        edition,
        are_participants_shown=form.are_participants_shown.data,
        shown_categories=frozenset(form.categories.data or ()),
        keep_months=form.keep_months.data,
        at=clock.now(),
        by=actor(),
    )
    db.session.commit()
    flash(_("The settings are saved; the public pages show them now."), "success")
    return redirect(url_for(".settings", edition_slug=edition_slug, _anchor="keeping"), 303)


def _settings_page(
    edition: Edition, *, consent_form: ConsentForm | None = None, keeping_form: KeepingForm | None = None
) -> str:
    versions = consent.versions(edition)
    if consent_form is None:
        consent_form = ConsentForm(formdata=None, data={"text": versions[0].text if versions else consent.built_in()})
    if keeping_form is None:
        keeping_form = KeepingForm(formdata=None, obj=edition).offer(edition, language())
    return render_template(
        "portal/privacy/settings.html",
        consent_form=consent_form,
        keeping_form=keeping_form,
        versions=versions,
        built_in=consent.built_in(),
    )


# One person --------------------------------------------------------------------------------------------------------


@blueprint.get("/people/<int:person_id>/data")
@needs(Permission.EXPORT_PEOPLE)
def person(edition_slug: str, person_id: int) -> str:
    """What there is, the file with everything, and for an administrator the way to erase it."""
    edition_of(edition_slug)
    return _person_page(_person(person_id))


@blueprint.post("/people/<int:person_id>/data")
@needs(Permission.EXPORT_PEOPLE)
def export(edition_slug: str, person_id: int) -> Any:
    edition, found, at = edition_of(edition_slug), _person(person_id), clock.now()
    jobs.enqueue(exporting.EXPORT, {"person": found.id, "at": at.isoformat()}, at=at, by=actor(), edition_id=edition.id)
    audit.record("person.exported", found, at=at, by=actor(), edition_id=edition.id)
    db.session.commit()
    return redirect(url_for(".person", edition_slug=edition_slug, person_id=person_id, _anchor="files"), 303)


@blueprint.get("/people/<int:person_id>/data/<int:job_id>.zip")
@needs(Permission.EXPORT_PEOPLE)
def file(edition_slug: str, person_id: int, job_id: int) -> Response:
    edition = edition_of(edition_slug)
    job = next((one for one in _exports(_person(person_id)) if one.id == job_id and one.edition_id == edition.id), None)
    content = waiting_files.read(job.result.get("file", "")) if job else None
    if content is None:
        raise NotFound(_("This file has had its hour. Prepare it once more."))
    return sent_bytes(content, f"personal-data-{person_id}.zip", "application/zip")


@blueprint.route("/people/<int:person_id>/erase", methods=["GET", "POST"])
@needs(Permission.ERASE_PEOPLE)
def erase(edition_slug: str, person_id: int) -> Any:
    """Asks once more, with what goes and what stays; then it is gone."""
    edition_of(edition_slug)
    found, form = _person(person_id), EraseForm()
    if not form.validate_on_submit():
        return _erase_page(found, form), 422 if form.errors else 200
    try:
        erasing.erase(found, typed=form.code.data, is_everywhere=form.is_everywhere.data, at=clock.now(), by=actor())
    except RetreatError as refusal:
        status, message = int(refusal.status), refusal.message
        db.session.rollback()
        edition_of(edition_slug)
        form.code.errors = [message]
        return _erase_page(_person(person_id), form), 422 if isinstance(refusal, erasing.NotConfirmed) else status
    db.session.commit()
    flash(_("The person has been erased. The numbers are as they were."), "success")
    return redirect(url_for("registrations.index", edition_slug=edition_slug), 303)


def _person(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound(_("There is nobody with this number."))
    return found


def _exports(person: Person) -> list[Job]:
    return exporting.recent_exports(person, clock.now() - files.KEPT_FOR)


_COUNTED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("Registrations"), ("registration",)),
    (_l("Answers to questions"), ("answer",)),
    (_l("Files"), ("answer_file", "photograph")),
    (_l("Passport data"), ("passport",)),
    (_l("Visa letters"), ("letter",)),
    (_l("Invitations"), ("invitation",)),
    (_l("Seats in sessions"), ("place",)),
    (_l("Starred sessions"), ("star",)),
    (_l("Calendar invitations"), ("calendar_invitation",)),
    (_l("Calendar links"), ("subscription",)),
    (_l("Mails"), ("outbox_mail",)),
    (_l("Offices"), ("office",)),
    (_l("Seats on bodies"), ("seat",)),
    (_l("Lines of programmes"), ("part", "revised_part", "award")),
)


def _counted(loss: erasing.Loss) -> list[tuple[Any, int]]:
    """Only what there is."""
    counts = [(label, sum(loss.counts[table] for table in tables)) for label, tables in _COUNTED]
    return [(label, count) for label, count in counts if count]


def _person_page(person: Person) -> str:
    loss = erasing.what_goes(person, at=clock.now())
    return render_template(
        "portal/privacy/person.html",
        person=person,
        loss=loss,
        counted=_counted(loss),
        exports=_exports(person),
        job_labels=labels.JOBS,
        states=labels.STATES,
    )


def _erase_page(person: Person, form: EraseForm) -> str:
    loss = erasing.what_goes(person, at=clock.now())
    return render_template(
        "portal/privacy/erase.html",
        person=person,
        form=form,
        loss=loss,
        counted=_counted(loss),
        reference=erasing.reference_of(person),
        statuses=STATUSES,
    )

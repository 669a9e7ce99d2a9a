"""The organisers' pages of visa letters: who waits for one, issuing and revoking, passports, who signs."""

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.core import audit, clock, files, jobs
from retreat.core.db import db, writing
from retreat.core.downloads import sent_bytes
from retreat.core.errors import RetreatError
from retreat.core.http import page_number
from retreat.core.i18n import LANGUAGES
from retreat.core.jobs import Job, JobState
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.printing import letter_runs, pdf
from retreat.registration import states
from retreat.registration.forms import ButtonForm
from retreat.registration.letters import labels, lists, passport, service, signatories
from retreat.registration.letters.facts import Costs
from retreat.registration.letters.forms import IssueForm, PassportForm, SignatoryForm
from retreat.registration.letters.lists import Filter
from retreat.registration.letters.models import SignatorySide
from retreat.registration.lists import registration_with_code, suggestions
from retreat.registration.models import Registration

blueprint = Blueprint("letters", __name__, url_prefix="/organise/<edition_slug>/letters")

_RUNS_SHOWN = 3


@blueprint.after_request
def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("")
def index(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    asked = Filter.of(request.args)
    found = lists.listed(edition, asked, page_number())
    runs = _runs(edition)
    return render_template(
        "registration/letters/index.html",
        asked=asked,
        found=found,
        missing=signatories.missing(edition),
        problem=pdf.available(),
        labels=labels,
        statuses=states.LABELS,
        form=IssueForm(),
        runs=runs,
        is_running=any(not run.is_over for run in runs),
        files={run.id: files.path(run.result["file"]) for run in runs if run.result.get("file")},
    )


@blueprint.post("/issue")
def issue_all(edition_slug: str) -> Any:
    """A letter for everybody who waits for one and has none: a job."""
    edition = edition_of(edition_slug)
    form, at, by = IssueForm(), clock.now(), actor()
    if not form.validate_on_submit():
        abort(400)
    if sentences := signatories.missing(edition):
        for sentence in sentences:
            flash(sentence, "error")
        return redirect(url_for(".index", edition_slug=edition_slug), 303)
    arguments = {
        "edition": edition.id,
        "at": at.isoformat(),
        "by": str(by),
        "by_id": by.id,
        "language": form.language.data or "",
        "costs": form.costs.data,
    }
    jobs.enqueue(letter_runs.ISSUE_ALL, arguments, at=at, by=by, edition_id=edition.id)
    db.session.commit()
    return redirect(url_for(".index", edition_slug=edition_slug, _anchor="runs"), 303)


@blueprint.post("/remind")
def remind(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    if not ButtonForm().validate_on_submit():
        abort(400)
    people = service.remind(edition, at=clock.now(), by=actor())
    db.session.commit()
    if people:
        flash(ngettext("%(num)d person is reminded.", "%(num)d people are reminded.", people), "success")
    else:
        flash(_("Nobody is reminded: everybody who waits had a reminder within a day."), "info")
    return redirect(url_for(".index", edition_slug=edition_slug, show=lists.Stage.MISSING.value), 303)


def _runs(edition: Edition) -> list[Job]:
    return list(
        db.session.scalars(
            select(Job)
            .where(Job.edition_id == edition.id, Job.kind == letter_runs.ISSUE_ALL)
            .order_by(Job.id.desc())
            .limit(_RUNS_SHOWN)
        )
    )


def _run(edition: Edition, job_id: int) -> Job:
    job = db.session.scalar(
        select(Job).where(Job.id == job_id, Job.edition_id == edition.id, Job.kind == letter_runs.ISSUE_ALL)
    )
    if job is None:
        abort(404)
    return job


@blueprint.get("/runs/<int:job_id>.json")
def run_state(edition_slug: str, job_id: int) -> Response:
    job = _run(edition_of(edition_slug), job_id)
    return jsonify(state=job.state.value, done=job.done, total=job.total, over=job.is_over)


@blueprint.get("/runs/<int:job_id>.zip")
def run_file(edition_slug: str, job_id: int) -> Response:
    """The letters of a run, while they wait; who fetched them is written down."""
    with writing():
        edition = edition_of(edition_slug)
        job = _run(edition, job_id)
        content = letter_runs.unpacked(job.result.get("file", "")) if job.state is JobState.DONE else None
        if content is None:
            abort(404)
        audit.record(
            "letter.seen", edition, at=clock.now(), by=actor(), edition_id=edition.id, letters=job.result["count"]
        )
    return sent_bytes(content, f"letters-{edition_slug}-{job_id}.zip", "application/zip")


# One person --------------------------------------------------------------------------------------------------------


@blueprint.get("/people/<code>")
def person(edition_slug: str, code: str) -> str:
    edition = edition_of(edition_slug)
    return _person_page(edition, _registration(edition, code))


def _person_page(edition: Edition, registration: Registration) -> str:
    row = lists.row_of(registration)
    valid = service.valid_letter(registration)
    return render_template(
        "registration/letters/person.html",
        registration=registration,
        row=row,
        valid=valid,
        missing=signatories.missing(edition),
        labels=labels,
        statuses=states.LABELS,
        tape=labels.tape(registration),
        form=IssueForm(
            registration.language if registration.language in LANGUAGES else edition.main_language,
            seen=valid.number if valid else "",
        ),
    )


@blueprint.post("/people/<code>/issue")
def issue(edition_slug: str, code: str) -> Any:
    edition = edition_of(edition_slug)
    registration = _registration(edition, code)
    form = IssueForm(registration.language)
    if not form.validate_on_submit():
        abort(400)
    try:
        letter = letter_runs.issue(
            registration,
            at=clock.now(),
            by=actor(),
            language=form.language.data,
            costs=Costs(form.costs.data),
            seen=form.seen.data or "",
        )
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        number = letter.number
        db.session.commit()
        flash(_("The letter %(number)s is issued; a mail is on its way.", number=number), "success")
    return redirect(url_for(".person", edition_slug=edition_slug, code=code), 303)


@blueprint.route("/people/<code>/passport", methods=["GET", "POST"])
def edit_passport(edition_slug: str, code: str) -> Any:
    """Passport data to read and to correct. That it was looked at is written down before it is shown."""
    if request.method == "GET":
        with writing():
            edition = edition_of(edition_slug)
            data = service.see_passport(_registration(edition, code), at=clock.now(), by=actor())
        return _passport_page(edition_slug, code, PassportForm(data))
    edition, form = edition_of(edition_slug), PassportForm()
    registration = _registration(edition, code)
    if not form.validate_on_submit():
        return _passport_page(edition_slug, code, form), 422
    try:
        service.keep_passport(registration, form.values(), at=clock.now(), by=actor())
    except RetreatError as refusal:
        db.session.rollback()
        if isinstance(refusal, service.PassportUnfit):
            form.refuse(refusal.problems)
        else:
            form.form_errors.append(refusal.message)
        return _passport_page(edition_slug, code, form), int(refusal.status)
    if passport.ends_soon(form.values(), edition.ends_on):
        flash(labels.ENDS_SOON, "warning")
    db.session.commit()
    flash(_("The passport data is saved."), "success")
    return redirect(url_for(".person", edition_slug=edition_slug, code=code), 303)


def _passport_page(edition_slug: str, code: str, form: PassportForm) -> str:
    registration = _registration(edition_of(edition_slug), code)
    return render_template(
        "registration/letters/passport.html",
        registration=registration,
        form=form,
        countries=suggestions().countries,
    )


@blueprint.get("/issued/<letter_number>.pdf")
def download(edition_slug: str, letter_number: str) -> Response:
    """The letter as it was issued; it holds passport data, so who fetched it is written down."""
    with writing():
        letter = service.letter_numbered(edition_of(edition_slug), letter_number)
        facts = service.see_letter(letter, at=clock.now(), by=actor())
    return sent_bytes(letter_runs.make_letter(facts).content, f"{facts.number}.pdf", "application/pdf", is_inline=True)


@blueprint.post("/issued/<letter_number>/revoke")
def revoke(edition_slug: str, letter_number: str) -> Any:
    edition = edition_of(edition_slug)
    letter = service.letter_numbered(edition, letter_number)
    code = letter.registration.code if letter.registration else None
    if not ButtonForm().validate_on_submit():
        abort(400)
    try:
        service.revoke(letter, request.form.get("reason", "").replace("\x00", "")[:2000], at=clock.now(), by=actor())
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        db.session.commit()
        flash(_("The letter is revoked; whoever verifies it is told so."), "success")
    if code is None:
        return redirect(url_for(".index", edition_slug=edition_slug), 303)
    return redirect(url_for(".person", edition_slug=edition_slug, code=code), 303)


def _registration(edition: Edition, code: str) -> Registration:
    found = registration_with_code(edition, code)
    if found is None:
        abort(404)
    return found


# Who signs ---------------------------------------------------------------------------------------------------------


@blueprint.get("/signatories")
@needs(Permission.EDIT_SETTINGS)
def signatory_page(edition_slug: str) -> str:
    return _signatories(edition_of(edition_slug))


@blueprint.post("/signatories/<any(secretariat, host):side>")
@needs(Permission.EDIT_SETTINGS)
def save_signatory(edition_slug: str, side: str) -> Any:
    edition = edition_of(edition_slug)
    form = SignatoryForm(side, None)
    if not form.validate_on_submit():
        return _signatories(edition, {side: form}), 422
    try:
        signatories.save(
            edition,
            SignatorySide(side),
            name=form.name.data or "",
            position=form.position.data,
            organisation=form.organisation.data or "",
            picture=form.chosen(),
            at=clock.now(),
            by=actor(),
        )
    except signatories.BadSignature as refusal:
        db.session.rollback()
        form.picture.errors = [refusal.message]
        return _signatories(edition_of(edition_slug), {side: form}), 422
    db.session.commit()
    flash(_("Saved. Letters that are issued from now on are signed so."), "success")
    return redirect(url_for(".signatory_page", edition_slug=edition_slug), 303)


def _signatories(edition: Edition, sent: dict[str, SignatoryForm] | None = None) -> str:
    known = signatories.signatories_of(edition)
    forms = {side: (sent or {}).get(side.value) or SignatoryForm(side.value, known.get(side)) for side in SignatorySide}
    return render_template(
        "registration/letters/signatories.html",
        forms=forms,
        has_picture={side: signatories.has_picture(edition, side) for side in SignatorySide},
        missing=signatories.missing(edition),
    )


@blueprint.get("/signatories/<any(secretariat, host):side>.png")
@needs(Permission.EDIT_SETTINGS)
def signature(edition_slug: str, side: str) -> Response:
    picture = signatories.picture_of_side(edition_of(edition_slug), SignatorySide(side))
    if picture is None:
        abort(404)
    return sent_bytes(picture, f"{side}.png", "image/png", is_inline=True)

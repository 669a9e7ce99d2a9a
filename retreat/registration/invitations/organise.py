"""The organisers' invitations: whom to invite, where each stands, reminders."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.core import clock, files, sheets
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.downloads import sent_table
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.core.http import page_number
from retreat.core.jobs import Job, JobState
from retreat.editions.models import Category, Edition
from retreat.editions.service import all_editions
from retreat.editions.web import edition_of
from retreat.network.service import bodies, sections
from retreat.registration.forms import ButtonForm
from retreat.registration.invitations import batches, candidates, lists, service, states
from retreat.registration.invitations.batches import Plan
from retreat.registration.invitations.candidates import Candidate
from retreat.registration.invitations.forms import BodyForm, DayForm, EditionForm, HandForm, InvitationForm, SheetForm
from retreat.registration.invitations.lists import Filter
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.lists import categories_of
from retreat.registration.models import Status

blueprint = Blueprint("invitations", __name__, url_prefix="/organise/<edition_slug>/invitations")


SOURCES: dict[InvitationSource, Any] = {
    InvitationSource.HAND: _l("by hand"),
    InvitationSource.FILE: _l("from a file"),
    InvitationSource.BODY: _l("seats of a body"),
    InvitationSource.EDITION: _l("list of another edition"),
    InvitationSource.DELEGATION: _l("by a delegation"),
}

LOOKS = {
    states.Stage.UNSENT: "withdrawn",
    states.Stage.SENT: "submitted",
    states.Stage.OPENED: "waitlisted",
    states.Stage.REGISTERED: "approved",
    states.Stage.DECLINED: "declined",
    states.Stage.EXPIRED: "withdrawn",
    states.Stage.REVOKED: "withdrawn",
}

ACTIONS = {
    "invitation.made": _l("Invited"),
    "invitation.sent": _l("Mail sent"),
    "invitation.extended": _l("Last day changed"),
    "invitation.revoked": _l("Revoked"),
    "invitation.answered": _l("Registered"),
    "invitation.declined": _l("Does not come"),
}


class JobLook(NamedTuple):
    name: Any
    look: str


_JOBS = {batches.SEND: _l("Sending invitations"), batches.REMIND: _l("Sending reminders")}
_JOB_STATES = {
    JobState.WAITING: JobLook(_l("waiting"), "submitted"),
    JobState.RUNNING: JobLook(_l("running"), "running"),
    JobState.DONE: JobLook(_l("done"), "approved"),
    JobState.FAILED: JobLook(_l("failed"), "declined"),
    JobState.CANCELLED: JobLook(_l("cancelled"), "withdrawn"),
}


@blueprint.get("")
def index(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    at, asked = clock.now(), Filter.of(request.args)
    found = lists.listed(edition, asked, page_number(), at=at)
    every = found.counts
    if asked != Filter():
        every = lists.listed(edition, Filter(), 1, at=at).counts
    return render_template(
        "registration/invitations/index.html",
        asked=asked,
        found=found,
        every=every,
        at=at,
        stage=states.stage,
        stages=states.LABELS,
        looks=LOOKS,
        sources=SOURCES,
        name_of=lists.name_of,
        last_day=states.last_day,
        jobs=_jobs(edition),
        job_labels=_JOBS,
        job_states=_JOB_STATES,
        default_day=states.day_before(service.default_expiry(edition, at), edition.zone),
    )


def _jobs(edition: Edition) -> list[Job]:
    """The latest of each kind that still runs, or that failed last."""
    found = db.session.scalars(
        select(Job).where(Job.edition_id == edition.id, Job.kind.in_(sorted(_JOBS))).order_by(Job.id.desc()).limit(3)
    ).all()
    return [job for job in found if not job.is_over] or [job for job in found[:1] if job.state is JobState.FAILED]


@blueprint.get("/list.<any(csv, xlsx):kind>")
@needs(Permission.EXPORT_REGISTRATIONS)
def export(edition_slug: str, kind: str) -> Response:
    """The list as it is filtered."""
    edition = edition_of(edition_slug)
    content = lists.export(edition, Filter.of(request.args), kind, at=clock.now())
    return sent_table(content, f"invitations-{edition.slug}", kind)


@blueprint.get("/<int:number>")
def show(edition_slug: str, number: int) -> str:
    edition = edition_of(edition_slug)
    invitation, at = _invitation(edition, number), clock.now()
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == Invitation.__tablename__, AuditEntry.subject_id == invitation.id)
        .order_by(AuditEntry.at, AuditEntry.id)
    ).all()
    return render_template(
        "registration/invitations/show.html",
        invitation=invitation,
        name=lists.name_of(invitation),
        stage=states.stage(invitation, at),
        stages=states.LABELS,
        looks=LOOKS,
        sources=SOURCES,
        day=states.last_day(invitation, edition.zone),
        section=next((one for one in sections() if one.id == invitation.prefill.get("section_id")), None),
        entries=entries,
        actions=ACTIONS,
    )


# Inviting ----------------------------------------------------------------------------------------------------------


class _Asked(NamedTuple):
    """Whom a filled-in form names."""

    candidates: list[Candidate]
    source_name: str


@blueprint.route("/new/<any(hand, file, body, edition):source>", methods=["GET", "POST"])
def new(edition_slug: str, source: str) -> Any:
    """The form, the preview of who will be invited and who will not, and then the decision."""
    edition, kind = edition_of(edition_slug), InvitationSource(source)
    form = _form(edition, kind)
    if not form.validate_on_submit():
        return _new_page(edition, kind, form), 422 if form.errors else 200
    try:
        asked = _ASKED[kind](edition, form)
        if "invite" not in request.form:
            service.check(edition, service.end_of_day(edition, form.expires_on.data), form.category_id, clock.now())
            found = batches.plan(edition, asked.candidates, at=clock.now())
            return _new_page(edition, kind, form, plan=found)
        found = _invite(edition, kind, form, asked)
    except sheets.SheetErrors as refusal:
        db.session.rollback()
        _forget_file(form)
        return _new_page(edition_of(edition_slug), kind, form, errors=refusal.errors), 422
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        form.form_errors.append(message)
        return _new_page(edition_of(edition_slug), kind, form), 422
    db.session.commit()
    count = len(found.invited)
    if form.is_kept_back.data:
        flash(ngettext("%(num)d invitation is ready to be sent.", "%(num)d invitations are ready to be sent.", count))
    else:
        flash(ngettext("%(num)d person is invited.", "%(num)d people are invited.", count), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


def _invite(edition: Edition, kind: InvitationSource, form: Any, asked: _Asked) -> Plan:
    return batches.invite_all(
        edition,
        asked.candidates,
        source=kind,
        source_name=asked.source_name,
        category_id=form.category_id,
        language=form.mail_language.data or "",
        skips_approval=bool(form.skips_approval.data),
        expires_at=service.end_of_day(edition, form.expires_on.data),
        is_sent=not form.is_kept_back.data,
        at=clock.now(),
        by=actor(),
    )


def _form(edition: Edition, kind: InvitationSource) -> Any:
    last = states.day_before(service.default_expiry(edition, clock.now()), edition.zone)
    given = (edition, categories_of(edition), last)
    match kind:
        case InvitationSource.FILE:
            return SheetForm(*given)
        case InvitationSource.BODY:
            return BodyForm(*given, day=edition.starts_on).offer(edition, bodies())
        case InvitationSource.EDITION:
            others = [one for one in all_editions() if one.id != edition.id]
            known = db.session.scalars(
                select(Category)
                .where(Category.edition_id.in_([one.id for one in others]))
                .order_by(Category.position, Category.id)
            )
            return EditionForm(*given).offer(others, known.all())
        case _other:
            return HandForm(*given).offer(edition, sections())


def _new_page(
    edition: Edition,
    kind: InvitationSource,
    form: InvitationForm,
    *,
    plan: Plan | None = None,
    errors: tuple[sheets.SheetError, ...] = (),
) -> str:
    return render_template(
        "registration/invitations/new.html",
        form=form,
        kind=kind.value,
        sources={one.value: SOURCES[one] for one in SOURCES if one is not InvitationSource.DELEGATION},
        plan=plan,
        why=batches.WHY,
        errors=errors,
        columns=candidates.COLUMNS,
        categories={one.id: one for one in categories_of(edition)},
    )


def _by_hand(_edition: Edition, form: HandForm) -> _Asked:
    return _Asked(candidates.recognised([Candidate(form.email.data or "", form.prefill())]), "")


def _from_file(edition: Edition, form: SheetForm) -> _Asked:
    """Of an upload, or of what was uploaded for the preview and waits."""
    upload = form.file.data
    if upload and upload.filename:
        name, content = Path(upload.filename).name[:200], upload.read()
        form.kept.data = files.store(content, _ending(name))
        form.kept_name.data = name
    else:
        kept = files.path(form.kept.data or "")
        if kept is None:
            raise FileGone
        name, content = (form.kept_name.data or kept.name)[:200], kept.read_bytes()
    sheet = sheets.read(name, content, columns=candidates.COLUMNS, required=("email",), most_rows=candidates.MOST_ROWS)
    return _Asked(candidates.from_sheet(edition, sheet), name)


def _ending(name: str) -> str:
    """The ending says how a file is read; anything unknown is read as CSV."""
    ending = Path(name).suffix.lower()
    return ending if ending in (".xlsx", ".json") else ".csv"


class FileGone(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The file has waited for more than an hour and is gone: choose it again."))


def _forget_file(form: Any) -> None:
    if isinstance(form, SheetForm):
        form.kept.data = form.kept_name.data = ""


def _from_body(edition: Edition, form: BodyForm) -> _Asked:
    day: date = form.day.data or edition.starts_on
    found = candidates.from_body(form.chosen, day, with_substitutes=bool(form.with_substitutes.data))
    return _Asked(found, form.chosen.name.text(edition.main_language))


def _from_edition(_edition: Edition, form: EditionForm) -> _Asked:
    other = form.chosen
    found = candidates.from_edition(
        other,
        statuses=[Status(one) for one in form.statuses.data or ()],
        categories=form.categories.data or (),
    )
    return _Asked(found, f"{other.title.text(other.main_language)}, {other.city} {other.starts_on.year}")


_ASKED: dict[InvitationSource, Callable[[Edition, Any], _Asked]] = {
    InvitationSource.HAND: _by_hand,
    InvitationSource.FILE: _from_file,
    InvitationSource.BODY: _from_body,
    InvitationSource.EDITION: _from_edition,
}


# Changing ----------------------------------------------------------------------------------------------------------


@blueprint.post("/<int:number>/send")
def send_again(edition_slug: str, number: int) -> Any:
    edition = edition_of(edition_slug)
    invitation = _invitation(edition, number)
    if not ButtonForm().validate_on_submit():
        raise NotFound
    try:
        service.send_again(invitation, at=clock.now(), by=actor())
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        db.session.commit()
        flash(_("The invitation is on its way again. Links in earlier mails still work."), "success")
    return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)


@blueprint.post("/revoke")
def revoke(edition_slug: str) -> Any:
    """Those that were ticked."""
    at, by = clock.now(), actor()
    done = _each(edition_slug, lambda one: service.revoke(one, at=at, by=by))
    if done:
        flash(ngettext("%(num)d invitation revoked.", "%(num)d invitations revoked.", done), "success")
    return _back(edition_slug)


@blueprint.post("/extend")
def extend(edition_slug: str) -> Any:
    """Another last day for those that were ticked."""
    form, at, by = DayForm(), clock.now(), actor()
    if not form.validate_on_submit() or form.expires_on.data is None:
        flash(_("Write the date as YYYY-MM-DD, for example 2020-02-24"), "error")
        return _back(edition_slug)
    until = service.end_of_day(edition_of(edition_slug), form.expires_on.data)

    def longer(one: Invitation) -> bool:
        service.extend(one, until, at=at, by=by)
        return True

    done = _each(edition_slug, longer)
    if done:
        flash(ngettext("%(num)d invitation has a new last day.", "%(num)d invitations have a new last day.", done))
    return _back(edition_slug)


def _each(edition_slug: str, act: Callable[[Invitation], bool]) -> int:
    """Do it for each that was ticked; one that refuses is said, and holds nobody else up."""
    edition = edition_of(edition_slug)
    ticked = map(whole_number, request.form.getlist("which"))
    numbers = [number for number in ticked if number is not None]
    done, refused = 0, []
    for invitation in lists.ticked(edition, numbers):
        try:
            done += act(invitation)
        except RetreatError as refusal:
            refused.append(f"{lists.name_of(invitation) or invitation.email}: {refusal.message}")
    db.session.commit()
    if not done and not refused:
        flash(_("No invitation was selected, or there was nothing to change."), "info")
    for sentence in dict.fromkeys(refused):
        flash(sentence, "error")
    return done


def _back(edition_slug: str) -> Any:
    if request.form.get("from") == "show" and (number := whole_number(request.form.get("which"))) is not None:
        return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)
    arguments: dict[str, Any] = {**Filter.of(request.form).arguments(), "edition_slug": edition_slug}
    return redirect(url_for(".index", **arguments), 303)


# Sending -----------------------------------------------------------------------------------------------------------


@blueprint.post("/send")
def send_unsent(edition_slug: str) -> Any:
    """Everything that has not been sent."""
    edition = edition_of(edition_slug)
    batches.start_sending(edition, at=clock.now(), by=actor())
    db.session.commit()
    flash(_("The invitations are being sent."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


@blueprint.route("/remind", methods=["GET", "POST"])
def remind(edition_slug: str) -> Any:
    """First how many it would be, then the decision."""
    edition = edition_of(edition_slug)
    form, at = ButtonForm(), clock.now()
    if not form.validate_on_submit():
        return render_template(
            "registration/invitations/remind.html", form=form, found=batches.reminders(edition, at=at)
        )
    batches.start_reminding(edition, at=at, by=actor(), is_forced="everybody" in request.form)
    db.session.commit()
    flash(_("The reminders are being sent."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


def _invitation(edition: Edition, number: int) -> Invitation:
    found = lists.invitation_of(edition, number)
    if found is None:
        raise NotFound
    return found

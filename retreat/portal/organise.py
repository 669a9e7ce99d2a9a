"""The organisers' frame: an edition's dashboard, settings, outbox, jobs and history."""

from typing import Any

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from werkzeug.wrappers import Response

from retreat.accounts import guards
from retreat.accounts.guards import needs
from retreat.accounts.roles import Permission
from retreat.core import clock, http, jobs, mail
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.http import page_number
from retreat.core.jobs import Job
from retreat.core.mail import MailState, OutboxMail
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.editions.web import edition_of, edition_with_frame_of
from retreat.portal import labels, navigation
from retreat.portal.forms import CategoryForm, NewEditionForm, SettingsForm
from retreat.portal.overview import SILENT_KINDS, daily_jobs, edition_jobs, failed_mails, overview, submitted

blueprint = Blueprint("organise", __name__, url_prefix="/organise")

PER_PAGE = 50


@blueprint.before_app_request
def _remember_edition() -> None:
    """Pages that belong to no edition keep the bar of the one that was worked on last."""
    if not request.path.startswith("/organise/") or guards.organiser() is None:
        return
    slug = (request.view_args or {}).get("edition_slug")
    if slug is not None:
        if session.get("edition") != slug:
            session["edition"] = slug
    elif request.blueprint == "organisers" or request.endpoint == "organise.new_edition":
        g.edition = _last_edition()


def _last_edition() -> Edition | None:
    found = editions.all_editions()
    worked_on = next((edition for edition in found if edition.slug == session.get("edition")), None)
    return worked_on or editions.current(found, clock.now())


@blueprint.get("/", strict_slashes=False)
def index() -> Any:
    """To the edition that was worked on last, else the current one; without any, how to begin."""
    edition = _last_edition()
    if edition is not None:
        return redirect(url_for("organise.dashboard", edition_slug=edition.slug), 303)
    return render_template("portal/organise/no_edition.html")


@blueprint.get("/<edition_slug>/", strict_slashes=False)
def dashboard(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    found = overview(edition, can=guards.can, at=clock.now(), language=http.language())
    return render_template(
        "portal/organise/dashboard.html", overview=found, job_labels=labels.JOBS, states=labels.STATES
    )


@blueprint.route("/editions/new", methods=["GET", "POST"])
@needs(Permission.EDIT_SETTINGS)
def new_edition() -> Any:
    form = NewEditionForm()
    if form.validate_on_submit():
        values = {name: field.data for name, field in form._fields.items() if name not in ("csrf_token", "slug")}
        try:
            edition = editions.create_edition(form.slug.data, **values, at=clock.now(), by=guards.actor())
        except RetreatError as refusal:
            db.session.rollback()
            field = form.slug if isinstance(refusal, editions.BadSlug | editions.EditionExists) else form.ends_on
            field.errors = [refusal.message]
        else:
            db.session.commit()
            flash(
                _("The edition is made. Its days, categories and one venue are there; change what you need."), "success"
            )
            return redirect(url_for("organise.settings", edition_slug=edition.slug), 303)
    return render_template("portal/organise/new_edition.html", form=form), _status(form)


def _status(form: Any) -> int:
    return 422 if form.errors else 200


@blueprint.route("/<edition_slug>/settings", methods=["GET", "POST"])
@needs(Permission.EDIT_SETTINGS)
def settings(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = SettingsForm(obj=edition)
    if form.validate_on_submit():
        values = {name: field.data for name, field in form._fields.items() if name != "csrf_token"}
        try:
            editions.update_edition(edition, values, at=clock.now(), by=guards.actor())
        except RetreatError as refusal:
            db.session.rollback()
            edition = edition_with_frame_of(edition_slug)
            form.ends_on.errors = [refusal.message]
        else:
            db.session.commit()
            flash(_("The settings are saved; the public pages show them now."), "success")
            return redirect(url_for("organise.settings", edition_slug=edition_slug), 303)
    return render_template("portal/organise/settings.html", form=form), _status(form)


@blueprint.route("/<edition_slug>/settings/categories/new", methods=["GET", "POST"])
@blueprint.route("/<edition_slug>/settings/categories/<slug>", methods=["GET", "POST"])
@needs(Permission.EDIT_SETTINGS)
def category(edition_slug: str, slug: str | None = None) -> Any:
    edition = edition_with_frame_of(edition_slug)
    found = _category(edition, slug) if slug else None
    form = CategoryForm(obj=found)
    if form.validate_on_submit():
        editions.save_category(
            edition,
            found,
            name=form.name.data,
            colour=form.colour.data.lower(),
            letter=form.letter.data,
            is_public=form.is_public.data,
            capacity=form.capacity.data,
            at=clock.now(),
            by=guards.actor(),
        )
        db.session.commit()
        flash(_("The category is saved."), "success")
        return redirect(url_for("organise.settings", edition_slug=edition_slug, _anchor="categories"), 303)
    return render_template("portal/organise/category.html", form=form, category=found), _status(form)


def _category(edition: Edition, slug: str) -> Category:
    found = next((candidate for candidate in edition.categories if candidate.slug == slug), None)
    if found is None:
        raise NotFound(_("This edition has no such category."))
    return found


def _page_url(number: int) -> str:
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key in ("q", "state")}
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept, page=number)


def _pages(count: int) -> int:
    return max(1, -(-count // PER_PAGE))


@blueprint.get("/<edition_slug>/mail")
@needs(Permission.SEE_MAIL)
def outbox(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    state, words = request.args.get("state", ""), request.args.get("q", "").strip()[:100]
    chosen = [OutboxMail.edition_id == edition.id]
    if state in set(MailState):
        chosen.append(OutboxMail.state == MailState(state))
    if words:
        chosen.append(
            or_(
                OutboxMail.recipient.icontains(words, autoescape=True),
                OutboxMail.subject.icontains(words, autoescape=True),
            )
        )
    count = db.session.scalar(select(func.count()).select_from(OutboxMail).where(*chosen)) or 0
    page = min(page_number(), _pages(count))
    mails = db.session.scalars(
        select(OutboxMail).where(*chosen).order_by(OutboxMail.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    ).all()
    counts: dict[MailState, int] = dict(
        db.session.execute(
            select(OutboxMail.state, func.count()).where(OutboxMail.edition_id == edition.id).group_by(OutboxMail.state)
        ).all()
    )
    return render_template(
        "portal/organise/outbox.html",
        mails=mails,
        count=count,
        counts=counts,
        state=state,
        words=words,
        page=page,
        pages=_pages(count),
        page_url=_page_url,
        mail_states=labels.MAILS,
        has_mail=bool(current_app.config["SMTP_URL"]),
    )


def _mail(edition: Edition, mail_id: int) -> OutboxMail:
    found = db.session.get(OutboxMail, mail_id)
    if found is None or found.edition_id != edition.id:
        raise NotFound(_("There is no such mail."))
    return found


@blueprint.get("/<edition_slug>/mail/<int:mail_id>")
@needs(Permission.SEE_MAIL)
def one_mail(edition_slug: str, mail_id: int) -> str:
    """As it was or will be sent, but for its secret links."""
    row = _mail(edition_of(edition_slug), mail_id)
    return render_template(
        "portal/organise/one_mail.html",
        mail=row,
        written=mail.write(row),
        mail_states=labels.MAILS,
        has_mail=bool(current_app.config["SMTP_URL"]),
    )


@blueprint.post("/<edition_slug>/mail/<int:mail_id>/again")
@needs(Permission.SEND_MAIL)
def send_again(edition_slug: str, mail_id: int) -> Response:
    row = _mail(edition_of(edition_slug), mail_id)
    try:
        mail.send_again(row, at=clock.now(), by=guards.actor())
    except RetreatError as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
    else:
        db.session.commit()
        flash(_("The mail goes out once more."), "success")
    return redirect(url_for("organise.one_mail", edition_slug=edition_slug, mail_id=mail_id), 303)


@blueprint.get("/<edition_slug>/jobs")
@needs(Permission.SEE_JOBS)
def job_list(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    count = (
        db.session.scalar(
            select(func.count()).select_from(Job).where(Job.edition_id == edition.id, Job.kind.not_in(SILENT_KINDS))
        )
        or 0
    )
    page = min(page_number(), _pages(count))
    found = edition_jobs(edition, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    return render_template(
        "portal/organise/job_list.html",
        jobs=found,
        daily=daily_jobs() if page == 1 else [],
        page=page,
        pages=_pages(count),
        page_url=_page_url,
        job_labels=labels.JOBS,
        states=labels.STATES,
    )


def _job(job_id: int) -> Job:
    found = db.session.get(Job, job_id)
    if found is None:
        raise NotFound(_("There is no such job."))
    return found


@blueprint.get("/jobs/<int:job_id>.json")
@needs(Permission.SEE_JOBS)
def job(job_id: int) -> Response:
    """How far it is, for the small module that keeps progress bars up to date."""
    found = _job(job_id)
    response = jsonify(state=found.state.value, done=found.done, total=found.total, is_over=found.is_over)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/jobs/<int:job_id>/cancel")
@needs(Permission.SEE_JOBS)
def cancel_job(job_id: int) -> Response:
    found = _job(job_id)
    if found.edition_id is None or found.kind in SILENT_KINDS:
        raise NotFound(_("There is no such job."))
    is_cancelled = jobs.cancel(found, at=clock.now())
    db.session.commit()
    flash(_("The job is cancelled.") if is_cancelled else _("The job was over already."), "success")
    edition = db.session.get_one(Edition, found.edition_id)
    return redirect(url_for("organise.job_list", edition_slug=edition.slug), 303)


@blueprint.get("/<edition_slug>/history")
@needs(Permission.SEE_HISTORY)
def history(edition_slug: str) -> str:
    """Who changed what, the latest first."""
    edition = edition_of(edition_slug)
    who = request.args.get("q", "").strip()[:100]
    chosen = [AuditEntry.edition_id == edition.id]
    if who:
        chosen.append(
            or_(
                AuditEntry.actor_name.icontains(who, autoescape=True), AuditEntry.action.icontains(who, autoescape=True)
            )
        )
    count = db.session.scalar(select(func.count()).select_from(AuditEntry).where(*chosen)) or 0
    page = min(page_number(), _pages(count))
    entries = db.session.scalars(
        select(AuditEntry).where(*chosen).order_by(AuditEntry.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    ).all()
    return render_template(
        "portal/organise/history.html",
        entries=entries,
        count=count,
        words=who,
        page=page,
        pages=_pages(count),
        page_url=_page_url,
        details_of=labels.details,
        actions=labels.ACTIONS,
    )


def bar_counts(edition: Edition | None) -> dict[str, int]:
    """What waits, by the key of its place in the bar."""
    if edition is None:
        return {}
    asked = {}
    if guards.can(Permission.DECIDE_REGISTRATIONS):
        asked["registrations"] = submitted(edition)
    if guards.can(Permission.SEE_MAIL):
        asked["mail"] = failed_mails(edition)
    if not asked:
        return {}
    counts = zip(
        asked, db.session.execute(select(*(one.scalar_subquery() for one in asked.values()))).one(), strict=True
    )
    return {key: count for key, count in counts if count}


def _frame(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(
        organise_home=navigation.organise_home,
        organise_nav=navigation.organise_nav,
        registration_nav=navigation.registration_nav,
        nav_address=navigation.nav_address,
        other_editions=other_editions,
        bar_counts=bar_counts,
        signed_in=guards.organiser,
    )


def other_editions(edition: Edition | None) -> list[Edition]:
    """Where the bar can lead instead."""
    known = g.editions if "editions" in g else editions.all_editions()
    return [other for other in known if edition is None or other.id != edition.id]


blueprint.record_once(_frame)

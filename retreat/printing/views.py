"""The print page: runs of badges and documents as jobs, their progress, and their files for an hour."""

import base64
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from retreat.accounts import guards
from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.ceremony import service as ceremonies
from retreat.core import clock, files, http, jobs
from retreat.core.db import db
from retreat.core.jobs import Job, JobState
from retreat.editions.models import Category, Edition
from retreat.editions.web import edition_of, edition_with_frame_of
from retreat.printing import badges, colours, ornaments, pdf, service, tasks
from retreat.printing.badges import BadgeFacts
from retreat.printing.forms import AgendaForm, BadgeForm, CeremonyForm
from retreat.registration.listing import saved
from retreat.registration.listing.organise import asked_for, may_read_private

blueprint = Blueprint("printing", __name__, url_prefix="/organise/<edition_slug>/print")

_RUNS_SHOWN = 12
_PREVIEWS = 3
_KINDS = {
    tasks.BADGES: Permission.PRINT,
    **dict.fromkeys(tasks.DOCUMENTS, Permission.PRINT_DOCUMENTS),
    tasks.LIST: Permission.EXPORT_REGISTRATIONS,
}
"""Who may know of a run and have its file."""


@blueprint.get("")
def index(edition_slug: str) -> str:
    return _page(edition_with_frame_of(edition_slug))


def _page(edition: Edition, **forms: Any) -> str:
    found = service.registrations_for_badges(edition)
    facts = service.badge_facts(found, edition)
    with_documents = guards.can(Permission.PRINT_DOCUMENTS)
    sessions = ceremonies.ceremonies(edition.id) if with_documents else []
    runs = _runs(edition)
    return render_template(
        "printing/index.html",
        problem=pdf.available(),
        approved=len(found),
        unprinted=len(service.registrations_for_badges(edition, only_unprinted=True)),
        without_proof=[one for one in found if one.proof_approved_at is None],
        previews=[(one, badges.face(one), _code_picture(one)) for one in _of_each_script(facts)],
        title_lines=badges.title_lines(facts[0].event.title) if facts else (),
        missing=badges.missing_glyphs(facts),
        badge_form=forms.get("badge_form") or BadgeForm(),
        ceremony_form=forms.get("ceremony_form") or CeremonyForm().offer(edition, sessions),
        agenda_form=forms.get("agenda_form") or AgendaForm().offer(edition, http.language()),
        ceremonies=sessions,
        runs=runs,
        is_running=any(not run.is_over for run in runs),
        files={run.id: files.path(run.result["file"]) for run in runs if run.result.get("file")},
    )


def _of_each_script(facts: list[BadgeFacts]) -> list[BadgeFacts]:
    """Up to three badges to show: a plain one, one with a name in its own script, one that reads right to left.

    Of different categories where there are some.
    """
    kinds: dict[tuple[bool, bool], list[BadgeFacts]] = {}
    for one in facts:
        shown = badges.face(one)
        kinds.setdefault((shown.direction == "rtl", bool(shown.other)), []).append(one)
    chosen: list[BadgeFacts] = []
    for kind in sorted(kinds):
        fresh = [one for one in kinds[kind] if one.category not in {other.category for other in chosen}]
        chosen.append((fresh or kinds[kind])[0])
    return chosen[:_PREVIEWS]


def _code_picture(facts: BadgeFacts) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(ornaments.code(facts.token, error="q")).decode()


def _runs(edition: Edition) -> list[Job]:
    kinds = [kind for kind, permission in _KINDS.items() if guards.can(permission)]
    return list(
        db.session.scalars(
            select(Job)
            .where(Job.edition_id == edition.id, Job.kind.in_(kinds))
            .order_by(Job.id.desc())
            .limit(_RUNS_SHOWN)
        )
    )


@blueprint.post("/badges")
def print_badges(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = BadgeForm()
    if not form.validate_on_submit():
        return _page(edition, badge_form=form), 422
    return _start(edition, tasks.BADGES, tasks.badge_arguments(form.choice()))


@blueprint.post("/ceremony")
@needs(Permission.PRINT_DOCUMENTS)
def print_ceremony(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = CeremonyForm().offer(edition, ceremonies.ceremonies(edition.id))
    if not form.validate_on_submit():
        return _page(edition, ceremony_form=form), 422
    return _start(edition, tasks.DIPLOMAS if form.document.data == "diplomas" else tasks.PROGRAMME, {**form.values()})


@blueprint.post("/agenda")
@needs(Permission.PRINT_DOCUMENTS)
def print_agenda(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = AgendaForm().offer(edition, http.language())
    if not form.validate_on_submit():
        return _page(edition, agenda_form=form), 422
    return _start(edition, tasks.AGENDA, {**form.values()})


@blueprint.post("/list")
@needs(Permission.EXPORT_REGISTRATIONS)
def print_list(edition_slug: str) -> Any:
    """The list of registrations as it is filtered, in its columns, in the language of the page."""
    edition = edition_of(edition_slug)
    asked = asked_for(request.form)
    current = saved.current(saved.saved_lists(edition), asked)
    arguments = {
        "filter": asked.arguments(),
        "language": http.language(),
        "private": may_read_private(),
        "name": current.name if current else "",
    }
    return _start(edition, tasks.LIST, arguments)


def _start(edition: Edition, kind: str, arguments: dict[str, Any]) -> AnyResponse:
    service.check_available()
    job = jobs.enqueue(
        kind,
        {**arguments, "edition": edition.id, "by": str(actor())},
        at=clock.now(),
        by=actor(),
        edition_id=edition.id,
    )
    db.session.commit()
    return redirect(url_for(".index", edition_slug=edition.slug) + f"#run-{job.id}", 303)


@blueprint.get("/runs/<int:job_id>.json")
def run_state(edition_slug: str, job_id: int) -> Response:
    """How far a run is, for the page's script."""
    job = _run(edition_of(edition_slug), job_id)
    return jsonify(state=job.state.value, done=job.done, total=job.total, over=job.is_over)


@blueprint.post("/runs/<int:job_id>/cancel")
def cancel_run(edition_slug: str, job_id: int) -> AnyResponse:
    job = _run(edition_of(edition_slug), job_id)
    if job.is_over:
        flash(_("This run is over already."))
    else:
        jobs.cancel(job, at=clock.now())
        db.session.commit()
    return redirect(url_for(".index", edition_slug=edition_slug) + "#runs", 303)


@blueprint.get("/runs/<int:job_id>.pdf")
def run_file(edition_slug: str, job_id: int) -> Response:
    """The file of a finished run, while it waits."""
    job = _run(edition_of(edition_slug), job_id)
    file = files.path(job.result.get("file", "")) if job.state is JobState.DONE else None
    if file is None:
        abort(404)
    name = f"{job.kind.removeprefix('print.')}-{edition_slug}-{job.id}.pdf"
    answer = Response(file.read_bytes(), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(answer)


def _run(edition: Edition, job_id: int) -> Job:
    """A print run of this edition that this organiser may know of; else 404."""
    job = db.session.scalar(select(Job).where(Job.id == job_id, Job.edition_id == edition.id))
    if job is None or job.kind not in _KINDS:
        abort(404)
    if not guards.can(_KINDS[job.kind]):
        abort(403)
    return job


@blueprint.get("/badge/<code>.pdf")
@needs(Permission.PRINT_ONE_BADGE)
def one_badge(edition_slug: str, code: str) -> Response:
    """One badge at once: with the visa letter the only document made within a request. Nothing is noted as printed."""
    edition = edition_of(edition_slug)
    book = service.make_one_badge(service.registration_by_code(edition, code), edition)
    answer = Response(book.content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="badge-{code}.pdf"'
    return _private(answer)


@blueprint.get("/categories.css")
def categories_style(edition_slug: str) -> Response:
    """The categories' colours for the previews: data, but no style attribute is needed."""
    edition = edition_of(edition_slug)
    rows = db.session.execute(
        select(Category.letter, Category.colour).where(Category.edition_id == edition.id).order_by(Category.id)
    )
    rules = "".join(
        f".badge-{letter.lower()}{{--c:{colours.dark_enough(colour)}}}" for letter, colour in rows if letter.isalnum()
    )
    return _private(Response(rules, mimetype="text/css"))


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

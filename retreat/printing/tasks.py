"""Print runs as jobs: never in the request, with a progress bar, and a file that waits for an hour."""

import time
from datetime import date
from typing import Any

from retreat.core import clock, files, jobs
from retreat.core.audit import Actor
from retreat.core.db import db, writing
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition
from retreat.printing import documents, service
from retreat.printing.pdf import Pdf
from retreat.printing.service import BadgeChoice
from retreat.printing.sheets import Sheet
from retreat.registration.filters import Filter
from retreat.registration.models import Status

BADGES, PROGRAMME, DIPLOMAS, AGENDA = "print.badges", "print.programme", "print.diplomas", "print.agenda"
DOCUMENTS = (PROGRAMME, DIPLOMAS, AGENDA)
LIST = "print.list"
_SECONDS_BETWEEN_REPORTS = 0.7


def badge_arguments(choice: BadgeChoice) -> dict[str, Any]:
    """A choice as a job's arguments; `_choice` reads them."""
    return {
        "status": choice.status.value,
        "sheet": choice.sheet.value,
        "double_sided": choice.double_sided,
        "only_unprinted": choice.only_unprinted,
        "proof_approved": choice.proof_approved,
    }


def _choice(arguments: dict[str, Any]) -> BadgeChoice:
    return BadgeChoice(
        status=Status(arguments["status"]),
        sheet=Sheet(arguments["sheet"]),
        double_sided=arguments["double_sided"],
        only_unprinted=arguments["only_unprinted"],
        proof_approved=arguments["proof_approved"],
    )


@jobs.task(BADGES, reads=True)
def print_badges(work: jobs.Work) -> dict[str, Any]:
    """Make the run, then note what was printed. Started again after a crash it makes the same file."""
    edition = _edition(work)
    choice = _choice(work.arguments)
    total = _count(edition, choice)
    edition_id = edition.id
    work.progress(0, total)
    try:
        done = service.make_badges(db.session.get_one(Edition, edition_id), choice, progress=_reporter(work, total))
    except RetreatError as refusal:
        raise jobs.JobFailure(refusal.message) from refusal
    work.progress(total, total)
    name = files.store(done.book.content, ".pdf")
    with writing():
        service.record_prints(
            done.printed,
            edition=db.session.get_one(Edition, edition_id),
            at=clock.now(),
            by=Actor("organiser", work.arguments["by"]),
        )
    return {
        "file": name,
        "count": len(done.printed),
        "missing": [[one.code, one.name, "".join(one.characters)] for one in done.book.missing],
    }


def _count(edition: Edition, choice: BadgeChoice) -> int:
    return len(
        service.registrations_for_badges(
            edition,
            status=choice.status,
            only_unprinted=choice.only_unprinted,
            proof_approved=choice.proof_approved,
        )
    )


def _reporter(work: jobs.Work, total: int) -> Any:
    """Each report is a small transaction: one in a while is enough."""
    last = time.monotonic()

    def report(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_REPORTS:
            work.progress(min(done, total), total)
            last = time.monotonic()

    return report


@jobs.task(PROGRAMME, reads=True)
def print_programme(work: jobs.Work) -> dict[str, Any]:
    arguments = work.arguments
    return _document(
        lambda: documents.make_programme(
            _edition(work),
            arguments["session"],
            language=arguments["language"],
            with_results=arguments["with_results"],
        )
    )


@jobs.task(DIPLOMAS, reads=True)
def print_diplomas(work: jobs.Work) -> dict[str, Any]:
    arguments = work.arguments
    return _document(
        lambda: documents.make_diplomas(_edition(work), arguments["session"], language=arguments["language"])
    )


@jobs.task(AGENDA, reads=True)
def print_agenda(work: jobs.Work) -> dict[str, Any]:
    day = work.arguments["day"]
    return _document(
        lambda: documents.make_agenda(
            _edition(work), day=date.fromisoformat(day) if day else None, language=work.arguments["language"]
        )
    )


@jobs.task(LIST, reads=True)
def print_list(work: jobs.Work) -> dict[str, Any]:
    arguments = work.arguments
    return _document(
        lambda: documents.make_list(
            _edition(work),
            Filter.of(arguments["filter"]),
            language=arguments["language"],
            may_read_private=arguments["private"],
            name=arguments["name"],
        )
    )


def _document(make: Any) -> dict[str, Any]:
    try:
        done: Pdf = make()
    except RetreatError as refusal:
        raise jobs.JobFailure(refusal.message) from refusal
    return {"file": files.store(done.content, ".pdf"), "count": done.pages, "missing": list(done.missing)}


def _edition(work: jobs.Work) -> Edition:
    return db.session.get_one(Edition, work.arguments["edition"])

"""Which badges are printed, in which order, and what has been printed; the badge cache."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.agenda import published
from retreat.agenda.models import Kind
from retreat.agenda.published import PublishedSession
from retreat.core import audit, dates, files, http
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.printing import badges, pdf
from retreat.printing.badges import BadgeFacts, Book, CategoryFacts, EventFacts, Missing, WeekDay, WeekRow
from retreat.printing.models import BadgePrint
from retreat.printing.sheets import Sheet
from retreat.registration.models import Photograph, Registration, Status
from retreat.registration.questions.service import printed_answers

_MAJOR = frozenset({Kind.PLENARY, Kind.PRESIDENCY, Kind.STATUTORY, Kind.CEREMONY})
_NOT_ON_A_BADGE = frozenset({Kind.BREAK, Kind.TRAVEL})
_BOOKS_KEPT = 12


class NothingToPrint(RetreatError):
    """The run is empty; says why."""


class PrintingDoesNotWork(RetreatError):
    """The machine cannot print; the sentence says what to install."""


class UnknownBadge(NotFound):
    def __init__(self, code: str) -> None:
        super().__init__(_l("There is no registration “%(code)s” in this edition.", code=code))
        self.code = code


@dataclass(frozen=True, kw_only=True)
class BadgeChoice:
    """Which registrations a run prints, and on what."""

    status: Status = Status.APPROVED
    only_unprinted: bool = False
    proof_approved: bool = False
    sheet: Sheet = Sheet.A6
    double_sided: bool = False


class Printout(NamedTuple):
    """A finished run, and whose registration and words it holds, to be recorded as printed."""

    book: Book
    printed: tuple[tuple[int, str], ...]


def check_available() -> None:
    """Raises PrintingDoesNotWork."""
    if sentence := pdf.available():
        raise PrintingDoesNotWork(sentence)


def registrations_for_badges(
    edition: Edition, *, status: Status = Status.APPROVED, only_unprinted: bool = False, proof_approved: bool = False
) -> list[Registration]:
    """By category, then family name (or the name on the badge) without regard to case and accents."""
    query = (
        select(Registration)
        .where(Registration.edition_id == edition.id, Registration.status == status)
        .options(joinedload(Registration.category))
        .order_by(Registration.id)
    )
    if only_unprinted:
        query = query.where(~select(BadgePrint.id).where(BadgePrint.registration_id == Registration.id).exists())
    if proof_approved:
        query = query.where(Registration.proof_approved_at.is_not(None))
    return sorted(db.session.scalars(query), key=_in_order)


def _in_order(registration: Registration) -> tuple[int, int, str, str]:
    name = search_key(registration.family_name or registration.printed_name)
    return registration.category.position, registration.category_id, name, registration.code


def registration_by_code(edition: Edition, code: str) -> Registration:
    """Raises UnknownBadge."""
    registration = db.session.scalar(
        select(Registration)
        .where(Registration.edition_id == edition.id, Registration.code == code)
        .options(joinedload(Registration.category))
    )
    if registration is None:
        raise UnknownBadge(code)
    return registration


def badge_facts(
    registrations: Sequence[Registration], edition: Edition, *, language: str | None = None, with_week: bool = False
) -> list[BadgeFacts]:
    """What the badges say, in the edition's main language unless told otherwise."""
    spoken = language or edition.main_language
    event = event_facts(edition, spoken)
    week = week_of(edition, spoken) if with_week else ()
    photographs = _digests(registrations, edition)
    extra = printed_answers(registrations, edition, spoken)
    categories = {
        registration.category: CategoryFacts(
            name=registration.category.name.text(spoken, edition.main_language),
            colour=registration.category.colour,
            letter=registration.category.letter,
        )
        for registration in registrations
    }
    return [
        badges.facts(
            honorific=registration.honorific,
            given_name=registration.given_name,
            family_name=registration.family_name,
            badge_name=registration.badge_name,
            native_name=registration.native_name,
            native_language=registration.native_language,
            position=registration.position,
            organisation=registration.organisation,
            city=registration.city,
            country=registration.country,
            code=registration.code,
            token=registration.badge_token,
            photograph=photographs.get(registration.id, ""),
            extra=extra.get(registration.id, ()),
            category=categories[registration.category],
            event=event,
            week=week,
        )
        for registration in registrations
    ]


def _digests(registrations: Sequence[Registration], edition: Edition) -> dict[int, str]:
    """By registration, in one query however many badges there are."""
    query = select(Photograph.registration_id, Photograph.digest)
    if len(registrations) == 1:
        query = query.where(Photograph.registration_id == registrations[0].id)
    else:
        query = query.join(Photograph.registration).where(Registration.edition_id == edition.id)
    return {number: digest for number, digest in db.session.execute(query)}  # noqa: C416 - a Row is no pair to dict()


def _photographs(facts: Sequence[BadgeFacts], edition: Edition) -> dict[str, bytes]:
    """The pictures of these badges by their digests, in one query; none when no badge has any."""
    wanted = {one.photograph for one in facts if one.photograph}
    if not wanted:
        return {}
    query = select(Photograph.digest, Photograph.content)
    if len(facts) == 1:
        query = query.where(Photograph.digest.in_(wanted))
    else:
        query = query.join(Photograph.registration).where(Registration.edition_id == edition.id)
    return {digest: content for digest, content in db.session.execute(query) if digest in wanted}


def event_facts(edition: Edition, language: str) -> EventFacts:
    title = edition.title.text(language, edition.main_language)
    year = str(edition.starts_on.year)
    return EventFacts(
        title=title if year in title else f"{title} {year}",
        city=edition.city,
        dates=_short_dates(edition.starts_on, edition.ends_on, language),
        language=language,
        live_url=http.absolute_url("agenda.week", edition_slug=edition.slug),
    )


def _short_dates(first: date, last: date, language: str) -> str:
    """Like "24–28 February": the title says the year."""
    if first == last:
        return dates.bare_date(first, language)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{dates.bare_date(last, language)}"
    return f"{dates.bare_date(first, language)} – {dates.bare_date(last, language)}"


def week_of(edition: Edition, language: str) -> tuple[WeekDay, ...]:
    """The published week that everyone may know of, for the back of a badge."""
    shown = [
        session
        for session in published.listed(published.programme(edition))
        if session.date and session.starts and not session.is_cancelled and session.kind not in _NOT_ON_A_BADGE
    ]
    days = sorted({session.date for session in shown if session.date})
    return tuple(
        WeekDay(
            label=f"{dates.short_weekday(day, language)} {dates.bare_date(day, language)}",
            rows=tuple(_week_row(session, edition, language) for session in shown if session.date == day),
        )
        for day in days
    )


def _week_row(session: PublishedSession, edition: Edition, language: str) -> WeekRow:
    return WeekRow(
        time=dates.clock(session.starts) if session.starts else "",
        title=session.title.text(language, edition.main_language),
        place=session.hall_name.text(language, edition.main_language),
        is_major=session.kind in _MAJOR,
    )


def make_badges(edition: Edition, choice: BadgeChoice, *, progress: pdf.Progress | None = None) -> Printout:
    """The run as PDF. Reads the database only before it begins to render. Raises NothingToPrint."""
    check_available()
    registrations = registrations_for_badges(
        edition,
        status=choice.status,
        only_unprinted=choice.only_unprinted,
        proof_approved=choice.proof_approved,
    )
    if not registrations:
        raise NothingToPrint(_why_nothing(choice))
    ids = [registration.id for registration in registrations]
    facts = badge_facts(registrations, edition, with_week=choice.double_sided)
    book = _cached(facts, choice.sheet, choice.double_sided, edition, progress)
    return Printout(book, tuple(zip(ids, map(badges.content_hash, map(badges.without_back, facts)), strict=True)))


def _why_nothing(choice: BadgeChoice) -> object:
    if choice.only_unprinted:
        return _l("Every badge of this choice has been printed already.")
    if choice.proof_approved:
        return _l("Nobody of this choice has approved the proof of the badge yet.")
    if choice.status is Status.APPROVED:
        return _l("No registration is approved yet, so there is no badge to print.")
    return _l("No registration has this status, so there is no badge to print.")


def make_one_badge(registration: Registration, edition: Edition) -> Book:
    """One A6 page, for the desk and as a proof. Not kept: proofs would push the runs out of the cache."""
    check_available()
    pdf.keep_font_cache_in(files.data_folder("fontconfig"))
    facts = badge_facts([registration], edition)
    return badges.print_badges(facts, photographs=_photographs(facts, edition))


def record_prints(printed: Sequence[tuple[int, str]], *, edition: Edition, at: datetime, by: Actor) -> int:
    """Note for each registration that still exists that this content went to paper."""
    existing = set(db.session.scalars(select(Registration.id).where(Registration.id.in_([one for one, _ in printed]))))
    rows = [
        BadgePrint(registration_id=number, content_hash=content, printed_at=at, printed_by=str(by))
        for number, content in printed
        if number in existing
    ]
    db.session.add_all(rows)
    db.session.flush()
    audit.record("badges.printed", edition, at=at, by=by, edition_id=edition.id, count=len(rows))
    return len(rows)


def _cached(
    facts: Sequence[BadgeFacts], sheet: Sheet, double_sided: bool, edition: Edition, progress: pdf.Progress | None
) -> Book:
    """The same run asked for again comes from the folder, whichever process made it."""
    pdf.keep_font_cache_in(files.data_folder("fontconfig"))
    folder = files.data_folder("badges")
    key = _run_key(facts, sheet, double_sided)
    content, lacking = folder / f"{key}.pdf", folder / f"{key}.json"
    if content.is_file() and lacking.is_file():
        content.touch()
        return Book(content.read_bytes(), tuple(_missing(one) for one in json.loads(lacking.read_text("utf-8"))))
    photographs = _photographs(facts, edition)
    book = badges.print_badges(
        facts, sheet=sheet, double_sided=double_sided, photographs=photographs, progress=progress
    )
    lacking.write_text(json.dumps(book.missing, ensure_ascii=False), encoding="utf-8")
    partial = folder / f"{key}.{os.getpid()}.part"
    partial.write_bytes(book.content)
    partial.replace(content)
    _forget_old_books()
    return book


def _missing(stored: list[object]) -> Missing:
    code, name, characters = stored
    assert isinstance(characters, list)
    return Missing(str(code), str(name), tuple(str(character) for character in characters))


def _run_key(facts: Sequence[BadgeFacts], sheet: Sheet, double_sided: bool) -> str:
    """Everything that the bytes depend on: each badge, the sheet, the design and WeasyPrint's version."""
    parts = [badges.DESIGN, pdf.version(), sheet, str(double_sided), *map(badges.content_hash, facts)]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()


def _forget_old_books() -> None:
    """The cache holds names: keep only the last few runs."""
    for old in sorted(files.data_folder("badges").glob("*.pdf"), key=_last_used, reverse=True)[_BOOKS_KEPT:]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)


def forget_books() -> None:
    """Every kept run goes: somebody has been erased, and it may name them."""
    for kept in files.data_folder("badges").iterdir():
        kept.unlink(missing_ok=True)


def _last_used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # another worker has just removed it
        return 0.0

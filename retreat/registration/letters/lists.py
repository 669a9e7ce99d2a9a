"""Who asks for a letter, and how far each is: the organisers' list, and one person's own standing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from retreat.core.db import db
from retreat.core.mail import OutboxMail
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.registration import states
from retreat.registration.letters.models import Letter, LetterState, Passport
from retreat.registration.mails import PASSPORT_REMINDER
from retreat.registration.models import Registration, Status

PER_PAGE = 50


class Stage(StrEnum):
    """How far somebody's letter is; each is at one of them."""

    UNDECIDED = "undecided"
    """Asked for, but the registration is not approved yet."""
    MISSING = "missing"
    """Approved; the passport data is still to come."""
    READY = "ready"
    ISSUED = "issued"
    REVOKED = "revoked"


REPLACED = "replaced"
"""A further tab: whoever has had an earlier letter."""


@dataclass(frozen=True)
class Row:
    """One person of the list; letters newest first."""

    registration: Registration
    stage: Stage
    passport_at: datetime | None
    letters: Sequence[Letter]
    reminded_at: datetime | None = None

    @property
    def letter(self) -> Letter | None:
        return self.letters[0] if self.letters else None

    @property
    def has_changed(self) -> bool:
        """The passport data was given anew since the letter was issued."""
        return has_changed(self.letter, self.passport_at)


class Filter(NamedTuple):
    """A tab and words, as the list's address says them."""

    tab: str = ""
    words: str = ""

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Filter":
        tab = arguments.get("show", "")
        known = tab == REPLACED or tab in list(Stage)
        return cls(tab if known else "", arguments.get("q", "").replace("\x00", "")[:200].strip())

    def arguments(self, **changed: Any) -> dict[str, Any]:
        said = {"show": self.tab, "q": self.words, **changed}
        return {name: value for name, value in said.items() if value}


class Found(NamedTuple):
    """One page of the list, with the count of every tab under the words."""

    rows: Sequence[Row]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


class Own(NamedTuple):
    """Where one person's letter is, for their own page."""

    stage: Stage
    has_passport: bool
    letter: Letter | None
    has_changed: bool


def stage(status: Status, *, has_passport: bool, latest: LetterState | None) -> Stage:
    """From the state of the newest letter, or where there is none, from what is still missing. Pure."""
    if latest is LetterState.VALID:
        return Stage.ISSUED
    if latest is not None:
        return Stage.REVOKED
    if status is not Status.APPROVED:
        return Stage.UNDECIDED
    return Stage.READY if has_passport else Stage.MISSING


def has_changed(letter: Letter | None, passport_at: datetime | None) -> bool:
    """Whether a valid letter was written from other passport data than there is now. Pure."""
    return (
        letter is not None
        and letter.state is LetterState.VALID
        and passport_at is not None
        and passport_at > letter.issued_at
    )


def listed(edition: Edition, asked: Filter, page: int) -> Found:
    rows = _rows(edition, asked.words)
    counts = Counter({"": len(rows), REPLACED: sum(_has_replaced(row) for row in rows)})
    counts.update(row.stage.value for row in rows)
    chosen = [row for row in rows if _is_in(row, asked.tab)]
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(max(page, 1), pages)
    return Found(chosen[(page - 1) * PER_PAGE : page * PER_PAGE], counts, len(chosen), page, pages)


def _is_in(row: Row, tab: str) -> bool:
    return _has_replaced(row) if tab == REPLACED else tab in ("", row.stage)


def _has_replaced(row: Row) -> bool:
    return any(letter.state is LetterState.REPLACED for letter in row.letters)


def row_of(registration: Registration) -> Row:
    """One person of the list; also somebody who asks for no letter and never did."""
    passport_at = _passport_at(registration)
    letters = _letters(Letter.registration_id == registration.id).get(registration.id, [])
    return _row(registration, passport_at, letters, None)


def waiting_for_passport(edition: Edition) -> list[Row]:
    return [row for row in _rows(edition, "") if row.stage is Stage.MISSING]


def ready(edition: Edition) -> list[Registration]:
    """Those for whom a first letter can be issued."""
    return [row.registration for row in _rows(edition, "") if row.stage is Stage.READY]


def own(registration: Registration) -> Own | None:
    """None for somebody who neither asks for a letter nor ever had one."""
    letter = db.session.scalar(
        select(Letter).where(Letter.registration_id == registration.id).order_by(Letter.id.desc()).limit(1)
    )
    asks = registration.visa_letter and registration.status in states.LIVE
    if letter is None and not asks:
        return None
    passport_at = _passport_at(registration) if asks else None
    state = letter.state if letter else None
    return Own(
        stage(registration.status, has_passport=passport_at is not None, latest=state),
        passport_at is not None,
        letter,
        has_changed(letter, passport_at),
    )


def _passport_at(registration: Registration) -> datetime | None:
    return db.session.scalar(select(Passport.updated_at).where(Passport.registration_id == registration.id))


def _rows(edition: Edition, words: str) -> list[Row]:
    """Whoever asks for a letter and means to come, and whoever ever had one; by name."""
    has_letter = select(Letter.id).where(Letter.registration_id == Registration.id).exists()
    asks = Registration.visa_letter.is_(True) & Registration.status.in_(sorted(states.LIVE))
    found = db.session.execute(
        select(Registration, Passport.updated_at)
        .outerjoin(Passport, Passport.registration_id == Registration.id)
        .where(
            Registration.edition_id == edition.id,
            or_(asks, has_letter),
            *(Registration.search_key.contains(word, autoescape=True) for word in search_key(words).split()),
        )
    ).all()
    letters = _letters(Letter.edition_id == edition.id)
    found = sorted(found, key=lambda pair: (search_key(pair[0].family_name or pair[0].printed_name), pair[0].id))
    reminded = _reminded(edition)
    return [_row(one, at, letters.get(one.id, []), reminded.get(one.id)) for one, at in found]


def _row(one: Registration, at: datetime | None, letters: Sequence[Letter], reminded_at: datetime | None) -> Row:
    latest = letters[0].state if letters else None
    return Row(one, stage(one.status, has_passport=at is not None, latest=latest), at, letters, reminded_at)


def _letters(where: Any) -> dict[int | None, list[Letter]]:
    found: dict[int | None, list[Letter]] = {}
    for letter in db.session.scalars(select(Letter).where(where).order_by(Letter.id.desc())):
        found.setdefault(letter.registration_id, []).append(letter)
    return found


def _reminded(edition: Edition) -> dict[int | None, datetime]:
    rows = db.session.execute(
        select(OutboxMail.subject_id, func.max(OutboxMail.created_at))
        .where(
            OutboxMail.edition_id == edition.id,
            OutboxMail.template == PASSPORT_REMINDER,
            OutboxMail.subject_kind == Registration.__tablename__,
        )
        .group_by(OutboxMail.subject_id)
    )
    return dict(list(rows))

"""The organisers' list of invitations, and the same as a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from retreat.core import dates, sheets
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.registration.answers import printed_name
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.invitations.states import Stage, stage

PAGE_SIZE = 50
COLUMNS = (
    *("email", "honorific", "given_name", "family_name", "position", "organisation", "city", "country", "category"),
    *("language", "state", "source", "source_name", "sent", "reminders", "expires", "registration"),
)


def is_in(wanted: Stage, at: datetime) -> ColumnElement[bool]:
    """The condition of the database for what `states.stage` says of one invitation."""
    unanswered = [Invitation.registration_id.is_(None), Invitation.revoked_at.is_(None)]
    open_ = [*unanswered, Invitation.declined_at.is_(None), Invitation.expires_at > at]
    found: dict[Stage, list[ColumnElement[bool]]] = {
        Stage.REGISTERED: [Invitation.registration_id.is_not(None)],
        Stage.REVOKED: [Invitation.registration_id.is_(None), Invitation.revoked_at.is_not(None)],
        Stage.DECLINED: [*unanswered, Invitation.declined_at.is_not(None)],
        Stage.EXPIRED: [*unanswered, Invitation.declined_at.is_(None), Invitation.expires_at <= at],
        Stage.OPENED: [*open_, Invitation.opened_at.is_not(None)],
        Stage.SENT: [*open_, Invitation.opened_at.is_(None), Invitation.sent_at.is_not(None)],
        Stage.UNSENT: [*open_, Invitation.opened_at.is_(None), Invitation.sent_at.is_(None)],
    }
    return and_(*found[wanted])


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked of the list; empty is everything."""

    words: str = ""
    stage: Stage | None = None
    source: InvitationSource | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Filter":
        """From an address; what is unknown there counts as not said."""
        asked, source = arguments.get("state", ""), arguments.get("source", "")
        return cls(
            words=" ".join(arguments.get("q", "")[:200].replace("\x00", "").split()),
            stage=Stage(asked) if asked in {one.value for one in Stage} else None,
            source=InvitationSource(source) if source in {one.value for one in InvitationSource} else None,
        )

    def arguments(self, **other: str) -> dict[str, str]:
        said = {
            "q": self.words,
            "state": self.stage.value if self.stage else "",
            "source": self.source.value if self.source else "",
            **other,
        }
        return {name: value for name, value in said.items() if value}


class ListPage(NamedTuple):
    invitations: list[Invitation]
    page: int
    pages: int
    total: int
    counts: dict[Stage, int]
    """Of every state under the other filters."""


def listed(edition: Edition, asked: Filter, page: int, *, at: datetime) -> ListPage:
    """One page, newest first, in two queries whatever its length."""
    conditions = _conditions(edition, asked)
    counted = db.session.execute(
        select(*(func.count().filter(is_in(one, at)) for one in Stage)).select_from(Invitation).where(*conditions)
    ).one()
    counts = dict(zip(Stage, counted, strict=True))
    total = counts[asked.stage] if asked.stage else sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = db.session.scalars(_chosen(edition, asked, at).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return ListPage(list(rows), page, pages, total, counts)


def _chosen(edition: Edition, asked: Filter, at: datetime) -> Select[Invitation]:
    query = select(Invitation).where(*_conditions(edition, asked))
    if asked.stage:
        query = query.where(is_in(asked.stage, at))
    return query.options(joinedload(Invitation.category), joinedload(Invitation.registration)).order_by(
        Invitation.created_at.desc(), Invitation.id.desc()
    )


def _conditions(edition: Edition, asked: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Invitation.edition_id == edition.id]
    organisation = func.lower(Invitation.prefill["organisation"].as_string())
    found += [
        or_(
            Invitation.email.contains(word, autoescape=True),
            Invitation.name_key.contains(word, autoescape=True),
            func.lower(Invitation.source_name).contains(word, autoescape=True),
            organisation.contains(word, autoescape=True),
        )
        for word in search_key(asked.words).split()
    ]
    if asked.source:
        found.append(Invitation.source == asked.source)
    return found


def invitation_of(edition: Edition, number: int) -> Invitation | None:
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.edition_id == edition.id, Invitation.id == number)
        .options(joinedload(Invitation.category), joinedload(Invitation.registration), joinedload(Invitation.person))
    )


def ticked(edition: Edition, numbers: Iterable[int]) -> list[Invitation]:
    """Those of this edition, in the order in which they were made."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(Invitation.edition_id == edition.id, Invitation.id.in_(sorted(set(numbers))))
            .order_by(Invitation.id)
        )
    )


def export(edition: Edition, asked: Filter, kind: str, *, at: datetime) -> bytes:
    """The filtered list as "csv" or "xlsx"; no link is in it."""
    return sheets.write(
        kind, COLUMNS, [_cells(one, edition, at) for one in db.session.scalars(_chosen(edition, asked, at))]
    )


def _cells(one: Invitation, edition: Edition, at: datetime) -> dict[str, str]:
    def moment(instant: datetime | None) -> str:
        return f"{dates.on_wall(instant, edition.zone):%Y-%m-%d %H:%M}" if instant else ""

    def known(name: str) -> str:
        value: Any = one.prefill.get(name, "")
        return str(value)

    return {
        "email": one.email,
        **{name: known(name) for name in COLUMNS[1:8]},
        "category": one.category.slug if one.category else "",
        "language": one.language,
        "state": stage(one, at).value,
        "source": one.source.value,
        "source_name": one.source_name,
        "sent": moment(one.sent_at),
        "reminders": str(one.reminders),
        "expires": moment(one.expires_at),
        "registration": one.registration.code if one.registration else "",
    }


def name_of(one: Invitation) -> str:
    return printed_name(one.prefill)

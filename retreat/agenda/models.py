"""The draft that organisers edit, and the revisions that everyone else reads.

Public code reads the last revision and never joins a draft table: a revision's rows hold every printed name.
"""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.core.i18n import Translated
from retreat.core.stored import FileColumns
from retreat.editions.models import Edition, Hall, Venue
from retreat.network.models import Body, Person


class Kind(StrEnum):
    PLENARY = "plenary"
    PRESIDENCY = "presidency"
    STATUTORY = "statutory"
    COMMITTEE = "committee"
    CAMPUS = "campus"
    WORKSHOP = "workshop"
    PANEL = "panel"
    CEREMONY = "ceremony"
    SIDE_EVENT = "side-event"
    SOCIAL = "social"
    VISIT = "visit"
    BREAK = "break"
    TRAVEL = "travel"
    OTHER = "other"


class Access(StrEnum):
    OPEN = "open"
    SECTION = "section"
    MEMBER = "member"
    BODY = "body"
    INVITED = "invited"


class SessionStatus(StrEnum):
    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class PartRole(StrEnum):
    CHAIR = "chair"
    MODERATOR = "moderator"
    SPEAKER = "speaker"


class PartState(StrEnum):
    CONFIRMED = "confirmed"
    TO_BE_CONFIRMED = "tbc"


class PlaceState(StrEnum):
    INVITED = "invited"
    TAKEN = "taken"
    DECLINED = "declined"
    WAITING = "waiting"
    """For a seat that somebody else gives back; by `since`."""


class PointKind(StrEnum):
    """What a body does with a point of its agenda."""

    INFORMATION = "information"
    DISCUSSION = "discussion"
    ADOPTION = "adoption"


class Audience(StrEnum):
    """Who gets a document."""

    EVERYBODY = "everybody"
    ADMITTED = "admitted"
    """Who may attend the session."""
    ORGANISERS = "organisers"


class Track(Model):
    """A strand of the week, with one of the eight track colours."""

    __tablename__ = "track"
    __table_args__ = (
        UniqueConstraint("edition_id", "slug"),
        CheckConstraint("colour BETWEEN 1 AND 8", name="colour"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[Translated]
    colour: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)


class AgendaSession(Model):
    """One session of the draft. Wall time and zone are what was decided; the instants are derived."""

    __tablename__ = "agenda_session"
    __table_args__ = (
        UniqueConstraint("edition_id", "code"),
        CheckConstraint("starts IS NULL OR (date IS NOT NULL AND ends IS NOT NULL)", name="start_has_date_and_end"),
        CheckConstraint("starts IS NOT NULL OR ends IS NULL", name="end_has_start"),
        CheckConstraint("starts IS NULL OR starts <> ends", name="takes_time"),
        CheckConstraint("(start_utc IS NULL) = (starts IS NULL)", name="start_is_derived"),
        CheckConstraint("(end_utc IS NULL) = (ends IS NULL)", name="end_is_derived"),
        CheckConstraint("(access = 'body') = (access_body_id IS NOT NULL)", name="access_body"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="taken"),
        CheckConstraint("expected IS NULL OR expected >= 0", name="expected"),
        Index("ix_agenda_session_day", "edition_id", "date"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    """A UUID made with the session: what calendars know it by, for ever."""
    code: Mapped[str] = mapped_column(String(24))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_session.id", ondelete="SET NULL"), index=True)
    title: Mapped[Translated]
    description: Mapped[Translated]
    note: Mapped[Translated]
    date: Mapped[date | None]
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    """Earlier than the start means on the next day."""
    zone: Mapped[str] = mapped_column(String(64))
    """In force: the override, else the venue's, else the edition's."""
    zone_override: Mapped[str | None] = mapped_column(String(64))
    start_utc: Mapped[datetime | None]
    end_utc: Mapped[datetime | None]
    tzdata: Mapped[str] = mapped_column(String(16), default="")
    """The release by which the instants were derived."""
    kind: Mapped[Kind] = mapped_column(enum_column(Kind), default=Kind.OTHER)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id", ondelete="SET NULL"), index=True)
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id", ondelete="SET NULL"), index=True)
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("hall.id", ondelete="SET NULL"), index=True)
    """None: to be confirmed."""
    languages: Mapped[list[str]]
    """Interpretation, as language codes in lower case."""
    access: Mapped[Access] = mapped_column(enum_column(Access), default=Access.OPEN)
    access_body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    """The body that meets."""
    is_listed: Mapped[bool] = mapped_column(default=True)
    status: Mapped[SessionStatus] = mapped_column(enum_column(SessionStatus), default=SessionStatus.CONFIRMED)
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    expected: Mapped[int | None]
    """How many people the organisers reckon with; the hall's size is checked against it, and it is never shown."""
    link: Mapped[str] = mapped_column(default="")
    """To join online; shown only to those who may."""
    registration_link: Mapped[str] = mapped_column(default="")
    takes_sign_up: Mapped[bool | None]
    """Whether people sign up for a seat here. None leaves it to the kind: dinners, visits, and what names seats."""
    tags: Mapped[list[str]]
    is_locked: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(default="")

    __mapper_args__ = {"version_id_col": version}

    edition: Mapped[Edition] = relationship()
    parent: Mapped["AgendaSession | None"] = relationship(remote_side="AgendaSession.id")
    track: Mapped[Track | None] = relationship()
    venue: Mapped[Venue | None] = relationship()
    hall: Mapped[Hall | None] = relationship()
    body: Mapped[Body | None] = relationship(foreign_keys=[body_id])
    access_body: Mapped[Body | None] = relationship(foreign_keys=[access_body_id])
    parts: Mapped[list["Part"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="Part.position, Part.id"
    )
    points: Mapped[list["AgendaPoint"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="AgendaPoint.position, AgendaPoint.id"
    )


class Part(Model):
    """Who does what in a session; the name and office as they are printed here."""

    __tablename__ = "part"
    __table_args__ = (CheckConstraint("person_id IS NOT NULL OR state = 'tbc'", name="nobody_yet"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """None while nobody is named: "a speaker, to be confirmed"."""
    role: Mapped[PartRole] = mapped_column(enum_column(PartRole), default=PartRole.SPEAKER)
    state: Mapped[PartState] = mapped_column(enum_column(PartState), default=PartState.CONFIRMED)
    printed_name: Mapped[str]
    office: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    """Order within the session."""

    session: Mapped[AgendaSession] = relationship(back_populates="parts")
    person: Mapped[Person | None] = relationship()


class AgendaPoint(Model):
    """One point of what a meeting has before it; its number is its place in the list."""

    __tablename__ = "agenda_point"
    __table_args__ = (CheckConstraint("minutes IS NULL OR minutes > 0", name="minutes"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[Translated]
    kind: Mapped[PointKind] = mapped_column(enum_column(PointKind), default=PointKind.INFORMATION)
    minutes: Mapped[int | None]

    session: Mapped[AgendaSession] = relationship(back_populates="points")


class Place(Model):
    """A person's seat in a session: invited, or signed up."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[PlaceState] = mapped_column(enum_column(PlaceState))
    is_invited: Mapped[bool] = mapped_column(default=False)
    """Waiting for a seat gives nobody admission; an invitation does, also to who waits."""
    created_at: Mapped[datetime]
    """Of who waits: since when."""

    session: Mapped[AgendaSession] = relationship()
    person: Mapped[Person] = relationship()


class Star(Model):
    """A session that a person has put into the own week, without asking for anything."""

    __tablename__ = "star"
    __table_args__ = (UniqueConstraint("person_id", "session_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

    session: Mapped[AgendaSession] = relationship()
    person: Mapped[Person] = relationship()


class Revision(Model):
    """The agenda as it was published at one instant; never edited."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    number: Mapped[int]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    note: Mapped[Translated]
    tzdata: Mapped[str] = mapped_column(String(16))
    main_language: Mapped[str] = mapped_column(String(8), default="en")
    """In which calendars said what had no text in the language asked for."""

    sessions: Mapped[list["RevisedSession"]] = relationship(
        back_populates="revision", cascade="all, delete-orphan", order_by="RevisedSession.id"
    )


class RevisedSession(Model):
    """One session as published: all languages, wall time, zone, instants, and every name as printed."""

    __tablename__ = "revised_session"
    __table_args__ = (
        UniqueConstraint("revision_id", "uid"),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint("(start_utc IS NULL) = (starts IS NULL)", name="start_is_derived"),
    )

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_session.id", ondelete="SET NULL"), index=True)
    uid: Mapped[str] = mapped_column(String(36))
    sequence: Mapped[int]
    """RFC 5545 §3.8.7.4: grows by one with each published change of what calendars say of this session."""
    changes: Mapped[int] = mapped_column(default=0)
    """Grows by one with each published change of this session, also of what only pages say."""
    last_modified: Mapped[datetime]
    created_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(24))
    parent_code: Mapped[str | None] = mapped_column(String(24))
    title: Mapped[Translated]
    description: Mapped[Translated]
    note: Mapped[Translated]
    date: Mapped[date | None]
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    zone: Mapped[str] = mapped_column(String(64))
    start_utc: Mapped[datetime | None]
    end_utc: Mapped[datetime | None]
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    track_id: Mapped[int | None]
    track_slug: Mapped[str | None] = mapped_column(String(60))
    track_name: Mapped[Translated]
    track_colour: Mapped[int | None]
    venue_id: Mapped[int | None]
    venue_slug: Mapped[str | None] = mapped_column(String(60))
    venue_name: Mapped[Translated]
    city: Mapped[str] = mapped_column(default="")
    hall_id: Mapped[int | None]
    hall_slug: Mapped[str | None] = mapped_column(String(60))
    hall_name: Mapped[Translated]
    hall_position: Mapped[int | None]
    hall_capacity: Mapped[int | None]
    languages: Mapped[list[str]]
    access: Mapped[Access] = mapped_column(enum_column(Access))
    access_body_id: Mapped[int | None]
    access_body_name: Mapped[Translated]
    body_id: Mapped[int | None]
    body_slug: Mapped[str | None] = mapped_column(String(60))
    body_name: Mapped[Translated]
    is_listed: Mapped[bool]
    status: Mapped[SessionStatus] = mapped_column(enum_column(SessionStatus))
    capacity: Mapped[int | None]
    link: Mapped[str] = mapped_column(default="")
    registration_link: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]]

    revision: Mapped[Revision] = relationship(back_populates="sessions")
    parts: Mapped[list["RevisedPart"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="RevisedPart.position, RevisedPart.id"
    )
    points: Mapped[list["RevisedPoint"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="RevisedPoint.position, RevisedPoint.id"
    )


class RevisedPart(Model):
    """Who does what, as published."""

    __tablename__ = "revised_part"

    revised_session_id: Mapped[int] = mapped_column(ForeignKey("revised_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    role: Mapped[PartRole] = mapped_column(enum_column(PartRole))
    state: Mapped[PartState] = mapped_column(enum_column(PartState))
    printed_name: Mapped[str]
    office: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)

    session: Mapped[RevisedSession] = relationship(back_populates="parts")


class RevisedPoint(Model):
    """One point of a meeting, as published."""

    __tablename__ = "revised_point"

    revised_session_id: Mapped[int] = mapped_column(ForeignKey("revised_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[Translated]
    kind: Mapped[PointKind] = mapped_column(enum_column(PointKind))
    minutes: Mapped[int | None]

    session: Mapped[RevisedSession] = relationship(back_populates="points")


class AcceptedClash(Model):
    """A clash that somebody looked at and lets be, for as long as both sides stay what they were."""

    __tablename__ = "accepted_clash"
    __table_args__ = (
        Index("uq_accepted_clash_pair", "kind", "one_id", "other_id", unique=True),
        Index(
            "uq_accepted_clash_alone",
            "kind",
            "one_id",
            unique=True,
            sqlite_where=text("other_id IS NULL"),
            postgresql_where=text("other_id IS NULL"),
        ),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    """A value of `clashes.ClashKind`."""
    one_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), index=True)
    """None where the other side is no session: a hall that is closed or too small."""
    sides: Mapped[str] = mapped_column(String(64))
    """A digest of what both sides were; another one opens the clash again."""
    reason: Mapped[str]
    accepted_at: Mapped[datetime]
    accepted_by: Mapped[str]


class Document(Model, FileColumns):
    """A paper of a session. It is not part of a revision: hung up and taken down, it is so at once."""

    __tablename__ = "session_document"

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(22), unique=True)
    """Its address; random, so that nobody finds the next one by counting."""
    title: Mapped[Translated]
    language: Mapped[str] = mapped_column(String(8), default="")
    """What the file is written in; empty when it does not matter."""
    audience: Mapped[Audience] = mapped_column(enum_column(Audience))
    position: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime]
    added_by: Mapped[str]

    session: Mapped[AgendaSession] = relationship()

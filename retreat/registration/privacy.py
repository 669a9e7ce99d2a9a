"""What is kept of a person, why, who sees it and for how long: one table, in one place.

`TOPICS` says it in words for the page that everybody may read; `COLUMNS` puts each column of the database under one of
them, with what an export and an erasure do to it. A test goes through the tables: a column that is missing here fails.
Export and erasure follow this table, and so must every page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class Audience(StrEnum):
    """Who may see it."""

    PERSON = "person"
    COORDINATOR = "coordinator"
    SECRETARIAT = "secretariat"
    """Registrars and administrators."""
    STAFF = "staff"
    """Every organiser who may open the list: the desk and viewers as well."""
    BADGE = "badge"
    PARTICIPANTS = "participants"
    EVERYBODY = "everybody"
    NUMBERS = "numbers"


class Kept(StrEnum):
    """For how long."""

    EDITION = "edition"
    """As many months after the edition was closed as it says itself."""
    PASSPORT = "passport"
    MAIL = "mail"
    ADDRESS_BOOK = "address-book"
    RECORD = "record"


PASSPORT_DAYS = 30
MAIL_MONTHS = 12
WORK_DAYS = 90
"""For jobs: who started them is not of interest for longer."""

AUDIENCES: Mapping[Audience, Any] = {
    Audience.PERSON: _l("you, on your own page"),
    Audience.COORDINATOR: _l("the coordinator of your delegation"),
    Audience.SECRETARIAT: _l("the secretariat"),
    Audience.STAFF: _l("the secretariat and the desk"),
    Audience.BADGE: _l("whoever reads the badge"),
    Audience.PARTICIPANTS: _l("the participants’ page, if you agree"),
    Audience.EVERYBODY: _l("everybody"),
    Audience.NUMBERS: _l("everybody, as numbers only"),
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One group of personal data, as a person would name it."""

    title: Any
    what: Any
    why: Any
    seen_by: tuple[Audience, ...]
    kept: Kept


A = Audience

TOPICS: Mapping[str, Topic] = {
    "name": Topic(
        _l("Name and office"),
        _l("Names, position, organisation, city, country, Section, category."),
        _l("To know who comes, and to print the badge."),
        (A.PERSON, A.COORDINATOR, A.STAFF, A.BADGE, A.PARTICIPANTS),
        Kept.EDITION,
    ),
    "contact": Topic(
        _l("Contact"),
        _l("E-mail, telephone, the assistant who filled in the form, the language of mails."),
        _l("To write about the registration and about changes."),
        (A.PERSON, A.COORDINATOR, A.SECRETARIAT),
        Kept.EDITION,
    ),
    "journey": Topic(
        _l("Journey"),
        _l("Days, times and flights of arrival and departure, interpretation."),
        _l("To plan transport, rooms and interpreters."),
        (A.PERSON, A.COORDINATOR, A.STAFF),
        Kept.EDITION,
    ),
    "stay": Topic(
        _l("Stay and needs"),
        _l("Hotel, companion, diet, access needs."),
        _l("So that everyone can eat, get in and be found."),
        (A.PERSON, A.COORDINATOR, A.SECRETARIAT),
        Kept.EDITION,
    ),
    "gender": Topic(
        _l("Woman or man"),
        _l("Only for those who wish to answer."),
        _l("To count how many women and men take part. Nobody can look up a person’s answer."),
        (A.PERSON, A.NUMBERS),
        Kept.EDITION,
    ),
    "answers": Topic(
        _l("Further questions"),
        _l("Answers and files for questions of this edition."),
        _l("As each question says."),
        (A.PERSON, A.COORDINATOR, A.SECRETARIAT),
        Kept.EDITION,
    ),
    "photograph": Topic(
        _l("Photograph"),
        _l("Only if one is given."),
        _l("For the badge."),
        (A.PERSON, A.STAFF, A.BADGE),
        Kept.EDITION,
    ),
    "passport": Topic(
        _l("Passport"),
        _l("Only if a visa letter is asked for; kept encrypted."),
        _l("To write the invitation letter for the visa."),
        (A.PERSON, A.SECRETARIAT),
        Kept.PASSPORT,
    ),
    "standing": Topic(
        _l("Registration"),
        _l("Status and its history, delegation, consent, badge proof, arrival at the desk."),
        _l("To decide, to hold a place and to print the badge."),
        (A.PERSON, A.COORDINATOR, A.STAFF, A.NUMBERS),
        Kept.EDITION,
    ),
    "week": Topic(
        _l("Week and calendar"),
        _l("Sessions signed up to, calendar links and when they were last read."),
        _l("To keep a seat, and the calendar up to date."),
        (A.PERSON, A.SECRETARIAT),
        Kept.EDITION,
    ),
    "programme": Topic(
        _l("Part in the programme"),
        _l("Name and office of chairs, speakers and of those who give or receive a prize."),
        _l("A programme says who speaks; a published one stays as the record of the meeting."),
        (A.EVERYBODY,),
        Kept.RECORD,
    ),
    "invitation": Topic(
        _l("Invitation"),
        _l("Address, name and what the form begins with."),
        _l("To invite, and to remind those who have not answered."),
        (A.PERSON, A.SECRETARIAT),
        Kept.EDITION,
    ),
    "book": Topic(
        _l("Address book"),
        _l("Names, offices with their dates, seats on bodies, e-mail."),
        _l("To know a member again at the next Retreat, and to invite bodies."),
        (A.SECRETARIAT,),
        Kept.ADDRESS_BOOK,
    ),
    "mail": Topic(
        _l("Mails"),
        _l("What was written to the person, without the secret links."),
        _l("To send it, and to see whether it arrived."),
        (A.PERSON, A.SECRETARIAT),
        Kept.MAIL,
    ),
    "record": Topic(
        _l("Who changed what"),
        _l("Time, who, and which fields; who started a piece of work, such as printing."),
        _l("So that mistakes can be found and put right."),
        (A.SECRETARIAT,),
        Kept.EDITION,
    ),
}


class Fate(StrEnum):
    """What an erasure does to a column."""

    STAYS = "stays"
    """It says of nobody who it was; numbers are counted from it."""
    EMPTIED = "emptied"
    GOES = "goes"
    """With its row, or replaced by something that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Column:
    topic: str
    fate: Fate
    is_exported: bool


Row = tuple[str, Fate, str]
_NAMES = "honorific given_name family_name badge_name native_name native_language position organisation"
_TABLES: Mapping[str, tuple[Row, ...]] = {
    "registration": (
        (
            "name",
            Fate.EMPTIED,
            f"{_NAMES} city organisation_id",
        ),
        ("name", Fate.STAYS, "country section_id category_id"),
        ("contact", Fate.EMPTIED, "email phone filled_by_name filled_by_email"),
        ("contact", Fate.STAYS, "language"),
        (
            "journey",
            Fate.EMPTIED,
            "languages arrival arrival_time arrival_flight departure departure_time departure_flight",
        ),
        ("stay", Fate.EMPTIED, "hotel companion diet access_needs"),
        ("gender", Fate.STAYS, "gender"),
        ("passport", Fate.EMPTIED, "visa_letter"),
        ("standing", Fate.STAYS, "edition_id code status arrived_at created_at updated_at"),
        (
            "standing",
            Fate.EMPTIED,
            "delegation_id delegation_role consent_text_id consented_at is_shown proof_approved_at proof_reopened_at",
        ),
    ),
    "status_change": (
        ("standing", Fate.STAYS, "at before after"),
        ("standing", Fate.EMPTIED, "by reason"),
    ),
    "substitution": (
        ("standing", Fate.STAYS, "state proposed_at decided_at"),
        ("standing", Fate.EMPTIED, "values reason proposed_by decided_by"),
    ),
    "badge_print": (("standing", Fate.GOES, "content_hash printed_at printed_by"),),
    "delegation": (("contact", Fate.EMPTIED, "coordinator_name coordinator_email"),),
    "answer": (("answers", Fate.GOES, "question_id text"),),
    "answer_option": (("answers", Fate.GOES, "option_id"),),
    "answer_file": (("answers", Fate.GOES, "file_name media_type size digest content"),),
    "photograph": (("photograph", Fate.GOES, "file_name media_type size digest content created_at"),),
    "passport": (("passport", Fate.GOES, "sealed updated_at"),),
    "letter": (
        ("passport", Fate.STAYS, "number language state issued_at issued_by"),
        ("passport", Fate.EMPTIED, "sealed match_key"),
    ),
    "invitation": (
        ("invitation", Fate.STAYS, "edition_id source created_at sent_at reminded_at opened_at declined_at expires_at"),
        ("invitation", Fate.EMPTIED, "email name_key prefill source_name"),
    ),
    "place": (("week", Fate.GOES, "session_id state is_invited created_at"),),
    "star": (("week", Fate.GOES, "session_id created_at"),),
    "calendar_invitation": (("week", Fate.GOES, "edition_id uid is_cancelled created_at mailed_at"),),
    "subscription": (
        ("week", Fate.EMPTIED, "name last_client"),
        ("week", Fate.STAYS, "edition_id language created_at last_fetched_at revoked_at"),
    ),
    "part": (("programme", Fate.STAYS, "session_id role state printed_name office organisation"),),
    "revised_part": (("programme", Fate.STAYS, "revised_session_id role state printed_name office organisation"),),
    "award": (
        (
            "programme",
            Fate.STAYS,
            "session_id recipient_name recipient_position presenter_name presenter_position",
        ),
    ),
    "person": (
        (
            "book",
            Fate.EMPTIED,
            f"{_NAMES} organisation_id email",
        ),
        ("book", Fate.STAYS, "created_at erased_at"),
    ),
    "office": (("book", Fate.GOES, "position organisation organisation_id starts_on ends_on seen_first seen_last"),),
    "seat": (("book", Fate.GOES, "body_id role starts_on ends_on"),),
    "outbox_mail": (
        (
            "mail",
            Fate.GOES,
            "template language recipient values subject state created_at sent_at",
        ),
    ),
    "audit_entry": (
        ("record", Fate.STAYS, "at actor_kind action subject_kind subject_id edition_id"),
        ("record", Fate.EMPTIED, "actor_name details"),
    ),
    "job": (
        ("record", Fate.STAYS, "kind state edition_id created_at started_at finished_at not_before"),
        ("record", Fate.EMPTIED, "created_by arguments result error"),
    ),
}
"""Columns that say something of a person, by table."""

WORKINGS: Mapping[str, str] = {
    "registration": "id person_id badge_token submission_key search_key version skips_approval is_sample",
    "registration_token": "id registration_id token_hash created_at revoked_at",
    "status_change": "id registration_id",
    "substitution": "id registration_id successor_id",
    "badge_print": "id registration_id",
    "delegation": "id edition_id organisation_id language delegates support version created_at updated_at",
    "delegation_token": "id delegation_id token_hash created_at revoked_at",
    "answer": "id registration_id",
    "answer_option": "answer_id",
    "answer_file": "id answer_id",
    "photograph": "id registration_id",
    "passport": "id registration_id",
    "letter": "id edition_id registration_id replaced_by_id",
    "invitation": (
        "id category_id person_id delegation_id delegation_role registration_id language skips_approval reminders "
        "created_by revoked_at"
    ),
    "invitation_token": "id invitation_id token_hash created_at",
    "place": "id person_id",
    "star": "id person_id",
    "calendar_invitation": "id person_id sequence facts_hash",
    "subscription": "id person_id organiser_id token_hash",
    "part": "id person_id position",
    "revised_part": "id person_id position",
    "award": (
        "id position prize place winner_organisation_id winner_name recipient_person_id presenter_person_id citation "
        "amount currency diploma_number announced_at"
    ),
    "person": "id",
    "office": "id person_id",
    "seat": "id person_id",
    "two_people": "id one_id other_id said_at said_by",
    "outbox_mail": "id links attempts last_error edition_id subject_kind subject_id once message_id calendar",
    "audit_entry": "id actor_id",
    "job": "id done total attempts once heartbeat_at",
}
"""Columns of the same tables that only the program reads: keys, hashes, counters."""

NOT_PERSONAL = frozenset(
    {
        *("edition", "day", "venue", "hall", "category", "track", "agenda_session", "revision", "revised_session"),
        *("section", "organisation", "body", "delegation_quota", "question", "question_category", "question_option"),
        *("consent_text", "message", "saved_list", "signatory", "running_order_item"),
        *("agenda_point", "revised_point", "session_document", "accepted_clash", "hall_closure", "walk"),
        *("zone_update", "notice"),
    }
)
"""Tables about the week itself, or written by the secretariat in its own name."""

ORGANISERS_OWN = frozenset({"organiser", "account_token", "agenda_step", "board_presence"})
"""Who signs in, and what they do on the board. They look after their own account."""

NEVER_EXPORTED = frozenset({"job", "audit_entry"})
"""They tell of organisers as well; the steps of a registration are in its history, which is exported."""


WITHHELD = frozenset(
    {
        *(("substitution", name) for name in ("values", "reason", "proposed_by", "decided_by")),
        *(("status_change", "by"), ("badge_print", "printed_by"), ("badge_print", "content_hash")),
        *(("letter", "issued_by"), ("letter", "match_key"), ("invitation", "name_key")),
    }
)
"""Of somebody else, or of no meaning to the person: who comes instead, organisers' names, hashes."""


def _columns() -> dict[tuple[str, str], Column]:
    return {
        (table, name): Column(topic, fate, table not in NEVER_EXPORTED and (table, name) not in WITHHELD)
        for table, rows in _TABLES.items()
        for topic, fate, names in rows
        for name in names.split()
    }


COLUMNS: Mapping[tuple[str, str], Column] = _columns()
"""By table and column."""


def exported() -> dict[str, tuple[str, ...]]:
    """The columns of an export, by table, in the order of the table above."""
    found: dict[str, list[str]] = {}
    for (table, name), column in COLUMNS.items():
        if column.is_exported:
            found.setdefault(table, []).append(name)
    return {table: tuple(names) for table, names in found.items()}


def columns_of(table: str, fate: Fate) -> tuple[str, ...]:
    return tuple(name for (where, name), column in COLUMNS.items() if where == table and column.fate is fate)


def columns_seen_by(table: str, *who: Audience) -> frozenset[str]:
    """The columns of a table that one of these may see."""
    return frozenset(
        name
        for (where, name), column in COLUMNS.items()
        if where == table and set(TOPICS[column.topic].seen_by) & set(who)
    )


def kept_for(topic: Topic, keep_months: int) -> Any:
    """For how long, as a sentence."""
    match topic.kept:
        case Kept.EDITION:
            return _l("%(months)s months after the edition was closed.", months=keep_months)
        case Kept.PASSPORT:
            return _l("%(days)s days after the edition was closed.", days=PASSPORT_DAYS)
        case Kept.MAIL:
            return _l("%(months)s months after it was written.", months=MAIL_MONTHS)
        case Kept.ADDRESS_BOOK:
            return _l("As long as the person takes part or has a seat, and until they ask to be forgotten.")
        case Kept.RECORD:
            return _l("As the record of the meeting; on request the name is taken out.")


def audience_words(seen_by: Iterable[Audience]) -> list[Any]:
    return [AUDIENCES[one] for one in seen_by]

"""Words for a registration's answers, its proof and its mails, and what organisers read of its past."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.mail import MailState, OutboxMail
from retreat.editions.models import Edition
from retreat.registration.models import Registration
from retreat.registration.proof import Proof
from retreat.registration.questions.files import column_of
from retreat.registration.questions.models import Question

_ACTIONS: dict[str, Any] = {
    "registration.made": _l("Registered"),
    "registration.corrected": _l("Answers changed"),
    "registration.imported": _l("Imported from a file"),
    "registration.placed": _l("Put into a delegation"),
    "registration.taken_out": _l("Taken out of the delegation"),
    "substitution.proposed": _l("Substitute proposed"),
    "substitution.approved": _l("Substitute approved"),
    "substitution.refused": _l("Substitute refused"),
    "substitution.taken_back": _l("Proposal of a substitute taken back"),
    "registration.promoted": _l("Given a place from the waiting list"),
    "registration.proof_approved": _l("Badge proof approved"),
    "registration.links_renewed": _l("All links ended, a new one mailed"),
    "registration.photograph_kept": _l("Photograph handed in"),
    "registration.photograph_removed": _l("Photograph removed"),
    "registration.approved": _l("Approved"),
    "registration.declined": _l("Declined"),
    "registration.exported": _l("Own data downloaded"),
    "registration.withdrawn": _l("Withdrawn"),
    "registration.cancelled": _l("Cancelled"),
    "registration.arrived": _l("Arrived"),
    "registration.arrival_undone": _l("Arrival taken back"),
}

PASSPORT_ACTIONS = ("passport.saved", "passport.seen")

FIELDS: dict[str, Any] = {
    "honorific": _l("title before the name"),
    "given_name": _l("given name"),
    "family_name": _l("family name"),
    "badge_name": _l("name on the badge"),
    "native_name": _l("name in own script"),
    "native_language": _l("language of that name"),
    "position": _l("position"),
    "organisation": _l("organisation"),
    "city": _l("city"),
    "country": _l("country or territory"),
    "section_id": _l("Section"),
    "category_id": _l("category"),
    "email": _l("e-mail"),
    "phone": _l("telephone"),
    "languages": _l("interpretation"),
    "arrival": _l("arrival"),
    "arrival_time": _l("time of arrival"),
    "arrival_flight": _l("flight or train of arrival"),
    "departure": _l("departure"),
    "departure_time": _l("time of departure"),
    "departure_flight": _l("flight or train of departure"),
    "hotel": _l("hotel"),
    "companion": _l("companion"),
    "diet": _l("diet"),
    "access_needs": _l("access needs"),
    "visa_letter": _l("visa letter"),
    "gender": _l("woman or man"),
    "is_shown": _l("participants’ page"),
    "language": _l("language of the mails"),
    "status": _l("status"),
}

PROOFS: dict[Proof, Any] = {
    Proof.OPEN: _l("badge not approved yet"),
    Proof.APPROVED: _l("badge approved"),
    Proof.CHANGED: _l("badge changed since it was approved"),
}

MAIL_STATES: dict[MailState, Any] = {
    MailState.KEPT: _l("kept in the outbox"),
    MailState.WAITING: _l("waiting to be sent"),
    MailState.SENDING: _l("being sent"),
    MailState.SENT: _l("sent"),
    MailState.FAILED: _l("not sent"),
}


class Event(NamedTuple):
    """One line of the tape: what happened, by whom, and what more there is to say."""

    at: datetime
    what: str
    who: str
    more: str
    is_mail: bool


def columns_in_words(edition: Edition, language: str) -> dict[str, Any]:
    """What each column of a file is called, the edition's own questions among them."""
    asked = db.session.scalars(select(Question).where(Question.edition_id == edition.id).order_by(Question.id))
    return {**FIELDS, **{column_of(one): f"“{one.label.text(language, edition.main_language)}”" for one in asked}}


def tape(registration: Registration, language: str) -> list[Event]:
    """Steps and mails, oldest first."""
    entries = db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.subject_kind == registration.__tablename__,
            AuditEntry.subject_id == registration.id,
            # Who gave and who looked at passport data is told on the letter's page, to those who issue letters.
            AuditEntry.action.not_in(PASSPORT_ACTIONS),
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    mails = db.session.scalars(
        select(OutboxMail)
        .where(OutboxMail.subject_kind == registration.__tablename__, OutboxMail.subject_id == registration.id)
        .order_by(OutboxMail.created_at, OutboxMail.id)
    )
    words = columns_in_words(registration.edition, language)
    events = [
        Event(
            entry.at,
            str(_ACTIONS.get(entry.action, entry.action)),
            entry.actor_name,
            _more(entry, words),
            is_mail=False,
        )
        for entry in entries
    ]
    events += [
        Event(
            row.created_at,
            _("Mail to %(address)s: %(subject)s", address=row.recipient, subject=row.subject),
            "",
            str(MAIL_STATES[row.state]),
            is_mail=True,
        )
        for row in mails
    ]
    return sorted(events, key=lambda event: event.at)


def _more(entry: AuditEntry, words: Mapping[str, Any]) -> str:
    if reason := entry.details.get("reason"):
        return str(reason)
    return ", ".join(str(words.get(name, name)) for name in entry.details.get("fields", ()))

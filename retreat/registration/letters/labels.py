"""Stages, states and steps of letters in words, and what happened to one person's letter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select

from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.registration.labels import PASSPORT_ACTIONS
from retreat.registration.letters.lists import REPLACED, Stage
from retreat.registration.letters.models import Letter, LetterState
from retreat.registration.models import Registration

STAGES: Mapping[Stage, Any] = {
    Stage.UNDECIDED: _l("not approved yet"),
    Stage.MISSING: _l("passport data missing"),
    Stage.READY: _l("ready to issue"),
    Stage.ISSUED: _l("issued"),
    Stage.REVOKED: _l("revoked"),
}
LOOKS: Mapping[Stage, str] = {
    Stage.UNDECIDED: "withdrawn",
    Stage.MISSING: "waitlisted",
    Stage.READY: "submitted",
    Stage.ISSUED: "approved",
    Stage.REVOKED: "declined",
}
"""The class of the mark that stands beside the word."""
TABS: Mapping[str, Any] = {**{stage.value: name for stage, name in STAGES.items()}, REPLACED: _l("replaced")}

STATES: Mapping[LetterState, Any] = {
    LetterState.VALID: _l("valid"),
    LetterState.REPLACED: _l("replaced"),
    LetterState.REVOKED: _l("revoked"),
}
STATE_LOOKS: Mapping[LetterState, str] = {
    LetterState.VALID: "approved",
    LetterState.REPLACED: "withdrawn",
    LetterState.REVOKED: "declined",
}

ENDS_SOON = _l(
    "The passport is valid for less than six months after the Retreat. The letter can be issued, "
    "but many consulates refuse a visa then."
)

_ACTIONS: Mapping[str, Any] = {
    "passport.saved": _l("Passport data given"),
    "passport.seen": _l("Passport data looked at"),
    "letter.issued": _l("Letter issued"),
    "letter.seen": _l("Letter downloaded"),
    "letter.revoked": _l("Letter revoked"),
}


class Event(NamedTuple):
    """One line of what happened."""

    at: datetime
    what: str
    who: str
    more: str


def tape(registration: Registration) -> list[Event]:
    """Who gave, saw and issued what, oldest first: for those who issue letters."""
    numbers = select(Letter.id).where(Letter.registration_id == registration.id)
    of_person = and_(
        AuditEntry.subject_kind == registration.__tablename__,
        AuditEntry.subject_id == registration.id,
        AuditEntry.action.in_(PASSPORT_ACTIONS),
    )
    of_letters = and_(AuditEntry.subject_kind == Letter.__tablename__, AuditEntry.subject_id.in_(numbers))
    entries = db.session.scalars(
        select(AuditEntry).where(or_(of_person, of_letters)).order_by(AuditEntry.at, AuditEntry.id)
    )
    return [
        Event(entry.at, str(_ACTIONS.get(entry.action, entry.action)), entry.actor_name, _more(entry.details))
        for entry in entries
    ]


def _more(details: Mapping[str, Any]) -> str:
    said = [str(details["number"])] if details.get("number") else []
    if details.get("replaces"):
        said.append(_("in place of %(number)s", number=details["replaces"]))
    if details.get("reason"):
        said.append(str(details["reason"]))
    return ", ".join(said)

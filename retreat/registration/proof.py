"""The badge proof: what the badge prints, read letter by letter and approved by the person. Pure."""

import json
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from retreat.registration.answers import badge_lines
from retreat.registration.models import Registration, Status
from retreat.registration.questions.values import cell, on_badge

READABLE = frozenset({Status.SUBMITTED, Status.APPROVED})
"""Who has no place has no badge to approve yet."""


class Proof(StrEnum):
    """`CHANGED` was approved once, and then something that it prints became another."""

    OPEN = "open"
    APPROVED = "approved"
    CHANGED = "changed"


def state(registration: Registration) -> Proof:
    if registration.proof_approved_at is not None:
        return Proof.APPROVED
    return Proof.OPEN if registration.proof_reopened_at is None else Proof.CHANGED


def fingerprint(registration: Registration) -> str:
    """The same as long as the badge prints the same of this person, whatever else is changed."""
    said = printed(registration)
    if registration.photograph is not None:
        said.append(registration.photograph.digest)
    return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()


def printed(registration: Registration) -> list[Any]:
    """The words of the badge; its photograph changes by itself."""
    lines = badge_lines(
        registration.printed_name, registration.family_name, registration.native_name, registration.native_language
    )
    return [
        registration.honorific,
        *lines,
        registration.position,
        registration.organisation,
        registration.city,
        registration.country,
        registration.category_id,
        *([one.question_id, cell(one)] for one in on_badge(registration.answers)),
    ]

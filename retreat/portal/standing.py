"""Where a registration stands, in plain words, and what happens next."""

from datetime import datetime
from enum import Enum
from typing import NamedTuple

from flask_babel import gettext as _

from retreat.core import dates
from retreat.core.http import language
from retreat.editions.models import Edition
from retreat.registration import proof
from retreat.registration.models import Registration, Status
from retreat.registration.proof import Proof
from retreat.registration.states import LIVE
from retreat.registration.waiting import number_in_list

_DONE, _HERE, _TO_COME = "done", "here", ""


class Step(NamedTuple):
    """One step on the way to the badge; `state` is done, here or nothing."""

    state: str
    title: str
    text: str


class Standing(NamedTuple):
    """Where a registration stands, in plain words, and what happens next."""

    title: str
    text: str
    number_in_list: int | None
    steps: tuple[Step, ...]


class Phase(Enum):
    """Of an edition: an approval means another thing in each."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


def phase(edition: Edition, at: datetime, registered_at: datetime) -> Phase:
    """By the days of the city; an edition that is closed is over, whatever its days.

    Who registers after the last day of an edition that is still open has all of it to come: it is a rehearsal.
    """
    today, registered = (dates.on_wall(one, edition.zone).date() for one in (at, registered_at))
    if edition.closed_at is not None or registered <= edition.ends_on < today:
        return Phase.AFTER
    return Phase.DURING if edition.starts_on <= today <= edition.ends_on else Phase.BEFORE


def standing(registration: Registration, edition: Edition, at: datetime) -> Standing:
    """Status in plain words with what happens next."""
    now = phase(edition, at, registration.created_at)
    title, text = (
        (now is Phase.DURING and _words_of_the_week(registration, edition))
        or (now is Phase.AFTER and _words_afterwards(registration, edition))
        or _words(registration.status, edition)
    )
    if now is Phase.AFTER:
        return Standing(title, text, None, ())
    day = {change.after: said_day(change.at, edition) for change in registration.history}
    sent = said_day(registration.created_at, edition)
    by = registration.filled_by_name
    first = Step(_DONE, _("Registered"), _("%(day)s, by %(name)s", day=sent, name=by) if by else sent)
    if registration.status is Status.APPROVED:
        second = Step(_DONE, _("Approved"), day.get(Status.APPROVED, ""))
    elif registration.status is Status.WAITLISTED:
        second = Step(_HERE, _("A place"), _("We write when one becomes free"))
    else:
        second = Step(_HERE, _("Decision"), _("The secretariat reads it now"))
    third = _badge_step(registration, edition)
    is_next = second.state == third.state == _DONE
    starts = dates.long_date(edition.starts_on, language())
    has_come = registration.arrived_at is not None
    last = Step(_DONE if has_come else _HERE if is_next else _TO_COME, _("Come to %(city)s", city=edition.city), starts)
    steps = (first, second, third, last) if registration.status in LIVE else ()
    return Standing(title, text, number_in_list(registration), steps)


def _badge_step(registration: Registration, edition: Edition) -> Step:
    title, state = _("Read your badge"), _HERE if registration.status is Status.APPROVED else _TO_COME
    if registration.status not in proof.READABLE:
        return Step(state, title, _("When you have a place"))
    if registration.proof_approved_at is not None:
        return Step(_DONE, _("Badge approved"), said_day(registration.proof_approved_at, edition))
    if proof.state(registration) is Proof.CHANGED:
        return Step(state, title, _("It has changed: please read it again"))
    return Step(state, title, _("Your turn: every letter counts") if state else _("It can be corrected already"))


def _words_of_the_week(registration: Registration, edition: Edition) -> tuple[str, str] | None:
    """What is said otherwise while the week runs."""
    if registration.status is not Status.APPROVED:
        return None
    if registration.arrived_at is not None:
        return (
            _("Welcome to %(city)s.", city=edition.city),
            _("You have your badge. Your week below is always up to date."),
        )
    return (
        _("The week in %(city)s has begun.", city=edition.city),
        _("Your badge waits at the welcome desk. Your week below is always up to date."),
    )


def _words_afterwards(registration: Registration, edition: Edition) -> tuple[str, str] | None:
    """What is said otherwise when the week is over; a refusal stays what it was."""
    over = _("The week in %(city)s is over.", city=edition.city)
    match registration.status:
        case Status.APPROVED if registration.arrived_at is not None:
            thanks = _("Thank you for coming to %(city)s.", city=edition.city)
            return thanks, _("The week is over. Your documents stay here; the agenda says what was held.")
        case Status.APPROVED:
            return over, _("You were expected. Your documents stay here.")
        case Status.SUBMITTED | Status.WAITLISTED:
            return over, _("This registration had not been approved by then. Nothing more happens with it.")
        case Status.WITHDRAWN:
            return _("You have withdrawn."), over
        case _other:
            return None


def _words(status: Status, edition: Edition) -> tuple[str, str]:
    match status:
        case Status.SUBMITTED:
            return (
                _("Received. The secretariat decides next."),
                _("A place is held for you. You will have a mail as soon as it has been decided."),
            )
        case Status.APPROVED:
            return (
                _("Approved. We look forward to seeing you in %(city)s.", city=edition.city),
                _("Please read the badge below letter by letter, and put your week into your calendar."),
            )
        case Status.WAITLISTED:
            return (
                _("You are on the waiting list."),
                _("Every place is taken at the moment. You will have a mail when one becomes free for you."),
            )
        case Status.DECLINED:
            return (
                _("Your registration could not be accepted."),
                _("The mail that we sent says why. Write to the secretariat if something should be looked at again."),
            )
        case Status.WITHDRAWN:
            return (
                _("You have withdrawn."),
                _("Your place is free for somebody else. If your plans change, register again."),
            )
        case Status.CANCELLED:
            return (
                _("The secretariat has cancelled this registration."),
                _("The mail that we sent says why. Write to the secretariat if something should be looked at again."),
            )


def said_day(at: datetime, edition: Edition) -> str:
    return dates.long_date(dates.on_wall(at, edition.zone).date(), language())

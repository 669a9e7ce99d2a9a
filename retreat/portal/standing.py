"""Where a registration stands, in plain words, and what happens next."""

from datetime import datetime
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


def standing(registration: Registration, edition: Edition) -> Standing:
    """Status in plain words with what happens next."""
    title, text = _words(registration.status, edition)
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
    last = Step(_HERE if is_next else _TO_COME, _("Come to %(city)s", city=edition.city), starts)
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

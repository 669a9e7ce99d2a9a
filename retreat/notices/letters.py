"""The mails themselves: what the outbox keeps of each. Secret links are minted when a mail goes out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from retreat.agenda.cards import Reader
from retreat.agenda.models import Revision
from retreat.calendars.entries import entry
from retreat.calendars.facts import EventStatus
from retreat.core import mail
from retreat.core.http import absolute_url
from retreat.core.i18n import Translated
from retreat.core.mail import Letter
from retreat.editions.models import Edition
from retreat.notices import words
from retreat.notices.audience import Held, Recipient
from retreat.notices.invitations import Step, StepKind
from retreat.registration.mails import standing_values

URGENT = "notices/mail/urgent.txt"
INVITATION = "notices/mail/invitation.txt"


class _Desk:
    """What the letters of one run share: who reads in which language, and what has been said in it already."""

    def __init__(self, edition: Edition, revision: Revision, at: datetime) -> None:
        self.edition, self.revision, self.at = edition, revision, at
        self._readers: dict[str, Reader] = {}
        self._standing: dict[str, dict[str, str]] = {}
        self._told: dict[Any, dict[str, Any]] = {}

    def reader(self, language: str) -> Reader:
        if language not in self._readers:
            self._readers[language] = Reader.of(self.edition, language, self.at)
        return self._readers[language]

    def told(self, held: Held, language: str, *, has_page: bool) -> dict[str, Any]:
        # The very change, which `held` keeps alive: not everybody knows the session as of the same revision.
        key = (id(held.change), held.before is None, held.after is None, language, has_page)
        if key not in self._told:
            self._told[key] = words.told(held, self.reader(language), has_page=has_page).as_json()
        return self._told[key]

    def letter(self, template: str, to: str, recipient: Recipient, once: str, **values: Any) -> Letter:
        language = recipient.language(self.edition)
        if language not in self._standing:
            self._standing[language] = standing_values(self.edition, language)
        registration = recipient.registration
        agenda = absolute_url("agenda.week", edition_slug=self.edition.slug)
        calendar = values.pop("calendar", "")
        return Letter(
            template=template,
            to=to,
            language=language,
            values={
                "name": recipient.name,
                "code": registration.code if registration else "",
                "is_secret": registration is not None,
                **self._standing[language],
                **({} if registration else {"link": agenda}),
                **values,
            },
            about=recipient.about,
            links={"link": ("registration", registration.id)} if registration else {},
            once=once,
            calendar=calendar,
        )


def urgent(
    edition: Edition,
    revision: Revision,
    people: Mapping[int, Sequence[Held]],
    reached: Mapping[int, Recipient],
    *,
    known: Mapping[int, int],
    at: datetime,
) -> Iterator[Letter]:
    """One for each person, with every urgent change of the own week, to all addresses of the registration.

    `known` is the number of the revision that a person was told of last.
    """
    desk = _Desk(edition, revision, at)
    for person_id, some in people.items():
        if recipient := reached.get(person_id):
            spoken = recipient.language(edition)
            changes = [desk.told(held, spoken, has_page=recipient.has_page) for held in some]
            for address in recipient.addresses:
                once = f"urgent {revision.id} {person_id} {address}"
                yield desk.letter(
                    URGENT, address, recipient, once, changes=changes, person=person_id, known=known[person_id]
                )


def invitations(
    edition: Edition,
    revision: Revision,
    steps: Sequence[Step],
    reached: Mapping[int, Recipient],
    *,
    unanswered: Collection[tuple[int, str]],
    at: datetime,
) -> Iterator[Letter]:
    """One for each person and session, to that person alone.

    `unanswered` are people and UIDs: who has accepted is not asked again.
    """
    desk = _Desk(edition, revision, at)
    for step in steps:
        recipient = reached[step.person_id]
        reader = desk.reader(recipient.language(edition))
        once = f"calendar {revision.id} {step.person_id} {step.session.uid}"
        yield desk.letter(
            INVITATION,
            recipient.address,
            recipient,
            once,
            kind=step.kind.value,
            has_part=any(part.person_id == step.person_id for part in step.session.parts),
            is_asked=recipient.has_page and (step.person_id, step.session.uid) in unanswered,
            title=reader.words(step.session.title).text,
            when=words.when(step.session, reader),
            where=words.where(step.session, reader),
            calendar=_calendar(step, recipient, reader, edition, at),
        )


def invited_by(once: str) -> tuple[int, str]:
    """The person and the UID of the session that a mail of an invitation is about."""
    _, _, person_id, uid = once.split()
    return int(person_id), uid


def _calendar(step: Step, recipient: Recipient, reader: Reader, edition: Edition, at: datetime) -> str:
    """The entry as in the person's own feed, under the same UID."""
    from retreat.calendars import ical

    page = absolute_url("agenda.session", edition_slug=edition.slug, code=step.session.code)
    is_cancelled = step.kind is StepKind.CANCELLED
    # What is taken back has nothing to join, and may have been taken from this very person.
    session = replace(step.session, link="", description=Translated()) if is_cancelled else step.session
    facts = entry(session, reader, page=page, is_private=True)
    facts = replace(
        facts,
        sequence=step.sequence,
        modified=at,
        status=EventStatus.CANCELLED if is_cancelled else facts.status,
    )
    said = ical.invitation(
        facts,
        is_cancelled=is_cancelled,
        organiser=mail.sender(),
        attendee=(recipient.name, recipient.address),
    )
    return said.decode()

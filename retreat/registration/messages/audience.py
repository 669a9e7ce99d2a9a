"""Whom a message's filter finds, and what each of them would read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retreat.core import mail
from retreat.core.mail import OutboxMail
from retreat.editions.models import Edition
from retreat.registration import lists, mails, states
from retreat.registration.filters import Filter
from retreat.registration.listing import chips
from retreat.registration.messages import texts
from retreat.registration.messages.models import Message
from retreat.registration.messages.texts import Languages
from retreat.registration.models import Registration, Status

TEMPLATE = "registration/mail/message.txt"
NAMED = 5
"""So many names say whom a message goes to."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who get it, in the list's order, and how many of the filter do not."""

    people: Sequence[Registration]
    left_out: int
    """Found by the filter, but declined, withdrawn or cancelled, or without an address."""
    languages: Languages
    assistants: int
    """Mails more, if whoever filled in the form gets a copy."""
    without_city: int

    @property
    def first(self) -> Sequence[Registration]:
        return self.people[:NAMED]


@dataclass(frozen=True, slots=True)
class Preview:
    """As one real person would read it; the secret link is masked."""

    language: str
    people: int
    reader: str
    subject: str
    body: str
    values: Mapping[str, Any]
    """What the mail's template was given."""


def arguments_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The filter as it is kept: no order and no columns, which matter to nobody who gets a mail."""
    return Filter.of(said).arguments(order="", columns="")


def is_addressed(status: Status, email: str, arguments: Mapping[str, Any]) -> bool:
    """Only those who mean to come, unless the filter asks for a status by name; nobody without an address."""
    return "@" in email and (bool(arguments.get("status")) or status in states.LIVE)


def addresses(registration: Registration, *, with_assistants: bool) -> list[str]:
    """The person's, then the assistant's if it is another; one mail to each."""
    both = (registration.email, registration.filled_by_email if with_assistants else "")
    return list({address.lower(): address for address in both if "@" in address}.values())


def found(edition: Edition, arguments: Mapping[str, Any]) -> list[Registration]:
    """Everybody whom the message would reach now."""
    return _addressed(lists.all_of(edition, Filter.of(arguments)), arguments)


def audience(edition: Edition, message: Message) -> Audience:
    everybody = lists.all_of(edition, Filter.of(message.arguments))
    people = _addressed(everybody, message.arguments)
    return Audience(
        people=people,
        left_out=len(everybody) - len(people),
        languages=texts.languages_of((one.language for one in people), message.body, edition.main_language),
        assistants=sum(len(addresses(one, with_assistants=True)) - 1 for one in people),
        without_city=sum(not one.city for one in people) if _names_city(message) else 0,
    )


def _addressed(everybody: Iterable[Registration], arguments: Mapping[str, Any]) -> list[Registration]:
    return [one for one in everybody if is_addressed(one.status, one.email, arguments)]


def _names_city(message: Message) -> bool:
    return any("{city}" in text for text in (*message.subject.values(), *message.body.values()))


def person_values(registration: Registration) -> dict[str, str]:
    """What the placeholders stand for, but for the link."""
    return {
        "name": " ".join(filter(None, (registration.honorific, registration.printed_name))),
        "city": registration.city,
        "code": registration.code,
    }


def subject_for(edition: Edition, message: Message, code: str, values: Mapping[str, str]) -> str:
    """On one line, whatever was pasted into it."""
    return " ".join(texts.filled(message.subject.text(code, edition.main_language), values).split())


def previews(edition: Edition, message: Message, those: Audience) -> list[Preview]:
    """One for each text: as the first person who gets it would read it, if anybody does."""
    readers: dict[str, Registration] = {}
    for one in those.people if message.body else ():
        code = texts.language_for(one.language, message.body, edition.main_language)
        # Somebody who asked for this language, rather than somebody who falls back to it.
        if code not in readers or (readers[code].language != code and one.language == code):
            readers[code] = one
    counts = those.languages.counts
    order = [*counts, *(code for code in message.body if code not in counts)]
    return [_preview(edition, message, code, readers.get(code), counts.get(code, 0)) for code in order]


def mail_values(
    edition: Edition, message: Message, code: str, registration: Registration | None = None
) -> dict[str, Any]:
    """What the mail's template is given; without a person the placeholders stand as they are."""
    values = person_values(registration) if registration else {}
    return {
        **mails.standing_values(edition, code),
        "code": values.get("code", ""),
        "subject": subject_for(edition, message, code, values),
        "parts": texts.parts(message.body[code], values),
    }


def _preview(edition: Edition, message: Message, code: str, reader: Registration | None, people: int) -> Preview:
    values = mail_values(edition, message, code, reader)
    links = {"link": ["registration", 0]}
    written = mail.write(OutboxMail(template=TEMPLATE, language=code, values=values, links=links))
    return Preview(
        language=code,
        people=people,
        reader=person_values(reader)["name"] if reader else "",
        subject=written.subject,
        body=written.body.rstrip(),
        values=values,
    )


# The filter in words -----------------------------------------------------------------------------------------------

Words = Mapping[tuple[str, str], tuple[str, str]]
"""By facet and value: what the facet is called, and the value in words."""


def words_of(edition: Edition, arguments: Iterable[Mapping[str, Any]], code: str) -> Words:
    """Of everything that these filters name, in as many queries for many as for one."""
    named: dict[str, dict[str, None]] = {}
    for said in arguments:
        for name, values in Filter.of(said).chosen.items():
            named.setdefault(name, {}).update(dict.fromkeys(values))
    shown = chips.said(edition, Filter(chosen={name: tuple(values) for name, values in named.items()}), code)
    return {
        (chip.name, value): (chip.label, text)
        for chip in shown.chips
        for value, text in zip(shown.asked.chosen[chip.name], chip.values, strict=True)
    }


def facets(arguments: Mapping[str, Any], words: Words) -> list[tuple[str, str, str, str]]:
    """Each value that the filter asks for, as name, value, label and words; unknown ones by their own."""
    return [
        (name, value, *words.get((name, value), (name, value)))
        for name, values in Filter.of(arguments).chosen.items()
        for value in values
    ]


def described(arguments: Mapping[str, Any], words: Words) -> str:
    """On one line; empty is everybody."""
    asked = Filter.of(arguments).words
    said: dict[str, list[str]] = {}
    for _name, _value, label, text in facets(arguments, words):
        said.setdefault(label, []).append(text)
    return " · ".join(
        [*([f"“{asked}”"] if asked else []), *(f"{label}: {', '.join(texts)}" for label, texts in said.items())]
    )

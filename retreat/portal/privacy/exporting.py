"""Everything about a person, for that person: a JSON file and the files that were handed in, in one zip.

    of_person(person, at=) -> bytes                   every edition and the address book; the secretariat gives it out
    of_registration(registration, at=) -> bytes       what the link to one registration may show

Which columns is said by `registration.privacy`.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from retreat.core import jobs, sealed
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.network.models import Person
from retreat.portal.privacy import waiting_files
from retreat.portal.privacy.whose import TABLES, Traces, rows_of, traces_of_person, traces_of_registrations, written_to
from retreat.printing.letter_runs import make_letter
from retreat.registration import privacy
from retreat.registration.letters.facts import LetterFacts
from retreat.registration.letters.models import Letter
from retreat.registration.models import Photograph, Registration
from retreat.registration.questions.models import Answer, AnswerFile, Question

EXPORT = "personal.export"

_NAMES = {
    "edition_id": ("edition", "slug"),
    "category_id": ("category", "name"),
    "section_id": ("section", "name"),
    "organisation_id": ("organisation", "name"),
    "delegation_id": ("delegation", "id"),
    "consent_text_id": ("consent_text", "text"),
    "question_id": ("question", "label"),
    "option_id": ("question_option", "label"),
    "session_id": ("agenda_session", "title"),
    "revised_session_id": ("revised_session", "title"),
    "body_id": ("body", "name"),
}
"""What stands for a key: a column of the table that it leads to."""


_SPELT = {"organisation_id": "known_organisation", "revised_session_id": "session"}
"""Where the name of the key would be that of another column, or says less than it could."""


def of_person(person: Person, *, at: datetime) -> bytes:
    traces = traces_of_person(person)
    return _packed(traces, {"letters": list(_letters(traces))}, at)


def of_registration(registration: Registration, *, at: datetime) -> bytes:
    """Without letters: the own page has them."""
    return _packed(traces_of_registrations([registration]), {}, at)


@jobs.task(EXPORT, reads=True)
def export(work: jobs.Work) -> dict[str, Any]:
    """The zip is sealed while it waits: there may be a passport in it."""
    person = db.session.get_one(Person, work.arguments["person"])
    made = of_person(person, at=datetime.fromisoformat(work.arguments["at"]))
    return {"file": waiting_files.store(made)}


def recent_exports(person: Person, since: datetime) -> list[jobs.Job]:
    """The newest first."""
    found = db.session.scalars(
        select(jobs.Job).where(jobs.Job.kind == EXPORT, jobs.Job.created_at > since).order_by(jobs.Job.id.desc())
    )
    return [one for one in found if one.arguments.get("person") == person.id]


def remove_files(person: Person, since: datetime) -> None:
    """What still waits of this person."""
    for one in recent_exports(person, since):
        waiting_files.remove(one.result.get("file", ""))


def described(traces: Traces, at: datetime) -> dict[str, Any]:
    """The content of data.json."""
    tables = {table: _rows(table, names, traces) for table, names in privacy.exported().items()}
    return {
        "made_at": at.isoformat(),
        "tables": {table: rows for table, rows in tables.items() if rows},
        "about": {
            key: {"title": str(topic.title), "what": str(topic.what), "why": str(topic.why)}
            for key, topic in privacy.TOPICS.items()
        },
        "topic_of": {
            f"{table}.{name}": column.topic for (table, name), column in privacy.COLUMNS.items() if column.is_exported
        },
    }


def _rows(table: str, names: Sequence[str], traces: Traces) -> list[dict[str, Any]]:
    columns = TABLES[table].c
    chosen = [columns[name] for name in names if name != "content"]
    whose = written_to(traces) if table == "outbox_mail" else rows_of(table, traces)
    rows = db.session.execute(select(*chosen).where(whose).order_by(*TABLES[table].primary_key)).mappings().all()
    said = {name: _what_keys_stand_for(name, {row[name] for row in rows}) for name in names if name in _NAMES}
    return [
        {
            _SPELT.get(name, name.removesuffix("_id")) if name in said else name: _plain(
                said[name].get(value) if name in said else value
            )
            for name, value in ((str(key), value) for key, value in row.items())
        }
        if table not in ("passport", "letter")
        else {name: _opened(value) if name == "sealed" else _plain(value) for name, value in row.items()}
        for row in rows
    ]


def _what_keys_stand_for(name: str, keys: set[Any]) -> dict[Any, Any]:
    where, column = _NAMES[name]
    table = TABLES[where].c
    found = db.session.execute(select(table.id, table[column]).where(table.id.in_(keys - {None}))).all()
    return {key: value for key, value in found}  # noqa: C416


def _opened(text: str) -> Any:
    """A passport's data, or what a letter says but for the pictures of the signatures."""
    if not text:
        return None
    try:
        content = sealed.open_sealed(text)
    except sealed.CannotOpen:
        return None
    return {key: value for key, value in content.items() if key not in ("secretariat", "host")}


def _plain(value: Any) -> Any:
    if isinstance(value, Translated):
        return dict(value)
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


# Files -------------------------------------------------------------------------------------------------------------


def _packed(traces: Traces, more: dict[str, list[tuple[str, bytes]]], at: datetime) -> bytes:
    buffer = io.BytesIO()
    content = json.dumps(described(traces, at), ensure_ascii=False, indent=1)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", content)
        for name, body in _handed_in(traces):
            archive.writestr(name, body)
        for folder, files in more.items():
            for name, body in files:
                archive.writestr(f"{folder}/{_safe(name)}", body)
    return buffer.getvalue()


def _handed_in(traces: Traces) -> Iterator[tuple[str, bytes]]:
    photographs = select(Registration.code, Photograph.media_type, Photograph.content).join(
        Photograph, Photograph.registration_id == Registration.id
    )
    for code, media_type, content in db.session.execute(
        photographs.where(Registration.id.in_(traces.registrations)).order_by(Registration.id)
    ):
        yield f"photograph/{_safe(code)}.{_safe(media_type.rpartition('/')[2])}", content
    answers = (
        select(Registration.code, Question.slug, AnswerFile.file_name, AnswerFile.content)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .join(Question, Question.id == Answer.question_id)
        .join(Registration, Registration.id == Answer.registration_id)
    )
    for code, slug, name, content in db.session.execute(
        answers.where(Registration.id.in_(traces.registrations)).order_by(AnswerFile.id)
    ):
        yield f"answers/{_safe(code)}-{_safe(slug)}-{_safe(name)}", content


def _letters(traces: Traces) -> Iterator[tuple[str, bytes]]:
    for letter in db.session.scalars(
        select(Letter).where(Letter.id.in_(traces.letters), Letter.sealed != "").order_by(Letter.id)
    ):
        try:
            made = make_letter(LetterFacts.of_json(sealed.open_sealed(letter.sealed)))
        except RetreatError:
            # Its words are in data.json all the same.
            continue
        yield f"{letter.number}.pdf", made.content


def _safe(name: str) -> str:
    """A name that is one file in one folder, wherever it is unpacked."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "file"

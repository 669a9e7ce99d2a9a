"""Many people at once: lines of a spreadsheet are judged one by one, shown, and only then stored.

    read(text) · read_file(name, content) -> Sheet               raises SheetErrors
    plan(delegation, sheet, at=) -> Plan                         raises SheetErrors; stores nothing
    carry_out(delegation, sheet, seen, at=, by=) -> Plan         what was planned, done; raises PlanChanged

The plan follows the ordinary rules: quota, one head, places and waiting list. Whoever confirms sends back the plan's
fingerprint, and with the edition's row held the plan is made once more: what is done is what was seen.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from http import HTTPStatus
from pathlib import PurePath
from typing import Any, NamedTuple, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.core import sheets
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import LANGUAGES
from retreat.core.names import search_key
from retreat.core.sheets import Findings, Sheet, SheetRow
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.network import service as network
from retreat.registration import answers as typed
from retreat.registration import rows
from retreat.registration.delegations import mails, quotas, service
from retreat.registration.delegations.labels import ROLES
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.labels import FIELDS
from retreat.registration.models import Registration, Status
from retreat.registration.service import Answers
from retreat.registration.states import LIVE

MOST_LINES = 150
"""At once: as many as ever came under one name, and done within a few seconds."""

_NOT_THEIRS = frozenset({"status", "gender", "is_shown"})
"""What the secretariat decides, and what only the person says."""

COLUMNS = ("role", *(name for name in rows.READ if name not in _NOT_THEIRS))

BLANK: Mapping[str, Any] = {
    "section_id": None,
    "languages": [],
    "visa_letter": False,
    "gender": None,
    "is_shown": False,
    **dict.fromkeys(("arrival", "arrival_time", "departure", "departure_time")),
}
"""Answers that nobody has given, where that is not an empty text."""


class What(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    WAITS = "waits"
    CHANGES = "changes"
    UNCHANGED = "unchanged"
    OVER_QUOTA = "over-quota"
    HEAD_THERE = "head-there"
    ELSEWHERE = "elsewhere"
    NO_PLACE = "no-place"

    @property
    def adds(self) -> bool:
        return self in (What.NEW, What.WAITS)

    @property
    def is_left_out(self) -> bool:
        return self in (What.OVER_QUOTA, What.HEAD_THERE, What.ELSEWHERE, What.NO_PLACE)


WORDS: dict[What, Any] = {
    What.NEW: _l("Will be registered"),
    What.WAITS: _l("Will be on the waiting list: every place is taken"),
    What.CHANGES: _l("Will be changed"),
    What.UNCHANGED: _l("Stays as it is"),
    What.OVER_QUOTA: _l("Left out: over the number that may come"),
    What.HEAD_THERE: _l("Left out: the delegation has another head"),
    What.ELSEWHERE: _l("Left out: has registered already, not by this page; the secretariat can move the registration"),
    What.NO_PLACE: _l("Left out: no place in the other category"),
}


class Line(NamedTuple):
    """A line with what becomes of it; `answers` are whole, `registration` is who it changes, in these `fields`."""

    number: int
    name: str
    role: DelegationRole
    what: What
    answers: Answers
    registration: Registration | None
    fields: tuple[str, ...] = ()


class Plan(NamedTuple):
    lines: tuple[Line, ...]

    @property
    def counts(self) -> Counter[What]:
        return Counter(line.what for line in self.lines)

    @property
    def added(self) -> int:
        return sum(line.what.adds for line in self.lines)

    @property
    def changed(self) -> int:
        return self.counts[What.CHANGES]

    @property
    def left_out(self) -> int:
        return sum(line.what.is_left_out for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """The same as long as the same is to happen to the same lines."""
        said = [
            [line.number, line.name, line.role, line.what, line.registration.version if line.registration else 0]
            for line in self.lines
        ]
        return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()


class PlanChanged(RetreatError):
    """Something has happened since the plan was shown: it is to be read again."""

    status = HTTPStatus.CONFLICT

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            _l("Something has changed since these lines were checked. Nothing is stored yet: please read them again.")
        )
        self.plan = plan


# Reading -----------------------------------------------------------------------------------------------------------


def read(text: str) -> Sheet:
    """What was pasted: a line with the names of the columns, then one person a line."""
    return sheets.read(
        "lines.csv", text.encode(errors="replace"), columns=COLUMNS, called=_called(), most_rows=MOST_LINES
    )


def read_file(name: str, content: bytes) -> Sheet:
    ending = ".xlsx" if PurePath(name).suffix.lower() == ".xlsx" else ".csv"
    return sheets.read(f"lines{ending}", content, columns=COLUMNS, called=_called(), most_rows=MOST_LINES)


def called() -> dict[str, str]:
    """What the pages call each column, in the reader's language."""
    words = {"role": _("Role in the delegation").lower()}
    words |= {name: str(FIELDS[of]) for name in COLUMNS for of in (name, f"{name}_id") if of in FIELDS}
    return words


def _called() -> dict[str, str]:
    return {_("Role"): "role", **{word: name for name, word in called().items()}}


def as_text(sheet: Sheet) -> str:
    """A file as if it had been pasted, so that it travels through the preview; each row on the line it had."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(sheet.columns)
    line = 2
    for row in sheet.rows:
        target.write("\n" * max(0, row.line - line))
        line = max(row.line, line) + 1
        writer.writerow([row.cells[name] for name in sheet.columns])
    return target.getvalue()


def cells(one: Registration) -> dict[str, str]:
    """The line that stands for somebody who is in the delegation."""
    known = {**rows.cells(one), "role": one.delegation_role.value if one.delegation_role else ""}
    return {name: known.get(name, "") for name in COLUMNS}


# Planning ----------------------------------------------------------------------------------------------------------


def plan(delegation: Delegation, sheet: Sheet, *, at: datetime) -> Plan:
    """What would happen to each line, in their order; nothing is stored. Raises SheetErrors with every error."""
    return _Planning(delegation, Findings(sheet.name), at).run(sheet)


def carry_out(
    delegation: Delegation, sheet: Sheet, seen: str, *, consent_number: int | None = None, at: datetime, by: Actor
) -> Plan:
    """Do what was seen: lines that are left out are left out. The coordinator reads of all of it in one mail.

    `consent_number` is the version of the consent that the page showed.
    Raises PlanChanged, RegistrationClosed and SheetErrors.
    """
    service.refuse_when_closed(delegation.edition, at)
    editions.hold_and_read(delegation.edition)
    made = plan(delegation, sheet, at=at)
    if made.fingerprint != seen:
        raise PlanChanged(made)
    for line in made.lines:
        if line.what.adds:
            service.add(
                delegation,
                line.role,
                line.answers,
                language=_mail_language(line.answers),
                consent_number=consent_number,
                at=at,
                by=by,
            )
        elif line.what is What.CHANGES and line.registration is not None:
            version = line.registration.version
            service.correct(line.registration, line.role, line.answers, version=version, at=at, by=by)
    if made.added:
        mails.tell_several(
            delegation, made.counts[What.NEW], made.counts[What.WAITS], made.changed, made.left_out, at=at, by=by
        )
    return made


@dataclass
class _Room:
    """What is still free while the lines are gone through."""

    taken: dict[bool, int]
    most: dict[bool, int | None]
    head: int | None
    """Whose registration has the head's role; of a line above, its number below zero."""
    places: int | None
    of_category: dict[int, int | None]
    seen: dict[Any, int] = field(default_factory=dict)

    def refuses(self, role: DelegationRole, before: DelegationRole | None, key: int) -> What | None:
        """Somebody comes as `role`, who until now had the role `before` here, or none."""
        if role is DelegationRole.HEAD and self.head not in (None, key):
            return What.HEAD_THERE
        side = role.is_delegate
        most = self.most[side]
        if (before is None or before.is_delegate is not side) and most is not None and self.taken[side] >= most:
            return What.OVER_QUOTA
        return None

    def settle(self, role: DelegationRole, before: DelegationRole | None, key: int) -> None:
        if before is not None:
            self.taken[before.is_delegate] -= 1
        self.taken[role.is_delegate] += 1
        if self.head == key and role is not DelegationRole.HEAD:
            self.head = None
        elif role is DelegationRole.HEAD:
            self.head = key

    def take_place(self, category_id: int) -> bool:
        here = self.of_category[category_id]
        if self.places == 0 or here == 0:
            return False
        self.places = None if self.places is None else self.places - 1
        self.of_category[category_id] = None if here is None else here - 1
        return True

    def move_place(self, before: int, after: int) -> bool:
        there, here = self.of_category[after], self.of_category[before]
        if there == 0:
            return False
        self.of_category[after] = None if there is None else there - 1
        self.of_category[before] = None if here is None else here + 1
        return True


class _Planning:
    """One set of lines on its way; a class only because several look-up tables belong together."""

    def __init__(self, delegation: Delegation, findings: Findings, at: datetime) -> None:
        self.delegation, self.findings, self.edition = delegation, findings, delegation.edition
        found = service.members_of(delegation)
        self.by_code = {one.code: one for one in found.live}
        self.by_name = {_identity(_answers_of(one)): one for one in found.live}
        every = {one.id: one for one in _categories(self.edition)}
        offered = {one.id: one for one in every.values() if one.is_public}
        offered |= {one.category_id: every[one.category_id] for one in found.live}
        self.reader = rows.Reader(tuple(offered.values()), tuple(network.sections()), findings)
        counted = quotas.quotas_of([delegation], at=at)[delegation.id]
        self.room = _Room(
            taken={True: counted.delegates.taken, False: counted.support.taken},
            most={True: counted.delegates.most, False: counted.support.most},
            head=found.head.id if found.head else None,
            places=_free(self.edition),
            of_category={key: _free(one) for key, one in every.items()},
        )

    def run(self, sheet: Sheet) -> Plan:
        read = [(row, self.reader.values(row), self._role(row)) for row in sheet.rows]
        merged = [(row, role, *self._merged(row, values)) for row, values, role in read]
        self.findings.raise_if_any()
        elsewhere = self._registered_elsewhere([answers for _, _, answers, _ in merged])
        return Plan(tuple(self._line(*one, elsewhere) for one in merged))

    def _role(self, row: SheetRow) -> DelegationRole | None:
        """By its word, or as the pages call it; None where nothing is said."""
        key = search_key(row.cells.get("role", ""))
        if not key:
            return None
        found = next((one for one, text in ROLES.items() if key in (one.value, search_key(str(text)))), None)
        if found is None:
            known = ", ".join(role.value for role in DelegationRole)
            message = _l("“%(text)s” is not one of %(known)s", text=row.cells["role"], known=known)
            self.findings.refuse(row.line, "role", message)
        return found

    def _merged(self, row: SheetRow, values: dict[str, Any]) -> tuple[Answers, Registration | None]:
        """Whole answers, and who they are of. Notes what is wrong."""
        code = row.cells.get("code", "")
        known = self.by_code.get(code) if code else self.by_name.get(_identity(values))
        if code and known is None:
            self.findings.refuse(row.line, "code", _l("nobody with this reference is in this delegation"))
        answers = {**(_answers_of(known) if known else self._beginning(values)), **values}
        if not any(answers[name] for name in typed.NAMES):
            column = next((name for name in ("family_name", "given_name") if name in values), "given_name")
            self.findings.refuse(row.line, column, _l("a name is needed: given, family or badge name"))
        if known is None and "email" not in values:
            self.findings.refuse(row.line, "email", _l("an e-mail address is needed"))
        is_decided = known is not None and known.status is Status.APPROVED
        if known is not None and is_decided and answers["category_id"] not in (None, known.category_id):
            message = _l("the kind of badge is the secretariat's, now that it has decided")
            self.findings.refuse(row.line, "category", message)
        self._refuse_twice(row, known.id if known else _identity(answers))
        return cast(Answers, answers), known

    def _beginning(self, values: dict[str, Any]) -> dict[str, Any]:
        """What a new line need not say: it is said of the organisation, or it is the first of the choices."""
        of = self.delegation.organisation
        own: dict[str, Any] = {
            "organisation": of.name.text(self.edition.main_language),
            "city": of.city,
            "country": of.country,
            "section_id": of.section_id,
        }
        for name in own:
            if name in values and not values[name]:
                del values[name]
        first = {"category_id": self.reader.categories[0].id}
        return {**dict.fromkeys(Answers.__annotations__, ""), **BLANK, **first, **own}

    def _refuse_twice(self, row: SheetRow, key: Any) -> None:
        if key in self.room.seen:
            message = _l("the same person is already in line %(line)s", line=self.room.seen[key])
            self.findings.refuse(row.line, "row", message)
        self.room.seen.setdefault(key, row.line)

    def _registered_elsewhere(self, given: list[Answers]) -> set[tuple[str, str]]:
        """Who means to come to this edition already, and not with this delegation."""
        addresses = sorted({answers["email"] for answers in given})
        found = db.session.scalars(
            select(Registration).where(
                Registration.edition_id == self.edition.id,
                Registration.email.in_(addresses),
                Registration.status.in_(sorted(LIVE)),
            )
        )
        return {_identity(_answers_of(one)) for one in found if one.delegation_id != self.delegation.id}

    def _line(
        self,
        row: SheetRow,
        said: DelegationRole | None,
        answers: Answers,
        known: Registration | None,
        elsewhere: set[tuple[str, str]],
    ) -> Line:
        before = known.delegation_role if known else None
        role = said or before or DelegationRole.MEMBER
        key = known.id if known else -row.line
        what = self._what(key, role, before, answers, known, elsewhere)
        fields = [name for name, value in answers.items() if known and getattr(known, name) != value]
        fields += ["role"] if known and role is not before else []
        return Line(row.line, _name(answers), role, what, answers, known, tuple(fields))

    def _what(
        self,
        key: int,
        role: DelegationRole,
        before: DelegationRole | None,
        answers: Answers,
        known: Registration | None,
        elsewhere: set[tuple[str, str]],
    ) -> What:
        if known is None and _identity(answers) in elsewhere:
            return What.ELSEWHERE
        if (refused := self.room.refuses(role, before, key)) is not None:
            return refused
        if known is None:
            self.room.settle(role, before, key)
            return What.NEW if self.room.take_place(answers["category_id"]) else What.WAITS
        if role is before and all(getattr(known, name) == value for name, value in answers.items()):
            return What.UNCHANGED
        moves = known.status.takes_a_place and answers["category_id"] != known.category_id
        if moves and not self.room.move_place(known.category_id, answers["category_id"]):
            return What.NO_PLACE
        self.room.settle(role, before, key)
        return What.CHANGES


def _mail_language(answers: Answers) -> str:
    """The first language that the person listens to and that we write; else the delegation's."""
    return next((code for code in answers["languages"] if code in LANGUAGES), "")


def _categories(edition: Edition) -> Sequence[Category]:
    """Read anew: how many places of each are taken decides who waits."""
    return db.session.scalars(
        select(Category)
        .where(Category.edition_id == edition.id)
        .order_by(Category.position, Category.id)
        .execution_options(populate_existing=True)
    ).all()


def _free(holder: Edition | Category) -> int | None:
    return None if holder.capacity is None else max(0, holder.capacity - holder.taken)


def _answers_of(one: Registration) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Answers.__annotations__}


def _identity(values: Mapping[str, Any]) -> tuple[str, str]:
    return str(values.get("email") or "").lower(), typed.name_key(values)


def _name(answers: Answers) -> str:
    parts = (answers["given_name"], answers["family_name"])
    return answers["badge_name"] or " ".join(part for part in parts if part)

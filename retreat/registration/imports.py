"""Registrations from a file: every row or none, and no mail.

    import_registrations(edition, sheet, at=, by=) -> Imported        raises SheetErrors with every error
    preview(edition, sheet, at=, by=) -> (Imported, [Outcome])        what it would do, row by row, and nothing done

A known code updates that row, whatever its status: a missing column keeps, an empty cell clears (an empty status
keeps). A row without a code is known by its e-mail address and name among those that are not withdrawn, declined
or cancelled; so the same file twice changes nothing. The file is the secretariat's word, which is why an address
and a name that the address book has already are taken for that Person.

Places are never exceeded: a row for which there is none, whatever status it asks for, is waitlisted with a warning.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from retreat.core import audit, tokens
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES
from retreat.core.sheets import Findings, Imported, Sheet, SheetRow
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.network import service as network
from retreat.network.models import Person
from retreat.registration import answers as typed
from retreat.registration import proof, states
from retreat.registration.letters import upkeep
from retreat.registration.models import Registration, Status, StatusChange
from retreat.registration.questions.files import Reading, RowPlan, columns_of, keep_plan
from retreat.registration.questions.service import questions_of
from retreat.registration.rows import READ, Reader
from retreat.registration.service import PERSON_FIELDS, assign, code_prefix
from retreat.registration.steps import place_lost

CODE = re.compile(r"[A-Za-z0-9-]{1,24}\Z")
_AT_A_TIME = 500
_MOST_DIGITS = 6
"""A longer number in somebody's own code does not move our count."""


class Ledger:
    """Places while a file is read. The edition's and the categories' rows are held: nobody else counts meanwhile."""

    def __init__(self, edition: Edition, categories: Iterable[Category]) -> None:
        self.edition = edition
        self.categories = {category.id: category for category in categories}
        self.change: Counter[int] = Counter()

    def take(self, category_id: int) -> bool:
        category = self.categories[category_id]
        if _is_full(self.edition, self.change.total()) or _is_full(category, self.change[category_id]):
            return False
        self.change[category_id] += 1
        return True

    def free(self, category_id: int) -> None:
        self.change[category_id] -= 1

    def write(self) -> None:
        db.session.execute(_change(Edition, self.edition.id, self.change.total()))
        for key, change in sorted(self.change.items()):
            db.session.execute(_change(Category, key, change))


def _is_full(holder: Edition | Category, change: int) -> bool:
    return holder.capacity is not None and holder.taken + change >= holder.capacity


def _change(kind: type[Edition] | type[Category], key: int, change: int) -> Any:
    return update(kind).where(kind.id == key).values(taken=kind.taken + change)


class Outcome(NamedTuple):
    """What became of one row, in plain values."""

    line: int
    code: str
    name: str
    status: Status
    is_new: bool
    fields: tuple[str, ...]
    """What has changed; of somebody new nothing is said."""


def known_columns(edition: Edition) -> tuple[str, ...]:
    """What a file of this edition may have, its own questions among them."""
    return (*READ, *columns_of(questions_of(edition)))


def import_registrations(
    edition: Edition, sheet: Sheet, *, at: datetime, by: Actor, is_sample: bool = False
) -> Imported:
    """All rows or none: raises SheetErrors, and then nothing has been changed. Flushes, never commits."""
    return _Import(edition, sheet, at=at, by=by, is_sample=is_sample).run(sheet)


def preview(edition: Edition, sheet: Sheet, *, at: datetime, by: Actor) -> tuple[Imported, list[Outcome]]:
    """What the import would do, row by row: it is done, and taken back. Raises SheetErrors."""
    with db.session.begin_nested() as trial:
        doing = _Import(edition, sheet, at=at, by=by, is_sample=False)
        done = doing.run(sheet)
        trial.rollback()
    return done, doing.outcomes


class _Import:
    """One file on its way in; a class only because a dozen look-up tables belong together."""

    def __init__(self, edition: Edition, sheet: Sheet, *, at: datetime, by: Actor, is_sample: bool) -> None:
        findings = Findings(sheet.name)
        self.edition, self.findings, self.at, self.by, self.is_sample = edition, findings, at, by, is_sample
        editions.hold_and_read(edition)
        categories = db.session.scalars(
            select(Category)
            .where(Category.edition_id == edition.id)
            .order_by(Category.position, Category.id)
            .execution_options(populate_existing=True)
        ).all()
        self.reader = Reader(tuple(categories), tuple(network.sections()), findings)
        self.ledger = Ledger(edition, categories)
        known = db.session.scalars(
            select(Registration).where(Registration.edition_id == edition.id).order_by(Registration.id)
        ).all()
        self.asking = Reading(questions_of(edition, is_fresh=True), known, sheet.columns, findings)
        self.by_code = {one.code: one for one in known}
        self.by_name = {_identity(_values_of(one)): one for one in known if one.status in states.LIVE}
        self.members = {one.name_key: one.id for one in network.all_organisations()}
        self.people: dict[tuple[str, str], Person] = {}
        self.seen: dict[Any, int] = {}
        self.steps: list[tuple[Registration, Status | None]] = []
        self.number = edition.last_registration_number
        self.outcomes: list[Outcome] = []

    def run(self, sheet: Sheet) -> Imported:
        read = [(row, self.reader.values(row)) for row in sheet.rows]
        plan = [(row, values, self._known(row, values)) for row, values in read]
        said = [self._said(row, values, known) for row, values, known in plan]
        self.findings.raise_if_any()
        self._count_past_codes(row.cells.get("code", "") for row in sheet.rows)
        self._recognise(values for _, values, known in plan if known is None)
        added, changed = [], 0
        with db.session.no_autoflush:
            for (row, values, known), answers in zip(plan, said, strict=True):
                if known is None:
                    added.append(self._add(row, values, answers))
                    self._say(row, added[-1], ())
                else:
                    fields = self._change(row, known, values, answers)
                    changed += bool(fields)
                    self._say(row, known, fields)
        db.session.flush()
        self._note(added)
        self.ledger.write()
        self.asking.write()
        self.edition.last_registration_number = self.number
        db.session.flush()
        db.session.expire(self.edition, ["taken"])
        warnings = tuple(str(warning) for warning in self.findings.warnings)
        return Imported(len(added), changed, len(plan) - len(added) - changed, warnings)

    def _say(self, row: SheetRow, one: Registration, fields: Collection[str]) -> None:
        is_new = one.id is None
        self.outcomes.append(Outcome(row.line, one.code, one.printed_name, one.status, is_new, tuple(fields)))

    def _said(self, row: SheetRow, values: Mapping[str, Any], known: Registration | None) -> RowPlan:
        """What the row answers to the edition's own questions."""
        before = known.status if known is not None else None
        category = values.get("category_id", known.category_id if known is not None else self.reader.categories[0].id)
        after = values.get("status", before or Status.SUBMITTED)
        return self.asking.plan(row, known, category, was_live=before in states.LIVE, is_live=after in states.LIVE)

    def _known(self, row: SheetRow, values: Mapping[str, Any]) -> Registration | None:
        """The registration that the row is about. Notes what is wrong with a new one."""
        code = row.cells.get("code", "")
        if code and not CODE.match(code):
            self.findings.refuse(row.line, "code", _l("“%(text)s” is not a code: 1–24 of A–Z, a–z, 0–9, -", text=code))
            return None
        known = self.by_code.get(code) if code else None
        if known is not None and known.is_erased:
            self.findings.refuse(row.line, "code", _l("this registration has been erased and is only counted"))
            return known
        merged = {**(_values_of(known) if known else {}), **values}
        if not any(merged.get(name) for name in typed.NAMES):
            column = next((name for name in ("family_name", "given_name") if name in values), "given_name")
            self.findings.refuse(row.line, column, _l("a name is needed: given, family or badge name"))
            return known
        if known is None and "email" not in values:
            self.findings.refuse(row.line, "email", _l("an e-mail address is needed"))
            return None
        identity = _identity(merged)
        self._refuse_return(row, known, values)
        if code:
            self._refuse_twice(row, "code", code)
            self.seen.setdefault(identity, row.line)
            return known
        self._refuse_twice(row, "email", identity)
        return self.by_name.get(identity)

    def _refuse_return(self, row: SheetRow, known: Registration | None, values: Mapping[str, Any]) -> None:
        """Whoever comes after all may find the delegation full, or with another head: that is judged one by one."""
        if known is None or known.delegation_id is None or known.status in states.LIVE:
            return
        if values.get("status") in states.LIVE:
            message = _l("this person is in a delegation: take the decision back on the person's own page")
            self.findings.refuse(row.line, "status", message)

    def _refuse_twice(self, row: SheetRow, column: str, key: object) -> None:
        if key in self.seen:
            self.findings.refuse(row.line, column, _l("the same is already in line %(line)s", line=self.seen[key]))
        self.seen.setdefault(key, row.line)

    def _count_past_codes(self, codes: Iterable[str]) -> None:
        """Numbers made later must not meet a code that the file brings."""
        own = re.compile(re.escape(code_prefix(self.edition)) + rf"(\d{{1,{_MOST_DIGITS}}})\Z")
        self.number = max([self.number, *(int(found[1]) for code in codes if (found := own.match(code)))])

    def _recognise(self, new: Iterable[Mapping[str, Any]]) -> None:
        """People of the address book with the same address and name, who are not registered here yet."""
        addresses = sorted({values["email"] for values in new})
        here = select(Registration.person_id).where(Registration.edition_id == self.edition.id)
        for start in range(0, len(addresses), _AT_A_TIME):
            found = db.session.scalars(
                select(Person)
                .where(Person.email.in_(addresses[start : start + _AT_A_TIME]), Person.id.not_in(here))
                .options(selectinload(Person.offices))
                .order_by(Person.id)
            )
            for person in found:
                self.people.setdefault(_identity(_values_of(person)), person)

    def _add(self, row: SheetRow, given: Mapping[str, Any], answers: RowPlan) -> Registration:
        values = {"category_id": self.reader.categories[0].id, **given}
        wanted = values.pop("status", Status.SUBMITTED)
        code = row.cells.get("code", "") or self._next_code()
        person = self.people.pop(_identity(values), None)
        if person is None:
            person = Person(email=values["email"], created_at=self.at)
        registration = Registration(
            edition_id=self.edition.id,
            person=person,
            code=code,
            status=self._placed(row, wanted, values["category_id"]),
            language=_mail_language(values, self.edition),
            badge_token=tokens.new_badge_token(),
            is_sample=self.is_sample,
            created_at=self.at,
        )
        assign(registration, values, at=self.at, members=self.members)
        keep_plan(registration, answers)
        db.session.add(registration)
        self.steps.append((registration, None))
        return registration

    def _next_code(self) -> str:
        self.number += 1
        return f"{code_prefix(self.edition)}{self.number:04d}"

    def _placed(self, row: SheetRow, wanted: Status, category_id: int) -> Status:
        if not wanted.takes_a_place or self.ledger.take(category_id):
            return wanted
        message = _l("every place is taken: this registration is waitlisted instead of %(status)s", status=wanted.value)
        self.findings.warn(row.line, "status", message)
        return Status.WAITLISTED

    def _change(self, row: SheetRow, known: Registration, given: Mapping[str, Any], answers: RowPlan) -> list[str]:
        """The names of what is another now."""
        values = dict(given)
        before, category_before = known.status, known.category_id
        wanted = values.pop("status", before)
        category = values.get("category_id", category_before)
        if before.takes_a_place and (category != category_before or not wanted.takes_a_place):
            self.ledger.free(category_before)
        elif before.takes_a_place:
            known.status = wanted
        if not (before.takes_a_place and wanted.takes_a_place and category == category_before):
            known.status = self._placed(row, wanted, category)
        differing = {name: value for name, value in values.items() if getattr(known, name) != value}
        if differing:
            assign(known, differing, at=self.at, members=self.members)
        if answers:
            self._answer(known, answers)
        if known.status is not before:
            known.updated_at = self.at
            self.steps.append((known, before))
        elif differing or answers:
            fields = [*sorted(differing), *answers.columns]
            audit.record("registration.imported", known, at=self.at, by=self.by, fields=fields)
        return [*sorted(differing), *answers.columns, *(["status"] if known.status is not before else [])]

    def _answer(self, known: Registration, answers: RowPlan) -> None:
        approved = proof.fingerprint(known) if known.proof_approved_at else ""
        keep_plan(known, answers)
        known.updated_at = self.at
        if approved:
            db.session.flush()
            db.session.expire(known, ["answers"])
            if proof.fingerprint(known) != approved:
                known.proof_approved_at, known.proof_reopened_at = None, self.at

    def _note(self, added: list[Registration]) -> None:
        new = {one.id for one in added}
        for registration, before in self.steps:
            after = registration.status
            db.session.add(
                StatusChange(registration_id=registration.id, at=self.at, by=str(self.by), before=before, after=after)
            )
            audit.record(
                "registration.imported",
                registration,
                at=self.at,
                by=self.by,
                code=registration.code,
                before=before.value if before else None,
                after=after.value,
                is_new=registration.id in new,
            )
            if before is not None:
                upkeep.status_changed(registration, before, at=self.at, by=self.by)
            if before is not None and before.takes_a_place and not after.takes_a_place:
                place_lost.send(registration, at=self.at, by=self.by)


def _identity(values: Mapping[str, Any]) -> tuple[str, str]:
    return str(values.get("email") or "").lower(), typed.name_key(values)


def _values_of(one: Registration | Person) -> dict[str, Any]:
    return {name: getattr(one, name) for name in PERSON_FIELDS}


def _mail_language(values: Mapping[str, Any], edition: Edition) -> str:
    """The first language that the person listens to and that we write; else the edition's."""
    return next((code for code in values.get("languages", ()) if code in LANGUAGES), edition.main_language)

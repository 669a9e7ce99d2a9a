"""What a print run is asked for: badges, or one of the documents."""

from collections.abc import Sequence
from typing import TypedDict

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectChoice, SelectField

from retreat.agenda.models import AgendaSession
from retreat.core import dates
from retreat.core.i18n import LANGUAGES
from retreat.editions.models import Edition
from retreat.printing.service import BadgeChoice
from retreat.printing.sheets import Sheet
from retreat.registration.models import Status


class BadgeForm(FlaskForm):  # type: ignore[misc,unused-ignore]
    """Which badges, on which sheet."""

    sheet = RadioField(
        _l("Sheet"), choices=[SelectChoice(sheet.value, sheet.value) for sheet in Sheet], default=Sheet.A4_FOUR_UP
    )
    sides = RadioField(
        _l("Sides"),
        choices=[SelectChoice("one", _l("Front only")), SelectChoice("two", _l("Week on the back"))],
        default="one",
    )
    status = SelectField(
        _l("Registrations"),
        choices=[
            SelectChoice(Status.APPROVED.value, _l("Approved")),
            SelectChoice(Status.SUBMITTED.value, _l("Waiting for a decision")),
            SelectChoice(Status.WAITLISTED.value, _l("On the waiting list")),
        ],
        default=Status.APPROVED.value,
    )
    only_unprinted = BooleanField(_l("Only badges not printed before"))
    proof_approved = BooleanField(_l("Only with an approved proof"))

    def choice(self) -> BadgeChoice:
        return BadgeChoice(
            status=Status(self.status.data),
            only_unprinted=bool(self.only_unprinted.data),
            proof_approved=bool(self.proof_approved.data),
            sheet=Sheet(self.sheet.data),
            double_sided=self.sides.data == "two",
        )


class CeremonyDocument(TypedDict):
    session: str
    language: str
    with_results: bool


class CeremonyForm(FlaskForm):  # type: ignore[misc,unused-ignore]
    """Programme or diplomas of a ceremony."""

    document = RadioField(
        _l("Document"),
        choices=[SelectChoice("programme", _l("Programme")), SelectChoice("diplomas", _l("Diplomas"))],
        default="programme",
    )
    session = SelectField(_l("Ceremony"))
    language = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    results = SelectField(
        _l("Results"),
        choices=[
            SelectChoice("open", _l("With all winners")),
            SelectChoice("sealed", _l("Without what is not announced yet")),
        ],
        default="open",
    )

    def offer(self, edition: Edition, sessions: Sequence[AgendaSession]) -> "CeremonyForm":
        main = edition.main_language
        self.session.choices = [SelectChoice(session.code, session.title.text(main, main)) for session in sessions]
        if not self.is_submitted():
            self.language.data = main
        return self

    def values(self) -> CeremonyDocument:
        return CeremonyDocument(
            session=self.session.data, language=self.language.data, with_results=self.results.data == "open"
        )


class AgendaDocument(TypedDict):
    day: str
    language: str


class AgendaForm(FlaskForm):  # type: ignore[misc,unused-ignore]
    """The published agenda, of the week or of one day."""

    day = SelectField(_l("Days"))
    language = SelectField(_l("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])

    def offer(self, edition: Edition, language: str) -> "AgendaForm":
        days = [SelectChoice(day.date.isoformat(), dates.long_date(day.date, language)) for day in edition.days]
        self.day.choices = [SelectChoice("", _l("The whole week")), *days]
        if not self.is_submitted():
            self.language.data = edition.main_language
        return self

    def values(self) -> AgendaDocument:
        return AgendaDocument(day=self.day.data or "", language=self.language.data)

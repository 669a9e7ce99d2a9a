"""The form in which organisers write a question, and the question as it will be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, HiddenField, SelectField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from retreat.core.forms import TranslatedField, clean, whole_number
from retreat.core.http import language
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions.models import Edition
from retreat.registration import answers as typed
from retreat.registration.controls import Checkboxes
from retreat.registration.questions import values
from retreat.registration.questions.controls import QuestionShown, control_of, name_of, note_of, said_as, shown_one
from retreat.registration.questions.editing import OptionGiven, QuestionGiven
from retreat.registration.questions.models import Question, QuestionKind, QuestionOption

KINDS: dict[QuestionKind, Any] = {
    QuestionKind.TEXT: _l("A line of text"),
    QuestionKind.LONG_TEXT: _l("Text of several lines"),
    QuestionKind.YES_NO: _l("Yes or no"),
    QuestionKind.CHOICE: _l("One of several choices"),
    QuestionKind.CHOICES: _l("Several choices"),
    QuestionKind.NUMBER: _l("A number"),
    QuestionKind.DATE: _l("A date"),
    QuestionKind.COUNTRY: _l("A country or territory"),
    QuestionKind.PHONE: _l("A telephone number"),
    QuestionKind.FILE: _l("A file"),
}

_EMPTY_ROWS = 3
_MOST_ROWS = 100
_LONGEST_OPTION = 120
_MOST_PLACES = 1_000_000


@dataclass
class OptionRow:
    """One choice as it stands in the editor."""

    id: int | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    capacity: str = ""
    taken: int = 0
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(self.label.values())


class OptionsField(Field):
    """The choices, a row each: its text in four languages, how many may take it. An empty row is no choice."""

    rows: list[OptionRow]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[Any] = []
        self.object_data = self.data = data
        known = {one.id: one for one in data or ()}
        if formdata is None:
            self.rows = [_row_of(one) for one in data or () if one.retired_at is None]
        else:
            self.rows = [
                _typed_row(formdata, f"{self.name}-{number}", known) for number in _numbers(formdata, self.name)
            ]
        self.rows += [OptionRow() for _number in range(_EMPTY_ROWS if not self.filled else 1)]

    @property
    def filled(self) -> list[OptionRow]:
        return [row for row in self.rows if not row.is_empty]

    def move(self, number: int, step: int) -> None:
        """As a button asks that saves nothing yet."""
        self.rows = [*self.filled, *(row for row in self.rows if row.is_empty)]
        there = number + step
        if 0 <= number < len(self.rows) and 0 <= there < len(self.rows):
            self.rows[number], self.rows[there] = self.rows[there], self.rows[number]

    def add(self) -> None:
        if len(self.rows) < _MOST_ROWS:
            self.rows += [OptionRow() for _number in range(_EMPTY_ROWS)]

    def pre_validate(self, form: Any) -> None:
        for row in self.filled:
            row.error = _row_error(row)
        if any(row.error for row in self.rows):
            raise StopValidation(_("Correct the choices that are marked."))

    def given(self) -> list[OptionGiven]:
        return [
            OptionGiven(id=row.id, label=Translated(row.label), capacity=whole_number(row.capacity))
            for row in self.filled
        ]


def _numbers(formdata: Any, name: str) -> list[int]:
    found = {key.split("-")[1] for key in formdata if key.startswith(f"{name}-")}
    return sorted(int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 4)[:_MOST_ROWS]


def _row_of(option: QuestionOption) -> OptionRow:
    capacity = "" if option.capacity is None else str(option.capacity)
    return OptionRow(option.id, dict(option.label), capacity, option.taken)


def _typed_row(formdata: Any, prefix: str, known: Mapping[int, QuestionOption]) -> OptionRow:
    number = whole_number(formdata.get(f"{prefix}-id")) or 0
    label = {code: clean(formdata.get(f"{prefix}-{code}")) for code in LANGUAGES}
    capacity = clean(formdata.get(f"{prefix}-capacity"))
    return OptionRow(
        number if number in known else None, label, capacity, known[number].taken if number in known else 0
    )


def _row_error(row: OptionRow) -> str:
    for text in row.label.values():
        _cleaned, problem = typed.cleaned(text, _LONGEST_OPTION)
        if problem is not None:
            return str(problem)
    capacity = whole_number(row.capacity)
    if row.capacity and (capacity is None or capacity > _MOST_PLACES):
        return _("Write the number of people as digits, or nothing for no limit.")
    return ""


class QuestionForm(FlaskForm):
    """One question as organisers write it."""

    label = TranslatedField(_l("Question"), needed=True, longest=300)
    hint = TranslatedField(_l("Hint below it"), longest=600, multiline=True)
    kind = SelectField(_l("Kind of answer"))
    options = OptionsField(_l("Choices"))
    is_required = BooleanField(_l("Whoever is asked must answer"))
    categories = Checkboxes(_l("Asked of"), validate_choice=False)
    shown_if = SelectField(_l("Shown only if this question is answered"), validate_choice=False)
    shown_values = Checkboxes(_l("… with one of these answers"), validate_choice=False)
    is_on_badge = BooleanField(
        _l("Print the answer on the badge"),
        description=_l(
            "A small line under the organisation. Whoever has approved the badge is asked to read it again."
        ),
    )
    is_in_list = BooleanField(_l("Show the answer in the list of registrations"))
    version = HiddenField()

    def __init__(self, edition: Edition, earlier: Sequence[Question], question: Question | None = None) -> None:
        self.edition, self.earlier, self.question = edition, earlier, question
        super().__init__(data=_data_of_question(question))
        spoken, main = language(), edition.main_language
        self.kind.choices = [(kind.value, str(name)) for kind, name in KINDS.items()]
        self._categories = {one.slug: one for one in edition.categories}
        self.categories.choices = [(one.slug, one.name.text(spoken, main)) for one in edition.categories]
        labels = [(str(one.id), one.label.text(spoken, main)) for one in earlier]
        self.shown_if.choices = [("", _("Always")), *labels]
        self.groups = [
            (one, [(f"{one.id}:{value}", said_as(one, value, main)) for value in _values_of(one)]) for one in earlier
        ]
        self.shown_values.choices = [choice for _one, choices in self.groups for choice in choices]

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.kind.data in {kind.value for kind in QuestionKind if kind.has_options}:
            if not self.options.filled:
                self.options.errors = [_("Write at least one choice.")]
        else:
            self.options.errors = []
        return not self.errors

    def given(self) -> QuestionGiven:
        on = self.shown_if.data or ""
        shown_if = next((one for one in self.earlier if str(one.id) == on), None)
        prefix = f"{on}:"
        values_said = [one.removeprefix(prefix) for one in self.shown_values.data or () if one.startswith(prefix)]
        return QuestionGiven(
            kind=QuestionKind(self.kind.data),
            label=self.label.data,
            hint=self.hint.data,
            is_required=bool(self.is_required.data),
            categories=[self._categories[slug] for slug in self.categories.data or () if slug in self._categories],
            shown_if_id=shown_if.id if shown_if else None,
            shown_if_values=values_said if shown_if else [],
            is_on_badge=bool(self.is_on_badge.data),
            is_in_list=bool(self.is_in_list.data),
            options=self.options.given(),
        )


def _values_of(question: Question) -> list[str]:
    if question.kind is QuestionKind.YES_NO:
        return [values.YES, values.NO]
    return [one.slug for one in question.options if one.retired_at is None]


def _data_of_question(question: Question | None) -> dict[str, Any]:
    if question is None:
        return {"kind": QuestionKind.TEXT.value}
    return {
        "label": question.label,
        "hint": question.hint,
        "kind": question.kind.value,
        "options": question.options,
        "is_required": question.is_required,
        "categories": [one.slug for one in question.categories],
        "shown_if": str(question.shown_if_id or ""),
        "shown_values": [f"{question.shown_if_id}:{value}" for value in question.shown_if_values],
        "is_on_badge": question.is_on_badge,
        "is_in_list": question.is_in_list,
        "version": question.version,
    }


class CopyForm(FlaskForm):
    """Which edition's questions to take over."""

    source = SelectField(_l("Copy the questions of"), validate_choice=False)


class _Preview(Form):
    """A form of one question, to be looked at."""


def preview(form: QuestionForm) -> QuestionShown:
    """The question as the registration form will show it, from what is typed so far; nothing of it is kept."""
    main = form.edition.main_language
    known = form.kind.data in {kind.value for kind in QuestionKind}
    given = form.given() if known else QuestionGiven(kind=QuestionKind.TEXT, label=form.label.data)
    taken = {row.id: row.taken for row in form.options.rows if row.id}
    question = Question(
        slug="preview",
        kind=given.kind,
        label=given.label or Translated({main: _("Your question")}),
        hint=given.hint,
        is_required=given.is_required,
        shown_if_id=given.shown_if_id,
        shown_if_values=list(given.shown_if_values),
        options=[
            QuestionOption(slug=f"o{number}", label=one.label, capacity=one.capacity, taken=taken.get(one.id or 0, 0))
            for number, one in enumerate(given.options)
        ],
    )
    page = _Preview()
    BaseForm.__setitem__(page, name_of(question), control_of(question, main))
    page[name_of(question)].process(None)
    other = next((one for one in form.earlier if one.id == given.shown_if_id), None)
    shown_now = shown_one(question, other, page[name_of(question)], main)
    return shown_now._replace(note=note_of(question, other, main, categories=given.categories))

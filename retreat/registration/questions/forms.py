"""The questions of an edition as ordinary controls of the registration form, and the form that they are written in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, FileField, Form, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from retreat.core.errors import RetreatError
from retreat.core.forms import TranslatedField, clean, whole_number
from retreat.core.http import language
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.stored import FileValues
from retreat.core.uploads import ACCEPTED, LARGEST, checked
from retreat.editions.models import Category, Edition
from retreat.registration import answers as typed
from retreat.registration import controls
from retreat.registration.questions import values
from retreat.registration.questions.editing import OptionGiven, QuestionGiven
from retreat.registration.questions.models import Answer, Question, QuestionKind, QuestionOption
from retreat.registration.questions.replies import Replies, Reply

_MOST_BUTTONS = 8
"""Of a choice with more options, the control is a list to open."""


class AnswerControl(Protocol):
    """A control that knows what was answered."""

    def reply(self) -> Reply: ...


class LineAnswer(controls.Line):
    def reply(self) -> Reply:
        return Reply(text=self.data or "")


class ParagraphAnswer(controls.Paragraph):
    def reply(self) -> Reply:
        return Reply(text=self.data or "")


class PhoneAnswer(controls.Phone):
    def reply(self) -> Reply:
        return Reply(text=self.data or "")


class NumberAnswer(controls.Line):
    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and values.number(self.data) is None:
            raise StopValidation(_("Write a number, for example 12 or 12.5"))

    def reply(self) -> Reply:
        return Reply(text=values.number(self.data or "") or "")


class DayAnswer(controls.Day):
    def reply(self) -> Reply:
        return Reply(text=self.data.isoformat() if self.data else "")


class CountryAnswer(controls.Line):
    """Any text; a country that is known is kept by its code and shown in the language of whoever reads."""

    def reply(self) -> Reply:
        return Reply(text=values.country(self.data or ""))


class OneAnswer(RadioField):
    """Yes or no, or one of a few choices."""

    is_yes_no = False

    def __init__(self, *args: Any, is_yes_no: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, validate_choice=False, **kwargs)
        self.is_yes_no = is_yes_no

    def pre_validate(self, form: Any) -> None:
        _check_known(self, [self.data] if self.data else [])

    def reply(self) -> Reply:
        said = self.data or ""
        return Reply(text=said) if self.is_yes_no else Reply(options=frozenset({said} - {""}))


class ListAnswer(SelectField):
    """One of many choices."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validate_choice=False, **kwargs)

    def pre_validate(self, form: Any) -> None:
        _check_known(self, [self.data] if self.data else [])

    def reply(self) -> Reply:
        return Reply(options=frozenset({self.data or ""} - {""}))


class SeveralAnswers(controls.Checkboxes):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validate_choice=False, **kwargs)

    def pre_validate(self, form: Any) -> None:
        _check_known(self, self.data or [])

    def reply(self) -> Reply:
        return Reply(options=frozenset(self.data or ()))


def _check_known(field: Any, said: Iterable[str]) -> None:
    if set(said) - {option.data for option in field}:
        raise StopValidation(_("Choose one of the answers that are offered"))


class FileAnswer(FileField):
    """A file is checked as it comes in; the one that is there stays unless another comes or it is taken away."""

    data: Any

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.kept: str = data if isinstance(data, str) else ""
        self.file: FileValues | None = None
        self.refusal: RetreatError | None = None
        self.is_removed = bool(formdata and formdata.get(f"{self.name}_remove"))
        super().process(formdata, data, extra_filters)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        sent = next((one for one in valuelist if getattr(one, "filename", "")), None)
        if sent is None:
            return
        try:
            self.file = checked(sent.read(LARGEST + 1), sent.filename)
        except RetreatError as refusal:
            self.refusal = refusal
        finally:
            # A large one waits in a temporary file.
            sent.close()

    def pre_validate(self, form: Any) -> None:
        if self.refusal is not None:
            raise StopValidation(self.refusal.message)

    @property
    def has_to_be_sent_again(self) -> bool:
        """Nothing is wrong with the file, but the page comes back and a browser does not send it twice."""
        return self.file is not None

    def reply(self) -> Reply:
        if self.file is not None:
            return Reply(file=self.file)
        return Reply(keeps_file=bool(self.kept) and not self.is_removed)


class QuestionShown(NamedTuple):
    """A question as the form shows it."""

    question: Question
    field: Field
    macro: str
    """Of templates/registration/_questions.html."""
    note: str
    """Who is asked, for those whose browser does not hide it."""
    categories: str
    """Slugs, for the browser."""
    condition: str
    """The name of the other control."""
    values: str


_MACROS = {
    QuestionKind.LONG_TEXT: "paragraph",
    QuestionKind.YES_NO: "choices",
    QuestionKind.CHOICES: "choices",
    QuestionKind.FILE: "upload",
    QuestionKind.COUNTRY: "country",
    QuestionKind.NUMBER: "number",
}


def name_of(question: Question) -> str:
    """Of the control, and of the column in a file."""
    return f"q_{question.slug}"


def control_of(question: Question, main: str, answer: Answer | None = None, *, is_needed: bool = True) -> UnboundField:
    """The control that asks a question; with `is_needed` one that everybody must answer says so."""
    spoken = language()
    is_required = question.is_required and is_needed
    given: dict[str, Any] = {
        "label": question.label.text(spoken, main),
        "description": question.hint.text(spoken, main),
        "render_kw": {"required": True} if is_required and _asks_everybody(question) else None,
    }
    if question.kind is QuestionKind.YES_NO or question.kind.has_options:
        return _choosing(question, main, set(answer.options) if answer else set(), given, is_required=is_required)
    if question.kind is QuestionKind.FILE:
        given["render_kw"] = {**(given["render_kw"] or {}), "accept": ACCEPTED, "data_largest": str(LARGEST)}
        return UnboundField(FileAnswer, **given)
    if question.kind is QuestionKind.DATE:
        return UnboundField(DayAnswer, **given)
    return UnboundField(_LINES[question.kind], longest=values.LONGEST[question.kind], **given)


_LINES: dict[QuestionKind, type[controls.Line]] = {
    QuestionKind.TEXT: LineAnswer,
    QuestionKind.LONG_TEXT: ParagraphAnswer,
    QuestionKind.PHONE: PhoneAnswer,
    QuestionKind.NUMBER: NumberAnswer,
    QuestionKind.COUNTRY: CountryAnswer,
}


def _choosing(
    question: Question, main: str, ticked: set[QuestionOption], given: dict[str, Any], *, is_required: bool
) -> UnboundField:
    is_yes_no = question.kind is QuestionKind.YES_NO
    choices: Sequence[Any] = [SelectChoice(values.YES, _("Yes")), SelectChoice(values.NO, _("No"))]
    if not is_yes_no:
        choices = _choices(question, main, ticked)
    if question.kind is QuestionKind.CHOICES:
        return UnboundField(SeveralAnswers, choices=choices, **{**given, "render_kw": None})
    if len(choices) > _MOST_BUTTONS:
        return UnboundField(ListAnswer, choices=[SelectChoice("", _("Choose")), *choices], **given)
    # Radio buttons cannot be unpressed: where nothing need be said, a button says that.
    no_answer = [] if is_required else [SelectChoice("", _("No answer"))]
    default = "" if no_answer else None
    return UnboundField(OneAnswer, choices=[*choices, *no_answer], default=default, is_yes_no=is_yes_no, **given)


def _choices(question: Question, main: str, ticked: set[QuestionOption]) -> list[SelectChoice]:
    """What can be chosen, with how many places are left; what this person has already stays theirs."""
    spoken = language()
    return [
        SelectChoice(
            one.slug,
            _with_places(one, one.label.text(spoken, main)),
            render_kw=_FULL if _left(one) == 0 and one not in ticked else None,
        )
        for one in question.options
        if one.retired_at is None or one in ticked
    ]


_FULL = {"disabled": True, "data_full": "yes"}


def _left(option: QuestionOption) -> int | None:
    return None if option.capacity is None else max(0, option.capacity - option.taken)


def _with_places(option: QuestionOption, label: str) -> str:
    left = _left(option)
    if left is None:
        return label
    if not left:
        return _("%(choice)s (no place left)", choice=label)
    return ngettext("%(choice)s (%(num)d place left)", "%(choice)s (%(num)d places left)", left, choice=label)


def _asks_everybody(question: Question) -> bool:
    return question.shown_if_id is None and not question.categories


def data_of(answers: Mapping[int, Answer], questions: Iterable[Question]) -> dict[str, Any]:
    """What a form shows of the answers that are there, by the names of the controls."""
    return {name_of(one): _data(answers[one.id]) for one in questions if one.id in answers}


def _data(answer: Answer) -> Any:
    match answer.question.kind:
        case QuestionKind.CHOICES:
            return [one.slug for one in answer.options]
        case QuestionKind.CHOICE:
            return answer.options[0].slug if answer.options else ""
        case QuestionKind.FILE:
            return answer.file.file_name if answer.file else ""
        case QuestionKind.DATE:
            return date.fromisoformat(answer.text) if answer.text else None
        case QuestionKind.COUNTRY:
            return values.country_name(answer.text, language())
        case _text:
            return answer.text


def shown(questions: Sequence[Question], form: Mapping[str, Field] | Any, main: str) -> list[QuestionShown]:
    """The questions as the form shows them, each with a sentence about who is asked."""
    by_id = {one.id: one for one in questions}
    return [_shown(one, by_id.get(one.shown_if_id or 0), form[name_of(one)], main) for one in questions]


def _shown(question: Question, other: Question | None, field: Field, main: str) -> QuestionShown:
    macro = "choices" if isinstance(field, OneAnswer) else _MACROS.get(question.kind, "field")
    return QuestionShown(
        question,
        field,
        macro,
        _note(question, other, main),
        " ".join(category.slug for category in question.categories),
        name_of(other) if other else "",
        " ".join(question.shown_if_values),
    )


def _note(question: Question, other: Question | None, main: str, categories: Sequence[Category] | None = None) -> str:
    """Whole sentences: what a browser without JavaScript cannot hide, the reader leaves out."""
    spoken, said = language(), []
    if asked_of := question.categories if categories is None else categories:
        names = ", ".join(category.name.text(spoken, main) for category in asked_of)
        said.append(_("Only for those who take part as: %(categories)s.", categories=names))
    if other is not None:
        label = other.label.text(spoken, main)
        answers = [_said(other, value, main) for value in question.shown_if_values]
        if answers:
            wanted = _(" or ").join(f"“{answer}”" for answer in answers)
            said.append(_("Only if the answer to “%(question)s” is %(answers)s.", question=label, answers=wanted))
        else:
            said.append(_("Only if “%(question)s” is answered.", question=label))
    return " ".join(said)


def _said(question: Question, value: str, main: str) -> str:
    if question.kind is QuestionKind.YES_NO:
        return _("Yes") if value == values.YES else _("No")
    option = next((one for one in question.options if one.slug == value), None)
    return option.label.text(language(), main) if option else value


def replies_of(questions: Sequence[Question], form: Any) -> Replies:
    """What the form says to each question."""
    given = {one.slug: cast("AnswerControl", form[name_of(one)]).reply() for one in questions}
    return Replies(tuple(questions), given)


def judge(questions: Sequence[Question], form: Any, category_id: int | None, *, is_needed: bool) -> None:
    """A question that is not asked has no wrong answer; one that is asked and required needs one."""
    replies = replies_of(questions, form)
    asked = replies.asked(category_id)
    for question in questions:
        field = form[name_of(question)]
        if question.id not in asked:
            field.errors = []
        elif is_needed and question.is_required and not replies.of(question).said and not field.errors:
            field.errors = [_NEEDED.get(question.kind, _l("Answer this question"))]


_NEEDED: dict[QuestionKind, Any] = {
    QuestionKind.CHOICE: _l("Choose one of the answers"),
    QuestionKind.YES_NO: _l("Choose yes or no"),
    QuestionKind.CHOICES: _l("Choose at least one of the answers"),
    QuestionKind.FILE: _l("Choose a file"),
}


def refuse_full(form: Any, options: Iterable[QuestionOption], main: str) -> None:
    """Say beside the question which choice somebody else has just taken."""
    for option in options:
        field = form[name_of(option.question)]
        label = option.label.text(language(), main)
        field.errors = [*field.errors, _("No place is left for “%(choice)s”. Choose something else.", choice=label)]


# The organisers' own form ------------------------------------------------------------------------------------------

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
    categories = controls.Checkboxes(_l("Asked of"), validate_choice=False)
    shown_if = SelectField(_l("Shown only if this question is answered"), validate_choice=False)
    shown_values = controls.Checkboxes(_l("… with one of these answers"), validate_choice=False)
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
            (one, [(f"{one.id}:{value}", _said(one, value, main)) for value in _values_of(one)]) for one in earlier
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
    shown_now = _shown(question, other, page[name_of(question)], main)
    return shown_now._replace(note=_note(question, other, main, categories=given.categories))


def notes_of(questions: Sequence[Question], main: str) -> dict[int, str]:
    """Of whom each is asked, as a sentence; empty is everybody."""
    by_id = {one.id: one for one in questions}
    return {one.id: _note(one, by_id.get(one.shown_if_id or 0), main) for one in questions}

"""The questions of an edition as ordinary controls of the registration form."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import Field, FileField, RadioField, SelectChoice, SelectField
from wtforms.fields.core import UnboundField
from wtforms.validators import StopValidation

from retreat.core.errors import RetreatError
from retreat.core.http import language
from retreat.core.stored import FileValues
from retreat.core.uploads import ACCEPTED, LARGEST, checked
from retreat.editions.models import Category
from retreat.registration import controls
from retreat.registration.questions import values
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
    return [shown_one(one, by_id.get(one.shown_if_id or 0), form[name_of(one)], main) for one in questions]


def shown_one(question: Question, other: Question | None, field: Field, main: str) -> QuestionShown:
    macro = "choices" if isinstance(field, OneAnswer) else _MACROS.get(question.kind, "field")
    return QuestionShown(
        question,
        field,
        macro,
        note_of(question, other, main),
        " ".join(category.slug for category in question.categories),
        name_of(other) if other else "",
        " ".join(question.shown_if_values),
    )


def note_of(question: Question, other: Question | None, main: str, categories: Sequence[Category] | None = None) -> str:
    """Whole sentences: what a browser without JavaScript cannot hide, the reader leaves out."""
    spoken, said = language(), []
    if asked_of := question.categories if categories is None else categories:
        names = ", ".join(category.name.text(spoken, main) for category in asked_of)
        said.append(_("Only for those who take part as: %(categories)s.", categories=names))
    if other is not None:
        label = other.label.text(spoken, main)
        answers = [said_as(other, value, main) for value in question.shown_if_values]
        if answers:
            wanted = _(" or ").join(f"“{answer}”" for answer in answers)
            said.append(_("Only if the answer to “%(question)s” is %(answers)s.", question=label, answers=wanted))
        else:
            said.append(_("Only if “%(question)s” is answered.", question=label))
    return " ".join(said)


def notes_of(questions: Sequence[Question], main: str) -> dict[int, str]:
    """Of whom each is asked, as a sentence; empty is everybody."""
    by_id = {one.id: one for one in questions}
    return {one.id: note_of(one, by_id.get(one.shown_if_id or 0), main) for one in questions}


def said_as(question: Question, value: str, main: str) -> str:
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

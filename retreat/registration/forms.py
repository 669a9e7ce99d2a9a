"""The registration form: the columns of the registrations file as controls, and nothing that is not needed."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, ValidationError

from retreat.core.forms import whole_number
from retreat.core.http import language
from retreat.core.i18n import LANGUAGES
from retreat.editions.models import Category, Edition
from retreat.network.models import Section
from retreat.network.service import section_named
from retreat.registration import answers as typed
from retreat.registration.controls import Checkboxes, Day, Email, Line, Paragraph, Phone, WallTime
from retreat.registration.models import ConsentText, Gender, Registration
from retreat.registration.questions import controls as asking
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.questions.models import Question, QuestionKind
from retreat.registration.questions.replies import Replies
from retreat.registration.questions.service import answers_of, current_questions
from retreat.registration.questions.values import countries
from retreat.registration.service import Answers

INTERPRETATION = ("en", "fr", "es", "ar", "ru", "tr", "zh", "pt")
"""Languages that are offered to listen to; a file may bring others."""

SCRIPTS = (
    *("am", "ar", "az", "be", "bg", "bn", "el", "fa", "he", "hi", "hy", "id", "ja", "ka", "kk", "km", "ko", "ky"),
    *("lo", "mk", "mn", "ms", "my", "ne", "ru", "si", "sr", "ta", "tg", "th", "ti", "tk", "tr", "tt", "uk", "ur"),
    *("uz", "vi", "zh"),
)
"""Languages of names in another script, or in the Latin letters of their own."""


GENDERS: dict[str, Any] = {
    Gender.WOMAN.value: _l("Woman"),
    Gender.MAN.value: _l("Man"),
    Gender.ANOTHER.value: _l("Another answer"),
}


class AnswersForm(FlaskForm):
    """What the person, the assistant and the secretariat all fill in."""

    category = SelectField(_l("Taking part as"), validate_choice=False)
    email = Email(_l("E-mail"), [DataRequired(_l("Enter an e-mail address"))])
    honorific = Line(_l("Title before the name"))
    given_name = Line(_l("Given name"))
    family_name = Line(_l("Family name"))
    badge_name = Line(_l("Name on the badge"))
    native_name = Line(_l("Name in your own script"))
    native_language = SelectField(_l("Its language"), validate_choice=False)
    position = Line(_l("Position"))
    organisation = Line(_l("City, region or organisation"))
    city = Line(_l("City"))
    country = Line(_l("Country or territory"))
    section = SelectField(_l("Section of UCLG"), validate_choice=False)
    languages = Checkboxes(_l("Interpretation you listen to"), validate_choice=False)
    phone = Phone(_l("Telephone"))
    arrival = Day(_l("Day of arrival"))
    arrival_time = WallTime(_l("Time of arrival"))
    arrival_flight = Line(_l("Flight or train of arrival"))
    departure = Day(_l("Day of departure"))
    departure_time = WallTime(_l("Time of departure"))
    departure_flight = Line(_l("Flight or train of departure"))
    hotel = Line(_l("Hotel"))
    companion = Line(_l("Companion"))
    diet = Paragraph(_l("Diet"))
    access_needs = Paragraph(_l("Access needs"))
    visa_letter = BooleanField(_l("A visa letter is needed"), false_values=(False, "", "false", "no", "0"))
    gender = SelectField(_l("Woman or man"), validate_choice=False)
    is_shown = BooleanField(
        _l("I agree to be named on the participants’ page"), false_values=(False, "", "false", "no", "0")
    )
    version = HiddenField()

    needs_answers = True
    """Whether a question that is required must be answered here."""

    def __init__(
        self,
        edition: Edition,
        categories: Sequence[Category],
        sections: Sequence[Section],
        registration: Registration | None = None,
        **kwargs: Any,
    ) -> None:
        self._main = edition.main_language
        self._questions = current_questions(edition)
        known = registration is not None and self._questions
        self._known = answers_of([registration])[registration.id] if registration and known else {}
        self._categories = {category.slug: category for category in categories}
        self._sections = {section.slug: section for section in sections}
        data = {**_data_of(registration), **asking.data_of(self._known, self._questions)} if registration else None
        super().__init__(data=data, **kwargs)
        spoken = language()
        self.category.choices = [(one.slug, one.name.text(spoken, edition.main_language)) for one in categories]
        letters = {one.slug: one.letter for one in categories}
        self.category.render_kw = {"data_letters": json.dumps(letters)}
        self.section.choices = [("", _("None, or I do not know"))]
        self.section.choices += [(one.slug, one.name.text(spoken, edition.main_language)) for one in sections]
        kept = registration.native_language if registration else ""
        self.native_language.choices = [("", _("Choose")), *_named({*SCRIPTS, kept} - {""}, spoken)]
        extra = [code for code in (registration.languages if registration else ()) if code not in INTERPRETATION]
        self.languages.choices = [(code, _own_name(code)) for code in (*INTERPRETATION, *extra)]
        self.gender.choices = [("", _("No answer")), *GENDERS.items()]
        self._kept_gender = registration.gender if registration else None
        self._kept_is_shown = bool(registration and registration.is_shown)
        if not edition.are_participants_shown:
            del self.is_shown
        if self.category.data not in self._categories and not self.category.raw_data:
            self.category.data = next(iter(self._categories), None)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """The edition's own questions are controls like all others, made before anything is read into them."""
        for question in self._questions:
            answer = self._known.get(question.id)
            control = asking.control_of(question, self._main, answer, is_needed=self.needs_answers)
            BaseForm.__setitem__(self, asking.name_of(question), control)
        super().process(*args, **kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        chosen = self._categories.get(self.category.data)
        asking.judge(self._questions, self, chosen.id if chosen else None, is_needed=self.needs_answers)
        return not self.errors

    def replies(self) -> Replies:
        """What was said to the edition's own questions."""
        return asking.replies_of(self._questions, self)

    def refuse_full(self, refusal: ChoiceFull) -> None:
        """Say beside the questions that somebody else was quicker."""
        asking.refuse_full(self, refusal.options, self._main)

    @property
    def question_names(self) -> list[str]:
        return [asking.name_of(one) for one in self._questions]

    @property
    def questions(self) -> list[asking.QuestionShown]:
        return asking.shown(self._questions, self, self._main)

    files_at: Callable[[str], str] | None = None
    """Where the file that answers a question can be read, by the question's slug; set by a page that shows them."""

    def file_address(self, question: Question) -> str:
        is_there = self.files_at is not None and question.id in self._known
        return self.files_at(question.slug) if self.files_at and is_there else ""

    @property
    def countries(self) -> list[str]:
        return countries(language())

    @property
    def has_files(self) -> bool:
        """Then the form is sent in parts."""
        return any(one.kind is QuestionKind.FILE for one in self._questions)

    def validate_category(self, field: SelectField) -> None:
        if field.data not in self._categories:
            raise ValidationError(_("Choose one of the categories of this edition"))

    def validate_section(self, field: SelectField) -> None:
        if not field.data or field.data in self._sections:
            return
        # By its name as well, as the file has it.
        named = section_named(field.data, self._sections.values())
        if named is None:
            raise ValidationError(_("Choose one of the Sections"))
        field.data = named.slug

    def validate_native_language(self, field: SelectField) -> None:
        if field.data and not typed.LANGUAGE_CODE.match(field.data):
            raise ValidationError(_("Choose one of the languages"))

    def validate_languages(self, field: SelectMultipleField) -> None:
        field.data = [code for entry in field.data or () for code in entry.lower().replace(";", " ").split()]
        if any(not typed.LANGUAGE_CODE.match(code) for code in field.data):
            raise ValidationError(_("Choose one of the languages"))

    def validate_given_name(self, field: Line) -> None:
        if not any(self[name].data for name in typed.NAMES):
            raise ValidationError(_("Enter a name: one is enough"))

    def validate_departure(self, field: Day) -> None:
        if field.data and self.arrival.data and field.data < self.arrival.data:
            raise ValidationError(_("The departure comes before the arrival"))

    def validate_arrival_time(self, field: WallTime) -> None:
        if field.data and not self.arrival.data and not self.arrival.errors:
            raise ValidationError(_("Enter the day of arrival as well"))

    def validate_departure_time(self, field: WallTime) -> None:
        if not field.data:
            return
        if not self.departure.data:
            raise ValidationError(_("Enter the day of departure as well"))
        if self.departure.data == self.arrival.data and self.arrival_time.data and field.data < self.arrival_time.data:
            raise ValidationError(_("The departure comes before the arrival"))

    def validate_gender(self, field: SelectField) -> None:
        if field.data and field.data not in GENDERS:
            raise ValidationError(_("Choose one of the answers"))

    def values(self) -> Answers:
        section = self._sections.get(self.section.data or "")
        return Answers(
            honorific=self.honorific.data or "",
            given_name=self.given_name.data or "",
            family_name=self.family_name.data or "",
            badge_name=self.badge_name.data or "",
            native_name=self.native_name.data or "",
            native_language=(self.native_language.data or "") if self.native_name.data else "",
            position=self.position.data or "",
            organisation=self.organisation.data or "",
            city=self.city.data or "",
            country=self.country.data or "",
            section_id=section.id if section else None,
            category_id=self._categories[self.category.data].id,
            email=self.email.data or "",
            phone=self.phone.data or "",
            languages=list(dict.fromkeys(self.languages.data or ())),
            arrival=self.arrival.data,
            arrival_time=self.arrival_time.data,
            arrival_flight=self.arrival_flight.data or "",
            departure=self.departure.data,
            departure_time=self.departure_time.data,
            departure_flight=self.departure_flight.data or "",
            hotel=self.hotel.data or "",
            companion=self.companion.data or "",
            diet=self.diet.data or "",
            access_needs=self.access_needs.data or "",
            visa_letter=bool(self.visa_letter.data),
            gender=self._chosen_gender,
            is_shown=bool(self.is_shown.data) if self.is_shown else self._kept_is_shown,
        )

    @property
    def _chosen_gender(self) -> Gender | None:
        if not self.gender:
            return self._kept_gender
        return Gender(self.gender.data) if self.gender.data else None

    @property
    def printed_name(self) -> str:
        """As on the badge when given, else given and family name in that order."""
        parts = (self.given_name.data, self.family_name.data)
        return self.badge_name.data or " ".join(part for part in parts if part)

    @property
    def badge_lines(self) -> typed.BadgeLines:
        """For the preview."""
        return typed.badge_lines(
            self.printed_name, self.family_name.data or "", self.native_name.data or "", self.native_language.data or ""
        )

    @property
    def chosen_category(self) -> Category | None:
        """Whose colour and letter the badge preview takes."""
        return self._categories.get(self.category.data) or next(iter(self._categories.values()), None)


class RegisterForm(AnswersForm):
    """The public form."""

    for_someone_else = BooleanField(_l("I am filling this in for someone else"))
    filled_by_name = Line(_l("Your own name"))
    filled_by_email = Email(_l("Your own e-mail"))
    consent = BooleanField(
        _l("The person agrees that UCLG keeps these answers for the Retreat"),
        [DataRequired(_l("Without this consent we cannot keep the registration"))],
    )
    consent_number = HiddenField()
    """The version of the text that was shown; 0 is the built-in sentence."""
    submission_key = HiddenField()
    consent_text: ConsentText | None = None

    def show_consent(self, text: ConsentText | None) -> None:
        """The text of today; whoever ticked an earlier one is asked again."""
        self.consent_text, number = text, str(text.number if text else 0)
        if text is not None:
            self.consent.label.text = _l("The person has read this text and agrees to it")
        if self.consent_number.data and self.consent_number.data != number:
            self.consent.data = False
        self.consent_number.data = number

    @property
    def agreed_number(self) -> int | None:
        return whole_number(self.consent_number.data)

    def validate_filled_by_name(self, field: Line) -> None:
        if self.for_someone_else.data and not field.data:
            raise ValidationError(_("Enter your own name"))

    def validate_submission_key(self, field: HiddenField) -> None:
        field.data = (field.data or "")[:64].replace("\x00", "")

    @property
    def filled_by(self) -> tuple[str, str]:
        """Name and e-mail of the assistant; empty when the person fills the form in."""
        name, email = self.filled_by_name.data or "", self.filled_by_email.data or ""
        return name, email


class SecretariatForm(AnswersForm):
    """The organisers' own: every category, and the language of the mails.

    Not whether somebody is a woman or a man: that is the person's to say, and nobody here reads it. A question that
    people must answer may stay open here: a misspelt name is put right without asking them first.
    """

    needs_answers = False

    language = SelectField(_l("Language of the mails"), validate_choice=False)

    def __init__(
        self,
        edition: Edition,
        categories: Sequence[Category],
        sections: Sequence[Section],
        registration: Registration | None = None,
    ) -> None:
        super().__init__(edition, categories, sections, registration)
        del self.gender
        if self.is_shown:
            self.is_shown.label.text = _("The person agrees to be named on the participants’ page")
        self.language.choices = list(LANGUAGES.items())
        if self.language.data not in LANGUAGES:
            self.language.data = registration.language if registration else edition.main_language


class EmailForm(FlaskForm):
    """Only an address: for a link that was lost."""

    email = Email(_l("E-mail"), [DataRequired(_l("Enter an e-mail address"))])


class ButtonForm(FlaskForm):
    """A button: nothing but its token."""


def _data_of(registration: Registration) -> dict[str, Any]:
    return {
        **{name: getattr(registration, name) for name in (*typed.LONGEST, "native_language", "languages", "language")},
        **{
            name: getattr(registration, name) for name in ("arrival", "departure", "visa_letter", "is_shown", "version")
        },
        **{name: getattr(registration, name) for name in ("arrival_time", "departure_time")},
        "gender": registration.gender.value if registration.gender else "",
        "category": registration.category.slug,
        "section": registration.section.slug if registration.section else "",
    }


@cache
def _own_name(code: str) -> str:
    """What a language calls itself."""
    name = Locale.parse(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


def _named(codes: Iterable[str], spoken: str) -> list[tuple[str, str]]:
    names = Locale.parse(spoken).languages
    named = [(code, names.get(code, code)) for code in codes]
    return sorted(((code, name[:1].upper() + name[1:]) for code, name in named), key=lambda pair: pair[1])

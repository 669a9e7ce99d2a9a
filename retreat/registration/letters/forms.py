"""Passport data, what a letter is issued with, who signs, and the question whether a letter is ours."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from retreat.core.forms import Printable, TranslatedField, clean_line
from retreat.core.i18n import LANGUAGES
from retreat.registration import controls
from retreat.registration.controls import Day
from retreat.registration.letters.facts import Costs
from retreat.registration.letters.models import Signatory
from retreat.registration.letters.passport import PassportData, Problem
from retreat.registration.letters.signatories import MOST_BYTES

_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{2,18})[A-Z0-9]\Z")


class Line(controls.Line):
    """A line of a passport; how long one may be does not hang on its name here."""

    def __init__(self, *args: Any, longest: int = 100, **kwargs: Any) -> None:
        super().__init__(*args, longest=longest, **kwargs)


class PassportForm(FlaskForm):
    """The page of the passport that has the photograph, field by field."""

    family_name = Line(_l("Surname"), description=_l("Exactly as in the passport, in Latin letters"))
    given_names = Line(_l("Given names"), description=_l("All of them, exactly as in the passport"))
    number = Line(_l("Passport number"), [DataRequired(_l("Enter the number of the passport"))], longest=30)
    nationality = Line(_l("Nationality"), [DataRequired(_l("Enter the nationality as the passport names it"))])
    born_on = Day(_l("Date of birth"), [InputRequired(_l("Enter the date of birth"))])
    born_in = Line(_l("Place of birth"))
    issued_on = Day(_l("Date of issue"), [InputRequired(_l("Enter the day on which the passport was issued"))])
    expires_on = Day(_l("Date of expiry"), [InputRequired(_l("Enter the day on which the passport ends"))])
    applies_in = Line(
        _l("City of the consulate"),
        [DataRequired(_l("Enter the city in which the visa is applied for"))],
        description=_l("Where the visa is applied for; the letter is addressed to it"),
    )

    def __init__(self, data: PassportData | None = None) -> None:
        super().__init__(obj=data)

    def validate_number(self, field: Line) -> None:
        field.data = unicodedata.normalize("NFKC", field.data or "").upper()
        if not _NUMBER.match(field.data):
            raise ValidationError(_l("Enter the number as it is printed: Latin letters and digits only"))

    def values(self) -> PassportData:
        return PassportData(
            family_name=self.family_name.data or "",
            given_names=self.given_names.data or "",
            number=self.number.data or "",
            nationality=self.nationality.data or "",
            born_on=_day(self.born_on),
            born_in=self.born_in.data or "",
            issued_on=_day(self.issued_on),
            expires_on=_day(self.expires_on),
            applies_in=self.applies_in.data or "",
        )

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Say at each field what the rules say of it."""
        for problem in problems:
            self[problem.field].errors = [*self[problem.field].errors, problem.sentence]


def _day(field: DateField) -> Any:
    assert field.data is not None
    return field.data


class IssueForm(FlaskForm):
    """The language of a letter, and who pays, where it is to say so."""

    language = SelectField(_l("Language of the letter"), validate_choice=True)
    costs = SelectField(
        _l("Who pays for journey and stay"),
        choices=[
            SelectChoice(Costs.UNSAID.value, _l("The letter does not say")),
            SelectChoice(Costs.OWN.value, _l("The person, or who sends them")),
            SelectChoice(Costs.UCLG.value, _l("UCLG")),
            SelectChoice(Costs.HOST.value, _l("The host city")),
        ],
    )
    seen = HiddenField()

    def __init__(self, language: str = "", *, seen: str = "") -> None:
        super().__init__(data={"language": language, "seen": seen})
        first = [] if language else [SelectChoice("", _l("Each in the person's own"))]
        self.language.choices = [*first, *(SelectChoice(code, name) for code, name in LANGUAGES.items())]


class SignatoryForm(FlaskForm):
    """Who signs for one side; two of these stand on one page, so the names of the fields have a prefix."""

    name = StringField(
        _l("Name"), [DataRequired(_l("Enter the name")), Length(max=120), Printable()], filters=[clean_line]
    )
    position = TranslatedField(_l("Position"), needed=True, longest=160)
    organisation = StringField(
        _l("Organisation"),
        [DataRequired(_l("Enter the organisation")), Length(max=160), Printable()],
        filters=[clean_line],
    )
    picture = FileField(
        _l("Picture of the signature"),
        description=_l("PNG or JPEG, at most 2 MB. Dark ink on white or on nothing; it is printed about 5 cm wide."),
    )

    def __init__(self, side: str, signatory: Signatory | None) -> None:
        super().__init__(obj=signatory, prefix=f"{side}-")

    def chosen(self) -> bytes | None:
        """What was uploaded, as far as it can be looked at; None when nothing was."""
        upload = self.picture.data
        return upload.stream.read(MOST_BYTES + 1) if upload and upload.filename else None


class VerifyForm(FlaskForm):
    """The number of a letter, and perhaps the family name that it shows."""

    number = StringField(_l("Number of the letter"), [DataRequired(_l("Enter the number of the letter"))])
    name = StringField(_l("Family name"))

"""Forms of the ceremony page."""

from decimal import Decimal
from typing import Any, TypedDict

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DecimalField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from retreat.ceremony.models import Award
from retreat.core.forms import Printable, TranslatedField, clean_line
from retreat.core.i18n import Translated


class StepValues(TypedDict):
    title: Translated
    minutes: int
    people: Translated
    note: Translated
    award_id: int | None


class StepForm(FlaskForm):
    """One step of the running order."""

    title = TranslatedField(_l("What happens"), needed=True)
    minutes = IntegerField(
        _l("Minutes"),
        [InputRequired(_l("Enter how long it takes, in minutes.")), NumberRange(0, 600, _l("Enter 0 to 600 minutes."))],
    )
    people = TranslatedField(_l("Who acts"))
    note = TranslatedField(_l("Printed note"), longest=1000, multiline=True)
    award_id = SelectField(_l("Award handed over"), coerce=int)

    def offer(self, awards: list[Award], language: str) -> "StepForm":
        self.award_id.choices = [
            SelectChoice(0, "–"),
            *(SelectChoice(award.id, award_label(award, language)) for award in awards),
        ]
        return self

    def values(self) -> StepValues:
        return {
            "title": self.title.data,
            "minutes": self.minutes.data or 0,
            "people": self.people.data,
            "note": self.note.data,
            "award_id": self.award_id.data or None,
        }


def award_label(award: Award, language: str) -> str:
    place = f"{award.place}. " if award.place else ""
    return f"{place}{award.winner_name.text(language)} – {award.prize.text(language)}"


class AwardForm(FlaskForm):
    """One award: winner, recipient and presenter are three different people or cities."""

    prize = TranslatedField(_l("Prize"), needed=True)
    place = IntegerField(_l("Place"), [Optional(), NumberRange(1, 999, _l("Enter a place from 1, or leave it empty."))])
    winner_name = TranslatedField(_l("Winner"))
    recipient_name = StringField(_l("Recipient"), [Length(max=200), Printable()], filters=[clean_line])
    recipient_position = TranslatedField(_l("Office of the recipient"))
    presenter_name = StringField(_l("Presenter"), [Length(max=200), Printable()], filters=[clean_line])
    presenter_position = TranslatedField(_l("Office of the presenter"))
    citation = TranslatedField(_l("Citation"), longest=2000, multiline=True)
    amount = DecimalField(
        _l("Amount"), [Optional(), NumberRange(0, 999_999_999, _l("Enter an amount from 0."))], places=None
    )
    currency = StringField(_l("Currency"), [Length(max=3)], filters=[clean_line])
    diploma_number = StringField(_l("Number of the diploma"), [Length(max=40), Printable()], filters=[clean_line])

    def validate_currency(self, field: StringField) -> None:
        text = (field.data or "").upper()
        if (self.amount.data is None) != (not text):
            raise ValidationError(_l("Give amount and currency together, or neither."))
        if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
            raise ValidationError(_l("Write the currency as three letters, such as USD."))

    def values(self) -> dict[str, Any]:
        amount: Decimal | None = self.amount.data
        return {
            "prize": self.prize.data,
            "place": self.place.data,
            "winner_name": self.winner_name.data,
            "recipient_name": self.recipient_name.data,
            "recipient_position": self.recipient_position.data,
            "presenter_name": self.presenter_name.data,
            "presenter_position": self.presenter_position.data,
            "citation": self.citation.data,
            "amount": amount,
            "currency": (self.currency.data or "").upper(),
            "diploma_number": self.diploma_number.data or None,
        }

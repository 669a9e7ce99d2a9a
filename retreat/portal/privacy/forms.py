"""The text that people agree to, who is shown to others, and how long personal data is kept."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from retreat.core.forms import TranslatedField, clean_line
from retreat.editions.models import Edition
from retreat.editions.service import LONGEST_KEPT_MONTHS


class ConsentForm(FlaskForm):
    text = TranslatedField(_l("What people agree to"), needed=True, longest=4000, multiline=True)


class KeepingForm(FlaskForm):
    are_participants_shown = BooleanField(_l("There is a page of the participants"))
    categories = SelectMultipleField(
        _l("Categories that are shown there"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    keep_months = IntegerField(
        _l("Months"),
        [
            InputRequired(_l("Enter a number of months.")),
            NumberRange(min=1, max=LONGEST_KEPT_MONTHS, message=_l("Enter a whole number from 1 to 120.")),
        ],
    )

    def offer(self, edition: Edition, spoken: str) -> "KeepingForm":
        self.categories.choices = [
            (one.slug, one.name.text(spoken, edition.main_language)) for one in edition.categories
        ]
        if not self.is_submitted():
            self.categories.data = [one.slug for one in edition.categories if one.is_shown]
        return self


class EraseForm(FlaskForm):
    code = StringField(_l("Reference"), [InputRequired(_l("Type the reference to confirm."))], filters=[clean_line])
    is_everywhere = BooleanField(_l("Take the name out of programmes as well, also out of published ones"))

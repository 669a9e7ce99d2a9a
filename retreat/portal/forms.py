"""An edition's settings, its days and its categories of badge."""

import re
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, Regexp

from retreat.core.forms import Printable, TranslatedField, clean_line
from retreat.core.i18n import LANGUAGES

_CITY = Length(max=120, message=_l("At most 120 characters."))
_MOST_PLACES = 1_000_000


def _text(label: Any, missing: Any, **kwargs: Any) -> StringField:
    return StringField(label, [InputRequired(missing), _CITY, Printable()], filters=[clean_line], **kwargs)


def _is_zone(_form: FlaskForm, field: StringField) -> None:
    if field.data not in available_timezones():
        raise ValidationError(_l("Enter a time zone such as Africa/Casablanca."))


def _places(label: Any, description: Any = "") -> IntegerField:
    rule = NumberRange(min=0, max=_MOST_PLACES, message=_l("Enter a whole number, or nothing for no limit."))
    return IntegerField(label, [Optional(), rule], description=description)


class NewEditionForm(FlaskForm):
    slug = StringField(
        _l("Address"),
        [
            InputRequired(_l("Enter the last part of the edition's address, such as 2027.")),
            Regexp(r"[a-z0-9-]{1,40}\Z", message=_l("Use a–z, 0–9 and hyphens, at most 40.")),
        ],
        filters=[clean_line],
        description=_l("The part after the site's name, such as 2027; it cannot be changed later."),
    )
    title = TranslatedField(_l("Title"), needed=True, longest=120)
    city = _text(_l("City"), _l("Enter the host city."))
    country = _text(_l("Country"), _l("Enter the country as it is to be printed."))
    zone = StringField(
        _l("Time zone"),
        [InputRequired(_l("Enter a time zone such as Africa/Casablanca.")), _is_zone],
        filters=[clean_line],
        description=_l("By region and city, such as Africa/Casablanca."),
    )
    starts_on = DateField(_l("First day"), [InputRequired(_l("Enter the first day."))])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Enter the last day."))])
    main_language = SelectField(
        _l("Main language"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        description=_l("What is missing in another language is shown in this one."),
    )


class SettingsForm(NewEditionForm):
    slug = None
    theme = TranslatedField(_l("Theme"), longest=300)
    note = TranslatedField(_l("Note"), longest=600, multiline=True)
    contact_email = EmailField(
        _l("Contact"),
        [Optional(), Email(_l("Enter an e-mail address.")), Length(max=254)],
        filters=[clean_line],
        description=_l("The secretariat's address, at the foot of every public page."),
    )
    capacity = _places(_l("Places"), _l("Registrations beyond it are waitlisted; empty is no limit."))
    registration_opens = DateField(_l("Registration opens"), [Optional()], description=_l("Empty: it is open now."))
    registration_closes = DateField(
        _l("Registration closes"),
        [Optional()],
        description=_l("At the end of that day in the host city; empty: it does not close."),
    )
    is_listed = BooleanField(_l("The start page may show this edition"))

    def validate_ends_on(self, field: DateField) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_l("The last day comes before the first."))

    def validate_registration_closes(self, field: DateField) -> None:
        if field.data and self.registration_opens.data and field.data < self.registration_opens.data:
            raise ValidationError(_l("Registration would close before it opens."))


class CategoryForm(FlaskForm):
    name = TranslatedField(_l("Name"), needed=True, longest=80)
    letter = StringField(
        _l("Letter"),
        [
            InputRequired(_l("Enter one or two letters.")),
            Length(max=2, message=_l("At most two letters.")),
            Printable(),
        ],
        filters=[clean_line],
        description=_l("Printed on the badge for those who do not see the colour."),
    )
    colour = StringField(
        _l("Colour"),
        [InputRequired(_l("Choose a colour.")), Regexp(r"#[0-9a-fA-F]{6}\Z", message=_l("Enter a colour as #rrggbb."))],
        description=_l("Dark enough for white text."),
    )
    capacity = _places(_l("Places"), _l("Empty is no limit."))
    is_public = BooleanField(_l("Offered in the public form"))

    def validate_colour(self, field: StringField) -> None:
        if re.fullmatch(r"#[0-9a-fA-F]{6}", field.data or "") and contrast_with_white(field.data) < 4.5:
            raise ValidationError(_l("White text cannot be read on this colour: choose a darker one."))


def contrast_with_white(colour: str) -> float:
    """WCAG's ratio, 1 to 21."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)

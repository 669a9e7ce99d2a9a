"""The controls of the registration form: each cleans what is typed, and says beside it what is wrong."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, EmailInput, ListWidget, TelInput

from retreat.registration import answers as typed


class Line(StringField):
    """One line of text, cleaned as it comes in; what was taken out or is too long is said."""

    several_lines = False

    def __init__(self, *args: Any, longest: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = longest or typed.LONGEST[self.short_name]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.problem = None
        if valuelist:
            self.data, self.problem = typed.cleaned(valuelist[0], self.longest, several_lines=self.several_lines)

    def pre_validate(self, form: Any) -> None:
        if getattr(self, "problem", None) is not None:
            raise StopValidation(self.problem)


class Paragraph(Line, TextAreaField):
    """Text of several lines."""

    several_lines = True


class Email(Line):
    widget = EmailInput()

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data:
            address = typed.email(self.data)
            if address is None:
                raise StopValidation(_l("Enter the e-mail address in full, for example ana@city.org"))
            self.data = address


class Phone(Line):
    widget = TelInput()


class Day(DateField):
    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if text:
            try:
                self.data = datetime.strptime(text, "%Y-%m-%d").date()
            except ValueError:
                raise ValueError(_("Write the date as YYYY-MM-DD, for example 2020-02-24")) from None


class WallTime(TimeField):
    """A time of the day as the clocks at the place show it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data: time | None = None
        if valuelist and valuelist[0].strip():
            self.data = typed.wall_time(valuelist[0])
            if self.data is None:
                raise ValueError(_("Write the time as HH:MM, for example 14:30"))


class Checkboxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

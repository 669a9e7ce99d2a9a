"""Forms of what limits halls."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional

from retreat.agenda.forms import ClockField
from retreat.core.forms import Printable, clean_line


class ClosureForm(FlaskForm):
    date = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    starts = ClockField(_l("Closed from"), [Optional()])
    ends = ClockField(_l("Closed until"), [Optional()])
    reason = StringField(_l("Why"), [Length(max=200), Printable()], filters=[clean_line])

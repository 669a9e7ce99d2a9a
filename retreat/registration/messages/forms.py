"""A draft's texts. Whom it is for stands beside them, in the controls of the list's filter."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from retreat.core.forms import TranslatedField

LONGEST_TEXT = 10_000


class MessageForm(FlaskForm):
    subject = TranslatedField(_l("Subject"), needed=True, longest=200)
    body = TranslatedField(_l("Text"), longest=LONGEST_TEXT, multiline=True)
    version = HiddenField()


class SendForm(FlaskForm):
    version = HiddenField()
    seen = HiddenField()
    with_assistants = BooleanField(
        _l("Also to whoever filled in the form"),
        description=_l("An assistant who registered somebody gets the same mail, with that person's link."),
    )

"""What is asked before a revision is published, or restored."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from retreat.core.forms import TranslatedField


class PublishForm(FlaskForm):
    note = TranslatedField(_l("Note to everyone concerned"), longest=2000, multiline=True)
    seen = HiddenField()
    is_urgent_told = BooleanField()
    is_invited = BooleanField()


class RestoreForm(FlaskForm):
    seen = HiddenField()
    is_lost = BooleanField(_l("I know that these changes of the draft will be lost"))

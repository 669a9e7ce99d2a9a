"""The form of a paper."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from retreat.agenda import labels
from retreat.agenda.models import Audience, Document
from retreat.core import dates
from retreat.core.forms import TranslatedField
from retreat.core.uploads import ACCEPTED_PAPERS

WRITTEN_IN = ("en", "fr", "es", "ru", "ar", "zh", "pt", "tr")


class PaperForm(FlaskForm):
    file = FileField(_l("File"), render_kw={"accept": ACCEPTED_PAPERS})
    title = TranslatedField(_l("Title"))
    language = SelectField(_l("Language of the file"))
    audience = SelectField(
        _l("Who gets it"), choices=[SelectChoice(one.value, labels.AUDIENCES[one]) for one in Audience]
    )

    def offer(self, language: str, paper: Document | None = None) -> "PaperForm":
        self.language.choices = [
            SelectChoice("", _l("does not matter")),
            *(SelectChoice(code, dates.language_name(code, language)) for code in WRITTEN_IN),
        ]
        if paper is not None and not self.is_submitted():
            self.title.process(None, paper.title)
            self.language.data, self.audience.data = paper.language, paper.audience.value
        return self

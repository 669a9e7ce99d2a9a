"""What the rooms' forms share: text in four languages, and text that is safe to print."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, FileField, Form, IntegerField, ValidationError

from retreat.core.i18n import LANGUAGES, Translated

# C0 and C1 controls but tab and line feed; overrides and isolates that turn the rest of a line around.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What Word, PowerPoint and web pages end a line with; files are read the same way (core/sheets.py).
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = frozenset({"Cf", "Zs", "Cc"})


def read_only_what_browsers_send() -> None:
    """Every form is given text for its controls of text, and files for those of files.

    Flask-WTF hands a file to whatever control it is named after, and takes JSON of any shape for a form: nobody's
    browser sends either, and no control expects it. A number of hundreds of digits is none: whoever compares it with a
    fraction fails over it.
    """
    FlaskForm.Meta.wrap_formdata = _wrap_formdata
    IntegerField.process_formdata = _read_integer


_read_any_integer = IntegerField.process_formdata
_LONGEST_NUMBER = 18


def _read_integer(field: IntegerField, valuelist: list[str]) -> None:
    is_long = bool(valuelist) and len(valuelist[0].strip()) > _LONGEST_NUMBER
    # A sign alone is refused in the words of WTForms.
    _read_any_integer(field, ["-"] if is_long else valuelist)


def _wrap_formdata(_meta: object, form: FlaskForm, formdata: Any) -> Any:
    if formdata is None or hasattr(formdata, "getlist"):
        return formdata
    if not form.is_submitted():
        return None
    wanted = {field.name for field in form if isinstance(field, FileField)}
    files = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in wanted)
    return CombinedMultiDict((files, request.form)) if files else request.form or None


def clean(text: str | None) -> str:
    """As typed, in NFC, with single line breaks and no blanks around; nothing where there is nothing to see."""
    kept = unicodedata.normalize("NFC", _BREAKS.sub("\n", text or "")).strip()
    # A control character alone is left for whoever refuses it in words.
    return kept if _CONTROL.search(kept) or any(unicodedata.category(sign) not in _UNSEEN for sign in kept) else ""


def clean_line(text: str | None) -> str:
    """The same in one line: a title that was pasted in two is read as one."""
    return " ".join(clean(text).split())


def whole_number(text: str | None) -> int | None:
    """Of at most nine digits: what a database holds, and Python refuses to read thousands of them."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class Printable:
    """Refuses characters that nobody sees and that spoil a badge or a calendar."""

    def __call__(self, _form: Form, field: Field) -> None:
        text = field.data or ""
        if _CONTROL.search(text):
            raise ValidationError(_l("This contains a control character; type it again by hand."))
        if _BIDI.search(text):
            raise ValidationError(_l("This contains an invisible sign that turns text around; type it again by hand."))


@dataclass(frozen=True, slots=True)
class Entry:
    """One language's control of a TranslatedField."""

    language: str
    label: str
    name: str
    id: str
    value: str


class TranslatedField(Field):
    """A text in four languages: four controls named `field_en`, `field_fr`, …; `data` is a Translated.

    Rendered by the macro `translated` of templates/macros/translated.html.
    """

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] | None = None,
        *,
        longest: int = 300,
        multiline: bool = False,
        needed: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.longest = longest
        self.multiline = multiline
        self.needed = needed
        self._typed: dict[str, str] = {}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[Any] = []
        self.object_data = data
        self.data = data if isinstance(data, Translated) else Translated.of(data)
        self._typed = dict(self.data)
        if formdata is not None:
            typed = clean if self.multiline else clean_line
            self._typed = {code: typed(formdata.get(f"{self.name}_{code}")) for code in LANGUAGES}
            self.data = Translated(self._typed)

    def pre_validate(self, form: Form) -> None:
        if self.needed and not self.data:
            raise ValidationError(_l("Enter a text in at least one language."))
        for code, text in self._typed.items():
            if len(text) > self.longest:
                raise ValidationError(
                    _l("%(language)s: at most %(count)s characters.", language=LANGUAGES[code], count=self.longest)
                )
            if _CONTROL.search(text) or _BIDI.search(text):
                raise ValidationError(
                    _l("%(language)s: contains an invisible control character.", language=LANGUAGES[code])
                )

    @property
    def entries(self) -> list[Entry]:
        return [
            Entry(code, name, f"{self.name}_{code}", f"{self.id}-{code}", self._typed.get(code, ""))
            for code, name in LANGUAGES.items()
        ]

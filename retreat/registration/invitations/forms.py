"""Whom to invite, and how: one form for each source."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, ValidationError
from wtforms.validators import DataRequired

from retreat.core.http import language
from retreat.core.i18n import LANGUAGES
from retreat.editions.models import Category, Edition
from retreat.network.models import Body, Section
from retreat.registration.controls import Checkboxes, Day, Email, Line
from retreat.registration.models import Status
from retreat.registration.states import LABELS


class InvitationForm(FlaskForm):
    """What every source asks."""

    category = SelectField(_l("Taking part as"), validate_choice=False)
    mail_language = SelectField(_l("Language of the mail"), validate_choice=False)
    expires_on = Day(_l("Answer until"))
    skips_approval = BooleanField(_l("Approved at once, if there is a place"))
    is_kept_back = BooleanField(_l("Do not send yet"))

    def __init__(self, edition: Edition, categories: Sequence[Category], expires_on: date, **kwargs: Any) -> None:
        super().__init__(expires_on=expires_on, **kwargs)
        spoken = language()
        self._categories = {one.slug: one for one in categories}
        self.category.choices = [("", _("The person chooses"))]
        self.category.choices += [(one.slug, one.name.text(spoken, edition.main_language)) for one in categories]
        self.mail_language.choices = [("", _("As at their last registration, else that of the edition"))]
        self.mail_language.choices += list(LANGUAGES.items())

    def validate_category(self, field: SelectField) -> None:
        if field.data and field.data not in self._categories:
            raise ValidationError(_("Choose one of the categories of this edition"))

    def validate_expires_on(self, field: Day) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(_("Enter the last day for an answer"))

    def validate_mail_language(self, field: SelectField) -> None:
        if field.data and field.data not in LANGUAGES:
            raise ValidationError(_("Choose one of the languages"))

    @property
    def category_id(self) -> int | None:
        category = self._categories.get(self.category.data or "")
        return category.id if category else None


class HandForm(InvitationForm):
    """One person."""

    email = Email(_l("E-mail"), [DataRequired(_l("Enter an e-mail address"))])
    honorific = Line(_l("Title before the name"))
    given_name = Line(_l("Given name"))
    family_name = Line(_l("Family name"))
    position = Line(_l("Position"))
    organisation = Line(_l("City, region or organisation"))
    city = Line(_l("City"))
    country = Line(_l("Country or territory"))
    section = SelectField(_l("Section of UCLG"), validate_choice=False)

    TEXTS = ("honorific", "given_name", "family_name", "position", "organisation", "city", "country")

    def offer(self, edition: Edition, sections: Sequence[Section]) -> "HandForm":
        self._sections = {one.slug: one for one in sections}
        self.section.choices = [("", _("None, or I do not know"))]
        self.section.choices += [(one.slug, one.name.text(language(), edition.main_language)) for one in sections]
        return self

    def prefill(self) -> dict[str, Any]:
        section = self._sections.get(self.section.data or "")
        known = {name: self[name].data for name in self.TEXTS if self[name].data}
        return {**known, "section_id": section.id} if section else known


class SheetForm(InvitationForm):
    """A file; `kept` is where it waits between the preview and the decision."""

    file = FileField(_l("CSV or XLSX file"))
    kept = HiddenField()
    kept_name = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not (field.data and field.data.filename) and not self.kept.data:
            raise ValidationError(_("Choose a file"))


class BodyForm(InvitationForm):
    """The seats of a body on a day."""

    body = SelectField(_l("Body"), validate_choice=False)
    day = Day(_l("Seats on"))
    with_substitutes = BooleanField(_l("Substitutes as well"))

    def offer(self, edition: Edition, bodies: Sequence[Body]) -> "BodyForm":
        self._bodies = {one.slug: one for one in bodies}
        self.body.choices = [(one.slug, one.name.text(language(), edition.main_language)) for one in bodies]
        return self

    def validate_body(self, field: SelectField) -> None:
        if field.data not in self._bodies:
            raise ValidationError(_("Choose a body"))

    def validate_day(self, field: Day) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(_("Enter a day"))

    @property
    def chosen(self) -> Body:
        return self._bodies[self.body.data]


class EditionForm(InvitationForm):
    """The list of another edition."""

    edition = SelectField(_l("Edition"), validate_choice=False)
    statuses = Checkboxes(_l("Who was there"), validate_choice=False)
    categories = Checkboxes(_l("Only those who took part as"), validate_choice=False)

    def offer(self, others: Sequence[Edition], categories: Sequence[Category]) -> "EditionForm":
        spoken = language()
        self._others = {one.slug: one for one in others}
        titles = [(one.slug, f"{one.title.text(spoken, one.main_language)}, {one.city}") for one in others]
        self.edition.choices = titles
        self.statuses.choices = [(one.value, LABELS[one]) for one in Status]
        named = {one.slug: one.name.text(spoken) for one in categories}
        self.categories.choices = list(named.items())
        if not self.statuses.raw_data and not self.is_submitted():
            self.statuses.data = [Status.APPROVED.value]
        return self

    def validate_edition(self, field: SelectField) -> None:
        if field.data not in self._others:
            raise ValidationError(_("Choose an edition"))

    def validate_statuses(self, field: Checkboxes) -> None:
        if not field.data or set(field.data) - {one.value for one in Status}:
            raise ValidationError(_("Choose at least one"))

    @property
    def chosen(self) -> Edition:
        return self._others[self.edition.data]


class DayForm(FlaskForm):
    """Another last day."""

    expires_on = Day(_l("Answer until"))

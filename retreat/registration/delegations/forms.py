"""Forms of the coordinator's page and of the organisers' pages about delegations."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, NumberRange, Optional, ValidationError

from retreat.core.forms import whole_number
from retreat.core.http import language
from retreat.core.i18n import LANGUAGES
from retreat.editions.models import Category, Edition
from retreat.network.models import Organisation, OrganisationKind, Section
from retreat.registration import answers as typed
from retreat.registration import consent
from retreat.registration.controls import Email, Line
from retreat.registration.delegations.labels import KINDS, ROLES
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.delegations.service import Numbers
from retreat.registration.forms import RegisterForm
from retreat.registration.models import ConsentText, Registration

LARGEST_DELEGATION = 9999


class RoleField(SelectField):
    """One of the four roles; `data` is its word, `role` the thing itself."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)
        self.choices = [(role.value, text) for role, text in ROLES.items()]

    def pre_validate(self, form: Any) -> None:
        if self.data not in {role.value for role in DelegationRole}:
            raise ValidationError(_("Choose one of the roles"))

    @property
    def role(self) -> DelegationRole:
        return DelegationRole(self.data)


class LanguageField(SelectField):
    """One of the languages that we write."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)
        self.choices = list(LANGUAGES.items())

    def pre_validate(self, form: Any) -> None:
        if self.data not in LANGUAGES:
            raise ValidationError(_("Choose one of the languages"))


class PersonForm(RegisterForm):
    """The public form with a role, as the coordinator fills it in.

    What only the person can say is not asked here: woman or man, and whether to be named in public.
    """

    role = RoleField(_l("Role in the delegation"))

    def __init__(
        self,
        edition: Edition,
        categories: Sequence[Category],
        sections: Sequence[Section],
        registration: Registration | None = None,
        organisation: Organisation | None = None,
    ) -> None:
        super().__init__(edition, categories, sections, registration)
        # Who fills it in is known by the link.
        del self.for_someone_else, self.filled_by_name, self.filled_by_email, self.gender
        if self.is_shown:
            del self.is_shown
        if registration is not None:
            del self.consent
        if self.is_submitted():
            return
        if registration is not None and registration.delegation_role is not None:
            self.role.data = registration.delegation_role.value
        elif registration is None:
            self.role.data = DelegationRole.MEMBER.value
            if organisation is not None:
                self._begin_with(edition, organisation)

    def _begin_with(self, edition: Edition, organisation: Organisation) -> None:
        self.organisation.data = organisation.name.text(language(), edition.main_language)
        self.city.data, self.country.data = organisation.city, organisation.country
        self.section.data = organisation.section.slug if organisation.section else ""


class SuccessorForm(PersonForm):
    """Whoever comes instead takes over the role and the kind of badge, and answers the edition's questions later."""

    needs_answers = False

    def __init__(
        self, edition: Edition, category: Category, sections: Sequence[Section], organisation: Organisation
    ) -> None:
        super().__init__(edition, [category], sections, organisation=organisation)
        del self.role
        if not self.is_submitted():
            self.category.data = category.slug


class InviteForm(FlaskForm):
    """A name, an address, a role: the person fills in the rest."""

    role = RoleField(_l("Role in the delegation"))
    given_name = Line(_l("Given name"))
    family_name = Line(_l("Family name"))
    email = Email(_l("E-mail"), [DataRequired(_l("Enter an e-mail address"))])
    language = LanguageField(_l("Language of the mail"))

    def validate_given_name(self, field: Line) -> None:
        if not field.data and not self.family_name.data:
            raise ValidationError(_("Enter a name: one is enough"))


def _as_lines(text: str | None) -> str:
    """As it was pasted: a form sends other line ends, and some add an empty line before the first."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")


class SeveralForm(FlaskForm):
    """Lines from a spreadsheet, pasted or as a file."""

    pasted = TextAreaField(_l("Paste the lines of your spreadsheet"), filters=[_as_lines])
    file = FileField(_l("Or choose a file (CSV or XLSX)"))
    consent = BooleanField(_l("Everybody in these lines agrees that UCLG keeps these answers for the Retreat"))
    consent_number = HiddenField()
    """The version of the text that was shown; 0 is the built-in sentence."""
    seen = HiddenField()

    @staticmethod
    def shown_number(text: ConsentText | None) -> int:
        return text.number if text else consent.BUILT_IN

    @property
    def agreed_number(self) -> int | None:
        return whole_number(self.consent_number.data)


def number(label: Any) -> IntegerField:
    return IntegerField(
        label,
        [
            Optional(),
            NumberRange(0, LARGEST_DELEGATION, _l("Enter a number from 0 to %(most)s", most=LARGEST_DELEGATION)),
        ],
    )


class DelegationForm(FlaskForm):
    """The coordinator, and how many may come where it is not as for its kind."""

    coordinator_name = Line(_l("Name of the coordinator"), longest=typed.LONGEST["filled_by_name"])
    coordinator_email = Email(_l("E-mail of the coordinator"), longest=typed.LONGEST["filled_by_email"])
    language = LanguageField(_l("Language of the mails"))
    delegates = number(_l("Head and members"))
    support = number(_l("Aides and interpreters"))
    version = HiddenField()

    def __init__(self, delegation: Delegation | None = None) -> None:
        super().__init__(obj=delegation)

    def values(self) -> dict[str, Any]:
        names = ("coordinator_name", "coordinator_email", "language", "delegates", "support")
        return {name: self[name].data for name in names}

    @property
    def made_from(self) -> int:
        """The version that the form showed; a form that does not say was made from nothing."""
        return whole_number(self.version.data) or 0


class NewDelegationForm(DelegationForm):
    organisation = Line(_l("Organisation"), [DataRequired(_l("Enter the name of the organisation"))])
    is_new = BooleanField(_l("It is not in the address book yet: add it"))
    kind = SelectField(_l("Kind"), validate_choice=False)

    def __init__(self, language: str) -> None:
        super().__init__()
        self.kind.choices = [(kind.value, text) for kind, text in KINDS.items()]
        if not self.is_submitted():
            self.language.data = language

    @property
    def new_kind(self) -> OrganisationKind | None:
        """Of an organisation that is to be added; None where it must be known."""
        if not self.is_new.data:
            return None
        return next((kind for kind in OrganisationKind if kind.value == self.kind.data), OrganisationKind.OTHER)


class PlaceForm(FlaskForm):
    """Which delegation somebody is in, and as what."""

    delegation = SelectField(_l("Delegation"), validate_choice=False)
    role = RoleField(_l("Role in the delegation"))

    def __init__(self, edition: Edition, delegations: Sequence[Delegation], registration: Registration) -> None:
        super().__init__()
        spoken = language()
        named = [(str(one.id), one.organisation.name.text(spoken, edition.main_language)) for one in delegations]
        self.delegation.choices = [("", _("None")), *named]
        if not self.is_submitted():
            own = next((one.id for one in delegations if one.organisation_id == registration.organisation_id), "")
            self.delegation.data = str(registration.delegation_id or own)
            self.role.data = (registration.delegation_role or DelegationRole.MEMBER).value

    def validate_delegation(self, field: SelectField) -> None:
        if field.data not in {value for value, _text in self.delegation.choices or ()}:
            raise ValidationError(_("Choose one of the delegations"))


class QuotasForm(FlaskForm):
    """How many a delegation of each kind may bring: two numbers a kind, `city_delegates` and `city_support`."""

    def __init__(self, known: Mapping[OrganisationKind, Numbers]) -> None:
        names = ("delegates", "support")
        super().__init__(
            data={f"{kind}_{name}": held[at] for kind, held in known.items() for at, name in enumerate(names)}
        )

    def values(self) -> dict[OrganisationKind, Numbers]:
        return {kind: (self[f"{kind}_delegates"].data, self[f"{kind}_support"].data) for kind in OrganisationKind}


for _kind in OrganisationKind:
    setattr(QuotasForm, f"{_kind}_delegates", number(_l("%(kind)s: head and members", kind=KINDS[_kind])))
    setattr(QuotasForm, f"{_kind}_support", number(_l("%(kind)s: aides and interpreters", kind=KINDS[_kind])))

"""What organisers type about themselves and each other."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from retreat.accounts.labels import ROLES
from retreat.accounts.models import Role
from retreat.core.forms import Printable, clean_line
from retreat.core.i18n import LANGUAGES

_NAME = [Length(max=120, message=_l("Enter a name of at most 120 characters.")), Printable()]


def _role_choices() -> list[SelectChoice]:
    return [SelectChoice(role.value, label.name) for role, label in ROLES.items()]


def _language_choices() -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in LANGUAGES.items()]


class SignInForm(FlaskForm):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter your e-mail address."))], filters=[clean_line])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password."))])


class LostPasswordForm(FlaskForm):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter your e-mail address."))], filters=[clean_line])


class ChoosePasswordForm(FlaskForm):
    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a new password."))],
        description=_l("At least 12 characters; a short sentence is easy to remember."),
    )


class ChangePasswordForm(FlaskForm):
    present = PasswordField(_l("Present password"), [InputRequired(_l("Enter your present password."))])
    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a new password."))],
        description=_l("At least 12 characters; a short sentence is easy to remember."),
    )


class AccountForm(FlaskForm):
    name = StringField(
        _l("Name"),
        [InputRequired(_l("Enter your name.")), *_NAME],
        filters=[clean_line],
        description=_l("The history of changes shows it."),
    )
    language = SelectField(_l("Language of your mails"), choices=_language_choices)


class InviteForm(FlaskForm):
    email = EmailField(_l("E-mail"), [InputRequired(_l("Enter an e-mail address."))], filters=[clean_line])
    name = StringField(_l("Name"), _NAME, filters=[clean_line])
    role = SelectField(_l("Role"), choices=_role_choices, default=Role.VIEWER.value)
    language = SelectField(_l("Language of the invitation"), choices=_language_choices)


class RoleForm(FlaskForm):
    role = SelectField(_l("Role"), choices=_role_choices)

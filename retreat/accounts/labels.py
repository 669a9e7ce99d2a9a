"""The roles in words."""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from retreat.accounts.models import Role


class RoleLabel(NamedTuple):
    name: Any
    duty: Any
    """What this role may do, in half a sentence."""


ROLES: dict[Role, RoleLabel] = {
    Role.ADMINISTRATOR: RoleLabel(_l("Administrator"), _l("everything, and who else may come in")),
    Role.REGISTRAR: RoleLabel(_l("Registrar"), _l("registrations, badges and mail")),
    Role.PROGRAMMER: RoleLabel(_l("Programmer"), _l("agenda, halls and publishing")),
    Role.PROTOCOL: RoleLabel(_l("Protocol"), _l("ceremony and print")),
    Role.DESK: RoleLabel(_l("Desk"), _l("looks up a registration and prints its badge")),
    Role.VIEWER: RoleLabel(_l("Viewer"), _l("reads, and changes nothing")),
}

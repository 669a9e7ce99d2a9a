"""What the numbers are called."""

from typing import Any

from flask_babel import lazy_gettext as _l

from retreat.registration.numbers.shares import Group

GROUPS: dict[Group, Any] = {
    Group.WOMEN: _l("Women"),
    Group.MEN: _l("Men"),
    Group.ANOTHER: _l("Another answer"),
    Group.UNANSWERED: _l("No answer"),
}

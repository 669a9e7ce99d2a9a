"""What the frame of every public page offers: the edition's pages, and the way in for organisers."""

from typing import NamedTuple

from flask import Blueprint, current_app, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _

from retreat.accounts import guards
from retreat.accounts.roles import Permission
from retreat.core import dates
from retreat.editions.models import Edition

_PAGES = (
    ("overview", "portal.home"),
    ("agenda", "agenda.week"),
    ("participants", "privacy.people"),
    ("register", "registration.register"),
    ("subscribe", "calendars.subscribe"),
)

_PLACES: tuple[tuple[str, str, Permission], ...] = (
    ("overview", "organise.dashboard", Permission.SEE_OVERVIEW),
    ("registrations", "registrations.index", Permission.SEE_REGISTRATIONS),
    ("agenda", "board.index", Permission.SEE_AGENDA),
    ("ceremony", "ceremony.index", Permission.SEE_CEREMONY),
    ("print", "printing.index", Permission.PRINT),
    ("mail", "organise.outbox", Permission.SEE_MAIL),
    ("settings", "organise.settings", Permission.EDIT_SETTINGS),
    ("organisers", "organisers.organisers", Permission.MANAGE_ORGANISERS),
)


_REGISTRATION_PLACES: tuple[tuple[str, str, Permission], ...] = (
    ("list", "registrations.index", Permission.SEE_REGISTRATIONS),
    ("delegations", "delegations.index", Permission.SEE_REGISTRATIONS),
    ("invitations", "invitations.index", Permission.EDIT_REGISTRATIONS),
    ("messages", "messages.index", Permission.SEND_MAIL),
    ("letters", "letters.index", Permission.ISSUE_LETTERS),
    ("numbers", "numbers.index", Permission.SEE_REGISTRATIONS),
    ("questions", "questions.index", Permission.EDIT_SETTINGS),
    ("people", "people.index", Permission.EDIT_REGISTRATIONS),
)


class NavigationLink(NamedTuple):
    """`key` is what a template sets as `nav_current`."""

    key: str
    label: str
    url: str


def site_nav(edition: Edition) -> list[NavigationLink]:
    """The pages of an edition that everybody may open."""
    labels = {
        "overview": _("Overview"),
        "agenda": _("Agenda"),
        "participants": _("Participants"),
        "register": _("Register"),
        "subscribe": _("Subscribe"),
    }
    return [
        NavigationLink(key, labels[key], url_for(endpoint, edition_slug=edition.slug))
        for key, endpoint in _PAGES
        if key != "participants" or edition.are_participants_shown
    ]


def page_url(key: str, edition: Edition) -> str:
    """The address of one of those pages."""
    return url_for(dict(_PAGES)[key], edition_slug=edition.slug)


def sign_in_link() -> NavigationLink:
    """For organisers; delegates need no account."""
    if guards.organiser() is not None:
        return NavigationLink("organise", _("Organise"), url_for("organise.index"))
    return NavigationLink("sign-in", _("Sign in"), url_for("accounts.sign_in"))


def organise_home() -> str:
    """Where the mark of the organisers' bar leads."""
    return url_for("organise.index")


def organise_nav(edition: Edition | None) -> list[NavigationLink]:
    """The places of the bar that this organiser may enter."""
    labels = {
        "overview": _("Overview"),
        "registrations": _("Registrations"),
        "agenda": _("Agenda"),
        "ceremony": _("Ceremony"),
        "print": _("Print"),
        "mail": _("Mail"),
        "settings": _("Settings"),
        "organisers": _("Organisers"),
    }
    return [
        NavigationLink(key, labels[key], url)
        for key, endpoint, permission in _PLACES
        if guards.can(permission) and (url := _place(endpoint, edition))
    ]


def registration_nav(edition: Edition) -> list[NavigationLink]:
    """The pages under "Registrations" that this organiser may enter; a template sets `place_current` to a key."""
    labels = {
        "list": _("Everybody"),
        "delegations": _("Delegations"),
        "invitations": _("Invitations"),
        "messages": _("Messages"),
        "letters": _("Letters"),
        "numbers": _("Numbers"),
        "questions": _("Questions"),
        "people": _("Address book"),
    }
    return [
        NavigationLink(key, labels[key], _place(endpoint, edition))
        for key, endpoint, permission in _REGISTRATION_PLACES
        if endpoint in current_app.view_functions and guards.can(permission)
    ]


def _place(endpoint: str, edition: Edition | None) -> str:
    if not current_app.url_map.is_endpoint_expecting(endpoint, "edition_slug"):
        return url_for(endpoint)
    return url_for(endpoint, edition_slug=edition.slug) if edition is not None else ""


def nav_address(endpoint: str, edition: Edition, **query: str) -> str:
    """An organisers' page of the edition."""
    return url_for(endpoint, edition_slug=edition.slug, _external=False, **query)


def init_app(blueprint: Blueprint) -> None:
    """Give the frame's templates these functions, and the ways to write a date."""

    def add(state: BlueprintSetupState) -> None:
        state.app.jinja_env.globals.update(dates=dates, site_nav=site_nav, nav_url=page_url, sign_in_link=sign_in_link)

    blueprint.record_once(add)

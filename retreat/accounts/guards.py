"""Guards: every blueprint says where it is registered who may come in, and "public" is said aloud.

    app.register_blueprint(guards.public(views.blueprint))
    app.register_blueprint(guards.guard(organise.blueprint, Permission.SEE_AGENDA))

A view that asks for something else than its blueprint says so with `@needs(Permission.EDIT_AGENDA)`, below its
route; what the view says counts instead of the blueprint's word.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

import flask_login
from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from retreat.accounts.models import Organiser
from retreat.accounts.roles import Permission, may
from retreat.core.audit import Actor
from retreat.core.db import db

P = ParamSpec("P")
R = TypeVar("R")

_ANYBODY = "anybody"
_ASKED = "_retreat_permission"

login_manager = flask_login.LoginManager()
# Nothing is bound to the visitor's address: delegations change networks all day.
login_manager.session_protection = None


class UnguardedBlueprint(Exception):
    """A blueprint was registered without a word about who may come in."""


def guard(blueprint: Blueprint, permission: Permission) -> Blueprint:
    """Only organisers with this permission come in, wherever a view does not ask for another."""
    setattr(blueprint, _ASKED, permission)
    return blueprint


def public(blueprint: Blueprint) -> Blueprint:
    """Anybody comes in, wherever a view does not ask for a permission."""
    setattr(blueprint, _ASKED, _ANYBODY)
    return blueprint


def needs(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view's own permission, instead of its blueprint's."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _ASKED, permission)
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """What an endpoint asks for; None when it is public."""
    asked = getattr(app.view_functions[endpoint], _ASKED, None)
    if asked is None and "." in endpoint:
        asked = getattr(app.blueprints[endpoint.rpartition(".")[0]], _ASKED, None)
    return asked if isinstance(asked, Permission) else None


def organiser() -> Organiser | None:
    """Who is signed in."""
    user = flask_login.current_user
    return cast(Organiser, user) if user.is_authenticated else None


def actor() -> Actor:
    """The signed-in organiser, as services and the history know them."""
    who = organiser()
    if who is None:
        abort(401)
    return Actor("organiser", who.name or who.email, who.id)


def can(permission: Permission | str) -> bool:
    """Whether who is signed in may do this; templates ask it too, by the permission's own word."""
    who = organiser()
    return who is not None and may(who.role, Permission(permission))


def is_local(target: str | None) -> bool:
    """Whether an address to go on to is a path of this site, and not a way out of it."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return False
    # Browsers read a backslash as a slash, and drop tabs and line ends: /\host and /<tab>/host lead away.
    if "\\" in target or any(ord(letter) < 32 for letter in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def _check() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return None
    asked = permission_of(current_app._get_current_object(), endpoint)  # type: ignore[attr-defined]  # noqa: SLF001
    if asked is None or can(asked):
        return None
    if organiser() is not None:
        abort(403)
    if request.method not in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in"), 303)
    following = request.full_path.rstrip("?")
    return redirect(url_for("accounts.sign_in", next=following), 303)


def check_blueprints(app: Flask) -> None:
    """Refuses an app in which a blueprint does not say who may come in."""
    silent = sorted(name for name, blueprint in app.blueprints.items() if not hasattr(blueprint, _ASKED))
    if silent:
        raise UnguardedBlueprint(f"Say guards.guard(…) or guards.public(…) of: {', '.join(silent)}.")


@login_manager.user_loader  # type: ignore[untyped-decorator,unused-ignore]
def _load(identity: str) -> Organiser | None:
    number, _, _ = identity.partition(".")
    found = db.session.get(Organiser, int(number)) if number.isdigit() else None
    # The fingerprint changes with the password, and with it every session ends.
    return found if found is not None and found.is_active and found.get_id() == identity else None


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.before_request(_check)
    app.jinja_env.globals["can"] = can

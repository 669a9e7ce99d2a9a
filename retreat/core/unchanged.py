"""Pages that are sent again only when they have changed: 304 by an ETag that names everything a page is made of.

Whoever answers names what decides about the page. What decides about every page is added here: the address with its
query, the language, the public address of the site, the releases of the code and of the time zones, and the versions of
the static files, whose addresses stand in the page.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from flask import Response, current_app, request

from retreat.core import http, zones

_CODE = ("*.py", "*.html", "*.mo")
_STATIC = ("css", "js", "img", "fonts-web", "vendor/bootstrap")


def unless_changed(
    deciding: Iterable[object], make: Callable[[], str | Response], *, is_personal: bool = False
) -> Response:
    """304 without making the page when the browser has it already; else the page with its ETag.

    Every browser asks again each time (`no-cache`); a page that shows anything of a person is kept by nobody else.
    """
    cache_control = "private, no-cache" if is_personal else "no-cache"
    return tagged(tag_of((*_everywhere(), *deciding)), make, cache_control)


def tag_of(deciding: object) -> str:
    """An ETag: another one for whatever has another `repr`."""
    return hashlib.sha256(repr(deciding).encode()).hexdigest()[:32]


def tagged(tag: str, make: Callable[[], str | Response], cache_control: str = "no-cache") -> Response:
    """304 without making the answer when whoever asks has the one with this ETag; else the answer with it."""
    # Not `contains`: "*" means any page that there is, and whether there is one is not known yet.
    if request.if_none_match.is_strong(tag) or request.if_none_match.is_weak(tag):
        answer = Response(status=304)
    else:
        made = make()
        answer = made if isinstance(made, Response) else Response(made, mimetype="text/html")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = cache_control
    return answer


def _everywhere() -> tuple[object, ...]:
    return (
        request.full_path,
        http.language(),
        http.base_url(),
        zones.tzdata_version(),
        # Where templates are read anew, so is what they are; elsewhere it is what this process began with.
        (_look_at if current_app.jinja_env.auto_reload else _release)(current_app.root_path),
        _static_versions(current_app.config["STATIC_ROOT"]),
    )


def _look_at(package: str) -> str:
    """A digest of code, templates and catalogues."""
    root = Path(package)
    files = [file for folder in (root, root.parent / "templates") for kind in _CODE for file in folder.rglob(kind)]
    said = "|".join(sorted(f"{file}:{file.stat().st_mtime_ns}" for file in files))
    return hashlib.sha256(said.encode()).hexdigest()


_release = cache(_look_at)


def _static_versions(root: Path) -> tuple[int, ...]:
    return tuple(file.stat().st_mtime_ns for folder in _STATIC for file in sorted((root / folder).glob("*.*")))

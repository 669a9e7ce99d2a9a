"""What every answer has in common: language, headers, errors, and addresses made outside a request."""

import logging
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, abort, current_app, g, has_request_context, render_template, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel, get_locale
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from limits import RateLimitItem
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map, RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from retreat.core import clock, dates
from retreat.core.db import db, set_reading
from retreat.core.errors import RetreatError
from retreat.core.forms import read_only_what_browsers_send, whole_number
from retreat.core.i18n import LANGUAGES, Translated, direction

log = logging.getLogger(__name__)

LANGUAGE_COOKIE = "retreat_lang"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class RowNumber(IntegerConverter):
    """A number in an address that a database can hold; a larger one is no page, and not an error of ours."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002  (Werkzeug's own name)
        super().__init__(map, **{"max": 2**31 - 1, **options})


babel = Babel()
csrf = CSRFProtect()
# Without Redis each process counts for itself; should Redis fall silent, so it does then.
limiter = Limiter(key_func=get_remote_address, in_memory_fallback_enabled=True)


def language() -> str:
    """The code of the language that this answer is written in."""
    return str(get_locale() or "en").split("_")[0]


def _chosen_language() -> str:
    """`?lang=` → cookie → Accept-Language → English."""
    if not has_request_context():
        return "en"
    for wanted in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return str(wanted)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def is_machine_answer(response: Response) -> bool:
    """Feeds, JSON and files: no language cookie, no page headers."""
    return response.mimetype != "text/html"


def is_for_a_calendar() -> bool:
    """Whether a calendar program asks: a page, a cookie or a redirect would take the place of somebody's calendar."""
    return request.path.rstrip("/ \t\r\n").lower().endswith(".ics")


class Sessions(SecureCookieSessionInterface):
    """The session's cookie, but for feeds: no cookie decides what they say, so none is set and none is varied on."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if response.mimetype not in ("text/calendar", "application/atom+xml") and not is_for_a_calendar():
            super().save_session(app, session, response)


def base_url() -> str:
    """The public address without its last slash."""
    return str(current_app.config["BASE_URL"])


def absolute_url(endpoint: str, **values: Any) -> str:
    """An address that works in mails, feeds and print, built on BASE_URL and not on what a request claims."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{base_url()}{path}"


def url_for_lang(code: str) -> str:
    """The address of the same page in another language."""
    arguments = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    # One slash: a path such as //example.org would be another site's address.
    path = "/" + quote(request.path.lstrip("/"))
    return f"{path}?{urlencode([*arguments, ('lang', code)])}"


def text_of(value: Translated, main: str = "en") -> str:
    """Template filter: a Translated in the page's language, with fallback."""
    return value.text(language(), main)


def page_number() -> int:
    """Which page of a list the address asks for; the first where it does not say."""
    return max(1, whole_number(request.args.get("page")) or 1)


def keep_secret(response: Response) -> Response:
    """After each request of a blueprint whose address is the key: into no referrer, search engine or cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def has_room(limit: RateLimitItem, *key: str) -> bool:
    """Whether one more would still be within the limit. A store that does not answer limits nobody."""
    try:
        return limiter.limiter.test(limit, *key)
    except Exception:
        log.exception("The store of limits did not answer.")
        return True


def spend(limit: RateLimitItem, *key: str) -> bool:
    """Count one more; False when that is over the limit. A store that does not answer limits nobody."""
    try:
        return limiter.limiter.hit(limit, *key)
    except Exception:
        log.exception("The store of limits did not answer.")
        return True


def take_larger(endpoint: str, most: int) -> None:
    """Requests to this endpoint may have so many bytes, instead of what every other may."""
    _larger[endpoint] = most


_larger: dict[str, int] = {}


def _before() -> None:
    set_reading(request.method in ("GET", "HEAD", "OPTIONS"))
    # Nothing of ours has NUL in its address, and PostgreSQL refuses to look for it.
    if "\0" in request.path or (is_for_a_calendar() and isinstance(request.routing_exception, RequestRedirect)):
        abort(HTTPStatus.NOT_FOUND)
    if request.endpoint in _larger:
        request.max_content_length = _larger[request.endpoint]
    if request.mimetype == "application/x-www-form-urlencoded":
        # Werkzeug holds fields of a multipart form to this, but reads one that is all fields to its end.
        request.max_content_length = request.max_form_memory_size


def _after(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    if is_machine_answer(response):
        return response
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("Cache-Control", "private, no-cache")
    response.vary.update(("Cookie", "Accept-Language"))
    asked = request.args.get("lang")
    if asked in LANGUAGES and response.status_code < 400 and request.cookies.get(LANGUAGE_COOKIE) != asked:
        remember_language(response, str(asked))
    return response


def remember_language(response: WerkzeugResponse, code: str) -> None:
    """For a year, in a cookie that holds nothing else."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=timedelta(days=365),
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _teardown(_error: BaseException | None) -> None:
    set_reading(False)


def _context() -> dict[str, Any]:
    return {
        "lang": language(),
        "locale": get_locale(),
        "languages": LANGUAGES,
        "dir": direction(language()),
        "url_for_lang": url_for_lang,
        "direction": direction,
        "now": clock.now(),
        "edition": g.get("edition"),
    }


def error_page(status: int, message: str = "") -> tuple[str, int]:
    """The page for an error; 500 shows the plain one, which needs no database and no session."""
    template = "core/broken.html" if status >= 500 else "core/error.html"
    return render_template(template, status=status, message=message), status


def refused_in_plain_text(status: int, message: str) -> Response:
    """For programs: an HTML page would be read as an empty calendar."""
    response = Response(f"{message}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = "GET, HEAD"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "120"
    return response


def _on_retreat_error(error: RetreatError) -> Response | tuple[str, int]:
    db.session.rollback()
    if is_for_a_calendar():
        return refused_in_plain_text(error.status, error.message)
    return error_page(int(error.status), error.message)


def _on_http_error(error: HTTPException) -> Any:
    db.session.rollback()
    if is_for_a_calendar():
        return refused_in_plain_text(error.code or HTTPStatus.NOT_FOUND, error.name)
    if error.response is not None or (error.code or 500) < 400:
        return error
    page, status = error_page(error.code or 500)
    response = current_app.make_response((page, status))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _on_csrf_error(_error: CSRFError) -> tuple[str, int]:
    db.session.rollback()
    return render_template("core/csrf.html", status=400), 400


def _on_crash(error: Exception) -> Response | tuple[str, int]:
    db.session.rollback()
    log.error("%s %s failed.", request.method, request.path, exc_info=error)
    if is_for_a_calendar():
        return refused_in_plain_text(HTTPStatus.SERVICE_UNAVAILABLE, "Please ask again in a few minutes.")
    return error_page(500)


def _static_versions(app: Flask) -> Callable[[str, dict[str, Any]], None]:
    """Static files are cached for a year, so that their address changes with them."""

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values and app.static_folder:
            file = app.config["STATIC_ROOT"] / values.get("filename", "")
            if file.is_file():
                values["v"] = f"{int(file.stat().st_mtime):x}"

    return add


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["text"] = text_of
    app.jinja_env.globals["dates"] = dates
    app.url_map.converters["int"] = RowNumber
    app.before_request(_before)
    app.session_interface = Sessions()
    babel.init_app(app, locale_selector=_chosen_language, default_timezone="UTC")
    limiter.init_app(app)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.after_request(_after)
    app.teardown_request(_teardown)
    app.context_processor(_context)
    app.url_defaults(_static_versions(app))
    app.register_error_handler(RetreatError, _on_retreat_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    if not app.debug and not app.testing:
        app.register_error_handler(Exception, _on_crash)


def refuse_forged_forms(app: Flask) -> None:
    """Last of what looks at a request: a stranger is sent to sign in before his form is judged."""
    csrf.init_app(app)
    read_only_what_browsers_send()

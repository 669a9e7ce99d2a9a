"""A small door before Flask for public feeds, which thousands of calendars ask for every hour.

It repeats an answer that Flask has given while the edition's row and last revision are to the byte what they were
then, and the clock has not turned; anything else goes through to the view. One query, as there; nothing stale.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Engine
from werkzeug.http import remove_entity_headers

from retreat.calendars.feeds import PUBLIC, ScopeKind
from retreat.core import clock
from retreat.core.db import db

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNTIL = "retreat.feed.until"
"""In the environ: until when the clock lets the view's answer be; what lacks it is not repeated."""

_PATH = re.compile(r"/([a-z0-9-]+)/calendar/(?:(agenda)|(track|hall|body)/([a-z0-9-]+))\.ics")
_MOST_ANSWERS = 512

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Flask answered, and the state of the world that it was true in."""

    row: Sequence[Any]
    since: datetime
    until: datetime
    etag: str
    headers: Headers
    body: bytes

    @property
    def headers_of_304(self) -> Headers:
        headers = [(name, value) for name, value in self.headers if name != "Content-Disposition"]
        remove_entity_headers(headers)
        return headers


class FeedDoor:
    """WSGI middleware; everything that is not a GET of a public feed passes through untouched."""

    def __init__(self, through: "WSGIApplication", engine: Engine) -> None:
        self._through = through
        self._engine = engine
        self._queries = {kind: _RowQuery(engine, kind) for kind in ScopeKind}
        self._answers: dict[str, _Answer] = {}
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "GET" or not path.endswith(".ics"):
            return self._through(environ, start_response)
        match = _PATH.fullmatch(path)
        row = self._row(match) if match else None
        if match is None or row is None:
            return self._through(environ, start_response)
        address = _address(environ)
        known, now = self._answers.get(address), clock.now()
        if known is None or known.row != row or not known.since <= now < known.until:
            return self._asked(match, row, now, environ, start_response)
        tag = environ.get("HTTP_IF_NONE_MATCH")
        if tag == known.etag:
            start_response("304 NOT MODIFIED", known.headers_of_304)
            return []
        # Lists, weak tags and dates are the view's to judge.
        if tag is not None or "HTTP_IF_MODIFIED_SINCE" in environ:
            return self._through(environ, start_response)
        start_response("200 OK", list(known.headers))
        return [known.body]

    def _row(self, match: re.Match[str]) -> Sequence[Any] | None:
        edition_slug, agenda, scope, slug = match.groups()
        try:
            return self._queries[ScopeKind(agenda or scope)].ask(edition_slug=edition_slug, slug=slug)
        except self._engine.dialect.loaded_dbapi.Error:
            return None  # the view will meet the same trouble, and knows how to say it

    def _asked(
        self,
        match: re.Match[str],
        row: Sequence[Any],
        now: datetime,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        said: list[Any] = []

        def listen(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            said[:] = [status, list(headers)]
            return start_response(status, headers, exc_info)

        body = _whole(self._through(environ, listen))
        status, headers = said
        names = {name for name, _ in headers}
        # Asked again: what was published while Flask answered may or may not be in the answer.
        if status == "200 OK" and UNTIL in environ and "Set-Cookie" not in names and self._row(match) == row:
            until = environ[UNTIL]
            self._keep(_address(environ), _Answer(row, now, until, dict(headers)["ETag"], headers, body))
        return [body]

    def _keep(self, address: str, answer: _Answer) -> None:
        with self._lock:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[address] = answer


class _RowQuery:
    """One of the feeds' own queries, past SQLAlchemy's result: rows are only compared, as the driver gives them."""

    def __init__(self, engine: Engine, kind: ScopeKind) -> None:
        compiled = PUBLIC[kind].compile(dialect=engine.dialect)
        self._engine = engine
        self._sql = str(compiled)
        self._positions: Sequence[str] | None = compiled.positiontup if compiled.positional else None
        self._names = tuple(compiled.params)

    def ask(self, **values: str | None) -> Sequence[Any] | None:
        given: Any = (
            {name: values[name] for name in self._names}
            if self._positions is None
            else tuple(values[name] for name in self._positions)
        )
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._sql, given)
            row: Sequence[Any] | None = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
        return row


def _address(environ: "WSGIEnvironment") -> str:
    return f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"


def _whole(parts: Iterable[bytes]) -> bytes:
    try:
        return b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()


def init_app(app: Flask) -> None:
    with app.app_context():
        app.wsgi_app = FeedDoor(app.wsgi_app, db.engine)  # type: ignore[method-assign]

"""A small door before Flask for feeds, which thousands of calendars ask for every hour.

It repeats an answer that Flask has given while the rows that decide about it are to the byte what they were then, and
the clock has not turned; anything else goes through to the view. As many queries as there; nothing stale.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.http import remove_entity_headers
from werkzeug.wsgi import ClosingIterator

from retreat.calendars import service
from retreat.calendars.asking import Asker, Asking, DatabaseAway, Found, OwnAsking, PublicAsking
from retreat.calendars.facts import Form
from retreat.calendars.feeds import ScopeKind
from retreat.core import clock
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNTIL = "retreat.feed.until"
"""In the environ: until when the clock lets the view's answer be; what lacks it is not repeated."""

_PUBLIC = re.compile(r"/([a-z0-9-]+)/calendar/(?:(agenda)|(track|hall|body)/([a-z0-9-]+))\.ics")
_OWN = re.compile(r"/calendar/([A-Za-z0-9_-]{20,60})\.ics")
# What feeds are offered with. Any other query is the view's to judge, and takes no room here.
_QUERY = re.compile(rf"(?:(?:lang=(?:{'|'.join(LANGUAGES)})|tz=(?:{'|'.join(Form)}))(?:&(?!$)|$)){{0,2}}")
_MOST_ANSWERS = 8192
_MOST_BYTES = 48_000_000

Headers = list[tuple[str, str]]
Noting = Callable[[int, str | None, datetime], None]
"""Writes down which subscription was fetched, by what User-Agent, when."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Flask answered, and the state of the world that it was true in. A 304 has taught no body."""

    state: object
    since: datetime
    until: datetime
    etag: str
    headers: Headers
    unchanged: Headers
    body: bytes | None

    @classmethod
    def of(cls, state: object, since: datetime, until: datetime, headers: Headers, body: bytes | None) -> "_Answer":
        unchanged = [(name, value) for name, value in headers if name != "Content-Disposition"]
        remove_entity_headers(unchanged)
        return cls(state, since, until, dict(headers)["ETag"], headers, unchanged, body)


class FeedDoor:
    """WSGI middleware; everything that is not a GET of a feed passes through untouched."""

    def __init__(self, through: "WSGIApplication", asker: Asker, note: Noting) -> None:
        self._through = through
        self._asker = asker
        self._note = note
        self._answers = _Answers()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asking = self._asking(environ)
        if asking is None:
            return self._through(environ, start_response)
        address, now = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}", clock.now()
        known = self._answers.get(address)
        if known is not None and not known.since <= now < known.until:
            known = None
        try:
            found = asking.found(now)
        except DatabaseAway:
            return self._meanwhile(known, asking, environ, start_response)
        except TimeoutError:
            found = None  # a crowd, and no reason to tell what may have changed: the view waits for its turn
        if found is None:
            return self._through(environ, start_response)
        if known is not None and known.state == found.state:
            answer = _repeated(known, environ, start_response)
            if answer is not None:
                return answer if found.subscription_to_note is None else self._noted_after(answer, found, now, environ)
            if known.body is not None:
                return self._through(environ, start_response)
        return self._learnt(address, asking, found.state, now, environ, start_response)

    def _asking(self, environ: "WSGIEnvironment") -> Asking | None:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "GET" or not path.endswith(".ics"):
            return None
        if not _QUERY.fullmatch(environ.get("QUERY_STRING", "")):
            return None
        if public := _PUBLIC.fullmatch(path):
            edition_slug, agenda, kind, slug = public.groups()
            return PublicAsking(self._asker, ScopeKind(agenda or kind), {"edition_slug": edition_slug, "slug": slug})
        own = _OWN.fullmatch(path)
        return OwnAsking(self._asker, own[1]) if own else None

    def _noted_after(
        self, answer: Iterable[bytes], found: Found, now: datetime, environ: "WSGIEnvironment"
    ) -> Iterable[bytes]:
        """The server closes an answer when the last byte is sent: nobody waits for the note."""
        assert found.subscription_to_note is not None
        agent = environ.get("HTTP_USER_AGENT")
        return ClosingIterator(answer, partial(self._note, found.subscription_to_note, agent, now))

    def _meanwhile(
        self,
        known: _Answer | None,
        asking: Asking,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        """While the database does not answer: what everybody may read is still told, and nobody loses a copy."""
        if known is not None and (asking.is_public or _has_this(environ, known)):
            answer = _repeated(known, environ, start_response)
            if answer is not None:
                return answer
        return self._through(environ, start_response)  # the view will meet the same trouble, and knows how to say it

    def _learnt(
        self,
        address: str,
        asking: Asking,
        state: object,
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
        if UNTIL in environ and not any(name == "Set-Cookie" for name, _ in headers):
            taught = {"200 OK": body, "304 NOT MODIFIED": None}
            # Asked again: what was published while Flask answered may or may not be in the answer.
            if status in taught and self._is_still(asking, state, now):
                self._answers.keep(address, _Answer.of(state, now, environ[UNTIL], headers, taught[status]))
        return [body]

    def _is_still(self, asking: Asking, state: object, now: datetime) -> bool:
        try:
            found = asking.found(now)
            return found is not None and found.state == state
        except (DatabaseAway, TimeoutError):
            return False


class _Answers:
    """By address, those that were asked for last, as far as there is room."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Answer] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, address: str) -> _Answer | None:
        with self._lock:
            answer = self._kept.get(address)
            if answer is not None:
                self._kept.move_to_end(address)
            return answer

    def keep(self, address: str, answer: _Answer) -> None:
        with self._lock:
            before = self._kept.pop(address, None)
            self._let_go(before)
            if (
                before is not None
                and answer.body is None
                and before.state == answer.state
                and before.etag == answer.etag
            ):
                answer = before  # it may know the body
            self._kept[address] = answer
            self._bytes += len(answer.body or b"")
            while len(self._kept) > _MOST_ANSWERS or self._bytes > _MOST_BYTES:
                self._let_go(self._kept.popitem(last=False)[1])

    def _let_go(self, answer: _Answer | None) -> None:
        self._bytes -= len(answer.body or b"") if answer else 0


def _has_this(environ: "WSGIEnvironment", known: _Answer) -> bool:
    tag: str = environ.get("HTTP_IF_NONE_MATCH", "")
    return tag.removeprefix("W/") == known.etag


def _repeated(known: _Answer, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes] | None:
    """The answer again; None for what is the view's to judge: lists of tags, dates, and bytes that are not here."""
    has_tag = "HTTP_IF_NONE_MATCH" in environ
    if has_tag and _has_this(environ, known):
        start_response("304 NOT MODIFIED", list(known.unchanged))
        return []
    if has_tag or "HTTP_IF_MODIFIED_SINCE" in environ or known.body is None:
        return None
    start_response("200 OK", list(known.headers))
    return [known.body]


def _whole(parts: Iterable[bytes]) -> bytes:
    try:
        return b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()


def init_app(app: Flask) -> None:
    def note(subscription_id: int, agent: str | None, at: datetime) -> None:
        with app.app_context():
            service.note_fetch_in_passing(subscription_id, agent, at=at)

    with app.app_context():
        app.wsgi_app = FeedDoor(app.wsgi_app, Asker(db.engine), note)  # type: ignore[method-assign]

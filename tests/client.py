"""A test client that reads every page it fetches as a strict browser would."""

import contextvars
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from retreat.core.db import db

T = TypeVar("T")
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
STARS = re.compile(r"/[a-z0-9-]+/stars")
"""Where pages that everybody shares send a form: it has no token, and is refused by where it comes from."""
DATA_TYPES = frozenset(["application/json", "application/ld+json"])


def outside(act: Callable[[], T]) -> T:
    """Do something with no app context of the test's around it, as a request in the server runs.

    The test's own session ends its transaction first: it would hold SQLite's write lock, and PostgreSQL
    would not show what it has not committed.
    """
    if has_app_context():
        db.session.commit()
    return contextvars.Context().run(act)


class Form:
    """A form of a page: where it goes, and what it holds before anybody types."""

    def __init__(self, attributes: dict[str, str | None]) -> None:
        self.method = (attributes.get("method") or "get").lower()
        self.action = attributes.get("action") or ""
        self.id = attributes.get("id")
        self.fields: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.required: set[str] = set()

    def values(self) -> dict[str, list[str]]:
        held: dict[str, list[str]] = {}
        for name, value in self.fields:
            held.setdefault(name, []).append(value)
        return held


class Page(HTMLParser):
    """A parsed page: `problems` says what a strict reader would reject; `text`, `forms` and `links` are for tests."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.lang: str | None = None
        self.title = ""
        self._texts: list[str] = []
        self._ids: set[str] = set()
        self._open: list[str] = []
        self._form: Form | None = None
        self._select: tuple[str, bool] | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._typed = ""
        self.feed(markup)
        self.close()
        self._conclude(markup)

    @property
    def text(self) -> str:
        """All visible text, blanks collapsed."""
        return " ".join(" ".join(self._texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._check_attributes(tag, attrs)
        if tag == "html":
            self.lang = attributes.get("lang")
        if tag == "h1":
            self.headings.append("")
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"] or "")
        self._read_form_part(tag, attributes)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes nothing at line {self.getpos()[0]} (open: {self._open[-3:]})")
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        if tag == "select" and self._select:
            self._end_select()
        if tag == "textarea" and self._textarea is not None:
            if self._form is not None:
                self._form.fields.append((self._textarea, self._typed.removeprefix("\n")))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._typed += data
        inside = self._open[-1] if self._open else ""
        if inside == "title" and "svg" not in self._open:
            self.title += data
        elif inside not in ("script", "style"):
            self._texts.append(data)
            if "h1" in self._open and self.headings:
                self.headings[-1] += data

    def _check_attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        where = f"<{tag}> at line {self.getpos()[0]}"
        names = [name for name, _ in attrs]
        self.problems += [f"{where} says {name} twice" for name in {n for n in names if names.count(n) > 1}]
        self.problems += [f"{where} has inline {name}" for name in names if name == "style" or name.startswith("on")]
        if (identity := attributes.get("id")) is not None:
            if identity in self._ids or not identity:
                self.problems.append(f"{where} repeats the id “{identity}”")
            self._ids.add(identity)
        if tag == "style" or (
            tag == "script" and not attributes.get("src") and attributes.get("type") not in DATA_TYPES
        ):
            self.problems.append(f"{where} is inline")
        if tag == "img" and "alt" not in attributes:
            self.problems.append(f"{where} has no alt")

    def _read_form_part(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "form":
            if self._form is not None:
                self.problems.append(f"a form inside a form at line {self.getpos()[0]}")
            self._form = Form(attributes)
            self.forms.append(self._form)
        elif tag == "option":
            self._options.append((attributes.get("value") or "", "selected" in attributes))
        elif tag in ("input", "select", "textarea") and self._form and "disabled" not in attributes:
            self._read_control(self._form, tag, attributes)

    def _read_control(self, form: Form, tag: str, attributes: dict[str, str | None]) -> None:
        name = attributes.get("name")
        if not name:
            return
        form.names.add(name)
        if "required" in attributes:
            form.required.add(name)
        if tag == "select":
            self._select, self._options = (name, "multiple" in attributes), []
        elif tag == "textarea":
            self._textarea, self._typed = name, ""
        else:
            form.fields += held_by_input(name, attributes)

    def _end_select(self) -> None:
        assert self._select is not None
        name, is_multiple = self._select
        chosen = [value for value, is_chosen in self._options if is_chosen]
        if not chosen and not is_multiple and self._options:
            chosen = [self._options[0][0]]
        if self._form is not None:
            self._form.fields += [(name, value) for value in chosen]
        self._select = None

    def _conclude(self, markup: str) -> None:
        if not markup.lstrip().lower().startswith("<!doctype html>"):
            return  # a fragment for htmx: what follows is a page's business
        if self._open:
            self.problems.append(f"never closed: {self._open}")
        if not self.lang:
            self.problems.append("<html> has no lang")
        if not self.title.strip():
            self.problems.append("no title")
        if len(self.headings) != 1:
            self.problems.append(f"{len(self.headings)} h1 headings: {[text.strip() for text in self.headings]}")
        for form in self.forms:
            if form.method == "post" and "csrf_token" not in form.names and not STARS.fullmatch(form.action):
                self.problems.append(f"the form to “{form.action}” has no csrf_token")


def held_by_input(name: str, attributes: dict[str, str | None]) -> list[tuple[str, str]]:
    """What an untouched input sends."""
    match (attributes.get("type") or "text").lower():
        case "submit" | "button" | "image" | "reset" | "file":
            return []
        case "checkbox" | "radio":
            return [(name, attributes.get("value", "on") or "")] if "checked" in attributes else []
        case _:
            return [(name, attributes.get("value") or "")]


class PageClient(FlaskClient):
    """Flask's client, which runs each request outside the test's context and refuses a faulty page."""

    page: Page
    """The last HTML page that was fetched."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = outside(lambda: super(PageClient, self).open(*args, **kwargs))
        # A redirect's own few words are Werkzeug's, and nobody reads them.
        if response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
            self.page = Page(response.text)
            assert not self.page.problems, f"{response.request.path}: " + "; ".join(self.page.problems)
        return response

    def submit(
        self, path: str, *, form_id: str | None = None, action: str | None = None, **values: Any
    ) -> TestResponse:
        """Fetch the page at `path`, fill in its POST form and send it; `values` replace what it holds.

        Which form: that with `form_id`, or whose action ends in `action`, else the only POST form of the page.
        A value may be a list; None takes the field away. Names that the form lacks are refused.
        """
        response = self.get(path)
        assert response.status_code == 200, f"{path} answered {response.status_code}"
        form = self._form(path, form_id, action)
        unknown = {name for name, value in values.items() if value is not None} - form.names
        assert not unknown, f"the form of {path} has no {sorted(unknown)}; it has {sorted(form.names)}"
        filled = {**form.values(), **values}
        sent = {name: value for name, value in filled.items() if value is not None}
        target = urlsplit(urljoin(path, form.action or path))
        return self.post(target.path, query_string=target.query, data=sent)

    def _form(self, path: str, form_id: str | None, action: str | None) -> Form:
        forms = [form for form in self.page.forms if form.method == "post"]
        if form_id is not None:
            forms = [form for form in forms if form.id == form_id]
        elif action is not None:
            forms = [form for form in forms if urlsplit(form.action).path.endswith(action)]
        assert len(forms) == 1, (
            f"{path} has {len(forms)} such forms: {[form.action for form in self.page.forms if form.method == 'post']}"
        )
        return forms[0]

"""What changed, for everybody: a page and an Atom feed. Sessions as they were listed, and nothing of any other."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request
from flask_babel import force_locale

from retreat.accounts import guards
from retreat.agenda import labels
from retreat.agenda.cards import Reader
from retreat.agenda.diff import ChangeKind
from retreat.agenda.freshness import freshness
from retreat.agenda.kept import Kept
from retreat.agenda.revisions import history, wording
from retreat.agenda.revisions.history import RevisionStep
from retreat.agenda.revisions.wording import ChangeShown
from retreat.core import clock, http
from retreat.core.i18n import LANGUAGES, Rendering
from retreat.core.unchanged import tag_of, tagged, unless_changed
from retreat.core.xml import writable
from retreat.editions.models import Edition
from retreat.editions.web import edition_of

blueprint = Blueprint("changes", __name__)


@dataclass(frozen=True, slots=True)
class Told:
    """One revision as the public hears of it."""

    step: RevisionStep
    groups: tuple[tuple[ChangeKind, list[ChangeShown]], ...]
    note: Rendering | None

    @property
    def counts(self) -> dict[ChangeKind, int]:
        return {kind: len(some) for kind, some in self.groups}


_kept_told: Kept[tuple[Told, ...]] = Kept(24)
_kept_feeds: Kept[str] = Kept(24)
"""Of half a dozen editions in four languages; one is some hundred kB at most."""


def told(edition: Edition, steps: tuple[RevisionStep, ...], language: str) -> tuple[Told, ...]:
    """Revisions that say something to the public: a change, a note, or that there is a programme at all."""
    if not steps:
        return ()
    reader = Reader.of(edition, language, clock.now())
    numbers = (steps[0].number, steps[0].published_at, steps[-1].number)
    key = (edition.uid, edition.agenda_rev, numbers, language, edition.main_language)
    return _kept_told.get(key, lambda: tuple(_told(steps, reader)))


def _told(steps: tuple[RevisionStep, ...], reader: Reader) -> Iterator[Told]:
    for step in steps:
        shown = [
            wording.show(change, reader, before=step.before, after=step.after, is_public=True)
            for change in history.told(step.difference.changes)
        ]
        # A change without a fact is one of what is not told: the number of seats, an address.
        groups = wording.grouped(one for one in shown if one.facts or one.is_whole)
        note = reader.words(step.note) if step.note else None
        if groups or note or (step.is_first and step.listed):
            yield Told(step, tuple(groups), note)


@blueprint.get("/<edition_slug>/agenda/changes")
def index(edition_slug: str) -> Response:
    """Revisions, newest first, with what each changed; 304 where the browser has it."""
    edition = edition_of(edition_slug)
    page = http.page_number()

    def make() -> str:
        return render_template(
            "agenda/revisions/changes.html",
            told=told(edition, history.steps(edition, page), http.language()),
            page=page,
            pages=-(-len(history.numbers(edition)) // history.A_PAGE),
            change_labels=labels.CHANGES,
        )

    is_organiser = guards.organiser() is not None
    facts = freshness(edition, clock.now()).facts
    return unless_changed((*facts, page, is_organiser), make, is_personal=is_organiser or "lang" in request.args)


@blueprint.get("/<edition_slug>/agenda/changes.atom")
def feed(edition_slug: str) -> Response:
    """The same as RFC 4287, in the language of the address, else in the edition's own."""
    edition = edition_of(edition_slug)
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else edition.main_language
    steps = history.steps(edition)
    # The titles and names of an edition change without a revision; they are part of the feed's head.
    decisive = (
        *(edition.uid, edition.slug, edition.agenda_rev, edition.title, edition.city, edition.zone, language),
        *(http.base_url(), edition.created_at, steps[0].number if steps else 0, steps[0].published_at if steps else 0),
    )
    tag = tag_of(decisive)

    def make() -> Response:
        kept = _kept_feeds.get(tag, lambda: _feed(edition, steps, language))
        return Response(kept, mimetype="application/atom+xml")

    return tagged(tag, make, "public, no-cache")


def _feed(edition: Edition, steps: tuple[RevisionStep, ...], language: str) -> str:
    with force_locale(language):
        body = render_template(
            "agenda/revisions/changes.atom.xml",
            told=told(edition, steps, language),
            language=language,
            updated=steps[0].published_at if steps else edition.created_at,
            stamp=_stamp,
            urn=lambda *what: _urn(edition, language, *what),
            page=http.absolute_url("changes.index", edition_slug=edition.slug),
            own=http.absolute_url("changes.feed", edition_slug=edition.slug, lang=language),
            change_labels=labels.CHANGES,
        )
    return writable(body)


def _stamp(instant: datetime) -> str:
    """RFC 3339, in UTC."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _urn(edition: Edition, language: str, *what: object) -> str:
    """An id that stays, whatever address the site moves to; each language is a feed of its own."""
    name = "/".join(map(str, ("agenda", "changes", language, *what)))
    return uuid.uuid5(uuid.UUID(edition.uid), name).urn

"""The page on how to subscribe: every public feed with its addresses, and what each calendar makes of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from retreat.agenda import published
from retreat.agenda.models import Access
from retreat.agenda.published import PublishedSession
from retreat.agenda.stars.cookie import Marks, mark
from retreat.calendars.client_notes import Client, clients
from retreat.calendars.facts import Form
from retreat.calendars.web_calendars import WebCalendars, subscriptions, webcal
from retreat.core.http import absolute_url
from retreat.core.i18n import LANGUAGES, Rendering, Translated
from retreat.editions.models import Edition


@dataclass(frozen=True, slots=True)
class FeedLink:
    """Every way to subscribe to what is at an address; `webcal` is what calendars open by themselves."""

    address: str
    name: str

    @property
    def webcal(self) -> str:
        return webcal(self.address)

    @property
    def web(self) -> WebCalendars:
        return subscriptions(self.address, self.name)

    @property
    def qr(self) -> Markup:
        """For a camera."""
        return qr_code(self.webcal)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One feed to choose."""

    id: str
    name: Rendering
    note: str
    link: FeedLink
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """How the calendars on offer are written: the language of their titles, the form of their times."""

    language: str
    form: Form

    @classmethod
    def of(cls, language: str | None, form: str | None, edition: Edition) -> "Choice":
        """As asked for, or as the edition does it."""
        return cls(
            language if language in LANGUAGES else edition.main_language,
            Form.VENUE if form == Form.VENUE else Form.UTC,
        )


@dataclass(frozen=True, slots=True)
class FeedGroup:
    """Feeds of one kind, under their heading."""

    id: str
    title: str
    note: str
    rows: tuple[FeedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribePage:
    whole: FeedRow
    groups: tuple[FeedGroup, ...]
    choice: Choice
    languages: tuple[tuple[str, str], ...]
    clients: tuple[Client, ...]
    is_published: bool
    is_in_one_zone: bool
    """Every session on offer is in the zone of the edition."""
    stars: int
    """Of this browser, as far as they have an hour."""


def subscribe_page(edition: Edition, choice: Choice, marks: Marks, *, language: str) -> SubscribePage:
    """`language` is the page's, `choice` that of the calendars it offers, `marks` what the browser has starred."""
    read = published.programme(edition)
    timed = [session for session in published.listed(read) if session.is_timed]
    offer = _Offer(edition, choice, language)
    by_track = sorted(timed, key=lambda session: session.track_name.text(language, edition.main_language).casefold())
    by_position = sorted(timed, key=lambda session: (session.venue_id or 0, session.hall_position or 0))
    of_bodies = sorted(
        (session for session in timed if session.access is Access.OPEN),
        key=lambda session: session.body_name.text(language, edition.main_language).casefold(),
    )
    groups = (
        FeedGroup("tracks", _("One track"), "", offer.rows("track", by_track)),
        FeedGroup("halls", _("One hall"), "", offer.rows("hall", by_position)),
        FeedGroup("bodies", _("One body"), _("Its sessions that are open to everybody"), offer.rows("body", of_bodies)),
    )
    return SubscribePage(
        whole=offer.whole(len(timed)),
        groups=tuple(group for group in groups if group.rows),
        choice=choice,
        languages=tuple(LANGUAGES.items()),
        clients=clients(),
        is_published=read.revision is not None,
        is_in_one_zone=all(session.zone == edition.zone for session in timed),
        stars=sum(mark(session.uid) in marks for session in timed) if marks else 0,
    )


@lru_cache(maxsize=512)
def qr_code(text: str) -> Markup:
    """An inline SVG without style or script; its label is for the element around it."""
    import segno

    drawn = segno.make_qr(text, error="m").svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - segno draws squares, it quotes no text


@dataclass(frozen=True, slots=True)
class _Offer:
    edition: Edition
    choice: Choice
    language: str

    def whole(self, sessions: int) -> FeedRow:
        name = Rendering(_("Whole agenda"), self.language)
        return FeedRow(id="agenda", name=name, note=_count(sessions), link=self._link("agenda", None, ""))

    def rows(self, kind: str, sessions: Iterable[PublishedSession]) -> tuple[FeedRow, ...]:
        """One feed for each track, hall or body that these sessions are in, in the order in which they come."""
        slug_of, name_of = _PARTS[kind]
        held: dict[str, list[PublishedSession]] = {}
        for session in sessions:
            slug = slug_of(session)
            if slug:
                held.setdefault(slug, []).append(session)
        return tuple(self._row(kind, slug, name_of(inside[0]), inside) for slug, inside in held.items())

    def _row(self, kind: str, slug: str, name: Translated, sessions: list[PublishedSession]) -> FeedRow:
        main = self.edition.main_language
        return FeedRow(
            id=f"{kind}-{slug}",
            name=name.best(self.language, main),
            note=_count(len(sessions)),
            link=self._link(kind, slug, name.text(self.choice.language, main)),
            colour=(sessions[0].track_colour or 1) if kind == "track" else 0,
        )

    def _link(self, kind: str, slug: str | None, part: str) -> FeedLink:
        values = {"slug": slug} if slug else {}
        if self.choice.language != self.edition.main_language:
            values["lang"] = self.choice.language
        if self.choice.form is Form.VENUE:
            values["tz"] = self.choice.form.value
        title = self.edition.title.text(self.choice.language, self.edition.main_language)
        address = absolute_url(f"calendars.{kind}", edition_slug=self.edition.slug, **values)
        return FeedLink(address, f"{title}: {part}" if part else title)


_PARTS: dict[str, tuple[Callable[[PublishedSession], str | None], Callable[[PublishedSession], Translated]]] = {
    "track": (lambda session: session.track_slug, lambda session: session.track_name),
    "hall": (lambda session: session.hall_slug, lambda session: session.hall_name),
    "body": (lambda session: session.body_slug, lambda session: session.body_name),
}


def _count(sessions: int) -> str:
    return ngettext("%(num)d session", "%(num)d sessions", sessions)

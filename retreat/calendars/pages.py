"""The page on how to subscribe: every public feed with its addresses, and what each calendar makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from retreat.agenda import published
from retreat.agenda.published import PublishedSession
from retreat.core.http import absolute_url
from retreat.core.i18n import LANGUAGES, Rendering
from retreat.editions.models import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One feed to choose. `webcal` is what calendars open by themselves."""

    id: str
    name: Rendering
    note: str
    address: str
    webcal: str
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Client:
    """What one calendar program asks for, and how soon it sees a change."""

    name: str
    how_soon: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribePage:
    whole: FeedRow
    tracks: tuple[FeedRow, ...]
    halls: tuple[FeedRow, ...]
    titles_in: str
    languages: tuple[tuple[str, str], ...]
    clients: tuple[Client, ...]
    qr: Markup
    is_published: bool


def subscribe_page(edition: Edition, *, titles_in: str, language: str) -> SubscribePage:
    """`language` is the page's, `titles_in` that of the calendars it offers."""
    titles_in = titles_in if titles_in in LANGUAGES else edition.main_language
    read = published.programme(edition)
    timed = [session for session in published.listed(read) if session.is_timed]
    whole = _row(
        edition, titles_in, "agenda", name=Rendering(_("Whole agenda"), language), note=_count(len(timed)), slug=None
    )
    return SubscribePage(
        whole=whole,
        tracks=_tracks(edition, timed, titles_in, language),
        halls=_halls(edition, timed, titles_in, language),
        titles_in=titles_in,
        languages=tuple(LANGUAGES.items()),
        clients=clients(),
        qr=qr_code(whole.webcal),
        is_published=read.revision is not None,
    )


def webcal(address: str) -> str:
    """The same address under the scheme that calendars subscribe to."""
    return "webcal://" + address.partition("://")[2]


def qr_code(text: str) -> Markup:
    """An inline SVG without style or script; its label is for the element around it."""
    import segno

    drawn = segno.make_qr(text, error="m").svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - segno draws squares, it quotes no text


def _count(sessions: int) -> str:
    return ngettext("%(num)d session", "%(num)d sessions", sessions)


def _row(
    edition: Edition, titles_in: str, kind: str, *, slug: str | None, name: Rendering, note: str, colour: int = 0
) -> FeedRow:
    values = {"slug": slug} if slug else {}
    if titles_in != edition.main_language:
        values["lang"] = titles_in
    address = absolute_url(f"calendars.{kind}", edition_slug=edition.slug, **values)
    return FeedRow(
        id=f"{kind}-{slug}" if slug else kind,
        name=name,
        note=note,
        address=address,
        webcal=webcal(address),
        colour=colour,
    )


def _tracks(edition: Edition, timed: Iterable[PublishedSession], titles_in: str, language: str) -> tuple[FeedRow, ...]:
    held: dict[str, list[PublishedSession]] = {}
    for session in timed:
        if session.track_slug:
            held.setdefault(session.track_slug, []).append(session)
    return tuple(
        _row(
            edition,
            titles_in,
            "track",
            slug=slug,
            name=sessions[0].track_name.best(language, edition.main_language),
            note=_count(len(sessions)),
            colour=sessions[0].track_colour or 1,
        )
        for slug, sessions in sorted(held.items())
    )


def _halls(edition: Edition, timed: Iterable[PublishedSession], titles_in: str, language: str) -> tuple[FeedRow, ...]:
    held: dict[str, list[PublishedSession]] = {}
    for session in sorted(timed, key=lambda session: session.hall_position or 0):
        if session.hall_slug:
            held.setdefault(session.hall_slug, []).append(session)
    return tuple(
        _row(
            edition,
            titles_in,
            "hall",
            slug=slug,
            name=sessions[0].hall_name.best(language, edition.main_language),
            note=_count(len(sessions)),
        )
        for slug, sessions in held.items()
    )


def clients() -> tuple[Client, ...]:
    """The calendars that people have, the most usual first."""
    return (
        Client(
            _("iPhone, iPad, Mac"),
            _("within the hour"),
            (
                _("Press Subscribe and confirm."),
                _("On the Mac set Auto-refresh to every 15 minutes in the week of the event."),
            ),
        ),
        Client(
            _("Google Calendar"),
            _("4 to 24 hours"),
            (
                _("On a computer open Other calendars, then From URL, and paste the address."),
                _("Google decides how often it looks."),
                _("For changes on the same day look at this site."),
            ),
        ),
        Client(
            _("Outlook"),
            _("3 to 24 hours"),
            (
                _("Choose Add calendar, then Subscribe from web, and paste the address."),
                _("Do not import a downloaded file: it never changes again."),
            ),
        ),
        Client(
            _("Android, with ICSx5"),
            _("as you set it"),
            (
                _("Install ICSx5, add the address and choose 15 minutes for the week."),
                _("The calendar appears in the phone’s own calendar application."),
            ),
        ),
        Client(
            _("Thunderbird"),
            _("as you set it"),
            (_("Choose New calendar, On the network, iCalendar, and paste the address."),),
        ),
        Client(
            _("Nextcloud"),
            _("within the hour"),
            (_("In Calendar choose New subscription from link and paste the address."),),
        ),
    )

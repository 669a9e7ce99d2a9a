"""The printed agenda: the week or one day, as values and as PDF. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from retreat.printing import ornaments, pdf, typography, words
from retreat.printing.pdf import Pdf

_TITLE_SIZES = (30.0, 27.0, 24.0, 21.0, 18.0)


@dataclass(frozen=True, kw_only=True)
class AgendaPoint:
    """What a meeting has before it, and what is done with it."""

    title: str
    title_language: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class AgendaRow:
    """One session, in one language; what is unknown is empty."""

    time: str
    title: str
    title_language: str
    hall: str = ""
    people: tuple[str, ...] = ()
    points: tuple[AgendaPoint, ...] = ()
    languages: str = ""
    access: str = ""
    track: str = ""
    is_tentative: bool = False
    is_cancelled: bool = False
    is_part: bool = False
    """Inside another session of the same day."""


@dataclass(frozen=True, kw_only=True)
class AgendaDay:
    label: str
    title: str
    rows: tuple[AgendaRow, ...]


@dataclass(frozen=True, kw_only=True)
class AgendaFacts:
    """The head of the document, in its language."""

    language: str
    event: str
    place: str
    edition_note: str
    revision: int | None
    published: str
    """When: whoever holds two copies can tell the later one."""
    live_url: str = ""
    owner: str = ""
    """Whose own week it is; empty for the agenda of everybody."""


def print_agenda(agenda: AgendaFacts, days: Sequence[AgendaDay]) -> Pdf:
    """The days one after another, A4 portrait, PDF/UA-1."""
    title = typography.largest_fitting(agenda.event, _TITLE_SIZES, 114, weight=400, most_lines=1, family="serif")
    return pdf.render(
        words.fill("agendas/agenda.html", agenda.language, agenda=agenda, days=days, title_size=title),
        stylesheets=(words.style("agenda.css"), words.size_rules({title})),
        resources={
            "contours.svg": ornaments.contours(210, 50, opacity=0.16, gap=2.8),
            "mark.svg": ornaments.mark(),
            **({"live.svg": ornaments.code(agenda.live_url)} if agenda.live_url else {}),
        },
        ua=True,
    )

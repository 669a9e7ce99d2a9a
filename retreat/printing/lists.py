"""A list of registrations on paper: the chosen columns of a filter, as values and as PDF. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from retreat.printing import ornaments, pdf, typography, words
from retreat.printing.pdf import Pdf, Progress

_WIDTH_MM = 297 - 2 * 12
_PADDING_MM = 2.4
_SIZES = (9.0, 8.4, 7.8, 7.2, 6.6, 6.0)
_LEAST_MM, _MOST_MM = 9.0, 70.0
_TITLE_SIZES = (20.0, 18.0, 16.0, 14.0)
_ROWS_MEASURED = 400


@dataclass(frozen=True, kw_only=True)
class ListFacts:
    """The head of the document, in its language."""

    language: str
    event: str
    place: str
    name: str
    """Of the saved list; empty for any other."""
    filter: str
    """In words; empty for everybody."""
    people: int
    printed: str
    """When."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and which way its script runs."""

    text: str
    is_right_to_left: bool = False


def print_list(
    facts: ListFacts, heads: Sequence[str], rows: Sequence[Sequence[str]], *, progress: Progress | None = None
) -> Pdf:
    """A4 across, the heads again on every page, the page's number of how many; PDF/UA-1."""
    cleaned = [[typography.clean(text) for text in row] for row in rows]
    size, widths = fitting(heads, cleaned)
    title = typography.largest_fitting(facts.name or facts.event, _TITLE_SIZES, 190, weight=600, most_lines=1)
    html = words.fill(
        "lists/list.html",
        facts.language,
        facts=facts,
        heads=heads,
        rows=[[Cell(text, typography.direction(text) == "rtl") for text in row] for row in cleaned],
        size=size,
        title_size=title,
    )
    # A cell's own width is without its padding.
    columns = "".join(f".c{number}{{width:{width - _PADDING_MM:.2f}mm}}" for number, width in enumerate(widths, 1))
    return pdf.render(
        html,
        stylesheets=(words.style("list.css"), words.size_rules({size, title}), columns),
        resources={"mark.svg": ornaments.mark()},
        ua=True,
        progress=progress,
    )


def fitting(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, list[float]]:
    """The size of the letters, and each column's width in millimetres: together the width of the page.

    A column wants what most of its texts need on one line; where all together want more than there is, letters
    become smaller first, then the widest columns give way and their texts take several lines.
    """
    measured = rows[:: max(1, len(rows) // _ROWS_MEASURED)] if rows else []
    for points in _SIZES:
        wanted = [_wanted(head, [row[number] for row in measured], points) for number, head in enumerate(heads)]
        if sum(wanted) <= _WIDTH_MM * 1.15:
            break
    least = [_needed(head, points, [row[number] for row in measured]) for number, head in enumerate(heads)]
    return points, _shared(wanted, least)


def _wanted(head: str, texts: Sequence[str], points: float) -> float:
    widths = sorted(typography.width_mm(text, points) for text in texts if text) or [0.0]
    most = widths[min(len(widths) - 1, int(len(widths) * 0.95))]
    return min(max(most + _PADDING_MM, _needed(head, points)), _MOST_MM)


def _needed(head: str, points: float, texts: Sequence[str] = ()) -> float:
    """Room for the longest word of the head, and of the texts: no word is broken while there is room."""
    longest = max((typography.width_mm(word, points, 600) for word in head.split()), default=0.0)
    words_of = {word for text in texts for word in text.split()}
    longest = max([longest, *(typography.width_mm(word, points) for word in words_of)])
    return min(max(longest + _PADDING_MM, _LEAST_MM), _MOST_MM / 2)


def _shared(wanted: Sequence[float], least: Sequence[float]) -> list[float]:
    """The widths that fill the page: what is over goes to all alike, what is missing is taken from the widest."""
    widths = list(wanted)
    while sum(widths) > _WIDTH_MM + 0.01:
        can_give = [number for number, width in enumerate(widths) if width > least[number] + 0.1]
        if not can_give:
            break
        widest = max(can_give, key=lambda number: widths[number])
        widths[widest] -= min(1.0, widths[widest] - least[widest], sum(widths) - _WIDTH_MM)
    factor = _WIDTH_MM / sum(widths)
    return [width * factor for width in widths]

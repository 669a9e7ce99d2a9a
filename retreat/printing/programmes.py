"""The printed programme of a ceremony and its diplomas, as values and as PDF. Pure.

Winner, recipient and presenter are three people. Until a result is announced its winner and recipient are under
embargo: the values made here leave them out, so that no template can print them by mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.numbers import format_decimal

from retreat.ceremony import order
from retreat.core import dates
from retreat.core.i18n import Translated
from retreat.printing import ornaments, pdf, typography, words
from retreat.printing.pdf import Pdf

_TITLE_SIZES = (34.0, 31.0, 28.0, 25.0, 22.0, 19.0, 16.0)
_DIPLOMA_TITLE_SIZES = (44.0, 40.0, 36.0, 32.0, 28.0, 25.0, 22.0, 19.0)
_SMALLEST_ON_ONE_LINE = 32.0
_WINNER_SIZES = (42.0, 37.0, 33.0, 29.0, 25.0, 21.0, 17.0)
_CITATION_SIZES = (15.0, 14.0, 13.0, 12.0, 11.0, 10.0)
_SPACINGS = ("loose", "snug", "tight")
_CITATION_WIDTH_MM = 189.0
_GILT = "#e6cf9c"


@dataclass(frozen=True, kw_only=True)
class AwardFacts:
    """One prize, in one language; what is unknown or under embargo is empty."""

    prize: str
    place: int | None = None
    winner: str = ""
    other_winner_names: tuple[tuple[str, str], ...] = ()
    """(language, name) for the other languages in which the name differs."""
    recipient: str = ""
    recipient_position: str = ""
    presenter: str = ""
    presenter_position: str = ""
    citation: str = ""
    amount: str = ""
    number: str = ""
    is_sealed: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the running order."""

    minutes: int
    title: str
    people: str = ""
    note: str = ""
    award: AwardFacts | None = None


@dataclass(frozen=True, kw_only=True)
class CeremonyFacts:
    """What the programme and the diplomas say about the ceremony itself, in one language."""

    language: str
    title: str
    other_titles: tuple[tuple[str, str], ...]
    event: str
    city: str
    hall: str
    day: date | None
    begins: datetime | None
    """On the wall of the hall's zone; None while the hour is to be confirmed."""
    about: str = ""
    languages: tuple[str, ...] = ()
    """Interpretation, each language named in itself."""


@dataclass(frozen=True, kw_only=True)
class TimedStep:
    time: str
    step: Step


def others(text: Translated, shown: str) -> tuple[tuple[str, str], ...]:
    """(language, text) in every language that says it otherwise than `shown`, each text once."""
    seen = {shown}
    found = []
    for code, said in text.items():
        if said not in seen:
            seen.add(said)
            found.append((code, said))
    return tuple(found)


def money(amount: Decimal | None, currency: str, language: str) -> str:
    """USD 10,000: the code before the number, for no symbol says which dollar."""
    if amount is None:
        return ""
    number = amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount
    return f"{currency}\u00a0{format_decimal(number, locale=language)}"


def timed(begins: datetime | None, steps: Sequence[Step]) -> tuple[TimedStep, ...]:
    """Each step with its time: the beginning and the lengths before it. Without a beginning there are no times."""
    at = order.starts(begins, [step.minutes for step in steps])
    return tuple(
        TimedStep(time=dates.clock(start) if start else "", step=step) for start, step in zip(at, steps, strict=True)
    )


def print_programme(ceremony: CeremonyFacts, steps: Sequence[Step]) -> Pdf:
    """The programme, A4 portrait, PDF/UA-1; set more tightly when that keeps it on one sheet."""
    title = typography.largest_fitting(ceremony.title, _TITLE_SIZES, 172, weight=400, most_lines=2, family="serif")
    done = [_programme(ceremony, steps, title, _SPACINGS[0])]
    for spacing in _SPACINGS[1:]:
        if done[-1].pages == 1:
            return done[-1]
        done.append(_programme(ceremony, steps, title, spacing))
    return done[-1] if done[-1].pages == 1 else done[0]


def _programme(ceremony: CeremonyFacts, steps: Sequence[Step], title: float, spacing: str) -> Pdf:
    return pdf.render(
        words.fill(
            "programmes/programme.html",
            ceremony.language,
            ceremony=ceremony,
            steps=timed(ceremony.begins, steps),
            when=_when(ceremony),
            title_size=title,
            spacing=spacing,
        ),
        stylesheets=(words.style("programme.css"), words.size_rules({title})),
        resources={
            "contours.svg": ornaments.contours(210, 78, colour=_GILT, opacity=0.2, gap=3.1),
            "mark.svg": ornaments.mark(),
        },
        ua=True,
    )


def print_diplomas(ceremony: CeremonyFacts, awards: Sequence[AwardFacts]) -> Pdf:
    """A diploma for each award, A4 landscape, PDF/UA-1. Each award must have its winner."""
    sizes = [_diploma_sizes(award) for award in awards]
    widths = [
        typography.balanced_width(award.citation, size, _CITATION_WIDTH_MM, weight=400, family="serif")
        for award, (_, _, size) in zip(awards, sizes, strict=True)
    ]
    rules = "".join(
        f".d{place} .citation{{left:{(297 - width) / 2:g}mm;width:{width:g}mm}}" for place, width in enumerate(widths)
    )
    return pdf.render(
        words.fill(
            "programmes/diplomas.html",
            ceremony.language,
            ceremony=ceremony,
            diplomas=list(zip(awards, sizes, strict=True)),
            when=_day(ceremony),
        ),
        stylesheets=(words.style("diploma.css"), words.size_rules({size for three in sizes for size in three}), rules),
        resources={
            "frame.svg": ornaments.diploma_frame(),
            "mark.svg": ornaments.mark(),
            "flourish.svg": ornaments.flourish(),
        },
        ua=True,
    )


def _diploma_sizes(award: AwardFacts) -> tuple[float, float, float]:
    """Points for the prize, the winner and the citation."""
    prize = typography.largest_fitting(award.prize, _DIPLOMA_TITLE_SIZES, 214, weight=400, most_lines=1, family="serif")
    if prize < _SMALLEST_ON_ONE_LINE:
        two_lines = [size for size in _DIPLOMA_TITLE_SIZES if size <= _SMALLEST_ON_ONE_LINE]
        prize = typography.largest_fitting(award.prize, two_lines, 190, weight=400, most_lines=2, family="serif")
    return (
        prize,
        typography.largest_fitting(award.winner, _WINNER_SIZES, 200, weight=600, most_lines=1, family="serif"),
        typography.largest_fitting(award.citation, _CITATION_SIZES, 180, weight=400, most_lines=3, family="serif"),
    )


def _when(ceremony: CeremonyFacts) -> str:
    """Hall, city, weekday, date and hour: whatever is known."""
    hall = ", ".join(part for part in (ceremony.hall, ceremony.city) if part)
    hour = dates.clock(ceremony.begins) if ceremony.begins else ""
    return " · ".join(part for part in (hall, _day(ceremony), hour) if part)


def _day(ceremony: CeremonyFacts) -> str:
    return dates.long_date(ceremony.day, ceremony.language, year=True) if ceremony.day else ""

"""What the print fonts can set, and how wide it comes out: measured from the fonts, not guessed from the length.

WeasyPrint cannot fit text to a box, and a glyph that no font has is only logged while painting. So sizes are
chosen here before layout, and missing glyphs are known before anything is printed.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from retreat.printing.pdf import FONTS

POINTS_PER_MM = 72 / 25.4
# In the order of the style sheets. Arabic is set in Amiri: Noto Sans Arabic draws letters as a skeleton and dots that
# letters share, so that no reader gets the text back out of the PDF (measured with pdftotext and pypdf). It and
# the last of each are what Pango falls back to: it may take any font that Fontconfig lists.
_FAMILIES = {
    "sans": ("NotoSans_{}", "Amiri_{}", "NotoSansSC_{}", "NotoSansArabic_{}", "CormorantGaramond_{}"),
    "serif": ("CormorantGaramond_{}", "Amiri_{}", "NotoSansSC_{}", "NotoSans_{}", "NotoSansArabic_{}"),
}
_WEIGHTS = {400: ("400Regular",), 600: ("600SemiBold", "700Bold"), 700: ("700Bold", "600SemiBold")}
_JOINED = 0.75
"""Arabic letters are narrower joined than alone (0.58 to 0.7 measured); the fonts only tell the width alone."""
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_STRONG = _RIGHT_TO_LEFT | {"L"}
# Controls that would turn the text around them, or hide; a badge has no use for any of them. The zero-width
# joiners stay: Arabic and Indic scripts need them.
_UNWANTED = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF, 0x00AD}


class _Face(NamedTuple):
    units_per_em: int
    glyphs: dict[int, str]
    advances: dict[str, tuple[int, int]]


@cache
def _face(file: str) -> _Face | None:
    from fontTools.ttLib import TTFont

    path = FONTS / f"{file}.ttf"
    if not path.is_file():
        return None
    with TTFont(path, lazy=True) as font:
        return _Face(font["head"].unitsPerEm, font.getBestCmap(), font["hmtx"].metrics)


def _faces(family: str, weight: int) -> Iterable[_Face]:
    """The faces of a family in the order in which the style sheet names them, each loaded only when reached."""
    for pattern in _FAMILIES[family]:
        face = next((found for file in _WEIGHTS[weight] if (found := _face(pattern.format(file)))), None)
        if face:
            yield face


@cache
def _advance(character: str, weight: int, family: str) -> float | None:
    """Width in em; None when no face has the character."""
    joined = _JOINED if unicodedata.bidirectional(character) == "AL" else 1.0
    for face in _faces(family, weight):
        if glyph := face.glyphs.get(ord(character)):
            return face.advances[glyph][0] / face.units_per_em * joined
    return None


def _takes_no_room(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Mn", "Me"}


def _needs_no_glyph(character: str) -> bool:
    # Variation selectors choose among glyphs and have none of their own.
    return unicodedata.category(character) in {"Cc", "Cf", "Zs"} or "\ufe00" <= character <= "\ufe0f"


def width_mm(text: str, points: float, weight: int = 400, family: str = "sans") -> float:
    """How wide the text is on one line, without kerning; an unknown character counts as an em."""
    ems = 0.0
    for character in text:
        if not _takes_no_room(character):
            ems += _advance(character, weight, family) or 1.0
    return ems * points / POINTS_PER_MM


def missing_glyphs(text: str) -> tuple[str, ...]:
    """The characters for which no print font has a glyph, in order, each once."""
    return tuple(
        dict.fromkeys(
            character
            for character in text
            if not _needs_no_glyph(character) and _advance(character, 400, "sans") is None
        )
    )


def clean(text: str | None) -> str:
    """As given, but without controls and direction overrides: one line, NFC."""
    kept = "".join(
        " " if unicodedata.category(character) == "Cc" else character
        for character in text or ""
        if ord(character) not in _UNWANTED
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def direction(text: str, otherwise: str = "ltr") -> str:
    """The direction of the first strong character (Unicode annex 9, rules P2 and P3)."""
    for character in text:
        if (kind := unicodedata.bidirectional(character)) in _STRONG:
            return "rtl" if kind in _RIGHT_TO_LEFT else "ltr"
    return otherwise


def isolated(text: str) -> str:
    """Wrapped so that it cannot turn its surroundings: WeasyPrint ignores <bdi>, but Pango heeds U+2068…U+2069."""
    return f"\u2068{text}\u2069" if text else ""


def lines(text: str, points: float, width: float, weight: int = 400, family: str = "sans") -> int:
    """How many lines the text takes in a box `width` mm wide, breaking between words and between Han characters."""
    if not text:
        return 0
    count, used, space = 1, 0.0, width_mm(" ", points, weight, family)
    for word in _breakable(text):
        long = width_mm(word.strip(), points, weight, family)
        gap = space if word.startswith(" ") and used else 0.0
        if used and used + gap + long > width:
            count, used, gap = count + 1, 0.0, 0.0
        # A word wider than the box is broken anywhere rather than cut.
        while long > width:
            count, long = count + 1, long - width
        used += gap + long
    return count


def _breakable(text: str) -> list[str]:
    parts: list[str] = []
    for word in text.split():
        pieces = list(word) if any("\u2e80" <= character <= "\u9fff" for character in word) else [word]
        parts += [" " + pieces[0], *pieces[1:]]
    return parts


def _longest_word_mm(text: str, points: float, weight: int, family: str) -> float:
    return max((width_mm(word.strip(), points, weight, family) for word in _breakable(text)), default=0.0)


def largest_fitting(
    text: str, sizes: Sequence[float], width: float, *, weight: int, most_lines: int, family: str = "sans"
) -> float:
    """The first of the descending sizes at which the text needs at most so many lines and breaks no word."""
    for points in sizes:
        if (
            lines(text, points, width, weight, family) <= most_lines
            and _longest_word_mm(text, points, weight, family) <= width
        ):
            return points
    return sizes[-1]


def balanced_width(text: str, points: float, width: float, *, weight: int, family: str = "sans") -> float:
    """The narrowest box in which the text keeps its number of lines: no last line of a single word."""
    wanted = lines(text, points, width, weight, family)
    narrow = width
    while narrow > width * 0.55 and lines(text, points, narrow - 3, weight, family) == wanted:
        narrow -= 3
    # Kerning and hinting are not in the sum: a little air, or the text would take one line more.
    return min(width, narrow + 4)

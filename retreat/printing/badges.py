"""A badge as values: what it says, how large, and the pages it becomes. Pure: no database, no request.

What is printed is decided here from a BadgeFacts alone, so that a content hash of the facts tells exactly whether
a badge has changed since it was printed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import blake2b
from typing import NamedTuple

from retreat.core import i18n
from retreat.printing import colours, ornaments, pdf, sheets, typography, words
from retreat.printing.sheets import Code, Leaf, Sheet
from retreat.printing.typography import POINTS_PER_MM

DESIGN = "portrait-2"
"""Change it with every change of the look: it is a part of the cache's key."""

_TEXT_WIDTH_MM = 85.0
_WHO_HEIGHT_MM = 60.0
_RULE_MM = 6.2
_NAME_SIZES = (34.0, 30.0, 27.0, 25.0, 23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0)
_HONORIFIC, _FIRST, _OTHER, _TEXT = 10.5, 17.0, 14.0, 10.5
_AMIRI = 1.2
"""Amiri's letters are small on their body: so much larger, they look as large as the Latin ones."""
_CITY_SIZES = (14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0)
_COUNTRY_SIZES = (10.5, 9.5, 8.5, 7.5)
_BAND_SIZES = (19.0, 17.0, 15.0, 13.0, 11.0, 9.0)
_TITLE_SIZES = (15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0)
_CODE_MM, _CODE_BOTTOM_MM, _MARGIN_MM = 21.0, 22.5, 10.0
_PHOTOGRAPH_MM, _PHOTOGRAPH_HEIGHT_MM = 24.0, 30.0
"""Beside the code, standing on its line; what it takes above that line is taken from the texts."""
_HEAD_MM = 36.0
_WEEK_HEIGHT_MM = 100.0
_WEEK_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.6, 6.3, 6.0)


@dataclass(frozen=True, kw_only=True)
class CategoryFacts:
    name: str
    colour: str
    letter: str


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """What every badge of the run says about the edition, already in the run's language."""

    title: str
    city: str
    dates: str
    language: str
    live_url: str = ""


@dataclass(frozen=True, kw_only=True)
class WeekRow:
    time: str
    title: str
    place: str = ""
    is_major: bool = False


@dataclass(frozen=True, kw_only=True)
class WeekDay:
    label: str
    rows: tuple[WeekRow, ...]


@dataclass(frozen=True, kw_only=True)
class BadgeFacts:
    """Everything that one badge prints. Made by `facts`, which cleans the texts."""

    honorific: str
    given_name: str
    family_name: str
    badge_name: str
    native_name: str
    native_language: str
    position: str
    organisation: str
    city: str
    country: str
    code: str
    token: str
    category: CategoryFacts
    event: EventFacts
    photograph: str = ""
    """The digest of the picture, which whoever prints brings along; empty is a badge without one."""
    extra: tuple[str, ...] = ()
    """Answers to questions of the edition that are printed, in a small line under the organisation."""
    week: tuple[WeekDay, ...] = ()
    is_own_week: bool = False

    @property
    def latin_name(self) -> str:
        """The name on the badge, in the order and the letters in which it was given."""
        return self.badge_name or f"{self.given_name} {self.family_name}".strip()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is typed in by people, for the search of missing glyphs."""
        return (
            self.honorific,
            self.latin_name,
            self.native_name,
            self.position,
            self.organisation,
            self.city,
            self.country,
            *self.extra,
        )

    @property
    def extra_line(self) -> str:
        return " · ".join(self.extra)


class Face(NamedTuple):
    """The name as it is set: a smaller first line, the large line, and the other script beneath."""

    first: str
    main: str
    other: str
    language: str
    direction: str


class Fit(NamedTuple):
    """Sizes in points at which everything fits."""

    honorific: float
    first: float
    main: float
    other: float
    text: float
    city: float
    country: float


class Missing(NamedTuple):
    """A badge that would come out with a hole in it."""

    code: str
    name: str
    characters: tuple[str, ...]


class Book(NamedTuple):
    """A printed run, and whose names lack a glyph."""

    content: bytes
    missing: tuple[Missing, ...]


def facts(**given: object) -> BadgeFacts:
    """BadgeFacts from values as stored: each text on one line, NFC, without controls; None is empty."""
    cleaned = {
        name: typography.clean(value) if isinstance(value, str | None) else value for name, value in given.items()
    }
    if isinstance(extra := given.get("extra"), tuple):
        cleaned["extra"] = tuple(text for one in extra if (text := typography.clean(one)))
    return BadgeFacts(**cleaned)  # type: ignore[arg-type]


_ADDED = frozenset({"photograph", "extra"})


def content_hash(badge: BadgeFacts) -> str:
    """Changes when, and only when, something that is printed on the badge changes."""
    # What badges did not have at first counts only where it is: the prints of before stay the prints of today.
    said = {name: value for name, value in asdict(badge).items() if value or name not in _ADDED}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def without_back(badge: BadgeFacts) -> BadgeFacts:
    return replace(badge, week=(), is_own_week=False)


def missing_glyphs(badges: Iterable[BadgeFacts]) -> tuple[Missing, ...]:
    """Who would be printed with a hole: known before printing, by person and character."""
    found = (Missing(badge.code, badge.latin_name, typography.missing_glyphs("".join(badge.texts))) for badge in badges)
    return tuple(missing for missing in found if missing.characters)


def face(badge: BadgeFacts) -> Face:
    """Which name is large. The own script stands above the Latin letters when both are given.

    A script that no print font has is left out: an empty box helps nobody, and the secretariat is told.
    """
    latin = badge.latin_name
    if badge.native_name and badge.native_name != latin and not typography.missing_glyphs(badge.native_name):
        spoken = badge.native_language or ""
        fallback = i18n.direction(spoken) if spoken else "ltr"
        return Face("", badge.native_name, latin, spoken, typography.direction(badge.native_name, fallback))
    first, main = _split(latin, badge.family_name)
    return Face(first, main, "", "", typography.direction(latin))


def _split(name: str, family: str) -> tuple[str, str]:
    """Given name above, family name large; a name in any other shape is one large line."""
    if family and name != family and name.endswith(" " + family):
        return name.removesuffix(family).strip(), family
    return "", name


def fit(badge: BadgeFacts) -> Fit:
    """The sizes at which nothing is cut: the name by its own width, then everything smaller until it fits."""
    shown = face(badge)
    main = _name_size(shown)
    names_by = _AMIRI if shown.direction == "rtl" else 1.0
    texts_by = _AMIRI if typography.direction(badge.position + badge.organisation) == "rtl" else 1.0
    place_width = _TEXT_WIDTH_MM - _CODE_MM - 6 - (_PHOTOGRAPH_MM + 3 if badge.photograph else 0)
    height = _WHO_HEIGHT_MM - (_PHOTOGRAPH_HEIGHT_MM - _CODE_MM if badge.photograph else 0)
    city = typography.largest_fitting(badge.city, _CITY_SIZES, place_width, weight=700, most_lines=2)
    country = typography.largest_fitting(badge.country, _COUNTRY_SIZES, place_width, weight=400, most_lines=2)
    for texts, names in _SHRINKING:
        best = Fit(
            round(_HONORIFIC * texts * texts_by, 1),
            round(_FIRST * names * names_by, 1),
            round(main * names * names_by, 1),
            round(_OTHER * names, 1),
            round(_TEXT * texts * texts_by, 1),
            round(city * texts_by, 1),
            round(country * texts_by, 1),
        )
        if _height_mm(badge, shown, best) <= height:
            break
    return best


# How much texts and names give way, in turn; the last are for what nobody is called but a form accepts.
_SHRINKING = (
    (1.0, 1.0),
    (0.94, 1.0),
    (0.88, 1.0),
    (0.88, 0.93),
    (0.88, 0.86),
    (0.82, 0.86),
    (0.82, 0.8),
    (0.76, 0.76),
    *((both / 100, both / 100) for both in range(72, 27, -4)),
)


def _name_size(shown: Face) -> float:
    by_width = typography.largest_fitting(shown.main, _NAME_SIZES, _TEXT_WIDTH_MM, weight=700, most_lines=2)
    # A short name on two lines looks better a little smaller on one.
    on_one_line = typography.largest_fitting(shown.main, _NAME_SIZES, _TEXT_WIDTH_MM, weight=700, most_lines=1)
    least = 19 if shown.direction == "rtl" else 23
    return on_one_line if on_one_line >= least else min(by_width, 27.0)


def _height_mm(badge: BadgeFacts, shown: Face, sizes: Fit) -> float:
    latin = shown.direction == "ltr"
    blocks = (
        (badge.honorific, sizes.honorific, 400, 1.35),
        (shown.first, sizes.first, 400, 1.25 if latin else 1.5),
        (shown.main, sizes.main, 700, 1.16 if latin else 1.5),
        (shown.other, sizes.other, 600, 1.35),
        (badge.position, sizes.text, 400, 1.32),
        (badge.organisation, sizes.text, 600, 1.32),
        (badge.extra_line, sizes.text, 400, 1.32),
    )
    points = sum(
        # A hundredth and a half for kerning and joining, which the sum of advances does not know.
        typography.lines(text, size, _TEXT_WIDTH_MM * 0.985, weight) * size * leading
        for text, size, weight, leading in blocks
    )
    return points / POINTS_PER_MM + _RULE_MM + 1.5


def print_badges(
    badges: Sequence[BadgeFacts],
    *,
    sheet: Sheet = Sheet.A6,
    double_sided: bool = False,
    photographs: Mapping[str, bytes] | None = None,
    progress: pdf.Progress | None = None,
) -> Book:
    """The whole run as one PDF, in the order given. There must be at least one badge.

    `photographs` are JPEGs by their digests; a badge whose picture is not among them is printed without.
    """
    pictures = photographs or {}
    badges = [one if one.photograph in pictures else replace(one, photograph="") for one in badges]
    first = badges[0]
    book = _Layout(badges, double_sided)
    done = pdf.render(
        book.html(),
        stylesheets=(words.style("badges.css"), book.rules()),
        resources={
            "contours-light.svg": ornaments.contours(sheets.BADGE_WIDTH_MM, _HEAD_MM, opacity=0.24),
            "contours-dark.svg": ornaments.contours(sheets.BADGE_WIDTH_MM, _HEAD_MM, colour=colours.INK, opacity=0.2),
            "mark.svg": ornaments.mark(),
            **{f"{one.photograph}.jpg": pictures[one.photograph] for one in badges if one.photograph},
            **({"live.svg": ornaments.code(first.event.live_url)} if first.event.live_url else {}),
        },
        finisher=sheets.finisher(book.grounds, book.fronts, book.backs, sheet),
        progress=progress and (lambda page: progress(max(0, min(page - book.grounds, len(badges))))),
    )
    return Book(done.content, _whose(done.missing, badges))


def _whose(characters: Iterable[str], badges: Iterable[BadgeFacts]) -> tuple[Missing, ...]:
    lacking = set(characters)
    found = (
        Missing(badge.code, badge.latin_name, tuple(dict.fromkeys(c for c in "".join(badge.texts) if c in lacking)))
        for badge in badges
    )
    return tuple(missing for missing in found if missing.characters)


class _Shown(NamedTuple):
    """One badge as its template takes it."""

    facts: BadgeFacts
    face: Face
    fit: Fit
    category: int


class _Layout:
    """The pages of a run in order: a ground for each category, then each badge, then whatever the backs need."""

    def __init__(self, badges: Sequence[BadgeFacts], double_sided: bool) -> None:
        self.event = badges[0].event
        self.categories = list(dict.fromkeys(badge.category for badge in badges))
        number = {category: place for place, category in enumerate(self.categories)}
        self.shown = [_Shown(badge, face(badge), fit(badge), number[badge.category]) for badge in badges]
        self.weeks: list[tuple[int, BadgeFacts]] = []
        if double_sided:
            # One back for all who share category and week; only a personal week needs a page of its own.
            self.weeks = list(dict.fromkeys((shown.category, _anonymous(shown.facts)) for shown in self.shown))
        self.grounds = len(self.categories) + len(self.weeks)
        self.fronts = [
            Leaf(shown.category, self.grounds + place, (_code(shown),)) for place, shown in enumerate(self.shown)
        ]
        where = {week: len(self.categories) + place for place, week in enumerate(self.weeks)}
        self.backs = [
            Leaf(where[shown.category, _anonymous(shown.facts)], None) for shown in self.shown if double_sided
        ]

    def html(self) -> str:
        return words.fill(
            "badges/book.html",
            self.event.language,
            event=self.event,
            title_lines=title_lines(self.event.title),
            categories=[(category, colours.ink_on(category.colour)) for category in self.categories],
            weeks=[(category, badge, week_fit(badge.week)) for category, badge in self.weeks],
            badges=self.shown,
        )

    def rules(self) -> str:
        """The rules that depend on data: a category's colours, the sizes in use."""
        rules = []
        sizes = {size for shown in self.shown for size in shown.fit}
        for place, category in enumerate(self.categories):
            colour = colours.usable(category.colour)
            name = typography.largest_fitting(category.name, _BAND_SIZES, 66, weight=700, most_lines=1)
            rules.append(
                f".c{place} .main,.c{place} h2,.c{place} .time{{color:{colours.dark_enough(colour)}}}"
                f".c{place} .rule,.c{place} .head,.c{place} .band,.c{place} h3{{background:{colour}}}"
                f".c{place} .head,.c{place} .band,.c{place} h3{{color:{colours.ink_on(colour)}}}"
                f".c{place} .letter{{color:{colours.dark_enough(colour)}}}"
                f".c{place} .info{{background:{colours.tint(colour)}}}"
                f".c{place} .category{{font-size:{name:g}pt}}"
            )
        title = min(
            typography.largest_fitting(line, _TITLE_SIZES, 44, weight=700, most_lines=1)
            for line in title_lines(self.event.title)
        )
        rules.append(f".event{{font-size:{title:g}pt}}")
        sizes |= {week_fit(badge.week).size for _, badge in self.weeks}
        return "".join(rules) + words.size_rules(sizes)


def _anonymous(badge: BadgeFacts) -> BadgeFacts:
    """What the back says: nothing of the person, unless the week is the person's own."""
    if badge.is_own_week:
        return badge
    empty = {field.name: "" for field in fields(BadgeFacts) if field.type is str}
    return replace(badge, **empty)  # type: ignore[arg-type]


def _code(shown: _Shown) -> Code:
    """The badge's own token, on the side where the line begins."""
    left = _MARGIN_MM if shown.face.direction == "ltr" else sheets.BADGE_WIDTH_MM - _MARGIN_MM - _CODE_MM
    modules = ornaments.modules(shown.facts.token, error="q")
    return Code(modules, left, _CODE_BOTTOM_MM, _CODE_MM)


def title_lines(title: str) -> tuple[str, ...]:
    """The edition's title on two lines, broken before the ampersand or else near the middle."""
    before, ampersand, after = title.partition(" & ")
    if ampersand:
        return before, f"& {after}"
    split = title.split()
    if len(split) < 3:
        return (title,)
    cuts = range(1, len(split))
    middle = min(cuts, key=lambda cut: abs(len(" ".join(split[:cut])) - len(" ".join(split[cut:]))))
    return " ".join(split[:middle]), " ".join(split[middle:])


class WeekFit(NamedTuple):
    """The week as it fits on the back: days with the rows kept, how many were left out, and the size in points."""

    days: tuple[tuple[WeekDay, int], ...]
    size: float


def week_fit(week: tuple[WeekDay, ...]) -> WeekFit:
    """The largest size at which the week fits; when none does, minor sessions are left out and counted."""
    for size in _WEEK_SIZES:
        if _week_height_mm(week, size, 0) <= _WEEK_HEIGHT_MM:
            return WeekFit(tuple((day, 0) for day in week), size)
    size, kept = _WEEK_SIZES[-1], list(week)
    while any(day.rows for day in kept):
        shortened = sum(now.rows != before.rows for now, before in zip(kept, week, strict=True))
        if _week_height_mm(kept, size, shortened) <= _WEEK_HEIGHT_MM:
            break
        fullest = max(range(len(kept)), key=lambda place: len(kept[place].rows))
        kept[fullest] = _without_one(kept[fullest])
    return WeekFit(tuple((now, len(before.rows) - len(now.rows)) for now, before in zip(kept, week, strict=True)), size)


def _without_one(day: WeekDay) -> WeekDay:
    """Without its last minor session, or else its last."""
    minor = [place for place, row in enumerate(day.rows) if not row.is_major]
    last = minor[-1] if minor else len(day.rows) - 1
    return replace(day, rows=day.rows[:last] + day.rows[last + 1 :])


def _week_height_mm(week: Iterable[WeekDay], size: float, extra_rows: int) -> float:
    """As the style sheet sets it: 2.3 em for a day's head, 1.4 em and a hairline for a row."""
    days = list(week)
    rows = sum(len(day.rows) for day in days) + extra_rows
    return (len(days) * 2.3 + rows * 1.4) * size / POINTS_PER_MM + rows * 0.2

"""Editions and their frame: made, changed, closed."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from blinker import Signal
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from retreat.core import audit, zones
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.names import free_slug
from retreat.editions.defaults import CATEGORIES
from retreat.editions.models import Category, Day, Edition, Hall, Venue

SLUG = re.compile(r"[a-z0-9-]{1,40}\Z")
RESERVED = frozenset({"organise", "sign-in", "sign-out", "calendar", "static", "healthz", "robots", "verify"})
"""First parts of other addresses: an edition has the top level otherwise to itself."""
LONGEST_EDITION = timedelta(days=60)
_FIRST_YEAR, _LAST_YEAR = 1900, 3000
MOST_PLACES = 1_000_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


language_changed = Signal()
"""Sent with an edition, `at` and `by`, in the transaction in which its main language became another.

The agenda, a room above, publishes anew what calendars say in it.
"""

places_added = Signal()
"""Sent with an edition and `at`, in the transaction in which it or one of its categories got more places.

The edition's row is written or held by then. Registration, a room above, gives the places to those who wait.
"""


class UnknownEdition(NotFound):
    def __init__(self, slug: str) -> None:
        super().__init__(_l("There is no edition “%(slug)s”.", slug=slug))
        self.slug = slug


class BadSlug(RetreatError):
    def __init__(self, slug: str) -> None:
        super().__init__(_l("“%(slug)s” cannot be an edition's address: use a–z, 0–9 and hyphens.", slug=slug))
        self.slug = slug


class ReservedSlug(BadSlug):
    @property
    def message(self) -> str:
        return str(_l("“%(slug)s” is needed for another address; choose a different one.", slug=self.slug))


class EditionExists(RetreatError):
    def __init__(self, slug: str) -> None:
        super().__init__(_l("There is already an edition “%(slug)s”.", slug=slug))
        self.slug = slug


class BadDates(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The last day comes before the first, or the edition is longer than 60 days."))


class BadYears(BadDates):
    def __init__(self) -> None:
        RetreatError.__init__(
            self,
            _l("The year must be from %(first)s to %(last)s.", first=_FIRST_YEAR, last=_LAST_YEAR - 1),
        )


class UnknownSetting(RetreatError):
    def __init__(self, key: str) -> None:
        super().__init__(
            _l("“%(key)s” is no setting; known are %(known)s.", key=key, known=", ".join(sorted(_SETTINGS)))
        )
        self.key = key


class BadSetting(RetreatError):
    def __init__(self, key: str, value: str, expected: Any) -> None:
        super().__init__(
            _l("“%(value)s” will not do for %(key)s: %(expected)s.", value=value, key=key, expected=expected)
        )
        self.key = key
        self.value = value


def edition_by_slug(slug: str) -> Edition:
    """Raises UnknownEdition."""
    edition = db.session.scalar(select(Edition).where(Edition.slug == slug))
    if edition is None:
        raise UnknownEdition(slug)
    return edition


def edition_with_categories(slug: str) -> Edition:
    """The edition and its categories of badge, in one query. Raises UnknownEdition."""
    query = select(Edition).where(Edition.slug == slug).options(joinedload(Edition.categories))
    edition = db.session.scalars(query).unique().one_or_none()
    if edition is None:
        raise UnknownEdition(slug)
    return edition


def edition_with_frame(slug: str) -> Edition:
    """The edition with days, venues, halls and categories loaded. Raises UnknownEdition."""
    edition = db.session.scalar(
        select(Edition)
        .where(Edition.slug == slug)
        .options(
            selectinload(Edition.days),
            selectinload(Edition.venues),
            selectinload(Edition.halls).joinedload(Hall.venue),
            selectinload(Edition.categories),
        )
    )
    if edition is None:
        raise UnknownEdition(slug)
    return edition


def all_editions() -> list[Edition]:
    """Latest first."""
    return list(db.session.scalars(select(Edition).order_by(Edition.starts_on.desc(), Edition.id.desc())))


def listed_editions() -> list[Edition]:
    """Those that `/` may show, latest first."""
    return [edition for edition in all_editions() if edition.is_listed]


def current(editions: list[Edition], at: datetime) -> Edition | None:
    """Running, else next, else latest, of these; each in its own zone's today. Pure."""
    today = {edition.id: at.astimezone(zones.zone(edition.zone)).date() for edition in editions}
    running = [edition for edition in editions if edition.starts_on <= today[edition.id] <= edition.ends_on]
    coming = [edition for edition in editions if edition.starts_on > today[edition.id]]
    past = [edition for edition in editions if edition.ends_on < today[edition.id]]
    if running:
        return max(running, key=lambda edition: edition.starts_on)
    if coming:
        return min(coming, key=lambda edition: edition.starts_on)
    return max(past, key=lambda edition: edition.ends_on, default=None)


def create_edition(
    slug: str,
    *,
    title: Translated,
    city: str,
    country: str,
    zone: str,
    starts_on: date,
    ends_on: date,
    at: datetime,
    by: Actor,
    main_language: str = "en",
) -> Edition:
    """An edition with its days, the usual categories and one venue in its city. Raises RetreatError leaves."""
    if slug in RESERVED:
        raise ReservedSlug(slug)
    if not SLUG.match(slug):
        raise BadSlug(slug)
    zones.zone(zone)
    if main_language not in LANGUAGES:
        raise BadSetting("main_language", main_language, ", ".join(LANGUAGES))
    if not title:
        raise BadSetting("title", "", _l("it needs a text"))
    _refuse_days(starts_on, ends_on)
    if db.session.scalar(select(Edition.id).where(Edition.slug == slug)):
        raise EditionExists(slug)
    edition = Edition(
        slug=slug,
        uid=str(uuid4()),
        title=title,
        city=city,
        country=country,
        zone=zone,
        main_language=main_language,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=at,
    )
    _cover_days(edition)
    edition.venues.append(Venue(slug="main", name=Translated({main_language: city}), city=city, zone=zone, position=1))
    edition.categories.extend(Category(**values) for values in CATEGORIES)
    db.session.add(edition)
    db.session.flush()
    audit.record("edition.created", edition, at=at, by=by, edition_id=edition.id, slug=slug)
    return edition


def _cover_days(edition: Edition) -> None:
    """One Day for each date; a day outside goes only while it has no title."""
    wanted = {edition.starts_on + timedelta(days=n) for n in range((edition.ends_on - edition.starts_on).days + 1)}
    for day in list(edition.days):
        if day.date not in wanted and not day.title:
            edition.days.remove(day)
    known = {day.date for day in edition.days}
    edition.days.extend(Day(date=day, title=Translated()) for day in sorted(wanted - known))


def update_edition(edition: Edition, values: Mapping[str, Any], *, at: datetime, by: Actor) -> Edition:
    """Change settings by their model names; refuses what the model would. Anything public is seen at once."""
    if "zone" in values:
        zones.zone(values["zone"])
    starts_on, ends_on = values.get("starts_on", edition.starts_on), values.get("ends_on", edition.ends_on)
    _refuse_days(starts_on, ends_on)
    changed = {key: value for key, value in values.items() if getattr(edition, key) != value}
    has_more = "capacity" in changed and _is_more(edition.capacity, changed["capacity"])
    for key, value in changed.items():
        setattr(edition, key, value)
    if changed:
        _cover_days(edition)
        touch_agenda(edition)
        audit.record("edition.changed", edition, at=at, by=by, edition_id=edition.id, fields=sorted(changed))
    if has_more:
        places_added.send(edition, at=at)
    if "main_language" in changed:
        language_changed.send(edition, at=at, by=by)
    return edition


def _refuse_days(starts_on: date, ends_on: date) -> None:
    """Raises BadDates and BadYears: feeds reckon with the days before and after, which the ends of time lack."""
    if starts_on > ends_on or ends_on - starts_on > LONGEST_EDITION:
        raise BadDates
    if not _FIRST_YEAR <= starts_on.year <= ends_on.year < _LAST_YEAR:
        raise BadYears


def move_edition(edition: Edition, days: int, *, at: datetime, by: Actor) -> Edition:
    """The whole edition so many days later, or earlier: its first and last day, and each day with its title.

    What people were told of registration stays. Raises BadDates beyond the years that a session may have.
    """
    starts_on, ends_on = edition.starts_on + timedelta(days=days), edition.ends_on + timedelta(days=days)
    _refuse_days(starts_on, ends_on)
    db.session.flush()
    # One by one, the foremost first: no two days of an edition may be the same one even for a moment.
    known = db.session.execute(select(Day.id, Day.date).where(Day.edition_id == edition.id)).all()
    for number, day in sorted(known, key=lambda row: row.date, reverse=days > 0):
        db.session.execute(update(Day).where(Day.id == number).values(date=day + timedelta(days=days)))
    db.session.expire(edition, ["days"])
    edition.starts_on, edition.ends_on = starts_on, ends_on
    touch_agenda(edition)
    audit.record(
        "edition.moved", edition, at=at, by=by, edition_id=edition.id, days=days, starts_on=starts_on.isoformat()
    )
    return edition


def _is_more(before: int | None, after: int | None) -> bool:
    """Places; None is unlimited."""
    return before is not None and (after is None or after > before)


def hold(edition_id: int) -> None:
    """The edition's row, until the end of the transaction: whoever counts, numbers or publishes in it comes after.

    FOR NO KEY UPDATE: who only refers to the edition does not wait, and two who refer to it and both ask for more never
    wait for each other. SQLite's transactions write one by one anyway.
    """
    db.session.flush()
    db.session.execute(select(Edition.id).where(Edition.id == edition_id).with_for_update(key_share=True))


def hold_and_read(edition: Edition) -> None:
    """The same, with what the row says by then."""
    db.session.flush()
    db.session.refresh(edition, with_for_update={"key_share": True})


def touch_agenda(edition: Edition) -> int:
    """Grow `agenda_rev` in this transaction: every page and feed of the agenda is another from the commit on."""
    db.session.flush()
    db.session.execute(update(Edition).where(Edition.id == edition.id).values(agenda_rev=Edition.agenda_rev + 1))
    db.session.refresh(edition, ["agenda_rev"])
    return edition.agenda_rev


def _date(text: str) -> date:
    if not _DATE.match(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _places(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_PLACES)) or int(text) > MOST_PLACES:
        raise ValueError(text)
    return int(text)


def _months(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= LONGEST_KEPT_MONTHS:
        raise ValueError(text)
    return int(text)


def _yes_no(text: str) -> bool:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    return words[text.lower()]


def _address(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(text) from error


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError(text)
    return text


_SETTINGS: dict[str, tuple[str, Callable[[str], Any], Any, bool]] = {
    "capacity": ("capacity", _places, _l("a whole number, or empty for no limit"), True),
    "registration_opens": ("registration_opens", _date, _l("a date as YYYY-MM-DD, or empty"), True),
    "registration_closes": ("registration_closes", _date, _l("a date as YYYY-MM-DD, or empty"), True),
    "listed": ("is_listed", _yes_no, _l("yes or no"), False),
    "city": ("city", str, _l("a text"), False),
    "country": ("country", str, _l("a text"), False),
    "zone": ("zone", str, _l("a time zone such as Africa/Casablanca"), False),
    "from": ("starts_on", _date, _l("a date as YYYY-MM-DD"), False),
    "to": ("ends_on", _date, _l("a date as YYYY-MM-DD"), False),
    "main_language": ("main_language", _language, ", ".join(LANGUAGES), False),
    "keep_months": ("keep_months", _months, _l("a whole number from 1 to 120"), False),
    "participants": ("are_participants_shown", _yes_no, _l("yes or no"), False),
    "contact_email": ("contact_email", _address, _l("an e-mail address"), True),
    **{
        f"{name}{suffix}": (name, str, _l("a text"), True)
        for name in ("title", "theme", "note")
        for suffix in ("", *(f"_{code}" for code in LANGUAGES))
    },
}


def set_value(edition: Edition, key: str, value: str, *, at: datetime, by: Actor) -> Edition:
    """One setting, as text; empty clears where that makes sense. Raises UnknownSetting, BadSetting."""
    if key not in _SETTINGS:
        raise UnknownSetting(key)
    name, parse, expected, may_be_empty = _SETTINGS[key]
    text = value.strip()
    if not text and not may_be_empty:
        raise BadSetting(key, value, expected)
    try:
        parsed = parse(text) if text else None
    except (ValueError, KeyError):
        raise BadSetting(key, value, expected) from None
    if name in ("title", "theme", "note"):
        language = key.removeprefix(name).lstrip("_") or edition.main_language
        parsed = getattr(edition, name).with_text(language, text)
        if name == "title" and not parsed.get(edition.main_language):
            raise BadSetting(key, value, expected)
    elif name == "contact_email":
        parsed = parsed or ""
    return update_edition(edition, {name: parsed}, at=at, by=by)


LONGEST_KEPT_MONTHS = 120


def save_keeping(
    edition: Edition,
    *,
    are_participants_shown: bool,
    shown_categories: frozenset[str],
    keep_months: int,
    at: datetime,
    by: Actor,
) -> Edition:
    """Who of those who agreed is shown to others, by the slugs of their categories; how long personal data is kept."""
    if not 1 <= keep_months <= LONGEST_KEPT_MONTHS:
        raise BadSetting("keep_months", str(keep_months), _l("a whole number from 1 to 120"))
    fields = [
        category.slug for category in edition.categories if category.is_shown != (category.slug in shown_categories)
    ]
    for category in edition.categories:
        category.is_shown = category.slug in shown_categories
    values = {"are_participants_shown": are_participants_shown, "keep_months": keep_months}
    fields += [name for name, value in values.items() if getattr(edition, name) != value]
    for name, value in values.items():
        setattr(edition, name, value)
    if fields:
        db.session.flush()
        audit.record("edition.keeping_changed", edition, at=at, by=by, edition_id=edition.id, fields=sorted(fields))
    return edition


def close_edition(edition: Edition, *, at: datetime, by: Actor) -> Edition:
    """End it: retention and expiry count from here. A second time changes nothing."""
    if edition.closed_at is None:
        edition.closed_at = at
        touch_agenda(edition)
        audit.record("edition.closed", edition, at=at, by=by, edition_id=edition.id)
    return edition


def title_day(edition: Edition, day: date, title: Translated, *, at: datetime, by: Actor) -> Day:
    """Name one day. Raises NotFound when the edition has no such day."""
    found = next((candidate for candidate in edition.days if candidate.date == day), None)
    if found is None:
        raise NotFound(_l("The edition has no day %(day)s.", day=day.isoformat()))
    if found.title != title:
        found.title = title
        touch_agenda(edition)
        audit.record("day.titled", found, at=at, by=by, edition_id=edition.id, title=dict(title))
    return found


def default_venue(edition: Edition) -> Venue:
    """Where halls without a venue go: the first one, made when there is none."""
    if not edition.venues:
        edition.venues.append(
            Venue(
                slug="main",
                name=Translated({edition.main_language: edition.city}),
                city=edition.city,
                zone=edition.zone,
                position=1,
            )
        )
        db.session.flush()
    return edition.venues[0]


def add_venue(
    edition: Edition,
    name: Translated,
    *,
    at: datetime,
    by: Actor,
    city: str | None = None,
    zone: str | None = None,
    address: str = "",
) -> Venue:
    """A building; city and zone are the edition's unless said."""
    zones.zone(zone or edition.zone)
    venue = Venue(
        slug=free_slug(name.text("en", edition.main_language), "venue", {venue.slug for venue in edition.venues}),
        name=name,
        city=edition.city if city is None else city,
        zone=zone or edition.zone,
        address=address,
        position=max((venue.position for venue in edition.venues), default=0) + 1,
    )
    edition.venues.append(venue)
    db.session.flush()
    audit.record("venue.added", venue, at=at, by=by, edition_id=edition.id, name=dict(name))
    return venue


def add_hall(
    edition: Edition,
    name: Translated,
    *,
    at: datetime,
    by: Actor,
    venue: Venue | None = None,
    capacity: int | None = None,
) -> Hall:
    """A room of a building; of the edition's default venue unless said."""
    hall = Hall(
        slug=free_slug(name.text("en", edition.main_language), "hall", {hall.slug for hall in edition.halls}),
        name=name,
        capacity=capacity,
        position=max((hall.position for hall in edition.halls), default=0) + 1,
        venue=venue or default_venue(edition),
    )
    edition.halls.append(hall)
    db.session.flush()
    audit.record("hall.added", hall, at=at, by=by, edition_id=edition.id, name=dict(name))
    return hall


def save_category(
    edition: Edition,
    category: Category | None,
    *,
    name: Translated,
    colour: str,
    letter: str,
    is_public: bool,
    capacity: int | None,
    at: datetime,
    by: Actor,
) -> Category:
    """Add a category of badge, or change one."""
    # Whoever takes places has the edition's row before the category's: so do we, who may give some.
    hold(edition.id)
    has_more = category is not None and _is_more(category.capacity, capacity)
    if category is None:
        category = Category(
            slug=free_slug(name.text("en", edition.main_language), "category", {c.slug for c in edition.categories}),
            position=max((other.position for other in edition.categories), default=0) + 1,
        )
        edition.categories.append(category)
    category.name, category.colour, category.letter = name, colour, letter
    category.is_public, category.capacity = is_public, capacity
    db.session.flush()
    audit.record("category.saved", category, at=at, by=by, edition_id=edition.id, name=dict(name))
    if has_more:
        places_added.send(edition, at=at)
    return category

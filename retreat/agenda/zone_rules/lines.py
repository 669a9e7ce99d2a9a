"""What new rules of time zones did, as a page says it. Needs a language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from retreat.agenda.times import Instants
from retreat.agenda.zone_rules.models import ZoneUpdate
from retreat.agenda.zone_rules.rules import Moved, Unclear, Why
from retreat.core import dates, zones
from retreat.core.i18n import Translated


@dataclass(frozen=True, slots=True)
class Line:
    """One session: its wall time, which stays, and what that is in UTC, before and now."""

    code: str
    title: Translated
    day: date
    hours: str
    zone: str
    before: str
    after: str
    """Empty where the wall time has no instant any more; `why` says it then."""
    why: str
    is_in_draft: bool
    """Its form may be opened: it has not been deleted since."""
    is_open: bool
    """It waits for another time; until then nothing can be published."""
    is_published: bool
    """As it was published; where it is not, only the draft was concerned."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One release of the rules, sessions without an instant first."""

    update: ZoneUpdate
    lines: tuple[Line, ...]

    @property
    def unclear(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.why)

    @property
    def waiting(self) -> int:
        """How many still wait for another time."""
        return sum(line.is_open for line in self.lines)

    @property
    def moved(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.why)


def shown(updates: Iterable[ZoneUpdate], drafts: Mapping[str, bool], language: str) -> list[Shown]:
    """`drafts` are the codes of the sessions that there are now, and whether each still waits for another time."""
    return [
        Shown(one, tuple(_line(Moved.of_json(kept), one, drafts, language) for kept in one.moved)) for one in updates
    ]


def _line(moved: Moved, update: ZoneUpdate, drafts: Mapping[str, bool], language: str) -> Line:
    unclear = isinstance(moved.after, Unclear)
    return Line(
        code=moved.code,
        title=Translated(moved.title),
        day=moved.date,
        hours=f"{dates.clock(moved.starts)}–{dates.clock(moved.ends)}",
        zone=moved.zone,
        before=_span(moved.before, moved.date, language),
        after="" if isinstance(moved.after, Unclear) else _span(moved.after, moved.date, language),
        why=_why(moved.after, moved.zone) if isinstance(moved.after, Unclear) else "",
        is_in_draft=moved.code in drafts,
        is_open=unclear and drafts.get(moved.code, False),
        is_published=moved.is_published and (unclear or update.revision_number is not None),
    )


def _span(both: Instants, day: date, language: str) -> str:
    """Like "08:30–10:00", with the day where in UTC it is another."""
    hours = f"{dates.clock(both.start)}–{dates.clock(both.end)}"
    return hours if both.start.date() == day else f"{dates.bare_date(both.start.date(), language)}, {hours}"


def _why(unclear: Unclear, zone: str) -> str:
    if unclear.local and unclear.why is Why.GAP:
        return zones.NonexistentTime(unclear.local, zone).message
    if unclear.local and unclear.why is Why.TWICE:
        return zones.AmbiguousTime(unclear.local, zone).message
    return _("By the new rules this is no time at which a session can be.")

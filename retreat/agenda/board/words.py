"""What the board says in sentences: its history, what undo would undo, what a move has done."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.agenda.board.models import StepKind
from retreat.agenda.cards import Reader
from retreat.core import dates
from retreat.core.i18n import Translated

Change = Mapping[str, Any]


def day_label(day: date, language: str) -> str:
    """Like "Tue 25"."""
    return f"{dates.short_weekday(day, language)} {day.day}"


def hours(starts: time | None, ends: time | None) -> str:
    return f"{starts:%H:%M}–{ends:%H:%M}" if starts and ends else _("time to be confirmed")


def step_sentence(
    kind: StepKind,
    changes: list[dict[str, Any]],
    *,
    name: str | None,
    titles: Mapping[int, Translated],
    halls: Mapping[int, Translated],
    reader: Reader,
) -> str:
    """Who did what; `name` is None for the reader's own step."""
    first, number = changes[0], sum(not change.get("frame") for change in changes)
    named = [reader.words(titles.get(one["id"], Translated())).text or one["code"] for one in changes[:2]]
    values = {"title": named[0], "other": named[-1], "num": number}
    if kind in (StepKind.SHIFTED, StepKind.COPIED) or first["after"] is None:
        return _of_many(kind, name, number)
    if kind is StepKind.SWAPPED and number > 1:
        return _said(
            name, _("You swapped %(title)s and %(other)s"), _("%(name)s swapped %(title)s and %(other)s"), values
        )
    if first["after"].get("date") is None:
        return _said(name, _("You took %(title)s off the board"), _("%(name)s took %(title)s off the board"), values)
    before, after = difference(first["before"] or {}, first["after"], halls, reader)
    values |= {"before": before, "after": after}
    if not before:
        return _said(
            name,
            _("You put %(title)s on the board: %(after)s"),
            _("%(name)s put %(title)s on the board: %(after)s"),
            values,
        )
    return _said(
        name,
        _("You moved %(title)s: %(before)s → %(after)s"),
        _("%(name)s moved %(title)s: %(before)s → %(after)s"),
        values,
    )


def _said(name: str | None, own: str, others: str, values: Mapping[str, Any]) -> str:
    return own % values if name is None else others % {**values, "name": name}


def _of_many(kind: StepKind, name: str | None, number: int) -> str:
    if kind is StepKind.SHIFTED:
        if name is None:
            return ngettext("You shifted %(num)d session", "You shifted %(num)d sessions", number)
        return ngettext("%(name)s shifted %(num)d session", "%(name)s shifted %(num)d sessions", number, name=name)
    if name is None:
        return ngettext("You copied %(num)d session", "You copied %(num)d sessions", number)
    return ngettext("%(name)s copied %(num)d session", "%(name)s copied %(num)d sessions", number, name=name)


def difference(before: Change, after: Change, halls: Mapping[int, Translated], reader: Reader) -> tuple[str, str]:
    """What is different, on both sides; the first is empty for what came from the shelf."""
    if before.get("date") is None:
        return "", where(after, halls, reader)
    sides = []
    for side, other in ((before, after), (after, before)):
        words = []
        if side["date"] != other["date"]:
            words.append(day_label(date.fromisoformat(side["date"]), reader.language))
        if (side["starts"], side["ends"]) != (other["starts"], other["ends"]):
            words.append(_clock(side, other))
        if side["hall"] != other["hall"]:
            words.append(_hall(side["hall"], halls, reader))
        sides.append(", ".join(words))
    return sides[0], sides[1]


def where(side: Change, halls: Mapping[int, Translated], reader: Reader) -> str:
    """Like "Tue 25, 10:00–11:30, Malabata"."""
    if side.get("date") is None:
        return _("not on the board")
    return ", ".join(
        (
            day_label(date.fromisoformat(side["date"]), reader.language),
            _range(side),
            _hall(side["hall"], halls, reader),
        )
    )


def placed_sentence(title: str, side: Change | None, halls: Mapping[int, Translated], reader: Reader) -> str:
    """Like: Local Democracy, Tue 25, 10:05 to 11:35, Malabata."""
    if side is None:
        return _("%(title)s is not in the draft any more.", title=title)
    if side["date"] is None:
        return _("%(title)s is off the board.", title=title)
    range_ = (
        _("%(starts)s to %(ends)s", starts=side["starts"], ends=side["ends"])
        if side["starts"]
        else _("time to be confirmed")
    )
    day = day_label(date.fromisoformat(side["date"]), reader.language)
    return _(
        "%(title)s, %(day)s, %(hours)s, %(hall)s.",
        title=title,
        day=day,
        hours=range_,
        hall=_hall(side["hall"], halls, reader),
    )


def _clock(side: Change, other: Change) -> str:
    """The start alone where only that says what is new: a move; both ends of what is longer or shorter."""
    if side["starts"] and other["starts"] and _minutes(side) == _minutes(other):
        return str(side["starts"])
    return _range(side)


def _minutes(side: Change) -> int:
    starts, ends = (int(side[end][:2]) * 60 + int(side[end][3:5]) for end in ("starts", "ends"))
    return (ends - starts) % (24 * 60)


def _range(side: Change) -> str:
    return f"{side['starts']}–{side['ends']}" if side["starts"] else _("time to be confirmed")


def _hall(hall_id: int | None, halls: Mapping[int, Translated], reader: Reader) -> str:
    if hall_id is None:
        return _("hall to be confirmed")
    return reader.words(halls.get(hall_id, Translated())).text or _("a hall that is gone")

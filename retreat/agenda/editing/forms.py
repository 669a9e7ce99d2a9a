"""Controls of the session's form that browsers have none for, and what is different between two editors' forms."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, HiddenField, SelectField, SelectMultipleField, ValidationError

from retreat.agenda import labels
from retreat.agenda.models import PointKind
from retreat.agenda.points import MOST_MINUTES, MOST_POINTS, Point
from retreat.core.forms import Printable, TranslatedField, clean, whole_number
from retreat.core.i18n import LANGUAGES, Translated

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point as typed."""

    titles: dict[str, str] = field(default_factory=dict)
    kind: str = PointKind.INFORMATION.value
    minutes: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(self.titles.values()) and not self.minutes

    def written_besides(self, main: str) -> int:
        """In how many other languages there is a title."""
        return sum(bool(title) for code, title in self.titles.items() if code != main)


class PointsField(Field):
    """The points of a meeting, a row each: `points-0-title_en`, `points-0-kind`, `points-0-minutes`, `points-1-…`.

    `act` does what the buttons beside the rows ask for. Rows that are left empty are no points.
    """

    kinds = tuple((kind.value, labels.POINTS[kind]) for kind in PointKind)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[Any] = []
        self.data: list[PointRow] = [
            PointRow(dict(point.title), point.kind.value, str(point.minutes or "")) for point in data or ()
        ]
        if formdata is not None:
            self.data = []
            while len(self.data) <= MOST_POINTS and f"{self.name}-{len(self.data)}-kind" in formdata:
                self.data.append(self._row(formdata, f"{self.name}-{len(self.data)}-"))

    @staticmethod
    def _row(formdata: Any, prefix: str) -> PointRow:
        titles = {code: clean(formdata.get(f"{prefix}title_{code}")) for code in LANGUAGES}
        return PointRow(titles, formdata.get(f"{prefix}kind", ""), clean(formdata.get(f"{prefix}minutes")))

    def act(self, asked: str) -> None:
        """`add`, `up-2`, `down-2` or `remove-2`; anything else does nothing."""
        step, _, number = asked.partition("-")
        at = whole_number(number)
        found = list(self.data)
        if step == "add" and len(found) < MOST_POINTS:
            found.append(PointRow())
        elif at is not None and at < len(found):
            row = found.pop(at)
            if step in ("up", "down"):
                found.insert(max(0, at + (-1 if step == "up" else 1)), row)
            elif step != "remove":
                found.insert(at, row)
        self.data = found

    def pre_validate(self, form: Form) -> None:
        for number, row in enumerate((row for row in self.data if not row.is_empty), 1):
            if row.minutes and not 0 < (whole_number(row.minutes) or 0) <= MOST_MINUTES:
                raise ValidationError(_l("Point %(number)s: a point takes 1 to 1440 minutes.", number=number))
            if row.kind not in set(PointKind):
                raise ValidationError(_l("Point %(number)s: choose what is done with it.", number=number))
            for title in row.titles.values():
                if len(title) > _LONGEST:
                    raise ValidationError(
                        _l("Point %(number)s: at most %(count)s characters.", number=number, count=_LONGEST)
                    )
                Printable()(form, _Typed(title))

    def points(self) -> list[Point]:
        return [
            Point(Translated(row.titles), PointKind(row.kind), whole_number(row.minutes) or None)
            for row in self.data
            if not row.is_empty
        ]

    @property
    def minutes(self) -> int:
        return sum(whole_number(row.minutes) or 0 for row in self.data)


class _Typed(NamedTuple):
    """What `Printable` looks at."""

    data: str


class Differs(NamedTuple):
    """One answer that two editors have given differently."""

    label: str
    mine: str
    theirs: str


def differences(mine: FlaskForm, theirs: FlaskForm) -> list[Differs]:
    """What the form that was refused says otherwise than the form of what is saved now."""
    found = []
    for one in mine:
        if isinstance(one, HiddenField) or one.name in ("version", "csrf_token"):
            continue
        texts = _words(one), _words(theirs[one.name])
        if texts[0] != texts[1]:
            found.append(Differs(str(one.label.text), *texts))
    return found


def _words(one: Any) -> str:
    match one:
        case TranslatedField():
            return "\n".join(f"{entry.language}: {entry.value}" for entry in one.entries if entry.value)
        case PointsField():
            return "\n".join(_point_words(row) for row in one.data if not row.is_empty)
        case BooleanField():
            return "✓" if one.data else "–"
        case SelectMultipleField() | SelectField():
            return ", ".join(str(choice.label) for choice in one.iter_choices() if choice.selected)
        case _:
            return "" if one.data is None else str(one.data).strip()


def _point_words(row: PointRow) -> str:
    """With the languages always in the same order: who changed nothing there is told of no difference."""
    titles = " / ".join(text for code in LANGUAGES if (text := row.titles.get(code)))
    kind = dict(PointsField.kinds).get(row.kind, row.kind)
    return " · ".join(filter(None, (titles, str(kind), row.minutes)))

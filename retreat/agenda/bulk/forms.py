"""Forms of the page on which many sessions are changed at once."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from retreat.agenda.bulk.shifting import MOST_DAYS, MOST_MINUTES, Shift
from retreat.agenda.bulk.skeleton import Wishes
from retreat.agenda.models import AgendaSession, Track
from retreat.core import dates
from retreat.core.names import search_key
from retreat.editions.models import Edition

MOST_OFFERED, MOST_NAMED = 400, 8


class Several(SelectMultipleField):
    """Tick boxes: nothing ticked is an answer as well."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _day_label(day: date, language: str) -> str:
    return dates.long_date(day, language)


class Amount(IntegerField):
    """A whole number, its minus as keyboards or as books have it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace("\u2212", "-") for value in valuelist])


class ActionForm(FlaskForm):
    """One of several on a page, its fields named apart; the token is the page's, and is looked at for every POST."""

    class Meta:
        csrf = False


class ShiftForm(ActionForm):
    day = SelectField(_l("What"), validate_choice=True)
    by = RadioField(
        _l("Counted in"),
        choices=[SelectChoice("days", _l("Days")), SelectChoice("minutes", _l("Minutes"))],
        default="days",
        validators=[InputRequired()],
    )
    amount = Amount(_l("How many"), [InputRequired(_l("Enter a number.")), NumberRange(-MOST_MINUTES, MOST_MINUTES)])
    halls = Several(_l("Only these halls"), [Optional()], coerce=int)
    tracks = Several(_l("Only these tracks"), [Optional()], coerce=int)
    moves_edition = BooleanField(_l("The edition's own days move along, with their titles"), default=True)

    def offer(self, edition: Edition, days: Iterable[date], tracks: Iterable[Track], language: str) -> "ShiftForm":
        main = edition.main_language
        self.day.choices = [
            SelectChoice("", _l("The whole edition")),
            *(SelectChoice(day.isoformat(), _day_label(day, language)) for day in days),
        ]
        self.halls.choices = [SelectChoice(hall.id, hall.name.text(language, main)) for hall in edition.halls]
        self.tracks.choices = [SelectChoice(track.id, track.name.text(language, main)) for track in tracks]
        return self

    def asked(self) -> Shift:
        day = date.fromisoformat(self.day.data) if self.day.data else None
        halls, tracks = frozenset(self.halls.data or ()), frozenset(self.tracks.data or ())
        amount = self.amount.data or 0
        by_days = self.by.data == "days"
        return Shift(
            day=day,
            days=max(-MOST_DAYS - 1, min(MOST_DAYS + 1, amount)) if by_days else 0,
            minutes=0 if by_days else amount,
            halls=halls,
            tracks=tracks,
            # Some of the sessions are not the edition.
            moves_edition=bool(self.moves_edition.data) and by_days and day is None and not halls and not tracks,
        )


class SwapForm(ActionForm):
    """Two sessions, each by its code or by words of its line in the list: a select of two thousand is no choice."""

    one = StringField(_l("One session"), [InputRequired(_l("Choose a session."))])
    other = StringField(_l("The other"), [InputRequired(_l("Choose a session."))])
    lengths = RadioField(
        _l("Lengths"),
        choices=[
            SelectChoice("keep", _l("Each keeps its own length")),
            SelectChoice("slots", _l("Exchange the slots as they are, with their ends")),
        ],
        default="keep",
        validators=[InputRequired()],
    )

    def offer(self, edition: Edition, sessions: Iterable[AgendaSession], language: str) -> "SwapForm":
        self.lines = {one.code: _line(one, edition, language) for one in sessions}
        return self

    @property
    def offered(self) -> list[str]:
        """What the browser proposes while somebody types; all of a very long week would make the page heavy."""
        return list(self.lines.values()) if len(self.lines) <= MOST_OFFERED else []

    def validate_one(self, field: StringField) -> None:
        self.code_of(field)

    def validate_other(self, field: StringField) -> None:
        self.code_of(field)

    def code_of(self, field: StringField) -> str:
        """The session that is meant. Raises ValidationError where none is, or several are."""
        found = named(self.lines, field.data or "")
        if not found:
            raise ValidationError(_l("No session is found by this: enter its code, or words of its title."))
        if len(found) > 1:
            lines = "; ".join(self.lines[code] for code in found[:MOST_NAMED])
            raise ValidationError(
                _l(
                    "%(count)s sessions are found by this; enter the code of one: %(lines)s",
                    count=len(found),
                    lines=lines,
                )
            )
        return found[0]


def named(lines: Mapping[str, str], text: str) -> list[str]:
    """The codes of the sessions that somebody may mean: by code or the line as it was proposed, else by its title,
    else by words. Pure.
    """
    text = text.strip()
    codes = {code.casefold(): code for code in lines}
    in_brackets = text.rpartition("(")[2].removesuffix(")")
    for exact in (text, in_brackets):
        if exact.casefold() in codes:
            return [codes[exact.casefold()]]
    asked = search_key(text)
    if not asked:
        return []
    keys = {code: search_key(line) for code, line in lines.items()}
    titled = [code for code, key in keys.items() if key.rpartition(" (")[0].rpartition("· ")[2] == asked]
    phrased = titled or [code for code, key in keys.items() if asked in key]
    return phrased or [code for code, key in keys.items() if all(word in key for word in asked.split())]


def _line(session: AgendaSession, edition: Edition, language: str) -> str:
    title = session.title.text(language, edition.main_language)
    if session.date is None:
        return f"{title} ({session.code})"
    when = f"{dates.short_weekday(session.date, language)} {session.date.day}"
    if session.starts:
        when += f", {dates.clock(session.starts)}"
    return f"{when} · {title} ({session.code})"


class BreaksForm(ActionForm):
    day = SelectField(_l("From the day"), [InputRequired()])
    to = Several(_l("To these days"), [InputRequired(_l("Choose a day."))])

    def offer(self, breaks: dict[date, int], days: Iterable[date], language: str) -> "BreaksForm":
        self.day.choices = [
            SelectChoice(day.isoformat(), f"{_day_label(day, language)} ({count})") for day, count in breaks.items()
        ]
        self.to.choices = [SelectChoice(day.isoformat(), _day_label(day, language)) for day in days]
        return self


class SkeletonForm(ActionForm):
    edition = SelectField(_l("From the edition"), [InputRequired()])
    descriptions = BooleanField(_l("With descriptions"), default=True)
    notes = BooleanField(_l("With the internal notes"))
    day_titles = BooleanField(_l("With the titles of the days, where a day has none yet"), default=True)
    makes_places = BooleanField(_l("Make the halls and tracks that are missing here"), default=True)

    def offer(self, others: Iterable[Edition], language: str) -> "SkeletonForm":
        self.edition.choices = [
            SelectChoice(other.slug, f"{other.title.text(language, other.main_language)} ({other.slug})")
            for other in others
        ]
        return self

    def wishes(self) -> Wishes:
        return Wishes(
            descriptions=bool(self.descriptions.data),
            notes=bool(self.notes.data),
            day_titles=bool(self.day_titles.data),
            makes_places=bool(self.makes_places.data),
        )

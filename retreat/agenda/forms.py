"""Forms of the organisers' agenda pages: sessions, halls, venues, tracks, days, import, publication."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from retreat.agenda import labels, rows
from retreat.agenda.cards import HYBRID
from retreat.agenda.editing.forms import PointsField
from retreat.agenda.frame import MOST_BOOTHS
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, SessionStatus, Track
from retreat.agenda.service import appearances
from retreat.agenda.values import Appearance, SessionValues
from retreat.core import dates, zones
from retreat.core.forms import Printable, TranslatedField, clean, clean_line
from retreat.editions.models import Edition
from retreat.network.models import Body

NONE = SelectChoice(0, "–")

ROLES = {"chair": PartRole.CHAIR, "moderators": PartRole.MODERATOR, "speakers": PartRole.SPEAKER}


class Link:
    """https or http, and nothing a browser would run."""

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        try:
            rows.link(field.data or "")
        except rows.BadCell as error:
            raise ValidationError(error.args[0]) from None


class PeopleField(TextAreaField):
    """One person a line as `Name, position, organisation`, `(tbc)` after the name until confirmed.

    `tbc`, or `tbc, Mayor, Izmir`, is somebody who is still to be named.
    """

    def pre_validate(self, form: Any) -> None:
        try:
            self.people()
        except rows.BadCell as error:
            raise ValidationError(error.args[0]) from None

    def people(self) -> list[rows.Appearance]:
        return [rows.appearance(line) for line in (self.data or "").splitlines() if line.strip()]


class ClockField(TimeField):
    """A wall time typed as HH:MM: a browser's own control would show 12 hours to an American one."""

    widget = TextInput()

    def __init__(self, label: Any, validators: list[Any], **kwargs: Any) -> None:
        shown = {"inputmode": "numeric", "placeholder": "09:30", "maxlength": 5}
        super().__init__(label, validators, format=["%H:%M"], render_kw=shown, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError:
            raise ValueError(_l("Write the time as HH:MM, from 00:00 to 23:59.")) from None


class SessionForm(FlaskForm):
    """One session of the draft."""

    title = TranslatedField(_l("Title"), needed=True)
    description = TranslatedField(_l("Description"), longest=rows.LONGEST_TEXT, multiline=True)
    kind = SelectField(_l("Kind"), choices=[SelectChoice(kind.value, labels.KINDS[kind]) for kind in Kind])
    track = SelectField(_l("Track"), coerce=int)
    parent = SelectField(_l("Part of"), coerce=int)
    date = DateField(_l("Day"), [Optional()])
    starts = ClockField(_l("Start"), [Optional()])
    ends = ClockField(_l("End"), [Optional()])
    zone_override = StringField(_l("Time zone, where it is not the venue's"), [Optional()], filters=[clean_line])
    hall = SelectField(_l("Hall"), coerce=int)
    venue = SelectField(_l("Venue, while the hall is not known"), coerce=int)
    languages = SelectMultipleField(
        _l("Interpretation"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    chair = PeopleField(_l("Chair"), [Length(max=5000), Printable()], filters=[clean])
    moderators = PeopleField(_l("Moderators"), [Length(max=5000), Printable()], filters=[clean])
    speakers = PeopleField(_l("Speakers"), [Length(max=20000), Printable()], filters=[clean])
    access = SelectField(_l("Open to"))
    body = SelectField(_l("The body that meets"), coerce=int)
    is_listed = BooleanField(_l("Listed: shown on the public page and in feeds"))
    status = SelectField(
        _l("Status"), choices=[SelectChoice(status.value, labels.STATUS[status]) for status in SessionStatus]
    )
    capacity = IntegerField(_l("Places"), [Optional(), NumberRange(0, rows.MOST_SEATS)])
    sign_up = SelectField(
        _l("Sign-up"),
        choices=[
            SelectChoice("", _l("By the kind of session")),
            SelectChoice("yes", _l("People sign up here")),
            SelectChoice("no", _l("Nobody signs up")),
        ],
    )
    link = StringField(_l("Link to join online"), [Link()], filters=[clean_line])
    registration_link = StringField(_l("Registration elsewhere"), [Link()], filters=[clean_line])
    tags = StringField(_l("Tags, separated by ;"), [Length(max=500), Printable()], filters=[clean_line])
    expected = IntegerField(_l("People expected"), [Optional(), NumberRange(0, rows.MOST_SEATS)])
    is_hybrid = BooleanField(_l("Also online; the link follows"))
    points = PointsField(_l("Points of the agenda"))
    note = TranslatedField(_l("Note for organisers"), longest=rows.LONGEST_TEXT, multiline=True)
    code = StringField(_l("Code"), filters=[clean_line])
    is_locked = BooleanField(_l("Locked: day, time and hall stay as they are"))
    version = IntegerField(validators=[Optional()])

    def validate_zone_override(self, field: StringField) -> None:
        if field.data and field.data not in zones.names():
            raise ValidationError(
                _l("“%(name)s” is not a time zone; write it like Africa/Casablanca.", name=field.data)
            )

    def offer(
        self,
        edition: Edition,
        tracks: list[Track],
        bodies: list[Body],
        sessions: list[AgendaSession],
        session: AgendaSession | None,
        language: str,
    ) -> "SessionForm":
        """Fill the lists to choose from."""
        main = edition.main_language

        def name(thing: Any) -> str:
            return str(thing.name.text(language, main))

        tags = session.tags if session else []
        self._hybrid_at = tags.index(HYBRID) if HYBRID in tags else None
        self._tracks = {track.id: track for track in tracks}
        self._bodies = {body.id: body for body in bodies}
        self._halls = {hall.id: hall for hall in edition.halls}
        self._venues = {venue.id: venue for venue in edition.venues}
        self._parents = {
            one.id: one for one in sessions if one.parent_id is None and (session is None or one.id != session.id)
        }
        self.track.choices = [NONE, *(SelectChoice(track.id, name(track)) for track in tracks)]
        self.body.choices = [NONE, *(SelectChoice(body.id, name(body)) for body in bodies)]
        self.venue.choices = [NONE, *(SelectChoice(venue.id, name(venue)) for venue in edition.venues)]
        self.hall.choices = [
            SelectChoice(0, _l("to be confirmed")),
            *(SelectChoice(hall.id, f"{name(hall)} · {name(hall.venue)}") for hall in edition.halls),
        ]
        self.parent.choices = [
            NONE,
            *(SelectChoice(one.id, f"{one.title.text(language, main)} ({one.code})") for one in self._parents.values()),
        ]
        self.access.choices = [
            *(SelectChoice(access.value, labels.ACCESS[access]) for access in Access if access is not Access.BODY),
            *(SelectChoice(f"body:{body.id}", _l("Members: %(body)s", body=name(body))) for body in bodies),
        ]
        spoken = dict.fromkeys((*labels.INTERPRETED, *(session.languages if session else ())))
        self.languages.choices = [SelectChoice(code, dates.language_name(code, language)) for code in spoken]
        return self

    def show(self, session: AgendaSession, *, over_what_was_sent: bool = False) -> "SessionForm":
        """Fill in what the draft says, where nothing has been sent."""
        if self.is_submitted() and not over_what_was_sent:
            return self
        for field in (
            "title",
            "description",
            "note",
            "date",
            "starts",
            "ends",
            "is_listed",
            "capacity",
            "code",
            "expected",
        ):
            self[field].process(None, getattr(session, field))
        for field in ("code", "expected", "link", "registration_link", "is_locked", "languages", "version"):
            self[field].process(None, getattr(session, field))
        self.kind.data, self.status.data = session.kind.value, session.status.value
        self.track.data, self.parent.data = session.track_id or 0, session.parent_id or 0
        self.hall.data, self.venue.data = session.hall_id or 0, session.venue_id or 0
        self.body.data = session.body_id or 0
        self.sign_up.data = {True: "yes", False: "no", None: ""}[session.takes_sign_up]
        self.access.data = f"body:{session.access_body_id}" if session.access_body_id else session.access.value
        self.zone_override.data = session.zone_override or ""
        self.tags.data = "; ".join(tag for tag in session.tags if tag != HYBRID)
        self.is_hybrid.data = HYBRID in session.tags
        self.points.process(None, session.points)
        people = appearances(session)
        for column, role in ROLES.items():
            self[column].data = "\n".join(_line(person) for person in people if person.role is role)
        return self

    def values(self) -> SessionValues:
        hall = self._halls.get(self.hall.data)
        access, _, body_id = self.access.data.partition(":")
        values: SessionValues = {
            "title": self.title.data,
            "description": self.description.data,
            "note": self.note.data,
            "kind": Kind(self.kind.data),
            "track": self._tracks.get(self.track.data),
            "parent": self._parents.get(self.parent.data),
            "date": self.date.data,
            "starts": self.starts.data,
            "ends": self.ends.data,
            "zone_override": self.zone_override.data or None,
            "hall": hall,
            "venue": hall.venue if hall else self._venues.get(self.venue.data),
            "languages": list(self.languages.data or []),
            "access": Access(access),
            "access_body": self._bodies.get(int(body_id)) if body_id else None,
            "body": self._bodies.get(self.body.data),
            "is_listed": bool(self.is_listed.data),
            "status": SessionStatus(self.status.data),
            "capacity": self.capacity.data,
            "takes_sign_up": {"yes": True, "no": False}.get(self.sign_up.data),
            "link": self.link.data or "",
            "registration_link": self.registration_link.data or "",
            "expected": self.expected.data,
            "points": self.points.points(),
            "tags": self._all_tags(),
            "is_locked": bool(self.is_locked.data),
            "parts": [
                Appearance(role, person.name, person.position, person.organisation, person.state)
                for column, role in ROLES.items()
                for person in self[column].people()
            ],
        }
        if self.code.data:
            values["code"] = self.code.data
        return values

    def _all_tags(self) -> list[str]:
        """Those typed and, where it is ticked, the one that promises a link; it stays in its place."""
        tags = [tag.strip() for tag in (self.tags.data or "").split(";") if tag.strip() not in ("", HYBRID)]
        if self.is_hybrid.data:
            tags.insert(self._hybrid_at if self._hybrid_at is not None else len(tags), HYBRID)
        return tags

    def add_person(self, asked: str) -> None:
        """`speakers:Name, position, organisation` becomes a line of that field."""
        column, _, line = asked.partition(":")
        if column in ROLES and line.strip():
            self[column].data = "\n".join(filter(None, ((self[column].data or "").strip(), line.strip())))


def _line(person: Appearance) -> str:
    return rows.people_cell([rows.Appearance(person.printed_name, person.office, person.organisation, person.state)])


class VenueForm(FlaskForm):
    name = TranslatedField(_l("Name"), needed=True)
    city = StringField(_l("City"), [Length(max=120), Printable()], filters=[clean_line])
    address = StringField(_l("Address"), [Length(max=300), Printable()], filters=[clean_line])
    zone = StringField(
        _l("Time zone"), [InputRequired(_l("Enter a time zone such as Africa/Casablanca."))], filters=[clean_line]
    )

    def values(self, _edition: Edition) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "city": self.city.data or "",
            "address": self.address.data or "",
            "zone": self.zone.data,
        }


class HallForm(FlaskForm):
    name = TranslatedField(_l("Name"), needed=True)
    venue_id = SelectField(_l("Venue"), coerce=int)
    capacity = IntegerField(_l("Places"), [Optional(), NumberRange(0, rows.MOST_SEATS)])
    booths = IntegerField(
        _l("Booths for interpreters"),
        [Optional(), NumberRange(0, MOST_BOOTHS)],
        description=_l("Empty: not known, and never a clash."),
    )
    language_pairs = IntegerField(
        _l("Pairs of languages"),
        [Optional(), NumberRange(0, MOST_BOOTHS)],
        description=_l("How many its equipment relays at once; four languages make six."),
    )
    position = IntegerField(_l("Position in the row of halls"), [Optional(), NumberRange(0, 1000)])

    def offer(self, edition: Edition, language: str) -> "HallForm":
        self.venue_id.choices = [
            SelectChoice(venue.id, venue.name.text(language, edition.main_language)) for venue in edition.venues
        ]
        return self

    def values(self, edition: Edition) -> dict[str, Any]:
        venues = {venue.id: venue for venue in edition.venues}
        values: dict[str, Any] = {
            "name": self.name.data,
            "venue": venues[self.venue_id.data],
            "capacity": self.capacity.data,
            "booths": self.booths.data,
            "language_pairs": self.language_pairs.data,
        }
        if self.position.data is not None:
            values["position"] = self.position.data
        return values


class TrackForm(FlaskForm):
    name = TranslatedField(_l("Name"), needed=True)
    colour = SelectField(
        _l("Colour"), coerce=int, choices=[SelectChoice(number, str(number)) for number in range(1, 9)]
    )
    position = IntegerField(_l("Position in lists"), [Optional(), NumberRange(0, 1000)])

    def values(self, _edition: Edition) -> dict[str, Any]:
        values: dict[str, Any] = {"name": self.name.data, "colour": self.colour.data}
        if self.position.data is not None:
            values["position"] = self.position.data
        return values


class DayForm(FlaskForm):
    title = TranslatedField(_l("Title of the day"))


class ImportForm(FlaskForm):
    file = FileField(_l("CSV, XLSX or JSON file"), [FileRequired(_l("Choose a file."))])

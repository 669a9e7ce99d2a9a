"""A week with something of everything, its feeds, and what happens to it; for the programs that read feeds."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from typing import Any

from retreat.agenda import frame
from retreat.agenda.models import Access, Kind, PartRole, Place, PlaceState, SessionStatus, Star
from retreat.agenda.values import Appearance
from retreat.calendars import service
from retreat.calendars.facts import Form
from retreat.calendars.service import OrganiserOwner, PersonOwner
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.network.models import Person
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.readers import Read, Told, assert_tells, expected
from tests.calendars.tangier import LONG_BEFORE, WEDNESDAY, Tangier, publish_change, tangier
from tests.signing_in import organiser_of_role

HALL = "/2020/calendar/hall/grand-hall.ics"


@dataclass
class Story:
    """The week, its speaker, its organiser, and a guest who is invited to what is not listed and has starred the lab."""

    week: Tangier
    talks: Any
    porto: Any
    guest: Person
    place: Place
    star: Star
    speakers: str
    guests: str
    organisers: str

    @property
    def uids(self) -> dict[str, str]:
        named = {name: getattr(self.week, name) for name in ("opening", "lab", "secret", "dinner", "bureau")}
        return {name: one.uid for name, one in {**named, "talks": self.talks, "porto": self.porto}.items()}


def story() -> Story:
    """As it was before anything changed."""
    of = tangier()
    edition = of.edition
    talks = week.session(
        edition,
        Translated(
            en="Talks, and; \\more\\n 👩‍👩‍👧‍👦 of “them”", fr="Échanges, et plus", ru="Беседы; и прочее", es="Charlas"
        ),
        description=Translated(en="First line;\nsecond, with a \\ and\u2028a third. " + "Long, " * 40, ru="Кратко"),
        code="TALKS",
        body=of.body,
        hall=of.hall,
        venue=of.hall.venue,
        date=WEDNESDAY,
        starts=time(22),
        ends=time(0, 30),
        link="https://meet.example/talks?a=1,2;b",
        languages=["en", "ru"],
        parts=[
            Appearance(PartRole.CHAIR, "Aysu Yılmaz", "Mayor; first of her name", "İzmir, Türkiye", person=of.speaker),
            Appearance(PartRole.SPEAKER, "Łukasz Żak", "Council member", "Łódź"),
        ],
    )
    venue = frame.create_venue(
        edition, {"name": Translated(en="Alfândega"), "city": "Porto", "zone": "Europe/Lisbon"}, at=week.AT, by=NADIA
    )
    # On the day on which summer time begins there; the hour that follows the gap.
    porto = week.session(
        edition, "Across the strait", code="PORTO", kind=Kind.PANEL, venue=venue, date=date(2020, 3, 29), starts=time(2)
    )
    guest = Person(given_name="Bakyt", family_name="Asanov", created_at=week.AT)
    db.session.add(guest)
    db.session.flush()
    place = Place(session_id=of.secret.id, person_id=guest.id, state=PlaceState.INVITED, created_at=week.AT)
    star = Star(session_id=of.lab.id, person_id=guest.id, created_at=week.AT)
    db.session.add_all([place, star])
    week.publish(edition, LONG_BEFORE)
    owners = PersonOwner(of.speaker.id), PersonOwner(guest.id), OrganiserOwner(organiser_of_role("programmer").id)
    links = [f"/calendar/{service.subscribe(owner, edition.id, 'Phone', at=LONG_BEFORE).token}.ics" for owner in owners]
    return Story(of, talks, porto, guest, place, star, *links)


@dataclass(frozen=True)
class Asked:
    """A feed at an address, in a language and a form, and the sessions that it should hold."""

    address: str
    language: str
    names: frozenset[str]
    is_private: bool = False
    is_draft: bool = False


PUBLIC = frozenset({"opening", "lab", "dinner", "bureau", "talks", "porto"})
SPEAKERS = frozenset({"opening", "dinner", "talks"})
GUESTS = frozenset({"opening", "dinner", "secret", "lab"})


def every_feed(of: Story, *, without: frozenset[str] = frozenset(), moved: bool = False) -> Iterator[Asked]:
    """`without`: what is in nobody's own week any more. `moved`: the lab is in no hall of the hotel any more."""

    def asked(path: str, language: str, form: Form, names: frozenset[str], **kind: bool) -> Asked:
        return Asked(f"{path}?lang={language}&tz={form}", language, names, **kind)

    in_hall = frozenset({"opening", "bureau", "talks"} | (set() if moved else {"lab"}))
    for language in LANGUAGES:
        for form in Form:
            yield asked("/2020/calendar/agenda.ics", language, form, PUBLIC)
        yield asked(of.speakers, language, Form.UTC, SPEAKERS - without, is_private=True)
    yield asked(of.guests, "en", Form.VENUE, GUESTS - without, is_private=True)
    yield asked(of.organisers, "fr", Form.VENUE, PUBLIC | {"secret"}, is_private=True, is_draft=True)
    yield asked("/2020/calendar/track/retreat.ics", "fr", Form.UTC, frozenset({"opening", "bureau"}))
    yield asked("/2020/calendar/track/campus.ics", "ru", Form.VENUE, frozenset({"lab"}))
    yield asked(HALL, "es", Form.VENUE, in_hall)
    yield asked("/2020/calendar/body/executive-bureau.ics", "ru", Form.UTC, frozenset({"talks"}))
    yield asked("/2020/sessions/LAB-1.ics", "en", Form.VENUE, frozenset({"lab"}))


@dataclass(frozen=True)
class Change:
    """What organisers do, and what of it calendars should see. A session that moved away has left the hall's feed."""

    do: Callable[[Story], object]
    grown: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    moved: bool = False


def _move(of: Story) -> None:
    venue = of.porto.venue
    publish_change(of.week, of.week.lab, hall=None, venue=venue, starts=time(18), ends=time(0, 15))


def _rename(of: Story) -> None:
    frame.update_hall(of.week.hall, {"name": Translated(en="Assembly; hall, A", ru="Зал")}, at=LONG_BEFORE, by=NADIA)


def _cancel(of: Story) -> None:
    publish_change(of.week, of.talks, status=SessionStatus.CANCELLED)


def _reinstate(of: Story) -> None:
    _cancel(of)
    publish_change(of.week, of.talks, status=SessionStatus.CONFIRMED)


def _uninvite(of: Story) -> None:
    db.session.delete(of.place)


def _unstar(of: Story) -> None:
    db.session.delete(of.star)


def _close(of: Story) -> None:
    publish_change(of.week, of.week.dinner, access=Access.INVITED)


CHANGES = {
    "a move": Change(_move, grown=frozenset({"lab"}), moved=True),
    "a hall's new name": Change(_rename, grown=frozenset({"opening", "lab", "bureau", "talks"})),
    "a cancellation": Change(_cancel, grown=frozenset({"talks"})),
    "a reinstatement": Change(_reinstate, grown=frozenset({"talks"})),
    "a dinner for invited guests": Change(_close, grown=frozenset({"dinner"}), lost=frozenset({"dinner"})),
    "an invitation taken back": Change(_uninvite, lost=frozenset({"secret"})),
    "a star taken off": Change(_unstar, lost=frozenset({"lab"})),
}


def assert_read_as_stored(of: Story, asked: Asked, *programs: dict[str, Read]) -> None:
    """What each program has read is what the last revision holds: every event, and everything that an event says."""
    told: dict[str, Told] = expected(asked.language, is_private=asked.is_private)
    for read in programs:
        assert read.keys() == {of.uids[name] for name in asked.names}, asked.address
        for uid, one in read.items():
            known = _as_draft(told[uid], one) if asked.is_draft else told[uid]
            assert asdict(one) | {"text": ""} == asdict(known.read) | {"text": ""}, asked.address
            assert_tells(one.text, known)


def _as_draft(told: Told, read: Read) -> Told:
    """All of it is published here: a draft only has stamps and addresses of its own, and takes nobody's time."""
    assert read.sequence >= told.read.sequence
    assert read.modified == read.stamped > told.read.modified
    assert read.url.endswith(f"/{told.row.code}")
    own = {name: getattr(read, name) for name in ("sequence", "modified", "stamped", "url")}
    return Told(told.row, replace(told.read, is_free=True, **own))

"""SEQUENCE and LAST-MODIFIED grow with what an entry says, and with nothing else."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from retreat.agenda import frame, published, publishing
from retreat.agenda.cards import Reader
from retreat.agenda.diff import RENDERED, RENDERED_OF_PARTS, STAMPS
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, PartState, PointKind, SessionStatus
from retreat.agenda.points import Point
from retreat.agenda.published import PublishedPart, PublishedPoint, PublishedSession
from retreat.agenda.revisions import restore
from retreat.agenda.values import Appearance
from retreat.calendars import feeds, ical
from retreat.calendars import service as subscriptions
from retreat.calendars.entries import entry
from retreat.calendars.facts import Form
from retreat.calendars.service import PersonOwner
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions import service as editions
from retreat.network.models import Person
from retreat.portal.people import merging
from retreat.portal.privacy import erasing
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.calendars.tangier import (
    LONG_BEFORE,
    PUBLISHED,
    Tangier,
    events,
    publish_change,
    stamp,
    summaries,
    tangier,
)

AGENDA = "/2020/calendar/agenda.ics"
EVERY_PUBLIC_FEED = [f"{AGENDA}?lang={language}&tz={form}" for language in LANGUAGES for form in Form]


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


# What is declared --------------------------------------------------------------------------------------------------

A_PART = PublishedPart(
    person_id=1,
    role=PartRole.SPEAKER,
    state=PartState.CONFIRMED,
    printed_name="Ana Ruiz",
    office="Mayor",
    organisation="Porto",
    position=0,
)
ONE = PublishedSession(
    session_id=1,
    uid="7b1c",
    code="A-1",
    sequence=2,
    created_at=AT,
    last_modified=AT,
    parent_code=None,
    title=Translated(en="Opening"),
    description=Translated(en="A welcome"),
    note=Translated(),
    date=date(2020, 2, 24),
    starts=time(9),
    ends=time(10),
    zone="Africa/Casablanca",
    start_utc=datetime(2020, 2, 24, 8, tzinfo=UTC),
    end_utc=datetime(2020, 2, 24, 9, tzinfo=UTC),
    kind=Kind.PLENARY,
    track_id=1,
    track_slug="retreat",
    track_name=Translated(en="Retreat"),
    track_colour=1,
    venue_id=1,
    venue_slug="hilton",
    venue_name=Translated(en="Hilton"),
    city="Tangier",
    hall_id=1,
    hall_slug="grand",
    hall_name=Translated(en="Grand Hall"),
    hall_position=1,
    hall_capacity=300,
    languages=("en",),
    access=Access.BODY,
    access_body_id=1,
    access_body_name=Translated(en="Bureau"),
    body_id=1,
    body_slug="council",
    body_name=Translated(en="Council"),
    is_listed=True,
    status=SessionStatus.CONFIRMED,
    capacity=None,
    link="https://meet.example/1",
    registration_link="",
    tags=(),
    parts=(A_PART,),
    points=(),
)
ANOTHER: dict[str, Any] = {
    **dict.fromkeys(("code", "parent_code", "city", "track_slug", "venue_slug", "hall_slug", "body_slug"), "other"),
    **dict.fromkeys(("link", "registration_link"), "https://other.example"),
    **dict.fromkeys(("title", "description", "note"), Translated(en="Other")),
    **dict.fromkeys(("track_name", "venue_name", "hall_name", "access_body_name", "body_name"), Translated(en="Other")),
    **dict.fromkeys(("track_id", "venue_id", "hall_id", "access_body_id", "body_id"), 9),
    **dict.fromkeys(("track_colour", "hall_position", "hall_capacity", "capacity"), 7),
    "date": date(2020, 2, 25),
    "starts": time(9, 5),
    "ends": time(10, 5),
    "zone": "Europe/Paris",
    "start_utc": datetime(2020, 2, 24, 7, tzinfo=UTC),
    "end_utc": datetime(2020, 2, 24, 10, tzinfo=UTC),
    "kind": Kind.PANEL,
    "languages": ("fr",),
    "access": Access.OPEN,
    "is_listed": False,
    "status": SessionStatus.TENTATIVE,
    "tags": ("hybrid", "illustrative"),
    "parts": (),
    "points": (PublishedPoint(title=Translated(en="Accounts"), kind=PointKind.ADOPTION, minutes=5, position=0),),
}
ANOTHER_OF_PARTS: dict[str, Any] = {
    "person_id": 2,
    "role": PartRole.CHAIR,
    "state": PartState.TO_BE_CONFIRMED,
    "printed_name": "Other",
    "office": "Other",
    "organisation": "Other",
    "position": 1,
}


def every_rendering(session: PublishedSession) -> list[bytes]:
    """In each language and form, for everyone and for one person."""
    found = []
    for language in LANGUAGES:
        reader = Reader(language=language, zone=session.zone, city=session.city, now=AT)
        for is_private in (False, True):
            page = f"https://uclg.example/sessions/{session.code}"
            facts = entry(session, reader, page=page, is_private=is_private)
            found += [ical.event(facts, form) for form in Form]
    return found


@pytest.mark.one_database
def test_what_calendars_say_is_what_is_declared_to_the_field(app) -> None:
    with app.test_request_context():
        as_it_is = every_rendering(ONE)
        differing = {
            name for name, value in ANOTHER.items() if every_rendering(replace(ONE, **{name: value})) != as_it_is
        }
        of_parts = {
            name
            for name, value in ANOTHER_OF_PARTS.items()
            if every_rendering(replace(ONE, parts=(replace(A_PART, **{name: value}),))) != as_it_is
        }

    assert ANOTHER.keys() == {field.name for field in fields(PublishedSession)} - STAMPS - {"uid"}
    assert differing == RENDERED
    assert ANOTHER_OF_PARTS.keys() == {field.name for field in fields(PublishedPart)}
    assert of_parts == set(RENDERED_OF_PARTS)


class Watched:
    """A session, or a part of one, that writes down what is read of it."""

    def __init__(self, of: Any, read: set[str]) -> None:
        self._of, self._read = of, read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._of, name)


@pytest.mark.one_database
def test_an_entry_reads_nothing_else_of_a_session(app) -> None:
    read: set[str] = set()
    read_of_parts: set[str] = set()
    with app.test_request_context():
        parts = tuple(Watched(part, read_of_parts) for part in ONE.parts)
        every_rendering(Watched(replace(ONE, parts=parts), read))

    assert read - {"uid"} - STAMPS == RENDERED
    assert read_of_parts == set(RENDERED_OF_PARTS)


# What is published -------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    "values",
    [
        {"tags": ["sdg"]},
        {"capacity": 30},
        {"registration_link": "https://example.org/x"},
        {"points": [Point(Translated(en="Accounts"), PointKind.ADOPTION)]},
        {"kind": Kind.PANEL},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_no_calendar_says_is_published_and_grows_nothing(our_week, client, values: Any) -> None:
    before = client.get(AGENDA)
    publish_change(our_week, our_week.lab, **values)

    after = client.get(AGENDA)

    assert after.headers["ETag"] != before.headers["ETag"]
    assert events(after.data) == events(before.data)


@pytest.mark.one_database
def test_an_unchanged_entry_is_not_rendered_again_for_the_next_revision(our_week, client, monkeypatch) -> None:
    client.get(AGENDA)
    rendered: list[str] = []
    write = ical.event
    monkeypatch.setattr(ical, "event", lambda facts, form: (rendered.append(facts.uid), write(facts, form))[1])

    publish_change(our_week, our_week.lab, title=Translated(en="Ideas laboratory"))

    assert "Ideas laboratory" in summaries(client.get(AGENDA).data)
    assert rendered == [our_week.lab.uid]


def grown(client: Any, change: Callable[[], object], feed: str = AGENDA) -> set[str]:
    """UIDs whose entries are others after the change: each with one more of SEQUENCE, and later; others to the byte."""
    before = client.get(feed).data
    change()
    after = client.get(feed).data
    was, now = events(before), events(after)
    assert was.keys() == now.keys()
    differing = {uid for uid in was if was[uid] != now[uid]}
    for uid in differing:
        (old, told, _), (new, later, same) = stamp(before, uid), stamp(after, uid)
        assert (new, same) == (old + 1, later)
        assert later > told
    return differing


def test_a_bodys_new_name_reaches_its_meetings_when_the_names_are_published_anew(our_week, client) -> None:
    def rename() -> None:
        our_week.body.name = Translated(en="Bureau of the Executive")
        publishing.republish(our_week.edition, at=LONG_BEFORE, by=NADIA)

    assert grown(client, rename) == {our_week.bureau.uid}


def test_a_tracks_and_a_venues_new_names_reach_what_shows_them(our_week, client) -> None:
    track, venue = our_week.lab.track, our_week.hall.venue

    assert grown(
        client, lambda: frame.update_track(track, {"name": Translated(en="School")}, at=LONG_BEFORE, by=NADIA)
    ) == {our_week.lab.uid}
    assert grown(
        client, lambda: frame.update_venue(venue, {"name": Translated(en="Hilton")}, at=LONG_BEFORE, by=NADIA)
    ) == {our_week.opening.uid, our_week.lab.uid, our_week.bureau.uid}
    assert grown(client, lambda: frame.update_track(track, {"colour": 8}, at=LONG_BEFORE, by=NADIA)) == set()


def test_another_main_language_reaches_what_is_said_otherwise_in_some_language(our_week, client) -> None:
    edition = our_week.edition

    def speak_french() -> None:
        editions.update_edition(edition, {"main_language": "fr"}, at=LONG_BEFORE, by=NADIA)

    # In Spanish the opening is called by its French name from now on; nothing else has one.
    assert grown(client, speak_french, AGENDA + "?lang=es") == {our_week.opening.uid, our_week.bureau.uid}
    assert "Ouverture" in summaries(client.get(AGENDA + "?lang=es").data)
    for asked in ("", "?lang=en", "?lang=es"):
        sessions = client.get(f"/2020/agenda.json{asked}").json["sessions"]
        assert summaries(client.get(AGENDA + asked).data) == [one["title"] for one in sessions if one["start_utc"]]
    assert publishing.republish(edition, at=LONG_BEFORE, by=NADIA) is None


def test_what_everybody_reads_as_before_grows_nothing(our_week, client) -> None:
    """A name that is now also given in French as French readers read it, and the code of what has no page."""
    name, secret = our_week.hall.name, our_week.secret
    french = name.with_text("fr", name["en"])
    assert grown(client, lambda: frame.update_hall(our_week.hall, {"name": french}, at=LONG_BEFORE, by=NADIA)) == set()

    publish_change(our_week, secret, code="HIDDEN", title=secret.title.with_text("es", secret.title["en"]))

    last = {one.uid: one.sequence for one in published.programme(our_week.edition)}
    assert set(last.values()) == {0}


@pytest.mark.one_database
def test_an_editions_new_title_is_in_the_head_alone(our_week, client) -> None:
    def rename() -> None:
        editions.update_edition(our_week.edition, {"title": Translated(en="Congress")}, at=LONG_BEFORE, by=NADIA)

    assert grown(client, rename) == set()
    assert b"NAME:Congress\r\n" in client.get(AGENDA).data


def test_a_session_that_comes_back_is_the_event_it_was_and_newer(our_week, client, db_session) -> None:
    """No page deletes what was published; a draft that has lost a row is mended from its revision."""
    first = publishing.last_revision(our_week.edition)
    before, uid = client.get(AGENDA).data, our_week.lab.uid
    db_session.delete(our_week.lab)
    week.publish(our_week.edition, LONG_BEFORE)
    assert uid not in events(client.get(AGENDA).data)

    seen = restore.look(our_week.edition, first).seen
    restore.restore(our_week.edition, first, seen=seen, at=LONG_BEFORE, by=NADIA)
    week.publish(our_week.edition, PUBLISHED)

    after = client.get(AGENDA).data
    assert stamp(after, uid)[:2] == (1, PUBLISHED + timedelta(seconds=1))
    assert events(after).keys() == events(before).keys()
    [created] = [line for line in events(after)[uid].split(b"\r\n") if line.startswith(b"CREATED")]
    assert created in events(before)[uid]


def test_who_is_unlisted_and_listed_again_is_newer_each_time(our_week, client) -> None:
    publish_change(our_week, our_week.lab, is_listed=False)
    publish_change(our_week, our_week.lab, is_listed=True)

    assert stamp(client.get(AGENDA).data, our_week.lab.uid)[0] == 2


def test_an_untimed_session_leaves_the_feed_and_comes_back_newer(our_week, client) -> None:
    lab = our_week.lab
    publish_change(our_week, lab, starts=None, ends=None)
    assert lab.uid not in events(client.get(AGENDA).data)
    publish_change(our_week, lab, starts=time(9, 30), ends=time(11))

    assert stamp(client.get(AGENDA).data, lab.uid)[0] == 2


# People ------------------------------------------------------------------------------------------------------------


def test_an_erased_name_is_out_of_every_entry_at_once(our_week, client) -> None:
    assert "Aysu" in client.get(AGENDA).data.decode()

    def forget() -> None:
        erasing.erase(
            our_week.speaker,
            typed=erasing.reference_of(our_week.speaker),
            is_everywhere=True,
            at=LONG_BEFORE,
            by=NADIA,
        )

    assert grown(client, forget) == {our_week.opening.uid}
    for feed in EVERY_PUBLIC_FEED:
        assert "Aysu" not in client.get(feed).data.decode().replace("\r\n ", "")


def test_erasing_somebody_whom_only_an_old_revision_names_grows_nothing(our_week, client) -> None:
    publish_change(our_week, our_week.opening, parts=[])

    def forget() -> None:
        erasing.erase(
            our_week.speaker,
            typed=erasing.reference_of(our_week.speaker),
            is_everywhere=True,
            at=LONG_BEFORE,
            by=NADIA,
        )

    assert grown(client, forget) == set()


def another_person(name: str = "A. Yılmaz") -> Person:
    person = Person(badge_name=name, created_at=AT)
    db.session.add(person)
    db.session.flush()
    return person


def test_two_who_become_one_change_no_entry_and_have_one_week(our_week, client) -> None:
    """The programme that processes keep says whose part it is: it must be read again."""
    keep = another_person()
    link = subscriptions.subscribe(PersonOwner(keep.id), our_week.edition.id, "Phone", at=AT)
    own = f"/calendar/{link.token}.ics"
    assert our_week.opening.uid in events(client.get(own).data)  # a plenary is in everyone's week
    chairing = publish_of_one_part(our_week, our_week.bureau)
    assert our_week.bureau.uid not in events(client.get(own).data)

    before = client.get(own)
    assert grown(client, lambda: merging.merge(keep, our_week.speaker, from_lost=(), at=LONG_BEFORE, by=NADIA)) == set()
    after = client.get(own)

    assert after.headers["ETag"] != before.headers["ETag"]
    assert chairing.uid in events(after.data)


def publish_of_one_part(of: Tangier, session: AgendaSession) -> AgendaSession:
    """The speaker of the week chairs this session too."""
    chair = Appearance(PartRole.CHAIR, "Aysu Yılmaz", "Mayor", "İzmir", person=of.speaker)
    publish_change(of, session, parts=[chair])
    return session


def test_another_person_behind_the_same_name_changes_two_weeks_and_no_entry(our_week, client) -> None:
    other = another_person("Aysu Yılmaz")
    publish_of_one_part(our_week, our_week.bureau)
    weeks = {
        person.id: f"/calendar/{subscriptions.subscribe(PersonOwner(person.id), our_week.edition.id, 'Phone', at=AT).token}.ics"
        for person in (our_week.speaker, other)
    }
    uid = our_week.bureau.uid
    assert [uid in events(client.get(own).data) for own in weeks.values()] == [True, False]

    def name_the_other() -> None:
        our_week.bureau.parts[0].person = other
        week.publish(our_week.edition, LONG_BEFORE)

    assert grown(client, name_the_other) == set()
    assert [uid in events(client.get(own).data) for own in weeks.values()] == [False, True]


def test_a_join_link_grows_the_entry_though_strangers_do_not_read_it(our_week, client) -> None:
    def link() -> None:
        publish_change(our_week, our_week.opening, link="https://meet.example/new")

    assert grown(client, link) == {our_week.opening.uid}
    assert b"meet.example" not in client.get(AGENDA).data


@pytest.mark.one_database
def test_other_words_of_the_interface_are_another_tag(app, monkeypatch) -> None:
    """A translation that is mended changes descriptions without anybody publishing."""
    with app.app_context():
        before = feeds.digest("a week")
        monkeypatch.setattr(feeds, "catalogues", lambda: "mended")

        assert feeds.digest("a week") != before

"""Whatever organisers paste into the agenda: every reader gets clean text back, and nothing but text."""

import re
import unicodedata
from dataclasses import replace
from functools import cache

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event
from sqlalchemy import select

from retreat.agenda import frame, published
from retreat.agenda.models import AgendaSession, PartRole
from retreat.agenda.values import Appearance
from retreat.calendars import ical
from retreat.calendars.facts import Form
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions.models import Edition, Venue
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.test_ical import HEAD, OPENING

NASTY = (
    "Plenary\r\nATTENDEE:mailto:victim@example.org",
    "Plenary\u2028ORGANIZER:mailto:victim@example.org",
    "Plenary\x0bEND:VEVENT\x0cEND:VCALENDAR\x85BEGIN:VALARM",
    "C:\\new\\, or \\n; a\\\\b, c\\",
    "Family 👨‍👩‍👧‍👦, flag 🏴󠁧󠁢󠁳󠁣󠁴󠁿, hands 🤝🏽",
    "مراكش \u200f(RTL)\u200e \u202eesrever\u202c",
    "Cafe\u0301 \u1e9b\u0323 ﬁ ½",
    "  \t a\x07b\x1b[31m \ufeff ",
    '=HYPERLINK("https://x.example")',
    "é" * 5000,
)
SIGNS = st.one_of(
    st.sampled_from("\r\n\t\\;,:\"'^=|\x00\x07\x0b\x0c\x1c\x85\u2028\u2029\u200d\u200f\u202e\ufeff\u0301é👨🏽 "),
    st.characters(exclude_categories=("Cs",)),
)
TEXTS = st.text(SIGNS, max_size=200)


def clean(text: str) -> bool:
    controls = {"Cc", "Cs", "Zl", "Zp"}
    return unicodedata.is_normalized("NFC", text) and not any(
        sign != "\n" and unicodedata.category(sign) in controls for sign in text
    )


def is_well_folded(body: bytes) -> bool:
    lines = body.removesuffix(b"\r\n").split(b"\r\n")
    return all(len(line) <= 75 and not {13, 10} & set(line) and line.decode() for line in lines)


def names(body: bytes) -> list[str]:
    """Of all content lines, split as the sloppiest reader would."""
    return [re.split("[:;]", line)[0] for line in body.decode().replace("\r\n ", "").splitlines()]


@cache
def harmless() -> list[str]:
    facts = replace(OPENING, categories=("a", "b"), conference="https://meet.example/1")
    return names(ical.calendar(HEAD, [ical.event(facts, Form.UTC)]))


@given(summary=TEXTS, place=TEXTS, text=TEXTS, track=TEXTS, name=TEXTS, address=TEXTS)
def test_two_readers_agree_on_any_text_and_find_no_other_property(
    summary: str, place: str, text: str, track: str, name: str, address: str
) -> None:
    facts = replace(
        OPENING,
        summary=summary,
        location=place or "x",
        description=text or "x",
        categories=(track, "Retreat"),
        url=f"https://retreat.example/{address}",
        conference=f"https://meet.example/{address}",
    )

    body = ical.calendar(replace(HEAD, name=name, description=text), [ical.event(facts, Form.UTC)])

    assert is_well_folded(body)
    assert names(body) == harmless()
    wanted = [ical.plain(one) for one in (summary, facts.location, facts.description)]
    assert all(clean(one) for one in wanted)
    [event] = Calendar.from_ical(body).walk("VEVENT")
    assert [event["SUMMARY"], event["LOCATION"], event["DESCRIPTION"]] == wanted
    assert event["CATEGORIES"].cats == [ical.plain(track), "Retreat"]
    whole = vobject.readOne(body.decode())
    assert [whole.contents[key][0].value for key in ("name", "x-wr-calname", "description", "x-wr-caldesc")] == [
        *[ical.plain(name)] * 2,
        *[ical.plain(text)] * 2,
    ]
    read = whole.vevent
    assert [read.summary.value, read.location.value, read.description.value] == wanted
    for link in (event["URL"], event["CONFERENCE"], read.url.value):
        assert re.fullmatch(r"https://(retreat|meet)\.example/[!#-;=?-\[\]_a-z~]*", link), link


@pytest.mark.parametrize(
    ("given_link", "written"),
    [
        ("https://meet.example/j/1?pwd=a,b;c", "https://meet.example/j/1?pwd=a,b;c"),
        (" https://meet.example/salle d’été ", "https://meet.example/salle%20d%E2%80%99%C3%A9t%C3%A9"),
        ('https://meet.example/"Plenary"<1>', "https://meet.example/%22Plenary%22%3C1%3E"),
        ("https://münchen.example:8443/ä?q=%20#ü", "https://xn--mnchen-3ya.example:8443/%C3%A4?q=%20#%C3%BC"),
        ("https://someone@[2001:db8::1]:80/x", "https://someone@[2001:db8::1]:80/x"),
        (f"https://{'ä' * 80}.example/", f"https://{'%C3%A4' * 80}.example/"),
        ("https://meet.example/100%", "https://meet.example/100%"),
    ],
)
def test_a_link_is_an_address_for_every_reader(given_link: str, written: str) -> None:
    event = Event.from_ical(ical.event(replace(OPENING, url=given_link, conference=given_link), Form.UTC))

    assert [str(event["URL"]), str(event["CONFERENCE"])] == [written, written]


# What is stored, through every feed ----------------------------------------------------------------------------------


@pytest.fixture
def bad_week(db_session) -> Edition:
    """One session for each nasty text, which is its title, hall, venue, track, description and chair as well."""
    edition = week.edition()
    at = week.AT
    for number, text in enumerate(NASTY):
        named = Translated(dict.fromkeys(LANGUAGES, text))
        venue = frame.create_venue(edition, {"name": named, "city": "Tangier"}, at=at, by=NADIA)
        week.session(
            edition,
            named,
            code=f"BAD-{number}",
            description=named,
            hall=frame.create_hall(edition, {"name": named, "venue": venue}, at=at, by=NADIA),
            track=frame.create_track(edition, {"name": named}, at=at, by=NADIA),
            parts=[Appearance(PartRole.CHAIR, text, text, text)],
        )
    edition.title = Translated(dict.fromkeys(LANGUAGES, NASTY[0]))
    week.publish(edition)
    return edition


def wanted(text: str) -> str:
    return ical.plain(text.strip())


def test_what_is_stored_comes_back_as_plain_text_from_every_feed(bad_week, client) -> None:
    read = published.programme(bad_week)
    paths = [f"track/{read.sessions[0].track_slug}", f"hall/{read.sessions[0].hall_slug}"]
    paths += [f"agenda.ics?lang={language}&tz={form}" for language in LANGUAGES for form in Form]
    for path in paths:
        answer = client.get(f"/2020/calendar/{path}" if "?" in path else f"/2020/calendar/{path}.ics")

        assert answer.status_code == 200
        assert is_well_folded(answer.data)
        assert not {"ATTENDEE", "ORGANIZER"} & set(names(answer.data))
        found = Calendar.from_ical(answer.data)
        other = {one.uid.value: one for one in vobject.readOne(answer.data.decode()).vevent_list}
        titles = {str(one["UID"]): str(one["SUMMARY"]) for one in found.walk("VEVENT")}
        assert len(titles) == (len(NASTY) if "?" in path else 1)
        for session in read.sessions:
            if session.uid not in titles:
                continue
            text = NASTY[int(session.code.removeprefix("BAD-"))]
            assert titles[session.uid] == other[session.uid].summary.value == wanted(text)
            [event] = found.with_uid(session.uid)
            assert str(event["LOCATION"]) == other[session.uid].location.value == f"{wanted(text)}, Tangier"
            assert event["CATEGORIES"].cats == [wanted(text)]
            assert str(event["DESCRIPTION"]) == other[session.uid].description.value
            assert clean(str(event["DESCRIPTION"]))


@pytest.mark.one_database
def test_a_very_long_week_is_read_back_whole(db_session, client) -> None:
    edition = week.edition()
    for number in range(40):
        week.session(edition, f"Talk {number} " + "é" * 300, description=Translated(en="ж" * 10_000))
    week.publish(edition)

    body = client.get("/2020/calendar/agenda.ics").data

    assert is_well_folded(body)
    assert len(Calendar.from_ical(body).walk("VEVENT")) == 40


def test_a_week_without_any_time_is_a_feed_of_nothing(db_session, client) -> None:
    edition = week.edition()
    track = frame.create_track(edition, {"name": Translated(en="Campus")}, at=week.AT, by=NADIA)
    week.session(edition, "Some day", track=track, date=None, starts=None, ends=None)
    week.publish(edition)

    for path in ("agenda", "track/campus"):
        for form in Form:
            answer = client.get(f"/2020/calendar/{path}.ics?tz={form}")

            assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
            assert names(answer.data)[-1] == "END"
            assert Calendar.from_ical(answer.data).walk("VEVENT") == []
            assert vobject.readOne(answer.data.decode()).contents.get("vevent") is None


# What organisers are told --------------------------------------------------------------------------------------------

NEW = "/organise/2020/agenda/sessions/new"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Plenary\r\nof mayors", "Plenary of mayors"),
        ("Plenary\u2028of\x0bmayors", "Plenary of mayors"),
        ("Cafe\u0301 \t débat", "Café débat"),
        (NASTY[3], NASTY[3]),
        (NASTY[4], NASTY[4]),
        ("\u200fمراكش\u200e", "\u200fمراكش\u200e"),
    ],
)
def test_what_is_pasted_into_a_title_becomes_one_clean_line(as_role, db_session, typed: str, stored: str) -> None:
    week.edition()
    db_session.commit()

    answer = as_role("programmer").submit(NEW, form_id="edit", title_en=typed)

    assert answer.status_code == 303
    assert str(db_session.scalars(select(AgendaSession)).one().title) == stored


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title_en": "é" * 5000}, "at most 300 characters"),
        ({"title_en": "\u200b\u00ad \u2060"}, "Enter a text in at least one language"),
        ({"title_en": "Bell \x07"}, "invisible control character"),
        ({"title_en": "\u202eesrever"}, "invisible control character"),
        ({"link": "https://meet.example/a b"}, "A link has no blanks"),
        ({"link": "https://meet.example/\x00"}, "no invisible characters"),
        ({"registration_link": "https://meet.example/\u202e"}, "no invisible characters"),
        ({"link": "https://meet.example/" + "a" * 2000}, "at most 2000 characters"),
        ({"link": "Join here: https://meet.example/"}, "it begins with https://"),
    ],
)
def test_what_no_calendar_can_show_is_refused_in_a_sentence(as_role, db_session, values, sentence: str) -> None:
    week.edition()
    db_session.commit()
    programmer = as_role("programmer")

    answer = programmer.submit(NEW, form_id="edit", **{"title_en": "Local Finance", **values})

    assert answer.status_code == 422
    assert sentence in programmer.page.text
    assert db_session.scalars(select(AgendaSession)).all() == []


@pytest.mark.one_database
def test_a_city_that_was_pasted_in_two_lines_is_one(as_role, db_session) -> None:
    week.edition()
    programmer = as_role("programmer")

    answer = programmer.submit(
        "/organise/2020/agenda/frame/venue/new",
        form_id="edit",
        name_en="Palace\u2028of congresses",
        city="Tan\x0bgier",
    )

    assert answer.status_code == 303
    venue = db_session.scalars(select(Venue).order_by(Venue.id.desc())).first()
    assert (str(venue.name), venue.city) == ("Palace of congresses", "Tan gier")

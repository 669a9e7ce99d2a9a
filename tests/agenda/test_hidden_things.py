"""What not everybody may know of is made, and then looked for: everywhere, by everybody who should not find it.

The week of `hidden.arrange` has a session of each kind; a reader's place is looked through for the markers of all of them.
"""

import re
from datetime import UTC, date, datetime, time
from itertools import product
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from retreat.accounts import guards
from retreat.agenda import places
from retreat.agenda.access import ORGANISER, STRANGER, Attendee, may_see
from retreat.agenda.attendees import attendee_of
from retreat.agenda.models import Access, Audience, Kind
from retreat.agenda.papers import service as papers
from retreat.agenda.published import listed, programme
from retreat.agenda.service import update_session
from retreat.calendars import service as calendars
from retreat.calendars.service import PersonOwner
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.network.models import Seat
from retreat.printing import documents, own
from retreat.printing import service as printing
from retreat.registration import links
from retreat.registration import service as registrations
from retreat.registration.models import Registration
from tests.agenda import hidden, week
from tests.agenda.hidden import (
    BODY,
    BODY_LINK,
    CHANGE,
    CHILD,
    COMMON,
    DRAFT,
    GONE,
    INVITED,
    INVITED_LINK,
    MARKERS,
    OPEN,
    Hidden,
)
from tests.agenda.papers.test_service import hung
from tests.agenda.week import AT, NADIA
from tests.client import PageClient
from tests.registration import making
from tests.registration.making import DELEGATE

pytestmark = pytest.mark.one_database
THAT_MORNING = datetime(2020, 2, 25, 10, 30, tzinfo=UTC)
"""Most of the hidden sessions run at this moment, as local noon is not over."""
DAY = "/2020/agenda/2020-02-25"
UNLISTED = (OPEN, BODY, INVITED, DRAFT, GONE, CHILD)
"""Sessions of which everybody is told nothing, not even that they are."""


@pytest.fixture
def there(db_session: Any, clock: Any) -> Any:
    with clock(AT):
        made = hidden.arrange()
    with clock(THAT_MORNING):
        yield made


def markers_in(text: str | bytes) -> set[str]:
    said = (text if isinstance(text, str) else text.decode()).casefold()
    return {marker for marker in MARKERS if marker.casefold() in said}


def addresses_of_everybody(app: Flask) -> list[str]:
    """Every address that asks for nothing but the edition and that strangers may open."""
    return sorted(
        {
            rule.rule.replace("<edition_slug>", "2020")
            for rule in app.url_map.iter_rules()
            if rule.arguments - set(rule.defaults or ()) == {"edition_slug"}
            and "GET" in (rule.methods or ())
            and guards.permission_of(app, rule.endpoint) is None
            and not rule.rule.startswith("/organise")
        }
    )


# A stranger --------------------------------------------------------------------------------------------------------


def test_a_stranger_finds_nothing_on_any_page_feed_or_file_of_the_edition(
    client: PageClient, app: Flask, there: Hidden
) -> None:
    paths = addresses_of_everybody(app)
    assert {"/2020/", "/2020/agenda", "/2020/agenda.json", "/2020/agenda/changes", "/2020/calendar"} <= set(paths)
    assert {"/2020/calendar/agenda.ics", "/2020/agenda/changes.atom"} <= set(paths)
    found = {}
    for path in (*paths, "/2020/agenda/schedule.json", "/2020/agenda/schedule.xml"):
        answer = client.get(path)
        assert answer.status_code in (200, 302, 303, 404), path
        found[path] = markers_in(answer.data + answer.headers.get("Location", "").encode())
    told = found.pop("/2020/agenda/changes"), found.pop("/2020/agenda/changes.atom")
    assert {path: markers for path, markers in found.items() if markers} == {}
    # What was listed before is told again as removed, in the words that everybody has read.
    assert all(markers <= hidden.SEEN_BEFORE for markers in told)


def test_no_day_shows_a_hidden_session_its_parts_or_its_hall(client: PageClient, there: Hidden) -> None:
    for query in ("", f"?q={COMMON}", "?lang=ru", "?tz=Asia/Singapore", "?q=talk", "?language=ka"):
        for day in ("", "/2020-02-24", "/2020-02-25", "/2020-02-26"):
            assert markers_in(client.get(f"/2020/agenda{day}{query}").data) == set(), day + query


def test_a_day_that_only_hidden_sessions_have_is_no_day(client: PageClient, there: Hidden) -> None:
    assert str(hidden.SECRET_DAY) not in client.get("/2020/agenda").text
    assert nothing_there(client, f"/2020/agenda/{hidden.SECRET_DAY}") == nothing_there(
        client, "/2020/agenda/2020-03-09"
    )


def test_the_choices_of_the_filters_and_their_counts_are_of_what_is_listed(client: PageClient, there: Hidden) -> None:
    page = client.get(DAY).text
    assert "Georgian" not in page
    assert 'value="executive-bureau"' in page
    assert markers_in(page) == set()
    total = len(there.shown)
    assert f"{total} of {total} sessions" in client.get(f"{DAY}?q={COMMON}").text


def test_asking_for_the_track_hall_or_body_of_a_hidden_session_is_asking_for_nothing(
    client: PageClient, there: Hidden
) -> None:
    for name, page in product(("track", "hall", "body"), (DAY, "/2020/agenda")):
        never = client.get(f"{page}?{name}=never-was").text.replace("never-was", "")
        assert "No session fits these filters" in never
        for marker in UNLISTED:
            slug = f"{marker.lower()}-{name}"
            assert client.get(f"{page}?{name}={slug}").text.replace(slug, "") == never


def test_searching_for_the_words_of_a_hidden_session_finds_what_searching_for_nonsense_does(
    client: PageClient, there: Hidden
) -> None:
    said = ("{}", "{}-1", "{} speaker", "{} budget", "example.org/{}")
    for words in (words.format(marker) for marker in MARKERS for words in said):
        nonsense = "Q" * len(words)
        found = client.get(f"/2020/agenda?q={words}").text
        never = client.get(f"/2020/agenda?q={nonsense}").text
        for typed in (words, words.replace("/", "%2F"), words.replace(" ", "+")):
            found = found.replace(typed, nonsense)
        assert found == never, words


@pytest.mark.parametrize("marker", [OPEN, BODY, INVITED, DRAFT, GONE, CHILD])
def test_the_page_of_a_hidden_session_is_that_of_one_that_never_was(
    client: PageClient, there: Hidden, marker: str
) -> None:
    for template in ("/2020/sessions/{}", "/2020/sessions/{}?lang=fr", "/2020/sessions/{}/"):
        answers = [nothing_there(client, template.format(code)) for code in (f"{marker}-1", "Z" * len(f"{marker}-1"))]
        assert answers[0] == answers[1]


def test_the_feed_of_a_hidden_track_or_hall_is_that_of_one_that_never_was(client: PageClient, there: Hidden) -> None:
    for kind, marker in product(("track", "hall"), set(UNLISTED) - hidden.SEEN_BEFORE):
        secret, never = f"{marker.lower()}-{kind}", "never-was"
        answers = [client.get(f"/2020/calendar/{kind}/{slug}.ics") for slug in (secret, never)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data.replace(secret.encode(), b"") == answers[1].data.replace(never.encode(), b"")


def test_the_paper_of_a_hidden_session_is_one_that_never_was(client: PageClient, there: Hidden) -> None:
    for marker in UNLISTED:
        (paper,) = papers.papers_of(there.sessions[marker])
        never = "A" * len(paper.token)
        addresses = [f"/2020/papers/{token}" for token in (paper.token, never)]
        assert nothing_there(client, addresses[0]) == nothing_there(client, addresses[1])


def nothing_there(client: PageClient, path: str) -> tuple[int, str, dict[str, str]]:
    """Status, page and headers without the address itself."""
    answer = client.get(path)
    assert answer.status_code == 404
    last = path.partition("?")[0].strip("/").rpartition("/")[2]
    kept = {name: value for name, value in answer.headers.items() if name not in ("Content-Length", "Date")}
    return answer.status_code, answer.text.replace(last, ""), kept


def test_a_listed_session_names_neither_its_hidden_part_nor_a_hidden_neighbour(
    client: PageClient, there: Hidden
) -> None:
    for session in there.shown:
        page = client.get(f"/2020/sessions/{session.code}").data
        assert markers_in(page) == set(), session.code


def test_a_listed_part_of_a_hidden_meeting_does_not_name_it(client: PageClient, there: Hidden) -> None:
    week.session(
        there.edition, "Photograph", code="PHOTO", parent=there.sessions[OPEN], starts=time(11, 30), ends=time(11, 45)
    )
    week.publish(there.edition)
    db.session.commit()
    feeds = (
        "/2020/calendar/agenda.ics",
        "/2020/agenda.json",
        "/2020/agenda/schedule.json",
        "/2020/agenda/schedule.xml",
    )
    for path in ("/2020/sessions/PHOTO", DAY, "/2020/agenda", "/2020/agenda/changes", *feeds):
        answer = client.get(path)
        assert b"Photograph" in answer.data, path
        assert OPEN not in markers_in(answer.data), path


def test_the_links_of_listed_sessions_are_for_those_who_may_come(client: PageClient, there: Hidden) -> None:
    for marker in (BODY_LINK, INVITED_LINK):
        page = client.get(f"/2020/sessions/{there.sessions[marker].code}").text
        assert "For those who are admitted" in page
        assert marker not in page


def test_what_only_the_draft_says_changes_no_page_and_no_etag(client: PageClient, there: Hidden) -> None:
    paths = ("/2020/agenda", DAY, f"/2020/sessions/{there.shown[0].code}", "/2020/agenda.json", "/2020/agenda/changes")
    before = [(client.get(path).headers.get("ETag"), client.get(path).data) for path in paths]
    update_session(there.sessions[DRAFT], {"title": Translated(en=f"{DRAFT} again")}, at=AT, by=NADIA)
    update_session(there.sessions[CHANGE], {"is_listed": False, "link": ""}, at=AT, by=NADIA)
    week.session(there.edition, f"{DRAFT} two")
    db.session.commit()
    assert [(client.get(path).headers.get("ETag"), client.get(path).data) for path in paths] == before


def test_a_hidden_session_that_begins_changes_no_etag(client: PageClient, there: Hidden, clock: Any) -> None:
    tags = []
    for minute, second in ((59, 59), (0, 1)):
        with clock(datetime(2020, 3, 1, 23, minute, second, tzinfo=UTC)):
            tags.append(client.get("/2020/agenda").headers["ETag"])
    assert tags[0] == tags[1]


# Delegates ---------------------------------------------------------------------------------------------------------

MAY_KNOW = {
    "Delegate": {OPEN},
    "Member": {OPEN, BODY, BODY_LINK},
    "Guest": {OPEN, INVITED, INVITED_LINK, CHILD, GONE},
}


def test_a_delegates_own_page_and_feed_hold_what_is_theirs_and_nothing_else(client: PageClient, there: Hidden) -> None:
    for name, known in MAY_KNOW.items():
        page = client.get(there.urls[name])
        assert page.status_code == 200
        assert known - {BODY_LINK, INVITED_LINK} <= markers_in(page.data) <= known
        assert markers_in(unfolded(client.get(there.feeds[name]).data)) == known
        assert markers_in(client.get(f"{there.urls[name]}/sessions").data) <= known


def registration_of(name: str) -> Registration:
    return db.session.scalars(select(Registration).where(Registration.given_name == name)).one()


def unfolded(feed: bytes) -> bytes:
    return feed.replace(b"\r\n ", b"")


def test_a_delegate_reads_the_public_pages_as_a_stranger_does(client: PageClient, there: Hidden) -> None:
    for url in there.urls.values():
        client.get(url)
    assert markers_in(client.get(DAY).data + client.get("/2020/agenda").data + client.get("/2020/").data) == set()


def test_the_papers_of_a_delegate_hold_no_more(there: Hidden) -> None:
    for name, known in MAY_KNOW.items():
        assert markers_in(repr(own.confirmation_facts(registration_of(name), at=AT))) <= known


def test_the_printed_agenda_and_the_backs_of_badges_hold_what_is_listed(there: Hidden, tmp_path: Any) -> None:
    target = tmp_path / "agenda.pdf"
    target.write_bytes(documents.make_agenda(there.edition).content)
    text = " ".join(page.extract_text() for page in PdfReader(target).pages)
    assert "Local Finance" in text
    assert markers_in(text) == set()
    assert markers_in(repr(printing.week_of(there.edition, "en"))) == set()


def test_who_does_not_come_any_more_keeps_nothing(client: PageClient, there: Hidden) -> None:
    for name, end in (("Guest", registrations.withdraw), ("Member", registrations.withdraw)):
        end(registration_of(name), at=THAT_MORNING, by=DELEGATE)
    db.session.commit()
    for name in ("Guest", "Member"):
        assert markers_in(client.get(there.urls[name]).data) == set()
        assert client.get(f"{there.urls[name]}/sessions").status_code == 303
        assert client.get(there.feeds[name]).status_code in (404, 410)
        for marker, (paper, *_) in ((marker, papers.papers_of(there.sessions[marker])) for marker in UNLISTED):
            assert client.get(f"{there.urls[name]}/papers/{paper.token}").status_code == 404, marker


def test_a_seat_that_has_ended_or_not_begun_shows_nothing(client: PageClient, there: Hidden) -> None:
    seat = db.session.scalars(select(Seat)).one()
    for days in ({"ends_on": date(2020, 2, 24)}, {"starts_on": date(2020, 2, 26), "ends_on": None}):
        for column, day in days.items():
            setattr(seat, column, day)
        db.session.commit()
        for path in (there.urls["Member"], f"{there.urls['Member']}/sessions", there.feeds["Member"]):
            assert markers_in(unfolded(client.get(path).data)) <= {OPEN}, (days, path)


def test_a_delegate_of_another_edition_finds_nothing_of_this_one(client: PageClient, there: Hidden) -> None:
    durban = making.edition("2019")
    person = registration_of("Guest").person
    one = registrations.register(
        durban, making.answers(durban, given_name="Guest"), at=AT, by=DELEGATE, person=person, is_approved=True
    )
    token = links.new_link(one, at=AT)
    feed = calendars.subscribe(PersonOwner(person.id), durban.id, "Phone", at=AT).token
    db.session.commit()
    for path in (f"/2019/registration/{token}", f"/2019/registration/{token}/sessions", f"/calendar/{feed}.ics"):
        answer = client.get(path)
        assert (answer.status_code, markers_in(unfolded(answer.data))) == (200, set()), path
    assert client.get(f"/2020/registration/{token}").status_code == 404
    assert client.get(there.urls["Guest"].replace("/2020/", "/2019/")).status_code == 404
    (paper,) = papers.papers_of(there.sessions[INVITED])
    assert client.get(f"/2019/registration/{token}/papers/{paper.token}").status_code == 404


def test_who_only_waits_for_a_seat_finds_nothing_of_what_was_hidden_since(client: PageClient, there: Hidden) -> None:
    party = week.session(there.edition, "Dinner", kind=Kind.SOCIAL, capacity=1, starts=time(19), ends=time(20))
    week.publish(there.edition)
    for name in ("Guest", "Delegate"):
        places.wait(party.id, registration_of(name), at=AT, by=DELEGATE)
    title = f"{BODY_LINK} dinner"
    values = {"title": Translated(en=title), "is_listed": False, "access": Access.INVITED, "link": "https://e.org/"}
    update_session(party, values, at=AT, by=NADIA)
    hung(party, f"{BODY_LINK} menu", Audience.ADMITTED)
    week.publish(there.edition)
    db.session.commit()
    (paper,) = papers.papers_of(party)
    for path in (there.urls["Delegate"], f"{there.urls['Delegate']}/sessions", there.feeds["Delegate"]):
        assert BODY_LINK not in markers_in(unfolded(client.get(path).data)), path
    assert client.get(f"{there.urls['Delegate']}/papers/{paper.token}").status_code == 404
    assert BODY_LINK in markers_in(client.get(there.urls["Guest"]).data)


# Organisers --------------------------------------------------------------------------------------------------------


def test_every_organiser_sees_the_draft_and_what_is_unlisted(as_role: Any, there: Hidden) -> None:
    viewer = as_role("viewer")
    seen = markers_in(viewer.get("/organise/2020/agenda").data)
    assert {OPEN, BODY, INVITED, DRAFT, GONE, CHANGE, CHILD} <= seen
    for marker in (OPEN, DRAFT):
        assert markers_in(viewer.get(f"/organise/2020/agenda?q={marker}").data) >= {marker}


def test_an_organiser_reads_the_public_pages_without_what_is_unlisted_but_with_the_links(
    as_role: Any, there: Hidden
) -> None:
    viewer = as_role("viewer")
    assert markers_in(viewer.get(DAY).data + viewer.get("/2020/agenda").data + viewer.get("/2020/").data) == set()
    page = viewer.get(f"/2020/sessions/{there.sessions[INVITED_LINK].code}")
    assert markers_in(page.data) == {INVITED_LINK}
    assert "private" in page.headers["Cache-Control"]


@pytest.mark.parametrize("role", ["desk", "registrar"])
def test_who_works_without_the_agenda_finds_none_of_it(as_role: Any, app: Flask, there: Hidden, role: str) -> None:
    organiser = as_role(role)
    codes = [registration_of(name).code for name in MAY_KNOW]
    paths = sorted(
        rule.rule.replace("<edition_slug>", "2020")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/organise/<edition_slug>")
        and rule.arguments - set(rule.defaults or ()) == {"edition_slug"}
        and "GET" in (rule.methods or ())
    )
    closed = {path for path in paths if organiser.get(path).status_code == 403}
    assert {"/organise/2020/agenda", "/organise/2020/board", "/organise/2020/board/state"} <= closed
    assert "/organise/2020/agenda/people" in closed
    paths += [f"/organise/2020/registrations/{code}" for code in codes]
    # Who speaks at a hidden session is in the address book as everybody is; with which session, it does not say.
    texts = {path: re.sub(r"\w+ Speaker", "", organiser.get(path).text) for path in paths}
    assert {path: markers_in(text) for path, text in texts.items() if markers_in(text)} == {}
    assert "Equality" in organiser.get("/organise/2020/").text
    for marker in (INVITED_LINK, BODY_LINK):
        assert markers_in(organiser.get(f"/2020/sessions/{there.sessions[marker].code}").data) == set()


def test_a_stranger_is_asked_to_sign_in_before_an_address_says_whether_it_exists(
    client: PageClient, there: Hidden
) -> None:
    answers = [client.get(f"/organise/2020/agenda/sessions/{code}") for code in (f"{DRAFT}-1", "ZZZZZZ-1")]
    assert answers[0].status_code == answers[1].status_code
    assert [answer.location.partition("?")[0] for answer in answers if answer.location] in (
        [],
        ["/sign-in", "/sign-in"],
    )


# One function decides ----------------------------------------------------------------------------------------------


def test_the_one_function_says_of_each_kind_and_reader_what_the_places_above_show(there: Hidden) -> None:
    read = {session.code: session for session in programme(there.edition)}
    readers: dict[str, Attendee] = {"stranger": STRANGER, "organiser": ORGANISER}
    for name in MAY_KNOW:
        readers[name] = attendee_of(registration_of(name).person_id, there.edition.id)
    unlisted = {marker: read[f"{marker}-1"] for marker in (OPEN, BODY, INVITED, CHILD, GONE)}
    seen = {
        reader: {marker for marker, session in unlisted.items() if may_see(session, attendee)}
        for reader, attendee in readers.items()
    }
    assert seen == {
        "stranger": set(),
        "organiser": set(unlisted),
        "Delegate": {OPEN},
        "Member": {OPEN, BODY},
        "Guest": {OPEN, INVITED, CHILD, GONE},
    }
    assert {session.code for session in listed(programme(there.edition))} == {session.code for session in there.shown}

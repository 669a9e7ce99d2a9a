"""What changed, for everybody: the page, the Atom feed, and what neither ever says."""

import xml.etree.ElementTree as ET
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from retreat.agenda import service
from retreat.agenda.models import Access, SessionStatus
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA

pytestmark = pytest.mark.one_database
HOUR = timedelta(hours=1)
PAGE, FEED = "/2020/agenda/changes", "/2020/agenda/changes.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def changed(session: Any, **values: Any) -> None:
    service.update_session(session, values, at=AT, by=NADIA)  # type: ignore[arg-type]


def feed(client: Any, path: str = FEED) -> ET.Element:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return ET.fromstring(answer.data)


def text(one: ET.Element | None) -> str:
    assert one is not None
    return " ".join("".join(one.itertext()).split())


def test_the_page_says_each_version_newest_first_with_its_note(client: Any, db_session: Any) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata", ru="Малабата"), at=AT, by=NADIA)
    made = week.session(edition, Translated(en="Local Finance", ru="Местные финансы"))
    week.session(edition, "Stays")
    week.publish(edition)
    changed(made, hall=hall, starts=time(10))
    from retreat.agenda import publishing

    publishing.publish(edition, at=AT + HOUR, by=NADIA, note=Translated(en="One floor up.", ru="Этажом выше."))
    client.get(PAGE)
    assert "Moved sessions 1" in client.page.text
    assert "Time 09:30–11:00 becomes 10:00–11:00" in client.page.text
    assert "One floor up." in client.page.text
    assert "The agenda was published for the first time, with 2 sessions." in client.page.text
    assert client.page.text.index("Version 2") < client.page.text.index("Version 1")
    assert "Stays" not in client.page.text
    client.get(f"{PAGE}?lang=ru")
    assert "Местные финансы" in client.page.text
    assert "Этажом выше." in client.page.text


def test_before_anything_is_published_both_say_so(client: Any, db_session: Any) -> None:
    week.session(week.edition(), "Draft only")
    assert "The agenda has not been published yet" in client.get(PAGE).text
    found = feed(client)
    assert found.findall(f"{ATOM}entry") == []
    assert client.get("/2019/agenda/changes").status_code == 404
    assert client.get("/2019/agenda/changes.atom").status_code == 404


def test_an_unlisted_session_is_in_neither_whatever_happens_to_it(client: Any, db_session: Any) -> None:
    edition = week.edition()
    hidden = week.session(edition, "Hushed talks", is_listed=False, code="HIDDEN")
    open_one = week.session(edition, "Open")
    week.publish(edition)
    at = AT
    for values in (
        {"starts": time(8)},
        {"title": Translated(en="Hushed talks II")},
        {"status": SessionStatus.CANCELLED},
        {"status": SessionStatus.CONFIRMED, "access": Access.INVITED},
    ):
        changed(hidden, **values)
        week.publish(edition, at := at + HOUR)
    changed(open_one, parent=hidden, link="https://example.org/hushed-room")
    week.publish(edition, at + HOUR)
    for language in ("en", "ru"):
        for path in (PAGE, FEED):
            said = client.get(f"{path}?lang={language}").text
            assert not [word for word in ("Hushed", "HIDDEN", "hushed-room") if word in said]
    assert "with 1 session." in client.get(f"{PAGE}?lang=en").text
    assert "Version 3" not in client.page.text


def test_a_session_that_becomes_unlisted_is_said_to_be_removed_and_no_more(client: Any, db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition, "Breakfast")
    week.publish(edition)
    changed(made, is_listed=False, title=Translated(en="Hushed breakfast"), starts=time(7))
    week.publish(edition, AT + HOUR)
    changed(made, title=Translated(en="Very hushed"))
    week.publish(edition, AT + 2 * HOUR)
    client.get(PAGE)
    assert "Removed sessions 1 Breakfast" in client.page.text
    assert "ushed" not in client.page.text
    assert "07:00" not in client.page.text
    assert "09:30" not in client.page.text
    changed(made, is_listed=True)
    week.publish(edition, AT + 3 * HOUR)
    client.get(PAGE)
    assert "New sessions 1 Very hushed" in client.page.text


def test_the_feed_is_atom_with_ids_that_stay(client: Any, db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition, 'Finance & "water" <b>\x0b')
    week.publish(edition)
    first = feed(client)
    changed(made, status=SessionStatus.CANCELLED)
    week.publish(edition, AT + HOUR)
    found = feed(client)
    entries = found.findall(f"{ATOM}entry")
    for element in (found, *entries):
        assert all(len(element.findall(f"{ATOM}{name}")) == 1 for name in ("id", "title", "updated"))
        assert text(element.find(f"{ATOM}id")).startswith("urn:uuid:")
        assert datetime.fromisoformat(text(element.find(f"{ATOM}updated"))).tzinfo is not None
    assert text(found.find(f"{ATOM}author/{ATOM}name"))
    links = {link.get("rel"): link.get("href") for link in found.findall(f"{ATOM}link")}
    assert links["self"].endswith("/2020/agenda/changes.atom?lang=en")
    assert links["alternate"].endswith("/2020/agenda/changes")
    ids = [text(entry.find(f"{ATOM}id")) for entry in entries]
    assert len(set(ids)) == 2
    assert text(first.find(f"{ATOM}entry/{ATOM}id")) == ids[1]
    assert text(first.find(f"{ATOM}id")) == text(found.find(f"{ATOM}id"))
    assert [text(entry.find(f"{ATOM}title")) for entry in entries] == [
        "Version 2 (Cancelled sessions: 1)",
        "Version 1 (1 session)",
    ]
    assert 'Finance & "water" <b>' in text(entries[0].find(f"{ATOM}content"))
    assert text(found.find(f"{ATOM}updated")) == "2020-01-10T10:00:00Z"


def test_the_feeds_language_is_the_addresss_and_no_cookies(client: Any, db_session: Any) -> None:
    edition = week.edition(main_language="fr", title=Translated(en="Retreat", fr="Retraite"))
    week.session(edition, Translated(fr="Finances", en="Finance"))
    week.publish(edition)
    client.get("/2020/agenda?lang=ru")
    plain, english = feed(client), feed(client, f"{FEED}?lang=en")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert (plain.get(language), english.get(language)) == ("fr", "en")
    assert text(plain.find(f"{ATOM}id")) != text(english.find(f"{ATOM}id"))
    assert "Set-Cookie" not in client.get(f"{FEED}?lang=es").headers


def test_an_unchanged_page_or_feed_is_not_sent_again(client: Any, db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition)
    week.publish(edition)
    tags = {path: client.get(path).headers["ETag"] for path in (FEED, PAGE)}
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(path, headers={"If-None-Match": f"W/{tag}"}).status_code == 304
        assert client.get(f"{path}?lang=ru", headers={"If-None-Match": tag}).status_code == 200
    client.delete_cookie("retreat_lang")
    changed(made, starts=time(8))
    week.publish(edition, AT + HOUR)
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_many_revisions_take_as_few_queries_as_two_and_come_in_pages(
    client: Any, db_session: Any, count_queries: Any
) -> None:
    counts = []
    for slug, revisions in (("2020", 2), ("2021", 25)):
        edition = week.edition(slug)
        made = [week.session(edition, f"Session {number}") for number in range(3)]
        for number in range(revisions):
            changed(made[number % 3], title=Translated(en=f"Title {number}"))
            week.publish(edition, AT + number * HOUR)
        db.session.commit()
        with count_queries() as queries:
            client.get(f"/{slug}/agenda/changes")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "Version 25" in client.page.text
    assert "Version 5 " not in client.page.text
    client.get("/2021/agenda/changes?page=2")
    assert "Version 5" in client.page.text
    assert client.get("/2021/agenda/changes?page=3").status_code == 200
    assert client.get("/2021/agenda/changes?page=x").status_code == 200


def test_the_week_and_its_days_point_to_both(client: Any, db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    for path in ("/2020/agenda", "/2020/agenda/2020-02-25"):
        page = client.get(path).text
        assert f'href="{PAGE}"' in page
        assert f'type="application/atom+xml" href="{FEED}?lang=en"' in page

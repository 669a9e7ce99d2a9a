"""Private calendar links on the delegate's own page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from retreat.calendars.pages import qr_code
from retreat.calendars.service import MOST_SUBSCRIPTIONS, PersonOwner, note_fetch, subscribe, subscriptions_of
from retreat.calendars.web_calendars import subscriptions, webcal
from retreat.editions import service as editions
from retreat.registration import service
from tests.registration.making import AT, DELEGATE, answers

pytestmark = pytest.mark.one_database


def living(one: Any) -> list[Any]:
    return subscriptions_of(PersonOwner(one.person_id), one.edition_id)


def address(page: str) -> str:
    [shown] = re.findall(r'<p class="feed-url"[^>]*>([^<]+)</p>', page)
    return shown


def path_of(shown: str) -> str:
    return shown.removeprefix("http://127.0.0.1:8000")


def test_before_there_is_one_the_page_says_what_it_would_hold(client, url) -> None:
    client.get(f"{url}?lang=en")

    assert "You have no calendar link yet." in client.page.text
    assert "A private calendar of My week" in client.page.text
    assert "The links end 90 days after the Retreat is closed." in client.page.text


def test_a_link_is_made_and_shown_once_in_every_way_to_use_it(client, one, url) -> None:
    assert client.submit(url, action="/calendar", name="My\tphone 👨‍👩‍👧", language="fr").location == f"{url}#calendar"

    page = client.get(f"{url}?lang=en").text
    shown = address(page)
    assert client.get(path_of(shown)).status_code == 200
    title = str(Calendar.from_ical(client.get(path_of(shown)).data)["X-WR-CALNAME"])
    client.get(url)
    assert webcal(shown) in page
    assert qr_code(webcal(shown)) in page
    for link in subscriptions(shown, title):
        assert link.replace("&", "&amp;") in page

    again = client.get(url).text
    assert path_of(shown) not in again
    assert "My phone 👨‍👩‍👧" in client.page.text
    assert [feed.language for feed in living(one)] == ["fr"]


def test_the_list_says_when_a_link_was_read_and_by_what(client, one, url, db_session) -> None:
    client.submit(url, action="/calendar", name="Office")
    client.get(url)
    assert "not read yet" in client.get(f"{url}?lang=en").text

    note_fetch(living(one)[0].id, program="Apple Calendar", at=AT)
    db_session.commit()

    client.get(url)
    assert "by Apple Calendar" in client.page.text


def test_a_renewed_link_has_another_address_and_the_same_name(client, one, url) -> None:
    client.submit(url, action="/calendar", name="My phone", language="es")
    old = address(client.get(url).text)
    [before] = living(one)

    assert client.submit(url, action=f"/calendar/{before.id}/renew").location == f"{url}#calendar"

    page = client.get(f"{url}?lang=en").text
    new = address(page)
    assert (client.get(path_of(old)).status_code, client.get(path_of(new)).status_code) == (410, 200)
    assert "The calendar link has been renewed." in page
    assert [(feed.name, feed.language) for feed in living(one)] == [("My phone", "es")]


@pytest.mark.parametrize("step", ["", "/renew"])
def test_a_double_click_leaves_one_link_and_shows_its_address(client, one, url, step) -> None:
    client.submit(url, action="/calendar", name="Office")
    if step:
        client.get(url)
        step = f"/{living(one)[0].id}{step}"
    client.get(url)
    sent = next(form for form in client.page.forms if form.action.endswith(f"/calendar{step}")).values()
    sent |= {} if step else {"name": "My phone"}

    for _ in range(2):
        assert client.post(f"{url}/calendar{step}", data=sent).location == f"{url}#calendar"

    feed = path_of(address(client.get(f"{url}?lang=en").text))
    assert client.get(feed).status_code == 200
    assert [link.name for link in living(one)] == (["Office"] if step else ["Office", "My phone"])


def test_pressed_after_it_was_revoked_the_buttons_say_so_on_the_page(client, one, url) -> None:
    client.submit(url, action="/calendar", name="Tablet")
    client.get(url)
    [kept] = living(one)
    client.submit(url, action=f"/calendar/{kept.id}/revoke")
    client.get(url)
    sent = client.page.forms[-1].values()

    assert client.post(f"{url}/calendar/{kept.id}/revoke", data=sent).status_code == 303
    assert "The calendar link has been revoked." in client.get(f"{url}?lang=en").text
    assert client.post(f"{url}/calendar/{kept.id}/renew", data=sent).status_code == 303
    assert "This calendar link does not exist, or has been revoked already." in client.get(f"{url}?lang=en").text
    assert living(one) == []


def test_a_link_is_revoked_after_a_second_look(client, one, url) -> None:
    client.submit(url, action="/calendar", name="Tablet")
    feed = path_of(address(client.get(url).text))
    [kept] = living(one)
    page = client.get(f"{url}?lang=en").text
    assert page.index("<details><summary") < page.index("The address ends at once") < page.index("</details>")

    client.submit(url, action=f"/calendar/{kept.id}/revoke")

    assert client.get(feed).status_code == 410
    client.get(url)
    assert "Tablet" not in client.page.text


def test_somebody_elses_link_is_neither_renewed_nor_revoked(client, url, tangier, db_session) -> None:
    other = service.register(tangier, answers(tangier, given_name="Bea"), at=AT, by=DELEGATE)
    kept = subscribe(PersonOwner(other.person_id), tangier.id, "Bea's", at=AT).subscription.id
    db_session.commit()
    client.get(url)
    token = client.page.forms[-1].values()["csrf_token"]
    for act in ("revoke", "renew"):
        assert client.post(f"{url}/calendar/{kept}/{act}", data={"csrf_token": token}).status_code == 404
    assert [feed.id for feed in living(other)] == [kept]


def test_nobody_gets_more_links_than_anyone_has_calendars(client, one, url, db_session) -> None:
    client.get(url)
    token = client.page.forms[-1].values()["csrf_token"]
    for number in range(MOST_SUBSCRIPTIONS):
        subscribe(PersonOwner(one.person_id), one.edition_id, f"Device {number}", at=AT)
    db_session.commit()

    refused = client.post(f"{url}/calendar", data={"csrf_token": token, "name": "One more"})

    assert (refused.status_code, refused.location) == (303, f"{url}#calendar")
    page = client.get(f"{url}?lang=en").text
    assert "You already have 20 calendar links." in page
    assert 'id="feed-name"' not in page
    assert len(living(one)) == MOST_SUBSCRIPTIONS


def test_the_page_says_when_the_links_end_and_when_they_have(client, one, url, tangier, db_session, clock) -> None:
    client.submit(url, action="/calendar", name="Tablet")
    client.get(url)
    closed = AT.replace(month=3, day=1)
    editions.close_edition(tangier, at=closed, by=DELEGATE)
    db_session.commit()

    with clock(closed + timedelta(days=1)):
        assert "The links end on 30 May 2020" in client.get(f"{url}?lang=en").text
    with clock(closed + timedelta(days=91)):
        page = client.get(f"{url}?lang=en").text
        assert "The calendar links ended on 30 May 2020" in page
        assert "Tablet" not in client.page.text
        assert 'id="feed-name"' not in page

"""The organisers' page of their calendars of the draft."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from retreat.calendars import service
from retreat.calendars.service import OrganiserOwner
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.signing_in import organiser_of_role

pytestmark = pytest.mark.one_database

PAGE = "/organise/2020/calendar"


@pytest.fixture
def edition(db_session):
    made = week.edition()
    db_session.commit()
    return made


def text_of(client) -> str:
    assert client.get(PAGE).status_code == 200
    return client.page.text


def fresh_address(answer) -> str:
    return re.search(r"https?://[^<]*(/calendar/[\w-]+\.ics)", answer.text).group(1)


def test_the_agendas_pages_lead_to_it(as_role, edition) -> None:
    viewer = as_role("viewer")

    viewer.get("/organise/2020/agenda")
    assert PAGE in viewer.page.links
    assert "You have no calendar link yet." in text_of(viewer)


def test_a_link_is_made_and_shown_once(as_role, edition, client) -> None:
    programmer = as_role("programmer")
    answer = programmer.submit(PAGE, form_id="edit", name="  My \x00 phone ")
    assert answer.status_code == 303

    first, second = programmer.get(PAGE), programmer.get(PAGE)

    address = fresh_address(first)
    assert client.get(address).status_code == 200
    assert address not in second.text
    assert "My phone" in second.text
    assert "not read yet" in second.text


def test_outlook_calls_it_as_it_calls_itself(as_role, edition, client) -> None:
    edition.title = Translated(en="Retreat", fr="Rencontre annuelle")
    programmer = as_role("programmer")
    programmer.submit(PAGE, form_id="edit", name="Phone", language="fr")

    answer = programmer.get(PAGE)

    [outlook] = [link for link in programmer.page.links if link.startswith("https://outlook.live.com/")]
    [name] = parse_qs(urlsplit(outlook).query)["name"]
    assert "Rencontre annuelle" in name
    assert f"X-WR-CALNAME:{name}\r\n" in client.get(fresh_address(answer)).text


def test_who_read_it_last_is_shown(as_role, edition, client, clock) -> None:
    programmer = as_role("programmer")
    programmer.submit(PAGE, form_id="edit", name="Phone")
    with clock(datetime(2020, 2, 3, 9, 0, tzinfo=UTC)):
        client.get(fresh_address(programmer.get(PAGE)), headers={"User-Agent": "iOS/17.5 dataaccessd/1.0"})

    assert ", by Apple Calendar" in text_of(programmer)


def test_its_titles_are_in_the_language_that_was_chosen(as_role, edition) -> None:
    programmer = as_role("programmer")
    programmer.submit(PAGE, form_id="edit", name="Phone", language="fr")
    programmer.submit(PAGE, form_id="edit", name="Desk", language="xx")

    kept = service.subscriptions_of(OrganiserOwner(organiser_of_role("programmer").id), edition.id)
    assert [one.language for one in kept] == ["fr", "en"]


def test_renewed_it_has_another_address(as_role, edition, client) -> None:
    programmer = as_role("programmer")
    programmer.submit(PAGE, form_id="edit", name="Phone")
    old = fresh_address(programmer.get(PAGE))
    [kept] = service.subscriptions_of(OrganiserOwner(organiser_of_role("programmer").id), edition.id)

    programmer.submit(PAGE, action=f"{PAGE}/{kept.id}/renew")
    new = fresh_address(programmer.get(PAGE))

    assert (client.get(old).status_code, client.get(new).status_code) == (410, 200)


def test_revoked_it_is_gone(as_role, edition, client) -> None:
    programmer = as_role("programmer")
    programmer.submit(PAGE, form_id="edit", name="Phone")
    address = fresh_address(programmer.get(PAGE))
    [kept] = service.subscriptions_of(OrganiserOwner(organiser_of_role("programmer").id), edition.id)

    programmer.submit(PAGE, action=f"{PAGE}/{kept.id}/revoke")

    assert client.get(address).status_code == 410
    assert "The calendar link has been revoked." in text_of(programmer)


def test_another_organisers_link_is_not_mine_to_touch(as_role, edition) -> None:
    theirs = service.subscribe(
        OrganiserOwner(organiser_of_role("viewer").id), edition.id, "Theirs", at=week.AT
    ).subscription
    programmer = as_role("programmer")

    assert "Theirs" not in text_of(programmer)
    [form] = [form for form in programmer.page.forms if form.id == "edit"]
    sent = form.values()
    for step in ("renew", "revoke"):
        assert programmer.post(f"{PAGE}/{theirs.id}/{step}", data=sent).status_code == 404
    assert theirs.revoked_at is None


def test_too_many_links_are_refused_with_what_was_typed(as_role, edition) -> None:
    owner = OrganiserOwner(organiser_of_role("programmer").id)
    for number in range(service.MOST_SUBSCRIPTIONS):
        service.subscribe(owner, edition.id, f"Phone {number}", at=week.AT)

    answer = as_role("programmer").submit(PAGE, form_id="edit", name="One more")

    assert answer.status_code == 422
    assert "You already have 20 calendar links." in answer.text
    assert 'value="One more"' in answer.text


def test_it_says_when_the_links_end(as_role, edition, clock) -> None:
    programmer = as_role("programmer")
    assert "The links end 90 days after the Retreat is closed." in text_of(programmer)
    editions.close_edition(edition, at=datetime(2020, 3, 2, 10, 0, tzinfo=UTC), by=NADIA)

    with clock(datetime(2020, 3, 3, tzinfo=UTC)):
        assert "The links end on 31 May 2020" in text_of(programmer)
    with clock(datetime(2020, 6, 1, tzinfo=UTC)):
        assert "The calendar links ended on 31 May 2020" in text_of(programmer)


def test_no_link_is_made_or_renewed_that_would_be_gone_already(as_role, edition, clock) -> None:
    programmer, owner = as_role("programmer"), OrganiserOwner(organiser_of_role("programmer").id)
    kept = service.subscribe(owner, edition.id, "Desk", at=week.AT).subscription
    closed = datetime(2020, 3, 2, 10, 0, tzinfo=UTC)
    editions.close_edition(edition, at=closed, by=NADIA)
    with clock(closed):
        programmer.get(PAGE)
    [form] = [form for form in programmer.page.forms if form.id == "edit"]

    with clock(closed + service.EXPIRES_AFTER):
        for path in (PAGE, f"{PAGE}/{kept.id}/renew"):
            assert programmer.post(path, data={**form.values(), "name": "Late"}).status_code == 303
            assert "The calendar links of this Retreat have ended" in text_of(programmer)
            assert "Renew or revoke" not in programmer.page.text

    assert [one.name for one in service.subscriptions_of(owner, edition.id)] == ["Desk"]

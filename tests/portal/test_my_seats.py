"""Sign-up on the delegate's own page, and what the week and the calendar say of it at once."""

import pytest

from retreat.agenda import places
from retreat.agenda.models import Access, Kind
from retreat.core.i18n import Translated
from retreat.network.models import Body
from retreat.registration import links, service
from tests.agenda import week
from tests.calendars.tangier import summaries
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers


@pytest.fixture
def visit(tangier):
    made = week.session(tangier, "The new harbour", code="VISIT", kind=Kind.VISIT, capacity=2)
    week.publish(tangier)
    return made


@pytest.fixture(autouse=True)
def in_january(clock):
    with clock(AT):
        yield


def test_a_seat_is_taken_on_the_page_and_stands_in_the_week(client, url, visit, db_session):
    page = client.get(f"{url}/sessions").text
    assert "2 of 2 left" in page
    assert "The new harbour" not in client.get(url).text
    sent = client.submit(f"{url}/sessions", action="/take")
    assert (sent.status_code, sent.location) == (303, f"{url}/sessions#s{visit.id}")
    page = client.get(f"{url}/sessions").text
    assert "You have a seat." in page
    assert "1 of 2 left" in page
    shown = client.get(url).text
    assert "The new harbour" in shown
    assert "You are signed up" in shown
    client.submit(f"{url}/sessions", action="/give_back")
    assert "The new harbour" not in client.get(url).text


def test_the_calendar_changes_at_once_and_so_does_its_etag(client, url, visit):
    client.submit(url, action="/calendar")
    client.get(url)
    feed = "/calendar/" + next(link for link in client.page.links if link.startswith("webcal://")).rpartition("/")[2]
    before = client.get(feed)
    client.submit(f"{url}/sessions", action="/take")
    after = client.get(feed, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.headers["ETag"] != before.headers["ETag"]) == (200, True)
    assert [title in summaries(feed.data) for feed in (before, after) for title in ("The new harbour",)] == [
        False,
        True,
    ]
    assert client.get(feed, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
    client.submit(f"{url}/sessions", action="/give_back")
    assert client.get(feed).headers["ETag"] == before.headers["ETag"]


@pytest.mark.one_database
def test_a_full_session_has_no_button_and_who_comes_too_late_reads_a_sentence(client, url, visit, tangier):
    client.get(f"{url}/sessions")
    (form,) = [form for form in client.page.forms if form.action.endswith("/take")]
    for name in ("Bea", "Cem"):
        other = service.register(tangier, answers(tangier, given_name=name), at=AT, by=DELEGATE)
        places.sign_up(visit.id, other, at=AT, by=DELEGATE)
    assert client.post(form.action, data=form.values()).status_code == 303
    assert "Every seat of “The new harbour” is taken." in client.get(f"{url}/sessions").text
    assert [form for form in client.page.forms if form.action.endswith("/take")] == []


@pytest.mark.one_database
def test_who_comes_too_late_waits_is_told_the_number_and_leaves_the_line(client, url, visit, tangier, one, db_session):
    seated = [
        service.register(tangier, answers(tangier, given_name=name), at=AT, by=DELEGATE) for name in ("Bea", "Cem")
    ]
    for other in seated:
        places.sign_up(visit.id, other, at=AT, by=DELEGATE)
    db_session.commit()
    client.get(f"{url}/sessions")
    client.submit(f"{url}/sessions", action="/wait")
    page = client.get(f"{url}/sessions").text
    assert "You are on the waiting list. A mail tells you of a seat." in page
    assert "On the waiting list: number 1" in page
    assert "The new harbour" in client.get(url).text
    client.submit(f"{url}/sessions", action="/give_back")
    assert "You wait no more." in client.get(f"{url}/sessions").text
    client.submit(f"{url}/sessions", action="/wait")
    places.give_back(visit.id, seated[0], at=AT, by=DELEGATE)
    db_session.commit()
    assert "You are signed up" in client.get(url).text


@pytest.mark.one_database
def test_an_unlisted_dinner_of_a_body_is_nowhere_for_a_stranger_to_it(client, url, tangier, db_session):
    body = Body(slug="executive-bureau", name=Translated(en="Executive Bureau"))
    db_session.add(body)
    db_session.flush()
    secret = week.session(
        tangier, "Secret dinner", kind=Kind.SOCIAL, access=Access.BODY, access_body=body, is_listed=False
    )
    week.session(tangier, "Dinner for all", kind=Kind.SOCIAL)
    week.publish(tangier)
    assert "Secret dinner" not in client.get(f"{url}/sessions").text + client.get(url).text
    client.get(f"{url}/sessions")
    (form,) = [form for form in client.page.forms if form.action.endswith("/take")]
    for number in (secret.id, 999_999):
        answer = client.post(f"{url}/sessions/{number}/take", data=form.values())
        assert answer.status_code == 303
        assert "You cannot sign up for this session" in client.get(f"{url}/sessions").text
    db_session.refresh(secret)
    assert secret.taken == 0


@pytest.mark.one_database
def test_an_invitation_is_announced_accepted_and_declined(client, url, one, tangier, db_session):
    party = week.session(tangier, "Mayors' dinner", kind=Kind.SOCIAL, access=Access.INVITED, is_listed=False)
    week.publish(tangier)
    places.invite(party, one, at=AT, by=REGISTRAR)
    db_session.commit()
    assert "You have 1 invitation to answer." in client.get(url).text
    client.submit(f"{url}/sessions", action="/give_back")
    assert "You have declined" in client.get(f"{url}/sessions").text
    assert "Mayors&#39; dinner" not in client.get(url).text
    client.submit(f"{url}/sessions", action="/take")
    assert "You are signed up" in client.get(url).text


@pytest.mark.one_database
def test_a_clash_is_said_before_the_button(client, url, one, tangier, visit):
    week.session(tangier, "Boat trip", code="BOAT", kind=Kind.VISIT)
    week.publish(tangier)
    places.sign_up(visit.id, one, at=AT, by=DELEGATE)
    client.get(f"{url}/sessions")
    assert "At the same time you are at: The new harbour" in client.page.text
    assert "Sign up all the same" in client.page.text


@pytest.mark.one_database
def test_who_waits_reads_why_there_is_no_button(client, db_session, tangier, visit):
    tangier.capacity = 0
    waits = service.register(tangier, answers(tangier), at=AT, by=DELEGATE)
    token = links.new_link(waits, at=AT)
    page = client.get(f"/2020/registration/{token}/sessions").text
    assert "You can sign up for sessions as soon as you have a place." in page
    assert [form for form in client.page.forms if form.method == "post"] == []


@pytest.mark.one_database
def test_who_withdraws_gives_the_seat_back(client, url, visit, db_session):
    client.submit(f"{url}/sessions", action="/take")
    client.submit(f"{url}/withdraw")
    db_session.refresh(visit)
    assert visit.taken == 0


@pytest.mark.one_database
def test_unknown_links_and_forged_forms_are_refused(client, url, visit):
    assert client.get("/2020/registration/unknown/sessions").status_code == 404
    assert client.post(f"{url}/sessions/{visit.id}/take").status_code == 400
    assert client.get(f"{url}/sessions/{visit.id}/take").status_code == 405


@pytest.mark.one_database
def test_a_refusal_names_the_session_in_the_language_of_the_page(client, url, tangier, db_session):
    party = week.session(tangier, Translated(en="Boat trip", fr="Sortie en mer"), kind=Kind.VISIT, capacity=1)
    week.publish(tangier)
    client.get(f"{url}/sessions?lang=fr")
    (form,) = [form for form in client.page.forms if form.action.endswith("/take")]
    other = service.register(tangier, answers(tangier, given_name="Bea"), at=AT, by=DELEGATE)
    places.sign_up(party.id, other, at=AT, by=DELEGATE)
    client.post(form.action, data=form.values())
    assert "Sortie en mer" in client.get(f"{url}/sessions?lang=fr").text
    assert "Boat trip" not in client.page.text


@pytest.mark.one_database
def test_who_has_withdrawn_is_sent_back_to_the_own_page(client, url, one, visit):
    service.withdraw(one, at=AT, by=DELEGATE)
    assert client.get(f"{url}/sessions").location == url


def test_the_public_page_of_a_session_counts_its_seats_as_they_are(client, url, visit, tangier, db_session, clock):
    def said():
        return client.get("/2020/sessions/VISIT").text

    assert "2 of 2 seats left" in said()
    client.submit(f"{url}/sessions", action="/take")
    assert "1 of 2 seats left" in said()
    visit.capacity = 1
    db_session.commit()
    assert "Every seat is taken" in said()
    visit.takes_sign_up = False
    db_session.commit()
    assert "seat" not in said()

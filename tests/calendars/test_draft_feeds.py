"""The draft in an organiser's calendar: what is in it, how its entries grow, who gets it, how it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from icalendar import Calendar
from icalendar.cal.event import Event
from sqlalchemy import select

from retreat.accounts.models import Role
from retreat.agenda import frame, publishing
from retreat.agenda import service as agenda
from retreat.agenda.models import SessionStatus
from retreat.calendars import ical, service
from retreat.calendars.models import Subscription
from retreat.calendars.service import OrganiserOwner
from retreat.core import tokens
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.tangier import LONG_BEFORE, PUBLISHED, Tangier, events, in_days, publish_change, stamp, tangier
from tests.signing_in import organiser_of_role

LATER = LONG_BEFORE + timedelta(hours=1)


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


def address(of: Tangier, role: str = "programmer", **values: Any) -> str:
    owner = OrganiserOwner(organiser_of_role(role).id)
    return f"/calendar/{service.subscribe(owner, of.edition.id, 'My phone', at=PUBLISHED, **values).token}.ics"


def said(body: bytes) -> dict[str, tuple[str, str]]:
    """STATUS and the description's last paragraph by SUMMARY."""
    return {
        str(event["SUMMARY"]): (str(event["STATUS"]), str(event["DESCRIPTION"]).rpartition("\n\n")[2])
        for event in Calendar.from_ical(body).walk("VEVENT")
    }


def one(body: bytes, uid: str) -> Event:
    [event] = Calendar.from_ical(body).with_uid(uid)
    return event


# What is in it -----------------------------------------------------------------------------------------------------


def test_it_has_every_session_with_an_hour_as_it_is_now(our_week, client) -> None:
    path = address(our_week)
    agenda.update_session(our_week.lab, {"title": Translated(en="Ideas laboratory")}, at=LONG_BEFORE, by=NADIA)
    week.session(our_week.edition, "Quite new", code="NEW")

    found = said(client.get(path).data)

    assert set(found) == {
        "Opening; hopes, plans",
        "Ideas laboratory",
        "Quite new",
        "Closed talks",
        "Dinner at the port",
        "Executive Bureau",
    }
    assert found["Quite new"] == ("TENTATIVE", "Not published like this yet")
    assert found["Opening; hopes, plans"][0] == "CONFIRMED"
    assert found["Closed talks"] == ("CONFIRMED", "Not listed")


def test_what_differs_from_what_is_published_is_tentative_until_it_is_published(our_week, client) -> None:
    path = address(our_week)
    agenda.update_session(our_week.opening, {"title": Translated(en="Welcome")}, at=LONG_BEFORE, by=NADIA)
    assert said(client.get(path).data)["Welcome"] == ("TENTATIVE", "Not published like this yet")

    publishing.publish(our_week.edition, at=LATER, by=NADIA)

    assert said(client.get(path).data)["Welcome"][0] == "CONFIRMED"


def test_a_cancellation_that_is_not_published_yet_is_told(our_week, client) -> None:
    path = address(our_week)
    agenda.cancel_session(our_week.lab, at=LONG_BEFORE, by=NADIA)

    assert said(client.get(path).data)["CANCELLED: Ideas lab"] == ("CANCELLED", "Not published like this yet")


@pytest.mark.one_database
def test_notes_and_join_links_are_told_and_the_entry_leads_to_the_form(our_week, client) -> None:
    path = address(our_week)
    agenda.update_session(our_week.secret, {"note": Translated(en="Ask the mayor first.")}, at=LONG_BEFORE, by=NADIA)

    event = one(client.get(path).data, our_week.secret.uid)

    assert str(event["URL"]) == "http://127.0.0.1:8000/organise/2020/agenda/sessions/SECRET"
    assert str(event["CONFERENCE"]) == "https://meet.example/s?p=1"
    # Programs that show no URL show these.
    assert str(event["DESCRIPTION"]).splitlines()[1:3] == [str(event["CONFERENCE"]), str(event["URL"])]
    assert str(event["DESCRIPTION"]).endswith("Not listed\nNote for organisers: Ask the mayor first.")
    assert (str(event["TRANSP"]), str(event["CLASS"])) == ("TRANSPARENT", "PRIVATE")


@pytest.mark.one_database
def test_the_note_is_in_no_other_feed(our_week, client) -> None:
    values = {"note": Translated(en="Ask the mayor first."), "title": Translated(en="Welcome")}
    publish_change(our_week, our_week.lab, **values)

    assert b"mayor first" in client.get(address(our_week)).data
    assert b"mayor first" not in client.get("/2020/calendar/agenda.ics").data


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("asked", "name"), [("", "Draft: UCLG Retreat & Campus"), ("?tz=venue", "Draft: UCLG Retreat & Campus")]
)
def test_its_name_says_that_it_is_a_draft(our_week, client, asked: str, name: str) -> None:
    body = client.get(address(our_week) + asked).data

    assert str(Calendar.from_ical(body)["NAME"]) == name
    assert (b"BEGIN:VTIMEZONE" in body) is bool(asked)


@pytest.mark.one_database
def test_it_is_in_its_owners_language_unless_another_is_asked_for(our_week, client) -> None:
    path = address(our_week, language="fr")

    assert "Ouverture" in said(client.get(path).data)
    assert "Opening; hopes, plans" in said(client.get(path + "?lang=en").data)


# How entries grow --------------------------------------------------------------------------------------------------


def test_each_change_grows_both_stamps_of_its_session_alone(our_week, client) -> None:
    path, uid = address(our_week), our_week.lab.uid
    bodies = [client.get(path).data]
    for title in ("First", "Second in the same second"):
        agenda.update_session(our_week.lab, {"title": Translated(en=title)}, at=LONG_BEFORE, by=NADIA)
        bodies.append(client.get(path).data)
    publishing.publish(our_week.edition, at=LONG_BEFORE, by=NADIA)
    bodies.append(client.get(path).data)
    agenda.update_session(our_week.lab, {"starts": None, "ends": None}, at=LATER, by=NADIA)
    agenda.update_session(our_week.lab, {"link": "https://x.example/"}, at=LATER, by=NADIA)

    stamps = [stamp(body, uid) for body in bodies]

    assert all(after[0] > before[0] and after[1] > before[1] for before, after in pairwise(stamps))
    others = [{key: whole for key, whole in events(body).items() if key != uid} for body in bodies]
    assert all(other == others[0] for other in others)
    assert set(others[0]) == set(events(client.get(path).data))


def test_the_head_says_when_the_draft_changed_last(our_week, client, clock) -> None:
    path = address(our_week)
    agenda.update_session(our_week.lab, {"title": Translated(en="Ideas laboratory")}, at=LONG_BEFORE, by=NADIA)

    with clock(LATER):
        assert Calendar.from_ical(client.get(path).data)["LAST-MODIFIED"].dt == LONG_BEFORE


def test_a_halls_new_name_grows_the_stamps_also_of_what_was_never_published(our_week, client) -> None:
    path = address(our_week)
    new = week.session(our_week.edition, "Quite new", code="NEW", hall=our_week.hall, venue=our_week.hall.venue)
    before = client.get(path)
    frame.update_hall(our_week.hall, {"name": Translated(en="Assembly Hall")}, at=LONG_BEFORE, by=NADIA)

    after = client.get(path)

    assert after.headers["ETag"] != before.headers["ETag"]
    for uid in (new.uid, our_week.opening.uid):
        assert "Assembly Hall" in str(one(after.data, uid)["LOCATION"])
        assert all(new > old for new, old in zip(stamp(after.data, uid), stamp(before.data, uid), strict=True))
    unchanged = our_week.dinner.uid
    assert events(after.data)[unchanged] == events(before.data)[unchanged]


def test_a_session_that_is_removed_is_gone(our_week, client) -> None:
    path = address(our_week)
    new = week.session(our_week.edition, "Quite new", code="NEW")
    before = client.get(path)
    agenda.delete_session(new, at=LONG_BEFORE, by=NADIA)

    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})

    assert (after.status_code, set(events(before.data)) - set(events(after.data))) == (200, {new.uid})


# Serving -----------------------------------------------------------------------------------------------------------


def test_a_304_is_two_queries_and_renders_nothing(our_week, client, count_queries, monkeypatch, clock) -> None:
    path = address(our_week)
    with clock(LONG_BEFORE):
        first = client.get(path)
        monkeypatch.setattr(ical, "event", None)
        with count_queries() as queries:
            answer = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (answer.status_code, answer.data, len(queries)) == (304, b"", 2)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (first.headers["X-Robots-Tag"], first.headers["Referrer-Policy"]) == ("noindex", "no-referrer")


@pytest.mark.one_database
def test_a_change_of_one_session_renders_one_entry(our_week, client, monkeypatch) -> None:
    path, rendered, event = address(our_week), [], ical.event
    monkeypatch.setattr(ical, "event", lambda facts, form: rendered.append(facts.uid) or event(facts, form))
    client.get(path)
    rendered.clear()
    agenda.update_session(our_week.lab, {"title": Translated(en="Another")}, at=LONG_BEFORE, by=NADIA)

    client.get(path)

    assert rendered == [our_week.lab.uid]


def test_a_body_takes_as_many_queries_for_a_long_week_as_for_a_short_one(our_week, client, count_queries) -> None:
    path = address(our_week)

    def queries_of_a_rendering() -> int:
        db.session.expire_all()
        with count_queries() as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    queries_of_a_rendering()
    agenda.update_session(our_week.lab, {"title": Translated(en="Another")}, at=LONG_BEFORE, by=NADIA)
    before = queries_of_a_rendering()
    for number in range(4):
        week.session(our_week.edition, f"More {number}", hall=our_week.hall, venue=our_week.hall.venue)

    assert queries_of_a_rendering() == before


def test_the_fetch_and_the_program_are_noted(our_week, client, clock, db_session) -> None:
    path = address(our_week)
    with clock(LONG_BEFORE):
        client.get(path, headers={"User-Agent": "Google-Calendar-Importer"})

    db_session.expire_all()
    [kept] = service.subscriptions_of(OrganiserOwner(organiser_of_role("programmer").id), our_week.edition.id)
    assert (kept.last_fetched_at, kept.last_client) == (LONG_BEFORE, "Google Calendar")


# The end of it -----------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("administrator", 200),
        ("programmer", 200),
        ("protocol", 200),
        ("viewer", 200),
        ("registrar", 410),
        ("desk", 410),
    ],
)
def test_only_who_may_see_the_agenda_reads_the_draft(our_week, client, role: str, status: int) -> None:
    answer = client.get(address(our_week, role))

    assert answer.status_code == status
    assert answer.mimetype == ("text/calendar" if status == 200 else "text/plain")


def test_whoever_loses_the_role_or_the_account_loses_the_draft(our_week, client) -> None:
    path, organiser = address(our_week), organiser_of_role("programmer")
    organiser.role = Role.DESK
    assert client.get(path).status_code == 410
    organiser.role = Role.PROGRAMMER
    assert client.get(path).status_code == 200
    organiser.is_active = False
    assert client.get(path).status_code == 410


def test_a_revoked_link_is_gone_and_a_renewed_one_takes_its_place(our_week, client) -> None:
    owner = OrganiserOwner(organiser_of_role("programmer").id)
    old = service.subscribe(owner, our_week.edition.id, "Desk", at=PUBLISHED)
    new = service.rotate(old.subscription, at=LONG_BEFORE)

    assert client.get(f"/calendar/{old.token}.ics").status_code == 410
    assert client.get(f"/calendar/{new.token}.ics").status_code == 200
    assert new.subscription.organiser_id == owner.organiser_id


def test_the_link_ends_ninety_days_after_the_edition(our_week, client, clock) -> None:
    path = address(our_week)
    closed = datetime(2020, 3, 2, 10, 0, tzinfo=UTC)
    editions.close_edition(our_week.edition, at=closed, by=NADIA)

    with clock(in_days(closed, 89.9)):
        assert client.get(path).status_code == 200
    with clock(in_days(closed, 90)):
        assert client.get(path).status_code == 410


def test_a_person_and_an_organiser_of_one_number_have_links_of_their_own(our_week, db_session) -> None:
    organiser = OrganiserOwner(our_week.speaker.id)
    person = service.PersonOwner(our_week.speaker.id)
    made = service.subscribe(person, our_week.edition.id, "Phone", at=PUBLISHED).subscription

    assert service.subscriptions_of(organiser, our_week.edition.id) == []
    with pytest.raises(service.UnknownSubscription):
        service.subscription_of(organiser, our_week.edition.id, made.id)


@pytest.mark.one_database
def test_a_cancelled_session_in_the_draft_and_in_public_stays_cancelled(our_week, client) -> None:
    path = address(our_week)
    publish_change(our_week, our_week.lab, status=SessionStatus.CANCELLED)

    assert said(client.get(path).data)["CANCELLED: Ideas lab"][0] == "CANCELLED"


def test_of_two_who_renew_one_link_at_once_the_last_address_lives_alone(our_week, app, db_session) -> None:
    owner = OrganiserOwner(organiser_of_role("programmer").id)
    edition_id = our_week.edition.id
    made = service.subscribe(owner, edition_id, "Desk", at=PUBLISHED)
    number, first = made.subscription.id, made.token
    db_session.commit()
    together = Barrier(2)

    def renew() -> str:
        with app.app_context():
            together.wait(10)
            new = service.rotate(service.subscription_of(owner, edition_id, number), at=LONG_BEFORE)
            db.session.commit()
            return new.token

    with ThreadPoolExecutor(2) as threads:
        given = [future.result() for future in [threads.submit(renew) for _ in range(2)]]

    db_session.expire_all()
    [living] = service.subscriptions_of(owner, edition_id)
    assert living.id == number
    assert living.token_hash in {tokens.hashed(one) for one in given}
    known = dict(db_session.execute(select(Subscription.token_hash, Subscription.revoked_at)).all())
    assert set(known) == {tokens.hashed(one) for one in (first, *given)}
    assert [one for one, revoked_at in known.items() if revoked_at is None] == [living.token_hash]


def test_who_makes_a_link_twice_at_once_has_one(our_week, app, db_session) -> None:
    owner = OrganiserOwner(organiser_of_role("programmer").id)
    edition_id = our_week.edition.id
    db_session.commit()
    together = Barrier(2)

    def make() -> None:
        with app.app_context():
            together.wait(10)
            service.subscribe(owner, edition_id, "Desk", seen=0, at=LONG_BEFORE)
            db.session.commit()

    with ThreadPoolExecutor(2) as threads:
        for future in [threads.submit(make) for _ in range(2)]:
            future.result()

    db_session.expire_all()
    assert len(service.subscriptions_of(owner, edition_id)) == 1

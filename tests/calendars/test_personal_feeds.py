"""A person's own week at a secret address: what is in it, who gets it, how it ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from retreat.agenda import service as agenda
from retreat.agenda.models import Access, Kind, PartRole, Place, PlaceState, SessionStatus, Star
from retreat.agenda.values import Appearance
from retreat.calendars import asking, feeds, personal, service
from retreat.calendars.models import Subscription
from retreat.calendars.service import PersonOwner
from retreat.core import tokens
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network.models import Organisation, Person, Seat, Section
from retreat.registration.links import new_link
from retreat.registration.models import Registration, Status
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.tangier import LONG_BEFORE, PUBLISHED, Tangier, in_days, publish_change, summaries, tangier

EVERYONES = ["Opening; hopes, plans", "Dinner at the port"]


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


def somebody(**values: Any) -> Person:
    person = Person(given_name="Bakyt", family_name="Asanov", created_at=week.AT, **values)
    db.session.add(person)
    db.session.flush()
    return person


def registered(edition: Edition, person: Person, status: Status = Status.APPROVED, **values: Any) -> Registration:
    registration = Registration(
        edition_id=edition.id,
        person_id=person.id,
        category_id=edition.categories[0].id,
        code=f"R20-{person.id:04d}",
        status=status,
        given_name=person.given_name,
        email="bakyt@example.org",
        languages=[],
        badge_token=f"T{person.id}",
        created_at=week.AT,
        updated_at=week.AT,
        **values,
    )
    db.session.add(registration)
    db.session.flush()
    return registration


def address(person: Person, edition: Edition, **values: Any) -> str:
    made = service.subscribe(PersonOwner(person.id), edition.id, "My phone", at=PUBLISHED, **values)
    return f"/calendar/{made.token}.ics"


def titles(client: Any, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    return summaries(answer.data)


# The week ----------------------------------------------------------------------------------------------------------


def test_everyone_has_plenaries_and_dinners(our_week, client) -> None:
    assert titles(client, address(somebody(), our_week.edition)) == EVERYONES


def test_a_part_brings_its_session_with_it(our_week, client) -> None:
    person = somebody()
    parts = [Appearance(PartRole.SPEAKER, "Bakyt Asanov", person=person)]
    path = address(person, our_week.edition)
    publish_change(our_week, our_week.secret, parts=parts)

    assert "Closed talks" in titles(client, path)


def test_a_draft_part_is_not_yet_in_the_week(our_week, client) -> None:
    person = somebody()
    parts = [Appearance(PartRole.SPEAKER, "Bakyt Asanov", person=person)]
    agenda.update_session(our_week.lab, {"parts": parts}, at=LONG_BEFORE, by=NADIA)

    assert titles(client, address(person, our_week.edition)) == EVERYONES


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sits"),
    [
        (None, None, True),
        (date(2020, 2, 26), date(2020, 2, 26), True),
        (None, date(2020, 2, 25), False),
        (date(2020, 2, 27), None, False),
    ],
)
def test_a_seat_counts_on_the_day_of_the_meeting(our_week, client, starts_on, ends_on, sits: bool) -> None:
    person = somebody()
    db.session.add(Seat(person_id=person.id, body_id=our_week.body.id, starts_on=starts_on, ends_on=ends_on))

    assert ("Executive Bureau" in titles(client, address(person, our_week.edition))) is sits


@pytest.mark.parametrize(
    ("state", "comes"), [(PlaceState.INVITED, True), (PlaceState.TAKEN, True), (PlaceState.DECLINED, False)]
)
def test_an_invitation_or_a_sign_up_counts_at_once(our_week, client, state: PlaceState, comes: bool) -> None:
    person = somebody()
    path = address(person, our_week.edition)
    before = client.get(path)
    db.session.add(Place(session_id=our_week.secret.id, person_id=person.id, state=state, created_at=week.AT))

    after = client.get(path)

    assert ("Closed talks" in summaries(after.data)) is comes
    assert (after.headers["ETag"] != before.headers["ETag"]) is comes


def test_who_loses_access_loses_the_session(our_week, client) -> None:
    person = somebody()
    place = Place(session_id=our_week.secret.id, person_id=person.id, state=PlaceState.INVITED, created_at=week.AT)
    db.session.add(place)
    path = address(person, our_week.edition)
    tag = client.get(path).headers["ETag"]
    db.session.delete(place)

    answer = client.get(path, headers={"If-None-Match": tag})

    assert (answer.status_code, summaries(answer.data)) == (200, EVERYONES)


@pytest.mark.parametrize(
    ("access", "circle", "comes"),
    [
        (Access.SECTION, "section", True),
        (Access.SECTION, "member", False),
        (Access.MEMBER, "member", True),
        (Access.MEMBER, "nobody", False),
        (Access.INVITED, "section", False),
    ],
)
def test_a_plenary_is_in_the_week_of_those_who_may_attend(our_week, client, access, circle: str, comes: bool) -> None:
    session = week.session(our_week.edition, "For some", kind=Kind.PLENARY, access=access)
    week.publish(our_week.edition, LONG_BEFORE)
    values: dict[str, Any] = {}
    if circle == "section":
        values["section_id"] = db.session.query(Section.id).order_by(Section.id).limit(1).scalar()
    if circle == "member":
        city = Organisation(name=Translated(en="Bishkek"), name_key="bishkek", is_member=True)
        db.session.add(city)
        db.session.flush()
        values["organisation_id"] = city.id
    person = somebody()
    registered(our_week.edition, person, **values)

    assert (str(session.title) in titles(client, address(person, our_week.edition))) is comes


def test_the_page_and_the_feed_have_the_same_week(our_week, client) -> None:
    path = address(our_week.speaker, our_week.edition)

    timed = [s for s in personal.personal_week(our_week.speaker.id, our_week.edition) if s.is_timed]

    assert [str(session.title) for session in timed] == titles(client, path)


@pytest.mark.one_database
def test_a_cancelled_session_of_mine_stays_and_frees_my_time(our_week, client) -> None:
    path = address(somebody(), our_week.edition)
    publish_change(our_week, our_week.dinner, status=SessionStatus.CANCELLED)

    events = Calendar.from_ical(client.get(path).data).walk("VEVENT")

    assert [(str(event["SUMMARY"]), str(event["TRANSP"]), str(event["CLASS"])) for event in events] == [
        ("Opening; hopes, plans", "OPAQUE", "PRIVATE"),
        ("CANCELLED: Dinner at the port", "TRANSPARENT", "PRIVATE"),
    ]


@pytest.mark.one_database
def test_the_join_link_is_told_in_two_places(our_week, client) -> None:
    [event] = Calendar.from_ical(client.get(address(somebody(), our_week.edition)).data).with_uid(our_week.dinner.uid)

    assert str(event["CONFERENCE"]) == "https://x.example/d"
    assert str(event["DESCRIPTION"]).splitlines()[:2] == [
        "Tuesday 25 February 2020, 20:00–00:30 (Africa/Casablanca, UTC+1)",
        "https://x.example/d",
    ]


@pytest.mark.one_database
def test_an_unlisted_session_of_mine_has_no_page_to_point_to(our_week, client) -> None:
    person = somebody()
    db.session.add(
        Place(session_id=our_week.secret.id, person_id=person.id, state=PlaceState.INVITED, created_at=week.AT)
    )

    [event] = Calendar.from_ical(client.get(address(person, our_week.edition)).data).with_uid(our_week.secret.uid)

    assert "URL" not in event
    assert "/sessions/" not in str(event["DESCRIPTION"])


@pytest.mark.one_database
def test_the_feed_is_in_its_owners_language_unless_another_is_asked_for(our_week, client) -> None:
    path = address(somebody(), our_week.edition, language="fr")

    assert titles(client, path)[0] == "Ouverture"
    assert titles(client, path + "?lang=en")[0] == "Opening; hopes, plans"
    assert titles(client, path + "?lang=nonsense")[0] == "Opening; hopes, plans"


# Serving -----------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_private_feed_has_the_headers_of_one(our_week, client, clock) -> None:
    path = address(somebody(), our_week.edition)
    with clock(LONG_BEFORE):
        answer = client.get(path)

    assert {name: value for name, value in answer.headers if name not in {"ETag", "Vary"}} == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Length": str(len(answer.data)),
        "Content-Disposition": 'inline; filename="retreat.ics"',
        "Cache-Control": "private, no-cache",
        "Last-Modified": "Sat, 01 Feb 2020 12:00:00 GMT",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


@pytest.mark.parametrize(("tag", "by_the_view", "at_the_door"), [("{}", 0, 1), ('"another", {}', 2, 1)])
def test_a_304_is_few_queries_and_renders_nothing(
    our_week, client, clock, count_queries, monkeypatch, tag, by_the_view, at_the_door
) -> None:
    path, asked, ask = address(our_week.speaker, our_week.edition), [], asking.Asker.rows
    with clock(LONG_BEFORE):
        given = tag.format(client.get(path).headers["ETag"])
        monkeypatch.setattr(feeds, "rendered", None)
        monkeypatch.setattr(asking.Asker, "rows", lambda *values: (asked.append(values), ask(*values))[1])
        with count_queries() as queries:
            answer = client.get(path, headers={"If-None-Match": given})

    assert (answer.status_code, len(queries), len(asked)) == (304, by_the_view, at_the_door)


def test_the_door_sees_every_choice_in_its_one_query(our_week, app, db_session) -> None:
    token = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED).token
    asked = asking.OwnAsking(app.wsgi_app._asker, token)
    seat = Seat(body_id=our_week.body.id, person_id=our_week.speaker.id)
    place = Place(
        session_id=our_week.secret.id, person_id=our_week.speaker.id, state=PlaceState.INVITED, created_at=week.AT
    )
    star = Star(session_id=our_week.lab.id, person_id=our_week.speaker.id, created_at=week.AT)

    def state() -> object:
        db_session.commit()
        return asked.found(LONG_BEFORE).state

    states = [state()]
    for one in (seat, place, star):
        db_session.add(one)
        states.append(state())
    seat.starts_on = LONG_BEFORE.date()
    states.append(state())
    seat.starts_on, seat.ends_on = None, LONG_BEFORE.date()
    states.append(state())
    place.state = PlaceState.DECLINED
    states.append(state())
    db_session.delete(star)
    states.append(state())

    assert state() == states[-1]
    for number, before in enumerate(states):
        assert before not in states[:number], number


def test_the_door_repeats_what_the_view_said_of_a_week(our_week, client, clock, monkeypatch) -> None:
    path = address(our_week.speaker, our_week.edition)
    with clock(LONG_BEFORE):
        noted, learnt = client.get(path), client.get(path)
        monkeypatch.setattr(personal, "personal_feed", None)
        repeated = client.get(path)
        unchanged = client.get(path, headers={"If-None-Match": learnt.headers["ETag"]})

    assert (repeated.data, list(repeated.headers)) == (noted.data, list(noted.headers))
    assert (unchanged.status_code, unchanged.headers["ETag"]) == (304, noted.headers["ETag"])
    assert unchanged.headers["Cache-Control"] == "private, no-cache"


def test_a_door_that_heard_304_gives_whoever_has_nothing_the_whole_week(our_week, client, clock) -> None:
    path = address(our_week.speaker, our_week.edition)
    with clock(LONG_BEFORE):
        whole = client.get(path)
        tag = {"If-None-Match": whole.headers["ETag"]}
        assert [client.get(path, headers=tag).status_code for _ in range(2)] == [304, 304]

        assert (client.get(path).data, client.get(path).data) == (whole.data, whole.data)


@pytest.mark.parametrize("hours", [1, 24 * 91])
def test_the_door_sees_at_once_what_takes_a_week_away(our_week, client, clock, hours: int) -> None:
    """Revoked an hour later, or ninety days after the edition was closed."""
    made = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED)
    path = f"/calendar/{made.token}.ics"
    if hours > 1:
        editions.close_edition(our_week.edition, at=LONG_BEFORE, by=NADIA)
    with clock(LONG_BEFORE):
        tag = [client.get(path) for _ in range(3)][-1].headers["ETag"]
    if hours == 1:
        service.revoke(made.subscription, at=LONG_BEFORE)

    with clock(LONG_BEFORE + timedelta(hours=hours)):
        answers = [client.get(path), client.get(path, headers={"If-None-Match": tag})]

    assert [(answer.status_code, answer.mimetype) for answer in answers] == [(410, "text/plain")] * 2


def test_two_people_have_two_tags_and_the_same_entries(our_week, client) -> None:
    one, other = (client.get(address(somebody(), our_week.edition)) for _ in range(2))

    assert one.headers["ETag"] != other.headers["ETag"]
    assert one.data == other.data


def test_a_date_alone_never_answers_for_a_private_feed(our_week, client, clock) -> None:
    path = address(somebody(), our_week.edition)
    with clock(LONG_BEFORE):
        answer = client.get(path, headers={"If-Modified-Since": "Sun, 02 Feb 2020 12:00:00 GMT"})

    assert answer.status_code == 200


# The link ----------------------------------------------------------------------------------------------------------


def test_a_token_is_kept_only_as_its_hash(our_week, db_session) -> None:
    made = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "  My \n phone ", at=PUBLISHED)

    stored = db_session.get(Subscription, made.subscription.id)
    assert len(made.token) == 32
    assert (stored.name, stored.token_hash) == ("My phone", tokens.hashed(made.token))


def test_the_last_fetch_is_noted_every_quarter_of_an_hour(our_week, client, clock, db_session) -> None:
    made = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED)
    seen = []
    for minutes in (0, 14, 15):
        with clock(LONG_BEFORE + timedelta(minutes=minutes)):
            client.get(f"/calendar/{made.token}.ics").close()  # as a server does when the last byte is sent
        db_session.expire_all()
        seen.append(db_session.get(Subscription, made.subscription.id).last_fetched_at)

    assert seen == [LONG_BEFORE, LONG_BEFORE, LONG_BEFORE + timedelta(minutes=15)]


def test_the_door_notes_a_fetch_when_the_answer_is_sent(our_week, client, clock, db_session, monkeypatch) -> None:
    made = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED)
    path, later = f"/calendar/{made.token}.ics", LONG_BEFORE + timedelta(hours=1)

    def noted() -> object:
        db_session.expire_all()
        kept = db_session.get(Subscription, made.subscription.id)
        return kept.last_fetched_at, kept.last_client

    with clock(LONG_BEFORE):
        tag = client.get(path).headers["ETag"]
    monkeypatch.setattr(personal, "personal_feed", None)
    with clock(later):
        answer = client.get(path, headers={"If-None-Match": tag, "User-Agent": "ICSx5/2.3"})
        before = noted()
        db_session.rollback()
        answer.close()

    assert answer.status_code == 304
    assert (before, noted()) == ((LONG_BEFORE, ""), (later, "ICSx5"))


def test_the_program_that_read_it_last_is_kept_by_its_family_alone(our_week, client, db_session) -> None:
    made = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED)
    client.get(f"/calendar/{made.token}.ics", headers={"User-Agent": "iOS/17.5.1 (21F90) dataaccessd/1.0"})

    db_session.expire_all()
    assert db_session.get(Subscription, made.subscription.id).last_client == "Apple Calendar"


def test_a_revoked_link_is_gone_and_the_others_live_on(our_week, client) -> None:
    person = our_week.speaker
    phone = service.subscribe(PersonOwner(person.id), our_week.edition.id, "My phone", at=PUBLISHED)
    desk = service.subscribe(PersonOwner(person.id), our_week.edition.id, "At my desk", at=PUBLISHED)
    service.revoke(phone.subscription, at=LONG_BEFORE)

    answer = client.get(f"/calendar/{phone.token}.ics")

    assert (answer.status_code, answer.mimetype) == (410, "text/plain")
    assert client.get(f"/calendar/{desk.token}.ics").status_code == 200
    assert [each.name for each in service.subscriptions_of(PersonOwner(person.id), our_week.edition.id)] == [
        "At my desk"
    ]


def test_a_renewed_link_takes_the_place_of_the_old(our_week, client) -> None:
    old = service.subscribe(
        PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", language="fr", at=PUBLISHED
    )
    new = service.rotate(old.subscription, at=LONG_BEFORE)

    assert client.get(f"/calendar/{old.token}.ics").status_code == 410
    assert titles(client, f"/calendar/{new.token}.ics")[0] == "Ouverture"
    assert (new.subscription.name, new.subscription.language) == ("My phone", "fr")


def test_a_link_that_is_someone_elses_cannot_be_revoked(our_week, db_session) -> None:
    theirs = service.subscribe(
        PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED
    ).subscription
    me = somebody()

    with pytest.raises(service.UnknownSubscription):
        service.subscription_of(PersonOwner(me.id), our_week.edition.id, theirs.id)
    with pytest.raises(service.RevokedBefore):
        service.revoke(service.revoke(theirs, at=LONG_BEFORE), at=LONG_BEFORE)


def test_nobody_keeps_links_without_end(our_week, db_session) -> None:
    person = somebody()
    for number in range(service.MOST_SUBSCRIPTIONS):
        service.subscribe(PersonOwner(person.id), our_week.edition.id, f"Phone {number}", at=PUBLISHED)

    with pytest.raises(service.TooManySubscriptions):
        service.subscribe(PersonOwner(person.id), our_week.edition.id, "One more", at=PUBLISHED)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (Status.SUBMITTED, 200),
        (Status.APPROVED, 200),
        (Status.WAITLISTED, 200),
        (Status.DECLINED, 410),
        (Status.WITHDRAWN, 410),
        (Status.CANCELLED, 410),
    ],
)
def test_who_does_not_come_has_no_feed(our_week, client, status: Status, answer: int) -> None:
    person = somebody()
    registered(our_week.edition, person, status)

    assert client.get(address(person, our_week.edition)).status_code == answer


@pytest.mark.parametrize("status", [Status.DECLINED, Status.WITHDRAWN, Status.CANCELLED])
def test_a_speaker_who_does_not_come_has_a_feed_of_what_to_speak_in(our_week, client, status: Status) -> None:
    registered(our_week.edition, our_week.speaker, status)
    answer = client.get(address(our_week.speaker, our_week.edition))

    assert (answer.status_code, summaries(answer.data)) == (200, ["Opening; hopes, plans"])


@pytest.mark.one_database
def test_a_speaker_who_withdrew_renews_and_revokes_the_links_on_the_own_page(our_week, client, db_session) -> None:
    registration = registered(our_week.edition, our_week.speaker, Status.WITHDRAWN)
    page = f"/2020/registration/{new_link(registration, at=LONG_BEFORE)}"
    service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "My phone", at=PUBLISHED)
    db_session.commit()

    assert "You have withdrawn, and a session still names you" in client.get(f"{page}?lang=en").text
    [kept] = service.subscriptions_of(PersonOwner(our_week.speaker.id), our_week.edition.id)
    client.submit(page, action=f"/calendar/{kept.id}/renew")
    assert "This address is private to you and is shown only now." in client.get(f"{page}?lang=en").text
    client.submit(page, action=f"/calendar/{kept.id}/revoke")
    assert service.subscriptions_of(PersonOwner(our_week.speaker.id), our_week.edition.id) == []


@pytest.mark.one_database
def test_who_withdrew_and_has_no_part_is_offered_no_links(our_week, client, db_session) -> None:
    registration = registered(our_week.edition, somebody(), Status.WITHDRAWN)
    page = f"/2020/registration/{new_link(registration, at=LONG_BEFORE)}"
    db_session.commit()

    assert 'id="calendar"' not in client.get(f"{page}?lang=en").text


def test_the_link_ends_ninety_days_after_the_edition(our_week, client, clock) -> None:
    path = address(our_week.speaker, our_week.edition)
    assert service.expires_on(our_week.edition) is None
    closed = datetime(2020, 3, 2, 10, 0, tzinfo=UTC)
    editions.close_edition(our_week.edition, at=closed, by=NADIA)

    assert service.expires_on(our_week.edition) == date(2020, 5, 31)
    with clock(in_days(closed, 89.9)):
        assert client.get(path).status_code == 200
    with clock(in_days(closed, 90)):
        assert client.get(path).status_code == 410


@pytest.mark.one_database
@pytest.mark.parametrize("token", ["x" * 500, "..", "%00", "a b", "ü", "' OR 1=1 --"])
def test_a_wrong_token_is_not_found(our_week, client, token: str) -> None:
    answer = client.get(f"/calendar/{token}.ics")

    assert (answer.status_code, answer.headers.get("Location")) == (404, None)

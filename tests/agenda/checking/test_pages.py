"""The organisers' pages of clashes: every kind in words, accepting, moving to what is free, opening again."""

from datetime import time, timedelta

import pytest

from retreat.agenda import frame, service
from retreat.agenda.halls import service as halls
from retreat.agenda.models import AcceptedClash, PartRole
from retreat.agenda.values import Appearance
from retreat.core.i18n import Translated
from retreat.network.models import Body, Person, Seat
from tests.agenda import week
from tests.agenda.week import AT, NADIA, TUESDAY

pytestmark = pytest.mark.one_database

CLASHES = "/organise/2020/agenda/clashes"
BOARD = f"/organise/2020/board?day={TUESDAY}"
AMINA = Appearance(PartRole.SPEAKER, "Amina Bennani")


@pytest.fixture
def edition(db_session):
    """A Tuesday with a clash of each kind."""
    edition = week.edition()
    palace = frame.create_venue(edition, {"name": Translated(en="Palace")}, at=AT, by=NADIA)
    port = frame.create_venue(edition, {"name": Translated(en="Port")}, at=AT, by=NADIA)
    kasbah = frame.create_hall(
        edition,
        {"name": Translated(en="Kasbah", ru="Касба"), "venue": palace, "capacity": 60, "booths": 2},
        at=AT,
        by=NADIA,
    )
    pier = frame.create_hall(edition, {"name": Translated(en="Pier"), "venue": port}, at=AT, by=NADIA)
    halls.set_walks(edition, {halls.pair_of(palace, port): 12}, at=AT, by=NADIA)
    halls.close_hall(pier, TUESDAY, time(6), time(14), "rehearsal", at=AT, by=NADIA)
    bodies = [Body(slug=slug, name=Translated(en=slug)) for slug in ("presidency", "committee")]
    person = Person(badge_name="Elif Korkmaz", created_at=AT)
    db_session.add_all([*bodies, person])
    db_session.flush()
    db_session.add_all(Seat(person_id=person.id, body_id=body.id) for body in bodies)
    made = {"code": "A", "starts": time(9), "ends": time(10, 30), "hall": kasbah, "parts": [AMINA], "body": bodies[0]}
    week.session(edition, "Local Finance", **made, languages=["en", "fr", "es"], capacity=80)
    week.session(edition, "Local Democracy", code="B", starts=time(10), parts=[AMINA], hall=kasbah, body=bodies[1])
    week.session(edition, "Equality", code="C", starts=time(11, 5), ends=time(12), parts=[AMINA], hall=pier)
    week.session(edition, "Excursion", code="D", date=TUESDAY - timedelta(days=9), starts=None, ends=None)
    db_session.commit()
    return edition


def test_each_kind_is_a_sentence_that_names_what_is_wrong_and_both_sides(as_role, edition):
    viewer = as_role("viewer")
    viewer.get(CLASHES)
    for words in (
        *("Kasbah is taken twice", "Amina Bennani speaks in both", "Elif Korkmaz sits on both bodies"),
        *("Kasbah seats 60, 80 expected", "3 languages need 3 booths, Kasbah has 2"),
        "Pier is closed from 06:00 to 14:00: rehearsal",
        "Amina Bennani: 12 minutes’ walk from Palace to Port, 5 minutes between",
        *("Outside the days of the edition", "Local Finance", "Local Democracy", "Equality", "Excursion"),
    ):
        assert words in viewer.page.text
    assert "Accept" not in viewer.page.text
    viewer.get(f"{CLASHES}?kind=walk")
    assert "Kasbah is taken twice" not in viewer.page.text
    viewer.get(f"{CLASHES}?kind=seats&lang=ru")
    assert "Касба" in viewer.page.text


def test_a_clash_is_accepted_with_a_reason_and_opened_again(as_role, edition, db_session):
    programmer = as_role("programmer")
    programmer.get(f"{CLASHES}?kind=person")
    answer = programmer.submit(f"{CLASHES}?kind=person", action=f"{CLASHES}/accept", reason="She opens only")
    assert (answer.status_code, answer.location) == (303, f"{CLASHES}?kind=person")
    programmer.get(CLASHES)
    assert "“She opens only”" in programmer.page.text
    week_list = programmer.get("/organise/2020/agenda").get_data(as_text=True)
    assert week_list.count("Clash</a>") >= 1
    edited = service.session_by_code(edition, "B")
    service.update_session(edited, {"starts": time(10, 5)}, at=AT, by=NADIA)
    db_session.commit()
    programmer.get(CLASHES)
    assert "accepted by" in programmer.page.text
    assert "She opens only" in programmer.page.text
    service.update_session(service.session_by_code(edition, "B"), {"starts": time(10)}, at=AT, by=NADIA)
    db_session.commit()
    programmer.submit(CLASHES, action=f"{CLASHES}/reopen")
    assert week.count(AcceptedClash) == 0


def test_without_a_reason_or_for_a_clash_that_is_gone_it_is_said_and_nothing_changes(as_role, edition, db_session):
    programmer = as_role("programmer")
    answer = programmer.submit(f"{CLASHES}?kind=hall", action=f"{CLASHES}/accept", reason="   ")
    assert (answer.status_code, "Say why this clash may stay." in programmer.page.text) == (422, True)
    answer = programmer.submit(f"{CLASHES}?kind=hall", action=f"{CLASHES}/accept", reason="Because", clash="person")
    assert answer.status_code == 409
    for clash, sessions in (("nonsense", "A"), ("hall", "A"), ("hall", "ZZZ")):
        answer = programmer.submit(
            f"{CLASHES}?kind=hall", action=f"{CLASHES}/accept", reason="Because", clash=clash, session=sessions
        )
        assert (answer.status_code, "This clash is there no more." in programmer.page.text) == (409, True)
    assert week.count(AcceptedClash) == 0


def test_the_board_offers_what_is_free_and_goes_there(as_role, edition):
    programmer = as_role("programmer")
    programmer.get(BOARD)
    # Until noon she is at the pier, twelve minutes away.
    assert "Next free 12:15" in programmer.page.text
    page = programmer.get(f"{CLASHES}?kind=hall").get_data(as_text=True)
    assert 'name="hall" value="kasbah"' in page
    answer = programmer.submit(f"{CLASHES}?kind=hall", action="/organise/2020/board/move")
    assert answer.status_code == 303
    programmer.get(f"{CLASHES}?kind=hall")
    assert "Kasbah is taken twice" not in programmer.page.text


def test_the_session_form_the_dashboard_and_the_publish_page_name_one_sided_clashes_too(as_role, edition):
    programmer = as_role("programmer")
    programmer.get("/organise/2020/agenda/sessions/A")
    assert "Kasbah seats 60, 80 expected" in programmer.page.text
    programmer.get("/organise/2020")
    assert "First: Outside the days of the edition" in programmer.page.text
    programmer.get("/organise/2020/agenda/publish")
    assert "Kasbah is taken twice" in programmer.page.text


def test_the_page_takes_as_many_queries_for_many_clashes_as_for_few(as_role, edition, db_session, count_queries):
    viewer = as_role("viewer")
    viewer.get(CLASHES)
    with count_queries() as few:
        viewer.get(CLASHES)
    for number in range(5):
        week.session(edition, f"More {number}", parts=[AMINA])
    db_session.commit()
    with count_queries() as many:
        viewer.get(CLASHES)
    assert len(many) == len(few)


def test_a_session_with_a_locked_part_is_not_offered_to_move(as_role, edition, db_session):
    whole = service.session_by_code(edition, "B")
    week.session(edition, "Press point", code="E", parent=whole, starts=time(10, 30), ends=time(10, 45), is_locked=True)
    db_session.commit()
    programmer = as_role("programmer")
    assert programmer.submit(f"{CLASHES}?kind=hall", action="/organise/2020/board/move").status_code == 303
    db_session.expire_all()
    assert (service.session_by_code(edition, "B").starts, service.session_by_code(edition, "E").starts) == (
        time(10),
        time(10, 30),
    )
    programmer.get(f"{CLASHES}?kind=hall")
    assert "Kasbah is taken twice" not in programmer.page.text


def test_the_page_is_narrowed_to_a_day_and_stays_so(as_role, edition):
    programmer = as_role("programmer")
    page = programmer.get(f"{CLASHES}?on={TUESDAY}").get_data(as_text=True)
    assert "Kasbah is taken twice" in page
    assert "Outside the days of the edition" not in page
    assert f"{CLASHES}?kind=walk&amp;on={TUESDAY}" in page
    answer = programmer.submit(
        f"{CLASHES}?kind=person&on={TUESDAY}", action=f"{CLASHES}/accept", reason="She opens only"
    )
    assert answer.location == f"{CLASHES}?kind=person&on={TUESDAY}"
    for nonsense in ("2020-02-30", "x" * 500, "%00"):
        programmer.get(f"{CLASHES}?on={nonsense}")
        assert "None of this kind is open." in programmer.page.text


def test_two_languages_make_one_pair(as_role, edition, db_session):
    deaf = frame.create_hall(edition, {"name": Translated(en="Cave"), "language_pairs": 0}, at=AT, by=NADIA)
    week.session(edition, "Two tongues", code="F", hall=deaf, languages=["en", "ar"], date=TUESDAY + timedelta(days=1))
    db_session.commit()
    viewer = as_role("viewer")
    viewer.get(f"{CLASHES}?kind=interpretation")
    assert "2 languages make 1 pair, the equipment of Cave relays 0" in viewer.page.text


def test_who_accepts_second_is_told_the_first_reason_and_keeps_what_was_typed(as_role, edition):
    first, second = as_role("programmer"), as_role("administrator")
    address = f"{CLASHES}?kind=person"
    first.get(address)
    second.get(address)
    [form] = [form for form in second.page.forms if form.action == f"{CLASHES}/accept"]
    first.submit(address, action=f"{CLASHES}/accept", reason="She opens only")
    answer = second.post(form.action, data={**form.values(), "reason": "Nobody minds"})
    assert answer.status_code == 409
    assert "Programmer has just accepted this clash: “She opens only”" in second.page.text
    second.get(CLASHES)
    assert "Nobody minds" not in second.page.text

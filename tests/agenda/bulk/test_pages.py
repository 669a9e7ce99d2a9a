"""The page "Change many": looked at, done, undone; and what comes back when it cannot be."""

from datetime import date, time
from typing import Any

import pytest

from retreat.agenda import service
from retreat.agenda.board import presence
from retreat.agenda.models import AgendaSession, Kind
from retreat.core import clock
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.board.making import organiser
from tests.agenda.week import AT, NADIA, TUESDAY
from tests.client import PageClient

MANY = "/organise/2020/agenda/many"
pytestmark = pytest.mark.one_database


@pytest.fixture
def edition(db_session: Any) -> Any:
    return week.edition()


@pytest.fixture
def programmer(as_role: Any) -> PageClient:
    client: PageClient = as_role("programmer")
    return client


def look(client: PageClient, action: str, **values: Any) -> Any:
    db.session.commit()
    named = {f"{action}-{name}": value for name, value in values.items()}
    return client.submit(MANY, form_id=action, **named)


def do_it(client: PageClient) -> Any:
    """Send the form of the preview that was fetched last."""
    [form] = [form for form in client.page.forms if form.id == "do"]
    return client.post(form.action, data=form.values())


def starts(session: AgendaSession) -> str:
    db.session.expire_all()
    return f"{session.date:%d} {session.starts:%H:%M}"


def test_a_shift_is_looked_at_then_done_then_undone(programmer: PageClient, edition: Any) -> None:
    hall = editions.add_hall(edition, Translated(en="Grand"), at=AT, by=NADIA)
    session = week.session(edition, hall=hall)
    week.session(edition, "In the way", hall=hall, starts=time(11), ends=time(12), is_locked=True)
    answer = look(programmer, "shift", day=TUESDAY.isoformat(), by="minutes", amount="30")
    assert answer.status_code == 200
    text = programmer.page.text
    assert "09:30–11:00" in text
    assert "10:00–11:30" in text
    assert "Nothing has been changed yet" in text
    assert "In the way" in text
    assert "locked" in text
    assert "Grand" in text.split("Clashes it would make")[1]
    assert starts(session) == "25 09:30"
    assert do_it(programmer).status_code == 303
    assert starts(session) == "25 10:00"
    programmer.submit(MANY, action="undo")
    assert starts(session) == "25 09:30"


def test_what_somebody_changed_since_the_look_is_looked_at_again(programmer: PageClient, edition: Any) -> None:
    session = week.session(edition)
    look(programmer, "shift", day="", by="days", amount="1")
    service.update_session(session, {"starts": time(8)}, at=AT, by=NADIA)
    db.session.commit()
    answer = do_it(programmer)
    assert answer.status_code == 409
    assert "Somebody has changed the agenda since you looked" in programmer.page.text
    assert starts(session) == "25 08:00"
    assert do_it(programmer).status_code == 303
    assert starts(session) == "26 08:00"
    db.session.refresh(edition)
    assert edition.starts_on == date(2020, 2, 25)


def test_each_of_the_four_can_be_done(programmer: PageClient, edition: Any) -> None:
    last = week.edition("2019")
    week.session(last, "Old")
    one, other = week.session(edition, "One"), week.session(edition, "Other", starts=time(14), ends=time(15))
    week.session(edition, "Lunch", kind=Kind.BREAK, starts=time(13), ends=time(13, 30))
    look(programmer, "swap", one=one.code, other=other.code)
    assert do_it(programmer).status_code == 303
    assert (starts(one), starts(other)) == ("25 14:00", "25 09:30")
    look(programmer, "breaks", day="2020-02-25", to=["2020-02-26", "2020-02-27"])
    assert "2 new sessions" in programmer.page.text
    do_it(programmer)
    look(programmer, "skeleton", edition="2019")
    do_it(programmer)
    db.session.expire_all()
    assert sorted(one.title["en"] for one in service.draft_sessions(edition)) == [
        *("Lunch", "Lunch", "Lunch", "Old", "One", "Other")
    ]


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("shift", {"amount": ""}),
        ("shift", {"amount": "0"}),
        ("shift", {"amount": "99999"}),
        ("shift", {"amount": "9" * 400}),
        ("shift", {"amount": "x", "day": "2020-02-25"}),
        ("shift", {"amount": "2000", "by": "days"}),
        ("shift", {"amount": "1", "day": "1999-01-01"}),
        ("shift", {"amount": "1", "by": "years"}),
        ("shift", {"amount": "1", "halls": ["7777"]}),
        ("swap", {"one": "", "other": ""}),
        ("swap", {"one": "S20-001", "other": "S20-001"}),
        ("swap", {"one": "S99", "other": "S20-001"}),
        ("breaks", {"day": "2020-02-25", "to": []}),
        ("breaks", {"day": "2020-02-26", "to": ["2020-02-27"]}),
        ("skeleton", {"edition": "2020"}),
        ("skeleton", {"edition": "1066"}),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(
    programmer: PageClient, edition: Any, action: str, values: dict[str, Any]
) -> None:
    week.edition("2019")
    session = week.session(edition, kind=Kind.BREAK)
    db.session.commit()
    programmer.get(MANY)
    [form] = [form for form in programmer.page.forms if form.id == action]
    sent = {**form.values(), **{f"{action}-{name}": value for name, value in values.items()}}
    assert programmer.post(form.action, data=sent).status_code == 422
    assert starts(session) == "25 09:30"


def test_a_time_that_does_not_exist_is_named_on_the_page(programmer: PageClient, db_session: Any) -> None:
    edition = week.edition(zone="Europe/Madrid", starts_on=date(2027, 3, 27), ends_on=date(2027, 3, 31))
    week.session(edition, "Night shift", date=date(2027, 3, 27), starts=time(2, 30), ends=time(4, 0))
    answer = look(programmer, "shift", day="", by="days", amount="1")
    assert answer.status_code == 422
    assert "Night shift" in programmer.page.text
    assert "02:30 does not exist in Europe/Madrid" in programmer.page.text


def test_who_may_only_look_does_not_see_the_page(as_role: Any, edition: Any) -> None:
    db.session.commit()
    viewer: PageClient = as_role("viewer")
    assert viewer.get(MANY).status_code == 403
    viewer.get("/organise/2020/agenda")
    assert "Change many" not in viewer.page.text


def test_what_is_ticked_in_the_list_is_set(programmer: PageClient, edition: Any) -> None:
    hall = editions.add_hall(edition, Translated(en="Grand"), at=AT, by=NADIA)
    one, other = week.session(edition, "One"), week.session(edition, "Other", is_locked=True)
    third = week.session(edition, "Third", languages=["fr"])
    db.session.commit()
    codes = [one.code, other.code]

    def put(key: str, ticked: list[str]) -> str:
        programmer.get("/organise/2020/agenda?q=o")
        [form] = [form for form in programmer.page.forms if form.id == "many"]
        answer = programmer.post(form.action, data={**form.values(), "set": key, "code": ticked})
        assert answer.location == "/organise/2020/agenda?q=o"
        db.session.expire_all()
        programmer.get("/organise/2020/agenda")
        return programmer.page.text

    assert "2 sessions have been changed" in put("status:tentative", codes)
    assert "1 is locked and stays" in put(f"hall:{hall.id}", codes)
    assert (one.hall, other.hall, third.hall) == (hall, None, None)
    put("languages:en", [one.code, third.code])
    assert (one.languages, third.languages) == (["en"], ["fr", "en"])
    put("is_locked:no", codes)
    assert other.is_locked is False
    assert one.status.value == "tentative"


def test_what_cannot_be_set_comes_back_with_the_ticks(programmer: PageClient, edition: Any) -> None:
    one, other = week.session(edition, "One"), week.session(edition, "Other")
    db.session.commit()
    programmer.get("/organise/2020/agenda?q=o")
    [form] = [form for form in programmer.page.forms if form.id == "many"]
    ticked = [f"{one.code}:{one.version}", f"{other.code}:{other.version}"]
    for key, some in (
        *(("", ticked), ("status:tentative", []), ("uid:1", ticked), ("hall:999", ticked)),
        *(("status:tentative", ["S99"]), ("status:tentative", ["", ":", "\x00:1"])),
    ):
        answer = programmer.post(form.action, data={**form.values(), "set": key, "code": some})
        assert answer.status_code == 422
    programmer.post(form.action, data={**form.values(), "set": "", "code": ticked[:1]})
    assert "Tick some sessions" in programmer.page.text
    assert answer.get_data(as_text=True).count("checked") == 0
    service.update_session(other, {"kind": Kind.SOCIAL}, at=AT, by=NADIA)
    db.session.commit()
    answer = programmer.post(form.action, data={**form.values(), "set": "status:tentative", "code": ticked})
    assert (answer.status_code, answer.get_data(as_text=True).count("checked")) == (409, 2)
    assert "nothing was set: “Other”" in programmer.page.text
    db.session.expire_all()
    assert one.status.value == "confirmed"


def test_sessions_change_places_by_words_of_their_titles(programmer: PageClient, edition: Any) -> None:
    one = week.session(edition, "Local Finance")
    other = week.session(edition, "Local Democracy", starts=time(14), ends=time(15))
    week.session(edition, "Democracy", starts=time(16), ends=time(17))
    assert look(programmer, "swap", one="finance", other="local dem").status_code == 200
    assert look(programmer, "swap", one=one.code.lower(), other="democracy").status_code == 200
    assert "16:00–17:30" in programmer.page.text
    assert (
        look(programmer, "swap", one="local", other=f"Tue 25, 14:00 · Local Democracy ({other.code})").status_code
        == 422
    )
    assert "2 sessions are found by this" in programmer.page.text
    assert f"Local Finance ({one.code})" in programmer.page.text
    for nothing in ("", "  ", "(", "()", "\x00", "Campus", "x" * 4000):
        assert look(programmer, "swap", one=nothing, other=other.code).status_code == 422


def test_what_was_typed_into_one_form_leaves_the_others_as_they_are_offered(
    programmer: PageClient, edition: Any
) -> None:
    week.edition("2019")
    week.session(edition)
    look(programmer, "swap", one="", other="")
    values = {form.id: form.values() for form in programmer.page.forms}
    assert "shift-moves_edition" in values["shift"]
    assert "skeleton-descriptions" in values["skeleton"]


def test_a_card_in_somebody_elses_hand_is_named_before_it_is_moved(programmer: PageClient, edition: Any) -> None:
    session = week.session(edition, "Local Finance")
    presence.hold(edition, session, at=clock.now(), by=organiser("Lena Osei"))
    look(programmer, "shift", day="", by="days", amount="1")
    assert "Lena Osei is editing “Local Finance” just now." in programmer.page.text

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.agenda import places, publishing, service
from retreat.agenda.models import Kind, SessionStatus
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.registration import service as registrations
from retreat.registration.models import Registration
from tests.agenda import week

# What a page decides is tested on both where it is decided.
pytestmark = pytest.mark.one_database

AGENDA = "/organise/2020/agenda"
NEW = {
    "title_en": "Local Finance",
    "title_ru": "Местные финансы",
    "date": "2020-02-25",
    "starts": "09:30",
    "ends": "11:00",
}


def titles(db_session, edition) -> list[str]:
    db_session.expire_all()
    return [session.title["en"] for session in service.draft_sessions(edition)]


def test_an_empty_week_says_what_to_do_next(as_role, db_session):
    week.edition()
    programmer = as_role("programmer")
    programmer.get(AGENDA)
    assert "The week is empty" in programmer.page.text
    assert f"{AGENDA}/sessions/new" in programmer.page.links


def test_a_session_is_added_with_everything(as_role, db_session):
    edition = week.edition()
    answer = as_role("programmer").submit(
        f"{AGENDA}/sessions/new",
        form_id="edit",
        **NEW,
        kind="campus",
        languages=["en", "ru"],
        speakers="Cemal Baş, Secretary General, Union of Municipalities\nMadelaine Alfelor Gazman (tbc)",
        status="tentative",
    )
    assert answer.status_code == 303
    db_session.expire_all()
    (session,) = service.draft_sessions(edition)
    assert (session.title["ru"], f"{session.start_utc:%H:%M}", session.languages) == (
        "Местные финансы",
        "08:30",
        ["en", "ru"],
    )
    assert [(part.printed_name, part.office, part.state.value) for part in session.parts] == [
        ("Cemal Baş", "Secretary General", "confirmed"),
        ("Madelaine Alfelor Gazman", "", "tbc"),
    ]
    assert session.status is SessionStatus.TENTATIVE


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title_en": "", "title_ru": ""}, "Enter a text in at least one language."),
        ({"starts": "25:00"}, "Write the time as HH:MM"),
        ({"ends": ""}, "end"),
        ({"starts": "11:00"}, "end"),
        ({"link": "javascript:alert(1)"}, "is not a link"),
        ({"zone_override": "CEST"}, "is not a time zone"),
        ({"speakers": ", Mayor"}, "has no name"),
        ({"title_en": "A\x07B"}, "control character"),
        ({"code": "no blanks"}, "A code is"),
    ],
)
@pytest.mark.one_database
def test_a_wrong_answer_gets_a_sentence_and_everything_typed_stays(as_role, db_session, wrong, sentence):
    edition = week.edition()
    programmer = as_role("programmer")
    answer = programmer.submit(
        f"{AGENDA}/sessions/new", form_id="edit", **{**NEW, "description_fr": "Déjà tapé", **wrong}
    )
    assert (answer.status_code, sentence in programmer.page.text, "Déjà tapé" in answer.text) == (422, True, True)
    assert titles(db_session, edition) == []


@pytest.mark.one_database
def test_an_hour_that_the_clocks_skip_is_refused_in_words(as_role, db_session):
    week.edition(zone="Europe/Madrid")
    programmer = as_role("programmer")
    answer = programmer.submit(
        f"{AGENDA}/sessions/new", form_id="edit", **{**NEW, "date": "2020-03-29", "starts": "02:30", "ends": "04:00"}
    )
    assert (answer.status_code, "does not exist" in programmer.page.text) == (422, True)


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(as_role, db_session):
    edition = week.edition()
    session = week.session(edition)
    first, second = as_role("programmer"), as_role("administrator")
    page = f"{AGENDA}/sessions/{session.code}"
    first.get(page)
    typed = {**first._form(page, "edit", None).values(), "title_en": "First was here"}
    second.submit(page, form_id="edit", title_en="Second was faster")
    answer = first.post(page, data=typed)
    assert answer.status_code == 409
    assert "Administrator" in first.page.text
    assert "First was here" in answer.text
    assert titles(db_session, edition) == ["Second was faster"]


def test_a_published_session_is_cancelled_and_never_removed(as_role, db_session):
    edition = week.edition()
    session = week.session(edition)
    week.publish(edition)
    programmer = as_role("programmer")
    page = f"{AGENDA}/sessions/{session.code}"
    programmer.get(page)
    assert "Remove from the draft" not in programmer.page.text
    programmer.submit(page, action="/cancel")
    db_session.expire_all()
    assert service.draft_sessions(edition)[0].status is SessionStatus.CANCELLED


def test_publishing_shows_first_what_it_will_change(as_role, db_session):
    edition = week.edition()
    session = week.session(edition, code="S1")
    week.session(edition, "Stays", code="S2", date=week.TUESDAY + timedelta(days=1))
    week.publish(edition)
    service.update_session(session, {"title": Translated(en="Local Finance II")}, at=week.AT, by=week.LENA)
    programmer = as_role("programmer")
    programmer.get(f"{AGENDA}/publish")
    assert "Renamed sessions 1" in programmer.page.text
    assert "Local Finance II" in programmer.page.text
    assert "Stays" not in programmer.page.text
    assert programmer.submit(f"{AGENDA}/publish", form_id="edit", note_en="A new title.").status_code == 303
    db_session.expire_all()
    last = publishing.last_revision(edition)
    assert (last.number, dict(last.note), last.published_by) == (2, {"en": "A new title."}, "Programmer")


def test_the_public_page_shows_only_what_is_published(client, as_role, db_session):
    edition = week.edition()
    session = week.session(edition, code="S1")
    assert client.get("/2020/sessions/S1").status_code == 404
    week.publish(edition)
    service.update_session(session, {"title": Translated(en="Hidden plan")}, at=week.AT, by=week.LENA)
    week.session(edition, "Another draft", code="S2")
    pages = [
        "/2020/",
        "/2020/agenda",
        "/2020/agenda/2020-02-25",
        "/2020/sessions/S1",
        "/2020/agenda.json",
        "/2020/calendar/agenda.ics",
    ]
    assert [path for path in pages if "Hidden" in (text := client.get(path).text) or "Another draft" in text] == []
    assert "Local Finance" in client.get("/2020/sessions/S1").text


def test_a_new_name_of_a_hall_is_public_at_once_and_the_draft_is_not(client, as_role, db_session):
    edition = week.edition()
    programmer = as_role("programmer")
    programmer.submit(f"{AGENDA}/frame/hall/new", form_id="edit", name_en="Kasbah", capacity="60")
    db_session.expire_all()
    (hall,) = edition.halls
    session = week.session(edition, code="S1", hall=hall)
    week.publish(edition)
    service.update_session(session, {"title": Translated(en="Draft title")}, at=week.AT, by=week.LENA)
    programmer.submit(f"{AGENDA}/frame/hall/kasbah", form_id="edit", name_en="Malabata")
    page = client.get("/2020/sessions/S1").text
    assert ("Malabata" in page, "Kasbah" in page, "Draft title" in page) == (True, False, False)


def test_a_hall_in_use_is_not_removed(as_role, db_session):
    edition = week.edition()
    programmer = as_role("programmer")
    programmer.submit(f"{AGENDA}/frame/hall/new", form_id="edit", name_en="Kasbah")
    db_session.expire_all()
    week.session(edition, hall=edition.halls[0])
    programmer.submit(f"{AGENDA}/frame/hall/kasbah", action="/remove")
    db_session.expire_all()
    assert [hall.slug for hall in edition.halls] == ["kasbah"]


@pytest.mark.parametrize("kind", ["venue", "track"])
def test_venues_and_tracks_are_added_changed_and_removed(as_role, db_session, kind):
    week.edition()
    programmer = as_role("programmer")
    assert programmer.submit(f"{AGENDA}/frame/{kind}/new", form_id="edit", name_en="Campus").status_code == 303
    programmer.submit(f"{AGENDA}/frame/{kind}/campus", form_id="edit", name_en="Campus learning")
    programmer.get(f"{AGENDA}/frame")
    assert "Campus learning" in programmer.page.text
    programmer.submit(f"{AGENDA}/frame/{kind}/campus", action="/remove")
    programmer.get(f"{AGENDA}/frame")
    assert "Campus learning" not in programmer.page.text


def test_a_day_gets_a_title_of_its_own(client, as_role, db_session):
    week.edition()
    as_role("programmer").submit(
        f"{AGENDA}/frame/days/2020-02-28", form_id="edit", title_en="Presidency", title_fr="Présidence"
    )
    assert "Présidence" in client.get("/2020/agenda?lang=fr").text


def upload(client, content: bytes, **more: str):
    client.get(f"{AGENDA}/import")
    token = client._form(f"{AGENDA}/import", "edit", None).values()["csrf_token"][0]
    return client.post(
        f"{AGENDA}/import", data={"csrf_token": token, "file": (io.BytesIO(content), "week.csv"), **more}
    )


def test_a_file_is_checked_then_imported(as_role, db_session):
    edition = week.edition()
    programmer = as_role("programmer")
    content = b"title,date,start,end\nLocal Finance,2020-02-25,09:30,11:00\n"
    upload(programmer, content, check="1")
    assert titles(db_session, edition) == []
    upload(programmer, content)
    assert titles(db_session, edition) == ["Local Finance"]


def test_a_file_with_an_error_is_imported_not_at_all_and_the_line_is_named(as_role, db_session):
    edition = week.edition()
    programmer = as_role("programmer")
    answer = upload(programmer, b"title,date,start,end\nGood,2020-02-25,09:30,11:00\nBad,2020-02-25,25:00,26:00\n")
    assert (answer.status_code, "3 start" in programmer.page.text) == (422, True)
    assert titles(db_session, edition) == []


def test_clashes_name_both_sides(as_role, db_session):
    edition = week.edition()
    programmer = as_role("programmer")
    programmer.submit(f"{AGENDA}/frame/hall/new", form_id="edit", name_en="Kasbah")
    db_session.expire_all()
    for title in ("Local Finance", "Local Democracy"):
        week.session(edition, title, hall=edition.halls[0])
    programmer.get(f"{AGENDA}/clashes")
    assert all(words in programmer.page.text for words in ("Kasbah", "Local Finance", "Local Democracy"))
    programmer.get(f"{AGENDA}/sessions/{service.draft_sessions(edition)[0].code}")
    assert "Local Democracy" in programmer.page.text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_the_draft_is_exported(as_role, db_session, kind):
    week.session(week.edition())
    answer = as_role("viewer").get(f"{AGENDA}/draft.{kind}")
    assert (answer.status_code, len(answer.data) > 100) == (200, True)


def test_the_list_takes_as_many_queries_with_one_session_as_with_three(as_role, db_session, count_queries):
    edition = week.edition()
    week.session(edition, "One")
    viewer = as_role("viewer")
    viewer.get(AGENDA)
    with count_queries() as with_one:
        viewer.get(AGENDA)
    week.session(edition, "Two")
    week.session(edition, "Three")
    db_session.commit()
    with count_queries() as with_three:
        viewer.get(AGENDA)
    assert len(with_three) == len(with_one)


class TestSignUp:
    @pytest.fixture
    def party(self, db_session):
        from tests.registration import making

        tangier = making.edition()
        made = week.session(tangier, "Dinner at the port", code="DINNER", kind=Kind.SOCIAL, capacity=2)
        week.publish(tangier)
        registrations.register(tangier, making.answers(tangier), at=making.AT, by=making.DELEGATE)
        return made

    def registered(self):
        return db.session.scalars(select(Registration)).one()

    def test_the_form_says_whether_people_sign_up(self, as_role, db_session, party):
        page = f"{AGENDA}/sessions/DINNER"
        programmer = as_role("programmer")
        for chosen, kept in (("no", False), ("yes", True), ("", None)):
            assert programmer.submit(page, form_id="edit", sign_up=chosen).status_code == 303
            db_session.refresh(party)
            assert party.takes_sign_up is kept

    def test_who_has_signed_up_is_listed_and_a_seat_is_freed(self, as_role, db_session, party, clock):
        places.sign_up(party.id, self.registered(), at=week.AT, by=week.NADIA)
        with clock(week.AT):
            programmer = as_role("programmer")
            assert "1 of 2 seats taken" in programmer.get(f"{AGENDA}/sessions/DINNER").text
            shown = programmer.get(f"{AGENDA}/sessions/DINNER/seats").text
            assert "Ana Fernández" in shown
            assert "ana@example.org" not in shown
            lines = programmer.get(f"{AGENDA}/sessions/DINNER/seats.csv").text.splitlines()
            assert lines[1].startswith("R20-0001,Ana Fernández,City of Montevideo,Delegate,taken,2020-01-10T")
            programmer.submit(f"{AGENDA}/sessions/DINNER/seats", action="/free")
        db_session.refresh(party)
        assert party.taken == 0

    def test_a_delegate_is_invited_by_reference_and_a_wrong_one_is_a_sentence(self, as_role, party, clock):
        with clock(week.AT):
            programmer = as_role("programmer")
            page = f"{AGENDA}/sessions/DINNER/seats"
            answer = programmer.submit(page, action="/invite", who="R20-9999")
            assert answer.status_code == 422
            assert "Nobody who comes to this edition has the reference “R20-9999”." in answer.text
            assert programmer.submit(page, action="/invite", who="R20-0001").status_code == 303
            assert "invited" in programmer.get(page).text

    def test_fewer_seats_than_are_taken_is_said_beside_the_field(self, as_role, db_session, party):
        places.sign_up(party.id, self.registered(), at=week.AT, by=week.NADIA)
        answer = as_role("programmer").submit(f"{AGENDA}/sessions/DINNER", form_id="edit", capacity="0")
        assert answer.status_code == 422
        assert "1 people already have a place." in answer.text


def test_a_number_of_hundreds_of_digits_is_refused_in_a_sentence(as_role, db_session):
    edition = week.edition()
    made = week.session(edition)
    db.session.commit()
    client = as_role("programmer")
    answer = client.submit(f"/organise/2020/agenda/sessions/{made.code}", form_id="edit", capacity="9" * 400)
    assert answer.status_code == 422
    assert "integer" in client.page.text

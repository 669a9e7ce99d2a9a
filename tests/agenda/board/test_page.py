"""The board in the browser: what stands where, what its forms do, and what is refused."""

import html
import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from retreat.agenda import service
from retreat.agenda.board.models import Presence, Step
from retreat.agenda.models import Kind, PartRole, SessionStatus
from retreat.agenda.values import Appearance
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.board.making import hall, where
from tests.agenda.week import AT, NADIA

pytestmark = pytest.mark.one_database
BOARD = "/organise/2020/board"
TUESDAY = {"day": "2020-02-25"}
LIVE = {"X-Board": "live"}


@pytest.fixture
def tangier(db_session):
    made = week.edition()
    for name in ("Kasbah", "Malabata"):
        hall(made, name, capacity=40)
    return made


@pytest.fixture
def nadia(as_role):
    return as_role("programmer")


@pytest.fixture
def lena(as_role):
    return as_role("administrator")


def card(page, code):
    """The opening tag of a session's card."""
    return re.search(rf'<li class="[^"]*" id="session-{code}"[^>]*>', page.text).group()


def post(client, path, headers=None, **data):
    """As the scripts of the board send it, with the token of the page."""
    token = re.search(r'data-csrf="([^"]*)"', client.get(BOARD).text)
    data = {"csrf_token": token.group(1) if token else "", "shown": "2020-02-25", **data}
    return client.post(f"{BOARD}/{path}", data=data, headers=headers or {})


def send(client, moved, start="10:00", end="11:30", hall="malabata", day="2020-02-25", headers=LIVE, **values):
    data = {"session": moved.code, "version": moved.version, "day": day, "start": start, "end": end, "hall": hall}
    return post(client, "move", headers, **{**data, **values})


def said(answer):
    return re.search(r'id="said"[^>]*>([^<]*)<', answer.text).group(1)


class TestTheDay:
    def test_cards_stand_in_their_halls_and_say_what_scripts_need(self, nadia, tangier):
        week.session(tangier, code="LF", hall=tangier.halls[1])
        page = nadia.get(BOARD, query_string=TUESDAY)
        assert "slot from-19 to-37 hall-2 track-1" in card(page, "LF")
        for fact in ('data-start="09:30"', 'data-end="11:00"', 'data-minutes="90"', 'data-hall="malabata"'):
            assert fact in card(page, "LF")
        assert re.findall(r'data-hall="([^"]*)"><h3', page.text) == ["kasbah", "malabata"]
        assert "/organise/2020/agenda/sessions/LF?back=board" in page.text

    def test_nothing_is_invisible(self, nadia, tangier):
        week.session(tangier, code="NOHALL")
        week.session(tangier, code="NOTIME", starts=None, ends=None)
        week.session(tangier, code="SHELF", date=None, starts=None, ends=None)
        week.session(tangier, code="NIGHT", starts=time(22), ends=time(1), hall=tangier.halls[0])
        week.session(tangier, code="DAWN", starts=time(5), ends=time(6), hall=tangier.halls[0])
        week.session(tangier, code="LATER", date=date(2020, 3, 2))
        page = nadia.get(BOARD, query_string=TUESDAY)
        assert "hall-3" in card(page, "NOHALL")
        assert "Hall to be confirmed" in nadia.page.text
        assert page.text.index('id="untimed"') < page.text.index('id="session-NOTIME"')
        assert page.text.index('id="shelf-h"') < page.text.index('id="session-SHELF"')
        assert "until 01:00 on Wed 26" in nadia.page.text
        assert "is-cut" in card(page, "NIGHT")
        assert "from-1 " in card(page, "DAWN")
        assert "Monday 2 March 1 clash outside the edition · 1 session" in nadia.page.text
        assert nadia.get(BOARD, query_string={"day": "2020-03-02"}).text.count('id="session-LATER"') == 1

    def test_states_are_said(self, nadia, tangier):
        bureau = week.session(tangier, "Bureau", code="B", starts=time(9), ends=time(14), hall=tangier.halls[0])
        week.session(tangier, "Lunch", code="L", starts=time(12), ends=time(13), parent=bureau, kind=Kind.BREAK)
        week.session(tangier, code="C", status=SessionStatus.CANCELLED, hall=tangier.halls[1])
        week.session(tangier, code="T", status=SessionStatus.TENTATIVE, hall=tangier.halls[1], is_locked=True)
        page = nadia.get(BOARD, query_string=TUESDAY)
        assert "is-part" in card(page, "L")
        assert 'data-parent="B"' in card(page, "L")
        assert "is-cancelled" in card(page, "C")
        assert "is-tentative" in card(page, "T")
        assert 'data-locked="yes"' in card(page, "T")
        assert "cascade-1" in card(page, "C")
        assert "cascade-2" in card(page, "T")
        assert "part of Bureau" in nadia.page.text

    def test_a_hall_in_another_zone_says_so(self, nadia, tangier):
        kazan = editions.add_venue(tangier, Translated(en="Kazan"), at=AT, by=NADIA)
        kazan.zone = "Europe/Moscow"
        hall(tangier, "Kremlin", venue=kazan)
        nadia.get(BOARD, query_string=TUESDAY)
        assert "Kremlin UTC+3" in nadia.page.text

    @pytest.mark.parametrize("day", ["2020-02-30", "nonsense", "2020-W08-2", "2021-02-25"])
    def test_a_day_that_is_none_is_not_found_in_words(self, nadia, tangier, day):
        answer = nadia.get(BOARD, query_string={"day": day})
        assert answer.status_code == 404
        assert f"There is no day “{day}” on this board" in nadia.page.text

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "nonsense", "2021-02-25"])
    def test_scripts_that_ask_for_a_strange_day_get_a_board_all_the_same(self, nadia, tangier, day):
        assert nadia.get(f"{BOARD}/state", query_string={"day": day}).status_code == 200
        assert send(nadia, week.session(tangier), shown=day).status_code == 200

    def test_today_is_shown_first_during_the_week(self, nadia, tangier, clock):
        assert 'data-day="2020-02-24"' in nadia.get(BOARD).text
        with clock(AT.replace(month=2, day=26)):
            page = nadia.get(BOARD)
        assert 'id="board-live" data-day="2020-02-26"' in page.text
        assert 'class="now from-' in page.text

    def test_the_shelf_is_searched_and_filtered(self, nadia, tangier):
        week.session(tangier, "Round table", code="A", date=None, starts=None, ends=None, kind=Kind.PANEL)
        week.session(tangier, "Field visit", code="B", date=None, starts=None, ends=None, kind=Kind.VISIT)
        for asked in ({"q": "ROUND"}, {"kind": "panel"}):
            page = nadia.get(BOARD, query_string={**TUESDAY, **asked})
            assert 'id="session-A"' in page.text
            assert 'id="session-B"' not in page.text
        assert "No session matches" in nadia.get(BOARD, query_string={"track": "none"}).text

    def test_a_clash_is_counted_on_the_tab_the_cards_and_in_the_panel(self, nadia, tangier):
        week.session(tangier, "One", code="A", hall=tangier.halls[0])
        week.session(tangier, "Other", code="B", hall=tangier.halls[0], starts=time(10), ends=time(12))
        page = nadia.get(BOARD, query_string=TUESDAY)
        assert "has-clash" in card(page, "A")
        assert "has-clash" in card(page, "B")
        assert "Tue 25 1 clash" in nadia.page.text
        assert "Kasbah is taken twice" in nadia.page.text

    def test_a_day_outside_the_edition_says_its_month(self, nadia, tangier):
        week.session(tangier, date=date(2020, 3, 2))
        week.session(tangier, date=date(2021, 1, 4))
        tabs = re.findall(r'data-name="([^"]*)"', nadia.get(BOARD).text)
        assert tabs[0] == "Mon 24"
        assert tabs[-2:] == ["Monday 2 March", "Monday 4 January 2021"]

    def test_an_empty_week_says_what_to_do_next(self, nadia, as_role, db_session):
        week.edition()
        page = nadia.get(BOARD).text
        assert "There is no session yet." in page
        assert 'agenda/frame#halls">Add a hall</a>' in page
        assert "Every session has a day." not in page
        assert "Add a hall" not in as_role("viewer").get(BOARD).text

    def test_a_card_without_room_says_everything_in_its_tooltip(self, nadia, tangier):
        speaks = [Appearance(PartRole.SPEAKER, name) for name in ("Amina Bennani", "Elif Korkmaz", "Jan Ito")]
        week.session(
            tangier,
            code="LF",
            hall=tangier.halls[0],
            parts=speaks,
            languages=["en", "fr"],
            status=SessionStatus.CANCELLED,
        )
        tip = html.unescape(re.search(r' title="([^"]*)"', card(nadia.get(BOARD, query_string=TUESDAY), "LF")).group(1))
        assert tip.splitlines() == [
            "Local Finance",
            "09:30–11:00 · Kasbah",
            "Amina Bennani, Elif Korkmaz, Jan Ito",
            "Other · EN·FR",
            "cancelled",
        ]


class TestMoving:
    def test_a_move_answers_with_the_board_and_says_what_it_did(self, nadia, tangier):
        finance = week.session(tangier, code="LF")
        week.session(tangier, code="X", hall=tangier.halls[1])
        answer = send(nadia, finance)
        assert answer.status_code == 200
        assert answer.text.startswith('<div id="board-live"') or '<div id="board-live"' in answer.text
        assert "<html" not in answer.text
        assert said(answer) == "Local Finance, Tue 25, 10:00 to 11:30, Malabata. One clash."
        assert 'data-start="10:00"' in card(answer, "LF")
        assert answer.headers["ETag"]

    def test_without_scripts_the_forms_do_it(self, nadia, tangier, db_session):
        finance = week.session(tangier, code="LF", hall=tangier.halls[0])
        answer = post(nadia, "move", off=f"LF.{finance.version}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{BOARD}?day=2020-02-25#session-LF")
        assert "Local Finance is off the board." in nadia.get(answer.headers["Location"]).text
        assert nadia.submit(f"{BOARD}?day=2020-02-25", action="/undo").status_code == 303
        db_session.refresh(finance)
        assert where(finance) == "25 09:30-11:00 kasbah"
        nadia.submit(f"{BOARD}?day=2020-02-25", action="/redo")
        db_session.refresh(finance)
        assert where(finance) == ""

    def test_undo_says_what_it_would_undo_and_history_who_did_what(self, nadia, lena, tangier):
        finance = week.session(tangier, code="LF", hall=tangier.halls[0])
        send(nadia, finance)
        page = nadia.get(BOARD, query_string=TUESDAY)
        sentence = "You moved Local Finance: 09:30, Kasbah → 10:00, Malabata"
        assert f'title="{sentence}"' in page.text
        assert sentence in nadia.page.text
        lena.get(BOARD, query_string=TUESDAY)
        assert "Programmer moved Local Finance: 09:30, Kasbah → 10:00, Malabata" in lena.page.text
        answer = post(lena, "undo", LIVE)
        assert (answer.status_code, said(answer)) == (422, "There is no step of yours to undo.")

    def test_parts_go_along_and_it_is_said(self, nadia, tangier):
        bureau = week.session(tangier, "Bureau", starts=time(9), ends=time(14))
        week.session(tangier, "Lunch", starts=time(12), ends=time(13), parent=bureau)
        answer = send(nadia, bureau, "10:00", "15:00")
        assert "1 part went along." in said(answer)

    def test_another_zone_is_said(self, nadia, tangier):
        kazan = editions.add_venue(tangier, Translated(en="Kazan"), at=AT, by=NADIA)
        kazan.zone = "Europe/Moscow"
        hall(tangier, "Kremlin", venue=kazan)
        answer = send(nadia, week.session(tangier), hall="kremlin")
        assert "Europe/Moscow (UTC+3): the hours stay as they are on it." in said(answer)

    def test_saving_the_form_leads_back_to_the_board(self, nadia, tangier):
        week.session(tangier, code="LF", hall=tangier.halls[0])
        answer = nadia.submit("/organise/2020/agenda/sessions/LF?back=board&day=2020-02-25", form_id="edit")
        assert answer.headers["Location"] == f"{BOARD}?day=2020-02-25#session-LF"

    def test_a_filter_stays_through_a_move(self, nadia, tangier):
        finance = week.session(tangier)
        week.session(tangier, "Hidden", code="H", date=None, starts=None, ends=None)
        data = {"session": finance.code, "version": finance.version, "day": "2020-02-25"}
        answer = post(nadia, "move?q=nothing", LIVE, **data)
        assert 'id="session-H"' not in answer.text
        assert "q=nothing" in answer.text

    def test_what_is_taken_off_keeps_its_length_on_the_shelf(self, nadia, tangier):
        finance = week.session(tangier, code="LF", hall=tangier.halls[0], starts=time(9), ends=time(9, 45))
        off = send(nadia, finance, "", "", "", day="")
        assert 'data-minutes="45"' in card(off, "LF")
        assert 'data-start="10:00" data-end="11:15"' in card(send(nadia, finance, "10:00", "11:15"), "LF")
        send(nadia, finance, "", "", "", day="")
        assert 'data-minutes="75"' in card(nadia.get(BOARD, query_string=TUESDAY), "LF")
        post(nadia, "undo", LIVE)
        assert 'data-minutes="75"' in card(post(nadia, "redo", LIVE), "LF")


class TestRefused:
    @pytest.mark.parametrize(
        ("values", "status", "sentence"),
        [
            ({"start": "25:10"}, 422, "“25:10” is not a time of day."),
            ({"start": "1000"}, 422, "“1000” is not a time of day."),
            ({"start": "10:02"}, 422, "10:02 is not on the board: it goes in steps of five minutes."),
            ({"start": "16:00", "end": "15:00"}, 422, "The end, 15:00, lies before the start, 16:00."),
            ({"end": ""}, 422, "Give the end as well: a start needs one."),
            ({"day": "2020-02-31"}, 422, "“2020-02-31” is not a date."),
            ({"day": "tomorrow"}, 422, "“tomorrow” is not a date."),
            ({"day": "2020-03-25"}, 422, "2020-03-25 is not a day of this edition."),
            ({"hall": "alamo"}, 422, "There is no hall “alamo” in this edition."),
            ({"hall": "\x00"}, 200, ""),
            ({"version": ""}, 422, "The board did not say which state of the session you saw. Load it again."),
            ({"version": "9" * 30}, 422, "The board did not say which state of the session you saw. Load it again."),
            ({"version": "99"}, 409, "Nadia Orlova was faster: “Local Finance” is now here"),
            ({"session": "NONE"}, 404, "There is no session “NONE” in this edition."),
            ({"session": "OTHER"}, 404, "There is no session “OTHER” in this edition."),
            ({"shown": "nonsense"}, 200, ""),
        ],
    )
    def test_in_words_and_nothing_is_changed(self, nadia, tangier, db_session, values, status, sentence):
        finance = week.session(tangier, hall=tangier.halls[0])
        other = week.edition("2019")
        hall(other, "Alamo")
        week.session(other, code="OTHER")
        answer = send(nadia, finance, **values)
        assert answer.status_code == status
        assert said(answer).startswith(sentence)
        if status != 200:
            db_session.refresh(finance)
            assert (where(finance), week.count(Step)) == ("25 09:30-11:00 kasbah", 0)
        # And as a plain form, with the page around the sentence.
        plain = send(nadia, finance, headers={}, **values)
        assert plain.status_code == (303 if status == 200 else status)

    def test_who_may_only_look_sees_no_controls_and_moves_nothing(self, as_role, tangier, db_session):
        finance = week.session(tangier, code="LF", hall=tangier.halls[0])
        viewer = as_role("viewer")
        page = viewer.get(BOARD, query_string=TUESDAY)
        assert page.status_code == 200
        assert "data-read-only" in page.text
        assert "data-move-url" not in page.text
        assert not [form for form in viewer.page.forms if "/board/" in form.action]
        assert "slot-off" not in page.text
        assert "sessions/LF" not in page.text
        for path in ("move", "undo", "redo", "hold"):
            assert viewer.post(f"{BOARD}/{path}", data={"session": "LF"}, headers=LIVE).status_code == 403
        assert send(viewer, finance).status_code == 403
        assert viewer.get(f"{BOARD}/state", query_string=TUESDAY).status_code == 200
        assert week.count(Presence) == 0

    def test_a_lost_race_is_told_with_the_truth(self, nadia, lena, tangier):
        finance = week.session(tangier, code="LF", hall=tangier.halls[0])
        version = finance.version
        send(lena, finance, "12:00", "13:00")
        answer = send(nadia, finance, version=version)
        assert answer.status_code == 409
        assert said(answer) == (
            "Administrator was faster: “Local Finance” is now here: 2020-02-25, 12:00–13:00, Malabata. "
            "Nothing was overwritten."
        )
        assert 'data-start="12:00"' in card(answer, "LF")

    def test_while_another_publishes_the_move_is_kept_and_the_revision_is_not_touched(self, nadia, tangier):
        finance = week.session(tangier, hall=tangier.halls[0])
        version = finance.version
        week.publish(tangier)
        assert send(nadia, finance, version=version).status_code == 200


class TestTwoAtOnce:
    def test_a_step_that_somebody_else_bars_does_not_bar_those_before_it(self, nadia, lena, tangier):
        finance, rights = (
            week.session(tangier, title, hall=tangier.halls[0]) for title in ("Local Finance", "Equality and Rights")
        )
        send(nadia, rights, "14:00", "15:30")
        send(nadia, finance)
        send(lena, finance, "16:00", "17:00")
        refused = post(nadia, "undo", LIVE)
        assert refused.status_code == 422
        assert said(refused) == (
            "Administrator has touched “Local Finance” since that step, so it was left as it is. "
            "Undo goes on with the step before it."
        )
        assert post(nadia, "undo", LIVE).status_code == 200
        assert [where(finance), where(rights)] == ["25 16:00-17:00 malabata", "25 09:30-11:00 kasbah"]
        assert said(post(nadia, "undo", LIVE)) == "There is no step of yours to undo."
        assert post(nadia, "redo", LIVE).status_code == 200
        assert where(rights) == "25 14:00-15:30 malabata"

    def test_nothing_new_is_said_in_two_queries(self, nadia, tangier, count_queries, clock):
        week.session(tangier)
        # The line at "now" moves on every five minutes.
        with clock(AT):
            tag = nadia.get(f"{BOARD}/state", query_string=TUESDAY).headers["ETag"]
        with clock(AT + timedelta(seconds=4)), count_queries() as queries:
            answer = nadia.get(f"{BOARD}/state", query_string=TUESDAY, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")
        assert len(queries) <= 2

    def test_a_change_of_anybody_is_seen(self, nadia, lena, tangier, clock):
        finance = week.session(tangier, code="LF", hall=tangier.halls[0])

        def asked(tag=""):
            return nadia.get(f"{BOARD}/state", query_string=TUESDAY, headers={"If-None-Match": tag})

        with clock(AT):
            tag = asked().headers["ETag"]
            send(lena, finance)
            answer = asked(tag)
            assert answer.status_code == 200
            assert 'data-start="10:00"' in card(answer, "LF")
            post(lena, "undo", LIVE)
            tag, again = answer.headers["ETag"], asked(answer.headers["ETag"])
            assert again.status_code == 200
            assert 'data-start="09:30"' in card(again, "LF")

    def test_who_is_here_and_what_they_hold(self, nadia, lena, tangier, clock):
        week.session(tangier, code="LF", hall=tangier.halls[0])
        with clock(AT):
            lena.get(BOARD)
            assert post(lena, "hold", session="LF").status_code == 204
            page = nadia.get(BOARD, query_string=TUESDAY)
            assert "Administrator is here too" in nadia.page.text
            assert "Administrator is editing" in nadia.page.text
            assert 'data-held="Administrator"' in card(page, "LF")
            assert "is-held" in card(page, "LF")
            assert post(nadia, "hold", session="LF").status_code == 409
            post(lena, "hold", session="")
            assert post(nadia, "hold", session="LF").status_code == 204
        with clock(AT + timedelta(seconds=31)):
            lena.get(BOARD)
            assert "is here too" not in lena.page.text
            assert post(lena, "hold", session="LF").status_code == 204

    def test_being_here_is_written_at_most_every_ten_seconds(self, nadia, tangier, clock, db_session, count_queries):
        for seconds, expected in ((0, 0), (4, 0), (8, 0), (12, 12), (16, 12)):
            with clock(AT + timedelta(seconds=seconds)):
                nadia.get(f"{BOARD}/state", query_string=TUESDAY)
            db_session.expire_all()
            assert db_session.scalar(select(Presence.seen_at)) == AT + timedelta(seconds=expected)


class TestQuick:
    def test_the_number_of_queries_is_that_of_one_session(self, nadia, tangier, db_session, count_queries):
        def asked():
            db_session.commit()
            with count_queries() as queries:
                nadia.get(BOARD, query_string=TUESDAY)
            return len(queries)

        first = week.session(tangier, hall=tangier.halls[0])
        week.session(tangier, "Waiting", date=None, starts=None, ends=None)
        send(nadia, first)
        asked()
        one = asked()
        for number in range(3):
            service.create_session(
                tangier,
                {
                    "title": Translated(en=f"Session {number}"),
                    "date": week.TUESDAY,
                    "starts": time(9),
                    "ends": time(10),
                    "hall": tangier.halls[number % 2],
                },
                at=AT,
                by=NADIA,
            )
            week.session(tangier, f"Waiting {number}", date=None, starts=None, ends=None)
        assert asked() == one
        assert one <= 18

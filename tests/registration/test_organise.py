"""The secretariat's list and what it decides."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook

from retreat.core import sheets
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.registration import proof, service
from retreat.registration.imports import import_registrations
from retreat.registration.models import Status
from retreat.registration.rows import COLUMNS
from tests.registration.making import AT, DELEGATE, answers, category, edition, registrations

# What a page decides is tested on both where it is decided.
pytestmark = pytest.mark.one_database

URL = "/organise/2020/registrations"
PEOPLE = """code,given_name,family_name,native_name,organisation,city,section,category,email,status
A,Ayşe,Yıldırım,,Izmir Metropolitan Municipality,Izmir,Middle East and West Asia,delegate,ayse@example.org,submitted
B,Bakyt,Asanov,Бакыт Асанов,City of Osh,Osh,Eurasia,delegate,bakyt@example.org,approved
C,Carlos,Núñez,,Ciudad de Bogotá,Bogotá,Latin America,press,carlos@example.org,submitted
D,Salma,Haddad,سلمى حدّاد,Municipality of Ramallah,Ramallah,,elected,salma@example.org,waitlisted
"""


def load(of, text=PEOPLE):
    sheet = sheets.read("people.csv", text.encode(), columns=COLUMNS)
    import_registrations(of, sheet, at=AT, by=COMMAND)
    db.session.commit()


@pytest.fixture
def tangier(db_session):
    made = edition()
    load(made)
    return made


@pytest.fixture
def registrar(as_role):
    return as_role("registrar")


def codes(client, query="order=code"):
    """The codes of the list in its order, as the links of the page say."""
    client.get(f"{URL}?{query}")
    return [urlsplit(link).path.rpartition("/")[2] for link in client.page.links if link.startswith(f"{URL}/")]


def proofs(client):
    """What the list says of each badge proof, of those who have one to read."""
    found = re.findall(r'class="proof [^>]*>(.*?)</span>', client.get(f"{URL}?order=code").text)
    return [re.sub("<svg.*?</svg> ", "", text) for text in found]


class TestList:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("order=code", ["A", "B", "C", "D"]),
            ("order=name", ["B", "D", "C", "A"]),
            ("q=yildirim", ["A"]),
            ("q=YILDIRIM+izmir", ["A"]),
            ("q=асанов", ["B"]),
            ("q=حداد", ["D"]),
            ("q=bogota", ["C"]),
            ("q=carlos%40example.org", ["C"]),
            ("q=100%25", []),
            ("q=_", []),
            ("status=submitted&order=code", ["A", "C"]),
            ("section=eurasia", ["B"]),
            ("section=none", ["D"]),
            ("category=press", ["C"]),
            ("status=submitted&category=press&q=nunez", ["C"]),
            ("status=nonsense&order=sideways", ["D", "C", "B", "A"]),
        ],
    )
    def test_it_is_searched_and_filtered(self, registrar, tangier, query, found):
        assert codes(registrar, query) == found

    @pytest.mark.one_database
    def test_tabs_count_each_status_under_the_other_filters(self, registrar, tangier):
        text = " ".join(registrar.get(f"{URL}?category=delegate").text.split())
        assert 'All <span class="count">2</span>' in text
        assert 'Submitted <span class="count">1</span>' in text
        assert 'Waitlisted <span class="count">0</span>' in text

    @pytest.mark.one_database
    def test_fifty_to_a_page(self, registrar, db_session):
        rows = "".join(f"N{n:03d},P{n},p{n}@example.org\n" for n in range(120))
        load(edition(), f"code,given_name,email\n{rows}")
        assert codes(registrar, "order=code&page=1") == [f"N{n:03d}" for n in range(50)]
        assert codes(registrar, "order=code&page=3") == [f"N{n:03d}" for n in range(100, 120)]
        for beyond in ("9", "0", "-1", "x", "9" * 30):
            assert registrar.get(f"{URL}?page={beyond}").status_code == 200

    @pytest.mark.one_database
    def test_it_asks_as_many_questions_of_the_database_for_one_as_for_five_hundred(
        self, registrar, db_session, count_queries
    ):
        made = edition()
        counted = []
        for first, last in ((0, 1), (1, 3), (3, 500)):
            rows = "".join(f"P{n},p{n}@example.org,Eurasia,City {n}\n" for n in range(first, last))
            load(made, f"given_name,email,section,city\n{rows}")
            with count_queries() as queries:
                registrar.get(URL)
            counted.append(len(queries))
        assert counted[0] == counted[1] == counted[2] <= 8, "\n".join(q[:90].replace("\n", " ") for q in queries)

    @pytest.mark.one_database
    def test_empty_states_say_what_to_do_next(self, registrar, db_session):
        made = edition()
        assert "Nobody is registered yet" in registrar.get(URL).text
        load(made)
        assert "Nobody matches" in registrar.get(f"{URL}?q=zzz").text

    def test_files_hold_the_filter(self, registrar, tangier):
        answer = registrar.get(f"{URL}.csv?category=delegate&order=code")
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert [row["code"] for row in rows] == ["A", "B"]
        assert tuple(rows[0]) == COLUMNS
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="registrations-2020.csv"')
        book = load_workbook(io.BytesIO(registrar.get(f"{URL}.xlsx?q=%D0%B0%D1%81%D0%B0%D0%BD%D0%BE%D0%B2").data))
        assert [row[0].value for row in book.active.iter_rows()] == ["code", "B"]


class TestProof:
    def test_the_list_and_the_persons_page_say_how_far_it_is(self, registrar, tangier):
        one = registrations()[0]
        service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)
        assert codes(registrar) == ["A", "B", "C", "D"]
        assert proofs(registrar) == ["approved", "not yet", "not yet"]
        registrar.get(f"{URL}/A")
        assert "Badge approved" in registrar.page.text
        assert "Badge proof approved, Ana Fernández" in registrar.page.text
        registrar.submit(f"{URL}/A/edit", action="/edit", city="Bergama")
        assert "Badge changed since it was approved" in registrar.get(f"{URL}/A").text
        assert codes(registrar) == ["A", "B", "C", "D"]
        assert proofs(registrar) == ["changed after", "not yet", "not yet"]

    @pytest.mark.one_database
    def test_who_waits_has_no_proof(self, registrar, tangier):
        registrar.get(f"{URL}/D")
        assert "adge not approved" not in registrar.page.text


class TestDeciding:
    def test_approving_is_said_written_down_and_mailed(self, registrar, tangier, outbox):
        assert registrar.submit(f"{URL}/A", action="/approve").location == f"{URL}/A"
        page = registrar.get(f"{URL}/A")
        assert "Approved; a mail is on its way." in page.text
        assert [mail.recipient for mail in outbox()] == ["ayse@example.org"]
        assert "Mail to ayse@example.org: A: your place in Tangier is confirmed" in page.text
        one = registrations()[0]
        assert (one.status, one.history[-1].by) == (Status.APPROVED, "Registrar")

    def test_declining_needs_a_reason(self, registrar, tangier, outbox):
        registrar.submit(f"{URL}/A", action="/decline", reason=" ")
        assert "Give a reason" in registrar.get(f"{URL}/A").text
        assert (registrations()[0].status, outbox()) == (Status.SUBMITTED, [])
        registrar.submit(f"{URL}/A", action="/decline", reason="The delegation is complete")
        assert "The delegation is complete" in registrar.get(f"{URL}/A").text
        assert registrations()[0].status is Status.DECLINED

    def test_the_second_of_two_organisers_is_told(self, registrar, as_role, tangier):
        registrar.get(f"{URL}/A")
        form = next(form for form in registrar.page.forms if form.action.endswith("/approve"))
        as_role("administrator").submit(f"{URL}/A", action="/decline", reason="No")
        registrar.post(f"{URL}/A/approve", data=form.values())
        registrar.post(f"{URL}/A/approve", data=form.values())
        assert "The registration is approved; it cannot become approved." in registrar.get(f"{URL}/A").text

    def test_several_are_approved_at_once_and_the_one_without_a_place_is_said(self, registrar, tangier, outbox):
        tangier.capacity = 3
        registrar.submit(f"{URL}?order=code", action="/lists/approve", who=["A", "C", "D"])
        text = registrar.get(URL).text
        assert "2 people approved." in text
        assert "D: Every place of the edition or of the category is taken." in text
        assert [one.status.value for one in registrations()] == ["approved", "approved", "approved", "waitlisted"]
        assert len(outbox()) == 2

    def test_an_unknown_code_is_not_found(self, registrar, tangier):
        assert registrar.get(f"{URL}/Z").status_code == 404


class TestEditing:
    def test_the_secretariat_registers_somebody_while_the_form_is_closed(self, registrar, tangier, outbox):
        tangier.registration_closes = (AT - timedelta(days=1)).date()
        sent = registrar.submit(
            "/organise/2020/register",
            action="/organise/2020/register",
            family_name="Wulandari",
            email="w@example.org",
            category="elected",
            language="fr",
        )
        page = registrar.get(sent.location)
        assert "Wulandari" in page.text
        one = registrations()[-1]
        assert (one.code, one.category.slug, one.language) == ("R20-0001", "elected", "fr")
        assert [(mail.recipient, mail.language) for mail in outbox()] == [("w@example.org", "fr")]

    def test_who_is_registered_already_is_named_and_nothing_is_lost(self, registrar, tangier):
        answer = registrar.submit(
            "/organise/2020/register",
            action="/organise/2020/register",
            given_name="Bakyt",
            family_name="Asanov",
            email="bakyt@example.org",
            position="Mayor",
        )
        assert answer.status_code == 409
        assert "Its reference is B." in answer.text
        assert 'value="Mayor"' in answer.text
        assert len(registrations()) == 4

    def test_answers_are_corrected(self, registrar, tangier):
        assert registrar.submit(f"{URL}/A/edit", action="/edit", position="Mayor", language="es").status_code == 303
        one = registrations()[0]
        assert (one.position, one.language, one.given_name) == ("Mayor", "es", "Ayşe")
        assert "position" in registrar.get(f"{URL}/A").text

    def test_two_organisers_edit_one_and_the_second_is_told(self, registrar, as_role, tangier):
        registrar.get(f"{URL}/A/edit")
        form = next(form for form in registrar.page.forms if form.action.endswith("/edit"))
        as_role("administrator").submit(f"{URL}/A/edit", action="/edit", position="Governor")
        forged = registrar.post(f"{URL}/A/edit", data={**form.values(), "position": "Clerk", "version": "any"})
        assert forged.status_code == 409
        answer = registrar.post(f"{URL}/A/edit", data={**form.values(), "position": "Clerk"})
        assert answer.status_code == 409
        assert "Nothing has been overwritten." in answer.text
        assert 'value="Clerk"' in answer.text
        assert registrations()[0].position == "Governor"

    def test_moving_to_a_full_category_is_refused(self, registrar, tangier):
        category(tangier, "partner").capacity = 0
        answer = registrar.submit(f"{URL}/A/edit", action="/edit", category="partner")
        assert answer.status_code == 409
        assert registrations()[0].category.slug == "delegate"


class TestWhoMay:
    @pytest.mark.one_database
    def test_a_stranger_is_sent_to_sign_in(self, client, tangier):
        for path in (URL, f"{URL}.csv", f"{URL}/A", f"{URL}/A/edit", "/organise/2020/register"):
            assert client.get(path).status_code == 303
        for path in ("/organise/2020/lists/approve", f"{URL}/A/approve", f"{URL}/A/decline", f"{URL}/A/cancel"):
            assert client.post(path).status_code in (303, 400)
        assert [one.status.value for one in registrations()] == ["submitted", "approved", "submitted", "waitlisted"]

    @pytest.mark.one_database
    def test_the_desk_sees_the_list_and_neither_decides_nor_reads_what_is_private(self, as_role, tangier):
        registrations()[0].diet = "No nuts, please"
        desk = as_role("desk")
        assert desk.get(URL).status_code == 200
        page = desk.get(f"{URL}/A")
        assert "No nuts, please" not in page.text
        assert "No nuts, please" in as_role("registrar").get(f"{URL}/A").text
        assert [form.action for form in desk.page.forms if "/registrations/" in form.action] == []
        for path in (f"{URL}.csv", f"{URL}/A/edit", "/organise/2020/register"):
            assert desk.get(path).status_code == 403


@pytest.mark.one_database
def test_a_withdrawn_registration_offers_no_step(registrar, tangier):
    one = service.register(tangier, answers(tangier), at=AT, by=DELEGATE, even_when_closed=True)
    service.withdraw(one, at=AT, by=DELEGATE)
    registrar.get(f"{URL}/{one.code}")
    assert [form.action for form in registrar.page.forms if "/registrations/" in form.action] == []

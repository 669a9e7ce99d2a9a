"""Round the list: its dialogs, saved lists, counts, files, many at once, a file that comes in."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from retreat.core import clock, sheets
from retreat.core.audit import COMMAND, AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job, JobState
from retreat.registration.filters import Filter
from retreat.registration.imports import import_registrations
from retreat.registration.listing import bulk, counts, saved
from retreat.registration.models import SavedList, Status
from retreat.registration.questions.models import Answer, Question, QuestionKind
from retreat.registration.rows import COLUMNS
from tests.registration.making import AT, REGISTRAR, edition, registrations

URL, LISTS = "/organise/2020/registrations", "/organise/2020/lists"
PEOPLE = """code,honorific,given_name,family_name,native_name,position,organisation,city,country,section,category,email,phone,languages,status
A,H.E.,Ayşe,Yıldırım,,Mayor,Izmir Metropolitan Municipality,Izmir,Türkiye,Middle East and West Asia,delegate,a@example.org,+90 1,tr;en,submitted
B,,Bakyt,Asanov,Бакыт Асанов,"=1+1, clerk",City of Osh,Osh,Kyrgyzstan,Eurasia,delegate,b@example.org,,ru;en,approved
C,,Carlos,Núñez,,,Ciudad de Bogotá,Bogotá,Colombia,Latin America,press,c@example.org,,,submitted
D,,Salma,Haddad,سلمى حدّاد,,CITY OF OSH,osh,Kyrgyzstan,,elected,d@example.org,,ar,waitlisted
E,,Elif,Korkmaz,,,,,,,elected,e@example.org,,,declined
"""

pytestmark = pytest.mark.one_database


def load(of, text=PEOPLE):
    import_registrations(of, sheets.read("people.csv", text.encode(), columns=COLUMNS), at=AT, by=COMMAND)
    db.session.commit()


@pytest.fixture
def tangier(db_session):
    made = edition()
    load(made)
    return made


@pytest.fixture
def registrar(as_role):
    return as_role("registrar")


def heads(client, query=""):
    text = client.get(f"{URL}?{query}").text
    return [" ".join(part.split()) for part in _between(text[text.index("<thead>") : text.index("</thead>")])]


def _between(head):
    cells = re.findall(r"<th scope=\"col\".*?</th>", head, re.DOTALL)
    return [re.sub("<.*?>", "", cell) for cell in cells]


class TestColumns:
    def test_the_usual_ones_and_chosen_ones_in_their_order(self, registrar, tangier):
        usual = ["Name", "Position, organisation", "City", "Section", "Category", "Status", "Badge proof"]
        assert heads(registrar) == usual
        assert heads(registrar, "columns=email,name,nonsense,email") == ["E-mail", "Name"]
        assert heads(registrar, "column=code&column=phone") == ["Reference", "Telephone"]
        assert "+90 1" in registrar.page.text
        assert heads(registrar, "columns=nonsense") == usual

    def test_what_is_private_is_for_those_only_who_edit(self, as_role, tangier):
        desk = as_role("desk")
        assert heads(desk, "columns=name,email,phone,diet,arrives") == ["Name"]
        assert "a@example.org" not in desk.page.text
        assert "E-mail" not in desk.get(f"{LISTS}/columns").text
        assert "Visa letter" not in desk.get(f"{LISTS}/filter").text
        registrations()[0].visa_letter = True
        assert "1–5 of 5" in desk.get(f"{URL}?visa=yes").text
        assert "1–1 of 1" in as_role("registrar").get(f"{URL}?visa=yes").text

    def test_an_answer_is_a_column_a_filter_and_private_unless_the_list_has_it(self, registrar, as_role, tangier):
        shoe = Question(
            edition_id=tangier.id,
            slug="shoe",
            kind=QuestionKind.TEXT,
            label=Translated(en="Shoe size"),
            hint=Translated(),
            created_at=AT,
        )
        db.session.add(shoe)
        db.session.flush()
        db.session.add(Answer(registration_id=registrations()[1].id, question_id=shoe.id, text="forty-two"))
        assert heads(registrar, "columns=name,q_shoe") == ["Name", "Shoe size"]
        assert "forty-two" in registrar.page.text
        assert "1–1 of 1" in registrar.get(f"{URL}?q_shoe=forty").text
        assert "Shoe size: forty" in registrar.page.text
        assert "1–4 of 4" in registrar.get(f"{URL}?q_shoe=none").text
        assert "Shoe size" in registrar.get(f"{LISTS}/filter").text
        desk = as_role("desk")
        assert heads(desk, "columns=name,q_shoe") == ["Name"]
        db.session.get_one(Question, shoe.id).is_in_list = True
        assert heads(desk)[-1] == "Shoe size"
        rows = list(csv.reader(io.StringIO(registrar.get(f"{LISTS}/table.csv?order=code").data.decode("utf-8-sig"))))
        assert [row[-1] for row in rows] == ["Shoe size", "", "forty-two", "", "", ""]

    def test_the_head_of_a_column_sorts_both_ways(self, registrar, tangier):
        assert 'aria-sort="ascending"' in registrar.get(f"{URL}?order=city&section=eurasia").text
        assert f"{URL}?section=eurasia&order=-city" in registrar.page.links
        assert 'aria-sort="descending"' in registrar.get(f"{URL}?order=-city").text
        assert f"{URL}?order=city" in registrar.page.links


class TestSpeed:
    def test_one_and_sixty_rows_ask_the_same_whatever_is_shown(self, registrar, db_session, count_queries):
        of = edition(capacity=40)
        shoe = Question(edition_id=of.id, slug="shoe", kind=QuestionKind.TEXT, label=Translated(en="Shoe"))
        shoe.hint, shoe.created_at, shoe.is_in_list = Translated(), AT, True
        db_session.add_all([shoe, SavedList(edition_id=of.id, name="All", created_at=AT, created_by="x")])
        counted = []
        for first, last in ((0, 1), (1, 60)):
            rows = "".join(f"P{n},p{n}@example.org,Eurasia,City {n}\n" for n in range(first, last))
            load(of, f"given_name,email,section,city\n{rows}")
            for one in registrations()[first:]:
                db_session.add(Answer(registration_id=one.id, question_id=shoe.id, text=str(one.id)))
            db_session.commit()
            for query in (
                "",
                "order=name",
                "section=eurasia&q=city",
                "q_shoe=1&city=City 1",
                "columns=name,delegation,photograph,waiting,q_shoe",
            ):
                with count_queries() as queries:
                    assert registrar.get(f"{URL}?{query}").status_code == 200
                counted.append((query, len(queries)))
            with count_queries() as queries:
                registrar.get(f"{LISTS}/counts")
            counted.append(("counts", len(queries)))
        half = len(counted) // 2
        assert counted[:half] == counted[half:]
        assert counted[0] == ("", 8), queries


class TestSaved:
    def test_a_list_is_saved_opened_renamed_replaced_and_deleted(self, registrar, tangier):
        path = f"{LISTS}/saved?section=eurasia&order=-city&columns=name,email"
        answer = registrar.submit(path, action="/lists/saved", name="  Eurasia,  by city ")
        assert answer.location == f"{URL}?section=eurasia&order=-city&columns=name,email"
        one = db.session.scalars(select(SavedList)).one()
        assert (one.name, one.arguments, one.columns, one.created_by) == (
            "Eurasia, by city",
            {"section": "eurasia", "order": "-city"},
            ["name", "email"],
            "Registrar",
        )
        registrar.get(URL)
        assert answer.location in registrar.page.links
        assert 'aria-current="page"><bdi>Eurasia, by city' in registrar.get(answer.location).text
        key = one.id
        registrar.submit(path, action=f"/{key}/name", name="Eurasia")
        registrar.submit(f"{LISTS}/saved?city=Osh", action=f"/{key}/replace")
        assert (one.name, one.arguments, one.columns) == ("Eurasia", {"city": "Osh"}, [])
        registrar.submit(f"{LISTS}/saved", action=f"/{key}/remove")
        db.session.expire_all()
        assert db.session.scalars(select(SavedList)).all() == []
        actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "saved_list"))
        assert list(actions) == ["list.saved", "list.renamed", "list.replaced", "list.removed"]

    def test_a_name_is_needed_and_unique_whatever_its_case_and_what_was_typed_is_kept(self, registrar, tangier):
        saved.save(tangier, "Élus", Filter(), at=AT, by=REGISTRAR)
        saved.save(tangier, "Other", Filter(), at=AT, by=REGISTRAR)
        path = f"{LISTS}/saved?city=Osh"
        for name, code, sentence in (
            (" ", 422, "Give the list a name"),
            ("x" * 81, 422, "Give the list a name"),
            ("elus", 409, "There is already a list “Élus”."),
        ):
            answer = registrar.submit(path, action="/lists/saved", name=name)
            assert (answer.status_code, sentence in answer.text) == (code, True)
            assert f'value="{name}"' in answer.text
        other = db.session.scalars(select(SavedList).where(SavedList.name == "Other")).one()
        answer = registrar.submit(path, action=f"/{other.id}/name", name="ELUS")
        assert (answer.status_code, "There is already" in answer.text) == (409, True)
        assert registrar.post(f"{LISTS}/saved/999/remove").status_code in (400, 404)
        assert [one.name for one in saved.saved_lists(tangier)] == ["Élus", "Other"]

    def test_who_may_not_edit_opens_saved_lists_and_changes_none(self, as_role, tangier):
        saved.save(tangier, "Osh", Filter.of({"city": "Osh"}), at=AT, by=REGISTRAR)
        viewer = as_role("viewer")
        viewer.get(f"{LISTS}/saved")
        assert f"{URL}?city=Osh" in viewer.page.links
        assert [form.action for form in viewer.page.forms if "/lists/" in form.action] == []
        assert viewer.post(f"{LISTS}/saved", data={"name": "Mine"}).status_code == 403


def test_counts_are_by_what_was_meant_and_lead_to_those_people(registrar, tangier, app):
    with app.test_request_context():
        found = {table.facet: table for table in counts.counts(tangier, Filter(), "en")}
    assert [(row.label, row.people) for row in found["section"].rows] == [
        ("Eurasia", 1),
        ("Middle East and West Asia", 1),
        ("Latin America", 1),
        ("no Section", 2),
    ]
    assert [(row.value, row.people) for row in found["city"].rows] == [
        ("Osh", 2),
        ("Bogotá", 1),
        ("Izmir", 1),
        ("none", 1),
    ]
    assert (found["language"].rows[0].value, found["language"].rows[0].people) == ("en", 2)
    assert found["language"].is_shared
    for table in found.values():
        for row in table.rows:
            answer = registrar.get(f"{URL}", query_string={table.facet: row.value})
            assert f"–{row.people} of {row.people} " in " ".join(answer.text.split()), (table.facet, row)
    page = registrar.get(f"{LISTS}/counts?country=kyrgyzstan")
    assert "2 people" in page.text
    assert f"{URL}?country=kyrgyzstan&section=eurasia" in registrar.page.links


class TestFiles:
    def test_as_shown_is_the_columns_in_the_readers_language_with_formulas_made_harmless(self, registrar, tangier):
        query = "columns=name,position,category,languages,status&order=code"
        answer = registrar.get(f"{LISTS}/table.csv?{query}&lang=en")
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert rows[:3] == [
            ["Name", "Position", "Category", "Listens in", "Status"],
            ["H.E. Ayşe Yıldırım", "Mayor", "Delegate", "Turkish, English", "submitted"],
            ["Bakyt Asanov", "'=1+1, clerk", "Delegate", "Russian, English", "approved"],
        ]
        assert rows[4][4] == "waitlisted, number 1"
        book = load_workbook(io.BytesIO(registrar.get(f"{LISTS}/table.xlsx?{query}&lang=ru").data))
        cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
        assert cells[1][0] == "H.E. Ayşe Yıldırım"
        assert cells[1][3:] != rows[1][3:]
        assert all(cell.data_type == "s" for row in book.active.iter_rows() for cell in row if cell.value)

    def test_a_private_column_is_in_no_file_of_somebody_else(self, as_role, tangier):
        for role in ("desk", "viewer"):
            assert as_role(role).get(f"{LISTS}/table.csv?columns=email").status_code == 403


class TestMany:
    def test_everybody_of_a_filter_is_asked_about_first_and_no_is_not_taken_back(self, registrar, tangier, outbox):
        page = registrar.submit(f"{URL}?category=elected&category=delegate", action="/lists/approve", everybody="1")
        assert page.status_code == 200
        assert "Approve 2 people?" in page.text
        assert "cannot be undone" in page.text
        assert outbox() == []
        form = next(form for form in registrar.page.forms if form.action.endswith("/lists/approve"))
        answer = registrar.post(f"{LISTS}/approve", data={**form.values(), "sure": "7"})
        assert "The number has changed" in answer.text
        answer = registrar.post(f"{LISTS}/approve", data=form.values())
        assert answer.location == f"{URL}?category=elected&category=delegate"
        assert {one.code: one.status for one in registrations()} == {
            "A": Status.APPROVED,
            "B": Status.APPROVED,
            "C": Status.SUBMITTED,
            "D": Status.APPROVED,
            "E": Status.DECLINED,
        }
        assert len(outbox()) == 2

    def test_links_go_to_the_person_and_to_who_filled_in_the_form(self, registrar, tangier, outbox):
        registrations()[0].filled_by_email = "aide@example.org"
        registrar.get(URL)
        form = next(form for form in registrar.page.forms if form.action.endswith("/lists/approve"))
        registrar.post(f"{LISTS}/links", data={**form.values(), "who": ["A", "E"], "everybody": []})
        assert sorted(mail.recipient for mail in outbox()) == ["a@example.org", "aide@example.org"]
        text = registrar.get(URL).text
        assert "A further link is on its way to 1 person." in text
        assert "1 person was left as they are" in text

    def test_more_than_a_hundred_are_a_job_that_can_begin_again(self, registrar, db_session, run_jobs, outbox):
        of = edition(capacity=119)
        rows = "".join(f"P{n},p{n}@example.org\n" for n in range(121))
        load(of, f"given_name,email\n{rows}")
        registrar.submit(URL, action="/lists/approve", everybody="1")
        form = next(form for form in registrar.page.forms if form.action.endswith("/lists/approve"))
        registrar.post(f"{LISTS}/approve", data=form.values())
        job = db_session.scalars(select(Job).where(Job.kind == bulk.APPROVE)).one()
        assert {one.status for one in registrations()} == {Status.SUBMITTED, Status.WAITLISTED}
        run_jobs()
        db_session.expire_all()
        assert (job.state, job.result["done"], len(job.result["refused"])) == (JobState.DONE, 119, 2)
        assert len(outbox()) == 119
        ids = [one.id for one in registrations()]
        since = clock.now()
        first = bulk.send_links(ids[:3], at=since, by=REGISTRAR, since=since)
        again = bulk.send_links(ids[:5], at=since, by=REGISTRAR, since=since)
        assert (first.done, again.done, again.left) == (3, 2, 3)


class TestImport:
    HEAD = "code,given_name,email,city,status\n"

    def send(self, client, text, name="people.csv"):
        client.get(f"{LISTS}/import")
        form = next(form for form in client.page.forms if form.action.endswith("/lists/import"))
        content = text if isinstance(text, bytes) else text.encode()
        return client.post(
            f"{LISTS}/import",
            data={**form.values(), "file": (io.BytesIO(content), name)},
            content_type="multipart/form-data",
        )

    def confirm(self, client):
        form = next(form for form in client.page.forms if form.action.endswith("/import/confirm"))
        return client.post(f"{LISTS}/import/confirm", data=form.values())

    def test_what_will_happen_is_shown_and_only_then_done(self, registrar, tangier, outbox):
        tangier.capacity = 5
        text = f"{self.HEAD}A,Ayşe,a@example.org,İzmir,approved\nB,Bakyt,b@example.org,Osh,approved\n"
        text += ",Zoë,z@example.org,Delft,\n,Xi,x@example.org,,approved\n,Yu,y@example.org,,approved\n"
        answer = self.send(registrar, text)
        page = " ".join(registrar.page.text.split())
        assert answer.status_code == 200
        assert "New 3 Changed 1 As they were 1" in page
        assert "changed: city, status" in page
        assert "1 row needs a look" in page
        assert "people.csv:6: status: every place is taken" in page
        assert registrations()[0].status is Status.SUBMITTED
        assert len(registrations()) == 5
        assert self.confirm(registrar).location == URL
        assert "Imported: 3 new, 1 changed, 1 as they were. No mail was sent." in registrar.get(URL).text
        after = {one.printed_name: one.status.value for one in registrations()}
        assert (after["Zoë"], after["Xi"], after["Yu"]) == ("submitted", "approved", "waitlisted")
        assert outbox() == []
        assert "is gone" in registrar.get(self.confirm_again(registrar)).text

    def confirm_again(self, client):
        client.get(f"{LISTS}/import")
        form = next(form for form in client.page.forms if form.action.endswith("/lists/import"))
        answer = client.post(f"{LISTS}/import/confirm", data={**form.values(), "kept": "x.csv", "name": "people.csv"})
        return answer.location

    def test_every_error_is_said_with_its_line_and_nothing_is_stored(self, registrar, tangier):
        answer = self.send(registrar, f"{self.HEAD}A,Ayşe,nonsense,,\n,,q@example.org,,asleep\n")
        text = " ".join(registrar.page.text.split())
        assert answer.status_code == 422
        assert "The file has 3 errors; nothing was imported." in text
        assert "2 email “nonsense” is not an e-mail address" in text
        assert registrations()[0].email == "a@example.org"
        assert [form.action for form in registrar.page.forms if "confirm" in form.action] == []

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (b"", "a.csv"),
            (b"\xff\xfe\x00", "a.csv"),
            (b"PK\x03\x04nonsense", "a.xlsx"),
            (b"{", "a.json"),
            (b"x", "a.exe"),
        ],
    )
    def test_what_is_no_table_is_a_sentence(self, registrar, tangier, content, name):
        assert self.send(registrar, content, name).status_code == 422

    def test_a_workbook_comes_in_and_no_file_is_a_sentence(self, registrar, tangier):
        book = sheets.write("xlsx", ("given_name", "email"), [{"given_name": "Zoë", "email": "z@example.org"}])
        self.send(registrar, book, "people.xlsx")
        self.confirm(registrar)
        assert registrations()[-1].given_name == "Zoë"
        assert "Choose a file." in self.send(registrar, b"", "").text


@pytest.mark.parametrize("path", ["filter", "columns", "counts", "saved"])
def test_each_page_round_the_list_keeps_the_filter(registrar, tangier, path):
    answer = registrar.get(f"{LISTS}/{path}?q=osh&section=eurasia&section=none&columns=name,city&order=-city")
    assert answer.status_code == 200
    assert f"{URL}?q=osh&section=eurasia&section=none&order=-city&columns=name,city" in registrar.page.links


def test_the_persons_page_leads_back_to_the_list_it_was_opened_from(registrar, tangier):
    registrar.get(f"{URL}?city=osh&section=none")
    link = next(link for link in registrar.page.links if link.startswith(f"{URL}/D?"))
    page = registrar.get(link).text
    assert "Number 1 in the waiting list" in " ".join(page.split())
    assert f"{URL}?section=none&city=osh" in registrar.page.links
    answer = registrar.submit(link, action="/D/approve")
    registrar.get(answer.location)
    assert f"{URL}?section=none&city=osh" in registrar.page.links
    assert registrar.get(f"{URL}/D?list=%00%ff&list=//evil.example").status_code == 200
    assert not any("evil" in link for link in registrar.page.links)


def test_the_printed_list_is_a_job_for_those_who_may_export(registrar, as_role, tangier, run_jobs):
    answer = registrar.submit(f"{URL}?city=osh&columns=name,email", action="/print/list")
    assert answer.location.startswith("/organise/2020/print#run-")
    run_jobs()
    job = db.session.scalars(select(Job).where(Job.kind == "print.list")).one()
    assert (job.state, job.result["count"]) == (JobState.DONE, 1)
    file = f"/organise/2020/print/runs/{job.id}.pdf"
    assert registrar.get(file).data.startswith(b"%PDF")
    assert as_role("protocol").get(file).status_code == 403
    assert "List of registrations" not in as_role("protocol").get("/organise/2020/print").text
    registrar.get(URL)
    form = next(form for form in registrar.page.forms if form.action.endswith("/print/list"))
    registrar.post("/organise/2020/print/list", data={**form.values(), "city": "atlantis"})
    run_jobs()
    assert "nothing to print" in registrar.get("/organise/2020/print").text


def test_a_code_that_is_none_selects_nobody_and_has_no_page(registrar, tangier):
    registrar.get(URL)
    form = next(form for form in registrar.page.forms if form.action.endswith("/lists/approve"))
    answer = registrar.post(f"{LISTS}/approve", data={**form.values(), "who": ["A\x00", "'", "Z"], "everybody": []})
    assert answer.status_code == 303
    assert "Nobody was selected." in registrar.get(URL).text
    assert registrar.get(f"{URL}/A%00").status_code == 404

"""The print page: what an organiser asks for, and the file that comes of it."""

from datetime import UTC, date, datetime, time

import pytest

from retreat.agenda.models import Kind
from retreat.ceremony.models import Award
from retreat.core import clock as core_clock
from retreat.core import files, jobs
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job
from retreat.printing import pdf, tasks
from retreat.registration.service import approve, register
from tests.agenda import week
from tests.printing import paper
from tests.registration import making

pytestmark = pytest.mark.one_database
AT = datetime(2020, 2, 1, 9, tzinfo=UTC)
PAGE = "/organise/2020/print"


@pytest.fixture
def edition(db_session):
    """Two approved people, one submitted, and a ceremony with a winner under embargo."""
    edition = week.edition()
    for number, name in enumerate(["Diaz", "Sagitov", "Waiting"]):
        given = making.answers(edition, family_name=name, email=f"{number}@example.org")
        if name == "Sagitov":
            given["native_name"], given["native_language"] = "Расих Сагитов", "ru"
        made = register(edition, given, at=AT, by=week.LENA)
        if name != "Waiting":
            approve(made, at=AT, by=week.LENA)
    session = week.session(
        edition, "Award ceremony", date=date(2020, 2, 28), starts=time(11), ends=time(12), kind=Kind.CEREMONY
    )
    db.session.add(
        Award(session_id=session.id, prize=Translated(en="First place"), winner_name=Translated(en="Bishkek"))
    )
    week.publish(edition)
    db.session.commit()
    return edition


def last_run():
    db.session.expire_all()
    return db.session.query(Job).order_by(Job.id.desc()).first()


def test_the_page_shows_who_would_be_printed(edition, as_role):
    client = as_role("protocol")
    assert client.get(PAGE).status_code == 200
    assert "Diaz" in client.page.text
    assert "Расих Сагитов" in client.page.text
    assert "2 people have not approved the proof" in client.page.text
    assert "Nothing printed yet." in client.page.text


def test_the_page_of_an_edition_without_people_says_what_to_do(db_session, as_role):
    week.edition()
    db.session.commit()
    client = as_role("administrator")
    assert client.get(PAGE).status_code == 200
    assert "No registration is approved yet." in client.page.text
    assert "No ceremony yet." in client.page.text


def test_badges_are_printed_by_a_job_and_fetched_from_the_page(edition, as_role, run_jobs):
    client = as_role("registrar")
    answer = client.submit(PAGE, action="/print/badges", sheet="a6")
    run = last_run()
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#run-{run.id}")
    assert (run.kind, run.arguments["sheet"], run.arguments["status"]) == (tasks.BADGES, "a6", "approved")
    client.get(PAGE)
    assert "waiting" in client.page.text
    assert client.get(f"{PAGE}/runs/{run.id}.json").json == {"state": "waiting", "done": 0, "total": 0, "over": False}
    assert client.get(f"{PAGE}/runs/{run.id}.pdf").status_code == 404
    run_jobs()
    assert client.get(f"{PAGE}/runs/{run.id}.json").json == {"state": "done", "done": 2, "total": 2, "over": True}
    file = client.get(f"{PAGE}/runs/{run.id}.pdf")
    assert (file.status_code, file.mimetype, file.headers["Cache-Control"]) == (
        200,
        "application/pdf",
        "private, no-store",
    )
    assert paper.sizes_mm(file.data) == [(105, 148)] * 2
    client.get(PAGE)
    assert "0 are left to print" in client.page.text


def test_a_run_that_is_begun_again_ends_with_the_same_file(edition, as_role, run_jobs):
    as_role("registrar").submit(PAGE, action="/print/badges")
    run_jobs()
    run = last_run()
    first = files.path(run.result["file"]).read_bytes()
    run.state = jobs.JobState.WAITING
    db.session.commit()
    run_jobs()
    assert files.path(last_run().result["file"]).read_bytes() == first


def test_an_empty_run_fails_with_its_sentence(edition, as_role, run_jobs):
    client = as_role("registrar")
    client.submit(PAGE, action="/print/badges", status="waitlisted")
    run_jobs()
    client.get(PAGE)
    assert "No registration has this status, so there is no badge to print." in client.page.text
    assert last_run().attempts == 1


def test_a_run_can_be_stopped_once(edition, as_role, run_jobs):
    client = as_role("registrar")
    client.submit(PAGE, action="/print/badges")
    run = last_run()
    assert client.submit(PAGE, action="/cancel").status_code == 303
    assert last_run().state is jobs.JobState.CANCELLED
    client.get(PAGE)
    assert "stopped" in client.page.text
    run_jobs()
    assert client.get(f"{PAGE}/runs/{run.id}.pdf").status_code == 404


@pytest.mark.parametrize(
    ("form", "values", "kind", "expected"),
    [
        ("/print/ceremony", {"document": "programme", "language": "fr"}, tasks.PROGRAMME, "Award ceremony"),
        ("/print/ceremony", {"document": "diplomas"}, tasks.DIPLOMAS, "Bishkek"),
        ("/print/agenda", {"day": "2020-02-28"}, tasks.AGENDA, "Award ceremony"),
        ("/print/agenda", {}, tasks.AGENDA, "Award ceremony"),
    ],
)
def test_documents_are_printed_by_a_job(edition, as_role, run_jobs, form, values, kind, expected):
    client = as_role("protocol")
    assert client.submit(PAGE, action=form, **values).status_code == 303
    run_jobs()
    run = last_run()
    assert (run.kind, run.state) == (kind, jobs.JobState.DONE)
    assert expected in paper.text(client.get(f"{PAGE}/runs/{run.id}.pdf").data).splitlines()


def test_a_registrar_sees_no_document_that_may_name_a_winner(edition, as_role, run_jobs):
    as_role("protocol").submit(PAGE, action="/print/ceremony", document="diplomas")
    run_jobs()
    run = last_run()
    registrar = as_role("registrar")
    assert registrar.get(f"{PAGE}/runs/{run.id}.pdf").status_code == 403
    assert registrar.get(f"{PAGE}/runs/{run.id}.json").status_code == 403
    registrar.get(PAGE)
    assert "Diplomas" not in registrar.page.text
    assert [form.action for form in registrar.page.forms if "/print/" in form.action] == [f"{PAGE}/badges"]


@pytest.mark.parametrize(
    ("role", "page", "badge"),
    [
        ("administrator", 200, 200),
        ("protocol", 200, 200),
        ("registrar", 200, 200),
        ("desk", 403, 200),
        ("programmer", 403, 403),
        ("viewer", 403, 403),
    ],
)
def test_each_role_prints_its_own(edition, as_role, role, page, badge):
    client = as_role(role)
    code = making.registrations()[0].code
    assert client.get(PAGE).status_code == page
    assert client.get(f"{PAGE}/badge/{code}.pdf").status_code == badge


def test_a_stranger_is_sent_to_sign_in(edition, client):
    assert client.get(PAGE).status_code == 303
    assert client.get(f"{PAGE}/badge/R20-0001.pdf").status_code == 303


def test_one_badge_comes_at_once_and_is_not_noted(edition, as_role):
    client = as_role("desk")
    first = making.registrations()[0]
    answer = client.get(f"{PAGE}/badge/{first.code}.pdf")
    assert (answer.mimetype, paper.sizes_mm(answer.data)) == ("application/pdf", [(105, 148)])
    assert paper.codes(answer.data) == {first.badge_token}
    page = as_role("registrar")
    page.get(PAGE)
    assert "2 are left to print" in page.page.text


@pytest.mark.parametrize("path", ["/badge/NOPE.pdf", "/runs/999.pdf", "/runs/999.json"])
def test_what_is_not_there_is_not_found(edition, as_role, path):
    assert as_role("administrator").get(PAGE + path).status_code == 404


def test_a_run_of_another_edition_is_not_found(edition, as_role, run_jobs):
    as_role("registrar").submit(PAGE, action="/print/badges")
    run_jobs()
    run = last_run()
    week.edition("2021")
    db.session.commit()
    assert as_role("registrar").get(f"/organise/2021/print/runs/{run.id}.pdf").status_code == 404


@pytest.mark.parametrize("values", [{"sheet": "a5"}, {"status": "declined"}, {"sides": "three"}])
def test_what_the_form_does_not_offer_is_refused(edition, as_role, values):
    client = as_role("registrar")
    assert client.submit(PAGE, action="/print/badges", **values).status_code == 422
    assert last_run() is None


def test_a_removed_file_is_not_found_and_not_offered(edition, as_role, run_jobs):
    client = as_role("registrar")
    client.submit(PAGE, action="/print/badges")
    run_jobs()
    run = last_run()
    files.remove_older_than(0, core_clock.now().timestamp() + 7200)
    assert client.get(f"{PAGE}/runs/{run.id}.pdf").status_code == 404
    assert f"/runs/{run.id}.pdf" not in client.get(PAGE).text


def test_a_name_without_glyphs_is_told_before_printing(edition, as_role):
    first = making.registrations()[0]
    first.native_name, first.native_language = "ߝߊ߲ߕߊ", "nqo"
    db.session.commit()
    client = as_role("registrar")
    client.get(PAGE)
    assert "4 letters are in none of the print fonts" in client.page.text


def test_without_pango_the_page_lives_and_says_what_to_install(edition, as_role, monkeypatch):
    monkeypatch.setattr(pdf, "_can_load", lambda _library: False)
    client = as_role("registrar")
    assert client.get(PAGE).status_code == 200
    assert "apt install libpangoft2-1.0-0 libharfbuzz-subset0" in client.page.text
    assert client.submit(PAGE, action="/print/badges").status_code == 422


def test_the_colours_of_the_previews_are_the_categories(edition, as_role):
    answer = as_role("registrar").get(f"{PAGE}/categories.css")
    assert answer.mimetype == "text/css"
    assert ".badge-d{--c:#0b4a86}" in answer.text


def test_the_page_asks_as_often_for_three_as_for_one(edition, as_role, count_queries):
    client = as_role("registrar")
    client.get(PAGE)

    def queries():
        with count_queries() as counted:
            client.get(PAGE)
        return len(counted)

    once = queries()
    approve(making.registrations()[2], at=AT, by=week.LENA)
    db.session.commit()
    assert queries() == once

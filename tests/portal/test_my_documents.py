"""Documents on the delegate's own page: made by a job, kept under what they say."""

import pytest
from sqlalchemy import func, select

from retreat.agenda import places
from retreat.agenda import service as agenda
from retreat.agenda.models import Kind
from retreat.agenda.stars.service import star_all
from retreat.core import files
from retreat.core.jobs import Job
from retreat.registration import service
from tests.agenda import week
from tests.printing import paper
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def in_january(clock):
    with clock(AT):
        yield


@pytest.fixture
def tangier(db_session):
    return edition(contact_email="secretariat@example.org")


@pytest.fixture
def one(tangier):
    made = service.register(tangier, answers(tangier), at=AT, by=DELEGATE, language="ru")
    return service.approve(made, at=AT, by=REGISTRAR)


@pytest.fixture
def visit(tangier):
    made = week.session(tangier, "The new harbour", kind=Kind.VISIT)
    week.publish(tangier)
    return made


def test_the_confirmation_is_ordered_waited_for_and_fetched(client, url, one, visit, run_jobs, db_session):
    places.sign_up(visit.id, one, at=AT, by=DELEGATE)
    sent = client.submit(url, action="/confirmation/make")
    assert (sent.status_code, sent.location) == (303, f"{url}/documents/confirmation")
    waiting = client.get(sent.location).text
    assert "Your document is being made." in waiting
    assert '<meta http-equiv="refresh" content="2">' in waiting
    run_jobs()
    ready = client.get(sent.location).text
    assert "Your document is ready." in ready
    assert "refresh" not in ready
    document = client.get(f"{url}/documents/confirmation.pdf")
    assert (document.mimetype, document.headers["Cache-Control"]) == ("application/pdf", "no-store")
    said = paper.text(document.data)
    assert "Ana Fernández" in said
    assert "The new harbour" in said
    client.get(url)
    assert f"{url}/documents/confirmation.pdf" in client.page.links


def test_it_is_made_once_while_it_says_the_same_and_anew_when_it_does_not(
    client, url, one, visit, run_jobs, db_session
):
    def jobs():
        return db_session.scalar(select(func.count()).select_from(Job).where(Job.kind == "print.own"))

    client.submit(url, action="/confirmation/make")
    client.post(f"{url}/documents/confirmation/make", data=client.page.forms[0].values())
    assert jobs() == 1
    run_jobs()
    places.sign_up(visit.id, one, at=AT, by=DELEGATE)
    assert client.get(f"{url}/documents/confirmation.pdf").location == f"{url}#documents"
    client.submit(url, action="/confirmation/make")
    assert jobs() == 2
    run_jobs()
    assert "The new harbour" in paper.text(client.get(f"{url}/documents/confirmation.pdf").data)


def test_after_its_hour_it_is_made_again(client, url, run_jobs, app):
    client.submit(url, action="/confirmation/make")
    run_jobs()
    with app.app_context():
        for file in files.data_folder("files").iterdir():
            file.unlink()
    assert "It is made when you ask for it." in client.get(f"{url}/documents/confirmation").text
    client.submit(f"{url}/documents/confirmation", action="/make")
    run_jobs()
    assert client.get(f"{url}/documents/confirmation.pdf").mimetype == "application/pdf"


def test_the_agenda_is_in_the_language_of_the_page(client, url, visit, run_jobs):
    client.get(f"{url}?lang=fr")
    client.submit(url, action="/agenda/make")
    run_jobs()
    assert "février" in paper.text(client.get(f"{url}/documents/agenda.pdf").data)


def test_a_failure_is_a_sentence_with_an_address(client, url, run_jobs, monkeypatch):
    from retreat.core.errors import RetreatError
    from retreat.printing import own

    def broken(_facts):
        raise RetreatError("No.")

    monkeypatch.setattr(own.confirmations, "print_confirmation", broken)
    client.submit(url, action="/confirmation/make")
    run_jobs()
    page = client.get(f"{url}/documents/confirmation").text
    assert "It could not be made." in page
    assert "mailto:secretariat@example.org" in client.page.links


def test_who_does_not_come_has_no_confirmation(client, url, one):
    service.withdraw(one, at=AT, by=DELEGATE)
    assert "Confirmation of registration" not in client.get(url).text
    assert client.get(f"{url}/documents/confirmation").location == url


def test_ones_own_week_is_printed_with_what_one_has_starred(client, url, one, tangier, visit, run_jobs, db_session):
    for title, values in {
        "Local Finance": {"code": "FIN"},
        "Culture": {"code": "CUL"},
        "Opening": {"code": "OPEN", "kind": Kind.PLENARY},
        "Some day": {"code": "LATER", "date": None, "starts": None, "ends": None},
    }.items():
        week.session(tangier, title, **values)
    week.publish(tangier)
    star_all(one.person_id, [agenda.session_by_code(tangier, code).id for code in ("FIN", "LATER")], at=AT)
    client.submit(url, action="/week/make")
    run_jobs()
    text = paper.text(client.get(f"{url}/documents/week.pdf").data)
    assert "The week of" in text
    for title in ("Local Finance", "Opening", "Some day", "Day to be confirmed"):
        assert title in text
    for title in ("Culture", "The new harbour"):
        assert title not in text
    star_all(one.person_id, [agenda.session_by_code(tangier, "CUL").id], at=AT)
    db_session.commit()
    assert client.get(f"{url}/documents/week.pdf").location == f"{url}#documents"


def test_unknown_documents_and_links_are_not_found(client, url):
    for path in (f"{url}/documents/passport", "/2020/registration/unknown/documents/confirmation.pdf"):
        assert client.get(path).status_code == 404

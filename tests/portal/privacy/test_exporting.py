"""Everything about a person as a file: by the secretariat for every edition, by the person for one registration."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select, update

from retreat.core import stored
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.portal.privacy import exporting
from retreat.registration import service
from retreat.registration.letters.models import Letter
from retreat.registration.links import new_link
from retreat.registration.models import Photograph
from retreat.registration.privacy import COLUMNS
from tests.portal.privacy.test_erasing import MARKER
from tests.portal.privacy.test_erasing import everything as everything_of
from tests.registration.making import AT, DELEGATE, answers, edition


def everything(of):
    """Its letter says nothing that can be printed."""
    one = everything_of(of)
    db.session.execute(update(Letter).values(sealed=""))
    return one


def opened(content: bytes) -> tuple[dict, dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("data.json")), files


def test_everything_in_the_table_is_in_the_file(db_session):
    one = everything(edition())

    data, files = opened(exporting.of_person(one.person, at=AT))

    wanted = {table for (table, _name), column in COLUMNS.items() if column.is_exported}
    assert set(data["tables"]) == wanted
    (registration,) = data["tables"]["registration"]
    assert registration["family_name"] == "Quuxfield"
    assert (registration["edition"], registration["category"]["en"], registration["gender"]) == (
        "2020",
        "Delegate",
        "woman",
    )
    assert registration["organisation"] == MARKER
    assert data["tables"]["passport"][0]["sealed"] == {"number": MARKER}
    assert {name.split("/")[0]: body for name, body in files.items() if body == MARKER.encode()}.keys() == {
        "photograph",
        "answers",
    }


def test_what_is_somebody_elses_is_not_in_it(db_session):
    of = edition()
    one = everything(of)
    service.register(of, answers(of, family_name="Stranger", email="zq@example.org"), at=AT, by=DELEGATE)

    content = exporting.of_person(one.person, at=AT)

    assert b"Stranger" not in content
    data, _files = opened(content)
    assert "Stranger" not in json.dumps(data)
    assert {"values", "proposed_by"} & set(data["tables"]["substitution"][0]) == set()
    assert {row["recipient"] for row in data["tables"]["outbox_mail"]} == {"zq@example.org"}


def test_a_name_of_a_file_leads_nowhere_else(db_session):
    one = everything(edition())
    one.answers[0].file.file_name = "../../etc/passwd"
    db_session.flush()

    _data, files = opened(exporting.of_person(one.person, at=AT))

    assert not [name for name in files if ".." in name or name.startswith("/")]


@pytest.mark.one_database
class TestPages:
    def test_a_registrar_prepares_the_file_and_it_waits_for_an_hour(self, as_role, db_session, run_jobs, app):
        one = everything(edition())
        person, page = one.person_id, f"/organise/2020/people/{one.person_id}/data"
        registrar = as_role("registrar")

        registrar.submit(page, action="/data")
        run_jobs()
        registrar.get(page)
        (link,) = [link for link in registrar.page.links if link.endswith(".zip")]
        answer = registrar.get(link)

        data, _files = opened(answer.data)
        assert data["tables"]["registration"][0]["given_name"] == "Zebedea"
        assert answer.headers["Cache-Control"] == "private, no-store"
        step = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "person.exported")).one()
        assert (step.subject_id, step.details) == (person, {})
        kept = next((app.config["DATA"] / "files").iterdir())
        assert b"PK" not in kept.read_bytes()[:2]
        kept.unlink()
        assert registrar.get(link).status_code == 404

    def test_the_file_of_one_is_not_found_under_another(self, as_role, db_session, run_jobs):
        of = edition()
        one = everything(of)
        other = service.register(of, answers(of), at=AT, by=DELEGATE)
        registrar = as_role("registrar")
        registrar.submit(f"/organise/2020/people/{one.person_id}/data", action="/data")
        run_jobs()
        registrar.get(f"/organise/2020/people/{one.person_id}/data")
        (link,) = [link for link in registrar.page.links if link.endswith(".zip")]

        assert registrar.get(link.replace(f"/{one.person_id}/", f"/{other.person_id}/")).status_code == 404

    def test_the_person_takes_the_data_of_this_registration_and_of_no_other_edition(self, client, db_session):
        of, other = edition(), edition("2021")
        one = service.register(of, answers(of, diet="no nuts"), at=AT, by=DELEGATE)
        elsewhere = service.register(other, answers(other, diet="no fish"), at=AT, by=DELEGATE)
        elsewhere.person = one.person
        one.photograph = Photograph(
            created_at=AT, **stored.values_of(b"picture", name="p.jpg", media_type="image/jpeg")
        )
        own = f"/2020/registration/{new_link(one, at=AT)}"

        answer = client.submit(own, action="/data.zip")

        data, files = opened(answer.data)
        assert [row["diet"] for row in data["tables"]["registration"]] == ["no nuts"]
        assert "person" not in data["tables"]
        assert files == {"photograph/R20-0001.jpeg": b"picture"}
        assert db_session.scalars(select(AuditEntry.action).where(AuditEntry.action == "registration.exported")).one()

    def test_an_erasure_takes_away_the_file_that_waits(self, as_role, db_session, run_jobs, app):
        one = everything(edition())
        administrator = as_role("administrator")
        administrator.submit(f"/organise/2020/people/{one.person_id}/data", action="/data")
        run_jobs()

        administrator.submit(f"/organise/2020/people/{one.person_id}/erase", action="/erase", code="R20-0001")

        assert list((app.config["DATA"] / "files").iterdir()) == []

    def test_an_administrator_is_asked_for_the_reference_and_told_what_goes_and_what_stays(self, as_role, db_session):
        one = everything(edition())
        page = f"/organise/2020/people/{one.person_id}/erase"
        administrator = as_role("administrator")

        answer = administrator.submit(page, action="/erase", code="R20-0002")
        assert answer.status_code == 422
        assert "This is not the reference R20-0001." in administrator.page.text
        for said in ("What goes Names", "Passport data 1", "What stays", "2020: S"):
            assert said in administrator.page.text

        administrator.submit(page, action="/erase", code="R20-0001", is_everywhere="yes")
        administrator.get("/organise/2020/registrations/R20-0001")
        assert "Zebedea" not in administrator.page.text
        assert "Who it was has been erased. What is left is only counted." in administrator.page.text

    def test_the_page_of_a_registration_leads_there(self, as_role, db_session):
        one = everything(edition())
        for role, is_led in (("registrar", True), ("desk", False), ("viewer", False)):
            somebody = as_role(role)
            somebody.get("/organise/2020/registrations/R20-0001")
            assert (f"/organise/2020/people/{one.person_id}/data" in somebody.page.links) is is_led

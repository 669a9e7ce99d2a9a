"""What a form is given, whatever a script sends."""

import io
import json

import pytest

from retreat.core import files
from retreat.core.db import db
from retreat.registration import service
from tests.registration.making import AT, DELEGATE, FORM, answers, edition, registrations

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("name", ["given_name", "email", "arrival", "arrival_time", "submission_key", "consent_number"])
def test_a_file_where_text_belongs_counts_as_nothing_said(client, db_session, name):
    edition()
    client.get("/2020/register")
    (form,) = [form for form in client.page.forms if form.method == "post"]
    sent = client.post("/2020/register", data={**form.values(), **FORM, name: (io.BytesIO(b"x"), "x.txt")})
    assert sent.status_code == (422 if name == "email" else 303)
    assert len(registrations()) == (sent.status_code == 303)


@pytest.mark.parametrize("said", [["email"], {"email": 5}, "email", None])
def test_json_is_no_form(client, db_session, said):
    edition()
    sent = client.post("/2020/registration/lost", data=json.dumps(said), content_type="application/json")
    assert sent.status_code in (400, 422)
    assert client.post("/sign-in", data=json.dumps(said), content_type="application/json").status_code in (400, 422)


@pytest.mark.parametrize("version", ["9" * 5000, "²", "-1", "1.5", "x"])
def test_a_version_that_is_none_is_refused_as_another_one(as_role, db_session, version):
    service.register(tangier := edition(), answers(tangier), at=AT, by=DELEGATE)
    db.session.commit()
    (one,) = registrations()
    address = f"/organise/2020/registrations/{one.code}/edit"
    assert as_role("registrar").submit(address, form_id="answers", version=version, city="Osh").status_code == 409
    db.session.refresh(one)
    assert one.city != "Osh"


@pytest.mark.parametrize("limit", ["9" * 5000, "²", "-1", "٣", "1.5"])
def test_no_limit_of_a_choice_breaks_the_form_or_its_preview(as_role, db_session, limit):
    edition()
    administrator, address = as_role("administrator"), "/organise/2020/questions/new"
    given = {"label_en": "Dinner", "kind": "choice", "options-0-en": "Fish", "options-0-capacity": limit}
    assert administrator.submit(address, form_id="question-form", **given).status_code == 422
    assert "Write the number of people as digits, or nothing for no limit." in administrator.page.text
    (form,) = [form for form in administrator.page.forms if form.id == "question-form"]
    assert administrator.post(address, data={**form.values(), "do": "look"}).status_code == 200


@pytest.mark.parametrize("kept", ["a" * 5000 + ".csv", "\x00.csv", "../retreat.sqlite", "..", ".csv", "/etc/passwd"])
def test_no_name_of_a_kept_file_leads_anywhere(app, kept):
    with app.app_context():
        assert files.path(kept) is None
        assert files.path(name := files.store(b"x", ".csv"))
        assert files.path(f"../files/{name}") is None

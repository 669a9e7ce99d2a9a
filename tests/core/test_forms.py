"""What a form is given, whatever a script sends."""

import io
import json

import pytest

from tests.registration.making import FORM, edition, registrations

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

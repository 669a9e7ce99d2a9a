"""The door, as a browser meets it."""

import re
from datetime import timedelta

import pytest
from flask import Flask

import config
from retreat.accounts import service
from retreat.accounts.models import Organiser, Role
from retreat.core import clock
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.mail import OutboxMail
from tests.accounts.signing_in import PASSWORD, client_of_role, organiser_of_role

pytestmark = pytest.mark.one_database


@pytest.fixture
def organiser(db_session):
    return db_session.get_one(Organiser, organiser_of_role("administrator"))


def sign_in(client, email="administrator@example.org", password=PASSWORD, following=""):
    return client.submit(f"/sign-in{following}", email=email, password=password)


def test_the_right_password_leads_to_the_organisers_pages(client, organiser):
    answer = sign_in(client)

    assert (answer.status_code, answer.location) == (303, "/organise/")
    assert client.get("/organise/account").status_code == 200


@pytest.mark.parametrize("email", ["administrator@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client, organiser, email):
    answer = sign_in(client, email, "not the password")

    assert answer.status_code == 422
    assert "E-mail and password do not belong together." in client.page.text
    assert f'value="{email}"' in answer.text
    assert "not the password" not in answer.text


def test_an_empty_form_says_what_to_enter(client, organiser):
    sign_in(client, "", "")

    assert "Enter your e-mail address." in client.page.text
    assert "Enter your password." in client.page.text


def test_sign_in_goes_on_to_the_page_that_was_asked_for(client, organiser):
    asked = client.get("/organise/account?tab=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/organise/account?tab%3D1")

    answer = sign_in(client, following=asked.location.removeprefix("/sign-in"))

    assert answer.location == "/organise/account?tab=1"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_sign_in_never_leads_to_another_site(client, organiser, elsewhere):
    from urllib.parse import urlencode

    answer = sign_in(client, following="?" + urlencode({"next": elsewhere}))

    assert (answer.status_code, answer.location) == (303, "/organise/")


def test_signing_out_ends_the_session(client, organiser):
    sign_in(client)

    answer = client.submit("/organise/account", action="/sign-out")

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get("/organise/account").status_code == 303


def test_a_link_signs_nobody_out(client, organiser):
    sign_in(client)

    assert client.get("/sign-out", follow_redirects=True).status_code == 404
    assert client.get("/organise/account").status_code == 200


def test_the_session_cookie_is_out_of_reach_of_scripts(client, organiser):
    cookies = sign_in(client).headers.getlist("Set-Cookie")

    (session,) = [cookie for cookie in cookies if cookie.startswith("retreat=")]
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


def test_in_production_cookies_travel_encrypted_only(tmp_path):
    values = config.Production({"SECRET_KEY": "0123456789abcdef", "RETREAT_DATA": str(tmp_path)}).values()

    assert values["SESSION_COOKIE_SECURE"]
    assert values["SESSION_COOKIE_HTTPONLY"]
    assert values["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_a_forged_form_gets_a_page_with_a_sentence_and_changes_nothing(client, organiser):
    answer = client.post("/sign-in", data={"email": organiser.email, "password": PASSWORD, "csrf_token": "forged"})

    assert answer.status_code == 400
    assert "This form has expired" in client.page.text
    assert client.get("/organise/account").status_code == 303


def test_many_wrong_passwords_for_one_address_are_answered_by_429_in_words(client, organiser):
    answers = [sign_in(client, password=f"wrong {number}").status_code for number in range(10)]
    assert answers == [422] * 10

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert token
    answer = client.post("/sign-in", data={"email": organiser.email, "password": PASSWORD, "csrf_token": token[1]})

    assert answer.status_code == 429
    assert "Too many attempts" in client.page.text
    assert (
        client.post(
            "/sign-in", data={"email": "other@example.org", "password": "x", "csrf_token": token[1]}
        ).status_code
        == 422
    )


def test_signing_in_rightly_is_never_counted(client, organiser):
    for _ in range(15):
        assert sign_in(client).status_code == 303
        client.submit("/organise/account", action="/sign-out")


def test_an_address_that_tries_many_organisers_is_stopped(client, organiser):
    answers = [sign_in(client, f"guess{number}@example.org", "x").status_code for number in range(31)]

    assert answers == [422] * 30 + [429]


def test_another_password_elsewhere_ends_this_session(client, organiser, db_session):
    sign_in(client)
    assert client.get("/organise/account").status_code == 200

    service.set_password(organiser, "another good password", at=clock.now(), by=SYSTEM)

    assert client.get("/organise/account").status_code == 303


def test_deactivation_ends_the_session(as_role, db_session):
    registrar = as_role("registrar")
    assert registrar.get("/organise/account").status_code == 200

    found = db_session.get_one(Organiser, organiser_of_role("registrar"))
    service.set_active(found, False, at=clock.now(), by=SYSTEM)

    assert registrar.get("/organise/account").status_code == 303


def link_in(mail: OutboxMail, app: Flask) -> str:
    from retreat.core import mail as mails

    with app.app_context():
        row = db.session.get_one(OutboxMail, mail.id)
        body = mails.write(row, mint=True).body
        db.session.commit()
    found = re.search(r"http://127.0.0.1:8000(/sign-in/password/\S+)", body)
    assert found, body
    return found[1]


def test_an_invited_organiser_chooses_a_password_and_is_in(app, client, as_role, outbox):
    as_role("administrator").submit(
        "/organise/organisers",
        form_id="invite",
        email="Nadia@Example.org",
        name="Nadia Orlova",
        role="protocol",
        language="ru",
    )
    link = link_in(outbox()[-1], app)

    answer = client.submit(link, password="пароль из четырёх слов")

    assert (answer.status_code, answer.location) == (303, "/organise/")
    assert "Nadia Orlova" in client.get("/organise/account").text
    assert client.get(link).status_code == 410
    client.get(f"{link}?lang=en")
    assert "This link has been used or has expired." in client.page.text


def test_a_link_refuses_a_weak_password_in_words(app, client, organiser, run_jobs, outbox):
    client.submit("/sign-in/lost", email=organiser.email)
    run_jobs()

    answer = client.submit(link_in(outbox()[-1], app), password="short")

    assert answer.status_code == 422
    assert "Choose a password of at least 12 characters." in client.page.text


def test_a_lost_password_is_answered_alike_for_any_address(client, organiser, run_jobs, outbox):
    texts = []
    for email in ("administrator@example.org", "nobody@example.org"):
        answer = client.submit("/sign-in/lost", email=email)
        texts.append((answer.status_code, client.page.text.replace(email, "…")))
    run_jobs()

    assert texts[0] == texts[1]
    assert [mail.recipient for mail in outbox()] == ["administrator@example.org"]


def test_lost_links_are_limited_by_address(client, organiser):
    answers = [client.submit("/sign-in/lost", email="a@example.org").status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]


def test_an_unknown_link_is_gone(client):
    assert client.get("/sign-in/password/nonsense").status_code == 410


def test_where_no_mail_goes_out_an_administrator_sees_a_link_once(app, client, as_role):
    administrator = as_role("administrator")
    administrator.submit("/organise/organisers", form_id="invite", email="new@example.org", role="desk")

    answer = administrator.submit("/organise/organisers", action="/link")

    found = re.search(r'value="http://127.0.0.1:8000(/sign-in/password/[^"]+)"', answer.text)
    assert found
    assert client.submit(found[1], password="a sentence to remember").status_code == 303
    assert "/sign-in/password/" not in administrator.get("/organise/organisers").text


def test_an_administrator_changes_a_role(as_role, db_session):
    number = organiser_of_role("viewer")

    answer = as_role("administrator").submit(
        "/organise/organisers", action=f"/organisers/{number}/role", role="programmer"
    )

    assert answer.status_code == 303
    assert db_session.get_one(Organiser, number).role is Role.PROGRAMMER


def test_the_last_administrator_is_told_why_not(as_role, db_session):
    number = organiser_of_role("administrator")
    administrator = as_role("administrator")

    administrator.submit("/organise/organisers", action=f"/organisers/{number}/deactivate")

    assert "This is the last active administrator" in administrator.get("/organise/organisers").text
    assert db_session.get_one(Organiser, number).is_active


def test_inviting_somebody_twice_is_refused_beside_the_field(as_role):
    administrator = as_role("administrator")

    answer = administrator.submit("/organise/organisers", form_id="invite", email="administrator@example.org")

    assert answer.status_code == 422
    assert "There is already an organiser administrator@example.org." in administrator.page.text


def test_an_organiser_changes_name_and_language(as_role, db_session):
    desk = as_role("desk")

    answer = desk.submit("/organise/account", action="/organise/account", name="Şirin Öz", language="es")

    found = db_session.get_one(Organiser, organiser_of_role("desk"))
    assert answer.status_code == 303
    assert (found.name, found.language) == ("Şirin Öz", "es")


@pytest.mark.parametrize("name", ["", "x" * 121, "a\u202eb", "bell\x07"])
def test_a_name_that_cannot_be_printed_is_refused(as_role, name):
    assert as_role("desk").submit("/organise/account", action="/organise/account", name=name).status_code == 422


def test_changing_the_password_keeps_this_session_and_ends_the_others(app, as_role):
    here, elsewhere = as_role("desk"), as_role("desk")

    answer = here.submit(
        "/organise/account", action="/account/password", present=PASSWORD, password="another good password"
    )

    assert answer.status_code == 303
    assert here.get("/organise/account").status_code == 200
    assert elsewhere.get("/organise/account").status_code == 303


def test_markup_in_a_name_stays_text(as_role):
    desk = as_role("desk")
    desk.submit("/organise/account", action="/organise/account", name="<script>alert(1)</script>")

    assert "<script>alert" not in desk.get("/organise/account").text


def test_an_organisers_language_is_used_from_the_first_page(app, client, db_session):
    service.create_organiser(
        "lea@example.org", role=Role.VIEWER, language="fr", password=PASSWORD, at=clock.now(), by=SYSTEM
    )

    answer = sign_in(client, "lea@example.org")

    assert any(cookie.startswith("retreat_lang=fr") for cookie in answer.headers.getlist("Set-Cookie"))


def test_a_session_made_up_by_hand_is_nobodys(app, client):
    with client.session_transaction() as session:
        session["_user_id"] = "not a number"

    assert client.get("/organise/account").status_code == 303


def test_a_link_expires_two_hours_after_its_mail_was_sent(app, client, organiser, run_jobs, outbox):
    client.submit("/sign-in/lost", email=organiser.email)
    run_jobs()
    link = link_in(outbox()[-1], app)

    with clock.stopped(clock.now() + timedelta(hours=2)):
        assert client.get(link).status_code == 410


def test_a_signed_in_organiser_need_not_sign_in_again(app):
    client = client_of_role(app, "viewer")

    answer = client.get("/sign-in?next=/organise/account")

    assert (answer.status_code, answer.location) == (303, "/organise/account")

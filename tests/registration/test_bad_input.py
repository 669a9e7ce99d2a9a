"""What scripts, broken links, too much text and a dead mail server meet: a sentence, and nothing lost."""

from datetime import timedelta

import pytest

from retreat.core import clock
from retreat.core.mail import MailState
from tests.core.smtp import free_port, post_office
from tests.registration.making import FORM, edition, registrations

pytestmark = pytest.mark.one_database

TOKENS = ("nobodys-token", "%00", "%F0%9F%90%8D", "..%2F..%2Fetc%2Fpasswd", "x" * 5000, "%27%20OR%201%3D1--")


def test_no_address_with_a_secret_breaks_on_a_secret_that_is_none(app, client, db_session):
    edition()
    asked = set()
    for rule in app.url_map.iter_rules():
        # An organiser's page asks who one is first, whatever the rest of the address says.
        if rule.rule.startswith("/organise/") or "token" not in rule.arguments or "GET" not in (rule.methods or ()):
            continue
        for token in TOKENS:
            path = rule.rule.replace("<edition_slug>", "2020")
            for name in rule.arguments:
                for shape in (f"<{name}>", f"<int:{name}>"):
                    path = path.replace(shape, token if name == "token" else "1")
            if "<" in path:
                continue
            answer = client.get(path)
            assert answer.status_code in (400, 404, 405, 410), f"{path[:80]} answered {answer.status_code}"
            asked.add(rule.endpoint)

    assert {"my.page", "my.edit", "invitation.page", "calendars.own"} <= asked


def test_a_link_of_another_edition_opens_nothing_here(client, db_session):
    edition()
    edition("2021")
    answer = client.submit("/2021/register", **FORM)
    token = answer.location.rpartition("/")[2]

    assert client.get(f"/2021/registration/{token}").status_code == 200
    assert client.get(f"/2020/registration/{token}").status_code == 404
    assert client.get(f"/2020/registration/{token}/edit").status_code == 404


def test_ten_thousand_lines_are_kept_on_the_page_and_said(client, db_session):
    edition()
    lines = "\n".join(f"line {number}" for number in range(10_000))

    answer = client.submit("/2020/register", **FORM, diet=lines)

    assert answer.status_code == 422
    assert "Shorten this to 1000 characters" in client.page.text
    assert "line 9999" in answer.text
    assert registrations() == []


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({"languages": ["en"] * 10_000}, 303),
        ({f"field{number}": "x" for number in range(10_000)}, 303),
        ({"big": "x" * 1_900_000}, 303),
        ({"big": "x" * 3_000_000}, 413),
        ({"big": "x" * 20_000_000}, 413),
    ],
    ids=["ten thousand boxes", "ten thousand fields", "a field of 2 MB", "a field of 3 MB", "a field of 20 MB"],
)
def test_a_form_of_monstrous_size_is_read_as_far_as_it_makes_sense_or_meets_a_page(client, db_session, extra, status):
    edition()

    client.get("/2020/register")
    held = next(form.values() for form in client.page.forms if form.method == "post")
    answer = client.post("/2020/register", data={**held, **FORM, **extra})

    assert answer.status_code == status
    assert len(registrations()) == (status == 303)
    assert all(len(one.languages) <= 1 for one in registrations())
    if status == 413:
        assert "That is too large" in client.page.text


def test_a_file_of_twenty_megabytes_meets_a_page_in_the_readers_language(client, db_session):
    edition()
    head = b'--x\r\nContent-Disposition: form-data; name="photograph"; filename="photo.jpg"\r\n\r\n'
    body = head + b"x" * 20_000_000 + b"\r\n--x--\r\n"

    answer = client.post("/2020/register", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413
    assert "Make it smaller and send it again." in client.page.text


def test_with_the_mail_server_down_people_register_and_the_mail_goes_out_later(
    app, client, db_session, run_jobs, outbox
):
    edition()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"

    answer = client.submit("/2020/register", **FORM)
    client.get(answer.location)
    assert "The registration has been sent." in client.page.text
    run_jobs()

    (waiting,) = outbox()
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 1)
    assert waiting.last_error
    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        with clock.stopped(clock.now() + timedelta(minutes=2)):
            run_jobs()
        assert [mail["To"] for mail in post.taken] == ["ana@example.org"]
    assert outbox()[0].state is MailState.SENT


def test_a_lost_link_is_mailed_five_times_an_hour_and_the_page_never_tells(client, db_session, outbox):
    edition()
    client.submit("/2020/register", **FORM)
    answers = [client.submit("/2020/registration/lost", email="ana@example.org") for _time in range(7)]
    unknown = client.submit("/2020/registration/lost", email="nobody@example.org")

    assert {(one.status_code, one.location) for one in answers} == {(unknown.status_code, unknown.location)}
    assert [mail.template for mail in outbox()].count("registration/mail/link.txt") == 5


def test_one_who_asks_for_many_lost_links_holds_nobody_else_up(client, db_session, outbox):
    edition()
    for person in range(12):
        client.submit("/2020/register", **{**FORM, "given_name": f"P{person}", "email": f"p{person}@example.org"})
    for person in range(12):
        client.submit("/2020/registration/lost", email=f"p{person}@example.org")

    assert [mail.template for mail in outbox()].count("registration/mail/link.txt") == 12

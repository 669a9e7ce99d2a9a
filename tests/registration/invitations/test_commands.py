"""`flask import invitations`."""

import pytest
from sqlalchemy import select

from retreat.core.db import db
from retreat.registration.invitations.models import Invitation
from tests.registration.making import AT, edition

FILE = "email,given_name\nana@example.org,Ana\n,Nobody\n"


@pytest.fixture
def command(app, tmp_path, clock):
    with app.app_context(), clock(AT):
        edition()
        db.session.remove()

    def run(text, *options):
        file = tmp_path / "people.csv"
        file.write_text(text)
        with clock(AT):
            return app.test_cli_runner().invoke(args=["import", "invitations", "2020", str(file), *options])

    return run


def made(app):
    with app.app_context():
        return [(one.email, one.skips_approval, one.sent_at) for one in db.session.scalars(select(Invitation))]


def test_who_is_left_out_is_said_and_nothing_is_sent_unless_asked(app, command, outbox, run_jobs):
    result = command(FILE, "--approve")
    assert result.exit_code == 0
    assert "Invitations: 1 added, 0 changed, 1 unchanged." in result.output
    assert "Nobody: no e-mail address is known" in result.output
    run_jobs()
    assert (made(app), outbox()) == ([("ana@example.org", True, None)], [])


@pytest.mark.one_database
def test_a_dry_run_stores_nothing_and_an_error_is_said_with_its_line(app, command):
    assert "nothing was stored" in command(FILE, "--dry-run").output
    result = command("email\nnobody\n")
    assert (result.exit_code, "people.csv:2: email:" in result.output) == (1, True)
    assert command(FILE, "--category", "kings").exit_code == 2
    assert made(app) == []


@pytest.mark.one_database
def test_with_send_the_mails_go_out(app, command, outbox, run_jobs, clock):
    assert command(FILE, "--send", "--category", "press").exit_code == 0
    with clock(AT):
        run_jobs()
    assert [mail.recipient for mail in outbox()] == ["ana@example.org"]

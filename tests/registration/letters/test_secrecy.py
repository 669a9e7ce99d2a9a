"""Passport data exist, and are looked for in plain wherever they must not be."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.mail import OutboxMail, write
from retreat.registration.exports import export_registrations
from retreat.registration.letters import service
from retreat.registration.letters.models import Letter, Passport
from retreat.registration.links import new_link
from tests.registration.letters.making import PASSPORT, SECRETS, asks, sign
from tests.registration.making import AT, REGISTRAR, edition, registrations

LATER = AT + timedelta(days=1)


@pytest.fixture
def issued(db_session):
    """A letter that was issued, looked at, issued again and revoked, with a reminder to somebody else."""
    tangier = edition()
    sign(tangier)
    ana = asks(tangier)
    asks(tangier, given_name="Mia", email="mia@example.org", passport=None)
    service.see_passport(ana, at=LATER, by=REGISTRAR)
    service.see_letter(service.issue(ana, at=LATER, by=REGISTRAR), at=LATER, by=REGISTRAR)
    service.revoke(service.issue(ana, at=LATER, by=REGISTRAR), "Lost", at=LATER, by=REGISTRAR)
    service.issue(ana, at=LATER, by=REGISTRAR)
    service.remind(tangier, at=LATER, by=REGISTRAR)
    db.session.commit()
    return tangier


def found_in(text):
    return [secret for secret in SECRETS if secret in text]


def test_the_data_is_there_to_be_found(issued):
    assert service.passport_of(registrations()[0]) == PASSPORT
    assert len(found_in(str(PASSPORT.to_json()))) == 5


def test_no_column_of_any_table_has_it_in_plain(issued):
    tables = sqlalchemy.MetaData()
    tables.reflect(db.engine)
    leaks = []
    with db.engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                leaks += [(table.name, name) for name, value in row.items() if found_in(str(value))]
    assert leaks == []
    assert len(tables.sorted_tables) > 30


def test_no_mail_has_it(issued):
    mails = list(db.session.scalars(select(OutboxMail)))
    assert {mail.template.rpartition("/")[2] for mail in mails} >= {
        "letter_ready.txt",
        "letter_revoked.txt",
        "passport_reminder.txt",
    }
    assert [mail.template for mail in mails if found_in(f"{write(mail)} {mail.values}")] == []


def test_no_file_of_the_list_and_no_search_has_it(issued, as_role):
    for kind in ("csv", "json"):
        assert found_in(export_registrations(registrations(), kind).decode()) == []
    registrar = as_role("registrar")
    for word in ("QUIROGA", "ZX8143Q27", "Cochabamba"):
        assert "Ana" not in registrar.get(f"/organise/2020/registrations?q={word}").text
        assert "Ana" not in registrar.get(f"/organise/2020/letters?q={word}").text


@pytest.mark.one_database
def test_no_page_but_its_own_shows_it(issued, as_role, client):
    administrator = as_role("administrator")
    own = f"/2020/registration/{new_link(registrations()[0], at=AT)}"
    pages = (
        "/organise/2020/letters",
        "/organise/2020/letters/people/R20-0001",
        "/organise/2020/registrations/R20-0001",
        "/organise/2020/registrations",
        "/organise/2020/history",
        "/organise/2020/mail",
        own,
        f"{own}/edit",
        "/verify?number=" + db.session.scalars(select(Letter.number)).first(),
    )
    answers = {path: administrator.get(path) for path in pages}
    assert {path for path, answer in answers.items() if answer.status_code != 200} <= {"/organise/2020/mail"}
    assert [path for path, answer in answers.items() if found_in(answer.text)] == []
    shown = administrator.get("/organise/2020/letters/people/R20-0001/passport").text
    assert "ZX8143Q27" in shown
    assert "ZX8143Q27" in client.get(f"{own}/passport").text


@pytest.mark.one_database
def test_nothing_of_it_is_logged(issued, as_role, client, caplog):
    own = f"/2020/registration/{new_link(registrations()[0], at=AT)}/passport"
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
        try:
            client.submit(own, form_id="passport", number="ZX8143Q27 -")
            client.submit(own, form_id="passport", given_names="ANA")
            as_role("registrar").get("/organise/2020/letters/people/R20-0001/passport")
        finally:
            logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    assert "UPDATE passport" in caplog.text
    assert found_in(caplog.text) == []


@pytest.mark.one_database
def test_the_history_of_a_person_hides_who_looked_from_those_who_issue_no_letters(issued, as_role):
    assert db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "passport.seen")).all()
    assert "assport" not in as_role("viewer").get("/organise/2020/registrations/R20-0001").text
    assert "Passport data looked at, Lena Osei" in as_role("registrar").get(
        "/organise/2020/letters/people/R20-0001"
    ).text.replace("\n", "")


def test_with_another_key_nothing_can_be_opened(issued, app):
    app.config["SECRET_KEY"] = "another secret of this installation"
    with pytest.raises(service.sealed.CannotOpen):
        service.passport_of(registrations()[0])
    assert db.session.scalars(select(Passport.sealed)).one()

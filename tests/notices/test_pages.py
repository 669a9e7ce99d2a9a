"""Who publishes decides whom to write to, sees how many before, and how many were told afterwards."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from retreat.agenda.models import PartRole
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.notices.models import Notice
from tests.agenda import week
from tests.notices.making import MINUTE, MORNING, changed, publish, tomorrow

pytestmark = pytest.mark.one_database
PUBLISH, REVISIONS = "/organise/2020/agenda/publish", "/organise/2020/agenda/revisions"


@pytest.fixture
def here(db_session):
    return tomorrow()


def boxes(client):
    """The two boxes of the page: ticked, not ticked, or not there."""
    (form,) = [form for form in client.page.forms if form.id == "edit"] or [None]
    names = form.names if form else set()
    return tuple(name in form.values() if name in names else None for name in ("is_urgent_told", "is_invited"))


def test_the_page_counts_and_ticks_what_is_urgent_and_leaves_invitations_to_a_decision(here, as_role, clock):
    changed(here.opening, hall=here.other)
    programmer = as_role("programmer")
    with clock(MORNING):
        programmer.get(PUBLISH)
    said = programmer.page.text
    assert "Mail 3 people about what is urgent" in said
    assert "1 session of the next two days has another time, hall or link, or is cancelled." in said
    assert "Send calendar invitations to 1 person" in said
    assert boxes(programmer) == (True, False)


def test_what_is_ticked_is_mailed_and_the_revisions_say_how_many(here, as_role, clock, run_jobs, outbox):
    changed(here.opening, hall=here.other)
    programmer = as_role("programmer")
    with clock(MORNING):
        assert programmer.submit(PUBLISH, form_id="edit", is_invited="y").status_code == 303
        programmer.get(REVISIONS)
        assert "Mails about it are being written." in programmer.page.text
        run_jobs()
        programmer.get(REVISIONS)
    said = programmer.page.text
    assert "Mails: 3 people told of urgent changes · calendar invitations to 1 person" in said
    templates = sorted(mail.template for mail in outbox() if mail.template.startswith("notices/"))
    assert templates == ["notices/mail/invitation.txt"] + ["notices/mail/urgent.txt"] * 3


def test_once_invitations_were_sent_the_box_is_ticked_and_corrections_are_counted(here, as_role, clock, run_jobs):
    changed(here.opening, title=Translated(en="Welcome"))
    publish(here.edition, invitations=True)
    with clock(MORNING):
        run_jobs()
    changed(here.panel, hall=here.other)
    speaks = [Appearance(PartRole.SPEAKER, "Cemal Baş", person=here.chair)]
    week.session(here.edition, "Debate", starts=time(15), ends=time(16), parts=speaks)
    programmer = as_role("programmer")
    with clock(MORNING + MINUTE):
        programmer.get(PUBLISH)
    assert boxes(programmer) == (True, True)
    assert "1 person has a calendar invitation that is no longer right" in programmer.page.text


def test_a_box_that_is_not_ticked_mails_nobody(here, as_role, clock, run_jobs, outbox):
    changed(here.opening, hall=here.other)
    programmer = as_role("programmer")
    with clock(MORNING):
        assert programmer.submit(PUBLISH, form_id="edit", is_urgent_told=None).status_code == 303
        run_jobs()
        programmer.get(REVISIONS)
    assert not any(mail.template.startswith("notices/") for mail in outbox())
    assert "Mails:" not in programmer.page.text


def test_a_form_that_is_shown_again_keeps_what_was_ticked(here, as_role, clock):
    changed(here.opening, hall=here.other)
    programmer = as_role("programmer")
    with clock(MORNING):
        programmer.get(PUBLISH)
        typed = {**programmer._form(PUBLISH, "edit", None).values(), "is_invited": "y"}
        typed.pop("is_urgent_told", None)
        changed(here.opening, hall=here.hall)
        changed(here.panel, hall=here.other)
        db.session.commit()
        assert programmer.post(PUBLISH, data=typed).status_code == 409
    assert boxes(programmer) == (False, True)


def test_nothing_is_offered_where_nobody_would_have_a_mail(here, as_role, clock):
    changed(here.opening, hall=here.other)
    programmer = as_role("programmer")
    with clock(MORNING + timedelta(days=30)):
        programmer.get(PUBLISH)
    assert boxes(programmer) == (None, None)
    assert "Mails" not in programmer.page.text


@pytest.mark.parametrize(
    ("options", "decided"),
    [
        ([], (True, False)),
        (["--no-urgent", "--invitations"], (False, True)),
        (["--quiet"], None),
    ],
)
def test_the_command_decides_by_its_options(here, app, clock, options, decided):
    changed(here.opening, hall=here.other)
    db.session.commit()
    with clock(MORNING):
        done = app.test_cli_runner().invoke(args=["agenda", "publish", "2020", *options])
    assert (done.exit_code, done.output) == (0, "Revision 2 of 2020 is published.\n")
    notice = db.session.scalar(select(Notice))
    assert (notice and (notice.is_urgent_told, notice.is_invited)) == decided

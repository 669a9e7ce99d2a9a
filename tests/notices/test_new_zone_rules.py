"""New rules of time zones move what is in people's calendars: who has it by mail is told, at the next start."""

import icalendar
import pytest

from retreat.agenda.published import programme
from retreat.agenda.zone_rules import service as zone_rules
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.notices.invitations import facts_hash
from retreat.notices.models import CalendarInvitation
from tests.agenda.zone_rules.old_rules import HOUR, as_of_old_rules
from tests.notices.making import MINUTE, MORNING, changed, publish, tomorrow


@pytest.fixture
def here(db_session):
    return tomorrow()


def mailed_under_old_rules(here, run_jobs, clock):
    """The panel's chair has an invitation that is an hour off."""
    changed(here.panel, link="https://join.example/panel")
    publish(here.edition, MORNING, urgent=False, invitations=True)
    with clock(MORNING):
        run_jobs()
    as_of_old_rules(here.panel)
    held = db.session.query(CalendarInvitation).filter_by(uid=here.panel.uid).one()
    held.facts_hash = facts_hash(programme(here.edition).session(here.panel.code))
    db.session.commit()


def renew(here, run_jobs, clock, at):
    zone_rules.renew(here.edition, at=at, by=SYSTEM)
    db.session.commit()
    with clock(at):
        run_jobs()


def test_an_invitation_is_corrected_and_who_comes_soon_is_told(here, run_jobs, clock, outbox):
    mailed_under_old_rules(here, run_jobs, clock)
    before = {mail.id for mail in outbox()}
    first = [mail for mail in outbox() if mail.calendar and "Finance" in mail.calendar]

    renew(here, run_jobs, clock, MORNING + MINUTE)

    new = [mail for mail in outbox() if mail.id not in before]
    assert sorted((mail.recipient, mail.template) for mail in new) == [
        ("cemal@example.org", "notices/mail/invitation.txt"),
        ("cemal@example.org", "notices/mail/urgent.txt"),
    ]
    (correction,) = [mail for mail in new if mail.calendar]
    was, now = (icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0] for mail in (first[0], correction))
    assert now["UID"] == was["UID"]
    assert now["SEQUENCE"] > was["SEQUENCE"]
    assert now.start == programme(here.edition).session(here.panel.code).start_utc


def test_what_is_far_away_only_corrects_invitations(here, run_jobs, clock, outbox):
    mailed_under_old_rules(here, run_jobs, clock)
    before = {mail.id for mail in outbox()}
    renew(here, run_jobs, clock, MORNING - 24 * 30 * HOUR)
    assert [mail.template for mail in outbox() if mail.id not in before] == ["notices/mail/invitation.txt"]

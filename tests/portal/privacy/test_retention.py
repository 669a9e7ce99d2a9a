"""What has been kept long enough is erased by a job, once, and whatever is younger stays."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from retreat.accounts.models import AccountToken, Organiser, Role, TokenPurpose
from retreat.core import clock, jobs, mail
from retreat.core.audit import SYSTEM, AuditEntry
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from retreat.network.models import Body, Person, Seat
from retreat.portal.privacy import retention, tasks
from retreat.registration import service
from retreat.registration.delegations.models import Delegation
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.models import Registration, Status
from tests.portal.privacy.test_erasing import everything, where_it_stands
from tests.registration.making import AT, DELEGATE, answers, edition

CLOSED = datetime(2020, 3, 31, 9, 0, tzinfo=UTC)
DUE = datetime(2022, 3, 31, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2020-03-31", 24, "2022-03-31"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2020-12-31", 2, "2021-02-28"),
        ("2020-03-31", -12, "2019-03-31"),
        ("2020-01-15", -1, "2019-12-15"),
        ("2020-02-29", 12, "2021-02-28"),
    ],
)
def test_months_are_counted_by_the_calendar(day, months, after):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert retention.months_after(at, months).date().isoformat() == after


def closed(**values):
    return edition(closed_at=CLOSED, **values)


def test_the_edition_itself_says_when(db_session):
    of = closed()

    assert [one.slug for one in retention.due_editions(DUE - timedelta(seconds=1))] == []
    assert [one.slug for one in retention.due_editions(DUE)] == ["2020"]
    of.keep_months = 25
    assert retention.due_editions(DUE) == []


def test_an_edition_that_is_not_closed_is_never_due(db_session):
    edition()

    assert retention.due_editions(datetime(2120, 1, 1, tzinfo=UTC)) == []


def forget():
    with clock.stopped(DUE):
        return tasks.carry_out(by=SYSTEM)


def test_people_go_and_numbers_stay(db_session):
    of = closed()
    everything(of)
    db_session.execute(Seat.__table__.delete())
    db_session.commit()

    done = forget()

    assert (done["editions"], done["registrations"]) == (["2020"], 1)
    assert where_it_stands("Quuxfield", "zq@example.org") == {
        "award.recipient_name",
        "part.printed_name",
        "revised_part.printed_name",
    }
    left = db_session.scalars(select(Registration)).one()
    assert (left.printed_name, left.country, left.status, left.person.erased_at) == (
        "—",
        "Uruguay",
        Status.APPROVED,
        DUE,
    )
    assert of.forgotten_at == DUE
    step = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "edition.forgotten")).one()
    assert step.details == {"registrations": 1, "people": 1}
    assert forget()["editions"] == []


def test_it_goes_in_batches_and_goes_on_where_it_was(db_session, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    of = closed()
    for number in range(5):
        given = answers(of, family_name=f"Number {number}", email=f"n{number}@example.org")
        service.register(of, given, at=AT, by=DELEGATE, even_when_closed=True)

    assert [retention.forget_some(of, at=DUE, by=SYSTEM) for _step in range(4)] == [2, 2, 1, 0]
    assert retention.left(of) == 0


def test_whoever_comes_again_or_sits_on_a_body_stays_in_the_address_book(db_session):
    of, next_one = closed(), edition("2021")
    body = Body(slug="bureau", name={"en": "Bureau"})
    db_session.add(body)
    people = {}
    for name in ("Gone", "Again", "Seated"):
        given = answers(of, family_name=name, email=f"{name.lower()}@example.org")
        people[name] = service.register(of, given, at=AT, by=DELEGATE, even_when_closed=True).person
    service.register(
        next_one,
        answers(next_one, family_name="Again", email="again@example.org"),
        at=AT,
        by=DELEGATE,
        person=people["Again"],
    )
    db_session.flush()
    db_session.add(Seat(person_id=people["Seated"].id, body_id=body.id))
    db_session.commit()

    forget()

    assert {name: person.printed_name for name, person in people.items()} == {
        "Gone": "—",
        "Again": "Ana Again",
        "Seated": "Ana Seated",
    }
    kept = db_session.scalars(select(Registration).where(Registration.edition_id == next_one.id)).one()
    assert (kept.printed_name, kept.email) == ("Ana Again", "again@example.org")


def test_who_was_invited_and_never_answered_and_who_coordinated_is_forgotten_too(db_session):
    of = closed()
    one = everything(of)
    db_session.execute(Seat.__table__.delete())
    delegation = db_session.scalars(select(Delegation)).one()
    delegation.coordinator_name, delegation.coordinator_email = "Quuxfield Senior", "senior-quuxfield@example.org"
    db_session.add(
        Invitation(
            edition_id=of.id, source=InvitationSource.HAND, email="never-quuxfield@example.org", name_key="n quuxfield",
            prefill={"family_name": "Quuxfield"}, expires_at=AT, created_at=AT, created_by="x",
        )
    )  # fmt: skip
    db_session.commit()

    forget()

    assert {place.split(".")[0] for place in where_it_stands("quuxfield")} <= {"award", "part", "revised_part"}
    assert one.person.erased_at == DUE


def test_old_mails_jobs_and_links_go_and_what_waits_does_not(db_session):
    for state, months in ((MailState.SENT, 13), (MailState.SENT, 11), (MailState.WAITING, 13)):
        row = mail.queue(
            "accounts/mail/reset.txt", to="a@example.org", language="en",
            values={"name": "", "by": "", "role": "viewer"}, at=retention.months_after(DUE, -months),
            links={"link": ("account reset", 1)},
        )  # fmt: skip
        row.state = state
    for state, days in ((JobState.DONE, 91), (JobState.DONE, 89), (JobState.WAITING, 91)):
        at = DUE - timedelta(days=days)
        db_session.add(Job(kind="x", arguments={}, state=state, created_at=at, finished_at=at, created_by="x"))
    who = Organiser(email="o@example.org", role=Role.VIEWER, created_at=AT)
    for hashed, days in (("a", 91), ("b", 89)):
        who.tokens.append(
            AccountToken(
                purpose=TokenPurpose.RESET, token_hash=hashed, created_at=AT, expires_at=DUE - timedelta(days=days)
            )
        )
    db_session.add(who)
    db_session.commit()

    assert retention.plan(DUE).old == retention.Tidied(1, 1, 1)
    done = forget()

    assert (done["mails"], done["jobs"], done["tokens"]) == (1, 1, 1)
    assert {row.state for row in db_session.scalars(select(OutboxMail))} == {MailState.SENT, MailState.WAITING}
    assert forget()["mails"] == 0


def test_a_worker_does_it_every_day(db_session, run_jobs):
    closed()
    db_session.commit()
    with clock.stopped(DUE):
        assert tasks.FORGET in jobs.enqueue_daily()
        run_jobs()

    done = db_session.scalars(select(Job).where(Job.kind == tasks.FORGET)).one()
    assert (done.state, done.result["editions"]) == (JobState.DONE, ["2020"])


def test_a_dry_run_says_what_would_go_and_touches_nothing(app, db_session):
    of = closed()
    service.register(of, answers(of), at=AT, by=DELEGATE, even_when_closed=True)
    db_session.commit()

    with clock.stopped(DUE):
        said = app.test_cli_runner().invoke(args=["privacy", "run", "--dry-run"])

    assert said.exit_code == 0, said.output
    assert "2020: 1 registrations would be emptied." in said.output
    assert "nothing was erased" in said.output
    db_session.rollback()
    assert db_session.scalars(select(Registration.email)).one() == "ana@example.org"
    assert db_session.scalars(select(Person.erased_at)).one() is None

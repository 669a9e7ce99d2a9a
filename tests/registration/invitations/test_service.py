"""Making and answering invitations, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.mail import OutboxMail, write
from retreat.network.models import Person
from retreat.registration import service as registration_service
from retreat.registration.invitations import service
from retreat.registration.invitations.models import Invitation
from retreat.registration.invitations.states import CannotAnswer, Stage, stage
from retreat.registration.models import Registration, Status
from tests.registration.invitations.making import ANA, invite
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition, registrations


class TestInviting:
    def test_an_invitation_is_kept_noted_and_mailed_with_a_masked_link(self, db_session):
        tangier = edition()
        made = invite(tangier, email=" Ana@Example.org", prefill={**ANA, "diet": "Vegan"}, language="ru")
        assert (made.email, made.prefill, made.sent_at) == ("ana@example.org", ANA, AT)
        (mail,) = db_session.scalars(select(OutboxMail))
        assert (mail.recipient, mail.language, mail.links) == (
            "ana@example.org",
            "ru",
            {"link": ["invitation", made.id]},
        )
        assert "Hon. Ana Fernández" in write(mail).body
        actions = db_session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "invitation"))
        assert sorted(actions) == ["invitation.made", "invitation.sent"]

    def test_it_can_be_kept_back(self, db_session):
        assert invite(edition(), is_sent=False).sent_at is None
        assert db_session.scalars(select(OutboxMail)).all() == []

    def test_it_lasts_until_registration_closes_else_until_the_first_day_is_over(self, db_session):
        tangier = edition(registration_closes=date(2020, 2, 10))
        # Casablanca is an hour ahead of UTC in winter.
        assert service.default_expiry(tangier, AT) == datetime(2020, 2, 10, 23, tzinfo=UTC)
        assert service.default_expiry(tangier, datetime(2020, 2, 12, tzinfo=UTC)) == datetime(
            2020, 2, 24, 23, tzinfo=UTC
        )

    def test_an_edition_that_is_over_and_not_closed_still_waits_two_weeks(self, db_session):
        late = datetime(2021, 1, 1, 12, tzinfo=UTC)
        assert service.default_expiry(edition(), late) == datetime(2021, 1, 15, 23, tzinfo=UTC)

    @pytest.mark.parametrize("day", [date.max, date(2030, 1, 1)])
    def test_no_invitation_waits_for_ever(self, db_session, day):
        tangier = edition()
        with pytest.raises(service.ExpiryTooFar):
            invite(tangier, expires_at=service.end_of_day(tangier, day))
        with pytest.raises(service.ExpiryPast):
            invite(tangier, expires_at=service.end_of_day(tangier, date.min))

    @pytest.mark.parametrize("email", ["", "ana", "ana@", "ana@example"])
    def test_it_needs_an_address(self, db_session, email):
        with pytest.raises(service.NoAddress):
            invite(edition(), email=email)

    def test_nobody_is_invited_twice_while_the_first_can_be_answered(self, db_session):
        tangier = edition()
        first = invite(tangier, expires_at=AT + timedelta(days=1))
        with pytest.raises(service.AlreadyInvited) as refusal:
            invite(tangier, prefill={"given_name": "ANA", "family_name": "Fernandez"})
        assert refusal.value.invitation is first
        assert invite(tangier, prefill={**ANA, "given_name": "Bea"}).email == first.email
        later = AT + timedelta(days=2)
        assert invite(tangier, at=later).id != first.id
        assert first.revoked_at == later

    def test_who_is_registered_here_is_not_invited(self, db_session):
        tangier = edition()
        one = registration_service.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        with pytest.raises(service.AlreadyThere, match=one.code):
            invite(tangier)
        with pytest.raises(service.AlreadyThere):
            invite(tangier, email="other@example.org", person_id=one.person_id)
        registration_service.withdraw(one, at=AT, by=DELEGATE)
        assert invite(tangier).email == "ana@example.org"

    def test_who_was_forgotten_is_not_invited(self, db_session):
        person = Person(given_name="Erased", created_at=AT, erased_at=AT)
        db_session.add(person)
        db_session.flush()
        with pytest.raises(service.PersonErased):
            invite(edition(), person_id=person.id)

    def test_another_editions_category_a_past_day_and_a_closed_edition_are_refused(self, db_session):
        tangier, kazan = edition(), edition("kazan")
        with pytest.raises(registration_service.UnknownCategory):
            invite(tangier, category_id=category(kazan).id)
        with pytest.raises(service.ExpiryPast):
            invite(tangier, expires_at=AT)
        tangier.closed_at = AT
        db_session.flush()
        with pytest.raises(service.EditionClosed):
            invite(tangier)


def register(invitation, *, at=AT, key=None, **values):
    given = answers(invitation.edition, **values)
    return service.register(invitation, given, at=at, by=DELEGATE, submission_key=key)


def templates(db_session):
    rows = db_session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    return [row.template.rpartition("/")[2].removesuffix(".txt") for row in rows]


class TestAnswering:
    def test_whoever_registers_is_the_person_who_was_invited_and_their_row_says_so(self, db_session):
        person = Person(given_name="Ana", family_name="Fernandez", email="old@example.org", created_at=AT)
        db_session.add(person)
        db_session.flush()
        invitation = invite(edition(), person_id=person.id)
        made = register(invitation)
        assert (made.person_id, person.family_name, person.email) == (person.id, "Fernández", "ana@example.org")
        assert (invitation.registration_id, stage(invitation, AT)) == (made.id, Stage.REGISTERED)
        assert db_session.scalars(select(Person)).all() == [person]

    def test_somebody_of_quite_another_name_does_not_become_that_person(self, db_session):
        person = Person(given_name="Ana", family_name="Fernández", created_at=AT)
        db_session.add(person)
        db_session.flush()
        made = register(invite(edition(), person_id=person.id), given_name="Boris", family_name="Johnson")
        assert made.person_id != person.id
        assert person.printed_name == "Ana Fernández"

    def test_it_works_before_registration_opens_and_after_it_has_closed(self, db_session):
        tangier = edition(registration_opens=date(2020, 2, 1), registration_closes=date(2020, 2, 10))
        assert register(invite(tangier)).status is Status.SUBMITTED
        late = datetime(2020, 2, 20, tzinfo=UTC)
        second = invite(tangier, email="bea@example.org", at=late)
        assert register(second, at=late, given_name="Bea", email="bea@example.org").code == "R20-0002"

    def test_a_category_that_was_given_counts_whatever_the_form_says(self, db_session):
        tangier = edition()
        press = category(tangier, "press")
        assert register(invite(tangier, category_id=press.id)).category_id == press.id

    def test_who_skips_approval_is_approved_at_once_by_one_mail(self, db_session):
        tangier = edition(capacity=1)
        made = register(invite(tangier, skips_approval=True))
        assert made.status is Status.APPROVED
        assert [(step.before, step.after) for step in made.history] == [(None, Status.APPROVED)]
        assert templates(db_session) == ["invitation", "approved"]
        late = invite(tangier, email="bea@example.org", prefill={}, skips_approval=True)
        waits = register(late, given_name="Bea", email="bea@example.org")
        assert waits.status is Status.WAITLISTED
        assert templates(db_session)[-1] == "confirmation"

        registration_service.withdraw(made, at=AT + timedelta(hours=1), by=DELEGATE)
        assert waits.status is Status.APPROVED
        assert templates(db_session)[-1] == "approved"

    def test_the_same_form_twice_is_one_registration_and_another_form_is_refused(self, db_session):
        invitation = invite(edition())
        first = register(invitation, key="k1")
        assert register(invitation, key="k1") is first
        with pytest.raises(CannotAnswer) as refusal:
            register(invitation, key="k2", given_name="Bea", email="bea@example.org")
        assert refusal.value.stage is Stage.REGISTERED
        assert registrations() == [first]

    def test_who_registered_by_the_public_form_meanwhile_has_answered(self, db_session):
        tangier = edition()
        invitation = invite(tangier)
        known = registration_service.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        with pytest.raises(registration_service.AlreadyRegistered):
            register(invitation, at=AT + timedelta(hours=1))
        assert invitation.registration_id == known.id

    def test_somebody_elses_registration_is_no_answer(self, db_session):
        tangier = edition()
        registration_service.register(
            tangier, answers(tangier, given_name="Bea", email="bea@example.org"), at=AT, by=DELEGATE
        )
        invitation = invite(tangier)
        with pytest.raises(registration_service.AlreadyRegistered):
            register(invitation, given_name="Bea", email="bea@example.org", at=AT + timedelta(hours=1))
        assert invitation.registration_id is None

    def test_after_its_last_moment_or_once_revoked_nothing_can_be_answered(self, db_session):
        tangier = edition()
        expired = invite(tangier, expires_at=AT + timedelta(days=1))
        with pytest.raises(CannotAnswer):
            register(expired, at=AT + timedelta(days=1))
        revoked = invite(tangier, email="bea@example.org")
        assert service.revoke(revoked, at=AT, by=REGISTRAR)
        assert not service.revoke(revoked, at=AT, by=REGISTRAR)
        for answer in (register, lambda one: service.decline(one, at=AT, by=DELEGATE)):
            with pytest.raises(CannotAnswer):
                answer(revoked)
        assert registrations() == []

    def test_a_no_is_noted_once_and_taken_back_by_registering(self, db_session):
        invitation = invite(edition())
        service.decline(invitation, at=AT, by=DELEGATE)
        service.decline(invitation, at=AT + timedelta(hours=1), by=DELEGATE)
        assert (invitation.declined_at, stage(invitation, AT)) == (AT, Stage.DECLINED)
        register(invitation)
        assert (invitation.declined_at, stage(invitation, AT)) == (None, Stage.REGISTERED)

    def test_a_later_last_moment_opens_an_expired_invitation_again(self, db_session):
        invitation = invite(edition(), expires_at=AT + timedelta(days=1))
        later = AT + timedelta(days=2)
        assert stage(invitation, later) is Stage.EXPIRED
        with pytest.raises(service.ExpiryPast):
            service.extend(invitation, later, at=later, by=REGISTRAR)
        service.extend(invitation, later + timedelta(days=1), at=later, by=REGISTRAR)
        assert register(invitation, at=later).code == "R20-0001"

    def test_twenty_at_once_by_one_link_are_one_registration_and_no_error(self, app):
        with app.app_context():
            number = invite(edition()).id
            db.session.commit()
            db.session.remove()

        def press(index):
            with app.app_context():
                invitation = db.session.get_one(Invitation, number)
                try:
                    code = register(invitation, key=f"k{index % 4}").code
                except CannotAnswer:
                    code = None
                db.session.commit()
                return code

        with ThreadPoolExecutor(20) as pool:
            codes = list(pool.map(press, range(20)))
        assert set(codes) <= {"R20-0001", None}
        assert codes.count("R20-0001") >= 5
        with app.app_context():
            assert db.session.scalars(select(Registration.code)).all() == ["R20-0001"]
            assert db.session.get_one(Invitation, number).registration_id is not None

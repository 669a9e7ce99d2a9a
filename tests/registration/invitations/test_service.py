"""Making invitations, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.core.mail import OutboxMail, write
from retreat.network.models import Person
from retreat.registration import service as registrations
from retreat.registration.invitations import service
from retreat.registration.invitations.models import InvitationSource
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition

ANA = {"honorific": "Hon.", "given_name": "Ana", "family_name": "Fernández", "position": "Mayor"}


def invite(of, *, at=AT, email="ana@example.org", prefill=ANA, **values):
    return service.invite(of, email=email, prefill=prefill, source=InvitationSource.HAND, at=at, by=REGISTRAR, **values)


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
        one = registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        with pytest.raises(service.AlreadyThere, match=one.code):
            invite(tangier)
        with pytest.raises(service.AlreadyThere):
            invite(tangier, email="other@example.org", person_id=one.person_id)
        registrations.withdraw(one, at=AT, by=DELEGATE)
        assert invite(tangier).email == "ana@example.org"

    def test_who_was_forgotten_is_not_invited(self, db_session):
        person = Person(given_name="Erased", created_at=AT, erased_at=AT)
        db_session.add(person)
        db_session.flush()
        with pytest.raises(service.PersonErased):
            invite(edition(), person_id=person.id)

    def test_another_editions_category_a_past_day_and_a_closed_edition_are_refused(self, db_session):
        tangier, kazan = edition(), edition("kazan")
        with pytest.raises(registrations.UnknownCategory):
            invite(tangier, category_id=category(kazan).id)
        with pytest.raises(service.ExpiryPast):
            invite(tangier, expires_at=AT)
        tangier.closed_at = AT
        db_session.flush()
        with pytest.raises(service.EditionClosed):
            invite(tangier)

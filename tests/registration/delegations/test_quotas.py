"""How many a delegation may bring, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core.db import db
from retreat.network.models import OrganisationKind
from retreat.registration import service as registering
from retreat.registration.delegations import quotas, service
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.delegations.quotas import HeadThere, Quota, QuotaReached
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.models import Registration, Status
from tests.registration.delegations.making import add, delegation
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

HEAD, MEMBER, AIDE = DelegationRole.HEAD, DelegationRole.MEMBER, DelegationRole.AIDE
LATER = AT + timedelta(days=1)


@pytest.fixture
def tangier(db_session):
    return edition(contact_email="retreat@example.org")


def counted(one):
    db.session.flush()
    return quotas.quotas_of([one], at=AT)[one.id]


def invite(to, name, role=MEMBER, **values):
    given = {"expires_at": LATER, "email": f"{name.lower()}@example.org", **values}
    made = Invitation(
        edition_id=to.edition_id,
        delegation=to,
        delegation_role=role,
        source=InvitationSource.DELEGATION,
        name_key=name.lower(),
        prefill={},
        created_at=AT,
        created_by="Aigul",
        **given,
    )
    db.session.add(made)
    db.session.flush()
    return made


class TestCounting:
    def test_delegates_and_those_who_help_them_count_apart(self, tangier):
        bishkek = delegation(tangier)
        for name, role in [("Ana", "head"), ("Bea", "member"), ("Cem", "aide")]:
            add(bishkek, name, role)
        assert counted(bishkek) == (Quota(2, 4), Quota(1, 2))

    def test_who_does_not_come_any_more_counts_no_longer(self, tangier):
        bishkek = delegation(tangier)
        ana, bea, cem = (add(bishkek, name) for name in ("Ana", "Bea", "Cem"))
        registering.withdraw(ana, at=AT, by=DELEGATE)
        registering.decline(bea, "Full", at=AT, by=REGISTRAR)
        assert counted(bishkek).delegates == Quota(1, 4)
        registering.cancel(cem, "No visa", at=AT, by=REGISTRAR)
        assert counted(bishkek).delegates == Quota(0, 4)

    def test_who_waits_for_a_place_counts(self, db_session):
        bishkek = delegation(edition(capacity=0))
        assert add(bishkek, "Ana").status is Status.WAITLISTED
        assert counted(bishkek).delegates == Quota(1, 4)

    def test_an_invitation_counts_as_long_as_it_is_open(self, tangier):
        bishkek = delegation(tangier)
        invite(bishkek, "Open")
        invite(bishkek, "Aide", AIDE)
        invite(bishkek, "Expired", expires_at=AT)
        invite(bishkek, "Revoked", revoked_at=AT)
        invite(bishkek, "Declined", declined_at=AT)
        invite(bishkek, "Answered", registration=add(bishkek, "Answered"))
        assert counted(bishkek) == (Quota(2, 4), Quota(1, 2))

    def test_the_kind_of_organisation_says_how_many_unless_the_delegation_does(self, tangier):
        bishkek = delegation(tangier, delegates=None, support=3)
        kazan = delegation(tangier, "City of Kazan", delegates=None, support=None)
        service.set_quotas(tangier, {OrganisationKind.CITY: (5, 1)}, at=AT, by=REGISTRAR)
        assert counted(bishkek) == (Quota(0, 5), Quota(0, 3))
        assert counted(kazan) == (Quota(0, 5), Quota(0, 1))
        service.set_quotas(tangier, {OrganisationKind.CITY: (None, 0)}, at=AT, by=REGISTRAR)
        assert counted(kazan) == (Quota(0, None), Quota(0, 0))

    def test_many_delegations_are_counted_in_three_queries(self, tangier, count_queries):
        several = [delegation(tangier, f"City {number}") for number in range(4)]
        for one in several:
            add(one, f"P{one.id}")
        with count_queries() as queries:
            found = quotas.quotas_of(several, at=AT)
        assert len(queries) == 3
        assert {one.people for one in found.values()} == {1}


class TestRefusing:
    def test_one_too_many_is_told_how_many_and_whom_to_ask(self, tangier):
        bishkek = delegation(tangier, delegates=1, support=0)
        add(bishkek, "Ana")
        with pytest.raises(QuotaReached) as one_too_many:
            add(bishkek, "Bea")
        assert one_too_many.value.message == (
            "This delegation may bring one delegate, open invitations included. "
            "If more should come, write to retreat@example.org."
        )
        with pytest.raises(QuotaReached) as none_at_all:
            add(bishkek, "Cem", "interpreter")
        assert "0 interpreters and aides" in none_at_all.value.message

    def test_without_a_number_nobody_is_refused(self, tangier):
        bishkek = delegation(tangier, delegates=None, support=None)
        for number in range(6):
            add(bishkek, f"P{number}")
        assert counted(bishkek).delegates == Quota(6, None)

    def test_an_invitation_that_is_answered_does_not_count_against_itself(self, tangier):
        bishkek = delegation(tangier, delegates=1)
        invitation = invite(bishkek, "Ana")
        with pytest.raises(QuotaReached):
            add(bishkek, "Bea")
        ana = registering.register(
            tangier,
            answers(tangier),
            at=AT,
            by=DELEGATE,
            delegation=bishkek,
            delegation_role=MEMBER,
            invitation_id=invitation.id,
        )
        assert (ana.delegation, ana.delegation_role) == (bishkek, MEMBER)

    def test_a_delegation_has_one_head(self, tangier):
        bishkek = delegation(tangier)
        ana = add(bishkek, "Ana", "head")
        with pytest.raises(HeadThere) as refusal:
            add(bishkek, "Bea", "head")
        assert refusal.value.message == (
            "Ana is the head of this delegation. Make Ana a member first, or choose another role."
        )
        registering.withdraw(ana, at=AT, by=DELEGATE)
        assert add(bishkek, "Cem", "head").delegation_role is HEAD

    def test_a_decision_that_is_taken_back_is_counted_again(self, tangier):
        bishkek = delegation(tangier, delegates=1)
        ana = registering.cancel(add(bishkek, "Ana"), "No visa", at=AT, by=REGISTRAR)
        add(bishkek, "Bea")
        with pytest.raises(QuotaReached):
            registering.approve(ana, at=AT, by=REGISTRAR)

    def test_a_head_who_was_cancelled_does_not_come_back_beside_another(self, tangier):
        bishkek = delegation(tangier)
        ana = registering.cancel(add(bishkek, "Ana", "head"), "No visa", at=AT, by=REGISTRAR)
        add(bishkek, "Bea", "head")
        with pytest.raises(HeadThere):
            registering.approve(ana, at=AT, by=REGISTRAR)

    def test_moving_within_a_full_delegation_needs_room_on_the_other_side_only(self, tangier):
        bishkek = delegation(tangier, delegates=2, support=1)
        ana, _bea, cem = add(bishkek, "Ana"), add(bishkek, "Bea"), add(bishkek, "Cem", "aide")
        service.place(ana, bishkek, HEAD, at=AT, by=REGISTRAR)
        with pytest.raises(QuotaReached):
            service.place(cem, bishkek, MEMBER, at=AT, by=REGISTRAR)
        with pytest.raises(QuotaReached):
            service.place(ana, bishkek, AIDE, at=AT, by=REGISTRAR)


class TestAtOnce:
    def test_sixty_at_once_for_ten_give_exactly_ten(self, app):
        with app.app_context():
            bishkek = delegation(edition(), delegates=10)
            number = bishkek.id
            db.session.remove()

        def one(index):
            with app.app_context():
                to = db.session.get_one(Delegation, number)
                try:
                    add(to, f"P{index}", "head" if index % 6 == 0 else "member")
                except (QuotaReached, HeadThere) as refusal:
                    db.session.rollback()
                    return type(refusal).__name__
                db.session.commit()
                return "added"

        with ThreadPoolExecutor(24) as pool:
            said = list(pool.map(one, range(60)))
        assert said.count("added") == 10
        assert set(said) <= {"added", "QuotaReached", "HeadThere"}
        with app.app_context():
            roles = [one.delegation_role for one in db.session.scalars(select(Registration))]
            assert len(roles) == 10
            assert roles.count(HEAD) <= 1

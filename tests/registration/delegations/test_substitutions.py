"""Somebody else comes instead, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.mail import OutboxMail, write
from retreat.registration import consent
from retreat.registration import service as registering
from retreat.registration.delegations import service, substitutions
from retreat.registration.delegations.models import DelegationRole, Substitution, SubstitutionState
from retreat.registration.delegations.service import RegisteredElsewhere
from retreat.registration.delegations.substitutions import AlreadyDecided, AlreadyProposed
from retreat.registration.models import Gender, Registration, Status
from retreat.registration.service import AlreadyRegistered, NoPlaceToPassOn, ReasonNeeded
from retreat.registration.window import RegistrationClosed
from tests.registration.delegations.making import COORDINATOR, add, delegation
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition

LATER = AT + timedelta(days=1)


@pytest.fixture
def bishkek(db_session):
    """Two places in Tangier: Ana has one and is approved, Bea has the other, Cem waits."""
    made = delegation(edition(capacity=2, contact_email="retreat@example.org"))
    ana, _bea, _cem = (add(made, name, role) for name, role in [("Ana", "head"), ("Bea", "aide"), ("Cem", "member")])
    registering.approve(ana, at=AT, by=REGISTRAR)
    db.session.commit()
    return made


def named(name):
    return db.session.scalars(select(Registration).where(Registration.given_name == name)).one()


def propose(outgoing, name="Dina", consent_number=None, **values):
    given = {"given_name": name, "family_name": "", "email": f"{name.lower()}@example.org", **values}
    return substitutions.propose(
        outgoing,
        answers(outgoing.edition, **given),
        consent_number=consent_number,
        at=AT,
        by=service.actor(outgoing.delegation),
    )


def mails_after(number):
    rows = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()[number:]
    return [(row.template.rpartition("/")[2], row.recipient, write(row)) for row in rows]


def mails():
    return len(db.session.scalars(select(OutboxMail)).all())


class TestApproving:
    def test_the_place_the_decision_and_the_role_pass_on_and_the_waiting_list_gets_nothing(self, bishkek):
        ana = named("Ana")
        substitution = propose(ana, position="Deputy Mayor", category="partner")
        dina = substitutions.approve(substitution, at=LATER, by=REGISTRAR)
        db.session.commit()
        assert (ana.status, dina.status) == (Status.WITHDRAWN, Status.APPROVED)
        assert (dina.delegation, dina.delegation_role) == (bishkek, DelegationRole.HEAD)
        assert (dina.position, dina.category_id) == ("Deputy Mayor", ana.category_id)
        assert (dina.filled_by_name, dina.filled_by_email) == (COORDINATOR, "")
        assert named("Cem").status is Status.WAITLISTED
        assert (bishkek.edition.taken, category(bishkek.edition).taken) == (2, 2)

    def test_who_comes_instead_has_agreed_to_the_text_of_the_proposal(self, bishkek):
        first = consent.save(bishkek.edition, Translated(en="The first text."), at=AT, by=REGISTRAR)
        substitution = propose(named("Ana"), consent_number=first.number)
        consent.save(bishkek.edition, Translated(en="The second text."), at=AT, by=REGISTRAR)
        dina = substitutions.approve(substitution, at=LATER, by=REGISTRAR)
        assert (dina.consent_text.number, dina.consented_at) == (1, AT)

    def test_who_has_not_been_decided_passes_on_exactly_that(self, bishkek):
        dina = substitutions.approve(propose(named("Bea")), at=LATER, by=REGISTRAR)
        assert (dina.status, dina.delegation_role) == (Status.SUBMITTED, DelegationRole.AIDE)

    def test_it_is_written_down_and_the_answers_are_kept_only_once(self, bishkek):
        ana = named("Ana")
        substitution = propose(ana)
        dina = substitutions.approve(substitution, at=LATER, by=REGISTRAR)
        assert (substitution.state, substitution.successor, substitution.values) == (
            SubstitutionState.APPROVED,
            dina,
            {},
        )
        assert (substitution.decided_by, substitution.decided_at) == ("Lena Osei", LATER)
        last = ana.history[-1]
        assert (last.before, last.after, last.reason, last.by) == (
            Status.APPROVED,
            Status.WITHDRAWN,
            "Dina comes instead",
            "Lena Osei",
        )

    def test_all_three_are_told_and_nobody_twice(self, bishkek):
        substitution = propose(named("Ana"))
        before = mails()
        substitutions.approve(substitution, at=LATER, by=REGISTRAR)
        told = mails_after(before)
        assert [(template, to) for template, to, _ in told] == [
            ("substituted.txt", "ana@example.org"),
            ("successor.txt", "dina@example.org"),
            ("substitution_approved.txt", "protocol@bishkek.example"),
        ]
        assert told[0][2].subject == "R20-0001: Dina comes to Tangier instead of you"
        assert "you come instead of Ana" in told[1][2].body
        assert "Your place is confirmed." in told[1][2].body
        assert "with the reference R20-0004" in told[2][2].body

    def test_every_answer_survives_the_waiting(self, bishkek):
        given = {
            "arrival": date(2020, 2, 23),
            "arrival_time": time(14, 30),
            "gender": Gender.WOMAN,
            "languages": ["ru", "en"],
            "visa_letter": True,
        }
        substitution = propose(named("Ana"), **given)
        db.session.commit()
        db.session.expire_all()
        dina = substitutions.approve(substitution, at=LATER, by=REGISTRAR)
        assert {name: getattr(dina, name) for name in given} == given

    def test_a_full_delegation_stays_full(self, bishkek):
        service.change(
            bishkek,
            coordinator_name="",
            coordinator_email="",
            language="en",
            delegates=2,
            support=1,
            version=None,
            at=AT,
            by=REGISTRAR,
        )
        assert substitutions.approve(propose(named("Ana")), at=LATER, by=REGISTRAR).status is Status.APPROVED

    def test_also_after_registration_has_closed(self, bishkek):
        substitution = propose(named("Ana"))
        bishkek.edition.registration_closes = AT.date()
        late = AT + timedelta(days=3)
        assert substitutions.approve(substitution, at=late, by=REGISTRAR).status is Status.APPROVED
        with pytest.raises(RegistrationClosed):
            substitutions.propose(named("Bea"), answers(bishkek.edition), at=late, by=DELEGATE)


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["en", "fr", "es", "ru"])
def test_every_mail_is_there_in_every_language(bishkek, language):
    bishkek.language = language
    for one in (named("Ana"), named("Bea")):
        one.language = language
    before = mails()
    service.send_link(bishkek, at=AT, by=REGISTRAR)
    service.renew_link(bishkek, at=AT, by=REGISTRAR)
    substitutions.approve(propose(named("Ana")), at=AT, by=REGISTRAR)
    substitutions.refuse(propose(named("Bea"), "Eva"), "Elected members only", at=AT, by=REGISTRAR)
    told = mails_after(before)
    assert [template for template, _to, _written in told] == [
        "delegation_link.txt",
        "delegation_link.txt",
        "substituted.txt",
        "successor.txt",
        "substitution_approved.txt",
        "substitution_refused.txt",
    ]
    assert all(written.subject and "\n\n\n" not in written.body for _template, _to, written in told)


class TestRefusing:
    def test_the_coordinator_reads_the_reason_and_the_answers_are_gone(self, bishkek):
        substitution = propose(named("Ana"))
        before = mails()
        with pytest.raises(ReasonNeeded):
            substitutions.refuse(substitution, " ", at=LATER, by=REGISTRAR)
        substitutions.refuse(substitution, "Only elected members.", at=LATER, by=REGISTRAR)
        ((template, to, written),) = mails_after(before)
        assert (template, to) == ("substitution_refused.txt", "protocol@bishkek.example")
        assert "You proposed that Dina comes" in written.body
        assert "Only elected members." in written.body
        assert (substitution.state, substitution.values) == (SubstitutionState.REFUSED, {})
        assert named("Ana").status is Status.APPROVED

    def test_what_was_taken_back_or_decided_stays_so(self, bishkek):
        substitution = propose(named("Ana"))
        substitutions.take_back(substitution, at=LATER, by=DELEGATE)
        assert substitution.values == {}
        for step in (
            lambda: substitutions.approve(substitution, at=LATER, by=REGISTRAR),
            lambda: substitutions.refuse(substitution, "No", at=LATER, by=REGISTRAR),
            lambda: substitutions.take_back(substitution, at=LATER, by=DELEGATE),
        ):
            with pytest.raises(AlreadyDecided):
                step()
        assert propose(named("Ana"), "Eva").state is SubstitutionState.PROPOSED


class TestProposing:
    def test_one_at_a_time(self, bishkek):
        propose(named("Ana"))
        with pytest.raises(AlreadyProposed):
            propose(named("Ana"), "Eva")

    def test_who_waits_has_no_place_to_pass_on(self, bishkek):
        with pytest.raises(NoPlaceToPassOn):
            propose(named("Cem"))

    def test_who_withdrew_meanwhile_has_none_either_and_then_nothing_changes(self, bishkek):
        substitution = propose(named("Ana"))
        registering.withdraw(named("Ana"), at=AT, by=DELEGATE)
        db.session.commit()
        with pytest.raises(NoPlaceToPassOn):
            substitutions.approve(substitution, at=LATER, by=REGISTRAR)

    def test_somebody_who_is_registered_is_nobodys_substitute(self, bishkek):
        with pytest.raises(RegisteredElsewhere):
            propose(named("Ana"), "Bea")
        substitution = propose(named("Ana"))
        registering.register(
            bishkek.edition,
            answers(bishkek.edition, given_name="Dina", family_name="", email="dina@example.org"),
            at=LATER,
            by=DELEGATE,
        )
        db.session.commit()
        with pytest.raises(AlreadyRegistered):
            substitutions.approve(substitution, at=LATER, by=REGISTRAR)
        db.session.rollback()
        assert (named("Ana").status, bishkek.edition.taken) == (Status.APPROVED, 2)


def test_two_who_approve_at_once_approve_once(app):
    with app.app_context():
        made = delegation(edition(capacity=1))
        number = propose(add(made, "Ana")).id
        db.session.commit()
        db.session.remove()

    def one(_index):
        with app.app_context():
            try:
                substitutions.approve(db.session.get_one(Substitution, number), at=LATER, by=REGISTRAR)
            except AlreadyDecided:
                db.session.rollback()
                return False
            db.session.commit()
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == [False] * 7 + [True]
    with app.app_context():
        assert [one.status for one in db.session.scalars(select(Registration).order_by(Registration.id))] == [
            Status.WITHDRAWN,
            Status.SUBMITTED,
        ]
        assert named("Dina").edition.taken == 1

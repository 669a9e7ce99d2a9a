"""Registering, correcting and deciding, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.mail import OutboxMail, write
from retreat.core.names import search_key
from retreat.network.models import Organisation, Person, Section
from retreat.registration import links, proof, service, states
from retreat.registration.models import Registration, RegistrationToken, Status, StatusChange
from retreat.registration.proof import Proof
from retreat.registration.window import RegistrationClosed
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition, registrations


def register(of, *, at=AT, **values):
    keys = ("submission_key", "language", "filled_by_name", "filled_by_email", "even_when_closed")
    options = {name: values.pop(name) for name in keys if name in values}
    return service.register(of, answers(of, **values), at=at, by=DELEGATE, **options)


def taken(of):
    db.session.flush()
    db.session.expire_all()
    return of.taken, category(of).taken


def mails():
    return [
        (row.template.rpartition("/")[2], row.recipient)
        for row in db.session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    ]


class TestMoving:
    def test_the_address_that_counts_no_more_is_told_without_a_link(self, db_session):
        made = register(tangier := edition())
        service.correct(made, answers(tangier, email="other@example.org"), version=None, at=AT, by=REGISTRAR)
        assert mails()[1:] == [("moved.txt", "ana@example.org")]
        row = db_session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert row.links == {}
        assert "other@example.org" not in write(row).body
        service.correct(made, answers(tangier, email="other@example.org"), version=None, at=AT, by=REGISTRAR)
        assert len(mails()) == 2


class TestRegistering:
    def test_a_registration_takes_a_place_and_has_everything_that_follows(self, db_session):
        tangier = edition(capacity=2)
        made = register(tangier)
        assert (made.code, made.status) == ("R20-0001", Status.SUBMITTED)
        assert taken(tangier) == (1, 1)
        assert made.person.printed_name == "Ana Fernández"
        assert [(step.before, step.after, step.by) for step in made.history] == [
            (None, Status.SUBMITTED, "Ana Fernández")
        ]
        entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.made")).one()
        assert (entry.subject_id, entry.details["code"]) == (made.id, "R20-0001")
        assert mails() == [("confirmation.txt", "ana@example.org")]

    def test_the_next_one_waits_when_the_edition_is_full(self, db_session):
        tangier = edition(capacity=1)
        register(tangier)
        waiting = register(tangier, given_name="Bea", email="bea@example.org")
        assert (waiting.code, waiting.status) == ("R20-0002", Status.WAITLISTED)
        assert taken(tangier) == (1, 1)

    def test_a_full_category_gives_the_place_of_the_edition_back(self, db_session):
        tangier = edition(capacity=10)
        category(tangier, "press").capacity = 0
        waiting = register(tangier, category="press")
        assert waiting.status is Status.WAITLISTED
        assert taken(tangier) == (0, 0)

    def test_the_confirmation_is_in_the_language_of_the_page_and_masks_its_link(self, db_session):
        made = register(edition(), language="ru")
        row = db_session.scalars(select(OutboxMail)).one()
        assert row.language == "ru"
        assert row.subject.startswith("R20-0001: ")
        assert "Ретрит и Кампус ОГМВ" in write(row).body
        assert "/registration/" not in write(row).body
        assert row.links == {"link": ["registration", made.id]}

    def test_an_assistant_hears_of_it_as_well(self, db_session):
        register(edition(), filled_by_name="Irina Petrova", filled_by_email="protocol@example.org")
        assert mails() == [("confirmation.txt", "ana@example.org"), ("confirmation.txt", "protocol@example.org")]

    def test_a_known_member_is_linked_and_lends_its_section(self, db_session):
        tangier = edition()
        latin = db_session.scalars(select(Section).where(Section.slug == "latin-america")).one()
        name = "City of Montevideo"
        db_session.add(Organisation(name=Translated(en=name), name_key=search_key(name), section_id=latin.id))
        made = register(tangier, organisation="city of MONTEVIDEO")
        assert made.organisation == "city of MONTEVIDEO"
        assert made.member.name["en"] == name
        assert made.section_id == latin.id

    def test_it_is_closed_before_the_opening_and_after_the_deadline(self, db_session):
        tangier = edition(registration_opens=(AT + timedelta(days=1)).date())
        with pytest.raises(RegistrationClosed):
            register(tangier)
        tangier.registration_opens, tangier.registration_closes = None, (AT - timedelta(days=1)).date()
        with pytest.raises(RegistrationClosed):
            register(tangier)
        assert registrations() == []
        assert register(tangier, even_when_closed=True).code == "R20-0001"

    def test_another_editions_category_is_refused(self, db_session):
        tangier, kazan = edition(), edition("kazan")
        given = answers(tangier) | {"category_id": category(kazan).id}
        with pytest.raises(service.UnknownCategory):
            service.register(tangier, given, at=AT, by=DELEGATE)


class TestOnce:
    def test_a_double_submit_is_one_registration_and_one_mail(self, db_session):
        tangier = edition()
        first = register(tangier, submission_key="k1")
        assert register(tangier, submission_key="k1") is first
        assert (len(registrations()), len(mails())) == (1, 1)
        assert taken(tangier) == (1, 1)
        assert register(tangier, given_name="Bea", email="bea@example.org").code == "R20-0002"

    def test_the_same_form_sent_again_with_other_answers_corrects(self, db_session):
        tangier = edition()
        register(tangier, submission_key="k1")
        again = register(tangier, submission_key="k1", position="Deputy mayor")
        assert [one.position for one in registrations()] == ["Deputy mayor"]
        assert again.code == "R20-0001"

    def test_back_in_the_browser_the_same_form_registers_somebody_else(self, db_session):
        tangier = edition()
        register(tangier, submission_key="k1")
        other = register(tangier, submission_key="k1", given_name="Bea")
        assert [one.given_name for one in registrations()] == ["Ana", "Bea"]
        assert other.submission_key is None

    def test_the_same_person_with_the_same_answers_a_moment_later_is_the_same(self, db_session):
        tangier = edition()
        first = register(tangier, submission_key="k1")
        again = register(tangier, submission_key="k2", at=AT + timedelta(seconds=30))
        assert again is first
        assert len(mails()) == 1

    def test_a_stranger_who_knows_name_and_address_does_not_get_the_registration(self, db_session):
        tangier = edition()
        first = register(tangier)
        with pytest.raises(service.AlreadyRegistered) as refusal:
            register(tangier, position="Someone else")
        with pytest.raises(service.AlreadyRegistered):
            register(tangier, at=AT + timedelta(hours=1))
        assert refusal.value.registration is first
        assert first.position == "Mayor"
        assert taken(tangier) == (1, 1)

    def test_an_assistant_registers_several_people_under_one_address(self, db_session):
        tangier = edition()
        codes = [register(tangier, given_name=name).code for name in ("Ana", "Bea", "Cem")]
        assert codes == ["R20-0001", "R20-0002", "R20-0003"]

    def test_who_has_withdrawn_may_register_again(self, db_session):
        tangier = edition()
        service.withdraw(register(tangier), at=AT, by=DELEGATE)
        assert register(tangier).status is Status.SUBMITTED
        assert [one.status for one in registrations()] == [Status.WITHDRAWN, Status.SUBMITTED]


class TestAtOnce:
    def in_threads(self, app, number, act):
        def one(index):
            with app.app_context():
                tangier = db.session.scalars(select(service.Edition)).one()
                made = act(tangier, index)
                answer = (made.code, made.status)
                db.session.commit()
                return answer

        with ThreadPoolExecutor(24) as pool:
            return list(pool.map(one, range(number)))

    def test_two_hundred_at_once_for_fifty_places_give_exactly_fifty(self, app):
        with app.app_context():
            edition(capacity=50)
            db.session.remove()
        made = self.in_threads(
            app, 200, lambda of, n: register(of, given_name=f"P{n}", email=f"p{n}@example.org", submission_key=f"k{n}")
        )
        statuses = [status for _code, status in made]
        assert (statuses.count(Status.SUBMITTED), statuses.count(Status.WAITLISTED)) == (50, 150)
        assert sorted(code for code, _status in made) == [f"R20-{n:04d}" for n in range(1, 201)]
        with app.app_context():
            tangier = db.session.scalars(select(service.Edition)).one()
            assert (tangier.taken, category(tangier).taken) == (50, 50)

    def test_the_same_person_twenty_times_at_once_is_one_registration_and_one_mail(self, app):
        with app.app_context():
            edition()
            db.session.remove()
        made = self.in_threads(app, 20, lambda of, n: register(of, submission_key=f"k{n % 2}"))
        assert {code for code, _status in made} == {"R20-0001"}
        with app.app_context():
            assert (len(registrations()), len(mails())) == (1, 1)

    def test_deciding_and_withdrawing_at_once_leaves_the_count_right(self, app):
        with app.app_context():
            tangier = edition(capacity=10)
            for number in range(10):
                register(tangier, given_name=f"P{number}", email=f"p{number}@example.org")
            db.session.commit()

        def decide(of, number):
            one = db.session.scalars(
                select(Registration).where(Registration.code == f"R20-{number // 2 + 1:04d}")
            ).one()
            try:
                if number % 2:
                    return service.withdraw(one, at=AT, by=DELEGATE)
                return service.decline(one, "Full", at=AT, by=REGISTRAR)
            except states.StepRefused:
                return one

        self.in_threads(app, 20, decide)
        with app.app_context():
            tangier = db.session.scalars(select(service.Edition)).one()
            assert (tangier.taken, category(tangier).taken) == (0, 0)
            assert len(db.session.scalars(select(StatusChange).where(StatusChange.before.is_not(None))).all()) == 10


class TestDeciding:
    def test_approving_keeps_the_place_and_tells_the_person(self, db_session):
        tangier = edition(capacity=1)
        one = service.approve(register(tangier), at=AT, by=REGISTRAR)
        assert one.status is Status.APPROVED
        assert taken(tangier) == (1, 1)
        assert mails()[-1] == ("approved.txt", "ana@example.org")

    @pytest.mark.parametrize(
        ("step", "status", "template"),
        [
            (
                lambda one: service.decline(one, " The delegation is complete ", at=AT, by=REGISTRAR),
                Status.DECLINED,
                "declined.txt",
            ),
            (lambda one: service.cancel(one, "No visa", at=AT, by=REGISTRAR), Status.CANCELLED, "cancelled.txt"),
            (lambda one: service.withdraw(one, at=AT, by=DELEGATE), Status.WITHDRAWN, "withdrawn.txt"),
        ],
        ids=["decline", "cancel", "withdraw"],
    )
    def test_saying_no_frees_the_place(self, db_session, step, status, template):
        tangier = edition(capacity=1)
        one = step(register(tangier))
        assert one.status is status
        assert taken(tangier) == (0, 0)
        assert mails()[-1] == (template, "ana@example.org")
        assert one.history[-1].before is Status.SUBMITTED

    def test_a_reason_is_needed_and_is_in_the_mail(self, db_session):
        one = register(edition())
        with pytest.raises(service.ReasonNeeded):
            service.decline(one, "  ", at=AT, by=REGISTRAR)
        service.decline(one, "The delegation is complete", at=AT, by=REGISTRAR)
        row = db_session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert "\nThe delegation is complete\n" in write(row).body
        assert one.history[-1].reason == "The delegation is complete"

    def test_somebody_on_the_waiting_list_is_approved_only_onto_a_free_place(self, db_session):
        tangier = edition(capacity=1)
        first, waiting = register(tangier), register(tangier, given_name="Bea")
        with pytest.raises(service.NoPlaceLeft):
            service.approve(waiting, at=AT, by=REGISTRAR)
        service.withdraw(first, at=AT, by=DELEGATE)
        assert service.approve(waiting, at=AT, by=REGISTRAR).status is Status.APPROVED
        assert taken(tangier) == (1, 1)

    def test_the_second_to_decide_is_told(self, db_session):
        one = register(edition())
        service.approve(one, at=AT, by=REGISTRAR)
        with pytest.raises(states.StepRefused):
            service.decline(one, "Too late", at=AT, by=REGISTRAR)
        assert one.status is Status.APPROVED


class TestCorrecting:
    def test_answers_are_replaced_for_the_person_too_and_the_proof_is_open_again(self, db_session):
        tangier = edition()
        one = register(tangier)
        one.proof_approved_at = AT
        service.correct(one, answers(tangier, given_name="Anna"), version=None, at=AT, by=DELEGATE)
        assert (one.given_name, one.person.given_name, one.proof_approved_at) == ("Anna", "Anna", None)
        assert "anna" in one.search_key
        entry = db_session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.details) == ("registration.corrected", {"fields": ["given_name"]})

    def test_what_somebody_else_changed_meanwhile_is_not_overwritten(self, db_session):
        tangier = edition()
        one = register(tangier)
        seen = one.version
        service.correct(one, answers(tangier, position="Governor"), version=seen, at=AT, by=REGISTRAR)
        with pytest.raises(service.ChangedMeanwhile):
            service.correct(one, answers(tangier, position="Clerk"), version=seen, at=AT, by=DELEGATE)
        assert one.position == "Governor"

    def test_another_category_takes_its_place_and_frees_the_old_one(self, db_session):
        tangier = edition()
        one = register(tangier)
        service.correct(one, answers(tangier, category="press"), version=None, at=AT, by=REGISTRAR)
        assert (tangier.taken, category(tangier).taken, category(tangier, "press").taken) == (1, 0, 1)

    def test_a_full_category_cannot_be_moved_to(self, db_session):
        tangier = edition()
        category(tangier, "press").capacity = 0
        one = register(tangier)
        with pytest.raises(service.NoPlaceLeft):
            service.correct(one, answers(tangier, category="press"), version=None, at=AT, by=REGISTRAR)
        assert taken(tangier) == (1, 1)


class TestProof:
    @pytest.fixture
    def approved(self, db_session):
        one = register(edition())
        return service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)

    def test_it_is_approved_once_with_an_audit_row(self, approved, db_session):
        service.approve_proof(approved, proof.fingerprint(approved), at=AT + timedelta(days=1), by=DELEGATE)
        assert (approved.proof_approved_at, proof.state(approved)) == (AT, Proof.APPROVED)
        (entry,) = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.proof_approved"))
        assert (entry.subject_id, entry.actor_name) == (approved.id, "Ana Fernández")

    @pytest.mark.parametrize(
        "change",
        [
            {"honorific": ""},
            {"given_name": "Anna"},
            {"family_name": "Fernandez"},
            {"badge_name": "Ana F."},
            {"native_name": "Ана Фернандес"},
            {"position": "Governor"},
            {"organisation": "Montevideo"},
            {"city": "Canelones"},
            {"country": "República Oriental del Uruguay"},
            {"category": "press"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_any_change_of_what_the_badge_prints_opens_it_again(self, approved, change):
        later = AT + timedelta(hours=1)
        service.correct(approved, answers(approved.edition, **change), version=None, at=later, by=REGISTRAR)
        db.session.flush()
        assert (approved.proof_approved_at, approved.proof_reopened_at) == (None, later)
        assert proof.state(approved) is Proof.CHANGED
        service.approve_proof(approved, proof.fingerprint(approved), at=later, by=DELEGATE)
        assert (approved.proof_approved_at, approved.proof_reopened_at) == (later, None)

    @pytest.mark.parametrize(
        "change",
        [{"email": "a@example.org"}, {"diet": "Vegan"}, {"languages": ["fr"]}, {"native_language": "ru"}],
        ids=lambda change: next(iter(change)),
    )
    def test_a_change_of_anything_else_does_not(self, approved, change):
        service.correct(approved, answers(approved.edition, **change), version=None, at=AT, by=DELEGATE)
        assert proof.state(approved) is Proof.APPROVED

    def test_a_name_behind_the_name_on_the_badge_is_not_printed(self, db_session):
        one = register(edition(), badge_name="Anita")
        service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)
        hidden = answers(one.edition, badge_name="Anita", given_name="Ana María")
        service.correct(one, hidden, version=None, at=AT, by=DELEGATE)
        assert proof.state(one) is Proof.APPROVED

    def test_what_was_not_approved_is_not_called_changed(self, db_session):
        one = register(edition())
        service.correct(one, answers(one.edition, city="Canelones"), version=None, at=AT, by=DELEGATE)
        assert proof.state(one) is Proof.OPEN

    def test_nobody_approves_what_they_have_not_seen(self, db_session):
        one = register(edition())
        seen = proof.fingerprint(one)
        service.correct(one, answers(one.edition, city="Canelones"), version=None, at=AT, by=REGISTRAR)
        with pytest.raises(service.ProofRefused):
            service.approve_proof(one, seen, at=AT, by=DELEGATE)
        assert one.proof_approved_at is None

    def test_who_has_no_place_has_no_badge_to_approve(self, db_session):
        tangier = edition(capacity=1)
        first, waiting = register(tangier), register(tangier, given_name="Bea")
        with pytest.raises(service.ProofRefused):
            service.approve_proof(waiting, proof.fingerprint(waiting), at=AT, by=DELEGATE)
        service.withdraw(waiting, at=AT, by=DELEGATE)
        service.cancel(first, "Full", at=AT, by=REGISTRAR)
        for one in (first, waiting):
            with pytest.raises(service.ProofRefused):
                service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)


class TestLinks:
    def test_a_link_opens_its_registration_at_its_edition_only(self, db_session):
        tangier, kazan = edition(), edition("kazan")
        one = register(tangier)
        token = links.new_link(one, at=AT)
        assert links.registration_of_link(tangier, token) is one
        with pytest.raises(links.UnknownLink):
            links.registration_of_link(kazan, token)
        with pytest.raises(links.UnknownLink):
            links.registration_of_link(tangier, token[:-1])
        assert token not in str([vars(row) for row in db_session.scalars(select(RegistrationToken))])

    def test_several_links_live_at_once_until_they_are_revoked(self, db_session):
        tangier = edition()
        one = register(tangier)
        tokens = [links.new_link(one, at=AT), links.new_link(one, at=AT)]
        assert [links.registration_of_link(tangier, token) for token in tokens] == [one, one]
        links.revoke_links(one, at=AT)
        with pytest.raises(links.UnknownLink):
            links.registration_of_link(tangier, tokens[0])

    def test_a_lost_link_goes_to_every_live_registration_of_the_address(self, db_session):
        tangier = edition()
        register(tangier)
        service.withdraw(register(tangier, given_name="Bea"), at=AT, by=DELEGATE)
        register(tangier, given_name="Cem", email="cem@example.org", filled_by_email="ana@example.org")
        assert service.mail_links(tangier, "ana@example.org", at=AT, by=DELEGATE) == 2
        assert service.mail_links(tangier, "nobody@example.org", at=AT, by=DELEGATE) == 0
        # One mail, however many registrations.
        assert mails()[-1] == ("links.txt", "ana@example.org")
        assert [template for template, _to in mails()].count("link.txt") == 0

    def test_people_are_new_unless_somebody_says_otherwise(self, db_session):
        register(edition())
        register(edition("kazan"))
        assert len(db_session.scalars(select(Person)).all()) == 2

"""Passports, letters, and what is left of them, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from retreat.core import sheets
from retreat.core.audit import COMMAND, AuditEntry
from retreat.core.db import db
from retreat.core.mail import OutboxMail, write
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration import service as registering
from retreat.registration.imports import import_registrations
from retreat.registration.letters import lists, numbers, service, signatories, verification
from retreat.registration.letters.facts import Costs
from retreat.registration.letters.models import Letter, LetterState, Passport, SignatorySide
from retreat.registration.letters.service import issue, keep_passport, passport_of, revoke
from retreat.registration.rows import COLUMNS
from tests.registration.letters.making import PASSPORT, asks, ink, sign
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

LATER = AT + timedelta(days=1)


def letters():
    return list(db.session.scalars(select(Letter).order_by(Letter.id)))


def passports():
    return list(db.session.scalars(select(Passport)))


def actions():
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def templates():
    return [row.template.rpartition("/")[2] for row in db.session.scalars(select(OutboxMail).order_by(OutboxMail.id))]


@pytest.fixture
def tangier(db_session):
    made = edition()
    sign(made)
    return made


class TestPassport:
    def test_it_is_kept_sealed_and_replaced_by_what_comes_later(self, tangier):
        ana = asks(tangier)
        assert passport_of(ana) == PASSPORT
        keep_passport(ana, replace(PASSPORT, number="B 77"), at=LATER, by=DELEGATE)
        assert passport_of(ana).number == "B 77"
        assert [one.updated_at for one in passports()] == [LATER]

    def test_nobody_gives_it_who_asks_for_no_letter(self, tangier):
        ana = registering.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        with pytest.raises(service.NotAskedFor):
            keep_passport(ana, PASSPORT, at=AT, by=DELEGATE)

    def test_it_must_be_valid_after_the_last_day(self, tangier):
        ana = asks(tangier, passport=None)
        with pytest.raises(service.PassportUnfit, match="ends before the Retreat does"):
            keep_passport(ana, replace(PASSPORT, expires_on=date(2020, 2, 28)), at=AT, by=DELEGATE)
        assert passports() == []

    def test_it_goes_with_the_wish_for_a_letter_and_with_the_registration(self, tangier):
        ana = asks(tangier)
        registering.correct(ana, answers(tangier, visa_letter=True, city="Salto"), version=None, at=LATER, by=DELEGATE)
        assert len(passports()) == 1
        registering.correct(ana, answers(tangier, visa_letter=False), version=None, at=LATER, by=DELEGATE)
        assert passports() == []

    def test_a_file_that_takes_the_wish_or_the_place_away_takes_it_too(self, tangier):
        ana, bea = asks(tangier), asks(tangier, given_name="Bea", email="bea@example.org")
        letter = issue(bea, at=AT, by=REGISTRAR)
        text = f"code,visa_letter,status\n{ana.code},no,approved\n{bea.code},yes,cancelled\n"
        import_registrations(tangier, sheets.read("x.csv", text.encode(), columns=COLUMNS), at=LATER, by=COMMAND)
        db.session.commit()
        assert (passports(), letter.state) == ([], LetterState.REVOKED)

    def test_whoever_looks_is_written_down(self, tangier):
        ana = asks(tangier, passport=None)
        assert service.see_passport(ana, at=AT, by=REGISTRAR) is None
        keep_passport(ana, PASSPORT, at=AT, by=DELEGATE)
        assert service.see_passport(ana, at=LATER, by=REGISTRAR) == PASSPORT
        row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "passport.seen")).one()
        assert (row.actor_name, row.at, row.details) == ("Lena Osei", LATER, {"code": "R20-0001"})


class TestIssuing:
    def test_a_letter_has_the_next_number_and_all_that_it_says(self, tangier):
        ana = asks(tangier, arrival=date(2020, 2, 22), departure=date(2020, 3, 1))
        letter = issue(ana, at=LATER, by=REGISTRAR, language="fr", costs=Costs.HOST)
        assert numbers.as_kept(letter.number) == letter.number
        assert letter.number.startswith("UCLG-2020-0001-")
        facts = service.facts_of(letter)
        assert facts.passport == PASSPORT
        assert (facts.language, facts.costs, facts.issued_on) == ("fr", Costs.HOST, date(2020, 1, 15))
        assert (facts.arrival, facts.departure) == (date(2020, 2, 22), date(2020, 3, 1))
        assert [who.position for who in (facts.secretariat, facts.host)] == ["Secrétaire générale", "Maire"]
        assert facts.verify_url.endswith(f"/verify?number={letter.number}")
        assert templates()[-1] == "letter_ready.txt"

    def test_it_is_in_the_language_of_the_person_unless_told_otherwise(self, tangier):
        ana = asks(tangier)
        ana.language = "ru"
        assert issue(ana, at=AT, by=REGISTRAR).language == "ru"
        assert issue(ana, at=AT, by=REGISTRAR, language="es").language == "es"

    def test_the_frozen_facts_stay_whatever_changes(self, tangier):
        ana = asks(tangier)
        letter = issue(ana, at=AT, by=REGISTRAR)
        before = service.facts_of(letter)
        keep_passport(ana, replace(PASSPORT, number="B 77"), at=LATER, by=DELEGATE)
        signatories.save(
            tangier,
            SignatorySide.HOST,
            name="Somebody Else",
            position=signatories.signatories_of(tangier)[SignatorySide.HOST].position,
            organisation="City of Tangier",
            picture=ink(size=(300, 100)),
            at=LATER,
            by=REGISTRAR,
        )
        db.session.commit()
        assert service.facts_of(letter) == before

    @pytest.mark.parametrize(
        ("options", "refusal"),
        [({"is_approved": False}, service.NotApprovedYet), ({"passport": None}, service.PassportMissing)],
    )
    def test_only_an_approved_person_with_a_passport_has_one(self, tangier, options, refusal):
        with pytest.raises(refusal):
            issue(asks(tangier, **options), at=AT, by=REGISTRAR)
        assert (letters(), tangier.last_letter_number) == ([], 0)

    def test_without_both_signatures_it_says_which_is_missing(self, db_session):
        tangier = edition()
        ana = asks(tangier)
        with pytest.raises(signatories.SignatoriesMissing, match=r"of the secretariat.*of the host city"):
            issue(ana, at=AT, by=REGISTRAR)
        sign(tangier)
        signatories.signatories_of(tangier)[SignatorySide.HOST].image = None
        with pytest.raises(signatories.SignatoriesMissing) as refusal:
            issue(ana, at=AT, by=REGISTRAR)
        assert str(refusal.value) == (
            "A letter needs both signatures. "
            "For the signature of the host city there is missing: the picture of the signature."
        )

    def test_a_closed_edition_has_no_further_letter(self, tangier):
        ana = asks(tangier)
        editions.close_edition(tangier, at=AT, by=REGISTRAR)
        with pytest.raises(service.EditionIsOver):
            issue(ana, at=LATER, by=REGISTRAR)
        with pytest.raises(service.EditionIsOver):
            keep_passport(ana, PASSPORT, at=LATER, by=DELEGATE)

    def test_a_new_letter_replaces_the_one_before(self, tangier):
        ana = asks(tangier)
        first = issue(ana, at=AT, by=REGISTRAR)
        second = issue(ana, at=LATER, by=REGISTRAR, seen=first.number)
        assert (first.state, first.replaced_by_id, second.state) == (LetterState.REPLACED, second.id, LetterState.VALID)
        assert second.number.startswith("UCLG-2020-0002-")
        assert lists.row_of(ana).letters == [second, first]
        assert (
            "It replaces the earlier one"
            in write(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()).body
        )

    def test_who_did_not_see_the_letter_of_another_is_refused(self, tangier):
        ana = asks(tangier)
        first = issue(ana, at=AT, by=REGISTRAR, seen="")
        with pytest.raises(service.IssuedMeanwhile, match=first.number):
            issue(ana, at=AT, by=REGISTRAR, seen="")
        assert letters() == [first]

    def test_revoking_needs_a_reason_and_is_told(self, tangier):
        letter = issue(asks(tangier), at=AT, by=REGISTRAR)
        with pytest.raises(registering.ReasonNeeded):
            revoke(letter, "  ", at=LATER, by=REGISTRAR)
        revoke(letter, "The passport was stolen", at=LATER, by=REGISTRAR)
        assert letter.state is LetterState.REVOKED
        with pytest.raises(service.NotValidAnyMore):
            revoke(letter, "Again", at=LATER, by=REGISTRAR)
        mail = write(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first())
        assert "The passport was stolen" in mail.body

    @pytest.mark.parametrize(
        "step",
        [
            lambda one: registering.withdraw(one, at=LATER, by=DELEGATE),
            lambda one: registering.cancel(one, "No", at=LATER, by=REGISTRAR),
        ],
        ids=["withdrawn", "cancelled"],
    )
    def test_who_does_not_come_has_no_valid_letter(self, tangier, step):
        ana = asks(tangier)
        letter = issue(ana, at=AT, by=REGISTRAR)
        step(ana)
        assert (letter.state, passports()) == (LetterState.REVOKED, [])
        assert actions().count("letter.revoked") == 1


class TestAtOnce:
    def in_threads(self, app, number, act):
        def one(index):
            with app.app_context():
                try:
                    made = act(index)
                    number = made.number
                    db.session.commit()
                    return number
                except service.IssuedMeanwhile as refusal:
                    db.session.rollback()
                    return refusal.number

        with ThreadPoolExecutor(24) as pool:
            return list(pool.map(one, range(number)))

    def person(self, number):
        return db.session.scalars(
            select(registering.Registration).where(registering.Registration.code == f"R20-{number:04d}")
        ).one()

    def test_fifty_letters_at_once_have_fifty_numbers_without_a_gap(self, app):
        with app.app_context():
            tangier = edition()
            sign(tangier)
            for n in range(50):
                asks(tangier, given_name=f"P{n}", email=f"p{n}@example.org")
            db.session.remove()
        made = self.in_threads(app, 50, lambda n: issue(self.person(n + 1), at=AT, by=REGISTRAR, seen=""))
        assert sorted(int(number.split("-")[2]) for number in made) == list(range(1, 51))
        with app.app_context():
            assert db.session.scalars(select(Edition.last_letter_number)).one() == 50
            assert len({letter.registration_id for letter in letters()}) == 50

    def test_one_letter_asked_for_fifty_times_at_once_is_one(self, app):
        with app.app_context():
            tangier = edition()
            sign(tangier)
            asks(tangier)
            db.session.remove()
        made = self.in_threads(app, 50, lambda _: issue(self.person(1), at=AT, by=REGISTRAR, seen=""))
        assert len(set(made)) == 1
        with app.app_context():
            assert len(letters()) == 1


class TestList:
    def test_everybody_who_asks_is_at_one_stage(self, tangier):
        people = {
            "undecided": asks(tangier, given_name="Una", email="u@example.org", is_approved=False),
            "missing": asks(tangier, given_name="Mia", email="m@example.org", passport=None),
            "ready": asks(tangier, given_name="Rea", email="r@example.org"),
            "issued": asks(tangier, given_name="Isa", email="i@example.org"),
            "revoked": asks(tangier, given_name="Zoe", email="z@example.org"),
        }
        registering.register(tangier, answers(tangier, given_name="No", email="n@example.org"), at=AT, by=DELEGATE)
        issue(people["issued"], at=AT, by=REGISTRAR)
        issue(people["issued"], at=AT, by=REGISTRAR)
        revoke(issue(people["revoked"], at=AT, by=REGISTRAR), "No", at=AT, by=REGISTRAR)
        found = lists.listed(tangier, lists.Filter(), 1)
        assert {row.stage.value: row.registration for row in found.rows} == people
        assert found.counts == {"": 5, "replaced": 1, **dict.fromkeys(people, 1)}
        for tab, person in people.items():
            (row,) = lists.listed(tangier, lists.Filter(tab), 1).rows
            assert row.registration is person
        (row,) = lists.listed(tangier, lists.Filter("replaced"), 1).rows
        assert row.registration is people["issued"]
        (row,) = lists.listed(tangier, lists.Filter("", "mia"), 1).rows
        assert row.registration is people["missing"]

    def test_as_many_questions_for_one_as_for_thirty(self, tangier, count_queries):
        counted = []
        for number in range(30):
            one = asks(tangier, given_name=f"P{number}", email=f"p{number}@example.org")
            issue(one, at=AT, by=REGISTRAR)
            if number in (0, 29):
                db.session.commit()
                with count_queries() as queries:
                    found = lists.listed(tangier, lists.Filter(), 1)
                counted.append(len(queries))
        assert (len(found.rows), counted[0]) == (30, counted[1])

    def test_changed_passport_data_is_seen(self, tangier):
        ana = asks(tangier)
        issue(ana, at=AT, by=REGISTRAR)
        assert not lists.own(ana).has_changed
        keep_passport(ana, PASSPORT, at=LATER, by=DELEGATE)
        assert lists.own(ana).has_changed
        assert lists.row_of(ana).has_changed

    def test_who_asks_for_none_has_no_standing(self, tangier):
        ana = registering.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        assert lists.own(ana) is None

    def test_reminders_go_to_those_whose_passport_is_missing_and_once_a_day(self, tangier):
        asks(tangier, given_name="Rea", email="r@example.org")
        asks(tangier, given_name="Una", email="u@example.org", is_approved=False, passport=None)
        asks(tangier, given_name="Mia", email="m@example.org", passport=None)
        assert service.remind(tangier, at=AT, by=REGISTRAR) == 1
        assert service.remind(tangier, at=AT + timedelta(hours=23), by=REGISTRAR) == 0
        assert service.remind(tangier, at=LATER, by=REGISTRAR) == 1
        rows = db.session.scalars(select(OutboxMail).where(OutboxMail.template == lists.PASSPORT_REMINDER)).all()
        assert [row.recipient for row in rows] == ["m@example.org", "m@example.org"]


class TestTheEnd:
    def closed(self, tangier, days):
        editions.close_edition(tangier, at=AT, by=REGISTRAR)
        return AT + timedelta(days=days)

    def test_thirty_days_after_closing_passports_and_contents_go_and_numbers_stay(self, tangier):
        letter = issue(asks(tangier), at=AT, by=REGISTRAR)
        at = self.closed(tangier, 30)
        assert service.purge(at=at - timedelta(seconds=1), by=COMMAND) == 0
        assert service.purge(at=at, by=COMMAND) == 2
        db.session.commit()
        assert (passports(), letter.sealed, letter.has_content) == ([], "", False)
        with pytest.raises(service.ContentIsGone):
            service.facts_of(letter)
        verdict = verification.verify(letter.number, "quiroga añez")
        assert (verdict.state, verdict.name_matches) == (LetterState.VALID, True)
        row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "letter.purged")).one()
        assert (row.edition_id, row.details) == (tangier.id, {"passports": 1, "letters": 1})
        assert service.purge(at=at, by=COMMAND) == 0
        assert actions().count("letter.purged") == 1

    def test_an_edition_that_is_open_or_another_one_is_not_touched(self, tangier):
        asks(tangier)
        asks(edition("kazan"))
        at = self.closed(tangier, 40)
        assert service.purge(at=at, by=COMMAND) == 1
        assert len(passports()) == 1

    def test_a_worker_does_it_every_day(self, tangier, run_jobs, clock):
        from retreat.core import jobs

        issue(asks(tangier), at=AT, by=REGISTRAR)
        at = self.closed(tangier, 31)
        assert "letters.purge" in jobs.daily_kinds()
        jobs.enqueue("letters.purge", {}, at=at, by=COMMAND)
        db.session.commit()
        with clock(at):
            run_jobs()
        assert passports() == []

    @pytest.mark.one_database
    def test_the_command_says_how_many(self, app, tangier, clock):
        issue(asks(tangier), at=AT, by=REGISTRAR)
        at = self.closed(tangier, 31)
        db.session.commit()
        with clock(at):
            answer = app.test_cli_runner().invoke(args=["letters", "purge"])
        assert (answer.exit_code, answer.output) == (0, "Emptied: 2 passports and letters.\n")

"""Answers are kept with the registration, and what is limited is counted with it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core.db import db
from retreat.core.stored import values_of
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration import proof, service
from retreat.registration.models import Status
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.questions.models import Answer
from retreat.registration.questions.replies import Reply, release
from retreat.registration.questions.service import answers_of, condition, current_questions, questions_of
from tests.registration.making import AT, DELEGATE, REGISTRAR, category, edition, registrations
from tests.registration.making import answers as built_in
from tests.registration.questions.making import answers, question, reply, said, taken

LATER = AT + timedelta(hours=1)


def register(of, replies=None, **values):
    return service.register(of, built_in(of, **values), at=AT, by=DELEGATE, replies=replies)


def correct(one, replies, **values):
    values = built_in(one.edition, given_name=one.given_name, email=one.email, **values)
    return service.correct(one, values, version=None, at=LATER, by=DELEGATE, replies=replies)


@pytest.fixture
def tangier(db_session):
    return edition()


@pytest.fixture
def dinner(tangier):
    """A dinner for one, and a dish that only who comes is asked for."""
    question(tangier, "dinner", "choice", options=[("gala", 1), "none"])
    first = current_questions(tangier)[0]
    question(tangier, "dish", "choices", options=["fish", "rice"], shown_if_id=first.id, shown_if_values=["gala"])
    return tangier


class TestKeeping:
    def test_every_kind_is_kept_as_a_file_has_it(self, tangier):
        for slug, kind in [("a", "text"), ("b", "number"), ("c", "date"), ("d", "yes-no"), ("e", "country")]:
            question(tangier, slug, kind)
        question(tangier, "f", "choices", options=["x", "y", "z"])
        one = register(tangier, said(tangier, a="Hello", b="2.5", c="2020-02-24", d="no", e="MA", f=reply("z", "x")))
        assert answers(one) == {"a": "Hello", "b": "2.5", "c": "2020-02-24", "d": "no", "e": "MA", "f": "x;z"}

    def test_what_is_not_answered_has_no_row(self, tangier):
        question(tangier, "a")
        register(tangier, said(tangier, a=""))
        assert db.session.scalars(select(Answer)).all() == []

    def test_an_answer_to_a_hidden_question_is_dropped_and_what_it_ticked_is_free(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala"), dish=reply("fish")))
        assert (answers(one), taken(dinner)["fish"]) == ({"dinner": "gala", "dish": "fish"}, 1)
        correct(one, said(dinner, dinner=reply("none"), dish=reply("fish")))
        assert answers(one) == {"dinner": "none"}
        assert taken(dinner) == {"gala": 0, "none": 1, "fish": 0, "rice": 0}

    def test_who_is_of_another_category_is_not_asked(self, tangier):
        question(tangier, "paper", categories=[category(tangier, "press")])
        assert answers(register(tangier, said(tangier, paper="Le Monde"))) == {}
        press = register(tangier, said(tangier, paper="Le Monde"), given_name="Bea", category="press")
        assert answers(press) == {"paper": "Le Monde"}

    def test_correcting_without_replies_leaves_them_alone(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala")))
        correct(one, None, city="Osh")
        assert answers(one) == {"dinner": "gala"}

    def test_a_correction_says_which_questions_changed_and_counts_as_one(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala"), dish=reply("fish")))
        before = one.version
        correct(one, said(dinner, dinner=reply("gala"), dish=reply("rice", "fish")))
        assert one.version == before + 1
        correct(one, said(dinner, dinner=reply("gala"), dish=reply("rice", "fish")))
        assert one.version == before + 1

    def test_the_same_form_sent_again_with_another_answer_corrects(self, dinner):
        given = {"at": AT, "by": DELEGATE, "submission_key": "k"}
        service.register(dinner, built_in(dinner), replies=said(dinner, dinner=reply("none")), **given)
        again = service.register(dinner, built_in(dinner), replies=said(dinner, dinner=reply("gala")), **given)
        assert (len(registrations()), answers(again)) == (1, {"dinner": "gala"})

    def test_a_file_stays_until_another_comes_or_it_is_taken_away(self, tangier):
        question(tangier, "cv", "file")
        file = values_of(b"%PDF-1", name="cv.pdf", media_type="application/pdf")
        one = register(tangier, said(tangier, cv=Reply(file=file)))
        correct(one, said(tangier, cv=Reply(keeps_file=True)), city="Osh")
        assert answers(one) == {"cv": "cv.pdf"}
        other = values_of(b"%PDF-2", name="new.pdf", media_type="application/pdf")
        correct(one, said(tangier, cv=Reply(file=other)))
        assert answers(one) == {"cv": "new.pdf"}
        correct(one, said(tangier, cv=Reply()))
        assert answers(one) == {}


class TestCounting:
    def test_who_comes_too_late_is_told_which_choice_and_nothing_is_kept(self, dinner):
        register(dinner, said(dinner, dinner=reply("gala")))
        db.session.commit()
        with pytest.raises(ChoiceFull) as refused:
            register(dinner, said(dinner, dinner=reply("gala"), dish=reply("rice")), given_name="Bea")
        assert refused.value.message == "No place is left for this choice: Dinner: Gala. Please make another one."
        db.session.rollback()
        assert (len(registrations()), taken(dinner)) == (1, {"gala": 1, "none": 0, "fish": 0, "rice": 0})

    def test_changing_ones_mind_gives_the_place_to_somebody_else(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala")))
        correct(one, said(dinner, dinner=reply("none")))
        two = register(dinner, said(dinner, dinner=reply("gala")), given_name="Bea")
        assert answers(two) == {"dinner": "gala"}

    @pytest.mark.parametrize("leave", ["withdraw", "decline", "cancel"])
    def test_who_does_not_come_gives_it_back(self, dinner, leave):
        one = register(dinner, said(dinner, dinner=reply("gala")))
        if leave == "withdraw":
            service.withdraw(one, at=AT, by=DELEGATE)
        else:
            getattr(service, leave)(one, "Why", at=AT, by=REGISTRAR)
        assert (taken(dinner)["gala"], answers(one)) == (0, {"dinner": "gala"})

    def test_who_comes_after_all_takes_it_again(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala")))
        service.decline(one, "Why", at=AT, by=REGISTRAR)
        service.approve(one, at=AT, by=REGISTRAR)
        assert taken(dinner)["gala"] == 1

    def test_unless_somebody_has_it_now(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala")))
        service.decline(one, "Why", at=AT, by=REGISTRAR)
        register(dinner, said(dinner, dinner=reply("gala")), given_name="Bea")
        with pytest.raises(ChoiceFull):
            service.approve(one, at=AT, by=REGISTRAR)
        assert (one.status, taken(dinner)["gala"], dinner.taken) == (Status.DECLINED, 1, 1)

    def test_a_full_edition_takes_no_choice_either(self, dinner):
        dinner.capacity = 1
        one = register(dinner, said(dinner, dinner=reply("gala")))
        service.decline(one, "Why", at=AT, by=REGISTRAR)
        register(dinner, None, given_name="Bea")
        with pytest.raises(service.NoPlaceLeft):
            service.approve(one, at=AT, by=REGISTRAR)
        assert taken(dinner)["gala"] == 0

    def test_whoever_waits_holds_a_choice_and_keeps_it_when_promoted(self, dinner):
        dinner.capacity = 1
        first = register(dinner)
        waits = register(dinner, said(dinner, dinner=reply("gala")), given_name="Bea")
        assert (waits.status, taken(dinner)["gala"]) == (Status.WAITLISTED, 1)
        service.withdraw(first, at=AT, by=DELEGATE)
        assert (waits.status, taken(dinner)["gala"]) == (Status.SUBMITTED, 1)

    def test_deleting_gives_it_back(self, dinner):
        one = register(dinner, said(dinner, dinner=reply("gala")))
        editions.hold_and_read(dinner)
        release(one)
        db.session.delete(one)
        db.session.flush()
        assert taken(dinner)["gala"] == 0

    def test_two_hundred_at_once_for_fifty_places_give_exactly_fifty(self, app):
        with app.app_context():
            question(edition(), "dinner", "choices", options=[("gala", 50), ("boat", None)])
            db.session.commit()
            db.session.remove()

        def one(number):
            with app.app_context():
                tangier = db.session.scalars(select(Edition)).one()
                replies = said(tangier, dinner=reply("gala", "boat"))
                try:
                    register(tangier, replies, given_name=f"P{number}", email=f"p{number}@example.org")
                except ChoiceFull:
                    db.session.rollback()
                    return False
                db.session.commit()
                return True

        with ThreadPoolExecutor(24) as pool:
            assert sum(pool.map(one, range(200))) == 50
        with app.app_context():
            tangier = db.session.scalars(select(Edition)).one()
            assert (taken(tangier), tangier.taken, len(registrations())) == ({"gala": 50, "boat": 50}, 50, 50)


class TestReading:
    def test_a_retired_question_stays_while_it_has_answers(self, tangier):
        old, gone = question(tangier, "old"), question(tangier, "gone")
        register(tangier, said(tangier, old="x"))
        old.retired_at = gone.retired_at = AT
        db.session.flush()
        assert [one.slug for one in questions_of(tangier)] == ["old"]
        assert current_questions(tangier) == []

    def test_answers_of_many_are_one_query(self, dinner, count_queries):
        everybody = [register(dinner, said(dinner, dinner=reply("none")), given_name=f"P{n}") for n in range(3)]
        db.session.commit()
        found = [len(everybody[0].code)]
        for few in (everybody[:1], everybody):
            [one.id for one in few]
            with count_queries() as queries:
                read = answers_of(few)
                [
                    option.label
                    for by_question in read.values()
                    for one in by_question.values()
                    for option in one.options
                ]
            found.append(len(queries))
        assert found[1:] == [1, 1]

    def test_registrations_are_found_by_what_was_answered(self, tangier):
        question(tangier, "dinner", "choice", options=["gala", "none"])
        question(tangier, "note", "text")
        question(tangier, "age", "number")
        ana = register(tangier, said(tangier, dinner=reply("gala"), note="Vegan, 100% please", age="30"))
        bea = register(tangier, said(tangier, dinner=reply("none")), given_name="Bea")
        by_slug = {one.slug: one for one in questions_of(tangier)}

        def found(slug, value):
            query = select(service.Registration.id).where(condition(by_slug[slug], value))
            return set(db.session.scalars(query))

        assert found("dinner", "gala") == {ana.id}
        assert found("note", "100%") == {ana.id}
        assert found("note", "none") == {bea.id}
        assert found("age", "30") == {ana.id}

    def test_the_databases_agree_which_answers_a_word_is_in(self, tangier):
        question(tangier, "paper", "text")
        question(tangier, "age", "number")
        vera = register(tangier, said(tangier, paper="Вечерний Бишкек", age="1234.5"))
        register(tangier, said(tangier, paper="İZMİR Postası"), given_name="Bea")
        by_slug = {one.slug: one for one in questions_of(tangier)}

        def found(slug, value):
            return list(db.session.scalars(select(service.Registration.id).where(condition(by_slug[slug], value))))

        assert found("paper", "вечерний бишкек") == [vera.id]
        assert len(found("paper", "izmir")) == 1
        assert found("paper", "\u0301") == []
        assert found("age", "1 234,50") == [vera.id]


class TestProof:
    def test_an_answer_on_the_badge_opens_an_approved_proof_again(self, tangier):
        question(tangier, "dish", "choice", options=["fish", "rice"], is_on_badge=True)
        question(tangier, "note", "text")
        one = register(tangier, said(tangier, dish=reply("fish"), note="a"))
        service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)
        correct(one, said(tangier, dish=reply("fish"), note="b"))
        assert proof.state(one) is proof.Proof.APPROVED
        correct(one, said(tangier, dish=reply("rice"), note="b"))
        assert proof.state(one) is proof.Proof.CHANGED

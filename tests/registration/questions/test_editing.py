"""What organisers do with questions, and what they are told when it cannot be."""

import pytest

from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.registration import proof, service
from retreat.registration.questions import editing
from retreat.registration.questions.conditions import ConditionRefused
from retreat.registration.questions.editing import OptionGiven, QuestionChanged, QuestionGiven, QuestionRefused
from retreat.registration.questions.models import Question, QuestionKind
from retreat.registration.questions.service import current_questions, questions_of
from tests.registration.making import AT, DELEGATE, REGISTRAR, category, edition
from tests.registration.making import answers as built_in
from tests.registration.questions.making import reply, said, taken


@pytest.fixture
def tangier(db_session):
    return edition()


def given(label="Dish", kind="text", options=(), **more):
    made = [one if isinstance(one, OptionGiven) else OptionGiven(label=Translated(en=one)) for one in options]
    return QuestionGiven(kind=QuestionKind(kind), label=Translated(en=label), options=made, **more)


def add(of, *args, **more):
    return editing.add(of, given(*args, **more), at=AT, by=REGISTRAR)


def change(question, *args, version=None, **more):
    return editing.change(question, given(*args, **more), version=version, at=AT, by=REGISTRAR)


def answered(of, **replies):
    return service.register(of, built_in(of), at=AT, by=DELEGATE, replies=said(of, **replies))


def order(of):
    return [one.slug for one in current_questions(of)]


def test_a_question_gets_a_name_for_files_of_its_own(tangier):
    for label in ("Dish", "Dish", "New", "Блюдо", "Which of the very many visits do you want to join?"):
        add(tangier, label)
    assert order(tangier) == ["dish", "dish_2", "new_2", "question", "which_of_the_very_many_visits_do"]


def test_a_choice_needs_choices_and_each_once(tangier):
    with pytest.raises(QuestionRefused, match="at least one choice"):
        add(tangier, kind="choice")
    with pytest.raises(QuestionRefused, match="twice"):
        add(tangier, kind="choice", options=["Fish", "FISH"])


def test_only_an_earlier_question_can_decide(tangier):
    comes = add(tangier, "Comes", "yes-no")
    dish = add(tangier, "Dish", shown_if_id=comes.id, shown_if_values=["yes"])
    with pytest.raises(ConditionRefused):
        change(comes, "Comes", "yes-no", shown_if_id=dish.id)
    with pytest.raises(ConditionRefused):
        change(dish, "Dish", shown_if_id=dish.id)
    with pytest.raises(QuestionRefused, match="no such answer"):
        change(dish, "Dish", shown_if_id=comes.id, shown_if_values=["maybe"])


def test_a_question_moves_but_not_above_what_it_hangs_on(tangier):
    comes = add(tangier, "Comes", "yes-no")
    add(tangier, "Note")
    dish = add(tangier, "Dish", shown_if_id=comes.id)
    editing.move(dish, -1, at=AT, by=REGISTRAR)
    assert order(tangier) == ["comes", "dish", "note"]
    with pytest.raises(ConditionRefused):
        editing.move(dish, -1, at=AT, by=REGISTRAR)
    assert order(tangier) == ["comes", "dish", "note"]
    editing.move(comes, -1, at=AT, by=REGISTRAR)
    assert order(tangier) == ["comes", "dish", "note"]


def test_what_nobody_answered_is_deleted_and_the_rest_retired(tangier):
    add(tangier, "Note")
    gone = add(tangier, "Gone")
    answered(tangier, note="x")
    note = current_questions(tangier)[0]
    assert editing.remove(gone, at=AT, by=REGISTRAR) is True
    assert editing.remove(note, at=AT, by=REGISTRAR) is False
    assert (order(tangier), [one.slug for one in questions_of(tangier)]) == ([], ["note"])
    editing.bring_back(note, at=AT, by=REGISTRAR)
    assert order(tangier) == ["note"]


def test_a_question_that_decides_about_another_stays(tangier):
    comes = add(tangier, "Comes", "yes-no")
    add(tangier, "Dish", shown_if_id=comes.id)
    with pytest.raises(QuestionRefused, match="“Dish” is shown by an answer to this question"):
        editing.remove(comes, at=AT, by=REGISTRAR)


def test_an_answered_question_keeps_its_kind(tangier):
    question = add(tangier, "Note")
    answered(tangier, note="x")
    with pytest.raises(QuestionRefused, match="kind of answer"):
        change(question, "Note", "number")


def test_a_choice_that_was_ticked_is_offered_no_more_and_kept(tangier):
    question = add(tangier, kind="choices", options=["Fish", "Rice", "Soup"])
    _fish, rice, soup = question.options
    one = answered(tangier, dish=reply("fish"))
    change(
        question,
        kind="choices",
        options=[OptionGiven(id=soup.id, label=Translated(en="Hot soup"), capacity=3), "Bread"],
    )
    db.session.expire_all()
    shown = {option.slug: option.retired_at is None for option in current_questions(tangier)[0].options}
    assert shown == {"soup": True, "bread": True, "fish": False}
    assert (str(soup.label), soup.capacity, [each.slug for each in one.answers[0].options]) == ("Hot soup", 3, ["fish"])
    assert db.session.get(type(rice), rice.id) is None
    with pytest.raises(RetreatError):
        service.register(
            tangier,
            built_in(tangier, given_name="Bea"),
            at=AT,
            by=DELEGATE,
            replies=said(tangier, dish=reply("fish")),
        )


def test_a_choice_on_which_another_question_hangs_cannot_go(tangier):
    dinner = add(tangier, "Dinner", "choice", options=["Gala", "None"])
    add(tangier, "Dish", shown_if_id=dinner.id, shown_if_values=["gala"])
    with pytest.raises(QuestionRefused, match="would be gone"):
        change(dinner, "Dinner", "choice", options=[OptionGiven(id=dinner.options[1].id, label=Translated(en="None"))])


def test_a_limit_that_is_added_later_counts_those_who_chose_before(tangier):
    question = add(tangier, "Dinner", "choice", options=["Gala"])
    answered(tangier, dinner=reply("gala"))
    gala = current_questions(tangier)[0].options[0]
    change(question, "Dinner", "choice", options=[OptionGiven(id=gala.id, label=gala.label, capacity=1)])
    assert taken(tangier) == {"gala": 1}
    with pytest.raises(RetreatError, match="No place is left"):
        service.register(
            tangier,
            built_in(tangier, given_name="Bea"),
            at=AT,
            by=DELEGATE,
            replies=said(tangier, dinner=reply("gala")),
        )


def test_two_organisers_at_once_overwrite_nothing(tangier):
    question = add(tangier)
    change(question, "Meal", version=question.version)
    with pytest.raises(QuestionChanged):
        change(question, "Food", version=1)


def test_printing_an_answer_opens_the_proofs_of_those_who_answered(tangier):
    question = add(tangier)
    one = answered(tangier, dish="Fish")
    service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)
    change(question, is_on_badge=True)
    db.session.expire_all()
    assert proof.state(one) is proof.Proof.CHANGED


def test_another_editions_questions_are_copied_with_choices_limits_categories_and_conditions(tangier):
    dinner = add(tangier, "Dinner", "choice", options=[OptionGiven(label=Translated(en="Gala"), capacity=5)])
    add(tangier, "Dish", shown_if_id=dinner.id, shown_if_values=["gala"], categories=[category(tangier, "press")])
    answered(tangier, dinner=reply("gala"))
    next_year = edition("2021")
    assert editing.copy(tangier, next_year, at=AT, by=SYSTEM) == 2
    assert editing.copy(tangier, next_year, at=AT, by=SYSTEM) == 0
    first, second = current_questions(next_year)
    assert [(one.slug, one.capacity, one.taken) for one in first.options] == [("gala", 5, 0)]
    assert (second.shown_if_id, second.shown_if_values) == (first.id, ["gala"])
    assert [one.edition_id for one in second.categories] == [next_year.id]


@pytest.mark.one_database
class TestPages:
    URL = "/organise/2020/questions"

    @pytest.fixture
    def organiser(self, tangier, as_role):
        return as_role("administrator")

    def forms(self, organiser, address, ending):
        organiser.get(address)
        return [form for form in organiser.page.forms if form.action.endswith(ending)]

    def send(self, organiser, page, **typed):
        """With the button that was pressed as `do`."""
        (form,) = self.forms(organiser, f"{self.URL}/{page}", f"/questions/{page}")
        return organiser.post(form.action, data={**form.values(), **typed})

    def test_the_page_says_what_to_do_while_there_is_none(self, organiser):
        organiser.get(self.URL)
        assert "No question of its own yet" in organiser.page.text

    def test_a_question_is_written_looked_at_and_asked(self, organiser, client):
        typed = {
            "label_en": "Which visit?",
            "kind": "choice",
            "options-0-en": "Medina",
            "options-1-en": "Harbour",
            "options-1-ru": "Порт",
            "options-1-capacity": "40",
        }
        looked = self.send(organiser, "new", **typed, do="look")
        assert "Harbour (40 places left)" in looked.text
        assert db.session.query(Question).count() == 0
        saved = self.send(organiser, "new", **typed, do="save")
        assert saved.status_code == 303
        organiser.get(self.URL)
        assert "Which visit?" in organiser.page.text
        client.get("/2020/register?lang=ru")
        assert "Порт" in client.page.text

    def test_rows_move_and_come_without_anything_being_saved(self, organiser):
        typed = {"label_en": "Visit", "kind": "choice", "options-0-en": "Medina", "options-1-en": "Harbour"}
        moved = self.send(organiser, "new", **typed, do="down-0")
        assert moved.status_code == 200
        assert moved.text.index('value="Harbour"') < moved.text.index('value="Medina"')
        more = self.send(organiser, "new", **typed, do="add")
        assert more.text.count("-capacity") > moved.text.count("-capacity")

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"label_en": ""}, "Enter a text in at least one language."),
            ({"kind": "choice"}, "Write at least one choice."),
            ({"kind": "riddle"}, "Not a valid choice"),
            (
                {"kind": "choice", "options-0-en": "Fish", "options-0-capacity": "many"},
                "Write the number of people as digits, or nothing for no limit.",
            ),
            (
                {"kind": "choice", "options-0-en": "Fish", "options-0-capacity": "9" * 5000},
                "Write the number of people as digits, or nothing for no limit.",
            ),
            ({"kind": "choice", "options-0-en": "Fish", "options-1-en": "fish"}, "“fish” is there twice."),
        ],
    )
    def test_bad_input_is_a_sentence_and_stays_typed(self, organiser, typed, sentence):
        values = {"label_en": "Which dish?", "hint_en": "For the kitchen", **typed, "do": "save"}
        sent = self.send(organiser, "new", **values)
        assert sent.status_code == 422
        assert sentence in sent.text
        assert "For the kitchen" in sent.text
        assert db.session.query(Question).count() == 0

    def test_order_removal_and_return_are_buttons(self, organiser, tangier):
        for label in ("One", "Two"):
            add(tangier, label)
        db.session.commit()
        (form,) = self.forms(organiser, self.URL, "/two/move")
        organiser.post(form.action, data={**form.values(), "step": "up"})
        assert order(tangier) == ["two", "one"]
        answered(tangier, one="x")
        db.session.commit()
        organiser.submit(self.URL, action="/one/remove")
        organiser.get(self.URL)
        assert "Asked no more" in organiser.page.text
        organiser.submit(self.URL, action="/one/bring-back")
        organiser.submit(self.URL, action="/two/remove")
        assert order(tangier) == ["one"]

    def test_a_question_is_saved_with_what_it_hangs_on(self, organiser, tangier):
        comes = add(tangier, "Comes", "yes-no")
        add(tangier, "Dish")
        db.session.commit()
        values = {"shown_if": str(comes.id), "shown_values": [f"{comes.id}:yes"], "categories": ["press"], "do": "save"}
        assert self.send(organiser, "dish", **values).status_code == 303
        db.session.expire_all()
        dish = current_questions(tangier)[1]
        assert (dish.shown_if_id, dish.shown_if_values) == (comes.id, ["yes"])
        assert [one.slug for one in dish.categories] == ["press"]

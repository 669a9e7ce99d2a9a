"""The waiting list, on both databases: who gets a place that frees, and that nobody else does."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from retreat.core.audit import SYSTEM, AuditEntry
from retreat.core.db import db
from retreat.core.mail import OutboxMail, write
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.registration import links, service, states, waiting
from retreat.registration.models import Registration, Status
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition, registrations

LATER = AT + timedelta(days=1)


def register(of, name, *, at=AT, language="", **values):
    given = answers(of, given_name=name, email=f"{name.lower()}@example.org", **values)
    return service.register(of, given, at=at, by=DELEGATE, language=language)


def full(names="Ana Bea Cem Dov Eva", capacity=2, **values):
    """An edition with `capacity` places for the first of these; the others wait in this order."""
    tangier = edition(capacity=capacity)
    return tangier, [register(tangier, name, **values) for name in names.split()]


def waiting_now():
    db.session.flush()
    return [one.given_name for one in registrations() if one.status is Status.WAITLISTED]


def taken(of):
    db.session.flush()
    db.session.expire_all()
    return of.taken, category(of).taken


def save(of, chosen, capacity):
    return editions.save_category(
        of,
        chosen,
        name=chosen.name,
        colour=chosen.colour,
        letter=chosen.letter,
        is_public=chosen.is_public,
        capacity=capacity,
        at=LATER,
        by=REGISTRAR,
    )


class TestAPlaceFrees:
    @pytest.mark.parametrize(
        "step",
        [
            lambda one: service.withdraw(one, at=LATER, by=DELEGATE),
            lambda one: service.decline(one, "Full", at=LATER, by=REGISTRAR),
            lambda one: service.cancel(one, "Full", at=LATER, by=REGISTRAR),
        ],
        ids=["withdrawn", "declined", "cancelled"],
    )
    def test_the_first_in_the_list_gets_it(self, db_session, step):
        tangier, (ana, _bea, cem, *_rest) = full()
        step(ana)
        assert cem.status is Status.SUBMITTED
        assert waiting_now() == ["Dov", "Eva"]
        assert taken(tangier) == (2, 2)

    def test_it_is_written_down_and_told_in_the_persons_language(self, db_session):
        tangier, (ana, _bea, cem) = full("Ana Bea Cem", language="ru")
        service.withdraw(ana, at=LATER, by=DELEGATE)
        assert [(step.before, step.after, step.by, step.at) for step in cem.history] == [
            (None, Status.WAITLISTED, "Ana Fernández", AT),
            (Status.WAITLISTED, Status.SUBMITTED, "Retreat", LATER),
        ]
        (entry,) = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.promoted"))
        assert (entry.subject_id, entry.actor_kind, entry.edition_id) == (cem.id, SYSTEM.kind, tangier.id)
        row = db_session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert (row.template, row.recipient) == ("registration/mail/promoted.txt", "cem@example.org")
        assert row.subject == "R20-0003: для вас освободилось место (Tangier)"
        assert "/registration/" not in write(row).body
        assert row.links == {"link": ["registration", cem.id]}

    def test_somebody_who_waits_frees_no_place(self, db_session):
        tangier, (_ana, _bea, cem, *_rest) = full()
        service.withdraw(cem, at=LATER, by=DELEGATE)
        assert waiting_now() == ["Dov", "Eva"]
        assert taken(tangier) == (2, 2)

    def test_who_came_first_is_first_and_not_who_is_in_the_database_first(self, db_session):
        _tangier, (ana, _bea, cem, dov, _eva) = full()
        cem.created_at = AT + timedelta(minutes=5)
        service.withdraw(ana, at=LATER, by=DELEGATE)
        assert (cem.status, dov.status) == (Status.WAITLISTED, Status.SUBMITTED)

    def test_another_edition_is_not_touched(self, db_session):
        kazan = edition("kazan", capacity=0)
        elsewhere = register(kazan, "Zoe")
        _tangier, (ana, *_rest) = full("Ana Bea")
        service.withdraw(ana, at=LATER, by=DELEGATE)
        assert elsewhere.status is Status.WAITLISTED

    def test_a_closed_edition_promotes_nobody(self, db_session):
        tangier, (ana, _bea, cem, *_rest) = full()
        editions.close_edition(tangier, at=AT, by=REGISTRAR)
        service.withdraw(ana, at=LATER, by=DELEGATE)
        assert cem.status is Status.WAITLISTED
        assert taken(tangier) == (1, 1)

    def test_a_place_from_the_list_takes_no_further_one_when_it_is_approved(self, db_session):
        tangier, (ana, _bea, cem, *_rest) = full()
        service.withdraw(ana, at=LATER, by=DELEGATE)
        service.approve(cem, at=LATER, by=REGISTRAR)
        assert taken(tangier) == (2, 2)


class TestCategories:
    def test_a_full_category_holds_up_nobody_behind_it(self, db_session):
        tangier = edition(capacity=1)
        category(tangier, "press").capacity = 0
        ana = register(tangier, "Ana")
        bea, cem = register(tangier, "Bea", category="press"), register(tangier, "Cem")
        service.withdraw(ana, at=LATER, by=DELEGATE)
        assert (bea.status, cem.status) == (Status.WAITLISTED, Status.SUBMITTED)
        assert taken(tangier) == (1, 1)

    def test_moving_to_another_category_frees_a_place_of_the_old_one(self, db_session):
        tangier = edition()
        category(tangier).capacity = 1
        ana, bea = register(tangier, "Ana"), register(tangier, "Bea")
        moved = answers(tangier, given_name="Ana", email="ana@example.org", category="press")
        service.correct(ana, moved, version=None, at=LATER, by=REGISTRAR)
        assert bea.status is Status.SUBMITTED
        assert (*taken(tangier), category(tangier, "press").taken) == (2, 1, 1)

    def test_who_waits_for_another_category_now_may_have_a_place_at_once(self, db_session):
        tangier = edition()
        category(tangier).capacity = 0
        ana = register(tangier, "Ana")
        moved = answers(tangier, given_name="Ana", email="ana@example.org", category="press")
        service.correct(ana, moved, version=None, at=LATER, by=REGISTRAR)
        assert ana.status is Status.SUBMITTED
        assert (*taken(tangier), category(tangier, "press").taken) == (1, 0, 1)

    def test_more_places_of_a_category_are_given_at_once(self, db_session):
        tangier = edition()
        category(tangier).capacity = 0
        for name in ("Ana", "Bea", "Cem"):
            register(tangier, name)
        save(tangier, category(tangier), 2)
        assert waiting_now() == ["Cem"]
        save(tangier, category(tangier), 1)
        assert waiting_now() == ["Cem"]
        save(tangier, category(tangier), None)
        assert waiting_now() == []
        assert taken(tangier) == (3, 3)


class TestCapacity:
    @pytest.mark.parametrize(
        ("capacity", "left"), [(3, ["Dov", "Eva"]), (4, ["Eva"]), (99, []), (None, []), (1, ["Cem", "Dov", "Eva"])]
    )
    def test_more_places_are_given_in_order(self, db_session, capacity, left):
        tangier, _people = full()
        editions.update_edition(tangier, {"capacity": capacity}, at=LATER, by=REGISTRAR)
        assert waiting_now() == left
        assert taken(tangier) == (5 - len(left), 5 - len(left))

    def test_the_command_line_gives_them_too(self, app, db_session):
        full()
        db_session.commit()
        result = app.test_cli_runner().invoke(args=["edition", "set", "2020", "capacity", "4"])
        assert result.exit_code == 0, result.output
        db_session.expire_all()
        assert waiting_now() == ["Eva"]

    def test_the_settings_give_them_too(self, as_role, db_session, outbox):
        full()
        administrator = as_role("administrator")
        assert administrator.submit("/organise/2020/settings", action="/settings", capacity="3").status_code == 303
        db_session.expire_all()
        assert waiting_now() == ["Dov", "Eva"]
        assert outbox()[-1].template == "registration/mail/promoted.txt"

    def test_the_page_of_a_category_gives_them_too(self, as_role, db_session):
        tangier = edition()
        category(tangier).capacity = 0
        register(tangier, "Ana")
        administrator = as_role("administrator")
        page = "/organise/2020/settings/categories/delegate"
        assert administrator.submit(page, action="/delegate", capacity="1").status_code == 303
        db_session.expire_all()
        assert waiting_now() == []


class TestNumber:
    def test_it_counts_those_who_came_before(self, db_session):
        _tangier, people = full()
        assert [waiting.number_in_list(one) for one in people] == [None, None, 1, 2, 3]

    def test_for_a_place_of_a_category_it_counts_that_category(self, db_session):
        tangier = edition(capacity=9)
        category(tangier, "press").capacity = category(tangier).capacity = 0
        register(tangier, "Ana")
        bea, cem = register(tangier, "Bea", category="press"), register(tangier, "Cem", category="press")
        assert [waiting.number_in_list(one) for one in (bea, cem)] == [1, 2]

    def test_the_own_page_says_it(self, client, db_session, clock):
        with clock(LATER):
            _tangier, people = full()
            url = f"/2020/registration/{links.new_link(people[3], at=AT)}"
            assert "You are number 2 in the list." in client.get(url).text
            service.withdraw(people[0], at=LATER, by=DELEGATE)
            assert "You are number 1 in the list." in client.get(url).text
            service.withdraw(people[1], at=LATER, by=DELEGATE)
            page = client.get(url).text
            assert "in the list." not in page
            assert "Received. The secretariat decides next." in page
            assert "<b>Registered</b>Tuesday 14 January<" in page


class TestAtOnce:
    def in_threads(self, app, number, act):
        def one(index):
            with app.app_context():
                tangier = db.session.scalars(select(Edition)).one()
                act(tangier, index)
                db.session.commit()

        with ThreadPoolExecutor(25) as pool:
            list(pool.map(one, range(number)))

    def check(self, capacity, press):
        """No place too many, every count right, and nobody waits for a place that is free."""
        tangier = db.session.scalars(select(Edition)).one()
        counted = dict(
            db.session.execute(
                select(Registration.category_id, func.count())
                .where(Registration.status.in_([Status.SUBMITTED, Status.APPROVED]))
                .group_by(Registration.category_id)
            ).all()
        )
        assert tangier.taken == sum(counted.values()) <= capacity
        categories = db.session.scalars(select(Category)).all()
        assert {one.id: one.taken for one in categories if one.taken} == counted
        assert category(tangier, "press").taken <= press
        has_place = tangier.taken < capacity
        waits = [one.category.slug for one in registrations() if one.status is Status.WAITLISTED]
        assert [
            slug for slug in waits if has_place and (slug != "press" or category(tangier, "press").taken < press)
        ] == []
        changes = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.promoted")).all()
        assert len({entry.subject_id for entry in changes}) == len(changes)
        promoted = db.session.scalars(
            select(Registration).where(Registration.id.in_([entry.subject_id for entry in changes]))
        ).all()
        still = [one for one in registrations() if one.status is Status.WAITLISTED]
        assert [
            (one.id, other.id)
            for one in still
            for other in promoted
            if one.category_id == other.category_id and one.id < other.id
        ] == [], "somebody was overtaken"
        told = db.session.scalars(select(OutboxMail).where(OutboxMail.template.endswith("promoted.txt"))).all()
        assert len(told) == len(changes)
        return len(waits), len(changes)

    def arrange(self, app, people):
        with app.app_context():
            tangier = edition(capacity=20)
            category(tangier, "press").capacity = 3
            for number in range(people):
                register(tangier, f"P{number}", category="press" if number % 4 == 0 else "delegate")
            db.session.commit()
            db.session.remove()

    def leave(self, number):
        one = db.session.scalars(select(Registration).where(Registration.code == f"R20-{number + 1:04d}")).one()
        with suppress(states.StepRefused):
            service.withdraw(one, at=LATER, by=DELEGATE)

    def test_fifty_who_withdraw_and_register_leave_no_place_free_while_somebody_waits(self, app):
        self.arrange(app, 40)

        def act(of, index):
            if index % 2:
                self.leave(index // 2)
            else:
                register(of, f"N{index}", category="press" if index % 3 == 0 else "delegate")

        self.in_threads(app, 50, act)
        with app.app_context():
            waits, promoted = self.check(20, 3)
        assert waits > 0
        assert promoted > 0

    def test_capacity_is_raised_while_people_come_and_go(self, app):
        self.arrange(app, 40)

        def act(of, index):
            if index % 10 == 0:
                press = category(of, "press")
                save(of, press, 4 + index // 10)
            elif index % 10 == 5:
                of = db.session.get(Edition, of.id, populate_existing=True, with_for_update=True)
                editions.update_edition(of, {"capacity": (of.capacity or 0) + 1}, at=LATER, by=REGISTRAR)
            elif index % 2:
                self.leave(index // 2)
            else:
                register(of, f"N{index}")

        self.in_threads(app, 50, act)
        with app.app_context():
            press = category(db.session.scalars(select(Edition)).one(), "press").capacity
            self.check(25, press)

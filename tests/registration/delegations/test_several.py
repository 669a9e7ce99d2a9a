"""Thirty people at once: what is planned, and that exactly that is done. On both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core import sheets
from retreat.core.db import db
from retreat.core.mail import OutboxMail
from retreat.core.sheets import SheetErrors
from retreat.registration import service as registering
from retreat.registration.delegations import links, service, several
from retreat.registration.delegations.models import DelegationRole
from retreat.registration.delegations.several import PlanChanged, What
from retreat.registration.models import Status
from tests.registration.delegations.making import add, delegation
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition, registrations


@pytest.fixture
def bishkek(db_session):
    return delegation(edition(), delegates=5, support=2)


def planned(one, text):
    return several.plan(one, several.read(text), at=AT)


def whats(one, text):
    return [line.what for line in planned(one, text).lines]


def carried_out(one, text):
    sheet = several.read(text)
    seen = several.plan(one, sheet, at=AT).fingerprint
    made = several.carry_out(one, sheet, seen, at=AT, by=service.actor(one))
    db.session.commit()
    return made


def errors(one, text):
    with pytest.raises(SheetErrors) as refused:
        planned(one, text)
    return [(error.line, error.column, str(error.message)) for error in refused.value.errors]


THREE = """role\tgiven_name\tfamily_name\temail\tposition
head\tAzamat\tIsakov\tazamat@example.org\tMayor
member\tGulnara\tAsanova\tgulnara@example.org\tDeputy Mayor
interpreter\tIgor\tPak\tigor@example.org\t
"""


class TestPlanning:
    @pytest.mark.parametrize("mark", ["\t", ",", ";"], ids=["tab", "comma", "semicolon"])
    def test_lines_come_as_a_spreadsheet_gives_them(self, bishkek, mark):
        plan = planned(bishkek, THREE.replace("\t", mark))
        assert [(line.number, line.name, line.role, line.what) for line in plan.lines] == [
            (2, "Azamat Isakov", DelegationRole.HEAD, What.NEW),
            (3, "Gulnara Asanova", DelegationRole.MEMBER, What.NEW),
            (4, "Igor Pak", DelegationRole.INTERPRETER, What.NEW),
        ]
        assert registrations() == []

    def test_columns_may_be_called_as_people_and_pages_call_them(self, bishkek):
        line = "\nhead,Azamat,Isakov,azamat@example.org\n"
        names = several.called()
        ours = ",".join(names[name] for name in ("role", "given_name", "family_name", "email"))
        for header in (ours, "Role,Given Name,Family-name,E-Mail"):
            plan = planned(bishkek, header + line)
            assert [(one.name, one.role) for one in plan.lines] == [("Azamat Isakov", DelegationRole.HEAD)]

    def test_what_the_organisation_is_known_for_need_not_be_typed(self, bishkek):
        bishkek.organisation.city, bishkek.organisation.country = "Bishkek", "Kyrgyzstan"
        (line,) = planned(bishkek, "given_name,email,country\nAna,ana@example.org,\n").lines
        assert [line.answers[name] for name in ("organisation", "city", "country")] == [
            "City of Bishkek",
            "Bishkek",
            "Kyrgyzstan",
        ]
        assert line.role is DelegationRole.MEMBER

    def test_people_of_the_delegation_are_known_by_reference_or_by_name_and_address(self, bishkek):
        add(bishkek, "Ana", "head", position="Mayor")
        add(bishkek, "Bea", position="Clerk")
        assert whats(bishkek, "given_name,email,position\nAna,ana@example.org,Mayor\n") == [What.UNCHANGED]
        assert whats(bishkek, "given_name,email,position\nana,ANA@example.org,Governor\n") == [What.CHANGES]
        (line,) = planned(bishkek, "code,given_name,email\nR20-0002,Beatriz,b@example.org\n").lines
        assert (line.what, line.name, line.answers["position"]) == (What.CHANGES, "Beatriz", "Clerk")

    def test_a_role_is_a_word_of_the_file_or_of_the_page(self, bishkek):
        plan = planned(bishkek, "role,given_name,email\nHead of Delegation,A,a@b.org\nAIDE,B,b@b.org\n,C,c@b.org\n")
        assert [line.role.value for line in plan.lines] == ["head", "aide", "member"]

    def test_who_is_over_the_quota_is_left_out_in_the_order_of_the_lines(self, bishkek):
        add(bishkek, "Ana")
        lines = "".join(f"{role},P{n},p{n}@example.org\n" for n, role in enumerate(["member"] * 5 + ["aide"] * 3))
        plan = planned(bishkek, "role,given_name,email\n" + lines)
        assert [line.what for line in plan.lines] == (
            [What.NEW] * 4 + [What.OVER_QUOTA] + [What.NEW] * 2 + [What.OVER_QUOTA]
        )
        assert (plan.added, plan.left_out) == (6, 2)

    def test_a_second_head_is_left_out_and_a_head_may_step_down_in_the_line_before(self, bishkek):
        add(bishkek, "Ana", "head")
        two = "role,given_name,email\nhead,Bea,bea@example.org\nmember,Ana,ana@example.org\n"
        assert whats(bishkek, two) == [What.HEAD_THERE, What.CHANGES]
        assert whats(
            bishkek, "role,given_name,email\nmember,Ana,ana@example.org\nhead,Bea,bea@example.org\nhead,C,c@b.org\n"
        ) == [What.CHANGES, What.NEW, What.HEAD_THERE]

    def test_who_finds_no_place_waits(self, db_session):
        small = delegation(edition(capacity=2))
        category(small.edition, "partner").capacity = 1
        db.session.commit()
        text = "category,given_name,email\n" + "".join(
            f"{slug},P{n},p{n}@example.org\n" for n, slug in enumerate(["partner", "partner", "delegate", "delegate"])
        )
        assert whats(small, text) == [What.NEW, What.WAITS, What.NEW, What.WAITS]

    def test_somebody_who_registered_alone_is_not_registered_twice(self, bishkek):
        registering.register(bishkek.edition, answers(bishkek.edition), at=AT, by=DELEGATE)
        text = "given_name,family_name,email\nAna,Fernandez,ana@example.org\n"
        assert whats(bishkek, text) == [What.ELSEWHERE]


class TestErrors:
    def test_each_has_its_line_and_column(self, bishkek):
        assert errors(
            bishkek,
            "role,given_name,email,arrival,category\n"
            "chief,Ana,ana@example.org,,\n"
            "member,,bea@example.org,,\n"
            "member,Cem,cem@,24.02.2020,king\n",
        ) == [
            (2, "role", "“chief” is not one of head, member, aide, interpreter"),
            (3, "given_name", "a name is needed: given, family or badge name"),
            (4, "email", "“cem@” is not an e-mail address"),
            (4, "category", errors(bishkek, "category,given_name,email\nking,A,a@b.org\n")[0][2]),
            (4, "arrival", "“24.02.2020” is not a date; write YYYY-MM-DD"),
        ]

    def test_the_same_person_twice(self, bishkek):
        add(bishkek, "Ana")
        assert errors(bishkek, "given_name,email\nBea,b@example.org\nBEA,B@example.org\n") == [
            (3, "row", "the same person is already in line 2")
        ]
        assert errors(bishkek, "code,given_name,email\nR20-0001,A,a@b.org\n,Ana,ana@example.org\n") == [
            (3, "row", "the same person is already in line 2")
        ]

    def test_another_delegations_people_cannot_be_reached_by_their_reference(self, bishkek):
        kazan = delegation(bishkek.edition, "City of Kazan")
        theirs = add(kazan, "Ana")
        assert errors(bishkek, f"code,given_name,email\n{theirs.code},X,x@example.org\n") == [
            (2, "code", "nobody with this reference is in this delegation")
        ]

    @pytest.mark.parametrize("column", ["status", "gender", "is_shown", "delegation"])
    def test_what_is_not_the_coordinators_is_no_column(self, bishkek, column):
        ((line, named, _),) = errors(bishkek, f"given_name,email,{column}\nAna,ana@example.org,x\n")
        assert (line, named) == (1, column)

    def test_the_kind_of_badge_stays_once_somebody_is_approved(self, bishkek):
        registering.approve(add(bishkek, "Ana"), at=AT, by=REGISTRAR)
        ((line, column, _),) = errors(bishkek, "given_name,email,category\nAna,ana@example.org,partner\n")
        assert (line, column) == (2, "category")

    def test_a_kind_that_the_public_form_does_not_offer_is_not_offered_here(self, bishkek):
        category(bishkek.edition, "secretariat").is_public = False
        ((line, column, _),) = errors(bishkek, "given_name,email,category\nAna,ana@example.org,secretariat\n")
        assert (line, column) == (2, "category")

    def test_ten_thousand_lines_are_refused_in_a_sentence(self, bishkek):
        text = "given_name,email\n" + "".join(f"P{n},p{n}@example.org\n" for n in range(10_000))
        assert errors(bishkek, text) == [(152, "row", "is one too many: a file may have 150 rows")]


class TestCarryingOut:
    def test_everybody_is_registered_changed_or_left_as_planned_and_told_once(self, bishkek):
        ana = add(bishkek, "Ana", position="Clerk")
        before = len(db.session.scalars(select(OutboxMail)).all())
        carried_out(bishkek, THREE + "member\tAna\t\tana@example.org\tGovernor\n")
        assert [(one.given_name, one.delegation_role.value, one.status) for one in registrations()] == [
            ("Ana", "member", Status.SUBMITTED),
            ("Azamat", "head", Status.SUBMITTED),
            ("Gulnara", "member", Status.SUBMITTED),
            ("Igor", "interpreter", Status.SUBMITTED),
        ]
        assert (ana.position, registrations()[1].consented_at) == ("Governor", AT)
        sent = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()[before:]
        assert sorted((row.template.rpartition("/")[2], row.recipient) for row in sent) == sorted(
            [
                *(("confirmation.txt", f"{name}@example.org") for name in ("azamat", "gulnara", "igor")),
                ("delegation_several.txt", "protocol@bishkek.example"),
            ]
        )

    def test_the_coordinator_reads_of_many_decisions_in_one_mail_without_the_links_of_others(self, bishkek):
        links.new_link(bishkek, at=AT)
        carried_out(bishkek, THREE)
        for one in registrations():
            registering.approve(one, at=AT, by=REGISTRAR)
        sent = db.session.scalars(select(OutboxMail).where(OutboxMail.recipient == "protocol@bishkek.example")).all()
        assert [(row.template.rpartition("/")[2], row.links) for row in sent] == [
            (f"{name}.txt", {"link": ["delegation", bishkek.id]}) for name in ("delegation_several", "delegation_news")
        ]
        registering.withdraw(registrations()[0], at=AT + timedelta(days=1), by=DELEGATE)
        last = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        assert (last.template, last.recipient) == ("registration/mail/delegation_news.txt", "protocol@bishkek.example")

    def test_the_same_lines_once_more_change_nothing(self, bishkek):
        carried_out(bishkek, THREE)
        assert whats(bishkek, THREE) == [What.UNCHANGED] * 3

    def test_those_who_are_left_out_are_left_out_and_nobody_else(self, bishkek):
        made = carried_out(bishkek, "given_name,email\n" + "".join(f"P{n},p{n}@example.org\n" for n in range(8)))
        assert (made.added, made.left_out, len(registrations())) == (5, 3, 5)

    def test_what_has_changed_since_is_shown_before_anything_is_stored(self, bishkek):
        sheet = several.read(THREE)
        seen = several.plan(bishkek, sheet, at=AT).fingerprint
        add(bishkek, "Ana", "head")
        db.session.commit()
        with pytest.raises(PlanChanged) as refusal:
            several.carry_out(bishkek, sheet, seen, at=AT, by=DELEGATE)
        assert refusal.value.plan.lines[0].what is What.HEAD_THERE
        assert len(registrations()) == 1

    def test_the_head_is_handed_over_in_two_lines(self, bishkek):
        ana = add(bishkek, "Ana", "head")
        carried_out(bishkek, "role,given_name,email\nmember,Ana,ana@example.org\nhead,Bea,bea@example.org\n")
        assert [one.delegation_role.value for one in registrations()] == ["member", "head"]
        assert ana.delegation_id == bishkek.id

    def test_a_workbook_travels_as_text_on_the_same_lines(self, bishkek):
        rows = [{"given_name": "Ana", "email": "ana@example.org", "diet": "=1+1"}]
        content = sheets.xlsx_bytes(("given_name", "email", "diet"), rows)
        sheet = several.read_file("Delegation.XLSX", content)
        again = several.read(several.as_text(sheet))
        assert [(row.line, dict(row.cells)) for row in again.rows] == [(2, rows[0])]


def test_a_line_that_names_nobody_is_no_line(db_session):
    of = delegation(edition())
    assert whats(of, "given_name,email\n\n,\nAna,ana@example.org\n\n") == [What.NEW]

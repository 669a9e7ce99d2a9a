"""The organisers' delegations: made, linked, filled, counted, and substitutes decided on."""

import pytest
from sqlalchemy import select

from retreat.core import sheets
from retreat.core.db import db
from retreat.core.sheets import SheetErrors
from retreat.network.models import Organisation
from retreat.registration import service as registering
from retreat.registration.delegations import links, service, substitutions
from retreat.registration.delegations.models import Delegation
from retreat.registration.imports import import_registrations
from retreat.registration.models import Status
from retreat.registration.rows import COLUMNS
from tests.registration.delegations.making import add, delegation, organisation, page_of
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition, registrations

pytestmark = pytest.mark.one_database

PLACE = "/organise/2020/delegations"


@pytest.fixture(autouse=True)
def _in_january(clock):
    with clock(AT):
        yield


@pytest.fixture
def tangier(db_session):
    return edition(contact_email="retreat@example.org")


@pytest.fixture
def bishkek(tangier):
    return delegation(tangier)


@pytest.fixture
def registrar(as_role):
    return as_role("registrar")


def alone(of, name, **values):
    """Registered by the public form, in no delegation."""
    given = {"given_name": name, "family_name": "", "email": f"{name.lower()}@example.org", **values}
    return registering.register(of, answers(of, **given), at=AT, by=DELEGATE)


def propose(outgoing, name="Dina"):
    given = answers(outgoing.edition, given_name=name, family_name="", email=f"{name.lower()}@example.org")
    made = substitutions.propose(outgoing, given, at=AT, by=service.actor(outgoing.delegation))
    db.session.commit()
    return made


class TestList:
    def test_an_edition_without_delegations_says_what_they_are(self, registrar, tangier):
        registrar.get(PLACE)
        assert "There is no delegation yet" in registrar.page.text
        assert f"{PLACE}/new" in registrar.page.links

    def test_each_is_counted_and_those_who_name_it_are_offered(self, registrar, tangier, bishkek):
        add(bishkek, "Ana", "head")
        add(bishkek, "Bea", "aide")
        alone(tangier, "Cem", organisation="City of Bishkek")
        alone(tangier, "Dov", organisation="City of Kazan")
        registrar.get(PLACE)
        text = registrar.page.text
        assert "1 of 4" in text
        assert "1 of 2" in text
        assert "1 more person names it" in text
        assert "protocol@bishkek.example" in text

    def test_its_queries_do_not_grow(self, registrar, tangier, bishkek, count_queries):
        add(bishkek, "Ana")
        registrar.get(PLACE)
        with count_queries() as with_one:
            registrar.get(PLACE)
        for number in range(3):
            add(delegation(tangier, f"City {number}"), f"P{number}")
        with count_queries() as with_four:
            registrar.get(PLACE)
        assert len(with_four) == len(with_one)

    def test_who_may_only_look_sees_no_addresses_and_no_buttons(self, as_role, bishkek):
        add(bishkek, "Ana")
        desk = as_role("desk")
        for path in (PLACE, f"{PLACE}/{bishkek.id}"):
            assert desk.get(path).status_code == 200
            assert "protocol@bishkek.example" not in desk.page.text
            assert all(form.action.endswith("/sign-out") for form in desk.page.forms)

    def test_the_file_has_a_line_a_delegation(self, registrar, tangier, bishkek):
        add(bishkek, "Ana")
        delegation(tangier, "City of Kazan", delegates=None, support=None, coordinator_name="=HYPERLINK()")
        answer = registrar.get(f"{PLACE}/list.csv")
        assert answer.text.removeprefix("\ufeff").splitlines() == [
            "organisation,kind,country,coordinator,email,language,delegates,delegates_allowed,support,support_allowed",
            "City of Bishkek,city,,Aigul Sadykova,protocol@bishkek.example,en,1,4,0,2",
            "City of Kazan,city,,'=HYPERLINK(),protocol@bishkek.example,en,0,,0,",
        ]

    @pytest.mark.parametrize("language", ["fr", "es", "ru"])
    def test_every_page_is_there_in_every_language(self, registrar, bishkek, language):
        number = propose(add(bishkek, "Ana", "head")).id
        for path in ("", "/new", "/quotas", f"/{bishkek.id}", f"/{bishkek.id}/edit", f"/substitutions/{number}"):
            assert registrar.get(f"{PLACE}{path}?lang={language}").status_code == 200
        assert registrar.get(f"{PLACE}/people/R20-0001?lang={language}").status_code == 200


class TestMaking:
    def test_an_organisation_of_the_address_book_is_found_in_any_spelling(self, registrar, tangier):
        known = organisation("City of Bishkek")
        sent = registrar.submit(
            f"{PLACE}/new",
            form_id="edit",
            organisation="city of BISHKEK",
            coordinator_name="Aigul",
            coordinator_email="Aigul@Example.org",
            language="ru",
            delegates="",
            support="5",
        )
        made = db.session.scalars(select(Delegation)).one()
        assert sent.location == f"{PLACE}/{made.id}"
        assert (made.organisation_id, made.coordinator_email, made.language, made.delegates, made.support) == (
            known.id,
            "aigul@example.org",
            "ru",
            None,
            5,
        )

    def test_one_that_nobody_knows_is_added_only_when_said_so(self, registrar, tangier):
        answer = registrar.submit(f"{PLACE}/new", form_id="edit", organisation="City of Narnia")
        assert answer.status_code == 422
        assert "No organisation is known by this name." in registrar.page.text
        (form,) = [form for form in registrar.page.forms if form.id == "edit"]
        sent = registrar.post(f"{PLACE}/new", data={**form.values(), "is_new": "yes", "kind": "partner"})
        assert sent.status_code == 303
        added = db.session.scalars(select(Organisation)).one()
        assert (str(added.name), added.kind, added.is_member) == ("City of Narnia", "partner", False)

    def test_a_second_one_of_the_same_organisation_leads_to_the_first(self, registrar, bishkek):
        sent = registrar.submit(f"{PLACE}/new", form_id="edit", organisation="City of Bishkek")
        assert (sent.status_code, sent.location) == (303, f"{PLACE}/{bishkek.id}")
        assert len(db.session.scalars(select(Delegation)).all()) == 1

    @pytest.mark.parametrize(
        "wrong",
        [{"coordinator_email": "aigul@"}, {"delegates": "-1"}, {"support": "many"}, {"delegates": "9" * 40}],
        ids=["address", "negative", "word", "huge"],
    )
    def test_wrong_answers_are_said_and_kept(self, registrar, bishkek, wrong):
        answer = registrar.submit(f"{PLACE}/{bishkek.id}/edit", form_id="edit", coordinator_name="Somebody", **wrong)
        assert answer.status_code == 422
        assert 'value="Somebody"' in answer.text

    def test_two_who_edit_at_once_do_not_overwrite(self, registrar, bishkek):
        registrar.get(f"{PLACE}/{bishkek.id}/edit")
        (form,) = [form for form in registrar.page.forms if form.id == "edit"]
        data = form.values()
        assert registrar.post(f"{PLACE}/{bishkek.id}/edit", data={**data, "delegates": "9"}).status_code == 303
        assert registrar.post(f"{PLACE}/{bishkek.id}/edit", data={**data, "delegates": "1"}).status_code == 409
        db.session.expire_all()
        assert bishkek.delegates == 9

    def test_numbers_by_kind_are_kept_and_an_empty_one_is_no_limit(self, registrar, tangier):
        registrar.submit(f"{PLACE}/quotas", form_id="quotas", city_delegates="3", city_support="0", partner_support="")
        kinds = service.quotas_by_kind(tangier)
        assert (kinds["city"], kinds["partner"]) == ((3, 0), (None, None))
        assert registrar.submit(f"{PLACE}/quotas", form_id="quotas", city_delegates="x").status_code == 422

    def test_another_editions_delegation_is_not_there(self, registrar, bishkek):
        edition("kazan")
        for path in ("", "/edit"):
            assert registrar.get(f"/organise/kazan/delegations/{bishkek.id}{path}").status_code == 404


class TestLinks:
    def test_a_link_is_mailed_and_the_mail_opens_the_page(self, registrar, client, bishkek, outbox, app):
        registrar.submit(f"{PLACE}/{bishkek.id}", action="/send")
        (row,) = outbox()
        assert (row.recipient, row.language) == ("protocol@bishkek.example", "en")
        from retreat.core.mail import write

        with app.app_context():
            body = write(row, mint=True).body
            db.session.commit()
        address = next(line for line in body.splitlines() if "/delegation/" in line)
        path = "/2020/delegation/" + address.rpartition("/")[2]
        assert client.get(path).status_code == 200

    def test_ending_every_link_closes_the_page_and_news_open_it_not_again(self, registrar, client, bishkek, outbox):
        url = page_of(bishkek)
        number = propose(add(bishkek, "Ana")).id
        registrar.submit(f"{PLACE}/{bishkek.id}", action="/revoke")
        assert client.get(url).status_code == 404
        registrar.submit(f"{PLACE}/substitutions/{number}", form_id="approve")
        (news,) = [row for row in outbox() if row.template.endswith("substitution_approved.txt")]
        assert news.links == {}

    def test_without_an_address_nothing_is_sent_and_nothing_ends(self, registrar, bishkek):
        url = page_of(bishkek)
        bishkek.coordinator_email = ""
        db.session.commit()
        token = registrar.get(f"{PLACE}/{bishkek.id}") and registrar.page.forms[0].values()["csrf_token"]
        registrar.post(f"{PLACE}/{bishkek.id}/renew", data={"csrf_token": token})
        assert "coordinator's e-mail address first" in registrar.get(f"{PLACE}/{bishkek.id}").text.replace("&#39;", "'")
        assert links.live_links(bishkek) == 1
        assert url


class TestPeople:
    def test_those_who_name_the_organisation_are_added_by_one_press(self, registrar, tangier, bishkek):
        for name in ("Ana", "Bea", "Cem"):
            alone(tangier, name, organisation="City of Bishkek")
        registrar.submit(f"{PLACE}/{bishkek.id}", form_id="named", who=["R20-0001", "R20-0003"], role="interpreter")
        assert [one.delegation_role for one in registrations()] == ["interpreter", None, "interpreter"]

    def test_who_finds_no_room_is_said_and_holds_nobody_up(self, registrar, tangier):
        small = delegation(tangier, delegates=1)
        for name in ("Ana", "Bea"):
            alone(tangier, name)
        registrar.submit(f"{PLACE}/{small.id}", form_id="by-reference", code="r20-0001, R20-0002 R20-0009")
        text = registrar.get(f"{PLACE}/{small.id}").text
        assert "1 person is in the delegation." in text
        assert "R20-0002: This delegation may bring one delegate" in text
        assert "Nobody has the reference R20-0009." in text

    def test_a_person_is_moved_and_taken_out_from_their_own_page(self, registrar, tangier, bishkek):
        kazan = delegation(tangier, "City of Kazan")
        ana = add(bishkek, "Ana")
        registrar.get("/organise/2020/registrations/R20-0001")
        assert "City of Bishkek" in registrar.page.text
        assert f"{PLACE}/people/R20-0001" in registrar.page.links
        sent = registrar.submit(f"{PLACE}/people/R20-0001", form_id="move", delegation=str(kazan.id), role="head")
        assert sent.location == "/organise/2020/registrations/R20-0001"
        db.session.expire_all()
        assert (ana.delegation_id, ana.delegation_role) == (kazan.id, "head")
        registrar.submit(f"{PLACE}/people/R20-0001", form_id="move", delegation="")
        db.session.expire_all()
        assert (ana.delegation_id, ana.delegation_role, ana.status) == (None, None, Status.SUBMITTED)

    def test_a_delegation_that_is_full_is_said_and_what_was_chosen_is_kept(self, registrar, tangier):
        small = delegation(tangier, delegates=0)
        alone(tangier, "Ana")
        answer = registrar.submit(f"{PLACE}/people/R20-0001", form_id="move", delegation=str(small.id), role="member")
        assert answer.status_code == 409
        assert "This delegation may bring 0 delegates" in registrar.page.text

    def test_the_person_reads_it_on_their_own_page(self, client, bishkek):
        from retreat.registration import links as own

        token = own.new_link(add(bishkek, "Ana", "aide"), at=AT)
        assert "City of Bishkek, Aide" in client.get(f"/2020/registration/{token}").text

    def test_a_file_brings_nobody_back_into_a_delegation_unseen(self, tangier, bishkek):
        ana = registering.cancel(add(bishkek, "Ana", "head"), "No visa", at=AT, by=REGISTRAR)
        add(bishkek, "Bea", "head")
        db.session.commit()
        sheet = sheets.read("a.csv", f"code,status\n{ana.code},approved\n".encode(), columns=COLUMNS)
        with pytest.raises(SheetErrors) as refused:
            import_registrations(tangier, sheet, at=AT, by=REGISTRAR)
        assert [(error.line, error.column) for error in refused.value.errors] == [(2, "status")]


class TestSubstitutions:
    def test_the_list_begins_with_what_is_to_be_decided(self, registrar, bishkek):
        number = propose(add(bishkek, "Ana", "head")).id
        registrar.get(PLACE)
        assert "1 substitution to decide" in registrar.page.text
        assert f"{PLACE}/substitutions/{number}" in registrar.page.links

    def test_both_are_shown_and_the_place_passes_on(self, registrar, bishkek):
        number = propose(add(bishkek, "Ana", "head", position="Mayor")).id
        registrar.get(f"{PLACE}/substitutions/{number}")
        for words in ("Ana", "Dina", "ana@example.org", "dina@example.org"):
            assert words in registrar.page.text
        sent = registrar.submit(f"{PLACE}/substitutions/{number}", form_id="approve")
        assert sent.location == PLACE
        assert [(one.given_name, one.status) for one in registrations()] == [
            ("Ana", Status.WITHDRAWN),
            ("Dina", Status.SUBMITTED),
        ]
        registrar.get(f"{PLACE}/substitutions/{number}")
        assert "Approved" in registrar.page.text
        assert "R20-0002" in registrar.page.text

    def test_a_refusal_needs_a_reason(self, registrar, bishkek, outbox):
        number = propose(add(bishkek, "Ana")).id
        registrar.submit(f"{PLACE}/substitutions/{number}", form_id="refuse", reason=" ")
        assert "Give a reason" in registrar.get(f"{PLACE}/substitutions/{number}").text
        registrar.submit(f"{PLACE}/substitutions/{number}", form_id="refuse", reason="Elected members only")
        assert outbox()[-1].recipient == "protocol@bishkek.example"
        assert "Elected members only" in registrar.get(f"{PLACE}/substitutions/{number}").text

    def test_what_was_decided_meanwhile_is_said(self, registrar, bishkek):
        one = propose(add(bishkek, "Ana"))
        registrar.get(f"{PLACE}/substitutions/{one.id}")
        (form,) = [form for form in registrar.page.forms if form.id == "approve"]
        substitutions.take_back(one, at=AT, by=DELEGATE)
        assert registrar.post(f"{PLACE}/substitutions/{one.id}", data=form.values()).status_code == 303
        assert "was taken back" in registrar.get(f"{PLACE}/substitutions/{one.id}").text
        assert len(registrations()) == 1

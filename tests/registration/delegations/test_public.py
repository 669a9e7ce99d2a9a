"""The coordinator's page: one link, one delegation, everything that a coordinator does, and nothing of anybody else."""

from datetime import timedelta

import pytest

from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.mail import write
from retreat.registration import consent
from retreat.registration import links as own_links
from retreat.registration import service as registering
from retreat.registration.delegations import links, service, substitutions
from retreat.registration.invitations.models import Invitation
from retreat.registration.models import Status
from tests.registration.delegations.making import COORDINATOR, add, delegation, page_of
from tests.registration.making import AT, REGISTRAR, answers, edition, registrations

pytestmark = pytest.mark.one_database

PERSON = {"given_name": "Azamat", "family_name": "Isakov", "email": "azamat@example.org", "consent": "yes"}


@pytest.fixture(autouse=True)
def _in_january(clock):
    with clock(AT):
        yield


@pytest.fixture
def bishkek(db_session):
    return delegation(edition(contact_email="retreat@example.org"))


@pytest.fixture
def url(bishkek):
    return page_of(bishkek)


def form_of(client, path):
    client.get(path)
    (form,) = [form for form in client.page.forms if form.method == "post"]
    return form.values()


class TestPage:
    def test_an_empty_delegation_says_what_to_do(self, client, url):
        assert client.get(url).status_code == 200
        assert "0 of 4 delegates, 0 of 2 interpreters and aides" in client.page.text
        assert "Nobody is in this delegation yet." in client.page.text

    def test_everybody_is_there_with_role_status_and_badge(self, client, bishkek, url):
        ana = add(bishkek, "Ana", "head")
        registering.approve(ana, at=AT, by=REGISTRAR)
        add(bishkek, "Bea", "interpreter")
        registering.withdraw(add(bishkek, "Cem"), at=AT, by=REGISTRAR)
        client.get(url)
        text = client.page.text
        for words in (
            "1 of 4 delegates, 1 of 2 interpreters and aides",
            "Head of delegation",
            "Approved",
            "Badge not read and approved yet",
            "Received; the secretariat decides next",
            "Not coming any more",
            "Withdrawn",
        ):
            assert words in text
        assert text.index("Ana") < text.index("Bea") < text.index("Cem")

    def test_the_number_of_queries_does_not_grow_with_the_people(self, client, bishkek, url, count_queries):
        add(bishkek, "Ana")
        client.get(url)
        with count_queries() as with_one:
            client.get(url)
        for name in ("Bea", "Cem", "Dov"):
            add(bishkek, name)
        with count_queries() as with_four:
            client.get(url)
        assert len(with_four) == len(with_one)

    @pytest.mark.parametrize("language", ["en", "fr", "es", "ru"])
    def test_it_is_there_in_every_language(self, client, bishkek, url, language):
        add(bishkek, "Ana", "head")
        for path in ("", "/add", "/invite", "/several", "/people/R20-0001", "/people/R20-0001/substitute"):
            assert client.get(f"{url}{path}?lang={language}").status_code == 200


class TestTheLink:
    @pytest.mark.parametrize("path", ["", "/add", "/several", "/invite", "/people/R20-0001", "/nothing"])
    def test_the_address_is_kept_secret(self, client, bishkek, url, path):
        add(bishkek, "Ana")
        headers = client.get(url + path).headers if path != "/nothing" else client.get(url[:-1]).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["Cache-Control"] == "no-store"

    def test_an_unknown_a_foreign_and_a_revoked_link_lead_nowhere(self, client, bishkek, url):
        edition("kazan")
        ana = add(bishkek, "Ana")
        own = own_links.new_link(ana, at=AT)
        assert client.get("/2020/delegation/unknown").status_code == 404
        assert client.get(url.replace("/2020/", "/kazan/")).status_code == 404
        assert client.get(f"/2020/delegation/{own}").status_code == 404
        assert client.get(url.replace("/delegation/", "/registration/")).status_code == 404
        links.revoke_links(bishkek, at=AT)
        for path in ("", "/add", "/several", "/invite", "/people/R20-0001", "/lines.csv"):
            assert client.get(url + path).status_code == 404

    def test_nobody_of_another_delegation_can_be_reached(self, client, bishkek, url):
        kazan = delegation(bishkek.edition, "City of Kazan")
        theirs = add(kazan, "Ana")
        substitutions.propose(
            theirs, answers(kazan.edition, given_name="Eva", email="eva@example.org"), at=AT, by=REGISTRAR
        )
        alone = registering.register(bishkek.edition, answers(bishkek.edition), at=AT, by=REGISTRAR)
        for code in (theirs.code, alone.code, "R20-9999"):
            for path in ("", "/withdraw", "/substitute"):
                assert client.get(f"{url}/people/{code}{path}").status_code == 404
                assert client.post(f"{url}/people/{code}{path}").status_code in (400, 404)
        token = form_of(client, f"{url}/add")["csrf_token"]
        for path in (f"/people/{theirs.code}/withdraw", f"/people/{theirs.code}/substitute/take-back"):
            assert client.post(url + path, data={"csrf_token": token}).status_code == 404
        assert (theirs.status, len(substitutions.open_of([theirs]))) == (Status.SUBMITTED, 1)
        client.get(url)
        assert "Ana" not in client.page.text

    def test_a_new_link_ends_every_older_one_and_comes_by_mail_only(self, client, bishkek, url, outbox):
        second = page_of(bishkek)
        answer = client.submit(url, action="/link")
        assert answer.status_code == 200
        assert "It was sent to protocol@bishkek.example." in client.page.text
        assert (client.get(url).status_code, client.get(second).status_code) == (404, 404)
        (mail,) = [row for row in outbox() if row.template.endswith("delegation_link.txt")]
        assert (mail.recipient, mail.links) == ("protocol@bishkek.example", {"link": ["delegation", bishkek.id]})

    def test_a_lost_link_is_mailed_again_unless_the_page_was_closed(self, client, bishkek, url, outbox):
        kazan = delegation(bishkek.edition, "City of Kazan")
        path = "/2020/registration/lost"
        client.submit(path, email="Protocol@Bishkek.example")
        assert [(row.template.rpartition("/")[2], row.links) for row in outbox()] == [
            ("delegation_link.txt", {"link": ["delegation", bishkek.id]})
        ]
        assert links.live_links(kazan) == 0
        assert client.get(url).status_code == 200


def agree(edition, text):
    consent.save(edition, Translated(en=text), at=AT, by=REGISTRAR)
    db.session.commit()


class TestAdding:
    def test_a_person_is_registered_by_the_coordinator(self, client, bishkek, url, outbox):
        bishkek.organisation.city = "Bishkek"
        sent = client.submit(f"{url}/add", role="head", **PERSON)
        assert (sent.status_code, sent.location) == (303, url)
        (one,) = registrations()
        assert (one.delegation_id, one.delegation_role, one.organisation, one.city) == (
            bishkek.id,
            "head",
            "City of Bishkek",
            "Bishkek",
        )
        assert (one.filled_by_name, one.filled_by_email, one.consented_at) == (
            COORDINATOR,
            "",
            AT,
        )
        assert [(row.template.rpartition("/")[2], row.recipient) for row in outbox()] == [
            ("confirmation.txt", "azamat@example.org"),
        ]

    def test_one_too_many_is_said_and_what_was_typed_is_kept(self, client, bishkek, url):
        for name in ("Ana", "Bea", "Cem", "Dov"):
            add(bishkek, name)
        answer = client.submit(f"{url}/add", **PERSON)
        assert answer.status_code == 409
        assert "This delegation may bring 4 delegates" in client.page.text
        assert "write to retreat@example.org" in client.page.text
        assert 'value="azamat@example.org"' in answer.text
        assert len(registrations()) == 4

    def test_wrong_answers_and_a_missing_consent_are_said(self, client, url):
        answer = client.submit(f"{url}/add", **{**PERSON, "email": "azamat@", "consent": None})
        assert answer.status_code == 422
        assert "Without this consent" in client.page.text
        assert 'value="azamat@"' in answer.text

    def test_somebody_who_registered_alone_is_not_shown_nor_taken(self, client, bishkek, url):
        given = answers(bishkek.edition, given_name="Azamat", family_name="Isakov", email="azamat@example.org")
        registering.register(bishkek.edition, given, at=AT, by=REGISTRAR)
        answer = client.submit(f"{url}/add", **PERSON)
        assert answer.status_code == 409
        assert "The secretariat can put it into your delegation." in client.page.text
        assert "R20-0001" not in client.page.text

    def test_the_same_press_twice_is_one_person(self, client, url):
        data = {**form_of(client, f"{url}/add"), **PERSON}
        assert [client.post(f"{url}/add", data=data).status_code for _ in range(2)] == [303, 303]
        assert len(registrations()) == 1


class TestEditing:
    def test_answers_and_role_are_changed(self, client, bishkek, url):
        add(bishkek, "Ana")
        sent = client.submit(f"{url}/people/R20-0001", position="Governor", role="aide")
        assert sent.status_code == 303
        (one,) = registrations()
        assert (one.position, one.delegation_role) == ("Governor", "aide")

    def test_two_coordinators_at_once_never_overwrite_silently(self, client, bishkek, url):
        path = f"{url}/people/R20-0001"
        ana = add(bishkek, "Ana")
        data = form_of(client, path)
        service.correct(
            ana,
            ana.delegation_role,
            answers(bishkek.edition, given_name="Ana", family_name="", position="Governor"),
            version=ana.version,
            at=AT,
            by=REGISTRAR,
        )
        answer = client.post(path, data={**data, "position": "Clerk"})
        assert answer.status_code == 409
        assert "Nothing has been overwritten." in client.page.text
        assert "Position is now: Governor" in client.page.text
        assert 'value="Clerk"' in answer.text
        assert registrations()[0].position == "Governor"
        (form,) = [form for form in client.page.forms if form.method == "post"]
        assert client.post(path, data=form.values()).status_code == 303
        db.session.expire_all()
        assert registrations()[0].position == "Clerk"

    def test_a_second_head_is_refused_in_a_sentence(self, client, bishkek, url):
        add(bishkek, "Ana", "head")
        add(bishkek, "Bea")
        answer = client.submit(f"{url}/people/R20-0002", role="head", position="Clerk")
        assert answer.status_code == 409
        assert "Ana is the head of this delegation." in client.page.text
        assert registrations()[1].position != "Clerk"

    def test_woman_or_man_is_not_asked_of_somebody_else_and_stays(self, client, bishkek, url):
        ana = add(bishkek, "Ana", gender="woman", is_shown=True)
        bishkek.edition.are_participants_shown = True
        assert not {"gender", "is_shown", "consent"} & set(form_of(client, f"{url}/people/R20-0001"))
        client.submit(f"{url}/people/R20-0001", position="Clerk")
        db.session.expire_all()
        assert (ana.gender, ana.is_shown, ana.position) == ("woman", True, "Clerk")


class TestLeaving:
    def test_withdrawing_asks_first(self, client, bishkek, url, outbox):
        ana = add(bishkek, "Ana")
        assert client.get(f"{url}/people/R20-0001/withdraw").status_code == 200
        assert ana.status is Status.SUBMITTED
        assert client.submit(f"{url}/people/R20-0001/withdraw").status_code == 303
        db.session.expire_all()
        assert ana.status is Status.WITHDRAWN
        assert "Ana has been withdrawn and is told by mail." in client.get(url).text
        told = [row for row in outbox() if row.template.endswith("withdrawn.txt")]
        assert told[0].recipient == "ana@example.org"
        assert told[0].subject == "R20-0001: you have been withdrawn from Tangier"

    def test_who_was_changed_meanwhile_is_not_withdrawn_blindly(self, client, bishkek, url):
        ana = add(bishkek, "Ana")
        data = form_of(client, f"{url}/people/R20-0001/withdraw")
        registering.approve(ana, at=AT, by=REGISTRAR)
        client.post(f"{url}/people/R20-0001/withdraw", data=data)
        assert "Nothing has been overwritten." in client.get(url).text
        assert ana.status is Status.APPROVED

    def test_a_substitute_is_proposed_and_taken_back(self, client, bishkek, url):
        ana = add(bishkek, "Ana", "head")
        assert client.submit(f"{url}/people/R20-0001/substitute", **PERSON).status_code == 303
        client.get(url)
        assert "Proposed instead: Azamat Isakov. The secretariat decides." in client.page.text
        assert len(registrations()) == 1
        assert client.submit(url, action="/take-back").status_code == 303
        assert substitutions.open_of([ana]) == {}


class TestInviting:
    def test_an_invitation_counts_and_can_be_taken_back(self, client, bishkek, url, outbox):
        sent = client.submit(f"{url}/invite", role="aide", given_name="Igor", email="igor@example.org", language="ru")
        assert sent.status_code == 303
        (invitation,) = db.session.query(Invitation).all()
        assert (invitation.delegation_id, invitation.delegation_role, invitation.language) == (bishkek.id, "aide", "ru")
        assert outbox()[-1].recipient == "igor@example.org"
        client.get(url)
        assert "0 of 4 delegates, 1 of 2 interpreters and aides" in client.page.text
        assert "Invited, and not answered yet" in client.page.text
        client.submit(url, action="/revoke")
        client.get(url)
        assert "0 of 2 interpreters and aides" in client.page.text

    def test_whoever_answers_is_in_the_delegation_and_counts_once(self, client, bishkek, url, app, outbox):
        bishkek.delegates = 1
        client.submit(f"{url}/invite", role="head", given_name="Igor", email="igor@example.org")
        with app.app_context():
            body = write(outbox()[-1], mint=True).body
            db.session.commit()
        address = next(line for line in body.splitlines() if "/invitation/" in line)
        path = "/2020/invitation/" + address.rpartition("/")[2]
        assert client.submit(path, form_id="register", consent="yes").status_code == 303
        (one,) = registrations()
        assert (one.delegation_id, one.delegation_role) == (bishkek.id, "head")
        client.get(url)
        assert "1 of 1 delegate," in client.page.text

    def test_whoever_answers_too_late_is_told_and_keeps_what_was_typed(self, client, bishkek, url, app, outbox):
        client.submit(f"{url}/invite", role="head", given_name="Igor", email="igor@example.org")
        with app.app_context():
            body = write(outbox()[-1], mint=True).body
            db.session.commit()
        address = next(line for line in body.splitlines() if "/invitation/" in line)
        path = "/2020/invitation/" + address.rpartition("/")[2]
        add(bishkek, "Ana", "head")
        answer = client.submit(path, form_id="register", consent="yes", position="Mayor")
        assert answer.status_code == 409
        assert "Ana is the head of this delegation." in client.page.text
        assert 'value="Mayor"' in answer.text

    def test_one_too_many_is_not_invited(self, client, bishkek, url):
        add(bishkek, "Ana", "aide")
        add(bishkek, "Bea", "aide")
        answer = client.submit(f"{url}/invite", role="aide", given_name="Igor", email="igor@example.org")
        assert answer.status_code == 409
        assert "This delegation may bring 2 interpreters and aides" in client.page.text
        assert 'value="igor@example.org"' in answer.text

    def test_who_is_registered_is_not_named(self, client, bishkek, url):
        registering.register(
            bishkek.edition, answers(bishkek.edition, given_name="Igor", family_name=""), at=AT, by=REGISTRAR
        )
        answer = client.submit(f"{url}/invite", given_name="Igor", email="ana@example.org")
        assert answer.status_code == 409
        assert "R20-0001" not in client.page.text

    def test_an_invitation_of_another_delegation_stays(self, client, bishkek, url):
        kazan = page_of(delegation(bishkek.edition, "City of Kazan"))
        client.submit(f"{kazan}/invite", given_name="Igor", email="igor@example.org")
        (invitation,) = db.session.query(Invitation).all()
        token = form_of(client, f"{url}/add")["csrf_token"]
        client.post(f"{url}/invitations/{invitation.id}/revoke", data={"csrf_token": token})
        db.session.expire_all()
        assert invitation.revoked_at is None


class TestSeveral:
    LINES = "role\tgiven_name\temail\nhead\tAna\tana@example.org\nmember\tBea\tbea@example.org\n"

    def confirm(self, client, url, **values):
        data = next(form for form in client.page.forms if form.id == "several").values()
        return client.post(
            f"{url}/several", data={**data, "confirm": "yes", **values}, content_type="multipart/form-data"
        )

    def test_lines_are_shown_first_and_then_stored(self, client, url):
        assert client.submit(f"{url}/several", pasted=self.LINES).status_code == 200
        assert "Will be registered" in client.page.text
        assert "Register 2 people" in client.page.text
        assert registrations() == []
        assert self.confirm(client, url).status_code == 422
        assert "Without this consent" in client.page.text
        assert self.confirm(client, url, consent="yes").status_code == 303
        assert self.confirm(client, url, consent="yes").status_code == 303
        assert "2 people registered." in client.get(url).text
        assert [one.given_name for one in registrations()] == ["Ana", "Bea"]

    def test_what_is_agreed_to_is_the_text_that_was_shown(self, client, bishkek, url):
        agree(bishkek.edition, "The first text.")
        client.submit(f"{url}/several", pasted=self.LINES)
        assert "The first text." in client.page.text
        agree(bishkek.edition, "The second text.")
        assert self.confirm(client, url, consent="yes").status_code == 409
        assert "The second text." in client.page.text
        assert "The text has changed since you read it" in client.page.text
        assert registrations() == []
        assert self.confirm(client, url, consent="yes").status_code == 303
        assert [one.consent_text.number for one in registrations()] == [2, 2]

    def test_errors_are_said_by_line_and_the_lines_are_kept(self, client, url):
        answer = client.submit(f"{url}/several", pasted="given_name,email\nAna,ana@\n")
        assert answer.status_code == 422
        assert "Line 2, email: “ana@” is not an e-mail address" in client.page.text
        assert "Ana,ana@" in answer.text

    def test_what_changes_and_whom_to_ask_for_more_is_said(self, client, bishkek, url):
        bishkek.delegates = 1
        add(bishkek, "Ana", "head", position="Mayor")
        lines = "role,given_name,email,position\naide,Ana,ana@example.org,Clerk\n,Bea,b@b.org,\n,Cem,c@b.org,\n"
        client.submit(f"{url}/several", pasted=lines)
        assert "Will be changed position, role in the delegation" in client.page.text
        assert "1 line is left out. If more should come, write to retreat@example.org." in client.page.text

    def test_a_plan_that_is_no_longer_true_is_shown_again(self, client, bishkek, url):
        client.submit(f"{url}/several", pasted=self.LINES)
        add(bishkek, "Cem", "head")
        db.session.commit()
        answer = self.confirm(client, url, consent="yes")
        assert answer.status_code == 409
        assert "Something has changed since these lines were checked." in client.page.text
        assert "the delegation has another head" in client.page.text
        assert len(registrations()) == 1

    def test_a_workbook_is_checked_and_travels_as_text(self, client, bishkek, url):
        from io import BytesIO

        from retreat.core.sheets import xlsx_bytes

        content = xlsx_bytes(("given_name", "email"), [{"given_name": "Айгуль", "email": "a@example.org"}])
        data = {"csrf_token": form_of(client, f"{url}/several")["csrf_token"], "file": (BytesIO(content), "a.xlsx")}
        answer = client.post(f"{url}/several", data=data, content_type="multipart/form-data")
        assert (answer.status_code, "Айгуль" in client.page.text) == (200, True)
        assert self.confirm(client, url, consent="yes").status_code == 303
        assert registrations()[0].given_name == "Айгуль"

    def test_a_file_that_is_none_is_refused_in_a_sentence(self, client, url):
        from io import BytesIO

        token = form_of(client, f"{url}/several")["csrf_token"]
        for name, content in [("a.xlsx", b"PK\x03\x04nothing"), ("a.csv", b"\xff\xfe\x00"), ("a.csv", b"")]:
            data = {"csrf_token": token, "file": (BytesIO(content), name)}
            answer = client.post(f"{url}/several", data=data, content_type="multipart/form-data")
            assert answer.status_code == 422

    def test_ten_thousand_lines_are_refused_in_a_sentence(self, client, url):
        text = "given_name,email\n" + "".join(f"P{n},p{n}@example.org\n" for n in range(10_000))
        data = {"csrf_token": form_of(client, f"{url}/several")["csrf_token"], "pasted": text}
        assert client.post(f"{url}/several", data=data).status_code == 422
        assert "is one too many: a file may have 150 rows" in client.page.text

    def test_what_is_too_large_for_a_form_is_refused_in_a_sentence_too(self, client, url):
        body = f'--X\r\nContent-Disposition: form-data; name="pasted"\r\n\r\n{"P" * 3_000_000}\r\n--X--\r\n'
        answer = client.post(f"{url}/several", data=body.encode(), content_type="multipart/form-data; boundary=X")
        assert answer.status_code == 413
        assert "paste or choose at most 150 lines" in client.page.text
        assert answer.headers["Cache-Control"] == "no-store"

    def test_the_delegation_is_a_file_that_changes_nothing(self, client, bishkek, url):
        add(bishkek, "Ana", "head", languages=["es", "fr"], diet="=cmd")
        db.session.commit()
        text = client.get(f"{url}/lines.csv").text
        client.submit(f"{url}/several", pasted=text.replace("\r\n", "\n"))
        assert "Stays as it is" in client.page.text


class TestClosed:
    def test_the_page_can_be_read_and_nothing_changed(self, client, bishkek, url, clock):
        ana = add(bishkek, "Ana")
        bishkek.edition.registration_closes = AT.date()
        db.session.commit()
        data = {**form_of(client, f"{url}/add"), **PERSON}
        with clock(AT + timedelta(days=2)):
            client.get(url)
            assert "Registration for Tangier closed on" in client.page.text
            assert "Edit" not in client.page.text
            for path in ("/add", "/several", "/invite", "/people/R20-0001", "/people/R20-0001/withdraw"):
                assert client.get(url + path).status_code == 403
                assert client.post(url + path, data=data).status_code == 403
                assert "Registration for Tangier closed on" in client.page.text
        assert (len(registrations()), ana.status) == (1, Status.SUBMITTED)

    def test_before_it_opens_nobody_is_added(self, client, bishkek, url):
        bishkek.edition.registration_opens = AT.date() + timedelta(days=5)
        db.session.commit()
        client.get(url)
        assert "Registration for Tangier opens on" in client.page.text
        assert client.get(f"{url}/add").status_code == 403

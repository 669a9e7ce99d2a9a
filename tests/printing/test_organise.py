"""The organisers' pages of visa letters."""

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core import clock as core_clock
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.jobs import Job
from retreat.editions import service as editions
from retreat.registration import service as registering
from retreat.registration.letters import service, signatories
from retreat.registration.letters.models import Letter, LetterState, SignatorySide
from retreat.registration.letters.service import passport_of
from tests.printing import paper
from tests.registration.letters.making import PASSPORT, SECRETS, asks, ink, sign
from tests.registration.making import AT, REGISTRAR, edition, registrations

pytestmark = pytest.mark.one_database

URL = "/organise/2020/letters"
ANA = f"{URL}/people/R20-0001"
LATER = AT + timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_january():
    with core_clock.stopped(LATER):
        yield


@pytest.fixture
def tangier(db_session):
    made = edition()
    sign(made)
    return made


@pytest.fixture
def registrar(as_role):
    return as_role("registrar")


def letters():
    db.session.expire_all()
    return list(db.session.scalars(select(Letter).order_by(Letter.id)))


def seen_by(action):
    return list(db.session.scalars(select(AuditEntry.actor_name).where(AuditEntry.action == action)))


class TestList:
    def test_it_says_who_waits_for_what(self, registrar, tangier):
        asks(tangier)
        asks(tangier, given_name="Mia", email="mia@example.org", passport=None)
        registrar.get(URL)
        for words in ("2 people", "Ana Fernández", "ready to issue", "Mia Fernández", "passport data missing"):
            assert words in registrar.page.text
        registrar.get(f"{URL}?show=ready")
        assert "Mia" not in registrar.page.text
        registrar.get(f"{URL}?show=revoked")
        assert "Nobody matches" in registrar.page.text
        assert registrar.get(f"{URL}?show=nonsense&page=99999999999&q=%00").status_code == 200

    def test_an_empty_one_says_what_comes(self, registrar, tangier):
        registrar.get(URL)
        assert "Nobody asks for a visa letter yet" in registrar.page.text

    def test_without_signatures_it_says_which_and_the_button_rests(self, registrar, as_role, db_session):
        asks(edition())
        registrar.get(URL)
        assert "An administrator can enter it." in registrar.page.text
        assert "For the signature of the host city there is missing" in registrar.page.text
        registrar.submit(URL, form_id="issue-all")
        assert (letters(), list(db.session.scalars(select(Job)))) == ([], [])

    def test_a_reminder_goes_to_those_who_have_not_given_their_passport(self, registrar, tangier, outbox):
        asks(tangier, passport=None)
        registrar.submit(URL, form_id="remind")
        assert outbox()[-1].template == "registration/mail/passport_reminder.txt"
        assert "1 person is reminded." in registrar.get(URL).text
        count = len(outbox())
        registrar.submit(URL, form_id="remind")
        assert len(outbox()) == count


class TestOne:
    def test_a_letter_is_issued_downloaded_and_replaced(self, registrar, tangier, outbox):
        asks(tangier)
        assert registrar.submit(ANA, form_id="issue", language="fr", costs="uclg").location == ANA
        (letter,) = letters()
        assert letter.language == "fr"
        assert f"The letter {letter.number} is issued; a mail is on its way." in registrar.get(ANA).text
        assert outbox()[-1].template == "registration/mail/letter_ready.txt"
        answer = registrar.get(f"{URL}/issued/{letter.number}.pdf")
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert PASSPORT.number in paper.text(answer.data)
        assert registrar.get(f"{URL}/issued/{letter.number}.pdf").data == answer.data
        assert seen_by("letter.seen") == ["Registrar", "Registrar"]
        registrar.submit(ANA, form_id="issue")
        first, second = letters()
        assert (first.state, second.state) == (LetterState.REPLACED, LetterState.VALID)

    def test_the_button_pressed_twice_makes_one_letter(self, registrar, tangier):
        asks(tangier)
        registrar.get(ANA)
        form = next(form for form in registrar.page.forms if form.id == "issue")
        registrar.post(f"{ANA}/issue", data=form.values())
        registrar.post(f"{ANA}/issue", data=form.values())
        assert len(letters()) == 1
        assert "A letter has been issued meanwhile" in registrar.get(ANA).text

    def test_revoking_needs_a_reason(self, registrar, tangier):
        letter = service.issue(asks(tangier), at=AT, by=REGISTRAR)
        registrar.submit(ANA, action="/revoke", reason="")
        assert "Give a reason" in registrar.get(ANA).text
        registrar.submit(ANA, action="/revoke", reason="Stolen")
        assert letters()[0].state is LetterState.REVOKED
        page = registrar.get(ANA).text
        assert "Stolen" in page
        assert letter.number in page

    def test_a_letter_that_would_have_gaps_is_not_issued(self, registrar, tangier):
        from dataclasses import replace

        asks(tangier, passport=replace(PASSPORT, family_name="ᠮᠣᠩᠭᠣᠯ"))
        registrar.submit(ANA, form_id="issue")
        assert "has letters that no print font has" in registrar.get(ANA).text
        assert letters() == []

    def test_a_letter_of_another_edition_is_not_found(self, registrar, tangier):
        kazan = edition("kazan")
        sign(kazan)
        letter = service.issue(asks(kazan), at=AT, by=REGISTRAR)
        assert registrar.get(f"{URL}/issued/{letter.number}.pdf").status_code == 404
        assert registrar.get(f"{URL}/people/R20-0001").status_code == 404

    def test_after_the_purge_the_letter_is_listed_and_cannot_be_printed(self, registrar, tangier):
        letter = service.issue(asks(tangier), at=AT, by=REGISTRAR)
        editions.close_edition(tangier, at=AT, by=REGISTRAR)
        service.purge(at=AT + timedelta(days=30), by=REGISTRAR)
        assert "what it said has been erased" in registrar.get(ANA).text
        assert registrar.get(URL).status_code == 200
        assert registrar.get(f"{URL}/issued/{letter.number}.pdf").status_code == 410
        assert "Its number can still be verified." in registrar.page.text


class TestPassport:
    def test_it_is_read_and_corrected_and_both_are_written_down(self, registrar, tangier):
        asks(tangier)
        assert not any(secret in registrar.get(ANA).text for secret in SECRETS)
        assert seen_by("passport.seen") == []
        assert registrar.get(f"{ANA}/passport").headers["Cache-Control"] == "private, no-store"
        assert PASSPORT.number in registrar.get(f"{ANA}/passport").text
        assert seen_by("passport.seen") == ["Registrar", "Registrar"]
        assert registrar.submit(f"{ANA}/passport", form_id="passport", number="b 77-x").location == ANA
        assert passport_of(registrations()[0]).number == "B 77-X"

    def test_what_is_wrong_is_said_at_its_field_and_all_that_was_typed_is_kept(self, registrar, tangier):
        asks(tangier)
        answer = registrar.submit(
            f"{ANA}/passport", form_id="passport", expires_on="2020-02-28", born_in="Salto", number="ÄÖ"
        )
        assert answer.status_code == 422
        assert "Enter the number as it is printed" in answer.text
        answer = registrar.submit(f"{ANA}/passport", form_id="passport", expires_on="2020-02-28", born_in="Salto")
        assert answer.status_code == 422
        assert "The passport ends before the Retreat does" in answer.text
        assert 'value="Salto"' in answer.text
        assert passport_of(registrations()[0]) == PASSPORT

    def test_a_passport_that_ends_soon_is_a_warning(self, registrar, tangier):
        asks(tangier)
        registrar.submit(f"{ANA}/passport", form_id="passport", expires_on="2020-06-01")
        assert "less than six months after the Retreat" in registrar.get(ANA).text


class TestAll:
    def test_everybody_who_is_ready_has_a_letter_and_the_zip_holds_them_all(
        self, registrar, tangier, run_jobs, outbox, app
    ):
        from dataclasses import replace

        people = [asks(tangier, given_name=name, email=f"{name}@example.org") for name in ("Ana", "Bea", "Cem")]
        people[1].language = "ru"
        asks(tangier, given_name="Mia", email="mia@example.org", passport=None)
        asks(tangier, given_name="Zoe", email="zoe@example.org", passport=replace(PASSPORT, given_names="ᠮᠣᠩ"))
        registrar.submit(URL, form_id="issue-all")
        run_jobs()
        made = letters()
        assert [letter.number[:14] for letter in made] == [f"UCLG-2020-000{n}" for n in (1, 2, 3)]
        assert [letter.language for letter in made] == ["en", "ru", "en"]
        assert [letter.issued_by for letter in made] == ["Registrar"] * 3
        assert [mail.template.rpartition("/")[2] for mail in outbox()].count("letter_ready.txt") == 3
        page = registrar.get(URL).text
        assert "R20-0005" in page
        assert "has letters that no print font has" in page
        job = db.session.scalars(select(Job)).one()
        assert (job.total, job.done) == (6, 6)
        answer = registrar.get(f"{URL}/runs/{job.id}.zip")
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert archive.namelist() == [f"{letter.number}.pdf" for letter in made]
            first = archive.read(archive.namelist()[0])
        assert registrar.get(f"{URL}/issued/{made[0].number}.pdf").data == first
        assert registrar.get(f"{URL}/runs/{job.id}.json").json["over"] is True

    def test_while_it_waits_the_file_can_be_read_by_nobody(self, registrar, tangier, run_jobs, app):
        asks(tangier)
        registrar.submit(URL, form_id="issue-all")
        run_jobs()
        job = db.session.scalars(select(Job)).one()
        (file,) = (app.config["DATA"] / "files").iterdir()
        assert b"%PDF" not in file.read_bytes()
        assert not any(secret in f"{job.result} {job.arguments}" for secret in SECRETS)

    def test_a_run_that_begins_again_issues_nobody_a_second_letter(self, registrar, tangier, run_jobs):
        asks(tangier)
        registrar.submit(URL, form_id="issue-all")
        run_jobs()
        job = db.session.scalars(select(Job)).one()
        from retreat.core.jobs import JobState

        job.state = JobState.WAITING
        db.session.commit()
        run_jobs()
        assert len(letters()) == 1
        db.session.expire_all()
        assert job.result["count"] == 1

    def test_a_run_of_something_else_is_not_found(self, registrar, tangier):
        from retreat.core import jobs

        other = jobs.enqueue("letters.purge", {}, at=AT, by=REGISTRAR, edition_id=tangier.id)
        assert registrar.get(f"{URL}/runs/{other.id}.zip").status_code == 404
        assert registrar.get(f"{URL}/runs/{other.id}.json").status_code == 404


class TestSignatories:
    def fill(self, client, side, **values):
        given = {
            f"{side}-name": "Emília Saiz",
            f"{side}-position_en": "Secretary General",
            f"{side}-organisation": "UCLG",
            f"{side}-picture": (io.BytesIO(ink()), "signature.png"),
            **{f"{side}-{name}": value for name, value in values.items()},
        }
        client.get(f"{URL}/signatories")
        form = next(form for form in client.page.forms if form.id == side)
        return client.post(form.action, data={**form.values(), **given}, content_type="multipart/form-data")

    def test_both_are_entered_and_letters_can_be_issued(self, as_role, db_session):
        tangier = edition()
        administrator = as_role("administrator")
        assert self.fill(administrator, "secretariat").status_code == 303
        assert (
            self.fill(administrator, "host", name="Mohamed Abdellaoui", organisation="City of Tangier").status_code
            == 303
        )
        assert signatories.missing(tangier) == []
        picture = administrator.get(f"{URL}/signatories/host.png")
        assert (picture.mimetype, picture.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
        assert picture.headers["Cache-Control"] == "private, no-store"
        assert "sandbox" in picture.headers["Content-Security-Policy"]

    def test_a_name_is_changed_without_a_new_picture(self, as_role, tangier):
        before = signatories.picture_of_side(tangier, SignatorySide.HOST)
        administrator = as_role("administrator")
        administrator.submit(f"{URL}/signatories", form_id="host", **{"host-name": "Somebody Else"})
        assert signatories.picture_of_side(tangier, SignatorySide.HOST) == before
        assert "Somebody Else" in administrator.get(f"{URL}/signatories").text

    def test_a_bad_picture_changes_nothing_and_keeps_what_was_typed(self, as_role, tangier):
        answer = self.fill(
            as_role("administrator"), "host", name="New Name", picture=(io.BytesIO(b"<svg/>"), "signature.png")
        )
        assert answer.status_code == 422
        assert "This is no picture in the PNG or JPEG format" in answer.text
        assert 'value="New Name"' in answer.text
        assert signatories.signatories_of(tangier)[SignatorySide.HOST].name == "Mohamed Abdellaoui"

    def test_nobody_but_those_who_set_the_edition_sees_a_signature(self, registrar, tangier):
        assert registrar.get(f"{URL}/signatories/host.png").status_code == 403
        assert registrar.get(f"{URL}/signatories").status_code == 403
        assert "Who signs" not in registrar.get(URL).text

    def test_a_name_is_needed(self, as_role, tangier):
        answer = self.fill(as_role("administrator"), "host", name="  ")
        assert answer.status_code == 422
        assert "Enter the name" in answer.text


class TestWhoMay:
    @pytest.mark.parametrize("role", ["desk", "viewer", "protocol", "programmer"])
    def test_others_see_neither_letters_nor_passports(self, as_role, tangier, role):
        letter = service.issue(asks(tangier), at=AT, by=REGISTRAR)
        client = as_role(role)
        for path in (URL, ANA, f"{ANA}/passport", f"{URL}/issued/{letter.number}.pdf"):
            assert client.get(path).status_code == 403
        if role in ("desk", "viewer"):
            assert "/letters" not in client.get("/organise/2020/registrations/R20-0001").text

    def test_the_registrations_page_leads_there(self, registrar, tangier):
        asks(tangier)
        registrar.get("/organise/2020/registrations/R20-0001")
        assert ANA in registrar.page.links
        registering.correct(
            registrations()[0],
            {**_answers(registrations()[0]), "visa_letter": False},
            version=None,
            at=AT,
            by=REGISTRAR,
        )
        registrar.get("/organise/2020/registrations/R20-0001")
        assert ANA not in registrar.page.links


def _answers(registration):
    return {"category_id": registration.category_id}

"""The edition's questions where people meet them: the form, the own page, the secretariat's pages."""

import io
import re
import zipfile

import pytest

from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.network.models import Organisation
from retreat.registration import consent, service
from retreat.registration.models import Status
from retreat.registration.questions.service import current_questions
from tests.registration.making import AT, DELEGATE, FORM, category, edition, registrations
from tests.registration.making import answers as built_in
from tests.registration.questions.making import answers, question, reply, said, taken

pytestmark = pytest.mark.one_database

URL = "/2020/register"
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def tangier(db_session):
    return edition()


def errors_of(response):
    return dict(re.findall(r'<p class="error" id="(q_[a-z_]+)-error">(.*?)</p>', response.text))


def a_file(content=PDF, name="cv.pdf"):
    return (io.BytesIO(content), name)


def png(width=4, height=4):
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (width, height)).save(target, "PNG")
    return target.getvalue()


def office(*names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return target.getvalue()


class TestTheForm:
    def test_a_question_is_a_control_like_all_others(self, client, tangier):
        question(tangier, "dish", "choice", options=["fish", "rice"], is_required=True)
        question(tangier, "note", "long-text")
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        assert {"q_dish", "q_note"} <= form.names
        assert "q_dish" in form.required
        assert "q_note" not in form.required
        assert "Questions for this Retreat" in client.page.text

    def test_without_questions_there_is_no_part_for_them(self, client, tangier):
        client.get(URL)
        assert "Questions for this Retreat" not in client.page.text

    def test_answers_are_kept_and_shown_on_the_own_page(self, client, tangier):
        question(tangier, "dish", "choices", options=["fish", "rice"])
        question(tangier, "home", "country")
        sent = client.submit(URL, **FORM, q_dish=["fish", "rice"], q_home="morocco")
        assert sent.status_code == 303
        assert answers(registrations()[0]) == {"dish": "fish;rice", "home": "MA"}
        client.get(sent.location)
        assert "Dish Fish, Rice Home Morocco" in client.page.text

    @pytest.mark.parametrize(
        ("kind", "typed", "wrong"),
        [
            ("number", "many", "Write a number, for example 12 or 12.5"),
            ("date", "24.2.2020", "Write the date as YYYY-MM-DD, for example 2020-02-24"),
            ("text", "x" * 301, "Shorten this to 300 characters; it has 301."),
            ("choice", "pork", "Choose one of the answers that are offered"),
            ("choices", "pork", "Choose one of the answers that are offered"),
            ("yes-no", "perhaps", "Choose one of the answers that are offered"),
        ],
    )
    def test_a_wrong_answer_is_said_beside_it_and_nothing_is_kept(self, client, tangier, kind, typed, wrong):
        question(tangier, "it", kind, options=["fish"] if kind.startswith("choice") else [])
        sent = client.submit(URL, **FORM, q_it=typed)
        assert (sent.status_code, errors_of(sent)) == (422, {"q_it": wrong})
        assert registrations() == []

    def test_what_is_required_is_required_of_those_who_are_asked(self, client, tangier):
        question(tangier, "comes", "yes-no", is_required=True)
        first = current_questions(tangier)[0]
        question(tangier, "dish", is_required=True, shown_if_id=first.id, shown_if_values=["yes"])
        question(tangier, "paper", is_required=True, categories=[category(tangier, "press")])
        assert errors_of(client.submit(URL, **FORM)) == {"q_comes": "Choose yes or no"}
        assert errors_of(client.submit(URL, **FORM, q_comes="yes")) == {"q_dish": "Answer this question"}
        press = {**FORM, "category": "press"}
        assert errors_of(client.submit(URL, **press, q_comes="no")) == {"q_paper": "Answer this question"}
        assert client.submit(URL, **FORM, q_comes="no", q_dish="Fish", q_paper="Le Monde").status_code == 303
        assert answers(registrations()[0]) == {"comes": "no"}

    def test_each_says_of_whom_it_is_asked_for_those_without_javascript(self, client, tangier):
        question(tangier, "comes", "yes-no")
        first = current_questions(tangier)[0]
        question(tangier, "dish", shown_if_id=first.id, shown_if_values=["yes"])
        question(tangier, "paper", categories=[category(tangier, "press")])
        client.get(URL)
        assert "Only if the answer to “Comes” is “Yes”." in client.page.text
        assert "Only for those who take part as: Press." in client.page.text

    def test_who_comes_too_late_reads_which_choice_is_full_and_keeps_what_was_typed(self, client, tangier):
        question(tangier, "dinner", "choice", options=[("gala", 1), "none"])
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        service.register(
            tangier,
            built_in(tangier, given_name="Bea"),
            at=AT,
            by=DELEGATE,
            replies=said(tangier, dinner=reply("gala")),
        )
        db.session.commit()
        sent = client.post(URL, data={**form.values(), **FORM, "q_dinner": "gala"})
        assert sent.status_code == 409
        assert errors_of(sent) == {"q_dinner": "No place is left for “Gala”. Choose something else."}
        assert 'value="Fernández"' in sent.text
        assert "Gala (no place left)" in sent.text
        assert taken(tangier) == {"gala": 1, "none": 0}

    def test_three_answers_are_kept_within_fifteen_queries(self, client, tangier, count_queries):
        question(tangier, "comes", "yes-no")
        question(tangier, "age", "number")
        question(tangier, "note", "text")
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        data = {**form.values(), **FORM, "section": "latin-america", "organisation": "Osh"}
        db.session.commit()
        with count_queries() as queries:
            assert client.post(URL, data={**data, "q_comes": "yes", "q_age": "3", "q_note": "x"}).status_code == 303
        assert len(queries) <= 15, queries

    def test_limited_choices_under_a_consent_of_the_edition_are_kept_within_fifteen_queries(
        self, client, tangier, count_queries
    ):
        question(tangier, "comes", "yes-no")
        question(tangier, "dinner", "choice", options=[("gala", 5), "none"])
        question(tangier, "visits", "choices", options=[("port", 5), ("medina", 5)])
        consent.save(tangier, Translated(en="I agree."), at=AT, by=COMMAND)
        db.session.add(Organisation(name=Translated(en="Osh"), name_key="osh"))
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        data = {**form.values(), **FORM, "section": "latin-america", "organisation": "Osh"}
        ticked = {"q_comes": "yes", "q_dinner": "gala", "q_visits": ["port", "medina"]}
        db.session.commit()
        with count_queries() as queries:
            assert client.post(URL, data={**data, **ticked}).status_code == 303
        assert len(queries) <= 15, queries
        assert taken(tangier) == {"gala": 1, "none": 0, "port": 1, "medina": 1}


class TestFiles:
    @pytest.fixture
    def link(self, client, tangier):
        question(tangier, "cv", "file", is_required=True)
        sent = client.submit(URL, **FORM, q_cv=a_file())
        assert sent.status_code == 303
        return sent.location

    def test_it_is_kept_served_as_a_download_and_never_run(self, client, link, as_role):
        answer = client.get(f"{link}/files/cv")
        assert (answer.data, answer.content_type) == (PDF, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="cv.pdf"')
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        code = registrations()[0].code
        address = f"/organise/2020/registrations/{code}/files/cv"
        assert as_role("registrar").get(address).data == PDF
        assert as_role("viewer").get(address).status_code == 403
        assert client.get(address).status_code in (303, 401)
        assert client.get(f"/2020/registration/{'x' * 32}/files/cv").status_code == 404

    def test_it_survives_a_correction_that_does_not_send_it_and_can_be_removed(self, client, link):
        assert client.submit(f"{link}/edit", city="Osh").status_code == 303
        assert client.get(f"{link}/files/cv").status_code == 200
        refused = client.submit(f"{link}/edit", q_cv_remove="yes")
        assert errors_of(refused) == {"q_cv": "Choose a file"}
        current_questions(registrations()[0].edition)[0].is_required = False
        db.session.commit()
        assert client.submit(f"{link}/edit", q_cv_remove="yes").status_code == 303
        assert client.get(f"{link}/files/cv").status_code == 404

    def test_a_page_that_comes_back_asks_for_the_file_again(self, client, tangier):
        question(tangier, "cv", "file")
        sent = client.submit(URL, **{**FORM, "email": ""}, q_cv=a_file())
        assert sent.status_code == 422
        assert "Choose the file again" in sent.text

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"<!doctype html><script>alert(1)</script>", "This kind of file is not taken."),
            (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "This kind of file is not taken."),
            (b"MZ\x90\x00", "This kind of file is not taken."),
            (office("word/vbaProject.bin", "word/document.xml"), "The file has macros in it."),
            (office("x.html"), "This kind of file is not taken."),
            (b"", "The file is empty."),
            (b"\x89PNG\r\n\x1a\nrubbish", "The picture is damaged: it cannot be opened."),
            (png()[:40], "The picture is damaged: it cannot be opened."),
        ],
        ids=["html", "svg", "program", "macros", "other zip", "nothing", "no picture", "half a picture"],
    )
    def test_what_is_no_plain_document_is_refused_with_a_sentence(self, client, tangier, content, sentence):
        question(tangier, "cv", "file")
        sent = client.submit(URL, **FORM, q_cv=a_file(content, "cv.pdf"))
        assert sent.status_code == 422
        assert errors_of(sent)["q_cv"].startswith(sentence)
        assert registrations() == []

    @pytest.mark.parametrize(
        ("content", "ending"),
        [(png(), ".png"), (office("word/document.xml"), ".docx"), (office("xl/workbook.xml"), ".xlsx"), (PDF, ".pdf")],
        ids=["png", "docx", "xlsx", "pdf"],
    )
    def test_the_name_is_cleaned_and_ends_as_what_it_is(self, client, tangier, content, ending):
        question(tangier, "cv", "file")
        client.submit(URL, **FORM, q_cv=a_file(content, "../../etc/My\u202e CV.exe"))
        assert answers(registrations()[0]) == {"cv": f"My CV{ending}"}


class TestTheSecretariat:
    def test_answers_stand_on_the_persons_page_and_may_be_corrected(self, tangier, as_role):
        question(tangier, "dish", "choice", options=["fish", "rice"], is_required=True)
        one = service.register(tangier, built_in(tangier), at=AT, by=DELEGATE)
        db.session.commit()
        code = one.code
        registrar = as_role("registrar")
        sent = registrar.submit(f"/organise/2020/registrations/{code}/edit", form_id="answers", city="Osh")
        assert sent.status_code == 303
        registrar.submit(f"/organise/2020/registrations/{code}/edit", form_id="answers", q_dish="rice")
        registrar.get(f"/organise/2020/registrations/{code}")
        assert "Dish Rice" in registrar.page.text

    def test_nobody_reads_of_whom_it_is_a_woman(self, client, tangier, as_role):
        client.submit(URL, **FORM, gender="woman")
        (one,) = registrations()
        assert one.gender.value == "woman"
        registrar = as_role("registrar")
        code = one.code
        for address in (f"/{code}", f"/{code}/edit", ""):
            registrar.get(f"/organise/2020/registrations{address}")
            assert "Woman" not in registrar.page.text
        registrar.submit(f"/organise/2020/registrations/{code}/edit", form_id="answers", city="Osh")
        db.session.expire_all()
        assert (one.gender.value, one.city, one.status) == ("woman", "Osh", Status.SUBMITTED)

    def test_the_history_names_the_questions_that_were_answered_otherwise(self, tangier, as_role):
        question(tangier, "dish", "choice", label=Translated(en="Your dish", ru="Ваше блюдо"), options=["fish", "rice"])
        one = service.register(tangier, built_in(tangier), at=AT, by=DELEGATE)
        db.session.commit()
        page, registrar = f"/organise/2020/registrations/{one.code}", as_role("registrar")
        assert registrar.submit(f"{page}/edit", form_id="answers", q_dish="rice", city="Osh").status_code == 303
        registrar.get(page)
        assert "city, “Your dish”" in registrar.page.text
        registrar.get(page, query_string={"lang": "ru"})
        assert "“Ваше блюдо”" in registrar.page.text
        assert "q_dish" not in registrar.page.text

    def test_another_category_drops_what_is_not_asked_of_it_and_frees_what_was_ticked(self, tangier, as_role):
        press = category(tangier, "press")
        question(tangier, "tour", "choices", options=[("port", 1), "kasbah"], categories=[category(tangier)])
        question(tangier, "medium", categories=[press])
        replies = said(tangier, tour=reply("port", "kasbah"))
        one = service.register(tangier, built_in(tangier), at=AT, by=DELEGATE, replies=replies)
        db.session.commit()
        address = f"/organise/2020/registrations/{one.code}/edit"
        sent = as_role("registrar").submit(address, form_id="answers", category="press", q_medium="Radio")
        assert sent.status_code == 303
        assert answers(one) == {"medium": "Radio"}
        assert taken(tangier) == {"port": 0, "kasbah": 0}

    def test_a_file_from_the_page_comes_back_with_several_choices(self, tangier, as_role):
        question(tangier, "tour", "choices", options=[("port", 2), "kasbah"], label=Translated(en="Which tours?"))
        replies = said(tangier, tour=reply("port", "kasbah"))
        one = service.register(tangier, built_in(tangier), at=AT, by=DELEGATE, replies=replies)
        db.session.commit()
        registrar, address = as_role("registrar"), "/organise/2020/lists/import"
        sheet = registrar.get("/organise/2020/registrations.csv").data.decode("utf-8-sig")
        assert "port;kasbah" in sheet
        for cell, said_in_preview, kept in [
            ("port;kasbah", "as it was", "port;kasbah"),
            ("Kasbah", "changed: “Which tours?”", "kasbah"),
            ("", "changed: “Which tours?”", None),
        ]:
            changed = sheet.replace("port;kasbah", cell).encode()
            preview = registrar.submit(address, action="/import", file=(io.BytesIO(changed), "people.csv"))
            assert preview.status_code == 200
            assert said_in_preview in registrar.page.text
            (form,) = [form for form in registrar.page.forms if form.action.endswith("/import/confirm")]
            assert registrar.post(form.action, data=form.values()).status_code == 303
            assert answers(one) == ({"tour": kept} if kept else {})
        assert taken(tangier) == {"port": 0, "kasbah": 0}


class TestEachKind:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("+212 (0) 600-00 00 00", "+212 (0) 600-00 00 00"),
            (" 0600\u00a0000 000 ", "0600 000 000"),
            ("ask at the desk", "ask at the desk"),
        ],
    )
    def test_a_telephone_number_is_kept_as_it_is_written(self, client, tangier, typed, kept):
        question(tangier, "mobile", "phone")
        page = client.get(URL)
        assert re.search(
            r'<input[^>]*name="q_mobile"[^>]*type="tel"|<input[^>]*type="tel"[^>]*name="q_mobile"', page.text
        )
        assert client.submit(URL, **FORM, q_mobile=typed).status_code == 303
        assert answers(registrations()[0]) == {"mobile": kept}

    def test_a_telephone_number_has_at_most_forty_characters(self, client, tangier):
        question(tangier, "mobile", "phone")
        sent = client.submit(URL, **FORM, q_mobile="1" * 41)
        assert errors_of(sent) == {"q_mobile": "Shorten this to 40 characters; it has 41."}

    def test_a_question_may_hang_on_a_file(self, client, tangier):
        cv = question(tangier, "cv", "file")
        question(tangier, "title", is_required=True, shown_if_id=cv.id)
        assert client.submit(URL, **FORM, q_title="Not asked").status_code == 303
        assert answers(registrations()[0]) == {}
        other = {**FORM, "email": "bea@example.org"}
        assert errors_of(client.submit(URL, **other, q_cv=a_file())) == {"q_title": "Answer this question"}
        sent = client.submit(URL, **other, q_cv=a_file(), q_title="Mayor of Osh")
        assert sent.status_code == 303
        assert answers(registrations()[1]) == {"cv": "cv.pdf", "title": "Mayor of Osh"}
        # What is kept still counts when the file is not sent again, and no longer once it is taken away.
        assert client.submit(f"{sent.location}/edit", q_title="Mayor").status_code == 303
        assert answers(registrations()[1]) == {"cv": "cv.pdf", "title": "Mayor"}
        assert client.submit(f"{sent.location}/edit", q_cv_remove="yes").status_code == 303
        assert answers(registrations()[1]) == {}

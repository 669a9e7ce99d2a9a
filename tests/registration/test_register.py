"""The public form, as people and programs meet it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from retreat.core.db import db
from retreat.core.http import has_room, spend
from retreat.core.i18n import Translated
from retreat.core.mail import MASKED, write
from retreat.core.names import search_key
from retreat.network.models import Organisation
from retreat.registration.models import Status
from retreat.registration.views import REGISTRATIONS_PER_ADDRESS
from tests.conftest import make_app
from tests.core.smtp import post_office
from tests.registration.making import AT, FORM, category, edition, registrations

URL = "/2020/register"


@pytest.fixture
def tangier(db_session):
    return edition()


@pytest.fixture
def errors_of():
    return lambda response: dict(re.findall(r'<p class="error" id="([a-z_]+)-error">(.*?)</p>', response.text))


class TestForm:
    def test_its_fields_are_the_columns_of_the_file_and_the_required_ones_say_so(self, client, tangier):
        assert client.get(URL).status_code == 200
        (form,) = [form for form in client.page.forms if form.method == "post"]
        assert form.action == URL
        columns = [
            "honorific",
            "given_name",
            "family_name",
            "badge_name",
            "native_name",
            "native_language",
            "position",
            "organisation",
            "city",
            "country",
            "section",
            "category",
            "email",
            "phone",
            "languages",
            "arrival",
            "departure",
            "arrival_time",
            "arrival_flight",
            "departure_time",
            "departure_flight",
            "hotel",
            "companion",
            "gender",
            "diet",
            "access_needs",
            "visa_letter",
        ]
        own = {"consent", "consent_number", "csrf_token", "submission_key"}
        own |= {"for_someone_else", "filled_by_name", "filled_by_email"}
        assert form.names == {*columns, *own}
        assert form.required == {"email", "category", "consent"}
        assert form.values()["category"] == ["delegate"]

    def test_members_are_suggested_in_the_page_and_while_typing(self, client, tangier, db_session):
        name = "City of Montevideo"
        db_session.add(
            Organisation(name=Translated(en=name), name_key=search_key(name), city="Montevideo", country="Uruguay")
        )
        page = client.get(URL).text
        assert f'<option value="{name}"></option>' in page
        assert '<option value="Uruguay"></option>' in page
        found = client.get("/2020/organisations.json?q=montevideo").json
        assert found == {"organisations": [{"name": name, "city": "Montevideo", "country": "Uruguay", "section": ""}]}
        assert client.get("/2020/organisations.json").json == {"organisations": []}

    def test_the_secretariats_own_categories_are_not_offered(self, client, tangier, db_session):
        category(tangier, "secretariat").is_public = False
        client.get(URL)
        assert client.submit(URL, **FORM, category="secretariat").status_code == 422
        assert registrations() == []

    @pytest.mark.parametrize(
        ("opens", "closes", "words"),
        [
            (AT + timedelta(days=3), None, "Registration for Tangier opens on Friday 17 January 2020."),
            (None, AT - timedelta(days=3), "Registration for Tangier closed on Saturday 11 January 2020."),
        ],
    )
    def test_outside_its_dates_a_sentence_says_the_day_and_nothing_is_taken(
        self, client, tangier, db_session, clock, opens, closes, words
    ):
        with clock(AT):
            client.get(URL)
            token = client.page.forms[-1].values()["csrf_token"]
            tangier.registration_opens = opens and opens.date()
            tangier.registration_closes = closes and closes.date()
            shown = client.get(URL)
            assert (shown.status_code, words in shown.text) == (200, True)
            assert [form for form in client.page.forms if form.method == "post"] == []
            sent = client.post(URL, data={**FORM, "csrf_token": token})
        assert (sent.status_code, words in sent.text) == (403, True)
        assert registrations() == []

    def test_an_unknown_edition_has_no_form(self, client):
        assert client.get("/1999/register").status_code == 404
        assert client.put("/2020/register").status_code == 405


class TestSending:
    def test_a_registration_ends_on_the_persons_own_page_with_its_reference(self, client, tangier, outbox):
        sent = client.submit(f"{URL}?lang=fr", **FORM, position="Maire", languages=["fr", "es"], arrival="2020-02-23")
        assert sent.status_code == 303
        page = client.get(sent.location)
        assert page.status_code == 200
        assert "R20-0001" in page.text
        assert "Ana Fernández" in client.page.text
        (one,) = registrations()
        assert (one.status, one.language, one.languages, one.arrival.isoformat()) == (
            Status.SUBMITTED,
            "fr",
            ["fr", "es"],
            "2020-02-23",
        )
        assert one.consented_at is not None
        assert [(mail.recipient, mail.language) for mail in outbox()] == [("ana@example.org", "fr")]

    def test_the_mails_link_opens_the_same_page(self, client, tangier, app):
        from retreat.core import mail

        client.submit(URL, **FORM)
        with app.app_context():
            row = db.session.scalars(select(mail.OutboxMail)).one()
            body = mail.write(row, mint=True).body
            db.session.commit()
        (link,) = re.findall(r"^http\S+/2020/registration/\S+$", body, re.MULTILINE)
        assert client.get(urlsplit(link).path).status_code == 200

    def test_one_name_is_enough(self, client, tangier):
        assert client.submit(URL, **{**FORM, "given_name": "", "family_name": "Wulandari"}).status_code == 303
        assert (
            client.submit(URL, **{**FORM, "given_name": "", "family_name": "", "badge_name": "Madonna"}).status_code
            == 303
        )
        assert [one.printed_name for one in registrations()] == ["Wulandari", "Madonna"]

    def test_names_stay_as_they_were_typed(self, client, tangier):
        client.submit(
            URL,
            **{
                **FORM,
                "given_name": "İBRAHİM",
                "family_name": "çelik",
                "native_name": "فاطمة",
                "native_language": "ar",
            },
        )
        (one,) = registrations()
        assert (one.given_name, one.family_name, one.native_name, one.native_language) == (
            "İBRAHİM",
            "çelik",
            "فاطمة",
            "ar",
        )

    @pytest.mark.parametrize("section", ["africa", "Africa", "Afrique"])
    def test_a_section_may_be_said_by_its_name_as_in_the_file(self, client, tangier, section):
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        sent = client.post(URL, data={**form.values(), **FORM, "section": section})
        assert sent.status_code == 303
        assert registrations()[0].section.slug == "africa"

    def test_html_in_a_name_is_shown_as_it_was_typed(self, client, tangier, as_role):
        sent = client.submit(URL, **{**FORM, "given_name": "<script>alert(1)</script>"})
        for page in (client.get(sent.location), as_role("registrar").get("/organise/2020/registrations")):
            assert "<script>alert" not in page.text
            assert "&lt;script&gt;alert(1)&lt;/script&gt; Fernández" in page.text

    def test_somebody_else_fills_it_in(self, client, tangier, outbox):
        client.submit(
            URL, **FORM, for_someone_else="yes", filled_by_name="Irina Petrova", filled_by_email="protocol@example.org"
        )
        (one,) = registrations()
        assert (one.filled_by_name, one.filled_by_email) == ("Irina Petrova", "protocol@example.org")
        assert [mail.recipient for mail in outbox()] == ["ana@example.org", "protocol@example.org"]

    def test_when_every_place_is_taken_the_page_says_so(self, client, tangier):
        tangier.capacity = 0
        sent = client.submit(URL, **FORM)
        assert "You are on the waiting list." in client.get(sent.location).text

    def test_a_double_submit_is_one_registration_and_one_mail(self, client, tangier, outbox):
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        first, second = (client.post(URL, data={**form.values(), **FORM}) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303)
        assert "R20-0001" in client.get(second.location).text
        assert (len(registrations()), len(outbox())) == (1, 1)

    def test_the_same_form_sent_ten_times_at_once_is_one_registration(self, client, tangier, app, outbox):
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        cookie = client.get_cookie("retreat").value
        db.session.commit()

        def send(_number):
            browser = app.test_client()
            browser.set_cookie("retreat", cookie)
            return browser.post(URL, data={**form.values(), **FORM}).status_code

        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(send, range(10))) == [303] * 10
        assert (len(registrations()), len(outbox())) == (1, 1)

    def test_name_and_address_of_somebody_registered_open_nothing(self, client, tangier, clock, outbox):
        with clock(AT):
            client.submit(URL, **FORM)
        with clock(AT + timedelta(hours=1)):
            sent = client.submit(URL, **FORM)
        assert sent.location == "/2020/register/already"
        page = client.get(sent.location)
        assert page.status_code == 200
        assert "R20-0001" not in page.text
        assert [(mail.template.rpartition("/")[2], mail.recipient) for mail in outbox()] == [
            ("confirmation.txt", "ana@example.org"),
            ("link.txt", "ana@example.org"),
        ]

    @pytest.mark.one_database
    def test_three_hundred_from_one_office_are_accepted_and_one_address_is_not_flooded(self, client, tangier, app):
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        token = {"csrf_token": form.values()["csrf_token"]}
        answers = [
            client.post(URL, data={**FORM, **token, "given_name": f"P{n}", "email": f"p{n}@example.org"}).status_code
            for n in range(300)
        ]
        assert answers == [303] * 300
        with app.test_request_context():
            assert all(spend(REGISTRATIONS_PER_ADDRESS, "register", "one@example.org") for _ in range(298))
        same = [
            client.post(URL, data={**FORM, **token, "given_name": f"P{n}", "email": "one@example.org"}).status_code
            for n in range(4)
        ]
        assert same == [303] * 2 + [429] * 2

    @pytest.mark.one_database
    def test_a_store_of_limits_that_is_down_stops_nobody(self, database, tmp_path):
        app = make_app(database.url, tmp_path / "data", REDIS_URL="redis://127.0.0.1:1/0")
        with app.test_request_context():
            assert [has_room(REGISTRATIONS_PER_ADDRESS, "x"), spend(REGISTRATIONS_PER_ADDRESS, "x")] == [True, True]

    def test_it_takes_at_most_fifteen_queries(self, client, tangier, db_session, count_queries):
        name = "City of Montevideo"
        db_session.add(Organisation(name=Translated(en=name), name_key=search_key(name)))
        client.get(URL)
        (form,) = [form for form in client.page.forms if form.method == "post"]
        data = {**form.values(), **FORM, "organisation": name, "section": "latin-america"}
        db_session.commit()
        with count_queries() as queries:
            assert client.post(URL, data=data).status_code == 303
        assert len(queries) <= 15, queries


class TestBadAnswers:
    """Each keeps what was typed, says what to do beside the field and in the summary, and stores nothing."""

    @pytest.mark.parametrize(
        ("values", "wrong"),
        [
            ({"given_name": "", "family_name": ""}, {"given_name": "Enter a name: one is enough"}),
            ({"given_name": "  ", "family_name": "\u200b"}, {"given_name": "Enter a name: one is enough"}),
            ({"email": ""}, {"email": "Enter an e-mail address"}),
            ({"email": "ana.fernandez@"}, {"email": "Enter the e-mail address in full, for example ana@city.org"}),
            ({"email": "a" * 250 + "@b.org"}, {"email": "Shorten this to 254 characters; it has 256."}),
            ({"consent": None}, {"consent": "Without this consent we cannot keep the registration"}),
            ({"given_name": "x" * 101}, {"given_name": "Shorten this to 100 characters; it has 101."}),
            ({"diet": "x" * 1001}, {"diet": "Shorten this to 1000 characters; it has 1001."}),
            (
                {"given_name": "An\x00a"},
                {
                    "given_name": "A character that cannot be printed (U+0000) was in this answer. "
                    "It has been taken out: please read the answer again."
                },
            ),
            (
                {"position": "Mayor\u202e"},
                {
                    "position": "An invisible character that turns text around (U+202E) was in this answer. "
                    "It has been taken out: please read the answer again."
                },
            ),
            ({"arrival": "23.02.2020"}, {"arrival": "Write the date as YYYY-MM-DD, for example 2020-02-24"}),
            (
                {"arrival": "2020-02-25", "departure": "2020-02-24"},
                {"departure": "The departure comes before the arrival"},
            ),
            ({"category": "king"}, {"category": "Choose one of the categories of this edition"}),
            ({"section": "atlantis"}, {"section": "Choose one of the Sections"}),
            ({"native_language": "<b>"}, {"native_language": "Choose one of the languages"}),
            ({"languages": ["en", "klingonese"]}, {"languages": "Choose one of the languages"}),
            ({"for_someone_else": "yes"}, {"filled_by_name": "Enter your own name"}),
        ],
    )
    @pytest.mark.one_database
    def test_a_wrong_answer_is_said_where_it_is(self, client, tangier, outbox, errors_of, values, wrong):
        given = {**FORM, "city": "Montevideo", **values}
        answer = client.submit(URL, **given)
        assert answer.status_code == 422
        assert errors_of(answer) == wrong
        for name in wrong:
            assert f'<a href="#{name}">' in answer.text
        assert 'value="Montevideo"' in answer.text
        assert (registrations(), outbox()) == ([], [])

    @pytest.mark.one_database
    def test_taken_out_characters_do_not_come_back(self, client, tangier):
        answer = client.submit(URL, **{**FORM, "given_name": "An\u202e\x07a"})
        assert 'value="Ana"' in answer.text

    @pytest.mark.one_database
    def test_an_empty_form_is_refused(self, client, tangier, errors_of):
        client.get(URL)
        token = client.page.forms[-1].values()["csrf_token"]
        answer = client.post(URL, data={"csrf_token": token})
        assert answer.status_code == 422
        assert set(errors_of(answer)) == {"email", "given_name", "consent"}

    @pytest.mark.one_database
    @pytest.mark.parametrize("token", ["forged", "", None])
    def test_a_forged_token_is_refused(self, client, tangier, token):
        answer = client.submit(URL, **FORM, csrf_token=token)
        assert answer.status_code == 400
        assert registrations() == []


class TestLostLink:
    def test_the_answer_is_the_same_whether_or_not_somebody_is_registered(self, client, tangier, outbox):
        client.submit(URL, **FORM)
        answers = []
        for email in ("ana@example.org", "bea@example.org"):
            sent = client.submit("/2020/registration/lost", email=email)
            answers.append((sent.status_code, sent.location, client.get(sent.location).text.replace(email, "…")))
        assert answers[0][:2] == answers[1][:2]
        assert [strip(text) for *_, text in answers[:1]] == [strip(text) for *_, text in answers[1:]]
        assert [mail.recipient for mail in outbox()] == ["ana@example.org"] * 2

    def test_an_assistant_with_ten_people_gets_one_mail_with_ten_links(self, app, client, tangier, outbox, run_jobs):
        for number in range(10):
            client.submit(URL, **{**FORM, "given_name": f"Ana {number}", "submission_key": f"k{number}"})
        with post_office() as (post, url):
            app.config["SMTP_URL"] = url
            client.submit("/2020/registration/lost", email="ana@example.org")
            kept = outbox()[-1]
            run_jobs()
        (message,) = post.taken
        body = message.get_content()
        found = re.findall(r"(R20-\d{4}), (Ana \d) Fernández\r?\n(?:http://127.0.0.1:8000)(\S+)", body)
        assert [(code, name) for code, name, _link in found] == [(f"R20-{n + 1:04d}", f"Ana {n}") for n in range(10)]
        for code, _name, link in found:
            assert code in client.get(link).text
        with app.app_context():
            shown = write(kept).body
        assert (shown.count(MASKED), "/registration/" in shown, "Fernández" in str(kept.values)) == (10, False, False)

    def test_only_so_many_mails_go_to_one_address(self, client, tangier, outbox):
        client.submit(URL, **FORM)
        for _ in range(7):
            assert client.submit("/2020/registration/lost", email="ana@example.org").status_code == 303
        assert len(outbox()) == 1 + 5

    @pytest.mark.one_database
    def test_an_address_that_is_none_is_said(self, client, tangier):
        assert client.submit("/2020/registration/lost", email="ana").status_code == 422


def strip(page):
    """A page without its token."""
    return re.sub(r'name="csrf_token"[^>]*>', "", page)


@pytest.mark.one_database
def test_the_colours_of_the_badge_are_a_style_sheet(client, tangier):
    answer = client.get("/2020/badge-colours.css")
    assert answer.mimetype == "text/css"
    assert ".badge-proof.cat-delegate { --cat: #0b4a86; }" in answer.text

"""The delegate's own page, behind its secret link."""

from datetime import timedelta

import pytest

from retreat.agenda import service as agenda
from retreat.agenda.models import Kind, SessionStatus
from retreat.registration import links, service
from retreat.registration.models import Status
from tests.agenda import week
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition, registrations


class TestPage:
    @pytest.mark.parametrize(
        ("step", "words"),
        [
            (None, "Received. The secretariat decides next."),
            (
                lambda one: service.approve(one, at=AT, by=REGISTRAR),
                "Approved. We look forward to seeing you in Tangier.",
            ),
            (lambda one: service.decline(one, "Full", at=AT, by=REGISTRAR), "Your registration could not be accepted."),
            (
                lambda one: service.cancel(one, "Full", at=AT, by=REGISTRAR),
                "The secretariat has cancelled this registration.",
            ),
            (lambda one: service.withdraw(one, at=AT, by=DELEGATE), "You have withdrawn."),
        ],
        ids=["submitted", "approved", "declined", "cancelled", "withdrawn"],
    )
    @pytest.mark.one_database
    def test_it_says_where_things_stand(self, client, one, url, clock, step, words):
        if step:
            step(one)
        with clock(AT):
            page = client.get(url)
        assert page.status_code == 200
        assert words in page.text
        assert "R20-0001" in page.text

    def test_the_link_to_join_stands_beside_what_takes_place(self, client, url, tangier):
        talk = week.session(tangier, "Talk", kind=Kind.PLENARY, link="https://join.example/1")
        week.publish(tangier)
        assert '<a class="fw-normal text-decoration-underline" href="https://join.example/1"' in client.get(url).text
        agenda.update_session(talk, {"status": SessionStatus.CANCELLED}, at=AT, by=REGISTRAR)
        week.publish(tangier)
        page = client.get(url).text
        assert ("Talk" in page, "join.example" in page) == (True, False)

    def test_the_address_is_kept_secret(self, client, url):
        for path in (url, f"{url}/edit", f"{url}/withdraw", f"{url[:-1]}"):
            headers = client.get(path).headers
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["X-Robots-Tag"] == "noindex"
            assert headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "path", ["/2020/registration/unknown", "/2020/registration/unknown/edit", "/1999/registration/x"]
    )
    @pytest.mark.one_database
    def test_an_unknown_link_is_not_found(self, client, tangier, path):
        assert client.get(path).status_code == 404

    @pytest.mark.one_database
    def test_a_link_of_another_edition_is_not_found(self, client, url, db_session):
        edition("kazan")
        assert client.get(url.replace("/2020/", "/kazan/")).status_code == 404

    @pytest.mark.one_database
    def test_wrong_methods_are_refused(self, client, url):
        assert client.post(url).status_code in (400, 405)
        assert client.get(f"{url}/calendar").status_code == 405

    @pytest.mark.one_database
    def test_the_badge_is_drawn_as_it_will_say(self, client, one, url):
        one.native_name, one.native_language = "Ана Фернандес", "ru"
        page = client.get(url).text
        assert '<b data-badge="main" lang="ru"><bdi data-empty="Your name">Ана Фернандес</bdi></b>' in page
        assert '<bdi data-badge="other">Ana Fernández</bdi>' in page


class TestCorrecting:
    def test_answers_can_be_changed(self, client, one, url):
        sent = client.submit(f"{url}/edit", position="Governor", languages=["fr", "es"], diet="Vegan")
        assert (sent.status_code, sent.location) == (303, url)
        assert "Your answers have been saved." in client.get(url).text
        (kept,) = registrations()
        assert (kept.position, kept.languages, kept.diet, kept.email) == (
            "Governor",
            ["fr", "es"],
            "Vegan",
            "ana@example.org",
        )

    def test_nothing_is_lost_when_somebody_else_was_quicker(self, client, one, url, tangier):
        client.get(f"{url}/edit")
        (form,) = [form for form in client.page.forms if form.method == "post"]
        service.correct(one, answers(tangier, position="Governor"), version=None, at=AT, by=REGISTRAR)
        answer = client.post(f"{url}/edit", data={**form.values(), "position": "Clerk"})
        assert answer.status_code == 409
        assert "Nothing has been overwritten." in answer.text
        assert 'value="Clerk"' in answer.text
        assert registrations()[0].position == "Governor"

    @pytest.mark.one_database
    def test_wrong_answers_keep_what_was_typed(self, client, url):
        answer = client.submit(f"{url}/edit", email="ana@", city="Mont\u202eevideo")
        assert answer.status_code == 422
        assert 'value="ana@"' in answer.text
        assert 'value="Montevideo"' in answer.text

    @pytest.mark.one_database
    def test_the_deadline_ends_it(self, client, url, tangier, clock):
        tangier.registration_closes = AT.date()
        with clock(AT + timedelta(days=2)):
            assert "/edit" not in client.get(url).text
            answer = client.get(f"{url}/edit")
        assert answer.status_code == 403
        assert "Registration for Tangier closed on Tuesday 14 January 2020." in answer.text

    @pytest.mark.one_database
    def test_once_approved_the_category_is_the_secretariats(self, client, one, url):
        service.approve(one, at=AT, by=REGISTRAR)
        assert client.submit(f"{url}/edit", category="press", position="Editor").status_code == 422
        assert client.submit(f"{url}/edit", position="Editor").status_code == 303
        assert (registrations()[0].category.slug, registrations()[0].position) == ("delegate", "Editor")


class TestProof:
    def test_it_is_approved_by_a_button_and_the_page_says_when(self, client, one, url, clock):
        with clock(AT + timedelta(days=1)):
            sent = client.submit(url, action="/proof")
        assert (sent.status_code, sent.location) == (303, f"{url}#proof")
        page = client.get(url)
        assert "You have approved your badge." in page.text
        assert "You approved this badge on 15 January." in page.text
        assert "Approve this badge" not in page.text
        assert "Ask for a correction" in page.text
        assert registrations()[0].proof_approved_at == AT + timedelta(days=1)

    def test_a_change_opens_it_again_and_says_so(self, client, one, url, tangier, clock):
        with clock(AT):
            client.submit(url, action="/proof")
        service.correct(one, answers(tangier, city="Canelones"), version=None, at=AT, by=REGISTRAR)
        service.approve(one, at=AT, by=REGISTRAR)
        with clock(AT):
            page = client.get(url).text
        assert "The badge has changed since you approved it (14 January). Please read it again." in page
        assert "It has changed: please read it again" in page
        client.submit(url, action="/proof")
        assert registrations()[0].proof_approved_at is not None
        assert "The badge has changed" not in client.get(url).text

    def test_the_delegates_own_correction_opens_it_as_well(self, client, url):
        client.submit(url, action="/proof")
        client.submit(f"{url}/edit", diet="Vegan")
        assert registrations()[0].proof_approved_at is not None
        client.submit(f"{url}/edit", position="Governor")
        assert registrations()[0].proof_approved_at is None

    def test_what_changed_while_the_page_was_open_is_not_approved(self, client, one, url, tangier, db_session):
        client.get(url)
        (form,) = [form for form in client.page.forms if form.action.endswith("/proof")]
        service.correct(one, answers(tangier, city="Canelones"), version=None, at=AT, by=REGISTRAR)
        db_session.commit()
        assert client.post(f"{url}/proof", data=form.values()).location == f"{url}#proof"
        assert "Something on the badge has just changed." in client.get(url).text
        assert registrations()[0].proof_approved_at is None

    @pytest.mark.one_database
    def test_it_can_be_approved_after_the_deadline(self, client, url, tangier, clock):
        tangier.registration_closes, tangier.contact_email = AT.date(), "secretariat@example.org"
        with clock(AT + timedelta(days=2)):
            assert "Ask for a correction" not in client.get(url).text
            assert "mailto:secretariat@example.org" in client.page.links
            client.submit(url, action="/proof")
        assert registrations()[0].proof_approved_at == AT + timedelta(days=2)

    @pytest.mark.one_database
    def test_who_waits_sees_the_badge_and_no_button(self, client, one, url):
        one.status = Status.WAITLISTED
        page = client.get(url).text
        assert 'id="badge"' in page
        assert "Approve this badge" not in page

    @pytest.mark.one_database
    @pytest.mark.parametrize("seen", ["", "\x00", "x" * 5000])
    def test_nonsense_approves_nothing(self, client, url, seen):
        client.get(url)
        token = client.page.forms[-1].values()["csrf_token"]
        assert client.post(f"{url}/proof", data={"csrf_token": token, "seen": seen}).status_code == 303
        assert registrations()[0].proof_approved_at is None

    @pytest.mark.one_database
    def test_other_methods_and_unknown_links_are_refused(self, client, url, tangier):
        assert client.get(f"{url}/proof").status_code == 405
        client.get(url)
        token = client.page.forms[-1].values()["csrf_token"]
        unknown = client.post("/2020/registration/unknown/proof", data={"csrf_token": token})
        assert unknown.status_code == 404
        assert client.post(f"{url}/proof").status_code == 400


class TestWithdrawing:
    @pytest.mark.one_database
    def test_what_is_lost_is_said_before(self, client, one, url, tangier, clock):
        from retreat.agenda import places
        from retreat.agenda.models import Kind
        from tests.agenda import week

        visit = week.session(tangier, "The new harbour", kind=Kind.VISIT)
        week.publish(tangier)
        with clock(AT):
            places.sign_up(visit.id, one, at=AT, by=DELEGATE)
            page = client.get(f"{url}/withdraw").text
        assert "your place at the Retreat" in page
        assert "The new harbour" in page

    def test_it_is_asked_first_and_frees_the_place(self, client, url, tangier, outbox, db_session):
        assert client.get(f"{url}/withdraw").status_code == 200
        assert registrations()[0].status is Status.SUBMITTED
        assert client.submit(f"{url}/withdraw").location == url
        db_session.expire_all()
        assert registrations()[0].status is Status.WITHDRAWN
        assert (tangier.taken, category(tangier).taken) == (0, 0)
        assert [mail.template.rpartition("/")[2] for mail in outbox()] == ["confirmation.txt", "withdrawn.txt"]

    @pytest.mark.one_database
    def test_afterwards_nothing_can_be_changed(self, client, one, url):
        service.withdraw(one, at=AT, by=DELEGATE)
        for path in (f"{url}/edit", f"{url}/withdraw"):
            assert client.get(path).location == url


class TestPhases:
    DURING, AFTER = AT.replace(month=2, day=26), AT.replace(month=3, day=2)

    @pytest.mark.one_database
    @pytest.mark.parametrize(
        ("status", "at", "has_come", "sentence"),
        [
            (Status.APPROVED, DURING, False, "Your badge waits at the welcome desk."),
            (Status.APPROVED, DURING, True, "Welcome to Tangier."),
            (Status.SUBMITTED, DURING, False, "Received. The secretariat decides next."),
            (Status.APPROVED, AFTER, True, "Thank you for coming to Tangier."),
            (Status.APPROVED, AFTER, False, "You were expected."),
            (Status.SUBMITTED, AFTER, False, "had not been approved by then"),
            (Status.WAITLISTED, AFTER, False, "had not been approved by then"),
            (Status.WITHDRAWN, AFTER, False, "The week in Tangier is over."),
            (Status.DECLINED, AFTER, False, "Your registration could not be accepted."),
            (Status.CANCELLED, AFTER, False, "The secretariat has cancelled this registration."),
        ],
    )
    def test_the_week_and_its_end_change_the_words(self, client, one, url, clock, status, at, has_come, sentence):
        one.status, one.arrived_at = status, at if has_come else None
        with clock(at):
            assert sentence in client.get(url).text

    @pytest.mark.one_database
    def test_a_closed_edition_is_over_whatever_its_days(self, client, one, url, tangier, clock):
        tangier.closed_at = AT
        with clock(AT):
            assert "The week in Tangier is over." in client.get(url).text
        assert "Withdraw from the Retreat" not in client.page.text
        assert "Approve this badge" not in client.page.text


class TestLinks:
    def test_all_links_end_and_the_page_goes_on_with_a_new_one(self, client, one, url, outbox, db_session):
        other = links.new_link(one, at=AT)
        db_session.commit()
        sent = client.submit(url, action="/links")
        fresh = sent.location.removesuffix("#links")
        assert sent.status_code == 303
        assert fresh != url
        page = client.get(fresh).text
        assert "A mail with a new one is on its way to ana@example.org." in page
        assert "1 link leads here" in page
        for ended in (url, f"/2020/registration/{other}"):
            assert client.get(ended).status_code == 404
        mail = outbox()[-1]
        assert (mail.template, mail.recipient) == ("registration/mail/link.txt", "ana@example.org")
        assert mail.links == {"link": ["registration", one.id]}

    @pytest.mark.one_database
    def test_only_so_many_mails_are_sent(self, client, url, outbox):
        for _ in range(7):
            url = client.submit(url, action="/links").location.removesuffix("#links")
        assert len([mail for mail in outbox() if mail.template.endswith("/link.txt")]) == 5

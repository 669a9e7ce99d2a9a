"""The organisers' frame pages, with real figures and in words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from retreat.core import clock, jobs
from retreat.core.audit import SYSTEM, AuditEntry
from retreat.core.i18n import Translated
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from retreat.demo import service as demo
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration.models import Registration, Status

pytestmark = pytest.mark.one_database

AT = datetime(2020, 1, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def demo_edition(db_session):
    demo.load(at=AT, by=SYSTEM)
    db_session.commit()
    return db_session.scalars(select(Edition)).one()


@pytest.fixture
def empty_edition(db_session):
    edition = editions.create_edition(
        "2027",
        title=Translated(en="Retreat 2027", fr="Retraite 2027"),
        city="Kazan",
        country="Russia",
        zone="Europe/Moscow",
        starts_on=date(2027, 2, 22),
        ends_on=date(2027, 2, 26),
        at=AT,
        by=SYSTEM,
    )
    db_session.commit()
    return edition


def add_mail(db_session, edition, number=1, state=MailState.FAILED, **values):
    mail = OutboxMail(
        template="accounts/mail/reset.txt",
        language="en",
        recipient=f"person{number}@example.org",
        values={"name": "", "by": "", "role": "viewer"},
        links={"link": ["account reset", 1]},
        subject=f"News {number}",
        state=state,
        edition_id=edition.id,
        message_id=f"<{number}@example.org>",
        created_at=AT,
        **values,
    )
    db_session.add(mail)
    db_session.flush()
    return mail


def add_job(db_session, edition, **values):
    job = Job(kind="print.badges", arguments={}, created_at=AT, created_by="Lena Osei", edition_id=edition.id, **values)
    db_session.add(job)
    db_session.flush()
    return job


def test_without_an_edition_an_administrator_is_told_to_make_one(as_role):
    administrator = as_role("administrator")

    administrator.get("/organise/")

    assert "There is no edition yet" in administrator.page.text
    assert "/organise/editions/new" in administrator.page.links


def test_without_an_edition_anybody_else_is_told_who_makes_one(as_role):
    desk = as_role("desk")

    desk.get("/organise/")

    assert "An administrator makes one" in desk.page.text
    assert "/organise/editions/new" not in desk.page.links


def test_the_start_leads_to_the_edition_that_was_worked_on_last(as_role, demo_edition, empty_edition):
    viewer = as_role("viewer")

    assert viewer.get("/organise/").location == "/organise/2027/"
    viewer.get("/organise/2020/")
    assert viewer.get("/organise/").location == "/organise/2020/"
    viewer.get("/organise/account")
    assert "2020 · Tangier" in viewer.page.text


def test_the_dashboard_counts_what_there_is(as_role, demo_edition, db_session):
    administrator = as_role("administrator")
    statuses = list(db_session.scalars(select(Registration.status)))
    approved = statuses.count(Status.APPROVED)
    placed = approved + statuses.count(Status.SUBMITTED)

    administrator.get("/organise/2020/")

    assert f"Registered {placed} {approved} approved" in administrator.page.text
    assert f"{statuses.count(Status.SUBMITTED)} registrations to decide" in administrator.page.text.replace("  ", " ")
    assert f"{approved} badges not yet printed" in administrator.page.text
    assert "The week ended on Friday 28 February 2020." in administrator.page.text


def test_the_dashboard_shows_a_role_only_its_own_tasks(as_role, demo_edition):
    viewer = as_role("viewer")

    viewer.get("/organise/2020/")

    assert "Nothing waits for you." in viewer.page.text
    assert "registrations to decide" not in viewer.page.text


def test_the_bar_leads_only_where_the_role_may_go(as_role, demo_edition):
    desk, programmer = as_role("desk"), as_role("programmer")
    desk.get("/organise/2020/")
    programmer.get("/organise/2020/")

    assert "/organise/2020/registrations" in desk.page.links
    assert not {"/organise/2020/agenda", "/organise/2020/mail", "/organise/organisers"} & set(desk.page.links)
    assert "/organise/2020/agenda" in programmer.page.links
    assert not {"/organise/2020/registrations", "/organise/2020/settings"} & set(programmer.page.links)


def test_during_the_week_the_dashboard_shows_what_comes_next(as_role, demo_edition):
    with clock.stopped(datetime(2020, 2, 28, 9, 0, tzinfo=UTC)):
        viewer = as_role("viewer")
        viewer.get("/organise/2020/")

    assert "Presidency" in viewer.page.text
    assert "The week ended" not in viewer.page.text


def test_an_empty_edition_says_what_to_do_next(as_role, empty_edition):
    administrator = as_role("administrator")

    administrator.get("/organise/2027/")

    assert "There is no session yet. Add one, or import the whole week from a file." in administrator.page.text
    assert "Nobody has registered yet." in administrator.page.text
    assert "/2027/register" in administrator.page.links


def test_registrations_over_time_are_a_picture_and_a_table(as_role, demo_edition, db_session):
    for number, one in enumerate(db_session.scalars(select(Registration).order_by(Registration.id))):
        db_session.execute(
            update(Registration).where(Registration.id == one.id).values(created_at=AT - timedelta(days=number % 3))
        )
    registrar = as_role("registrar")

    answer = registrar.get("/organise/2020/")

    assert '<svg class="chart"' in answer.text
    assert "By its end 18 January 2020" in registrar.page.text


def test_the_dashboard_asks_as_often_for_many_as_for_few(as_role, demo_edition, db_session, count_queries):
    administrator = as_role("administrator")
    administrator.get("/organise/2020/")
    with count_queries() as few:
        administrator.get("/organise/2020/")
    for number in range(20):
        add_mail(db_session, demo_edition, number)
        add_job(db_session, demo_edition)

    with count_queries() as many:
        administrator.get("/organise/2020/")

    assert len(many) == len(few)


def test_an_unknown_edition_is_not_found(as_role):
    assert as_role("administrator").get("/organise/1999/").status_code == 404


def test_an_administrator_makes_an_edition(as_role, db_session):
    administrator = as_role("administrator")

    answer = administrator.submit(
        "/organise/editions/new",
        form_id="edition",
        slug="2027",
        title_en="Retreat 2027",
        city="Kazan",
        country="Russia",
        zone="Europe/Moscow",
        starts_on="2027-02-22",
        ends_on="2027-02-26",
    )

    assert (answer.status_code, answer.location) == (303, "/organise/2027/settings")
    edition = db_session.scalars(select(Edition)).one()
    assert (edition.slug, edition.title, edition.zone, len(edition.days)) == (
        "2027",
        Translated(en="Retreat 2027"),
        "Europe/Moscow",
        5,
    )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("slug", "organise", "“organise” is needed for another address"),
        ("slug", "Zwei Wörter", "Use a–z, 0–9 and hyphens"),
        ("slug", "2020", "There is already an edition “2020”."),
        ("title_en", "", "Enter a text in at least one language."),
        ("city", "", "Enter the host city."),
        ("city", "x" * 121, "At most 120 characters."),
        ("country", "a\u202eb", "invisible sign"),
        ("zone", "Europe/Atlantis", "Enter a time zone such as Africa/Casablanca."),
        ("zone", "../../etc/passwd", "Enter a time zone such as Africa/Casablanca."),
        ("starts_on", "31/02/2027", "Not a valid date value."),
        ("ends_on", "2027-01-01", "The last day comes before the first"),
        ("ends_on", "2028-01-01", "longer than 60 days"),
    ],
)
def test_a_wrong_edition_is_refused_in_words_and_nothing_is_lost(
    as_role, demo_edition, db_session, field, value, sentence
):
    administrator = as_role("administrator")
    typed = {
        "slug": "2027",
        "title_en": "Retreat 2027",
        "city": "Kazan",
        "country": "Russia",
        "zone": "Europe/Moscow",
        "starts_on": "2027-02-22",
        "ends_on": "2027-02-26",
    }

    answer = administrator.submit("/organise/editions/new", form_id="edition", **{**typed, field: value})

    assert answer.status_code == 422
    assert sentence in administrator.page.text
    (form,) = [form for form in administrator.page.forms if form.action == "/organise/editions/new"]
    kept = form.values()
    assert {name: kept[name][0] for name in typed if name != field} == {
        name: text for name, text in typed.items() if name != field
    }
    assert len(db_session.scalars(select(Edition)).all()) == 1


def test_settings_are_saved_and_written_into_the_history(as_role, demo_edition, db_session):
    administrator = as_role("administrator")

    answer = administrator.submit(
        "/organise/2020/settings",
        form_id="settings",
        title_ru="Ретрит",
        capacity="500",
        registration_closes="2020-02-20",
        is_listed=None,
        contact_email="retreat@example.org",
    )

    assert answer.status_code == 303
    db_session.expire_all()
    edition = db_session.scalars(select(Edition)).one()
    assert (edition.title["ru"], edition.capacity, edition.registration_closes, edition.is_listed) == (
        "Ретрит",
        500,
        date(2020, 2, 20),
        False,
    )
    entry = db_session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.actor_name) == ("edition.changed", "Administrator")
    administrator.get("/organise/2020/history")
    assert "Administrator settings changed" in administrator.page.text


def test_saving_unchanged_settings_changes_nothing(as_role, demo_edition, db_session):
    before = demo_edition.agenda_rev

    as_role("administrator").submit("/organise/2020/settings", form_id="settings")

    db_session.expire_all()
    assert db_session.scalars(select(Edition.agenda_rev)).one() == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("capacity", "many", "Not a valid integer value."),
        ("capacity", "-1", "Enter a whole number, or nothing for no limit."),
        ("contact_email", "nobody", "Enter an e-mail address."),
        ("registration_closes", "2019-01-01", "Registration would close before it opens."),
        ("ends_on", "2020-02-01", "The last day comes before the first."),
        ("title_en", "x" * 121, "at most 120 characters"),
    ],
)
def test_wrong_settings_are_refused_in_words(as_role, demo_edition, db_session, field, value, sentence):
    administrator = as_role("administrator")

    answer = administrator.submit(
        "/organise/2020/settings", form_id="settings", **{"registration_opens": "2019-11-01", field: value}
    )

    assert answer.status_code == 422
    assert sentence in administrator.page.text


def test_a_category_of_badge_is_added_and_changed(as_role, demo_edition, db_session):
    administrator = as_role("administrator")

    administrator.submit(
        "/organise/2020/settings/categories/new",
        form_id="category",
        name_en="Interpreter",
        letter="I",
        colour="#5a3c00",
        capacity="12",
    )
    administrator.submit(
        "/organise/2020/settings/categories/interpreter", form_id="category", name_fr="Interprète", colour="#14532D"
    )

    db_session.expire_all()
    found = next(one for one in demo_edition.categories if one.slug == "interpreter")
    assert (found.name, found.letter, found.colour, found.capacity) == (
        Translated(en="Interpreter", fr="Interprète"),
        "I",
        "#14532d",
        12,
    )


@pytest.mark.parametrize("colour", ["#ffff00", "red", "#12345", "#777777;x"])
def test_a_colour_on_which_white_cannot_be_read_is_refused(as_role, demo_edition, colour):
    answer = as_role("administrator").submit(
        "/organise/2020/settings/categories/new", form_id="category", name_en="Interpreter", letter="I", colour=colour
    )

    assert answer.status_code == 422


def test_the_outbox_shows_state_and_reason_and_hides_links(as_role, demo_edition, db_session):
    mail = add_mail(db_session, demo_edition, last_error="550 no such mailbox")
    registrar = as_role("registrar")

    registrar.get("/organise/2020/mail")
    assert "News 1 person1@example.org failed 550 no such mailbox" in registrar.page.text
    registrar.get(f"/organise/2020/mail/{mail.id}")
    assert "https://…/••••••••" in registrar.page.text
    assert "/sign-in/password/" not in registrar.page.text


def test_the_outbox_is_searched_and_filtered(as_role, demo_edition, db_session):
    add_mail(db_session, demo_edition, 1, MailState.SENT)
    add_mail(db_session, demo_edition, 2, MailState.FAILED)
    registrar = as_role("registrar")

    registrar.get("/organise/2020/mail?state=failed")
    assert ("News 2" in registrar.page.text, "News 1" in registrar.page.text) == (True, False)
    registrar.get("/organise/2020/mail?q=PERSON1@")
    assert ("News 2" in registrar.page.text, "News 1" in registrar.page.text) == (False, True)
    registrar.get("/organise/2020/mail?q=%25")
    assert "No mail is like that" in registrar.page.text


@pytest.mark.parametrize("page", ["0", "-1", "99999999999", "x", "²"])
def test_a_page_that_is_none_is_the_first_or_last(as_role, demo_edition, db_session, page):
    add_mail(db_session, demo_edition)

    assert as_role("registrar").get(f"/organise/2020/mail?page={page}").status_code == 200


def test_fifty_mails_make_a_page(as_role, demo_edition, db_session):
    for number in range(51):
        add_mail(db_session, demo_edition, number, MailState.SENT)
    registrar = as_role("registrar")

    registrar.get("/organise/2020/mail?q=News")
    assert "Page 1 of 2" in registrar.page.text
    assert "/organise/2020/mail?q=News&page=2" in registrar.page.links


def test_a_mail_of_another_edition_is_not_found(as_role, demo_edition, empty_edition, db_session):
    mail = add_mail(db_session, demo_edition)

    assert as_role("registrar").get(f"/organise/2027/mail/{mail.id}").status_code == 404


def test_a_failed_mail_is_sent_again_by_a_button(app, as_role, demo_edition, db_session):
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    mail = add_mail(db_session, demo_edition)

    answer = as_role("registrar").submit(f"/organise/2020/mail/{mail.id}", action="/again")

    assert answer.status_code == 303
    db_session.expire_all()
    assert db_session.get_one(OutboxMail, mail.id).state is MailState.WAITING
    assert db_session.scalars(select(Job.kind).where(Job.state == JobState.WAITING)).all() == ["mail.send"]


def test_the_progress_of_a_job_is_read_by_a_program(as_role, demo_edition, db_session):
    job = add_job(db_session, demo_edition, state=JobState.RUNNING, done=26, total=41, heartbeat_at=AT)

    answer = as_role("registrar").get(f"/organise/jobs/{job.id}.json")

    assert answer.json == {"state": "running", "done": 26, "total": 41, "is_over": False}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_waiting_job_is_cancelled_by_a_button(as_role, demo_edition, db_session):
    job = add_job(db_session, demo_edition)
    registrar = as_role("registrar")

    registrar.submit("/organise/2020/jobs", action=f"/jobs/{job.id}/cancel")

    db_session.expire_all()
    assert db_session.get_one(Job, job.id).state is JobState.CANCELLED


def test_a_failed_job_says_why(as_role, demo_edition, db_session):
    add_job(db_session, demo_edition, state=JobState.FAILED, error="The name “王” has no glyph.")
    registrar = as_role("registrar")

    registrar.get("/organise/2020/jobs")

    assert "Badges failed The name “王” has no glyph." in registrar.page.text


def test_one_job_for_each_mail_does_not_fill_the_list(as_role, demo_edition, db_session):
    job = add_job(db_session, demo_edition)
    job.kind = "mail.send"
    registrar = as_role("registrar")

    registrar.get("/organise/2020/jobs")

    assert "No job yet" in registrar.page.text


def test_what_is_done_every_day_stands_on_the_page_of_jobs(as_role, demo_edition, db_session, monkeypatch):
    monkeypatch.setattr(jobs, "_daily", ["print.badges", "print.agenda"])
    add_job(db_session, demo_edition, state=JobState.FAILED, error="The printer is gone.").edition_id = None
    registrar = as_role("registrar")

    registrar.get("/organise/2020/jobs")

    assert "Every day, for all editions Badges last on" in registrar.page.text
    assert "The printer is gone. failed Printed agenda not yet" in registrar.page.text


@pytest.mark.parametrize("language", ["fr", "es", "ru"])
def test_the_dashboard_is_a_page_in_every_language(as_role, demo_edition, language):
    administrator = as_role("administrator")

    administrator.get(f"/organise/2020/?lang={language}")

    assert administrator.page.lang == language

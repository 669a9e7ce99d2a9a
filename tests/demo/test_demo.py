"""The demo edition: what the sources say is in it, in four languages, once."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from retreat.agenda.checks import draft_clashes
from retreat.agenda.models import Access, AgendaSession, Kind, PointKind, RevisedSession, Revision, SessionStatus, Track
from retreat.agenda.service import draft_sessions
from retreat.ceremony import service as ceremony
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core.audit import COMMAND
from retreat.core.db import Model, db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.mail import OutboxMail
from retreat.demo import files, service
from retreat.editions.models import Category, Day, Edition, Hall, Venue
from retreat.network.models import Body, Organisation, Person, Seat
from retreat.registration.models import Registration, Status

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ALL_LANGUAGES = set(LANGUAGES)


def load(at: datetime = AT) -> service.Loaded:
    loaded = service.load(at=at, by=COMMAND)
    db.session.commit()
    return loaded


@pytest.fixture
def edition(app: Flask) -> Iterator[Edition]:
    with app.app_context():
        load()
        yield db.session.scalars(select(Edition).where(Edition.slug == "2020")).one()
        db.session.rollback()


def rows_of_every_table() -> dict[str, int]:
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Model.metadata.sorted_tables
    }


def winners(edition: Edition) -> list[Award]:
    return ceremony.awards_of(ceremony.ceremony_of(edition.id, "S20-036").id)


def test_the_second_time_nothing_is_added(edition: Edition) -> None:
    before = rows_of_every_table()

    again = load()

    assert rows_of_every_table() == before
    assert again == service.Loaded(is_new=False, registrations=44, sessions=39, awards=5, revision=2)


def test_what_an_organiser_changed_stays(edition: Edition) -> None:
    edition.capacity = 12
    edition.title = Translated(en="Our own week")
    session = db.session.scalars(select(AgendaSession).where(AgendaSession.code == "S20-009")).one()
    session.title = Translated(en="Money")
    db.session.commit()

    load()
    db.session.expire_all()

    assert (edition.capacity, str(edition.title), str(session.title)) == (12, "Our own week", "Money")


def test_the_week_is_that_of_tangier_and_registration_never_closes(edition: Edition) -> None:
    assert (edition.starts_on, edition.ends_on) == (date(2020, 2, 24), date(2020, 2, 28))
    assert (edition.city, edition.country, edition.zone) == ("Tangier", "Morocco", "Africa/Casablanca")
    assert edition.registration_closes is None
    assert edition.closed_at is None
    assert [day.date.strftime("%A %d") for day in edition.days] == [
        "Monday 24",
        "Tuesday 25",
        "Wednesday 26",
        "Thursday 27",
        "Friday 28",
    ]


def test_the_ceremony_lies_in_the_presidency_meeting_of_friday(edition: Edition) -> None:
    session = ceremony.ceremony_of(edition.id, "S20-036")

    assert (session.kind, session.is_listed, session.date) == (Kind.CEREMONY, True, date(2020, 2, 28))
    assert session.parent is not None
    assert session.parent.kind == Kind.PRESIDENCY
    assert str(session.parent.title) == "Meeting of the UCLG Presidency"
    assert session.parent.access == Access.BODY
    assert session.parent.start_utc <= session.start_utc < session.end_utc <= session.parent.end_utc
    # Tangier was an hour ahead of UTC in that winter.
    assert session.start_utc == datetime(2020, 2, 28, 10, 15, tzinfo=UTC)


def test_the_points_of_the_meetings_are_in_every_language_and_say_which_are_made_up(edition: Edition) -> None:
    opening, presidency = (service.session_by_code(edition, code) for code in ("S20-002", "S20-035"))
    assert [str(point.title) for point in opening.points] == [
        "Opening speech",
        "Evaluation of the decisions of the 2019 UCLG World Congress",
    ]
    *_, award, last = presidency.points
    assert PointKind.ADOPTION in {point.kind for point in presidency.points}
    assert ("(illustrative)" in str(award.title), "(illustrative)" in str(last.title)) == (False, True)
    assert sum(point.minutes or 0 for point in presidency.points) == 240
    assert all(set(point.title) == ALL_LANGUAGES for point in (*opening.points, *presidency.points))


def test_winner_recipient_and_presenter_are_those_of_the_source(edition: Edition) -> None:
    assert [(award.place, str(award.winner_name), award.recipient_name) for award in winners(edition)] == [
        (None, "Beit Jala", ""),
        (None, "Izmir", ""),
        (3, "Khabarovsk", ""),
        (2, "Izmir", ""),
        (1, "Bishkek", "Satybek Kanybekov"),
    ]
    first = winners(edition)[-1]
    assert (first.amount, first.currency) == (Decimal(10000), "USD")
    assert (first.presenter_name, str(first.presenter_position)) == (
        "Mohamed Boudra",
        "President of UCLG, Mayor of Al Hoceima",
    )
    assert str(first.recipient_position) == "Representative of the city of Bishkek"
    assert first.winner is not None
    assert first.winner.city == "Bishkek"


@pytest.mark.one_database
def test_results_are_announced_while_the_ceremony_runs(edition: Edition) -> None:
    session = ceremony.ceremony_of(edition.id, "S20-036")
    announced = [award.announced_at for award in winners(edition)]

    assert announced == sorted(announced)
    assert all(session.start_utc <= instant < session.end_utc for instant in announced)


@pytest.mark.one_database
def test_the_running_order_fills_the_ceremony_with_the_highest_award_last(edition: Edition) -> None:
    session = ceremony.ceremony_of(edition.id, "S20-036")
    steps = ceremony.running_order_of(session.id)

    assert sum(step.minutes for step in steps) == 45
    assert [step.award.place for step in steps if step.award] == [None, None, 3, 2, 1]


@pytest.mark.one_database
def test_everyone_whom_the_source_names_is_registered(edition: Edition) -> None:
    named = list(
        db.session.scalars(select(Registration).where(~Registration.is_sample).order_by(Registration.family_name))
    )

    assert [one.printed_name for one in named] == [
        "Sergey Anastasov",
        "Mohamed Boudra",
        "Ruslan Galiakhmetov",
        "Satybek Kanybekov",
        "Pavel Klimov",
        "Rasikh Sagitov",
        "Ekaterina Sapronova",
        "Linar Zakirov",
    ]
    assert {one.status for one in named} == {Status.APPROVED}
    assert {one.language for one in named} == {"fr", "ru"}


@pytest.mark.one_database
def test_the_samples_are_marked_and_show_every_status_and_script(edition: Edition) -> None:
    samples = list(db.session.scalars(select(Registration).where(Registration.is_sample)))
    statuses = {one.status for one in samples}

    assert len(samples) == 36
    assert statuses == set(Status) - {Status.CANCELLED}
    assert {one.native_language for one in samples} >= {"ar", "zh", "ru", "uk", "sr", "mn", "ky"}
    assert any("İ" in one.given_name for one in samples)
    assert any(not one.family_name for one in samples)


def test_places_are_counted_as_the_statuses_say(edition: Edition) -> None:
    taking = [one for one in db.session.scalars(select(Registration)) if one.status.takes_a_place]

    assert edition.taken == len(taking)
    assert {category.slug: category.taken for category in edition.categories} == {
        category.slug: sum(one.category_id == category.id for one in taking) for category in edition.categories
    }


@pytest.mark.one_database
def test_the_president_is_one_person_in_every_role(edition: Edition) -> None:
    boudra = db.session.scalars(select(Person).where(Person.email == "mohamed.boudra@example.org")).one()
    session = ceremony.ceremony_of(edition.id, "S20-036")

    assert [seat.body.slug for seat in boudra.seats] == ["presidency"]
    assert [part.person for part in session.parent.parts] == [boudra]
    assert winners(edition)[-1].presenter == boudra


@pytest.mark.one_database
def test_every_address_is_an_example(edition: Edition) -> None:
    addresses = [
        edition.contact_email,
        *db.session.scalars(select(Registration.email)),
        *db.session.scalars(select(Person.email).where(Person.email != "")),
    ]

    assert len(addresses) == 1 + 44 + 44
    assert {address.partition("@")[2] for address in addresses} == {"example.org"}


@pytest.mark.one_database
def test_nobody_is_written_to(edition: Edition) -> None:
    assert rows_of_every_table()[OutboxMail.__tablename__] == 0


SPOKEN: list[tuple[Any, str]] = [
    (Edition, "title"),
    (Edition, "theme"),
    (Edition, "note"),
    (Day, "title"),
    (Venue, "name"),
    (Hall, "name"),
    (Category, "name"),
    (Track, "name"),
    (Body, "name"),
    (Organisation, "name"),
    (AgendaSession, "title"),
    (RevisedSession, "title"),
    (Revision, "note"),
    (Award, "prize"),
    (Award, "winner_name"),
    (Award, "citation"),
    (RunningOrderItem, "title"),
]


@pytest.mark.one_database
def test_every_text_is_there_in_four_languages(edition: Edition) -> None:
    incomplete = [
        (model.__name__, name, str(text))
        for model, name in SPOKEN
        for text in db.session.scalars(select(getattr(model, name)))
        if set(text) != ALL_LANGUAGES
    ]
    half_said = [
        str(text)
        for model, name in (
            (AgendaSession, "description"),
            (AgendaSession, "note"),
            (RunningOrderItem, "people"),
            (Award, "presenter_position"),
        )
        for text in db.session.scalars(select(getattr(model, name)))
        if text and set(text) != ALL_LANGUAGES
    ]

    assert (incomplete, half_said) == ([], [])


@pytest.mark.one_database
def test_nothing_clashes(edition: Edition) -> None:
    assert draft_clashes(edition) == ()


@pytest.mark.one_database
def test_what_is_not_known_is_shown_as_such(edition: Edition) -> None:
    sessions = draft_sessions(edition)

    assert [str(one.title) for one in sessions if one.date is None] == ["Follow-up call on the work plans"]
    assert [str(one.title) for one in sessions if one.date and not one.starts] == [
        "One-to-one meetings with the secretariat"
    ]
    assert [str(one.title) for one in sessions if one.status == SessionStatus.TENTATIVE] == [
        "Learning lab: writing a city’s international strategy",
        "Marketplace of city projects",
    ]
    assert [str(one.title) for one in sessions if not one.is_listed] == ["Coordination of the secretariats"]


def test_the_cancelled_session_was_on_in_the_first_revision(edition: Edition) -> None:
    published = db.session.execute(
        select(Revision.number, RevisedSession.status, RevisedSession.sequence)
        .join(RevisedSession.revision)
        .where(RevisedSession.code == "S20-027")
        .order_by(Revision.number)
    ).all()

    assert published == [(1, SessionStatus.CONFIRMED, 0), (2, SessionStatus.CANCELLED, 1)]


@pytest.mark.one_database
def test_real_sessions_carry_no_mark_and_the_others_do(edition: Edition) -> None:
    real = [str(session.title) for session in draft_sessions(edition) if session.tags != ["illustrative"]]

    assert sorted(real) == sorted(
        [
            "Opening speech and evaluation of the decisions of the 2019 UCLG World Congress",
            "Sharing of annual programmes of activity",
            "Meeting of the UCLG Committee on Local Economic and Social Development",
            "Local Finance",
            "Equality and Rights",
            "Local Democracy",
            "Waves of Action: Safety and Public Space",
            "Presentation of Metropolis work 2019 and priorities 2020",
            "Meeting of the Global Taskforce, first day",
            "Meeting of the Global Taskforce, second day",
            "Meeting of the UCLG Presidency",
            "Award ceremony: Rating of Municipalities’ International Activity",
        ]
    )


@pytest.mark.one_database
def test_the_seats_are_of_people_who_are_registered(edition: Edition) -> None:
    seated = set(db.session.scalars(select(Seat.person_id)))
    registered = set(db.session.scalars(select(Registration.person_id)))

    assert seated <= registered


@pytest.mark.parametrize("name", ["agenda.csv", "registrations.csv", "samples.csv", "organisations.csv", "seats.csv"])
def test_the_files_are_plain_csv_that_names_no_other_address(name: str) -> None:
    text = files.content(name).decode("utf-8")
    rows = list(csv.reader(io.StringIO(text), strict=True))

    assert len({len(row) for row in rows}) == 1
    assert all(cell.endswith("@example.org") for row in rows for cell in row if "@" in cell)


@pytest.mark.one_database
def test_the_command_says_what_is_there(app: Flask) -> None:
    runner = app.test_cli_runner()

    first, second = runner.invoke(args=["demo"]), runner.invoke(args=["demo"])

    counts = "44 registrations, 39 sessions, 5 awards, revision 2\n"
    assert (first.exit_code, first.output) == (0, "Loaded the demo edition 2020.\n" + counts)
    assert (second.exit_code, second.output) == (
        0,
        "The demo edition 2020 is there: nothing was changed.\n" + counts,
    )

"""Who a printed name is, and who has no name yet, on both databases."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from retreat.agenda import checks, exports, imports, publishing, service
from retreat.agenda.cards import part_words
from retreat.agenda.models import Part, PartRole, PartState
from retreat.agenda.people import People
from retreat.agenda.values import Appearance, SessionRefused
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.network.models import Person
from retreat.printing.documents import _person
from retreat.registration import service as registrations
from retreat.registration.models import Registration
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.registration.making import DELEGATE, answers, edition

NOBODY = Appearance(PartRole.SPEAKER, "", state=PartState.TO_BE_CONFIRMED)
FROM_IZMIR = Appearance(PartRole.SPEAKER, "", "Mayor", "Izmir", PartState.TO_BE_CONFIRMED)


def registered(of: object, name: str, organisation: str) -> Registration:
    email = f"{name}.{organisation}@example.org".replace(" ", "").lower()
    given = answers(of, given_name=name, family_name="Silva", email=email, organisation=organisation)
    return registrations.register(of, given, at=AT, by=DELEGATE)


class TestNobodyYet:
    def test_a_speaker_to_be_confirmed_is_kept_and_makes_nobody(self, db_session: Session) -> None:
        made = week.session(week.edition(), parts=[NOBODY, FROM_IZMIR])
        assert [(part.person_id, part.printed_name, part.organisation) for part in made.parts] == [
            (None, "", ""),
            (None, "", "Izmir"),
        ]
        assert week.count(Person) == 0

    def test_without_a_name_nobody_is_confirmed(self, db_session: Session) -> None:
        with pytest.raises(SessionRefused, match="Somebody without a name is to be confirmed"):
            week.session(week.edition(), parts=[Appearance(PartRole.CHAIR, "")])

    def test_it_is_published_and_says_what_is_known(self, db_session: Session) -> None:
        tangier = week.edition()
        week.session(tangier, parts=[NOBODY, FROM_IZMIR])
        week.publish(tangier)
        (session,) = publishing.draft_as_published(tangier)
        assert [part_words(part) for part in session.parts] == [
            "Speaker (to be confirmed)",
            "Mayor, Izmir (to be confirmed)",
        ]
        assert not publishing.difference_to_publish(tangier)

    def test_nobody_clashes_with_nobody(self, db_session: Session) -> None:
        tangier = week.edition()
        week.session(tangier, parts=[NOBODY])
        week.session(tangier, parts=[NOBODY])
        db.session.flush()
        assert checks.draft_clashes(tangier) == ()

    @pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
    def test_it_goes_out_and_comes_in_again(self, db_session: Session, kind: str) -> None:
        tangier = week.edition()
        made = week.session(tangier, parts=[NOBODY, FROM_IZMIR])
        db.session.flush()
        content = exports.export_agenda(tangier, kind)
        done = imports.import_agenda(tangier, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
        assert (done.unchanged, done.warnings) == (1, [])
        service.update_session(made, {"parts": []}, at=AT, by=NADIA)
        imports.import_agenda(tangier, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
        assert service.appearances(made) == (NOBODY, FROM_IZMIR)

    def test_naming_somebody_later_takes_the_place(self, db_session: Session) -> None:
        made = week.session(week.edition(), parts=[FROM_IZMIR])
        service.update_session(
            made, {"parts": [Appearance(PartRole.SPEAKER, "Tunç Soyer", "Mayor", "Izmir")]}, at=AT, by=NADIA
        )
        assert [part.person.printed_name for part in made.parts] == ["Tunç Soyer"]


class TestNamesakes:
    def test_the_organisation_says_which_of_two(self, db_session: Session) -> None:
        tangier = edition()
        _porto, lima = registered(tangier, "Ana", "Porto"), registered(tangier, "Ana", "Lima")
        made = week.session(tangier, parts=[Appearance(PartRole.SPEAKER, "Ana Silva", "Mayor", "LIMA")])
        assert [part.person for part in made.parts] == [lima.person]

    def test_where_nothing_says_which_no_namesake_is_taken(self, db_session: Session) -> None:
        tangier = edition()
        two = [registered(tangier, "Ana", town) for town in ("Porto", "Lima")]
        known = People(tangier)
        service.create_session(
            tangier,
            {"title": Translated(en="Water"), "parts": [Appearance(PartRole.SPEAKER, "Ana Silva")]},
            at=AT,
            by=NADIA,
            people=known,
        )
        (part,) = db_session.query(Part).all()
        assert part.person not in [one.person for one in two]
        assert known.unsure == ["Ana Silva"]
        again = week.session(tangier, "Waste", parts=[Appearance(PartRole.SPEAKER, "Ana Silva")])
        assert again.parts[0].person is part.person

    def test_a_file_that_does_not_say_which_one_is_told_with_the_line(self, db_session: Session) -> None:
        tangier = edition()
        for town in ("Porto", "Lima"):
            registered(tangier, "Ana", town)
        done = week.imported(tangier, {"title": "Water", "speakers": "Ana Silva"}, {"title": "A", "speakers": "Ben"})
        assert [str(one) for one in done.warnings] == [
            "week.csv:2: speakers: several people are called Ana Silva, and the organisation does not say which one"
        ]

    def test_the_organisation_added_later_finds_the_right_one(self, db_session: Session) -> None:
        tangier = edition()
        _porto, lima = registered(tangier, "Ana", "Porto"), registered(tangier, "Ana", "Lima")
        made = week.session(tangier, parts=[Appearance(PartRole.SPEAKER, "Ana Silva")])
        with_town = [Appearance(PartRole.SPEAKER, "Ana Silva", "", "Lima")]
        service.update_session(made, {"parts": with_town}, at=AT, by=NADIA)
        assert made.parts[0].person is lima.person

    def test_two_namesakes_in_one_session_stay_two(self, db_session: Session) -> None:
        tangier = edition()
        two = [registered(tangier, "Ana", town) for town in ("Porto", "Lima")]
        both = [Appearance(PartRole.SPEAKER, "Ana Silva", "", town) for town in ("Porto", "Lima")]
        made = week.session(tangier, parts=both)
        service.update_session(made, {"parts": [*both, NOBODY]}, at=AT, by=NADIA)
        assert [part.person for part in made.parts] == [*(one.person for one in two), None]

    def test_somebody_known_elsewhere_is_found_by_name_and_organisation_only(self, db_session: Session) -> None:
        known = Person(badge_name="Emilia Saiz", organisation="UCLG", created_at=AT)
        db_session.add(known)
        tangier = week.edition()
        right = week.session(tangier, parts=[Appearance(PartRole.CHAIR, "Emilia Saiz", "", "UCLG")])
        assert right.parts[0].person is known
        other = week.session(week.edition("2021"), parts=[Appearance(PartRole.CHAIR, "Emilia Saiz")])
        assert other.parts[0].person is not known


@pytest.mark.one_database
def test_pages_feeds_and_files_say_who_is_still_to_be_named(client: Any, db_session: Session) -> None:
    tangier = week.edition()
    chair = Appearance(PartRole.CHAIR, "", "", "", PartState.TO_BE_CONFIRMED)
    code = week.session(tangier, parts=[chair, FROM_IZMIR]).code
    week.publish(tangier)
    db_session.commit()
    page = client.get(f"/2020/sessions/{code}").text
    assert "Mayor, Izmir. Speaker" in page
    assert "Chair (to be confirmed), Mayor, Izmir (to be confirmed)" in client.get("/2020/agenda/2020-02-25").text
    feed = client.get("/2020/calendar/agenda.ics").text.replace("\r\n ", "")
    assert "Chair: to be confirmed" in feed
    assert "Speaker: to be confirmed\\, Mayor\\, Izmir" in feed
    assert [_person(part) for part in publishing.draft_as_published(tangier)[0].parts] == [
        "Chair (to be confirmed)",
        "Mayor, Izmir (to be confirmed)",
    ]

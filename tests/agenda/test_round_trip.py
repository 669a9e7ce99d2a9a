"""Whatever a draft holds comes back from a file as it was: into the same edition once it is empty, and into a new one."""

import unicodedata
from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from retreat.agenda import exports, frame, imports, service
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, PartState, SessionStatus
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.sheets import SheetErrors
from retreat.editions import service as editions
from retreat.editions.models import Edition
from tests.agenda import week
from tests.agenda.week import AT, NADIA

pytestmark = pytest.mark.one_database

_TRICKY = st.sampled_from(
    [
        *("a, b", "a; b", r"back\slash", "=1+1", "+212 600", "-5", "@home", "'quoted'", '"q"', "_x0041_", "0", "no"),
        *("Ильсур Метшин", "İlçe", "عمر", "2020-02-30", "a (tbc)x", "x:y", "a\\", "\\;", "tbc tbc", "{}", "[]", "1e3"),
    ]
)
_LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


LINES = st.one_of(_TRICKY, _LETTERS).map(_line).filter(bool)
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n\n".join)


def translated(texts: st.SearchStrategy[str], main: bool) -> st.SearchStrategy[Translated]:
    others = st.dictionaries(st.sampled_from(list(LANGUAGES)), texts, max_size=3)
    return st.builds(lambda one, more: Translated({**more, "en": one} if main else more), texts, others)


PEOPLE = st.lists(
    st.builds(
        Appearance,
        role=st.sampled_from(PartRole),
        printed_name=LINES.filter(lambda name: "(tbc)" not in name),
        office=st.one_of(st.just(""), LINES),
        organisation=st.one_of(st.just(""), LINES),
        state=st.sampled_from(PartState),
    ),
    max_size=3,
    unique_by=lambda one: one.printed_name,
).map(lambda people: sorted(people, key=lambda one: list(PartRole).index(one.role)))

TIMES = st.sampled_from(
    [
        {"date": None, "starts": None, "ends": None},
        {"date": date(2020, 2, 25), "starts": None, "ends": None},
        {"date": date(2020, 2, 26), "starts": time(9), "ends": time(10, 35)},
        {"date": date(2020, 3, 1), "starts": time(23), "ends": time(0, 30)},
    ]
)

SESSIONS = st.fixed_dictionaries(
    {
        "title": translated(LINES, main=True),
        "when": TIMES,
        "kind": st.sampled_from(Kind),
        "access": st.sampled_from([one for one in Access if one is not Access.BODY]),
        "is_listed": st.booleans(),
        "is_locked": st.booleans(),
        "status": st.sampled_from(SessionStatus),
        "takes_sign_up": st.sampled_from([None, True, False]),
        "zone_override": st.sampled_from([None, "Asia/Tokyo"]),
        "capacity": st.sampled_from([None, 0, 12]),
        "expected": st.sampled_from([None, 0, 340]),
    },
    optional={
        "description": translated(TEXTS, main=False),
        "note": translated(TEXTS, main=False),
        "languages": st.lists(st.sampled_from(["en", "ar", "pt-br"]), unique=True),
        "tags": st.lists(LINES, max_size=2, unique=True),
        "link": st.just("https://example.org/?a=1;b=2,3"),
        "parts": PEOPLE,
        "hall": st.integers(0, 3),
        "track": st.integers(0, 1),
        "part_of_first": st.booleans(),
    },
)


def fill(edition: Edition, sessions: list[dict[str, Any]], names: list[str]) -> None:
    """A frame with two halls of one name in two venues, and these sessions in it."""
    madrid = editions.add_venue(edition, Translated(en=names[0]), zone="Europe/Madrid", at=AT, by=NADIA)
    venues = (editions.default_venue(edition), madrid, madrid)
    called = (Translated(en=names[1]), Translated(en=names[1]), Translated(en=f"{names[1]} II", fr="Salle"))
    halls = [
        None,
        *(
            editions.add_hall(edition, name, venue=venue, at=AT, by=NADIA)
            for name, venue in zip(called, venues, strict=True)
        ),
    ]
    tracks = [None, frame.add_track(edition, Translated(en=names[2]), at=AT, by=NADIA)]
    first: AgendaSession | None = None
    for given_values in sessions:
        values = dict(given_values)
        values |= values.pop("when")
        values["hall"] = halls[values.pop("hall", 0)]
        values["track"] = tracks[values.pop("track", 0)]
        if values.pop("part_of_first", False) and first is not None:
            values["parent"] = first
        made = service.create_session(edition, values, at=AT, by=NADIA)  # type: ignore[arg-type]
        first = first or made


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    sessions=st.lists(SESSIONS, min_size=1, max_size=3),
    names=st.lists(
        LINES.filter(lambda name: len(name) > 2 and any(letter.isalnum() for letter in name)),
        min_size=3,
        max_size=3,
        unique_by=str.casefold,
    ),
    kind=st.sampled_from(["json", "xlsx"]),
)
def test_what_goes_out_comes_back(
    db_session: Session, sessions: list[dict[str, Any]], names: list[str], kind: str
) -> None:
    for old in db.session.query(Edition).all():
        db.session.execute(delete(AgendaSession).where(AgendaSession.edition_id == old.id))
        db.session.delete(old)
    db.session.commit()
    edition, other = week.edition(), week.edition("2021")
    fill(edition, sessions, names)
    db.session.commit()
    content, asked = exports.export_agenda(edition, kind), exports.export_agenda(edition, "json")
    done = imports.import_agenda(edition, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
    assert (done.created, done.updated, done.made) == (0, 0, [])
    db.session.execute(delete(AgendaSession).where(AgendaSession.edition_id == edition.id))
    db.session.commit()
    for to in (edition, other):
        imports.import_agenda(to, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
        db.session.commit()
        assert exports.export_agenda(to, "json") == asked


def test_a_session_in_another_zone_is_at_the_same_instant_in_a_new_edition(db_session: Session) -> None:
    edition, other = week.edition(), week.edition("2021")
    tokyo = editions.add_venue(edition, Translated(en="Shibuya"), zone="Asia/Tokyo", at=AT, by=NADIA)
    made = week.session(edition, venue=tokyo)
    rows = imports.read("week.json", exports.export_agenda(edition, "json"))
    done = imports.import_agenda(other, rows, at=AT, by=NADIA)
    assert (done.made, done.warnings) == (["Shibuya"], [])
    [found] = service.draft_sessions(other)
    assert (found.zone, found.start_utc) == ("Asia/Tokyo", made.start_utc)
    assert imports.import_agenda(other, rows, at=AT, by=NADIA).unchanged == 1


def test_a_venue_that_is_elsewhere_is_said_and_a_zone_that_nobody_knows_refused(db_session: Session) -> None:
    edition = week.edition()
    row = {"title": "T", "venue": "Tangier", "date": "2020-02-25", "start": "09:00", "end": "10:00"}
    [warning] = week.imported(edition, {**row, "venue_zone": "Asia/Tokyo"}).warnings
    assert str(warning).endswith("venue_zone: the wall time stays as it is, now in Africa/Casablanca")
    with pytest.raises(SheetErrors) as refused:
        week.imported(edition, {**row, "venue": "Nowhere", "venue_zone": "Nowhere/Else"})
    assert [error.column for error in refused.value.errors] == ["venue_zone"]

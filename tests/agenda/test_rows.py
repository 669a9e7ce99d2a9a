"""Cells of an agenda file to values, and back."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda import rows
from retreat.agenda.models import Access, Kind, PartState, SessionStatus
from retreat.agenda.rows import Admission, Appearance
from retreat.core.sheets import Findings, SheetRow


def values_of(**cells: str) -> dict[str, object]:
    findings = Findings("week.csv")
    values = rows.read_row(SheetRow(2, cells), findings)
    findings.raise_if_any()
    return values


def errors_of(**cells: str) -> list[str]:
    findings = Findings("week.csv")
    assert rows.read_row(SheetRow(7, cells), findings) == {}
    return [str(error) for error in findings.errors]


def test_each_cell_becomes_the_value_it_says() -> None:
    cells = {
        "code": "S20-001",
        "date": "2020-02-28",
        "start": "09:30",
        "end": "13:00",
        "title": "Meeting  of\nthe Presidency",
        "kind": "Presidency",
        "languages": "EN; fr;EN",
        "access": "BODY: UCLG Presidency",
        "listed": "No",
        "capacity": "0",
        "status": "tentative",
        "description": "One.\n\nTwo.",
        "link": "https://example.org/j?x=1#y",
        "tags": r"a;b\;c",
        "locked": "1",
    }
    assert values_of(**cells) == {
        "code": "S20-001",
        "date": date(2020, 2, 28),
        "start": time(9, 30),
        "end": time(13),
        "title": "Meeting of the Presidency",
        "kind": Kind.PRESIDENCY,
        "languages": ["en", "fr"],
        "access": Admission(Access.BODY, "UCLG Presidency"),
        "listed": False,
        "capacity": 0,
        "status": SessionStatus.TENTATIVE,
        "description": "One.\n\nTwo.",
        "link": "https://example.org/j?x=1#y",
        "tags": ["a", "b;c"],
        "locked": True,
    }


def test_an_empty_cell_clears() -> None:
    columns = ("code", "part_of", "date", "start", "end", "kind", "languages", "access", "listed", "speakers")
    assert values_of(**dict.fromkeys((*columns, "capacity", "status", "link", "locked"), "")) == {
        "code": "",
        "part_of": "",
        "date": None,
        "start": None,
        "end": None,
        "kind": Kind.OTHER,
        "languages": [],
        "access": Admission(Access.OPEN),
        "listed": True,
        "speakers": [],
        "capacity": None,
        "status": SessionStatus.CONFIRMED,
        "link": "",
        "locked": False,
    }


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("code", "S20/1", "“S20/1” is not a code: 1 to 24 of A–Z, a–z, 0–9 and -"),
        ("code", "É1", "“É1” is not a code: 1 to 24 of A–Z, a–z, 0–9 and -"),
        ("code", "x" * 25, f"“{'x' * 25}” is not a code: 1 to 24 of A–Z, a–z, 0–9 and -"),
        ("date", "28/02/2020", "“28/02/2020” is not a date; write YYYY-MM-DD"),
        ("date", "2020-02-30", "“2020-02-30” is not a date; write YYYY-MM-DD"),
        ("date", "20200228", "“20200228” is not a date; write YYYY-MM-DD"),
        ("date", "٢٠٢٠-٠٢-٢٨", "“٢٠٢٠-٠٢-٢٨” is not a date; write YYYY-MM-DD"),
        ("start", "25:00", "“25:00” is not a time; write HH:MM, from 00:00 to 23:59"),
        ("start", "24:00", "“24:00” is not a time; write HH:MM, from 00:00 to 23:59"),
        ("end", "0930", "“0930” is not a time; write HH:MM, from 00:00 to 23:59"),
        ("end", "09:60", "“09:60” is not a time; write HH:MM, from 00:00 to 23:59"),
        ("end", "9 am", "“9 am” is not a time; write HH:MM, from 00:00 to 23:59"),
        ("capacity", "many", "“many” is not a number of places"),
        ("capacity", "-1", "“-1” is not a number of places"),
        ("capacity", "1.5", "“1.5” is not a number of places"),
        ("listed", "maybe", "“maybe” is neither yes nor no"),
        ("status", "off", "“off” is not one of confirmed, tentative, cancelled"),
        ("access", "secret", "“secret” is not one of open, section, member, invited, body:NAME"),
        ("access", "body:", "“body:” is not one of open, section, member, invited, body:NAME"),
        ("access", "open:x", "“open:x” is not one of open, section, member, invited, body:NAME"),
        ("link", "javascript:alert(1)", "“javascript:alert(1)” is not a link; it begins with https://"),
        ("link", "https://", "“https://” is not a link; it begins with https://"),
        (
            "link",
            "https://a b",
            "A link has no blanks and no invisible characters in it; copy it again from where it is from",
        ),
        ("link", "http://[", "“http://[” is not a link; it begins with https://"),
        ("languages", "English", "“english” is not a language code such as en or fr"),
        ("speakers", "Ana; , Mayor", "“, Mayor” has no name; write Name, position, organisation"),
        ("title", "x" * 301, "is longer than 300 characters"),
        ("description", "x" * 10_001, "is longer than 10000 characters"),
    ],
)
def test_a_bad_cell_is_told_with_its_line_and_column(column: str, cell: str, message: str) -> None:
    assert errors_of(**{column: cell}) == [f"week.csv:7: {column}: {message}"]


def test_a_kind_that_nobody_knows_is_told_with_those_that_are_known() -> None:
    assert errors_of(kind="gala") == [
        "week.csv:7: kind: “gala” is not one of plenary, presidency, statutory, committee, campus, workshop, panel, "
        "ceremony, side-event, social, visit, break, travel, other"
    ]


def test_every_bad_cell_of_a_row_is_told() -> None:
    assert errors_of(date="x", start="25:00", capacity="y") == [
        "week.csv:7: date: “x” is not a date; write YYYY-MM-DD",
        "week.csv:7: start: “25:00” is not a time; write HH:MM, from 00:00 to 23:59",
        "week.csv:7: capacity: “y” is not a number of places",
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("Ana", Appearance("Ana")),
        ("Ana, Mayor", Appearance("Ana", "Mayor")),
        ("Ana, Mayor, Porto", Appearance("Ana", "Mayor", "Porto")),
        ("Ana, , Porto", Appearance("Ana", "", "Porto")),
        ("Ana, Mayor, Vice President, Porto", Appearance("Ana", "Mayor, Vice President", "Porto")),
        (
            r"Ana, Mayor\, Vice President, Porto\, Portugal",
            Appearance("Ana", "Mayor, Vice President", "Porto, Portugal"),
        ),
        ("Ana (TBC), Mayor", Appearance("Ana", "Mayor", "", PartState.TO_BE_CONFIRMED)),
    ],
)
def test_a_speaker_is_name_position_organisation(entry: str, expected: Appearance) -> None:
    assert rows.appearance(entry) == expected


@pytest.mark.parametrize(
    ("person", "cell"),
    [
        (
            Appearance("Ana", "Head of Culture, Heritage and Sport", "Porto"),
            "Ana, Head of Culture, Heritage and Sport, Porto",
        ),
        (Appearance("Ana", "Mayor, and poet"), r"Ana, Mayor\, and poet"),
        (Appearance("Ana", "Mayor, poet", "Porto, Portugal"), r"Ana, Mayor\, poet, Porto\, Portugal"),
        (Appearance("Ana", "Mayor; poet, too", "Porto"), r"Ana, Mayor\; poet\, too, Porto"),
    ],
)
def test_a_comma_is_marked_only_where_it_would_be_read_otherwise(person: Appearance, cell: str) -> None:
    assert rows.people_cell([person]) == cell
    assert values_of(speakers=cell) == {"speakers": [person]}


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=12).map(
    lambda text: " ".join(text.split())
)
people = st.builds(
    Appearance,
    words.filter(lambda name: name and not name.lower().endswith("(tbc)") and name.casefold() not in rows.NOBODY),
    words,
    words,
    st.sampled_from(PartState),
)


@given(st.lists(people, max_size=4))
def test_people_written_into_a_cell_are_read_back_the_same(given_people: list[Appearance]) -> None:
    assert values_of(speakers=rows.people_cell(given_people)) == {"speakers": given_people}


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)), st.dates())
def test_times_and_dates_are_read_back_the_same(at: time, day: date) -> None:
    assert values_of(start=rows.time_cell(at), date=rows.date_cell(day)) == {"start": at, "date": day}

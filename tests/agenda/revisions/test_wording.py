"""What changed, said field by field: nothing that did not, and everything that did."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from retreat.agenda.cards import Reader
from retreat.agenda.diff import FRAME, STAMPS, ChangeKind, difference
from retreat.agenda.models import Access, Kind, PartRole, PartState, PointKind, SessionStatus
from retreat.agenda.published import PublishedPart, PublishedPoint, PublishedSession
from retreat.agenda.revisions import wording
from retreat.agenda.revisions.wording import ChangeShown, Mark
from retreat.core.i18n import Translated

SESSION = PublishedSession(
    session_id=1,
    uid="u1",
    code="S1",
    sequence=0,
    created_at=datetime(2020, 1, 10, tzinfo=UTC),
    last_modified=datetime(2020, 1, 10, tzinfo=UTC),
    parent_code=None,
    title=Translated(en="Local Finance"),
    description=Translated(),
    note=Translated(),
    date=date(2020, 2, 25),
    starts=time(9, 30),
    ends=time(11),
    zone="Africa/Casablanca",
    start_utc=datetime(2020, 2, 25, 8, 30, tzinfo=UTC),
    end_utc=datetime(2020, 2, 25, 10, tzinfo=UTC),
    kind=Kind.CAMPUS,
    track_id=1,
    track_slug="campus",
    track_name=Translated(en="Campus"),
    track_colour=2,
    venue_id=1,
    venue_slug="centre",
    venue_name=Translated(en="Congress centre"),
    city="Tangier",
    hall_id=1,
    hall_slug="kasbah",
    hall_name=Translated(en="Kasbah"),
    hall_position=1,
    hall_capacity=80,
    languages=("en", "fr"),
    access=Access.OPEN,
    access_body_id=None,
    access_body_name=Translated(),
    body_id=None,
    body_slug=None,
    body_name=Translated(),
    is_listed=True,
    status=SessionStatus.CONFIRMED,
    capacity=None,
    link="",
    registration_link="",
    tags=(),
)
READER = Reader(language="en", zone="Africa/Casablanca", city="Tangier", now=datetime(2020, 1, 10, tzinfo=UTC))
ANA = PublishedPart(
    person_id=1,
    role=PartRole.SPEAKER,
    state=PartState.CONFIRMED,
    printed_name="Ana Ruiz",
    office="Mayor",
    organisation="Cartagena",
    position=0,
)
BUDGET = PublishedPoint(title=Translated(en="Budget 2021"), kind=PointKind.ADOPTION, minutes=20, position=0)

pytestmark = pytest.mark.usefixtures("speaking")


@pytest.fixture
def speaking(app: Any) -> Any:
    with app.test_request_context("/"):
        yield


def shown(before: PublishedSession, *, is_public: bool = False, **changes: Any) -> ChangeShown:
    change = difference([before], [replace(before, **changes)]).changes[0]
    titles = {"P1": Translated(en="Presidency"), "P2": Translated(en="Bureau")}
    return wording.show(change, READER, before=titles, after=titles, is_public=is_public)


def said(one: ChangeShown) -> list[str]:
    lines = []
    for fact in one.facts:
        words = [fact.label]
        if fact.pieces:
            words.append("".join({Mark.OUT: "−", Mark.IN: "+"}.get(p.mark, "") + p.text + "|" for p in fact.pieces))
        elif fact.whole:
            words.append("whole")
        else:
            words.append(f"{fact.before.text if fact.before else ''} → {fact.after.text if fact.after else ''}")
        lines.append(": ".join(words))
    return lines


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "date": ({"date": date(2020, 2, 26)}, "Day: Tue 25 February → Wed 26 February"),
    "starts": (
        {"starts": time(10), "start_utc": datetime(2020, 2, 25, 9, tzinfo=UTC)},
        "Time: 09:30–11:00 → 10:00–11:00",
    ),
    "ends": ({"ends": time(12)}, "Time: 09:30–11:00 → 09:30–12:00"),
    "zone": ({"zone": "Europe/Paris"}, "Time zone: Africa/Casablanca → Europe/Paris"),
    "start_utc": (
        {"start_utc": datetime(2020, 2, 25, 9, 30, tzinfo=UTC)},
        "In UTC, by new rules of the time zone: 08:30–10:00 → 09:30–10:00",
    ),
    "hall_name": ({"hall_id": 2, "hall_name": Translated(en="Malabata")}, "Hall: Kasbah → Malabata"),
    "venue_name": (
        {"venue_id": 9, "venue_name": Translated(en="Palace")},
        "Hall: Kasbah · Congress centre → Kasbah · Palace",
    ),
    "title": ({"title": Translated(en="Finance")}, "Title: Local Finance → Finance"),
    "description": ({"description": Translated(en="More")}, "Description:  → More"),
    "status": ({"status": SessionStatus.TENTATIVE}, "Status: Confirmed → Tentative"),
    "languages": ({"languages": ("en", "ru")}, "Interpretation: −French|+Russian|"),
    "access": ({"access": Access.INVITED}, "Open to: Open to all participants → By invitation"),
    "kind": ({"kind": Kind.WORKSHOP}, "Kind: Campus → Workshop"),
    "track_name": ({"track_id": 4, "track_name": Translated(en="Peace")}, "Track: Campus → Peace"),
    "body_name": ({"body_id": 4, "body_name": Translated(en="Bureau")}, "The body that meets: none → Bureau"),
    "parent_code": ({"parent_code": "P1"}, "Part of: none → Presidency"),
    "parts": ({"parts": (ANA,)}, "People: +Ana Ruiz, Mayor, Cartagena (Speaker)|"),
    "points": ({"points": (BUDGET,)}, "Points of the agenda: +Budget 2021 (for adoption, 20 min)|"),
    "link": ({"link": "https://example.org/x"}, "Link to join online: none → available"),
    "registration_link": ({"registration_link": "https://e.org"}, "Registration elsewhere: none → https://e.org"),
    "is_listed": ({"is_listed": False}, "Listed: listed → not listed"),
    "capacity": ({"capacity": 40}, "Places: no limit → 40"),
    "tags": ({"tags": ("sdg",)}, "Tags: +sdg|"),
    "code": ({"code": "S9"}, "Code: S1 → S9"),
}


@pytest.mark.one_database
def test_a_changed_field_is_said_as_it_was_and_as_it_is_and_nothing_else_is() -> None:
    found = {name: said(shown(SESSION, **changes)) for name, (changes, _) in CHANGES.items()}
    assert found == {name: [words] for name, (_, words) in CHANGES.items()}


WITH_ANOTHER = {
    "end_utc": "start_utc",
    "venue_id": "venue_name",
    "hall_id": "hall_name",
    "city": "venue_name",
    "track_id": "track_name",
    "body_id": "body_name",
    "access_body_id": "access",
    "access_body_name": "access",
    "note": "",
    "uid": "",
}
"""Said by another field's words, or never different in what is published."""


@pytest.mark.one_database
def test_every_field_of_a_published_session_has_its_words() -> None:
    names = {field.name for field in fields(PublishedSession)} - STAMPS - FRAME
    assert names == set(CHANGES) | set(WITH_ANOTHER)


@pytest.mark.one_database
def test_a_change_of_the_frame_alone_is_said_to_be_one() -> None:
    assert said(shown(SESSION, hall_position=9)) == [
        "Only how the week is drawn: the order, colours and sizes of halls and tracks.:  → "
    ]


@pytest.mark.one_database
def test_the_public_hears_of_no_link_no_code_and_no_number_of_places() -> None:
    secret = {"link": "https://example.org/2", "capacity": 3, "code": "S9", "tags": ("x",), "registration_link": "r"}
    one = shown(replace(SESSION, link="https://example.org/1"), is_public=True, **secret)
    assert (said(one), one.is_whole) == ([], False)
    assert said(shown(SESSION, is_public=True, parent_code="HIDDEN")) == []


@pytest.mark.one_database
def test_words_of_a_long_text_are_struck_out_and_put_in_where_they_stand() -> None:
    text = "Cities meet here to speak about water, housing and culture, and how others may follow them " * 2
    before = replace(SESSION, description=Translated(en=text))
    one = shown(before, description=Translated(en=text.replace("housing", "homes", 1)))
    pieces = one.facts[0].pieces
    assert [(piece.text, piece.mark) for piece in pieces if piece.mark] == [("housing ", Mark.OUT), ("homes ", Mark.IN)]
    assert pieces[0].text == "Cities meet here to speak about water, "
    assert pieces[-1].text == "and culture, and how others … "


@pytest.mark.one_database
def test_a_text_that_is_another_altogether_is_shown_twice_and_not_word_by_word() -> None:
    before = replace(SESSION, description=Translated(en="one two three " * 60))
    one = shown(before, description=Translated(en="four five six " * 60))
    assert said(one) == ["Description: whole"]


@pytest.mark.one_database
def test_each_language_of_a_title_is_said_to_organisers_and_the_readers_own_to_the_public() -> None:
    before = replace(SESSION, title=Translated(en="Local Finance", fr="Finances"))
    changes = {"title": Translated(en="Local Finance", fr="Finances locales")}
    assert said(shown(before, **changes)) == ["Title, French: Finances → Finances locales"]
    assert said(shown(before, is_public=True, **changes)) == []


@pytest.mark.one_database
def test_each_change_stands_once_under_the_first_of_its_kinds() -> None:
    one = shown(SESSION, date=date(2020, 2, 26), title=Translated(en="Finance"))
    gone = shown(replace(SESSION, uid="u2"), status=SessionStatus.CANCELLED)
    groups = wording.grouped([one, gone])
    assert [(kind, len(some)) for kind, some in groups] == [(ChangeKind.MOVED, 1), (ChangeKind.CANCELLED, 1)]
    assert one.change.kinds == (ChangeKind.MOVED, ChangeKind.RENAMED)
    assert one.when_and_where == "09:30–11:00 · Kasbah"

"""Venues, halls and tracks: made, changed, removed."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from retreat.agenda import frame
from retreat.agenda.frame import FrameRefused, StillInUse
from retreat.core.db import db
from retreat.core.i18n import Translated
from tests.agenda import week
from tests.agenda.week import AT, NADIA

NAME = Translated(en="Malabata")


def test_a_hall_stands_in_the_default_venue_unless_another_is_said(db_session: Session) -> None:
    edition = week.edition()
    port = frame.create_venue(edition, {"name": Translated(en="Port"), "zone": "Europe/Madrid"}, at=AT, by=NADIA)
    one = frame.create_hall(edition, {"name": NAME, "capacity": 80}, at=AT, by=NADIA)
    other = frame.create_hall(edition, {"name": NAME, "venue": port, "position": 1}, at=AT, by=NADIA)
    assert [(hall.slug, hall.venue.slug, hall.capacity, hall.position) for hall in (one, other)] == [
        ("malabata", "main", 80, 1),
        ("malabata-2", "port", None, 1),
    ]
    assert (port.zone, port.city) == ("Europe/Madrid", "Tangier")


def test_tracks_take_the_eight_colours_in_turn(db_session: Session) -> None:
    edition = week.edition()
    made = [frame.create_track(edition, {"name": Translated(en=f"Track {n}")}, at=AT, by=NADIA) for n in range(9)]
    assert [track.colour for track in made] == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert frame.tracks(edition) == made


@pytest.mark.parametrize(
    ("make", "values", "field"),
    [
        (frame.create_venue, {"name": Translated(fr="Palais")}, "name"),
        (frame.create_venue, {"name": NAME, "zone": "Tangier"}, "zone"),
        (frame.create_hall, {"name": Translated()}, "name"),
        (frame.create_hall, {"name": NAME, "capacity": -1}, "capacity"),
        (frame.create_track, {"name": NAME, "colour": 9}, "colour"),
    ],
)
@pytest.mark.one_database
def test_what_cannot_be_is_refused_and_named(db_session: Session, make: Any, values: Any, field: str) -> None:
    with pytest.raises(FrameRefused) as caught:
        make(week.edition(), values, at=AT, by=NADIA)
    assert caught.value.field == field


def test_what_a_session_or_the_last_revision_uses_stays(db_session: Session) -> None:
    edition = week.edition()
    hall = frame.create_hall(edition, {"name": NAME}, at=AT, by=NADIA)
    made = week.session(edition, hall=hall)
    with pytest.raises(StillInUse):
        frame.delete_from_frame(hall, at=AT, by=NADIA)
    with pytest.raises(StillInUse):
        frame.delete_from_frame(hall.venue, at=AT, by=NADIA)
    week.publish(edition)
    made.hall = None
    db.session.flush()
    with pytest.raises(StillInUse):
        frame.delete_from_frame(hall, at=AT, by=NADIA)
    week.publish(edition)
    frame.delete_from_frame(hall, at=AT, by=NADIA)
    db.session.expire_all()
    assert edition.halls == []

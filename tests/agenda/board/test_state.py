"""What a page that asks every few seconds is told, on both databases."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import update

from retreat.accounts.models import Organiser
from retreat.agenda import frame, service
from retreat.agenda.board import presence, steps
from retreat.agenda.board.state import state
from retreat.agenda.checking import accepted
from retreat.agenda.clashes import ClashKind
from retreat.agenda.halls import service as halls
from retreat.agenda.models import AgendaSession, PartRole
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.service import UnknownEdition
from retreat.network import service as network
from retreat.network.models import Person, Seat
from tests.agenda import week
from tests.agenda.board.making import hall, place
from tests.agenda.week import AT, NADIA


def tag(who, at=AT):
    db.session.flush()
    return state("2020", who.id, at=at).tag("2020-02-25")


def test_every_change_is_another_tag_and_no_change_is_the_same(tangier, nadia, lena):
    finance = week.session(tangier)
    kasbah = hall(tangier, "Kasbah")
    tags = [tag(nadia)]
    assert tag(nadia) == tags[0]

    def changed(by_what):
        by_what()
        tags.append(tag(nadia))

    changed(lambda: place(finance, "10:00-11:00", kasbah, by=lena))
    changed(lambda: service.update_session(finance, {"tags": ["hybrid"]}, at=AT, by=NADIA))
    changed(lambda: week.session(tangier, "Another", code="X"))
    changed(lambda: service.delete_session(service.session_by_code(tangier, "X"), at=AT, by=NADIA))
    changed(lambda: presence.touch(tangier.id, at=AT, by=lena))
    changed(lambda: presence.hold(tangier, finance, at=AT, by=lena))
    changed(lambda: presence.let_go(tangier, at=AT, by=lena))
    changed(lambda: week.publish(tangier))
    # The same picture is the same tag: what was made and removed, what was held and let go.
    assert (tags[2], tags[5]) == (tags[4], tags[7])
    assert len(set(tags)) == len(tags) - 2


def test_whatever_the_board_shows_is_another_tag_when_it_changes(tangier, nadia, lena, count_queries):
    """Each line changes one thing that the board shows, or that makes a clash, and nothing else."""
    kasbah, medina = (hall(tangier, name, capacity=40) for name in ("Kasbah", "Medina"))
    port = editions.add_venue(tangier, Translated(en="Port"), at=AT, by=NADIA)
    track = frame.add_track(tangier, Translated(en="Campus"), at=AT, by=NADIA)
    presidency = network.add_body(Translated(en="Presidency"), at=AT, by=NADIA)
    amina, elif_ = (Person(given_name=given, family_name="K.", created_at=AT) for given in ("Amina", "Elif"))
    db.session.add_all([amina, elif_])
    db.session.flush()
    speaks = [Appearance(PartRole.SPEAKER, "Amina Bennani", person=amina)]
    one = week.session(tangier, code="ONE", hall=kasbah, parts=speaks, body=presidency, track=track)
    week.session(tangier, code="TWO", hall=kasbah)
    week.session(tangier, code="SHELF", date=None, starts=None, ends=None)
    seat = Seat(person=elif_, body=presidency)
    db.session.add(seat)
    first = halls.close_hall(kasbah, week.TUESDAY, time(8), time(9), "Rehearsal", at=AT, by=NADIA)
    halls.close_hall(kasbah, week.TUESDAY, time(18), time(19), "Cleaning", at=AT, by=NADIA)
    halls.set_walks(tangier, {halls.pair_of(kasbah.venue, port): 10}, at=AT, by=NADIA)
    accepted.accept(tangier, ClashKind.HALL, ("ONE", "TWO"), "Two halves of one hall", at=AT, by=NADIA)
    presence.touch(tangier.id, at=AT, by=lena)
    place(one, "10:00-11:00", kasbah, by=lena)

    def set_of(thing, **values):
        for name, value in values.items():
            setattr(thing, name, value)

    def swap_positions():
        kasbah.position, medina.position = medina.position, kasbah.position

    changes = {
        "a step undone": lambda: steps.undo(tangier, at=AT, by=lena),
        "a step done again": lambda: steps.redo(tangier, at=AT, by=lena),
        "seats of a hall": lambda: set_of(kasbah, capacity=41),
        "booths of a hall": lambda: set_of(kasbah, booths=2),
        "language pairs of a hall": lambda: set_of(kasbah, language_pairs=2),
        "name of a hall": lambda: set_of(kasbah, name=Translated(en="Kasbah", fr="La Casbah")),
        "order of the halls": swap_positions,
        "venue of a hall": lambda: set_of(kasbah, venue=port),
        "name of a venue": lambda: set_of(port, name=Translated(en="Old port")),
        "zone of a venue": lambda: set_of(port, zone="Europe/Madrid"),
        "a closure that is not the last": lambda: halls.open_hall(kasbah, first.id, at=AT, by=NADIA),
        "a closure": lambda: halls.close_hall(medina, week.TUESDAY, None, None, "", at=AT, by=NADIA),
        "hours of a closure": lambda: set_of(kasbah.closures[0], ends=time(20)),
        "reason of a closure": lambda: set_of(kasbah.closures[0], reason="Repairs"),
        "a walk": lambda: halls.set_walks(tangier, {halls.pair_of(medina.venue, port): 12}, at=AT, by=NADIA),
        "a clash accepted again": lambda: accepted.accept(
            tangier, ClashKind.HALL, ("ONE", "TWO"), "Another reason", at=AT, by=NADIA
        ),
        "a clash opened again": lambda: accepted.reopen(tangier, ClashKind.HALL, ("ONE", "TWO"), at=AT, by=NADIA),
        "name of a track": lambda: set_of(track, name=Translated(en="Campus", es="Campus")),
        "colour of a track": lambda: set_of(track, colour=5),
        "order of the tracks": lambda: set_of(track, position=7),
        "title of a day": lambda: editions.title_day(
            tangier, week.TUESDAY, Translated(en="Campus day"), at=AT, by=NADIA
        ),
        "days of the edition": lambda: set_of(tangier, ends_on=date(2020, 2, 29)),
        "zone of the edition": lambda: set_of(tangier, zone="Europe/Paris"),
        "main language": lambda: set_of(tangier, main_language="fr"),
        "name of a body": lambda: set_of(presidency, name=Translated(en="The Presidency")),
        "days of a seat": lambda: set_of(seat, starts_on=date(2020, 2, 26)),
        "who has a seat": lambda: set_of(seat, person=amina),
        "name of who has a seat": lambda: set_of(amina, badge_name="A. Bennani"),
        "a seat that is gone": lambda: db.session.delete(seat),
        "who a speaker is": lambda: set_of(one.parts[0], person=elif_),
        "a place that is taken": lambda: db.session.execute(
            update(AgendaSession).where(AgendaSession.id == one.id).values(taken=50)
        ),
        "name of who is here": lambda: db.session.execute(
            update(Organiser).where(Organiser.id == lena.id).values(name="Lena Owusu")
        ),
    }
    seen = [tag(nadia)]
    for what, change in changes.items():
        change()
        db.session.flush()
        with count_queries() as queries:
            seen.append(tag(nadia))
        assert seen[-1] not in seen[:-1], what
        assert len(queries) == 1
    assert tag(nadia) == seen[-1]


def test_ones_own_presence_changes_nothing(tangier, nadia):
    before = tag(nadia)
    presence.touch(tangier.id, at=AT, by=nadia)
    assert tag(nadia) == before
    assert state("2020", nadia.id, at=AT).seen_at == AT


def test_who_went_away_and_a_lease_that_ran_out_change_it(tangier, nadia, lena):
    before = tag(nadia)
    presence.hold(tangier, week.session(tangier), at=AT, by=lena)
    held = tag(nadia)
    assert tag(nadia, AT + timedelta(seconds=31)) not in (before, held)


def test_what_another_edition_does_is_nothing_to_us(tangier, nadia, lena):
    other = week.edition("2019")
    before = tag(nadia)
    week.session(other)
    presence.touch(other.id, at=AT, by=lena)
    assert tag(nadia) == before


def test_an_unknown_edition_is_said(db_session, nadia):
    with pytest.raises(UnknownEdition):
        state("1999", nadia.id, at=AT)


def test_the_board_is_read_on_both_databases(as_role, tangier):
    week.session(tangier, code="LF", hall=hall(tangier, "Kasbah"))
    week.session(tangier, code="SHELF", date=None, starts=None, ends=None)
    client = as_role("programmer")
    answer = client.get("/organise/2020/board/state", query_string={"day": "2020-02-25"})
    assert (answer.status_code, answer.text.count("data-code=")) == (200, 2)
    again = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/organise/2020/board/state?day=2020-02-25", headers=again).status_code == 304

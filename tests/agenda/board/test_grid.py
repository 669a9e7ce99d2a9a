"""Where cards stand on the board; pure."""

from retreat.agenda.board.grid import Slot, lay_out

HALLS = ("kasbah", "malabata")


def slot(code, hours, hall="kasbah", **values):
    start, end = ((int(text[:2]) * 60 + int(text[3:])) for text in hours.split("-"))
    return Slot(code=code, start_min=start, end_min=end if end > start else end + 24 * 60, hall=hall, **values)


def places(*slots, halls=HALLS):
    return {place.code: place for place in lay_out(slots, halls).places}


def lines(place):
    return (place.column, place.first_line, place.last_line)


def test_every_hall_has_a_column_in_its_order_though_nothing_is_there():
    grid = lay_out([], HALLS)
    assert (grid.halls, grid.first_hour, grid.hours) == (HALLS, 8, 10)


def test_five_minutes_are_a_line():
    assert lines(places(slot("A", "09:05-10:30", "malabata"))["A"]) == (2, 14, 31)


def test_an_early_and_a_late_session_extend_the_day():
    grid = lay_out([slot("A", "06:30-07:00"), slot("B", "21:00-22:10")], HALLS)
    assert (grid.first_hour, grid.hours) == (6, 17)


def test_what_has_no_hall_gets_a_last_column_of_its_own():
    grid = lay_out([slot("A", "09:00-10:00", None)], HALLS)
    assert (grid.halls, grid.places[0].column) == (("kasbah", "malabata", None), 3)


def test_an_edition_without_halls_has_that_column_alone():
    assert lay_out([], ()).halls == (None,)


def test_a_break_goes_across_while_nothing_else_is_on():
    coffee = slot("C", "10:30-11:00", None, spreads=True)
    alone = places(coffee, slot("A", "09:00-10:30"))
    assert (alone["C"].column, alone["C"].width) == (1, 2)
    beside = places(coffee, slot("A", "09:00-10:35"))
    assert (beside["C"].column, beside["C"].width) == (3, 1)


def test_several_in_one_hall_lie_on_each_other_in_their_order():
    found = places(
        slot("A", "09:00-11:00"), slot("B", "10:00-12:00"), slot("C", "10:30-11:30"), slot("D", "12:00-13:00")
    )
    assert [found[code].cascade for code in "ABCD"] == [1, 2, 3, 0]


def test_back_to_back_is_no_cascade():
    found = places(slot("A", "09:00-10:00"), slot("B", "10:00-11:00"))
    assert [found[code].cascade for code in "AB"] == [0, 0]


def test_a_part_is_drawn_inside_and_after_what_it_is_part_of():
    grid = lay_out(
        [slot("L", "12:00-13:00", None, parent="B"), slot("B", "09:00-14:00"), slot("A", "09:30-10:00")], HALLS
    )
    found = {place.code: place for place in grid.places}
    assert [place.code for place in grid.places] == ["B", "L", "A"]
    assert (found["L"].parent, found["L"].column, found["L"].is_early) == ("B", 1, False)
    assert (found["B"].cascade, found["A"].cascade, found["L"].cascade) == (1, 2, 0)


def test_a_part_at_the_very_start_leaves_the_title_free():
    found = places(slot("L", "09:05-10:00", parent="B"), slot("B", "09:00-14:00"))
    assert found["L"].is_early


def test_a_part_elsewhere_or_outside_the_hours_stands_for_itself():
    found = places(
        slot("X", "10:00-11:00", "malabata", parent="B"),
        slot("Y", "13:00-15:00", parent="B"),
        slot("B", "09:00-14:00"),
    )
    assert (found["X"].parent, found["Y"].parent, found["X"].column) == (None, None, 2)


def test_a_night_is_cut_at_midnight():
    grid = lay_out([slot("A", "22:00-01:30")], HALLS)
    assert (grid.hours, grid.places[0].is_cut, grid.places[0].last_line) == (16, True, 16 * 12 + 1)


def test_of_very_many_halls_those_in_use_are_drawn():
    halls = tuple(f"hall-{number:02d}" for number in range(50))
    grid = lay_out([slot("A", "09:00-10:00", "hall-49")], halls)
    assert (len(grid.halls), "hall-49" in grid.halls, grid.unplaced) == (40, True, ())


def test_what_has_no_column_left_is_listed():
    halls = tuple(f"hall-{number:02d}" for number in range(41))
    grid = lay_out([slot(hall, "09:00-10:00", hall) for hall in halls], halls)
    assert (len(grid.places), len(grid.unplaced)) == (40, 1)


def test_twelve_halls_and_one_to_be_confirmed_stand_close_together_and_more_do_not_fit():
    halls = tuple(f"hall-{number:02d}" for number in range(14))
    nowhere = slot("A", "09:00-10:00", None)
    for number, is_wide, is_wider in ((8, False, False), (9, True, False), (13, True, False), (14, True, True)):
        grid = lay_out([], halls[:number])
        assert (grid.is_wide, grid.is_wider) == (is_wide, is_wider)
    assert not lay_out([nowhere], halls[:12]).is_wider
    assert lay_out([nowhere], halls[:13]).is_wider

"""The confirmation on paper: one sheet, whatever was chosen."""

from dataclasses import replace

import pytest

from retreat.printing import confirmations
from retreat.printing.confirmations import Chosen, ConfirmationFacts
from tests.printing import paper

DINNER = Chosen(
    day="Tuesday 25 February",
    time="20:00–22:30",
    title="Dinner at the port",
    title_language="en",
    place="Kasbah Museum gardens",
)
ANA = ConfirmationFacts(
    language="en",
    event="UCLG Retreat & Campus 2020",
    city="Tangier",
    country="Morocco",
    dates="24–28 February 2020",
    code="R20-0042",
    status="approved",
    since="14 January 2020",
    honorific="Hon.",
    name="Ana Fernández",
    native_name="",
    position="Mayor",
    organisation="City of Montevideo",
    place="Montevideo, Uruguay",
    category="Delegate",
    chosen=(DINNER,),
    said_on="16 January 2020",
    contact_email="secretariat@example.org",
    live_url="https://retreat.example.org/2020/agenda",
)


def test_it_says_who_is_confirmed_for_what():
    done = confirmations.print_confirmation(ANA)
    said = paper.text(done.content)
    assert paper.sizes_mm(done.content) == [(210, 297)]
    for words in ("Hon. Ana Fernández", "R20-0042", "has been approved", "Dinner at the port", "20:00–22:30"):
        assert words in said
    assert "secretariat@example.org" in said


@pytest.mark.parametrize(
    ("status", "words"), [("submitted", "It has not been decided yet."), ("waitlisted", "on the waiting list")]
)
def test_it_promises_no_more_than_there_is(status, words):
    said = paper.text(confirmations.print_confirmation(replace(ANA, status=status, chosen=())).content)
    assert words in " ".join(said.split())
    assert "has been approved" not in said
    assert "None has been chosen." in said


def test_many_seats_and_long_names_stay_on_one_sheet():
    long = replace(DINNER, title="A very long title of a visit to the harbour and to its surroundings " * 3)
    crowded = replace(
        ANA,
        name="Wolfeschlegelsteinhausenbergerdorff Kumaratunga-Wickramasinghe",
        organisation="Association of Municipalities and Regions of the Southern Hemisphere " * 3,
        chosen=(long,) * 30,
    )
    done = confirmations.print_confirmation(crowded)
    assert done.pages == 1
    assert "more" in paper.text(done.content)


def test_the_same_facts_are_the_same_sheet():
    assert confirmations.print_confirmation(ANA).content == confirmations.print_confirmation(ANA).content
    assert confirmations.content_hash(ANA) == confirmations.content_hash(replace(ANA))
    assert confirmations.content_hash(ANA) != confirmations.content_hash(replace(ANA, chosen=()))

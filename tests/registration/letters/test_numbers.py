"""The number of a letter, as it is made and as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.registration.letters import numbers

KEPT = "UCLG-2020-0007-K7QX"


def test_a_number_says_its_year_and_place_and_ends_in_something_nobody_guesses():
    assert numbers.made(2020, 7, "K7QX") == KEPT
    assert numbers.made(2020, 12345, "K7QX") == "UCLG-2020-12345-K7QX"
    assert len({numbers.new_check() for _ in range(200)}) > 190


@pytest.mark.parametrize(
    "typed",
    [
        KEPT,
        "uclg-2020-0007-k7qx",
        "  UCLG 2020 0007 K7QX ",
        "UCLG20200007K7QX",
        "UCLG–2020—0007−K7QX",
        "UCLG\u00a02020\u20110007\u2011K7QX",
        "ＵＣＬＧ-２０２０-0007-K7QX",
    ],
)
def test_case_blanks_and_dashes_do_not_matter(typed):
    assert numbers.as_kept(typed) == KEPT


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7",
        "UCLG-2020-0007",
        "UCLG-2020-0007-K7Q",
        "UCLG-2020-0007-K0QX",
        "UCLG-2020-007-K7QX",
        "x" * 5000,
        "٣" * 20,
    ],
)
def test_what_cannot_be_a_number_is_none(typed):
    assert numbers.as_kept(typed) is None


@given(year=st.integers(2000, 2099), place=st.integers(1, 10**6))
def test_what_was_made_is_read_again(year, place):
    number = numbers.made(year, place, numbers.new_check())
    assert numbers.as_kept(number.lower().replace("-", " ")) == number


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(typed):
    numbers.as_kept(typed)
    numbers.name_key(typed)


@pytest.mark.parametrize("name", ["Ben-Ali", "BEN ALI", "Bénali", "ben’ali"])
def test_a_name_is_known_again(name):
    assert numbers.name_key(name) == "benali"
    assert numbers.name_key("İMAMOĞLU") == numbers.name_key("imamoglu")
    assert numbers.name_key(" - ") == ""


@pytest.mark.parametrize(
    ("printed", "coded"),
    [
        ("Müller", "MUELLER MULLER MUXXLLER müller"),
        ("Argüelles", "ARGUELLES ARGUEELLES"),
        ("Großmann", "GROSSMANN GROẞMANN"),
        ("Sørensen", "SOERENSEN SORENSEN"),
        ("Ødegård", "OEDEGAARD ODEGARD OEDEGARD"),
        ("Jäätteenmäki", "JAEAETTEENMAEKI JAATTEENMAKI"),
        ("Åkerström", "AAKERSTROEM AKERSTROM"),
        ("Ærø", "AEROE AERO"),
        ("Núñez", "NUNEZ NUNXXEZ"),
        ("Yıldırım", "YILDIRIM yildirim"),
        ("İnönü", "INONU INOENUE inönü"),
        ("Þórðardóttir", "THORDARDOTTIR"),
    ],
)
def test_a_name_is_known_as_the_machine_readable_lines_have_it(printed, coded):
    assert {numbers.name_key(one) for one in coded.split()} == {numbers.name_key(printed)}


@pytest.mark.parametrize(("one", "other"), [("Müller", "Miller"), ("Söder", "Sander"), ("Noel", "Neal")])
def test_other_names_stay_other_names(one, other):
    assert numbers.name_key(one) != numbers.name_key(other)

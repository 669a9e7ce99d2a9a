"""The ceremony on paper: programme and diplomas."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from retreat.core.i18n import Translated
from retreat.printing import programmes
from retreat.printing.programmes import AwardFacts, CeremonyFacts, Step
from tests.printing import paper

CEREMONY = CeremonyFacts(
    language="en",
    title="Award ceremony: Rating of Municipalities’ International Activity",
    other_titles=(("fr", "Remise des prix"), ("ru", "Церемония награждения"), ("ar", "حفل توزيع الجوائز")),
    event="UCLG Retreat & Campus 2020",
    city="Tangier",
    hall="Grand Hall",
    day=date(2020, 2, 28),
    begins=datetime(2020, 2, 28, 11, 15),
    about="78 cities took part.",
    languages=("English", "Русский", "العربية"),
)
BISHKEK = AwardFacts(
    prize="Diploma for first place",
    place=1,
    winner="Bishkek",
    other_winner_names=(("ru", "Бишкек"), ("zh", "比什凯克")),
    recipient="Satybek Kanybekov",
    recipient_position="Representative of the city of Bishkek",
    presenter="Mohamed Boudra",
    presenter_position="President of UCLG",
    citation="First among 78 cities.",
    amount="USD\u00a010,000",
    number="2020-01",
)
STEPS = [
    Step(minutes=2, title="Opening"),
    Step(minutes=58, title="Address", people="Mohamed Boudra, President of UCLG"),
    Step(minutes=6, title="First place", award=BISHKEK),
    Step(minutes=3, title="Photograph", note="On the stairs"),
]


def said(content, page=None):
    return paper.text(content, page).replace("\n", " ")


@pytest.fixture(scope="module")
def programme():
    return programmes.print_programme(CEREMONY, STEPS)


def test_the_programme_is_one_a4_sheet(programme):
    assert paper.sizes_mm(programme.content) == [(210, 297)]


def test_times_follow_from_the_beginning_and_the_lengths(programme):
    lines = paper.text(programme.content).splitlines()
    times = [line for line in lines if line[:2].isdigit() and line[2:3] == ":"]
    assert times == ["11:15", "11:17", "12:15", "12:21"]


def test_winner_recipient_and_presenter_are_three(programme):
    text = said(programme.content)
    assert "Bishkek Diploma for first place, USD 10,000" in text
    assert "Presented by Mohamed Boudra, President of UCLG" in text
    assert "Received by Satybek Kanybekov, Representative of the city of Bishkek" in text


def test_place_day_and_hour_stand_on_the_programme(programme):
    assert "Grand Hall, Tangier · Friday 28 February 2020 · 11:15" in said(programme.content)


def test_other_scripts_can_be_read_back(programme):
    # pdftotext takes the wide gap after a letter that does not join for a blank.
    text = said(programme.content).replace(" ", "")
    assert all(part in text for part in ("Церемониянаграждения", "حفلتوزيعالجوائز", "Русский", "العربية"))


def test_the_programme_is_set_in_its_own_faces(programme):
    assert paper.fonts(programme.content) == {
        "Cormorant-Garamond",
        "Cormorant-Garamond-Italic",
        "Cormorant-Garamond-Semi-Bold",
        "Amiri",
    }
    assert programme.missing == ()


def test_a_sealed_award_says_the_prize_only():
    sealed = AwardFacts(prize="Diploma for first place", presenter="Mohamed Boudra", is_sealed=True)
    text = said(programmes.print_programme(CEREMONY, [Step(minutes=5, title="First place", award=sealed)]).content)
    assert "Diploma for first place" in text
    assert "Presented by Mohamed Boudra" in text
    assert "Bishkek" not in text


def test_without_an_hour_there_are_no_times():
    unknown = CeremonyFacts(**{**vars(CEREMONY), "begins": None, "day": None})
    text = said(programmes.print_programme(unknown, STEPS).content)
    assert "Opening" in text
    assert "11:" not in text


def test_a_ceremony_without_steps_says_so():
    assert "The running order is to be confirmed." in said(programmes.print_programme(CEREMONY, []).content)


def test_a_long_ceremony_takes_more_sheets_and_loses_nothing():
    steps = [Step(minutes=5, title=f"Step {number}", people="Somebody", award=None) for number in range(60)]
    done = programmes.print_programme(CEREMONY, steps)
    assert done.pages > 1
    assert all(f"Step {number}" in paper.text(done.content).splitlines() for number in range(60))


def test_the_same_ceremony_gives_the_same_bytes(programme):
    assert programmes.print_programme(CEREMONY, STEPS).content == programme.content


def test_each_winner_has_a_diploma():
    izmir = AwardFacts(prize="Diploma for second place", place=2, winner="İzmir", citation="Second among 78 cities.")
    done = programmes.print_diplomas(CEREMONY, [izmir, BISHKEK])
    assert paper.sizes_mm(done.content) == [(297, 210)] * 2
    assert "İzmir" in paper.text(done.content, 1).splitlines()
    second = said(done.content, 2)
    assert all(
        part in second
        for part in (
            "Diploma for first place",
            "is awarded to",
            "Bishkek",
            "Бишкек",
            "比什凯克",
            "First among 78 cities.",
            "USD 10,000",
            "Mohamed Boudra",
            "President of UCLG",
            "Tangier",
            "Friday 28 February 2020",
            "No. 2020-01",
        )
    )
    assert done.missing == ()


@pytest.mark.parametrize("length", [20, 60, 120])
def test_a_long_winner_or_prize_stays_inside_the_frame(length):
    award = AwardFacts(
        prize="Prize of the cities " * (length // 20),
        winner="Municipality " * (length // 12),
        citation="Word " * length,
    )
    done = programmes.print_diplomas(CEREMONY, [award])
    found = paper.words(done.content)
    assert all(left > 14 and right < 283 for _, left, _, right, _ in found)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "expected"),
    [
        (Decimal("10000.00"), "USD", "en", "USD\u00a010,000"),
        (Decimal("2500.50"), "EUR", "en", "EUR\u00a02,500.5"),
        (None, "", "en", ""),
    ],
)
def test_money_says_which(amount, currency, language, expected):
    assert programmes.money(amount, currency, language) == expected


def test_other_names_are_said_once():
    name = Translated(en="Bishkek", fr="Bichkek", es="Bishkek", ru="Бишкек")
    assert programmes.others(name, "Bishkek") == (("fr", "Bichkek"), ("ru", "Бишкек"))


def test_nothing_is_missing_that_readers_with_a_screen_reader_need(caplog):
    programmes.print_programme(CEREMONY, STEPS)
    programmes.print_diplomas(CEREMONY, [BISHKEK])
    assert [record.getMessage() for record in caplog.records if record.name == "weasyprint"] == []

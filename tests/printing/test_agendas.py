"""The agenda on paper."""

import pytest

from retreat.printing import agendas
from retreat.printing.agendas import AgendaDay, AgendaFacts, AgendaPoint, AgendaRow
from tests.printing import paper

FACTS = AgendaFacts(
    language="en",
    event="UCLG Retreat & Campus 2020",
    place="Tangier, 24–28 February 2020",
    edition_note="Some times are illustrative.",
    revision=3,
    published="Monday 10 February, 10:00",
    live_url="https://retreat.example.org/2020/agenda",
)
TUESDAY = AgendaDay(
    label="Tuesday 25 February",
    title="Local finance",
    rows=(
        AgendaRow(
            time="09:00–10:30",
            title="Local Finance",
            title_language="en",
            hall="Grand Hall",
            people=("Chair: Ana Diaz", "ليلى الحسني"),
            languages="EN FR",
            points=(
                AgendaPoint(title="Minutes of Durban", title_language="en", kind="for adoption"),
                AgendaPoint(title="Бюджет", title_language="ru", kind="for discussion"),
            ),
        ),
        AgendaRow(time="", title="Тихий час", title_language="ru", is_tentative=True),
        AgendaRow(time="11:00–12:00", title="Old session", title_language="en", hall="Studio", is_cancelled=True),
    ),
)


@pytest.fixture(scope="module")
def agenda():
    return agendas.print_agenda(FACTS, [TUESDAY])


def test_the_agenda_says_when_where_and_who(agenda):
    text = paper.text(agenda.content).replace("\n", " ")
    assert all(
        part in text
        for part in (
            "UCLG Retreat & Campus 2020",
            "Tuesday 25 February Local finance",
            "09:00–10:30",
            "Local Finance",
            "Grand Hall · EN FR",
            "Chair: Ana Diaz",
            "Minutes of Durban · for adoption",
            "Бюджет · for discussion",
            "ليلى الحسني",
            "Revision 3, published Monday 10 February, 10:00.",
        )
    )


def test_what_is_unknown_or_cancelled_says_so(agenda):
    text = paper.text(agenda.content).replace("\n", " ")
    assert "Time to be confirmed" in text
    assert "To be confirmed · Hall to be confirmed" in text
    assert "Cancelled · Studio" in text


def test_the_code_leads_to_the_live_agenda(agenda):
    assert paper.codes(agenda.content) == {FACTS.live_url}


def test_an_agenda_that_is_not_published_says_so():
    empty = AgendaFacts(**{**vars(FACTS), "revision": None, "published": ""})
    text = paper.text(agendas.print_agenda(empty, []).content)
    assert "The agenda has not been published yet." in text
    assert "Revision" not in text


def test_a_day_without_sessions_says_so():
    day = AgendaDay(label="Tuesday 25 February", title="", rows=())
    assert "No sessions are published for this day." in paper.text(agendas.print_agenda(FACTS, [day]).content)


def test_two_hundred_sessions_lose_none():
    rows = tuple(
        AgendaRow(time="09:00–10:30", title=f"Session {number}", title_language="en", hall="Hall")
        for number in range(40)
    )
    days = [AgendaDay(label=f"Day {day}", title="", rows=rows) for day in range(5)]
    done = agendas.print_agenda(FACTS, days)
    lines = paper.text(done.content).splitlines()
    assert sum(line.startswith("Session ") or " Session " in line for line in lines) == 200


def test_nothing_is_missing_that_readers_with_a_screen_reader_need(caplog):
    agendas.print_agenda(FACTS, [TUESDAY])
    assert [record.getMessage() for record in caplog.records if record.name == "weasyprint"] == []

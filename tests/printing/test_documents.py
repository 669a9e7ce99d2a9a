"""Programme, diplomas and agenda from what is stored, with the embargo kept."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from retreat.agenda.models import Kind, PointKind
from retreat.agenda.points import Point
from retreat.agenda.service import cancel_session
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.ceremony.service import UnknownCeremony
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.printing import documents
from retreat.printing.service import NothingToPrint
from tests.agenda import week
from tests.printing import paper

pytestmark = pytest.mark.one_database
FRIDAY = date(2020, 2, 28)


@pytest.fixture
def edition(db_session):
    return week.edition()


@pytest.fixture
def ceremony(edition):
    """The award ceremony inside the Presidency meeting; the first place is not announced."""
    meeting = week.session(edition, "Meeting of the Presidency", date=FRIDAY, starts=time(9), ends=time(13))
    session = week.session(
        edition,
        Translated(en="Award ceremony", fr="Remise des prix"),
        date=FRIDAY,
        starts=time(11, 15),
        ends=time(12),
        kind=Kind.CEREMONY,
        parent_id=meeting.id,
    )
    third = Award(
        session_id=session.id,
        position=1,
        prize=Translated(en="Diploma for third place"),
        winner_name=Translated(en="Khabarovsk", ru="Хабаровск"),
        announced_at=datetime(2020, 2, 20, tzinfo=UTC),
    )
    first = Award(
        session_id=session.id,
        position=2,
        prize=Translated(en="Diploma for first place", fr="Diplôme de la première place"),
        place=1,
        winner_name=Translated(en="Bishkek", fr="Bichkek"),
        recipient_name="Satybek Kanybekov",
        recipient_position=Translated(en="Representative of Bishkek"),
        presenter_name="Mohamed Boudra",
        presenter_position=Translated(en="President of UCLG"),
        citation=Translated(en="First among 78 cities."),
        amount=Decimal(10000),
        currency="USD",
    )
    db.session.add_all([third, first])
    db.session.flush()
    for position, (minutes, title, award) in enumerate(
        [(5, "Welcome", None), (4, "Third place", third), (6, "First place", first)], start=1
    ):
        db.session.add(
            RunningOrderItem(
                session_id=session.id,
                position=position,
                minutes=minutes,
                title=Translated(en=title),
                people=Translated(en="Mohamed Boudra; Satybek Kanybekov") if award is first else Translated(),
                note=Translated(en="Bishkek’s film, two minutes") if award is first else Translated(),
                award_id=award.id if award else None,
            )
        )
    db.session.flush()
    return session


def said(content):
    return paper.text(content).replace("\n", " ")


def test_what_is_not_announced_is_on_no_sealed_programme(edition, ceremony, clock):
    with clock(week.AT.replace(month=2, day=21)):
        text = said(documents.make_programme(edition, ceremony.code).content)
    assert "Khabarovsk" in text
    assert "Diploma for first place" in text
    assert "Presented by Mohamed Boudra, President of UCLG" in text
    assert "Bishkek" not in text
    assert "Kanybekov" not in text


def test_who_may_know_prints_everything(edition, ceremony):
    text = said(documents.make_programme(edition, ceremony.code, with_results=True).content)
    assert all(part in text for part in ("Khabarovsk", "Bishkek", "Satybek Kanybekov", "USD 10,000", "11:24"))


def test_the_code_of_the_meeting_will_do(edition, ceremony):
    by_meeting = documents.make_programme(edition, ceremony.parent.code, with_results=True)
    assert by_meeting.content == documents.make_programme(edition, ceremony.code, with_results=True).content


@pytest.mark.parametrize(
    ("language", "title", "winner"), [("en", "Award ceremony", "Bishkek"), ("fr", "Remise des prix", "Bichkek")]
)
def test_the_programme_speaks_each_language(edition, ceremony, language, title, winner):
    done = documents.make_programme(edition, ceremony.code, language=language, with_results=True)
    lines = paper.text(done.content).splitlines()
    assert title in lines
    assert any(line.startswith(winner) for line in lines)


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru"])
def test_every_document_exists_in_every_language(edition, ceremony, language):
    week.publish(edition)
    made = (
        documents.make_programme(edition, ceremony.code, language=language),
        documents.make_diplomas(edition, ceremony.code, language=language),
        documents.make_agenda(edition, language=language),
    )
    assert [done.missing for done in made] == [(), (), ()]


def test_an_unknown_ceremony_is_refused(edition):
    with pytest.raises(UnknownCeremony):
        documents.make_programme(edition, "NOPE")


def test_diplomas_are_for_winners(edition, ceremony):
    done = documents.make_diplomas(edition, ceremony.code)
    assert paper.sizes_mm(done.content) == [(297, 210)] * 2
    text = said(done.content)
    assert "First among 78 cities." in text
    assert "Bichkek" in text


def test_without_a_winner_there_is_no_diploma(edition):
    session = week.session(edition, "Ceremony", kind=Kind.CEREMONY)
    db.session.add(Award(session_id=session.id, prize=Translated(en="A prize")))
    db.session.flush()
    with pytest.raises(NothingToPrint):
        documents.make_diplomas(edition, session.code)


def test_the_agenda_is_the_published_one(edition):
    week.session(edition, "Local Finance")
    week.session(edition, "Secret talks", is_listed=False)
    week.publish(edition)
    week.session(edition, "Draft")
    text = said(documents.make_agenda(edition).content)
    assert "Local Finance" in text
    assert "Tuesday 25 February" in text
    assert "Revision 1" in text
    assert "Secret talks" not in text
    assert "Draft" not in text


def test_the_agenda_has_the_points_of_a_meeting_unless_it_is_cancelled(edition):
    points = [Point(Translated(en="Minutes of Durban", fr="Procès-verbal de Durban"), PointKind.ADOPTION)]
    meeting = week.session(edition, "Bureau", points=points)
    week.publish(edition)
    assert "Procès-verbal de Durban · pour adoption" in said(documents.make_agenda(edition, language="fr").content)
    cancel_session(meeting, at=week.AT, by=week.NADIA)
    week.publish(edition)
    assert "Minutes of Durban" not in said(documents.make_agenda(edition).content)


def test_a_part_stands_under_its_whole(edition, ceremony):
    week.session(edition, "Between", date=FRIDAY, starts=time(10), ends=time(11))
    week.publish(edition)
    lines = paper.text(documents.make_agenda(edition, day=FRIDAY).content).splitlines()
    order = [line for line in lines if line in ("Meeting of the Presidency", "Award ceremony", "Between")]
    assert order == ["Meeting of the Presidency", "Award ceremony", "Between"]


def test_before_the_first_revision_the_agenda_says_so(edition):
    week.session(edition, "Draft")
    text = said(documents.make_agenda(edition).content)
    assert "The agenda has not been published yet." in text
    assert "Draft" not in text


def test_a_day_of_another_week_is_refused(edition):
    with pytest.raises(documents.UnknownDay):
        documents.make_agenda(edition, day=date(2020, 3, 1))


class TestList:
    """A list of registrations on paper, as pdftotext reads it."""

    HEADS = ("Name", "Name in own script", "City")

    def facts(self, **values):
        from retreat.printing.lists import ListFacts

        given = {"language": "en", "event": "UCLG Retreat 2020", "place": "Tangier", "name": "On the way", "people": 2}
        return ListFacts(**{**given, "filter": "Section: Eurasia", "printed": "Friday, 10:00", **values})

    def test_every_script_comes_back_and_the_head_says_which_list_it_is(self):
        from retreat.printing import lists

        rows = [("Salma Haddad", "سلمى حدّاد", "Ramallah"), ("Wang Jianyu", "王建宇", "Łódź"), ("Тимур", "", "Đà Nẵng")]
        done = lists.print_list(self.facts(), self.HEADS, rows)
        read = paper.text(done.content)
        assert (done.pages, done.missing, paper.sizes_mm(done.content)) == (1, (), [(297, 210)])
        for said in (
            "On the way",
            "Section: Eurasia",
            "printed Friday, 10:00",
            "Salma Haddad",
            "王建宇",
            "Тимур",
            "Łódź",
        ):
            assert said in read, said
        assert "Đà Nẵng" in read
        assert "حدّاد" in read.replace("ـ", "")

    def test_heads_and_numbers_are_on_every_page_and_no_column_leaves_it(self):
        from retreat.printing import lists

        heads = [f"Column {number}" for number in range(1, 15)]
        rows = [[f"{number} a rather long text {column}" for column in heads] for number in range(80)]
        done = lists.print_list(self.facts(), heads, rows)
        assert done.pages > 2
        for page in range(1, done.pages + 1):
            found = paper.words(done.content, page)
            assert [word for word, *_ in found].count("Column") >= len(heads)
            assert f"{page}/{done.pages}" in paper.text(done.content, page).replace(" / ", "/")
            assert max(right for _, _, _, right, _ in found) <= 286
            assert min(left for _, left, *_ in found) >= 11

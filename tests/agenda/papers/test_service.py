"""Papers on both databases: what is taken, their order, and who gets them."""

import io
import zipfile
from typing import Any

import pytest

from retreat.agenda.access import ORGANISER, STRANGER, Attendee
from retreat.agenda.models import Access, Audience, Document
from retreat.agenda.papers import service as papers
from retreat.agenda.papers.access import may_read
from retreat.core.i18n import Translated
from retreat.core.uploads import LARGEST_PAPER, UploadRefused
from tests.agenda import week
from tests.agenda.week import AT, NADIA

PDF = b"%PDF-1.4 minutes"
NO_TITLE = Translated()


def hung(session: Any, title: str = "", audience: Audience = Audience.EVERYBODY, content: bytes = PDF) -> Document:
    return papers.add(
        session,
        content,
        "minutes.pdf",
        title=Translated(en=title) if title else NO_TITLE,
        language="en",
        audience=audience,
        at=AT,
        by=NADIA,
    )


def archive(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return target.getvalue()


def office(part: str, *more: str) -> bytes:
    return archive(**{"[Content_Types].xml": b"<Types/>", part: b"<x/>", **dict.fromkeys(more, b"x")})


def odf(kind: str, *more: str) -> bytes:
    media_type = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive(**{"mimetype": media_type, "content.xml": b"<x/>", **dict.fromkeys(more, b"x")})


def test_papers_stand_in_the_order_in_which_they_are_put(db_session: Any) -> None:
    session = week.session(week.edition())
    one, two, three = (hung(session, title) for title in ("One", "Two", "Three"))
    papers.move(session, three, "up", at=AT, by=NADIA)
    papers.move(session, one, "up", at=AT, by=NADIA)
    assert papers.papers_of(session) == [one, three, two]
    papers.remove(session, three, at=AT, by=NADIA)
    papers.move(session, two, "down", at=AT, by=NADIA)
    assert papers.papers_of(session) == [one, two]
    assert hung(session).title == Translated(en="minutes")


def test_every_change_is_another_agenda_for_pages_that_are_kept(db_session: Any) -> None:
    tangier = week.edition()
    session = week.session(tangier)
    seen = [tangier.agenda_rev]

    def noted() -> None:
        db_session.refresh(tangier)
        seen.append(tangier.agenda_rev)

    paper = hung(session)
    noted()
    papers.change(
        session, paper, title=Translated(en="New"), language="", audience=Audience.ORGANISERS, at=AT, by=NADIA
    )
    noted()
    papers.remove(session, paper, at=AT, by=NADIA)
    noted()
    assert seen == sorted(set(seen))


def test_another_file_takes_the_place_at_the_same_address(db_session: Any) -> None:
    session = week.session(week.edition())
    paper = hung(session, "Minutes")
    token = paper.token
    said: Any = {"title": Translated(en="Minutes"), "language": "fr", "audience": Audience.ADMITTED}
    papers.change(session, paper, **said, content=b"Corrected", name="minutes.txt", at=AT, by=NADIA)
    assert (paper.token, paper.content, paper.file_name) == (token, b"Corrected", "minutes.txt")
    papers.change(session, paper, **said, at=AT, by=NADIA)
    assert (paper.content, paper.language, paper.audience) == (b"Corrected", "fr", Audience.ADMITTED)


def test_a_session_has_forty_at_most(db_session: Any) -> None:
    session = week.session(week.edition())
    for _ in range(papers.MOST_PAPERS):
        hung(session)
    with pytest.raises(papers.TooManyPapers):
        hung(session)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [
        (PDF, "C:\\tmp\\..\\Minutes.exe", "Minutes.pdf"),
        (office("word/document.xml"), "a.docx", "a.docx"),
        (office("xl/workbook.xml"), "a.xlsx", "a.xlsx"),
        (office("ppt/presentation.xml"), "slides", "slides.pptx"),
        (odf("text"), "a.odt", "a.odt"),
        (odf("spreadsheet"), "a.bin", "a.ods"),
        (odf("presentation"), "a.odp", "a.odp"),
        ("Повестка дня\n1. Бюджет\n".encode(), "повестка.TXT", "повестка.txt"),
    ],
)
def test_what_a_file_is_stands_in_its_bytes(db_session: Any, content: bytes, name: str, kept: str) -> None:
    session = week.session(week.edition())
    said: Any = {"title": NO_TITLE, "language": "", "audience": Audience.EVERYBODY, "at": AT, "by": NADIA}
    assert papers.add(session, content, name, **said).file_name == kept


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.pdf"),
        (b"<!doctype html><script>", "a.txt"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "a.png"),
        (b"#!/bin/sh", "a.pdf"),
        (b"plain", "a.html"),
        (b"\xff\xfe\x00", "a.txt"),
        (b"MZ\x00\x01", "a.txt"),
        (b"PK\x03\x04broken", "a.docx"),
        (archive(**{"a.txt": b"x"}), "a.docx"),
        (archive(mimetype=b"application/epub+zip"), "a.odt"),
        (office("ppt/presentation.xml", "ppt/vbaProject.bin"), "a.pptx"),
        (odf("text", "Basic/Standard/Module1.xml"), "a.odt"),
        (PDF.ljust(LARGEST_PAPER + 1, b"x"), "a.pdf"),
    ],
)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(db_session: Any, content: bytes, name: str) -> None:
    session = week.session(week.edition())
    said: Any = {"title": NO_TITLE, "language": "", "audience": Audience.EVERYBODY, "at": AT, "by": NADIA}
    with pytest.raises(UploadRefused):
        papers.add(session, content, name, **said)
    assert papers.papers_of(session) == []


KNOWN = Attendee(person_id=7)
MEMBER = Attendee(person_id=7, is_member=True)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("audience", "access", "listed", "who"),
    [
        (Audience.EVERYBODY, Access.OPEN, True, "stranger known member organiser"),
        (Audience.EVERYBODY, Access.MEMBER, True, "stranger known member organiser"),
        (Audience.EVERYBODY, Access.MEMBER, False, "member organiser"),
        (Audience.ADMITTED, Access.OPEN, True, "known member organiser"),
        (Audience.ADMITTED, Access.MEMBER, True, "member organiser"),
        (Audience.ADMITTED, Access.MEMBER, False, "member organiser"),
        (Audience.ADMITTED, Access.INVITED, True, "organiser"),
        (Audience.ORGANISERS, Access.OPEN, True, "organiser"),
    ],
)
def test_who_gets_a_paper(db_session: Any, audience: Audience, access: Access, listed: bool, who: str) -> None:
    tangier = week.edition()
    paper = hung(week.session(tangier, access=access, is_listed=listed), audience=audience)
    people = {"stranger": STRANGER, "known": KNOWN, "member": MEMBER, "organiser": ORGANISER}
    assert [name for name, one in people.items() if may_read(paper, None, one)] == ["organiser"]
    week.publish(tangier)
    got = []
    for name, one in people.items():
        try:
            papers.readable(tangier, paper.token, one)
        except papers.UnknownPaper:
            continue
        got.append(name)
    assert got == who.split()

"""Papers on pages: the hidden one exists, and is looked for as stranger, delegate, member of the body and organiser."""

import io
from typing import Any

import pytest

from retreat.agenda.models import Access, Audience
from retreat.agenda.papers import service as papers
from retreat.core import http, uploads
from retreat.core.i18n import Translated
from retreat.core.uploads import LARGEST_PAPER
from retreat.network.models import Body, Seat
from retreat.registration import links, service
from tests.agenda import week
from tests.agenda.papers.test_service import PDF, hung
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def in_january(clock: Any) -> Any:
    with clock(AT):
        yield


@pytest.fixture
def tangier(db_session: Any) -> Any:
    return edition()


@pytest.fixture
def meeting(tangier: Any, db_session: Any) -> Any:
    """Of a body, with a paper for each audience."""
    body = Body(slug="bureau", name=Translated(en="Bureau"))
    db_session.add(body)
    db_session.flush()
    made = week.session(tangier, "Bureau meeting", code="BUREAU", body=body, access=Access.BODY, access_body=body)
    for audience in Audience:
        hung(made, f"Paper for {audience.value}", audience)
    week.publish(tangier)
    db_session.commit()
    return made


def own_page(tangier: Any, db_session: Any, name: str, body: Any = None) -> str:
    one = service.register(tangier, answers(tangier, given_name=name, email=f"{name}@example.org"), at=AT, by=DELEGATE)
    if body is not None:
        db_session.add(Seat(body=body, person=one.person))
    token = links.new_link(one, at=AT)
    db_session.commit()
    return f"/2020/registration/{token}"


def tokens(session: Any) -> dict[Audience, str]:
    return {one.audience: one.token for one in papers.papers_of(session)}


def statuses(client: Any, base: str, session: Any) -> list[int]:
    found = tokens(session)
    return [client.get(f"{base}/papers/{found[audience]}").status_code for audience in Audience]


class TestWhoFindsIt:
    def test_a_stranger(self, client: Any, meeting: Any) -> None:
        assert statuses(client, "/2020", meeting) == [200, 404, 404]
        page = client.get("/2020/sessions/BUREAU").text
        assert "Paper for everybody" in page
        assert "Paper for admitted" not in page
        assert "Paper for organisers" not in page
        hidden, nothing = tokens(meeting)[Audience.ADMITTED], "nobodys-paper"
        answers_of = [client.get(f"/2020/papers/{token}").text.replace(token, "") for token in (hidden, nothing)]
        assert answers_of[0] == answers_of[1]

    def test_a_delegate_and_a_member_of_the_body(
        self, client: Any, meeting: Any, tangier: Any, db_session: Any
    ) -> None:
        delegate = own_page(tangier, db_session, "ana")
        member = own_page(tangier, db_session, "bea", meeting.body)
        assert statuses(client, delegate, meeting) == [200, 404, 404]
        assert statuses(client, member, meeting) == [200, 200, 404]
        week_of_member = client.get(member).text
        assert "Paper for admitted" in week_of_member
        assert "Paper for organisers" not in week_of_member
        assert "Paper for admitted" not in client.get(delegate).text

    def test_who_has_withdrawn_finds_nothing_there(
        self, client: Any, meeting: Any, tangier: Any, db_session: Any
    ) -> None:
        one = service.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        token = links.new_link(one, at=AT)
        service.cancel(one, "Ill", at=AT, by=REGISTRAR)
        db_session.commit()
        assert statuses(client, f"/2020/registration/{token}", meeting) == [404, 404, 404]

    @pytest.mark.parametrize("role", ["programmer", "viewer"])
    def test_an_organiser_who_sees_the_agenda(self, as_role: Any, meeting: Any, role: str) -> None:
        organiser = as_role(role)
        assert statuses(organiser, "/2020", meeting) == [200, 200, 200]
        assert "Paper for organisers" in organiser.get("/2020/sessions/BUREAU").text

    def test_an_organiser_at_the_desk_reads_what_a_stranger_reads(self, as_role: Any, meeting: Any) -> None:
        assert statuses(as_role("desk"), "/2020", meeting) == [200, 404, 404]

    def test_another_editions_address_leads_to_nothing(self, client: Any, meeting: Any, db_session: Any) -> None:
        edition("kazan")
        db_session.commit()
        assert statuses(client, "/kazan", meeting) == [404, 404, 404]

    def test_before_the_session_is_published_only_organisers_find_it(
        self, client: Any, as_role: Any, tangier: Any, db_session: Any
    ) -> None:
        paper = hung(week.session(tangier, code="DRAFT"))
        db_session.commit()
        assert client.get(f"/2020/papers/{paper.token}").status_code == 404
        shown = as_role("viewer").get(f"/organise/2020/agenda/sessions/DRAFT/papers/{paper.token}/file")
        assert (shown.status_code, shown.data) == (200, PDF)

    def test_hung_up_and_taken_down_it_is_so_at_once(self, client: Any, meeting: Any, db_session: Any) -> None:
        before = client.get("/2020/sessions/BUREAU")
        paper = next(one for one in papers.papers_of(meeting) if one.audience is Audience.EVERYBODY)
        papers.remove(meeting, paper, at=AT, by=REGISTRAR)
        db_session.commit()
        after = client.get("/2020/sessions/BUREAU", headers={"If-None-Match": before.headers.get("ETag", "")})
        assert (after.status_code, "Paper for everybody" in after.text) == (200, False)


def test_a_paper_is_never_sniffed_run_or_kept(client: Any, meeting: Any) -> None:
    sent = client.get(f"/2020/papers/{tokens(meeting)[Audience.EVERYBODY]}")
    assert sent.data == PDF
    assert sent.headers["Content-Type"] == "application/pdf"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Cache-Control"].startswith("private")
    assert sent.headers["Content-Disposition"].startswith('inline; filename="minutes.pdf"')


class TestTheOrganisersPage:
    URL = "/organise/2020/agenda/sessions/BUREAU/papers"

    def posted(self, client: Any, url: str, content: bytes, name: str, **values: str) -> Any:
        client.get(url)
        (form,) = [one for one in client.page.forms if "audience" in one.values()]
        given = {**form.values(), **values, "file": (io.BytesIO(content), name)}
        return client.post(form.action, data=given, content_type="multipart/form-data")

    def test_a_paper_is_added_changed_moved_and_removed(self, as_role: Any, meeting: Any) -> None:
        client = as_role("programmer")
        sent = self.posted(client, self.URL, b"Some words", "notes.txt", audience="everybody", language="fr")
        assert (sent.status_code, len(papers.papers_of(meeting))) == (303, 4)
        added = papers.papers_of(meeting)[-1]
        assert (added.title, added.language) == (Translated(en="notes"), "fr")
        changed = self.posted(client, f"{self.URL}/{added.token}", b"", "", title_en="Notes", audience="organisers")
        assert changed.status_code == 303
        client.submit(self.URL, action=f"{added.token}/up")
        client.submit(self.URL, action=f"{added.token}/remove")
        assert len(papers.papers_of(meeting)) == 3

    def test_what_is_refused_keeps_what_was_typed(self, as_role: Any, meeting: Any) -> None:
        client = as_role("programmer")
        sent = self.posted(client, self.URL, b"<html>", "a.html", title_en="My paper", audience="admitted")
        assert sent.status_code == 422
        assert "This kind of file is not taken" in sent.text
        assert 'value="My paper"' in sent.text
        empty = self.posted(client, self.URL, b"", "", title_en="My paper")
        assert (empty.status_code, "The file is empty." in empty.text) == (422, True)
        assert len(papers.papers_of(meeting)) == 3

    def test_what_is_too_large_is_said_in_the_form_that_keeps_its_words(
        self, as_role: Any, meeting: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert http._larger["papers.edit"] > LARGEST_PAPER + 2_000_000
        monkeypatch.setattr(uploads, "LARGEST_PAPER", 1000)
        sent = self.posted(as_role("programmer"), self.URL, PDF.ljust(1001, b"x"), "a.pdf", title_en="My paper")
        assert (sent.status_code, "at most 25 MB can be sent" in sent.text) == (422, True)
        assert 'value="My paper"' in sent.text
        assert "a browser does not send it twice" in sent.text
        assert len(papers.papers_of(meeting)) == 3

    def test_a_paper_may_be_larger_than_any_other_request(
        self, app: Any, as_role: Any, meeting: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert http._larger["papers.add"] > LARGEST_PAPER > app.config["MAX_CONTENT_LENGTH"]
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100_000)
        monkeypatch.setitem(http._larger, "papers.add", 300_000)
        client = as_role("programmer")
        assert self.posted(client, self.URL, PDF.ljust(200_000, b"x"), "big.pdf").status_code == 303
        assert self.posted(client, self.URL, PDF.ljust(400_000, b"x"), "big.pdf").status_code == 413

"""The organisers' pages of revisions: consequences first, then publishing; looking back, comparing, restoring."""

from datetime import time, timedelta
from typing import Any

import pytest

from retreat.agenda import publishing, service
from retreat.agenda.models import PartRole, SessionStatus
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA

pytestmark = pytest.mark.one_database
HOUR = timedelta(hours=1)
AGENDA = "/organise/2020/agenda"


def changed(session: Any, **values: Any) -> None:
    service.update_session(session, values, at=AT, by=NADIA)  # type: ignore[arg-type]


def test_the_consequences_name_what_changes_for_whom(as_role: Any, db_session: Any) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    made = week.session(edition, parts=[Appearance(PartRole.CHAIR, "Cemal Baş")])
    other = week.session(edition, "Cancelled one", parts=[Appearance(PartRole.CHAIR, "Cemal Baş")])
    week.publish(edition)
    changed(made, hall=hall)
    changed(other, status=SessionStatus.CANCELLED)
    programmer = as_role("programmer")
    programmer.get(f"{AGENDA}/publish")
    said = programmer.page.text
    assert "Hall Hall to be confirmed becomes Malabata" in said
    assert "Cancelled sessions 1 Cancelled one" in said
    assert "Who is concerned 1 1 with a part Cemal Baş" in said
    assert "Nobody signs in to a public calendar" in said


def test_the_page_lists_open_clashes_and_publishes_all_the_same(as_role: Any, db_session: Any) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    for title in ("One", "Two"):
        week.session(edition, title, hall=hall)
    programmer = as_role("programmer")
    programmer.get(f"{AGENDA}/publish")
    assert "Open clashes 1" in programmer.page.text
    assert "Clashes never stop you." in programmer.page.text
    assert programmer.submit(f"{AGENDA}/publish", form_id="edit").status_code == 303


def test_what_another_changed_meanwhile_is_shown_before_it_is_published(as_role: Any, db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition)
    programmer = as_role("programmer")
    programmer.get(f"{AGENDA}/publish")
    typed = {**programmer._form(f"{AGENDA}/publish", "edit", None).values(), "note_en": "Dear all"}
    changed(made, title=Translated(en="Half a sentence"))
    db.session.commit()
    answer = programmer.post(f"{AGENDA}/publish", data=typed)
    assert answer.status_code == 409
    assert "The draft has changed since you opened this page." in programmer.page.text
    assert "Half a sentence" in programmer.page.text
    assert "Dear all" in answer.text
    assert publishing.last_revision(edition) is None
    assert programmer.submit(f"{AGENDA}/publish", form_id="edit").status_code == 303


def test_two_who_publish_the_same_do_it_once(as_role: Any, db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    first, second = as_role("programmer"), as_role("administrator")
    second.get(f"{AGENDA}/publish")
    typed = second._form(f"{AGENDA}/publish", "edit", None).values()
    assert first.submit(f"{AGENDA}/publish", form_id="edit").status_code == 303
    assert second.post(f"{AGENDA}/publish", data=typed).status_code == 303
    assert "Nothing has changed since revision 1" in second.get(f"{AGENDA}/publish").text
    db_session.expire_all()
    assert edition.agenda_rev == 1


def test_a_time_that_exists_no_more_is_refused_in_words(as_role: Any, db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    db.session.execute(
        service.AgendaSession.__table__.update().values(
            tzdata="2019a", zone="Europe/Paris", date=week.date(2020, 3, 29), starts=time(2, 30), ends=time(4)
        )
    )
    db.session.commit()
    programmer = as_role("programmer")
    assert programmer.submit(f"{AGENDA}/publish", form_id="edit").status_code == 422
    assert "S20-001" in programmer.page.text


def two_revisions() -> Any:
    edition = week.edition()
    made = week.session(edition, code="S1")
    week.session(edition, "Unlisted one", code="S2", is_listed=False)
    week.publish(edition)
    changed(made, starts=time(10))
    publishing.publish(edition, at=AT + HOUR, by=NADIA, note=Translated(en="Half an hour later."))
    db.session.commit()
    return edition


def test_the_list_says_who_when_why_and_how_many(as_role: Any, db_session: Any) -> None:
    two_revisions()
    viewer = as_role("viewer")
    viewer.get(f"{AGENDA}/revisions")
    said = viewer.page.text
    assert "Revision 2 public now , Friday 10 January 2020, 11:00, Nadia Orlova Moved sessions: 1" in said
    assert "Half an hour later." in said
    assert "The first: everything was new" in said
    assert viewer.get(f"{AGENDA}/revisions?page=9").status_code == 200


def test_a_revision_is_shown_as_it_was(as_role: Any, db_session: Any) -> None:
    two_revisions()
    viewer = as_role("viewer")
    viewer.get(f"{AGENDA}/revisions/1")
    assert "Tuesday 25 February 2020" in viewer.page.text
    assert "09:30 – 11:00" in viewer.page.text
    assert "Unlisted one" in viewer.page.text
    assert viewer.get(f"{AGENDA}/revisions/3").status_code == 404
    assert viewer.get(f"{AGENDA}/revisions/0").status_code == 404


def test_any_two_are_compared_and_each_with_the_draft(as_role: Any, db_session: Any) -> None:
    edition = two_revisions()
    changed(service.session_by_code(edition, "S1"), title=Translated(en="Finance"))
    db.session.commit()
    viewer = as_role("viewer")
    viewer.get(f"{AGENDA}/revisions/1/compare/2")
    assert "Time 09:30–11:00 becomes 10:00–11:00" in viewer.page.text
    viewer.get(f"{AGENDA}/revisions/2/compare/1")
    assert "Time 10:00–11:00 becomes 09:30–11:00" in viewer.page.text
    viewer.get(f"{AGENDA}/revisions/2/compare/draft")
    assert "Title Local Finance becomes Finance" in viewer.page.text
    assert "Nothing is different" in viewer.get(f"{AGENDA}/revisions/2/compare/2").text
    assert viewer.get(f"{AGENDA}/revisions/1/compare/7").status_code == 404
    for asked, path in (("2", "compare/2"), ("draft", "compare/draft"), ("x'", "compare/draft")):
        assert viewer.get(f"{AGENDA}/revisions/1/compare?with={asked}").location == f"{AGENDA}/revisions/1/{path}"


def test_restoring_shows_first_what_it_changes_asks_and_does_it(as_role: Any, db_session: Any) -> None:
    edition = two_revisions()
    changed(service.session_by_code(edition, "S1"), title=Translated(en="Finance"))
    db.session.commit()
    programmer, page = as_role("programmer"), f"{AGENDA}/revisions/1/restore"
    programmer.get(page)
    assert "1 session of the draft differs from what the public sees: that change will be lost." in programmer.page.text
    assert programmer.submit(page, form_id="edit").status_code == 422
    assert "Tick that the changes of the draft will be lost." in programmer.page.text
    answer = programmer.submit(page, form_id="edit", is_lost="y")
    assert (answer.status_code, answer.location) == (303, f"{AGENDA}/publish")
    db_session.expire_all()
    made = service.session_by_code(edition, "S1")
    assert (str(made.title), made.starts) == ("Local Finance", time(9, 30))
    programmer.get(f"{AGENDA}/publish")
    assert "The draft is revision 1 again" in programmer.page.text
    assert "there is nothing to restore" in programmer.get(page).text


def test_a_draft_that_changed_since_the_page_was_shown_is_not_overwritten(as_role: Any, db_session: Any) -> None:
    edition = two_revisions()
    programmer, page = as_role("programmer"), f"{AGENDA}/revisions/1/restore"
    programmer.get(page)
    typed = {**programmer._form(page, "edit", None).values(), "is_lost": "y"}
    changed(service.session_by_code(edition, "S1"), title=Translated(en="Just now"))
    db.session.commit()
    assert programmer.post(page, data=typed).status_code == 409
    assert "Nothing is restored yet: look at it again." in programmer.page.text
    db_session.expire_all()
    assert str(service.session_by_code(edition, "S1").title) == "Just now"


def test_a_viewer_restores_nothing(as_role: Any, db_session: Any) -> None:
    two_revisions()
    viewer = as_role("viewer")
    assert viewer.post(f"{AGENDA}/revisions/1/restore").status_code == 403
    assert "Restore" not in viewer.get(f"{AGENDA}/revisions/1").text

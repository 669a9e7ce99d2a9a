"""What only drafts and unlisted sessions use is named nowhere in public."""

from retreat.agenda import frame
from retreat.core.i18n import Translated
from tests.agenda import week


def test_a_hall_and_a_track_of_unlisted_sessions_are_named_nowhere(client, db_session):
    edition = week.edition()
    hall = frame.create_hall(edition, {"name": Translated(en="Hidden hall")}, at=week.AT, by=week.NADIA)
    track = frame.create_track(edition, {"name": Translated(en="Hidden track")}, at=week.AT, by=week.NADIA)
    session = week.session(edition, "Quiet talks", hall=hall, track=track, is_listed=False)
    week.session(edition, "Open talks")
    week.publish(edition)
    pages = ("/2020/", "/2020/agenda", "/2020/agenda/2020-02-25", "/2020/calendar", "/2020/agenda.json")
    feeds = ("/2020/calendar/hall/hidden-hall.ics", "/2020/calendar/track/hidden-track.ics")
    assert [path for path in pages if "Hidden" in client.get(path).text] == []
    assert [client.get(path).status_code for path in feeds] == [404, 404]

    session.is_listed = True
    week.publish(edition)
    assert "Hidden hall" in client.get("/2020/").text
    assert [client.get(path).status_code for path in feeds] == [200, 200]

    session.is_listed = False
    week.publish(edition)
    assert [client.get(path).status_code for path in feeds] == [200, 200]


def test_an_empty_hall_of_the_frame_is_no_secret(client, db_session):
    edition = week.edition()
    frame.create_hall(edition, {"name": Translated(en="Grand Hall")}, at=week.AT, by=week.NADIA)
    assert "Grand Hall" in client.get("/2020/").text
    assert client.get("/2020/calendar/hall/grand-hall.ics").status_code == 200

"""The server in Kathmandu, the reader in St John's, the venue in Tangier: everybody is told the same instants."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.tz import tzical
from icalendar import Calendar
from playwright.sync_api import expect

from retreat.core import zones

ST_JOHNS = zones.zone("America/St_Johns")
FEED = "/2020/calendar/agenda.ics"


def wall(session, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(session["start_utc"]).astimezone(zone)


def test_page_feed_and_subscribe_page_agree_in_three_zones(new_context, site):
    assert site.environ["TZ"] == "Asia/Kathmandu"
    page = new_context(timezone_id="America/St_Johns").new_page()
    told = page.request.get("/2020/agenda.json").json()["sessions"]
    timed = {session["uid"]: session for session in told if session["start_utc"]}
    one = next(session for session in timed.values() if session["zone"] == "Africa/Casablanca")
    start = wall(one, zones.zone(one["zone"]))
    own = wall(one, ST_JOHNS)
    assert start.strftime("%Y-%m-%dT%H:%M") == one["start_local"]
    assert start.hour - own.hour in (4, 5)

    # First the browser adds its own time; then the server knows the zone, and sends the same.
    for _visit in range(2):
        page.goto(f"/2020/sessions/{one['code']}")
        when = page.locator("dd[data-own]")
        expect(when).to_contain_text(f"{start:%H:%M}")
        expect(when.locator(".own-time")).to_contain_text(f"{own:%H:%M}")
        assert when.locator("time").first.evaluate("time => new Date(time.dateTime).toISOString()") == (
            one["start_utc"].replace("Z", ".000Z")
        )
        page.goto(f"/2020/agenda/{start:%Y-%m-%d}")
        expect(page.locator(".own-time", has_text=f"{own:%H:%M}").first).to_be_attached()
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["retreat_tz_auto"] in (
        "America/St_Johns",
        "America%2FSt_Johns",
    )

    events = Calendar.from_ical(page.request.get(FEED).body()).walk("VEVENT")
    assert {str(event["UID"]): f"{event['DTSTART'].dt:%Y-%m-%dT%H:%M:%SZ}" for event in events} == {
        uid: session["start_utc"] for uid, session in timed.items()
    }
    body = page.request.get(f"{FEED}?tz=venue").body()
    own_zones = tzical(io.StringIO(body.decode().replace("\r\n ", "")))
    for event in Calendar.from_ical(body).walk("VEVENT"):
        session = timed[str(event["UID"])]
        local = event["DTSTART"].dt.replace(tzinfo=None)
        assert local.isoformat(timespec="minutes") == session["start_local"]
        instant = local.replace(tzinfo=own_zones.get(session["zone"]))
        assert instant - datetime.fromisoformat(session["start_utc"]) == timedelta()
    # A calendar entry says the venue's time in words, whatever its reader's clocks show.
    assert f"{start:%H:%M}–" in str(events[0]["DESCRIPTION"])

    page.goto("/2020/calendar")
    expect(page.locator("main")).to_contain_text("Tangier")
    page.goto("/2020/agenda")
    expect(page.locator("main")).to_contain_text("Tangier time")

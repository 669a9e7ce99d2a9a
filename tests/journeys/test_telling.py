"""A room changes a day before: who publishes ticks whom to write to, and the revision says whom it told."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site

TITLE, CHAIR = "Budget of the Network", "chair@example.org"
ORGANISE = "/organise/9200"


def a_day_before(site: Site, folder: Path) -> None:
    """An edition that begins tomorrow, with one plenary in it, whose chair has registered; published without a mail."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    week = folder / "9200.csv"
    week.write_text(
        "code,title,kind,date,start,end,venue,hall,chair\n"
        f"B1,{TITLE},plenary,{tomorrow},10:00,11:00,Palace,Kasbah,Iris Amar\n"
        "B2,Lunch,break,,,,Palace,Malabata,\n",
        encoding="utf-8",
    )
    people = folder / "people.csv"
    people.write_text(
        "given_name,family_name,position,organisation,city,country,email,category,status\n"
        f"Iris,Amar,Mayor,City of Porto,Porto,Portugal,{CHAIR},Delegate,approved\n",
        encoding="utf-8",
    )
    site.run_several(
        (
            *("edition", "create", "9200", "--title", "A day before", "--city", "Tangier", "--country", "Morocco"),
            *("--zone", "Africa/Casablanca", "--from", str(tomorrow), "--to", str(tomorrow + timedelta(days=2))),
        ),
        ("import", "registrations", "9200", str(people)),
        ("import", "agenda", "9200", str(week)),
        ("agenda", "publish", "9200", "--quiet"),
    )


def test_who_publishes_ticks_whom_to_write_to_and_sees_whom_it_told(
    page: Page, sign_in: Any, site: Site, axe: Any, tmp_path: Path
) -> None:
    a_day_before(site, tmp_path)
    sign_in(page)
    page.goto(f"{ORGANISE}/agenda/sessions/B1")
    page.locator("[name=hall]").select_option(label="Malabata · Palace")
    page.get_by_role("button", name="Save in the draft").click()

    page.goto(f"{ORGANISE}/agenda/publish")
    urgent = page.get_by_label("Mail 1 person about what is urgent")
    invited = page.get_by_label("Send calendar invitations to 1 person")
    expect(urgent).to_be_checked()
    expect(invited).not_to_be_checked()
    invited.check()
    axe(page)
    page.get_by_role("button", name="Publish revision 2").click()
    page.wait_for_url(re.compile("/agenda/revisions"))

    told = page.get_by_text("Mails: 1 person told of urgent changes · calendar invitations to 1 person")
    for _ in range(60):
        if told.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(told).to_be_visible()
    axe(page)

    page.goto(f"{ORGANISE}/mail")
    expect(page.get_by_role("row").filter(has_text=CHAIR)).to_have_count(2)

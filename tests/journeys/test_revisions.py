"""Consequences first, then publishing; looking back, comparing and restoring; and what everybody reads of it."""

import re
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys import boards
from tests.journeys.conftest import Site

AGENDA = "/organise/9100/agenda"
FINANCE, CULTURE = "Local Finance", "Culture in Cities"


def move(page: Page, title: str, starts: str, ends: str) -> None:
    page.goto(AGENDA)
    page.get_by_role("link", name=title).first.click()
    page.locator("[name=date]").fill("2020-02-25")
    page.locator("[name=starts]").fill(starts)
    page.locator("[name=ends]").fill(ends)
    page.get_by_role("button", name="Save in the draft").click()


def publish(page: Page) -> None:
    page.goto(f"{AGENDA}/publish")
    page.get_by_role("button", name=re.compile("Publish revision")).click()


def test_a_week_is_published_compared_restored_and_told(
    page: Page, sign_in: Any, site: Site, axe: Any, tmp_path: Path, new_context: Any
) -> None:
    boards.make(site, tmp_path, "9100", {"S1": FINANCE, "S2": CULTURE}, ["Kasbah", "Malabata"])
    sign_in(page)
    move(page, FINANCE, "09:30", "11:00")
    publish(page)
    expect(page.locator("main")).to_contain_text("The first: everything was new")

    move(page, FINANCE, "14:00", "15:30")
    page.goto(f"{AGENDA}/publish")
    change = page.get_by_role("article").filter(has_text=FINANCE)
    expect(change.locator("del")).to_have_text("09:30–11:00")
    expect(change.locator("ins")).to_have_text("14:00–15:30")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("English").fill("After lunch, so that everybody has arrived.")
    axe(page)
    page.get_by_role("button", name="Publish revision 2").click()
    expect(page.locator("main")).to_contain_text("Moved sessions: 1")
    axe(page)

    page.get_by_role("link", name="Revision 1", exact=True).click()
    expect(page.locator("main")).to_contain_text("09:30")
    axe(page)
    page.get_by_label("Compare with").select_option(label="Revision 2")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("article").locator("ins")).to_have_text("14:00–15:30")
    axe(page)

    move(page, CULTURE, "09:30", "11:00")
    page.goto(f"{AGENDA}/revisions/1")
    page.get_by_role("link", name="Restore to the draft…").click()
    axe(page)
    page.get_by_label("I know that these changes of the draft will be lost").check()
    page.get_by_role("button", name="Restore to the draft").click()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article").locator("ins")).to_have_text("09:30–11:00")
    page.get_by_role("button", name="Publish revision 3").click()

    stranger = new_context().new_page()
    stranger.goto("/9100/agenda/2020-02-25")
    expect(stranger.locator("li.slot", has_text=FINANCE)).to_contain_text("09:30")
    stranger.get_by_role("link", name="What changed").click()
    expect(stranger.get_by_role("heading", level=2).first).to_have_text("Version 3")
    expect(stranger.locator("main")).to_contain_text("After lunch, so that everybody has arrived.")
    axe(stranger)
    with urllib.request.urlopen(f"{site.url}/9100/agenda/changes.atom", timeout=20) as answer:
        feed = ET.fromstring(answer.read())
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 3

"""Subscribing in a real browser: what is copied, what a camera reads, where the links lead, in each language."""

import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.test_registering import register
from tests.printing.paper import program

LANGUAGES = ("en", "fr", "es", "ru")


def read_by_a_camera(drawn: Locator, folder: Path) -> str:
    picture = folder / "code.png"
    drawn.screenshot(path=str(picture))
    read = [program("zbarimg"), "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)]
    return subprocess.run(read, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_feed_is_copied_read_by_a_camera_and_given_to_google_and_outlook(
    new_context, site, axe, tmp_path, scheme
) -> None:
    context = new_context(color_scheme=scheme, device_scale_factor=2)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    for language in LANGUAGES if scheme == "light" else LANGUAGES[:1]:
        page.goto(f"/2020/calendar?lang={language}")
        feed = f"{site.url}/2020/calendar/agenda.ics" + ("" if language == "en" else f"?lang={language}")
        assert read_by_a_camera(page.locator(".qr").first, tmp_path) == feed.replace("http://", "webcal://")
        page.locator("button[data-copy=address-agenda]").click()
        assert page.evaluate("navigator.clipboard.readText()") == feed
        google = page.locator("a[href^='https://calendar.google.com/']").first.get_attribute("href")
        assert parse_qs(urlsplit(google).query)["cid"] == [feed.replace("http://", "webcal://")]
        outlook = page.locator("a[href^='https://outlook.live.com/']").first.get_attribute("href")
        assert parse_qs(urlsplit(outlook).query)["url"] == [feed]

    page.goto("/2020/calendar?lang=fr")
    page.locator("#titles").select_option("ru")
    page.locator("#times").select_option("venue")
    page.locator(".feed-choice button").click()
    page.locator("details", has=page.locator("#address-hall-grand-hall")).locator("summary").click()
    feed = page.locator("#address-hall-grand-hall").inner_text()
    assert feed == f"{site.url}/2020/calendar/hall/grand-hall.ics?lang=ru&tz=venue"
    code = page.locator(".feed-ways", has=page.locator("#address-hall-grand-hall")).locator(".qr")
    assert read_by_a_camera(code, tmp_path) == feed.replace("http://", "webcal://")
    assert "TZID=Africa/Casablanca" in page.request.get(feed).text()
    axe(page)


def test_a_delegate_makes_a_link_renews_it_and_revokes_it_on_a_phone(new_context, site, axe, tmp_path) -> None:
    page = new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2).new_page()
    register(page, email="phone@example.org", given_name="Fatou", family_name="Appel", position="Mayor", city="Dakar")
    panel = page.locator("#calendar")

    def make() -> str:
        feed = panel.locator(".feed-url").inner_text()
        assert read_by_a_camera(panel.locator(".qr"), tmp_path) == feed.replace("http://", "webcal://")
        assert page.request.get(feed, headers={"User-Agent": "iOS/17.4 (21E219) dataaccessd/1.0"}).status == 200
        return feed

    panel.get_by_label("Name of the device").fill("My phone")
    panel.get_by_role("button", name="Make my calendar link").click()
    first = make()
    axe(page)
    page.reload()
    expect(panel.locator(".feed-url")).to_have_count(0)
    expect(panel).to_contain_text("by Apple Calendar")

    panel.get_by_text("Renew or revoke…").click()
    axe(page)
    panel.get_by_role("button", name="Renew this link").press("Enter")
    second = make()
    assert page.request.get(first).status == 410

    panel.get_by_text("Renew or revoke…").press("Enter")
    panel.get_by_role("button", name="Revoke this link").click()
    expect(page.locator("main")).to_contain_text("The calendar link has been revoked.")
    expect(panel).to_contain_text("You have no calendar link yet.")
    assert page.request.get(second).status == 410
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

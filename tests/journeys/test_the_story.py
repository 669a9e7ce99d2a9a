"""The main job, end to end, as it is lived on the demo week: register, decide, schedule, publish, subscribe, print."""

import io
import json
import re
import urllib.request

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.journeys.conftest import Site

ORGANISE = "/organise/2020"


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read()


def events(address: str) -> dict[str, tuple[int, str]]:
    """SEQUENCE and LOCATION by SUMMARY, read by a calendar library."""
    calendar = Calendar.from_ical(fetch(address))
    return {
        str(one["SUMMARY"]): (int(one["SEQUENCE"]), str(one.get("LOCATION", ""))) for one in calendar.walk("VEVENT")
    }


def fill_in(page: Page) -> None:
    """The form, as a delegate fills it in."""
    page.goto("/2020/register")
    answers = {
        "honorific": "Hon.",
        "given_name": "Zeynep",
        "family_name": "Yıldız",
        "native_name": "Зейнеп Йылдыз",
        "position": "Deputy mayor",
        "organisation": "İzmir Metropolitan Municipality",
        "city": "İzmir",
        "country": "Türkiye",
        "email": "zeynep.yildiz@example.org",
    }
    for name, text in answers.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=native_language]").select_option("ru")
    page.locator("[name=consent]").check()


def test_a_delegate_registers_without_an_account_and_the_secretariat_decides(
    page, new_context, sign_in, site: Site, axe
):
    fill_in(page)
    preview = page.locator(".badge-proof").first
    expect(preview).to_contain_text("Yıldız")
    axe(page)
    page.get_by_role("button", name="Send the registration").click()
    page.wait_for_url(re.compile("/2020/registration/"))
    own_page = page.url
    reference = re.search(r"R20-\d{4}", page.locator("main").inner_text())
    assert reference
    axe(page)

    page.get_by_role("button", name="Make my calendar link").click()
    feed = re.search(r"https?://\S+/calendar/\S+\.ics", page.locator("#calendar").inner_text())
    assert feed
    week = events(feed[0])
    assert any("Presidency" not in title for title in week)

    office = new_context().new_page()
    sign_in(office)
    office.goto(f"{ORGANISE}/registrations?q=yildiz")
    expect(office.locator("main")).to_contain_text("Zeynep Yıldız")
    axe(office)
    office.goto(f"{ORGANISE}/registrations/{reference[0]}")
    axe(office)
    office.get_by_role("button", name="Approve").first.click()
    expect(office.locator("main")).to_contain_text(re.compile("approved", re.IGNORECASE))
    page.goto(own_page)
    expect(page.locator(".status-card")).to_contain_text(re.compile("approved", re.IGNORECASE))
    office.goto(f"{ORGANISE}/mail")
    expect(office.locator("main")).to_contain_text("zeynep.yildiz@example.org")
    axe(office)


def test_a_room_changed_at_the_last_minute_is_right_everywhere_after_publishing(page, sign_in, site: Site, axe):
    title = "Breakfast of the mayors"
    feed = f"{site.url}/2020/calendar/agenda.ics"
    sign_in(page)
    page.goto(f"{ORGANISE}/agenda/sessions/new?day=2020-02-25")
    axe(page)
    page.locator("[name=title_en]").fill(title)
    page.locator("[name=title_fr]").fill("Petit-déjeuner des maires")
    page.locator("[name=starts]").fill("07:30")
    page.locator("[name=ends]").fill("08:30")
    page.locator("[name=hall]").select_option(label="Kasbah · Congress centre")
    page.get_by_role("button", name="Save in the draft").click()
    assert title not in events(feed)

    page.goto(f"{ORGANISE}/agenda/publish")
    expect(page.locator("main")).to_contain_text(title)
    axe(page)
    page.get_by_role("button", name=re.compile("Publish revision")).click()
    sequence, location = events(feed)[title]
    assert (sequence, location.startswith("Kasbah")) == (0, True)
    others = {name: facts for name, facts in events(feed).items() if name != title}

    page.goto(f"{ORGANISE}/agenda")
    page.get_by_role("link", name=title).click()
    page.locator("[name=hall]").select_option(label="Malabata · Congress centre")
    page.get_by_role("button", name="Save in the draft").click()
    page.goto(f"{ORGANISE}/agenda/publish")
    page.get_by_role("button", name=re.compile("Publish revision")).click()
    after = events(feed)
    assert (after[title][0], after[title][1].startswith("Malabata")) == (1, True)
    assert {name: facts for name, facts in after.items() if name != title} == others
    page.goto("/2020/agenda/2020-02-25?lang=fr")
    card = page.locator("li.slot", has_text="Petit-déjeuner des maires")
    expect(card).to_contain_text("Malabata")
    sessions = json.loads(fetch(f"{site.url}/2020/agenda.json"))["sessions"]
    assert [one["hall"] for one in sessions if one["title"] == title] == ["Malabata"]


def test_badges_and_the_programme_are_printed_while_a_bar_shows_how_far(page, sign_in, axe):
    sign_in(page)
    page.goto(f"{ORGANISE}/print")
    axe(page)
    page.get_by_role("button", name="Print badges").click()
    link = page.locator("#runs-heading").locator("xpath=ancestor::section").get_by_role("link").first
    expect(link).to_be_visible(timeout=90_000)
    with page.expect_download() as download:
        link.click()
    badges = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    text = "".join(sheet.extract_text() for sheet in badges.pages)
    assert "Kanybekov" in text
    axe(page)


def test_the_ceremony_stands_in_the_programme_in_each_language(site: Site, tmp_path):
    for language, words in (("en", "Bishkek"), ("fr", "Bichkek"), ("es", "Biskek"), ("ru", "Бишкек")):
        target = tmp_path / f"{language}.pdf"
        site.flask("print", "programme", "2020", "S20-035", str(target), "--language", language)
        text = "".join(sheet.extract_text() for sheet in PdfReader(target).pages)
        assert words in text or "Bishkek" in text, language


PUBLIC = (
    "/2020/",
    "/2020/agenda",
    "/2020/agenda/2020-02-26",
    "/2020/sessions/S20-036",
    "/2020/calendar",
    "/2020/register",
)
ORGANISERS = (
    *(
        f"{ORGANISE}/{path}"
        for path in ("", "registrations", "agenda", "agenda/frame", "agenda/import", "agenda/clashes")
    ),
    *(f"{ORGANISE}/{path}" for path in ("agenda/revisions", "agenda/sessions/S20-036", "ceremony", "print", "mail")),
    *(f"{ORGANISE}/{path}" for path in ("jobs", "settings", "history")),
    "/organise/organisers",
)


@pytest.mark.parametrize(("width", "scheme", "locale"), [(390, "light", "ru"), (1400, "dark", "fr")])
def test_every_page_is_accessible_and_fits(new_context, sign_in, axe, width: int, scheme: str, locale: str):
    page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale).new_page()
    for path in PUBLIC:
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    sign_in(page)
    for path in ORGANISERS:
        assert page.goto(path).status == 200, path
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path

"""The board without a mouse: the real rows of past weeks, and a day of two hundred sessions in twelve halls."""

import csv

from playwright.sync_api import Page, expect

from tests.journeys.boards import DAYS, HALLS, Place, card, make, places
from tests.journeys.conftest import FOLDER, Site


def type_place(page: Page, place: Place, halls: list[str]) -> None:
    """As one who knows the keys: the hours, then the hall's number."""
    page.keyboard.type(
        f"{place.start.replace(':', '')}-{place.end.replace(':', '')}#{halls.index(place.hall) + 1 if place.hall else 0}"
    )


def shelf_codes(page: Page) -> list[str]:
    return page.locator(".shelf li[data-code]").evaluate_all("items => items.map(li => li.dataset.code)")


def hall_names(page: Page) -> list[str]:
    """In the order of the columns; what is to be confirmed has no name of its own."""
    heads = page.locator(".board-halls [data-hall]")
    return heads.evaluate_all(
        "heads => heads.map(head => head.dataset.hall ? head.querySelector('h3').textContent.trim() : '')"
    )


def first_on_shelf(page: Page) -> None:
    page.locator(".shelf li[data-code] a[href]").first.focus()


def test_a_card_is_moved_by_key_after_key_and_every_move_is_said(page, sign_in, site: Site, tmp_path, axe):
    address = make(site, tmp_path, "keys", {"K-1": "Local Finance", "K-2": "Town Hall", "K-3": "Rights"}, HALLS[:3])
    sign_in(page)
    page.goto(f"{address}?day={DAYS[0]}")
    said = page.locator("#said")
    first_on_shelf(page)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".hint")).to_be_visible()
    axe(page)
    page.keyboard.press("Enter")
    expect(said).to_contain_text("in the hand")
    page.keyboard.type("1000")
    page.keyboard.press("End")
    expect(said).to_contain_text("10:00")
    axe(page)
    page.keyboard.press("Escape")
    expect(said).to_contain_text("back where it was")
    code = shelf_codes(page)[0]
    assert places(page, "keys")[code].is_off_the_board

    page.keyboard.press("Enter")
    page.keyboard.type("1000-1100#1")
    page.keyboard.press("Enter")
    saved(page)
    link = card(page, code).locator("a[href]").first
    expect(link).to_be_focused()
    # Rapid presses are one move.
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowDown", "PageDown"):
        page.keyboard.press(key)
    expect(said).to_contain_text("11:10")
    expect(card(page, code)).to_have_attribute("data-end", "12:15")
    saved(page)
    assert places(page, "keys")[code] == Place(DAYS[0], "11:10", "12:15", hall_names(page)[1])
    expect(link).to_be_focused()

    page.keyboard.press("z")
    expect(card(page, code)).to_have_attribute("data-start", "10:00")
    page.keyboard.press("Shift+Z")
    expect(card(page, code)).to_have_attribute("data-start", "11:10")
    page.keyboard.press("2")
    expect(card(page, code)).to_have_count(0)
    saved(page)
    assert places(page, "keys")[code] == Place(DAYS[1], "11:10", "12:15", hall_names(page)[1])
    # Typed nonsense is refused in words and moves nothing.
    first_on_shelf(page)
    page.keyboard.press("Enter")
    page.keyboard.type("2510")
    expect(said).to_contain_text("2510")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator(".shelf input[type=search]")).to_be_focused()
    page.keyboard.type("zzz")
    expect(page.locator(".shelf li[data-code]:visible")).to_have_count(0)


def test_the_real_rows_of_past_weeks_are_built_by_keyboard(page, sign_in, site: Site, tmp_path):
    with (FOLDER / "real_week.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    named = list(dict.fromkeys(row["hall"] for row in rows if row["hall"]))
    address = make(site, tmp_path, "real-week", {row["code"]: row["title"] for row in rows}, named)
    wanted = {row["code"]: Place(DAYS[int(row["weekday"]) - 1], row["start"], row["end"], row["hall"]) for row in rows}
    sign_in(page)
    for day in DAYS:
        page.goto(f"{address}?day={day}")
        halls = hall_names(page)
        first_on_shelf(page)
        for code in shelf_codes(page):
            if wanted[code].day != day:
                page.keyboard.press("ArrowDown")
                continue
            page.keyboard.press("Enter")
            type_place(page, wanted[code], halls)
            page.keyboard.press("Enter")
            page.keyboard.press("s")
        saved(page)
    assert places(page, "real-week") == wanted


def saved(page: Page) -> None:
    """Every move has been answered, and the answer is the page."""
    expect(page.locator("#board-live:not(.is-saving)")).to_be_attached(timeout=60_000)


def test_twelve_halls_and_two_hundred_sessions_are_built_by_keyboard(page, sign_in, site: Site, tmp_path):
    """Hall by hall: a card begins where the one before it ends, so its minutes are enough; some have a gap before them."""
    wanted, typed, ends = {}, {}, 0
    for number in range(200):
        column, row = divmod(number, 17)
        code, minutes, gap = f"B-{number + 1:03}", 25 + 5 * (number % 2), 20 * (row % 6 == 5)
        begins = ends + gap if row else 8 * 60
        ends = begins + minutes
        place = Place(DAYS[2], clock(begins), clock(ends), HALLS[column])
        wanted[code] = place
        hours = place.start if gap else ""
        typed[code] = f"{hours}+{minutes}" if row else f"{place.start}-{place.end}#{column + 1}"
    titles = {code: f"Exchange of cities, round {code[2:]}" for code in wanted}
    address = make(site, tmp_path, "busy-day", titles, HALLS)
    sign_in(page)
    page.goto(f"{address}?day={DAYS[2]}")
    assert hall_names(page) == list(HALLS)
    first_on_shelf(page)
    page.keyboard.press("Enter")
    for code in shelf_codes(page):
        page.keyboard.type(typed[code].replace(":", ""))
        page.keyboard.press("Shift+Enter")
    page.keyboard.press("Escape")
    saved(page)
    assert places(page, "busy-day") == wanted
    # All of it is seen at once at 1400 px: neither the page nor the grid scrolls sideways.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".board").evaluate("board => board.scrollWidth <= board.clientWidth")


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"

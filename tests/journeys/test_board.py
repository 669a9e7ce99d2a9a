"""The board by hand: a day is built with the mouse and with a finger, by two organisers at once, and nothing is lost."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.boards import DAYS, Place, card, make, places
from tests.journeys.conftest import Site, listen

TITLES = {
    "M-1": "Local Finance",
    "M-2": "Local Democracy",
    "M-3": "Equality and Rights",
    "M-4": "Town Hall",
    "M-5": "Right to the City",
}
MONDAY, TUESDAY = DAYS[:2]
HALLS = ("Malabata", "Marshan", "Medina")


SLUG = "by-hand"
NADIA, PASSWORD = "nadia@example.org", "a-long-word-of-hers"


@pytest.fixture(scope="module")
def board(site: Site, tmp_path_factory) -> str:
    """The address of a board on Monday; each story has cards of its own there."""
    nadia = (
        "organiser",
        "create",
        NADIA,
        "--name",
        "Nadia Orlova",
        "--role",
        "programmer",
        "--password-stdin",
        PASSWORD,
    )
    return make(site, tmp_path_factory.mktemp("board"), SLUG, TITLES, HALLS, nadia) + f"?day={MONDAY}"


def spot(page: Page, hall: str, hour: float) -> tuple[float, float]:
    """Where that hall and hour are on the screen, scrolled to the middle of it."""
    grid = page.locator(".slots")
    first, hours = (
        float(page.locator("[data-first-hour]").get_attribute(name) or 0) for name in ("data-first-hour", "data-hours")
    )

    def at() -> tuple[float, float]:
        box, column = grid.bounding_box(), page.locator(f".hall[data-hall='{hall}']").bounding_box()
        assert box
        assert column
        return column["x"] + column["width"] / 2, box["y"] + (hour - first) / hours * box["height"]

    page.mouse.wheel(0, at()[1] - 450)
    page.wait_for_timeout(60)
    return at()


def drag(page: Page, code: str, hall: str, hour: float) -> None:
    """Takes a card by its upper edge and puts it down where it begins at that hour."""
    spot(page, hall, hour)
    card(page, code).scroll_into_view_if_needed()
    box = card(page, code).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 9, box["y"] + 8, steps=2)
    x, y = spot(page, hall, hour)
    page.mouse.move(x, y + 8, steps=4)
    expect(page.locator(".drop")).to_be_visible()


def said(page: Page) -> str:
    return page.locator("#said").inner_text()


def expect_place(page: Page, code: str, start: str, end: str, hall: str) -> None:
    """As the server answered: its version has moved on."""
    expect(
        page.locator(f"li[data-code='{code}'][data-start='{start}'][data-end='{end}'][data-hall='{hall}']")
    ).to_be_visible()


def test_a_day_is_built_with_the_mouse_and_undone_after_a_reload(page, sign_in, board, axe):
    sign_in(page)
    page.goto(board)

    drag(page, "M-1", "malabata", 10)
    expect(page.locator(".drop")).to_contain_text("Malabata is free")
    page.mouse.up()
    expect_place(page, "M-1", "10:00", "11:00", "malabata")

    # A place that is taken says by whom, and takes the card all the same: clashes warn.
    drag(page, "M-2", "malabata", 10.5)
    expect(page.locator(".drop.would-clash")).to_contain_text("Local Finance")
    axe(page)
    page.mouse.up()
    expect_place(page, "M-2", "10:30", "11:30", "malabata")
    expect(page.locator(".clashes .clash")).to_have_count(1)

    # Escape gives it back; letting go beside the grid too, in words.
    drag(page, "M-2", "marshan", 14)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect_place(page, "M-2", "10:30", "11:30", "malabata")

    drag(page, "M-2", "marshan", 11)
    page.mouse.up()
    expect_place(page, "M-2", "11:00", "12:00", "marshan")
    expect(page.locator(".clashes .clash")).to_have_count(0)

    # Longer by its lower edge.
    card(page, "M-2").scroll_into_view_if_needed()
    box = card(page, "M-2").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 3)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, spot(page, "marshan", 12.5)[1], steps=4)
    page.mouse.up()
    expect_place(page, "M-2", "11:00", "12:30", "marshan")

    # Onto Tuesday's tab, and a moment there: Tuesday opens under the card.
    drag(page, "M-1", "medina", 10)
    tab = page.locator(".days a").nth(1)
    tab.scroll_into_view_if_needed()
    box = tab.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 12, steps=4)
    expect(page.locator(f"#board-live[data-day='{TUESDAY}']")).to_be_attached()
    x, y = spot(page, "medina", 9)
    page.mouse.move(x, y + 8, steps=4)
    page.mouse.up()
    expect_place(page, "M-1", "09:00", "10:00", "medina")
    assert places(page, SLUG)["M-1"] == Place(TUESDAY, "09:00", "10:00", "Medina")

    # Off the board again: onto the shelf.
    box = card(page, "M-1").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 12)
    page.mouse.down()
    shelf = page.locator(".shelf").bounding_box()
    assert shelf
    page.mouse.move(shelf["x"] + 60, shelf["y"] + 60, steps=5)
    page.mouse.up()
    expect(page.locator(".shelf li[data-code='M-1']")).to_be_visible()
    assert places(page, SLUG)["M-1"].is_off_the_board

    # Undo, twice and over a reload, and redo.
    page.get_by_role("button", name="Undo").click()
    expect_place(page, "M-1", "09:00", "10:00", "medina")
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(card(page, "M-1")).to_have_count(0)
    page.keyboard.press("Control+Shift+Z")
    expect_place(page, "M-1", "09:00", "10:00", "medina")
    assert places(page, SLUG)["M-2"] == Place(MONDAY, "11:00", "12:30", "Marshan")


def second(new_context) -> Page:
    """Nadia, a programmer, in a browser of her own."""
    page = new_context().new_page()
    page.goto("/sign-in")
    page.locator("input[type=email]").fill(NADIA)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form:has(input[type=password]) button").last.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def test_two_organisers_see_each_other_and_never_overwrite(new_context, sign_in, board):
    hers, mine = second(new_context), new_context().new_page()
    complaints = listen(mine)
    sign_in(mine)
    for page in (mine, hers):
        page.goto(board)

    # What she moves shows here by itself.
    drag(hers, "M-3", "medina", 10)
    hers.mouse.up()
    mine.locator(".slots li[data-code='M-3']").wait_for(timeout=5_000)
    expect(hers.locator(".presence")).to_be_visible(timeout=5_000)

    # Both reach for one card; she is faster, as word that it is held here is still under way. The hand here learns it in
    # words, and her move stands.
    on_the_way: list[Route] = []

    def wait(route: Route) -> None:
        on_the_way.append(route)

    mine.route("**/board/hold", wait)
    card(mine, "M-3").scroll_into_view_if_needed()
    drag(mine, "M-3", "malabata", 14)
    hers.locator("li[data-code='M-3'] a[href]").first.focus()
    hers.keyboard.press("u")
    expect(hers.locator(".shelf li[data-code='M-3']")).to_be_visible()
    for held in on_the_way:
        held.continue_()
    mine.unroute("**/board/hold")
    mine.mouse.up()
    note = mine.locator("#board-notes")
    expect(note).to_contain_text("Nadia Orlova")
    expect(note).to_contain_text("Equality and Rights")
    expect(mine.locator(".shelf li[data-code='M-3']")).to_be_visible()
    assert places(mine, SLUG)["M-3"].is_off_the_board
    # The browser writes down the refusal itself, and nothing else.
    assert [text for text in complaints if "409" not in text] == []


LONGER_THAN_A_LONG_PRESS_MS = 450
# A finger's first touch as the browser tells it while the page still glides from a flick: it cannot be cancelled.
ON_A_GLIDING_PAGE = """(card) => {
    const { x, y } = card.getBoundingClientRect();
    const at = { bubbles: true, clientX: x + 40, clientY: y + 40 };
    card.dispatchEvent(new PointerEvent("pointerdown", { ...at, pointerId: 7, pointerType: "touch", isPrimary: true }));
    card.dispatchEvent(new TouchEvent("touchstart", { bubbles: true, cancelable: false }));
}"""


def test_a_finger_scrolls_the_page_and_carries_a_card_after_a_moment(new_context, sign_in, board, axe):
    page = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    sign_in(page)
    page.goto(board)
    hand = page.context.new_cdp_session(page)

    def touch(kind: str, *point: float) -> None:
        points = [{"x": point[0], "y": point[1]}] if point else []
        hand.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    link = card(page, "M-4").locator("a[href]").first
    link.focus()
    for key in ("Enter", "1", "0", "0", "0", "#", "1", "Enter"):
        page.keyboard.press(key)
    expect_place(page, "M-4", "10:00", "11:00", "malabata")

    card(page, "M-4").scroll_into_view_if_needed()
    box = card(page, "M-4").bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 40
    before = page.evaluate("scrollY")
    touch("Start", x, y)
    for way in range(1, 8):
        touch("Move", x, y - 15 * way)
    # The page glides on for a while after the finger has left it, and says when it has come to rest.
    page.evaluate("() => { window.rest = new Promise(done => addEventListener('scrollend', done, { once: true })) }")
    touch("End")
    page.evaluate("() => window.rest.then(() => null)")
    assert page.evaluate("scrollY") != before
    assert places(page, SLUG)["M-4"] == Place(MONDAY, "10:00", "11:00", "Malabata")

    page.evaluate("code => document.querySelector(`li[data-code='${code}']`).scrollIntoView({block: 'center'})", "M-4")
    # A finger that stops a gliding page takes nothing: the browser would soon take it out of the hand again.
    card(page, "M-4").evaluate(ON_A_GLIDING_PAGE)
    page.wait_for_timeout(LONGER_THAN_A_LONG_PRESS_MS)
    expect(page.locator(".is-dragging")).to_have_count(0)

    box = card(page, "M-4").bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 40
    touch("Start", x, y)
    expect(page.locator(".is-dragging")).to_have_count(1)
    for way in range(1, 9):
        touch("Move", x, y + 6 * way)
    expect(page.locator(".drop")).to_be_visible()
    touch("End")
    expect_place(page, "M-4", "10:30", "11:30", "malabata")
    axe(page)


def test_the_board_is_accessible_in_the_dark(new_context, sign_in, board, axe):
    for width in (390, 1400):
        page = new_context(color_scheme="dark", viewport={"width": width, "height": 900}).new_page()
        sign_in(page)
        page.goto(board)
        axe(page)


def test_what_goes_wrong_is_said_and_nothing_is_lost(new_context, sign_in, board):
    page = new_context().new_page()
    sign_in(page)
    page.goto(board)
    drag(page, "M-5", "medina", 10)
    page.context.set_offline(True)
    page.mouse.up()
    expect(page.locator("#board-notes")).to_contain_text("Offline since")
    expect(page.locator(".shelf li[data-code='M-5']")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#board-notes")).not_to_contain_text("Offline since", timeout=10_000)
    expect(page.locator("#board-notes")).to_contain_text("Right to the City was not moved")

    # Signed out meanwhile: a sentence and a link back, and the card lies where it was.
    page.context.clear_cookies()
    drag(page, "M-5", "medina", 10)
    page.mouse.up()
    expect(page.locator("#board-notes a")).to_be_visible()
    expect(page.locator(".shelf li[data-code='M-5']")).to_be_visible()
    sign_in(page)
    assert places(page, SLUG)["M-5"].is_off_the_board

"""Stars in a real browser: with the script and without, on a phone, by the keyboard; then on one's own page."""

import re

from playwright.sync_api import expect

from tests.journeys.test_registering import register

WEEK, DAY = "/2020/agenda", "/2020/agenda/2020-02-25"


def starred(page) -> list[str]:
    return page.locator("button.star[aria-pressed=true]").evaluate_all("all => all.map((one) => one.value)")


def test_a_stranger_stars_and_the_delegate_brings_the_stars_along(site, new_context, axe):
    context = new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site.url}{DAY}")
    button = page.get_by_role("button", name="Star: Local Finance")
    with page.expect_response("**/stars"):
        button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    link = page.get_by_role("link", name="My stars (1)")
    link.click()
    expect(page.locator("h2.display-sub", has_text="My stars")).to_be_visible()
    assert len(starred(page)) == 1
    axe(page)
    with page.expect_download() as file:
        page.get_by_role("link", name="Download as a calendar file").click()
    assert file.value.suggested_filename == "stars-2020.ics"

    # Another tab sees it, and so does a page that comes out of the browser's memory.
    other = context.new_page()
    other.goto(f"{site.url}{DAY}")
    with page.expect_response(lambda one: one.url == page.url):
        other.get_by_role("button", name="Star: Local Finance").click()
    expect(page.locator("button.star[aria-pressed=true]")).to_have_count(0)
    star = "fetch('/2020/stars', {method: 'POST', body: new URLSearchParams({star: CODE})})"
    code = other.get_by_role("button", name="Star: Local Finance").get_attribute("value")
    other.evaluate(star.replace("CODE", f"'{code}'"))
    other.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(other.get_by_role("button", name="Star: Local Finance")).to_have_attribute("aria-pressed", "true")
    other.close()

    # Pressed quickly one after the other, every one of them is kept.
    page.goto(f"{site.url}{WEEK}")
    before = len(starred(page))
    buttons = page.locator("button.star[aria-pressed=false]")
    chosen = buttons.evaluate_all("all => all.slice(0, 4).map((one) => { one.click(); return one.value; })")
    expect(page.locator(".stars-link [data-stars]")).to_have_text(str(before + 4))
    page.reload()
    assert set(chosen) < set(starred(page))

    address, _ = register(
        page, email="stars@example.org", given_name="Estela", family_name="Star", position="Mayor", city="Porto"
    )
    page.goto(address)
    page.get_by_role("button", name=re.compile(r"^Add \d starred sessions? to my week")).click()
    expect(page.locator(".flash-success")).to_contain_text("in your week now")
    expect(page.locator("#week ~ *, section:has(#week)").first).to_contain_text("Local Finance")
    expect(page.get_by_role("button", name=re.compile("to my week"))).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Star sessions")).click()
    number = len(starred(page))
    with page.expect_response("**/stars"):
        page.get_by_role("button", name="Star: Local Finance").click()
    expect(page.locator("h1 [data-stars]")).to_have_text(str(number - 1))
    # Left open until the form has expired.
    page.locator("form.stars [name=csrf_token]").evaluate("one => { one.value = 'expired'; }")
    page.get_by_role("button", name="Star: Local Finance").click()
    expect(page.locator("h1 [data-stars]")).to_have_text(str(number))
    expect(page.get_by_role("alert")).to_have_count(0)
    axe(page)


def test_a_star_that_cannot_be_kept_is_taken_back_and_said(site, new_context):
    page = new_context().new_page()
    page.goto(f"{site.url}{DAY}")
    page.route("**/stars", lambda route: route.abort())
    button = page.get_by_role("button", name="Star: Local Finance")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("The star could not be kept. Try again in a moment.")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.unroute("**/stars")
    button.click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(button).to_have_attribute("aria-pressed", "true")


def test_without_a_script_the_page_comes_anew_where_one_was(site, new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.url}{DAY}")
    page.get_by_role("button", name="Star: Local Democracy").click()
    page.wait_for_url(re.compile(r"/agenda/2020-02-25#s-"))
    expect(page.get_by_role("button", name="Star: Local Democracy")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Local Democracy", exact=True).click()
    page.get_by_role("button", name="Star this session", pressed=True).click()
    expect(page.get_by_role("button", name="Star this session")).to_have_attribute("aria-pressed", "false")

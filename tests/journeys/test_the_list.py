"""The secretariat works through the list without leaving it: one person beside it, keys, dialogs."""

from playwright.sync_api import expect

LIST = "/organise/2020/registrations"


def test_a_registrar_walks_the_list_decides_beside_it_and_chooses_columns(page, sign_in, axe):
    page.set_viewport_size({"width": 1400, "height": 900})
    sign_in(page)
    page.goto(f"{LIST}?section=asia-pacific&order=code")
    rows = page.locator("tr[data-person]")
    rows.nth(0).locator("td").nth(1).click()
    beside = page.locator("[data-beside]")
    heading = beside.locator("h2").first
    expect(heading).to_contain_text(rows.nth(0).locator("bdi").first.inner_text())
    expect(rows.nth(0)).to_have_class("is-open")
    axe(page)

    first = heading.inner_text()
    page.keyboard.press("ArrowDown")
    expect(heading).not_to_have_text(first)
    page.keyboard.press("k")
    expect(heading).to_have_text(first)

    # A decision is taken beside the list, which stays where it is and says the new state.
    waiting = page.locator("tr[data-person]:has(.status-submitted)").first
    code = waiting.get_attribute("data-person")
    waiting.locator(".name a").click()
    beside.get_by_role("button", name="Approve").click()
    expect(beside.locator(".flash")).to_contain_text("Approved")
    expect(page.locator(f"tr[data-person='{code}'] .status-approved")).to_be_visible()
    assert f"who={code}" in page.url
    assert "section=asia-pacific" in page.url
    page.keyboard.press("Escape")
    expect(beside).to_be_hidden()
    expect(page.locator(f"tr[data-person='{code}'] .name a")).to_be_focused()

    page.get_by_role("link", name="Columns").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("E-mail").check()
    axe(page)
    dialog.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="E-mail")).to_be_visible()
    page.get_by_role("link", name="Filter", exact=True).click()
    dialog.get_by_label("approved", exact=True).first.check()
    dialog.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="E-mail")).to_be_visible()
    assert "status=approved" in page.url
    assert "city=" not in page.url

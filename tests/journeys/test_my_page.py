"""A delegate's own page in a real browser: a photograph cut with the keyboard, a document, a new link."""

import io
import re

from PIL import Image
from playwright.sync_api import expect

from tests.journeys.test_registering import register


def portrait() -> bytes:
    """Larger than a browser sends: red on the left, blue on the right."""
    picture = Image.effect_noise((2600, 2600), 60).convert("RGB")
    for colour, left in (((200, 30, 30), 0), ((30, 30, 200), 1300)):
        picture.paste(
            Image.blend(picture.crop((0, 0, 1300, 2600)), Image.new("RGB", (1300, 2600), colour), 0.8), (left, 0)
        )
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=97)
    return content.getvalue()


def test_a_delegate_adds_a_photograph_makes_a_document_and_ends_the_old_links(new_context, axe):
    page = new_context().new_page()
    address, _ = register(
        page, email="photo@example.org", given_name="Paula", family_name="Foto", position="Mayor", city="Porto"
    )

    # The part is chosen by the keyboard alone; what is sent is what the frame shows.
    page.get_by_role("link", name="Add one").click()
    page.set_input_files("#file", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": portrait()})
    expect(page.locator(".cropper-crop-box")).to_be_visible()
    for name, times in (("Larger", 8), ("Left", 60)):
        for _ in range(times):
            page.get_by_role("button", name=name).press("Enter")
    axe(page)
    page.get_by_role("button", name="Keep this photograph").click()
    expect(page.locator(".badge-proof .badge-photo")).to_be_visible()
    source = page.locator(".badge-photo").get_attribute("src")
    kept = Image.open(io.BytesIO(page.request.get(source).body()))
    assert kept.size == (600, 750)
    red, _green, blue = kept.resize((1, 1)).getpixel((0, 0))
    assert blue > red
    axe(page)

    page.get_by_role("button", name="Confirmation of registration").click()
    expect(page.locator("main")).to_contain_text("Your document is ready.", timeout=60_000)
    axe(page)
    answer = page.request.get(page.get_by_role("link", name="Open the PDF").get_attribute("href"))
    assert answer.body().startswith(b"%PDF-")

    page.goto(address)
    page.get_by_role("button", name="End all links and send me a new one").click()
    page.wait_for_url(re.compile("#links$"))
    assert page.request.get(address).status == 404
    expect(page.locator("main")).to_contain_text("1 link leads here")

"""Registration as it is lived: an assistant with a mayor and an interpreter, a letter for the visa, a full edition."""

import io
import re
import urllib.request

from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.journeys.conftest import Site

ORGANISE = "/organise/2020"
ASSISTANT = "assistant.kazan@example.org"


def register(page: Page, edition: str = "2020", **answers: str) -> tuple[str, str]:
    """Fill in the public form and send it; gives the address of the own page and the reference."""
    page.goto(f"/{edition}/register")
    for name, text in answers.items():
        control = page.locator(f"[name={name}]")
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(text)
        elif control.get_attribute("type") == "checkbox":
            control.check()
        else:
            control.fill(text)
    page.locator("[name=consent]").check()
    page.locator("#register button.btn-act").click()
    page.wait_for_url(re.compile(rf"/{edition}/registration/"))
    reference = re.search(r"R\w+-\d{4}", page.locator("main").inner_text())
    assert reference, page.locator("main").inner_text()
    return page.url, reference[0]


def signature() -> bytes:
    """A picture of a signature: ink on nothing."""
    picture = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    for x in range(60, 540):
        for y in range(96 + (x * 7) % 40, 104 + (x * 7) % 40):
            picture.putpixel((x, y), (12, 24, 80, 255))
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def test_an_assistant_registers_a_mayor_and_an_interpreter_in_russian(new_context, sign_in, site: Site, axe):
    assistant = new_context(locale="ru-RU").new_page()
    on_behalf = {"for_someone_else": "yes", "filled_by_name": "Гузель Сабирова", "filled_by_email": ASSISTANT}
    mayors_page, mayor = register(
        assistant,
        **on_behalf,
        category="elected",
        email="mayor.kazan@example.org",
        given_name="Ilsur",
        family_name="Metsin",
        native_name="Ильсур Метшин",
        native_language="ru",
        position="Mayor of Kazan",
        organisation="City of Kazan",
        city="Kazan",
        country="Russia",
        visa_letter="yes",
    )
    expect(assistant.locator("html")).to_have_attribute("lang", "ru")
    expect(assistant.locator("main")).to_contain_text("Гузель Сабирова")
    axe(assistant)
    _, interpreter = register(
        assistant,
        **on_behalf,
        category="accompanying",
        email="interpreter.kazan@example.org",
        given_name="Alina",
        family_name="Garipova",
        position="Interpreter",
        organisation="City of Kazan",
    )

    # The secretariat reads the list and approves both in one step.
    office = new_context().new_page()
    sign_in(office)
    office.goto(f"{ORGANISE}/registrations?q=kazan&status=submitted")
    axe(office)
    for reference in (mayor, interpreter):
        office.locator(f"input[name=who][value={reference}]").check()
    office.locator("form[action$='/lists/approve'] button.btn-primary").click()
    expect(office.locator("main")).to_contain_text("2 people approved")

    # A letter is missing on the badge: the assistant mends it, then approves what is printed.
    assistant.goto(mayors_page)
    assistant.locator("a[href$='/edit']").first.click()
    assistant.locator("[name=family_name]").fill("Metshin")
    assistant.locator("form button.btn-primary, form button.btn-act").last.click()
    expect(assistant.locator(".badge-proof").first).to_contain_text("Ильсур Метшин")
    expect(assistant.locator(".badge-proof").first).to_contain_text("Metshin")
    assistant.locator("form[action$='/proof'] button").click()
    expect(assistant.locator("form[action$='/proof']")).to_have_count(0)
    office.goto(f"{ORGANISE}/registrations/{mayor}")
    expect(office.locator("main")).to_contain_text(re.compile("badge approved", re.IGNORECASE))
    axe(office)

    # Passport data are asked for only now, and the letter is issued, downloaded and verified.
    assistant.goto(mayors_page)
    assistant.locator("#visa a[href$='/passport']").click()
    axe(assistant)
    passport = {
        "family_name": "METSHIN",
        "given_names": "ILSUR RAISOVICH",
        "number": "75 1234567",
        "nationality": "Russia",
        "born_on": "1969-04-24",
        "issued_on": "2018-05-04",
        "expires_on": "2028-05-04",
        "applies_in": "Moscow",
    }
    for name, text in passport.items():
        assistant.locator(f"#passport [name={name}]").fill(text)
    assistant.locator("#passport button.btn-primary").click()
    sign_the_letters(office)
    office.goto(f"{ORGANISE}/letters/people/{mayor}")
    axe(office)
    office.locator("#issue button").click()
    assistant.goto(mayors_page)
    with assistant.expect_download() as downloading:
        assistant.locator("#visa a[href$='letter.pdf']").click()
    letter = PdfReader(downloading.value.path())
    text = " ".join(" ".join(page.extract_text() for page in letter.pages).split())
    assert "METSHIN" in text
    number = re.search(r"UCLG-2020-\d{4}-[0-9A-Z]+", text)
    assert number, text
    # As a consulate: nobody who has ever been here.
    consulate = new_context().new_page()
    consulate.goto(f"/verify?number={number[0]}")
    expect(consulate.locator("#verdict")).to_have_text("This letter is valid.")
    axe(consulate)
    for secret in ("METSHIN", "Ilsur", "1234567"):
        assert secret.lower() not in consulate.content().lower()
    consulate.locator("[name=number]").fill(number[0])
    consulate.locator("[name=name]").fill("Metshin")
    consulate.get_by_role("button", name="Check").click()
    expect(consulate.locator("main")).to_contain_text("The name is that of the letter.")


def sign_the_letters(office: Page) -> None:
    """Both sides: name, office, and the picture of the signature."""
    office.goto(f"{ORGANISE}/letters/signatories")
    for side, name in (("secretariat", "Emilia Saiz"), ("host", "Mohamed Bachir Abdellaoui")):
        form = office.locator(f"form#{side}")
        form.locator(f"[name={side}-name]").fill(name)
        form.locator(f"[name={side}-position_en]").fill("Signs for this test")
        form.locator(f"[name={side}-organisation]").fill("UCLG" if side == "secretariat" else "City of Tangier")
        form.locator(f"[name={side}-picture]").set_input_files(
            {"name": "signature.png", "mimeType": "image/png", "buffer": signature()}
        )
        form.locator("button.btn-primary").click()
        expect(office.locator(f"form#{side} img.signature")).to_be_visible()


def test_a_full_edition_fills_its_waiting_list_and_promotes(new_context, sign_in, site: Site, axe):
    site.flask(
        *("edition", "create", "small", "--title", "A small Retreat", "--city", "Kazan", "--country", "Russia"),
        *("--zone", "Europe/Moscow", "--from", "2030-05-06", "--to", "2030-05-08"),
    )
    site.flask("edition", "set", "small", "capacity", "1")
    first, second = new_context().new_page(), new_context(locale="fr-FR").new_page()
    firsts_page, _ = register(first, "small", given_name="Ana", family_name="Fernández", email="ana@example.org")
    seconds_page, reference = register(second, "small", given_name="Jean", family_name="Roy", email="jean@example.org")
    expect(second.locator(".status-card")).to_contain_text("liste d’attente")
    axe(second)
    office = new_context().new_page()
    sign_in(office)
    office.goto("/organise/small/registrations?status=waitlisted")
    expect(office.locator("main")).to_contain_text("number 1")

    first.goto(firsts_page)
    first.get_by_role("link", name="Withdraw from the Retreat").click()
    first.locator("form[action$='/withdraw'] button").click()
    expect(first.locator(".status-card")).to_contain_text("You have withdrawn")

    second.goto(seconds_page)
    expect(second.locator(".status-card")).not_to_contain_text("liste d’attente")
    office.goto(f"/organise/small/registrations/{reference}")
    expect(office.locator("main")).to_contain_text("Given a place from the waiting list")
    with urllib.request.urlopen(f"{site.url}/small/", timeout=20) as answer:
        assert answer.status == 200

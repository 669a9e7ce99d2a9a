"""The visa letter on paper."""

import base64
import io
from dataclasses import replace
from datetime import date

import pypdf
import pytest

from retreat.printing import letters
from retreat.registration.letters.facts import Costs, LetterFacts, Signed
from retreat.registration.letters.passport import PassportData
from tests.printing import paper
from tests.registration.letters.making import ink

INK = base64.b64encode(ink()).decode()
NUMBER = "UCLG-2020-0007-K7QX"
PASSPORT = PassportData(
    family_name="FERNÁNDEZ DE LA CRUZ",
    given_names="ANA LUCÍA",
    number="C01X00T47",
    nationality="Uruguay",
    born_on=date(1970, 6, 4),
    born_in="Paysandú",
    issued_on=date(2018, 5, 2),
    expires_on=date(2028, 5, 1),
    applies_in="Buenos Aires",
)
LETTER = LetterFacts(
    number=NUMBER,
    language="en",
    issued_on=date(2020, 1, 14),
    passport=PASSPORT,
    position="Mayor",
    organisation="City of Montevideo",
    code="R20-0042",
    arrival=date(2020, 2, 22),
    departure=date(2020, 3, 1),
    event="UCLG Retreat & Campus",
    city="Tangier",
    country="Morocco",
    starts_on=date(2020, 2, 24),
    ends_on=date(2020, 2, 28),
    contact_email="retreat@example.org",
    costs=Costs.OWN,
    secretariat=Signed(name="Emília Saiz", position="Secretary General", organisation="UCLG", image=INK),
    host=Signed(name="Mohamed Abdellaoui", position="Mayor", organisation="City of Tangier", image=INK),
    verify_url=f"https://retreat.example.org/verify?number={NUMBER}",
)


def said(content):
    return paper.text(content).replace("\n", " ")


@pytest.fixture(scope="module")
def printed():
    return letters.print_letter(LETTER)


def test_it_is_one_a4_sheet(printed):
    assert (printed.pages, paper.sizes_mm(printed.content), printed.missing) == (1, [(210, 297)], ())


def test_it_says_who_is_invited_as_the_passport_does_and_to_what(printed):
    text = said(printed.content)
    for words in (
        "Surname FERNÁNDEZ DE LA CRUZ",
        "Given names ANA LUCÍA",
        "Passport number C01X00T47",
        "Nationality Uruguay",
        "Date of birth 4 June 1970",
        "Place of birth Paysandú",
        "Passport valid 2 May 2018 to 1 May 2028",
        "Position Mayor",
        "Organisation City of Montevideo",
        "Stay 22 February 2020 to 1 March 2020",
        "UCLG Retreat & Campus, 24–28 February 2020, Tangier (Morocco). Its host is: City of Tangier.",
        "To the embassy or consulate",
        "Buenos Aires",
        "14 January 2020",
        "borne by the person or by the organisation that sends them",
    ):
        assert words in text


def test_both_have_signed_it(printed):
    text = said(printed.content)
    assert "Emília Saiz" in text
    assert "Mohamed Abdellaoui" in text
    images = [image for page in pypdf.PdfReader(io.BytesIO(printed.content)).pages for image in page.images]
    assert len(images) >= 1


def test_its_code_leads_to_the_check_and_the_number_stands_beside_it(printed):
    assert paper.codes(printed.content) == {LETTER.verify_url}
    assert said(printed.content).count(NUMBER) == 2
    assert "https://retreat.example.org/verify" in said(printed.content)


def test_who_pays_is_said_only_where_it_is_known():
    assert "borne" not in said(letters.print_letter(replace(LETTER, costs=Costs.UNSAID)).content)
    assert "are borne by UCLG." in said(letters.print_letter(replace(LETTER, costs=Costs.UCLG)).content)
    assert "borne by the host city." in said(letters.print_letter(replace(LETTER, costs=Costs.HOST)).content)


def test_readers_with_a_screen_reader_have_it_all(printed):
    document = pypdf.PdfReader(io.BytesIO(printed.content))
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert document.metadata.title == f"Visa invitation letter {NUMBER}"
    assert b"pdfuaid" in printed.content or "pdfuaid" in str(root["/Metadata"].get_data())
    alternatives = {text for text in _alternatives(root["/StructTreeRoot"]) if text}
    assert alternatives == {
        "Signature of Emília Saiz",
        "Signature of Mohamed Abdellaoui",
        "QR code that leads to the check of this letter",
    }


def _alternatives(node):
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from _alternatives(one)
    elif isinstance(node, dict):
        yield node.get("/Alt")
        if "/K" in node:
            yield from _alternatives(node["/K"])


def test_the_same_facts_give_the_same_bytes(printed):
    again = LetterFacts.of_json(LETTER.to_json())
    assert again == LETTER
    assert letters.print_letter(again).content == printed.content


@pytest.mark.parametrize("language", ["fr", "es", "ru"])
def test_it_is_one_sheet_in_each_language_with_the_countries_names(language):
    printed = letters.print_letter(replace(LETTER, language=language))
    names = {"fr": "Maroc", "es": "Marruecos", "ru": "Марокко"}
    assert (printed.pages, printed.missing) == (1, ())
    assert names[language] in said(printed.content)
    root = pypdf.PdfReader(io.BytesIO(printed.content)).trailer["/Root"]
    assert root["/Lang"] == language


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("İMAMOĞLU", "İMAMOĞLU"),
        ("ЩЕРБАКОВА", "ЩЕРБАКОВА"),
        ("NGUYỄN THỊ", "NGUYỄNTHỊ"),
        ("欧阳", "欧阳"),
        ("حدّاد", "حد"),
    ],
)
def test_each_script_is_printed_and_can_be_read_back(name, read):
    one = replace(LETTER, passport=replace(PASSPORT, family_name=name))
    printed = letters.print_letter(one)
    assert (printed.missing, letters.missing_glyphs(one)) == ((), ())
    assert read in said(printed.content).replace(" ", "")


def test_letters_that_no_font_has_are_known_before_printing():
    one = replace(LETTER, passport=replace(PASSPORT, family_name="ᠮᠣᠩᠭᠣᠯ"))
    assert letters.missing_glyphs(one) != ()


def test_the_longest_answers_stay_readable_and_nothing_is_lost():
    long = replace(
        LETTER,
        position="Deputy Mayor for international relations, housing, transport and climate " * 2,
        organisation="Metropolitan Association of the Municipalities of the Valley and the Coast " * 2,
        passport=replace(PASSPORT, family_name="WOLFESCHLEGELSTEINHAUSEN" * 4, given_names="MARÍA DE LOS ÁNGELES " * 4),
    )
    printed = letters.print_letter(long)
    assert printed.pages <= 2
    assert paper.codes(printed.content, printed.pages) == {LETTER.verify_url}
    for word, left, _top, right, _bottom in paper.words(printed.content):
        assert (left >= 20, right <= 192) == (True, True), word


def test_markup_in_an_answer_is_only_text():
    hostile = '<img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd">'
    printed = letters.print_letter(replace(LETTER, organisation=hostile))
    assert "file:///etc/passwd" in said(printed.content)
    assert pypdf.PdfReader(io.BytesIO(printed.content)).attachments == {}


@pytest.mark.parametrize(
    ("label", "language", "expected"),
    [
        ("Morocco", "fr", "Maroc"),
        ("maroc", "en", "Morocco"),
        ("Марокко", "es", "Marruecos"),
        ("Morocco", "en", "Morocco"),
        ("Kingdom of Somewhere", "ru", "Kingdom of Somewhere"),
    ],
)
def test_a_country_has_the_name_of_the_letters_language(label, language, expected):
    assert letters.country_in(label, language) == expected

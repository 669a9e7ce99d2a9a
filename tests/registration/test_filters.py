"""What a list can be narrowed by, sorted by, and how it stands in an address; on both databases."""

from datetime import date
from urllib.parse import parse_qs, quote

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from retreat.core import sheets
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.registration import lists, waiting
from retreat.registration.filters import FACETS, Filter, conditions
from retreat.registration.imports import import_registrations
from retreat.registration.listing import chips
from retreat.registration.models import Photograph, Registration, Status
from retreat.registration.rows import COLUMNS
from tests.registration.making import AT, category, edition, registrations

PEOPLE = """code,given_name,family_name,organisation,city,country,section,category,email,languages,arrival,visa_letter,status
A,Ayşe,Yıldırım,İzmir Metropolitan Municipality,İzmir,Türkiye,Middle East and West Asia,delegate,a@example.org,tr;en,2020-02-23,yes,submitted
B,Bakyt,Asanov,City of Osh,Osh,Kyrgyzstan,Eurasia,delegate,b@example.org,ru;en,2020-02-23,no,approved
C,Carlos,Ñíguez,Ciudad de Bogotá,Bogotá,Colombia,Latin America,press,c@example.org,es,2020-02-24,no,submitted
D,Salma,,,Ramallah,,,elected,d@example.org,ar;fr,,no,waitlisted
E,Ömer,abay,city of osh,OSH,Kyrgyzstan,Eurasia,delegate,e@example.org,,,yes,declined
"""


def load(of, text=PEOPLE):
    import_registrations(of, sheets.read("people.csv", text.encode(), columns=COLUMNS), at=AT, by=COMMAND)
    db.session.commit()


@pytest.fixture
def tangier(db_session):
    made = edition()
    load(made)
    a, b, _c, d, _e = registrations()
    a.proof_approved_at, b.proof_reopened_at, b.arrived_at = AT, AT, AT
    d.filled_by_name = "Rami, assistant"
    d.language = "fr"
    content = {"file_name": "a.jpg", "media_type": "image/jpeg", "size": 1, "digest": "0", "content": b"x"}
    db_session.add(Photograph(registration_id=a.id, created_at=AT, **content))
    db_session.commit()
    return made


def found(of, query):
    arguments = MultiDict(pair.split("=", 1) for pair in query.split("&"))
    return "".join(one.code for one in lists.all_of(of, Filter.of(arguments)))


FOUND = {
    "status=submitted&status=declined": "ACE",
    "section=eurasia&section=none": "BDE",
    "category=press&category=elected": "CD",
    "organisation=city of OSH": "BE",
    "organisation=city": "BE",
    "organisation=ciudad": "C",
    "organisation=none": "D",
    "organisation=atlantis": "",
    "city=osh": "BE",
    "city=izmir": "A",
    "city=bogota&city=Ramallah": "CD",
    "country=kyrgyz": "BE",
    "country=none": "D",
    "language=en": "AB",
    "language=es": "C",
    "language=s": "ABCDE",
    "language=%": "ABCDE",
    "language=fr&language=none": "DE",
    "mails=fr": "D",
    "proof=open": "C",
    "proof=approved": "A",
    "proof=changed": "B",
    "proof=open&proof=approved": "AC",
    "visa=yes": "AE",
    "visa=no": "BCD",
    "arrival=2020-02-23": "AB",
    "arrival=none": "DE",
    "arrival=2020-02-24&arrival=none": "CDE",
    "arrival=yesterday": "ABCDE",
    "delegation=none": "ABCDE",
    "delegation=any": "",
    "delegation=7": "",
    "filled=yes": "D",
    "filled=no": "ABCE",
    "photograph=yes": "A",
    "photograph=no": "BCDE",
    "arrived=yes": "B",
    "arrived=no&arrived=yes": "ABCDE",
    "section=atlantis": "",
    "status=submitted&visa=yes&language=tr": "A",
    "shoe=42&status=asleep": "ABCDE",
}


def test_each_facet_finds_exactly_those(tangier):
    assert {query: found(tangier, f"order=code&{query}") for query in FOUND} == FOUND


IN_ORDER = {
    "name": "EBCDA",
    "-name": "ADCBE",
    "given_name": "ABCED",
    "organisation": "BECAD",
    "-organisation": "ACBED",
    "city": "CABED",
    "status": "ACBDE",
    "code": "ABCDE",
    "-code": "EDCBA",
    "category": "ABEDC",
    "arrival": "ABCDE",
    "-arrival": "CBAED",
    "arrived": "BACDE",
    "registered": "ABCDE",
    "newest": "EDCBA",
    "sideways": "EDCBA",
}


def test_orders_are_by_letters_whatever_their_case_and_accents_and_who_says_nothing_is_last(tangier):
    assert {order: found(tangier, f"order={order}") for order in IN_ORDER} == IN_ORDER
    for order, codes in IN_ORDER.items():
        asked = Filter.of({"order": order})
        assert lists.ids_of(tangier, asked) == [one.id for one in lists.all_of(tangier, asked)]
        assert "".join(one.code for one in lists.listed(tangier, asked).registrations) == codes


def test_tabs_count_under_every_other_facet(tangier):
    page = lists.listed(tangier, Filter.of({"visa": "yes", "status": ["submitted"], "photograph": "yes"}))
    assert (page.total, page.counts[Status.SUBMITTED], page.counts.get(Status.DECLINED)) == (1, 1, 0)
    assert page.totals == (5, 1, 4)


def test_the_address_says_the_same_filter_again():
    given = parse_qs("q= İzmir  x&status=approved&status=submitted&status=approved&visa=yes&order=-name&city=Osh\0")
    given |= {"columns": ["name,city,name,<script>"], "arrival": ["2020-02-23"]}
    asked = Filter.of(given)
    assert asked.arguments() == {
        "q": "İzmir x",
        "status": ["approved", "submitted"],
        "city": "Osh",
        "arrival": "2020-02-23",
        "visa": "yes",
        "order": "-name",
        "columns": "name,city",
    }
    assert Filter.of(asked.arguments()) == asked
    assert asked.without("visa").without("q").arguments(order="") == {
        "status": ["approved", "submitted"],
        "city": "Osh",
        "arrival": "2020-02-23",
        "columns": "name,city",
    }


def test_who_may_not_read_what_is_private_neither_finds_nor_sorts_by_it():
    asked = Filter.of({"visa": "yes", "arrival": "none", "city": "Osh", "order": "email", "q_shoe": "42"}).public()
    assert asked.arguments() == {"city": "Osh"}


def test_words_find_nobody_by_an_address_that_one_may_not_read(tangier):
    def found(words, public):
        asked = Filter.of({"q": words})
        asked = asked.public() if public else asked
        return {row.code for row in db.session.scalars(select(Registration).where(*conditions(tangier, asked)))}

    assert found("a@example.org", public=False) == {"A"}
    assert found("a@example.org", public=True) == found("example", public=True) == set()
    assert found("yildirim", public=True) == {"A"}


def test_chips_say_the_filter_and_drop_what_nobody_knows(tangier, app):
    asked = Filter.of({"section": ["eurasia", "atlantis", "none"], "category": "pirate", "language": "fr"})
    with app.test_request_context():
        said = chips.said(tangier, asked, "en")
    assert [(chip.name, chip.values) for chip in said.chips] == [
        ("section", ["Eurasia", "no Section"]),
        ("language", ["French"]),
    ]
    assert said.asked.arguments() == {"section": ["eurasia", "none"], "language": "fr"}


@pytest.mark.parametrize("capacity", [None, 2, 3])
def test_numbers_in_the_waiting_list_agree_with_each_persons_own(db_session, capacity):
    of = edition(capacity=capacity)
    category(of, "press").capacity = 0
    db_session.flush()
    rows = "".join(f"{n},{('press', 'delegate')[n % 2]},p{n}@example.org\n" for n in range(9))
    load(of, f"given_name,category,email\n{rows}")
    one_by_one = {one.id: waiting.number_in_list(one) for one in registrations()}
    assert waiting.numbers(of) == {key: number for key, number in one_by_one.items() if number}
    assert len(waiting.numbers(of)) > 3


def test_an_arrival_day_is_a_day(tangier):
    assert registrations()[0].arrival == date(2020, 2, 23)


@pytest.mark.parametrize("path", ["registrations", "lists/filter", "lists/columns", "lists/counts", "lists/saved"])
def test_nothing_in_an_address_breaks_a_page(as_role, tangier, path):
    client = as_role("administrator")
    nonsense = [
        "",
        "\x00",
        "none",
        "any",
        "%",
        "'",
        "\\",
        "\ud800",
        "١٢",
        "-1",
        "9" * 30,
        "9" * 9,
        "2020-02-30",
        "x" * 5000,
    ]
    names = [*FACETS, "q", "order", "columns", "column", "page", "who", "list", "q_shoe", "q_", "q_%00"]
    for value in nonsense:
        text = value.encode("utf-8", "surrogatepass")
        query = "&".join(f"{name}={quote(text)}&{name}={quote(text)}" for name in names)
        assert client.get(f"/organise/2020/{path}?{query}").status_code == 200, value[:20]

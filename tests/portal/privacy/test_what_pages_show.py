"""Every organisers' page, as every role: nobody reads what the table of `registration.privacy` does not grant."""

import re
from urllib.parse import urlsplit

import pytest

from retreat.accounts.models import Role
from retreat.accounts.roles import Permission, may
from retreat.core import sealed, stored
from retreat.registration import service
from retreat.registration.letters.models import Passport
from retreat.registration.models import Gender, Photograph
from retreat.registration.privacy import Audience, columns_seen_by
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

pytestmark = pytest.mark.one_database

SAID = {
    "phone": "+598 555 0101",
    "hotel": "Hotel Zephyr",
    "companion": "Quentin Companion",
    "diet": "no zucchini",
    "access_needs": "ramp seventeen",
    "email": "zq-secret@example.org",
    "filled_by_name": "Aurelio Assistant",
    "filled_by_email": "aurelio-secret@example.org",
    "arrival_flight": "ZQ 4711",
    "position": "Keeper of Bridges",
    "organisation": "City of Quux",
}
MOST_PAGES = 60


@pytest.fixture
def somebody(db_session):
    """One registration that says everything, with a passport, beside one that says nothing."""
    of = edition(are_participants_shown=True, are_numbers_shown=True)
    beside = {"filled_by_name": SAID["filled_by_name"], "filled_by_email": SAID["filled_by_email"]}
    own = {name: text for name, text in SAID.items() if name not in beside}
    given = answers(of, given_name="Zebedea", family_name="Quuxfield", gender=Gender.WOMAN, is_shown=True, **own)
    one = service.register(of, given, at=AT, by=DELEGATE, consented_at=AT, **beside)
    service.approve(one, at=AT, by=REGISTRAR)
    one.photograph = Photograph(created_at=AT, **stored.values_of(b"x", name="p.jpg", media_type="image/jpeg"))
    db_session.add(Passport(registration_id=one.id, sealed=sealed.seal({"number": "PZ1234567"}), updated_at=AT))
    service.register(of, answers(of, family_name="Other", email="other@example.org"), at=AT, by=DELEGATE)
    db_session.commit()
    return one


def pages_of(client, start: str) -> dict[str, str]:
    """The text of every page that can be reached by links, by address; downloads count as well."""
    to_visit, seen = [start], {}
    while to_visit and len(seen) < MOST_PAGES:
        path = to_visit.pop(0)
        if path in seen:
            continue
        answer = client.get(path)
        seen[path] = answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""
        if answer.mimetype == "text/html" and answer.status_code == 200:
            found = {urlsplit(link).path for link in client.page.links if link.startswith("/organise/2020")}
            to_visit += sorted(found - set(seen))
    return seen


def allowed_to(role: Role) -> frozenset[str]:
    if may(role, Permission.EDIT_REGISTRATIONS):
        return columns_seen_by("registration", Audience.SECRETARIAT, Audience.STAFF)
    return columns_seen_by("registration", Audience.STAFF) if may(role, Permission.SEE_REGISTRATIONS) else frozenset()


# A control that offers every answer tells nothing, unless one of them is chosen.
TELLS_GENDER = re.compile(
    r'(value="woman"[^>]*(selected|checked)|>\s*[Ww]oman\s*<|,woman,|\bwoman\b\s*$)', re.MULTILINE
)
PRINTED = {"position", "organisation"}
"""On the badge, which protocol prints."""


@pytest.mark.parametrize("role", list(Role))
def test_no_page_shows_more_than_the_table_grants(as_role, somebody, role):
    pages = pages_of(as_role(role.value), "/organise/2020/")
    granted = allowed_to(role) | (PRINTED if may(role, Permission.PRINT) else set())

    shown = {
        (name, path) for path, text in pages.items() for name, words in SAID.items() if words in text
    }  # fmt: skip
    assert {pair for pair in shown if pair[0] not in granted} == set()
    assert not [
        path for path, text in pages.items() if "PZ1234567" in text and role not in (Role.ADMINISTRATOR, Role.REGISTRAR)
    ]
    assert len(pages) > 1
    about = {path: text for path, text in pages.items() if "Quuxfield" in text}
    assert {path for path, text in about.items() if TELLS_GENDER.search(text)} == set()


def test_the_pages_that_were_looked_at_show_what_is_granted(as_role, somebody):
    """Otherwise the test above would pass over empty pages."""
    pages = pages_of(as_role("registrar"), "/organise/2020/")

    shown = {name for name, words in SAID.items() if any(words in text for text in pages.values())}
    assert shown == set(SAID)
    desk = pages_of(as_role("desk"), "/organise/2020/")
    assert any("Zebedea" in text for text in desk.values())


def test_the_public_pages_show_neither_addresses_nor_answers(client, somebody):
    for path in ("/2020/", "/2020/participants", "/2020/numbers", "/2020/agenda", "/2020/privacy"):
        text = client.get(path).get_data(as_text=True)
        hidden = {name: words for name, words in SAID.items() if name not in ("position", "organisation")}
        assert [name for name, words in hidden.items() if words in text] == [], path

"""What stands in braces, and who reads which language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.core.i18n import Translated
from retreat.registration.messages import texts
from retreat.registration.messages.texts import Fallback, filled, languages_of, parts, unknown_placeholder

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dear {name}, {code}", None),
        ("Dear {nmae},", "{nmae}"),
        ("{Name}", "{Name}"),
        ("{ name }", "{ name }"),
        ("{}", "{}"),
        ("{0} {name}", "{0}"),
        ("a { b\n} c", None),
        ("{{name}}", None),
        ("", None),
    ],
)
def test_what_nobody_can_fill_in_is_found(text, found):
    assert unknown_placeholder(text) == found


def test_braces_in_a_name_are_that_persons_own():
    assert filled("{name} of {city}", {"name": "{code} {link}", "city": "Osh", "code": "X"}) == "{code} {link} of Osh"
    assert parts("Dear {name}: {link}.", {"name": "{link}"}) == ["Dear {link}: ", "."]


@given(st.text(), st.text())
def test_filling_in_never_fails_and_never_loses_a_text_without_braces(text, name):
    filled(text, {"name": name})
    plain = text.replace("{", "").replace("}", "")
    assert filled(plain, {"name": name}) == plain


def test_who_reads_a_language_that_is_missing_gets_the_main_one_then_english_then_any():
    body = Translated(fr="Bonjour", en="Hello")
    found = languages_of(["es"] * 12 + ["fr"] * 3 + ["en"], body, "fr")
    assert (found.counts, found.fallbacks) == ({"en": 1, "fr": 15}, (Fallback("es", "fr", 12),))
    assert languages_of(["es"], body, "ru").counts == {"en": 1}
    assert languages_of(["es"], Translated(ru="Здравствуйте"), "fr").counts == {"ru": 1}
    assert languages_of(["es"], Translated(), "fr").counts == {}


@given(st.lists(st.sampled_from(["en", "fr", "es", "ru", "tr"])), st.sets(st.sampled_from(["en", "fr", "es", "ru"])))
def test_everybody_gets_exactly_one_language_that_has_a_text(readers, written):
    body = Translated(dict.fromkeys(written, "x"))
    found = languages_of(readers, body, "fr")
    assert sum(found.counts.values()) == (len(readers) if written else 0)
    assert set(found.counts) <= written
    assert sum(one.people for one in found.fallbacks) == sum(code not in written for code in readers) * bool(written)


def test_a_text_needs_its_subject_and_a_subject_alone_is_mentioned():
    assert texts.problems(Translated(en="x"), Translated()) == [
        "There is no text yet: write it in at least one language."
    ]
    assert texts.problems(Translated(en="x"), Translated(en="y", fr="z")) == ["Français has a text but no subject."]
    assert texts.problems(Translated(en="x", ru="u"), Translated(en="y")) == []
    assert texts.warnings(Translated(en="x", ru="u"), Translated(en="y")) == [
        "Русский has a subject but no text: nobody gets it."
    ]

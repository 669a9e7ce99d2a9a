"""What people type, made fit to keep."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retreat.registration import answers
from retreat.registration.answers import badge_lines, cleaned


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  María  de los Ángeles ", "María de los Ángeles"),
        ("I\u0307nan", "İnan"),
        ("İNAN", "İNAN"),
        ("O'Neill", "O'Neill"),
        ("فاطمة", "فاطمة"),
        ("line\r\nbreak\tand\u2028more", "line break and more"),
        ("\u2068Ana\u2069", "Ana"),
        ("\u202aAna\u202c", "Ana"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<b>Ana</b>", "<b>Ana</b>"),
        ("\u200b\u200b", ""),
        ("\u00a0", ""),
    ],
)
def test_order_case_and_script_stay(typed, kept):
    assert cleaned(typed, 100) == (kept, None)


def test_a_control_character_is_taken_out_and_said(app_context):
    text, problem = cleaned("An\x07a", 100)
    assert text == "Ana"
    assert "U+0007" in str(problem)


def test_a_bidi_override_is_taken_out_and_said(app_context):
    text, problem = cleaned("Ana\u202egnp.exe", 100)
    assert text == "Anagnp.exe"
    assert "turns text around (U+202E)" in str(problem)


def test_what_is_too_long_is_kept_to_be_shortened(app_context):
    text, problem = cleaned("a" * 101, 100)
    assert text == "a" * 101
    assert str(problem) == "Shorten this to 100 characters; it has 101."


def test_paragraphs_keep_their_lines():
    assert cleaned("no pork \r\n\r\n no  nuts ", 100, several_lines=True) == ("no pork\n\nno nuts", None)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_typed_comes_out_clean_and_the_same_the_second_time(typed):
    once = cleaned(typed, 1000).text
    assert cleaned(once, 1000) == (once, None)
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in once)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Ana@City.ORG", "ana@city.org"),
        ("ana@example.org", "ana@example.org"),
        ("ana@пример.рф", "ana@пример.рф"),
        ("ana@", None),
        ("ana@city", None),
        ("ana", None),
        ("a b@city.org", None),
        ("ana@city.org\nBcc: all@city.org", None),
    ],
)
def test_addresses_are_found_without_a_name_server(typed, address):
    assert answers.email(typed) == address


def test_the_same_person_is_known_in_any_case_and_without_accents():
    one = {"given_name": "İbrahim", "family_name": "Çelik"}
    other = {"given_name": "ibrahim", "family_name": "CELIK"}
    assert answers.name_key(one) == answers.name_key(other)


def test_the_badge_puts_the_own_script_first():
    assert badge_lines("Bakyt Asanov", "Asanov", "Бакыт Асанов", "ky") == ("", "Бакыт Асанов", "Bakyt Asanov", "ky")
    assert badge_lines("Ana Fernández", "Fernández", "", "") == ("Ana", "Fernández", "", "")
    assert badge_lines("Wulandari", "", "", "") == ("", "Wulandari", "", "")

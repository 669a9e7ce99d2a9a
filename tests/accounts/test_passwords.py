"""Which passwords are accepted, and what is kept of them."""

import pytest

from retreat.accounts import passwords
from retreat.accounts.passwords import WeakPassword

EMAIL = "amina.bennani@example.org"


@pytest.mark.parametrize(
    "weak",
    ["", "short", "11 letters!", "aaaaaaaaaaaaaaaa", "amina.bennani@example.org", "AMINA.BENNANI", "x" * 257],
)
def test_a_weak_password_is_refused(weak):
    with pytest.raises(WeakPassword):
        passwords.check(weak, email=EMAIL)


@pytest.mark.parametrize("strong", ["correct horse battery", "пароль из слов", "كلمة مرور طويلة", "a" * 128 + "bcd"])
def test_a_long_password_in_any_script_is_accepted(strong):
    passwords.check(strong, email=EMAIL)


def test_a_hash_is_argon2id_with_a_salt_of_its_own():
    one, other = passwords.hashed("correct horse battery"), passwords.hashed("correct horse battery")

    assert one.startswith("$argon2id$")
    assert one != other


def test_only_the_password_itself_fits_its_hash():
    kept = passwords.hashed("correct horse battery")

    assert passwords.verify("correct horse battery", kept)
    assert not passwords.verify("correct horse Battery", kept)
    assert not passwords.verify("", kept)


def test_without_a_hash_nothing_fits():
    assert not passwords.verify("correct horse battery", None)


def test_what_is_no_hash_lets_nobody_in():
    assert not passwords.verify("correct horse battery", "plain text")


def test_a_letter_typed_as_two_characters_is_the_same_letter():
    kept = passwords.hashed("d\u00e9l\u00e9gation de Tanger")

    assert passwords.verify("de\u0301le\u0301gation de Tanger", kept)


def test_a_hash_of_weaker_settings_wants_to_be_made_again():
    from argon2 import PasswordHasher

    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192).hash("correct horse battery"))
    assert not passwords.needs_rehash(passwords.hashed("correct horse battery"))


def test_generated_passwords_are_good_and_never_the_same():
    made = {passwords.generated() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        passwords.check(password, email=EMAIL)

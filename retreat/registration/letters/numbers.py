"""The number of a letter: consecutive, with an end that nobody can guess, and read however it is typed. Pure.

made(2020, 7, "K7QX") → UCLG-2020-0007-K7QX        as_kept("uclg 2020 0007 k7qx") → the same
"""

import re
import secrets
import unicodedata

from retreat.core.names import search_key

# No 0/O, 1/I/L: a consulate may have to type it from paper.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CHECK_LENGTH = 4
_PARTS = re.compile(rf"UCLG(\d{{4}})(\d{{4,}})([{_ALPHABET}]{{{_CHECK_LENGTH}}})", re.ASCII)
_LONGEST = 64
# What stands for Ä, Ö, Ü, Æ, Ø, Œ and for Å in the machine-readable lines of a passport (ICAO 9303-3, section 6).
_WITH_E = re.compile(r"([aou])e+")
_LONG_A = re.compile(r"a{2,}")
_MARKED = re.compile(r"([nu])xx")
_FURTHER = str.maketrans({"ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k"})


def new_check() -> str:
    """Of 923,521 possible ends one: numbers cannot be walked."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CHECK_LENGTH))


def made(year: int, number: int, check: str) -> str:
    return f"UCLG-{year}-{number:04d}-{check}"


def as_kept(typed: str) -> str | None:
    """The number as it is kept, whatever its case, blanks and dashes; None for what cannot be one."""
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST]).upper()
    found = _PARTS.fullmatch("".join(letter for letter in folded if letter.isalnum()))
    return "UCLG-{}-{}-{}".format(*found.groups()) if found else None


def name_key(name: str) -> str:
    """A family name without case, accents, blanks and signs: Ben-Ali, BEN ALI and Bénali meet.

    So do Müller, MUELLER and MULLER: passports print the one and code the other. So do Gothe and Goethe, whom nobody
    confuses who holds the letter of one of them.
    """
    letters = "".join(letter for letter in search_key(name[:200]).translate(_FURTHER) if letter.isalnum())
    return _LONG_A.sub("a", _WITH_E.sub(r"\1", _MARKED.sub(r"\1", letters)))

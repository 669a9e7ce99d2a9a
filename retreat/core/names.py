"""Text made comparable: slugs for addresses, keys for finding a name in any spelling."""

import re
import unicodedata
from collections.abc import Collection

# Letters that Unicode does not decompose, yet people type without.
_PLAIN = str.maketrans(
    {"ı": "i", "İ": "i", "ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "œ": "oe", "’": "'"}
)


def search_key(text: str) -> str:
    """Case-folded, without accents, blanks made single: İbrahim and ibrahim meet."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())


def initials(name: str) -> str:
    """Of the first and the last word: EB, or E alone; "?" where there is no letter."""
    letters = [word[0] for word in name.replace(".", " ").split() if word[0].isalpha()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"


def slug(text: str, fallback: str) -> str:
    """Lower-case ASCII letters, digits and hyphens, at most 50; `fallback` for a name in another script."""
    ascii_only = search_key(text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:50].strip("-") or fallback


def free_slug(text: str, fallback: str, taken: Collection[str]) -> str:
    """The slug of `text`, numbered when another thing has it."""
    base = slug(text, fallback)
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    return candidate

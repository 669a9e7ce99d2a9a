"""Languages: which are spoken here, and text that exists in several of them."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

LANGUAGES: dict[str, str] = {"en": "English", "fr": "Français", "es": "Español", "ru": "Русский"}
"""Interface languages by code, each with its own name: UCLG's three, and the Eurasia Section's."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@cache
def catalogues() -> str:
    """A digest of what the interface says in every language, the same in every process that says it."""
    files = sorted((Path(__file__).parent.parent / "translations").rglob("*.mo"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def direction(language: str) -> str:
    return "rtl" if language.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT else "ltr"


class Rendering(NamedTuple):
    """A text and the language it is in, which may not be the one asked for."""

    text: str
    language: str


class Translated(Mapping[str, str]):
    """Text in several languages: immutable, NFC, without blank entries, in sorted order."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str | None] | None = None, **languages: str | None) -> None:
        given = {**(texts or {}), **languages}
        kept = {code: unicodedata.normalize("NFC", text.strip()) for code, text in given.items() if text}
        self._texts: dict[str, str] = {code: kept[code] for code in sorted(kept) if kept[code]}

    def __getitem__(self, language: str) -> str:
        return self._texts[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(tuple(self._texts.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Translated) and self._texts == other._texts

    def __repr__(self) -> str:
        return f"Translated({self._texts!r})"

    def __str__(self) -> str:
        return self.text("en")

    def best(self, asked: str, main: str = "en") -> Rendering:
        """Asked language, else the edition's main one, else English, else any; empty when there is none."""
        for language in (asked, main, "en", *self._texts):
            if language in self._texts:
                return Rendering(self._texts[language], language)
        return Rendering("", asked)

    def text(self, asked: str, main: str = "en") -> str:
        return self.best(asked, main).text

    def with_text(self, language: str, text: str | None) -> "Translated":
        """The same with one language replaced; None or blank removes it."""
        return Translated({**self._texts, language: text})

    def to_json(self) -> str:
        return json.dumps(self._texts, ensure_ascii=False, sort_keys=True)

    @classmethod
    def of(cls, value: "Mapping[str, Any] | str | None", language: str = "en") -> "Translated":
        """From what forms and files give: a mapping, or one text in `language`."""
        if value is None:
            return cls()
        if isinstance(value, str):
            return cls({language: value})
        return cls(value)

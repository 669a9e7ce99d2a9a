"""The catalogues of translated text.

script/catalogues.py check     every message of the code is translated in each language; nothing is fuzzy or left over
script/catalogues.py update    adds new messages to the catalogues and takes away those that are gone
"""

import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "retreat" / "translations"
LANGUAGES = ("fr", "es", "ru")
"""Every language of the interface but English, which is the language of the source."""

SOURCES: list[tuple[Path, list[tuple[str, str]], dict[str, dict[str, str]]]] = [
    (ROOT / "retreat", [("migrations/**", "ignore"), ("**.py", "python")], {}),
    (ROOT / "templates", [("**", "jinja2")], {"**": {"trimmed": "true", "silent": "false"}}),
]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdrf]")


def in_code() -> Catalog:
    """Every message that the source marks, without places: a moved line is no change of a catalogue."""
    catalogue = Catalog(project="Retreat", fuzzy=False)
    for folder, methods, options in SOURCES:
        found = extract_from_dir(folder, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",))
        for _name, _line, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
            catalogue.add(message, context=context, auto_comments=comments)
    return catalogue


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Retreat", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def texts(value: str | Sequence[str] | None) -> list[str]:
    """One text, or each plural form."""
    return [value] if isinstance(value, str) else list(value or [""])


def placeholders(*written: str) -> set[str]:
    return {name for text in written for name in PLACEHOLDER.findall(text)}


def problems(language: str, source: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, a line each."""
    catalogue = read(language)
    known = {(message.id, message.context) for message in catalogue}
    wanted = {(message.id, message.context) for message in source}
    for message in source:
        if (message.id, message.context) not in known:
            yield f"missing: {message.id!r}"
    for message in catalogue:
        if not message.id:
            continue
        fault = "left over" if (message.id, message.context) not in wanted else fault_of(message, catalogue.num_plurals)
        if fault:
            yield f"{fault}: {message.id!r}"


def fault_of(message: Message, plural_forms: int) -> str | None:
    ids = texts(message.id)
    written = texts(message.string)
    if message.fuzzy:
        return "fuzzy"
    if not all(text.strip() for text in written):
        return "not translated"
    if len(written) != (1 if len(ids) == 1 else plural_forms):
        return f"has not {plural_forms} plural forms"
    if not placeholders(*written) <= placeholders(*ids):
        return "has a placeholder that the source lacks"
    if len(ids) == 1 and placeholders(*ids) != placeholders(*written):
        return "has not the source's placeholders"
    return None


def check() -> int:
    source = in_code()
    found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(language, source)]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{len(source)} messages, {len(found)} problems. " + ("" if found else "All is translated.\n"))
    if found:
        sys.stdout.write("Run script/catalogues.py update, then translate what is new in retreat/translations.\n")
    return 1 if found else 0


def update() -> int:
    source = in_code()
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(source, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = BytesIO()
        write_po(written, catalogue, width=0, no_location=True, sort_output=True, omit_header=False)
        path.write_bytes(stable(written.getvalue()))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(catalogue)} messages\n")
    return 0


def stable(po: bytes) -> bytes:
    """Without the dates of the header: the same messages give the same file."""
    return re.sub(rb'"(POT-Creation-Date|PO-Revision-Date): [^"]*"\n', b"", po)


if __name__ == "__main__":
    commands = {"check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())

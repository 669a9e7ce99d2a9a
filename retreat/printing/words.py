"""The words of printed matter: templates rendered in a language of their own, not in the visitor's.

A print run has its edition's language whoever starts it, in a worker or from the command line; so its templates
get their translations by name and need neither a request nor an application.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from babel import support
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ROOT = Path(__file__).resolve().parents[2]
_CATALOGUES = _ROOT / "retreat" / "translations"
STYLES = _ROOT / "static" / "print"
Gettext = Callable[..., str]


@cache
def gettext(language: str) -> Gettext:
    """The translating function of one language."""
    catalogue = support.Translations.load(_CATALOGUES, [language])

    def translate(message: str, **values: object) -> str:
        found = catalogue.gettext(message)
        return found % values if values else found

    return translate


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_ROOT / "templates" / "print"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    from retreat.printing import typography

    environment.filters["isolated"] = typography.isolated
    environment.filters["script_class"] = lambda text: "arabic " if typography.direction(text) == "rtl" else ""
    environment.filters["size_class"] = size_class
    return environment


def fill(template: str, language: str, **values: Any) -> str:
    """The template below templates/print, filled in, its fixed words in the language."""
    return _environment().get_template(template).render(_=gettext(language), language=language, **values)


def style(name: str) -> str:
    """A style sheet of static/print."""
    return (STYLES / name).read_text(encoding="utf-8")


def size_class(points: float) -> str:
    """The class that sets a font size; `size_rules` writes its rule."""
    return f"s{points * 10:.0f}"


def size_rules(sizes: set[float]) -> str:
    return "".join(f".{size_class(points)}{{font-size:{points:g}pt}}" for points in sorted(sizes))

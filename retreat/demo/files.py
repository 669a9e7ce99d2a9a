"""The demo's own files, beside this module."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


def table(name: str) -> dict[str, Any]:
    """A TOML file of the demo."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def content(name: str) -> bytes:
    """A CSV file of the demo, as an organiser would upload it."""
    return (FOLDER / name).read_bytes()

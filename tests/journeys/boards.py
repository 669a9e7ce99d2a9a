"""Editions with a full shelf and an empty week, for the journeys of the board; and the draft as a file says it."""

import csv
import io
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page

from tests.journeys.conftest import Site

HALLS = (
    *("Grand Hall", "Ibn Battuta", "Cap Spartel", "Kasbah", "Malabata", "City Hall"),
    *("Achakar", "Hercules", "Medina", "Zahra", "Rif", "Library"),
)
DAYS = ("2020-02-24", "2020-02-25", "2020-02-26", "2020-02-27", "2020-02-28")


class Place(NamedTuple):
    day: str
    start: str
    end: str
    hall: str

    @property
    def is_off_the_board(self) -> bool:
        return not self.day


def make(
    site: Site, folder: Path, slug: str, titles: dict[str, str], halls: Sequence[str], *more: Sequence[str]
) -> str:
    """An edition of five days in Tangier whose sessions all lie beside the board; gives the address of its board.

    `more` are further commands, as it is their start that takes long.
    """
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["code", "title", "venue", "hall"])
    # A hall is made by the row that names it.
    for (code, title), hall in zip_longest(titles.items(), halls, fillvalue=""):
        lines.writerow([code, title, "Palace" if hall else "", hall])
    file = folder / f"{slug}.csv"
    file.write_text(text.getvalue(), encoding="utf-8")
    site.run_several(
        (
            *("edition", "create", slug, "--title", f"Board {slug}", "--city", "Tangier", "--country", "Morocco"),
            *("--zone", "Africa/Casablanca", "--from", DAYS[0], "--to", DAYS[-1]),
        ),
        ("import", "agenda", slug, str(file)),
        *more,
    )
    return f"/organise/{slug}/board"


def places(page: Page, slug: str) -> dict[str, Place]:
    """Where every session of the draft stands, as its export says it to whoever is signed in there."""
    answer = page.request.get(f"/organise/{slug}/agenda/draft.json", max_redirects=0)
    assert answer.status == 200
    return {
        row["code"]: Place(row.get("date", ""), row.get("start", ""), row.get("end", ""), row.get("hall", ""))
        for row in answer.json()
    }


def card(page: Page, code: str) -> Locator:
    return page.locator(f"li[data-code='{code}']:not(.in-hand)")

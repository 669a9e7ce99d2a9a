"""The confirmation of a registration on paper: who is registered, as what, and for which dinners and visits. Pure."""

import json
from dataclasses import asdict, dataclass
from hashlib import blake2b

from retreat.printing import ornaments, pdf, typography, words
from retreat.printing.pdf import Pdf

DESIGN = "confirmation-1"
"""Change it with every change of the look: it is a part of the cache's key."""

_TITLE_SIZES = (21.0, 19.0, 17.0, 15.0)
_NAME_SIZES = (22.0, 20.0, 18.0, 16.0, 14.0, 12.0)
_ROOMY = 7
"""More lines are set tightly."""
_LINES = (18, 12, 8, 5, 3)
"""As many as fit on the one sheet are listed; what is more is counted."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A session with a seat, in one language; what is unknown is empty."""

    day: str
    time: str
    title: str
    title_language: str
    place: str


@dataclass(frozen=True, kw_only=True)
class ConfirmationFacts:
    """Everything that the sheet says, cleaned; `status` is a Status's own word."""

    language: str
    event: str
    city: str
    country: str
    dates: str
    code: str
    status: str
    since: str
    honorific: str
    name: str
    native_name: str
    position: str
    organisation: str
    place: str
    category: str
    chosen: tuple[Chosen, ...]
    said_on: str
    contact_email: str
    live_url: str


def content_hash(confirmation: ConfirmationFacts) -> str:
    """The same for the same sheet."""
    said = [DESIGN, pdf.version(), asdict(confirmation)]
    return blake2b(json.dumps(said, ensure_ascii=False, sort_keys=True).encode(), digest_size=20).hexdigest()


def print_confirmation(confirmation: ConfirmationFacts) -> Pdf:
    """One sheet, A4 portrait, PDF/UA-1."""
    for most in _LINES:
        done = _sheet(confirmation, most)
        if done.pages == 1:
            break
    return done


def _sheet(confirmation: ConfirmationFacts, most: int) -> Pdf:
    title = typography.largest_fitting(confirmation.event, _TITLE_SIZES, 140, weight=600, most_lines=1, family="serif")
    name = typography.largest_fitting(
        f"{confirmation.honorific} {confirmation.name}".strip(), _NAME_SIZES, 160, weight=600, most_lines=2
    )
    return pdf.render(
        words.fill(
            "confirmations/confirmation.html",
            confirmation.language,
            confirmation=confirmation,
            chosen=confirmation.chosen[:most],
            left_out=max(0, len(confirmation.chosen) - most),
            is_tight=len(confirmation.chosen) > _ROOMY,
            title_size=title,
            name_size=name,
        ),
        stylesheets=(words.style("confirmation.css"), words.size_rules({title, name})),
        resources={"mark.svg": ornaments.mark(), "live.svg": ornaments.code(confirmation.live_url)},
        ua=True,
    )

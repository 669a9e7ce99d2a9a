"""What can be set for all sessions that are ticked in the list, each under a key that the form sends."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from retreat.agenda import labels
from retreat.agenda.models import AgendaSession, Kind, SessionStatus, Track
from retreat.core import dates
from retreat.editions.models import Edition


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    label: str
    field: str
    value_of: Callable[[AgendaSession], Any]


def offered(edition: Edition, tracks: Iterable[Track], language: str) -> dict[str, list[Choice]]:
    """By the heading that they stand under."""
    main = edition.main_language
    to_come = _("to be confirmed")
    return {
        _("Status"): [_fixed("status", one.value, str(labels.STATUS[one]), one) for one in SessionStatus],
        _("Lock"): [
            _fixed("is_locked", "yes", _("Lock time and hall"), True),
            _fixed("is_locked", "no", _("Unlock"), False),
        ],
        _("Public programme"): [
            _fixed("is_listed", "yes", _("List it"), True),
            _fixed("is_listed", "no", _("Do not list it"), False),
        ],
        _("Hall"): [
            _fixed("hall", "none", to_come, None),
            *(_fixed("hall", str(hall.id), hall.name.text(language, main), hall) for hall in edition.halls),
        ],
        _("Track"): [
            _fixed("track", "none", _("No track"), None),
            *(_fixed("track", str(track.id), track.name.text(language, main), track) for track in tracks),
        ],
        _("Kind"): [_fixed("kind", one.value, str(labels.KINDS[one]), one) for one in Kind],
        _("Interpretation"): [
            *(
                _more(code, _("Add %(language)s", language=dates.language_name(code, language)))
                for code in labels.INTERPRETED
            ),
            _fixed("languages", "none", _("No interpretation"), []),
        ],
    }


def chosen(groups: dict[str, list[Choice]], key: str) -> Choice | None:
    return next((one for some in groups.values() for one in some if one.key == key), None)


def _fixed(field: str, word: str, label: str, value: Any) -> Choice:
    return Choice(f"{field}:{word}", label, field, lambda _session: value)


def _more(code: str, label: str) -> Choice:
    return Choice(f"languages:{code}", label, "languages", lambda session: _with(session.languages, code))


def _with(languages: list[str], code: str) -> list[str]:
    return languages if code in languages else [*languages, code]

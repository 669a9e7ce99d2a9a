"""The draft as a file that `imports` reads back: CSV for people, JSON and XLSX where nothing may be lost."""

from retreat.agenda import rows
from retreat.agenda.models import AgendaSession, PartRole
from retreat.agenda.points import points_of
from retreat.agenda.service import draft_sessions
from retreat.core import sheets
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions.models import Edition


def export_agenda(edition: Edition, kind: str) -> bytes:
    """The draft as "csv", "xlsx" or "json", in order of time: the same bytes for the same draft, or cells for XLSX."""
    columns = rows.COLUMNS if kind == "csv" else columns_of(edition)
    return sheets.write(kind, columns, [row(session) for session in draft_sessions(edition)])


def columns_of(edition: Edition) -> tuple[str, ...]:
    """The common columns and, at the end, those without which a text would be lost."""
    main = edition.main_language
    return (*rows.COLUMNS, *(name for name in rows.EXTRA_COLUMNS if not name.endswith(f"_{main}")))


def row(session: AgendaSession) -> dict[str, str]:
    """One session as cells, with every column there is."""
    return {
        "code": session.code,
        "part_of": session.parent.code if session.parent else "",
        "date": rows.date_cell(session.date),
        "start": rows.time_cell(session.starts),
        "end": rows.time_cell(session.ends),
        "zone": session.zone_override or "",
        "kind": session.kind.value,
        "track": _name(session, session.track),
        "venue": _name(session, session.venue),
        "hall": _name(session, session.hall),
        "languages": sheets.join_list(session.languages),
        "access": rows.access_cell(rows.Admission(session.access, _name(session, session.access_body))),
        "listed": rows.boolean_cell(session.is_listed),
        "chair": _people(session, PartRole.CHAIR),
        "moderators": _people(session, PartRole.MODERATOR),
        "speakers": _people(session, PartRole.SPEAKER),
        "body": _name(session, session.body),
        "capacity": "" if session.capacity is None else str(session.capacity),
        "status": session.status.value,
        "link": session.link,
        "registration_link": session.registration_link,
        "tags": sheets.join_list(session.tags),
        "locked": rows.boolean_cell(session.is_locked),
        "sign_up": "" if session.takes_sign_up is None else rows.boolean_cell(session.takes_sign_up),
        "expected": "" if session.expected is None else str(session.expected),
        "points": rows.points_cell(points_of(session.points)),
        "venue_zone": session.venue.zone if session.venue else "",
        **_texts(session, "title", session.title),
        **_texts(session, "description", session.description),
        **_texts(session, "note", session.note),
    }


def _name(session: AgendaSession, named: object) -> str:
    """In the edition's main language: an import finds a thing by any of its names."""
    main = session.edition.main_language
    name = getattr(named, "name", None)
    return name.text(main, main) if isinstance(name, Translated) else ""


def _texts(session: AgendaSession, name: str, text: Translated) -> dict[str, str]:
    main = session.edition.main_language
    cells = {f"{name}_{language}": text.get(language, "") for language in LANGUAGES if language != main}
    return {name: text.get(main, ""), f"{name}_{main}": "", **cells}


def _people(session: AgendaSession, role: PartRole) -> str:
    return rows.people_cell(
        rows.Appearance(part.printed_name, part.office, part.organisation, part.state)
        for part in session.parts
        if part.role == role
    )

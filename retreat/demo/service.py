"""The demo edition, put in through the doors that organisers use: files are imported, the agenda is published.

Either everything is there already, and stays as organisers left it, or everything is loaded in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from retreat.agenda.imports import COLUMNS as AGENDA_COLUMNS
from retreat.agenda.imports import import_agenda
from retreat.agenda.models import AgendaSession, SessionStatus, Track
from retreat.agenda.publishing import last_revision, publish
from retreat.agenda.service import cancel_session, session_by_code, update_session
from retreat.ceremony import service as ceremony
from retreat.ceremony.models import Award
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.sheets import Sheet, read
from retreat.demo import files
from retreat.editions.models import Category, Day, Edition, Hall, Venue
from retreat.network import service as network
from retreat.network.models import BodyKind, OrganisationKind, Person
from retreat.registration.delegations import service as delegations
from retreat.registration.delegations.models import DelegationRole
from retreat.registration.imports import import_registrations
from retreat.registration.models import Registration
from retreat.registration.rows import READ as REGISTRATION_COLUMNS

SLUG = "2020"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demo edition holds now, and whether it was this call that put it there."""

    is_new: bool
    registrations: int
    sessions: int
    awards: int
    revision: int


def load(*, at: datetime, by: Actor) -> Loaded:
    """The demo edition 2020. An edition of that address is left alone, whatever was made of it since."""
    edition = db.session.scalar(select(Edition).where(Edition.slug == SLUG))
    is_new = edition is None
    if edition is None:
        edition = _load_edition(at, by)
        _load_network(at, by)
        _load_people(edition, at, by)
        _load_agenda(edition, at, by)
    return _counted(edition, is_new=is_new)


def _counted(edition: Edition, *, is_new: bool) -> Loaded:
    def count(query: Any) -> int:
        return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0

    last = last_revision(edition)
    return Loaded(
        is_new=is_new,
        registrations=count(select(Registration.id).where(Registration.edition_id == edition.id)),
        sessions=count(select(AgendaSession.id).where(AgendaSession.edition_id == edition.id)),
        awards=count(select(Award.id).join(AgendaSession).where(AgendaSession.edition_id == edition.id)),
        revision=last.number if last else 0,
    )


# The edition and its frame -----------------------------------------------------------------------------------------


def _load_edition(at: datetime, by: Actor) -> Edition:
    """With addresses of its own choosing (`/2020/calendar/hall/grand-hall.ics`), and none of the usual defaults."""
    table = files.table("edition.toml")
    edition = Edition(**_row(table["edition"]), uid=str(uuid4()), created_at=at)
    edition.days = [Day(**_row(day)) for day in table["days"]]
    edition.categories = [Category(**_row(one), position=n) for n, one in enumerate(table["categories"], 1)]
    for number, values in enumerate(table["venues"], 1):
        halls = values.pop("halls")
        venue = Venue(**_row(values), position=number)
        edition.venues.append(venue)
        for hall in halls:
            edition.halls.append(Hall(**_row(hall), venue=venue, position=len(edition.halls) + 1))
    db.session.add(edition)
    db.session.flush()
    db.session.add_all(
        Track(**_row(track), edition_id=edition.id, position=n) for n, track in enumerate(table["tracks"], 1)
    )
    db.session.flush()
    audit.record("edition.created", edition, at=at, by=by, edition_id=edition.id, slug=edition.slug)
    return edition


def _row(values: dict[str, Any]) -> dict[str, Any]:
    """A TOML table as a model takes it: a table of languages is a text in several languages."""
    return {name: Translated(value) if isinstance(value, dict) else value for name, value in values.items()}


# Who takes part ----------------------------------------------------------------------------------------------------


def _load_network(at: datetime, by: Actor) -> None:
    known = network.bodies()
    for values in files.table("edition.toml")["bodies"]:
        if network.body_named(values["slug"], known) is None:
            _add_body(values, at, by)
    network.import_organisations(_sheet("organisations.csv", network.ORGANISATION_COLUMNS), at=at, by=by)


def _add_body(values: dict[str, Any], at: datetime, by: Actor) -> None:
    body = network.add_body(Translated(values["name"]), BodyKind(values["kind"]), at=at, by=by)
    body.slug = values["slug"]
    db.session.flush()


def _load_people(edition: Edition, at: datetime, by: Actor) -> None:
    """Registrations first: seats and parts are then given to the people who are registered."""
    for name in ("registrations.csv", "samples.csv"):
        sheet = _sheet(name, REGISTRATION_COLUMNS)
        import_registrations(edition, sheet, at=at, by=by, is_sample=name == "samples.csv")
    network.import_seats(_sheet("seats.csv", network.SEAT_COLUMNS), at=at, by=by)
    _load_delegations(edition, at, by)


def _load_delegations(edition: Edition, at: datetime, by: Actor) -> None:
    table = files.table("delegations.toml")
    numbers = {OrganisationKind(kind): (most[0], most[1]) for kind, most in table["quotas"].items()}
    delegations.set_quotas(edition, numbers, at=at, by=by)
    for values in table["delegations"]:
        people = values.pop("people")
        organisation = delegations.organisation_for(values.pop("organisation"), kind=None, at=at, by=by)
        delegation = delegations.make(edition, organisation, **values, at=at, by=by)
        for email, role in people.items():
            one = db.session.scalars(
                select(Registration).where(Registration.edition_id == edition.id, Registration.email == email)
            ).one()
            delegations.place(one, delegation, DelegationRole(role), at=at, by=by)


# The week ----------------------------------------------------------------------------------------------------------


def _load_agenda(edition: Edition, at: datetime, by: Actor) -> None:
    """Published twice: what is cancelled in the file was still on in the first revision, as it is in life."""
    imported = import_agenda(edition, _sheet("agenda.csv", AGENDA_COLUMNS), at=at, by=by)
    edition.last_session_number = imported.created
    cancelled = list(
        db.session.scalars(
            select(AgendaSession)
            .where(AgendaSession.edition_id == edition.id, AgendaSession.status == SessionStatus.CANCELLED)
            .order_by(AgendaSession.code)
        )
    )
    for session in cancelled:
        update_session(session, {"status": SessionStatus.CONFIRMED}, at=at, by=by)
    publish(edition, at=at, by=by, note=_note("first"))
    for session in cancelled:
        cancel_session(session, at=at, by=by)
    publish(edition, at=at, by=by, note=_note("cancelled"))
    _load_ceremony(edition, at, by)


def _note(name: str) -> Translated:
    return Translated(files.table("edition.toml")["revision_notes"][name])


def _load_ceremony(edition: Edition, at: datetime, by: Actor) -> None:
    """The ceremony is long over: each result counts as announced when its step of the running order began."""
    table = files.table("ceremony.toml")
    session = session_by_code(edition, table["session"])
    awards = {values.pop("slug"): _add_award(session, values, at, by) for values in table["awards"]}
    step_starts = session.start_utc
    for values in table["running_order"]:
        award = awards[values["award"]] if "award" in values else None
        ceremony.save_step(
            session,
            None,
            title=Translated(values["title"]),
            minutes=values["minutes"],
            people=Translated(values.get("people")),
            note=Translated(),
            award_id=award.id if award else None,
            at=at,
            by=by,
        )
        if award and step_starts:
            award.announced_at = step_starts
        step_starts = step_starts and step_starts + timedelta(minutes=values["minutes"])
    db.session.flush()


def _add_award(session: AgendaSession, values: dict[str, Any], at: datetime, by: Actor) -> Award:
    """People are named by their address in registrations.csv; nobody means that it is to be confirmed."""
    row = _row(values)
    row["winner"] = network.organisation_named(row["winner"])
    for role in ("recipient", "presenter"):
        if email := row.pop(role, None):
            person = db.session.scalars(select(Person).where(Person.email == email)).one()
            row[role], row[f"{role}_name"] = person, person.printed_name
    empty = {name: Translated() for name in ("recipient_position", "presenter_position")}
    return ceremony.save_award(session, None, empty | row, at=at, by=by)


def _sheet(name: str, columns: tuple[str, ...]) -> Sheet:
    return read(name, files.content(name), columns=columns)

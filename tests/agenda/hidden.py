"""A week that holds something of each kind that not everybody may know of, for tests that go and look for it.

Whatever belongs to such a session alone (its hall, track, body, person, words) has a marker in its name: a page that shows
the marker has given it away.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from retreat.agenda import frame, places
from retreat.agenda.models import Access, AgendaSession, Audience, Kind, PartRole, PointKind
from retreat.agenda.points import Point
from retreat.agenda.service import update_session
from retreat.agenda.values import Appearance
from retreat.calendars import service as calendars
from retreat.calendars.service import PersonOwner
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network.models import Body, Seat
from retreat.registration import links, service
from retreat.registration.models import Registration
from tests.agenda import week
from tests.agenda.papers.test_service import hung
from tests.agenda.week import AT, NADIA, TUESDAY
from tests.registration.making import DELEGATE, answers
from tests.registration.making import edition as an_edition

SECRET_DAY = date(2020, 3, 2)
"""After the edition: only unlisted sessions are on it, so it is no day of the public agenda."""
COMMON = "quorum"
"""In the description of every session, hidden or not."""

# What everybody may know, and may not: the marker of each kind of session.
OPEN = "Aardvark"  # unlisted, open: known people who may attend
BODY = "Binturong"  # unlisted, of a body: its members
INVITED = "Capybara"  # unlisted, by invitation: who is invited
DRAFT = "Dugong"  # never published
GONE = "Echidna"  # listed in the first revision, unlisted since
CHANGE = "Fossa"  # what the draft says of a published session since
BODY_LINK = "Gharial"  # the link of a listed session of a body
INVITED_LINK = "Hoatzin"  # the link of a listed session by invitation
CHILD = "Ibex"  # an unlisted part of a listed session
MARKERS = (OPEN, BODY, INVITED, DRAFT, GONE, CHANGE, BODY_LINK, INVITED_LINK, CHILD)
SEEN_BEFORE = frozenset({GONE})
"""What changed since says its title again: everybody has read it."""


@dataclass(frozen=True)
class Hidden:
    edition: Edition
    sessions: dict[str, AgendaSession]
    shown: tuple[AgendaSession, ...]
    urls: dict[str, str]
    """The own page of a delegate, a member of the body and a guest."""
    feeds: dict[str, str]


def arrange() -> Hidden:
    edition = an_edition()
    council = _body("Executive Bureau")
    people = {name: _somebody(edition, name) for name in ("Delegate", "Member", "Guest")}
    db.session.add(Seat(person_id=people["Member"].person_id, body_id=council.id))
    shown = week.session(edition, "Local Finance", description=_words("Everybody"), hall=_hall(edition, "Grand Hall"))
    listed = {
        BODY_LINK: _listed(edition, BODY_LINK, "Bureau meeting", access=Access.BODY, access_body=council, body=council),
        INVITED_LINK: _listed(edition, INVITED_LINK, "Round table", access=Access.INVITED),
    }
    changed = week.session(edition, "Equality", description=_words("Equal"), starts=time(16), ends=time(17))
    secret = {
        OPEN: _secret(edition, OPEN, kind=Kind.SOCIAL),
        BODY: _secret(edition, BODY, access=Access.BODY, access_body=council, body=_body(f"{BODY} body")),
        INVITED: _secret(edition, INVITED, access=Access.INVITED, body=_body(f"{INVITED} body")),
        CHILD: _secret(edition, CHILD, parent=shown, access=Access.INVITED),
        GONE: _secret(edition, GONE, is_listed=True, access=Access.INVITED),
    }
    week.session(edition, f"{INVITED} on a day of its own", date=SECRET_DAY, is_listed=False, access=Access.INVITED)
    for session in (secret[INVITED], listed[INVITED_LINK], secret[CHILD], secret[GONE]):
        places.invite(session, people["Guest"], at=AT, by=NADIA)
    week.publish(edition)
    update_session(secret[GONE], {"is_listed": False}, at=AT, by=NADIA)
    week.publish(edition)
    _change(edition, changed)
    secret[DRAFT] = _secret(edition, DRAFT, is_listed=True)
    urls = {name: f"/2020/registration/{links.new_link(one, at=AT)}" for name, one in people.items()}
    feeds = {
        name: f"/calendar/{calendars.subscribe(PersonOwner(one.person_id), edition.id, 'Phone', at=AT).token}.ics"
        for name, one in people.items()
    }
    db.session.commit()
    return Hidden(edition, {**secret, **listed, CHANGE: changed}, (shown, changed, *listed.values()), urls, feeds)


def _secret(edition: Edition, marker: str, **values: Any) -> AgendaSession:
    given = {
        "is_listed": False,
        "code": f"{marker}-1",
        "description": _words(marker),
        "hall": _hall(edition, f"{marker} Hall"),
        "track": frame.add_track(edition, Translated(en=f"{marker} Track"), at=AT, by=NADIA),
        "parts": [Appearance(PartRole.SPEAKER, f"{marker} Speaker")],
        "points": [Point(Translated(en=f"{marker} budget"), PointKind.ADOPTION)],
        "languages": ["ka"],
        "link": f"https://example.org/{marker}",
        "starts": time(11),
        "ends": time(12),
        **values,
    }
    made = week.session(edition, f"{marker} talk", **given)
    hung(made, f"{marker} paper", Audience.EVERYBODY)
    return made


def _listed(edition: Edition, marker: str, title: str, **values: Any) -> AgendaSession:
    return week.session(
        edition, title, link=f"https://example.org/{marker}", description=_words(title), date=TUESDAY, **values
    )


def _change(edition: Edition, session: AgendaSession) -> None:
    changes: dict[str, Any] = {
        "title": Translated(en=f"{CHANGE} title"),
        "description": _words(CHANGE),
        "hall": _hall(edition, f"{CHANGE} Hall"),
        "starts": time(6, 35),
        "ends": time(7, 35),
        "parts": [Appearance(PartRole.SPEAKER, f"{CHANGE} Speaker")],
        "points": [Point(Translated(en=f"{CHANGE} budget"))],
        "link": f"https://example.org/{CHANGE}",
    }
    update_session(session, changes, at=AT, by=NADIA)  # type: ignore[arg-type]


def _words(marker: str) -> Translated:
    return Translated(en=f"{marker}: we need a {COMMON}.")


def _hall(edition: Edition, name: str) -> Any:
    return editions.add_hall(edition, Translated(en=name), at=AT, by=NADIA)


def _body(name: str) -> Body:
    body = Body(name=Translated(en=name), slug=name.lower().replace(" ", "-"))
    db.session.add(body)
    db.session.flush()
    return body


def _somebody(edition: Edition, name: str) -> Registration:
    given = answers(edition, given_name=name, email=f"{name.lower()}@example.org")
    return service.register(edition, given, at=AT, by=DELEGATE, is_approved=True)

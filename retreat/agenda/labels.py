"""What the agenda's states are called, for pages, forms and print. Lazy: each page says them in its own language."""

from flask_babel import lazy_gettext as _l

from retreat.agenda.clashes import ClashKind
from retreat.agenda.diff import ChangeKind
from retreat.agenda.models import Access, Audience, Kind, PartRole, PartState, PlaceState, PointKind, SessionStatus

KINDS = {
    Kind.PLENARY: _l("Plenary"),
    Kind.PRESIDENCY: _l("Presidency"),
    Kind.STATUTORY: _l("Statutory meeting"),
    Kind.COMMITTEE: _l("Committee"),
    Kind.CAMPUS: _l("Campus"),
    Kind.WORKSHOP: _l("Workshop"),
    Kind.PANEL: _l("Panel"),
    Kind.CEREMONY: _l("Ceremony"),
    Kind.SIDE_EVENT: _l("Side event"),
    Kind.SOCIAL: _l("Social event"),
    Kind.VISIT: _l("Visit"),
    Kind.BREAK: _l("Break"),
    Kind.TRAVEL: _l("Travel"),
    Kind.OTHER: _l("Other"),
}

ACCESS = {
    Access.OPEN: _l("Open to all participants"),
    Access.SECTION: _l("Members of the Section"),
    Access.MEMBER: _l("Members of UCLG"),
    Access.BODY: _l("Members of a body"),
    Access.INVITED: _l("By invitation"),
}

STATUS = {
    SessionStatus.CONFIRMED: _l("Confirmed"),
    SessionStatus.TENTATIVE: _l("Tentative"),
    SessionStatus.CANCELLED: _l("Cancelled"),
}

ROLES = {
    PartRole.CHAIR: _l("Chair"),
    PartRole.MODERATOR: _l("Moderator"),
    PartRole.SPEAKER: _l("Speaker"),
}

PART_STATES = {
    PartState.CONFIRMED: _l("Confirmed"),
    PartState.TO_BE_CONFIRMED: _l("To be confirmed"),
}

CHANGES = {
    ChangeKind.NEW: _l("New sessions"),
    ChangeKind.MOVED: _l("Moved sessions"),
    ChangeKind.CANCELLED: _l("Cancelled sessions"),
    ChangeKind.REINSTATED: _l("Sessions that take place again"),
    ChangeKind.RENAMED: _l("Renamed sessions"),
    ChangeKind.CHANGED: _l("Other changes"),
    ChangeKind.REMOVED: _l("Removed sessions"),
}
"""Headings over any number of sessions, which stand before the number in lists: nothing that has to agree with one."""

PLACES = {
    PlaceState.TAKEN: _l("signed up"),
    PlaceState.INVITED: _l("invited"),
    PlaceState.DECLINED: _l("has declined"),
    PlaceState.WAITING: _l("waiting"),
}

POINTS = {
    PointKind.INFORMATION: _l("for information"),
    PointKind.DISCUSSION: _l("for discussion"),
    PointKind.ADOPTION: _l("for adoption"),
}

AUDIENCES = {
    Audience.EVERYBODY: _l("Everybody"),
    Audience.ADMITTED: _l("Who may attend"),
    Audience.ORGANISERS: _l("Organisers only"),
}

INTERPRETED = ("en", "fr", "es", "ru", "ar", "zh", "pt", "tr")
"""Languages of interpretation that forms offer; a session imported with others keeps them."""

FIELDS = {
    "code": _l("Code"),
    "parent_code": _l("Part of"),
    "title": _l("Title"),
    "description": _l("Description"),
    "kind": _l("Kind"),
    "track_name": _l("Track"),
    "languages": _l("Interpretation"),
    "access": _l("Open to"),
    "access_body_name": _l("Open to"),
    "body_name": _l("The body that meets"),
    "is_listed": _l("Listed"),
    "status": _l("Status"),
    "capacity": _l("Places"),
    "link": _l("Link to join online"),
    "registration_link": _l("Registration elsewhere"),
    "tags": _l("Tags"),
    "parts": _l("People"),
    "points": _l("Points of the agenda"),
    "zone": _l("Time zone"),
}
"""What a changed field of a published session is called; day, time and place are shown themselves."""

CLASHES = {
    ClashKind.HALL: _l("Hall taken twice"),
    ClashKind.PERSON: _l("Person in two places"),
    ClashKind.BODY: _l("Bodies that share members"),
    ClashKind.SEATS: _l("Hall too small"),
    ClashKind.INTERPRETATION: _l("Interpretation"),
    ClashKind.CLOSED: _l("Hall closed"),
    ClashKind.WALK: _l("Too far to walk"),
    ClashKind.OUTSIDE: _l("Outside the week"),
}
"""Kinds of clashes, for filters; what each clash is, `checking.cards` says in a sentence."""

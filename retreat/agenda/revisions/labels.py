"""What reasons and remarks are called."""

from flask_babel import lazy_gettext as _l

from retreat.agenda.revisions.concerned import Reason
from retreat.agenda.revisions.plan import Remark

REASONS = {
    Reason.PART: _l("with a part"),
    Reason.SIGNED_UP: _l("signed up"),
    Reason.WAITING: _l("on the waiting list"),
    Reason.INVITED: _l("invited"),
    Reason.SEAT: _l("with a seat on the body"),
    Reason.STARRED: _l("who starred it"),
    Reason.SUBSCRIBED: _l("with a personal calendar"),
}

REMARKS = {
    Remark.CANCELLED: _l("Published since then: they become cancelled, because calendars hold them and must be told."),
    Remark.OFF_THE_BOARD: _l(
        "Never published: they stay in the draft, but lose day, time and hall, and are not listed any more."
    ),
    Remark.LOCKED: _l("Locked, and moved all the same; they stay locked."),
    Remark.MADE_AGAIN: _l("No longer in the draft: they are made again, as the same entry of calendars."),
    Remark.HALL_GONE: _l("Their hall does not exist any more: the hall is left to be confirmed."),
    Remark.VENUE_GONE: _l("Their venue does not exist any more: it is left out."),
    Remark.TRACK_GONE: _l("Their track does not exist any more: it is left out."),
    Remark.BODY_GONE: _l("The body that meets does not exist any more: it is left out."),
    Remark.ACCESS_GONE: _l("The body that they were open to does not exist any more: they become by invitation."),
    Remark.NO_SUCH_TIME: _l("Their hour does not exist by today’s rules of the time zone: it is left to be confirmed."),
    Remark.MORE_SEATS: _l("More people have a seat than there were places then: everyone keeps the seat."),
    Remark.NEW_CODE: _l("Their code belongs to another session of that revision: they get a new one."),
    Remark.PART_OF_NOTHING: _l("The meeting that they are part of is itself part of another then: they stand alone."),
}

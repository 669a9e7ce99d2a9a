"""A week as an older release of the time zone rules would have left it: the wall times stay, the instants are off."""

from datetime import timedelta
from typing import Any

from retreat.agenda.models import AgendaSession, RevisedSession, Revision
from retreat.core.db import db

OLD = "2019a"
HOUR = timedelta(hours=1)


def as_of_old_rules(
    *sessions: AgendaSession, off: timedelta = -HOUR, draft: bool = True, published: bool = True, **wall: Any
) -> None:
    """These sessions are `off` in the draft and in every revision; all others only bear the old release's name.

    `wall` writes a wall time past every check, such as one that has no instant by the rules in use.
    """
    db.session.flush()
    for kind, is_meant in ((AgendaSession, draft), (RevisedSession, published)):
        table = kind.__table__
        for session in sessions if is_meant else ():
            start, end = session.start_utc, session.end_utc
            assert start
            assert end
            db.session.execute(
                table.update()
                .where(table.c.uid == session.uid)
                .values(start_utc=start + off, end_utc=end + off, **wall)
            )
    if draft:
        db.session.execute(AgendaSession.__table__.update().values(tzdata=OLD))
    if published:
        db.session.execute(Revision.__table__.update().values(tzdata=OLD))
    db.session.expire_all()

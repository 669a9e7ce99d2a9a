"""What somebody has starred in the browser, as one file. It is taken along once: a calendar sends no cookies."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from retreat.agenda import published
from retreat.agenda.stars.cookie import Marks, mark
from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.calendars.feeds import PUBLIC, Feed, Frame, NoSuchFeed, ScopeKind, Week
from retreat.core.db import db
from retreat.core.errors import NotFound


class NothingStarred(NoSuchFeed):
    """An empty calendar would look like one that has been lost."""

    def __init__(self) -> None:
        NotFound.__init__(self, _l("There is no starred session with an hour in this browser."))


def starred_feed(
    edition_slug: str, marks_of: Callable[[str], Marks], *, language: str | None, form: Form, at: datetime
) -> Feed:
    """Listed sessions that have a start, of those that `marks_of` names for an edition's UID.

    Raises NoSuchFeed and NothingStarred.
    """
    row = db.session.connection().execute(PUBLIC[ScopeKind.ALL], {"edition_slug": edition_slug}).one_or_none()
    if row is None:
        raise NoSuchFeed
    edition = Frame(*row[:-1])
    marks = marks_of(edition.uid)
    read = feeds.programme_of(edition)
    chosen = [one for one in published.listed(read) if one.is_timed and mark(one.uid) in marks] if marks else []
    if not chosen:
        raise NothingStarred
    spoken = edition.spoken(language)
    week = Week.of(edition, at)
    etag = feeds.digest(edition, "stars", [one.uid for one in chosen], spoken, form, week)

    def body() -> bytes:
        with force_locale(spoken):
            name = _("%(title)s: my stars", title=edition.title.text(spoken, edition.main_language))
        head = feeds.calendar_head(edition, name, spoken, week)
        return feeds.rendered(edition, read, chosen, head, language=spoken, form=form, week=week, is_private=False)

    return Feed(etag, week.modified, week.until, is_private=True, body=body)

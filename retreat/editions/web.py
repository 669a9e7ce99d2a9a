"""The edition that an address names."""

from flask import g

from retreat.editions import service
from retreat.editions.models import Edition


def edition_of(slug: str) -> Edition:
    """The edition of this request, which templates know as `edition`. Raises UnknownEdition, answered by 404."""
    edition = service.edition_by_slug(slug)
    g.edition = edition
    return edition


def edition_with_frame_of(slug: str) -> Edition:
    """The same with days, venues, halls and categories loaded."""
    edition = service.edition_with_frame(slug)
    g.edition = edition
    return edition

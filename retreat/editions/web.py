"""The edition that an address names."""

from flask import g, request

from retreat.editions import service
from retreat.editions.models import Edition


def edition_of(slug: str) -> Edition:
    """The edition of this request, which templates know as `edition`. Raises UnknownEdition, answered by 404."""
    edition = _among_all(slug) if request.path.startswith("/organise/") else service.edition_by_slug(slug)
    g.edition = edition
    return edition


def _among_all(slug: str) -> Edition:
    """The organisers' bar names the others as well: there are few, and one query finds them all."""
    g.editions = known = service.all_editions()
    edition = next((one for one in known if one.slug == slug), None)
    if edition is None:
        raise service.UnknownEdition(slug)
    return edition


def edition_with_categories_of(slug: str) -> Edition:
    """The same with its categories of badge."""
    edition = service.edition_with_categories(slug)
    g.edition = edition
    return edition


def edition_with_frame_of(slug: str) -> Edition:
    """The same with days, venues, halls and categories loaded."""
    edition = service.edition_with_frame(slug)
    g.edition = edition
    return edition

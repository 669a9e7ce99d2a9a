"""Lists that organisers keep: a filter, an order and columns, under a name.

    saved_lists(edition)                                  by name
    save(edition, name, asked, at=, by=)                  a new one
    replace(one, asked, at=, by=) · rename(one, name, at=, by=) · remove(one, at=, by=)

A saved list finds whoever matches when it is opened; it holds nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.registration.filters import Filter
from retreat.registration.models import SavedList

LONGEST_NAME = 80
MOST_LISTS = 60


class NameNeeded(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Give the list a name of at most %(count)s characters.", count=LONGEST_NAME))


class NameTaken(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self, name: str) -> None:
        super().__init__(_l("There is already a list “%(name)s”. Choose another name or replace that list.", name=name))
        self.name = name


class TooManyLists(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("There are %(count)s lists already. Delete one that nobody needs.", count=MOST_LISTS))


class UnknownList(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This list has been deleted."))


def saved_lists(edition: Edition) -> list[SavedList]:
    """By name, whatever the case and accents of its letters."""
    found = db.session.scalars(select(SavedList).where(SavedList.edition_id == edition.id).order_by(SavedList.id))
    return sorted(found, key=lambda one: search_key(one.name))


def saved_list(edition: Edition, key: int) -> SavedList:
    """Raises UnknownList."""
    found = db.session.scalar(select(SavedList).where(SavedList.edition_id == edition.id, SavedList.id == key))
    if found is None:
        raise UnknownList
    return found


def filter_of(one: SavedList) -> Filter:
    return Filter.of({**one.arguments, "columns": ",".join(one.columns)})


def current(lists: Sequence[SavedList], asked: Filter) -> SavedList | None:
    """The one that is just this filter, order and columns."""
    return next((one for one in lists if filter_of(one) == asked), None)


def save(edition: Edition, name: str, asked: Filter, *, at: datetime, by: Actor) -> SavedList:
    """Raises NameNeeded, NameTaken and TooManyLists."""
    name = _checked(edition, name)
    if len(saved_lists(edition)) >= MOST_LISTS:
        raise TooManyLists
    made = SavedList(
        edition_id=edition.id,
        name=name,
        arguments=asked.arguments(columns=""),
        columns=list(asked.columns),
        created_at=at,
        created_by=str(by),
    )
    db.session.add(made)
    _flush(name)
    audit.record("list.saved", made, at=at, by=by, name=name)
    return made


def replace(one: SavedList, asked: Filter, *, at: datetime, by: Actor) -> SavedList:
    """The same name for what is asked now."""
    one.arguments, one.columns = asked.arguments(columns=""), list(asked.columns)
    db.session.flush()
    audit.record("list.replaced", one, at=at, by=by, name=one.name)
    return one


def rename(one: SavedList, name: str, *, at: datetime, by: Actor) -> SavedList:
    """Raises NameNeeded and NameTaken."""
    before, name = one.name, " ".join(name.split())
    if name == before:
        return one
    with db.session.no_autoflush:
        one.name = _checked(db.session.get_one(Edition, one.edition_id), name, but=one.id)
    _flush(name)
    audit.record("list.renamed", one, at=at, by=by, name=name, before=before)
    return one


def remove(one: SavedList, *, at: datetime, by: Actor) -> None:
    audit.record("list.removed", one, at=at, by=by, name=one.name)
    db.session.delete(one)
    db.session.flush()


def _checked(edition: Edition, name: str, *, but: int | None = None) -> str:
    """Two names that differ in case or accents only would be mistaken for each other."""
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise NameNeeded
    taken = next((one for one in saved_lists(edition) if search_key(one.name) == search_key(name)), None)
    if taken is not None and taken.id != but:
        raise NameTaken(taken.name)
    return name


def _flush(name: str) -> None:
    """The database is the last judge of two who save at once."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise NameTaken(name) from error

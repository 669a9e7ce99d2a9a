"""Places, taken and given back: each step one conditional UPDATE, exact however many ask at once.

The edition's row comes first, always: whoever has it may go on to a category, so nobody waits in a circle.
"""

from sqlalchemy import ColumnElement, Update, or_, update

from retreat.core.db import db
from retreat.editions.models import Category, Edition


def has_room(kind: type[Edition] | type[Category]) -> ColumnElement[bool]:
    """The condition under which a place can be taken."""
    return or_(kind.capacity.is_(None), kind.taken < kind.capacity)


def take(edition_id: int, category_id: int) -> bool:
    """A place of the edition and one of the category, or none of either."""
    if not _took(_taking(Edition, edition_id)):
        return False
    if _took(_taking(Category, category_id)):
        return True
    db.session.execute(_giving_back(Edition, edition_id))
    return False


def take_of_category(edition_id: int, category_id: int) -> bool:
    """For who has a place of the edition already: one of the category too, or else that one goes back."""
    if _took(_taking(Category, category_id)):
        return True
    free_of_edition(edition_id)
    return False


def free_of_edition(edition_id: int) -> None:
    db.session.execute(_giving_back(Edition, edition_id))


def free(edition_id: int, category_id: int) -> None:
    """Give back both places."""
    db.session.execute(_giving_back(Edition, edition_id))
    db.session.execute(_giving_back(Category, category_id))


def move(edition_id: int, before: int, after: int) -> bool:
    """From one category to another within the edition; False, and nothing changed, when the other is full."""
    if before == after:
        return True
    # Touching the edition's row keeps the order in which everybody locks.
    db.session.execute(
        update(Edition)
        .where(Edition.id == edition_id)
        .values(taken=Edition.taken)
        .execution_options(synchronize_session=False)
    )
    if not _took(_taking(Category, after)):
        return False
    db.session.execute(_giving_back(Category, before))
    return True


def _took(statement: Update) -> bool:
    return bool(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _taking(kind: type[Edition] | type[Category], key: int) -> Update:
    return (
        update(kind)
        .where(kind.id == key, has_room(kind))
        .values(taken=kind.taken + 1)
        .execution_options(synchronize_session=False)
    )


def _giving_back(kind: type[Edition] | type[Category], key: int) -> Update:
    return (
        update(kind)
        .where(kind.id == key, kind.taken > 0)
        .values(taken=kind.taken - 1)
        .execution_options(synchronize_session=False)
    )

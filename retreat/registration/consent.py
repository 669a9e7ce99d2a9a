"""What people agree to: the text of an edition in its versions, and which version somebody agreed to.

    current(edition) -> ConsentText | None            None: nobody has written one, and the built-in sentence holds
    save(edition, text, at=, by=) -> ConsentText      a further version, if the text is another
    agreed(edition_id, number) -> SQL expression      the id of the version that a form showed

A version is never edited and never deleted: a registration says for ever what its person has read.
"""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ScalarSelect, select

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration.models import ConsentText

BUILT_IN = 0
"""The number of the sentence that comes with the program."""


def built_in() -> Translated:
    """Version 0, in every language of the interface."""
    texts = {}
    for code in LANGUAGES:
        with force_locale(code):
            texts[code] = _("The person agrees that UCLG keeps these answers for the Retreat")
    return Translated(texts)


def current(edition: Edition) -> ConsentText | None:
    """The newest version."""
    return db.session.scalar(
        select(ConsentText).where(ConsentText.edition_id == edition.id).order_by(ConsentText.number.desc()).limit(1)
    )


def versions(edition: Edition) -> Sequence[ConsentText]:
    """The newest first."""
    return db.session.scalars(
        select(ConsentText).where(ConsentText.edition_id == edition.id).order_by(ConsentText.number.desc())
    ).all()


def agreed(edition_id: int, number: int | None) -> ScalarSelect[int]:
    """The id of the version that a form showed, for the INSERT of the registration: it costs no query of its own.

    None is the version of today, for a form that names none; a number that there never was is the newest below it.
    """
    found = select(ConsentText.id).where(ConsentText.edition_id == edition_id)
    if number is not None:
        found = found.where(ConsentText.number <= number)
    return found.order_by(ConsentText.number.desc()).limit(1).scalar_subquery()


def save(edition: Edition, text: Translated, *, at: datetime, by: Actor) -> ConsentText | None:
    """Make the next version, unless the text is the one that holds already; gives the one that holds now."""
    # Of two who save at once the second sees the first one's number.
    editions.hold(edition.id)
    before = current(edition)
    if text == (before.text if before else built_in()):
        return before
    made = ConsentText(
        edition_id=edition.id,
        number=(before.number if before else BUILT_IN) + 1,
        text=text,
        created_at=at,
        created_by=str(by),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("consent.changed", made, at=at, by=by, number=made.number)
    return made

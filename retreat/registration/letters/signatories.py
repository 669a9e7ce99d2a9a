"""Who signs the letters of an edition: the secretariat and the host city, each with a picture of the signature."""

import base64
import io
import struct
import zlib
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import undefer

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration.letters.facts import Signed
from retreat.registration.letters.models import Signatory, SignatorySide

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
KEPT_WITHIN = (900, 360)
"""Pixels: a signature of 60 mm then prints at 380 dots per inch, and each letter holds a copy of its own."""
_KINDS = ("PNG", "JPEG")
_PAPER = 48
"""So dark, of 255, paper may be: shadows and the grain of a scan."""
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow raises, beside its own errors, for files that are not what they claim."""


class BadSignature(RetreatError):
    """The file is no picture of a signature; nothing was changed."""


class SignatoriesMissing(RetreatError):
    """No letter without both signatures; the sentence says what is missing of whom."""


def signatories_of(edition: Edition, *, with_images: bool = False) -> dict[SignatorySide, Signatory]:
    """Those that have been entered so far."""
    query = select(Signatory).where(Signatory.edition_id == edition.id).order_by(Signatory.id)
    if with_images:
        query = query.options(undefer(Signatory.image)).execution_options(populate_existing=True)
    return {one.side: one for one in db.session.scalars(query)}


def missing(edition: Edition) -> list[str]:
    """A sentence for each side that cannot sign yet, in the page's language; empty when letters can be issued."""
    rows = db.session.execute(
        select(Signatory.side, Signatory.name, Signatory.position, Signatory.image.is_not(None)).where(
            Signatory.edition_id == edition.id
        )
    ).all()
    known = {side: (name, position, has_image) for side, name, position, has_image in rows}
    found = []
    for side in SignatorySide:
        name, position, has_image = known.get(side, ("", Translated(), False))
        parts = [
            word
            for is_there, word in (
                (name, _("the name")),
                (position, _("the position")),
                (has_image, _("the picture of the signature")),
            )
            if not is_there
        ]
        if parts:
            found.append(_says(side, ", ".join(parts)))
    return found


def _says(side: SignatorySide, parts: str) -> str:
    if side is SignatorySide.SECRETARIAT:
        return _("For the signature of the secretariat there is missing: %(parts)s.", parts=parts)
    return _("For the signature of the host city there is missing: %(parts)s.", parts=parts)


def signed(edition: Edition, language: str) -> tuple[Signed, Signed]:
    """Secretariat and host as a letter prints them. Raises SignatoriesMissing."""
    if sentences := missing(edition):
        raise SignatoriesMissing(" ".join([_("A letter needs both signatures."), *sentences]))
    both = signatories_of(edition, with_images=True)
    one, other = (
        Signed(
            name=who.name,
            position=who.position.text(language, edition.main_language),
            organisation=who.organisation,
            image=base64.b64encode(who.image or b"").decode(),
        )
        for who in (both[SignatorySide.SECRETARIAT], both[SignatorySide.HOST])
    )
    return one, other


def save(
    edition: Edition,
    side: SignatorySide,
    *,
    name: str,
    position: Translated,
    organisation: str,
    picture: bytes | None = None,
    at: datetime,
    by: Actor,
) -> Signatory:
    """Who signs for a side; without a picture the one that is there stays. Raises BadSignature.

    Letters that are issued keep the signatures that they were issued with.
    """
    image = picture_of(picture) if picture is not None else None
    # Of two who enter the first signature at once, the second finds the row.
    editions.hold_and_read(edition)
    who = signatories_of(edition).get(side) or Signatory(edition_id=edition.id, side=side)
    who.name, who.position, who.organisation, who.updated_at = name, position, organisation, at
    if image is not None:
        who.image = image
    db.session.add(who)
    db.session.flush()
    audit.record(
        "signatory.saved", who, at=at, by=by, edition_id=edition.id, side=side.value, name=name, picture=bool(image)
    )
    return who


def picture_of(content: bytes) -> bytes:
    """A signature as it is kept: PNG, made anew from the pixels, small, its transparency kept. Raises BadSignature."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(content) > MOST_BYTES:
        raise BadSignature(_l("The picture is too large: at most 2 MB."))
    try:
        with Image.open(io.BytesIO(content), formats=_KINDS) as opened:
            # The size is in the head of the file: a bomb is refused before a pixel is unpacked.
            if opened.width * opened.height > MOST_PIXELS:
                raise BadSignature(_l("The picture has too many pixels: at most 16 million."))
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, *_DAMAGED):
        raise BadSignature(_l("This is no picture in the PNG or JPEG format, or it is damaged.")) from None
    return _kept(picture)


def _kept(picture: Any) -> bytes:
    from PIL import Image

    if picture.getchannel("A").getextrema()[0] == 255:
        picture = _without_paper(picture)
    box = picture.getchannel("A").getbbox()
    if box is None:
        raise BadSignature(_l("The picture is empty: nothing on it can be seen."))
    picture = picture.crop(box)
    picture.thumbnail(KEPT_WITHIN, Image.Resampling.LANCZOS)
    # Ink needs few colours; with a palette a letter stays small.
    small = picture.quantize(64, method=Image.Quantize.FASTOCTREE)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _without_paper(picture: Any) -> Any:
    """A scan or a photograph: what is light is the paper, and would stand on the letter as a grey box."""
    from PIL import ImageOps

    darkness = ImageOps.invert(ImageOps.autocontrast(picture.convert("L"), cutoff=(0, 2)))
    picture.putalpha(darkness.point([0 if dark < _PAPER else min(255, (dark - _PAPER) * 2) for dark in range(256)]))
    return picture


def picture_of_side(edition: Edition, side: SignatorySide) -> bytes | None:
    return db.session.scalar(select(Signatory.image).where(Signatory.edition_id == edition.id, Signatory.side == side))


def has_picture(edition: Edition, side: SignatorySide) -> bool:
    return bool(
        db.session.scalar(
            select(Signatory.image.is_not(None)).where(Signatory.edition_id == edition.id, Signatory.side == side)
        )
    )

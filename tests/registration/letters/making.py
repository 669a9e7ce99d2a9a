"""People who ask for a visa letter, and those who sign it."""

import io
from datetime import date
from typing import Any

from PIL import Image, ImageDraw

from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.registration import service as registering
from retreat.registration.letters import service, signatories
from retreat.registration.letters.models import SignatorySide
from retreat.registration.letters.passport import PassportData
from retreat.registration.models import Registration
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers

PASSPORT = PassportData(
    family_name="QUIROGA-ÁÑEZ",
    given_names="ANA LUCÍA",
    number="ZX8143Q27",
    nationality="Uruguay",
    born_on=date(1971, 3, 17),
    born_in="Tacuarembó",
    issued_on=date(2018, 5, 2),
    expires_on=date(2028, 5, 1),
    applies_in="Cochabamba",
)
"""Values that occur nowhere else in the tests, so that they can be looked for."""

SECRETS = ("QUIROGA", "Quiroga", "ZX8143Q27", "1971-03-17", "17 March 1971", "Tacuaremb", "Cochabamba")
"""What must be found in no table, log, mail or file."""


def ink(*, size: tuple[int, int] = (400, 160), kind: str = "PNG") -> bytes:
    """A signature: a blue stroke on nothing, or on white as JPEG."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(20, 120), (120, 30), (220, 110), (360, 40)], fill=(20, 40, 120, 255), width=8)
    out = io.BytesIO()
    if kind == "JPEG":
        white = Image.new("RGB", size, "white")
        white.paste(picture, mask=picture)
        picture = white
    picture.save(out, kind)
    return out.getvalue()


def sign(of: Edition) -> None:
    """Both sides can sign from now on; committed."""
    for side, name, position, organisation in (
        (
            SignatorySide.SECRETARIAT,
            "Emília Saiz",
            Translated(en="Secretary General", fr="Secrétaire générale"),
            "UCLG",
        ),
        (SignatorySide.HOST, "Mohamed Abdellaoui", Translated(en="Mayor", fr="Maire"), "City of Tangier"),
    ):
        signatories.save(
            of, side, name=name, position=position, organisation=organisation, picture=ink(), at=AT, by=REGISTRAR
        )
    db.session.commit()


def asks(
    of: Edition, *, is_approved: bool = True, passport: PassportData | None = PASSPORT, **values: Any
) -> Registration:
    """Somebody who asks for a letter; committed."""
    registration = registering.register(
        of, answers(of, visa_letter=True, **values), at=AT, by=DELEGATE, even_when_closed=True
    )
    if is_approved:
        registering.approve(registration, at=AT, by=REGISTRAR)
    if passport is not None:
        service.keep_passport(registration, passport, at=AT, by=DELEGATE)
    db.session.commit()
    return registration

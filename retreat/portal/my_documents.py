"""Documents on the delegate's own page: ordered by a button, waited for, fetched."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from retreat.core import clock
from retreat.core.db import db
from retreat.core.downloads import sent_bytes
from retreat.core.http import language
from retreat.editions.web import edition_of
from retreat.portal.my import actor_of, blueprint
from retreat.printing import own
from retreat.printing.own import Document
from retreat.registration.links import registration_of_link
from retreat.registration.models import Registration
from retreat.registration.states import LIVE


@blueprint.get("/documents/<any(confirmation, week, agenda):kind>")
def document(edition_slug: str, token: str, kind: str) -> Any:
    """How far it is, and in the end where it lies."""
    registration, wanted = _wanted(edition_slug, token, kind)
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    job = own.latest(registration, wanted)
    return render_template(
        "portal/my_document.html",
        registration=registration,
        token=token,
        kind=kind,
        wanted=wanted,
        is_making=wanted.file is None and job is not None and not job.is_over,
        has_failed=wanted.file is None and own.has_failed(job),
    )


@blueprint.post("/documents/<any(confirmation, week, agenda):kind>/make")
def make_document(edition_slug: str, token: str, kind: str) -> Any:
    registration, wanted = _wanted(edition_slug, token, kind)
    if registration.status in LIVE:
        own.order(registration, wanted, at=clock.now(), by=actor_of(registration))
        db.session.commit()
    return redirect(url_for(".document", edition_slug=edition_slug, token=token, kind=kind), 303)


@blueprint.get("/documents/<any(confirmation, week, agenda):kind>.pdf")
def document_file(edition_slug: str, token: str, kind: str) -> Any:
    """What has changed since it was made, or has waited for its hour, is made anew."""
    registration, wanted = _wanted(edition_slug, token, kind)
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    if wanted.file is None:
        flash(_("The document has changed or is no longer kept. Have it made once more."), "info")
        return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="documents"), 303)
    name = registration.code if kind == Document.CONFIRMATION else f"{kind}-{edition_slug}-{wanted.language}"
    return sent_bytes(wanted.file.read_bytes(), f"{name}.pdf", "application/pdf", is_inline=True)


def _wanted(edition_slug: str, token: str, kind: str) -> tuple[Registration, own.Own]:
    registration = registration_of_link(edition_of(edition_slug), token)
    return registration, own.own(registration, Document(kind), language=language(), at=clock.now())

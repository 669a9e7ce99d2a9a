"""The organisers' pages of clashes: all of them, accepting one with a reason, opening it again."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda import checks, labels
from retreat.agenda.board import organise as board
from retreat.agenda.checking import accepted
from retreat.agenda.checking.cards import cards
from retreat.agenda.checking.solving import Solver
from retreat.agenda.clashes import ClashKind
from retreat.core import clock, http
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition
from retreat.editions.web import edition_of

blueprint = Blueprint("clashes", __name__, url_prefix="/organise/<edition_slug>/agenda/clashes")

SHOWN = 100
"""As many as one page takes; a filter by kind finds the others."""


def clash_page(edition: Edition, **refused: str) -> str:
    """Every clash of the draft with both sides; `refused` is what somebody has just sent and why it will not do."""
    draft = checks.draft_of(edition)
    everything = checks.board_clashes(edition, draft)
    asked = request.form or request.args
    kind, day = asked.get("kind", ""), asked.get("on", "")
    of_day = [one for one in everything if not day or any(date.isoformat() == day for date in one.days)]
    chosen = [one for one in of_day if not kind or one.clash.kind.value == kind]
    language, main = http.language(), edition.main_language
    open_ones = [one for one in chosen if one.is_open]
    return render_template(
        "agenda/draft/clashes.html",
        found=cards(open_ones[:SHOWN], language, main, Solver(draft)),
        left_out=max(0, len(open_ones) - SHOWN),
        accepted=cards((one for one in chosen if not one.is_open), language, main),
        kinds=[
            (one, labels.CLASHES[one], sum(found.is_open and found.clash.kind is one for found in of_day))
            for one in ClashKind
            if any(found.clash.kind is one for found in everything)
        ],
        total=sum(one.is_open for one in of_day),
        days=sorted(Counter(day for one in everything if one.is_open for day in one.days).items()),
        kind=kind,
        day=day,
        refused=refused,
    )


@blueprint.post("/accept")
@needs(Permission.EDIT_AGENDA)
def accept(edition_slug: str) -> Any:
    """Let a clash be, with a reason. What will not do comes back on the page of clashes, with what was typed."""
    reason = request.form.get("reason", "").replace("\x00", "")

    def carry_out(edition: Edition, kind: ClashKind, codes: tuple[str, ...]) -> str:
        seen = request.form.get("seen") or None
        accepted.accept(edition, kind, codes, reason, at=clock.now(), by=actor(), seen=seen)
        return _("Accepted. It opens again when one of the two changes.")

    return _decided(edition_slug, carry_out, reason)


@blueprint.post("/reopen")
@needs(Permission.EDIT_AGENDA)
def reopen(edition_slug: str) -> Any:
    def carry_out(edition: Edition, kind: ClashKind, codes: tuple[str, ...]) -> str:
        accepted.reopen(edition, kind, codes, at=clock.now(), by=actor())
        return _("The clash is open again.")

    return _decided(edition_slug, carry_out)


def _decided(
    edition_slug: str, carry_out: Callable[[Edition, ClashKind, tuple[str, ...]], str], reason: str = ""
) -> Any:
    edition = edition_of(edition_slug)
    kind, codes = request.form.get("clash", ""), tuple(request.form.getlist("session")[:2])
    try:
        if kind not in list(ClashKind):
            raise accepted.NoSuchClash
        said = carry_out(edition, ClashKind(kind), codes)
    except RetreatError as error:
        db.session.rollback()
        if board.is_live():
            return board.refused(edition_slug, error)
        refused = {"clash": kind, "sessions": " ".join(sorted(codes)), "reason": reason, "message": error.message}
        return clash_page(edition_of(edition_slug), **refused), error.status
    db.session.commit()
    if request.form.get("shown"):
        return board.answered(edition, said)
    flash(said)
    return redirect(url_for("draft.clash_list", edition_slug=edition.slug, **_narrowed()), 303)


def _narrowed() -> dict[str, Any]:
    """What the page was narrowed to when the form was sent."""
    return {name: request.form[name] for name in ("kind", "on") if request.form.get(name)}

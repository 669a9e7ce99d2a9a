"""The address book of the secretariat: people over all editions, their offices, and two rows that are one person."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from retreat.accounts.guards import actor, can
from retreat.accounts.roles import Permission
from retreat.core import clock
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.core.http import page_number
from retreat.editions.web import edition_of
from retreat.network import duplicates, likeness, offices
from retreat.network.models import Person, SeatRole
from retreat.portal.people import book, merging
from retreat.registration.forms import ButtonForm
from retreat.registration.states import LABELS

blueprint = Blueprint("people", __name__, url_prefix="/organise/<edition_slug>/people")

PAGE_SIZE = 50
PAIRS_A_PAGE = 20

FIELDS: dict[str, Any] = {
    "honorific": _l("Title before the name"),
    "given_name": _l("Given name"),
    "family_name": _l("Family name"),
    "badge_name": _l("Name on the badge"),
    "native_name": _l("Name in own script"),
    "position": _l("Position"),
    "organisation": _l("Organisation"),
    "email": _l("E-mail"),
}

POINTERS: dict[str, Any] = {
    "registration": _l("registrations"),
    "part": _l("parts in sessions"),
    "place": _l("seats in sessions"),
    "seat": _l("seats on bodies"),
    "office": _l("offices"),
    "subscription": _l("calendar feeds"),
    "calendar_invitation": _l("calendar invitations"),
    "invitation": _l("invitations"),
    merging.CEREMONY: _l("places in a ceremony"),
}
"""What can belong to a person, as far as it is said; what a revision has printed stays as it was printed."""

SEATS: dict[SeatRole, Any] = {
    SeatRole.PRESIDENT: _l("president"),
    SeatRole.CO_PRESIDENT: _l("co-president"),
    SeatRole.VICE_PRESIDENT: _l("vice-president"),
    SeatRole.CHAIR: _l("chair"),
    SeatRole.TREASURER: _l("treasurer"),
    SeatRole.SECRETARY: _l("secretary"),
    SeatRole.ENVOY: _l("envoy"),
    SeatRole.MEMBER: _l("member"),
    SeatRole.SUBSTITUTE: _l("substitute"),
    SeatRole.OBSERVER: _l("observer"),
}


@blueprint.get("")
def index(edition_slug: str) -> str:
    edition_of(edition_slug)
    words = " ".join(request.args.get("q", "")[:200].replace("\x00", "").split())
    found = duplicates.found(words)
    page, pages = _page(len(found), PAGE_SIZE)
    return render_template(
        "portal/people/index.html",
        people=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        total=len(found),
        words=words,
        page=page,
        pages=pages,
    )


@blueprint.get("/duplicates")
def pairs(edition_slug: str) -> str:
    """Those who may stand in the book twice, the likeliest first."""
    edition_of(edition_slug)
    found = duplicates.pairs()
    page, pages = _page(len(found), PAIRS_A_PAGE)
    return render_template(
        "portal/people/pairs.html",
        pairs=found[(page - 1) * PAIRS_A_PAGE : page * PAIRS_A_PAGE],
        total=len(found),
        reasons=likeness.WORDS,
        page=page,
        pages=pages,
    )


@blueprint.get("/<int:number>")
def show(edition_slug: str, number: int) -> str:
    edition_of(edition_slug)
    person = book.person_with(number)
    return _show_page(person)


def _show_page(person: Person, *, refused: int | None = None, sentence: str = "") -> str:
    counts = merging.pointing(person)
    return render_template(
        "portal/people/show.html",
        person=person,
        known=book.belongings(person),
        counts=_said(counts),
        alike=duplicates.alike(person),
        reasons=likeness.WORDS,
        seat_roles=SEATS,
        statuses=LABELS,
        refused=refused,
        sentence=sentence,
        typed=request.form,
    )


def _said(counts: dict[str, int]) -> dict[str, int]:
    """What this organiser may know of: nobody learns here who is named in a ceremony."""
    hidden = set() if can(Permission.SEE_CEREMONY) else {merging.CEREMONY}
    return {name: counts[name] for name in POINTERS if name in counts and name not in hidden}


@blueprint.post("/<int:number>/offices/<int:office_number>")
def date_office(edition_slug: str, number: int, office_number: int) -> Any:
    """From when to when; a wrong date is said beside it, and what was typed is kept."""
    edition_of(edition_slug)
    person = book.person_with(number)
    office = next((one for one in person.offices if one.id == office_number), None)
    if office is None:
        raise NotFound
    try:
        starts_on, ends_on = _day("starts_on"), _day("ends_on")
        offices.set_dates(office, starts_on, ends_on, at=clock.now(), by=actor())
    except RetreatError as refusal:
        sentence = refusal.message
        db.session.rollback()
        edition_of(edition_slug)
        return _show_page(book.person_with(number), refused=office_number, sentence=sentence), 422
    db.session.commit()
    flash(_("The dates have been saved."), "success")
    return redirect(url_for(".show", edition_slug=edition_slug, number=number, _anchor="offices"), 303)


class BadDay(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Write the date as YYYY-MM-DD, for example 2020-02-24"))


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise BadDay from None


@blueprint.route("/merge", methods=["GET", "POST"])
def merge(edition_slug: str) -> Any:
    """Both sides, column by column, with what belongs to each; then the decision."""
    edition_of(edition_slug)
    if not {"one", "other"} <= set(request.args):
        return redirect(url_for(".pairs", edition_slug=edition_slug), 303)
    keep, lose = _both(request.args)
    form = ButtonForm()
    if request.method == "POST" and form.validate_on_submit():
        from_lost = {name for name in merging.FIELDS if request.form.get(name) == str(lose.id)}
        try:
            merging.merge(keep, lose, from_lost=from_lost, at=clock.now(), by=actor())
        except RetreatError as refusal:
            sentence, status = refusal.message, int(refusal.status)
            db.session.rollback()
            edition_of(edition_slug)
            return _merge_page(*_both(request.args), form, sentence=sentence, from_lost=frozenset(from_lost)), status
        number = keep.id
        db.session.commit()
        flash(_("The two are one person now."), "success")
        return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)
    return _merge_page(keep, lose, form)


def _merge_page(
    keep: Person, lose: Person, form: ButtonForm, *, sentence: str = "", from_lost: frozenset[str] | None = None
) -> str:
    is_possible = True
    try:
        merging.check(keep, lose)
    except RetreatError as refusal:
        sentence, is_possible = sentence or refusal.message, False
    return render_template(
        "portal/people/merge.html",
        keep=keep,
        lose=lose,
        form=form,
        sentence=sentence,
        is_possible=is_possible,
        from_lost=book.proposed(keep, lose) if from_lost is None else from_lost,
        fields=FIELDS,
        counts={one.id: _said(merging.pointing(one)) for one in (keep, lose)},
        pointers=POINTERS,
        known={one.id: book.belongings(one) for one in (keep, lose)},
        statuses=LABELS,
    )


@blueprint.post("/two")
def two(edition_slug: str) -> Any:
    """However alike they look, they are two."""
    edition_of(edition_slug)
    if not ButtonForm().validate_on_submit():
        raise NotFound
    one, other = _both(request.form)
    duplicates.say_two_people(one, other, at=clock.now(), by=actor())
    db.session.commit()
    flash(_("%(one)s and %(other)s stay two people.", one=one.printed_name, other=other.printed_name), "success")
    code, number = request.form.get("code", "")[:24], request.form.get("person", "")
    if code:
        return redirect(url_for("registrations.person", edition_slug=edition_slug, code=code), 303)
    if number == str(one.id) or number == str(other.id):
        return redirect(url_for(".show", edition_slug=edition_slug, number=int(number)), 303)
    return redirect(url_for(".pairs", edition_slug=edition_slug), 303)


def _both(arguments: Any) -> tuple[Person, Person]:
    """The two people of an address; the older row is the one that stays."""
    one, other = (whole_number(arguments.get(name)) for name in ("one", "other"))
    if one is None or other is None:
        raise NotFound
    return book.person_with(min(one, other)), book.person_with(max(one, other))


def _page(count: int, size: int) -> tuple[int, int]:
    pages = max(1, -(-count // size))
    return min(page_number(), pages), pages

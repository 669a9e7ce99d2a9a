"""What stands round the secretariat's list: its filter and columns, saved lists, counts, files."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.accounts.guards import actor, can, needs
from retreat.accounts.roles import Permission
from retreat.core import clock, files, sheets
from retreat.core.db import db
from retreat.core.downloads import sent_table
from retreat.core.errors import RetreatError
from retreat.core.http import language
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.registration import imports, lists, states
from retreat.registration.filters import Filter
from retreat.registration.labels import columns_in_words
from retreat.registration.listing import bulk, chips, choices, saved
from retreat.registration.listing.counts import counts as counted
from retreat.registration.listing.table import columns_of, reader_of

blueprint = Blueprint("lists", __name__, url_prefix="/organise/<edition_slug>/lists")

_MOST_ROWS, _ROWS_SHOWN, _ERRORS_SHOWN = 5_000, 300, 200


def may_read_private() -> bool:
    """Addresses, telephones, travel, diet and access needs are for those who edit registrations."""
    return can(Permission.EDIT_REGISTRATIONS)


def asked_for(arguments: Any) -> Filter:
    """The filter of an address, as far as this organiser may look."""
    asked = Filter.of(arguments)
    return asked if may_read_private() else asked.public()


@blueprint.get("/filter")
def filters(edition_slug: str) -> str:
    """Everything that the list can be narrowed by; the list's page shows it as a dialog."""
    edition = edition_of(edition_slug)
    asked = chips.said(edition, asked_for(request.args), language()).asked
    return render_template(
        "registration/lists/filter.html",
        asked=asked,
        controls=choices.controls(edition, asked, language(), may_read_private=may_read_private()),
    )


@blueprint.get("/columns")
def columns(edition_slug: str) -> str:
    """Which columns, in which order; the list's page shows it as a dialog."""
    edition = edition_of(edition_slug)
    asked = asked_for(request.args)
    table = columns_of(edition, asked.columns, language(), may_read_private=may_read_private())
    return render_template(
        "registration/lists/columns.html",
        asked=asked,
        chosen=table.chosen,
        others=[column for column in table.offered if column not in table.chosen],
    )


@blueprint.get("/counts")
def counts(edition_slug: str) -> str:
    """How many of the filter there are by Section, category, language, organisation, city and so on."""
    edition = edition_of(edition_slug)
    shown = chips.said(edition, asked_for(request.args), language())
    return render_template(
        "registration/lists/counts.html",
        asked=shown.asked,
        chips=shown.chips,
        tables=counted(edition, shown.asked, language()),
    )


@blueprint.get("/table.<any(csv, xlsx):kind>")
@needs(Permission.EXPORT_REGISTRATIONS)
def table(edition_slug: str, kind: str) -> Response:
    """The list as it is shown: its columns, named in the reader's language. Formulas are made harmless in it."""
    edition = edition_of(edition_slug)
    asked = asked_for(request.args)
    chosen = columns_of(edition, asked.columns, language(), may_read_private=may_read_private())
    found = lists.all_of(edition, asked, loads=chosen.loads)
    reader = reader_of(edition, chosen.chosen, found, language(), is_file=True)
    heads = _heads([str(column.label) for column in chosen.chosen])
    rows = (
        {head: column.text(one, reader) for head, column in zip(heads, chosen.chosen, strict=True)} for one in found
    )
    return sent_table(sheets.write(kind, heads, rows), f"list-{edition.slug}", kind)


def _heads(labels: list[str]) -> list[str]:
    """Each once: a question may be called like a column."""
    seen: dict[str, int] = {}
    heads = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        heads.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return heads


# Many at once ------------------------------------------------------------------------------------------------------


@blueprint.post("/approve")
@needs(Permission.DECIDE_REGISTRATIONS)
def approve(edition_slug: str) -> Any:
    """Those that were ticked; or, once it has been asked, everybody of the filter who can be."""
    return _many(edition_slug, bulk.APPROVE)


@blueprint.post("/links")
@needs(Permission.SEND_MAIL)
def send_links(edition_slug: str) -> Any:
    """The same for a further link to their own pages."""
    return _many(edition_slug, bulk.LINKS)


def _many(edition_slug: str, kind: str) -> Any:
    edition = edition_of(edition_slug)
    asked = asked_for(request.form)
    if request.form.get("everybody"):
        meant = bulk.approvable if kind == bulk.APPROVE else bulk.reachable
        ids = meant(edition, asked)
        if request.form.get("sure") != str(len(ids)):
            return _confirmation(edition, asked, kind, len(ids))
    else:
        ids = bulk.with_codes(edition, request.form.getlist("who")[: lists.PAGE_SIZE])
    at, by = clock.now(), actor()
    if len(ids) > bulk.MOST_AT_ONCE:
        bulk.begin(kind, edition, ids, at=at, by=by)
        db.session.commit()
        flash(_("%(num)d people are being seen to; this page says how far it is.", num=len(ids)), "info")
        return redirect(url_for("organise.job_list", edition_slug=edition_slug), 303)
    act = bulk.approve if kind == bulk.APPROVE else bulk.send_links
    done = act(ids, at=at, by=by)
    db.session.commit()
    _report(kind, done)
    return redirect(_list(edition_slug, asked, page=request.form.get("page", "")), 303)


def _confirmation(edition: Edition, asked: Filter, kind: str, number: int) -> str:
    """Nothing has been done yet. A number that has changed since it was read is asked about again."""
    shown = chips.said(edition, asked, language())
    return render_template(
        "registration/lists/confirm.html",
        asked=shown.asked,
        in_words=chips.in_words(shown.asked.words, shown.chips),
        number=number,
        is_approval=kind == bulk.APPROVE,
        has_changed="sure" in request.form,
        at_once=bulk.MOST_AT_ONCE,
    )


def _report(kind: str, done: bulk.Done) -> None:
    if done.done and kind == bulk.APPROVE:
        flash(ngettext("%(num)d person approved.", "%(num)d people approved.", done.done), "success")
    elif done.done:
        sentence = ngettext(
            "A further link is on its way to %(num)d person.",
            "Further links are on their way to %(num)d people.",
            done.done,
        )
        flash(sentence, "success")
    if done.left:
        sentence = ngettext(
            "%(num)d person was left as they are: nothing was to be done.",
            "%(num)d people were left as they are: nothing was to be done.",
            done.left,
        )
        flash(sentence, "info")
    if not (done.done or done.left or done.refused):
        flash(_("Nobody was selected."), "info")
    for sentence in done.refused:
        flash(sentence, "error")


# A file comes in ---------------------------------------------------------------------------------------------------


@blueprint.route("/import", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def import_file(edition_slug: str) -> Any:
    """A file is read and shown, row by row; nothing is stored of it but the file, for an hour."""
    edition = edition_of(edition_slug)
    if request.method == "GET":
        return render_template("registration/lists/import.html")
    given = request.files.get("file")
    if given is None or not given.filename:
        return render_template("registration/lists/import.html", problem=_("Choose a file.")), 422
    content, name = given.read(), given.filename[-100:]
    try:
        sheet = _sheet(edition, name, content)
        done, outcomes = imports.preview(edition, sheet, at=clock.now(), by=actor())
    except sheets.SheetErrors as refusal:
        problem, errors = refusal.message, refusal.errors
        db.session.rollback()
        edition_of(edition_slug)
        page = render_template(
            "registration/lists/import.html",
            problem=problem,
            errors=errors[:_ERRORS_SHOWN],
            more=errors[_ERRORS_SHOWN:],
        )
        return page, 422
    db.session.rollback()
    edition_of(edition_slug)
    return render_template(
        "registration/lists/import_preview.html",
        name=name,
        kept=files.store(content, _ending(name)),
        done=done,
        shown=sorted(outcomes, key=lambda one: not (one.is_new or one.fields))[:_ROWS_SHOWN],
        rows=len(outcomes),
        fields=columns_in_words(edition, language()),
        statuses=states.LABELS,
    )


@blueprint.post("/import/confirm")
@needs(Permission.EDIT_REGISTRATIONS)
def import_confirmed(edition_slug: str) -> Any:
    """The same file again, in earnest: what has changed since the preview counts."""
    edition = edition_of(edition_slug)
    kept, name = request.form.get("kept", ""), request.form.get("name", "")[:100]
    path = files.path(kept) if kept.endswith(_ending(name)) else None
    if path is None:
        flash(_("The file has been kept for an hour and is gone. Choose it again."), "error")
        return redirect(url_for(".import_file", edition_slug=edition_slug), 303)
    try:
        done = imports.import_registrations(
            edition, _sheet(edition, name, path.read_bytes()), at=clock.now(), by=actor()
        )
    except sheets.SheetErrors as refusal:
        problem, errors = refusal.message, refusal.errors
        db.session.rollback()
        edition_of(edition_slug)
        return render_template("registration/lists/import.html", problem=problem, errors=errors[:_ERRORS_SHOWN]), 409
    db.session.commit()
    path.unlink(missing_ok=True)
    flash(
        _(
            "Imported: %(added)d new, %(changed)d changed, %(unchanged)d as they were. No mail was sent.",
            added=done.added,
            changed=done.changed,
            unchanged=done.unchanged,
        ),
        "success",
    )
    return redirect(url_for("registrations.index", edition_slug=edition_slug), 303)


def _sheet(edition: Edition, name: str, content: bytes) -> sheets.Sheet:
    return sheets.read(name, content, columns=imports.known_columns(edition), most_rows=_MOST_ROWS)


def _ending(name: str) -> str:
    """The ending says how the file is read; anything unknown is read as CSV."""
    ending = "." + name.rpartition(".")[2].lower()
    return ending if ending in (".xlsx", ".json") else ".csv"


# Saved lists -------------------------------------------------------------------------------------------------------


@blueprint.get("/saved")
def saved_lists(edition_slug: str) -> str:
    """Save what is asked now; rename, replace or delete what was saved."""
    return _saved_page(edition_of(edition_slug), asked_for(request.args))


@blueprint.post("/saved")
@needs(Permission.EDIT_REGISTRATIONS)
def save(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    asked, name = asked_for(request.form), request.form.get("name", "")[:400]
    try:
        saved.save(edition, name, asked, at=clock.now(), by=actor())
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        return _saved_page(edition_of(edition_slug), asked, name=name, problem=message), int(refusal.status)
    db.session.commit()
    flash(_("The list is saved. Everybody of the secretariat finds it above the list."), "success")
    return redirect(_list(edition_slug, asked), 303)


@blueprint.post("/saved/<int:list_id>/name")
@needs(Permission.EDIT_REGISTRATIONS)
def rename(edition_slug: str, list_id: int) -> Any:
    edition = edition_of(edition_slug)
    one, name = saved.saved_list(edition, list_id), request.form.get("name", "")[:400]
    try:
        saved.rename(one, name, at=clock.now(), by=actor())
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        typed = {list_id: (name, message)}
        return _saved_page(edition_of(edition_slug), asked_for(request.form), typed=typed), int(refusal.status)
    db.session.commit()
    flash(_("The list has its new name."), "success")
    return _back_to_saved(edition_slug)


@blueprint.post("/saved/<int:list_id>/replace")
@needs(Permission.EDIT_REGISTRATIONS)
def replace(edition_slug: str, list_id: int) -> Any:
    """The same name for what is asked now."""
    edition = edition_of(edition_slug)
    asked = asked_for(request.form)
    saved.replace(saved.saved_list(edition, list_id), asked, at=clock.now(), by=actor())
    db.session.commit()
    flash(_("The list now keeps this filter, this order and these columns."), "success")
    return redirect(_list(edition_slug, asked), 303)


@blueprint.post("/saved/<int:list_id>/remove")
@needs(Permission.EDIT_REGISTRATIONS)
def remove(edition_slug: str, list_id: int) -> Any:
    edition = edition_of(edition_slug)
    saved.remove(saved.saved_list(edition, list_id), at=clock.now(), by=actor())
    db.session.commit()
    flash(_("The list is deleted; nobody in it has been touched."), "success")
    return _back_to_saved(edition_slug)


def _saved_page(
    edition: Edition,
    asked: Filter,
    *,
    name: str = "",
    problem: str = "",
    typed: dict[int, tuple[str, str]] | None = None,
) -> str:
    known = saved.saved_lists(edition)
    shown = chips.said(edition, asked, language())
    return render_template(
        "registration/lists/saved.html",
        asked=shown.asked,
        in_words=chips.in_words(shown.asked.words, shown.chips),
        saved=known,
        filters={one.id: saved.filter_of(one) for one in known},
        name=name,
        problem=problem,
        typed=typed or {},
    )


def _back_to_saved(edition_slug: str) -> Any:
    arguments: dict[str, Any] = asked_for(request.form).arguments()
    return redirect(url_for(".saved_lists", edition_slug=edition_slug, **arguments), 303)


def _list(edition_slug: str, asked: Filter, *, page: str = "") -> str:
    arguments: dict[str, Any] = asked.arguments(page=page if page.isascii() and page.isdecimal() else "")
    return url_for("registrations.index", edition_slug=edition_slug, **arguments)

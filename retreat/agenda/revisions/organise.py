"""The organisers' pages of revisions: the consequences of publishing, what has been published, and the way back."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, can, needs
from retreat.accounts.roles import Permission
from retreat.agenda import checks, labels, publishing
from retreat.agenda.cards import Reader, card
from retreat.agenda.checking.cards import cards
from retreat.agenda.diff import Change, difference
from retreat.agenda.published import PublishedSession, sessions_of_revision
from retreat.agenda.publishing import Telling
from retreat.agenda.revisions import concerned, history, restore, telling, wording
from retreat.agenda.revisions.forms import PublishForm, RestoreForm
from retreat.agenda.revisions.labels import REASONS, REMARKS
from retreat.agenda.revisions.wording import ChangeShown
from retreat.agenda.zone_rules import service as zone_rules
from retreat.core import clock, http
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.editions.models import Edition
from retreat.editions.web import edition_of

blueprint = Blueprint("revisions", __name__, url_prefix="/organise/<edition_slug>/agenda")


def _reader(edition: Edition) -> Reader:
    return Reader.of(edition, http.language(), clock.now())


def _shown(
    edition: Edition,
    changes: Iterable[Change[PublishedSession]],
    before: Sequence[PublishedSession],
    after: Sequence[PublishedSession],
) -> list[ChangeShown]:
    reader, old, new = _reader(edition), wording.titles(before), wording.titles(after)
    return [wording.show(change, reader, before=old, after=new) for change in changes]


# Publishing --------------------------------------------------------------------------------------------------------


@blueprint.route("/publish", methods=["GET", "POST"])
@needs(Permission.PUBLISH_AGENDA)
def publish(edition_slug: str) -> Any:
    """What publishing would change and for whom; then it is done, and everyone reads the new revision."""
    edition = edition_of(edition_slug)
    form = PublishForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            revision = publishing.publish(
                edition,
                at=clock.now(),
                by=actor(),
                note=form.note.data,
                seen=form.seen.data or None,
                telling=Telling(urgent=form.is_urgent_told.data, invitations=form.is_invited.data),
            )
        except publishing.NothingToPublish as nothing:
            db.session.rollback()
            flash(nothing.message)
            return redirect(url_for(".publish", edition_slug=edition_slug), 303)
        except RetreatError as refused:
            db.session.rollback()
            edition = edition_of(edition_slug)
            form.form_errors.append(refused.message)
            status = int(refused.status)
        else:
            number = revision.number
            db.session.commit()
            flash(_("Revision %(number)d is published: page and feeds show it now.", number=number))
            return redirect(url_for(".index", edition_slug=edition_slug), 303)
    last = publishing.last_revision(edition)
    before = sessions_of_revision(last.id) if last else ()
    after = publishing.draft_as_published(edition)
    found = difference(before, after)
    form.seen.data = publishing.fingerprint(found)
    mails = telling.forecast(edition, before, after, at=clock.now())
    if not form.is_submitted():
        form.is_urgent_told.data, form.is_invited.data = True, mails.is_usual
    page = render_template(
        "agenda/revisions/publish.html",
        form=form,
        mails=mails,
        last=last,
        changes=found,
        groups=wording.grouped(_shown(edition, found.changes, before, after)),
        concerned=concerned.concerned(edition, found.changes),
        feeds=concerned.feeds_of(found.changes),
        clashes=cards(checks.open_clashes(edition), http.language(), edition.main_language),
        change_labels=labels.CHANGES,
        reason_labels=REASONS,
    )
    return page, status


# What has been published --------------------------------------------------------------------------------------------


@blueprint.get("/revisions")
def index(edition_slug: str) -> str:
    """What has been published, by whom, with what note and how many changes."""
    edition = edition_of(edition_slug)
    page = http.page_number()
    numbers = history.numbers(edition)
    steps = history.steps(edition, page)
    return render_template(
        "agenda/revisions/index.html",
        steps=steps,
        told=telling.told(edition, [step.number for step in steps]),
        page=page,
        pages=-(-len(numbers) // history.A_PAGE),
        last=numbers[0] if numbers else None,
        moved_by_rules=zone_rules.unread(edition).sessions,
        change_labels=labels.CHANGES,
    )


@blueprint.get("/revisions/<int:number>")
def show(edition_slug: str, number: int) -> str:
    """The programme as it was, by day."""
    edition = edition_of(edition_slug)
    revision = history.revision_of(edition, number)
    reader = _reader(edition)
    sessions = sessions_of_revision(revision.id)
    return render_template(
        "agenda/revisions/show.html",
        revision=revision,
        days=[
            (day, [card(session, reader) for session in some])
            for day, some in groupby(sessions, key=lambda session: session.date)
        ],
        total=len(sessions),
        numbers=history.numbers(edition),
        reader=reader,
    )


@blueprint.get("/revisions/<int:number>/compare")
def choose(edition_slug: str, number: int) -> Redirect:
    """From the form: to the comparison with the revision chosen, or with the draft."""
    against = whole_number(request.args.get("with"))
    if against is None:
        return redirect(url_for(".compare_draft", edition_slug=edition_slug, number=number), 303)
    return redirect(url_for(".compare", edition_slug=edition_slug, number=number, other=against), 303)


@blueprint.get("/revisions/<int:number>/compare/<int:other>")
def compare(edition_slug: str, number: int, other: int) -> str:
    """What is different between two revisions, in the order of the address."""
    return _compared(edition_of(edition_slug), number, other)


@blueprint.get("/revisions/<int:number>/compare/draft")
def compare_draft(edition_slug: str, number: int) -> str:
    """What is different in the draft."""
    return _compared(edition_of(edition_slug), number, None)


def _compared(edition: Edition, number: int, other: int | None) -> str:
    before, after = history.compared(edition, number, other)
    found = difference(before, after)
    return render_template(
        "agenda/revisions/compare.html",
        number=number,
        other=other,
        changes=found,
        groups=wording.grouped(_shown(edition, found.changes, before, after)),
        numbers=history.numbers(edition),
        change_labels=labels.CHANGES,
    )


# Restoring -----------------------------------------------------------------------------------------------------------


@blueprint.route("/revisions/<int:number>/restore", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def restore_revision(edition_slug: str, number: int) -> Any:
    """What would change in the draft; then it is done. The public page changes with the next publication."""
    edition = edition_of(edition_slug)
    revision = history.revision_of(edition, number)
    form = RestoreForm()
    unpublished = publishing.difference_to_publish(edition)
    status = 200
    if form.validate_on_submit():
        try:
            if unpublished and not form.is_lost.data:
                raise restore.NotSaidLost
            done = restore.restore(edition, revision, seen=form.seen.data or "", at=clock.now(), by=actor())
        except RetreatError as refused:
            db.session.rollback()
            edition = edition_of(edition_slug)
            revision = history.revision_of(edition, number)
            unpublished = publishing.difference_to_publish(edition)
            form.form_errors.append(refused.message)
            status = int(refused.status)
        else:
            changed = len(done.difference.changes)
            db.session.commit()
            flash(
                ngettext(
                    "The draft is revision %(number)d again: %(num)d session changed. Publish when it is right.",
                    "The draft is revision %(number)d again: %(num)d sessions changed. Publish when it is right.",
                    changed,
                    number=number,
                )
            )
            return redirect(
                url_for(".publish" if can(Permission.PUBLISH_AGENDA) else ".index", edition_slug=edition_slug), 303
            )
    found = restore.look(edition, revision)
    form.seen.data = found.seen
    draft = publishing.draft_as_published(edition)
    page = render_template(
        "agenda/revisions/restore.html",
        form=form,
        revision=revision,
        changes=found.difference,
        remarks=found.plan.remarks,
        remark_labels=REMARKS,
        unpublished=unpublished,
        groups=wording.grouped(_shown(edition, found.difference.changes, draft, found.plan.sessions)),
        change_labels=labels.CHANGES,
    )
    return page, status

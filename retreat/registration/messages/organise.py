"""Messages: drafts with a preview in each language, sending, and what became of the mails."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from retreat.accounts.guards import actor, organiser
from retreat.core import clock
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.core.http import language, page_number
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.network.service import sections
from retreat.registration import lists, states
from retreat.registration.forms import ButtonForm
from retreat.registration.labels import MAIL_STATES
from retreat.registration.messages import audience, service, texts
from retreat.registration.messages.forms import MessageForm, SendForm
from retreat.registration.messages.models import Message, MessageState

blueprint = Blueprint("messages", __name__, url_prefix="/organise/<edition_slug>/messages")

PER_PAGE = 50
_CONTROLS = ("status", "section", "category")


@blueprint.get("")
def index(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    found = service.messages_of(edition)
    words = audience.words_of(edition, (one.arguments for one in found), language())
    return render_template(
        "registration/messages/index.html",
        messages=found,
        audiences={one.id: audience.described(one.arguments, words) for one in found},
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    form = MessageForm()
    if request.method == "GET" or not form.validate_on_submit():
        return _draft_page(edition, form, None), 422 if form.errors else 200
    try:
        message = service.write(
            edition,
            subject=form.subject.data,
            body=form.body.data,
            arguments=_filter(),
            at=clock.now(),
            by=actor(),
        )
    except service.UnknownPlaceholder as refusal:
        return _refused(edition, form, None, refusal)
    message_id = message.id
    db.session.commit()
    return _saved(edition_slug, message_id)


@blueprint.route("/<int:message_id>", methods=["GET", "POST"])
def show(edition_slug: str, message_id: int) -> Any:
    """A draft to write; what was sent, to read."""
    edition = edition_of(edition_slug)
    message = service.message_of(edition, message_id)
    if request.method == "GET" and message.state is not MessageState.DRAFT:
        return _sent_page(message)
    form = MessageForm(obj=message)
    if not form.validate_on_submit():
        return _draft_page(edition, form, message), 422 if form.errors else 200
    try:
        service.change(
            message,
            subject=form.subject.data,
            body=form.body.data,
            arguments=_filter(),
            version=_number(form.version.data),
            at=clock.now(),
            by=actor(),
        )
    except service.UnknownPlaceholder as refusal:
        return _refused(edition, form, message, refusal)
    except (service.ChangedMeanwhile, service.NotADraft) as refusal:
        sentence, status = refusal.message, int(refusal.status)
        db.session.rollback()
        edition = edition_of(edition_slug)
        message = service.message_of(edition, message_id)
        if message.state is not MessageState.DRAFT:
            flash(sentence, "error")
            return _to(edition_slug, message_id)
        form.form_errors.append(sentence)
        return _draft_page(edition, form, message), status
    db.session.commit()
    return _saved(edition_slug, message_id)


@blueprint.route("/<int:message_id>/send", methods=["GET", "POST"])
def send(edition_slug: str, message_id: int) -> Any:
    """Says whom it goes to, and asks once."""
    edition = edition_of(edition_slug)
    message = service.message_of(edition, message_id)
    if request.method == "GET" and message.state is not MessageState.DRAFT:
        return _to(edition_slug, message_id)
    form = SendForm()
    if not form.validate_on_submit():
        return _send_page(message, form), 422 if form.errors else 200
    try:
        people = service.send(
            message,
            version=_number(form.version.data),
            seen=_number(form.seen.data),
            with_assistants=form.with_assistants.data,
            at=clock.now(),
            by=actor(),
        )
    except RetreatError as refusal:
        sentence, status = refusal.message, int(refusal.status)
        db.session.rollback()
        message = service.message_of(edition_of(edition_slug), message_id)
        if message.state is not MessageState.DRAFT:
            flash(sentence, "info")
            return _to(edition_slug, message_id)
        form.form_errors.append(sentence)
        return _send_page(message, form), status
    db.session.commit()
    flash(ngettext("On its way to %(num)d person.", "On its way to %(num)d people.", people), "success")
    return _to(edition_slug, message_id)


@blueprint.post("/<int:message_id>/test")
def test(edition_slug: str, message_id: int) -> Any:
    """A copy in each language to whoever asks for it."""
    message = _pressed(edition_slug, message_id)
    who = organiser()
    if who is None:
        abort(401)
    address = who.email
    try:
        count = service.send_test(message, to=address, at=clock.now(), by=actor())
    except service.NotReady as refusal:
        sentence = refusal.message
        db.session.rollback()
        flash(sentence, "error")
    else:
        db.session.commit()
        said = ngettext(
            "%(num)d test mail is on its way to %(address)s.",
            "%(num)d test mails are on their way to %(address)s.",
            count,
            address=address,
        )
        flash(said, "success")
    return _to(edition_slug, message_id)


@blueprint.post("/<int:message_id>/duplicate")
def duplicate(edition_slug: str, message_id: int) -> Any:
    copy = service.duplicate(_pressed(edition_slug, message_id), at=clock.now(), by=actor())
    copy_id = copy.id
    db.session.commit()
    flash(_("This is a new draft with the same texts, for the same people."), "success")
    return _to(edition_slug, copy_id)


@blueprint.post("/<int:message_id>/delete")
def delete(edition_slug: str, message_id: int) -> Any:
    message = _pressed(edition_slug, message_id)
    try:
        service.delete(message, at=clock.now(), by=actor())
    except service.NotADraft as refusal:
        sentence = refusal.message
        db.session.rollback()
        flash(sentence, "error")
        return _to(edition_slug, message_id)
    db.session.commit()
    flash(_("The draft is deleted."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


@blueprint.post("/<int:message_id>/go-on")
def go_on(edition_slug: str, message_id: int) -> Any:
    message = _pressed(edition_slug, message_id)
    try:
        service.go_on(message, at=clock.now(), by=actor())
    except service.NothingToGoOnWith as refusal:
        sentence = refusal.message
        db.session.rollback()
        flash(sentence, "error")
    else:
        db.session.commit()
        flash(_("The sending goes on where it stopped; nobody gets it twice."), "success")
    return _to(edition_slug, message_id)


# Pages -------------------------------------------------------------------------------------------------------------


def _draft_page(edition: Edition, form: MessageForm, message: Message | None) -> str:
    """The form, and beside it what is saved: who gets it, in which language, in which words."""
    arguments = _filter() if message is None or request.method == "POST" else dict(message.arguments)
    words = audience.words_of(edition, [arguments], language())
    # A control holds one value; further facets, and several values of one, are kept as the list had them.
    single = {name for name in _CONTROLS if not isinstance(arguments.get(name), list)}
    shown = message or Message(edition_id=edition.id, arguments=arguments)
    those = audience.audience(edition, shown)
    return render_template(
        "registration/messages/draft.html",
        form=form,
        message=message,
        arguments=arguments,
        single=single,
        kept=[one for one in audience.facets(arguments, words) if one[0] not in single],
        sections=sections(),
        categories=lists.categories_of(edition),
        statuses=states.LABELS,
        audience=those,
        previews=audience.previews(edition, shown, those),
        problems=texts.problems(shown.subject, shown.body) if message else [],
        warnings=texts.warnings(shown.subject, shown.body),
        placeholders=texts.PLACEHOLDERS,
    )


def _send_page(message: Message, form: SendForm) -> str:
    those = audience.audience(message.edition, message)
    return render_template(
        "registration/messages/send.html",
        form=form,
        message=message,
        audience=those,
        described=_described(message),
        problems=texts.problems(message.subject, message.body),
        warnings=texts.warnings(message.subject, message.body),
        has_mail=bool(current_app.config["SMTP_URL"]),
    )


def _sent_page(message: Message) -> str:
    counts = service.mail_counts(message)
    total = sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    page = min(page_number(), pages)
    job = service.last_job(message)
    return render_template(
        "registration/messages/sent.html",
        message=message,
        described=_described(message),
        job=job,
        is_stopped=service.is_stopped(message, job),
        counts=counts,
        total=total,
        mails=service.mails_of(message, limit=PER_PAGE, offset=(page - 1) * PER_PAGE),
        mail_states=MAIL_STATES,
        page=page,
        pages=pages,
    )


def _filter() -> dict[str, Any]:
    """The list's filter as the address or the form has it."""
    return audience.arguments_of(request.form if request.method == "POST" else request.args)


def _described(message: Message) -> str:
    words = audience.words_of(message.edition, [message.arguments], language())
    return audience.described(message.arguments, words)


def _pressed(edition_slug: str, message_id: int) -> Message:
    """The message of a button's form."""
    message = service.message_of(edition_of(edition_slug), message_id)
    if not ButtonForm().validate_on_submit():
        abort(400)
    return message


def _refused(edition: Edition, form: MessageForm, message: Message | None, refusal: service.UnknownPlaceholder) -> Any:
    """The form as it was typed, the sentence at its field."""
    getattr(form, refusal.field).errors = [refusal.message]
    return _draft_page(edition, form, message), int(refusal.status)


def _saved(edition_slug: str, message_id: int) -> Response:
    """On to the page that asks before sending, if that was the button; what is sent is what was typed."""
    flash(_("The draft is saved; nobody gets it until you send it."), "success")
    endpoint = ".send" if request.form.get("then") == "send" else ".show"
    return redirect(url_for(endpoint, edition_slug=edition_slug, message_id=message_id), 303)


def _number(text: str | None) -> int:
    """What a form showed; one that does not say showed what never was."""
    number = whole_number(text)
    return -1 if number is None else number


def _to(edition_slug: str, message_id: int) -> Response:
    return redirect(url_for(".show", edition_slug=edition_slug, message_id=message_id), 303)

"""The coordinator's page, behind a secret link: everybody of one delegation, and what can be done for them.

Nobody signs in here; who has the link may see and change the people of this one delegation and nobody else.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from limits import parse
from werkzeug.exceptions import RequestEntityTooLarge

from retreat.core import clock, sheets, tokens
from retreat.core.db import db
from retreat.core.downloads import sent_table
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.core.http import keep_secret, language, spend
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.network.service import sections
from retreat.registration import consent, states
from retreat.registration import service as registrations
from retreat.registration.delegations import inviting, labels, links, quotas, service, several, substitutions
from retreat.registration.delegations.forms import InviteForm, PersonForm, SeveralForm, SuccessorForm
from retreat.registration.delegations.labels import ROLES
from retreat.registration.delegations.models import Delegation
from retreat.registration.forms import ButtonForm
from retreat.registration.labels import FIELDS
from retreat.registration.lists import categories_of, suggestions
from retreat.registration.models import Registration, Status
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.window import RegistrationClosed, may_correct, sentence, window

blueprint = Blueprint("delegation", __name__, url_prefix="/<edition_slug>/delegation/<token>")
blueprint.after_request(keep_secret)

STEPS_PER_DELEGATION = parse("600 per hour")
"""People added and invitations sent, by delegation: a hundred and forty may come under one link, a script may not."""
LINKS_PER_DELEGATION = parse("5 per hour")


class TooMany(RetreatError):
    status = HTTPStatus.TOO_MANY_REQUESTS


class Door(NamedTuple):
    """What the link has opened."""

    edition: Edition
    delegation: Delegation
    token: str

    def url(self, endpoint: str = "page", **values: Any) -> str:
        return url_for(f"delegation.{endpoint}", edition_slug=self.edition.slug, token=self.token, **values)

    @property
    def organisation(self) -> str:
        return self.delegation.organisation.name.text(language(), self.edition.main_language)


@blueprint.get("")
def page(edition_slug: str, token: str) -> str:
    door = _door(edition_slug, token)
    at = clock.now()
    members = service.members_of(door.delegation)
    return render_template(
        "registration/delegation/page.html",
        door=door,
        members=members,
        proposed=substitutions.open_of(members.live),
        invitations=inviting.open_invitations(door.delegation, at=at),
        counts=labels.counts(quotas.quotas_of([door.delegation], at=at)[door.delegation.id]),
        labels=labels,
        roles=ROLES,
        name_of=labels.name_of,
        may_add=window(door.edition, at).is_open,
        may_change=may_correct(door.edition, at),
        closed=sentence(window(door.edition, at), door.edition.city),
    )


@blueprint.route("/add", methods=["GET", "POST"])
def add(edition_slug: str, token: str) -> Any:
    door = _door(edition_slug, token)
    at = clock.now()
    _refuse_unless_open(door.edition, at)
    categories = categories_of(door.edition, is_public=True)
    form = PersonForm(door.edition, categories, sections(), organisation=door.delegation.organisation)
    if not form.validate_on_submit():
        if not form.is_submitted():
            form.submission_key.data = tokens.new()
        return _form_page("add", door, form), 422 if form.errors else 200
    try:
        _spend(door)
        registration = service.add(
            door.delegation,
            form.role.role,
            form.values(),
            language=language(),
            submission_key=form.submission_key.data or None,
            replies=form.replies(),
            consent_number=form.agreed_number,
            at=at,
            by=service.actor(door.delegation),
        )
    except RetreatError as refusal:
        return _refused("add", edition_slug, token, form, refusal)
    name, code = registration.printed_name, registration.code
    db.session.commit()
    flash(_("%(name)s is registered as %(code)s; a mail is on its way.", name=name, code=code), "success")
    return redirect(door.url(), 303)


@blueprint.route("/people/<code>", methods=["GET", "POST"])
def edit(edition_slug: str, token: str, code: str) -> Any:
    door = _door(edition_slug, token)
    at = clock.now()
    service.refuse_when_closed(door.edition, at)
    registration = service.member_with_code(door.delegation, code)
    if registration.status not in states.LIVE:
        return redirect(door.url(), 303)
    categories = categories_of(door.edition, is_public=True)
    if registration.category not in categories or registration.status is Status.APPROVED:
        # The kind of badge is the secretariat's once it has decided.
        categories = [registration.category]
    form = PersonForm(door.edition, categories, sections(), registration)
    if not form.validate_on_submit():
        return _form_page("edit", door, form, registration), 422 if form.errors else 200
    try:
        service.correct(
            registration,
            form.role.role,
            form.values(),
            version=whole_number(form.version.data) or 0,
            replies=form.replies(),
            at=at,
            by=service.actor(door.delegation),
        )
    except RetreatError as refusal:
        return _refused("edit", edition_slug, token, form, refusal, code)
    name = registration.printed_name
    db.session.commit()
    flash(_("The answers of %(name)s have been saved.", name=name), "success")
    return redirect(door.url(), 303)


@blueprint.route("/people/<code>/withdraw", methods=["GET", "POST"])
def withdraw(edition_slug: str, token: str, code: str) -> Any:
    door = _door(edition_slug, token)
    at = clock.now()
    service.refuse_when_closed(door.edition, at)
    registration = service.member_with_code(door.delegation, code)
    if registration.status not in states.LIVE:
        return redirect(door.url(), 303)
    if not ButtonForm().validate_on_submit():
        return render_template("registration/delegation/withdraw.html", door=door, registration=registration)
    name, version = registration.printed_name, whole_number(request.form.get("version")) or 0
    try:
        service.withdraw(registration, version=version, at=at, by=service.actor(door.delegation))
    except RetreatError as refusal:
        _say(refusal)
    else:
        db.session.commit()
        flash(_("%(name)s has been withdrawn and is told by mail.", name=name), "success")
    return redirect(door.url(), 303)


@blueprint.route("/people/<code>/substitute", methods=["GET", "POST"])
def substitute(edition_slug: str, token: str, code: str) -> Any:
    """Propose who comes instead; an organiser decides."""
    door = _door(edition_slug, token)
    at = clock.now()
    service.refuse_when_closed(door.edition, at)
    registration = service.member_with_code(door.delegation, code)
    if not registration.status.takes_a_place or substitutions.open_of([registration]):
        return redirect(door.url(), 303)
    form = SuccessorForm(door.edition, registration.category, sections(), door.delegation.organisation)
    if not form.validate_on_submit():
        return _form_page("substitute", door, form, registration), 422 if form.errors else 200
    name = form.printed_name
    try:
        substitutions.propose(
            registration,
            form.values(),
            consent_number=form.agreed_number,
            at=at,
            by=service.actor(door.delegation),
        )
    except RetreatError as refusal:
        return _refused("substitute", edition_slug, token, form, refusal, code)
    db.session.commit()
    flash(_("%(name)s is proposed. The secretariat decides, and tells you by mail.", name=name), "success")
    return redirect(door.url(), 303)


@blueprint.post("/people/<code>/substitute/take-back")
def take_back(edition_slug: str, token: str, code: str) -> Any:
    door = _door(edition_slug, token)
    registration = service.member_with_code(door.delegation, code)
    open_one = substitutions.open_of([registration]).get(registration.id)
    if ButtonForm().validate_on_submit() and open_one is not None:
        try:
            substitutions.take_back(open_one, at=clock.now(), by=service.actor(door.delegation))
        except RetreatError as refusal:
            _say(refusal)
        else:
            db.session.commit()
            flash(_("The proposal has been taken back; nobody changes."), "success")
    return redirect(door.url(), 303)


@blueprint.route("/invite", methods=["GET", "POST"])
def invite(edition_slug: str, token: str) -> Any:
    """Somebody who is to fill in the form themselves."""
    door = _door(edition_slug, token)
    at = clock.now()
    _refuse_unless_open(door.edition, at)
    form = InviteForm(language=language())
    if not form.validate_on_submit():
        return _form_page("invite", door, form), 422 if form.errors else 200
    email = form.email.data
    try:
        _spend(door)
        inviting.invite(
            door.delegation,
            form.role.role,
            email=email or "",
            given_name=form.given_name.data or "",
            family_name=form.family_name.data or "",
            language=form.language.data or "",
            at=at,
            by=service.actor(door.delegation),
        )
    except RetreatError as refusal:
        return _refused("invite", edition_slug, token, form, refusal)
    db.session.commit()
    flash(_("An invitation is on its way to %(email)s.", email=email), "success")
    return redirect(door.url(), 303)


@blueprint.post("/invitations/<int:number>/revoke")
def revoke(edition_slug: str, token: str, number: int) -> Any:
    door = _door(edition_slug, token)
    if ButtonForm().validate_on_submit():
        try:
            inviting.revoke(door.delegation, number, at=clock.now(), by=service.actor(door.delegation))
        except RetreatError as refusal:
            _say(refusal)
        else:
            db.session.commit()
            flash(_("The invitation has been taken back; its link no longer works."), "success")
    return redirect(door.url(), 303)


@blueprint.post("/link")
def renew(edition_slug: str, token: str) -> Any:
    """A new link by mail to the coordinator; this one and every other end."""
    door = _door(edition_slug, token)
    if not ButtonForm().validate_on_submit():
        return redirect(door.url(), 303)
    if not spend(LINKS_PER_DELEGATION, "delegation link", str(door.delegation.id)):
        flash(_("Several links have been sent already. Try again in an hour."), "error")
        return redirect(door.url(), 303)
    email = door.delegation.coordinator_email
    try:
        service.renew_link(door.delegation, at=clock.now(), by=service.actor(door.delegation))
    except RetreatError as refusal:
        _say(refusal)
        return redirect(door.url(), 303)
    db.session.commit()
    return render_template("registration/delegation/renewed.html", door=door, email=email)


# Many at once ------------------------------------------------------------------------------------------------------


@blueprint.route("/several", methods=["GET", "POST"])
def add_several(edition_slug: str, token: str) -> Any:
    """Lines are checked and shown; only what was shown is done, by a second press."""
    door = _door(edition_slug, token)
    at = clock.now()
    _refuse_unless_open(door.edition, at)
    form = SeveralForm()
    if not form.validate_on_submit():
        return _several_page(door, form), 200
    try:
        sheet = _sheet(form)
        plan = several.plan(door.delegation, sheet, at=at)
    except sheets.SheetErrors as refused:
        return _several_page(door, form, errors=refused.errors), 422
    if "confirm" not in request.form:
        return _several_page(door, form, plan=plan), 200
    if plan.added and form.agreed_number != form.shown_number(consent.current(door.edition)):
        form.consent.data, form.consent.errors = False, [_("The text has changed since you read it: read it once more")]
        return _several_page(door, form, plan=plan), 409
    if plan.added and not form.consent.data:
        form.consent.errors = [_("Without this consent we cannot keep the registrations")]
        return _several_page(door, form, plan=plan), 422
    return _carry_out(door, form, sheet)


def _carry_out(door: Door, form: SeveralForm, sheet: sheets.Sheet) -> Any:
    by, slug = service.actor(door.delegation), door.edition.slug
    try:
        _spend(door, len(sheet.rows))
        done = several.carry_out(
            door.delegation, sheet, form.seen.data or "", consent_number=form.agreed_number, at=clock.now(), by=by
        )
    except several.PlanChanged as changed:
        if not changed.plan.added and not changed.plan.changed:
            # A second press of the button, or a second window: it has been done.
            db.session.rollback()
            flash(_("Everything was as in the lines already."), "info")
            return redirect(_door(slug, door.token).url(), 303)
        # Rendered before the rollback: the plan is of this transaction.
        page = _several_page(door, form, plan=changed.plan, problem=changed.message)
        db.session.rollback()
        return page, 409
    except RetreatError as refusal:
        problem, status = refusal.message, int(refusal.status)
        db.session.rollback()
        return _several_page(_door(slug, door.token), form, problem=problem), status
    added, changed_ones, left_out = done.added, done.changed, done.left_out
    db.session.commit()
    said = [ngettext("%(num)d person registered.", "%(num)d people registered.", added)] if added else []
    said += [ngettext("%(num)d person changed.", "%(num)d people changed.", changed_ones)] if changed_ones else []
    said += [ngettext("%(num)d line left out.", "%(num)d lines left out.", left_out)] if left_out else []
    flash(" ".join(said) or _("Everything was as in the lines already."), "success")
    return redirect(_door(slug, door.token).url(), 303)


@blueprint.get("/lines.csv")
def example(edition_slug: str, token: str) -> Response:
    """Those who are in the delegation as a file to start from; an empty delegation gives the names of the columns."""
    door = _door(edition_slug, token)
    rows = [several.cells(one) for one in service.members_of(door.delegation).live]
    return sent_table(sheets.csv_bytes(several.COLUMNS, rows), f"delegation-{door.edition.slug}")


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Any:
    """Far more than a delegation has people."""
    values = request.view_args or {}
    door = _door(values["edition_slug"], values["token"])
    problem = _("That is too much at once: paste or choose at most %(count)d lines.", count=several.MOST_LINES)
    # The form itself cannot be read: it is what is too large.
    return _several_page(door, SeveralForm(formdata=None), problem=problem), 413


def _sheet(form: SeveralForm) -> sheets.Sheet:
    """A file counts before what is pasted, and from then on travels as text."""
    upload = form.file.data
    if upload is None or not upload.filename:
        return several.read(form.pasted.data or "")
    sheet = several.read_file(upload.filename, upload.read())
    form.pasted.data = several.as_text(sheet)
    return sheet


def _several_page(
    door: Door,
    form: SeveralForm,
    *,
    plan: several.Plan | None = None,
    errors: tuple[sheets.SheetError, ...] = (),
    problem: str = "",
) -> str:
    text = consent.current(door.edition)
    form.consent_number.data = str(form.shown_number(text))
    return render_template(
        "registration/delegation/several.html",
        door=door,
        form=form,
        plan=plan,
        errors=errors,
        problem=problem,
        columns=several.COLUMNS,
        called=several.called(),
        most=several.MOST_LINES,
        roles=ROLES,
        words=several.WORDS,
        fields={**FIELDS, "role": _("Role in the delegation").lower()},
        ask=quotas.who_to_ask(door.edition.contact_email),
        consent_text=text,
    )


# What the views share ----------------------------------------------------------------------------------------------


def _door(edition_slug: str, token: str) -> Door:
    edition = edition_of(edition_slug)
    return Door(edition, links.delegation_of_link(edition, token), token)


def _refuse_unless_open(edition: Edition, at: Any) -> None:
    if not (shown := window(edition, at)).is_open:
        raise RegistrationClosed(shown, edition.city)


def _spend(door: Door, steps: int = 1) -> None:
    for _step in range(steps):
        if not spend(STEPS_PER_DELEGATION, "delegation", str(door.delegation.id)):
            raise TooMany(_("Many people have been added by this link. Try again in an hour."))


def _say(refusal: RetreatError) -> None:
    message = refusal.message
    db.session.rollback()
    flash(message, "error")


def _refused(kind: str, edition_slug: str, token: str, form: Any, refusal: RetreatError, code: str = "") -> Any:
    """The form once more with the sentence, and with everything that was typed."""
    message, status = refusal.message, int(refusal.status)
    db.session.rollback()
    door = _door(edition_slug, token)
    registration = service.member_with_code(door.delegation, code) if code else None
    if isinstance(refusal, ChoiceFull):
        form.refuse_full(refusal)
    else:
        form.form_errors.append(message)
    if registration is not None and isinstance(refusal, registrations.ChangedMeanwhile):
        form.form_errors += _differences(registration, form)
        # Whoever has read what differs may save all the same.
        form.version.data = str(registration.version)
    return _form_page(kind, door, form, registration), status


def _differences(registration: Registration, form: PersonForm) -> list[str]:
    """What is stored now where something else was typed."""
    found = []
    for name, value in form.values().items():
        stored = getattr(registration, name)
        if stored != value and isinstance(stored, str):
            found.append(
                _("%(field)s is now: %(text)s", field=str(FIELDS.get(name, name)).capitalize(), text=stored or "–")
            )
    if registration.delegation_role is not None and registration.delegation_role is not form.role.role:
        role = ROLES[registration.delegation_role]
        found.append(_("%(field)s is now: %(text)s", field=_("Role in the delegation"), text=role))
    if found:
        found.append(_("Save again to replace that by your answers."))
    return found


def _form_page(kind: str, door: Door, form: Any, registration: Registration | None = None) -> str:
    if isinstance(form, PersonForm) and form.consent:
        form.show_consent(consent.current(door.edition))
    return render_template(
        f"registration/delegation/{kind}.html",
        door=door,
        form=form,
        registration=registration,
        suggestions=suggestions(),
    )

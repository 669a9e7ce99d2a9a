"""Every address of the site, asked as a stranger and as each role, against one table written here by hand.

A new page belongs into TABLE, or into PUBLIC when anybody may see it: that is a decision, and this test asks for it.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from retreat.accounts.models import Organiser, Role
from retreat.agenda.models import AgendaSession, Audience, Document, Kind, Track
from retreat.agenda.papers import service as papers
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core import clock
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from retreat.demo import service as demo
from retreat.editions.models import Edition, Hall
from retreat.registration.delegations.models import Substitution
from retreat.registration.invitations.models import InvitationSource
from retreat.registration.invitations.service import invite
from retreat.registration.letters import service as issuing
from retreat.registration.letters.models import Letter
from retreat.registration.messages.models import Message
from retreat.registration.models import Registration, Status
from retreat.registration.questions import editing
from retreat.registration.questions.editing import QuestionGiven
from retreat.registration.questions.models import Question, QuestionKind
from tests.client import PageClient, outside
from tests.registration.letters import making as letters
from tests.signing_in import client_of_role

EVERYBODY, ADMINISTRATOR = "arpcdv", "a"
LETTERS = {
    "a": Role.ADMINISTRATOR,
    "r": Role.REGISTRAR,
    "p": Role.PROGRAMMER,
    "c": Role.PROTOCOL,
    "d": Role.DESK,
    "v": Role.VIEWER,
}

TABLE = {
    "organise.index": EVERYBODY,
    "organise.dashboard": EVERYBODY,
    "organise.new_edition": "a",
    "organise.settings": "a",
    "organise.category": "a",
    "organise.outbox": "ar",
    "organise.one_mail": "ar",
    "organise.send_again": "ar",
    "organise.job_list": "arpc",
    "organise.job": "arpc",
    "organise.cancel_job": "arpc",
    "organise.history": "a",
    "organisers.account": EVERYBODY,
    "organisers.change_password": EVERYBODY,
    "organisers.organisers": "a",
    "organisers.invite": "a",
    "organisers.invite_again": "a",
    "organisers.set_active": "a",
    "organisers.set_role": "a",
    "organisers.show_link": "a",
    "registrations.index": "ardv",
    "registrations.person": "ardv",
    "registrations.photograph": "ardv",
    "registrations.remove_photograph": "ar",
    "registrations.register": "ar",
    "registrations.edit": "ar",
    "registrations.export": "ar",
    "registrations.answer_file": "ar",
    "registrations.approve": "ar",
    "registrations.cancel": "ar",
    "registrations.decline": "ar",
    "arrivals.note": "ard",
    "arrivals.undo": "ard",
    "numbers.index": "ardv",
    "numbers.file": "ardv",
    "numbers.publish": "a",
    "messages.index": "ar",
    "messages.new": "ar",
    "messages.show": "ar",
    "messages.send": "ar",
    "messages.test": "ar",
    "messages.duplicate": "ar",
    "messages.delete": "ar",
    "messages.go_on": "ar",
    "questions.index": "a",
    "questions.new": "a",
    "questions.edit": "a",
    "questions.show": "a",
    "questions.move": "a",
    "questions.remove": "a",
    "questions.bring_back": "a",
    "questions.copy": "a",
    "personal.person": "ar",
    "personal.export": "ar",
    "personal.file": "ar",
    "personal.erase": "a",
    "personal.settings": "a",
    "personal.save": "a",
    "personal.save_consent": "a",
    "letters.index": "ar",
    "letters.issue_all": "ar",
    "letters.remind": "ar",
    "letters.run_state": "ar",
    "letters.run_file": "ar",
    "letters.person": "ar",
    "letters.issue": "ar",
    "letters.edit_passport": "ar",
    "letters.download": "ar",
    "letters.revoke": "ar",
    "letters.signatory_page": "a",
    "letters.save_signatory": "a",
    "letters.signature": "a",
    "people.index": "ar",
    "people.pairs": "ar",
    "people.show": "ar",
    "people.date_office": "ar",
    "people.merge": "ar",
    "people.two": "ar",
    "invitations.index": "ar",
    "invitations.export": "ar",
    "invitations.show": "ar",
    "invitations.new": "ar",
    "invitations.send_again": "ar",
    "invitations.revoke": "ar",
    "invitations.extend": "ar",
    "invitations.send_unsent": "ar",
    "invitations.remind": "ar",
    "lists.filters": "ardv",
    "lists.columns": "ardv",
    "lists.counts": "ardv",
    "lists.saved_lists": "ardv",
    "lists.save": "ar",
    "lists.rename": "ar",
    "lists.replace": "ar",
    "lists.remove": "ar",
    "lists.table": "ar",
    "lists.import_file": "ar",
    "lists.import_confirmed": "ar",
    "lists.approve": "ar",
    "lists.send_links": "ar",
    "delegations.index": "ardv",
    "delegations.show": "ardv",
    "delegations.add": "ar",
    "delegations.decide": "ar",
    "delegations.edit": "ar",
    "delegations.export": "ar",
    "delegations.link": "ar",
    "delegations.move": "ar",
    "delegations.new": "ar",
    "delegations.set_quotas": "ar",
    "board.index": "apcv",
    "board.state_of_day": "apcv",
    "board.move": "ap",
    "board.undo": "ap",
    "board.redo": "ap",
    "board.hold": "ap",
    "many.index": "ap",
    "many.change": "ap",
    "many.undo": "ap",
    "many.set_field": "ap",
    "draft.index": "apcv",
    "draft.clash_list": "apcv",
    "clashes.accept": "ap",
    "clashes.reopen": "ap",
    "halls.closures": "ap",
    "halls.open_hall": "ap",
    "halls.walks": "ap",
    "draft.export": "apcv",
    "draft.frame_page": "apcv",
    "draft.session": "ap",
    "draft.new_session": "ap",
    "draft.people": "ap",
    "papers.index": "apcv",
    "papers.file": "apcv",
    "papers.add": "ap",
    "papers.edit": "ap",
    "papers.move": "ap",
    "papers.remove": "ap",
    "draft.change_session": "ap",
    "draft.day": "ap",
    "draft.piece": "ap",
    "draft.remove_piece": "ap",
    "draft.import_file": "ap",
    "draft.seats": "apcv",
    "draft.seats_csv": "apcv",
    "draft.invite": "ap",
    "draft.free_seat": "ap",
    "revisions.choose": "apcv",
    "revisions.compare": "apcv",
    "revisions.compare_draft": "apcv",
    "revisions.index": "apcv",
    "revisions.publish": "ap",
    "revisions.restore_revision": "ap",
    "revisions.show": "apcv",
    "draft_calendar.index": "apcv",
    "draft_calendar.make": "apcv",
    "draft_calendar.renew": "apcv",
    "draft_calendar.revoke": "apcv",
    "zone_rules.index": "apcv",
    "zone_rules.read": "ap",
    "ceremony.index": "acv",
    "ceremony.show": "acv",
    "ceremony.announce": "ac",
    "ceremony.change_step": "ac",
    "ceremony.edit_award": "ac",
    "ceremony.edit_step": "ac",
    "ceremony.new_award": "ac",
    "ceremony.new_step": "ac",
    "ceremony.remove_award": "ac",
    "printing.index": "arc",
    "printing.categories_style": "arc",
    "printing.print_badges": "arc",
    "printing.cancel_run": "arc",
    "printing.run_file": "arc",
    "printing.run_state": "arc",
    "printing.one_badge": "arcd",
    "printing.print_list": "ar",
    "printing.print_agenda": "ac",
    "printing.print_ceremony": "ac",
}

PUBLIC_ROOMS = {
    "accounts",
    "agenda",
    "calendars",
    "changes",
    "delegation",
    "exchange",
    "figures",
    "invitation",
    "my",
    "paper",
    "portal",
    "privacy",
    "registration",
    "stars",
    "system",
    "verify",
}
PUBLIC = {"static"}

UNSEEN = {
    "personal.file",
    "registrations.answer_file",
    "registrations.photograph",
    "printing.run_file",
    "printing.run_state",
    "letters.run_file",
    "letters.run_state",
}
"""Need the files of a finished print run, which its own tests make; here they may answer 404."""


@pytest.fixture(scope="module")
def database_of_the_demo(sqlite_template, tmp_path_factory):
    """The demo edition, with a mail, a job and an organiser of each role: whatever is hidden is there."""
    import shutil

    from tests.conftest import make_app

    folder = tmp_path_factory.mktemp("every-address")
    path = folder / "retreat.sqlite"
    shutil.copy(sqlite_template, path)
    app = make_app(f"sqlite:///{path}", folder / "data")
    app.test_client_class = PageClient
    with app.app_context():
        fill()
        db.session.remove()
    yield app
    app.extensions["retreat.jobs"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def fill() -> None:
    at = clock.now()
    demo.load(at=at, by=SYSTEM)
    edition = db.session.scalars(select(Edition)).one()
    a_letter(edition)
    a_substitution(edition)
    invite(
        edition,
        email="invited@example.org",
        prefill={},
        source=InvitationSource.HAND,
        expires_at=at + timedelta(days=1),
        is_sent=False,
        at=at,
        by=SYSTEM,
    )
    db.session.add(
        OutboxMail(
            template="accounts/mail/reset.txt",
            language="ru",
            recipient="somebody@example.org",
            values={"name": "", "by": "", "role": "viewer"},
            links={"link": ["account reset", 1]},
            subject="A mail",
            state=MailState.FAILED,
            edition_id=edition.id,
            message_id="<1@example.org>",
            created_at=at,
        )
    )
    job = Job(kind="print.badges", arguments={}, state=JobState.RUNNING, created_at=at, created_by="somebody")
    job.edition_id, job.heartbeat_at = edition.id, at + timedelta(days=1)
    db.session.add(job)
    draft = Message(edition_id=edition.id, subject=Translated(en="Dear all"), body=Translated(en="Come {name}"))
    draft.created_at, draft.updated_at, draft.created_by = at, at, "somebody"
    db.session.add(draft)
    a_question(edition)
    a_paper(edition)
    for role in Role:
        db.session.add(
            Organiser(email=f"{role.value}@example.org", name=role.value.capitalize(), role=role, created_at=at)
        )
    db.session.commit()


def a_question(edition: Edition) -> None:
    asked = QuestionGiven(kind=QuestionKind.TEXT, label=Translated(en="Anything else"))
    editing.add(edition, asked, at=clock.now(), by=SYSTEM)


def a_paper(edition: Edition) -> None:
    """Of the session that the other addresses are about."""
    of = db.session.scalars(select(AgendaSession).where(AgendaSession.kind == Kind.CEREMONY)).first()
    assert of is not None
    papers.add(
        of,
        b"%PDF-1.4",
        "order.pdf",
        title=Translated(en="Running order"),
        language="en",
        audience=Audience.ORGANISERS,
        at=clock.now(),
        by=SYSTEM,
    )


def a_letter(edition: Edition) -> None:
    """Issued for the first registration, with its passport and both signatures."""
    letters.sign(edition)
    one = db.session.scalars(
        select(Registration).where(Registration.status == Status.APPROVED).order_by(Registration.id)
    ).first()
    assert one is not None
    one.visa_letter = True
    issuing.keep_passport(one, letters.PASSPORT, at=clock.now(), by=SYSTEM)
    issuing.issue(one, at=clock.now(), by=SYSTEM)


def a_substitution(edition: Edition) -> None:
    """Proposed for somebody of the first delegation."""
    one = db.session.scalars(
        select(Registration).where(Registration.delegation_id == 1).order_by(Registration.id)
    ).first()
    assert one is not None
    values = {"given_name": "Successor", "email": "successor@example.org", "category_id": one.category_id}
    db.session.add(
        Substitution(registration=one, values=values, proposed_at=edition.created_at, proposed_by="coordinator")
    )
    db.session.flush()


@pytest.fixture(scope="module")
def addresses(database_of_the_demo) -> dict[str, list[tuple[str, str, bool]]]:
    """By endpoint: (method, address, whether the view may change something)."""
    app: Flask = database_of_the_demo
    with app.app_context():
        values = known_values()
        db.session.remove()
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for rule in app.url_map.iter_rules():
        fixed = rule.defaults or {}
        given = {**fixed, **{name: values_of(rule, name, values) for name in rule.arguments - set(fixed)}}
        address = app.url_map.bind("").build(rule.endpoint, given)
        methods = sorted((rule.methods or set()) & {"GET", "POST"})
        found.setdefault(rule.endpoint, []).extend((method, address, method == "POST") for method in methods)
    return found


def known_values() -> dict[str, object]:
    session = db.session.scalars(select(AgendaSession).where(AgendaSession.kind == Kind.CEREMONY)).first()
    assert session is not None
    return {
        "edition_slug": "2020",
        "code": session.code,
        "registration": db.session.scalars(select(Registration.code).order_by(Registration.id)).first(),
        "slug": db.session.scalars(select(Track.slug).order_by(Track.id)).first(),
        "hall_slug": db.session.scalars(select(Hall.slug).order_by(Hall.id)).first(),
        "category": db.session.scalars(select(Edition)).one().categories[0].slug,
        "question": db.session.scalars(select(Question.slug)).one(),
        "award_id": db.session.scalars(select(Award.id).order_by(Award.id)).first(),
        "step_id": db.session.scalars(select(RunningOrderItem.id).order_by(RunningOrderItem.id)).first(),
        "mail_id": db.session.scalars(select(OutboxMail.id)).first(),
        "job_id": db.session.scalars(select(Job.id).order_by(Job.id.desc())).first(),
        "message_id": db.session.scalars(select(Message.id)).one(),
        "organiser_id": db.session.scalars(select(Organiser.id).where(Organiser.role == Role.VIEWER)).one(),
        "list_id": 1,
        "person_id": db.session.scalars(select(Registration.person_id).order_by(Registration.id)).first(),
        "day": "2020-02-28",
        "letter_number": db.session.scalars(select(Letter.number)).one(),
        "token": "nobodys-token",
        "paper": "nobodys-paper",
        "a_paper": db.session.scalars(select(Document.token)).one(),
        "number": 1,
        "other": 1,
        "office_number": 1,
        "filename": "css/theme.css",
    }


def values_of(rule: Rule, name: str, values: dict[str, object]) -> object:
    converter = rule._converters[name]
    if hasattr(converter, "items"):  # any(…): the first of its words, but the kind of piece that has our slug
        return "track" if "track" in converter.items else min(converter.items)
    if name == "code" and (
        rule.endpoint.startswith(("registrations.", "letters.", "delegations."))
        or rule.endpoint == "printing.one_badge"
    ):
        return values["registration"]
    if name == "token" and rule.endpoint.startswith("papers."):
        return values["a_paper"]
    if name == "slug" and rule.endpoint == "organise.category":
        return values["category"]
    if name == "slug" and rule.endpoint.startswith("questions."):
        return values["question"]
    return values[name]


def rooms_of(endpoint: str) -> str:
    return endpoint.partition(".")[0]


def test_every_endpoint_is_in_the_table_or_public(addresses):
    undecided = {
        endpoint
        for endpoint in addresses
        if endpoint not in TABLE and endpoint not in PUBLIC and rooms_of(endpoint) not in PUBLIC_ROOMS
    }

    assert undecided == set(), "Say in TABLE who may see these, or add their room to PUBLIC_ROOMS."
    assert set(TABLE) - set(addresses) == set(), "These are in TABLE, but no longer in the app."


def test_everything_below_organise_is_in_the_table(addresses):
    below = {
        endpoint for endpoint, asked in addresses.items() if any(url.startswith("/organise") for _, url, _ in asked)
    }

    assert below == set(TABLE)


def asked(addresses: dict[str, list[tuple[str, str, bool]]]) -> Iterator[tuple[str, str, str]]:
    for endpoint in sorted(TABLE):
        for method, address, _ in addresses[endpoint]:
            yield endpoint, method, address


def test_a_stranger_is_sent_to_sign_in_from_every_organisers_address(database_of_the_demo, addresses):
    client = database_of_the_demo.test_client()

    wrong = []
    for endpoint, method, address in asked(addresses):
        answer = outside(lambda method=method, address=address: client.open(address, method=method))
        wanted = f"/sign-in?next={address}" if method == "GET" else "/sign-in"
        if (answer.status_code, answer.location) != (303, wanted):
            wrong.append((endpoint, method, address, answer.status_code, answer.location))

    assert wrong == []


def test_no_public_address_sends_a_stranger_to_sign_in(database_of_the_demo, addresses):
    client = database_of_the_demo.test_client()

    wrong = []
    for endpoint in sorted(set(addresses) - set(TABLE)):
        for method, address, _ in addresses[endpoint]:
            if method == "GET":
                answer = outside(lambda address=address: client.get(address))
                if answer.status_code >= 500 or "/sign-in" in (answer.location or ""):
                    wrong.append((endpoint, address, answer.status_code, answer.location))
                answer.close()

    assert wrong == []


@pytest.mark.parametrize("letter", LETTERS, ids=[role.value for role in LETTERS.values()])
def test_each_role_may_do_its_own_and_nothing_else(database_of_the_demo, addresses, letter):
    client = outside(lambda: client_of_role(database_of_the_demo, LETTERS[letter].value))

    wrong = []
    for endpoint, method, address in asked(addresses):
        answer = outside(lambda method=method, address=address: client.open(address, method=method))
        if letter not in TABLE[endpoint]:
            is_right = answer.status_code == 403
        elif method == "POST":
            # Without its token no form is believed: whoever gets this far is let in, and nothing changes.
            is_right = answer.status_code == 400
        else:
            is_right = answer.status_code in (200, 302, 303) or (endpoint in UNSEEN and answer.status_code == 404)
        if not is_right:
            wrong.append((endpoint, method, address, answer.status_code))

    assert wrong == []


def test_the_page_that_refuses_says_what_to_do(database_of_the_demo):
    client = outside(lambda: client_of_role(database_of_the_demo, "viewer"))

    answer = outside(lambda: client.get("/organise/2020/settings"))

    assert answer.status_code == 403
    assert "Ask an administrator if you need it." in client.page.text


@pytest.mark.parametrize("address", ["/organise", "/organise/2020", "/organise/2020/", "/organise/2020?x=1"])
def test_a_stranger_meets_no_other_redirect_on_the_way(database_of_the_demo, address):
    answer = outside(lambda: database_of_the_demo.test_client().get(address))

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=/organise")


def test_an_app_with_a_silent_blueprint_does_not_start():
    from flask import Blueprint

    from retreat.accounts import guards

    app = Flask("silent")
    app.register_blueprint(guards.public(Blueprint("said", __name__)))
    app.register_blueprint(Blueprint("silent", __name__))

    with pytest.raises(guards.UnguardedBlueprint, match="silent"):
        guards.check_blueprints(app)

"""Organisers are made, invited, given roles, and their links work once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from retreat.accounts import passwords, service
from retreat.accounts.models import AccountToken, Organiser, Role, TokenPurpose
from retreat.core.audit import SYSTEM, AuditEntry
from retreat.core.mail import OutboxMail

AT = datetime(2020, 1, 20, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


def make(email="lena.osei@example.org", role=Role.ADMINISTRATOR, password=PASSWORD):
    return service.create_organiser(email, role=role, name="Lena Osei", password=password, at=AT, by=SYSTEM)


def test_an_address_is_kept_in_lower_case(db_session):
    assert make("  Lena.Osei@Example.ORG ").email == "lena.osei@example.org"


def test_the_same_address_in_other_letters_is_the_same_organiser(db_session):
    make()

    with pytest.raises(service.OrganiserExists) as refusal:
        make("LENA.OSEI@example.org")

    assert refusal.value.email == "lena.osei@example.org"


@pytest.mark.parametrize("address", ["", "lena", "lena@", "lena@example.org\nBcc: all@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused(db_session, address):
    with pytest.raises(service.BadEmail):
        make(address)


def test_the_right_password_is_recognised_and_writes_nothing(db_session):
    organiser = make()
    db_session.commit()

    assert service.recognised("Lena.Osei@example.org", PASSWORD) == organiser.id
    assert service.recognised("lena.osei@example.org", "correct horse Battery") is None
    assert service.recognised("nobody@example.org", PASSWORD) is None
    assert not db_session.dirty


def test_an_unknown_address_takes_as_long_as_a_known_one(db_session, monkeypatch):
    make()
    verified = []
    real = passwords._hasher.__class__.verify
    monkeypatch.setattr(
        passwords._hasher.__class__, "verify", lambda self, *given: verified.append(given) or real(self, *given)
    )

    service.recognised("lena.osei@example.org", "a wrong password")
    service.recognised("nobody@example.org", "a wrong password")

    assert len(verified) == 2


def test_a_deactivated_organiser_is_not_recognised(db_session):
    make("other@example.org")
    organiser = make()

    service.set_active(organiser, False, at=AT, by=SYSTEM)

    assert service.recognised("lena.osei@example.org", PASSWORD) is None


def test_signing_in_strengthens_an_old_hash_and_ends_no_session(db_session):
    from argon2 import PasswordHasher

    organiser = make()
    organiser.password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    before = organiser.get_id()

    service.note_sign_in(organiser, PASSWORD, at=AT)

    assert not passwords.needs_rehash(organiser.password_hash)
    assert passwords.verify(PASSWORD, organiser.password_hash)
    assert organiser.get_id() == before
    assert organiser.last_signed_in_at == AT


def test_an_invitation_is_a_mail_without_the_link_in_the_database(db_session):
    organiser = service.invite("new@example.org", role=Role.REGISTRAR, language="fr", at=AT, by=SYSTEM)

    mail = db_session.scalars(select(OutboxMail)).one()
    assert (mail.recipient, mail.language, mail.template) == (
        "new@example.org",
        "fr",
        "accounts/mail/invitation.txt",
    )
    assert mail.links == {"link": ["account invitation", organiser.id]}
    assert organiser.password_hash is None
    assert db_session.scalar(select(func.count()).select_from(AccountToken)) == 0


def link_of(organiser, purpose=TokenPurpose.INVITATION, at=AT):
    return service._mint(organiser.id, purpose, at).rsplit("/", 1)[1]


def test_a_link_sets_a_password_once(db_session):
    organiser = make(password=None)
    token = link_of(organiser)

    service.choose_password(token, PASSWORD, at=AT)

    assert service.recognised(organiser.email, PASSWORD) == organiser.id
    with pytest.raises(service.LinkNoLongerValid):
        service.choose_password(token, "another good password", at=AT)
    assert service.recognised(organiser.email, PASSWORD) == organiser.id


def test_a_link_is_stored_only_as_a_hash(db_session):
    token = link_of(make())

    stored = db_session.scalars(select(AccountToken.token_hash)).one()

    assert token not in stored
    assert len(stored) == 64


@pytest.mark.parametrize(("purpose", "lives"), [(TokenPurpose.RESET, 2), (TokenPurpose.INVITATION, 7 * 24)])
def test_a_link_expires(db_session, purpose, lives):
    organiser = make()
    token = link_of(organiser, purpose)

    assert service.organiser_of_link(token, at=AT + timedelta(hours=lives, seconds=-1)) is organiser
    with pytest.raises(service.LinkNoLongerValid):
        service.organiser_of_link(token, at=AT + timedelta(hours=lives))


def test_a_weak_password_does_not_use_the_link_up(db_session):
    organiser = make(password=None)
    token = link_of(organiser)

    with pytest.raises(passwords.WeakPassword):
        service.choose_password(token, "too short", at=AT)

    assert service.organiser_of_link(token, at=AT) is organiser


def test_a_new_password_ends_every_session_and_every_other_link(db_session):
    organiser = make()
    session, other_link = organiser.get_id(), link_of(organiser, TokenPurpose.RESET)

    service.choose_password(
        link_of(organiser, TokenPurpose.RESET), "another good password", at=AT + timedelta(minutes=1)
    )

    assert organiser.get_id() != session
    with pytest.raises(service.LinkNoLongerValid):
        service.organiser_of_link(other_link, at=AT + timedelta(minutes=2))


def test_the_link_of_a_deactivated_organiser_does_not_work(db_session):
    make("other@example.org")
    organiser = make()
    token = link_of(organiser)

    service.set_active(organiser, False, at=AT, by=SYSTEM)

    with pytest.raises(service.LinkNoLongerValid):
        service.organiser_of_link(token, at=AT)


def test_changing_a_password_wants_the_present_one(db_session):
    organiser = make()

    with pytest.raises(service.WrongPassword):
        service.change_password(organiser, "not this one at all", "another good password", at=AT)

    service.change_password(organiser, PASSWORD, "another good password", at=AT)
    assert service.recognised(organiser.email, "another good password") == organiser.id


def test_the_last_administrator_keeps_role_and_access(db_session):
    organiser = make()
    make("viewer@example.org", Role.VIEWER)

    with pytest.raises(service.LastAdministrator):
        service.set_role(organiser, Role.VIEWER, at=AT, by=SYSTEM)
    with pytest.raises(service.LastAdministrator):
        service.set_active(organiser, False, at=AT, by=SYSTEM)

    assert (organiser.role, organiser.is_active) == (Role.ADMINISTRATOR, True)


def test_an_administrator_who_never_came_in_does_not_count(db_session):
    organiser = make()
    make("invited@example.org", password=None)

    with pytest.raises(service.LastAdministrator):
        service.set_role(organiser, Role.VIEWER, at=AT, by=SYSTEM)


def test_one_of_two_administrators_may_go(db_session):
    organiser = make()
    make("other@example.org")

    service.set_role(organiser, Role.PROTOCOL, at=AT, by=SYSTEM)

    assert organiser.role is Role.PROTOCOL
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "organiser.role")).one()
    assert entry.details == {"before": "administrator", "after": "protocol"}


def test_asking_for_a_reset_does_the_same_for_any_address(db_session, run_jobs, outbox):
    make()

    service.ask_for_reset("nobody@example.org", at=AT)
    service.ask_for_reset("Lena.Osei@example.org", at=AT)
    assert run_jobs() == 2

    assert [(mail.recipient, mail.template) for mail in outbox()] == [
        ("lena.osei@example.org", "accounts/mail/reset.txt")
    ]


def test_the_history_says_who_was_made_by_whom(db_session):
    organiser = make()

    entry = db_session.scalars(select(AuditEntry)).one()

    assert (entry.action, entry.subject_kind, entry.subject_id, entry.actor_name, entry.details) == (
        "organiser.created",
        "organiser",
        organiser.id,
        "Retreat",
        {"email": "lena.osei@example.org", "role": "administrator"},
    )


def test_the_list_has_the_active_first(db_session):
    make("z@example.org")
    gone = make("a@example.org")
    service.set_active(gone, False, at=AT, by=SYSTEM)

    assert [organiser.email for organiser in service.organisers()] == ["z@example.org", "a@example.org"]


def test_the_database_refuses_an_address_in_capitals(db_session):
    from sqlalchemy.exc import IntegrityError

    db_session.add(Organiser(email="Lena@example.org", role=Role.VIEWER, created_at=AT))

    with pytest.raises(IntegrityError):
        db_session.flush()
    db_session.rollback()

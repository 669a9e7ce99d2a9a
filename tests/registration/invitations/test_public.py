"""The page behind an invitation's link."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core.mail import OutboxMail, write
from retreat.network.models import Section
from retreat.registration.delegations.models import DelegationRole
from retreat.registration.invitations import service
from retreat.registration.invitations.models import InvitationSource
from retreat.registration.models import Registration
from tests.registration.delegations.making import delegation
from tests.registration.invitations.making import ANA, invite, link_of
from tests.registration.making import AT, DELEGATE, REGISTRAR, category, edition

pytestmark = pytest.mark.one_database


@pytest.fixture
def tangier(db_session, clock):
    with clock(AT):
        yield edition(contact_email="retreat@example.org")


def registered(db_session):
    return db_session.scalars(select(Registration)).all()


def test_the_form_begins_with_what_is_known_and_the_first_look_is_noted(tangier, client, db_session):
    latin = db_session.scalars(select(Section).where(Section.slug == "latin-america")).one()
    invitation = invite(tangier, prefill={**ANA, "section_id": latin.id, "languages": ["es", "fr"]})
    token = link_of(invitation)
    answer = client.get(f"/2020/invitation/{token}")
    assert answer.status_code == 200
    held = next(form for form in client.page.forms if form.id == "register").values()
    assert (held["given_name"], held["family_name"], held["email"]) == (["Ana"], ["Fernández"], ["ana@example.org"])
    assert (held["section"], held["languages"]) == (["latin-america"], ["fr", "es"])
    headers = answer.headers
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"], headers["Cache-Control"]) == (
        "no-referrer",
        "noindex",
        "no-store",
    )
    db_session.expire_all()
    assert invitation.opened_at == AT


def test_registering_by_it_leads_to_the_own_page_and_the_link_is_used(tangier, client, db_session):
    token = link_of(invite(tangier))
    answer = client.submit(f"/2020/invitation/{token}", form_id="register", consent="yes")
    assert (answer.status_code, "/2020/registration/" in answer.location) == (303, True)
    client.get(answer.location)
    (made,) = registered(db_session)
    assert (made.printed_name, made.position, made.consented_at) == ("Ana Fernández", "Mayor", AT)
    client.get(f"/2020/invitation/{token}")
    assert "You are registered already" in client.page.text
    assert made.code not in client.page.text
    answer = client.submit(f"/2020/invitation/{token}", action="/link")
    assert answer.status_code == 303
    mails = db_session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
    assert [(one.template.rpartition("/")[2], one.recipient) for one in mails][-1] == ("link.txt", "ana@example.org")


def test_the_form_sent_twice_is_one_registration(tangier, client, db_session):
    token = link_of(invite(tangier))
    client.get(f"/2020/invitation/{token}")
    form = next(form for form in client.page.forms if form.id == "register")
    sent = {**form.values(), "consent": "yes"}
    assert [client.post(form.action, data=sent).status_code for _ in range(2)] == [303, 303]
    # Another window, opened before: no error page, and no second registration.
    assert client.post(form.action, data={**sent, "submission_key": "other"}).status_code == 303
    assert len(registered(db_session)) == 1


def test_without_consent_it_comes_back_with_what_was_typed(tangier, client, db_session):
    token = link_of(invite(tangier))
    answer = client.submit(f"/2020/invitation/{token}", form_id="register", position="Governor")
    assert answer.status_code == 422
    assert 'value="Governor"' in answer.text
    assert registered(db_session) == []


def test_a_given_category_is_said_and_not_chosen(tangier, client, db_session):
    token = link_of(invite(tangier, category_id=category(tangier, "press").id))
    client.get(f"/2020/invitation/{token}")
    assert "You take part as: Press." in client.page.text
    client.submit(f"/2020/invitation/{token}", form_id="register", consent="yes")
    assert registered(db_session)[0].category.slug == "press"


def test_last_years_answers_are_said_to_be_last_years(tangier, client):
    token = link_of(invite(tangier, source=InvitationSource.EDITION, source_name="Durban 2019"))
    client.get(f"/2020/invitation/{token}")
    assert "your registration for Durban 2019" in client.page.text


def test_who_does_not_come_says_so_and_may_think_again(tangier, client, db_session):
    invitation = invite(tangier)
    token = link_of(invitation)
    assert client.submit(f"/2020/invitation/{token}/decline").status_code == 303
    db_session.expire_all()
    assert invitation.declined_at == AT
    client.get(f"/2020/invitation/{token}")
    assert "You have told us that you do not come. If that has changed, register below." in client.page.text
    client.submit(f"/2020/invitation/{token}", form_id="register", consent="yes")
    assert len(registered(db_session)) == 1


def test_each_link_that_leads_nowhere_says_why_and_what_to_do(tangier, client, clock, db_session):
    kazan = edition("kazan")
    revoked, foreign = invite(tangier), link_of(invite(kazan))
    gone, late = link_of(revoked), link_of(invite(tangier, email="b@example.org", expires_at=AT + timedelta(days=1)))
    service.revoke(revoked, at=AT, by=REGISTRAR)
    said = {}
    for name, token in (("unknown", "nobodys"), ("foreign", foreign), ("revoked", gone), ("expired", late)):
        with clock(AT + timedelta(days=2)):
            answer = client.get(f"/2020/invitation/{token}")
        said[name] = (answer.status_code, "Ana" in client.page.text, client.page.text)
    assert {name: status for name, (status, *_rest) in said.items()} == {
        "unknown": 404,
        "foreign": 404,
        "revoked": 410,
        "expired": 410,
    }
    assert not any(names_her for _status, names_her, _text in said.values())
    assert "The secretariat has taken it back" in said["revoked"][2]
    assert "The last day for an answer has passed." in said["expired"][2]
    assert "retreat@example.org" in said["expired"][2]
    assert "This link leads to no invitation." in said["foreign"][2]


def test_after_the_edition_has_been_closed_nobody_registers(tangier, client, db_session):
    token = link_of(invite(tangier))
    tangier.closed_at = AT
    db_session.commit()
    assert client.get(f"/2020/invitation/{token}").status_code == 410


def test_the_public_form_gives_nothing_away_to_who_knows_an_address(tangier, client):
    invite(tangier, prefill={**ANA, "position": "Mayor of Montevideo"})
    assert "Mayor of Montevideo" not in client.get("/2020/register?email=ana@example.org").text
    assert DELEGATE.name == "Ana Fernández"


def test_a_delegations_invitation_registers_into_it_and_a_second_head_is_told(tangier, client, db_session):
    bishkek = delegation(tangier)
    invited = {
        "delegation": bishkek,
        "delegation_role": DelegationRole.HEAD,
        "source": InvitationSource.DELEGATION,
        "source_name": "City of Bishkek",
    }
    token, other = link_of(invite(tangier, **invited)), link_of(invite(tangier, email="b@example.org", **invited))
    assert client.submit(f"/2020/invitation/{token}", form_id="register", consent="yes").status_code == 303
    client.get(f"/2020/invitation/{other}")
    assert "You come with the delegation of City of Bishkek." in client.page.text
    assert (
        "You come with the delegation of City of Bishkek." in write(db_session.scalars(select(OutboxMail)).first()).body
    )
    (head,) = registered(db_session)
    assert (head.delegation_id, head.delegation_role) == (bishkek.id, DelegationRole.HEAD)
    answer = client.submit(f"/2020/invitation/{other}", form_id="register", consent="yes", position="Deputy")
    assert answer.status_code == 409
    assert 'value="Deputy"' in answer.text
    assert registered(db_session) == [head]

"""Delegations as the database knows them, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.network.models import Organisation
from retreat.registration.delegations import links, service
from retreat.registration.delegations.models import Delegation, DelegationRole, DelegationToken
from retreat.registration.delegations.service import (
    DelegationThere,
    NobodyToWriteTo,
    NotOfThisDelegation,
    UnknownDelegation,
)
from tests.registration.delegations.making import add, delegation, organisation
from tests.registration.making import AT, REGISTRAR, edition


def test_an_organisation_has_one_delegation_however_many_make_it_at_once(app):
    with app.app_context():
        edition()
        organisation()
        db.session.remove()

    def one(_index):
        with app.app_context():
            tangier, bishkek = db.session.scalars(select(Edition)).one(), db.session.scalars(select(Organisation)).one()
            try:
                service.make(tangier, bishkek, at=AT, by=REGISTRAR)
            except DelegationThere:
                db.session.rollback()
                return "there"
            db.session.commit()
            return "made"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(12))) == ["made"] + ["there"] * 11


def test_nobody_is_put_into_a_delegation_of_another_edition(db_session):
    ana = add(delegation(edition()), "Ana")
    kazan = service.make(edition("kazan"), ana.delegation.organisation, at=AT, by=REGISTRAR)
    with pytest.raises(UnknownDelegation):
        service.place(ana, kazan, DelegationRole.MEMBER, at=AT, by=REGISTRAR)


@pytest.mark.parametrize("code", ["R20-0002", "r20-0001", "", "R20-0001\x00'", "\x00"])
def test_a_reference_finds_those_of_the_delegation_only(db_session, code):
    bishkek = delegation(edition())
    ana = add(bishkek, "Ana")
    add(delegation(bishkek.edition, "City of Kazan"), "Bea")
    assert service.member_with_code(bishkek, "R20-0001") is ana
    with pytest.raises(NotOfThisDelegation):
        service.member_with_code(bishkek, code)


def test_links_are_kept_as_hashes_and_a_new_one_ends_the_others_only_when_it_can_be_sent(db_session):
    bishkek = delegation(edition())
    tokens = [links.new_link(bishkek, at=AT) for _ in range(2)]
    assert not {str(token) for token in tokens} & set(db_session.scalars(select(DelegationToken.token_hash)))
    bishkek.coordinator_email = ""
    with pytest.raises(NobodyToWriteTo):
        service.renew_link(bishkek, at=AT, by=REGISTRAR)
    assert links.live_links(bishkek) == 2
    bishkek.coordinator_email = "aigul@example.org"
    service.renew_link(bishkek, at=AT, by=REGISTRAR)
    assert links.live_links(bishkek) == 0


def test_a_delegation_that_goes_takes_its_links_and_leaves_its_people(db_session):
    bishkek = delegation(edition())
    ana = add(bishkek, "Ana")
    links.new_link(bishkek, at=AT)
    service.take_out(ana, at=AT, by=REGISTRAR)
    db_session.delete(bishkek)
    db_session.flush()
    assert db_session.scalar(select(func.count(Delegation.id))) == 0
    assert db_session.scalar(select(func.count(DelegationToken.id))) == 0
    assert (ana.delegation_id, ana.status) == (None, "submitted")

"""The photograph of a registration, on both databases."""

import pytest
from sqlalchemy import func, select

from retreat.core.errors import NotFound
from retreat.registration import photographs, proof, service
from retreat.registration.models import Photograph
from retreat.registration.photo import Box, PhotographRefused
from retreat.registration.proof import Proof
from tests.registration import pictures
from tests.registration.making import AT, DELEGATE, answers, edition


@pytest.fixture
def one(db_session):
    tangier = edition()
    return service.register(tangier, answers(tangier), at=AT, by=DELEGATE)


def keep(one, content=None, box=None):
    return photographs.keep(one, content or pictures.photograph(), box, at=AT, by=DELEGATE)


def count(db_session):
    return db_session.scalar(select(func.count()).select_from(Photograph))


def test_it_is_kept_once_and_replaced(one, db_session):
    first = keep(one)
    assert (first.media_type, first.file_name, first.size) == ("image/jpeg", "R20-0001.jpg", len(first.content))
    digest = first.digest
    keep(one, box=Box(0, 0, 0.4, 0.4))
    assert count(db_session) == 1
    assert one.photograph.digest != digest


def test_a_refused_picture_leaves_the_one_before(one, db_session):
    digest = keep(one).digest
    with pytest.raises(PhotographRefused):
        keep(one, pictures.huge_png())
    assert one.photograph.digest == digest


def test_it_goes_with_the_registration(one, db_session):
    keep(one)
    db_session.commit()
    db_session.delete(one)
    db_session.commit()
    assert count(db_session) == 0


def test_the_database_itself_takes_it_along(one, db_session):
    from sqlalchemy import text

    keep(one)
    db_session.execute(text("DELETE FROM registration"))
    assert count(db_session) == 0


def test_it_is_removed_once(one, db_session):
    keep(one)
    assert photographs.remove(one, at=AT, by=DELEGATE) is True
    assert photographs.remove(one, at=AT, by=DELEGATE) is False
    assert (count(db_session), one.photograph) == (0, None)
    with pytest.raises(NotFound):
        photographs.photograph_of(one)


def test_a_changed_photograph_opens_the_proof_again(one):
    def approve():
        service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)
        assert proof.state(one) is Proof.APPROVED

    approve()
    seen = proof.fingerprint(one)
    keep(one)
    assert proof.state(one) is Proof.CHANGED
    with pytest.raises(service.ProofRefused):
        service.approve_proof(one, seen, at=AT, by=DELEGATE)
    approve()
    keep(one)
    assert proof.state(one) is Proof.APPROVED
    photographs.remove(one, at=AT, by=DELEGATE)
    assert (proof.state(one), proof.fingerprint(one)) == (Proof.CHANGED, seen)


def test_looking_at_the_proof_does_not_read_the_picture(one, db_session, count_queries):
    keep(one)
    db_session.commit()
    db_session.expire_all()
    with count_queries() as queries:
        proof.fingerprint(one)
    assert [query for query in queries if "photograph.content" in query] == []


def test_whoever_withdraws_leaves_no_photograph_and_who_is_declined_may_come_after_all(one, db_session):
    keep(one)
    service.decline(one, "No", at=AT, by=DELEGATE)
    assert count(db_session) == 1
    service.approve(one, at=AT, by=DELEGATE)
    service.withdraw(one, at=AT, by=DELEGATE)
    assert (count(db_session), one.photograph) == (0, None)
    with pytest.raises(PhotographRefused):
        keep(one)
    assert count(db_session) == 0

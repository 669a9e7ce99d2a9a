"""Somebody who has registered, and the address of the own page."""

from typing import Any

import pytest

from retreat.editions.models import Edition
from retreat.registration import links, service
from retreat.registration.models import Registration
from tests.registration.making import AT, DELEGATE, answers, edition


@pytest.fixture
def tangier(db_session: Any) -> Edition:
    return edition()


@pytest.fixture
def one(tangier: Edition, db_session: Any) -> Registration:
    made = service.register(tangier, answers(tangier), at=AT, by=DELEGATE)
    db_session.commit()
    return made


@pytest.fixture
def url(one: Registration, db_session: Any) -> str:
    token = links.new_link(one, at=AT)
    db_session.commit()
    return f"/2020/registration/{token}"

import pytest
from argon2 import PasswordHasher

from retreat.accounts import passwords
from tests.accounts.signing_in import client_of_role
from tests.client import PageClient, outside


@pytest.fixture(autouse=True)
def _quick_hashes(request, monkeypatch):
    """Hashing is slow on purpose; only the tests of passwords themselves need it so."""
    if "test_passwords" not in request.node.nodeid:
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        passwords._nobodys_hash.cache_clear()


@pytest.fixture
def as_role(app):
    """As everywhere, of organisers who have a password."""
    app.test_client_class = PageClient
    return lambda role: outside(lambda: client_of_role(app, role))

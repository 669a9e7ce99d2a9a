import pytest
from argon2 import PasswordHasher

from retreat.accounts import passwords


@pytest.fixture(autouse=True)
def _quick_hashes(request, monkeypatch):
    """Hashing is slow on purpose; only the tests of passwords themselves need it so."""
    if "test_passwords" not in request.node.nodeid:
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        passwords._nobodys_hash.cache_clear()

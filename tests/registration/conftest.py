import pytest
from flask import Flask


@pytest.fixture(scope="session")
def words() -> Flask:
    """The least app in which sentences can be read."""
    from flask_babel import Babel

    app = Flask("words")
    Babel(app)
    return app


@pytest.fixture
def app_context(words):
    with words.test_request_context():
        yield

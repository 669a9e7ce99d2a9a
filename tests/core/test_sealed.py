"""Personal data at rest."""

import pytest

from retreat.core import sealed

PASSPORT = {"number": "C 01X00T47", "family_name": "İmamoğlu", "born": "1970-06-04"}


@pytest.fixture
def _in_app(app):
    with app.app_context():
        yield


pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("_in_app")]


def test_what_is_sealed_opens_as_it_was_and_says_nothing_meanwhile():
    one, other = sealed.seal(PASSPORT), sealed.seal(PASSPORT)

    assert sealed.open_sealed(one) == PASSPORT
    assert one != other
    assert "01X00T47" not in one


def test_another_key_opens_nothing(app):
    text = sealed.seal(PASSPORT)
    app.config["SECRET_KEY"] = "another secret of this installation"

    with pytest.raises(sealed.CannotOpen, match="SECRET_KEY"):
        sealed.open_sealed(text)


def test_a_sealed_text_that_was_changed_does_not_open():
    text = sealed.seal(PASSPORT)

    with pytest.raises(sealed.CannotOpen):
        sealed.open_sealed(text[:-8] + "AAAAAAA=")


def test_a_match_key_is_for_one_purpose_and_one_text(app):
    key = sealed.match_key("letter", "imamoglu")

    assert sealed.match_key("letter", "imamoglu") == key
    assert sealed.match_key("letter", "imamoglo") != key
    assert sealed.match_key("other", "imamoglu") != key
    app.config["SECRET_KEY"] = "another secret of this installation"
    assert sealed.match_key("letter", "imamoglu") != key

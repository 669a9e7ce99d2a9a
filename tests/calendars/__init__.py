"""Feeds: what is in them, how they are served, how other programs read them."""

import pytest

pytest.register_assert_rewrite("tests.calendars.story", "tests.calendars.readers")

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from retreat.calendars.byte_cache import ByteCache


def refuse() -> bytes:
    raise AssertionError("It was rendered a second time.")


def test_bytes_are_rendered_once() -> None:
    cache = ByteCache(max_bytes=100)

    first = cache.get("a", lambda: b"rendered")

    assert (first, cache.get("a", refuse)) == (b"rendered", b"rendered")


def test_the_longest_unused_bytes_make_room() -> None:
    cache = ByteCache(max_bytes=20)
    for name in (b"a", b"b"):
        cache.get(name, lambda name=name: name * 10)  # type: ignore[misc]
    cache.get(b"a", refuse)

    cache.get(b"c", lambda: b"c" * 10)

    assert cache.get(b"a", refuse) == b"a" * 10
    assert cache.get(b"b", lambda: b"again") == b"again"


def test_what_is_larger_than_the_cache_is_given_and_not_kept() -> None:
    cache = ByteCache(max_bytes=5)
    cache.get("b", lambda: b"small")

    assert cache.get("a", lambda: b"much too long") == b"much too long"
    assert cache.get("b", refuse) == b"small"


def test_a_burst_is_served_from_one_rendering() -> None:
    cache, together, renderings = ByteCache(max_bytes=1000), Barrier(20), []

    def render() -> bytes:
        renderings.append(1)
        return b"body"

    def ask(_: int) -> bytes:
        together.wait()
        return cache.get("feed", render)

    with ThreadPoolExecutor(20) as pool:
        bodies = list(pool.map(ask, range(20)))

    assert (bodies, renderings) == ([b"body"] * 20, [1])


def test_a_failed_rendering_leaves_nothing_behind() -> None:
    cache = ByteCache(max_bytes=100)

    with pytest.raises(AssertionError):
        cache.get("a", refuse)

    assert cache.get("a", lambda: b"well") == b"well"

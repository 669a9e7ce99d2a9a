"""Rendered bytes kept in this process, under keys that name what they were rendered from.

Nothing here can be stale: a key holds everything that decides the bytes, so a change asks for another key and the old
one is pushed out in time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock


class ByteCache:
    """The most recently used bytes, up to `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._held_bytes = 0
        self._entries: OrderedDict[Hashable, bytes] = OrderedDict()
        self._entries_lock = Lock()
        self._rendering = RLock()

    def get(self, key: Hashable, render: Callable[[], bytes]) -> bytes:
        """What was rendered for this key; at a first asking one thread renders and the others wait for it."""
        body = self._found(key)
        if body is not None:
            return body
        # One at a time: a burst after publishing asks for one thing, and rendering in parallel gains nothing.
        with self._rendering:
            body = self._found(key)
            if body is None:
                body = render()
                self._keep(key, body)
            return body

    def clear(self) -> None:
        with self._entries_lock:
            self._entries.clear()
            self._held_bytes = 0

    def _found(self, key: Hashable) -> bytes | None:
        with self._entries_lock:
            body = self._entries.get(key)
            if body is not None:
                self._entries.move_to_end(key)
            return body

    def _keep(self, key: Hashable, body: bytes) -> None:
        if len(body) > self.max_bytes:
            return
        with self._entries_lock:
            self._entries[key] = body
            self._held_bytes += len(body)
            while self._held_bytes > self.max_bytes:
                _, dropped = self._entries.popitem(last=False)
                self._held_bytes -= len(dropped)

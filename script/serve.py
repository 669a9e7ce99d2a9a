"""Runs Retreat on one machine: the web server and the job worker, until it is told to stop.

It stays small (nothing of Retreat is imported here), because it lives as long as they do.
"""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
FIRST_RUN = 3  # what script/prepare.py exits with
ADMINISTRATOR = "admin@example.org"
START_SECONDS = 60
STOP_SECONDS = 15
POLL_SECONDS = 0.05
# A connection may idle while a person fills in a form: gunicorn's 2 s would cut it off just as they send it.
KEEP_ALIVE_SECONDS = "75"
GUNICORN = (
    *("--worker-class", "gthread", "--threads", "8", "--keep-alive", KEEP_ALIVE_SECONDS),
    *("--log-level", "warning", "--no-control-socket"),
    # A calendar may send every ETag it has ever had; beyond 8190 bytes it would be refused with a page.
    *("--limit-request-field_size", "32768"),
)


class Stopped(Exception):
    """Somebody asked the server to stop."""


def stop(sentence: str) -> NoReturn:
    sys.exit(sentence)


def port_asked() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        stop(f"PORT is “{text}”; it must be a number from 1 to 65535.")
    return int(text)


def refuse_a_used_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            stop(f"Port {port} needs root: choose another, for example PORT=8000 script/server.")
        except OSError as error:
            stop(
                f"Retreat cannot listen on {host}:{port} ({error.strerror}): stop the program that uses it, "
                f"or choose another port, for example PORT={port % 65535 + 1} script/server."
            )


def flask(*arguments: str, given: str | None = None) -> None:
    """Runs one of our commands; its own words have said what is wrong when it fails."""
    if subprocess.run([sys.executable, "-m", "flask", *arguments], input=given, text=True, check=False).returncode:
        stop(f"“flask {' '.join(arguments)}” did not succeed: it says why above. Put that right, then start again.")


def prepare() -> str | None:
    """The database is brought up to date (or it says why not); on the first run, the new administrator's password."""
    status = subprocess.run([sys.executable, "script/prepare.py"], check=False, env=os.environ | {"PYTHONPATH": "."})
    if status.returncode not in {0, FIRST_RUN}:
        sys.exit(status.returncode)
    if status.returncode != FIRST_RUN:
        return None
    if os.environ.get("RETREAT_DEMO", "1") != "0":
        print("Loading the demo edition", flush=True)
        flask("demo")
    password = secrets.token_urlsafe(12)
    flask("organiser", "create", ADMINISTRATOR, "--role", "administrator", "--password-stdin", given=password)
    return password


def start_web(host: str, port: int) -> subprocess.Popen[bytes]:
    # One process unless limits are shared through Redis: in memory each process would count for itself.
    workers = os.environ.get("WEB_CONCURRENCY") or ("2" if os.environ.get("REDIS_URL") else "1")
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", bind, "--workers", workers, *GUNICORN, "wsgi:app"]
    )


def start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "flask", "jobs", "work"])


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    return False


def wait_for_first_answer(web: subprocess.Popen[bytes], host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if web.poll() is not None:
            stop("The web server stopped while it was starting: the reason is above.")
        if answers(host, port):
            return
        time.sleep(POLL_SECONDS)
    stop(f"The web server did not answer /healthz within {START_SECONDS} seconds: its messages are above.")


def note_address(address: str) -> None:
    """For commands in another terminal, which know no PORT: their links lead to this server."""
    with contextlib.suppress(OSError):
        (Path(os.environ.get("RETREAT_DATA") or ROOT / "var") / "address").write_text(address)


def announce(address: str, password: str | None) -> None:
    print(f"Retreat is running at {address}")
    if password:
        print(f"Sign in at {address}sign-in as {ADMINISTRATOR} with the password {password} (shown only now)")
    else:
        print(f"Sign in at {address}sign-in (another organiser: .venv/bin/flask organiser create --help)")
    print("Stop it with Ctrl-C", flush=True)


def keep_running(web: subprocess.Popen[bytes], running: list[subprocess.Popen[bytes]]) -> NoReturn:
    """A worker that died is started again, more slowly each time; without the web server all ends."""
    pause = 1.0
    while True:
        started = time.monotonic()
        worker = start_worker()
        running.append(worker)
        while worker.poll() is None:
            if web.poll() is not None:
                stop(f"The web server ended (status {web.returncode}): start script/server again.")
            time.sleep(0.5)
        running.remove(worker)
        pause = 1.0 if time.monotonic() - started > 60 else min(pause * 2, 60)
        print(f"The job worker ended (status {worker.returncode}); it starts again in {pause:.0f} s", file=sys.stderr)
        time.sleep(pause)


def end(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _asked_to_stop(number: int, _frame: FrameType | None) -> NoReturn:
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def stop_when_asked() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup asks to be left alone
            signal.signal(number, _asked_to_stop)


def main() -> None:
    host = os.environ.get("HOST") or "127.0.0.1"
    port = port_asked()
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (asked for by HOST)
    address = f"http://[{local}]:{port}/" if ":" in local else f"http://{local}:{port}/"
    running: list[subprocess.Popen[bytes]] = []
    stop_when_asked()
    try:
        refuse_a_used_port(host, port)
        password = prepare()
        web = start_web(host, port)
        running.append(web)
        wait_for_first_answer(web, local, port)
        note_address(address)
        announce(address, password)
        keep_running(web, running)
    except Stopped:
        print("Retreat is stopping", flush=True)
    finally:
        end(running)


os.chdir(ROOT)
os.environ.setdefault("PORT", str(port_asked()))
main()

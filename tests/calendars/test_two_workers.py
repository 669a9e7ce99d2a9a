"""Two servers on one database, each with caches of its own, one of which is killed: feeds are the same to the byte."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

import config
from retreat.agenda import frame
from retreat.agenda import service as agenda
from retreat.agenda.models import Place, PlaceState, SessionStatus
from retreat.calendars import service
from retreat.calendars.service import PersonOwner
from retreat.core.db import db
from retreat.core.i18n import Translated
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.tangier import LONG_BEFORE, PUBLISHED, events, publish_change, stamp, summaries, tangier
from tests.client import Page

START_SECONDS = 60
HALL = "/2020/calendar/hall/grand-hall.ics"
PUBLISH = "/organise/2020/agenda/publish"


class Answer(NamedTuple):
    status: int
    kind: str
    tag: str
    body: bytes


class Server:
    """A gunicorn with one worker; it reads the tests' key, so that who is signed in here is signed in there."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        given = ("--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--worker-class", "gthread", "--threads", "4")
        more = ("--limit-request-field_size", "32768", "--no-control-socket", "--log-level", "warning")
        self.log = folder / f"server-{self.port}.log"
        with self.log.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *given, *more, "wsgi:app"],
                cwd=config.ROOT,
                env=environ,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> "Server":
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if self.get("/healthz").status == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"The server did not start: {self.log.read_text()}")

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, given)
            answer = connection.getresponse()
            found = answer.read()
            return Answer(answer.status, answer.getheader("Content-Type", ""), answer.getheader("ETag", ""), found)
        finally:
            connection.close()

    def get(self, path: str, tag: str = "") -> Answer:
        return self.ask("GET", path, **({"If_None_Match": tag} if tag else {}))

    def kill(self) -> None:
        """With its worker, and without a moment to put anything away."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@pytest.fixture
def start(database: Any, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    started: list[Server] = []
    ours = ("RETREAT_", "DATABASE_", "REDIS_", "SMTP_", "BASE_", "SECRET_", "WEB_", "PORT", "FLASK_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environ |= {"DATABASE_URL": database.url, "RETREAT_DATA": str(tmp_path / "data"), "RETREAT_ENV": "test"}

    def one() -> Server:
        started.append(Server(environ, tmp_path))
        return started[-1]

    yield one
    for server in started:
        server.kill()


def all_the_same(servers: list[Server], paths: list[str]) -> dict[str, Answer]:
    """What all of them answer, asked twice: as the view says it, and as it is repeated. Each knows the others' tags."""
    found = {}
    for path in paths:
        answers = [server.get(path) for server in servers for _ in range(2)]
        assert len(set(answers)) == 1, path
        found[path] = answers[0]
        assert answers[0].status == 200, path
        for server in servers:
            again = server.get(path, answers[0].tag)
            assert (again.status, again.tag, again.body) == (304, answers[0].tag, b""), path
    return found


def publish_through(server: Server, client: Any) -> None:
    cookie = f"retreat={client.get_cookie('retreat').value}"
    page = server.ask("GET", PUBLISH, Cookie=cookie)
    assert page.status == 200
    [form] = [form for form in Page(page.body.decode()).forms if "seen" in form.names]
    done = server.ask("POST", form.action or PUBLISH, urlencode(form.values(), doseq=True), Cookie=cookie)
    assert done.status == 303, done.body


def test_two_servers_and_one_started_anew_say_the_same(db_session, start, as_role) -> None:
    ours = tangier()
    made = service.subscribe(PersonOwner(ours.speaker.id), ours.edition.id, "My phone", at=PUBLISHED)
    client = as_role("administrator")
    client.get(PUBLISH)  # from here on its cookie holds what forms are checked with
    db.session.commit()
    own = f"/calendar/{made.token}.ics"
    paths = [f"/2020/calendar/agenda.ics{query}" for query in ("", "?lang=fr", "?tz=venue")]
    paths += ["/2020/calendar/track/campus.ics", HALL, "/2020/sessions/LAB-1.ics", own, f"{own}?lang=ru&tz=venue"]
    one, other = servers = [start(), start()]
    for server in servers:
        server.wait()

    before = all_the_same(servers, paths)

    # This process gives a hall another name; both tell it, of the sessions in it alone.
    frame.update_hall(ours.hall, {"name": Translated(en="Great Hall")}, at=LONG_BEFORE, by=NADIA)
    db.session.commit()
    renamed = all_the_same(servers, paths)
    lab, dinner = ours.lab.uid, ours.dinner.uid
    assert [stamp(found[HALL].body, lab)[0] for found in (before, renamed)] == [0, 1]
    assert stamp(renamed[HALL].body, lab)[1] > stamp(before[HALL].body, lab)[1]
    for path in paths:
        assert renamed[path].tag != before[path].tag
        assert b"Grand Hall" not in renamed[path].body
        assert other.get(path, before[path].tag).status == 200
    for path in paths[:3]:
        assert events(renamed[path].body)[dinner] == events(before[path].body)[dinner]

    # A draft is told by neither, until it is published through one of them.
    agenda.update_session(ours.lab, {"title": Translated(en="Ideas laboratory")}, at=LONG_BEFORE, by=NADIA)
    db.session.commit()
    assert all_the_same(servers, paths) == renamed
    publish_through(one, client)
    after = all_the_same([other, one], paths)
    assert "Ideas laboratory" in summaries(after[HALL].body)
    assert stamp(after[HALL].body, lab)[0] == 2

    # An invitation is told at once, without a revision, and to the one whom it concerns alone.
    db.session.add(
        Place(session_id=ours.secret.id, person_id=ours.speaker.id, state=PlaceState.INVITED, created_at=week.AT)
    )
    db.session.commit()
    invited = all_the_same(servers, paths)
    assert [path for path in paths if invited[path] != after[path]] == paths[-2:]
    assert "Closed talks" in summaries(invited[own].body)

    # One is killed; what comes in its place has nothing but the database.
    other.kill()
    fresh = start().wait()
    assert fresh.get(own, invited[own].tag).status == 304
    assert all_the_same([fresh, one], paths) == invited

    # Somebody else cancels it, and both notice.
    publish_change(ours, ours.lab, status=SessionStatus.CANCELLED)
    db.session.commit()
    again = all_the_same([one, fresh], paths)
    assert "CANCELLED: Ideas laboratory" in summaries(again[HALL].body)
    assert stamp(again[HALL].body, lab)[0] == 3
    assert stamp(again[HALL].body, lab)[1] > stamp(after[HALL].body, lab)[1]

    # What a real server makes of requests that the tests' client cannot send.
    many = ", ".join(f'"{number:030}"' for number in range(300))
    assert one.get(HALL, f"{many}, {again[HALL].tag}").status == 304
    for method, path, status in (
        ("PROPFIND", own, 405),
        ("OPTIONS", HALL, 405),
        ("GET", "/calendar/%00%ff.ics", 404),
        ("GET", "/2020//calendar/agenda.ics", 404),
    ):
        answer = one.ask(method, path)
        assert (answer.status, answer.kind) == (status, "text/plain; charset=utf-8"), path

    # Revoked is revoked for both, whatever they keep.
    service.revoke(made.subscription, at=LONG_BEFORE)
    db.session.commit()
    assert [server.get(own, again[own].tag).status for server in (one, fresh)] == [410, 410]

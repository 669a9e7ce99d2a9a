"""Stories through a real browser: script/serve.py as a person starts it, and Debian's Chromium.

One site, with the demo edition and the job worker; the stories share it, so each works on things of
its own. One process runs them all (tests/conftest.py), so that there is one site however many processes test.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import config

FOLDER = Path(__file__).parent
AXE = FOLDER / "vendor" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 90
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True)
class Site:
    """A running Retreat, and who may sign in."""

    url: str
    email: str
    password: str
    environ: dict[str, str]
    server: int
    log: Path

    def workers(self) -> list[int]:
        """The job workers that script/serve.py has running."""
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text().split()
        found = []
        for child in children:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
                if b"jobs" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return found

    def flask(self, *arguments: str, given: str | None = None) -> str:
        """One of our commands on this site's data; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=config.ROOT,
            env=self.environ,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"flask {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def run_several(self, *commands: Sequence[str]) -> None:
        """Commands of ours, one after the other in one process: it is its start that takes long."""
        subprocess.run(
            [sys.executable, "-c", _SEVERAL],
            cwd=config.ROOT,
            env=self.environ,
            input=json.dumps(commands),
            text=True,
            check=True,
        )


_SEVERAL = """
import json, sys
from wsgi import app
for arguments in json.load(sys.stdin):
    given = arguments.pop() if "--password-stdin" in arguments else None
    done = app.test_cli_runner().invoke(args=arguments, input=given)
    if done.exit_code:
        sys.exit(f"flask {' '.join(arguments)}: {done.output}")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("site")
    ours = ("RETREAT_", "DATABASE_", "REDIS_", "SMTP_", "BASE_", "SECRET_", "PYTEST_", "FLASK_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environ |= {"RETREAT_DATA": str(data), "PORT": str(free_port()), "HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
    # Far from the venue, and from every browser: nothing that people read may go by the server's own clock.
    environ["TZ"] = "Asia/Kathmandu"
    log = data / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "script/serve.py"],
            cwd=config.ROOT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        said = _wait_for_the_start(server, log)
        found = re.search(r"as (\S+) with the password (\S+)", said)
        assert found, said
        yield Site(f"http://127.0.0.1:{environ['PORT']}", found[1], found[2], environ, server.pid, log)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _wait_for_the_start(server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        said = log.read_text()
        if "Stop it with" in said:
            return said
        assert server.poll() is None, f"The server ended while it started:\n{said}"
        time.sleep(0.1)
    raise AssertionError(f"The server did not start within {START_SECONDS} s:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert executable, "The journeys need a browser: run script/bootstrap tests, or put chromium in PATH."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """`new_context(java_script_enabled=False, …)` is one more visitor; the site's address is its base."""
    opened: list[BrowserContext] = []

    def make(**settings: Any) -> BrowserContext:
        wanted = {
            "base_url": site.url,
            "locale": "en-GB",
            "timezone_id": "Africa/Casablanca",
            "viewport": {"width": 1400, "height": 900},
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**(wanted | settings))
        context.set_default_timeout(10_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A visitor's page. Whatever the browser complains of (a blocked script, a missing file, an error) fails the test."""
    page = new_context().new_page()
    complaints = listen(page)
    yield page
    assert complaints == []


def listen(page: Page) -> list[str]:
    """The browser's complaints about a page, collected from now on."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: complaints.append(f"{page.url}: {message.text}") if message.type == "error" else None,
    )
    return complaints


@pytest.fixture
def sign_in(site: Site) -> Callable[[Page], None]:
    """`sign_in(page)` signs the administrator in."""

    def act(page: Page) -> None:
        page.goto("/sign-in")
        page.locator("input[type=email]").fill(site.email)
        page.locator("input[type=password]").fill(site.password)
        page.locator("form:has(input[type=password]) button").last.click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    return act


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)` fails with every accessibility violation of the page as it stands."""
    program = AXE.read_text()

    def check(page: Page) -> None:
        # Evaluated by the debugger and not as a script of the page, so the page's CSP stays as it is.
        page.evaluate(f"() => {{ {program}\n }}")
        found = page.evaluate("tags => window.axe.run(document, {runOnly: tags})", list(STANDARDS))
        told = [
            f"{violation['id']} ({violation['help']}): {node['html'][:160]} {node.get('failureSummary', '')}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert told == [], f"{page.url} at {page.viewport_size}:\n" + "\n".join(told)

    return check

"""The scripts: their syntax in the plainest shell, and what they say when something is missing."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import config

SCRIPTS = sorted(path for path in (config.ROOT / "script").iterdir() if path.is_file() and not path.suffix)
PLAIN = ("sh", "dirname", "mktemp", "id", "rm", "cat", "cut", "sha256sum", "tail", "find", "basename", "env", "true")


@pytest.mark.parametrize("script", [*SCRIPTS, config.ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_a_script_can_be_run(script):
    first = script.read_text().partition("\n")[0]
    assert first in ("#!/bin/sh", "#!/bin/bash")
    assert os.access(script, os.X_OK)
    subprocess.run([first.removeprefix("#!"), "-n", script], check=True)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_needs_nothing_but_a_posix_shell(script):
    """Every Debian has dash, which refuses what only bash knows."""
    subprocess.run(["dash", "-n", script], check=True)
    for word in ("[[", "local ", "function ", "echo -e", "<<<", "pipefail"):
        assert word not in script.read_text(), word


@pytest.fixture
def bare_machine():
    """A folder to be the whole PATH: a shell's tools and nothing else; and the checkout's scripts in another."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own folders are closed to `nobody`
        Path(folder).chmod(0o755)
        yield make_bare(Path(folder))


def make_bare(folder):
    bins, checkout = folder / "bin", folder / "checkout"
    bins.mkdir()
    for tool in PLAIN:
        (bins / tool).symlink_to(shutil.which(tool) or "/bin/false")
    (bins / "apt-get").symlink_to("/bin/false")
    shutil.copytree(config.ROOT / "script", checkout / "script", ignore=shutil.ignore_patterns("__pycache__"))
    return bins, checkout


def run_as_a_user(bins: Path, checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    nobody = pwd.getpwnam("nobody")
    whom = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run(
        ["/bin/sh", f"script/{arguments[0]}", *arguments[1:]],
        cwd=checkout,
        env={"PATH": str(bins)},
        capture_output=True,
        text=True,
        check=False,
        **whom,
    )


def test_a_user_without_root_is_told_the_exact_line(bare_machine):
    done = run_as_a_user(*bare_machine, "bootstrap")
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (
        1,
        "",
        [
            "Some system packages are missing. Run this line as root, then start again:",
            "apt-get update && apt-get install --yes --no-install-recommends"
            " python3 python3-venv libpangoft2-1.0-0 libharfbuzz-subset0",
        ],
    )


def test_the_tests_name_the_browser_and_the_readers_too(bare_machine):
    done = run_as_a_user(*bare_machine, "bootstrap", "tests")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1].endswith("libharfbuzz-subset0 chromium poppler-utils zbar-tools libatomic1")


def test_another_system_is_told_what_to_look_for(bare_machine):
    bins, checkout = bare_machine
    (bins / "apt-get").unlink()
    done = run_as_a_user(bins, checkout, "bootstrap")
    assert (done.returncode, done.stderr) == (
        1,
        "Retreat needs these Debian packages, or what your system calls them: python3 python3-venv"
        " libpangoft2-1.0-0 libharfbuzz-subset0. Install them and start again.\n",
    )


def test_an_unknown_word_is_refused(bare_machine):
    done = run_as_a_user(*bare_machine, "bootstrap", "everything")
    assert (done.returncode, done.stderr) == (1, "script/bootstrap knows 'tools' and 'tests', not 'everything'.\n")


def serve(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "script/serve.py"],
        cwd=config.ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_used_port_is_one_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = serve(PORT=str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Retreat cannot listen on 127.0.0.1:{port} (Address already in use): stop the program that uses it, "
        f"or choose another port, for example PORT={port % 65535 + 1} script/server.\n"
    )


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT is “eighty”; it must be a number from 1 to 65535."),
        ({"RETREAT_ENV": "live"}, "RETREAT_ENV is “live”; it must be development, production or test."),
        (
            {"RETREAT_ENV": "production", "SECRET_KEY": ""},
            "Set SECRET_KEY to a random text of at least 16 characters before starting in production.",
        ),
        ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL must begin with sqlite:/// or postgresql://"),
    ],
)
def test_a_wrong_setting_is_one_sentence(environ, sentence):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = serve(**({"PORT": str(port)} | environ))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = serve(PORT=str(port), DATABASE_URL=f"sqlite:///{tmp_path}/absent/retreat.sqlite")
    assert (done.returncode, done.stderr) == (
        1,
        "The database does not answer (unable to open database file): check DATABASE_URL.\n",
    )

"""The import contracts of pyproject.toml: kept, and each one proved by breaking it."""

import shutil
import subprocess
import sys

import pytest

import config

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"


@pytest.fixture
def checkout(tmp_path):
    """A copy of the package that a test may break."""
    shutil.copytree(config.ROOT / "retreat", tmp_path / "retreat", ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(config.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(checkout):
    """The names of the broken contracts."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=checkout, capture_output=True, text=True, check=False
    )
    broken = [line.rpartition(" BROKEN")[0] for line in done.stdout.splitlines() if " BROKEN" in line]
    assert done.returncode == (1 if broken else 0), done.stdout + done.stderr
    return broken


def test_every_contract_is_kept(checkout):
    assert lint(checkout) == []


ROOMS = "Rooms import towards core only"
ORDER = "Inside a room: views, forms, service, models"
HTTP = "Services and pure modules know nothing of HTTP"


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/errors.py", "import retreat.accounts.models", ROOMS),
        ("network/models.py", "import retreat.editions.models", ROOMS),
        ("agenda/clashes.py", "from retreat.ceremony import models", ROOMS),
        ("agenda/clashes.py", "def late():\n    import retreat.calendars.ical", ROOMS),
        ("calendars/ical.py", "import retreat.printing.pdf", ROOMS),
        ("printing/pdf.py", "import retreat.calendars.ical", ROOMS),
        ("agenda/service.py", "import retreat.demo", ROOMS),
        ("core/db.py", "import retreat.rooms", ROOMS),
        ("editions/models.py", "import retreat.editions.service", ORDER),
        ("agenda/models.py", "import retreat.agenda.service", ORDER),
        ("editions/service.py", "import retreat.editions.cli", ORDER),
        ("editions/service.py", "from flask import request", HTTP),
        ("agenda/clashes.py", "import flask", HTTP),
        ("agenda/models.py", "from werkzeug import exceptions", HTTP),
        ("agenda/service.py", "import wtforms", HTTP),
        ("core/files.py", "import icalendar", "icalendar has one door"),
        ("calendars/models.py", "def late():\n    from icalendar import Event", "icalendar has one door"),
        ("printing/models.py", "import weasyprint", "weasyprint has one door"),
    ],
)
def test_a_broken_rule_is_found(checkout, module, line, contract):
    path = checkout / "retreat" / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert contract in lint(checkout)


def test_a_new_room_must_be_given_its_place(checkout):
    room = checkout / "retreat" / "weather"
    room.mkdir()
    (room / "__init__.py").write_text("")
    assert lint(checkout) == [ROOMS]

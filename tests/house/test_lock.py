"""The lock files hold what pyproject.toml asks for, each with its hashes."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

import config


def locked(name):
    text = (config.ROOT / name).read_text()
    pins = re.findall(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==([^ ;\\]+)[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)), "a line without a hash"
    return pins


def asked(*, with_tools):
    project = tomllib.loads((config.ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + (project["optional-dependencies"]["dev"] if with_tools else [])
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(("name", "with_tools"), [("requirements.lock", False), ("requirements-dev.lock", True)])
def test_every_dependency_is_locked_as_asked(name, with_tools):
    pins = locked(name)
    for requirement in asked(with_tools=with_tools):
        versions = [version for pinned, version in pins if pinned == requirement.name.lower()]
        assert versions, f"{requirement} is not in {name}: run script/lock"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: run script/lock"


def test_tools_and_server_share_their_versions():
    assert set(locked("requirements.lock")) <= set(locked("requirements-dev.lock"))

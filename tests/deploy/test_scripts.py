"""The shell scripts: plain shell, one sentence for what is wrong, and a venv that is made once."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.deploy.programs import ROOT, program, run

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = [
    ROOT / "deploy" / "bin" / "bootstrap",
    ROOT / "deploy" / "bin" / "ticket-streams",
    ROOT / "tests" / "run",
    ROOT / "tests" / "deploy" / "install-programs",
    ROOT / ".ci" / "run",
]
PROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "ticket-streams"
version = "0"
[project.scripts]
ticket-streams = "tiny:main"
[tool.hatch.build.targets.wheel]
include = ["tiny.py"]
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_script_is_plain_shell(script: Path) -> None:
    run(program("shellcheck"), str(script))
    assert os.access(script, os.X_OK)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with our scripts, one locked package (with its hashes from the real lock) and a tiny project."""
    target = tmp_path / "check out"
    (target / "deploy" / "bin").mkdir(parents=True)
    for script in SCRIPTS[:2]:
        shutil.copy2(script, target / "deploy" / "bin")
    (target / "pyproject.toml").write_text(PROJECT)
    (target / "tiny.py").write_text("import sys, orjson\ndef main(): print(orjson.dumps(sys.argv[1:]).decode())\n")
    lock = (ROOT / "requirements.lock").read_text()
    entry = re.search(r"^orjson==.*?(?=^\S)", lock, flags=re.MULTILINE | re.DOTALL)
    assert entry is not None
    (target / "requirements.lock").write_text(entry[0])
    return target


def environment(**variables: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHON": sys.executable, **variables}


@pytest.mark.slow
def test_a_fresh_checkout_runs_and_the_second_time_at_once(checkout: Path) -> None:
    command = str(checkout / "deploy" / "bin" / "ticket-streams")
    first = run(command, "explain", "a b", env=environment(), cwd=checkout.parent, timeout=240)
    assert first.stdout == '["explain","a b"]\n'
    assert not (checkout / ".cache" / "bootstrap.lock").exists()
    began = time.monotonic()
    # No network and no pip is needed any more: both would fail with these settings.
    again = run(command, "up", env=environment(PIP_NO_INDEX="1", PYTHON="/none"), cwd=checkout.parent)
    assert again.stdout == '["up"]\n'
    assert again.stderr == ""
    assert time.monotonic() - began < 2
    (checkout / "requirements.lock").write_text("orjson==0.0.0 --hash=sha256:" + "0" * 64 + "\n")
    changed = run(command, "up", env=environment(PIP_NO_INDEX="1"), check=False, timeout=60)
    assert changed.returncode == 1
    assert "requirements.lock could not be installed" in changed.stderr


def test_a_package_with_another_hash_is_refused(checkout: Path) -> None:
    lock = checkout / "requirements.lock"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, lock.read_text()))
    done = run(str(checkout / "deploy" / "bin" / "bootstrap"), env=environment(), check=False, timeout=240)
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_without_a_python_that_is_new_enough(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "cksum", "dirname", "basename", "mkdir", "rm", "sleep"):
        (tools / name).symlink_to(program(name))
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    env = {"PATH": str(tools)}
    done = run(str(checkout / "deploy" / "bin" / "bootstrap"), env=env, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no Python 3.11 or newer" in done.stderr
    # A Python whose venv module Debian packages separately.
    old.write_text('#!/bin/sh\ncase "$*" in *version_info*) exit 0 ;; esac\nexit 1\n')
    done = run(str(checkout / "deploy" / "bin" / "bootstrap"), env=env, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no venv module" in done.stderr


def test_an_unknown_argument_is_a_usage_error(checkout: Path) -> None:
    done = run(str(checkout / "deploy" / "bin" / "bootstrap"), "--prod", env=environment(), check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_missing_programs_fail_the_run_unless_that_is_allowed_and_never_in_ci(tmp_path: Path) -> None:
    """As on a laptop without root: none of the programs is on the PATH, and none can be installed."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "dirname", "printf"):
        (tools / name).symlink_to(program(name))
    (tools / "id").write_text("#!/bin/sh\necho 1000\n")
    (tools / "id").chmod(0o755)
    script = tmp_path / "checkout" / "tests" / "deploy" / "install-programs"
    script.parent.mkdir(parents=True)
    shutil.copy2(SCRIPTS[3], script)
    base = {"PATH": str(tools)}
    refused = run(str(script), env=base, check=False)
    assert refused.returncode == 1
    assert "prometheus" in refused.stderr
    assert "TICKETSTREAMS_ALLOW_MISSING=1" in refused.stderr
    assert run(str(script), env={**base, "TICKETSTREAMS_ALLOW_MISSING": "1"}, check=False).returncode == 0
    in_ci = run(str(script), env={**base, "TICKETSTREAMS_ALLOW_MISSING": "1", "CI": "true"}, check=False)
    assert in_ci.returncode == 1

"""The real programs that tests run, and what a missing one means."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DEBIAN = ROOT / ".cache" / "debian"


def missing(what: str) -> str:
    """Fail for a missing program, or skip where the environment allows that; never returns."""
    if os.environ.get("TICKETSTREAMS_ALLOW_MISSING") == "1" and os.environ.get("CI") != "true":
        pytest.skip(f"{what} is not installed, and TICKETSTREAMS_ALLOW_MISSING=1")
    pytest.fail(f"{what} is not installed: run tests/deploy/install-programs, or set TICKETSTREAMS_ALLOW_MISSING=1")


def program(name: str) -> str:
    """The path of an installed program."""
    return shutil.which(name) or missing(name)


def newest(name: str) -> str:
    """A program of a newer Debian release than the installed one: its development release, else its stable one."""
    for suite in ("sid", "trixie"):
        found = DEBIAN / suite / "root" / "usr" / "bin" / name
        if found.exists():
            return str(found)
    return missing(f"a newer {name}")


def both(name: str, version: str) -> str:
    """The ``installed`` or the ``newest`` one."""
    return newest(name) if version == "newest" else program(name)


def compose() -> list[str]:
    """The command of Docker Compose v2."""
    unpacked = DEBIAN / "trixie" / "root" / "usr" / "libexec" / "docker" / "cli-plugins" / "docker-compose"
    if unpacked.exists():
        return [str(unpacked)]
    if run("docker", "compose", "version", check=False).returncode == 0:
        return ["docker", "compose"]
    return [missing("docker-compose")]


def run(
    *command: str,
    check: bool = True,
    env: dict[str, str] | None = None,
    cwd: Path = ROOT,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run to the end; a failure shows what the program said."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=env, cwd=cwd)
    if check and done.returncode != 0:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done

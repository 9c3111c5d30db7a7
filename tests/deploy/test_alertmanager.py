"""Alertmanager's configuration as its entrypoint renders it: valid, routed as meant, and careful with addresses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.deploy.programs import DEPLOY, both, program, run

if TYPE_CHECKING:
    from pathlib import Path

ENTRYPOINT = DEPLOY / "alertmanager" / "entrypoint"
TEMPLATE = DEPLOY / "alertmanager" / "alertmanager.tmpl.yml"
VERSIONS = ["installed", "newest"]
# Characters that shells, sed and YAML treat specially.
ADDRESSES = {
    "TICKETSTREAMS_PAGER_URL": "https://pager.example/v2?key=a&b=|$HOME`id`'#x",
    "TICKETSTREAMS_DESK_URL": "http://127.0.0.1:9900/desk",
    "TICKETSTREAMS_DEADMAN_URL": "https://deadman.example/ping/1",
}


def environment(**variables: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "TICKETSTREAMS_ALERTMANAGER_TEMPLATE": str(TEMPLATE), **variables}


def rendered(directory: Path, **variables: str) -> Path:
    target = directory / "alertmanager.yml"
    target.write_text(run("sh", str(ENTRYPOINT), "--print", env=environment(**variables)).stdout)
    return target


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("variables", [{}, ADDRESSES], ids=["no address", "all addresses"])
def test_rendered_configuration_is_valid(version: str, variables: dict[str, str], tmp_path: Path) -> None:
    said = run(both("amtool", version), "check-config", str(rendered(tmp_path, **variables))).stdout
    assert "SUCCESS" in said
    assert "4 receivers" in said


def test_addresses_reach_their_receivers_unchanged(tmp_path: Path) -> None:
    config = yaml.safe_load(rendered(tmp_path, **ADDRESSES).read_text())
    found = {one["name"]: one.get("webhook_configs", [{}])[0].get("url") for one in config["receivers"]}
    assert found == {
        "pager": ADDRESSES["TICKETSTREAMS_PAGER_URL"],
        "desk": ADDRESSES["TICKETSTREAMS_DESK_URL"],
        "deadman": ADDRESSES["TICKETSTREAMS_DEADMAN_URL"],
        "screen": None,
    }


def test_an_address_can_come_from_a_secret_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("https://pager.example/secret\n")
    config = yaml.safe_load(rendered(tmp_path, TICKETSTREAMS_PAGER_URL_FILE=str(secret)).read_text())
    assert config["receivers"][0]["webhook_configs"][0]["url"] == "https://pager.example/secret"


@pytest.mark.parametrize(
    "variables",
    [
        {"TICKETSTREAMS_PAGER_URL": 'https://x/"}], evil: [{'},
        {"TICKETSTREAMS_PAGER_URL": "https://x/a b"},
        {"TICKETSTREAMS_PAGER_URL": "https://x/\nroute: {}"},
        {"TICKETSTREAMS_DESK_URL": "https://x/\\"},
        {"TICKETSTREAMS_DEADMAN_URL": "pager.example/token"},
        {"TICKETSTREAMS_PAGER_URL_FILE": "/does/not/exist"},
    ],
    ids=["quote", "blank", "line break", "backslash", "no scheme", "no file"],
)
def test_a_bad_address_stops_the_start_and_is_not_shown(variables: dict[str, str]) -> None:
    done = run("sh", str(ENTRYPOINT), "--print", env=environment(**variables), check=False)
    ((name, value),) = variables.items()
    assert done.returncode == 1
    assert done.stdout == ""
    assert name in done.stderr
    if not name.endswith("_FILE"):
        assert value not in done.stderr


def test_the_entrypoint_hands_over_to_alertmanager(tmp_path: Path) -> None:
    """With the arguments that docker-compose.yml gives, and nobody else able to read the addresses."""
    stand_in = tmp_path / "alertmanager"
    stand_in.write_text(
        '#!/bin/sh\nstat -c %a "${1#--config.file=}"; cat "${1#--config.file=}"; shift; echo "args: $*"\n'
    )
    stand_in.chmod(0o755)
    env = environment(TICKETSTREAMS_ALERTMANAGER=str(stand_in), TMPDIR=str(tmp_path), **ADDRESSES)
    said = run("sh", str(ENTRYPOINT), "--storage.path=/data", "--cluster.listen-address=", env=env).stdout
    assert said.startswith("600\n")
    assert ADDRESSES["TICKETSTREAMS_DESK_URL"] in said
    assert said.endswith("args: --storage.path=/data --cluster.listen-address=\n")


ROUTES = [
    ("pager", ["alertname=TicketStreamsDown", "severity=critical"]),
    ("desk", ["alertname=TicketStreamsWorkerDown", "severity=warning"]),
    ("screen", ["alertname=SupportQueueBusy", "severity=info", "queue=billing"]),
    ("deadman", ["alertname=Watchdog", "severity=none"]),
    # An alert of somebody else's rules that has no severity must not vanish.
    ("desk", ["alertname=SomethingElse"]),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("receiver", "labels"), ROUTES, ids=[labels[0] for _, labels in ROUTES])
def test_routes(version: str, receiver: str, labels: list[str], tmp_path: Path) -> None:
    config = rendered(tmp_path, **ADDRESSES)
    command = [both("amtool", version), "config", "routes", "test", f"--config.file={config}"]
    run(*command, f"--verify.receivers={receiver}", *labels)


def test_the_entrypoint_is_plain_shell() -> None:
    """The image has busybox' shell only."""
    run(program("shellcheck"), "--shell=sh", str(ENTRYPOINT))

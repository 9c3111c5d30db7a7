"""``doctor`` and real brokers: what a new user does, step by step, until nothing is wrong."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from agents.cli import _group
from streams.figures.options import FigureOptions
from tests.support.job import Job, fresh_broker

pytestmark = pytest.mark.broker


def doctor(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(_group, ["doctor", "--format", "json", *arguments], env=environment)
    return result.exit_code, orjson.loads(result.stdout)


def wrong(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["about"], one["said"]) for one in told["findings"] if one["level"] == "wrong"]


@pytest.mark.parametrize("name", ["tansu", "kafka"])
def test_until_nothing_is_wrong(name: str) -> None:
    with fresh_broker(name) as address:
        code, told = doctor({"TICKETSTREAMS_BROKER": address, "TICKETSTREAMS_HTTP_PORT": "1"})
        assert code == 1
        assert ("topics", "topic 'tickets' does not exist") in wrong(told)
        assert wrong(told)[-1] == ("worker", "none answers at http://127.0.0.1:1")
        with Job(address, FigureOptions()) as job:
            environment = {
                "TICKETSTREAMS_BROKER": address,
                "TICKETSTREAMS_APP_ID": job.app_id,
            }
            code, told = doctor(environment, "--url", job.machine.url)
            assert wrong(told) == []
            assert code == 0
            levels = {(one["level"], one["about"]) for one in told["findings"]}
            assert {("ok", "broker"), ("ok", "topics"), ("ok", "worker"), ("note", "figures")} <= levels
            code, told = doctor({**environment, "TICKETSTREAMS_PARTITIONS": "7"}, "--url", job.machine.url)
            assert code == 1
            assert {about for about, _ in wrong(told)} == {"topics"}
            assert all("4 partitions, 7 are needed" in said for _, said in wrong(told))

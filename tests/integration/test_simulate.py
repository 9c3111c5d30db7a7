"""A simulated bad day through a broker and a worker: the API tells the truth, and all that a report tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

from agents.cli import _group
from streams.figures.options import FigureOptions
from tests.support.job import Job, fresh_broker
from tests.support.simulated import differences, dotted, unlike

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.broker

HOUR = ("--from", "2026-05-04T08:00:00Z", "--hours", "1", "--disorder")


@pytest.mark.parametrize("name", ["tansu", "kafka"])
def test_the_api_of_a_worker_agrees_with_the_truth(name: str, tmp_path: Path) -> None:
    truth, log = tmp_path / "truth.json", tmp_path / "log.ndjson"
    with fresh_broker(name) as address, Job(address, FigureOptions()) as job:
        run("simulate", *HOUR, "--truth", str(truth), "--broker", address)
        told = orjson.loads(truth.read_bytes())
        job.wait_for(sum(told["events"].values()))
        figures, by_channel = job.figures(), job.figures(by="channel")
    assert figures["as_of"] == told["as_of"]
    assert differences(dotted(told["total"]), figures["total"]) == {}
    for queue, true in told["by"]["queue"].items():
        assert differences(dotted(true), figures["by"]["queue"][queue]) == {}
    assert {flaw: figures["events"][flaw] for flaw in ("ok", "duplicate", "invalid")} == {
        flaw: told["events"][flaw] for flaw in ("ok", "duplicate", "invalid")
    }
    run("simulate", *HOUR, "--out", str(log))
    by = ("--by", "queue", "--by", "channel")
    reported = orjson.loads(run("report", str(log), "--mapping", "cloudevents", *by, "--format", "json"))
    for exact, windowed in (
        (reported["total"], figures["total"]),
        (reported["by"]["queue"], figures["by"]["queue"]),
        (reported["by"]["channel"], by_channel["by"]["channel"]),
    ):
        # Whether contacts are rushed is known of a week only, and this window is not one.
        assert [one for one in unlike(exact, windowed) if ".rushed." not in f".{one[0]}."] == []


def run(*arguments: str) -> bytes:
    result = CliRunner().invoke(_group, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout_bytes

"""``simulate`` as a user meets it: the same seed gives the same file, and a report of it is its truth."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result

from agents.cli import _group
from streams.codec import parse_time
from tests.support.simulated import differences, dotted

if TYPE_CHECKING:
    from pathlib import Path

MORNING = ("--from", "2026-05-04T08:00:00Z", "--hours", "2")


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(_group, ["simulate", *arguments])


def report(file: Path) -> dict[str, Any]:
    arguments = ["report", str(file), "--mapping", "cloudevents", "--by", "queue", "--format", "json"]
    result = CliRunner().invoke(_group, arguments)
    assert result.exit_code == 0, result.output
    return dict(orjson.loads(result.stdout))


def test_a_report_of_the_events_is_the_truth_told_beside_them(tmp_path: Path) -> None:
    events, truth = tmp_path / "events.ndjson", tmp_path / "truth.json"
    result = simulate(*MORNING, "--disorder", "--out", str(events), "--truth", str(truth))
    assert result.exit_code == 0, result.output
    told, figures = orjson.loads(truth.read_bytes()), report(events)
    assert told["as_of"] == figures["as_of"]
    assert differences(dotted(told["total"]), figures["total"]) == {}
    assert len(dotted(told["total"])) > 60
    for queue, true in told["by"]["queue"].items():
        assert differences(dotted(true), figures["by"]["queue"][queue]) == {}
    counts = told["events"]
    assert counts == {
        "ok": figures["events"]["ok"],
        "duplicate": figures["events"]["duplicate"],
        "invalid": figures["events"]["invalid"],
        "unknown_type": figures["events"]["ignored"],
    }
    assert min(counts.values()) > 0
    said = f"{counts['ok']:,} events, {counts['duplicate']:,} duplicates, {counts['invalid']:,} invalid"
    assert said in result.stderr
    assert "seed 7, from 2026-05-04T08:00:00Z to 2026-05-04T10:00:00Z" in result.stderr


def test_the_same_seed_gives_the_same_and_another_one_something_else(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b", "c")]
    for file, seed in zip(files, ("1", "1", "2"), strict=True):
        done = simulate("--from", "2026-05-04T08:00:00Z", "--hours", "0.2", "--seed", seed, "--out", str(file))
        assert done.exit_code == 0
    first, same, other = (file.read_bytes() for file in files)
    assert first == same != other


def test_more_customers_make_more_events_and_nights_few() -> None:
    def lines(*arguments: str) -> int:
        result = simulate("--hours", "1", "--out", "-", *arguments)
        assert result.exit_code == 0
        return len(result.stdout.splitlines())

    night = ("--from", "2026-05-04T02:00:00Z")
    steady = lines(*night)
    assert lines(*night, "--busier", "3") > 2 * steady
    assert lines(*night, "--rhythm", "office") < steady / 4


def test_without_a_beginning_it_ends_now() -> None:
    before = time.time_ns() // 1_000_000
    result = simulate("--hours", "0.5", "--out", "-")
    times = [parse_time(orjson.loads(line)["time"]) for line in result.stdout.splitlines()]
    assert before - 1_800_000 <= min(times)
    assert max(times) <= before + 30_000
    assert max(times) > before - 60_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "yesterday", "--out", "-"), "--from = 'yesterday': must be an RFC 3339 time with a zone"),
        (("--out", "/nowhere/at/all"), "/nowhere/at/all: cannot be written: No such file or directory"),
        (("--out", "x", "--speed", "60"), "--out x: goes together with neither --broker nor --speed"),
        (("--out", "x", "--broker", "127.0.0.1:1"), "--out x: goes together with neither --broker nor --speed"),
        (("--hours", "0", "--out", "-"), "Invalid value for '--hours'"),
        (("--speed", "fast"), "'fast' must be a number above 0, or max"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], said: str) -> None:
    result = simulate("--hours", "0.01", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr

"""Files whose lines are events: what they say is taken as it stands."""

from __future__ import annotations

import gzip
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

from agents.cli import _group
from agents.logs import read_log
from agents.mappings import read_mapping
from streams.codec import decode
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sources.mapping import MappingError, to_cloudevent
from streams.sources.simulator import disorder, simulate

if TYPE_CHECKING:
    from pathlib import Path

NINE = 1_777_852_800_000 + 9 * 3_600_000


def test_a_dump_gives_what_its_events_give(tmp_path: Path) -> None:
    """Of a bad day: late, twice, and among garbage."""
    told = list(islice(simulate(1, NINE, 1 << 60), 2_000))
    records = list(disorder(told, 1))
    file = tmp_path / "dump.ndjson.gz"
    file.write_bytes(gzip.compress(b"\r\n".join(record.value for record in records)))
    log = read_log([str(file)], read_mapping("cloudevents"))
    flaws = [record.flaw for record in records]
    # Of unreadable records one kind is empty, and an empty line is none.
    assert log.counts["invalid"] == sum(record.flaw == "invalid" and record.value != b"" for record in records)
    assert log.counts["ignored"] == flaws.count("unknown_type") > 0
    assert len(log.events) == flaws.count("") + flaws.count("duplicate")
    assert all(one.event.entry.time <= other.event.entry.time for one, other in pairwise(log.events))
    straight, dumped = Report(Rules()), Report(Rules())
    for event in told:
        straight.add(event.decoded())
    for mapped in log.events:
        assert decode(to_cloudevent(mapped)) == mapped.event
        dumped.add(mapped.event)
    assert dumped.result(None)["total"] == straight.result(None)["total"]
    assert dumped.events["duplicate"] == flaws.count("duplicate")


def test_what_cannot_be_taken_is_said_with_line_field_value_and_rule(tmp_path: Path) -> None:
    good = next(simulate(1, NINE, 1 << 60)).encoded()
    wrong = orjson.loads(good) | {"time": "yesterday"}
    later = orjson.loads(good) | {"type": "support.coffee.brewed.v1"}
    file = tmp_path / "dump.ndjson"
    file.write_bytes(
        b"\n".join([good, b"", b"nonsense", orjson.dumps(wrong), orjson.dumps(later), b'{"a": "\xf0\x9f"'])
    )
    log = read_log([str(file)], read_mapping("cloudevents"))
    assert len(log.events) == 1
    assert log.counts == {"invalid": 3, "ignored": 1}
    assert log.problems[0].startswith(f"{file}:3: value = b'nonsense': must be JSON")
    assert log.problems[1].startswith(f"{file}:4: time = 'yesterday': must be an RFC 3339 time")
    assert log.problems[2].startswith(f'{file}:6: value = b\'{{"a": "\\xf0\\x9f"\': must be JSON')


def test_its_name_is_offered_where_one_is_misspelt() -> None:
    with pytest.raises(MappingError, match="did you mean 'cloudevents'"):
        read_mapping("cloudevent")


def test_a_report_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "dump.ndjson"
    file.write_bytes(b"\n".join(event.encoded() for event in islice(simulate(1, NINE, 1 << 60), 500)))
    result = CliRunner().invoke(_group, ["report", str(file), "--mapping", "cloudevents"], env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    assert "500 ok" in result.output
    assert "Total: reps" in result.output

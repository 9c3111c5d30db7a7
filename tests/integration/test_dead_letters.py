"""What was refused is listed, and sent again: taken where the reason is gone, and refused once more where it is not."""

from __future__ import annotations

import json
import time
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from kafka import KafkaProducer

from agents.cli.dead_letters import command
from agents.machine import fetch_json
from streams.codec import format_time
from streams.figures.options import FigureOptions
from streams.limits import LIMITS
from tests.support.job import Job, fresh_broker, total

pytestmark = [pytest.mark.broker, pytest.mark.slow]

DAY_MS = 86_400_000
TOO_EARLY_MS = 6_000
"""How long events are dated too far in the future; until then they must have been refused."""
ATTRIBUTES = {"specversion": "1.0", "type": "support.ticket.created.v1", "source": "desk"}


def created(number: int, time_ms: int, **data: Any) -> tuple[int, Any, str, bytes]:
    said = {"id": str(number), "time": format_time(time_ms), "subject": f"ticket/T{number}"}
    document = {**ATTRIBUTES, **said, "data": {"queue": "billing", **data}}
    return time_ms, "ticket", f"T{number}", orjson.dumps(document)


def run(address: str, *arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(command, [*arguments, "--broker", address])
    assert done.exit_code == status, (done.output, done.exception)
    return done.output


def listed(address: str, *arguments: str) -> Any:
    return json.loads(run(address, "list", "--format", "json", *arguments))


@pytest.mark.parametrize("name", ["tansu", "kafka"])
def test_refused_events_are_listed_and_sent_again(name: str) -> None:
    with fresh_broker(name) as address, Job(address, FigureOptions(), clock="wall") as job:
        assert "there are no dead letters" in run(address, "list")
        assert "0 sent again" in run(address, "redrive", "--all")
        now = time.time_ns() // 1_000_000
        early = now + DAY_MS + TOO_EARLY_MS
        good = [created(number, now) for number in range(20)]
        garbage = [
            (0, "ticket", "T1", b"\x00\xff\x1b[31m no json"),
            (0, "ticket", "T1", b'{"specversion":"0.3"}'),
            created(1, now, channel="fax"),
            created(1, now, rep="\x1b[2Jcleared"),
            (0, "call", "T1", created(1, now)[3]),
        ]
        job.feed([*good, *garbage, created(98, early)])
        producer = KafkaProducer(bootstrap_servers=address, max_request_size=1_048_000)
        binary = {**ATTRIBUTES, "id": "99", "time": format_time(early), "subject": "ticket/T99"}
        headers = [(f"ce_{key}", value.encode()) for key, value in binary.items()]
        # A partition that no partitioner of ours would choose: there it must come back to.
        producer.send("tickets", key=b"T99", value=b'{"queue":"billing"}', headers=headers, partition=3)
        producer.send("tickets", key=b"T99", value=b'{"queue":', headers=headers, partition=3)
        producer.send("tickets", key=b"huge", value=b"x" * (LIMITS.record_bytes + 40_000))
        producer.send("tickets", key=b"T1", value=None, partition=2)
        producer.flush()
        producer.close()
        fed = len(good) + len(garbage) + 5
        job.wait_for(fed, drained=False)

        before = listed(address)
        assert before["by_reason"] == {"data": 2, "envelope": 1, "json": 3, "size": 1, "time": 2, "topic": 1}
        letters = before["letters"]
        early_ones = [one["key"] for one in letters if one["reason"] == "time"]
        assert sorted(early_ones) == ["T98", "T99"]
        assert [one["key"] for one in letters if one["cannot_be_sent_again"]] == ["huge"]
        (fax,) = (one for one in letters if "'fax'" in one["error"])
        assert (fax["topic"], fax["field"]) == ("tickets", "data.channel")
        assert listed(address, "--topic", "calls")["by_reason"] == {"topic": 1}
        assert [one["key"] for one in listed(address, "--reason", "time", "--limit", "1")["letters"]] == early_ones[1:]
        assert not listed(address, "--since", format_time(now + DAY_MS))["letters"]
        table = run(address, "list")
        assert "\x1b" not in table
        assert "10 dead letters: 2 data, 1 envelope, 3 json, 1 size, 2 time, 1 topic" in table

        assert "--all" in run(address, "redrive", status=2)
        dry = run(address, "redrive", "--all", "--dry-run", status=1)
        assert "would go to tickets: 2 time" in dry
        assert "9 would be sent again, 1 cannot be sent again" in dry
        assert listed(address) == before

        time.sleep(max(0.0, (early - DAY_MS) / 1000 + 0.2 - time.time()))
        said = run(address, "redrive", "--all", status=1)
        for line in ("tickets: 2 time", "tickets: 2 data", "tickets: 3 json", "calls: 1 topic"):
            assert f"sent to {line}\n" in said
        assert "its value had 1040000 bytes" in said
        job.wait_for(fed + 9)
        # Each of what was refused again was refused before: nothing but these go a second time, and once each.
        again = listed(address)
        assert again["by_reason"] == {"data": 4, "envelope": 2, "json": 6, "size": 1, "time": 2, "topic": 2}
        assert "9 sent again, 7 the same as one of them" in run(address, "redrive", "--all", status=1)
        job.wait_for(fed + 18)
        assert listed(address)["by_reason"]["data"] == 6
        figures, samples = job.figures(), job.metrics()
        taken = [fetch_json(f"{job.machine.url}/api/v1/explain/ticket/{key}") for key in early_ones]

    assert figures["total"]["tickets"]["created"] == len(good), "what is dated tomorrow counts tomorrow"
    assert None not in taken
    results = {
        result: total(samples, "support_events_total", topic="tickets", result=result)
        for result in ("ok", "duplicate", "invalid")
    }
    assert results == {"ok": len(good) + 2, "duplicate": 2, "invalid": 9 + 6 + 6}

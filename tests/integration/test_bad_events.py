"""A producer that sends garbage disturbs nothing, and what it sent can be looked at."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kafka import KafkaConsumer

from streams.figures.options import FigureOptions
from streams.topics import DEAD_LETTERS
from tests.support.job import Job, fresh_broker, total

pytestmark = pytest.mark.broker

GOOD = (
    b'{"specversion":"1.0","type":"support.ticket.created.v1","source":"desk","id":"%d",'
    b'"time":"2026-05-04T09:00:00Z","subject":"ticket/T%d","data":{"queue":"billing","channel":"email"}}'
)
BAD = {
    "json": b"\x00\xff not json",
    "envelope": b'{"specversion":"0.3"}',
    "time": (GOOD % (1, 1)).replace(b"09:00:00Z", b"late"),
    "data": (GOOD % (1, 1)).replace(b'"email"', b'"fax"'),
    "topic": (GOOD % (1, 1)).replace(b"ticket/T1", b"call/T1").replace(b"ticket.created", b"contact.queued"),
}


def dead_letters(address: str, expected: int) -> list[Any]:
    """What stands on the topic of dead letters."""
    consumer = KafkaConsumer(DEAD_LETTERS.name, bootstrap_servers=address, auto_offset_reset="earliest", group_id=None)
    found: list[Any] = []
    deadline = time.monotonic() + 20
    try:
        while len(found) < expected and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=500).values():
                found.extend(records)
    finally:
        consumer.close()
    return found


@pytest.mark.parametrize("name", ["tansu", "kafka"])
def test_garbage_goes_to_dead_letters_and_nothing_else_is_lost(name: str) -> None:
    with fresh_broker(name) as address, Job(address, FigureOptions()) as job:
        events = []
        for number in range(200):
            events.append((0, "ticket", f"T{number}", GOOD % (number, number)))
            for bad in BAD.values():
                events.append((0, "ticket", f"T{number}", bad))
        unknown = (GOOD % (1, 1)).replace(b"ticket.created", b"ticket.praised")
        events.append((0, "ticket", "T1", unknown))
        events.append((0, "ticket", "T1", GOOD % (1, 1)))
        job.feed(events)  # type: ignore[arg-type]
        job.wait_for(len(events))
        figures, samples = job.figures(), job.metrics()
        letters = dead_letters(address, 200 * len(BAD))

    assert figures["total"]["tickets"]["created"] == 200
    for reason in BAD:
        labels = {"topic": "tickets", "result": "invalid", "reason": reason}
        assert total(samples, "support_events_total", **labels) == 200, reason
    assert total(samples, "support_events_total", topic="tickets", result="unknown_type") == 1
    assert total(samples, "support_events_total", topic="tickets", result="duplicate") == 1
    assert total(samples, "support_events_total", topic="tickets", result="ok") == 200

    assert len(letters) == 200 * len(BAD)
    said = {dict(letter.headers)["reason"].decode(): letter for letter in letters}
    assert said.keys() == BAD.keys()
    for reason, letter in said.items():
        assert letter.value == BAD[reason], "the original bytes"
        headers = {key: value.decode() for key, value in letter.headers}
        assert headers["topic"] == "tickets"
        assert headers["offset"].isdigit()
        assert headers["field"] in headers["error"], "the error names the field"
    assert {key: value.decode() for key, value in said["data"].headers}["error"].startswith("data.channel = 'fax'")


def test_configured_queues_are_there_before_anything_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETSTREAMS_QUEUES", '[{"name": "vip", "channel": "voice", "priorities": ["1", "2"]}]')
    with fresh_broker("tansu") as address, Job(address, FigureOptions()) as job:
        samples = job.metrics()
    series = [s for s in samples if s.name == "support_contacts_waiting" and s.labels["queue"] == "vip"]
    assert {sample.labels["priority"]: sample.value for sample in series} == {"1": 0.0, "2": 0.0}
    assert total(samples, "support_contacts_offered_total", queue="vip") == 0
    assert not [s for s in samples if s.name == "support_service_level_ratio"], "no data is not 0"

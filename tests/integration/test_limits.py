"""A producer that sends far too much of something does not stop the worker: neither brokers nor it refuse what follows.

Without limits the worker ended at the first record that the broker would not take, and its successors at the same.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kafka import KafkaProducer

from streams.figures.options import FigureOptions
from streams.limits import LIMITS
from tests.integration.test_bad_events import GOOD, dead_letters
from tests.support.job import Job, fresh_broker, total

pytestmark = pytest.mark.broker

FLOOD = 9_000
WIDE = "\U0001f4de" * 256


def event(kind: str, entity: str, number: int, name: str, **data: Any) -> Any:
    document = orjson.loads(GOOD % (number, 0))
    document |= {"type": f"support.{name}.v1", "subject": f"{kind}/{entity}", "data": data}
    return (0, kind, entity, orjson.dumps(document))


@pytest.mark.parametrize("name", ["tansu", "kafka"])
def test_floods_end_no_worker_and_leave_all_else_exact(name: str) -> None:
    with fresh_broker(name) as address, Job(address, FigureOptions()) as job:
        pids = [worker.pid for worker in job.machine.workers]
        events = []
        for n in range(FLOOD):
            events.append(event("ticket", "F", n, "message.sent", author="rep", rep=WIDE, priority=WIDE))
            if n % 20 == 0:
                events.append(event("ticket", f"T{n}", n, "ticket.created", queue="billing"))
            if n % 4 == 0:
                events.append(event("call", "C", n, "contact.queued", queue=f"q{n}", rep=f"r{n}", customer=f"c{n}"))
        job.feed(events)
        producer = KafkaProducer(bootstrap_servers=address, max_request_size=1_048_000)
        # As large as the broker takes it: a dead letter must carry more than that, and another must be cut.
        for size in (LIMITS.event_bytes, LIMITS.event_bytes + 1, 1_047_800):
            value = event("ticket", "T0", size, "ticket.updated", text="")[3]
            value = value.replace(b'"text":""', b'"text":"%s"' % (b"x" * (size - len(value))))
            producer.send("tickets", value=value)
        producer.send("tickets", key=b"T0", value=None)
        producer.flush()
        producer.close()
        taken = len(events) + 4
        job.wait_for(taken)
        figures, samples = job.figures(), job.metrics()
        assert [worker.pid for worker in job.machine.workers] == pids, job.said
        refused = {
            reason: total(samples, "support_events_total", result="invalid", reason=reason)
            for reason in ("history", "size", "json")
        }
        letters = dead_letters(address, int(sum(refused.values())))

    assert figures["by"]["queue"]["billing"]["tickets"]["created"] == FLOOD // 20
    assert refused["size"] == 2
    assert refused["json"] == 1
    taken_by = {
        topic: total(samples, "support_events_total", topic=topic, result="ok") for topic in ("tickets", "calls")
    }
    kept = sum(taken_by.values()) - FLOOD // 20 - 1
    assert refused["history"] == FLOOD + FLOOD // 4 - kept
    assert 200 < kept < LIMITS.history_events + LIMITS.history_queues
    headers = [dict(letter.headers) for letter in letters]
    assert len(headers) == sum(refused.values())
    assert sum("value-sha256" in one for one in headers) == 1

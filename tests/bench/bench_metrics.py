"""What a scrape costs, beside ``prometheus_client.generate_latest`` of the same series in the same run.

    python -m tests.bench.bench_metrics [QUEUES...]

Prints one line a size: series, the first scrape (everything rendered), the next one (nothing changed), the worst time
that the event loop stood still during the first, and what the library needs. The library holds the loop for all of it,
and its values are already computed.
"""

from __future__ import annotations

import asyncio
import sys
import time

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from agents.web.exposition import Exposition
from agents.web.present import Present
from tests.integration.test_scrape_latency import worst_lag
from tests.support.contact_centre import MINUTE, FakeWorker, busy_centre

TRIES = 5


def library_seconds(text: str) -> float:
    """Best time of ``generate_latest`` for the same series as gauges."""
    registry = CollectorRegistry()
    for family in text_string_to_metric_families(text):
        gauges: dict[str, Gauge] = {}
        for sample in family.samples:
            names = tuple(sorted(sample.labels))
            gauge = gauges.get(sample.name)
            if gauge is None:
                gauge = gauges[sample.name] = Gauge(sample.name, "help", names, registry=registry)
            (gauge.labels(**sample.labels) if names else gauge).set(sample.value)
    return min(_timed(lambda: generate_latest(registry)) for _ in range(TRIES))


def _timed(work: object) -> float:
    assert callable(work)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(queues: int, days: float) -> None:
    """One size."""
    kpis = busy_centre(tuple(f"queue-{n}" for n in range(queues)), contacts=300, tickets=60, days=days)
    first, lag, again, text = [], [], [], b""
    for _ in range(TRIES):
        worker = FakeWorker(kpis)
        exposition = Exposition(worker, Present(worker))

        async def scrape(exposition: Exposition = exposition) -> None:
            await exposition.text()  # not returned: asyncio.run would describe it, which takes longer than to make it

        first.append(_timed(lambda: asyncio.run(scrape())))
        again.append(_timed(lambda: asyncio.run(scrape())))
        exposition = Exposition(worker, Present(worker))
        lag.append(asyncio.run(worst_lag(exposition.text)))
        text = asyncio.run(exposition.text())
    worker = FakeWorker(kpis)
    worker.time += MINUTE
    moved = asyncio.run(worst_lag(Present(worker).catch_up))
    library = library_seconds(text.decode())
    series = text.decode().count("\n") - 2 * text.decode().count("# TYPE")
    print(
        f"{series:7d} series of {queues:3d} queues over {days:g} d: first {min(first) * 1000:6.1f} ms "
        f"(library {library * 1000:6.1f} ms, {min(first) / library:.2f} of it), unchanged {min(again) * 1000:5.1f} ms, "
        f"worst lag {min(lag) * 1000:5.1f} ms, when a minute passes {moved * 1000:5.1f} ms"
    )


if __name__ == "__main__":
    for size in [int(one) for one in sys.argv[1:]] or [1, 12, 60]:
        measure(size, 0.1)
        measure(size, 7.0)

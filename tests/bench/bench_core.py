"""The pure stages in one process without a broker: events per second, as a share of what bare decoding reaches.

Usage: ``python -m tests.bench.bench_core [--events N] [--batch N] [--disordered] [--profile]``.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import time
from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from streams.pipeline.customers import CustomerStage
from streams.pipeline.entities import EntityStage
from streams.pipeline.kpis import KpiStage
from streams.pipeline.reps import RepHoursStage
from streams.pipeline.rules import Rules
from streams.sources.simulator import delivery, simulate
from streams.stage import MAX_BATCH
from streams.topics import SOURCES, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.stage import Output, Stage

PARTITIONS = 4
START = 1_777_852_800_000  # a Monday
RULES = Rules()


class Taken(NamedTuple):
    """A record as a stage gets it."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Pipeline:
    """The stages, fed in turn as a worker that keeps up would feed them."""

    def __init__(self, batch: int = MAX_BATCH) -> None:
        """``batch``: how many records a step takes at most."""
        self._batch = batch
        self.kpis = KpiStage(partitions=PARTITIONS, follow_events=True)
        self._stages: list[Stage] = [
            *(
                EntityStage(kind, partitions=PARTITIONS, rules=RULES, lateness=600_000, reject_future=False)
                for kind in SOURCES
            ),
            CustomerStage(partitions=PARTITIONS, rules=RULES),
            RepHoursStage(partitions=PARTITIONS, rules=RULES),
            self.kpis,
        ]
        self._queued: defaultdict[tuple[str, int], list[Taken]] = defaultdict(list)
        self._offsets: Counter[tuple[str, int]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """Stage to time spent in it."""
        self.taken: Counter[str] = Counter()
        """Stage to records taken."""

    def put(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> None:
        """Append a record to a topic."""
        self._queued[topic, partition].append(Taken(self._offsets[topic, partition], key, value))
        self._offsets[topic, partition] += 1

    def send(self, outputs: Iterable[Output]) -> None:
        """Append what a stage has sent."""
        for output in outputs:
            self.put(output.topic, output.partition, output.key, output.value)

    def run(self) -> None:
        """Take all that is queued, in batches, stage after stage."""
        for stage in self._stages:
            for partition in range(PARTITIONS):
                records = self._queued.pop((stage.source, partition), [])
                for first in range(0, len(records), self._batch):
                    self._step(stage, partition, records[first : first + self._batch])

    def _step(self, stage: Stage, partition: int, records: list[Taken]) -> None:
        began = time.process_time()
        step = stage.fold(partition, records, 0)
        stage.adopt(partition, step)
        due = stage.due(partition, step.max_event_time or 0)
        if due is not None:
            stage.adopt(partition, due)
        self.seconds[stage.name] += time.process_time() - began
        self.taken[stage.name] += len(records)
        self.send(step.outputs)
        if due is not None:
            self.send(due.outputs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=MAX_BATCH, help="records a step takes at most")
    parser.add_argument("--disordered", action="store_true", help="events come in any order, as in a replay")
    parser.add_argument("--profile", action="store_true", help="say where the time goes; slows it down")
    chosen = parser.parse_args()
    records = [delivery(event) for event in islice(simulate(1, START, 1 << 60), chosen.events)]
    if chosen.disordered:
        random.Random(1).shuffle(records)

    began = time.process_time()
    for record in records:
        orjson.loads(record.value)
    bare = time.process_time() - began

    pipeline = Pipeline(chosen.batch)
    profiler = cProfile.Profile()
    if chosen.profile:
        profiler.enable()
    chunk = chosen.batch * PARTITIONS * 2
    for first in range(0, len(records), chunk):
        for record in records[first : first + chunk]:
            pipeline.put(record.topic, partition_of(record.key.decode(), PARTITIONS), record.key, record.value)
        pipeline.run()
    if chosen.profile:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    spent = sum(pipeline.seconds.values())
    print(f"bare decoding {len(records) / bare:10,.0f} events/s")
    print(f"all stages    {len(records) / spent:10,.0f} events/s, {spent / bare:.1f} times the time of bare decoding")
    for name, seconds in pipeline.seconds.items():
        per = seconds / max(1, pipeline.taken[name]) * 1e6
        print(f"  {name:10} {pipeline.taken[name]:9,} records {seconds:7.2f} s {per:7.1f} µs each")


if __name__ == "__main__":
    main()

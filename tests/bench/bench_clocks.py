"""Running SLA clocks in the stage of one worker: memory, a takeover, and a second in which many are breached.

Usage: ``python -m tests.bench.bench_clocks [CLOCKS] [--due N] [--targets N] [--without] [--profile]``.

Each ticket has two events and so many running clocks as targets, and all are of one partition, which is the worst case.
A step of due clocks is what the event loop does in one piece; between two, events have their turn. Told are:

- bytes a ticket (resident, so that what Python holds back is in it; compare with those ``--without`` policies);
- seconds to take all over from the changelog, deadlines included, and of these the longest piece;
- the steps of a second in which N tickets are due: how many, how long together, and the longest.

All seconds are the processor's, so that other work on the machine adds little.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agents.engine.worker import GC_THRESHOLDS
from streams import history as histories
from streams.events import ENTRY_TYPES, EVENT_TYPES
from streams.history import EMPTY, merge
from streams.pipeline.clock_news import POLICIES_KEY
from streams.pipeline.entities import EntityStage
from streams.pipeline.rules import Rules
from streams.stage import MAX_BATCH
from streams.topics import SLA_TRANSITIONS
from tests.support.sla import policies, policy, target

if TYPE_CHECKING:
    from collections.abc import Iterator

START = 1_777_852_800_000  # a Monday
HOUR = 3_600_000
PROMISED_H = 100
METRICS = ("first_reply", "resolution", "requester_wait", "agent_work")
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """The memory that this process holds, in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def entries(clocks: int, due: int) -> Iterator[tuple[bytes, bytes]]:
    """A changelog: so many unanswered tickets, of which ``due`` were promised an answer by one and the same second."""
    make = ENTRY_TYPES["ticket"]
    for number in range(clocks):
        # The others are due later, spread over the hours after that second.
        at = START + number % 1000 if number < due else START + 1000 + number * 10 * HOUR // clocks
        data = {"queue": f"q{number % 20}", "channel": "email", "priority": "high", "customer": f"c{number}"}
        told = [
            make(at, 0, f"/bench#{number}-1", msgspec.convert(data, EVENT_TYPES["ticket.created"])),
            make(at + 1, 0, f"/bench#{number}-2", msgspec.convert({"rep": "anna"}, EVENT_TYPES["ticket.assigned"])),
        ]
        yield f"ticket-{number}".encode(), histories.encode(merge(EMPTY, told).history)


def stage(rules: Rules) -> EntityStage:
    """A worker's stage of tickets."""
    return EntityStage("ticket", partitions=1, rules=rules, lateness=600_000, reject_future=False)


def restored(rules: Rules, clocks: int, due: int) -> tuple[EntityStage, list[float]]:
    """A stage that took all over from a changelog, and the seconds that it spent on each piece of that."""
    worker, spent = stage(rules), []
    # Without this entry the clocks would be taken for ones that ran by other policies before.
    chunk: list[tuple[bytes, bytes]] = [(POLICIES_KEY, rules.policies.version.encode())]
    for number, entry in enumerate(entries(clocks, due), 1):
        chunk.append(entry)
        if len(chunk) >= MAX_BATCH or number == clocks:
            began = time.process_time()
            worker.restore(0, chunk)
            spent.append(time.process_time() - began)
            chunk = []
    return worker, spent


def second(worker: EntityStage, now: int) -> tuple[list[float], int]:
    """Seconds of each step until nothing is due any more, and how many breaches were told."""
    steps: list[float] = []
    told = 0
    while True:
        began = time.process_time()
        step = worker.due(0, now)
        if step is None:
            return steps, told
        worker.adopt(0, step)
        steps.append(time.process_time() - began)
        told += sum(
            output.topic == SLA_TRANSITIONS.name and b'"breached"' in (output.value or b"") for output in step.outputs
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clocks", type=int, nargs="?", default=100_000)
    parser.add_argument("--due", type=int, default=10_000, help="clocks that are breached in one second")
    parser.add_argument("--without", action="store_true", help="the same tickets without any policy, to compare")
    parser.add_argument("--targets", type=int, default=1, choices=range(1, len(METRICS) + 1), help="clocks of a ticket")
    parser.add_argument("--profile", action="store_true", help="say where the time of that second goes; slows it down")
    chosen = parser.parse_args()
    gc.set_threshold(*GC_THRESHOLDS)
    tickets = chosen.clocks // chosen.targets
    targets = [target(metric, f"{PROMISED_H}h", warn=()) for metric in METRICS[: chosen.targets]]

    empty = resident()
    if chosen.without:
        worker, spent = restored(Rules(), tickets, chosen.due)
    else:
        worker, spent = restored(Rules(policies=policies(policy(*targets))), tickets, chosen.due)
    print(
        f"{tickets:,} tickets, {0 if chosen.without else chosen.clocks:,} clocks: "
        f"{(resident() - empty) / tickets:.0f} bytes a ticket; taken over in {sum(spent):.1f} s, "
        f"{sum(spent) / tickets * 1e6:.0f} µs a ticket, longest piece {max(spent) * 1000:.0f} ms"
    )
    profiler = cProfile.Profile()
    if chosen.profile:
        profiler.enable()
    steps, told = second(worker, START + PROMISED_H * HOUR + 999)
    if chosen.profile:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    print(
        f"{told:,} breaches in one second: {len(steps)} steps, {sum(steps):.2f} s together, "
        f"longest {max(steps, default=0) * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()

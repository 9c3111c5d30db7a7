"""A worker with a small deterministic stage, run as a process of its own by the engine's tests.

The stage keeps, per key, the set of distinct event ids it has seen. An event is JSON with ``id``, ``t`` (event time,
milliseconds) and optionally ``due_in`` (milliseconds until a deadline of its key passes), ``boom`` (folding it fails)
or ``block`` (seconds for which folding it blocks the process). For every id seen for the first time an output goes to
the out topic; for every passed deadline, too. Every 100 ms the worker prints one line of JSON about itself.

Usage: ``python -m tests.conformance.toyworker OPTIONS`` with OPTIONS a JSON object: ``config`` (fields of
``EngineConfig``), ``source``, ``out``, and optionally ``crash`` = ``[point, nth]``: where to kill the process with
SIGKILL, see ``CRASH_POINTS``; ``seek_after`` = a number of events after which it goes back to what is committed, once,
as it does in every rebalance.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.engine import Engine, EngineConfig, run_worker
from streams.stage import Output, Record, Step, TallyKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from faust.types.streams import StreamT

CRASH_POINTS = ("folded", "outputs-sent", "writes-sent", "adopted")


@dataclass(frozen=True)
class Entry:
    """What the stage keeps for one key."""

    ids: frozenset[str] = frozenset()
    due: int | None = None

    def dump(self) -> bytes:
        """As a changelog value."""
        return json.dumps({"ids": sorted(self.ids), "due": self.due}).encode()

    @classmethod
    def load(cls, raw: bytes) -> Entry:
        """From a changelog value."""
        data = json.loads(raw)
        return cls(frozenset(data["ids"]), data["due"])


class ToyStage:
    """Counts distinct ids per key."""

    name = "toy"

    def __init__(self, source: str, out: str) -> None:
        """``source``, ``out``: topics."""
        self.source = source
        self.out = out
        self.kept: dict[int, dict[bytes, Entry]] = {}
        self.largest = 0

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Add the ids of a batch."""
        self.largest = max(self.largest, len(records))
        kept = self.kept.get(partition, {})
        fresh: dict[bytes, Entry] = {}
        step = Step(state=fresh)
        for record in records:
            assert record.value is not None
            key = record.key or b""
            event = json.loads(record.value)
            if event.get("boom"):
                msg = "boom"
                raise ValueError(msg)
            time.sleep(event.get("block", 0))
            step.max_event_time = max(step.max_event_time or 0, event["t"])
            entry = fresh.get(key) or kept.get(key) or Entry()
            if event["id"] in entry.ids:
                step.tally[TallyKey(self.source, "duplicate")] += 1
                continue
            step.tally[TallyKey(self.source, "ok")] += 1
            due = event["t"] + event["due_in"] if "due_in" in event else entry.due
            fresh[key] = Entry(entry.ids | {event["id"]}, due)
            step.outputs.append(self._output(partition, key, event["id"]))
        step.writes = {key: entry.dump() for key, entry in fresh.items()}
        return step

    def _output(self, partition: int, key: bytes, what: str) -> Output:
        return Output(self.out, partition, key, what.encode(), (("toy", str(os.getpid()).encode()),))

    def due(self, partition: int, now: int) -> Step | None:
        """Say once of each key whose deadline has passed that it has."""
        late = {
            key: Entry(entry.ids)
            for key, entry in self.kept.get(partition, {}).items()
            if entry.due is not None and entry.due <= now
        }
        if not late:
            return None
        outputs = [self._output(partition, key, "due") for key in late]
        return Step(outputs=outputs, writes={key: entry.dump() for key, entry in late.items()}, state=late)

    def adopt(self, partition: int, step: Step) -> None:
        """Take over."""
        self.kept.setdefault(partition, {}).update(step.state)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over from the changelog."""
        kept = self.kept.setdefault(partition, {})
        for key, raw in entries:
            if raw is None:
                kept.pop(key, None)
            else:
                kept[key] = Entry.load(raw)

    def revoke(self, partition: int) -> None:
        """Forget."""
        self.kept.pop(partition, None)


def main() -> int:
    """Run the worker."""
    options = json.loads(sys.argv[1])
    engine = Engine(EngineConfig(**options["config"]))
    stage = ToyStage(options["source"], options["out"])
    if "crash" in options:
        arm(engine, stage, *options["crash"])

    @engine.agent(stage)
    async def toy(stream: StreamT[Any]) -> None:
        async for batch in engine.batches(stream):
            await engine.run_batch(stage, batch)

    changes: Counter[str] = Counter()
    engine.on_change(lambda: changes.update(["change"]))

    async def seek(after: int) -> None:
        while sum(engine.tally.values()) < after:  # noqa: ASYNC110  (the engine has no event for a count)
            await asyncio.sleep(0.02)
        consumer: Any = engine.app.consumer
        await consumer.perform_seek()

    if "seek_after" in options:
        engine.on_started(lambda: seek(options["seek_after"]))

    async def report() -> None:
        while True:
            progress = engine.progress()
            line = {
                "recovered": progress.recovered,
                "drained": progress.drained,
                "rows": [row._asdict() for row in progress.assigned],
                "kept": {p: {k.decode(): len(e.ids) for k, e in kept.items()} for p, kept in stage.kept.items()},
                "tally": {key.result: count for key, count in engine.tally.items()},
                "changes": changes["change"],
                "largest": stage.largest,
                "now": engine.now(),
                "last": engine.last_event_ms,
            }
            print(json.dumps(line), flush=True)
            await asyncio.sleep(0.1)

    engine.on_started(report)
    return run_worker(engine, options.get("loglevel", "info"))


def arm(engine: Engine, stage: ToyStage, point: str, nth: int) -> None:
    """Kill this process at the n-th time that a point of a step is reached."""
    assert point in CRASH_POINTS
    passed = 0

    def reached(name: str) -> None:
        nonlocal passed
        passed += name == point
        if passed >= nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(name: str, send: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def sent(*arguments: Any) -> None:
            await send(*arguments)
            reached(name)

        return sent

    sender: Any = engine.steps.sender
    sender.outputs = after("outputs-sent", sender.outputs)
    sender.writes = after("writes-sent", sender.writes)
    fold, adopt = stage.fold, stage.adopt

    def folded(partition: int, records: Sequence[Record], now: int) -> Step:
        step = fold(partition, records, now)
        reached("folded")
        return step

    def adopted(partition: int, step: Step) -> None:
        adopt(partition, step)
        reached("adopted")

    stage.fold = folded  # type: ignore[method-assign]
    stage.adopt = adopted  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())

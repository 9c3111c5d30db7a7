"""The whole pipeline in memory: topics, changelogs and committed offsets as lists, and workers that die and hesitate.

A :class:`Cluster` drives the stages in the durability order of :mod:`streams.stage` and can stop between any two of its
acts. What a worker had not yet written when its partition was taken away may still arrive later, as that of a process
that only slept does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from streams.events import KINDS
from streams.figures.panes import ALL, pour
from streams.figures.readers import figures
from streams.pipeline.customers import CustomerStage
from streams.pipeline.entities import EntityStage
from streams.pipeline.kpis import KpiStage
from streams.pipeline.reps import RepHoursStage
from streams.stage import MAX_BATCH, Output
from streams.topics import DEAD_LETTERS, SOURCES, partition_of

if TYPE_CHECKING:
    from streams.events import Kind
    from streams.figures.panes import Cells
    from streams.figures.readers import Attribution
    from streams.pipeline.rules import Rules
    from streams.stage import Stage, Step

LATENESS = 600_000
MISHAPS = (
    "among the outputs",
    "among the changelog entries",
    "before adopting",
    "before the acknowledgement",
    "after computing",
)


Chance = Callable[[int], int]
"""Decides where a run is interrupted: a number below its argument, of which 0 is the undisturbed course of things."""


class Logged(NamedTuple):
    """One record of a topic."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Task(NamedTuple):
    """A stage's work on one partition."""

    stage: str
    partition: int


class Cluster:
    """Topics, and the workers that own their partitions."""

    def __init__(
        self,
        rules: Rules,
        *,
        partitions: int = 1,
        workers: int = 1,
        chance: Chance = lambda _: 0,
        max_batch: int = MAX_BATCH,
        disturbances: int = 30,
        rarity: int = 16,
        zombies_write_state: bool = False,
    ) -> None:
        """Begin with empty topics.

        Args:
            rules: what figures are derived by.
            partitions: of every topic.
            workers: how many share them.
            chance: decides what happens.
            max_batch: must not exceed what :mod:`streams.pipeline.sent` believes it to be.
            disturbances: how often at most something goes wrong.
            rarity: at one in how many occasions it does.
            zombies_write_state: whether those that hesitate also write changelogs late.
        """
        self.rules = rules
        self.partitions = partitions
        self.chance = chance
        self.max_batch = max_batch
        self.disturbances = disturbances
        self.rarity = rarity
        self.zombies_write_state = zombies_write_state
        self.now = 0
        """The instant that the stages are told; the caller moves it."""
        self.logs: dict[tuple[str, int], list[Logged]] = {}
        self.changelogs: dict[Task, list[tuple[bytes, bytes | None]]] = {}
        self.workers = [self._process() for _ in range(workers)]
        stages = self.workers[0]
        self.tasks = [Task(name, partition) for name in stages for partition in range(partitions)]
        self.topic_of = {name: stage.source for name, stage in stages.items()}
        self.owner = {task: number % workers for number, task in enumerate(self.tasks)}
        self.position = dict.fromkeys(self.tasks, 0)
        self.committed = dict.fromkeys(self.tasks, 0)
        self.asleep: list[tuple[Task, list[Output], dict[bytes, bytes | None]]] = []
        """What workers that lost a partition have yet to write."""

    def _process(self) -> dict[str, Stage]:
        made: list[Stage] = [
            EntityStage(kind, partitions=self.partitions, rules=self.rules, lateness=LATENESS, reject_future=False)
            for kind in KINDS
        ]
        made.append(CustomerStage(partitions=self.partitions, rules=self.rules))
        made.append(RepHoursStage(partitions=self.partitions, rules=self.rules))
        made.append(KpiStage())
        return {stage.name: stage for stage in made}

    def produce(self, kind: Kind, entity: str, value: bytes) -> None:
        """Append one event to its topic."""
        self._write([Output(SOURCES[kind].name, partition_of(entity, self.partitions), entity.encode(), value)])

    def _log(self, task: Task) -> list[Logged]:
        return self.logs.get((self.topic_of[task.stage], task.partition), [])

    def stage(self, task: Task) -> Stage:
        """The stage of the worker that owns a task."""
        return self.workers[self.owner[task]][task.stage]

    def run(self, latest: int) -> None:
        """Work until nothing is left to do, all deadlines until ``latest`` (milliseconds) included."""
        while True:
            if busy := [task for task in self.tasks if self.position[task] < len(self._log(task))]:
                self._disturb(latest)
                self._batch(busy[self.chance(len(busy))])
            elif self.asleep and self.chance(2) == 0:
                self._wake()
            else:
                self.now = latest
                if not [task for task in self.tasks if self._due(task)] and not self.asleep:
                    return

    def _disturb(self, latest: int) -> None:
        """Perhaps do something that is not the next batch."""
        act = self.chance(16)
        if act == 1 and self.disturbances:
            self.disturbances -= 1
            self._take_over(self._any_task())
        elif act in (4, 5) and self.asleep:
            self._wake()
        elif act in (6, 7):
            # Clocks of processes differ, and in replay a restarted one begins anew: no order among them is promised.
            self.now = latest - self.chance(256) * 3_600_000
        elif act in (8, 9):
            self._due(self._any_task())
        elif act == 10:
            self._compact(self._any_task())
        elif act == 11:
            for worker in self.workers:
                for panes in _kpis(worker).panes.values():
                    panes.advance(self.now)

    def _any_task(self) -> Task:
        return self.tasks[self.chance(len(self.tasks))]

    def _batch(self, task: Task) -> None:
        start = self.position[task]
        size = self.max_batch - self.chance(self.max_batch)
        records = self._log(task)[start : start + size]
        step = self.stage(task).fold(task.partition, records, self.now)
        mishap = self._mishap()
        if self._perform(task, step, mishap):
            self.position[task] = records[-1].offset + 1
            if mishap == "before the acknowledgement":
                self._crash(self.owner[task])
            else:
                self.committed[task] = self.position[task]

    def _due(self, task: Task) -> bool:
        step = self.stage(task).due(task.partition, self.now)
        if step is None:
            return False
        self._perform(task, step, self._mishap())
        return True

    def _mishap(self) -> str:
        """Where this step is interrupted; empty: nowhere."""
        if not self.disturbances or self.chance(self.rarity) != 1:
            return ""
        self.disturbances -= 1
        return MISHAPS[self.chance(len(MISHAPS))]

    def _perform(self, task: Task, step: Step, mishap: str) -> bool:
        """Make a step durable and adopt it; False if that was interrupted."""
        outputs = list(step.outputs)
        if mishap == "after computing":
            return False  # thrown away, and done once more
        if mishap == "among the outputs":
            self._write(self._some(outputs))
            self._interrupt(task, outputs, step.writes)
            return False
        self._write(outputs)
        if mishap == "among the changelog entries":
            entries = list(step.writes.items())
            self._store(task, dict(entries[: self.chance(len(entries) + 1)]))
            self._crash(self.owner[task])
            return False
        self._store(task, step.writes)
        if mishap == "before adopting":
            self._crash(self.owner[task])
            return False
        self.stage(task).adopt(task.partition, step)
        return True

    def _some(self, outputs: list[Output]) -> list[Output]:
        """Take some outputs out, as brokers of different partitions confirm them in any order."""
        return [outputs.pop(self.chance(len(outputs))) for _ in range(self.chance(len(outputs) + 1))]

    def _interrupt(self, task: Task, left: list[Output], writes: dict[bytes, bytes | None]) -> None:
        """Die, or fall asleep while another worker takes over."""
        if self.chance(2):
            self.asleep.append((task, left, writes if self.zombies_write_state else {}))
            self._take_over(task)
        else:
            self._crash(self.owner[task])

    def _wake(self) -> None:
        task, left, writes = self.asleep.pop(self.chance(len(self.asleep)))
        self._write(left)
        self._store(task, writes)

    def _write(self, outputs: list[Output]) -> None:
        for output in outputs:
            log = self.logs.setdefault((output.topic, output.partition), [])
            log.append(Logged(len(log), output.key, output.value, output.headers))

    def _store(self, task: Task, writes: dict[bytes, bytes | None]) -> None:
        self.changelogs.setdefault(task, []).extend(writes.items())

    def _compact(self, task: Task) -> None:
        """What the broker does to a changelog: of each key the last entry stays.

        Not to entries so young that a sleeper may still write: for how long that is, is the topic's compaction lag.
        """
        if self.zombies_write_state:
            return
        kept: dict[bytes, bytes | None] = {}
        for key, value in self.changelogs.get(task, []):
            kept.pop(key, None)
            kept[key] = value
        self.changelogs[task] = list(kept.items())

    def _take_over(self, task: Task) -> None:
        """Give a task to another worker, or to the same one again."""
        self.stage(task).revoke(task.partition)
        self.owner[task] = self.chance(len(self.workers))
        self._restore(task)

    def _crash(self, number: int) -> None:
        """Kill a worker; all that it owned is restored, by whichever worker gets it."""
        self.workers[number] = self._process()
        for task in self.tasks:
            if self.owner[task] == number:
                self.owner[task] = self.chance(len(self.workers))
                self._restore(task)

    def _restore(self, task: Task) -> None:
        entries = self.changelogs.get(task, [])
        cut = self.chance(len(entries) + 1)
        for part in (entries[:cut], entries[cut:]):
            self.stage(task).restore(task.partition, part)
        self.position[task] = self.committed[task]

    def cells(self, as_of: int, of: str | None = None) -> tuple[Cells, Counter[str]]:
        """The cells of all queues, or of one, since the first event, and what is so now."""
        total: Cells = {}
        live: Counter[str] = Counter()
        for task in self.tasks:
            if task.stage != KpiStage.name:
                continue
            panes = _kpis(self.workers[self.owner[task]]).panes[task.partition]
            panes.advance(as_of)
            for key, group in panes.groups.items():
                if of not in (None, key[0]):
                    continue
                pour(total, group.windows[ALL])
                live.update({state: len(held) for state, held in group.live.items()})
        return total, live

    def figures(self, as_of: int, attribution: Attribution = "cohort", of: str | None = None) -> dict[str, Any]:
        """The figures of all queues, or of one, since the first event."""
        options = self.rules.options
        return figures(*self.cells(as_of, of), options.threshold_millis("") / 1000, attribution, options)

    def dead_letters(self) -> list[Logged]:
        """What could not be taken."""
        return self.logs.get((DEAD_LETTERS.name, 0), [])


def _kpis(worker: dict[str, Stage]) -> KpiStage:
    found = worker[KpiStage.name]
    if not isinstance(found, KpiStage):
        raise TypeError(found)
    return found

"""The stage of the figures: contribution sets in, panes kept. It sends nothing; readers look into its panes.

The panes are a pure function of the sets, so only the sets are stored. Nothing can fall between the two.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from streams.figures import contributions
from streams.figures.by_rep import RepPanes
from streams.figures.contributions import Contribution
from streams.figures.options import FigureOptions
from streams.figures.panes import Panes
from streams.stage import Step, TallyKey
from streams.topics import CONTRIBUTIONS, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streams.figures.panes import GroupKey
    from streams.stage import Record


class _Replacement(NamedTuple):
    key: bytes
    stored: bytes
    old: Contribution | None
    new: Contribution


_NOTHING = Contribution(-1, 0, [], [])


class KpiStage:
    """The figures of the queues that this worker owns. See :class:`streams.stage.Stage`."""

    name = "kpis"
    source = CONTRIBUTIONS.name

    def __init__(
        self,
        configured: Sequence[GroupKey] = (),
        *,
        partitions: int = 1,
        follow_events: bool = False,
        options: FigureOptions | None = None,
        by_rep: bool = False,
    ) -> None:
        """Keep nothing yet.

        Args:
            configured: groups that are shown with 0 although nothing has happened in them yet.
            partitions: of the topic.
            follow_events: whether the present is the events' own, as in replay.
            options: say when the days of a queue begin; None: the defaults.
            by_rep: whether reps are told apart, too.
        """
        self._configured = configured
        self._follow_events = follow_events
        self._partitions = partitions
        days = (options or FigureOptions()).days
        panes = RepPanes if by_rep else Panes
        self.panes: dict[int, Panes] = defaultdict(lambda: panes(days))
        """Partition to its panes."""
        self.seen: dict[int, int] = defaultdict(int)
        """Partition to the largest event time that its sets speak of; survives restarts."""
        self._sets: dict[int, dict[bytes, bytes]] = defaultdict(dict)
        self._keys: dict[int, dict[str, set[bytes]]] = defaultdict(dict)
        """Partition to queue to the keys of its sets."""

    def open(self, partition: int) -> None:
        """Show the configured queues of a partition that this worker now owns."""
        panes = self.panes[partition]
        for key in self._configured:
            if partition_of(key.queue, self._partitions) == partition:
                panes.group(*key).pinned = True

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Take a batch of sets; of each entity and queue only the newest matters."""
        step = Step()
        kept = self._sets[partition]
        newest: dict[bytes, _Replacement] = {}
        for record in records:
            key, value = record.key, record.value
            if key is None or value is None:
                continue
            new = contributions.decode(value)
            before = newest.get(key)
            if before is None:
                stored = kept.get(key)
                # An empty set is kept too: an older one that a dying worker left may still arrive.
                known = old = None if stored is None else contributions.decode(stored)
            else:
                old, known = before.old, before.new
            if known is not None and known.version > new.version:
                step.tally[TallyKey(self.source, "superseded")] += 1
                continue
            newest[key] = _Replacement(key, value, old, new)
            step.tally[TallyKey(self.source, "ok")] += 1
        step.writes = {key: one.stored for key, one in newest.items()}
        step.state = list(newest.values())
        step.max_event_time = max((one.new.seen for one in newest.values()), default=0) or None
        return step

    def due(self, partition: int, now: int) -> Step | None:
        """Nothing is due: windows move when they are read."""

    def adopt(self, partition: int, step: Step) -> None:
        """Replace the sets of a step, and apply the differences to the panes."""
        kept = self._sets[partition]
        if self._follow_events and step.max_event_time is not None:
            # What is booked into a window that moves on at once would only have to be taken off again.
            self.panes[partition].advance(step.max_event_time)
        for one in step.state:
            kept[one.key] = one.stored
            self._replace(partition, one.key, one.old, one.new)
        self.panes[partition].tidy()

    def _replace(self, partition: int, key: bytes, old: Contribution | None, new: Contribution) -> None:
        panes = self.panes[partition]
        queue, entity = contributions.split_key(key)
        if old is None:
            old = _NOTHING
            self._keys[partition].setdefault(queue, set()).add(key)
        panes.replace(queue, old.items, new.items)
        if old.live != new.live:
            panes.set_live(queue, entity, old.live, add=False)
            panes.set_live(queue, entity, new.live, add=True)
        self.seen[partition] = max(self.seen[partition], new.seen)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt sets from the changelog; the panes follow."""
        kept = self._sets[partition]
        for key, value in entries:
            stored = kept.get(key)
            old = None if stored is None else contributions.decode(stored)
            new = _NOTHING if value is None else contributions.decode(value)
            if value is None:
                kept.pop(key, None)
            elif old is not None and old.version > new.version:
                continue  # written late, by a worker that no longer owned the partition
            else:
                kept[key] = value
            self._replace(partition, key, old, new)
        self.panes[partition].tidy()

    def revoke(self, partition: int) -> None:
        """Forget a partition, and with it the series of its queues."""
        for kept in (self.panes, self.seen, self._sets, self._keys):
            kept.pop(partition, None)

    def behind(self, queue: str) -> Iterator[tuple[str, Contribution]]:
        """The entities behind a queue's figures, with what each contributes."""
        for partition, queues in self._keys.items():
            for key in queues.get(queue, ()):
                yield contributions.split_key(key)[1], contributions.decode(self._sets[partition][key])

"""The series of single reps, where they are asked for; kept until anything of them changes, or the day does."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from agents.web.text import labels_text, number
from streams.figures.by_rep import RepPanes, rep_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.web.view import WorkerView
    from streams.figures.panes import Panes

OVERFLOW = "ticketstreams_rep_label_overflow"
_DAY = 86_400_000


class _Rendered(NamedTuple):
    panes: RepPanes
    changes: int
    day: int
    blocks: dict[str, bytes]
    """Family to its lines."""
    series: int


class RepExposition:
    """What one worker says of its queues' reps."""

    def __init__(self, view: WorkerView) -> None:
        self._view = view
        self._kept: dict[int, _Rendered] = {}

    async def render(self, partition: int, panes: Panes) -> None:
        """Bring what is said of a partition up to date; nothing where reps are not told apart."""
        if not (isinstance(panes, RepPanes) and self._view.exports.reps):
            return
        now = self._view.now_ms()
        old = self._kept.get(partition)
        if old is not None and (old.panes, old.changes, old.day) == (panes, panes.reps.changes, now // _DAY):
            return
        changes = panes.reps.changes
        lines: defaultdict[str, list[str]] = defaultdict(list)
        for queue in panes.reps.queues:
            ranked = panes.reps.ranked(queue, self._view.exports.reps, now)
            for family, (_, channel), rep, value in rep_samples(ranked):
                labels = labels_text((("queue", queue), ("channel", channel), ("priority", ""), ("rep", rep)))
                lines[family].append(f"{family}{{{labels}}} {number(value)}\n")
            labels = labels_text((("queue", queue),))
            lines[OVERFLOW].append(f"{OVERFLOW}{{{labels}}} {ranked.unnamed}\n")
            await asyncio.sleep(0)
        blocks = {family: "".join(found).encode() for family, found in lines.items()}
        self._kept[partition] = _Rendered(panes, changes, now // _DAY, blocks, sum(map(len, lines.values())))

    def blocks(self, partitions: list[int]) -> Iterator[tuple[str, bytes]]:
        """Families with their lines, of the partitions that are still this worker's; others are forgotten."""
        self._kept = {partition: kept for partition, kept in self._kept.items() if partition in partitions}
        for kept in self._kept.values():
            yield from kept.blocks.items()

    @property
    def series(self) -> int:
        """How many there are."""
        return sum(kept.series for kept in self._kept.values())

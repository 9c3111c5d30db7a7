"""``/metrics``: thousands of series as text, without holding up the event loop.

Each group of labels is rendered in one piece, so that its series agree with each other, and the loop gets its turn
between groups. What was rendered is kept until the group changes, or the goals that it is held against. Scrapes that
overlap share one rendering.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest

from agents.web.rep_exposition import RepExposition
from agents.web.runtime_samples import runtime_samples
from agents.web.shared import Shared
from agents.web.text import HEADERS, header_lines, labels_text, number
from agents.web.view import STALE_AFTER_SECONDS
from streams.figures.catalogue import GROUP_LABELS
from streams.figures.panes import Group, GroupKey, Panes
from streams.figures.rep_series import Told, staffing
from streams.figures.series import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.web.present import Present
    from agents.web.view import WorkerView
    from streams.figures.sla_cells import Allowances

SERIES = "ticketstreams_series"
_YIELD_EVERY = 64
"""Groups that had not changed, between two turns of the loop."""


class _Rendered(NamedTuple):
    group: Group
    changes: int
    blocks: dict[str, bytes]
    """Family to its lines."""
    series: int


class Exposition:
    """The exposition of one worker."""

    def __init__(self, view: WorkerView, present: Present, stale_after: float = STALE_AFTER_SECONDS) -> None:
        """``stale_after``: seconds after which a feed without events is silent."""
        self._view = view
        self._stale_after = stale_after
        self._present = present
        self._kept: dict[int, dict[GroupKey, _Rendered]] = {}
        self._allowances: Allowances = {}
        """What all that is kept was held against."""
        self._reps = RepExposition(view)
        self._shared: Shared[bytes] = Shared()
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)

    async def text(self) -> bytes:
        """The whole exposition as of now."""
        return await self._shared.get("text", self._render)

    async def _render(self) -> bytes:
        shown: dict[int, Panes] = await self._present.catch_up()
        allowances = self._view.allowances()
        if allowances != self._allowances:
            self._kept, self._allowances = {}, allowances
        for partition, panes in shown.items():
            await self._render_partition(partition, panes)
            await self._reps.render(partition, panes)
        process = generate_latest(self._process)
        # From here on nothing is awaited: what is no longer ours is left out entirely.
        still = (partition for partition, panes in shown.items() if self._present.still(partition, panes))
        self._kept = {partition: self._kept[partition] for partition in still}
        return self._assemble(process)

    async def _render_partition(self, partition: int, panes: Panes) -> None:
        before = self._kept.get(partition, {})
        kept: dict[GroupKey, _Rendered] = {}
        for turn, (labels, group) in enumerate(list(panes.groups.items())):
            key = GroupKey(*labels)
            old = before.get(key)
            if old is not None and old.group is group and old.changes == group.changes:
                kept[key] = old
                if turn % _YIELD_EVERY:
                    continue
            else:
                kept[key] = self._render_group(key, group)
            await asyncio.sleep(0)
        self._kept[partition] = kept

    def _render_group(self, key: GroupKey, group: Group) -> _Rendered:
        prefix = labels_text(tuple(zip(GROUP_LABELS, key, strict=True)))
        lines: defaultdict[str, list[str]] = defaultdict(list)
        count = 0
        view = self._view
        for family, suffix, labels, value in samples(key, group, view.options, view.exports, self._allowances):
            own = f",{labels_text(labels)}" if labels else ""
            lines[family].append(f"{family}{suffix}{{{prefix}{own}}} {number(value)}\n")
            count += 1
        return _Rendered(
            group, group.changes, {family: "".join(found).encode() for family, found in lines.items()}, count
        )

    def _staffing(self) -> Iterator[tuple[GroupKey, Told]]:
        """What is said of a queue as a whole, from its groups."""
        for groups in self._kept.values():
            yield from staffing(((key, rendered.group) for key, rendered in groups.items()), self._view.options)

    def _assemble(self, process: bytes) -> bytes:
        blocks: defaultdict[str, list[bytes]] = defaultdict(list)
        for family, text in self._reps.blocks(list(self._kept)):
            blocks[family].append(text)
        series = 1 + self._reps.series  # the one that says how many there are
        for groups in self._kept.values():
            for rendered in groups.values():
                series += rendered.series
                for family, text in rendered.blocks.items():
                    blocks[family].append(text)
        for key, (family, labels, value) in self._staffing():
            carried = labels_text((*zip(GROUP_LABELS, key, strict=True), *labels))
            blocks[family].append(f"{family}{{{carried}}} {number(value)}\n".encode())
            series += 1
        for metric, labels, value in runtime_samples(self._view, self._stale_after):
            inside = f"{{{labels_text(labels)}}}" if labels else ""
            blocks[metric.full_name].append(f"{metric.full_name}{inside} {number(value)}\n".encode())
            series += 1
        series += sum(1 for line in process.splitlines() if line and not line.startswith(b"#"))
        blocks[SERIES].append(f"{SERIES} {series}\n".encode())
        parts = []
        for family, header in HEADERS.items():
            if family in blocks:
                parts.append(header_lines(family, header).encode())
                parts.extend(blocks[family])
        return b"".join((*parts, process))

"""One worker's answers, from the panes that it owns."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from agents.web.cells import CellsDocument, Required, live_of, to_wire
from agents.web.exposition import Exposition
from agents.web.freshness import feeds_of, freshness
from agents.web.merging import Merge, Part
from agents.web.present import Present
from agents.web.shared import Shared
from agents.web.source import Verdict, document
from agents.web.view import HEARTBEAT_SECONDS
from streams.figures.contributions import as_plain
from streams.figures.panes import GroupKey
from streams.figures.rep_series import required
from streams.figures.series import families_of

if TYPE_CHECKING:
    from agents.web.query import EntitiesQuery, FiguresQuery
    from agents.web.view import WorkerView
    from streams.figures.contributions import Contribution
    from streams.figures.panes import Panes

FRESH_S = 0.25


def progress_document(view: WorkerView) -> dict[str, Any]:
    """How far a worker is."""
    return {
        "recovered": view.ready,
        "drained": view.drained,
        "partitions": [row._asdict() for row in view.partitions()],
    }


class WorkerSource:
    """See :class:`agents.web.source.Source`."""

    def __init__(self, view: WorkerView, stale_after: float) -> None:
        """``stale_after``: seconds after which a silent feed makes the figures stale."""
        self._view = view
        self._stale_after = stale_after
        self._present = Present(view)
        self._exposition = Exposition(view, self._present, stale_after)
        self._figures: Shared[dict[str, Any]] = Shared(FRESH_S)

    async def metrics(self) -> bytes:
        """The worker's exposition."""
        return await self._exposition.text()

    async def health(self) -> Verdict:
        """Well until the engine fails or its loop stands still."""
        reasons = []
        if self._view.failure is not None:
            reasons.append(f"the worker ends: {self._view.failure}")
        if self._view.heartbeat_age > HEARTBEAT_SECONDS:
            reasons.append(f"the engine's loop has not turned for {self._view.heartbeat_age:.0f} s")
        return Verdict(not reasons, reasons)

    async def readiness(self) -> Verdict:
        """Ready when well and recovered."""
        reasons = (await self.health()).reasons
        if not self._view.ready:
            reasons.append("not all assigned partitions are recovered")
        return Verdict(not reasons, reasons)

    async def figures(self, query: FiguresQuery) -> dict[str, Any]:
        """Figures merged from the panes."""
        return await self._figures.get(query, lambda: self._read(query))

    async def _read(self, query: FiguresQuery) -> dict[str, Any]:
        while True:
            shown = await self._present.catch_up()
            merge = Merge(query.window, query.by)
            for partition, panes in shown.items():
                for labels, group in list(panes.groups.items()):
                    key = GroupKey(*labels)
                    cells, live = group.windows[query.window], live_of(group, panes.spans(group))
                    merge.add(Part(key, cells, live, families_of(key, group), self._threshold(key.queue)))
                    await asyncio.sleep(0)
                for needed in self._required(partition, panes):
                    merge.require(needed.queue, needed.channel, needed.reps)
            if all(self._present.still(partition, panes) for partition, panes in shown.items()):
                break
            # A partition went away half-way: its share must not stay in the sums.
        feeds = feeds_of(self._view)
        read = await merge.read(query.attribution, feeds.now)
        fresh = freshness(feeds, self._stale_after, (await self.health()).reasons)
        return document(query, feeds.now, feeds.events, read, fresh, {"clock": feeds.clock, "missing_queues": []})

    async def progress(self) -> dict[str, Any]:
        """Owned partitions and where they stand."""
        return progress_document(self._view)

    async def explain(self, kind: str, entity: str) -> dict[str, Any] | None:
        """Stretch by stretch, from the entity's history."""
        return self._view.explain(kind, entity)

    async def entities(self, query: EntitiesQuery) -> dict[str, Any]:
        """The entities that contribute to a queue, with what they contribute."""
        found: list[dict[str, Any]] = []
        more = False
        for entity, contribution in self._view.kpis.behind(query.queue):
            if query.contributes and not _contributes(contribution, query.contributes):
                continue
            if len(found) == query.limit:
                more = True
                break
            found.append({"entity": entity, **as_plain(contribution)})
        return {"queue": query.queue, "entities": found, "more": more}

    async def cells(self, windows: list[str]) -> CellsDocument:
        """Raw cells of all owned groups."""
        while True:
            shown = await self._present.catch_up()
            groups = []
            needs: list[Required] = []
            for partition, panes in shown.items():
                for labels, group in list(panes.groups.items()):
                    key = GroupKey(*labels)
                    threshold = self._threshold(key.queue)
                    groups.append(to_wire(partition, key, group, panes.spans(group), windows, threshold))
                    await asyncio.sleep(0)
                needs.extend(self._required(partition, panes))
            if all(self._present.still(partition, panes) for partition, panes in shown.items()):
                return CellsDocument(feeds_of(self._view), sorted(shown), groups, needs)

    def _required(self, partition: int, panes: Panes) -> list[Required]:
        groups = [(GroupKey(*labels), group) for labels, group in panes.groups.items()]
        return [
            Required(partition, key.queue, key.channel, number) for key, number in required(groups, self._view.options)
        ]

    def _threshold(self, queue: str) -> float:
        return self._view.options.threshold_millis(queue) / 1000


def _contributes(contribution: Contribution, wanted: str) -> bool:
    return any(item.cell == wanted for item in contribution.items) or any(
        live.state == wanted for live in contribution.live
    )

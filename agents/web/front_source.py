"""Answers that are put together from those of several workers.

Queues are disjoint between workers, so cells are added and series put side by side. Where two workers claim the same
partition (a rebalance is going on), one of them is taken and the other is named as a problem; nothing counts twice.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from agents.web.cells import DECODER, CellsDocument, Feeds, GroupCells, Required, from_wire
from agents.web.exposition_merge import merge_expositions
from agents.web.freshness import freshness, together
from agents.web.merging import Merge, Part
from agents.web.shared import Shared
from agents.web.source import Verdict, document
from agents.web.worker_source import FRESH_S
from streams.figures.panes import GroupKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.web.query import EntitiesQuery, FiguresQuery


class _Answer(NamedTuple):
    worker: str
    body: bytes | None
    """None: it did not answer, or not with 200."""
    problem: str


class FrontSource:
    """See :class:`agents.web.source.Source`."""

    session: aiohttp.ClientSession
    """Set while the application runs."""

    def __init__(self, urls: Sequence[str], stale_after: float) -> None:
        """``urls``: base addresses; ``stale_after``: see :func:`agents.web.front.create_front`."""
        self._workers = {urlsplit(url).netloc: url.rstrip("/") for url in urls}
        self._stale_after = stale_after
        self._queues: dict[str, set[str]] = {}
        """Queues that each worker had when it last answered."""
        self._figures: Shared[dict[str, Any]] = Shared(FRESH_S)
        self._metrics: Shared[bytes] = Shared()

    async def _ask(self, path: str) -> list[_Answer]:
        return await asyncio.gather(*(self._ask_one(worker, url + path) for worker, url in self._workers.items()))

    async def _ask_one(self, worker: str, url: str) -> _Answer:
        try:
            async with self.session.get(url) as answer:
                body = await answer.read()
                if answer.status == 200:
                    return _Answer(worker, body, "")
                return _Answer(worker, None, f"worker {worker} answers {answer.status}: {_reasons(body)}")
        except (aiohttp.ClientError, TimeoutError) as error:
            return _Answer(worker, None, f"worker {worker} does not answer ({type(error).__name__})")

    async def metrics(self) -> bytes:
        """All workers' series, families in one piece."""
        return await self._metrics.get("metrics", self._merge_metrics)

    async def _merge_metrics(self) -> bytes:
        answers = await self._ask("/metrics")
        return await merge_expositions({answer.worker: answer.body for answer in answers})

    async def health(self) -> Verdict:
        """The front is well when it answers; its workers are restarted by whoever started them."""
        return Verdict(True, [])

    async def readiness(self) -> Verdict:
        """Ready when every worker is."""
        reasons = [answer.problem for answer in await self._ask("/readyz") if answer.body is None]
        return Verdict(not reasons, reasons)

    async def progress(self) -> dict[str, Any]:
        """All workers' partitions; recovered and drained when all of them are."""
        rows, said, problems = [], [], []
        for worker, body, problem in await self._ask("/api/v1/progress"):
            if body is None:
                problems.append(problem)
                continue
            found = orjson.loads(body)
            said.append(found)
            rows += [{**row, "worker": worker} for row in found["partitions"]]
        return {
            "recovered": not problems and all(one["recovered"] for one in said),
            "drained": not problems and all(one["drained"] for one in said),
            "partitions": sorted(rows, key=lambda row: (row["topic"], row["partition"])),
            "problems": problems,
        }

    async def explain(self, kind: str, entity: str) -> dict[str, Any] | None:
        """From the worker that has the entity."""
        answers = await self._ask(f"/api/v1/explain/{kind}/{quote(entity, safe='')}")
        return next((orjson.loads(answer.body) for answer in answers if answer.body is not None), None)

    async def entities(self, query: EntitiesQuery) -> dict[str, Any]:
        """The queue's entities, from whichever worker has them."""
        path = f"/api/v1/queues/{quote(query.queue, safe='')}/entities?limit={query.limit}"
        if query.contributes:
            path += f"&contributes={quote(query.contributes, safe='')}"
        found: list[Any] = []
        more, problems = False, []
        for _, body, problem in await self._ask(path):
            if body is None:
                problems.append(problem)
                continue
            said = orjson.loads(body)
            found += said["entities"]
            more = more or said["more"]
        more = more or len(found) > query.limit
        return {"queue": query.queue, "entities": found[: query.limit], "more": more, "problems": problems}

    async def figures(self, query: FiguresQuery) -> dict[str, Any]:
        """Figures merged from the workers' cells."""
        return await self._figures.get(query, lambda: self._merge_figures(query))

    async def _merge_figures(self, query: FiguresQuery) -> dict[str, Any]:
        said: dict[str, CellsDocument] = {}
        problems: list[str] = []
        for worker, body, problem in await self._ask(f"/api/v1/cells?window={query.window}&format=msgpack"):
            if body is None:
                problems.append(problem)
            else:
                said[worker] = DECODER.decode(body)
                self._queues[worker] = {group.queue for group in said[worker].groups}
                await asyncio.sleep(0)
        merge, present = Merge(query.window, query.by), set()
        for group in _once(said, problems):
            present.add(group.queue)
            key = GroupKey(group.queue, group.channel, group.priority)
            cells = from_wire(group.windows[query.window])
            merge.add(Part(key, cells, group.live, frozenset(group.families), group.threshold_seconds))
            await asyncio.sleep(0)
        for needed in _owned_once(said):
            merge.require(needed.queue, needed.channel, needed.reps)
        silent = (self._queues.get(worker, set()) for worker in self._workers if worker not in said)
        missing = sorted(set().union(*silent) - present)
        nobody = Feeds("wall", time.time_ns() // 1_000_000, ready=False, newest_event=0, last_event={}, events={})
        feeds = together([one.feeds for one in said.values()] or [nobody])
        read = await merge.read(query.attribution, feeds.now)
        if missing:
            problems.append(f"without {', '.join(missing)}")
        fresh = freshness(feeds, self._stale_after, problems)
        return document(query, feeds.now, feeds.events, read, fresh, {"clock": feeds.clock, "missing_queues": missing})


def _once(said: dict[str, CellsDocument], problems: list[str]) -> Iterator[GroupCells]:
    """Every partition's groups from one worker only."""
    owners: dict[int, str] = {}
    for worker, one in said.items():
        for partition in one.owned:
            if owners.setdefault(partition, worker) != worker:
                problems.append(f"partition {partition} is shown by {owners[partition]} and by {worker}")
        yield from (group for group in one.groups if owners[group.partition] == worker)


def _owned_once(said: dict[str, CellsDocument]) -> Iterator[Required]:
    """The same for the reps that are required."""
    owners: dict[int, str] = {}
    for worker, one in said.items():
        for partition in one.owned:
            owners.setdefault(partition, worker)
        yield from (needed for needed in one.required if owners[needed.partition] == worker)


def _reasons(body: bytes) -> str:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "no reason given"
    reasons = found.get("reasons") if isinstance(found, dict) else None
    return "; ".join(map(str, reasons)) if reasons else "no reason given"

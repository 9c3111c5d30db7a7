"""When entities have to be derived again although no event came: a heap for each partition. Milliseconds."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_ONCE = 1
"""A deadline that has passed, whatever the time."""


class Passed(NamedTuple):
    """What has passed by an instant."""

    entities: list[str]
    until: int
    """All deadlines up to here are among them."""


class DeadlineHeap:
    """One deadline for an entity at most. Nothing in it is the only copy of anything."""

    def __init__(self) -> None:
        self._heaps: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._valid: dict[int, dict[str, int]] = defaultdict(dict)

    def of(self, partition: int, entity: str) -> int | None:
        """The deadline of an entity."""
        return self._valid[partition].get(entity)

    def passed(self, partition: int, now: int, limit: int) -> Passed:
        """Entities whose deadline has passed, the earliest first; they stay until :meth:`schedule` moves them."""
        heap, valid = self._heaps[partition], self._valid[partition]
        found: dict[str, int] = {}
        while heap and heap[0][0] <= now:
            deadline, entity = heap[0]
            # Others have been moved meanwhile, or stand there twice.
            counts = valid.get(entity) == deadline and entity not in found
            if counts and len(found) == limit:
                break
            heappop(heap)
            if counts:
                found[entity] = deadline
        until = min(now, heap[0][0] - 1) if heap else now
        for entity, deadline in found.items():
            heappush(heap, (deadline, entity))
        return Passed(list(found), until)

    def schedule(self, partition: int, deadlines: Mapping[str, int]) -> None:
        """Move the deadlines of entities; 0: they have none."""
        heap, valid = self._heaps[partition], self._valid[partition]
        for entity, deadline in deadlines.items():
            if deadline:
                if valid.get(entity) != deadline:
                    valid[entity] = deadline
                    heappush(heap, (deadline, entity))
            else:
                valid.pop(entity, None)

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._heaps.pop(partition, None)
        self._valid.pop(partition, None)

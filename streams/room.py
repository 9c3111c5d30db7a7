"""Whether a history has room for one more event (:mod:`streams.limits`).

What is kept is what came first. So where a history is full, it depends on the order of arrival which events are in it;
everything else is a function of history and event alone, so that a worker that takes the same records again decides
the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streams.codec import RejectedError
from streams.events.identity import IdentityMerged, IdentityObserved
from streams.limits import ENTRY_BYTES, LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from streams.events import Entry
    from streams.history import History

_ENCODER = msgspec.msgpack.Encoder()
_SURROUNDS = 32
"""Bytes of a history around its events: version, and the lengths of lists."""


class Room:
    """What is left of one entity's limits."""

    def __init__(self, limits: Limits, kept: Collection[Entry]) -> None:
        self._limits = limits
        self._count = 0
        self._bytes = _SURROUNDS
        self._names: dict[str, set[str]] = {"queue": set(), "rep": set(), "customer": set()}
        for entry in kept:
            self._add(entry)

    def take(self, entry: Entry) -> None:
        """Use room for an event.

        Raises:
            RejectedError: there is none; says which limit is reached.
        """
        limits = self._limits
        if self._count >= limits.history_events:
            raise RejectedError("history", "subject", self._count, f"has {limits.history_events} events at most")
        size = self._bytes + len(_ENCODER.encode(entry))
        if size > limits.history_bytes:
            raise RejectedError("history", "subject", size, f"has events of {limits.history_bytes} bytes at most")
        most = {"queue": limits.history_queues, "rep": limits.history_reps, "customer": limits.history_customers}
        for field, name in _names(entry):
            names = self._names[field]
            if name not in names and len(names) >= most[field]:
                rule = f"the events of one subject name {most[field]} different ones at most"
                raise RejectedError("history", f"data.{field}", name, rule)
        self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._count += 1
        self._bytes += len(_ENCODER.encode(entry))
        for field, name in _names(entry):
            self._names[field].add(name)


def _names(entry: Entry) -> Iterator[tuple[str, str]]:
    data = entry.data
    for field in ("queue", "rep", "customer"):
        name = getattr(data, field)
        if name:
            yield field, name
    if isinstance(data, IdentityObserved):
        yield "customer", data.canonical
    elif isinstance(data, IdentityMerged):
        yield "customer", data.into


class Rooms:
    """The room of the entities of one batch. Most have few events, and need not be measured."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._safe = min(
            limits.history_events,
            limits.history_bytes // ENTRY_BYTES,
            limits.history_queues,
            limits.history_reps,
            limits.history_customers,
        )
        """So few events reach no limit."""
        self._rooms: dict[str, Room] = {}

    def take(self, key: str, history: History, arrived: Collection[Entry], entry: Entry) -> None:
        """Use room of an entity for an event.

        Args:
            key: under which its history is kept.
            history: what was kept before the batch.
            arrived: what of the batch is to be kept besides.
            entry: the event.

        Raises:
            RejectedError: there is none; says which limit is reached.
        """
        if len(history.events) + len(history.replaced) + len(arrived) < self._safe:
            return
        room = self._rooms.get(key)
        if room is None:
            room = self._rooms[key] = Room(self._limits, [*history.events, *history.replaced, *arrived])
        room.take(entry)

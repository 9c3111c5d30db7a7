"""Contribution sets: what one entity adds to the figures of a queue.

A set is a pure function of the entity's history. It carries the history's version; a newer set replaces an older one,
and the difference is applied. So a set may be sent any number of times, and in any order, without harm.

Instants and durations are milliseconds. A contribution may be dated in the future: it counts from that instant on, as
no window reaches beyond the present. This is how maturity ("not re-contacted within 7 days") is known without a timer.
"""

from __future__ import annotations

from typing import Any

import msgspec

from streams.packing import pack, unpack

SEPARATOR = "\x1f"
"""Stands between queue and entity in a record's key; no identifier may contain it."""


class Item(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One addition to one cell of the figures."""

    cell: str
    """Code of what is counted or measured: see :mod:`streams.figures.catalogue`."""
    channel: str
    priority: str
    rep: str
    at: int
    """When it is booked by the event rule."""
    cohort: int
    """When it is booked by the cohort rule; 0: not booked by cohort."""
    value: int
    """A count, or a duration."""


class Live(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """Something that is so now: an open ticket, a waiting contact."""

    state: str
    channel: str
    priority: str
    since: int


class Contribution(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One entity's set for one queue, as it travels and as it is stored."""

    version: int
    seen: int
    """Time of the entity's last event; 0 where the set is not an entity's own."""
    items: list[Item]
    live: list[Live]


class QueueSets(dict[str, tuple[list[Item], list[Live]]]):
    """An entity's sets by queue, while they are being derived."""

    def items_of(self, queue: str) -> list[Item]:
        """The items booked to a queue so far; the list may be appended to."""
        found = self.get(queue)
        if found is None:
            found = self[queue] = ([], [])
        return found[0]

    def live_of(self, queue: str) -> list[Live]:
        """The live states in a queue so far; the list may be appended to."""
        self.items_of(queue)
        return self[queue][1]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Contribution)


def encode(contribution: Contribution) -> bytes:
    """A set as it travels and is stored."""
    return pack(_ENCODER.encode(contribution))


def decode(stored: bytes) -> Contribution:
    """The inverse of :func:`encode`."""
    return _DECODER.decode(unpack(stored))


def key_of(queue: str, entity: str) -> bytes:
    """Record key of an entity's set for a queue."""
    return f"{queue}{SEPARATOR}{entity}".encode()


def split_key(key: bytes) -> tuple[str, str]:
    """Queue and entity of a record key."""
    queue, _, entity = key.decode().partition(SEPARATOR)
    return queue, entity


def as_plain(contribution: Contribution) -> dict[str, Any]:
    """A set as plain values, for people who look behind a figure."""
    return {
        "version": contribution.version,
        "items": [msgspec.structs.asdict(item) for item in contribution.items],
        "live": [msgspec.structs.asdict(live) for live in contribution.live],
    }

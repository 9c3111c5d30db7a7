"""The compact, sorted event history of one entity: the only state from which its figures follow.

A history is a set of events: merging is idempotent and does not depend on the order of arrival. Two events with one
identity but different contents are a producer's error; the earlier one (by the order of histories) stands, whichever
arrived first. One that stood until then is kept aside, as figures may have been booked by what it said.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from streams.events import ENTRY_TYPES, Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_ORDER = attrgetter("order")


class History(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A version and the sorted events. The version counts changes, so a larger one always knows more."""

    version: int = 0
    events: list[Any] = []
    replaced: list[Any] = []
    """Events that stood once, until another of the same identity took their place."""


EMPTY = History()

_HOUR = 3_600_000
_SEPARATOR = "\x1f"
"""Stands between a rep and an hour; no identifier may contain it."""


def key_of(kind: Kind, entity: str, time: int) -> str:
    """Under which key the history is kept that an event belongs to.

    Tickets and contacts end; reps go on for years. Theirs is kept by the hour (see :mod:`streams.lifecycles.rep`).
    """
    return f"{entity}{_SEPARATOR}{time // _HOUR}" if kind == "rep" else entity


def entity_of(key: str) -> str:
    """The entity whose history is kept under a key."""
    return key.partition(_SEPARATOR)[0]


class Merged(NamedTuple):
    """Outcome of a merge: ``history`` is the old object itself when nothing changed."""

    history: History
    duplicates: int


def merge(history: History, arrived: Iterable[Entry]) -> Merged:
    """Add events to a history, each identity once."""
    known = {entry.uid: entry for entry in history.events}
    replaced = list(history.replaced)
    version = history.version
    duplicates = 0
    for entry in arrived:
        present = known.get(entry.uid)
        if present is not None:
            duplicates += 1
            if not replaces(entry, present):
                continue
            replaced.append(present)
        known[entry.uid] = entry
        version += 1
    if version == history.version:
        return Merged(history, duplicates)
    return Merged(History(version, sorted(known.values(), key=_ORDER), replaced), duplicates)


def replaces(entry: Entry, present: Entry) -> bool:
    """Whether an event stands in place of another of its identity; where their order is equal, contents decide."""
    if entry.order == present.order:
        return entry != present and _ENCODER.encode(entry) < _ENCODER.encode(present)
    return entry.order < present.order


_ENCODER = msgspec.msgpack.Encoder()
_DECODERS: dict[Kind, msgspec.msgpack.Decoder[tuple[int, list[Any], list[Any]]]] = {
    kind: msgspec.msgpack.Decoder(tuple[int, list[entry_type], list[entry_type]])  # type: ignore[valid-type]
    for kind, entry_type in ENTRY_TYPES.items()
}


def encode(history: History) -> bytes:
    """A history as stored in a changelog."""
    return _ENCODER.encode(history)


def decode(kind: Kind, stored: bytes) -> History:
    """The inverse of :func:`encode`."""
    return History(*_DECODERS[kind].decode(stored))

"""What is kept of one handle: whose it is, and the contacts that came with it or were passed on to it.

A contact stays with the handle that it arrived with, and is *relayed* from there along the aliases to the handle that
stands for the customer. What a handle keeps of a contact is a *slot*: the entity, and the handles that passed it on in
their order, so that what came along different ways is kept, and can be taken back, apart. Where aliases lead in a loop,
the winner gets the contact for good: such a slot's way ends with an empty name.

All that is kept follows from the records of one partition in their order, so that every worker keeps the same: also the
*routes* of a slot, which are all the ways that it may ever have been sent while it was there. A correction goes to each
of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams.customers.identity import Alias, next_of
from streams.customers.summary import Known, Summary
from streams.figures.contributions import SEPARATOR
from streams.packing import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

HERE = ""
"""The route of what counts at the handle itself."""


class Note(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """Whose a handle is, as it travels and is stored; a larger version knows more."""

    version: int = 0
    into: str = ""
    shared: bool = False

    @property
    def alias(self) -> Alias:
        """What it says."""
        return Alias(self.into, self.shared)


class Held(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A slot as it is stored. A record as it came is one too, of a contact that only ever counted here."""

    version: int
    summary: Summary
    routes: list[str] = msgspec.field(default_factory=lambda: [HERE])


class Relay(NamedTuple):
    """A contact on its way to another handle."""

    to: str
    slot: str
    known: Known


class Handle:
    """A handle's slots, and what is said of it."""

    __slots__ = ("_passed_on", "_versions", "name", "note", "slots")

    def __init__(self, name: str) -> None:
        self.name = name
        self.note = Note()
        self.slots: dict[str, Held] = {}
        self._passed_on: dict[str, tuple[str, ...]] = {}
        """Entities that other handles passed on, which are few, to all their slots in the order in which they came."""
        self._versions = 0
        """Sum of those of all slots."""

    def copy(self) -> Handle:
        """A handle that may be changed without changing this one."""
        other = Handle(self.name)
        other.note, other._versions = self.note, self._versions
        other.slots, other._passed_on = dict(self.slots), dict(self._passed_on)
        return other

    @property
    def version(self) -> int:
        """Grows with all that becomes known."""
        return self.note.version + self._versions

    def _put(self, slot: str, held: Held) -> None:
        old = self.slots.get(slot)
        self._versions += held.version - (old.version if old is not None else 0)
        self.slots[slot] = held
        entity = slot.partition(SEPARATOR)[0]
        if old is None and (entity != slot or entity in self._passed_on):
            before = self._passed_on.get(entity) or ((entity,) if entity in self.slots else ())
            self._passed_on[entity] = (*before, slot)

    def _slots_of(self, only: Collection[str] | None) -> Iterable[tuple[str, Held]]:
        """The slots of some entities, or all, in the order in which they came."""
        if only is None:
            return self.slots.items()
        named = (slot for entity in sorted(only) for slot in self._passed_on.get(entity, (entity,)))
        return [(slot, self.slots[slot]) for slot in named]

    def take(self, slot: str, known: Known) -> bool:
        """Take a contact; False if that changes nothing."""
        old = self.slots.get(slot)
        if old is not None and old.version > known.version:
            return False
        routes = before = old.routes if old is not None else []
        if not known.summary.gone:
            routes = _with(routes, self._route(slot))
        # The same again was sent on before it was stored. To take it up again would let it go round in loops.
        if old is not None and old.version == known.version and routes is before:
            return False
        self._put(slot, Held(known.version, known.summary, routes))
        return True

    def take_note(self, note: Note) -> list[str] | None:
        """Take what is said of the handle; returns the slots that are stored otherwise now, None if nothing changed."""
        if note.version < self.note.version:
            return None
        changed: list[str] = []
        newer = note.version > self.note.version
        self.note = note
        for slot, held in self.slots.items():
            if not held.summary.gone:
                routes = _with(held.routes, self._route(slot))
                # A worker that died while it stored the same note may have left out its slots.
                if routes is not held.routes:
                    self._put(slot, Held(held.version, held.summary, routes))
                    changed.append(slot)
        return changed if newer or changed else None

    def recover(self, slot: str, held: Held) -> None:
        """Take a slot from the changelog. One written late may know of fewer routes, or of others."""
        old = self.slots.get(slot)
        if old is not None:
            newer = old if old.version > held.version else held
            held = Held(newer.version, newer.summary, sorted({*old.routes, *held.routes}))
        self._put(slot, held)

    def here(self, only: Collection[str] | None = None) -> dict[str, list[Held]]:
        """Entities that count here, or once did, with what is known of each; first the one that counts, if any.

        ``only``: those of them to look at.
        """
        found: dict[str, list[Held]] = {}
        counting: set[str] = set()
        for slot, held in self._slots_of(only):
            if HERE not in held.routes:
                continue
            entity = slot.partition(SEPARATOR)[0]
            kept = found.setdefault(entity, [])
            # On its way from one handle to another a contact may be here twice for a moment.
            if entity not in counting and not held.summary.gone and self._route(slot) == HERE:
                counting.add(entity)
                kept.insert(0, held)
            else:
                kept.append(_without(held))
        return found

    def relays(self, only: Collection[str] | None = None) -> list[Relay]:
        """What other handles are to know: the contacts that are theirs, and those that are not any more.

        ``only``: entities to look at.
        """
        found = []
        for slot, held in self._slots_of(only):
            if held.routes == _ONLY_HERE or not held.routes:
                continue
            present = "" if held.summary.gone else self._route(slot)
            version = held.version + self.note.version
            path = slot.split(SEPARATOR)[1:]
            for route in held.routes:
                if route != HERE:
                    said = held.summary if route == present else _without(held).summary
                    onward = f"{slot}{SEPARATOR}{self.name}{SEPARATOR if route in path else ''}"
                    found.append(Relay(route, onward, Known(version, said)))
        return found

    def _route(self, slot: str) -> str:
        """Where a contact that is in a slot is to go."""
        if not self.note.version:
            return HERE
        path = slot.split(SEPARATOR)[1:]
        if path and not path[-1]:
            return HERE
        following = next_of(self.name, self.note.alias, path)
        return HERE if following == self.name else following


_ONLY_HERE = [HERE]


def _with(routes: list[str], route: str) -> list[str]:
    return routes if route in routes else sorted([*routes, route])


def _without(held: Held) -> Held:
    if held.summary.gone:
        return held
    return Held(held.version, msgspec.structs.replace(held.summary, gone=True), held.routes)


def note_key(handle: str) -> bytes:
    """Key of the record that says whose a handle is; those of its contacts go on with the slot."""
    return f"{handle}{SEPARATOR}".encode()


_ENCODER = msgspec.msgpack.Encoder()
_HELD = msgspec.msgpack.Decoder(Held)
_NOTE = msgspec.msgpack.Decoder(Note)


def encode(kept: Note | Held) -> bytes:
    """A note as it travels and is stored, or a slot as it is stored."""
    return pack(_ENCODER.encode(kept))


def decode_held(stored: bytes) -> Held:
    """A slot as it was stored."""
    return _HELD.decode(unpack(stored))


def decode_note(stored: bytes) -> Note:
    """A note as it was stored or received."""
    return _NOTE.decode(stored)

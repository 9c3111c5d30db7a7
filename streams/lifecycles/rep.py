"""A rep's presence: from what a rep's events say to spells of being there (SPEC 2.2, M39).

A rep's history is kept by the hour, so that it does not grow for years; presence is put together from the marks of
several hours. What a mark says therefore reaches no further than ``FigureOptions.max_spell_seconds``: a state that is
not said again ends then, and what a mark leaves out is looked for in those that came at most so long before.

All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from streams.events import reps as ev
from streams.lifecycles.dims import UNASSIGNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.events import Entry
    from streams.figures.options import FigureOptions

Said = Literal["available", "custom", "offline", "out", "beat", ""]
"""A state; logged out; a heartbeat; or nothing but that the rep's source lives."""
UNKNOWN = "unknown"
"""State of a rep whose heartbeats stopped."""


class Mark(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One thing that a rep's source said."""

    at: int
    said: Said
    queue: str | None = None
    """The rep's team or queue from now on; None: nothing was said of it."""
    channel: str | None = None


class Presence(NamedTuple):
    """A stretch of time in which a rep was there; the end is exclusive."""

    start: int
    end: int
    state: str
    """One of the states, or :data:`UNKNOWN`."""
    queue: str
    channel: str


def fold_rep(events: Sequence[Entry]) -> list[Mark]:
    """The marks of a sorted history."""
    return [_mark(entry) for entry in events]


def _mark(entry: Entry) -> Mark:
    data = entry.data
    if isinstance(data, ev.RepCapacityChanged):
        return Mark(entry.time, "", data.queue)  # its channel is that of the capacity
    said: Said = ""
    if isinstance(data, ev.RepLoggedIn | ev.RepStateChanged):
        said = data.state
    elif isinstance(data, ev.RepLoggedOut):
        said = "out"
    elif isinstance(data, ev.RepHeartbeat):
        said = "beat"
    return Mark(entry.time, said, data.queue, data.channel)


def presence(marks: Sequence[Mark], options: FigureOptions, since: int = 0) -> list[Presence]:
    """The spells that marks, sorted by time, speak of; they do not overlap.

    ``since``: those that end before it may be missing.
    """
    longest, timeout = options.max_spell_millis, options.heartbeat_timeout_millis
    found: list[Presence] = []
    state, until = "", 0
    queue, channel, beat = _Latest(UNASSIGNED), _Latest(""), _Latest("")
    begin = _last_begin(marks, since)
    for number, mark in enumerate(marks):
        at, said = mark.at, mark.said
        if mark.queue is not None:
            queue.hear(mark.queue or UNASSIGNED, at)
        if mark.channel is not None:
            channel.hear(mark.channel, at)
        if said == "beat":
            beat.hear(said, at)
        elif said:
            state, until = ("" if said == "out" else said), at + longest
        if number < begin or not state:
            continue
        end = min(until, marks[number + 1].at) if number + 1 < len(marks) else until
        if end <= at:
            continue
        oldest = at - longest
        silent = min(end, at + timeout) if beat.since(oldest) else end
        spell = Presence(at, silent, state, queue.since(oldest), channel.since(oldest))
        _append(found, spell, joins=said in ("beat", ""))
        if silent < end:
            found.append(spell._replace(start=silent, end=end, state=UNKNOWN))
    return found


def _last_begin(marks: Sequence[Mark], since: int) -> int:
    """Number of the last mark at or before an instant at which a state, or none, began."""
    before = bisect_right(marks, since, key=attrgetter("at"))
    return next((number for number in range(before - 1, 0, -1) if marks[number].said not in ("beat", "")), 0)


class _Latest:
    """What was last said of something, and when."""

    __slots__ = ("_at", "_default", "_said")

    def __init__(self, default: str) -> None:
        self._default = self._said = default
        self._at = 0

    def hear(self, said: str, at: int) -> None:
        """Note what was said."""
        self._said, self._at = said, at

    def since(self, at: int) -> str:
        """What was last said, if at or after an instant."""
        return self._said if self._at >= at else self._default


def _append(found: list[Presence], spell: Presence, *, joins: bool) -> None:
    """Add a spell, or where nothing has changed since the last one, lengthen that."""
    if joins and found and found[-1].end == spell.start and found[-1][2:] == spell[2:]:
        found[-1] = found[-1]._replace(end=spell.end)
    else:
        found.append(spell)

"""Instants and spans of an entity's life, with the labels in force at the instant that they are booked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streams.lifecycles.dims import Dims


class Mark(NamedTuple):
    """Something that happened at an instant (milliseconds since the epoch), and the labels then in force."""

    at: int
    dims: Dims


class Span(NamedTuple):
    """A stretch of time that is over: when it began (milliseconds since the epoch), and its end."""

    began: int
    end: Mark

    @property
    def length(self) -> int:
        """From beginning to end, in milliseconds."""
        return self.end.at - self.began


class Placement(NamedTuple):
    """Where a ticket is from an instant on, and with that, whose hours count."""

    since: int
    """Milliseconds since the epoch."""
    queue: str
    calendar: str
    """The calendar that was named for the ticket; empty: that of its queue."""


class Spell(NamedTuple):
    """A stretch of time in one status that is over."""

    status: str
    began: int
    """Milliseconds since the epoch."""
    ended: int

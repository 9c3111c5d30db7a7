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

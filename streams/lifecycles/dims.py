"""The labels that are in force at an instant of an entity's life."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streams.events import Data

UNASSIGNED = "unassigned"
"""Queue of an entity that is with no queue."""


class Dims(NamedTuple):
    """Queue, channel, priority and rep; empty string: not known."""

    queue: str = UNASSIGNED
    channel: str = ""
    priority: str = ""
    rep: str = ""

    def after(self, data: Data) -> Dims:
        """The labels in force after an event, which may carry new ones."""
        queue, channel, priority, rep = data.queue, data.channel, data.priority, data.rep
        if queue is None and channel is None and priority is None and rep is None:
            return self
        if data.ASIDE:
            channel = rep = None
        return Dims(
            self.queue if queue is None else (queue or UNASSIGNED),
            self.channel if channel is None else channel,
            self.priority if priority is None else priority,
            self.rep if rep is None else rep,
        )

    def or_else(self, other: Dims) -> Dims:
        """Fill what is not known here from other labels."""
        return Dims(
            other.queue if self.queue == UNASSIGNED else self.queue,
            self.channel or other.channel,
            self.priority or other.priority,
            self.rep or other.rep,
        )


NOWHERE = Dims()

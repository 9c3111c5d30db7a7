"""The parts of a contact's life: stays in queues, reps' segments, missed rings, transfers and disconnects.

All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from streams.lifecycles.dims import Dims

Outcome = Literal["waiting", "answered", "abandoned", "flow_out", "ghost"]


@dataclass(slots=True)
class QueueEntry:
    """One stay in one queue."""

    at: int
    dims: Dims
    outcome: Outcome = "waiting"
    until: int = 0
    """When the stay ended; 0 while waiting."""
    why: str = ""
    """Reason of a flow-out."""

    def leave(self, outcome: Outcome, at: int, why: str = "") -> None:
        """End the stay."""
        self.outcome, self.until, self.why = outcome, at, why


@dataclass(slots=True)
class Segment:
    """One rep's part of a contact."""

    at: int
    dims: Dims
    holds: list[tuple[int, int]] = field(default_factory=list)
    held_since: int | None = None
    ring: int | None = None
    """How long it rang at the rep; None where no offer was reported."""
    dialled: int | None = None
    """How long the customer was dialled; None where the customer rang."""
    talk_end: int | None = None
    """When the conversation with this rep ended; None while it goes on."""
    wrap_end: int | None = None
    """When wrap-up ended; None while it has not been reported."""

    def end_talk(self, at: int) -> None:
        """End the conversation; a hold that was never ended ends with it."""
        if self.talk_end is None:
            self.retrieve(at)
            self.talk_end = at

    def retrieve(self, at: int) -> None:
        """End a hold."""
        if self.held_since is not None:
            self.holds.append((self.held_since, at))
            self.held_since = None

    @property
    def hold(self) -> int:
        """Time on hold."""
        return sum(end - start for start, end in self.holds)

    @property
    def acw(self) -> int:
        """Wrap-up (after-call work)."""
        return 0 if self.wrap_end is None or self.talk_end is None else max(0, self.wrap_end - self.talk_end)


class Ring(NamedTuple):
    """A ring at one rep that is over, whatever ended it."""

    rep: str
    since: int
    until: int


@dataclass(slots=True)
class Rings:
    """At which reps a contact rings now, and where it rang."""

    now: dict[str, int] = field(default_factory=dict)
    """Rep to since when."""
    over: list[Ring] = field(default_factory=list)

    def begin(self, rep: str, at: int) -> None:
        """It rings at a rep; where it rang already, it begins anew."""
        self.end(rep, at)
        self.now[rep] = at

    def end(self, rep: str, at: int) -> bool:
        """It no longer rings at a rep; False if it did not."""
        since = self.now.pop(rep, None)
        if since is not None:
            self.over.append(Ring(rep, since, at))
        return since is not None

    def silence(self, at: int) -> None:
        """It rings nowhere any more."""
        for rep in [*self.now]:
            self.end(rep, at)


@dataclass(slots=True)
class Missed:
    """A ring at a rep that ended without an answer."""

    at: int
    dims: Dims
    by_customer: bool = False
    """Whether it was the customer who gave up while it rang."""
    rejected: bool = False
    """Whether the rep refused it, and did not just let it ring."""


@dataclass(slots=True)
class Transfer:
    """A contact that was handed on."""

    at: int
    kind: str
    dims: Dims
    """Of whoever handed it on."""
    received: tuple[int, Dims] | None = None
    """When and by whom it was taken over; None until it is, and always for what left the house."""


class Disconnect(NamedTuple):
    """The end of a conversation for the customer."""

    at: int
    dims: Dims
    by: str
    """Who hung up; empty: not said."""
    held: bool
    """Whether the customer was on hold then."""

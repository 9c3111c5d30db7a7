"""A contact's life in queues and with reps: from its sorted history to queue entries and rep segments (SPEC 2.2).

One contact has one history, whatever the number of legs. All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from streams.events import contacts as ev
from streams.lifecycles.dims import NOWHERE, Dims

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.events import Entry
    from streams.figures.options import FigureOptions

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
    rings: int = 0
    """Offers to reps that were not answered."""

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


@dataclass(slots=True)
class Contact:
    """What a contact's history says."""

    began: int
    dims: Dims = NOWHERE
    customer: str = ""
    reason: str = ""
    direction: str = "inbound"
    test: bool = False
    entries: list[QueueEntry] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    ended: int | None = None
    deadline: int | None = None
    """When it would have to be taken for a ghost; None if it does not wait."""

    @property
    def waiting(self) -> QueueEntry | None:
        """The stay in a queue that still lasts."""
        return self.entries[-1] if self.entries and self.entries[-1].outcome == "waiting" else None

    @property
    def talking(self) -> Segment | None:
        """The conversation that still lasts."""
        return self.segments[-1] if self.segments and self.segments[-1].talk_end is None else None


def fold_contact(events: Sequence[Entry], options: FigureOptions, now: int) -> Contact | None:
    """Fold a sorted history; None for an empty one. ``now`` decides only whether a waiting contact is a ghost."""
    if not events:
        return None
    contact = Contact(events[0].time)
    for entry in events:
        data = entry.data
        contact.dims = contact.dims.after(data)
        if data.customer:
            contact.customer = data.customer
        if data.reason:
            contact.reason = data.reason
        if data.direction:
            contact.direction = data.direction
        if data.test is not None:
            contact.test = data.test
        step = _STEPS.get(type(data))
        if step is not None:
            step(contact, data, entry.time)
    stay = contact.waiting
    if stay is not None:
        crossing = stay.at + round(options.max_wait_seconds * 1000)
        if now >= crossing:
            stay.leave("ghost", crossing)
        else:
            contact.deadline = crossing
    return contact


def _queued(contact: Contact, _: ev.ContactQueued, at: int) -> None:
    if contact.talking is not None:  # handed to a queue without a transfer event
        contact.talking.end_talk(at)
    stay = contact.waiting
    if stay is not None:
        stay.leave("flow_out", at, "overflow")
    contact.ended = None
    contact.entries.append(QueueEntry(at, contact.dims._replace(rep="")))


def _not_answered(contact: Contact, _: ev.ContactNotAnswered, __: int) -> None:
    if contact.waiting is not None:
        contact.waiting.rings += 1


def _connected(contact: Contact, data: ev.ContactConnected, at: int) -> None:
    if contact.talking is not None:
        contact.talking.end_talk(at)
    dims = contact.dims if data.rep else contact.dims._replace(rep="")
    stay = contact.waiting
    if stay is not None:
        stay.leave("answered", at)
        stay.dims = stay.dims._replace(rep=dims.rep)
    contact.segments.append(Segment(at, dims))


def _held(contact: Contact, _: ev.ContactHeld, at: int) -> None:
    talk = contact.talking
    if talk is not None and talk.held_since is None:
        talk.held_since = at


def _retrieved(contact: Contact, _: ev.ContactRetrieved, at: int) -> None:
    if contact.talking is not None:
        contact.talking.retrieve(at)


def _transferred(contact: Contact, _: ev.ContactTransferred, at: int) -> None:
    # A segment that began at this very instant is the receiving rep's.
    if contact.talking is not None and contact.talking.at < at:
        contact.talking.end_talk(at)


def _left_queue(contact: Contact, data: ev.ContactLeftQueue, at: int) -> None:
    if contact.waiting is not None:
        contact.waiting.leave("flow_out", at, data.why)


def _abandoned(contact: Contact, _: ev.ContactAbandoned, at: int) -> None:
    if contact.waiting is not None:
        contact.waiting.leave("abandoned", at)
        contact.ended = at


def _ended(contact: Contact, _: ev.ContactEnded, at: int) -> None:
    if contact.waiting is not None:
        contact.waiting.leave("abandoned", at)
    if contact.talking is not None:
        contact.talking.end_talk(at)
    contact.ended = at


def _wrapup_ended(contact: Contact, data: ev.ContactWrapupEnded, at: int) -> None:
    for segment in reversed(contact.segments):
        if segment.talk_end is not None and segment.wrap_end is None and data.rep in (None, segment.dims.rep):
            segment.wrap_end = at
            return


_STEPS: dict[type, Callable[[Contact, Any, int], None]] = {
    ev.ContactQueued: _queued,
    ev.ContactNotAnswered: _not_answered,
    ev.ContactConnected: _connected,
    ev.ContactHeld: _held,
    ev.ContactRetrieved: _retrieved,
    ev.ContactTransferred: _transferred,
    ev.ContactLeftQueue: _left_queue,
    ev.ContactAbandoned: _abandoned,
    ev.ContactEnded: _ended,
    ev.ContactWrapupEnded: _wrapup_ended,
}

"""A contact's life in queues and with reps: from its sorted history to queue entries and rep segments (SPEC 2.2).

One contact has one history, whatever the number of legs. All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streams.events import callbacks as back
from streams.events import contacts as ev
from streams.events.tickets import MessageSent
from streams.lifecycles import callback as calling
from streams.lifecycles.callback import PENDING, Callback
from streams.lifecycles.dims import NOWHERE, Dims
from streams.lifecycles.parts import Disconnect, Missed, QueueEntry, Rings, Segment, Transfer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.events import Entry
    from streams.figures.options import FigureOptions
    from streams.lifecycles.complaint import Complaint
    from streams.lifecycles.dialogue import Dialogue


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
    callbacks: list[Callback] = field(default_factory=list)
    rings: Rings = field(default_factory=Rings)
    missed: list[Missed] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    disconnects: list[Disconnect] = field(default_factory=list)
    initiated: int | None = None
    """When the customer began; None where that was not reported."""
    ended: int | None = None
    dialogue: Dialogue | None = None
    """What was written, where anything was."""
    complaints: list[Complaint] = field(default_factory=list)
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

    @property
    def calling_back(self) -> Callback | None:
        """The callback that is still to be made."""
        return self.callbacks[-1] if self.callbacks and self.callbacks[-1].state in PENDING else None


def fold_contact(events: Sequence[Entry], options: FigureOptions, now: int) -> Contact | None:
    """Fold a sorted history; None for an empty one. ``now`` decides only whether what waits is a ghost."""
    if not events:
        return None
    contact = Contact(events[0].time)
    for entry in events:
        data = entry.data
        contact.dims = contact.dims.after(data)
        # A message, or complaint, has a writer, who may be somebody in copy, and a direction of its own.
        message = type(data) is MessageSent or data.ASIDE
        if data.customer and not (message and contact.customer):
            contact.customer = data.customer
        if data.reason:
            contact.reason = data.reason
        # Of a contact that is being called back it tells how the leg goes, not who began.
        if data.direction and not (message or (data.direction == "callback" and contact.callbacks)):
            contact.direction = data.direction
        if data.test is not None:
            contact.test = data.test
        step = _STEPS.get(type(data))
        if step is not None:
            step(contact, data, entry.time)
    _reap(contact, options, now)
    return contact


def _reap(contact: Contact, options: FigureOptions, now: int) -> None:
    """Take what has waited too long for a ghost of a lost event, or note when it would have to be."""
    stay, callback = contact.waiting, contact.calling_back
    if stay is not None:
        crossing = stay.at + round(options.max_wait_seconds * 1000)
        if now >= crossing:
            stay.leave("ghost", crossing)
            return
    elif callback is not None:
        # It may be scheduled for another day, but nobody waits in a queue, or is dialled, for so long.
        limit = options.max_schedule_seconds if callback.state == "scheduled" else options.max_wait_seconds
        crossing = callback.since + round(limit * 1000)
        if now >= crossing:
            callback.become("ghost", crossing)
            return
    else:
        return
    contact.deadline = crossing


def _initiated(contact: Contact, _: ev.ContactInitiated, at: int) -> None:
    if contact.initiated is None:
        contact.initiated = at


def _queued(contact: Contact, data: ev.ContactQueued, at: int) -> None:
    if contact.talking is None and (contact.calling_back is not None or data.direction == "callback"):
        calling.enter_queue(contact, at)
        return
    if contact.talking is not None:  # handed to a queue without a transfer event
        contact.talking.end_talk(at)
    stay = contact.waiting
    if stay is not None:
        stay.leave("flow_out", at, "overflow")
    contact.rings.silence(at)
    contact.ended = None
    contact.entries.append(QueueEntry(at, contact.dims._replace(rep="")))
    _receive(contact, at, contact.entries[-1].dims)


def _in_queue(contact: Contact) -> QueueEntry | None:
    """The stay in a queue that lasts, be it the customer's or that of the callback."""
    return contact.waiting or (contact.calling_back.waiting if contact.calling_back else None)


def _offered_to_rep(contact: Contact, _: ev.ContactOfferedToRep, at: int) -> None:
    contact.rings.begin(contact.dims.rep, at)


def _not_answered(contact: Contact, data: ev.ContactNotAnswered, at: int) -> None:
    rang = contact.rings.end(contact.dims.rep, at)
    # Without a ring that was reported it must be one of a contact that can ring: not the echo of an abandonment.
    if rang or _in_queue(contact) is not None:
        contact.missed.append(Missed(at, contact.dims, rejected=data.cause == "rejected"))


def _connected(contact: Contact, data: ev.ContactConnected, at: int) -> None:
    dims = contact.dims if data.rep else contact.dims._replace(rep="")
    stay = contact.waiting
    if contact.talking is not None:
        contact.talking.end_talk(at)
    elif stay is None and contact.calling_back is not None:
        calling.reach(contact, at, dims)
        return
    if stay is not None:
        stay.leave("answered", at)
        stay.dims = stay.dims._replace(rep=dims.rep)
    contact.segments.append(Segment(at, dims, ring=_ring(contact, dims.rep, at)))
    # At other reps it ceases to ring: they missed nothing.
    contact.rings.silence(at)
    _receive(contact, at, dims)


def _ring(contact: Contact, rep: str, at: int) -> int | None:
    """How long it rang at the rep who answered; where a source names none, at the only one it rang at."""
    ringing = contact.rings.now
    since = ringing.get(rep)
    if since is None and not rep and len(ringing) == 1:
        (since,) = ringing.values()
    return None if since is None else at - since


def _receive(contact: Contact, at: int, dims: Dims) -> None:
    """A queue or rep takes over what was last transferred."""
    last = contact.transfers[-1] if contact.transfers else None
    if last is not None and last.received is None and last.kind != "external":
        last.received = (at, dims)


def _held(contact: Contact, _: ev.ContactHeld, at: int) -> None:
    talk = contact.talking
    if talk is not None and talk.held_since is None:
        talk.held_since = at


def _retrieved(contact: Contact, _: ev.ContactRetrieved, at: int) -> None:
    if contact.talking is not None:
        contact.talking.retrieve(at)


def _transferred(contact: Contact, data: ev.ContactTransferred, at: int) -> None:
    # A segment, or a stay, that began at this very instant is the receiver's.
    giver = next((segment for segment in reversed(contact.segments) if segment.at < at), None)
    transfer = Transfer(at, data.transfer, giver.dims if giver else contact.dims)
    contact.transfers.append(transfer)
    if contact.talking is not None and contact.talking.at < at:
        contact.talking.end_talk(at)
    receivers: tuple[QueueEntry | Segment, ...] = (*contact.entries[-1:], *contact.segments[-1:])
    for receiver in receivers:
        if receiver.at == at:
            _receive(contact, at, receiver.dims)


def _left_queue(contact: Contact, data: ev.ContactLeftQueue, at: int) -> None:
    if contact.waiting is not None:
        contact.waiting.leave("flow_out", at, data.why)
        contact.rings.silence(at)


def _abandoned(contact: Contact, _: ev.ContactAbandoned, at: int) -> None:
    if contact.waiting is not None:
        _give_up(contact, contact.waiting, at)
        contact.ended = at


def _give_up(contact: Contact, stay: QueueEntry, at: int) -> None:
    """The customer leaves the queue; reps at whom it rang then missed nobody's call but that of who hung up."""
    stay.leave("abandoned", at)
    for missed in contact.missed:
        missed.by_customer = missed.by_customer or missed.at == at
    contact.missed.extend(Missed(at, stay.dims._replace(rep=rep), by_customer=True) for rep in contact.rings.now)
    contact.rings.silence(at)


def _ended(contact: Contact, data: ev.ContactEnded, at: int) -> None:
    talk = contact.talking
    if contact.waiting is not None:
        _give_up(contact, contact.waiting, at)
    if talk is not None:
        contact.disconnects.append(Disconnect(at, talk.dims, data.by or "", talk.held_since is not None))
        talk.end_talk(at)
    # A customer who hung up to be called back is not through.
    contact.ended = at if contact.calling_back is None else None


def _wrapup_ended(contact: Contact, data: ev.ContactWrapupEnded, at: int) -> None:
    for segment in reversed(contact.segments):
        if segment.talk_end is not None and segment.wrap_end is None and data.rep in (None, segment.dims.rep):
            segment.wrap_end = at
            return


_STEPS: dict[type, Callable[[Contact, Any, int], None]] = {
    ev.ContactInitiated: _initiated,
    ev.ContactQueued: _queued,
    ev.ContactOfferedToRep: _offered_to_rep,
    ev.ContactNotAnswered: _not_answered,
    ev.ContactConnected: _connected,
    ev.ContactHeld: _held,
    ev.ContactRetrieved: _retrieved,
    ev.ContactTransferred: _transferred,
    ev.ContactLeftQueue: _left_queue,
    ev.ContactAbandoned: _abandoned,
    ev.ContactEnded: _ended,
    ev.ContactWrapupEnded: _wrapup_ended,
    back.CallbackRequested: calling.requested,
    back.CallbackScheduled: calling.scheduled,
    back.CallbackAttempted: calling.attempted,
    back.CallbackFailed: calling.failed,
    back.CallbackAnswered: calling.answered,
    back.CallbackAbandoned: calling.abandoned,
}

"""A callback's life: requested, scheduled, in a queue, dialled, until the customer is reached or it is given up.

It goes on in the history of the contact in which it was requested. All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from streams.lifecycles.parts import QueueEntry, Segment

if TYPE_CHECKING:
    from streams.events import callbacks as ev
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims

State = Literal["scheduled", "queued", "dialling", "answered", "abandoned", "ghost"]
PENDING: tuple[State, ...] = ("scheduled", "queued", "dialling")


@dataclass(slots=True)
class Attempt:
    """A rep's dial."""

    at: int
    dims: Dims
    until: int | None = None
    """When it succeeded or failed; None while it rings at the customer."""
    answered: bool = False


@dataclass(slots=True)
class Callback:
    """What became of a request to be called back."""

    at: int
    """When it was requested; of a lost request: its first sign."""
    origin: int
    """When the customer's wait began: the entry into the first queue that led to the request."""
    dims: Dims
    since: int
    """When its state began."""
    state: State = "scheduled"
    stays: list[QueueEntry] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def waiting(self) -> QueueEntry | None:
        """The stay in a queue that still lasts."""
        return self.stays[-1] if self.state == "queued" else None

    def become(self, state: State, at: int) -> None:
        """Change state; whatever an earlier state left open ends with it."""
        if self.state == "queued":
            outcomes = {"dialling": "answered", "abandoned": "abandoned", "ghost": "ghost"}
            self.stays[-1].leave(outcomes.get(state, "flow_out"), at, "overflow")  # type: ignore[arg-type]
        elif self.state == "dialling":
            self.attempts[-1].until = at
            self.attempts[-1].answered = state == "answered"
        self.state, self.since = state, at


def enter_queue(contact: Contact, at: int) -> None:
    """The callback enters a queue."""
    callback = _pending(contact, at)
    callback.become("queued", at)
    callback.stays.append(QueueEntry(at, contact.dims._replace(rep="")))
    contact.rings.silence(at)


def reach(contact: Contact, at: int, dims: Dims) -> None:
    """The customer answers: a rep's segment begins. Without a reported dial it is one of no length."""
    callback = _pending(contact, at)
    if callback.state != "dialling":
        _dial(contact, callback, at)
    callback.become("answered", at)
    contact.segments.append(Segment(at, dims, dialled=at - callback.attempts[-1].at))
    contact.ended = None


def requested(contact: Contact, _: ev.CallbackRequested, at: int) -> None:
    """The customer leaves the queue to be called back."""
    if contact.waiting is not None:
        contact.waiting.leave("flow_out", at, "callback")
        contact.rings.silence(at)
    _pending(contact, at)


def scheduled(contact: Contact, _: ev.CallbackScheduled, at: int) -> None:
    """The next attempt is put off."""
    _pending(contact, at).become("scheduled", at)


def attempted(contact: Contact, _: ev.CallbackAttempted, at: int) -> None:
    """A rep dials."""
    _dial(contact, _pending(contact, at), at)


def failed(contact: Contact, _: ev.CallbackFailed, at: int) -> None:
    """The customer was not reached. Said again, or after the next step was taken, it changes nothing."""
    callback = contact.calling_back
    if callback is not None and callback.state == "dialling":
        callback.become("scheduled", at)


def answered(contact: Contact, data: ev.CallbackAnswered, at: int) -> None:
    """The customer was reached. Said again in the conversation it changes nothing."""
    if contact.calling_back is not None or contact.talking is None:
        reach(contact, at, contact.dims if data.rep else contact.dims._replace(rep=_dialler(contact)))


def abandoned(contact: Contact, _: ev.CallbackAbandoned, at: int) -> None:
    """No further attempt will be made."""
    callback = contact.calling_back
    if callback is not None:
        callback.become("abandoned", at)
        contact.rings.silence(at)
        if contact.talking is None:
            contact.ended = at


def _pending(contact: Contact, at: int) -> Callback:
    callback = contact.calling_back
    if callback is None:
        served = contact.segments[-1].at if contact.segments else 0
        stays = (stay.at for stay in contact.entries if stay.at >= served and stay.outcome == "flow_out")
        callback = Callback(at, next(stays, at), contact.dims._replace(rep=""), at)
        contact.callbacks.append(callback)
        contact.ended = None
    return callback


def _dial(contact: Contact, callback: Callback, at: int) -> None:
    callback.become("dialling", at)
    callback.attempts.append(Attempt(at, contact.dims))
    contact.rings.silence(at)


def _dialler(contact: Contact) -> str:
    callback = contact.calling_back
    return callback.attempts[-1].dims.rep if callback is not None and callback.state == "dialling" else ""

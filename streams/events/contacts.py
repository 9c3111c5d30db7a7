"""Events of a contact in a queue: calls and chats (family ``contact``).

All legs of a transferred contact carry the root's id as subject, so that the contact has one history.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from streams.events.base import Data, Text

FlowOutReason = Literal["callback", "voicemail", "overflow", "timeout", "empty", "key_exit", "transfer"]


class ContactInitiated(Data, tag="contact.initiated", frozen=True):
    """The customer rang, or opened the chat; not yet in a queue."""

    RANK: ClassVar[int] = 0


class ContactQueued(Data, tag="contact.queued", frozen=True):
    """Entered the queue named in ``queue``: offered to it."""

    RANK: ClassVar[int] = 1


class ContactOfferedToRep(Data, tag="contact.offered_to_rep", frozen=True):
    """Rings at a rep; the contact stays in the queue."""

    RANK: ClassVar[int] = 2


class ContactNotAnswered(Data, tag="contact.not_answered", frozen=True):
    """The rep did not take it; the contact stays in the queue."""

    RANK: ClassVar[int] = 2
    cause: Literal["timeout", "rejected", "missed"] = "timeout"


class ContactConnected(Data, tag="contact.connected", frozen=True):
    """A rep and the customer talk."""

    RANK: ClassVar[int] = 3


class ContactHeld(Data, tag="contact.held", frozen=True):
    """The customer was put on hold."""

    RANK: ClassVar[int] = 4


class ContactRetrieved(Data, tag="contact.retrieved", frozen=True):
    """The customer is off hold."""

    RANK: ClassVar[int] = 5


class ContactTransferred(Data, tag="contact.transferred", frozen=True):
    """The rep handed the contact on and starts wrap-up."""

    RANK: ClassVar[int] = 6
    transfer: Literal["blind", "consult", "queue", "external"] = "blind"
    to: Text | None = None


class ContactLeftQueue(Data, tag="contact.left_queue", frozen=True):
    """Left the queue without an answer and without giving up: a flow-out."""

    RANK: ClassVar[int] = 7
    why: FlowOutReason = "overflow"


class ContactAbandoned(Data, tag="contact.abandoned", frozen=True):
    """The customer gave up waiting in the queue."""

    RANK: ClassVar[int] = 7


class ContactUpdated(Data, tag="contact.updated", frozen=True):
    """More is known of the contact: see ``customer``, ``reason``, ``priority``."""

    RANK: ClassVar[int] = 1


class ContactEnded(Data, tag="contact.ended", frozen=True):
    """The conversation, or the wait for one, is over for the customer."""

    RANK: ClassVar[int] = 8
    by: Literal["customer", "rep", "system"] | None = None


class ContactWrapupEnded(Data, tag="contact.wrapup_ended", frozen=True):
    """The rep finished wrap-up (after-call work)."""

    RANK: ClassVar[int] = 9

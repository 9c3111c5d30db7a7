"""Events of a contact in a queue: calls and chats (family ``contact``).

All legs of a transferred contact carry the root's id as subject, so that the contact has one history.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from streams.events.base import Data

FlowOutReason = Literal["callback", "voicemail", "overflow", "timeout", "empty", "key_exit", "transfer"]


class ContactInitiated(Data, tag="contact.initiated"):
    """The customer rang, or opened the chat; not yet in a queue."""

    RANK: ClassVar[int] = 0


class ContactQueued(Data, tag="contact.queued"):
    """Entered the queue named in ``queue``: offered to it."""

    RANK: ClassVar[int] = 1


class ContactOfferedToRep(Data, tag="contact.offered_to_rep"):
    """Rings at a rep; the contact stays in the queue."""

    RANK: ClassVar[int] = 2


class ContactNotAnswered(Data, tag="contact.not_answered"):
    """The rep did not take it; the contact stays in the queue."""

    RANK: ClassVar[int] = 2
    cause: Literal["timeout", "rejected", "missed"] = "timeout"


class ContactConnected(Data, tag="contact.connected"):
    """A rep and the customer talk."""

    RANK: ClassVar[int] = 3


class ContactHeld(Data, tag="contact.held"):
    """The customer was put on hold."""

    RANK: ClassVar[int] = 4


class ContactRetrieved(Data, tag="contact.retrieved"):
    """The customer is off hold."""

    RANK: ClassVar[int] = 5


class ContactTransferred(Data, tag="contact.transferred"):
    """The rep handed the contact on and starts wrap-up."""

    RANK: ClassVar[int] = 6
    transfer: Literal["blind", "consult", "queue", "external"] = "blind"
    to: str | None = None


class ContactLeftQueue(Data, tag="contact.left_queue"):
    """Left the queue without an answer and without giving up: a flow-out."""

    RANK: ClassVar[int] = 7
    why: FlowOutReason = "overflow"


class ContactAbandoned(Data, tag="contact.abandoned"):
    """The customer gave up waiting in the queue."""

    RANK: ClassVar[int] = 7


class ContactUpdated(Data, tag="contact.updated"):
    """More is known of the contact: see ``customer``, ``reason``, ``priority``."""

    RANK: ClassVar[int] = 1


class ContactEnded(Data, tag="contact.ended"):
    """The conversation, or the wait for one, is over for the customer."""

    RANK: ClassVar[int] = 8
    by: Literal["customer", "rep", "system"] | None = None


class ContactWrapupEnded(Data, tag="contact.wrapup_ended"):
    """The rep finished wrap-up (after-call work)."""

    RANK: ClassVar[int] = 9

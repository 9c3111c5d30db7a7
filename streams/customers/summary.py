"""A contact or ticket as its customer's history keeps it. Instants are milliseconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.ticket import Ticket


class Ending(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """An instant at which a contact was over."""

    at: int
    undone: int = 0
    """When it was reopened; 0: not."""


class Summary(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One contact of a customer."""

    start: int
    endings: list[Ending]
    queue: str
    channel: str
    priority: str
    reason: str = ""
    reached: bool = True
    """False for calls that ended before they reached a queue or a rep."""
    answered: bool = True
    """False for abandoned contacts."""
    counts: bool = True
    """False for contacts that are nobody's re-contact: outbound ones, tests, deleted and merged tickets."""
    left: int = 0
    """When a ticket was merged or deleted and so ceased to be open; 0: not."""
    gone: bool = False
    """True once the entity turned out to be another customer's."""
    queues: list[str] = []
    """Every queue that this contact may have been booked to, so that all can be corrected."""

    @property
    def resolved(self) -> int | None:
        """When it was last over, if it still is and somebody had served the customer."""
        if not self.endings or self.endings[-1].undone or not self.answered:
            return None
        return self.endings[-1].at


class Known(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A summary and the version of the history that it follows from; a larger version knows more."""

    version: int
    summary: Summary


def of_ticket(ticket: Ticket, queues: list[str]) -> Summary:
    """Summarise a ticket: it begins when created and is over when solved."""
    endings = [Ending(solve.at, undone) for solve, undone in zip(ticket.solves, ticket.undone, strict=True)]
    dims = ticket.opening
    return Summary(
        ticket.created,
        endings,
        dims.queue,
        dims.channel,
        dims.priority,
        ticket.reason,
        counts=not (ticket.gone or ticket.test),
        left=ticket.merged.at if ticket.merged else 0,
        queues=queues,
    )


def of_contact(contact: Contact, queues: list[str], default_channel: str) -> Summary:
    """Summarise a call or chat: it begins when initiated and is over when the customer is gone."""
    over = contact.ended
    if over is None and contact.segments and contact.waiting is None:
        over = contact.segments[-1].talk_end
    stay = contact.entries[0] if contact.entries else None
    dims = stay.dims if stay else contact.dims
    answered = bool(contact.segments)
    return Summary(
        contact.began,
        [Ending(over)] if over is not None else [],
        dims.queue,
        dims.channel or default_channel,
        dims.priority,
        contact.reason,
        reached=stay is not None or answered,
        answered=answered,
        counts=contact.direction == "inbound" and not contact.test,
        queues=queues,
    )


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Known)


def encode(known: Known) -> bytes:
    """A summary as it travels and is stored."""
    return _ENCODER.encode(known)


def decode(stored: bytes) -> Known:
    """The inverse of :func:`encode`."""
    return _DECODER.decode(stored)

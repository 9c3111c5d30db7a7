"""A contact or ticket as its customer's history keeps it. Instants are milliseconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streams.customers.containment import Contained, contained_in, turned_to_people
from streams.packing import pack, unpack

if TYPE_CHECKING:
    from streams.figures.options import FigureOptions
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims
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
    handle: int = 0
    """Handle time of all reps' segments, in milliseconds; 0 for tickets."""
    touches: int = 1
    """How often somebody had to turn to it until it was over: reps' segments, or public replies and reopens."""
    contained: list[Contained] = []
    people: list[int] = []
    """When the customer turned to people in it, or was given to them."""

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


def of_ticket(ticket: Ticket, queues: list[str], fixed: Dims | None) -> Summary:
    """Summarise a ticket: it begins when created and is over when solved. ``fixed``: see :func:`contained_in`."""
    endings = [Ending(solve.at, undone) for solve, undone in zip(ticket.solves, ticket.undone, strict=True)]
    dims = ticket.opening
    return Summary(
        ticket.created,
        endings,
        dims.queue,
        dims.channel,
        dims.priority,
        ticket.reason,
        counts=not (ticket.gone or ticket.test or ticket.outbound or ticket.split),
        left=ticket.merged.at if ticket.merged else 0,
        queues=queues,
        touches=max(1, ticket.counts[-1].replies) + len(endings) - 1 if ticket.counts else 1,
        contained=[] if ticket.gone or ticket.test else list(contained_in(ticket.episodes, fixed)),
        people=turned_to_people(ticket.episodes),
    )


def of_contact(contact: Contact, queues: list[str], default_channel: str, options: FigureOptions) -> Summary:
    """Summarise a call or chat: it begins when initiated and is over when the customer is gone."""
    over = contact.ended
    if over is None and contact.segments and contact.waiting is None:
        over = contact.segments[-1].talk_end
    stay = contact.entries[0] if contact.entries else None
    dims = stay.dims if stay else contact.dims
    answered = bool(contact.segments)
    episodes = contact.dialogue.episodes if contact.dialogue is not None else []
    contained = list(contained_in(episodes, None, default_channel))
    people = turned_to_people(episodes)
    # In the queue of what a bot then solved nobody waited for people.
    if answered or (stay is not None and not contained):
        people.append(stay.at if stay is not None else contact.segments[0].at)
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
        handle=sum(
            segment.talk_end - segment.at + segment.acw + (segment.dialled or 0) * options.handle_includes_dial
            for segment in contact.segments
            if segment.talk_end is not None
        ),
        touches=max(1, len(contact.segments)),
        contained=[] if contact.test else contained,
        people=people,
    )


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Known)


def encode(known: Known) -> bytes:
    """A summary as it travels and is stored."""
    return pack(_ENCODER.encode(known))


def decode(stored: bytes) -> Known:
    """The inverse of :func:`encode`."""
    return _DECODER.decode(unpack(stored))

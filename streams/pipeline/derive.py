"""From one entity's history to all that follows from it: its sets, its summary and its next deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.customers import summary as summaries
from streams.events import Data, callbacks
from streams.events.contacts import ContactConnected, ContactQueued, ContactTransferred
from streams.events.tickets import TicketCreated
from streams.figures import cells, from_contact, from_ticket
from streams.figures.contributions import Item, QueueSets
from streams.lifecycles.chat import fold_chat
from streams.lifecycles.contact import fold_contact
from streams.lifecycles.dims import UNASSIGNED
from streams.lifecycles.ticket import fold_ticket

if TYPE_CHECKING:
    from streams.customers.summary import Summary
    from streams.events import Kind
    from streams.figures.options import FigureOptions
    from streams.history import History
    from streams.lifecycles.contact import Contact


class Derived(NamedTuple):
    """All that follows from a history, the options and an instant."""

    sets: QueueSets
    queues: list[str]
    """See :func:`mentioned_queues`."""
    summary: Summary | None = None
    customer: str = ""
    deadline: int | None = None
    """When it has to be derived again although no event came (milliseconds)."""
    crossed: int = 0
    """How many deadlines had passed; with the history's version it orders derivations."""


_DEFAULT_CHANNEL: dict[Kind, str] = {"ticket": "", "call": "voice", "chat": "chat"}
_BOOKS = (
    TicketCreated,
    ContactQueued,
    ContactConnected,
    ContactTransferred,
    callbacks.CallbackRequested,
    callbacks.CallbackScheduled,
    callbacks.CallbackAttempted,
    callbacks.CallbackAnswered,
)
"""Events that may be booked to the queue of what is with no queue."""


def mentioned_queues(history: History, options: FigureOptions) -> list[str]:
    """Every queue that this history, or any earlier state of it, may have been booked to.

    A corrected entity sends an empty set to those that it no longer adds to. They are taken from the history, not from
    what was last sent: after a crash the last thing sent is not known.
    """
    # Where every contact counts, any event may have been the only one known, and its contact be booked to no queue.
    books = Data if options.recontact_from == "start" else _BOOKS
    return sorted(
        {
            entry.data.queue or UNASSIGNED
            for entry in (*history.events, *history.replaced)
            if entry.data.queue is not None or isinstance(entry.data, books)
        }
    )


def mentioned_customers(history: History) -> set[str]:
    """Every customer that this history may have been taken to be of."""
    return {entry.data.customer for entry in (*history.events, *history.replaced) if entry.data.customer}


def derive(kind: Kind, history: History, options: FigureOptions, now: int) -> Derived:
    """Derive an entity's sets, summary and deadline. ``now`` in milliseconds."""
    queues = mentioned_queues(history, options)
    if kind == "ticket":
        ticket = fold_ticket(history.events, options)
        if ticket is None:
            return Derived(QueueSets(), queues)
        sets = from_ticket.contributions(ticket, options)
        summary = summaries.of_ticket(ticket, queues)
        if not ticket.customer and summary.counts:
            _unattributable(sets, *ticket.opening[:3], ticket.created)
        return Derived(sets, queues, summary, ticket.customer)
    fold = fold_chat if kind == "chat" else fold_contact
    contact = fold(history.events, options, now)
    if contact is None:
        return Derived(QueueSets(), queues)
    channel = _DEFAULT_CHANNEL[kind]
    sets = from_contact.contributions(contact, options, channel)
    summary = summaries.of_contact(contact, queues, channel)
    if not contact.customer and summary.counts and (summary.reached or options.recontact_from == "start"):
        _unattributable(sets, summary.queue, summary.channel, summary.priority, contact.began)
    return Derived(sets, queues, summary, contact.customer, contact.deadline, _crossed(contact))


def _unattributable(sets: QueueSets, queue: str, channel: str, priority: str, at: int) -> None:
    sets.items_of(queue).append(Item(f"{cells.UNATTRIBUTABLE}anonymous", channel, priority, "", at, 0, 1))


def _crossed(contact: Contact) -> int:
    return sum(stay.outcome == "ghost" for stay in contact.entries) + sum(
        callback.state == "ghost" for callback in contact.callbacks
    )

"""From one entity's history to all that follows from it: its sets, its summary and its next deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.customers import summary as summaries
from streams.customers.identity import Alias, fold_identity
from streams.events import COMPLAINT_EVENTS, Data, callbacks
from streams.events.contacts import ContactConnected, ContactQueued, ContactTransferred
from streams.events.tickets import TicketCreated
from streams.figures import cells, from_chat, from_contact, from_ticket
from streams.figures.contributions import Item, QueueSets
from streams.lifecycles.call import fold_call
from streams.lifecycles.chat import fold_chat
from streams.lifecycles.dims import UNASSIGNED
from streams.lifecycles.ticket import fold_ticket
from streams.reps import work
from streams.sla.booking import add_clocks
from streams.sla.of_entity import contact_clocks, ticket_clocks
from streams.sla.tape import Tape

if TYPE_CHECKING:
    from streams.customers.summary import Summary
    from streams.events import Kind
    from streams.figures.options import FigureOptions
    from streams.history import History
    from streams.lifecycles.contact import Contact
    from streams.pipeline.rules import Rules
    from streams.reps.work import Work
    from streams.sla.clocks import Instance


class Derived(NamedTuple):
    """All that follows from a history, the rules and an instant."""

    sets: QueueSets
    queues: list[str]
    """See :func:`mentioned_queues`."""
    summary: Summary | None = None
    customer: str = ""
    deadline: int | None = None
    """When it has to be derived again although no event came (milliseconds)."""
    crossed: int = 0
    """How many deadlines had passed; with the history's version it orders derivations."""
    works: dict[str, Work] = {}  # noqa: RUF012 - never changed
    """What it says of reps; the empty name: of the rep whose own history it is."""
    alias: Alias | None = None
    """Of a customer's handle: whose it is."""
    clocks: list[Instance] = []  # noqa: RUF012 - never changed
    """What was promised, and what became of it."""


_DEFAULT_CHANNEL: dict[Kind, str] = {"ticket": "", "call": "voice", "chat": "chat"}
_BOOKS: dict[Kind, tuple[type[Data], ...]] = {
    "ticket": (TicketCreated,),
    "call": (
        ContactQueued,
        ContactConnected,
        ContactTransferred,
        callbacks.CallbackRequested,
        callbacks.CallbackScheduled,
        callbacks.CallbackAttempted,
        callbacks.CallbackAnswered,
        *COMPLAINT_EVENTS,
    ),
}
"""Events that may be booked to the queue of what is with no queue."""


def mentioned_queues(kind: Kind, history: History, options: FigureOptions) -> list[str]:
    """Every queue that this history, or any earlier state of it, may have been booked to.

    A corrected entity sends an empty set to those that it no longer adds to. They are taken from the history, not from
    what was last sent: after a crash the last thing sent is not known.
    """
    # Where every contact counts, any event may have been the only one known, and its contact be booked to no queue;
    # and with any event a chat may have begun, be it with a bot, and the clocks of its replies.
    books = Data if kind == "chat" or options.recontact_from == "start" else _BOOKS[kind]
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


def mentioned_reps(history: History) -> set[str]:
    """Every rep of whom this history, or any earlier state of it, may have told."""
    return {entry.data.rep for entry in (*history.events, *history.replaced) if entry.data.rep}


def derive(kind: Kind, entity: str, history: History, rules: Rules, now: int) -> Derived:
    """Derive the sets, summary and deadline of an entity by its id. ``now`` in milliseconds."""
    options = rules.options
    if kind == "identity":
        return Derived(QueueSets(), [], alias=fold_identity(history.events))
    if kind == "rep":
        return Derived(QueueSets(), [], works={"": work.of_rep(history)})
    queues = mentioned_queues(kind, history, options)
    if kind == "ticket":
        tape = Tape(f"{kind}/{entity}") if rules.policies else None
        ticket = fold_ticket(history.events, options, tape.watch if tape else None)
        if ticket is None:
            return Derived(QueueSets(), queues)
        sets = from_ticket.contributions(ticket, options, rules.hours)
        clocks = ticket_clocks(ticket, tape, rules.policies) if tape else []
        add_clocks(sets, clocks, tape.moments[-1].gone if tape else "")
        summary = summaries.of_ticket(ticket, queues, from_ticket.fixed_dims(ticket, options))
        if not ticket.customer and summary.counts:
            _unattributable(sets, *ticket.opening[:3], ticket.created)
        return Derived(sets, queues, summary, ticket.customer, clocks=clocks)
    fold = fold_chat if kind == "chat" else fold_call
    contact = fold(history.events, options, now)
    if contact is None:
        return Derived(QueueSets(), queues)
    channel = _DEFAULT_CHANNEL[kind]
    sets = from_contact.contributions(contact, options, rules.hours, channel)
    if contact.dialogue is not None and not contact.test:
        from_chat.add_dialogue(sets, contact.dialogue, channel, customer=contact.customer)
    clocks = contact_clocks(f"{kind}/{entity}", contact, history.events, channel, rules.policies)
    add_clocks(sets, clocks, "")
    summary = summaries.of_contact(contact, queues, channel, options)
    works = work.of_contact(contact, queues, channel, chat=kind == "chat")
    if not contact.customer and summary.counts and (summary.reached or options.recontact_from == "start"):
        _unattributable(sets, summary.queue, summary.channel, summary.priority, contact.began)
    return Derived(sets, queues, summary, contact.customer, contact.deadline, _crossed(contact), works, clocks=clocks)


def ahead(kind: Kind, entity: str, history: History, rules: Rules, now: int) -> tuple[int | None, list[Instance]]:
    """The deadline and the clocks alone, as :func:`derive` has them: all that a worker that takes over has to know."""
    if kind == "ticket":
        if not rules.policies:
            return None, []
        tape = Tape(f"{kind}/{entity}")
        ticket = fold_ticket(history.events, rules.options, tape.watch)
        return None, [] if ticket is None else ticket_clocks(ticket, tape, rules.policies)
    if kind not in _DEFAULT_CHANNEL:
        return None, []
    fold = fold_chat if kind == "chat" else fold_call
    contact = fold(history.events, rules.options, now)
    if contact is None:
        return None, []
    return contact.deadline, contact_clocks(
        f"{kind}/{entity}", contact, history.events, _DEFAULT_CHANNEL[kind], rules.policies
    )


def clocks_of(kind: Kind, entity: str, history: History, rules: Rules, now: int) -> list[Instance]:
    """The clocks alone."""
    return ahead(kind, entity, history, rules, now)[1] if rules.policies else []


def _unattributable(sets: QueueSets, queue: str, channel: str, priority: str, at: int) -> None:
    sets.items_of(queue).append(Item(f"{cells.UNATTRIBUTABLE}anonymous", channel, priority, "", at, 0, 1))


def _crossed(contact: Contact) -> int:
    return sum(stay.outcome == "ghost" for stay in contact.entries) + sum(
        callback.state == "ghost" for callback in contact.callbacks
    )

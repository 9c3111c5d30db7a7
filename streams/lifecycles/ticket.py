"""A ticket's life: from its sorted history to states, spells and marks (SPEC 2.1).

All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.events import bots, complaints
from streams.events import tickets as ev
from streams.lifecycles.dims import NOWHERE
from streams.lifecycles.episode import Episode
from streams.lifecycles.marks import Mark
from streams.lifecycles.messages import still_public
from streams.lifecycles.ticket_state import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.events import Data, Entry
    from streams.figures.options import FigureOptions
    from streams.lifecycles.dims import Dims

    _Step = Callable[[Ticket, Any, int, FigureOptions], None]
    Watch = Callable[[Ticket, Data, int], None]

__all__ = ["Ticket", "fold_ticket"]


def fold_ticket(events: Sequence[Entry], options: FigureOptions, watch: Watch | None = None) -> Ticket | None:
    """Fold a sorted history; None while the ticket's creation has not been seen.

    Events stamped before the creation are taken as happening at it. A message that was made private never was public.

    Args:
        events: the history.
        options: how figures are defined.
        watch: called after each event with the ticket as it is then, the event's data and its instant; of the creation
            first of all. It may be called all over again from there: only what came last counts.
    """
    ticket = _fold(events, options, watch)
    if ticket is not None and ticket.hides:
        ticket = _fold(still_public(events), options, watch)
    return ticket


def _fold(events: Sequence[Entry], options: FigureOptions, watch: Watch | None) -> Ticket | None:
    creation = next((entry for entry in events if type(entry.data) is ev.TicketCreated), None)
    if creation is None:
        return None
    ticket = _born(creation.data, creation.time, options)
    if watch is not None:
        watch(ticket, creation.data, creation.time)
    for entry in events:
        data = entry.data
        if type(data) is ev.TicketCreated:
            continue
        at = max(entry.time, creation.time)
        ticket.relabel(_labels(ticket, data), at)
        if data.reason:
            ticket.reason = data.reason
        if data.test is not None:
            ticket.test = data.test
        _STEPS[type(data)](ticket, data, at, options)
        if watch is not None:
            watch(ticket, data, at)
        if ticket.merged is not None:
            # What is written to a merged ticket afterwards belongs to the one it went into.
            ticket.hides = any(type(entry.data) is ev.MessageMadePrivate for entry in events)
            break
    if options.attribute_to == "first":
        for entry in events:
            ticket.first = ticket.first.or_else(NOWHERE.after(entry.data))
    return ticket


def _born(data: ev.TicketCreated, at: int, options: FigureOptions) -> Ticket:
    dims = NOWHERE.after(data)
    ticket = Ticket(at, dims, dims, customer=data.customer or "", reason=data.reason or "", test=bool(data.test))
    ticket.since = at
    ticket.described_by_rep = data.created_by == "rep" and data.public_first_comment
    ticket.opened_by_rep = data.created_by == "rep"
    ticket.outbound = data.direction == "outbound"
    if data.created_by != "system" and data.public_first_comment:
        ticket.talk.describe(data.created_by)
    ticket.episodes.append(Episode(at))
    ticket.relabel(dims, at)
    ticket.schedule("", at)
    _assigned(ticket, data, at, options)
    if data.status in ev.DONE:
        ticket.enter(data.status, at, options)
    else:
        ticket.status = data.status
    return ticket


def _labels(ticket: Ticket, data: Data) -> Dims:
    """The labels in force after an event; who wrote a message, and through what, changes neither rep nor channel."""
    dims = ticket.dims
    after = dims.after(data)
    if after is dims or type(data) is not ev.MessageSent:
        return after
    # Where nobody was assigned, who wrote last is the best that is known.
    return after._replace(
        channel=dims.channel or after.channel, rep=dims.rep if ticket.assignees.present else after.rep
    )


def _nothing_more(_: Ticket, __: Data, ___: int, ____: FigureOptions) -> None:
    """The labels it carries are all there is to it."""


def _assigned(ticket: Ticket, data: Data, at: int, _: FigureOptions) -> None:
    # Only assignments say whose the ticket is: the rep of a message is whoever wrote it.
    if data.rep is not None:
        ticket.assignees.move(data.rep, at)


def _schedule_changed(ticket: Ticket, data: ev.TicketScheduleChanged, at: int, _: FigureOptions) -> None:
    ticket.schedule(data.calendar, at)


def _escalated(ticket: Ticket, data: ev.TicketEscalated, at: int, options: FigureOptions) -> None:
    _assigned(ticket, data, at, options)
    if data.level > ticket.level:
        ticket.escalations.append((Mark(at, ticket.dims), data.level))
    ticket.level = data.level


def _enters(status: str) -> _Step:
    def step(ticket: Ticket, _: Data, at: int, options: FigureOptions) -> None:
        ticket.enter(status, at, options)

    return step


def _status_changed(ticket: Ticket, data: ev.TicketStatusChanged, at: int, options: FigureOptions) -> None:
    ticket.enter(data.to, at, options)


def _merged(ticket: Ticket, _: ev.TicketMerged, at: int, __: FigureOptions) -> None:
    ticket.merged = Mark(at, ticket.dims)


def _linked(ticket: Ticket, data: ev.TicketLinked, _: int, __: FigureOptions) -> None:
    ticket.links = (*ticket.links, data.to)


def _unlinked(ticket: Ticket, data: ev.TicketUnlinked, _: int, __: FigureOptions) -> None:
    ticket.links = tuple(other for other in ticket.links if other != data.to)


def _split(ticket: Ticket, _: ev.TicketSplit, __: int, ___: FigureOptions) -> None:
    ticket.split = True


def _deleted(ticket: Ticket, data: ev.TicketDeleted, at: int, _: FigureOptions) -> None:
    ticket.removed = ticket.removed or Mark(at, ticket.dims)
    ticket.spam = ticket.spam or data.spam


def _marked_spam(ticket: Ticket, _: ev.TicketMarkedSpam, at: int, __: FigureOptions) -> None:
    ticket.removed = ticket.removed or Mark(at, ticket.dims)
    ticket.spam = True


def _undeleted(ticket: Ticket, _: ev.TicketUndeleted, __: int, ___: FigureOptions) -> None:
    ticket.removed, ticket.spam = None, False


def _made_private(ticket: Ticket, _: ev.MessageMadePrivate, __: int, ___: FigureOptions) -> None:
    ticket.hides = True


def _requester_changed(ticket: Ticket, data: ev.TicketRequesterChanged, _: int, __: FigureOptions) -> None:
    if data.customer is not None:
        ticket.customer = data.customer


def _handed_off(ticket: Ticket, _: bots.BotHandoff, at: int, __: FigureOptions) -> None:
    if ticket.episodes[-1].handoff is None:
        ticket.episodes[-1].handoff = Mark(at, ticket.dims)


def _bot_resolved(ticket: Ticket, _: bots.BotResolved, at: int, options: FigureOptions) -> None:
    ticket.episodes[-1].contained = ticket.episodes[-1].reply is None and not ticket.done
    ticket.enter("solved", at, options)


def _complaint(ticket: Ticket, data: Data, at: int, _: FigureOptions) -> None:
    ticket.complaints.hear(data, Mark(at, ticket.dims))


def _message(ticket: Ticket, data: ev.MessageSent, at: int, options: FigureOptions) -> None:
    if not data.public or data.automated:
        return
    if data.author == "customer":
        ticket.talk.customer(at)
        # The wait is the desk's again, whatever the status field still says.
        if ticket.status == "pending":
            ticket.enter("open", at, options)
    elif data.author == "rep":
        if ticket.described_by_rep and at == ticket.created:
            return  # the description itself, not a reply
        # To the credit of who wrote it, who need not be who it is assigned to.
        reply = Mark(at, ticket.dims._replace(rep=data.rep or ""))
        ticket.talk.rep(reply, done=ticket.done, chat=ticket.dims.channel == "chat")
        ticket.complaints.answer(reply, "reply")
        if ticket.episodes[-1].reply is None:
            ticket.episodes[-1].reply = reply


_STEPS: dict[type[Data], _Step] = {
    ev.TicketAssigned: _assigned,
    ev.TicketUpdated: _nothing_more,
    ev.TicketEscalated: _escalated,
    ev.TicketScheduleChanged: _schedule_changed,
    ev.TicketRequesterChanged: _requester_changed,
    ev.TicketStatusChanged: _status_changed,
    ev.TicketSolved: _enters("solved"),
    ev.TicketReopened: _enters("open"),
    ev.TicketClosed: _enters("closed"),
    ev.TicketMerged: _merged,
    ev.TicketLinked: _linked,
    ev.TicketUnlinked: _unlinked,
    ev.TicketSplit: _split,
    ev.TicketDeleted: _deleted,
    ev.TicketMarkedSpam: _marked_spam,
    ev.TicketUndeleted: _undeleted,
    ev.MessageSent: _message,
    ev.MessageMadePrivate: _made_private,
    bots.BotHandoff: _handed_off,
    bots.BotResolved: _bot_resolved,
    complaints.ComplaintReceived: _complaint,
    complaints.ComplaintAcknowledged: _complaint,
    complaints.ComplaintResolved: _complaint,
}

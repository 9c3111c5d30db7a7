"""A ticket's life: from its sorted history to states, spells and marks (SPEC 2.1).

All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.events import bots
from streams.events import tickets as ev
from streams.lifecycles.dims import NOWHERE
from streams.lifecycles.episode import Episode
from streams.lifecycles.marks import Mark
from streams.lifecycles.ticket_state import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.events import Data, Entry
    from streams.figures.options import FigureOptions

    _Step = Callable[[Ticket, Any, int, FigureOptions], None]

__all__ = ["Ticket", "fold_ticket"]


def fold_ticket(events: Sequence[Entry], options: FigureOptions) -> Ticket | None:
    """Fold a sorted history; None while the ticket's creation has not been seen.

    Events stamped before the creation are taken as happening at it.
    """
    creation = next((entry for entry in events if type(entry.data) is ev.TicketCreated), None)
    if creation is None:
        return None
    ticket = _born(creation.data, creation.time, options)
    for entry in events:
        data = entry.data
        if type(data) is ev.TicketCreated:
            continue
        at = max(entry.time, creation.time)
        ticket.relabel(ticket.dims.after(data), at)
        if data.reason:
            ticket.reason = data.reason
        _STEPS[type(data)](ticket, data, at, options)
        if ticket.merged is not None:
            # What is written to a merged ticket afterwards belongs to the one it went into.
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
    # What a rep began unasked is no customer's issue that the rep opened.
    ticket.opened_by_rep = data.created_by == "rep" and data.direction != "outbound"
    if data.created_by != "system" and data.public_first_comment:
        ticket.talk.describe(data.created_by)
    ticket.episodes.append(Episode(at))
    ticket.relabel(dims, at)
    _assigned(ticket, data, at, options)
    if data.status in ev.DONE:
        ticket.enter(data.status, at, options)
    else:
        ticket.status = data.status
    return ticket


def _nothing_more(_: Ticket, __: Data, ___: int, ____: FigureOptions) -> None:
    """The labels it carries are all there is to it."""


def _assigned(ticket: Ticket, data: Data, at: int, _: FigureOptions) -> None:
    # Only assignments say whose the ticket is: the rep of a message is whoever wrote it.
    if data.rep is not None:
        ticket.assignees.move(data.rep, at)


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


def _deleted(ticket: Ticket, _: ev.TicketDeleted, __: int, ___: FigureOptions) -> None:
    ticket.deleted = True


def _undeleted(ticket: Ticket, _: ev.TicketUndeleted, __: int, ___: FigureOptions) -> None:
    ticket.deleted = False


def _requester_changed(ticket: Ticket, data: ev.TicketRequesterChanged, _: int, __: FigureOptions) -> None:
    if data.customer is not None:
        ticket.customer = data.customer


def _handed_off(ticket: Ticket, _: bots.BotHandoff, at: int, __: FigureOptions) -> None:
    if ticket.episodes[-1].handoff is None:
        ticket.episodes[-1].handoff = Mark(at, ticket.dims)


def _bot_resolved(ticket: Ticket, _: bots.BotResolved, at: int, options: FigureOptions) -> None:
    ticket.episodes[-1].contained = ticket.episodes[-1].reply is None and not ticket.done
    ticket.enter("solved", at, options)


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
        pending = ticket.spent.get("pending", 0) + (at - ticket.since if ticket.status == "pending" else 0)
        ticket.talk.rep(Mark(at, ticket.dims), pending, done=ticket.done, chat=ticket.dims.channel == "chat")
        if ticket.episodes[-1].reply is None:
            ticket.episodes[-1].reply = Mark(at, ticket.dims)


_STEPS: dict[type[Data], _Step] = {
    ev.TicketAssigned: _assigned,
    ev.TicketUpdated: _nothing_more,
    ev.TicketEscalated: _escalated,
    ev.TicketRequesterChanged: _requester_changed,
    ev.TicketStatusChanged: _status_changed,
    ev.TicketSolved: _enters("solved"),
    ev.TicketReopened: _enters("open"),
    ev.TicketClosed: _enters("closed"),
    ev.TicketMerged: _merged,
    ev.TicketDeleted: _deleted,
    ev.TicketUndeleted: _undeleted,
    ev.MessageSent: _message,
    bots.BotHandoff: _handed_off,
    bots.BotResolved: _bot_resolved,
}

"""A ticket's life: from its sorted history to states, spells and marks (SPEC 2.1).

All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from streams.events import bots
from streams.events import tickets as ev
from streams.lifecycles.dims import NOWHERE, Dims

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.events import Data, Entry
    from streams.figures.options import FigureOptions

    _Step = Callable[["Ticket", Any, int, FigureOptions], None]


class Mark(NamedTuple):
    """Something that happened at an instant, and the labels then in force."""

    at: int
    dims: Dims


@dataclass(slots=True)
class Episode:
    """From creation, or a reopen, to the solve that follows."""

    began: int
    handoff: Mark | None = None
    """When a bot gave it to a person; only the first time in an episode counts."""
    reply: Mark | None = None
    """First public reply by a rep."""
    solved: Mark | None = None
    contained: bool = False
    """Solved by the bot, without a human message."""

    @property
    def resolution(self) -> int | None:
        """From its beginning to its solve, in milliseconds."""
        return None if self.solved is None else self.solved.at - self.began

    @property
    def human_work(self) -> int | None:
        """The same from the hand-off on, if there was one."""
        if self.solved is None or self.contained:
            return None
        return self.solved.at - (self.began if self.handoff is None else self.handoff.at)


@dataclass(slots=True)
class Ticket:
    """What a ticket's history says."""

    created: int
    first: Dims = NOWHERE
    """First known value of each label; told only where figures are booked to it."""
    opening: Dims = NOWHERE
    """Labels in force at creation."""
    dims: Dims = NOWHERE
    """Labels in force now."""
    customer: str = ""
    reason: str = ""
    test: bool = False
    described_by_rep: bool = False
    """Whether a rep created it with a public first comment."""
    status: str = "new"
    since: int = 0
    """When the present status began."""
    spent: dict[str, int] = field(default_factory=dict)
    """Finished time in each status."""
    episodes: list[Episode] = field(default_factory=list)
    replies: int = 0
    """Public replies by reps, automated ones left out."""
    solves: list[Mark] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    """For each solve, when the ticket was reopened after it; 0: not."""
    spent_at_solve: dict[str, int] = field(default_factory=dict)
    """Time in each status until the last solve."""
    reopens: list[Mark] = field(default_factory=list)
    closings: list[Mark] = field(default_factory=list)
    spell_end: dict[str, Mark] = field(default_factory=dict)
    """End of the latest spell in each status."""
    merged: Mark | None = None
    deleted: bool = False

    @property
    def done(self) -> bool:
        """Solved or closed, and not reopened since."""
        return self.status in ev.DONE

    @property
    def gone(self) -> bool:
        """Merged into another ticket, deleted or spam."""
        return self.merged is not None or self.deleted

    def enter(self, status: str, at: int, options: FigureOptions) -> None:
        """Move to a status category; entering the present one again changes no times."""
        if status != self.status:
            before = self.status
            self.spent[before] = self.spent.get(before, 0) + at - self.since
            self.spell_end[before] = Mark(at, self.dims)
            self.status, self.since = status, at
            if status in ev.DONE:
                if before not in ev.DONE:
                    if status == "solved" or options.closed_is_solve:
                        self._solve(at)
                elif status == "solved" and options.repeated_solves:
                    self._solve(at)
            elif before in ev.DONE:
                self.reopens.append(Mark(at, self.dims))
                self.undone = [instant or at for instant in self.undone]
                self.episodes.append(Episode(at))
        elif status == "solved" and options.repeated_solves:
            self._solve(at)
        if status == "closed":
            self.closings.append(Mark(at, self.dims))

    @property
    def first_reply(self) -> tuple[Mark, int, int] | None:
        """The first public reply by a rep, when the people's clock for it began, and when the customer's did.

        Without bots both begin at the creation, whatever was solved and reopened meanwhile. What a bot resolved is
        over for the customer too, so that both begin anew with the episode in which a person replied.
        """
        clock, bot_resolved = self.created, False
        handed: int | None = None
        for episode in self.episodes:
            if bot_resolved:
                clock, handed, bot_resolved = episode.began, None, False
            if handed is None and episode.handoff is not None:
                handed = episode.handoff.at
            if episode.reply is not None:
                # A hand-off after the reply starts no clock: a person was there already.
                human = clock if handed is None or handed > episode.reply.at else handed
                return episode.reply, human, clock
            if episode.contained:
                bot_resolved = True
        return None

    def _solve(self, at: int) -> None:
        self.solves.append(Mark(at, self.dims))
        self.undone.append(0)
        self.episodes[-1].solved = self.solves[-1]
        self.spent_at_solve = dict(self.spent)


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
        ticket.dims = ticket.dims.after(data)
        if data.reason:
            ticket.reason = data.reason
        _STEPS[type(data)](ticket, data, max(entry.time, creation.time), options)
        if ticket.merged is not None:
            # What is written to a merged ticket afterwards belongs to the one it went into.
            break
    if options.attribute_to == "first":
        for entry in events:
            ticket.first = ticket.first.or_else(NOWHERE.after(entry.data))
    return ticket


def _born(data: ev.TicketCreated, at: int, options: FigureOptions) -> Ticket:
    dims = NOWHERE.after(data)
    ticket = Ticket(at, dims, dims, dims, data.customer or "", data.reason or "", bool(data.test))
    ticket.since = at
    ticket.described_by_rep = data.created_by == "rep" and data.public_first_comment
    ticket.episodes.append(Episode(at))
    if data.status in ev.DONE:
        ticket.enter(data.status, at, options)
    else:
        ticket.status = data.status
    return ticket


def _nothing_more(_: Ticket, __: Data, ___: int, ____: FigureOptions) -> None:
    """The labels it carries are all there is to it."""


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
        # The wait is the desk's again, whatever the status field still says.
        if ticket.status == "pending":
            ticket.enter("open", at, options)
    elif data.author == "rep":
        if ticket.described_by_rep and at == ticket.created:
            return  # the description itself, not a reply
        ticket.replies += 1
        if ticket.episodes[-1].reply is None:
            ticket.episodes[-1].reply = Mark(at, ticket.dims)


_STEPS: dict[type[Data], _Step] = {
    ev.TicketAssigned: _nothing_more,
    ev.TicketUpdated: _nothing_more,
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

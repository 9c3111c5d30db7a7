"""A ticket's life: from its sorted history to states, spells and marks (SPEC 2.1).

All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from streams.events import bots
from streams.events import tickets as ev
from streams.lifecycles.dims import NOWHERE, Dims

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.events import Entry
    from streams.figures.options import FigureOptions


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
        for episode in self.episodes:
            if bot_resolved:
                clock, bot_resolved = episode.began, False
            if episode.reply is not None:
                handed = episode.handoff
                # A hand-off after the reply starts no clock: a person was there already.
                human = clock if handed is None or handed.at > episode.reply.at else handed.at
                return episode.reply, human, clock
            if episode.contained:
                bot_resolved = True
        return None

    def _solve(self, at: int) -> None:
        self.solves.append(Mark(at, self.dims))
        self.undone.append(0)
        self.episodes[-1].solved = self.solves[-1]
        self.spent_at_solve = dict(self.spent)


_STATUS_OF: dict[type, str] = {ev.TicketSolved: "solved", ev.TicketReopened: "open", ev.TicketClosed: "closed"}


def fold_ticket(events: Sequence[Entry], options: FigureOptions) -> Ticket | None:
    """Fold a sorted history; None while the ticket's creation has not been seen.

    Events stamped before the creation are taken as happening at it.
    """
    creation = next((entry for entry in events if type(entry.data) is ev.TicketCreated), None)
    if creation is None:
        return None
    born: ev.TicketCreated = creation.data
    dims = NOWHERE.after(born)
    ticket = Ticket(creation.time, dims, dims, dims, born.customer or "", born.reason or "", bool(born.test))
    ticket.status, ticket.since = born.status, creation.time
    ticket.episodes.append(Episode(creation.time))
    if born.status in ev.DONE:
        ticket.status = "new"
        ticket.enter(born.status, creation.time, options)
    for entry in events:
        data = entry.data
        kind = type(data)
        if kind is ev.TicketCreated:
            continue
        at = max(entry.time, creation.time)
        ticket.dims = ticket.dims.after(data)
        if data.reason:
            ticket.reason = data.reason
        if kind is ev.TicketStatusChanged:
            ticket.enter(data.to, at, options)
        elif kind is ev.MessageSent:
            _message(ticket, data, at, born, options)
        elif kind in _STATUS_OF:
            ticket.enter(_STATUS_OF[kind], at, options)
        elif kind is ev.TicketMerged:
            # What is written to a merged ticket afterwards belongs to the one it went into.
            ticket.merged = Mark(at, ticket.dims)
            break
        elif kind is ev.TicketDeleted:
            ticket.deleted = True
        elif kind is ev.TicketUndeleted:
            ticket.deleted = False
        elif kind is bots.BotHandoff:
            if ticket.episodes[-1].handoff is None:
                ticket.episodes[-1].handoff = Mark(at, ticket.dims)
        elif kind is bots.BotResolved:
            ticket.episodes[-1].contained = ticket.episodes[-1].reply is None and not ticket.done
            ticket.enter("solved", at, options)
        elif kind is ev.TicketRequesterChanged and data.customer is not None:
            ticket.customer = data.customer
    if options.attribute_to == "first":
        for entry in events:
            ticket.first = ticket.first.or_else(NOWHERE.after(entry.data))
    return ticket


def _message(ticket: Ticket, data: ev.MessageSent, at: int, born: ev.TicketCreated, options: FigureOptions) -> None:
    if not data.public or data.automated:
        return
    if data.author == "customer":
        # The wait is the desk's again, whatever the status field still says.
        if ticket.status == "pending":
            ticket.enter("open", at, options)
    elif data.author == "rep":
        if born.created_by == "rep" and born.public_first_comment and at == ticket.created:
            return  # the description itself, not a reply
        ticket.replies += 1
        if ticket.episodes[-1].reply is None:
            ticket.episodes[-1].reply = Mark(at, ticket.dims)

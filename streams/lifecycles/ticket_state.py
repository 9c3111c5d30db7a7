"""What is known of a ticket at an instant of its life, and what a change of its status or labels does to it (SPEC 2.1).

All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from streams.events import tickets as ev
from streams.lifecycles.conversation import Conversation
from streams.lifecycles.dims import NOWHERE, UNASSIGNED, Dims
from streams.lifecycles.episode import Episode
from streams.lifecycles.marks import Mark
from streams.lifecycles.stations import Ownership, Stations

if TYPE_CHECKING:
    from streams.figures.options import FigureOptions


class Counts(NamedTuple):
    """What had been counted of a ticket until an instant."""

    replies: int
    groups: int
    group_spells: int
    assignees: int
    assignee_spells: int


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
    opened_by_rep: bool = False
    """Whether a rep created it for a customer who had made contact."""
    status: str = "new"
    since: int = 0
    """When the present status began."""
    spent: dict[str, int] = field(default_factory=dict)
    """Finished time in each status."""
    episodes: list[Episode] = field(default_factory=list)
    talk: Conversation = field(default_factory=Conversation)
    groups: Stations = field(default_factory=Stations)
    assignees: Stations = field(default_factory=Stations)
    owned: Ownership = field(default_factory=Ownership)
    level: int = 0
    """Escalation level; 0: the front line."""
    escalations: list[tuple[Mark, int]] = field(default_factory=list)
    """Escalations to a higher level, and that level."""
    solves: list[Mark] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    """For each solve, what had been counted until then."""
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
            self._tell_the_others(before, status, at)
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

    def relabel(self, dims: Dims, at: int) -> None:
        """Other labels are in force; another queue is another group, and what was owned was the earlier one's."""
        if dims.queue != self.dims.queue:
            self.groups.move("" if dims.queue == UNASSIGNED else dims.queue, at)
            if not self.done:
                self.owned.pass_on(Mark(at, self.dims))
        self.dims = dims

    def _tell_the_others(self, before: str, status: str, at: int) -> None:
        """What a change of status means for answers that are owed, and for the group that has the ticket."""
        if before == "pending":
            self.talk.unpark(Mark(at, self.dims))
        if status in ev.DONE:
            self.talk.done()
            self.owned.finish(Mark(at, self.dims))
        elif before in ev.DONE:
            self.talk.reopened()
            self.owned.take(at)
        if status == "pending":
            self.talk.park(at)

    def _solve(self, at: int) -> None:
        self.solves.append(Mark(at, self.dims))
        self.counts.append(
            Counts(
                self.talk.replies,
                self.groups.distinct,
                self.groups.spells,
                self.assignees.distinct,
                self.assignees.spells,
            )
        )
        self.undone.append(0)
        self.episodes[-1].solved = self.solves[-1]
        self.spent_at_solve = dict(self.spent)

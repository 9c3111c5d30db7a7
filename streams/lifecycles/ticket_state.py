"""What is known of a ticket at an instant of its life, and what a change of its status or labels does to it (SPEC 2.1).

All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from streams.events import tickets as ev
from streams.lifecycles.complaint import Complaints
from streams.lifecycles.conversation import Conversation
from streams.lifecycles.dims import NOWHERE, UNASSIGNED, Dims
from streams.lifecycles.episode import Episode, first_reply
from streams.lifecycles.marks import Mark, Placement, Spell
from streams.lifecycles.stations import Ownership, Stations

if TYPE_CHECKING:
    from streams.figures.options import FigureOptions
    from streams.lifecycles.marks import Span


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
    """Whether a rep created it."""
    outbound: bool = False
    """Whether the desk made contact: no customer's issue."""
    split: bool = False
    """Whether it was a part of another ticket."""
    links: tuple[str, ...] = ()
    """Earlier tickets about the same issue."""
    hides: bool = False
    """Whether one of its messages was made private."""
    status: str = "new"
    since: int = 0
    """When the present status began."""
    spells: list[Spell] = field(default_factory=list)
    """The statuses before the present one, each with its time."""
    placements: list[Placement] = field(default_factory=list)
    """The queues it has been in since its creation, and the calendars that were named for it meanwhile."""
    named: list[tuple[Mark, str]] = field(default_factory=list)
    """Every naming of a calendar."""
    episodes: list[Episode] = field(default_factory=list)
    talk: Conversation = field(default_factory=Conversation)
    complaints: Complaints = field(default_factory=Complaints)
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
    reopens: list[Mark] = field(default_factory=list)
    closings: list[Mark] = field(default_factory=list)
    spell_end: dict[str, Mark] = field(default_factory=dict)
    """End of the latest spell in each status."""
    merged: Mark | None = None
    removed: Mark | None = None
    """When it was deleted or marked as spam, unless it was brought back."""
    spam: bool = False

    @property
    def done(self) -> bool:
        """Solved or closed, and not reopened since."""
        return self.status in ev.DONE

    @property
    def resolved(self) -> bool:
        """Solved, and not reopened since; closed will do where that is a solve."""
        return bool(self.undone) and not self.undone[-1]

    @property
    def deleted(self) -> bool:
        """Deleted or spam."""
        return self.removed is not None

    @property
    def gone(self) -> bool:
        """Merged into another ticket, deleted or spam."""
        return self.merged is not None or self.removed is not None

    @property
    def own_issue(self) -> bool:
        """Whether it is about an issue that no other ticket stands for."""
        return not (self.gone or self.split or self.links)

    def enter(self, status: str, at: int, options: FigureOptions) -> None:
        """Move to a status category; entering the present one again changes no times."""
        if status != self.status:
            before = self.status
            self.spells.append(Spell(before, self.since, at))
            self.spell_end[before] = Mark(at, self.dims)
            self.status, self.since = status, at
            self._tell_the_others(before, status, at)
            if status == "solved" or (status == "closed" and options.closed_is_solve):
                if not self.resolved or (status == "solved" and options.repeated_solves):
                    self._solve(at)
            elif before in ev.DONE and status not in ev.DONE:
                self._reopen(at)
        elif status == "solved":
            # Said again it settles what was complained of since.
            self.complaints.solve(Mark(at, self.dims))
            if options.repeated_solves:
                self._solve(at)
        if status == "closed":
            self.closings.append(Mark(at, self.dims))

    @property
    def first_reply(self) -> tuple[Mark, int, int] | None:
        """See :func:`streams.lifecycles.episode.first_reply`; the clocks run on over what a person solved."""
        return first_reply(self.episodes, runs_on=True)

    def relabel(self, dims: Dims, at: int) -> None:
        """Other labels are in force; another queue is another group, and what was owned was the earlier one's."""
        if dims.queue != self.dims.queue:
            self.groups.move("" if dims.queue == UNASSIGNED else dims.queue, at)
            if not self.done:
                self.owned.pass_on(Mark(at, self.dims))
            self._place(at, dims.queue, self.placements[-1].calendar if self.placements else "")
        self.dims = dims

    def pending_within(self, span: Span) -> list[tuple[int, int]]:
        """The parts of a span in which the ticket was pending."""
        found = []
        for number in range(bisect_right(self.spells, span.began, key=lambda spell: spell.ended), len(self.spells)):
            status, began, ended = self.spells[number]
            if began >= span.end.at:
                break
            if status == "pending":
                found.append((max(began, span.began), min(ended, span.end.at)))
        if self.status == "pending" and self.since < span.end.at:
            found.append((max(self.since, span.began), span.end.at))
        return found

    def schedule(self, calendar: str, at: int) -> None:
        """A calendar was named for the ticket; the empty name: its queue's counts again."""
        if calendar:
            self.named.append((Mark(at, self.dims), calendar))
        self._place(at, self.dims.queue, calendar)

    def _place(self, at: int, queue: str, calendar: str) -> None:
        # What lasted no time is as if it had not been, so that a ticket may be routed within an instant.
        if self.placements and self.placements[-1].since == at:
            self.placements.pop()
        self.placements.append(Placement(at, queue, calendar))

    def _tell_the_others(self, before: str, status: str, at: int) -> None:
        """What a change of status means for answers that are owed, and for the group that has the ticket."""
        if before == "pending":
            self.talk.unpark(Mark(at, self.dims))
        if status in ev.DONE:
            self.talk.done()
            self.owned.finish(Mark(at, self.dims))
            if before not in ev.DONE:
                self.complaints.solve(Mark(at, self.dims))
        elif before in ev.DONE:
            self.talk.reopened()
            self.complaints.reopen(at)
            self.owned.take(at)
        if status == "pending":
            self.talk.park(at)

    def _reopen(self, at: int) -> None:
        # What was closed without a solve can begin anew, but there is no solve that the reopen would undo.
        if self.resolved:
            self.reopens.append(Mark(at, self.dims))
            self.undone = [instant or at for instant in self.undone]
        self.episodes.append(Episode(at))

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

"""Simulated complaints: customers who complain of the ticket that somebody works on, and people who answer to that.

Whoever complains does so once in a ticket, and some say it again before it is over, which is no other complaint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import bots, tickets
from streams.events import complaints as ev

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.events import Data
    from streams.sources.simulator_world import World

_HOUR = 3_600_000
_DESK = "complaints-desk"


class Grievance:
    """What a customer may complain of in one ticket."""

    def __init__(self, world: World, queue: str, tell: Callable[[Data], None]) -> None:
        """``queue``: that of the ticket; ``tell``: emits an event of it."""
        self._world = world
        self._queue = queue
        self._tell = tell
        self._taken_up = self._closed = False
        self._received = 0
        self._open = self._answered = self._settled = False
        self._solved_with: tuple[str, int] | None = None
        """Queue and duration of the resolution that is but the ticket's solve."""
        if world.chance(world.profile.complaints):
            world.after(world.about(8 * _HOUR), self._complain)

    def notice(self, data: Data) -> None:
        """Something happens in the ticket."""
        if data.queue:
            self._move(data.queue)
        if isinstance(data, tickets.TicketAssigned):
            self._taken_up = True
        elif isinstance(data, tickets.MessageSent):
            if data.author == "rep" and data.public:
                self._answer()
        elif isinstance(data, tickets.TicketClosed):
            self._closed = True
        elif isinstance(data, tickets.TicketSolved | bots.BotResolved) or getattr(data, "to", "") == "solved":
            self._solve()
        elif isinstance(data, tickets.TicketReopened) or getattr(data, "to", "") == "open":
            self._reopen()

    def _count(self, name: str, number: int = 1) -> None:
        self._world.truth.count(self._queue, f"complaints.{name}", number)

    def _took(self, name: str) -> int:
        millis = self._world.now - self._received
        self._world.truth.took(self._queue, f"complaints.{name}", millis)
        return millis

    def _move(self, queue: str) -> None:
        if self._open:
            self._count("open", -1)
        self._queue = queue
        if self._open:
            self._count("open")

    def _complain(self) -> None:
        world = self._world
        if not self._taken_up or self._closed:
            return
        self._tell(ev.ComplaintReceived())
        self._received, self._open = world.now, True
        self._count("received")
        self._count("open")
        if world.chance(0.2):
            world.after(world.about(_HOUR), self._say_again)
        if world.chance(0.6):
            world.after(world.about(_HOUR), self._acknowledge)
        if world.chance(0.7):
            world.after(world.about(20 * _HOUR), self._settle)

    def _say_again(self) -> None:
        if self._open:
            self._tell(ev.ComplaintReceived())

    def _acknowledge(self) -> None:
        if not self._settled:
            self._tell(ev.ComplaintAcknowledged(rep=_DESK))
            self._answer()

    def _answer(self) -> None:
        if self._received and not self._answered:
            self._answered = True
            self._took("first_reply_seconds")

    def _settle(self) -> None:
        if self._open:
            self._tell(ev.ComplaintResolved(rep=_DESK))
            self._answer()
            self._settled = True
            self._end()

    def _end(self) -> int:
        self._open = False
        self._count("open", -1)
        self._count("resolved")
        return self._took("resolution_seconds")

    def _solve(self) -> None:
        if self._open:
            self._solved_with = (self._queue, self._end())

    def _reopen(self) -> None:
        """What was but solved with the ticket is open again."""
        if self._solved_with is not None:
            queue, millis = self._solved_with
            self._world.truth.took(queue, "complaints.resolution_seconds", millis, -1)
            self._world.truth.count(queue, "complaints.resolved", -1)
            self._solved_with, self._open = None, True
            self._count("open")

"""The simulated reps who work on tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.sources.simulator_profile import ticket_staff
from streams.sources.simulator_world import Pool

if TYPE_CHECKING:
    from streams.sources.simulator_profile import QueueProfile
    from streams.sources.simulator_tickets import Ticket
    from streams.sources.simulator_world import Served, Turn, World

_TOUCHES = 2.2
"""How often a rep takes up a ticket, on average."""


class Office:
    """The reps for tickets of all queues."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queues = world.profile.queues
        self.pools = {queue.name: self._pool(queue) for queue in self.queues}

    def _pool(self, queue: QueueProfile) -> Pool:
        peak = queue.tickets * _TOUCHES * queue.talk_s / 3600
        return Pool(self.world, f"{queue.name}-ticket", lambda level: ticket_staff(peak, level), _serve)


def _serve(turn: Turn, served: Served) -> None:
    ticket: Ticket = turn.work
    ticket.taken(turn, served)

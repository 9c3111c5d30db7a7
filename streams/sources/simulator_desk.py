"""The simulated reps who serve calls and chats, by queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.sources.simulator_profile import contact_staff
from streams.sources.simulator_reps import Roster
from streams.sources.simulator_world import Pool

if TYPE_CHECKING:
    from streams.events import Kind
    from streams.sources.simulator_contacts import Contact
    from streams.sources.simulator_profile import QueueProfile
    from streams.sources.simulator_world import Served, Turn, World

_KINDS: tuple[Kind, ...] = ("call", "chat")
_CHAT_SLOTS = 3
"""Chats that a rep serves at once."""


class Desk:
    """The reps for calls and chats of all queues."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queues = world.profile.queues
        self.pools = {(kind, queue.name): self._pool(kind, queue) for queue in self.queues for kind in _KINDS}

    def _pool(self, kind: Kind, queue: QueueProfile) -> Pool:
        # Transfers, overflow and customers who try again come on top of the arrivals, wrap-up on top of the talk.
        if kind == "call":
            peak, slots = queue.calls * 1.15 * (queue.talk_s + 45) / 3600, 1
        else:
            peak, slots = queue.chats * 0.85 * (queue.talk_s * 2 + 60) / 3600, _CHAT_SLOTS
        roster = Roster(self.world, queue.name, kind, slots)
        name = f"{queue.name}-{kind}"
        return Pool(self.world, name, lambda level: contact_staff(peak * level), _serve, slots, roster)

    def other_than(self, queue: QueueProfile) -> QueueProfile | None:
        """Some other queue, if there is one."""
        others = [other for other in self.queues if other is not queue]
        return self.world.random.choice(others) if others else None


def _serve(turn: Turn, served: Served) -> None:
    contact: Contact = turn.work
    contact.offered(turn, served)

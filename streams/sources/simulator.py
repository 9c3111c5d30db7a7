"""A realistic, seeded contact centre: the events of calls, chats and tickets, and the truth about them.

Customers ring, chat and write; reps of several queues serve them, in finite number, so that waits and backlogs come
about as they do in life. Some reps are short with customers, whose issues then come back on any channel. Everything
follows from the seed, the start and the profile; instants are milliseconds since the epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.sources.simulator_contacts import Contact
from streams.sources.simulator_desk import Desk
from streams.sources.simulator_disorder import Delivery, delivery, disorder
from streams.sources.simulator_office import Office
from streams.sources.simulator_profile import AROUND_THE_CLOCK, Profile, QueueProfile
from streams.sources.simulator_tickets import Ticket
from streams.sources.simulator_truth import Truth
from streams.sources.simulator_world import Issue, Simulated, World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "AROUND_THE_CLOCK",
    "Delivery",
    "Profile",
    "Simulated",
    "Simulator",
    "Truth",
    "delivery",
    "disorder",
    "simulate",
]

_HOUR = 3_600_000


class Simulator:
    """One contact centre, whose life can be told piece by piece."""

    def __init__(self, seed: int, start_ms: int, profile: Profile | None = None) -> None:
        """``profile``: None for the default one. The same seed, start and profile give the same events."""
        profile = profile or Profile()
        self._world = world = World(seed, start_ms, profile)
        self._desk = Desk(world)
        self._office = Office(world)
        self._customers = [f"{world.random.getrandbits(64):016x}" for _ in range(profile.customers)]
        self._busiest = max(profile.hours) * max(profile.weekdays)
        world.comes_back = self._comes_back
        for queue in profile.queues:
            for kind, rate in (("call", queue.calls), ("chat", queue.chats), ("ticket", queue.tickets)):
                if rate * self._busiest > 0:
                    self._expect(kind, queue, rate)

    @property
    def truth(self) -> Truth:
        """What has happened up to the instant that was last told."""
        return self._world.truth

    def until(self, ms: int) -> Iterator[Simulated]:
        """The events since the last call up to an instant, by event time. Exhaust it before the next call."""
        return self._world.run(ms)

    def _expect(self, kind: str, queue: QueueProfile, rate: float) -> None:
        mean = _HOUR / (rate * self._busiest)
        self._world.after(self._world.random.expovariate(1 / mean), self._arrive, kind, queue, rate)

    def _arrive(self, kind: str, queue: QueueProfile, rate: float) -> None:
        world = self._world
        self._expect(kind, queue, rate)
        # Arrivals are drawn as densely as at the busiest hour of the week, and thinned out at all others.
        if not world.chance(world.profile.level(world.now) / self._busiest):
            return
        unknown = 0.04 if kind == "ticket" else world.profile.anonymous
        customer = "" if world.chance(unknown) else world.random.choice(self._customers)
        self._contact(kind, Issue(customer, queue, world.random.choice(queue.reasons)))

    def _comes_back(self, issue: Issue) -> None:
        kind = self._world.random.choices(("call", "chat", "ticket"), (60, 25, 15))[0]
        self._contact(kind, issue)

    def _contact(self, kind: str, issue: Issue) -> None:
        if kind == "ticket":
            Ticket(self._office, issue)
        else:
            Contact(self._desk, "call" if kind == "call" else "chat", issue)


def simulate(seed: int, start_ms: int, end_ms: int, profile: Profile | None = None) -> Iterator[Simulated]:
    """All events from an instant to another, in the order of event time."""
    return Simulator(seed, start_ms, profile).until(end_ms)

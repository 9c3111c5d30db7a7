"""What a simulated contact centre is like: its queues, its rhythm, its people and how they behave.

Shares are probabilities. Instants are milliseconds since the epoch; the rhythm of day and week is in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import NamedTuple

HOUR = 3_600_000
_WEEK = 168
_EPOCH_WEEKDAY = 3
"""The first of January 1970 was a Thursday."""


class QueueProfile(NamedTuple):
    """One queue; arrivals are per hour at the peak of the week."""

    name: str
    calls: float
    chats: float
    tickets: float
    talk_s: float
    """Mean talk time of a call; a chat takes twice as long, one touch of a ticket as long."""
    reasons: tuple[str, ...]


QUEUES = (
    QueueProfile("billing", 90, 30, 18, 240, ("invoice", "refund", "payment", "change of address")),
    QueueProfile("delivery", 70, 40, 22, 180, ("where is my parcel", "damaged", "wrong item")),
    QueueProfile("technical", 60, 25, 24, 420, ("login", "error message", "installation", "performance")),
    QueueProfile("sales", 40, 20, 8, 300, ("offer", "upgrade", "cancellation")),
)

OFFICE_HOURS = (
    *(0.03, 0.02, 0.02, 0.02, 0.02, 0.05, 0.15, 0.45, 0.8, 1.0, 1.0, 0.95),
    *(0.8, 0.85, 0.9, 0.9, 0.8, 0.65, 0.5, 0.35, 0.25, 0.15, 0.08, 0.05),
)
"""Arrivals by hour of the day, as a share of the peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that can be chosen about the simulated operation."""

    queues: tuple[QueueProfile, ...] = QUEUES
    hours: tuple[float, ...] = OFFICE_HOURS
    weekdays: tuple[float, ...] = (1.0, 0.95, 0.9, 0.9, 0.85, 0.4, 0.25)
    """Monday first, as a share of the peak."""
    customers: int = 120_000
    patience_s: float = 300.0
    """Mean of how long a caller waits before giving up; chatters wait half as long again."""
    anonymous: float = 0.12
    """Share of calls and chats whose customer is never known."""
    rushed_reps: float = 0.2
    """Share of reps who are short with customers, and solve less."""
    unresolved: float = 0.12
    """Share of served contacts that did not help, with a rep who takes the time."""
    unresolved_rushed: float = 0.4
    lost_events: float = 0.0005
    """Share of abandonments that the source never reports."""
    mystery: float = 0.003
    """Share of calls that are mystery shoppers'."""
    complaints: float = 0.05
    """Share of tickets whose customer complains, if somebody has taken the ticket up by then."""

    def level(self, at: int) -> float:
        """Arrivals at an instant as a share of the peak."""
        hour = at // HOUR
        return self.hours[hour % 24] * self.weekdays[(hour // 24 + _EPOCH_WEEKDAY) % 7]

    def busier(self, factor: float) -> Profile:
        """The same operation with more arrivals, and reps and customers for them."""
        queues = tuple(
            one._replace(calls=one.calls * factor, chats=one.chats * factor, tickets=one.tickets * factor)
            for one in self.queues
        )
        return replace(self, queues=queues, customers=max(1, round(self.customers * factor)))


AROUND_THE_CLOCK = Profile(hours=(0.8,) * 24, weekdays=(1.0,) * 7)
"""A centre that is as busy whenever somebody looks at it."""


def contact_staff(load: float) -> int:
    """How many contacts must be served at once for a load in erlangs, so that some wait and few give up."""
    return ceil(load + 0.45 * sqrt(load) + 0.2)


def ticket_staff(peak_load: float, level: float) -> int:
    """How many reps work on tickets: nobody at night, else enough to work off what the night left."""
    return ceil(1.5 * peak_load * max(level, 0.4)) if level > 0.1 else 0

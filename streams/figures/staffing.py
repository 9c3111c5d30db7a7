"""How many reps a queue needs (SPEC 2.2, M40): Erlang C, or Erlang A where customers give up.

One unit throughout: seconds. Both models take arrivals and handle times as purely random, and are for a steady state.
Erlang C lets everyone wait for ever, so it asks for more reps than are needed where customers give up.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_NEGLIGIBLE = 1e-15
_LARGE = 1e150


class Load(NamedTuple):
    """What comes to a queue."""

    arrivals_per_second: float
    handle_seconds: float
    """Mean, wrap-up included."""

    @property
    def erlangs(self) -> float:
        """How many reps are busy at once on average, if everyone is served."""
        return self.arrivals_per_second * self.handle_seconds


class Staffed(NamedTuple):
    """What a number of reps can do for a load."""

    reps: int
    service_level: float
    """Share of arrivals that are answered within the threshold."""
    occupancy: float
    waiting: float
    """Share of arrivals that find nobody free."""
    abandoned: float
    """Share of arrivals that give up; 0 by Erlang C."""


def erlang_c(load: Load, reps: int, threshold_seconds: float) -> Staffed | None:
    """By Erlang C; None where the queue would grow without end."""
    offered = load.erlangs
    if offered <= 0:
        return Staffed(reps, 1.0, 0.0, 0.0, 0.0)
    if reps <= offered:
        return None
    blocked = 1.0
    for number in range(1, reps + 1):
        blocked = offered * blocked / (number + offered * blocked)
    waiting = reps * blocked / (reps - offered * (1 - blocked))
    late = waiting * exp(-(reps - offered) * threshold_seconds / load.handle_seconds)
    return Staffed(reps, 1 - late, offered / reps, waiting, 0.0)


def erlang_a(load: Load, reps: int, threshold_seconds: float, patience_seconds: float) -> Staffed:
    """By Erlang A: patience is exponential around its mean. ``reps`` must be at least 1.

    Who arrives behind ``j`` others in the queue is served after ``j + 1`` departures, at rates ``a, a + b, ...`` with
    ``a`` the rate of all services and ``b`` that of one customer's giving up. So ``exp(-b * wait)`` is distributed as
    Beta(``a / b``, ``j + 1``), which gives the share that is served in time in closed form.
    """
    arrivals, serve = load.arrivals_per_second, 1 / load.handle_seconds
    if load.erlangs <= 0:
        return Staffed(reps, 1.0, 0.0, 0.0, 0.0)
    leave = 1 / patience_seconds
    # Weights of the states, relative to that in which all are busy and nobody waits.
    total = busy = 0.0
    weight = 1.0
    for number in range(reps, 0, -1):
        weight *= number * serve / arrivals
        total += weight
        busy += weight * (number - 1)
        if weight < _NEGLIGIBLE * total:
            break
    in_time = total
    shape, edge = reps * serve / leave, exp(-leave * threshold_seconds)
    waiting = lost = below = 0.0
    term = edge ** (shape + 1)
    weight, ahead = 1.0, 0
    while weight > _NEGLIGIBLE * (total + weight):
        total += weight
        busy += weight * reps
        waiting += weight
        below += term  # distribution function of Beta(shape + 1, ahead + 1) at the edge
        in_time += weight * shape / (shape + ahead + 1) * max(0.0, 1 - below)
        lost += weight * ahead * leave / arrivals
        ahead += 1
        term *= (shape + ahead) / ahead * (1 - edge)
        weight *= arrivals / (reps * serve + ahead * leave)
        if weight > _LARGE:
            weight, total, busy, waiting, in_time, lost = (
                value / _LARGE for value in (weight, total, busy, waiting, in_time, lost)
            )
    return Staffed(reps, in_time / total, busy / total / reps, waiting / total, lost / total)


def required(goal: float, model: Callable[[int], Staffed | None]) -> Staffed:
    """The fewest reps with whom the service level reaches a goal below 1."""
    high = 1
    while not _reaches(model(high), goal):
        high *= 2
    low = high // 2
    while low + 1 < high:
        middle = (low + high) // 2
        if _reaches(model(middle), goal):
            high = middle
        else:
            low = middle
    found = model(high)
    assert found is not None  # noqa: S101 - it reached the goal
    return found


def _reaches(staffed: Staffed | None, goal: float) -> bool:
    return staffed is not None and staffed.service_level >= goal

"""What SLA clocks contribute (M60 to M66).

All of it is dated: a warning and a breach that will come if nothing else happens are items of the future. So what is
contributed does not depend on the present, and gauges change at the very instant of a deadline with no event and no
timer. When something does happen the set is another one, and the difference is taken back before it ever counted.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from streams.businesstime import NEVER
from streams.figures import sla_cells as c
from streams.figures.contributions import Item, Live
from streams.sla.clocks import OPEN, Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.figures.contributions import QueueSets
    from streams.sla.clocks import Instance, Transition

_ERASED = frozenset({"deleted", "spam"})


def add_clocks(sets: QueueSets, instances: Iterable[Instance], gone: str) -> None:
    """Add what clocks amount to.

    Args:
        sets: what is added to.
        instances: the clocks of one entity.
        gone: why the entity counts no longer, if it does not: what is deleted or spam was promised nothing, so that of
            its clocks nothing stays but that they were cancelled. What was merged keeps its breaches.
    """
    for instance in instances:
        if gone not in _ERASED:
            _breaches(sets, instance)
            _fulfilled(sets, instance)
            if instance.state in OPEN:
                _standing(sets, instance)
        if instance.state in (State.CANCELLED, State.UNPROMISED):
            _book(sets, c.CANCELLED, _last(instance, Kind.CANCELLED))


def labels_of(transition: Transition) -> c.ClockLabels:
    """Whose clock a transition belongs to."""
    promise = transition.promise
    return c.ClockLabels(promise.policy.name, transition.metric, promise.policy.mode, promise.clock)


def _book(sets: QueueSets, prefix: str, by: Transition, value: int = 1, *, at: int | None = None) -> None:
    labels = by.labels
    cell = prefix + str(labels_of(by))
    sets.items_of(labels.queue).append(
        Item(cell, labels.channel, labels.priority, by.rep, by.at if at is None else at, 0, value)
    )


def _breaches(sets: QueueSets, instance: Instance) -> None:
    """Each once; the instance counts as due when it was first breached."""
    breaches = [each for each in (*instance.transitions, *instance.ahead) if each.kind is Kind.BREACHED]
    for breach in breaches:
        _book(sets, c.BREACH, breach)
    if breaches:
        _book(sets, c.DUE, breaches[0])


def _fulfilled(sets: QueueSets, instance: Instance) -> None:
    if instance.state is not State.FULFILLED:
        return
    last = _last(instance, Kind.FULFILLED)
    if last.late:
        _book(sets, c.LATE, last)
        _book(sets, c.OVERDUE, last, max(0, last.passed - last.promise.amount))
    else:
        _book(sets, c.IN_TIME, last)
    if instance.first_breach is None:
        due = last.at if instance.due == NEVER else instance.due
        _book(sets, c.DUE, last, at=due)
        _book(sets, c.MET, last, at=due)


def _standing(sets: QueueSets, instance: Instance) -> None:
    """How an open instance stands, and how it will stand if nothing happens."""
    latest = instance.transitions[-1]
    labels = instance.labels
    by = latest._replace(at=instance.now, labels=labels, promise=instance.promise or latest.promise)
    state = str(instance.state)
    _book(sets, c.NOW[state], by)
    for change in instance.ahead:
        then = State.WARNING if change.kind is Kind.WARNED else State.BREACHED
        if then != state:
            _book(sets, c.NOW[state], by, -1, at=change.at)
            _book(sets, c.NOW[then], by, at=change.at)
            state = str(then)
    live = sets.live_of(labels.queue)
    taken = {one.state for one in live}
    deadline = next(name for earlier in count() if (name := c.deadline(labels_of(by), earlier)) not in taken)
    live.append(Live(deadline, labels.channel, labels.priority, instance.due))
    if instance.running and instance.breached_at is None:
        for within, length in c.WITHIN.items():
            since = instance.reaches(by.promise.amount - length)
            if since != NEVER:
                _book(sets, c.RISK[within], by, at=since)
                if instance.due != NEVER:
                    _book(sets, c.RISK[within], by, -1, at=instance.due)


def _last(instance: Instance, kind: Kind) -> Transition:
    return next(each for each in reversed(instance.transitions) if each.kind is kind)

"""What other policies would have done to a log: which promises would have been broken, and which no longer."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from streams.businesstime import EARLIEST
from streams.history import EMPTY, key_of, merge
from streams.pipeline.derive import clocks_of
from streams.pipeline.rules import Rules
from streams.sla.clocks import Kind
from streams.sla.model import PolicyBook
from streams.sla.promises import Policies

if TYPE_CHECKING:
    from streams.events import Entry, Event
    from streams.events import Kind as EntityKind
    from streams.figures.options import FigureOptions
    from streams.history import History
    from streams.sla.clocks import Instance, Transition


class Group(NamedTuple):
    """A queue, and one metric of what is promised there."""

    queue: str
    metric: str


class Case(NamedTuple):
    """A clock that only one of two policies says was too late."""

    entity: str
    group: Group
    at: int
    """When it was breached, in milliseconds."""


class Counts(msgspec.Struct):
    """Clocks of a group. A clock that is breached more than once, by one target after another, counts once."""

    before: int = 0
    """Clocks that the old policies start."""
    after: int = 0
    late_before: int = 0
    """Those of them that are breached."""
    late_after: int = 0
    gained: int = 0
    """Breached by the new policies only."""
    lost: int = 0
    """Breached by the old policies only."""


class Difference(NamedTuple):
    """The outcome."""

    groups: dict[Group, Counts]
    """In order of queue and metric; without those in which neither policies promise anything."""
    total: Counts
    gained: list[Case]
    """In order of time."""
    lost: list[Case]


class PolicyDiff:
    """Collects events, in any order and any number of times, and compares what two sets of policies make of them."""

    def __init__(self, old: Policies, new: Policies, options: FigureOptions) -> None:
        """Policies of a single version are taken to hold from the beginning, whenever they are to become effective."""
        self._old = Rules(options, policies=_from_the_beginning(old))
        self._new = Rules(options, policies=_from_the_beginning(new))
        self._entries: dict[tuple[EntityKind, str], list[Entry]] = defaultdict(list)
        self._top = 0

    def add(self, event: Event) -> None:
        """Take one event."""
        self._entries[event.kind, key_of(event.kind, event.entity, event.entry.time)].append(event.entry)
        self._top = max(self._top, event.entry.time)

    @property
    def last(self) -> int:
        """The time of the last event, in milliseconds."""
        return self._top

    def result(self, as_of: int | None = None) -> Difference:
        """The difference as it stood at an instant (milliseconds; default: the last event)."""
        instant = self._top if as_of is None else as_of
        groups: defaultdict[Group, Counts] = defaultdict(Counts)
        gained: list[Case] = []
        lost: list[Case] = []
        for (kind, entity), entries in self._entries.items():
            history = merge(EMPTY, (entry for entry in entries if entry.time <= instant)).history
            old, late_old = _clocks(kind, entity, history, self._old, instant)
            new, late_new = _clocks(kind, entity, history, self._new, instant)
            for group in old.values():
                groups[group].before += 1
            for group in new.values():
                groups[group].after += 1
            for key, breach in late_old.items():
                groups[_group(breach)].late_before += 1
                if key not in late_new:
                    groups[_group(breach)].lost += 1
                    lost.append(Case(f"{kind}/{entity}", _group(breach), breach.at))
            for key, breach in late_new.items():
                groups[_group(breach)].late_after += 1
                if key not in late_old:
                    groups[_group(breach)].gained += 1
                    gained.append(Case(f"{kind}/{entity}", _group(breach), breach.at))
        total = Counts(*(sum(getattr(each, key) for each in groups.values()) for key in Counts.__struct_fields__))
        return Difference(dict(sorted(groups.items())), total, sorted(gained, key=_in_time), sorted(lost, key=_in_time))


_Key = tuple[str, int]
"""Metric and number of a clock: the same of an entity whatever is promised, for it says what happened."""


def _clocks(
    kind: EntityKind, entity: str, history: History, rules: Rules, now: int
) -> tuple[dict[_Key, Group], dict[_Key, Transition]]:
    """Clocks that count and the group each is booked to; and the first breach of those that are breached by now."""
    if not history.events:
        return {}, {}
    found: dict[_Key, Group] = {}
    late: dict[_Key, Transition] = {}
    for instance in clocks_of(kind, entity, history, rules, now):
        if instance.shadow:
            continue
        key = (str(instance.metric), instance.number)
        breach = _first_breach(instance, now)
        if breach is not None:
            late[key] = breach
        # A clock is counted where it is late, so that the late ones of a queue are never more than its clocks.
        found[key] = Group((breach or instance).labels.queue, key[0])
    return found, late


def _first_breach(instance: Instance, now: int) -> Transition | None:
    told = (*instance.transitions, *instance.ahead)
    return next((each for each in told if each.kind is Kind.BREACHED and each.at <= now), None)


def _group(breach: Transition) -> Group:
    return Group(breach.labels.queue, str(breach.metric))


def _in_time(case: Case) -> tuple[Any, ...]:
    return (case.at, case)


def _from_the_beginning(policies: Policies) -> Policies:
    sets = policies.book.sets
    if len(sets) != 1:
        return policies
    return Policies(PolicyBook([msgspec.structs.replace(sets[0], effective_from=EARLIEST)]), policies.calendars)

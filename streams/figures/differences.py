"""What differs between two contribution sets, told so that as little as possible is booked and taken back.

Sets are lists in the order in which things happened, so what differs mostly stands at their end. Of a span of time
often only the end has moved: a rep was thought to stay idle for hours, and was called. Of such a span only the time
between its two ends differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from streams.figures.cells import SPLIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.figures.contributions import Item

_Beginning = tuple[str, str, str, str, int, int]


class Moved(NamedTuple):
    """A span whose end alone has moved."""

    before: Item
    after: Item
    between: Item
    """The time between the two ends."""
    times: int
    """1: it is to be booked; -1: to be taken back."""


class Difference(NamedTuple):
    """What is to be taken back, to be booked, and to be made longer or shorter."""

    gone: Sequence[Item]
    come: Sequence[Item]
    moved: Sequence[Moved]


def difference(old: Sequence[Item], new: Sequence[Item]) -> Difference:
    """What turns one set into another."""
    first, last, last_old = 0, len(new), len(old)
    shorter = min(last, last_old)
    while first < shorter and old[first] == new[first]:
        first += 1
    while last > first < last_old and old[last_old - 1] == new[last - 1]:
        last, last_old = last - 1, last_old - 1
    gone, come = old[first:last_old], new[first:last]
    return _with_moved(gone, come) if gone and come else Difference(gone, come, ())


def _with_moved(gone: Sequence[Item], come: Sequence[Item]) -> Difference:
    begun: dict[_Beginning, list[Item]] = {}
    left, rest, moved = [], [], []
    for item in gone:
        if _lasts(item):
            begun.setdefault(_beginning(item), []).append(item)
        else:
            left.append(item)
    for item in come:
        same = begun.get(_beginning(item)) if _lasts(item) else None
        if same:
            moved.append(_moved(same.pop(), item))
        else:
            rest.append(item)
    left.extend(item for same in begun.values() for item in same)
    return Difference(left, rest, moved)


def _moved(before: Item, after: Item) -> Moved:
    sooner, later = sorted((before.at, after.at))
    between = structs.replace(after, cohort=sooner, at=later)
    return Moved(before, after, between, 1 if after.at > before.at else -1)


def _lasts(item: Item) -> bool:
    return item.cell in SPLIT and item.at > item.cohort


def _beginning(span: Item) -> _Beginning:
    return span.cell, span.channel, span.priority, span.rep, span.cohort, span.value

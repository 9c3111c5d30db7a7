"""Stretches of time, and the little set algebra that calendars need of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Span(NamedTuple):
    """From ``start`` to just before ``end``, in milliseconds since the epoch, UTC."""

    start: int
    end: int


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that are sorted, not empty, and neither overlap nor touch."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            last = merged.pop()
            merged.append(Span(last.start, max(last.end, span.end)))
        else:
            merged.append(span)
    return merged


def without(spans: Iterable[Span], removed: Iterable[Span]) -> Iterator[Span]:
    """What is left of spans when others are taken out; both as :func:`union` gives them, and so is the result."""
    gaps = list(removed)
    first = 0
    for start, end in spans:
        while first < len(gaps) and gaps[first].end <= start:
            first += 1
        at = start
        for gap in gaps[first:]:
            if gap.start >= end:
                break
            if gap.start > at:
                yield Span(at, gap.start)
            at = gap.end
        if at < end:
            yield Span(at, end)


def within(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """The parts of spans that lie between two instants."""
    for span in spans:
        clipped = Span(max(span.start, start), min(span.end, end))
        if clipped.start < clipped.end:
            yield clipped

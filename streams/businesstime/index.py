"""Open time between two instants in the time of two binary searches, whatever lies between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from streams.businesstime.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence


class Index:
    """The open spans between two instants, as a list of edges and of the open time up to each of them.

    Attributes:
        start: the first instant that is indexed.
        end: the instant after the last one.
        total: open milliseconds in all.
    """

    __slots__ = ("_edges", "_passed", "end", "start", "total")

    def __init__(self, start: int, end: int, spans: Sequence[Span]) -> None:
        """``spans``: sorted, apart from each other, and within ``start`` and ``end``."""
        self.start = start
        self.end = end
        self._edges = [edge for span in spans for edge in span]
        # One entry more than edges: open time passed when so many edges are passed, were it closed from there on.
        self._passed = [0]
        total = 0
        for opens, closes in spans:
            self._passed.append(total)
            total += closes - opens
            self._passed.append(total)
        self.total = total

    def passed(self, instant: int) -> int:
        """Open milliseconds from the start of the index to an instant within it."""
        edges = self._edges
        place = bisect_right(edges, instant)
        return self._passed[place] + instant - edges[place - 1] if place & 1 else self._passed[place]

    def reached(self, amount: int) -> int | None:
        """The first instant at which so many open milliseconds have passed; None if the index has fewer.

        Args:
            amount: more than 0, counted from the start of the index.
        """
        if amount > self.total:
            return None
        place = bisect_left(self._passed, amount)
        return self._edges[place - 1] - (self._passed[place] - amount)

    def is_open(self, instant: int) -> bool:
        """Whether an instant lies in a span."""
        return bisect_right(self._edges, instant) % 2 == 1

    def span_at(self, instant: int) -> Span | None:
        """The span in which an instant lies, or the next one; None after the last."""
        first = bisect_right(self._edges, instant) & ~1
        return Span(self._edges[first], self._edges[first + 1]) if first < len(self._edges) else None

    def spans(self, start: int, end: int) -> list[Span]:
        """The spans that have some time in common with the stretch between two instants, whole."""
        edges = self._edges
        first = bisect_right(edges, start) & ~1
        after = bisect_left(edges, end)
        return [Span(edges[place], edges[place + 1]) for place in range(first, after, 2)]

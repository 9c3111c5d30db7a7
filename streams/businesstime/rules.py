"""The hours of one version of a calendar: a week, and the exceptions to it, as spans of time.

A period belongs to the local day on which it opens. A night shift that opens on Monday is Monday's to its last minute,
and a holiday on Tuesday does not end it at midnight; in turn a holiday on Monday takes the whole shift away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime.localtime import DAY_MINUTES, closing, local_date, opening
from streams.businesstime.spans import Span, union, within, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

_MARGIN = timedelta(days=2)
"""A period may begin this long before the first instant of a range: a shift of a day, and a day that clocks skip."""


class Period(NamedTuple):
    """Opening hours in minutes after the midnight of their day, by the wall clock; ``closes`` may be after midnight."""

    opens: int
    closes: int

    def __str__(self) -> str:
        """As it is written in a calendar."""
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


class Exceptions(NamedTuple):
    """What is different in some year. Days first: closed days lose their hours; days with hours have exactly those."""

    closed: frozenset[date] = frozenset()
    hours: Mapping[date, tuple[Period, ...]] = {}
    extra: tuple[Span, ...] = ()
    """Open beside the hours of the days."""
    shut: tuple[Span, ...] = ()
    """Closed whatever else is said."""


ExceptionSource = Callable[[int], Exceptions]
"""The exceptions that touch a local year."""


class Rules:
    """Weekly periods in a zone, and sources of exceptions."""

    __slots__ = ("_sources", "_week", "_years", "zone")

    def __init__(
        self, zone: ZoneInfo, week: Sequence[Sequence[Period]], sources: Sequence[ExceptionSource] = ()
    ) -> None:
        """``week``: the periods of Monday to Sunday."""
        self.zone = zone
        self._week = week
        self._sources = sources
        self._years: dict[int, Exceptions] = {}

    def open_spans(self, start: int, end: int) -> Iterator[Span]:
        """The open time between two instants, sorted, apart from each other."""
        exceptions = self._exceptions(start, end)
        spans = [span for day in self._days(start, end) for span in self._spans_of(day, exceptions)]
        spans += exceptions.extra
        return within(without(union(spans), union(exceptions.shut)), start, end)

    def day_openings(self, start: int, end: int) -> Iterator[int]:
        """For each local day on which something opens between two instants: when it first does."""
        exceptions = self._exceptions(start, end)
        extra: dict[date, list[Span]] = {}
        for span in exceptions.extra:
            extra.setdefault(local_date(self.zone, span.start), []).append(span)
        for day in self._days(start, end):
            opens = [span.start for span in (*self._spans_of(day, exceptions), *extra.get(day, ()))]
            if opens and start <= min(opens) < end:
                yield min(opens)

    def _days(self, start: int, end: int) -> Iterator[date]:
        day = local_date(self.zone, start) - _MARGIN
        last = local_date(self.zone, end) + _MARGIN
        while day <= last:
            yield day
            day += timedelta(days=1)

    def _spans_of(self, day: date, exceptions: Exceptions) -> Iterator[Span]:
        periods = exceptions.hours.get(day)
        if periods is None:
            periods = () if day in exceptions.closed else tuple(self._week[day.weekday()])
        for period in periods:
            span = Span(opening(self.zone, day, period.opens), closing(self.zone, day, period.closes))
            # Where clocks are put forward both edges may be the instant of the change: nothing is left of the period.
            if span.start < span.end:
                yield span

    def _exceptions(self, start: int, end: int) -> Exceptions:
        """All exceptions that may matter between two instants."""
        first = (local_date(self.zone, start) - _MARGIN).year
        last = (local_date(self.zone, end) + _MARGIN).year
        return combined([self._of_year(year) for year in range(first, last + 1)])

    def _of_year(self, year: int) -> Exceptions:
        if year not in self._years:
            self._years[year] = combined([source(year) for source in self._sources])
        return self._years[year]


def combined(parts: Sequence[Exceptions]) -> Exceptions:
    """Several exceptions as one."""
    return Exceptions(
        frozenset(day for part in parts for day in part.closed),
        {day: periods for part in parts for day, periods in part.hours.items()},
        tuple(span for part in parts for span in part.extra),
        tuple(span for part in parts for span in part.shut),
    )


def _clock(minutes: int) -> str:
    if minutes > DAY_MINUTES:
        minutes -= DAY_MINUTES
    return f"{minutes // 60:02}:{minutes % 60:02}"

"""Business time: how much of it passes between two instants, and when an amount of it has passed.

Instants are milliseconds since the epoch, UTC; amounts are milliseconds. Nothing in here adds to a local time: local
times only make the edges of the open spans (see :mod:`streams.businesstime.localtime`), and what is added and
subtracted are instants.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from streams.businesstime.index import Index
from streams.businesstime.localtime import DAY_MINUTES, MINUTE
from streams.businesstime.rules import Period, Rules
from streams.businesstime.spans import Span, union, within

if TYPE_CHECKING:
    from collections.abc import Sequence

EARLIEST = 0
"""The beginning of 1970, UTC: before it every calendar is closed."""
LATEST = 4_102_444_800_000
"""The beginning of 2100, UTC: from it on every calendar is closed."""
NEVER = 253_402_300_799_999
"""What stands for an instant that does not come: the last millisecond of the year 9999, which can still be printed."""

_BLOCK = 64 * DAY_MINUTES * MINUTE
"""What the index grows by: little enough to be built at once, when it is asked for."""


class Version(NamedTuple):
    """Rules and the instant from which they hold, until those of the next version do."""

    valid_from: int
    rules: Rules


class Calendar:
    """A named calendar in all its versions.

    The index of open spans is built for the time that is asked for, when it is; an object is otherwise immutable.
    """

    __slots__ = ("_index", "_openings", "digest", "name", "versions")

    def __init__(self, name: str, versions: Sequence[Version], digest: str = "") -> None:
        """Nothing is worked out yet.

        Args:
            name: what documents call it.
            versions: at least one, in the order of their validity; the first one holds from the beginning.
            digest: content hash of what it was made from: another one for other rules.
        """
        self.name = name
        self.digest = digest
        self.versions = tuple(versions)
        self._index = Index(EARLIEST, EARLIEST, ())
        self._openings: tuple[Index, list[int]] | None = None

    def elapsed(self, start: int, end: int) -> int:
        """Business milliseconds between two instants; negative if the end is before the start."""
        index = self._index
        if not (index.start <= start < index.end and index.start <= end < index.end):
            start, end = _within_range(start), _within_range(end)
            index = self._covering(start, end)
        return index.passed(end) - index.passed(start)

    def due(self, start: int, amount: int) -> int:
        """The earliest instant, not before the start, at which so much business time has passed since the start.

        An amount of 0 is due at the start itself, open or not. So ``due(start, elapsed(start, t)) <= t`` always.

        Args:
            start: where the amount begins to count.
            amount: business milliseconds, 0 or more.

        Returns:
            The instant, or :data:`NEVER` if the calendar has less open time before :data:`LATEST`.

        Raises:
            ValueError: the amount is negative.
        """
        if amount < 0:
            message = f"an amount of business time must not be negative, not {amount}"
            raise ValueError(message)
        if amount == 0:
            return start
        begin = _within_range(start)
        index = self._covering(begin, begin)
        while (instant := index.reached(index.passed(begin) + amount)) is None:
            if index.end == LATEST:
                return NEVER
            index = self._longer(index)
        return instant

    def is_open(self, instant: int) -> bool:
        """Whether business time passes at an instant."""
        return EARLIEST <= instant < LATEST and self._covering(instant, instant).is_open(instant)

    def next_open(self, instant: int) -> int:
        """The first instant, not before the given one, at which the calendar is open; :data:`NEVER` if none is."""
        span = self._span_at(instant)
        return NEVER if span is None else max(span.start, instant)

    def next_close(self, instant: int) -> int:
        """When the calendar closes that is open now or opens next; :data:`NEVER` if it does not close."""
        span = self._span_at(instant)
        return NEVER if span is None or span.end == LATEST else span.end

    def periods(self, start: int, end: int) -> list[Span]:
        """The open spans between two instants, clipped to them: the segments of which ``elapsed`` is the sum."""
        if start >= end:
            return []
        first, last = _within_range(start), _within_range(end)
        return list(within(self._covering(first, last).spans(first, last), start, end))

    def version_at(self, instant: int) -> int:
        """The number, from 1, of the version that holds at an instant."""
        return max(1, bisect_right(self.versions, instant, key=lambda version: version.valid_from))

    def business_days(self, start: int, days: int) -> int:
        """The amount of business time that so many business days are, counted from an instant.

        A business day begins when something first opens on a local day and lasts until the next one begins. The amount
        leads from the start (or the next opening, if it is closed then) into the day that is so many business days
        later, until as much of that day has passed as of the first day at the start; at most to the end of that day.

        Args:
            start: the instant.
            days: business days, 1 or more.

        Returns:
            Milliseconds, to be given to :meth:`due`; more than any calendar has if there are not so many days.
        """
        begin = self.next_open(start)
        if begin == NEVER:
            return NEVER
        openings = self._openings_until(begin, days)
        today = bisect_right(openings, begin) - 1
        if today + days >= len(openings):
            return NEVER
        that_day = openings[today + days]
        ends = openings[today + days + 1] if today + days + 1 < len(openings) else LATEST
        # The very first day may have begun before the range of years.
        done = self.elapsed(openings[today], begin) if today >= 0 else 0
        return self.elapsed(begin, that_day) + min(done, self.elapsed(that_day, ends))

    def _span_at(self, instant: int) -> Span | None:
        """The span in which an instant lies or the next one, to its true end."""
        begin = _within_range(instant)
        index = self._covering(begin, begin)
        while True:
            span = index.span_at(begin)
            # What ends where the index ends may go on.
            if index.end == LATEST or (span is not None and span.end < index.end):
                return span
            index = self._longer(index)

    def _openings_until(self, begin: int, days: int) -> list[int]:
        """When business days begin: the one that holds ``begin``, and one more than asked for after it."""
        index = self._covering(begin, begin)
        openings = self._openings_in(index)
        while index.start > EARLIEST and not (openings and openings[0] <= begin):
            index = self._covering(index.start - 1, begin)
            openings = self._openings_in(index)
        while index.end < LATEST and len(openings) - bisect_right(openings, begin) <= days:
            index = self._longer(index)
            openings = self._openings_in(index)
        return openings

    def _longer(self, index: Index) -> Index:
        """The index, grown to about twice its length, so that a long search costs no more than its last step."""
        return self._covering(index.start, index.end + index.end - index.start)

    def _openings_in(self, index: Index) -> list[int]:
        if self._openings is None or self._openings[0] is not index:
            openings: set[int] = set()
            for version, start, end in self._validities(index.start, index.end):
                for instant in version.rules.day_openings(start, end):
                    # A day that timed closings leave nothing of begins when the next one does: it is none.
                    span = index.span_at(instant)
                    if span is not None:
                        openings.add(max(span.start, instant))
            self._openings = (index, sorted(openings))
        return self._openings[1]

    def _covering(self, first: int, last: int) -> Index:
        """The index, grown to whole blocks so that it holds both instants, of which either may be the earlier."""
        index = self._index
        first, last = min(first, last, LATEST - 1), min(max(first, last), LATEST - 1)
        if index.start <= first and last < index.end:
            return index
        start, end = first - first % _BLOCK, min(last - last % _BLOCK + _BLOCK, LATEST)
        if index.start == index.end:
            known = self._spans(start, end)
        else:
            start, end = min(start, index.start), max(end, index.end)
            known = index.spans(index.start, index.end)
            known = [*self._spans(start, index.start), *known, *self._spans(index.end, end)]
        self._index = Index(start, end, union(known))
        return self._index

    def _spans(self, start: int, end: int) -> list[Span]:
        return [
            span
            for version, first, last in self._validities(start, end)
            for span in version.rules.open_spans(first, last)
        ]

    def _validities(self, start: int, end: int) -> list[tuple[Version, int, int]]:
        """The versions that hold between two instants, and between which."""
        ends = [*(version.valid_from for version in self.versions[1:]), LATEST]
        held = [
            (version, start if place == 0 else max(start, version.valid_from), min(end, ends[place]))
            for place, version in enumerate(self.versions)
        ]
        return [(version, first, last) for version, first, last in held if first < last]


def _within_range(instant: int) -> int:
    """The instant, or the nearest one that calendars know: nothing is open beyond it."""
    return min(max(instant, EARLIEST), LATEST)


def always_open(name: str = "24x7") -> Calendar:
    """A calendar that never closes, with business days from midnight to midnight, UTC."""
    return Calendar(name, [Version(EARLIEST, Rules(ZoneInfo("UTC"), [[Period(0, DAY_MINUTES)]] * 7))])

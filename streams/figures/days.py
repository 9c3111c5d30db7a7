"""Days of a queue: from one local midnight to the next, 23 or 25 hours long where clocks change.

A day begins at the first instant at which the wall clock shows its date, so days follow each other without gap or
overlap even where a midnight does not exist or comes twice. Windows are made of whole minutes, and so are days: where
midnight is not on a whole minute (some zones before 1972), its minute belongs to the new day. A date that a zone
skipped is no day.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from streams.businesstime.localtime import local_date, opening
from streams.businesstime.problems import nearest

MINUTE = 60_000
_ONE = timedelta(days=1)
_HOUR = 3_600_000


class Day(NamedTuple):
    """A local day; both limits are milliseconds since the epoch."""

    date: date
    start: int
    end: int
    """Exclusive: the start of the next day."""


class LocalDays:
    """The days of one time zone."""

    def __init__(self, zone: str) -> None:
        """``zone``: a checked name of the time zone database."""
        self._zone = ZoneInfo(zone)
        self._starts: dict[date, int] = {}
        self._whole: dict[int, Day] = {}
        """Hours since the epoch to the day that holds all of them."""

    def day_of(self, instant: int) -> Day:
        """The day that holds an instant (milliseconds)."""
        hour = instant // _HOUR
        found = self._whole.get(hour)
        if found is None:
            found = self._find(instant)
            if found.start <= hour * _HOUR and (hour + 1) * _HOUR <= found.end:
                self._whole[hour] = found
        return found

    def before(self, day: Day) -> Day:
        """The last day before another."""
        return self.day_of(day.start - MINUTE)

    def _find(self, instant: int) -> Day:
        here = local_date(self._zone, instant)
        # The wall clock may show yesterday's date once more after midnight: the new day has begun all the same.
        while (end := self._start(here + _ONE)) <= instant:
            here += _ONE
        return Day(here, self._start(here), end)

    def _start(self, day: date) -> int:
        found = self._starts.get(day)
        if found is None:
            found = self._starts[day] = opening(self._zone, day, 0) // MINUTE * MINUTE
        return found


@lru_cache
def days_of(zone: str) -> LocalDays:
    """The days of a zone; always the same object.

    Raises:
        ValueError: no such zone; names it, and the nearest known one.
    """
    if wrong := wrong_zone(zone):
        msg = f"{zone!r}: {wrong}"
        raise ValueError(msg)
    return LocalDays(zone)


@lru_cache
def wrong_zone(zone: str) -> str:
    """What is wrong with the name of a zone; empty if nothing is."""
    known = available_timezones() if zone != "UTC" else {"UTC"}
    if zone in known:
        return ""
    hint = nearest(zone, sorted(known))
    return f"must be a time zone such as Europe/Rome; {hint}"

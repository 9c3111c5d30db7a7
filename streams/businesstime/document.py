"""Calendars as typed structs: what a document says, checked word by word but not yet compiled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from streams.businesstime.public_holidays import PublicHolidays
    from streams.businesstime.rules import Period
    from streams.problems import Path

Week = tuple[tuple["Period", ...], ...]
"""The periods of Monday to Sunday."""

_LEAP_YEAR = 2000


class SpecialDays(msgspec.Struct, frozen=True, kw_only=True):
    """One day or several in a row; once, or every year."""

    path: Path
    first: date
    last: date
    yearly: bool = False
    """Whether the year of ``first`` and ``last`` means nothing."""
    hours: tuple[Period, ...] = ()
    """Of closed days: the hours that they are closed, if not all day. Of open ones: the hours that they are open."""

    @property
    def first_written(self) -> str:
        """The first day as it is written in a document."""
        return f"{self.first:%m-%d}" if self.yearly else str(self.first)

    def of_year(self, year: int) -> Iterator[date]:
        """The days that lie in a year; there is no 29 February in most."""
        day = max(self.first, date(_LEAP_YEAR if self.yearly else year, 1, 1))
        last = min(self.last, date(_LEAP_YEAR if self.yearly else year, 12, 31))
        while day <= last:
            if not self.yearly:
                yield day
            elif (day.month, day.day) != (2, 29) or _is_leap(year):
                yield day.replace(year=year)
            day += timedelta(days=1)


class CalendarFile(msgspec.Struct, frozen=True, kw_only=True):
    """An iCalendar file and what its events mean."""

    path: Path
    file: str
    opens: bool
    """Whether its events are open time; otherwise they are closed time."""


class VersionDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a calendar from some instant on."""

    valid_from: int
    """Milliseconds since the epoch."""
    zone: ZoneInfo
    week: Week
    holidays: tuple[PublicHolidays, ...] = ()
    closed: tuple[SpecialDays, ...] = ()
    open: tuple[SpecialDays, ...] = ()
    icalendar: tuple[CalendarFile, ...] = ()


class CalendarDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar in all its versions."""

    name: str
    versions: tuple[VersionDocument, ...]


def _is_leap(year: int) -> bool:
    return date(year, 12, 31).timetuple().tm_yday == 366

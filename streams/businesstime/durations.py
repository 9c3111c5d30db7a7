"""Durations as people write them: ``24h``, ``8bh``, ``1bd``. No other unit, for every other one means two things."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from streams.businesstime.calendar import NEVER

if TYPE_CHECKING:
    from streams.businesstime.calendar import Calendar

HOUR = 3_600_000
MINUTE = 60_000

_FORM = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|[0-9]+:[0-5][0-9])\s?(?P<unit>[A-Za-z]*)")
_LONGEST = 100_000
"""Hours, or days: more than a calendar knows of, less than what overflows anything."""

_OTHER_MINUTES = ("m", "min", "mins", "minute", "minutes")
_OTHER_UNITS = (
    (("",), "needs a unit"),
    (("s", "sec", "secs", "second", "seconds"), "seconds are too fine: the least is a minute, 0:01h or 0:01bh"),
    (("hr", "hrs", "hour", "hours"), "hours do not say by which clock: write {number}h or {number}bh"),
    (
        ("d", "day", "days"),
        "a day is 24 hours to some and the working hours to others: write 24h, 1bd, or hours in bh",
    ),
    (("w", "wk", "week", "weeks"), "a week is 168 hours to some and the working days to others: write 168h, or 5bd"),
)
"""What people write, and why it is not taken."""
_KNOWN = "units are h (hours by the clock), bh (business hours) and bd (business days)"


class Unit(StrEnum):
    """What a duration counts."""

    HOURS = "h"
    BUSINESS_HOURS = "bh"
    BUSINESS_DAYS = "bd"


class DurationError(ValueError):
    """Text that is not a duration; says why, and what to write instead."""


class Duration(msgspec.Struct, frozen=True):
    """An amount of clock time, of business time, or of business days."""

    unit: Unit
    amount: int
    """Milliseconds; of business days, their number."""

    def __str__(self) -> str:
        """As :func:`parse_duration` reads it."""
        if self.unit is Unit.BUSINESS_DAYS:
            return f"{self.amount}{self.unit}"
        hours, minutes = divmod(self.amount // MINUTE, 60)
        return f"{hours}:{minutes:02}{self.unit}" if minutes else f"{hours}{self.unit}"

    @property
    def is_business(self) -> bool:
        """Whether it runs by a calendar."""
        return self.unit is not Unit.HOURS

    def milliseconds(self, calendar: Calendar, start: int) -> int:
        """The milliseconds that it comes to: business milliseconds if it runs by a calendar, else by the clock.

        Args:
            calendar: by which a duration in business days is counted; others do not need it.
            start: when it begins, for how long a business day is depends on the day.
        """
        if self.unit is Unit.BUSINESS_DAYS:
            return calendar.business_days(start, self.amount)
        return self.amount

    def due(self, calendar: Calendar, start: int) -> int:
        """When it is over that begins at an instant; :data:`streams.businesstime.calendar.NEVER` if it never is."""
        amount = self.milliseconds(calendar, start)
        return calendar.due(start, amount) if self.is_business else min(start + amount, NEVER)


def parse_duration(text: str) -> Duration:
    """A duration from text such as ``24h``, ``1.5bh``, ``0:20h`` (twenty minutes) or ``1bd``.

    Raises:
        DurationError: another unit, no unit, several units, not whole minutes, or not more than 0.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise DurationError(_malformed(text.strip()))
    number, unit = found["number"], found["unit"]
    if unit not in set(Unit):
        raise DurationError(_unknown_unit(number, unit))
    amount = _days(number) if unit == Unit.BUSINESS_DAYS else _minutes(number) * MINUTE
    if not 0 < amount <= (_LONGEST if unit == Unit.BUSINESS_DAYS else _LONGEST * HOUR):
        message = f"must be more than 0 and at most {_LONGEST}{unit}"
        raise DurationError(message)
    return Duration(Unit(unit), amount)


def _days(number: str) -> int:
    if not number.isdecimal():
        message = "business days must be whole: days differ in length, so write part of one in bh"
        raise DurationError(message)
    return int(number)


def _minutes(number: str) -> int:
    """Minutes of hours written as ``1``, ``1.5`` or ``1:30``."""
    whole, colon, rest = number.partition(":")
    if colon:
        return int(whole) * 60 + int(rest)
    whole, _, rest = number.partition(".")
    scale: int = 10 ** len(rest)
    minutes, left = divmod(int(whole + rest) * 60, scale)
    if left:
        nearest = f"{minutes // 60}:{minutes % 60:02}"
        message = f"must come to whole minutes; write hours and minutes, such as {nearest}h"
        raise DurationError(message)
    return minutes


def _unknown_unit(number: str, written: str) -> str:
    unit = written.lower()
    if unit in set(Unit):
        return f"units are written in small letters: {number}{unit}"
    if unit in _OTHER_MINUTES:
        return _as_hours(number)
    rule = next((rule for words, rule in _OTHER_UNITS if unit in words), "unknown unit {written!r}")
    return f"{rule.format(number=number, written=written)}; {_KNOWN}"


def _as_hours(minutes: str) -> str:
    such_as = "" if minutes.isdecimal() else "hours and minutes, such as "
    whole = int(minutes) if minutes.isdecimal() else 30
    written = f"{whole // 60}:{whole % 60:02}"
    return f"minutes do not say by which clock: write {such_as}{written}h or {written}bh"


def _malformed(text: str) -> str:
    if len(re.findall(r"[0-9:.]+\s?[A-Za-z]+", text)) > 1:
        return "must be one number and one unit; write 1:30h for an hour and a half"
    return f"must be a number and a unit, such as 24h, 8bh, 0:30bh or 1bd; {_KNOWN}"

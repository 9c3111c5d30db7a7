"""From the wall clock to the time line: when a period opens and closes, in milliseconds since the epoch, UTC.

The wall clock is used for this and nothing else. Where clocks change, one rule decides, and it has no special cases:
a period opens at the first instant at which the wall clock shows its opening time or later, and closes after the last
instant at which the wall clock shows less than its closing time. So a time that does not exist (clocks were put
forward) is the instant of the change, and of a time that occurs twice (clocks were put back) an opening means the first
occurrence and a closing the second.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MINUTE = 60_000
DAY_MINUTES = 24 * 60

_MILLI = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()


def opening(zone: ZoneInfo, day: date, minutes: int) -> int:
    """When something opens that opens so many minutes after the midnight of a local day, by the wall clock."""
    first, second, wall = _readings(zone, day, minutes)
    return first if first <= second else _change(zone, second, first, wall)


def closing(zone: ZoneInfo, day: date, minutes: int) -> int:
    """When something closes that closes so many minutes after the midnight of a local day, by the wall clock."""
    first, second, wall = _readings(zone, day, minutes)
    return second if first <= second else _change(zone, second, first, wall)


def local_date(zone: ZoneInfo, instant: int) -> date:
    """The date that the calendars on the wall show at an instant (milliseconds)."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone).date()


def year_start(year: int) -> int:
    """The first millisecond of a year, UTC."""
    return (date(year, 1, 1).toordinal() - _EPOCH_ORDINAL) * DAY_MINUTES * MINUTE


def year_of(instant: int) -> int:
    """The year of an instant (milliseconds), UTC."""
    return (_EPOCH + timedelta(milliseconds=instant)).year


def millis(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware time; what is below a millisecond is cut off."""
    return (moment.astimezone(UTC) - _EPOCH) // _MILLI


def _readings(zone: ZoneInfo, day: date, minutes: int) -> tuple[int, int, int]:
    """The wall time read with the offset before and after a change of clocks; and as if it were UTC."""
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    wall = (day.toordinal() - _EPOCH_ORDINAL) * DAY_MINUTES * MINUTE + minutes * MINUTE
    return wall - _offset(local), wall - _offset(local.replace(fold=1)), wall


def _change(zone: ZoneInfo, before: int, after: int, wall: int) -> int:
    """The first instant of a range at which the wall clock shows ``wall`` or later: that of the change within it."""

    def shown(instant: int) -> int:
        return instant + _offset((_EPOCH + timedelta(milliseconds=instant)).astimezone(zone))

    return before + bisect_left(range(before, after), wall, key=shown)


def _offset(local: datetime) -> int:
    """The offset from UTC in milliseconds."""
    return (local.utcoffset() or timedelta()) // _MILLI

"""From the wall clock to the time line: when a period opens and closes, in milliseconds since the epoch, UTC.

The wall clock is used for this and nothing else. Where clocks change, one rule decides, and it has no special cases:
a period opens at the first instant at which the wall clock shows its opening time or later, and closes after the last
instant at which the wall clock shows less than its closing time. So a time that does not exist (clocks were put
forward) is the instant of the change, and of a time that occurs twice (clocks were put back) an opening means the first
occurrence and a closing the second. Only the very time that clocks are put back to closes when it is first reached, for
they show nothing earlier afterwards: a shift until 24:00 is not an hour longer where midnight comes twice.
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
    return _instants(zone, day, minutes)[0]


def closing(zone: ZoneInfo, day: date, minutes: int) -> int:
    """When something closes that closes so many minutes after the midnight of a local day, by the wall clock."""
    return _instants(zone, day, minutes)[1]


def local_date(zone: ZoneInfo, instant: int) -> date:
    """The date that the calendars on the wall show at an instant (milliseconds)."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone).date()


def millis(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware time; what is below a millisecond is cut off."""
    return (moment.astimezone(UTC) - _EPOCH) // _MILLI


def _instants(zone: ZoneInfo, day: date, minutes: int) -> tuple[int, int]:
    """The instants that a wall time means for an opening and for a closing."""
    wall = (day.toordinal() - _EPOCH_ORDINAL) * DAY_MINUTES * MINUTE + minutes * MINUTE
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    first = wall - _in_millis(before)
    if before == after:
        return first, first
    second = wall - _in_millis(after)
    if first < second:
        return first, first if _offset_at(zone, second - 1) == before else second
    change = _change(zone, second, first, wall)
    return change, change


def _change(zone: ZoneInfo, before: int, after: int, wall: int) -> int:
    """The first instant of a range at which the wall clock shows ``wall`` or later: that of the change within it."""

    def shown(instant: int) -> int:
        return instant + _in_millis(_offset_at(zone, instant))

    return before + bisect_left(range(before, after), wall, key=shown)


def _offset_at(zone: ZoneInfo, instant: int) -> timedelta | None:
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone).utcoffset()


def _in_millis(offset: timedelta | None) -> int:
    return (offset or timedelta()) // _MILLI

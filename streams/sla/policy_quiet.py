"""The hours of calendars and of weekly blackouts as time intervals of Alertmanager, so that messages wait.

Alertmanager knows weekly hours in a zone and single dates, no holidays. So the usual week is told as such, and every
day of the year ahead that is different is told by its date: what opens then is added, what is closed is muted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime.localtime import DAY_MINUTES, MINUTE, opening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from streams.businesstime import Calendar
    from streams.sla.policy_document import WeeklyBlackout

DAYS_AHEAD = 400
"""For how many days holidays are told: generate the routes anew once a year."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Hours = tuple[tuple[int, int], ...]
"""Open periods of one day: minutes after its midnight by the wall clock."""
Interval = dict[str, object]


class Quiet(NamedTuple):
    """A calendar to Alertmanager: what it sends in, and what it is silent in whatever else is said."""

    active: list[Interval]
    muted: list[Interval]


def quiet(calendar: Calendar, today: date) -> Quiet:
    """The intervals of a calendar.

    Args:
        calendar: the calendar.
        today: the first day that is told by its date.
    """
    zone = calendar.versions[-1].rules.zone
    days = {day: _hours(calendar, zone, day) for day in (today + timedelta(days=n) for n in range(DAYS_AHEAD))}
    by_weekday: dict[int, Counter[Hours]] = defaultdict(Counter)
    for day, hours in days.items():
        by_weekday[day.weekday()][hours] += 1
    usual = {weekday: hours.most_common(1)[0][0] for weekday, hours in by_weekday.items()}
    different = {day: hours for day, hours in days.items() if hours != usual[day.weekday()]}
    active = [*_weekly(usual, zone), *_dated(different, zone)]
    muted = [*_dated({day: _complement(hours) for day, hours in different.items()}, zone)]
    return Quiet(active, muted)


def blackout_hours(blackout: WeeklyBlackout) -> list[Interval]:
    """The intervals of a weekly blackout: every instant at which the wall clock of its zone shows one of its hours."""
    days: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for weekday, periods in enumerate(blackout.week):
        for period in periods:
            days[weekday].add((period.opens, min(period.closes, DAY_MINUTES)))
            if period.closes > DAY_MINUTES:
                days[(weekday + 1) % 7].add((0, period.closes - DAY_MINUTES))
    return [*_weekly({weekday: tuple(sorted(hours)) for weekday, hours in days.items()}, blackout.zone)]


def _hours(calendar: Calendar, zone: ZoneInfo, day: date) -> Hours:
    """Open periods in whole minutes; one that begins or ends within a minute has all of it."""
    midnight, next_midnight = opening(zone, day, 0), opening(zone, day + timedelta(days=1), 0)
    found = []
    for span in calendar.periods(midnight, next_midnight):
        end = -(-span.end // MINUTE) * MINUTE
        found.append((_wall(zone, span.start), DAY_MINUTES if end >= next_midnight else _wall(zone, end)))
    return tuple(found)


def _wall(zone: ZoneInfo, instant: int) -> int:
    shown = datetime.fromtimestamp(instant // 1000, UTC).astimezone(zone)
    return shown.hour * 60 + shown.minute


def _complement(hours: Hours) -> Hours:
    """The rest of the day."""
    edges = [0, *(edge for period in hours for edge in period), DAY_MINUTES]
    return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def _weekly(usual: Mapping[int, Hours], zone: ZoneInfo) -> Iterator[Interval]:
    """Weekdays with the same hours together."""
    same: dict[Hours, list[int]] = {}
    for weekday in sorted(usual):
        if usual[weekday]:
            same.setdefault(usual[weekday], []).append(weekday)
    for hours, weekdays in same.items():
        ranges = [_range(_WEEKDAYS[first], _WEEKDAYS[last]) for first, last in _runs(weekdays)]
        yield {"weekdays": ranges, **_times(hours), "location": zone.key}


def _dated(days: Mapping[date, Hours], zone: ZoneInfo) -> Iterator[Interval]:
    """Dates of a month with the same hours together; days without any are left out."""
    same: dict[tuple[int, int, Hours], list[int]] = {}
    for day, hours in days.items():
        if hours:
            same.setdefault((day.year, day.month, hours), []).append(day.day)
    for (year, month, hours), numbers in same.items():
        dates = [_range(f"{first}", f"{last}") for first, last in _runs(numbers)]
        yield {
            "years": [f"{year}"], "months": [f"{month}"], "days_of_month": dates, **_times(hours), "location": zone.key,
        }  # fmt: skip


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}:{last}"


def _times(hours: Hours) -> dict[str, object]:
    if hours == ((0, DAY_MINUTES),):
        return {}
    return {"times": [{"start_time": _clock(start), "end_time": _clock(end)} for start, end in hours]}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted numbers as ranges of consecutive ones."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found

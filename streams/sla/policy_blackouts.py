"""Reads the blackouts of a policy file: once, from an instant to another one, or in the same hours of every week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.businesstime.localtime import DAY_MINUTES
from streams.businesstime.reading_hours import read_week, read_zone
from streams.sla import policy_words as words
from streams.sla.policy_document import Blackout, WeeklyBlackout
from streams.sla.policy_values import read_instant, read_optional, read_some_names, read_table

if TYPE_CHECKING:
    from streams.businesstime.document import Week
    from streams.businesstime.problems import Reading
    from streams.problems import Path

_WEEK_MINUTES = 7 * DAY_MINUTES
_SUCH_AS = "such as {sun: 02:00-04:00, mon-fri: 23:30-00:30}"


def read_blackouts(
    reading: Reading, path: Path, value: object, names: tuple[str, ...]
) -> list[Blackout | WeeklyBlackout]:
    """All of a file; ``names``: the policies that they may be for."""
    return [
        _blackout(reading, (*path, number) if isinstance(value, list) else path, each, names)
        for number, each in enumerate(reading.items(value))
    ]


def _blackout(reading: Reading, path: Path, value: object, names: tuple[str, ...]) -> Blackout | WeeklyBlackout:
    weekly = isinstance(value, dict) and any(key in value for key in words.BLACKOUT_WEEKLY)
    required, other = words.BLACKOUT_ONCE, words.BLACKOUT_WEEKLY
    if weekly:
        required, other = other, required
    said = read_table(reading, path, value, words.BLACKOUT, required, "{from: 2027-01-01, to: 2027-01-02}")
    for key in other:
        if key in said:
            rule = f"has no meaning beside weekly: its days and hours are a table {_SUCH_AS}"
            reading.problem((*path, key), said[key], rule)
    read_optional(reading, path, said, "because")
    policies = read_some_names(reading, (*path, "policies"), said["policies"], names) if "policies" in said else ()
    if weekly:
        week = _week(reading, (*path, "weekly"), said["weekly"]) if "weekly" in said else ((),) * 7
        zone = read_zone(reading, (*path, "zone"), said.get("zone", "UTC"))
        return WeeklyBlackout(week=week, zone=zone, policies=policies)
    start, end = (read_instant(reading, (*path, key), said[key]) if key in said else None for key in ("from", "to"))
    if start is not None and end is not None and end <= start:
        reading.problem((*path, "to"), said["to"], "must be later than 'from'")
    return Blackout(start=start or 0, end=end or 0, policies=policies)


def _week(reading: Reading, path: Path, value: object) -> Week:
    if not isinstance(value, dict) or not value:
        reading.problem(path, value, f"must be a table of days and hours {_SUCH_AS}")
        return ((),) * 7
    week = read_week(reading, path, value)
    if _covers_all(week):
        rule = "leaves no time in which anything fires: for policies that page nobody there is mode: shadow"
        reading.problem(path, value, rule)
    return week


def _covers_all(week: Week) -> bool:
    """Whether no minute of the week is left."""
    covered = {
        (day * DAY_MINUTES + minute) % _WEEK_MINUTES
        for day, periods in enumerate(week)
        for period in periods
        for minute in range(period.opens, period.closes)
    }
    return len(covered) == _WEEK_MINUTES

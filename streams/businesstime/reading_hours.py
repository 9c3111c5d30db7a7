"""Reads the hours of a calendar: zones, weeks, periods, days and dates."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from streams.businesstime.document import SpecialDays, Week
from streams.businesstime.localtime import DAY_MINUTES
from streams.businesstime.problems import nearest
from streams.businesstime.rules import Period

if TYPE_CHECKING:
    from streams.businesstime.problems import Reading
    from streams.problems import Path
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = Period(0, DAY_MINUTES)

_PERIOD = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s?-\s?([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_YEARLY = re.compile(r"\d\d-\d\d", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ALWAYS = "always"


def read_zone(reading: Reading, path: Path, value: object) -> ZoneInfo:
    """A time zone by its IANA name; UTC after a problem."""
    name = reading.text(path, value)
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, KeyError):
        hint = nearest(name, sorted(available_timezones()))
        reading.problem(path, name, f"must be an IANA zone such as Europe/Berlin; {hint}")
        return ZoneInfo("UTC")


def read_week(reading: Reading, path: Path, value: object) -> Week:
    """The periods of Monday to Sunday: a table from days to hours, or ``always``."""
    if value == _ALWAYS:
        return ((WHOLE_DAY,),) * 7
    if not isinstance(value, dict):
        rule = f"must be {_ALWAYS!r}, or a table such as mon-fri: 09:00-17:00"
        reading.problem(path, value, "is required: " + rule if value is None else rule)
        return ((),) * 7
    week: dict[int, tuple[Period, ...]] = {}
    for key, hours in reading.table(path, value).items():
        here = (*path, key)
        periods = read_periods(reading, here, hours)
        for day in _weekdays(reading, here, key):
            if day in week:
                reading.problem(here, key, f"{DAYS[day]} stands twice")
            week[day] = periods
    return tuple(week.get(day, ()) for day in range(7))


def read_periods(reading: Reading, path: Path, value: object) -> tuple[Period, ...]:
    """One or several periods of a day, sorted; at least one."""
    items = reading.items(value)
    if not items:
        reading.problem(path, value, "must be hours such as 09:00-17:00; leave out days without any")
    found: list[Period] = []
    for place, item in enumerate(items):
        here = (*path, place) if isinstance(value, list) else path
        period = _period(reading, here, item)
        if period is None:
            continue
        other = next((each for each in found if each.opens < period.closes and period.opens < each.closes), None)
        if other is None:
            found.append(period)
        else:
            reading.problem(here, item, f"overlaps {other} of the same day")
    return tuple(sorted(found))


def read_days(reading: Reading, path: Path, value: object, *, opens: bool) -> SpecialDays | None:
    """A closed or open day, or several in a row; None after a problem that leaves no days."""
    if not isinstance(value, dict):
        value = {"date": value}
    entry = reading.table(path, value, ("date", "from", "to", "hours", "because"))
    span = _range(reading, path, entry)
    hours: tuple[Period, ...] = ()
    if opens or entry.get("hours") is not None:
        hours = read_periods(reading, (*path, "hours"), entry.get("hours"))
    if "because" in entry:
        reading.text((*path, "because"), entry["because"])
    if span is None:
        return None
    first, last, yearly = span
    return SpecialDays(path=path, first=first, last=last, yearly=yearly, hours=hours)


def read_date(text: str) -> date | None:
    """A date such as 2026-12-24; None if it is none."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _period(reading: Reading, path: Path, item: object) -> Period | None:
    found = _PERIOD.fullmatch(item) if isinstance(item, str) else None
    if found is None:
        reading.problem(path, item, "must be a period such as 09:00-17:00 or, over midnight, 22:00-06:00")
        return None
    opens, closes = (int(found[place]) * 60 + int(found[place + 1]) for place in (1, 3))
    if opens >= DAY_MINUTES or closes > DAY_MINUTES:
        reading.problem(path, item, "must begin by 23:59 and end by 24:00")
        return None
    if opens == closes:
        reading.problem(path, item, "begins when it ends; a whole day is 00:00-24:00")
        return None
    return Period(opens, closes if closes > opens else closes + DAY_MINUTES)


def _weekdays(reading: Reading, path: Path, key: str) -> list[int]:
    """The days that a key such as ``mon``, ``mon-fri`` or ``fri-mon`` names."""
    names = [part.strip() for part in key.split("-")]
    for name in names:
        if name not in DAYS:
            reading.problem(path, key, f"must be a day or a range of days such as mon-fri; {nearest(name, DAYS)}")
            return []
    if len(names) > 2:
        reading.problem(path, key, "must be a day or a range of days such as mon-fri")
        return []
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _range(reading: Reading, path: Path, entry: dict[str, object]) -> tuple[date, date, bool] | None:
    """First day, last day, and whether they are of every year."""
    single = "date" in entry
    if single == ("from" in entry or "to" in entry):
        reading.problem(path, entry, "must have either a date, or from and to")
        return None
    written = {key: entry.get(key) for key in (("date",) if single else ("from", "to"))}
    ends: list[date] = []
    for key, text in written.items():
        day = _day(text)
        if day is None:
            rule = "must be a date such as 2026-12-24 or, for every year, 12-24"
            reading.problem((*path, key), text, "is required" if text is None else rule)
            return None
        ends.append(day)
    first, last = ends[0], ends[-1]
    kinds = {_is_yearly(text) for text in written.values()}
    if len(kinds) > 1:
        reading.problem((*path, "to"), written["to"], "must have a year if 'from' has one, and none if it has none")
        return None
    yearly = kinds.pop()
    if last < first:
        hint = "; a range over the new year is two" if yearly else ""
        reading.problem((*path, "to"), written["to"], f"must not be before 'from'{hint}")
        return None
    return first, last, yearly


def _is_yearly(text: object) -> bool:
    return isinstance(text, str) and _YEARLY.fullmatch(text) is not None


def _day(text: object) -> date | None:
    """A date; of one without a year, that of a leap year."""
    if not isinstance(text, str):
        return None
    return read_date(f"2000-{text}" if _is_yearly(text) else text)

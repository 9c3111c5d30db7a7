"""Closed or open time from iCalendar text (RFC 5545).

Taken are the events (VEVENT) of the file: all-day ones and timed ones, once or recurring by RRULE, RDATE and EXDATE,
with single occurrences moved or cancelled by RECURRENCE-ID. Times without a zone are in that of the calendar. Cancelled
events are left out. Whether an event counts as busy (TRANSP) does not matter: public holidays are mostly published as
free time. Not taken, but refused: a rule that repeats within a day, and a change of this and all future occurrences.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import icalendar
from dateutil.rrule import rruleset, rrulestr

from streams.businesstime.localtime import closing, opening
from streams.businesstime.rules import Exceptions
from streams.businesstime.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo
    from zoneinfo import ZoneInfo

    from streams.businesstime.rules import ExceptionSource

_DAY = timedelta(days=1)
_MILLI = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RARE = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


class IcalendarError(ValueError):
    """Text that is not iCalendar, or an event that cannot be taken; says which, and why."""


class _Event(NamedTuple):
    """An event and all its occurrences, by the wall clock of its zone."""

    zone: tzinfo | None
    """None: an all-day event."""
    length: timedelta
    starts: rruleset
    """Wall times."""


def read_events(text: str, zone: ZoneInfo, *, opens: bool) -> ExceptionSource:
    """The events of an iCalendar text as exceptions of a calendar.

    Args:
        text: one VCALENDAR.
        zone: the calendar's; that of times without one, and of all-day events.
        opens: whether the events are open time.

    Raises:
        IcalendarError: not iCalendar, or an event that cannot be taken.
    """
    try:
        components = icalendar.Calendar.from_ical(text).walk("VEVENT")
    except ValueError as error:
        message = f"is not iCalendar: {str(error).splitlines()[0]}"
        raise IcalendarError(message) from None
    moved: dict[str, list[Any]] = {}
    for component in components:
        if "RECURRENCE-ID" in component:
            moved.setdefault(str(component.get("UID")), []).append(component)
    events: list[_Event] = []
    for component in components:
        try:
            events.extend(_event(component, moved, zone))
        except (ValueError, TypeError, AttributeError) as error:
            named = component.get("UID") or component.get("SUMMARY") or "without UID"
            message = f"event {named}: {error}"
            raise IcalendarError(message) from None
    return lambda year: _of_year(events, year, zone, opens=opens)


def _event(component: Any, moved: dict[str, list[Any]], zone: ZoneInfo) -> Iterator[_Event]:
    """The event of a component; none if it is cancelled."""
    if component.errors:
        raise ValueError("; ".join(f"{name}: {text}" for name, text in component.errors))
    if component.get("RECURRENCE-ID") is not None and component["RECURRENCE-ID"].params.get("RANGE"):
        message = "RANGE=THISANDFUTURE is not supported; end the recurrence and begin another"
        raise ValueError(message)
    if str(component.get("STATUS")).upper() == "CANCELLED":
        return
    if "DTSTART" not in component:
        message = "has no DTSTART"
        raise ValueError(message)
    start = component["DTSTART"].dt
    _check_zone(component["DTSTART"])
    event_zone = (start.tzinfo or zone) if isinstance(start, datetime) else None
    starts = rruleset(cache=True)
    wall = _wall_in(event_zone)
    starts.rdate(wall(start))
    for rule in _listed(component.get("RRULE")):
        starts.rrule(_rule(rule, wall(start), wall))
    for added in _dates(component.get("RDATE")):
        starts.rdate(wall(added))
    for left_out in _dates(component.get("EXDATE")):
        starts.exdate(wall(left_out))
    if "RECURRENCE-ID" not in component:
        for other in moved.get(str(component.get("UID")), ()):
            starts.exdate(wall(other["RECURRENCE-ID"].dt))
    yield _Event(event_zone, _length(component, start), starts)


def _wall_in(zone: tzinfo | None) -> Callable[[date], datetime]:
    """A function to wall times in a zone, without the zone, as recurrence rules are reckoned in them."""

    def wall(moment: date) -> datetime:
        if not isinstance(moment, datetime):
            return datetime.combine(moment, time())
        if zone is None or moment.tzinfo is None:
            return moment.replace(tzinfo=None)
        return moment.astimezone(zone).replace(tzinfo=None)

    return wall


def _check_zone(value: Any) -> None:
    if isinstance(value.dt, datetime) and value.dt.tzinfo is None and value.params.get("TZID"):
        message = f"TZID {value.params['TZID']} is neither an IANA zone nor defined in the file"
        raise ValueError(message)


def _rule(rule: Any, start: datetime, wall: Callable[[date], datetime]) -> Any:
    frequency = str(rule["FREQ"][0])
    if frequency not in _RARE:
        message = f"RRULE with FREQ={frequency} is not supported; days are the finest"
        raise ValueError(message)
    parts = rule.copy()
    if "UNTIL" in parts:
        # The end of a rule is written in UTC, its occurrences are in wall time.
        parts["UNTIL"] = [wall(parts["UNTIL"][0])]
    return rrulestr(parts.to_ical().decode(), dtstart=start, cache=True)


def _listed(value: Any) -> list[Any]:
    """A property that may stand once, several times or not at all."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dates(value: Any) -> Iterator[date]:
    for dates in _listed(value):
        for each in dates.dts:
            if not isinstance(each.dt, date):
                message = "RDATE with periods is not supported"
                raise TypeError(message)
            yield each.dt


def _length(component: Any, start: date) -> timedelta:
    if "DURATION" in component:
        length: timedelta = component["DURATION"].dt
    elif "DTEND" in component:
        end = component["DTEND"].dt
        _check_zone(component["DTEND"])
        if isinstance(start, datetime) and start.tzinfo is not None:
            # Two times of one zone would be subtracted by the wall clock.
            start, end = start.astimezone(UTC), end.astimezone(UTC)
        length = end - start
    else:
        length = timedelta() if isinstance(start, datetime) else _DAY
    if length < timedelta():
        message = "ends before it starts"
        raise ValueError(message)
    return length


def _of_year(events: list[_Event], year: int, zone: ZoneInfo, *, opens: bool) -> Exceptions:
    """What of the events touches a year."""
    closed: set[date] = set()
    spans: list[Span] = []
    for event in events:
        first = datetime(year, 1, 1) - event.length - _DAY  # noqa: DTZ001 (wall times of the event's zone)
        for start in event.starts.between(first, datetime(year + 1, 1, 2), inc=True):  # noqa: DTZ001 (likewise)
            if event.zone is not None:
                begin = (start.replace(tzinfo=event.zone) - _EPOCH) // _MILLI
                spans.append(Span(begin, begin + event.length // _MILLI))
            elif opens:
                last = start.date() + event.length - _DAY
                spans.append(Span(opening(zone, start.date(), 0), closing(zone, last, 24 * 60)))
            else:
                closed.update(start.date() + timedelta(days=day) for day in range(event.length.days))
    if opens:
        return Exceptions(extra=tuple(spans))
    return Exceptions(closed=frozenset(closed), shut=tuple(spans))

"""Whether what a policy promises fits the hours of its calendars."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime import NEVER, Span, Unit, always_open
from streams.businesstime.problems import nearest
from streams.problems import Path, Problem
from streams.sla.policy_document import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streams.businesstime import Calendar, Duration
    from streams.sla.model import Policy, Target, Warn

_HOUR = 3_600_000
_AHEAD = 366 * 24 * _HOUR
"""How far hours are looked at from the instant on which a policy becomes effective."""


class Doubt(NamedTuple):
    """A problem, and whether the policy must not be used with it."""

    problem: Problem
    fatal: bool


def check_hours(path: Path, policy: Policy, calendars: Mapping[str, Calendar], since: int) -> Iterator[Doubt]:
    """What is wrong with a policy's calendars and with its durations under them.

    Args:
        path: where the policy stands.
        policy: the policy.
        calendars: known calendars by name.
        since: the instant from which it is effective.
    """
    named = {(*path, "calendar"): policy.calendar}
    named |= {(*path, "calendar_by_queue", queue): name for queue, name in policy.calendar_by_queue.items()}
    for place, name in named.items():
        if name and name not in calendars:
            hint = nearest(name, [ALWAYS, *calendars])
            yield Doubt(Problem(place, name, f"must be a calendar of the files under 'calendars'; {hint}"), fatal=True)
    if policy.selector.queue:
        for queue, name in policy.calendar_by_queue.items():
            if queue not in policy.selector.queue:
                rule = f"never applies: the policy takes queue {' or '.join(policy.selector.queue)} only"
                yield Doubt(Problem((*path, "calendar_by_queue", queue), name or ALWAYS, rule), fatal=True)
    used = {name: calendars[name] for name in dict.fromkeys(named.values()) if name in calendars}
    if policy.quiet_outside_hours and not any(named.values()):
        rule = "needs a calendar: around the clock there is no time outside hours"
        yield Doubt(Problem((*path, "quiet_outside_hours"), "true", rule), fatal=True)
    for target in policy.targets:
        here = (*path, "targets", str(target.metric))
        for place, duration in _durations(here, target):
            if duration.is_business and not any(named.values()):
                rule = "counts business time, but the policy names no calendar: name one, or write the target in h"
                yield Doubt(Problem(place, str(duration), rule), fatal=True)
            for calendar in used.values():
                yield from _fits(place, duration, calendar, since)
            yield from _warnings(here, place, target, (duration, next(iter(used.values()), always_open()), since))


def _durations(path: Path, target: Target) -> Iterator[tuple[Path, Duration]]:
    for priority, duration in target.by_priority.items():
        yield (*path, "by_priority", priority), duration
    if target.default is not None:
        yield (*path, "default"), target.default


def _fits(path: Path, duration: Duration, calendar: Calendar, since: int) -> Iterator[Doubt]:
    """Whether a duration can pass in the calendar's hours, and whether it passes while nobody is there."""
    if duration.is_business:
        if duration.due(calendar, since) == NEVER:
            rule = f"never ends: calendar {calendar.name!r} does not have so much open time from then on"
            yield Doubt(Problem(path, str(duration), rule), fatal=True)
        return
    gap = _longest_gap(calendar, since)
    if gap is not None and gap.end - gap.start >= duration.amount:
        hours = (gap.end - gap.start) // _HOUR
        closed = f"calendar {calendar.name!r} is closed for {hours} h from {_local(calendar, gap.start)}"
        rule = f"cannot be met outside hours: {closed}; write it in bh or bd unless somebody works then"
        yield Doubt(Problem(path, str(duration), rule), fatal=False)


def _warnings(path: Path, place: Path, target: Target, clock: tuple[Duration, Calendar, int]) -> Iterator[Doubt]:
    duration, calendar, since = clock
    total = duration.milliseconds(calendar, calendar.next_open(since)) if duration.is_business else duration.amount
    for number, point in enumerate(target.warn_at):
        if point.before is None or total == NEVER:
            continue
        here = (*path, "warn_at", number)
        of = f"{'.'.join(map(str, place[len(path) :]))} = {duration}"
        if point.before.is_business != duration.is_business:
            rule = (
                f"must run by the same clock as the target ({of}): write it in {'bh' if duration.is_business else 'h'}"
            )
            yield Doubt(Problem(here, _shown(point), rule), fatal=True)
        elif point.point(total) <= 0:
            day = " (at most)" if duration.unit is Unit.BUSINESS_DAYS else ""
            rule = f"would warn before the clock starts: the target is no longer ({of}{day})"
            yield Doubt(Problem(here, _shown(point), rule), fatal=True)


def _shown(point: Warn) -> str:
    return f"{point.percent}%" if point.before is None else f"{point.before} before"


def _longest_gap(calendar: Calendar, since: int) -> Span | None:
    """The longest closed time within a year; None: it never closes."""
    ends = since + _AHEAD
    edges = [since, *(edge for span in calendar.periods(since, ends) for edge in span), ends]
    gaps = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    return max(gaps, key=lambda gap: gap.end - gap.start, default=None)


def _local(calendar: Calendar, instant: int) -> str:
    zone = calendar.versions[calendar.version_at(instant) - 1].rules.zone
    return f"{datetime.fromtimestamp(instant // 1000, UTC).astimezone(zone):%a %Y-%m-%d %H:%M}"

"""Business time of something whose calendar changes while it runs, such as a ticket that moves to another desk."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime.calendar import NEVER, Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ScheduleRule(StrEnum):
    """Which calendar counts when it changed on the way."""

    AS_ASSIGNED = "as_assigned"
    """Each while it was assigned; the default."""
    LAST = "last"
    """The one in force at the end, for the whole stretch: what Zendesk does."""
    AT_CREATION = "at_creation"
    """The first one, for the whole stretch."""


class Assignment(NamedTuple):
    """A calendar and the instant from which it counted, until that of the next assignment."""

    since: int
    calendar: Calendar


def elapsed_over(
    assignments: Sequence[Assignment], start: int, end: int, rule: ScheduleRule = ScheduleRule.AS_ASSIGNED
) -> int:
    """Business milliseconds between two instants; negative if the end is before the start.

    Args:
        assignments: at least one, sorted by ``since``; the first one also counts before its time. One that begins
            after ``end`` does not count, so that what was true at an instant stays true of it.
        start: milliseconds since the epoch, UTC.
        end: likewise.
        rule: which calendar counts.

    Raises:
        ValueError: there is no assignment.
    """
    _need_one(assignments)
    if end < start:
        return -elapsed_over(assignments, end, start, rule)
    if rule is ScheduleRule.AT_CREATION:
        return assignments[0].calendar.elapsed(start, end)
    if rule is ScheduleRule.LAST:
        return _in_force(assignments, end).elapsed(start, end)
    return sum(
        calendar.elapsed(max(start, since), min(end, until))
        for since, until, calendar in _stretches(assignments, start)
        if since < end
    )


def due_over(
    assignments: Sequence[Assignment], start: int, amount: int, rule: ScheduleRule = ScheduleRule.AS_ASSIGNED
) -> int:
    """When so much business time has passed, as far as is known: the last assignment is taken to stay.

    Args:
        assignments: as for :func:`elapsed_over`.
        start: where the amount begins to count.
        amount: business milliseconds, 0 or more.
        rule: which calendar counts. With ``last`` that is the last one assigned.

    Returns:
        The earliest instant, or :data:`streams.businesstime.calendar.NEVER`.

    Raises:
        ValueError: there is no assignment, or the amount is negative.
    """
    _need_one(assignments)
    if rule is not ScheduleRule.AS_ASSIGNED:
        chosen = assignments[0] if rule is ScheduleRule.AT_CREATION else assignments[-1]
        return chosen.calendar.due(start, amount)
    at = NEVER
    for since, until, calendar in _stretches(assignments, start):
        begin = max(start, since)
        at = calendar.due(begin, amount)
        if at <= until:
            break
        amount -= calendar.elapsed(begin, until)
    return at


def _need_one(assignments: Sequence[Assignment]) -> None:
    if not assignments:
        message = "there must be at least one assignment of a calendar"
        raise ValueError(message)


def _in_force(assignments: Sequence[Assignment], instant: int) -> Calendar:
    """The last calendar assigned by then, or the first of all."""
    known = [assignment for assignment in assignments if assignment.since <= instant]
    return (known or assignments)[-1 if known else 0].calendar


def _stretches(assignments: Sequence[Assignment], start: int) -> Iterator[tuple[int, int, Calendar]]:
    """Since when, until when and which, from the one in force at the start."""
    for place, (since, calendar) in enumerate(assignments):
        until = assignments[place + 1].since if place + 1 < len(assignments) else NEVER
        if until > start:
            yield (start if place == 0 else since), until, calendar

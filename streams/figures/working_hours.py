"""Which calendar is in force: for a queue, and for a ticket that passes through several queues and schedules."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple, Self

from streams.businesstime import Assignment, Calendar, ScheduleRule, elapsed_over
from streams.lifecycles.dims import UNASSIGNED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streams.businesstime import Span
    from streams.figures.options import FigureOptions
    from streams.lifecycles.marks import Placement


class UnknownCalendarError(ValueError):
    """An option names a calendar that is not known; the message is one sentence."""


class _Stretch(NamedTuple):
    """What is in force from an instant on; None: a queue that has no calendar."""

    since: int
    calendar: Calendar | None


class Schedule:
    """The calendars that one ticket has had. All instants are milliseconds since the epoch."""

    __slots__ = ("_assigned", "_gaps", "_rule", "_stretches")

    def __init__(self, stretches: Sequence[tuple[int, Calendar | None]], rule: ScheduleRule) -> None:
        """``stretches``: at least one, sorted; the first one also counts before its time."""
        self._stretches = [_Stretch(*one) for one in stretches]
        self._rule = rule
        self._assigned = [Assignment(since, calendar) for since, calendar in stretches if calendar is not None]
        ends = [since for since, _ in stretches[1:]]
        self._gaps = [
            (0 if number == 0 else since, ends[number] if number < len(ends) else None)
            for number, (since, calendar) in enumerate(stretches)
            if calendar is None
        ]

    def business(self, spells: Iterable[Span | tuple[int, int]], at: int) -> int | None:
        """Business milliseconds of a duration that consists of spells and is over at an instant.

        What is known only later does not count: neither a calendar that was assigned after ``at``, nor one that would
        be the ticket's first.

        Returns:
            The sum over the spells; None where there is none: the ticket had no calendar by then, or was, in one of
            the spells, in a queue that has none.
        """
        if self._stretches[0].since > at:
            return None
        if self._rule is ScheduleRule.AS_ASSIGNED:
            spells = list(spells)
            if self._gaps and any(self._without(start, end) for start, end in spells or [(at, at)]):
                return None
            if len(self._assigned) > 1:
                return sum(elapsed_over(self._assigned, start, end) for start, end in spells)
            calendar: Calendar | None = self._assigned[0].calendar
        else:
            calendar = self._in_force(at) if self._rule is ScheduleRule.LAST else self._stretches[0].calendar
        return None if calendar is None else sum(calendar.elapsed(start, end) for start, end in spells)

    def open_at_first(self, instant: int) -> bool | None:
        """Whether the ticket's first calendar is open at an instant; None if its first queue has none."""
        first = self._stretches[0].calendar
        return None if first is None else first.is_open(instant)

    def _without(self, start: int, end: int) -> bool:
        """Whether no calendar was in force in some part of a spell."""
        return any((since < end or since <= start) and (until is None or start < until) for since, until in self._gaps)

    def _in_force(self, at: int) -> Calendar | None:
        return next(one.calendar for one in reversed(self._stretches) if one.since <= at)


class WorkingHours:
    """The calendars that are known, which of them queues have, and what counts where a ticket had several."""

    __slots__ = ("_by_queue", "_calendars", "_default", "_rule")

    def __init__(
        self,
        calendars: Mapping[str, Calendar] | None = None,
        *,
        by_queue: Mapping[str, Calendar] | None = None,
        default: Calendar | None = None,
        rule: ScheduleRule = ScheduleRule.AS_ASSIGNED,
    ) -> None:
        """Nothing given: no calendar is known, and no duration has business time.

        Args:
            calendars: by name, for events that name one.
            by_queue: the calendars of single queues.
            default: of all other queues, and of what is with no queue; None: they have none.
            rule: which calendar counts where it changed on the way.
        """
        self._calendars = calendars or {}
        self._by_queue = by_queue or {}
        self._default = default
        self._rule = rule

    @classmethod
    def of(cls, options: FigureOptions, calendars: Mapping[str, Calendar]) -> Self:
        """Those that options choose from the calendars that are known, by name.

        Raises:
            UnknownCalendarError: an option names another one.
        """

        def known(option: str, name: str) -> Calendar:
            if name not in calendars:
                near = get_close_matches(name, calendars, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(calendars) or 'none'}"
                msg = f"{option} = {name!r}: must be one of the calendars; {hint}"
                raise UnknownCalendarError(msg)
            return calendars[name]

        return cls(
            calendars,
            by_queue={
                queue: known(f"queue_calendars.{queue}", name) for queue, name in options.queue_calendars.items()
            },
            default=known("default_calendar", options.default_calendar) if options.default_calendar else None,
            rule=ScheduleRule(options.schedule_rule),
        )

    def knows(self, name: str) -> bool:
        """Whether there is a calendar of that name."""
        return name in self._calendars

    def of_queue(self, queue: str) -> Calendar | None:
        """The calendar of a queue; None if it has none."""
        return self._by_queue.get(queue, self._default)

    def schedule(self, placements: Sequence[Placement]) -> Schedule | None:
        """The calendars of a ticket that was where ``placements`` say; None if it has had none.

        A calendar that was named for the ticket counts until another one is, or none, whatever queue it goes to; a name
        that is not known is as none. While a ticket is with no queue it keeps the hours it had.
        """
        if not self._calendars and not self._by_queue and self._default is None:
            return None
        found: list[tuple[int, Calendar | None]] = []
        some = False
        for since, queue, named in placements:
            calendar = self._calendars.get(named) if named else None
            if calendar is None:
                calendar = self.of_queue(queue)
                if calendar is None and queue == UNASSIGNED:
                    continue
            if not found or found[-1][1] is not calendar:
                found.append((since, calendar))
                some = some or calendar is not None
        return Schedule(found, self._rule) if some else None

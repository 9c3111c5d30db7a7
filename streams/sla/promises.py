"""Which target is in force for whom, and how much of it has passed: policies put together with calendars.

Instants and amounts are milliseconds.
"""

from __future__ import annotations

import hashlib
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime import NEVER, Assignment, ScheduleRule, always_open, due_over, elapsed_over
from streams.sla.model import Clock, Mode, PolicyBook
from streams.sla.policy_budget import allowed_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streams.businesstime import Calendar
    from streams.businesstime.durations import Duration
    from streams.figures.sla_cells import Allowances
    from streams.sla.matching import Labels
    from streams.sla.model import Metric, Policy, PolicySet, Target
    from streams.sla.tape import Tape

_ALWAYS = always_open()


class UnknownPolicyCalendarError(ValueError):
    """A policy names a calendar that is not known; the message is one sentence."""


class Asking(NamedTuple):
    """What policies are asked about."""

    labels: Labels
    who: str
    """By what the shares of pilots are drawn."""


class Answer(NamedTuple):
    """What a set of policies says to that."""

    policy: Policy
    target: Target
    duration: Duration


class Promise(NamedTuple):
    """A target in force on a clock, from an instant on: a *target version* of the clock's instance."""

    number: int
    """Of the target version, from 1."""
    at: int
    policy: Policy
    target: Target
    duration: Duration
    amount: int
    """What the duration comes to, in milliseconds of the clock that it runs by."""
    clock: Clock
    set_version: str
    """Version of the policies that it was made by."""
    undrawn: tuple[Policy, ...] = ()
    """Pilots that would have come before, had their shares drawn the customer."""

    def keeps(self, other: Answer) -> bool:
        """Whether another answer promises the very same."""
        mine, new = self.policy, other.policy
        return (mine.name, mine.mode, self.duration) == (new.name, new.mode, other.duration) and (
            self.clock is Clock.CALENDAR
            or (mine.calendar, mine.calendar_by_queue, mine.schedule_rule)
            == (new.calendar, new.calendar_by_queue, new.schedule_rule)
        )


class Stretch(NamedTuple):
    """A part of a span of time, by which calendar, and whether that was open."""

    start: int
    end: int
    calendar: str
    """Empty: by the clock."""
    version: int
    """Of the calendar, from 1; 0 by the clock."""
    is_open: bool


class Policies:
    """All versions of the policies, and the calendars that they name."""

    def __init__(self, book: PolicyBook | None = None, calendars: Mapping[str, Calendar] | None = None) -> None:
        """Nothing given: nothing is promised to anybody.

        Raises:
            UnknownPolicyCalendarError: a policy names a calendar that is not among those given.
        """
        self.book = book or PolicyBook()
        self.calendars = calendars or {}
        self._digests = sorted((name, each.digest) for name, each in self.calendars.items() if each.digest)
        policies = [policy for version in self.book.sets for policy in version.policies]
        self.lanes: dict[Metric, set[bool]] = {}
        """What there are targets for, by shadow policies or by those that count; no other clock is looked at."""
        for policy in policies:
            for target in policy.targets:
                self.lanes.setdefault(target.metric, set()).add(policy.mode is Mode.SHADOW)
        for policy in policies:
            for name in (policy.calendar, *policy.calendar_by_queue.values()):
                if name and name not in self.calendars:
                    raise UnknownPolicyCalendarError(_unknown(policy.name, name, self.calendars))

    @property
    def version(self) -> str:
        """Content hash, calendars included: workers with the same one promise the same. Empty: nothing is promised."""
        if not (self.book.sets and self._digests):
            return self.book.version if self.book.sets else ""
        return hashlib.sha256(repr((self.book.version, self._digests)).encode()).hexdigest()[:12]

    def differ_from(self, other: Policies) -> int:
        """The first event time for which these say something else than others: what ended before it stays as it is.

        A calendar that has changed may have done so anywhere in time.
        """
        instants = sorted({each.effective_from for each in (*self.book.sets, *other.book.sets)})
        if self._digests != other._digests:
            return instants[0] if instants else NEVER
        return next((at for at in instants if _version(self, at) != _version(other, at)), NEVER)

    def __bool__(self) -> bool:
        """Whether anything is promised."""
        return bool(self.lanes)

    def answer(self, version: PolicySet | None, asking: Asking, metric: Metric, *, shadow: bool) -> Answer | None:
        """What is promised for a metric: by the policy that counts, or by the one that runs beside it."""
        if version is None:
            return None
        labels = asking.labels
        policy = version.first_shadow(*asking) if shadow else version.first_match(*asking)
        target = None if policy is None else policy.target(metric)
        duration = None if target is None else target.duration(labels.priority)
        return None if policy is None or target is None or duration is None else Answer(policy, target, duration)

    def allowances(self, now: int) -> Allowances:
        """What the goals of the version in force at an instant (milliseconds) allow to be late."""
        version = self.book.at(now)
        return {
            (policy.name, str(target.metric)): allowed_share(target.goal)
            for policy in (version.policies if version else ())
            for target in policy.targets
        }

    def schedule(self, policy: Policy, clock: Clock, tape: Tape) -> Schedule:
        """By which calendars the time of a promise passes."""
        if clock is Clock.CALENDAR:
            return Schedule((), ScheduleRule.AS_ASSIGNED)
        found: list[Assignment] = []
        for moment in tape.moments:
            # What was said of the ticket itself goes before what holds for all of them.
            own = self.calendars.get(moment.calendar) if moment.calendar else None
            calendar = own or self.calendars.get(policy.calendar_of(moment.labels.queue), _ALWAYS)
            if not found or found[-1].calendar is not calendar:
                found.append(Assignment(moment.at, calendar))
        return Schedule(found, policy.schedule_rule)


class Schedule:
    """How time passes for a promise: by the clock, or by the calendars that were in force one after the other."""

    __slots__ = ("_assignments", "_rule")

    def __init__(self, assignments: Sequence[Assignment], rule: ScheduleRule) -> None:
        """``assignments``: none for time by the clock."""
        self._assignments = assignments
        self._rule = rule

    @property
    def is_revised(self) -> bool:
        """Whether a change of calendar also changes how much of the time before it counts."""
        return self._rule is ScheduleRule.LAST and len(self._assignments) > 1

    def counting(self, at: int) -> Sequence[Assignment]:
        """The calendars that count, as known at an instant."""
        if self._rule is ScheduleRule.AS_ASSIGNED or len(self._assignments) < 2:
            return self._assignments
        if self._rule is ScheduleRule.AT_CREATION:
            return self._assignments[:1]
        known = [assignment for assignment in self._assignments if assignment.since <= at]
        return [Assignment(0, (known or self._assignments)[-1 if known else 0].calendar)]

    def elapsed(self, start: int, end: int, at: int) -> int:
        """How much of the promise's time passes between two instants, as known at a third."""
        return elapsed_over(self.counting(at), start, end) if self._assignments else end - start

    def stretches(self, start: int, end: int, at: int) -> Iterator[Stretch]:
        """A span in parts: those that count, and those in which the calendar was closed; as known at an instant."""
        if not self._assignments:
            yield Stretch(start, end, "", 0, is_open=True)
            return
        counting = self.counting(at)
        for place, (since, calendar) in enumerate(counting):
            begins = start if place == 0 else max(start, since)
            ends = min(end, counting[place + 1].since) if place + 1 < len(counting) else end
            reached = begins
            for span in calendar.periods(begins, ends):
                if span.start > reached:
                    yield Stretch(reached, span.start, calendar.name, calendar.version_at(reached), is_open=False)
                yield Stretch(span.start, span.end, calendar.name, calendar.version_at(span.start), is_open=True)
                reached = span.end
            if reached < ends:
                yield Stretch(reached, ends, calendar.name, calendar.version_at(reached), is_open=False)

    def due(self, start: int, amount: int) -> int:
        """When so much of it has passed, as known at the start; ``NEVER`` if it never will."""
        if not self._assignments:
            return min(start + amount, NEVER)
        known = [assignment for assignment in self.counting(start) if assignment.since <= start]
        return due_over(known or self._assignments[:1], start, amount)

    def amount(self, duration: Duration, start: int) -> int:
        """What a duration that begins to count at an instant comes to."""
        if not self._assignments:
            return duration.milliseconds(_ALWAYS, start)
        known = [assignment for assignment in self.counting(start) if assignment.since <= start]
        return duration.milliseconds((known or self._assignments)[-1 if known else 0].calendar, start)


def _version(policies: Policies, at: int) -> str:
    held = policies.book.at(at)
    return "" if held is None else held.version


def _unknown(policy: str, name: str, calendars: Mapping[str, Calendar]) -> str:
    near = get_close_matches(name, calendars, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "" if calendars else "; no calendars are given"
    return f"policy {policy}: there is no calendar {name!r}{hint}"

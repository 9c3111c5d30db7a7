"""The policy model: what was promised to whom, by which clock, and who hears of it when the promise is in danger.

A policy file is read by :mod:`streams.sla.policy_reading` into a :class:`PolicySet`. Durations are those of
:mod:`streams.businesstime.durations`: ``h`` runs by the clock, ``bh`` and ``bd`` by the policy's calendar.
Instants are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from streams.businesstime.durations import Duration  # noqa: TC001 - likewise
from streams.businesstime.schedules import ScheduleRule
from streams.sla.matching import Cohort, Match

if TYPE_CHECKING:
    from streams.sla.matching import Labels

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class Metric(StrEnum):
    """What a target is for; every one is a clock that starts, pauses, stops and restarts in its own way."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    PERIODIC_UPDATE = "periodic_update"
    PAUSABLE_UPDATE = "pausable_update"
    REQUESTER_WAIT = "requester_wait"
    AGENT_WORK = "agent_work"
    RESOLUTION = "resolution"
    GROUP_OWNERSHIP = "group_ownership"
    QUEUE_WAIT = "queue_wait"
    CALLBACK = "callback"
    COMPLAINT_REPLY = "complaint_reply"


class Clock(StrEnum):
    """By what a duration runs."""

    CALENDAR = "calendar"
    """By the clock, day and night: what the customer feels."""
    BUSINESS = "business"
    """By the policy's calendar: what was promised."""


class Mode(StrEnum):
    """How much a policy counts."""

    SHADOW = "shadow"
    """Its clocks run beside those of the policy that counts; they are shown and page nobody."""
    PILOT = "pilot"
    """It counts, and pages, for its cohort; everything else is matched as if it did not exist."""
    LIVE = "live"


PAUSING = ("pending", "on_hold")
"""Statuses in which a clock may pause: in new and open somebody is to work, and in the others it has stopped."""

BY_DEFINITION: dict[Metric, frozenset[str]] = {
    Metric.PAUSABLE_UPDATE: frozenset({"pending"}),
    Metric.REQUESTER_WAIT: frozenset({"pending"}),
    Metric.AGENT_WORK: frozenset({"pending", "on_hold"}),
}
"""Statuses in which the clock of a metric pauses whatever a policy says: that is what the metric means (SPEC 2.1)."""

NEVER_PAUSE: frozenset[Metric] = frozenset({Metric.PERIODIC_UPDATE, Metric.QUEUE_WAIT, Metric.CALLBACK})
"""Metrics whose clocks no status pauses."""


class Warn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A point of a running clock at which to warn: either so much of the target, or so long before its end."""

    percent: int = 0
    """1 to 99; 0 if ``before`` is set."""
    before: Duration | None = None
    """In the target's clock, and never in business days."""

    def point(self, target: int) -> int:
        """Milliseconds of the target's clock after which to warn; not more than 0 if that is before the start.

        Args:
            target: what the target comes to, in milliseconds of its clock.
        """
        return target * self.percent // 100 if self.before is None else target - self.before.amount


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long one metric may take."""

    metric: Metric
    by_priority: dict[str, Duration] = {}
    default: Duration | None = None
    """For priorities that are not named; None: these have no such target."""
    pause_in: frozenset[str] = frozenset()
    """Statuses in which its clock pauses, with those of :data:`BY_DEFINITION`."""
    warn_at: tuple[Warn, ...] = ()
    goal: float
    """Share of the instances due that are to be on time, more than 0 and less than 1."""
    serves: str = ""
    """Name of the goal that it serves; empty: none."""

    def duration(self, priority: str) -> Duration | None:
        """The target of a priority; None: there is none, and no clock runs."""
        return self.by_priority.get(priority, self.default)

    def clock(self, priority: str) -> Clock | None:
        """By which clock the target of a priority runs; urgent work may run day and night where the rest does not."""
        duration = self.duration(priority)
        if duration is None:
            return None
        return Clock.BUSINESS if duration.is_business else Clock.CALENDAR


class ServiceLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A queue's service level as a target: so many of the contacts within so many seconds."""

    threshold_seconds: float
    goal: float
    """Share, more than 0 and less than 1."""
    formula: str = "ignore_early"
    serves: str = ""


class Level(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the escalation list."""

    who: str
    """Name of a contact of the policy file."""
    when: Literal["warning", "breach"]
    after: Duration | None = None
    """How long after the (oldest open) breach, by the clock; None: at once."""
    severity: Severity


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """The procedure for what its selector matches."""

    name: str
    mode: Mode
    owner: str
    review_by: date
    """The first day on which its review is overdue."""
    selector: Match = Match()
    cohort: Cohort | None = None
    """For whom a pilot counts; None unless it is one."""
    calendar: str = ""
    """Name of a calendar; empty: around the clock."""
    calendar_by_queue: dict[str, str] = {}
    """Queues that keep other hours."""
    schedule_rule: ScheduleRule = ScheduleRule.AS_ASSIGNED
    targets: tuple[Target, ...] = ()
    """At most one of a metric."""
    service_level: ServiceLevel | None = None
    escalation: tuple[Level, ...] = ()
    quiet_outside_hours: bool = False
    """Whether its messages wait until the calendar is open."""
    each_breach: bool = False
    """Whether a single breach pages, such as of a VIP; otherwise only many do, or one that the list escalates."""
    runbook: str = ""

    @cached_property
    def version(self) -> str:
        """Content hash: equal if, and only if, the policy is."""
        return _digest(self)

    def calendar_of(self, queue: str) -> str:
        """Name of the calendar by which the policy's business time runs while something is with a queue."""
        return self.calendar_by_queue.get(queue, self.calendar)

    def target(self, metric: Metric) -> Target | None:
        """The target for a metric, if the policy has one."""
        return next((target for target in self.targets if target.metric is metric), None)

    def takes(self, labels: Labels, who: str) -> bool:
        """Whether the selector matches and, of a pilot, the cohort too.

        Args:
            labels: those in force.
            who: by what a share is drawn: the customer, as events name it, or the entity where none is known.
        """
        return self.selects(labels) and (self.cohort is None or self.cohort.draws(self.name, who))

    def selects(self, labels: Labels) -> bool:
        """Whether the selector and, of a pilot, the lists of the cohort match: all but the share."""
        return self.selector.matches(labels) and (self.cohort is None or self.cohort.matches(labels))


class Benchmark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What others reach, to compare a goal with."""

    value: float
    source: str
    period: str = ""


class Goal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why there are promises at all."""

    name: str
    mission: str
    """What it is for, in words."""
    mission_ref: str = ""
    """Where the mission stands that it comes from."""
    share: float
    """Share that is to be on time unless a target says otherwise."""
    benchmark: Benchmark | None = None


class PolicySet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """The policies of one file, in the order in which they are matched."""

    effective_from: int
    """The event time from which they hold."""
    policies: tuple[Policy, ...]
    goals: tuple[Goal, ...] = ()

    @cached_property
    def version(self) -> str:
        """Content hash of everything in it: equal if, and only if, the sets are."""
        return _digest(self)

    def first_match(self, labels: Labels, who: str) -> Policy | None:
        """The policy that counts: the first live one, or pilot with its cohort, that takes the labels of somebody."""
        return next((each for each in self.policies if each.mode is not Mode.SHADOW and each.takes(labels, who)), None)

    def first_shadow(self, labels: Labels, who: str) -> Policy | None:
        """The first shadow policy that takes the labels: it runs beside the one that counts."""
        return next((each for each in self.policies if each.mode is Mode.SHADOW and each.takes(labels, who)), None)

    def undrawn(self, labels: Labels, who: str) -> tuple[Policy, ...]:
        """The pilots that would have come before the first match, had their shares drawn somebody."""
        matched = self.first_match(labels, who)
        before = self.policies[: len(self.policies) if matched is None else self.policies.index(matched)]
        return tuple(each for each in before if each.mode is not Mode.SHADOW and each.selects(labels))


class PolicyBook:
    """All versions of the policies, each holding from an event time until that of the next one."""

    def __init__(self, sets: tuple[PolicySet, ...] | list[PolicySet] = ()) -> None:
        """Order does not matter.

        Raises:
            ValueError: two hold from the same instant.
        """
        self.sets: tuple[PolicySet, ...] = tuple(sorted(sets, key=lambda each: each.effective_from))
        self._instants = [each.effective_from for each in self.sets]
        if len(set(self._instants)) < len(self._instants):
            message = "two versions of the policies must not hold from the same instant"
            raise ValueError(message)

    def at(self, instant: int) -> PolicySet | None:
        """The set that holds at an event time; None before the first one: what happened then was promised nothing."""
        place = bisect_right(self._instants, instant)
        return self.sets[place - 1] if place else None

    @cached_property
    def version(self) -> str:
        """Content hash of all versions: workers with the same one promise the same."""
        return _digest(self.sets)


def _digest(value: object) -> str:
    plain = msgspec.json.encode(value, order="deterministic")
    return hashlib.sha256(plain).hexdigest()[:12]

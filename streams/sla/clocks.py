"""Clock instances: what became of one promise, and what will become of it if nothing happens any more.

An instance is told by :mod:`streams.sla.machine` when to begin, pause, go on and end, and which target is in force.
It works out by itself which points of its target it crosses in between, and when. All instants are milliseconds since
the epoch; amounts are milliseconds of the clock that the target runs by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime import NEVER

if TYPE_CHECKING:
    from streams.sla.matching import Labels
    from streams.sla.model import Metric
    from streams.sla.promises import Promise, Schedule
    from streams.sla.tape import Moment


class Kind(StrEnum):
    """What can become of a clock."""

    ACTIVATED = "activated"
    TARGET_CHANGED = "target_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    WARNED = "warned"
    BREACHED = "breached"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class State(StrEnum):
    """How an instance stands; of those that are open the worst that is true."""

    ACTIVE = "active"
    PAUSED = "paused"
    WARNING = "warning"
    BREACHED = "breached"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    UNPROMISED = "unpromised"
    """No policy applies, so nothing is counted; time passes all the same."""


OPEN = (State.ACTIVE, State.PAUSED, State.WARNING, State.BREACHED)


class Transition(NamedTuple):
    """Something that became of an instance, stamped with the instant at which it did."""

    kind: Kind
    metric: Metric
    at: int
    promise: Promise
    labels: Labels
    rep: str
    why: str
    passed: int
    """How much of the promise's time had passed."""
    late: bool = False
    """Of a fulfilment: whether the target in force had been breached."""


class Segment(NamedTuple):
    """A stretch of an instance's life."""

    start: int
    end: int | None
    """None: it still lasts."""
    phase: str
    """``running``, ``paused``, ``stopped`` or ``waived`` (it counted once, and does no longer)."""
    why: str


@dataclass(slots=True)
class Instance:
    """One clock of one metric: from its beginning to its end."""

    metric: Metric
    shadow: bool
    """Whether it runs by a shadow policy, beside the clock that counts."""
    number: int
    """Which one of its metric it is, from 1."""
    began: int
    labels: Labels
    """What it is booked to from now on."""
    transitions: list[Transition] = field(default_factory=list)
    """What has become of it, in the order of the instants."""
    ahead: list[Transition] = field(default_factory=list)
    """What will become of it by the mere passing of time, if nothing else happens."""
    segments: list[Segment] = field(default_factory=list)
    promise: Promise | None = None
    """The target in force."""
    versions: int = 0
    """How many targets have been in force so far."""
    ended: State | None = None
    due: int = NEVER
    """When the target in force is, or was, due; as it would have been, if it was reached in time. ``NEVER`` while
    the clock is paused: then there is no deadline."""
    passed: int = 0
    """How much of the promise's time has passed until ``now``."""
    running: bool = False
    breached_at: int | None = None
    """When the target in force was breached, or an earlier one that has not been relieved since."""
    first_breach: int | None = None
    now: int = 0
    """Up to where it has been played."""
    schedule: Schedule | None = None
    _warned: set[int] = field(default_factory=set)
    """Points of the target that have been crossed."""
    _runs: list[tuple[int, int]] = field(default_factory=list)
    """Stretches that count, so that another target can be measured against them."""
    _rep: str = ""

    @property
    def state(self) -> State:
        """How it stands at the end of what has been played."""
        if self.ended is not None:
            return self.ended
        if self.promise is None:
            return State.UNPROMISED
        if self.breached_at is not None:
            return State.BREACHED
        if not self.running:
            return State.PAUSED
        return State.WARNING if self._warned else State.ACTIVE

    def state_at(self, now: int) -> State:
        """How it stands at an instant after all that happened, if nothing else does."""
        state = self.state
        for change in self.ahead:
            if change.at <= now:
                state = State.BREACHED if change.kind is Kind.BREACHED else State.WARNING
        return state

    @property
    def remaining(self) -> int:
        """What is left of the target; negative if more has passed."""
        return 0 if self.promise is None else self.promise.amount - self.passed

    def reaches(self, point: int) -> int:
        """When so much of the promise's time will have passed, if it goes on running; ``now`` if it has."""
        if self.schedule is None:
            return NEVER
        return self.now if point <= self.passed else self.schedule.due(self.now, point - self.passed)

    def advance(self, to: int) -> None:
        """Let time pass up to an instant: what is crossed before it happens, what is crossed at it does not yet."""
        if self.running and to > self.now:
            self._runs.append((self.now, to))
            if self.promise is not None and self.schedule is not None:
                then = self.passed + self.schedule.elapsed(self.now, to, self.now)
                self._cross(then, to)
                self.passed = then
                if self.schedule.is_revised:
                    self.passed = sum(self.schedule.elapsed(start, end, to) for start, end in self._runs)
        self.now = to

    def settle(self) -> None:
        """Cross what is reached at the present instant, now that all that happens at it has happened."""
        if self.promise is None or self.ended is not None:
            return
        if self.passed > self.promise.amount or (self.running and self.passed == self.promise.amount):
            if self.breached_at is None:
                self._breach(self.now)
        elif self.running and self.breached_at is None:
            for number, point in self._points():
                if point <= self.passed and number not in self._warned:
                    self._warn(number, self.now)
        self.due = self.reaches(self.promise.amount) if self.running else NEVER
        if self.breached_at is not None:
            self.due = self.breached_at

    def look_ahead(self) -> None:
        """Work out what will happen if nothing else does."""
        if self.ended is None and self.running and self.breached_at is None:
            stands = (self.transitions, set(self._warned), self.due, self.first_breach)
            self.transitions = self.ahead
            self._cross(NEVER, NEVER)
            self.transitions, self._warned, self.due, self.first_breach = stands
            self.breached_at = None

    def note(self, kind: Kind, why: str, *, late: bool = False) -> None:
        """Add a transition at the present instant."""
        if self.promise is not None:
            self._add(kind, self.now, self.passed, why, late=late)

    def place(self, moment: Moment) -> None:
        """From now on it is booked to other labels."""
        self.labels, self._rep = moment.labels, moment.rep

    def run(self, why: str) -> None:
        """Let the clock run from now on."""
        self.running = True
        self._turn("running", why)

    def rest(self, phase: str, why: str) -> None:
        """Let the clock stand from now on."""
        self.running = False
        self._turn(phase, why)

    def accept(self, promise: Promise | None, schedule: Schedule | None) -> None:
        """Put another target in force; what has passed is measured against it."""
        before = self.state
        self.promise, self.schedule = promise, schedule
        if promise is None or schedule is None:
            return
        self.passed = sum(schedule.elapsed(start, end, self.now) for start, end in self._runs)
        if self.passed < promise.amount:
            self.breached_at = None
        # Who has been told of the danger is not told again for as long as it lasts.
        told = before in (State.WARNING, State.BREACHED)
        self._warned = {number for number, point in self._points() if told and point <= self.passed}

    def end(self, state: State, why: str) -> None:
        """Nothing is owed from now on."""
        if self.promise is not None:
            late = self.breached_at is not None
            if not late and self.schedule is not None:
                self.due = self.schedule.due(self.now, max(0, self.remaining))
            self.note(Kind.FULFILLED if state is State.FULFILLED else Kind.CANCELLED, why, late=late)
        # Of what was not promised any more nothing can be fulfilled.
        self.ended = State.CANCELLED if self.promise is None else state
        self.rest("stopped", why)

    def _points(self) -> list[tuple[int, int]]:
        """The warning points within the target, each with its number."""
        if self.promise is None:
            return []
        amount = self.promise.amount
        points = ((number, warn.point(amount)) for number, warn in enumerate(self.promise.target.warn_at))
        return sorted(((n, point) for n, point in points if 0 < point < amount), key=lambda each: each[1])

    def _cross(self, then: int, before: int) -> None:
        """Cross all points up to an amount passed, as far as they are reached before an instant."""
        if self.promise is None or self.breached_at is not None:
            return
        breach = NEVER if then < self.promise.amount else self.reaches(self.promise.amount)
        for number, point in self._points():
            if number in self._warned or point > then:
                continue
            at = self.reaches(point)
            # A warning that comes with the breach warns nobody.
            if at < before and at < breach:
                self._warn(number, at)
        if breach < before:
            self._breach(breach)

    def _warn(self, number: int, at: int) -> None:
        if self.promise is not None:
            self._warned.add(number)
            warn = self.promise.target.warn_at[number]
            point = max(warn.point(self.promise.amount), self.passed if at == self.now else 0)
            self._add(Kind.WARNED, at, point, f"{warn.percent} %" if warn.before is None else f"{warn.before} before")

    def _breach(self, at: int) -> None:
        if self.promise is not None:
            self.breached_at = self.due = at
            self.first_breach = at if self.first_breach is None else self.first_breach
            self._add(Kind.BREACHED, at, max(self.promise.amount, self.passed), "target reached")

    def _add(self, kind: Kind, at: int, passed: int, why: str, *, late: bool = False) -> None:
        if self.promise is not None:
            self.transitions.append(
                Transition(kind, self.metric, at, self.promise, self.labels, self._rep, why, passed, late)
            )

    def _turn(self, phase: str, why: str) -> None:
        if self.segments and self.segments[-1].end is None:
            last = self.segments.pop()
            if last.phase == phase and last.why == why:
                self.segments.append(last)
                return
            if last.start < self.now:
                self.segments.append(last._replace(end=self.now))
        self.segments.append(Segment(self.now, None, phase, why))

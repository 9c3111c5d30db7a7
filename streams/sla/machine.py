"""The one machine that plays every clock: a tape, a metric's conditions and the policies in, clock instances out.

At each moment what happened before it is crossed first; then clocks stop, change their target, pause and start; and
only then is it looked whether a target is reached at that very moment. So a stop goes before a pause, a pause before a
start, and whatever comes at the instant of a deadline comes in time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streams.sla.clocks import Instance, Kind, State
from streams.sla.conditions import Phase, conditions
from streams.sla.model import BY_DEFINITION, NEVER_PAUSE, Clock, Metric
from streams.sla.promises import Asking, Promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.sla.conditions import Condition
    from streams.sla.model import PolicySet
    from streams.sla.promises import Answer, Policies
    from streams.sla.tape import Moment, Tape

_NO_STATUS: frozenset[str] = frozenset()


def play(tape: Tape, policies: Policies, metrics: Iterable[Metric]) -> list[Instance]:
    """All clock instances of a life that anything was ever promised on.

    Args:
        tape: what happened.
        policies: what was promised, at each instant of it.
        metrics: which metrics this kind of entity has.
    """
    if not tape.moments or not policies:
        return []
    found: list[Instance] = []
    for metric in metrics:
        if metric in policies.lanes:
            told: defaultdict[int, list[Condition]] = defaultdict(list)
            for condition in conditions(metric, tape):
                told[condition.place].append(condition)
            for shadow in sorted(policies.lanes[metric]):
                found.extend(_Player(metric, tape, policies, shadow=shadow).play(told))
    return found


def play_each(metric: Metric, tape: Tape, policies: Policies, lives: Sequence[Iterable[Condition]]) -> list[Instance]:
    """The clocks of a metric of which several may run at once.

    Args:
        metric: all of them are of.
        tape: what happened.
        policies: what was promised, at each instant of it.
        lives: what each of the clocks is told; its place among them is the number of its instance, which is but one.
    """
    each_told = []
    for life in lives:
        told: defaultdict[int, list[Condition]] = defaultdict(list)
        for condition in life:
            told[condition.place].append(condition)
        each_told.append(told)
    return [
        instance
        for shadow in sorted(policies.lanes.get(metric, ()))
        for number, told in enumerate(each_told)
        for instance in _Player(metric, tape, policies, shadow=shadow, earlier=number).play(told)
    ]


class _Player:
    """Plays one metric's clocks, one instance after the other."""

    def __init__(self, metric: Metric, tape: Tape, policies: Policies, *, shadow: bool, earlier: int = 0) -> None:
        """``earlier``: how many instances others have played."""
        self._metric = metric
        self._earlier = earlier
        self._tape = tape
        self._policies = policies
        self._shadow = shadow
        self._instances: list[Instance] = []
        self._open: Instance | None = None
        """The one that runs, stands, or may go on after it ended."""
        self._resting = ""
        """Why it stands, other than by a status."""
        self._asked: tuple[PolicySet | None, Asking] | None = None
        """By which policies, and for what, the target in force was looked for."""

    def play(self, told: dict[int, list[Condition]]) -> list[Instance]:
        """Play the whole tape."""
        for place, moment in enumerate(self._tape.moments):
            if self._open is not None:
                self._open.advance(moment.at)
            for condition in told.get(place, ()):
                self._obey(condition, moment)
            if self._open is not None and self._open.ended is None:
                self._open.place(moment)
                self._match(self._open, moment)
                self._rest_or_run(self._open, moment)
                self._open.settle()
        if self._open is not None:
            self._open.look_ahead()
        return [instance for instance in self._instances if instance.transitions]

    def _obey(self, condition: Condition, moment: Moment) -> None:
        phase, why = condition.phase, condition.why
        if phase in (Phase.RUN, Phase.PAUSE):
            self._resting = why if phase is Phase.PAUSE else ""
            if self._open is None:
                self._begin(moment, why)
            elif self._open.ended is not None:
                self._resume(self._open, moment, why)
            elif condition.renew:
                self._open.end(State.FULFILLED, why)
                self._begin(moment, why)
            elif condition.fresh:
                self._begin_afresh(self._open, moment, why)
        elif self._open is not None:
            if self._open.ended is None:
                if self._metric is not Metric.GROUP_OWNERSHIP:
                    # What is done is booked to the labels then in force; but what a group passes on, to that group.
                    self._open.place(moment)
                self._open.end(State.FULFILLED if phase is Phase.STOP else State.CANCELLED, why)
            if not condition.resumable:
                self._open = None

    def _begin(self, moment: Moment, why: str) -> None:
        number = self._earlier + len(self._instances) + 1
        instance = Instance(self._metric, self._shadow, number, moment.at, moment.labels, now=moment.at)
        self._instances.append(instance)
        self._open, self._asked = instance, None
        instance.place(moment)
        self._match(instance, moment)
        instance.run(why)

    def _begin_afresh(self, old: Instance, moment: Moment, why: str) -> None:
        """The clock begins anew, as if it had not run before; what has passed is shown, and counts for nothing."""
        self._instances.pop()
        self._begin(moment, why)
        waived = [segment._replace(end=segment.end or moment.at, phase="waived") for segment in old.segments]
        self._instances[-1].segments[:0] = [segment for segment in waived if segment.start < moment.at]

    def _resume(self, instance: Instance, moment: Moment, why: str) -> None:
        instance.ended = None
        instance.place(moment)
        self._match(instance, moment)
        instance.note(Kind.RESUMED, why)
        instance.run(why)

    def _match(self, instance: Instance, moment: Moment) -> None:
        """Look for the target: when an instance begins, and when the labels or the customer change in what matters."""
        asking = Asking(moment.labels, moment.who)
        if self._asked is not None:
            asked, before = self._asked
            if asking == before:
                return
            if asked is not None and self._answer(asked, asking) == self._answer(asked, before):
                self._asked = (asked, asking)
                return
        version = self._policies.book.at(moment.at)
        self._asked = (version, asking)
        answer = self._answer(version, asking)
        held = instance.promise
        if answer is None:
            if held is not None:
                instance.note(Kind.CANCELLED, "no policy applies")
                instance.accept(None, None)
        elif held is None or not held.keeps(answer):
            self._promise(instance, answer, moment, version)

    def _answer(self, version: PolicySet | None, asking: Asking) -> Answer | None:
        return self._policies.answer(version, asking, self._metric, shadow=self._shadow)

    def _promise(self, instance: Instance, answer: Answer, moment: Moment, version: PolicySet | None) -> None:
        policy, target, duration = answer
        clock = Clock.BUSINESS if duration.is_business else Clock.CALENDAR
        schedule = self._policies.schedule(policy, clock, self._tape)
        amount = schedule.amount(duration, instance.began)
        instance.versions += 1
        first = instance.promise is None
        made_by = "" if version is None else version.version
        undrawn = () if version is None or self._shadow else version.undrawn(moment.labels, moment.who)
        promise = Promise(instance.versions, moment.at, policy, target, duration, amount, clock, made_by, undrawn)
        instance.accept(promise, schedule)
        instance.note(Kind.ACTIVATED if first else Kind.TARGET_CHANGED, policy.name)

    def _rest_or_run(self, instance: Instance, moment: Moment) -> None:
        """Pause in the statuses that the metric or the policy names, and go on in the others."""
        why = self._resting or (moment.status if moment.status in self._pauses(instance) else "")
        if why and instance.running:
            instance.rest("paused", why)
            instance.note(Kind.PAUSED, why)
        elif not why and not instance.running:
            instance.run(moment.status)
            instance.note(Kind.RESUMED, moment.status)
        elif why:
            instance.rest("paused", why)

    def _pauses(self, instance: Instance) -> frozenset[str]:
        if self._metric in NEVER_PAUSE:
            return _NO_STATUS
        own = BY_DEFINITION.get(self._metric, _NO_STATUS)
        return own if instance.promise is None else own | instance.promise.target.pause_in

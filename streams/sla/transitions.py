"""Transitions of clocks as they travel: each has an identity, so that who reads them twice acts once.

A record is a CloudEvent in JSON, keyed by the entity. Its id is made of the clock instance, the transition and the
target version. One that is sent again with the same id and another content corrects what was said before; one that is
``withdrawn`` never was: a late event has shown it. Times are RFC 3339, durations seconds.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from streams.businesstime import NEVER
from streams.codec import format_time
from streams.sla.clocks import OPEN, Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.sla.clocks import Instance, Segment, Transition

_SOURCE = "ticket-streams/sla"


class Told(NamedTuple):
    """A transition with its identity, and the instance that it is of."""

    id: str
    transition: Transition
    instance: Instance

    @property
    def content(self) -> tuple[object, ...]:
        """What must be equal for it to say the same as when it was sent before."""
        one = self.transition
        return one.at, one.promise.policy.name, one.promise.amount, one.labels, one.passed, one.late


def instance_id(entity: str, instance: Instance) -> str:
    """Identity of a clock instance; those by shadow policies are others than those that count."""
    lane = "shadow/" if instance.shadow else ""
    return f"{entity}:{lane}{instance.metric}:{instance.number}"


def transitions(entity: str, instances: Iterable[Instance], now: int) -> Iterator[Told]:
    """All transitions that events brought about, and those that time alone has until an instant."""
    for instance in instances:
        seen: Counter[tuple[str, int]] = Counter()
        for one in (*instance.transitions, *(each for each in instance.ahead if each.at <= now)):
            key = (one.kind, one.promise.number)
            seen[key] += 1
            yield Told(f"{instance_id(entity, instance)}:v{key[1]}:{key[0]}:{seen[key]}", one, instance)


def changes(before: Iterable[Told], after: Iterable[Told]) -> Iterator[tuple[Told, bool]]:
    """What has to be sent for others to know what came after, and whether it is withdrawn."""
    known = {told.id: told for told in before}
    for told in after:
        old = known.pop(told.id, None)
        if old is None or old.content != told.content:
            yield told, False
    for told in known.values():
        yield told, True


def encode(entity: str, told: Told, revision: int, now: int, *, withdrawn: bool = False) -> bytes:
    """A transition as it is sent.

    Args:
        entity: kind and id, as in ``ticket/4711``.
        told: the transition.
        revision: the version of the history that says so; of two records with one id the larger one is right.
        now: the instant at which it is sent, milliseconds.
        withdrawn: whether it is taken back.
    """
    one, instance = told.transition, told.instance
    promise = one.promise
    data: dict[str, Any] = {
        "transition": one.kind,
        "withdrawn": withdrawn,
        "open": not withdrawn and _still_so(one, instance, now),
        "revision": revision,
        "instance": instance_id(entity, instance),
        "number": instance.number,
        "metric": instance.metric,
        "policy": promise.policy.name,
        "policy_version": promise.policy.version,
        "policies_version": promise.set_version,
        "mode": promise.policy.mode,
        "owner": promise.policy.owner,
        "clock": promise.clock,
        "target_version": promise.number,
        "target": str(promise.duration),
        "target_seconds": promise.amount / 1000,
        "elapsed_seconds": one.passed / 1000,
        "overdue_seconds": max(0, one.passed - promise.amount) / 1000,
        "late": one.late,
        "why": one.why,
        "due": _time(instance.due) if instance.state in OPEN else None,
        "rep": one.rep,
        **one.labels._asdict(),
        "segments": [segment_document(segment) for segment in instance.segments],
    }
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": told.id,
            "source": _SOURCE,
            "type": f"support.sla.{one.kind}.v1",
            "subject": entity,
            "time": format_time(one.at),
            "datacontenttype": "application/json",
            "data": data,
        }
    )


def segment_document(segment: Segment) -> dict[str, Any]:
    """A stretch of a clock's life as plain values."""
    return {
        "from": format_time(segment.start),
        "to": None if segment.end is None else format_time(segment.end),
        "phase": segment.phase,
        "why": segment.why,
    }


def _still_so(one: Transition, instance: Instance, now: int) -> bool:
    """Whether what a transition says is still so: nobody is to be called because of what is over."""
    state = instance.state_at(now)
    if one.kind in (Kind.ACTIVATED, Kind.TARGET_CHANGED, Kind.RESUMED):
        return state in OPEN
    if one.promise is not instance.promise and state in OPEN:
        return False
    return state == _STATE_OF[one.kind]


_STATE_OF = {
    Kind.PAUSED: State.PAUSED,
    Kind.WARNED: State.WARNING,
    Kind.BREACHED: State.BREACHED,
    Kind.FULFILLED: State.FULFILLED,
    Kind.CANCELLED: State.CANCELLED,
}


def _time(at: int) -> str | None:
    return None if at == NEVER else format_time(at)

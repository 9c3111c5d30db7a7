"""Why a clock stands where it stands: stretch by stretch, as plain values and in words.

Every stretch says whether it counted, by which version of which calendar, or why not; together the counted ones are
what has passed of the target. Times are RFC 3339, durations seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.businesstime import NEVER
from streams.codec import format_time
from streams.sla.clocks import OPEN, Kind, State
from streams.sla.matching import in_words
from streams.sla.transitions import instance_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.sla.clocks import Instance, Segment, Transition
    from streams.sla.model import Policy

_ENDS = {
    "reply": "a rep replied",
    "solved": "it was solved",
    "passed on": "another group took over",
    "answered": "a rep answered",
    "acknowledged": "it was acknowledged",
    "resolved": "it was resolved",
    "merged": "it was merged",
    "deleted": "it was deleted",
    "spam": "it is spam",
    "ended": "it ended",
    "resolved by the bot": "the bot resolved it",
    "customer left": "the customer left",
    "ended by the system": "the system ended it",
    "ghost": "nothing was heard of it any more",
}


def explain(entity: str, instances: Iterable[Instance], now: int) -> dict[str, Any]:
    """All clocks of an entity as they stand at an instant (milliseconds)."""
    return {
        "entity": entity,
        "as_of": format_time(now),
        "clocks": [_clock(entity, instance, now) for instance in instances],
    }


def _clock(entity: str, instance: Instance, now: int) -> dict[str, Any]:
    last = instance.transitions[-1]
    promise = instance.promise or last.promise
    state = instance.state_at(now)
    segments = list(_segments(instance, now))
    passed = sum(segment["counted_seconds"] for segment in segments)
    due = instance.due if state in OPEN and instance.due != NEVER else None
    found: dict[str, Any] = {
        "instance": instance_id(entity, instance),
        "metric": instance.metric,
        "number": instance.number,
        "policy": promise.policy.name,
        "policy_version": promise.policy.version,
        "policies_version": promise.set_version,
        "mode": promise.policy.mode,
        "drawn_by": [_draw(promise.policy)] if promise.policy.cohort and promise.policy.cohort.share else [],
        "not_drawn_by": [_draw(pilot) for pilot in promise.undrawn],
        "clock": promise.clock,
        "target": str(promise.duration),
        "target_seconds": promise.amount / 1000,
        "target_version": promise.number,
        "state": state,
        "began": format_time(instance.began),
        "elapsed_seconds": passed,
        "remaining_seconds": promise.amount / 1000 - passed,
        "due": None if due is None else format_time(due),
        "transitions": [_transition(each) for each in (*instance.transitions, *instance.ahead) if each.at <= now],
        "ahead": [_transition(each) for each in instance.ahead if each.at > now],
        "segments": segments,
    }
    found["words"] = list(_words(found))
    return found


def _draw(pilot: Policy) -> dict[str, Any]:
    return {"pilot": pilot.name, "share": pilot.cohort.part if pilot.cohort else 1.0}


def _transition(one: Transition) -> dict[str, Any]:
    return {
        "transition": one.kind,
        "at": format_time(one.at),
        "why": one.why,
        "target_version": one.promise.number,
        "target": str(one.promise.duration),
        "policy": one.promise.policy.name,
        "priority": one.labels.priority,
        "queue": one.labels.queue,
        "elapsed_seconds": one.passed / 1000,
    }


def _segments(instance: Instance, now: int) -> Iterator[dict[str, Any]]:
    for segment in instance.segments:
        if segment.start >= now and segment is not instance.segments[0]:
            break
        if segment.phase == "stopped" and segment.end is None:
            break
        end = now if segment.end is None else min(segment.end, now)
        if segment.phase != "running" or instance.schedule is None:
            phase = "unpromised" if segment.phase == "running" else segment.phase
            yield _segment(segment, segment.start, end, phase, counts=False)
            continue
        for part in instance.schedule.stretches(segment.start, end, instance.now):
            phase = "running" if part.is_open else "outside_hours"
            said = _segment(segment, part.start, part.end, phase, counts=part.is_open)
            if part.calendar:
                said |= {"calendar": part.calendar, "calendar_version": part.version}
            yield said


def _segment(segment: Segment, start: int, end: int, phase: str, *, counts: bool) -> dict[str, Any]:
    return {
        "from": format_time(start),
        "to": format_time(end),
        "phase": phase,
        "why": segment.why,
        "counted_seconds": (end - start) / 1000 if counts else 0.0,
    }


def _words(clock: dict[str, Any]) -> Iterator[str]:
    shadow = " (a shadow: it pages nobody)" if clock["mode"] == "shadow" else ""
    yield (
        f"{clock['metric']} #{clock['number']} by policy {clock['policy']}{shadow}, version {clock['policy_version']}:"
        f" {clock['target']} by the {clock['clock']} clock, target version {clock['target_version']}."
    )
    for key, verdict in (("drawn_by", "In"), ("not_drawn_by", "Not in")):
        for draw in clock[key]:
            yield f"{verdict} the share of pilot {draw['pilot']}: {in_words(draw['share'])}."
    for segment in clock["segments"]:
        yield f"{segment['from']} to {segment['to']}: {_counted(segment)}."
    for one in clock["transitions"]:
        if one["transition"] in (Kind.TARGET_CHANGED, Kind.WARNED, Kind.BREACHED):
            yield f"{one['at']}: {_happened(one)}."
    yield _standing(clock)


def _counted(segment: dict[str, Any]) -> str:
    hours = f"calendar {segment['calendar']}, version {segment['calendar_version']}" if "calendar" in segment else ""
    if segment["phase"] == "running":
        return f"{_length(segment['counted_seconds'])} counted ({hours or segment['why']})"
    if segment["phase"] == "outside_hours":
        return f"not counted, outside the hours of {hours}"
    if segment["phase"] == "waived":
        return f"not counted, a bot was serving ({segment['why']})"
    if segment["phase"] == "stopped":
        return f"not counted, it was over ({segment['why']})"
    if segment["phase"] == "unpromised":
        return "not counted, no policy applied at the end"
    return f"not counted, paused ({segment['why']})"


def _happened(one: dict[str, Any]) -> str:
    spent = _length(one["elapsed_seconds"])
    if one["transition"] == Kind.TARGET_CHANGED:
        return f"the target became {one['target']} (policy {one['policy']}), {spent} had passed"
    if one["transition"] == Kind.WARNED:
        return f"warned at {one['why']}, {spent} had passed"
    return f"breached the target of {one['target']}, {spent} had passed"


def _standing(clock: dict[str, Any]) -> str:
    left = clock["remaining_seconds"]
    over = f"{_length(-left)} over" if left < 0 else f"{_length(left)} left"
    state, last = clock["state"], clock["transitions"][-1]
    if state in (State.FULFILLED, State.CANCELLED, State.UNPROMISED):
        verb = "Fulfilled" if state == State.FULFILLED else "Cancelled"
        return f"{verb} at {last['at']}: {_ENDS.get(last['why'], last['why'])}, {over}."
    if state == State.PAUSED:
        return f"Paused ({last['why']}): it has no deadline, {over}."
    if state == State.BREACHED:
        return f"Breached since {clock['due']}, and still open: {over}."
    if clock["due"] is None:
        return f"It will never be breached, as its calendar does not open any more: {over}."
    return f"It will be breached at {clock['due']} if nothing happens: {over}."


def _length(seconds: float) -> str:
    """A duration as people say it, exact to the second."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part) or "0 s"

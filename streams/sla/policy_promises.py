"""Reads what a policy promises and who hears of it: targets, service level, escalation levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from streams.businesstime.problems import nearest
from streams.figures.service_level import DEFAULT_FORMULA
from streams.sla import policy_words as words
from streams.sla.model import BY_DEFINITION, NEVER_PAUSE, Level, Metric, ServiceLevel, Severity, Target
from streams.sla.policy_values import (
    read_choice,
    read_duration,
    read_names,
    read_seconds,
    read_share,
    read_warning,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.businesstime.durations import Duration
    from streams.businesstime.problems import Reading
    from streams.problems import Path
    from streams.sla.model import Goal, Warn

_SOME_SHARE = 0.5
"""Stands for a share that is missing, which is a problem already."""


def read_target(
    reading: Reading, path: Path, key: str, value: object, goals: Mapping[str, Goal], serves: str
) -> Target:
    """A target: a duration alone, or a table."""
    metric = Metric(key)
    if isinstance(value, str):
        goal = _goal(reading, path, {}, goals, serves)
        return Target(metric=metric, default=read_duration(reading, path, value), goal=goal, serves=serves)
    said = reading.table(path, value, words.TARGET, "{default: 4h, goal: 90%}, or a duration such as 4h")
    if not isinstance(value, dict):
        return Target(metric=metric, goal=_SOME_SHARE)
    by_priority: dict[str, Duration] = {}
    if said.get("by_priority") is not None:
        here = (*path, "by_priority")
        for priority, text in reading.table(here, said["by_priority"], such_as="{urgent: 1h, high: 4h}").items():
            duration = read_duration(reading, (*here, priority), text)
            if duration is not None:
                by_priority[priority] = duration
    default = None if said.get("default") is None else read_duration(reading, (*path, "default"), said["default"])
    if not value.get("by_priority") and value.get("default") is None:
        reading.problem(path, value, "must say how long it may take: by_priority, default or both")
    serves = _serves(reading, path, said, goals) or serves
    return Target(
        metric=metric,
        by_priority=by_priority,
        default=default,
        pause_in=_pauses(reading, (*path, "pause_in"), said.get("pause_in"), metric),
        warn_at=_warnings(reading, (*path, "warn_at"), said.get("warn_at")),
        goal=_goal(reading, path, said, goals, serves),
        serves=serves,
    )


def read_service_level(
    reading: Reading, path: Path, value: object, goals: Mapping[str, Goal], serves: str
) -> ServiceLevel | None:
    """A queue's service level as a target; None after a problem that leaves nothing of it."""
    said = reading.table(path, value, words.SERVICE_LEVEL, "{threshold_seconds: 20, goal: 80%}")
    if not isinstance(value, dict):
        return None
    seconds = read_seconds(reading, (*path, "threshold_seconds"), said.get("threshold_seconds"))
    serves = _serves(reading, path, said, goals) or serves
    return ServiceLevel(
        threshold_seconds=seconds,
        goal=_goal(reading, path, said, goals, serves),
        formula=read_choice(reading, (*path, "formula"), said.get("formula"), "formula", DEFAULT_FORMULA),
        serves=serves,
    )


def read_level(reading: Reading, path: Path, value: object, contacts: tuple[str, ...]) -> Level | None:
    """A level of the escalation list; None after a problem that leaves nothing of it."""
    said = reading.table(path, value, words.LEVEL, "{who: team-lead, severity: warning}")
    if not isinstance(value, dict):
        return None
    who = reading.text((*path, "who"), said.get("who"))
    if who and who not in contacts:
        reading.problem((*path, "who"), who, f"must be a contact of this file; {nearest(who, contacts)}")
    return Level(
        who=who,
        when=cast(
            "Literal['warning', 'breach']", read_choice(reading, (*path, "when"), said.get("when"), "when", "breach")
        ),
        after=None if said.get("after") is None else read_duration(reading, (*path, "after"), said["after"]),
        severity=cast("Severity", read_choice(reading, (*path, "severity"), said.get("severity"), "severity")),
    )


def _serves(reading: Reading, path: Path, said: dict[str, object], goals: Mapping[str, Goal]) -> str:
    if said.get("serves") is None:
        return ""
    name = reading.text((*path, "serves"), said["serves"])
    if name and name not in goals:
        reading.problem((*path, "serves"), name, f"must be a goal of this file; {nearest(name, goals)}")
    return name


def _goal(reading: Reading, path: Path, said: dict[str, object], goals: Mapping[str, Goal], serves: str) -> float:
    """The share that is to be on time: what the target says, or the goal that it serves."""
    own = read_share(reading, (*path, "goal"), said.get("goal"))
    if own is not None:
        return own
    if serves in goals:
        return goals[serves].share
    if not serves and said.get("goal") is None:
        reading.problem((*path, "goal"), None, "is required: a share such as 90%, unless the policy names a goal")
    return _SOME_SHARE


def _pauses(reading: Reading, path: Path, value: object, metric: Metric) -> frozenset[str]:
    if value is None:
        return frozenset()
    if metric in NEVER_PAUSE:
        hint = "; pausable_update does" if metric is Metric.PERIODIC_UPDATE else ""
        reading.problem(path, value, f"has no meaning here: no status pauses {metric}{hint}")
    found = frozenset(read_names(reading, path, value, words.CHOICES["pause_in"]))
    if found and found <= BY_DEFINITION.get(metric, frozenset()):
        reading.problem(path, value, f"says nothing: {metric} pauses in it by definition")
    return found


def _warnings(reading: Reading, path: Path, value: object) -> tuple[Warn, ...]:
    found: list[Warn] = []
    for place, item in enumerate(reading.items(value)):
        here = (*path, place) if isinstance(value, list) else path
        point = read_warning(reading, here, item)
        if point is not None and point in found:
            reading.problem(here, item, "stands twice")
        elif point is not None:
            found.append(point)
    return tuple(found)

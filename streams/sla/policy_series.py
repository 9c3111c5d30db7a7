"""Expressions over the series of SLA clocks, and the recorded series that alerts are made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streams.sla.matching import in_words
from streams.sla.model import Mode
from streams.sla.policy_budget import WINDOWS, allowed_share
from streams.sla.policy_order import taken
from streams.sla.policy_words import MATCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streams.sla.matching import Cohort
    from streams.sla.model import Policy

Rule = dict[str, object]
"""A rule of Prometheus, as its file has it."""

COUNTING = 'mode=~"live|pilot"'
"""Selects clocks that may page. Shadows are recorded, and never in an alert."""

BY = "policy_metric_mode_queue"
DUE = f"{BY}:support_sla_due:"
LATE_SHARE = f"{BY}:support_sla_late_share:"
BURN = f"{BY}:support_sla_burn_rate:"
ALLOWED = "policy_metric:support_sla_allowed_share:goal"
SERVICE_LEVEL = "service_level"
"""What a queue's service level is called where other targets have their metric."""

_BY = "by (policy, metric, mode, queue)"
_EXPRESSIBLE = ("queue", "channel", "priority")
"""What the series of contacts in queues can be told apart by."""


def text(value: str) -> str:
    """A string of PromQL."""
    return json.dumps(value, ensure_ascii=False)


def alternatives(values: Sequence[str]) -> str:
    """A PromQL string that matches exactly these values."""
    special = set("\\.+*?()|[]{}^$")
    return text("|".join("".join(f"\\{each}" if each in special else each for each in value) for value in values))


def recordings(policies: Sequence[Policy]) -> Iterator[Rule]:
    """What was due and which share of it was late or lost, by window; what is allowed; and how fast that burns."""
    for window in WINDOWS:
        number, of = (f'support_sla_attainment_{part}{{window="{window}"}}' for part in ("numerator", "denominator"))
        yield {"record": f"{DUE}{window}", "expr": f"sum {_BY} ({of})"}
        # No ratio where nothing was due: no data is not 0.
        yield {"record": f"{LATE_SHARE}{window}", "expr": f"1 - sum {_BY} ({number}) / (sum {_BY} ({of}) > 0)"}
    for place, policy in enumerate(policies):
        if policy.service_level is not None and policy.mode is not Mode.SHADOW:
            yield from _service_level(policies, place)
    for policy in policies:
        for metric, goal in goals(policy).items():
            labels = {"policy": policy.name, "metric": metric}
            yield {"record": ALLOWED, "expr": f"vector({allowed_share(goal):g})", "labels": labels}
    for window in WINDOWS:
        share = f"{LATE_SHARE}{window}"
        yield {"record": f"{BURN}{window}", "expr": f"{share} / on (policy, metric) group_left () {ALLOWED}"}


def goals(policy: Policy) -> dict[str, float]:
    """The goal of everything that a policy promises a share of."""
    found = {str(target.metric): target.goal for target in policy.targets}
    if policy.service_level is not None:
        found[SERVICE_LEVEL] = policy.service_level.goal
    return found


def selected(series: str, fixed: Mapping[str, str], match: Cohort | None) -> str:
    """A selector of a contact series, with labels that are fixed and those that a policy lists."""
    matchers = [f"{name}={text(value)}" for name, value in fixed.items()]
    for key in _EXPRESSIBLE if match else ():
        values: tuple[str, ...] = getattr(match, key)
        if values:
            matchers.append(f"{key}=~{alternatives(values)}")
    return f"{series}{{{', '.join(matchers)}}}"


def of_policy(series: str, fixed: Mapping[str, str], policies: Sequence[Policy], place: int) -> str:
    """The series of a queue that come to a policy: those that it lists, without those that earlier policies take."""
    found = selected(series, fixed, taken(policies[place]))
    for earlier in policies[:place]:
        match = taken(earlier)
        # What other labels decide cannot be told from the series: then both policies see them.
        if earlier.mode is Mode.SHADOW or match is None or untold(match):
            continue
        if _disjoint(match, taken(policies[place])):
            continue
        found += f" unless {selected(series, fixed, match)}"
    return found


def untold(match: Cohort) -> dict[str, str]:
    """What a match asks for that these series do not tell apart, in words by key."""
    found = {key: " or ".join(getattr(match, key)) for key in MATCH if key not in _EXPRESSIBLE and getattr(match, key)}
    return {**found, "share": in_words(match.part)} if match.part < 1 else found


def _disjoint(one: Cohort, other: Cohort | None) -> bool:
    lists = ((getattr(one, key), getattr(other, key)) for key in _EXPRESSIBLE)
    return any(left and right and not set(left) & set(right) for left, right in lists)


def _service_level(policies: Sequence[Policy], place: int) -> Iterator[Rule]:
    policy = policies[place]
    promised = policy.service_level
    if promised is None:
        return
    labels = {"policy": policy.name, "metric": SERVICE_LEVEL, "mode": str(policy.mode)}
    for window in WINDOWS:
        fixed = {
            "formula": promised.formula,
            "threshold": f"{promised.threshold_seconds:g}",
            "window": window,
            "attribution": "event",
        }
        number, of = (
            f"sum by (queue) ({of_policy(f'support_service_level_{part}', fixed, policies, place)})"
            for part in ("numerator", "denominator")
        )
        yield {"record": f"{DUE}{window}", "expr": of, "labels": labels}
        yield {"record": f"{LATE_SHARE}{window}", "expr": f"1 - {number} / ({of} > 0)", "labels": labels}

"""Alerts on policies: budgets that burn, breaches ahead, breaches that nobody mends, and the escalation list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from streams.businesstime import always_open
from streams.sla.model import SEVERITIES, Mode
from streams.sla.policy_budget import ALWAYS, SPEEDS, factor, open_hours
from streams.sla.policy_series import BURN, COUNTING, DUE, SERVICE_LEVEL, Rule, goals, of_policy, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streams.businesstime import Calendar
    from streams.sla.model import Level, Policy, Severity
    from streams.sla.policy_budget import Hours
    from streams.sla.policy_document import Blackout, PolicyDocument

_MANUAL = "docs/policies.md#"

REVIEW_STAGE = "review"
"""Label ``stage`` of the alert that a review is overdue, which no blackout holds back."""


class Thresholds(NamedTuple):
    """From how many on something is an alert."""

    due: int = 10
    """Instances due in the long window of a burn rate: with fewer, one late one would say much."""
    at_risk: int = 5
    """Instances about to be breached; of a policy that pages for each breach, one is enough."""


def alerts(
    document: PolicyDocument, place: int, calendars: Mapping[str, Calendar], thresholds: Thresholds
) -> list[Rule]:
    """The alerts of one policy; of a shadow none."""
    policies = document.policies.policies
    policy = policies[place]
    if policy.mode is Mode.SHADOW:
        return []
    found = [*_burning(policy, calendars, document.policies.effective_from, thresholds.due)]
    found += [*_at_risk(policy, thresholds.at_risk)] if policy.targets else []
    found += [*_escalation(policy)] if policy.targets else []
    found += [*_each_breach(policy)] if policy.targets and policy.each_breach else []
    found += [*_unmeasured(policies, place)] if policy.service_level else []
    out = "".join(_blackout(each) for each in document.blackouts if each.concerns(policy))
    found = [{**rule, "expr": f"({rule['expr']}){out}"} if out else rule for rule in found]
    return [*found, _review(policy)]


def told(policy: Policy, severity: Severity) -> str:
    """Who of the escalation list hears of something so severe; empty: there is no list.

    The first who is told with that severity; if none is, the one whose severity comes nearest from below, else above.
    """
    rank = {each: place for place, each in enumerate(SEVERITIES)}
    wanted = rank[severity]
    found = sorted(
        policy.escalation, key=lambda level: (rank[level.severity] > wanted, abs(rank[level.severity] - wanted))
    )
    return found[0].who if found else ""


def _burning(policy: Policy, calendars: Mapping[str, Calendar], since: int, due: int) -> Iterator[Rule]:
    for metric, goal in goals(policy).items():
        hours = _hours(policy, metric, calendars, since)
        for speed in SPEEDS:
            limit = f"{factor(speed, hours, goal):.3g}"
            which = f"{{policy={text(policy.name)}, metric={text(metric)}, {COUNTING}}}"
            late = f"{BURN}{speed.long}{which} > {limit} and {BURN}{speed.short}{which} > {limit}"
            yield _alert(
                f"SupportSlaBurn{speed.name}",
                f"{late} and {DUE}{speed.long}{which} >= {due}",
                _labels(policy, speed.severity, "burn", metric=metric, window=speed.long),
                "Promises are being missed faster than the goal allows.",
                f"{{{{ $labels.queue }}}}: of {metric} under policy {policy.name} so many were late in the last "
                f"{speed.long} that the budget of the goal ({100 * goal:.4g}%) burns {{{{ $value | humanize }}}} times "
                f"as fast as it may; {limit} is too fast.",
                policy,
            )


def _hours(policy: Policy, metric: str, calendars: Mapping[str, Calendar], since: int) -> Hours:
    """When things fall due: in the calendar's hours, unless the target runs day and night for some."""
    target = next((each for each in policy.targets if each.metric == metric), None)
    durations = [] if target is None else [*target.by_priority.values(), *filter(None, [target.default])]
    if metric != SERVICE_LEVEL and not all(duration.is_business for duration in durations):
        return ALWAYS
    return open_hours(calendars.get(policy.calendar, always_open()), since)


def _at_risk(policy: Policy, least: int) -> Iterator[Rule]:
    which = f"policy={text(policy.name)}, {COUNTING}"
    least = 1 if policy.each_breach else least
    yield _alert(
        "SupportSlaAtRisk",
        f'sum by (policy, metric, mode, queue) (support_sla_at_risk{{within="15m", {which}}}) >= {least}',
        _labels(policy, "warning", "risk"),
        "Promises are about to be missed.",
        f"{{{{ $labels.queue }}}}: {{{{ $value }}}} clocks of {{{{ $labels.metric }}}} under policy {policy.name} "
        "have at most 15 minutes left.",
        policy,
    )


def _escalation(policy: Policy) -> Iterator[Rule]:
    which = f"policy={text(policy.name)}, {COUNTING}"
    for number, level in enumerate(policy.escalation, 1):
        if level.when == "warning":
            name, summary = "SupportSlaWarned", "A promise is in danger."
            expression = f'sum by (policy, mode, queue) (support_sla_instances{{state="warning", {which}}}) > 0'
            said = f"{{{{ $labels.queue }}}}: {{{{ $value }}}} clocks under policy {policy.name} have been warned of."
        else:
            name, summary = "SupportSlaBreached", "A promise was broken, and nobody has mended it."
            oldest = f"min by (policy, mode, queue) (support_sla_oldest_breach_timestamp_seconds{{{which}}} > 0)"
            expression = f"time() - {oldest} >= {_seconds(level)}"
            said = (
                f"{{{{ $labels.queue }}}}: the oldest open breach under policy {policy.name} is "
                "{{ $value | humanizeDuration }} old."
            )
        labels = {**_labels(policy, level.severity, level.when, level=str(number)), "who": level.who}
        yield _alert(name, expression, labels, summary, said, policy)


def _each_breach(policy: Policy) -> Iterator[Rule]:
    which = f"policy={text(policy.name)}, {COUNTING}"
    yield _alert(
        "SupportSlaBreachedOnce",
        f'sum by (policy, metric, mode, queue) (support_sla_breaches{{window="15m", {which}}}) > 0',
        _labels(policy, "critical", "single"),
        "A promise was broken of which every single one counts.",
        f"{{{{ $labels.queue }}}}: {{{{ $value }}}} breaches of {{{{ $labels.metric }}}} under policy {policy.name} in "
        "the last 15 minutes, mended or not.",
        policy,
    )


def _unmeasured(policies: Sequence[Policy], place: int) -> Iterator[Rule]:
    """The threshold of a service level is an option of the figures: another one there means that nothing is judged."""
    policy = policies[place]
    promised = policy.service_level
    if promised is None:
        return
    offered = of_policy("support_contacts_offered", {"window": "1d", "unit": "segment"}, policies, place)
    fixed = {"formula": promised.formula, "threshold": f"{promised.threshold_seconds:g}", "window": "1d"}
    judged = of_policy("support_service_level_denominator", fixed, policies, place)
    yield {
        **_alert(
            "SupportSlaNotMeasured",
            f"sum by (queue) ({offered}) > 0 unless on (queue) sum by (queue) ({judged})",
            _labels(policy, "warning", "measure", metric=SERVICE_LEVEL),
            "A service level is promised that the figures do not measure.",
            f"{{{{ $labels.queue }}}}: policy {policy.name} promises {promised.formula} within "
            f"{promised.threshold_seconds:g} s; no series has this threshold and formula.",
            policy,
        ),
        "for": "15m",
    }


def _review(policy: Policy) -> Rule:
    due = datetime(policy.review_by.year, policy.review_by.month, policy.review_by.day, tzinfo=UTC)
    return _alert(
        "SupportSlaReviewOverdue",
        f"vector(time()) >= {due.timestamp():.12g}",
        {"severity": "info", "policy": policy.name, "stage": REVIEW_STAGE},
        "A policy is to be reviewed.",
        f"The review of policy {policy.name} is overdue since {policy.review_by}; {policy.owner} is to review it.",
        policy,
    )


def _labels(policy: Policy, severity: Severity, stage: str, **more: str) -> dict[str, str]:
    """Labels of an alert, the policy among them: no two rules of a file may differ in their expression only."""
    who = told(policy, severity)
    return {"severity": severity, "policy": policy.name, "stage": stage, **more, **({"who": who} if who else {})}


def _alert(name: str, expression: str, labels: dict[str, str], summary: str, said: str, policy: Policy) -> Rule:
    annotations = {
        "summary": summary,
        "description": said,
        "runbook_url": policy.runbook or f"{_MANUAL}{name.lower()}",
    }
    return {"alert": name, "expr": expression, "labels": labels, "annotations": annotations}


def _seconds(level: Level) -> int:
    return level.after.amount // 1000 if level.after else 0


def _blackout(blackout: Blackout) -> str:
    start, end = (f"{instant / 1000:.12g}" for instant in (blackout.start, blackout.end))
    return f" unless on () ((vector(time()) >= {start}) < {end})"

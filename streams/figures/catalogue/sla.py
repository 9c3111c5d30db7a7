"""Metrics of SLA clocks (SPEC 2.5)."""

from __future__ import annotations

from streams.figures.catalogue.metric import Metric

_CLOCK = ("policy", "metric", "mode", "clock")
"""Labels that all of them carry: by shadow policies nobody is paged."""

INSTANCES = Metric(
    "M60",
    "sla",
    "sla_instances",
    "gauge",
    "Open clock instances, each by the worst that is true of it.",
    "count",
    (*_CLOCK, "state"),
)
BREACHES = Metric(
    "M61",
    "sla",
    "sla_breaches_total",
    "counter",
    "Breaches, each at the very instant at which its target was reached, whether or not an event came.",
    "count of target versions reached",
    _CLOCK,
)
FULFILLED = Metric(
    "M62",
    "sla",
    "sla_fulfilled_total",
    "counter",
    "Instances fulfilled; late: the target then in force had been breached. Withdrawn while reopened.",
    "count of fulfilments",
    (*_CLOCK, "late"),
)
CANCELLED = Metric(
    "M62",
    "sla",
    "sla_cancelled_total",
    "counter",
    "Instances of which nothing is owed any more: merged, deleted, spam, abandoned, or no policy applies.",
    "count of cancellations",
    _CLOCK,
)
ATTAINMENT = Metric(
    "M63",
    "sla",
    "sla_attainment_ratio",
    "gauge",
    "Instances never breached, of those due: by when they were due, or first breached. Of what was cancelled only the"
    " breached count.",
    "fulfilled on time / (fulfilled on time + breached)",
    _CLOCK,
    attribution=("cohort",),
)
ALLOWED_SHARE = Metric(
    "M67",
    "sla",
    "sla_allowed_share",
    "gauge",
    "Share of what is due that may be late by the goal of the policies in force; absent where there is no such target.",
    "1 - goal",
    _CLOCK,
)
BURN_RATE = Metric(
    "M67",
    "sla",
    "sla_burn_rate",
    "gauge",
    "How fast the budget of the goal burns: at 1 it lasts exactly as long as it should. By the windows that the"
    " attainment is exported for; absent where nothing was due.",
    "(denominator - numerator of the attainment) / denominator / allowed share",
    (*_CLOCK, "window", "attribution"),
    attribution=("cohort",),
)
AT_RISK = Metric(
    "M64",
    "sla",
    "sla_at_risk",
    "gauge",
    "Running instances with so little left until their breach, in the target's own clock.",
    "count of remaining <= within",
    (*_CLOCK, "within"),
)
NEXT_BREACH = Metric(
    "M65",
    "sla",
    "sla_next_breach_timestamp_seconds",
    "gauge",
    "When the next instance will be breached if nothing happens; absent when none is running.",
    "min deadline",
    _CLOCK,
)
NEXT_BREACH_EXISTS = Metric(
    "M65", "sla", "sla_next_breach_exists", "gauge", "Whether an instance runs towards a breach.", "0 or 1", _CLOCK
)
OLDEST_BREACH = Metric(
    "M65",
    "sla",
    "sla_oldest_breach_timestamp_seconds",
    "gauge",
    "Since when the instance is breached that has been for longest and is open; absent when none is.",
    "min t(breach)",
    _CLOCK,
)
OVERDUE = Metric(
    "M66",
    "sla",
    "sla_overdue_seconds",
    "summary",
    "How far past its target an instance was fulfilled late, in the target's own clock.",
    "elapsed - target",
    _CLOCK,
)

SLA: tuple[Metric, ...] = (
    INSTANCES,
    BREACHES,
    FULFILLED,
    CANCELLED,
    ATTAINMENT,
    ALLOWED_SHARE,
    BURN_RATE,
    AT_RISK,
    NEXT_BREACH,
    NEXT_BREACH_EXISTS,
    OLDEST_BREACH,
    OVERDUE,
)

"""The keys and words of a policy file: what reads it and the JSON Schema of it know them from here."""

from __future__ import annotations

from typing import get_args

from streams.businesstime.schedules import ScheduleRule
from streams.events.base import Channel
from streams.figures.service_level import FORMULAS
from streams.sla.matching import Cohort, Match
from streams.sla.model import PAUSING, SEVERITIES, Metric, Mode

TOP = ("effective_from", "calendars", "goals", "contacts", "blackouts", "policies")
TOP_REQUIRED = ("effective_from", "policies")
GOAL = ("mission", "mission_ref", "share", "benchmark")
GOAL_REQUIRED = ("mission", "share")
BENCHMARK = ("share", "source", "period")
BENCHMARK_REQUIRED = ("share", "source")
CONTACT = ("webhook", "email")
BLACKOUT_ONCE = ("from", "to")
BLACKOUT_WEEKLY = ("weekly", "zone")
BLACKOUT = (*BLACKOUT_ONCE, *BLACKOUT_WEEKLY, "policies", "because")
POLICY = (
    "name", "goal", "mode", "owner", "review_by", "match", "cohort", "calendar", "calendar_by_queue", "schedule_rule",
    "targets", "service_level", "escalation", "quiet_outside_hours", "each_breach", "runbook",
)  # fmt: skip
POLICY_REQUIRED = ("name", "mode", "owner", "review_by")
MATCH: tuple[str, ...] = Match.__struct_fields__
COHORT: tuple[str, ...] = Cohort.__struct_fields__
TARGET = ("by_priority", "default", "goal", "serves", "pause_in", "warn_at")
SERVICE_LEVEL = ("threshold_seconds", "goal", "formula", "serves")
SERVICE_LEVEL_REQUIRED = ("threshold_seconds",)
LEVEL = ("who", "when", "after", "severity")
LEVEL_REQUIRED = ("who", "severity")

CHOICES: dict[str, tuple[str, ...]] = {
    "mode": tuple(mode.value for mode in Mode),
    "schedule_rule": tuple(rule.value for rule in ScheduleRule),
    "formula": tuple(FORMULAS),
    "when": ("warning", "breach"),
    "severity": SEVERITIES,
    "pause_in": PAUSING,
    "channel": get_args(Channel),
    "metric": tuple(metric.value for metric in Metric),
}
"""Words that stand for something; everything else is a name, a number or a time."""

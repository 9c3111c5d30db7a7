"""The rule file that Prometheus needs to watch over policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.sla.policy_alerts import Thresholds, alerts
from streams.sla.policy_series import Rule, recordings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.businesstime import Calendar
    from streams.sla.policy_document import PolicyDocument


def rule_file(document: PolicyDocument, calendars: Mapping[str, Calendar], thresholds: Thresholds) -> dict[str, Any]:
    """Recording and alert rules of policies, as a rule file has them.

    All rules are one group, for the rules of a group run in order: an alert sees what was recorded in the same round.

    Args:
        document: what the policy file says.
        calendars: by name.
        thresholds: from how many on something is an alert.
    """
    policies = document.policies.policies
    rules: list[Rule] = [*recordings(policies)]
    for place in range(len(policies)):
        rules += alerts(document, place, calendars, thresholds)
    return {"groups": [{"name": "support-sla", "rules": rules}]}

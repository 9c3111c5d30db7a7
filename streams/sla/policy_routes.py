"""The part of Alertmanager's configuration that the escalation lists of policies ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from streams.sla.model import SEVERITIES, Mode
from streams.sla.policy_alerts import REVIEW_STAGE, told
from streams.sla.policy_quiet import blackout_hours, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from streams.businesstime import Calendar
    from streams.sla.model import Policy, Severity
    from streams.sla.policy_document import Contact, PolicyDocument

ALERTS = "SupportSla.+"
"""The names of all alerts that policies make."""

_PACE: dict[Severity, dict[str, str]] = {
    "critical": {"group_wait": "5s", "group_interval": "30s"},
    "warning": {"group_wait": "15s", "group_interval": "1m"},
    "info": {"group_wait": "1m", "group_interval": "10m"},
}
"""How long to wait for others of the same queue: whoever is paged hears within half a minute."""

_REPEAT = "24h"
"""Once for each level: who was told is not told again the same day while nothing changes."""


class Muted(NamedTuple):
    """Alerts that go where all others go, but not in some intervals."""

    matchers: list[str]
    intervals: list[str]


class Routing(NamedTuple):
    """Parts of a configuration; routes stand before all others, for they are the special cases."""

    routes: list[dict[str, object]]
    muted: list[Muted]
    """Alerts of policies without an escalation list, in weekly blackouts."""
    receivers: list[dict[str, object]]
    inhibit_rules: list[dict[str, object]]
    time_intervals: list[dict[str, object]]


def routing(document: PolicyDocument, calendars: Mapping[str, Calendar], today: date) -> Routing:
    """Routes, receivers, inhibitions and hours of policies.

    Args:
        document: what the policy file says.
        calendars: by name.
        today: the day from which holidays are told.
    """
    policies = [policy for policy in document.policies.policies if policy.mode is not Mode.SHADOW]
    named: dict[str, None] = {}
    routes: list[dict[str, object]] = []
    intervals: list[dict[str, object]] = []
    closing: dict[str, dict[str, list[str]]] = {}
    blackouts = {f"blackout-{number}": one for number, one in enumerate(document.weekly_blackouts, 1)}
    muted: list[Muted] = []
    for policy in policies:
        for name in _quiet_calendars(policy):
            if name not in closing:
                closing[name] = {}
                hours = quiet(calendars[name], today)
                for key, prefix, found in (
                    ("active_time_intervals", "open", hours.active),
                    ("mute_time_intervals", "closed", hours.muted),
                ):
                    if found:
                        intervals.append({"name": f"{prefix}-{name}", "time_intervals": found})
                        closing[name][key] = [f"{prefix}-{name}"]
        dark = [name for name, blackout in blackouts.items() if blackout.concerns(policy)]
        for who, severity in _told(policy):
            named[who] = None
            routes += _routes(policy, who, severity, closing, dark)
        if dark and not policy.escalation:
            matchers = [f'alertname=~"{ALERTS}"', f'policy="{policy.name}"', f'stage!="{REVIEW_STAGE}"']
            muted.append(Muted(matchers, dark))
    used = {name for route in routes for name in cast("list[str]", route.get("mute_time_intervals", []))}
    used |= {name for one in muted for name in one.intervals}
    for name, blackout in blackouts.items():
        if name in used:
            intervals.append({"name": name, "time_intervals": blackout_hours(blackout)})
    contacts = {contact.name: contact for contact in document.contacts}
    return Routing(
        routes,
        muted,
        [_receiver(contacts[who]) for who in named],
        _inhibitions(),
        intervals,
    )


def receiver_name(who: str) -> str:
    """How the receiver of a contact is called, so that it is not taken for another one of the configuration."""
    return f"sla-{who}"


def _quiet_calendars(policy: Policy) -> list[str]:
    """Calendars outside whose hours the policy is quiet, each once."""
    if not policy.quiet_outside_hours:
        return []
    return [name for name in dict.fromkeys((policy.calendar, *policy.calendar_by_queue.values())) if name]


def _told(policy: Policy) -> list[tuple[str, Severity]]:
    """Who may be told of the policy, and how severe it is then."""
    found: dict[tuple[str, Severity], None] = {(level.who, level.severity): None for level in policy.escalation}
    urgent: tuple[Severity, ...] = ("warning", "critical")
    for severity in urgent:
        if who := told(policy, severity):
            found[who, severity] = None
    return sorted(found, key=lambda pair: (-SEVERITIES.index(pair[1]), pair[0]))


def _routes(
    policy: Policy, who: str, severity: Severity, closing: Mapping[str, dict[str, list[str]]], blackouts: list[str]
) -> Iterator[dict[str, object]]:
    """The route to somebody; queues that keep other hours have one of their own before it."""
    matchers = [f'alertname=~"{ALERTS}"', f'policy="{policy.name}"', f'who="{who}"', f'severity="{severity}"']
    base: dict[str, object] = {"receiver": receiver_name(who), "matchers": matchers, "group_by": ["queue", "policy"]}
    base |= {**_PACE[severity], "repeat_interval": _REPEAT}
    if not policy.quiet_outside_hours:
        yield {**base, **_waits({}, blackouts)}
        return
    for queue, name in policy.calendar_by_queue.items():
        own = [*matchers, f'queue="{_escaped(queue)}"']
        yield {**base, "matchers": own, **_waits(closing.get(name, {}), blackouts)}
    yield {**base, **_waits(closing.get(policy.calendar, {}), blackouts)}


def _waits(hours: Mapping[str, list[str]], blackouts: list[str]) -> dict[str, list[str]]:
    """When messages wait: by the hours of a calendar, and in blackouts whatever these say."""
    mute = [*hours.get("mute_time_intervals", []), *blackouts]
    return {**hours, "mute_time_intervals": mute} if mute else {**hours}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _receiver(contact: Contact) -> dict[str, object]:
    found: dict[str, object] = {"name": receiver_name(contact.name)}
    if contact.webhook:
        found["webhook_configs"] = [{"url": url, "send_resolved": True} for url in contact.webhook]
    if contact.email:
        found["email_configs"] = [{"to": address, "send_resolved": True} for address in contact.email]
    return found


def _inhibitions() -> list[dict[str, object]]:
    """What is a consequence of something worse that is told already, of the same policy and queue."""

    def spared(source: list[str], target: list[str], *equal: str) -> dict[str, object]:
        return {
            "source_matchers": [f'alertname=~"{ALERTS}"', *source],
            "target_matchers": [f'alertname=~"{ALERTS}"', *target],
            "equal": ["policy", "queue", *equal],
        }

    return [
        # A breach makes the warning about it superfluous, and the page about an open breach that about the same one.
        spared(['stage="breach"'], ['stage=~"warning|risk"']),
        spared(['stage="breach"'], ['stage="single"']),
        # A budget that burns fast burns slowly, too.
        spared(['stage="burn"', 'severity="critical"'], ['stage="burn"', 'severity="warning"'], "metric"),
    ]

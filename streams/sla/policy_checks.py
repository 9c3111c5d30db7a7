"""What is wrong with policies though every value of their file may stand: errors, and what one should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.problems import Path, Problem
from streams.sla.conditions import CALL_METRICS, CHAT_METRICS
from streams.sla.matching import in_words
from streams.sla.model import Metric, Mode
from streams.sla.policy_hours import check_hours
from streams.sla.policy_order import clashes, common, shown, taken
from streams.sla.policy_series import untold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from streams.businesstime import Calendar
    from streams.sla.model import Level, Policy
    from streams.sla.policy_document import PolicyDocument

_LONGEST = 30 * 24 * 3_600_000
"""No level of an escalation list comes later after a breach than this."""


_OF_CONTACTS: dict[str, tuple[str, tuple[Metric, ...]]] = {
    "voice": ("calls", CALL_METRICS),
    "chat": ("chats", CHAT_METRICS),
}
"""What contacts of a channel are called, and what clocks they have; what is kept as a ticket has all the others."""


class Finding(NamedTuple):
    """One thing found."""

    problem: Problem
    fatal: bool
    """Whether the file must not be used like this; otherwise it may be meant so."""


def check_policies(document: PolicyDocument, calendars: Mapping[str, Calendar], today: date) -> list[Finding]:
    """All findings, errors and warnings.

    Args:
        document: as :func:`streams.sla.policy_reading.read_policies` gives it.
        calendars: those of the calendar files that it names, by name.
        today: the day on which reviews are overdue or not.
    """
    policies = document.policies.policies
    found = [*_order(policies, document.places), *_unused(document)]
    for path, policy in zip(document.places, policies, strict=True):
        found += [Finding(*doubt) for doubt in check_hours(path, policy, calendars, document.policies.effective_from)]
        found += _priorities(path, policy)
        found += _channels(path, policy)
        found += _escalation((*path, "escalation"), policy)
        found += _service_level((*path, "service_level"), policy)
        if policy.review_by <= today:
            rule = f"the review is overdue since this day (today is {today}); {policy.owner} is to review it"
            found.append(Finding(Problem((*path, "review_by"), str(policy.review_by), rule), fatal=False))
    return found


def _order(policies: Sequence[Policy], places: Sequence[Path]) -> Iterator[Finding]:
    for path, policy in zip(places, policies, strict=True):
        if taken(policy) is None and policy.cohort is not None:
            rule = f"has nothing in common with the match of the policy ({shown(policy.selector)}): it never applies"
            yield Finding(Problem((*path, "cohort"), shown(policy.cohort), rule), fatal=True)
    for clash in clashes(policies):
        policy = policies[clash.later]
        match = taken(policy)
        names = " and ".join(repr(policies[place].name) for place in clash.earlier)
        path = (*places[clash.later], "match")
        if match is None:
            continue
        if clash.nothing_left:
            rule = f"is never reached: {names}, which stands earlier, takes all of it"
            if len(clash.earlier) > 1:
                rule = f"is never reached: {names}, which stand earlier, together take all of it"
            yield Finding(Problem(path, shown(match), rule), fatal=True)
            continue
        earlier = taken(policies[clash.earlier[0]])
        if earlier is not None:
            share = f"{in_words(earlier.part)} of " if earlier.part < 1 else ""
            rule = f"overlaps {names}, which stands earlier and takes {share}{common(earlier, match)}"
            yield Finding(Problem(path, shown(match), rule), fatal=False)


def _unused(document: PolicyDocument) -> Iterator[Finding]:
    policies = document.policies.policies
    served = {target.serves for policy in policies for target in policy.targets}
    served |= {policy.service_level.serves for policy in policies if policy.service_level}
    for goal in document.policies.goals:
        if goal.name not in served:
            rule = "no target of any policy serves this goal"
            yield Finding(Problem(("goals", goal.name), goal.mission, rule), fatal=False)
    told = {level.who for policy in policies for level in policy.escalation}
    for contact in document.contacts:
        if contact.name not in told:
            rule = "no escalation list names this contact"
            yield Finding(Problem(("contacts", contact.name), contact.name, rule), fatal=False)


def _priorities(path: Path, policy: Policy) -> Iterator[Finding]:
    """Targets of priorities that the policy does not take, and priorities taken that have no target."""
    match = taken(policy)
    allowed = match.priority if match else ()
    for target in policy.targets:
        here = (*path, "targets", str(target.metric))
        for priority, duration in target.by_priority.items():
            if allowed and priority not in allowed:
                rule = f"never applies: the policy takes priority {' or '.join(allowed)} only"
                yield Finding(Problem((*here, "by_priority", priority), str(duration), rule), fatal=True)
        for priority in allowed:
            if target.duration(priority) is None:
                rule = f"the policy takes priority {priority}, for which this target says nothing: no clock will run"
                yield Finding(Problem((*here, "by_priority"), list(target.by_priority), rule), fatal=False)
        if allowed and target.default is not None and set(allowed) <= set(target.by_priority):
            rule = "never applies: every priority that the policy takes has a target of its own"
            yield Finding(Problem((*here, "default"), str(target.default), rule), fatal=True)


def _channels(path: Path, policy: Policy) -> Iterator[Finding]:
    """Targets that the channels have no clock for, which may be meant where contacts are kept as tickets."""
    match = taken(policy)
    channels = match.channel if match else ()
    for target in policy.targets:
        metric, here = target.metric, (*path, "targets", str(target.metric))
        if metric is Metric.COMPLAINT_REPLY:
            continue  # one may complain by any channel
        if channels == ("email",) and metric in CALL_METRICS:
            rule = "never applies: calls and chats wait in queues and are called back, e-mail does not"
            yield Finding(Problem(here, "channel email", rule), fatal=False)
        elif channels and all(metric not in _OF_CONTACTS.get(each, ("", tuple(Metric)))[1] for each in channels):
            known = "; ".join(f"{_OF_CONTACTS[each][0]} have {', '.join(_OF_CONTACTS[each][1])}" for each in channels)
            rule = f"applies only to what is kept as a ticket: {known}"
            yield Finding(Problem(here, f"channel {' or '.join(channels)}", rule), fatal=False)


def _service_level(path: Path, policy: Policy) -> Iterator[Finding]:
    match = taken(policy)
    if policy.service_level is None or match is None:
        return
    for key, value in untold(match).items():
        rule = "cannot be told apart: the service level of queues is known by queue, channel and priority only"
        yield Finding(Problem(path, f"{key} {value}", rule), fatal=True)
    if not policy.targets and any(level.when == "breach" and level.after for level in policy.escalation):
        rule = "has levels after a breach, but a service level is a share: give the policy a target such as queue_wait"
        yield Finding(Problem(path, f"{policy.service_level.threshold_seconds:g}", rule), fatal=True)


def _escalation(path: Path, policy: Policy) -> Iterator[Finding]:
    levels = policy.escalation
    if policy.mode is Mode.SHADOW:
        if levels:
            rule = "a shadow policy pages nobody: its list says nothing until the mode changes"
            yield Finding(Problem(path, _list(levels), rule), fatal=False)
    elif not levels:
        rule = "nobody hears of a warning or a breach by name: alerts go where all others go"
        yield Finding(Problem(path, None, rule), fatal=False)
    if levels and not any(level.when == "breach" for level in levels):
        rule = "must end with a level on breach: as it is, nobody hears that the promise was broken"
        yield Finding(Problem(path, _list(levels), rule), fatal=True)
    warns = any(target.warn_at for target in policy.targets)
    for place, level in enumerate(levels):
        here = (*path, place)
        earlier = levels[:place]
        if level.when == "warning" and level.after is not None:
            rule = "has no meaning on a warning: when to warn, warn_at of the targets says"
            yield Finding(Problem((*here, "after"), str(level.after), rule), fatal=True)
        if level.when == "warning" and not warns:
            rule = "is never reached: no target of the policy has warn_at"
            yield Finding(Problem((*here, "when"), level.when, rule), fatal=True)
        if level.when == "breach" and level.after and level.after.is_business:
            rule = "must be in h: the list runs by the clock; quiet_outside_hours makes it wait for the opening"
            yield Finding(Problem((*here, "after"), str(level.after), rule), fatal=True)
        elif level.after and level.after.amount > _LONGEST:
            rule = "never ends: a level later than 30 days (720h) after the breach comes when nobody waits for it"
            yield Finding(Problem((*here, "after"), str(level.after), rule), fatal=True)
        if any((level.who, level.when) == (each.who, each.when) for each in earlier):
            rule = f"repeats: an earlier level tells {level.who} of the same {level.when} already"
            yield Finding(Problem((*here, "who"), level.who, rule), fatal=True)
        if earlier and _step(level) < _step(earlier[-1]):
            rule = "must not come before the level above it: warnings first, then breaches by 'after'"
            key = "after" if level.after else "when"
            yield Finding(Problem((*here, key), str(level.after or level.when), rule), fatal=True)


def _step(level: Level) -> int:
    if level.when == "warning":
        return -1
    return level.after.amount if level.after else 0


def _list(levels: Sequence[Level]) -> list[str]:
    return [level.who for level in levels]

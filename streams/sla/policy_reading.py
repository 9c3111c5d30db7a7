"""Reads policy documents: tables, as YAML or JSON has them, to typed structs, with every problem found.

``docs/policies.md`` is the manual of what may stand in one. Problems of single values are found here; what does not
go together is found by :mod:`streams.sla.policy_checks`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from streams.businesstime.problems import Reading, nearest
from streams.businesstime.schedules import ScheduleRule
from streams.sla import policy_words as words
from streams.sla.matching import Cohort, Match
from streams.sla.model import Benchmark, Goal, Mode, Policy, PolicySet
from streams.sla.policy_blackouts import read_blackouts
from streams.sla.policy_document import ALWAYS, Blackout, Contact, PolicyDocument, PolicyError, WeeklyBlackout
from streams.sla.policy_promises import read_level, read_service_level, read_target
from streams.sla.policy_values import (
    read_choice,
    read_day,
    read_instant,
    read_name,
    read_names,
    read_optional,
    read_share,
    read_some_names,
    read_table,
)

if TYPE_CHECKING:
    from streams.problems import Path
    from streams.sla.model import Level, Target


def read_policies(document: object, name: str) -> PolicyDocument:
    """What a policy document says.

    Args:
        document: tables, lists and text; every scalar as it is written.
        name: how errors call the document.

    Raises:
        PolicyError: it has problems; all of them, each with path, value and rule.
    """
    reading = Reading()
    top = read_table(reading, (), document, words.TOP, words.TOP_REQUIRED)
    effective = read_instant(reading, ("effective_from",), top["effective_from"]) if "effective_from" in top else None
    goals = {key: _goal(reading, ("goals", key), key, value) for key, value in _named(reading, top, "goals").items()}
    contacts = {
        key: _contact(reading, ("contacts", key), key, value) for key, value in _named(reading, top, "contacts").items()
    }
    places: list[Path] = []
    policies: list[Policy] = []
    for number, value in enumerate(reading.items(top.get("policies"))):
        here: Path = ("policies", number) if isinstance(top["policies"], list) else ("policies",)
        policy = _policy(reading, here, value, goals, contacts)
        if policy.name and policy.name in {other.name for other in policies}:
            reading.problem((*here, "name"), policy.name, "is the name of an earlier policy")
        places.append(here)
        policies.append(policy)
    if top.get("policies") == []:
        reading.problem(("policies",), [], "must list at least one policy")
    names = tuple(policy.name for policy in policies if policy.name)
    blackouts = read_blackouts(reading, ("blackouts",), top.get("blackouts"), names)
    found = PolicyDocument(
        policies=PolicySet(effective_from=effective or 0, policies=tuple(policies), goals=tuple(goals.values())),
        places=tuple(places),
        calendars=_calendars(reading, ("calendars",), top.get("calendars")),
        contacts=tuple(contacts.values()),
        blackouts=tuple(each for each in blackouts if isinstance(each, Blackout)),
        weekly_blackouts=tuple(each for each in blackouts if isinstance(each, WeeklyBlackout)),
    )
    if reading.problems:
        raise PolicyError(name, reading.problems)
    return found


def _calendars(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        reading.problem(path, value, "must name files beside this one, such as desks.yaml: calendars stand in those")
        return ()
    return read_names(reading, path, value)


_NAMED = {
    "goals": "fast: {mission: Nobody waits in the dark, share: 90%}",
    "contacts": 'team-lead: {webhook: "https://chat.example.org/hooks/lead"}',
}
"""Tables of things by name, and an example of each."""


def _named(reading: Reading, top: dict[str, object], key: str) -> dict[str, object]:
    """A table of things by name; empty if absent."""
    entries = {} if top.get(key) is None else reading.table((key,), top[key], such_as=_NAMED[key])
    return {name: value for name, value in entries.items() if read_name(reading, (key, name), name)}


def _goal(reading: Reading, path: Path, name: str, value: object) -> Goal:
    said = read_table(reading, path, value, words.GOAL, words.GOAL_REQUIRED, _NAMED["goals"].split(": ", 1)[1])
    benchmark: Benchmark | None = None
    if said.get("benchmark") is not None:
        here = (*path, "benchmark")
        fields = read_table(reading, here, said["benchmark"], words.BENCHMARK, words.BENCHMARK_REQUIRED)
        benchmark = Benchmark(
            value=read_share(reading, (*here, "share"), fields.get("share")) or 0.0,
            source=read_optional(reading, here, fields, "source"),
            period=read_optional(reading, here, fields, "period"),
        )
    return Goal(
        name=name,
        mission=read_optional(reading, path, said, "mission"),
        mission_ref=read_optional(reading, path, said, "mission_ref"),
        share=read_share(reading, (*path, "share"), said.get("share")) or 0.5,
        benchmark=benchmark,
    )


def _contact(reading: Reading, path: Path, name: str, value: object) -> Contact:
    said = {} if value is None else reading.table(path, value, words.CONTACT, _NAMED["contacts"].split(": ", 1)[1])
    found = Contact(
        name=name,
        webhook=read_names(reading, (*path, "webhook"), said.get("webhook")),
        email=read_names(reading, (*path, "email"), said.get("email")),
    )
    for key, addresses, form in (("webhook", found.webhook, ("http://", "https://", "@")), ("email", found.email, ())):
        for address in addresses:
            if form and not address.startswith(form):
                reading.problem(
                    (*path, key), address, "must begin with http:// or https://, or be a mark as @DESK_URL@"
                )
            elif form and address.startswith("@") and len(addresses) > 1:
                reading.problem((*path, key), address, "a mark must be the only webhook of its contact")
            elif not form and not 0 < address.find("@") < len(address) - 1:
                reading.problem((*path, key), address, "must be an address such as lead@example.org")
    return found


def _policy(
    reading: Reading, path: Path, value: object, goals: dict[str, Goal], contacts: dict[str, Contact]
) -> Policy:
    value = _without_stray_targets(reading, path, value)
    said = read_table(reading, path, value, words.POLICY, words.POLICY_REQUIRED)
    mode = Mode(read_choice(reading, (*path, "mode"), said.get("mode"), "mode", Mode.SHADOW))
    cohort = None if said.get("cohort") is None else _cohort(reading, (*path, "cohort"), said["cohort"])
    if mode is Mode.PILOT and cohort is None:
        reading.problem((*path, "cohort"), None, "is required of a pilot: for whom does it count?")
    if mode is not Mode.PILOT and cohort is not None:
        reading.problem((*path, "cohort"), said["cohort"], f"has no meaning in mode {str(mode)!r}, only in a pilot")
    goal = read_optional(reading, path, said, "goal")
    if goal and goal not in goals:
        reading.problem((*path, "goal"), goal, f"must be a goal of this file; {nearest(goal, goals)}")
    calendar = read_optional(reading, path, said, "calendar")
    targets = _targets(reading, (*path, "targets"), said.get("targets"), goals, goal)
    level = said.get("service_level")
    service = None if level is None else read_service_level(reading, (*path, "service_level"), level, goals, goal)
    if not targets and service is None and isinstance(value, dict) and not said.get("targets"):
        reading.problem((*path, "targets"), said.get("targets"), "a policy must have targets or a service_level")
    return Policy(
        name=read_name(reading, (*path, "name"), said["name"]) if "name" in said else "",
        mode=mode,
        owner=read_optional(reading, path, said, "owner"),
        review_by=(read_day(reading, (*path, "review_by"), said["review_by"]) if "review_by" in said else None)
        or date.max,
        selector=_match(reading, (*path, "match"), said["match"]) if "match" in said else Match(),
        cohort=cohort,
        calendar="" if calendar == ALWAYS else calendar,
        calendar_by_queue=_by_queue(reading, (*path, "calendar_by_queue"), said.get("calendar_by_queue")),
        schedule_rule=ScheduleRule(
            read_choice(
                reading, (*path, "schedule_rule"), said.get("schedule_rule"), "schedule_rule", ScheduleRule.AS_ASSIGNED
            )
        ),
        targets=targets,
        service_level=service,
        escalation=_levels(reading, (*path, "escalation"), said.get("escalation"), contacts),
        quiet_outside_hours=reading.flag(
            (*path, "quiet_outside_hours"), said.get("quiet_outside_hours"), default=False
        ),
        each_breach=reading.flag((*path, "each_breach"), said.get("each_breach"), default=False),
        runbook=read_optional(reading, path, said, "runbook"),
    )


def _without_stray_targets(reading: Reading, path: Path, value: object) -> object:
    """A policy without the targets that stand in it themselves, each of which is a problem."""
    if not isinstance(value, dict):
        return value
    for key in value:
        if key in words.CHOICES["metric"]:
            reading.problem((*path, key), value[key], "is a target: it must stand, indented, under targets")
    return {key: each for key, each in value.items() if key not in words.CHOICES["metric"]}


_LISTS = "{channel: [email, web], priority: urgent}"


def _match(reading: Reading, path: Path, value: object) -> Match:
    said = {} if value is None else reading.table(path, value, words.MATCH, _LISTS)
    if value is None or value == {}:
        reading.problem(path, value, "must name something; leave it out to match everything")
    return Match(**_lists(reading, path, said))


def _cohort(reading: Reading, path: Path, value: object) -> Cohort:
    said = reading.table(path, value, words.COHORT, _LISTS)
    if value == {}:
        reading.problem(path, value, "must name something: lists of labels, or a share such as 10%")
    share = None
    if "share" in said:
        here = (*path, "share")
        text = said.pop("share")
        if isinstance(text, str) and re.fullmatch(r"100(\.0+)?\s?%", text):
            reading.problem(here, text, "is everybody: leave it out, or let the policy be live")
        elif text is None:
            reading.problem(here, text, "is empty: write a share such as 10%, or leave it out")
        else:
            share = read_share(reading, here, text)
    return Cohort(**_lists(reading, path, said), share=share)


def _lists(reading: Reading, path: Path, said: dict[str, object]) -> dict[str, tuple[str, ...]]:
    return {key: read_some_names(reading, (*path, key), each, words.CHOICES.get(key, ())) for key, each in said.items()}


def _by_queue(reading: Reading, path: Path, value: object) -> dict[str, str]:
    said = {} if value is None else reading.table(path, value, such_as="{us: support-new-york}")
    names = {queue: reading.text((*path, queue), name) for queue, name in said.items()}
    return {queue: "" if name == ALWAYS else name for queue, name in names.items()}


def _targets(reading: Reading, path: Path, value: object, goals: dict[str, Goal], serves: str) -> tuple[Target, ...]:
    said = (
        {}
        if value is None
        else reading.table(path, value, words.CHOICES["metric"], "{first_reply: 4h, resolution: 24h}")
    )
    return tuple(read_target(reading, (*path, key), key, each, goals, serves) for key, each in said.items())


def _levels(reading: Reading, path: Path, value: object, contacts: dict[str, Contact]) -> tuple[Level, ...]:
    found = []
    for number, each in enumerate(reading.items(value)):
        here = (*path, number) if isinstance(value, list) else path
        if level := read_level(reading, here, each, tuple(contacts)):
            found.append(level)
    return tuple(found)

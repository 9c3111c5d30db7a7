"""What is wrong with policy files, and what they hold, as the commands of ``policy`` say it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from agents.policies import disagreements, read_policy_file
from streams.businesstime import CalendarError
from streams.sla.policy_document import PolicyError, told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agents.policies import PolicyFile
    from streams.sla.model import Policy

TODAY = click.option(
    "--today",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The day to judge by, instead of the real one (UTC).",
)


def day(today: datetime | None) -> date:
    """The day that ``--today`` says, or the real one."""
    return (today or datetime.now(UTC)).date()


def checked(paths: Iterable[Path], today: date) -> tuple[list[PolicyFile], int, int]:
    """Say what is wrong with policy files; returns those that can be read, and the numbers of errors and warnings."""
    read: list[PolicyFile] = []
    errors = warnings = 0
    for path in paths:
        try:
            file = read_policy_file(path)
        except (PolicyError, CalendarError) as error:
            click.echo(str(error))
            errors += len(error.problems)
            continue
        read.append(file)
        for found in file.findings(today):
            click.echo(told(file.name, found.problem) + ("" if found.fatal else " (warning)"))
            errors += found.fatal
            warnings += not found.fatal
    for name, problem in disagreements(read):
        click.echo(told(name, problem))
        errors += 1
    return read, errors, warnings


def summary(file: PolicyFile) -> str:
    """What a file holds, in a few lines: its version, and for each goal the procedures that serve it."""
    policies = file.document.policies
    since = datetime.fromtimestamp(policies.effective_from // 1000, UTC)
    lines = [
        f"{file.name}: version {policies.version} from {since:%Y-%m-%d %H:%M} UTC, {len(policies.policies)} policies"
    ]
    for goal in (*policies.goals, None):
        name = goal.name if goal else ""
        serving = [
            f"{policy.name} ({policy.mode}; {', '.join(policy.selector.channel) or 'all channels'})"
            for policy in policies.policies
            if name in served_by(policy)
        ]
        if serving:
            lines.append(f"  {f'{name}, {100 * goal.share:.4g}%' if goal else 'no goal'}: {', '.join(serving)}")
    return "\n".join(lines)


def served_by(policy: Policy) -> set[str]:
    """Names of the goals that the targets of a policy serve; empty: those that serve none."""
    served = {target.serves for target in policy.targets}
    return served | ({policy.service_level.serves} if policy.service_level else set())

"""A policy file as a typed struct: the policies, and what only those who are told need to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streams.sla.model import PolicySet  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from streams.businesstime.document import Week
    from streams.problems import Path, Problem
    from streams.sla.model import Policy

ALWAYS = "always"
"""What a policy file calls the calendar that never closes."""


class PolicyError(ValueError):
    """A policy file that cannot be used; lists all problems found."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        """``name``: the file, or what the document is called."""
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n".join(told(name, problem) for problem in self.problems))


def told(name: str, problem: Problem) -> str:
    """A problem as it is shown, ``FILE:LINE: PATH = VALUE: RULE``."""
    return f"{name}:{problem.line}: {problem}" if problem.line else f"{name}: {problem}"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom an escalation list names, and the addresses at which Alertmanager reaches them."""

    name: str
    webhook: tuple[str, ...] = ()
    """URLs, or marks such as ``@PAGER_URL@`` that a deployment fills in."""
    email: tuple[str, ...] = ()


class _Silence(msgspec.Struct, frozen=True, kw_only=True):
    policies: tuple[str, ...] = ()
    """Names of the policies that it is for; none: all."""

    def concerns(self, policy: Policy) -> bool:
        """Whether it is for a policy."""
        return not self.policies or policy.name in self.policies


class Blackout(_Silence, frozen=True, kw_only=True):
    """A time in which nothing fires, such as an announced migration."""

    start: int
    """Milliseconds since the epoch."""
    end: int


class WeeklyBlackout(_Silence, frozen=True, kw_only=True):
    """Hours of every week in which nobody is told of anything, such as those of maintenance."""

    week: Week
    zone: ZoneInfo
    """Whose wall clock shows the hours: in nights in which clocks change they are shorter, or longer."""


class PolicyDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy file says."""

    policies: PolicySet
    places: tuple[Path, ...]
    """Where in the file each of the policies stands."""
    calendars: tuple[str, ...] = ()
    """Calendar files, beside the policy file."""
    contacts: tuple[Contact, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    weekly_blackouts: tuple[WeeklyBlackout, ...] = ()

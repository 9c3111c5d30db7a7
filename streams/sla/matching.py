"""Whom a policy is for: lists of labels and, of a pilot, a share of the customers.

A share is drawn anew by each policy, and always the same way: from nothing but the name of the policy and that of the
customer. So every worker, now and after any replay, draws the same customers; a larger share has those of the smaller
one among its own; and pilots of different names draw independently of one another.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import msgspec

_LOTS = 2**64


class Labels(NamedTuple):
    """What policies match: the labels in force on a ticket or contact; empty: not known."""

    queue: str = ""
    channel: str = ""
    priority: str = ""
    tier: str = ""
    team: str = ""
    reason: str = ""


class Match(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Lists of values; one that is empty allows all, the others must name the value. All must agree."""

    queue: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether every list allows its label."""
        return (
            (not self.queue or labels.queue in self.queue)
            and (not self.channel or labels.channel in self.channel)
            and (not self.priority or labels.priority in self.priority)
            and (not self.tier or labels.tier in self.tier)
            and (not self.team or labels.team in self.team)
            and (not self.reason or labels.reason in self.reason)
        )


class Cohort(Match, frozen=True, kw_only=True, omit_defaults=True):
    """A limited group: what lists of labels allow, and of that a share of the customers."""

    share: float | None = None
    """More than 0, less than 1; None: all of them."""

    @property
    def part(self) -> float:
        """The share of the customers, at most 1."""
        return 1.0 if self.share is None else self.share

    def draws(self, policy: str, who: str) -> bool:
        """Whether a policy's share has somebody in it.

        Args:
            policy: name of the policy that draws.
            who: name of the customer; of what has none that of itself, so that such are neither all in nor all out.
        """
        return self.share is None or _lot(policy, who) < self.share * _LOTS


def in_words(share: float) -> str:
    """A share such as ``10% of the customers``; empty if it is all of them."""
    return f"{100 * share:.4g}% of the customers" if share < 1 else ""


def _lot(policy: str, who: str) -> int:
    """A number below :data:`_LOTS`, evenly distributed over names."""
    # The name of a policy has no line break, so that no two pairs are the same text.
    return int.from_bytes(blake2b(f"{policy}\n{who}".encode(), digest_size=8).digest())

"""Two periods compared at the same mix of work (SPEC 2.4, M56): like with like, weighted by how much there is now.

Contacts are alike that came by one channel and for one reason. What this period's would have taken, and how many of
their customers would have come again, if each kind had gone as it did before, is what this period is compared with:
direct standardisation by the present mix. So neither does it count if a figure moves only because there is more of the
short work, nor is it hidden where there is less of it.
"""

from __future__ import annotations

from collections import defaultdict
from math import fsum, sqrt
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KINDS = 1024
"""Reasons are told apart by a short digest: what a source calls reasons may be anything, and is kept for ever."""


def stratum_of(channel: str, reason: str) -> str:
    """The kind of a contact: its channel, and one of 1024 numbers of its reason, or none where it has no reason."""
    return f"{channel}.{crc32(reason.encode()) % _KINDS:03x}" if reason else f"{channel}."


class Handled(NamedTuple):
    """Contacts that were handled in some period."""

    contacts: int
    handle_seconds: float
    recontacts: int
    """How many of them the customer came again after, within the window for it, as far as is known."""

    @property
    def mean_seconds(self) -> float | None:
        """Average handle time; None without contacts."""
        return self.handle_seconds / self.contacts if self.contacts else None

    @property
    def effective_seconds(self) -> float | None:
        """Handle time for each contact that was not followed by another; None if all were, or there are none."""
        lasting = self.contacts - self.recontacts
        return self.handle_seconds / lasting if lasting else None


def total(parts: Iterable[Handled]) -> Handled:
    """All of them together."""
    parts = list(parts)
    # Sums of seconds are whole milliseconds.
    seconds = round(fsum(part.handle_seconds for part in parts) * 1000) / 1000
    return Handled(sum(part.contacts for part in parts), seconds, sum(part.recontacts for part in parts))


class Pair(NamedTuple):
    """Contacts that are alike, in two periods; there are some in both."""

    now: Handled
    before: Handled


class SameMix(NamedTuple):
    """What is compared of two periods."""

    pairs: tuple[Pair, ...]

    @property
    def now(self) -> Handled:
        """Contacts of this period that there is something to compare with."""
        return total(pair.now for pair in self.pairs)

    @property
    def before(self) -> Handled:
        """What they are compared with."""
        return total(pair.before for pair in self.pairs)

    @property
    def expected_seconds(self) -> float:
        """Handle time that this period's contacts would have taken as before."""
        return fsum(now.contacts * (before.handle_seconds / before.contacts) for now, before in self.pairs)

    @property
    def expected_recontacts(self) -> float:
        """How many of this period's contacts the customer would have come again after as before."""
        return fsum(now.contacts * (before.recontacts / before.contacts) for now, before in self.pairs)

    @property
    def handle_time_ratio(self) -> float | None:
        """Handle time over what was to be expected; None if that is nothing."""
        expected = self.expected_seconds
        return self.now.handle_seconds / expected if expected else None

    @property
    def z(self) -> float | None:
        """How much likelier customers come again than before; None where undefined.

        The differences of the kinds, each weighted by its share of this period's contacts, over the standard error of
        that sum, for which each kind's two periods are pooled: of one kind the pooled two-proportion z.
        """
        contacts = self.now.contacts
        variance = fsum(_variance(pair) * pair.now.contacts**2 for pair in self.pairs)
        if variance <= 0:
            return None
        again = fsum(
            now.contacts * (now.recontacts / now.contacts - before.recontacts / before.contacts)
            for now, before in self.pairs
        )
        return again / contacts / sqrt(variance / contacts**2)


def _variance(pair: Pair) -> float:
    now, before = pair
    pooled = (now.recontacts + before.recontacts) / (now.contacts + before.contacts)
    return pooled * (1 - pooled) * (1 / now.contacts + 1 / before.contacts)


def same_mix(strata: Mapping[str, Pair], least: int) -> SameMix:
    """What of two periods can be compared.

    Kinds that are rare in both are compared together, channel by channel. One that is rare in one of them only is left
    out: it came or went, and nothing tells how long it would have taken in the other.

    Args:
        strata: kind, see :func:`stratum_of`, to its contacts.
        least: how many there must be in each period; fewer are rare. At least 1.
    """
    found: list[Pair] = []
    rare: defaultdict[str, list[Pair]] = defaultdict(list)
    for stratum, pair in strata.items():
        few = [part.contacts < least for part in pair]
        if not any(few):
            found.append(pair)
        elif all(few):
            rare[stratum.partition(".")[0]].append(pair)
    for alike in rare.values():
        pair = Pair(total(now for now, _ in alike), total(before for _, before in alike))
        if all(part.contacts >= least for part in pair):
            found.append(pair)
    return SameMix(tuple(found))

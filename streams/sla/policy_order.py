"""Which of a list of policies can never match, and which contend for the same work: they are matched in order.

Live policies and pilots are one list, of which the first match counts; shadow policies are another.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from streams.sla.matching import Cohort, Match, in_words
from streams.sla.model import Mode
from streams.sla.policy_words import MATCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.sla.model import Policy

_MOST_CASES = 4_096
"""Combinations of listed values that are looked at one by one; of a longer list only what a single policy covers."""


class Clash(NamedTuple):
    """Two policies that contend: the later one, the earlier ones, and whether nothing is left for the later one."""

    later: int
    earlier: tuple[int, ...]
    nothing_left: bool


def taken(policy: Policy) -> Cohort | None:
    """What a policy takes: its selector and, of a pilot, its cohort too; None: nothing can be both."""
    cohort = policy.cohort or Cohort()
    both: dict[str, tuple[str, ...]] = {}
    for key in MATCH:
        one, other = _values(policy.selector, key), _values(cohort, key)
        both[key] = _common(one, other)
        if (one or other) and not both[key]:
            return None
    return Cohort(**both, share=cohort.share)


def clashes(policies: Sequence[Policy]) -> Iterator[Clash]:
    """Policies of which earlier ones take all, or one takes a part that it is not the special case of."""
    for later, policy in enumerate(policies):
        match = taken(policy)
        if match is None:
            continue
        before = {
            place: earlier
            for place, other in enumerate(policies[:later])
            if (other.mode is Mode.SHADOW) == (policy.mode is Mode.SHADOW)
            and (earlier := taken(other)) is not None
            and _meet(earlier, match)
        }
        if covering := _covering(before, match):
            yield Clash(later, covering, nothing_left=True)
            continue
        for place, earlier in before.items():
            # The special case first and the general one after it is what the order is for; but of two shares the later
            # one is not the larger part of the same customers.
            if not _allows(match, earlier) or max(match.part, earlier.part) < 1:
                yield Clash(later, (place,), nothing_left=False)


def common(one: Match, other: Match) -> str:
    """What two matches both take, in words: ``queue billing, priority urgent``."""
    values = {key: _common(_values(one, key), _values(other, key)) for key in MATCH}
    return ", ".join(f"{key} {' or '.join(found)}" for key, found in values.items() if found) or "everything"


def shown(match: Match) -> str:
    """A match in the words of :func:`common`, with its share."""
    share = in_words(match.part) if isinstance(match, Cohort) else ""
    said = common(match, Match())
    return f"{share} of {said}" if share else said


def _covering(before: dict[int, Cohort], match: Match) -> tuple[int, ...]:
    """The earlier policies that leave nothing, one or several together; empty: something is left."""
    for place, earlier in before.items():
        if _covers(earlier, match):
            return (place,)
    lists = [_values(match, key) for key in MATCH]
    count = 1
    for values in lists:
        count *= len(values) or 1
    if count > _MOST_CASES:
        return ()
    used: set[int] = set()
    for case in product(*(values or ("",) for values in lists)):
        single = Match(**{key: (value,) if value else () for key, value in zip(MATCH, case, strict=True)})
        taker = next((place for place, earlier in before.items() if _covers(earlier, single)), None)
        if taker is None:
            return ()
        used.add(taker)
    return tuple(sorted(used))


def _covers(wide: Cohort, narrow: Match) -> bool:
    """Whether one takes everything that the other does: a share never does."""
    return wide.part >= 1 and _allows(wide, narrow)


def _allows(wide: Match, narrow: Match) -> bool:
    """Whether the lists of one allow everything that those of the other do."""
    for key in MATCH:
        allowed, asked = _values(wide, key), _values(narrow, key)
        if allowed and not (asked and set(asked) <= set(allowed)):
            return False
    return True


def _meet(one: Match, other: Match) -> bool:
    """Whether something can be taken by both."""
    lists = ((_values(one, key), _values(other, key)) for key in MATCH)
    return all(not left or not right or set(left) & set(right) for left, right in lists)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """What two lists both allow; an empty one allows everything."""
    return tuple(value for value in one if value in other) if one and other else one or other


def _values(match: Match, key: str) -> tuple[str, ...]:
    values: tuple[str, ...] = getattr(match, key)
    return values

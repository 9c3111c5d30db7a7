"""Unreachable and overlapping policies, compared with trying out all that there is."""

from __future__ import annotations

from datetime import date
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from streams.sla.matching import Cohort, Labels, Match
from streams.sla.model import Mode, Policy, PolicySet
from streams.sla.policy_order import clashes, common, taken

LISTS: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",), ("a", "b"))
EVERYTHING = [Labels(queue=queue, priority=priority) for queue, priority in product("abz", "abz")]
"""All labels that matter: each value that a list may hold, and one that none does."""
MATCHES = [Match(queue=queue, priority=priority) for queue, priority in product(LISTS, LISTS)]
COHORTS = [
    *(Cohort(queue=each.queue, priority=each.priority) for each in MATCHES),
    *(Cohort(queue=each.queue, share=0.5) for each in MATCHES if not each.priority),
]
MODES = [(mode, None) for mode in (Mode.LIVE, Mode.SHADOW)] + [(Mode.PILOT, cohort) for cohort in COHORTS]
KINDS = list(product(MATCHES, MODES))
CUSTOMERS = [f"c{number}" for number in range(300)]
"""So many that each of five policies draws some that no other one does, and some that all do."""


def policies_of(numbers: list[int]) -> list[Policy]:
    return [
        Policy(name=str(place), mode=mode, owner="", review_by=date.max, selector=selector, cohort=cohort)
        for place, (selector, (mode, cohort)) in enumerate(KINDS[number] for number in numbers)
    ]


policy_lists = st.lists(st.integers(0, len(KINDS) - 1), min_size=1, max_size=5).map(policies_of)


def who_takes(policies: list[Policy], labels: Labels) -> set[str]:
    held = PolicySet(effective_from=0, policies=tuple(policies))
    drawn = any(policy.cohort and policy.cohort.share for policy in policies)
    return {
        policy.name
        for who in (CUSTOMERS if drawn else CUSTOMERS[:1])
        for policy in (held.first_match(labels, who), held.first_shadow(labels, who))
        if policy
    }


@given(policy_lists)
def test_a_policy_is_unreachable_if_and_only_if_nothing_ever_comes_to_it(policies: list[Policy]) -> None:
    reached = {name for labels in EVERYTHING for name in who_takes(policies, labels)}
    found = {policies[clash.later].name for clash in clashes(policies) if clash.nothing_left}
    found |= {policy.name for policy in policies if taken(policy) is None}
    assert found == {policy.name for policy in policies} - reached


@given(policy_lists)
def test_policies_overlap_if_an_earlier_one_takes_some_of_what_it_is_no_special_case_of(policies: list[Policy]) -> None:
    for clash in clashes(policies):
        later = policies[clash.later]
        mine = {(labels, who) for labels, who in product(EVERYTHING, CUSTOMERS[:60]) if later.takes(labels, who)}
        for place in clash.earlier:
            assert place < clash.later
            earlier = policies[place]
            theirs = {
                (labels, who) for labels, who in product(EVERYTHING, CUSTOMERS[:60]) if earlier.takes(labels, who)
            }
            assert mine & theirs
            assert clash.nothing_left or theirs - mine


def test_what_two_matches_have_in_common() -> None:
    assert common(Match(queue=("a", "b")), Match(queue=("b",), priority=("urgent",))) == "queue b, priority urgent"
    assert common(Match(), Match()) == "everything"

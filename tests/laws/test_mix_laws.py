"""Two periods at the same mix: no shift of the mix moves what is compared, and no order does."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from streams.figures.mix import Handled, Pair, same_mix, stratum_of
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = (0, 1, 4, 5, 6, 30, 200)


def handled(tape: Tape) -> Handled:
    contacts = tape.one(NUMBERS)
    return Handled(contacts, sum(tape.one((30, 0.01, 600, 1234.56)) for _ in range(contacts)), tape.pick(contacts + 1))


def kinds(tape: Tape, other: Callable[[Handled], Handled] | None = None) -> dict[str, Pair]:
    """Contacts of some kinds, in this period and before; ``other``: this period's from what was before."""
    found = {}
    for number in range(tape.pick(8)):
        before = handled(tape)
        now = handled(tape) if other is None else other(before)
        found[f"{tape.one(('voice', 'chat', ''))}.{number:03x}"] = Pair(now, before)
    return found


@given(tapes(60))
def test_whatever_the_mix_a_change_of_all_kinds_is_the_change(tape: Tape) -> None:
    change = tape.one((0.5, 1.0, 0.9, 1.7))
    times = (0, 1, 2, 7)

    def more_or_less(before: Handled) -> Handled:
        factor = tape.one(times)
        return Handled(before.contacts * factor, before.handle_seconds * factor * change, before.recontacts * factor)

    found = same_mix(kinds(tape, more_or_less), 1)
    ratio = found.handle_time_ratio
    assert (ratio is None) == (not found.pairs)
    assert ratio is None or ratio == pytest.approx(change)
    assert found.expected_recontacts == pytest.approx(found.now.recontacts)
    assert found.z is None or found.z == pytest.approx(0, abs=1e-9)


@given(tapes(80), tapes(10))
def test_the_order_of_the_kinds_changes_nothing_at_all(tape: Tape, order: Tape) -> None:
    strata = kinds(tape)
    mixed = dict(order.shuffle(list(strata.items())))
    one, other = same_mix(strata, 5), same_mix(mixed, 5)
    assert sorted(one.pairs) == sorted(other.pairs)
    assert (one.now, one.before, one.handle_time_ratio, one.z) == (
        other.now, other.before, other.handle_time_ratio, other.z,
    )  # fmt: skip


@given(tapes(80))
def test_nothing_is_compared_twice_or_with_nothing(tape: Tape) -> None:
    strata = kinds(tape)
    least = tape.one((1, 5, 100))
    found = same_mix(strata, least)
    assert all(part.contacts >= least for pair in found.pairs for part in pair)
    for place in (0, 1):
        counted = sum(pair[place].contacts for pair in found.pairs)
        # Left out is what is rare in one period only, and what is rare in all and altogether.
        both = [pair[place].contacts for pair in strata.values() if all(part.contacts >= least for part in pair)]
        few = [pair[place].contacts for pair in strata.values() if all(part.contacts < least for part in pair)]
        assert sum(both) <= counted <= sum(both) + sum(few)


@given(tapes(40))
def test_of_one_kind_it_is_the_pooled_test_of_two_proportions(tape: Tape) -> None:
    now, before = handled(tape), handled(tape)
    found = same_mix({"voice.": Pair(now, before)}, 1)
    n, m = now.contacts, before.contacts
    pooled = (now.recontacts + before.recontacts) / (n + m) if n and m else 0
    if 0 < pooled < 1:
        z = (now.recontacts / n - before.recontacts / m) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        assert found.z == pytest.approx(z)
    else:
        assert found.z is None


def test_kinds_are_few_whatever_a_source_calls_its_reasons() -> None:
    assert len({stratum_of("voice", f"case {number}") for number in range(50_000)}) == 1024
    assert len({stratum_of(channel, reason) for channel in ("voice", "chat") for reason in ("", "a", "b")}) == 6

"""A history is a set: what arrives twice, late, or with another content."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from streams.history import EMPTY, History, decode, encode, merge
from tests.support.timeline import Timeline


def entries(*told: tuple[str, str, str, dict[str, Any]]) -> list[Any]:
    line = Timeline()
    return [line.add("ticket/T", when, name, uid=uid, **data).entry for uid, when, name, data in told]


FIRST, SECOND = entries(("a", "09:00", "ticket.created", {"queue": "Q"}), ("b", "09:10", "ticket.solved", {}))


def test_the_same_event_again_changes_nothing_not_even_the_version() -> None:
    once = merge(EMPTY, [FIRST]).history
    again = merge(once, [FIRST, FIRST])
    assert again.history is once
    assert again.duplicates == 2


def test_events_are_kept_in_the_order_of_their_times() -> None:
    assert merge(EMPTY, [SECOND, FIRST]).history.events == [FIRST, SECOND]


def test_a_larger_version_always_knows_more() -> None:
    one = merge(EMPTY, [SECOND]).history
    two = merge(one, [FIRST]).history
    assert EMPTY.version < one.version < two.version


CONFLICT = entries(
    ("same", "09:20", "ticket.assigned", {"queue": "A"}),
    ("same", "09:10", "ticket.assigned", {"queue": "B", "customer": "x"}),
    ("same", "09:30", "ticket.assigned", {"queue": "C"}),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_contents_under_one_identity_the_earlier_stands(order: tuple[int, ...]) -> None:
    history = EMPTY
    for number in order:
        history = merge(history, [CONFLICT[number]]).history
    assert [entry.data.queue for entry in history.events] == ["B"]


def test_and_of_two_equally_early_ones_the_same_whichever_came_first() -> None:
    line = Timeline()
    one = line.add("ticket/T", "09:10", "ticket.assigned", uid="same", queue="A").entry
    other = type(one)(one.time, one.sequence, one.uid, type(one.data)(queue="B"))
    assert merge(EMPTY, [one, other]).history.events == merge(EMPTY, [other, one]).history.events


def test_what_stood_once_is_remembered_as_figures_were_booked_by_it() -> None:
    history = merge(EMPTY, CONFLICT).history
    assert [entry.data.queue for entry in history.replaced] == ["A"]


def test_stored_and_read_back_it_is_what_it_was() -> None:
    history = merge(EMPTY, [*CONFLICT, FIRST, SECOND]).history
    assert decode("ticket", encode(history)) == history
    assert decode("ticket", encode(History())) == EMPTY

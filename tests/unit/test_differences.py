"""Differences of sets touch only what differs: a figure is the same either way, but not what it costs."""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.contributions import Item
from streams.figures.differences import Difference, Moved, difference


def item(number: int) -> Item:
    return Item(c.CREATED, "", "", "", number, 0, 1)


def span(start: int, end: int, cell: str = c.CHAT_TIME) -> Item:
    return Item(cell, "", "", "ann", end, start, 2)


A, B, C, D, E = map(item, range(5))


def test_what_both_begin_and_end_with_is_not_touched() -> None:
    assert difference([A, B, C], [A, B, C]) == ([], [], ())
    assert difference([A, B, C], [A, D, C]) == ([B], [D], [])
    assert difference([A, B, D, E], [A, C, D, E]) == ([B], [C], [])
    assert difference([A, B], [A, B, C]) == ([], [C], ())
    assert difference([A, B, C], [B, C]) == ([A], [], ())
    assert difference([A, C], [A, B, C]) == ([], [B], ())
    assert difference([], [A]) == ([], [A], ())
    assert difference([A], []) == ([A], [], ())


def test_the_same_twice_is_taken_off_once() -> None:
    assert difference([A, A, A], [A, A]) == ([A], [], ())
    assert difference([A, B, A], [A]) == ([B, A], [], ())


def test_of_a_span_whose_end_has_moved_only_the_time_between_counts() -> None:
    longer, shorter = span(10, 90), span(10, 40)
    assert difference([A, shorter], [A, longer]) == Difference([], [], [Moved(shorter, longer, span(40, 90), 1)])
    assert difference([longer, B], [shorter, B]) == Difference([], [], [Moved(longer, shorter, span(40, 90), -1)])


def test_spans_belong_together_by_all_but_their_end() -> None:
    gone, come = span(10, 40), span(11, 90)
    assert difference([gone], [come]) == ([gone], [come], [])
    other = span(10, 90, c.CHAT_WALL)
    assert difference([gone], [other]) == ([gone], [other], [])
    second = span(10, 50)
    found = difference([gone, second], [span(10, 60), A, span(10, 70)])
    assert (found.gone, found.come) == ([], [A])
    assert {(one.before.at, one.after.at) for one in found.moved} == {(50, 60), (40, 70)}


def test_what_is_no_span_or_has_no_length_is_taken_back_and_booked_anew() -> None:
    for old, new in ((span(10, 10), span(10, 20)), (span(10, 20), span(10, 10)), (A, item(9))):
        assert difference([old], [new]) == ([old], [new], [])
    assert difference([item(7), span(10, 20)], [span(10, 30), A]).gone == [item(7)]

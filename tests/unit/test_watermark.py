"""The clock of events."""

from __future__ import annotations

from streams.watermark import Watermark


def test_there_is_none_before_the_first_event() -> None:
    mark = Watermark(10, follow_system=True)
    assert mark.at(1_000) is None
    assert not mark.is_late(-1_000_000, 1_000)


def test_it_stands_behind_the_largest_time_seen_by_the_lateness() -> None:
    mark = Watermark(10, follow_system=False)
    mark.observe(500, 0)
    mark.observe(400, 0)
    assert mark.at(0) == 490
    assert (mark.is_late(489, 0), mark.is_late(490, 0)) == (True, False)


def test_live_it_moves_on_without_events() -> None:
    mark = Watermark(10, follow_system=True)
    mark.observe(500, 1_000)
    assert mark.at(1_250) == 740


def test_in_replay_it_does_not() -> None:
    mark = Watermark(10, follow_system=False)
    mark.observe(500, 1_000)
    assert mark.at(9_999) == 490


def test_a_system_clock_that_jumps_back_does_not_take_it_along() -> None:
    mark = Watermark(0, follow_system=True)
    mark.observe(500, 1_000)
    assert mark.at(10) == 500


def test_an_event_behind_what_has_been_reached_does_not_set_it_back() -> None:
    mark = Watermark(0, follow_system=True)
    mark.observe(500, 1_000)
    mark.observe(600, 2_000)
    assert mark.at(2_000) == 1_500

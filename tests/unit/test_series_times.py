"""Distributions as series: sum, count and quantiles, in seconds where they are durations."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.exports import Exports
from tests.support.series import EVER, SPREAD, Desk, rows

SHORT = Exports(windows=frozenset({"15m", "1h"}), quantiles=())


def test_sum_and_count_in_seconds_by_event_and_by_cohort() -> None:
    desk = Desk()
    for seconds, (ago, begun) in zip(((1.5,), (20.0, 30.0), (400.25,)), SPREAD, strict=True):
        desk.took(c.QUEUE_WAIT, *seconds, ago=ago, begun=begun)
    assert desk.told("support_queue_wait", exports=SHORT) == rows("""
        support_queue_wait_seconds_sum{window=15m,attribution=event}     51.5
        support_queue_wait_seconds_count{window=15m,attribution=event}    3
        support_queue_wait_seconds_sum{window=1h,attribution=event}     451.75
        support_queue_wait_seconds_count{window=1h,attribution=event}     4
        support_queue_wait_seconds_sum{window=all,attribution=event}    451.75
        support_queue_wait_seconds_count{window=all,attribution=event}    4
        support_queue_wait_seconds_sum{window=15m,attribution=cohort}     1.5
        support_queue_wait_seconds_count{window=15m,attribution=cohort}   1
        support_queue_wait_seconds_sum{window=1h,attribution=cohort}     51.5
        support_queue_wait_seconds_count{window=1h,attribution=cohort}    3
        support_queue_wait_seconds_sum{window=all,attribution=cohort}   451.75
        support_queue_wait_seconds_count{window=all,attribution=cohort}   4
    """)


def test_of_nothing_sum_and_count_are_0_and_there_are_no_quantiles() -> None:
    assert Desk().told("support_flow_seconds", exports=Exports(windows=frozenset({"1h"}))) == rows("""
        support_flow_seconds_sum{window=1h,attribution=event}    0
        support_flow_seconds_count{window=1h,attribution=event}  0
        support_flow_seconds_sum{window=all,attribution=event}   0
        support_flow_seconds_count{window=all,attribution=event} 0
    """)


def test_quantiles_that_are_wanted_within_one_percent() -> None:
    desk = Desk().took(c.RING, *range(10, 21))
    chosen = Exports(windows=frozenset({"1h"}), quantiles=(0.1, 0.5))
    found = {name: value for name, value in desk.told("support_ring", exports=chosen).items() if "quantile" in name}
    assert found == pytest.approx(
        rows("""
        support_ring_seconds{window=1h,attribution=event,quantile=0.1}    11
        support_ring_seconds{window=1h,attribution=event,quantile=0.5}    15
        support_ring_seconds{window=all,attribution=event,quantile=0.1}   11
        support_ring_seconds{window=all,attribution=event,quantile=0.5}   15
        """),
        rel=0.01,
    )


def test_since_the_first_event_there_is_always_a_sum() -> None:
    desk = Desk().took(c.RING, 8)
    assert desk.told("support_ring", exports=Exports(metrics=frozenset(), quantiles=())) == rows("""
        support_ring_seconds_sum{window=all,attribution=event}   8
        support_ring_seconds_count{window=all,attribution=event} 1
    """)


def test_numbers_of_something_are_no_seconds() -> None:
    desk = Desk("email").count(c.REPLIES, 3).count(c.REPLIES, 5).count(c.REPLIES, 5)
    chosen = Exports(windows=frozenset(), quantiles=(0.5,))
    assert desk.told("support_ticket_replies", exports=chosen) == rows("""
        support_ticket_replies_sum{window=all,attribution=event}            13
        support_ticket_replies_count{window=all,attribution=event}           3
        support_ticket_replies{window=all,attribution=event,quantile=0.5}    5
    """)


def test_business_time_is_told_where_there_is_any() -> None:
    desk = Desk("email").took(c.FIRST_REPLY, 90, 600).took(f"{c.FIRST_REPLY}{c.BUSINESS}", 60)
    assert desk.told("support_ticket_first_reply_s", exports=EVER) == rows("""
        support_ticket_first_reply_seconds_sum{clock=calendar,window=all,attribution=event}   690
        support_ticket_first_reply_seconds_count{clock=calendar,window=all,attribution=event}   2
        support_ticket_first_reply_seconds_sum{clock=business,window=all,attribution=event}    60
        support_ticket_first_reply_seconds_count{clock=business,window=all,attribution=event}   1
    """)
    assert desk.told("support_ticket_close", exports=EVER) == rows("""
        support_ticket_close_seconds_sum{clock=calendar,window=all,attribution=event}   0
        support_ticket_close_seconds_count{clock=calendar,window=all,attribution=event} 0
    """)


def test_distributions_of_several_parts() -> None:
    desk = Desk("email").took(c.UPDATE_GAP, 30).took(c.UPDATE_GAP_PAUSABLE, 10, 10).count(c.GROUPS, 2)
    desk.count(c.GROUP_SPELLS, 4).count(c.GROUP_SPELLS, 3)
    assert desk.told("support_ticket_update_gap", "support_ticket_group_st", exports=EVER) == rows("""
        support_ticket_update_gap_seconds_sum{kind=periodic,clock=calendar,window=all,attribution=event}    30
        support_ticket_update_gap_seconds_count{kind=periodic,clock=calendar,window=all,attribution=event}   1
        support_ticket_update_gap_seconds_sum{kind=pausable,clock=calendar,window=all,attribution=event}    20
        support_ticket_update_gap_seconds_count{kind=pausable,clock=calendar,window=all,attribution=event}   2
        support_ticket_group_stations_sum{counted=distinct,window=all,attribution=event}    2
        support_ticket_group_stations_count{counted=distinct,window=all,attribution=event}  1
        support_ticket_group_stations_sum{counted=spells,window=all,attribution=event}      7
        support_ticket_group_stations_count{counted=spells,window=all,attribution=event}    2
    """)

"""What ratios and distributions say as series: numerators and denominators, seconds, and nothing where nothing was."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.exports import Exports
from streams.figures.options import FigureOptions
from tests.support.series import EVER, SPREAD, Desk, Table, ratios, rows

SHORT = Exports(windows=frozenset({"15m", "1h"}), quantiles=())
DEFAULTS = EVER._replace(every_attribution=False)


def only_ratios(table: Table) -> Table:
    parts = ("_numerator", "_denominator", "_ratio")
    return {name: value for name, value in table.items() if name.partition("{")[0].endswith(parts)}


class TestServiceLevel:
    """By event 96 were offered in the last hour, by cohort 16: the others came the day before, and were over only now."""

    @pytest.fixture
    def desk(self) -> Desk:
        desk = Desk()
        # Over or come 10 minutes ago, and over 20 minutes ago but come the day before.
        for number, begun in ((1, 10), (5, 30 * 60)):
            ago = 10 if number == 1 else 20
            for cell, of_one in (
                (c.OFFERED, 16),
                (c.ANSWERED_IN, 7),
                (c.ABANDONED_IN, 2),
                (c.ABANDONED_SHORT, 1),
                (f"{c.FLOW_OUT}overflow", 3),
                (c.CALLBACK_IN, 1),
            ):
                desk.count(cell, number * of_one, ago=ago, begun=begun)
            desk.took(c.QUEUE_WAIT, *[9.0] * (number * 9), ago=ago, begun=begun)
            desk.took(c.ABANDON_WAIT, *[9.0] * (number * 4), ago=ago, begun=begun)
        return desk

    def test_every_formula_by_cohort_and_by_event(self, desk: Desk) -> None:
        found = desk.told("support_service_level", exports=Exports(windows=frozenset({"1h"})))
        found = {name: value for name, value in found.items() if "window=1h" in name}
        assert found == ratios("""
            support_service_level{formula=ignore_early,threshold=20,window=1h,attribution=cohort}       7/11
            support_service_level{formula=icmi1,threshold=20,window=1h,attribution=cohort}              9/13
            support_service_level{formula=answered_only,threshold=20,window=1h,attribution=cohort}      7/9
            support_service_level{formula=strict,threshold=20,window=1h,attribution=cohort}             7/13
            support_service_level{formula=icmi5,threshold=20,window=1h,attribution=cohort}              8/13
            support_service_level{formula=genesys,threshold=20,window=1h,attribution=cohort}            7/12
            support_service_level{formula=genesys_flow_outs,threshold=20,window=1h,attribution=cohort}  7/15
            support_service_level{formula=amazon,threshold=20,window=1h,attribution=cohort}            10/16
            support_service_level{formula=ignore_early,threshold=20,window=1h,attribution=event}       42/66
            support_service_level{formula=icmi1,threshold=20,window=1h,attribution=event}              54/78
            support_service_level{formula=answered_only,threshold=20,window=1h,attribution=event}      42/54
            support_service_level{formula=strict,threshold=20,window=1h,attribution=event}             42/78
            support_service_level{formula=icmi5,threshold=20,window=1h,attribution=event}              48/78
            support_service_level{formula=genesys,threshold=20,window=1h,attribution=event}            42/72
            support_service_level{formula=genesys_flow_outs,threshold=20,window=1h,attribution=event}  42/90
            support_service_level{formula=amazon,threshold=20,window=1h,attribution=event}             60/96
        """)

    def test_formulas_that_are_not_wanted_take_none_of_the_others_away(self, desk: Desk) -> None:
        chosen = DEFAULTS._replace(formulas=frozenset({"strict", "amazon"}))
        assert desk.told("support_service_level_", exports=chosen) == ratios("""
            support_service_level{formula=strict,threshold=20,window=all,attribution=cohort}  42/78
            support_service_level{formula=amazon,threshold=20,window=all,attribution=cohort}  60/96
        """)

    def test_the_threshold_is_the_queue_s_own(self, desk: Desk) -> None:
        chosen = DEFAULTS._replace(formulas=frozenset({"answered_only"}))
        options = FigureOptions(service_level_seconds=30, queue_service_level_seconds={"Q": 12.5})
        assert desk.told("support_service_level_", exports=chosen, options=options) == ratios("""
            support_service_level{formula=answered_only,threshold=12.5,window=all,attribution=cohort}  42/54
        """)

    def test_the_abandoned_of_those_who_came(self, desk: Desk) -> None:
        assert only_ratios(desk.told("support_abandon_", exports=SHORT)) == ratios("""
            support_abandon{window=15m,attribution=cohort}   4/16
            support_abandon{window=1h,attribution=cohort}    4/16
            support_abandon{window=all,attribution=cohort}  24/96
            support_abandon{window=15m,attribution=event}    4/16
            support_abandon{window=1h,attribution=event}    24/96
            support_abandon{window=all,attribution=event}   24/96
        """)


def test_the_live_service_level_is_of_short_windows_and_counts_who_passed_the_threshold() -> None:
    desk = Desk().count(c.ANSWERED_IN, 6).count(c.ABANDONED_IN, 1, ago=20).count(c.THRESHOLD_PASSED, 3, ago=20)
    assert desk.told("support_service_level_live") == ratios("""
        support_service_level_live{formula=ignore_early,threshold=20,window=15m,attribution=event}  6/6
        support_service_level_live{formula=icmi1,threshold=20,window=15m,attribution=event}         6/6
        support_service_level_live{formula=strict,threshold=20,window=15m,attribution=event}        6/6
        support_service_level_live{formula=ignore_early,threshold=20,window=30m,attribution=event}  6/9
        support_service_level_live{formula=icmi1,threshold=20,window=30m,attribution=event}         7/10
        support_service_level_live{formula=strict,threshold=20,window=30m,attribution=event}        6/10
    """)


def test_the_service_level_of_callbacks_says_whose_wait_it_judges() -> None:
    desk = Desk().spread(c.CALLBACK_HIT, 1, 2, 0).spread(c.CALLBACK_JUDGED, 1, 3, 4)
    chosen = Exports(windows=frozenset({"1h"}))
    assert desk.told(
        "support_callback_service", exports=chosen, options=FigureOptions(callback_policy="leg")
    ) == ratios(
        """
        support_callback_service_level{policy=leg,threshold=20,window=1h,attribution=cohort}   3/4
        support_callback_service_level{policy=leg,threshold=20,window=all,attribution=cohort}  3/8
        support_callback_service_level{policy=leg,threshold=20,window=1h,attribution=event}    3/8
        support_callback_service_level{policy=leg,threshold=20,window=all,attribution=event}   3/8
        """
    )
    assert desk.told("support_callback_service_level_ratio", exports=DEFAULTS) == {
        "support_callback_service_level_ratio{policy=original_arrival,threshold=20,window=all,attribution=cohort}": 3
        / 8
    }


def test_ratios_of_tickets_of_complaints_and_of_bots() -> None:
    desk = Desk("")
    for cell, number in (
        (c.CREATED, 40),
        (c.NOT_ASKED, 6),
        (c.JOINED, 4),
        (c.OPENED_BY_REP, 5),
        (c.SOLVES_MATURE, 31),
        (c.REOPENS_MATURE, 3),
        (c.SOLVED_MATURE, 29),
        (c.ONE_TOUCH, 17),
        (c.ESCALATED, 2),
        (c.BOT_CONTAINED_MATURE, 13),
        (c.BOT_VERIFIED, 11),
        (c.CHAT_BOT_CONTAINED_MATURE, 19),
        (c.CHAT_BOT_VERIFIED, 7),
        (c.CONTACTS, 60),
        (c.COMPLAINT, 8),
    ):
        desk.count(cell, number)
    names = ("support_ticket", "support_resolved_without", "support_bot", "support_chat_bot", "support_complaint")
    assert only_ratios(desk.told(*names, exports=DEFAULTS)) == ratios("""
        support_ticket_reopen{window=all,attribution=cohort}                  3/31
        support_ticket_one_touch{window=all,attribution=cohort}              17/29
        support_ticket_escalation{window=all,attribution=cohort}              2/29
        support_resolved_without_escalation{window=all,attribution=cohort}   27/29
        support_tickets_opened_by_rep{window=all,attribution=event}           5/34
        support_tickets_per_issue{window=all,attribution=event}              34/30
        support_bot_containment_verified{window=all,attribution=cohort}      11/13
        support_chat_bot_containment_verified{window=all,attribution=cohort}  7/19
        support_complaint{window=all,attribution=event}                       8/100
    """)


@pytest.mark.parametrize(("abandoned", "offered"), [(0, 0), (0, 1), (1, 1), (1, 0)])
def test_over_nothing_there_is_no_ratio_and_over_one_there_is(abandoned: int, offered: int) -> None:
    desk = Desk().count(c.OFFERED, offered, begun=10)
    if abandoned:
        desk.took(c.ABANDON_WAIT, 9, begun=10)
    expected = ratios(f"support_abandon{{window=all,attribution=cohort}} {abandoned}/{offered}")
    assert only_ratios(desk.told("support_abandon", exports=DEFAULTS)) == expected


def came_again() -> Desk:
    """Resolved contacts that are old enough, and those of them whose customer came again."""
    desk = Desk()
    for place, resolved, again in (
        ("24h.any", 20, 2),
        ("24h.reason", 10, 1),
        ("72h.any", 18, 3),
        ("72h.reason", 9, 2),
        ("7d.any", 16, 5),
        ("7d.reason", 8, 3),
        ("30d.any", 14, 7),
        ("30d.reason", 7, 4),
        ("beyond.24h.any", 4, 1),
        ("beyond.72h.reason", 3, 1),
        ("beyond.7d.any", 5, 2),
    ):
        beyond = c.BEYOND if place.startswith("beyond.") else ""
        place = place.removeprefix("beyond.")
        desk.count(f"{beyond}{c.RESOLVED_MATURE}{place}", resolved).count(f"{beyond}{c.RETURNED}{place}", again)
    return desk.count(c.MORE_TOUCHES, 4).count(c.BEYOND + c.MORE_TOUCHES, 1)


GROSS = """
    support_fcr{method=no_recontact,scope=gross,within=24h,match=any,window=all,attribution=cohort}    18/20
    support_fcr{method=no_recontact,scope=gross,within=24h,match=reason,window=all,attribution=cohort}  9/10
    support_fcr{method=no_recontact,scope=gross,within=72h,match=any,window=all,attribution=cohort}    15/18
    support_fcr{method=no_recontact,scope=gross,within=72h,match=reason,window=all,attribution=cohort}  7/9
    support_fcr{method=no_recontact,scope=gross,within=7d,match=any,window=all,attribution=cohort}     11/16
    support_fcr{method=no_recontact,scope=gross,within=7d,match=reason,window=all,attribution=cohort}   5/8
    support_fcr{method=no_recontact,scope=gross,within=30d,match=any,window=all,attribution=cohort}     7/14
    support_fcr{method=no_recontact,scope=gross,within=30d,match=reason,window=all,attribution=cohort}  3/7
    support_fcr{method=one_touch,scope=gross,within=7d,match=any,window=all,attribution=cohort}         7/16
"""
NET = """
    support_fcr{method=no_recontact,scope=net,within=24h,match=any,window=all,attribution=cohort}      15/16
    support_fcr{method=no_recontact,scope=net,within=24h,match=reason,window=all,attribution=cohort}    9/10
    support_fcr{method=no_recontact,scope=net,within=72h,match=any,window=all,attribution=cohort}      15/18
    support_fcr{method=no_recontact,scope=net,within=72h,match=reason,window=all,attribution=cohort}    5/6
    support_fcr{method=no_recontact,scope=net,within=7d,match=any,window=all,attribution=cohort}        8/11
    support_fcr{method=no_recontact,scope=net,within=7d,match=reason,window=all,attribution=cohort}     5/8
    support_fcr{method=no_recontact,scope=net,within=30d,match=any,window=all,attribution=cohort}       7/14
    support_fcr{method=no_recontact,scope=net,within=30d,match=reason,window=all,attribution=cohort}    3/7
    support_fcr{method=one_touch,scope=net,within=7d,match=any,window=all,attribution=cohort}           5/11
"""


def test_first_contact_resolution_and_net_of_what_the_first_level_cannot_solve() -> None:
    desk = came_again()
    assert desk.told("support_fcr", exports=DEFAULTS) == ratios(GROSS)
    options = FigureOptions(not_first_level_reasons=["delivery"])
    assert desk.told("support_fcr", exports=DEFAULTS, options=options) == ratios(GROSS) | ratios(NET)


def test_the_share_that_came_again_and_so_far() -> None:
    desk = came_again().count(f"{c.GAVE_UP_MATURE}24h.any", 5).count(f"{c.GAVE_UP_RETURNED}24h.any", 4)
    # Over an hour ago: mature only tomorrow.
    for place, again in (("24h.any", 6), ("72h.any", 7), ("24h.reason", 3)):
        desk.count(f"{c.RETURNED}{place}", again, ago=-23 * 60, begun=60)
    desk.count(f"{c.GAVE_UP_RETURNED}24h.any", 1, ago=-23 * 60, begun=60)
    desk.count(f"{c.OVER}any", 50).count(f"{c.OVER}reason", 30)
    chosen = DEFAULTS._replace(within=frozenset({"24h", "72h"}))
    names = ("support_recontact_numerator", "support_recontact_denominator", "support_recontact_ratio")
    assert desk.told(*names, exports=chosen) == ratios("""
        support_recontact{within=24h,match=any,window=all,attribution=cohort}       6/25
        support_recontact{within=24h,match=reason,window=all,attribution=cohort}    1/10
        support_recontact{within=72h,match=any,window=all,attribution=cohort}       3/18
        support_recontact{within=72h,match=reason,window=all,attribution=cohort}    2/9
    """)
    assert desk.told("support_recontact_provisional", exports=chosen) == ratios("""
        support_recontact_provisional{within=24h,match=any,window=all,attribution=cohort}       7/50
        support_recontact_provisional{within=24h,match=reason,window=all,attribution=cohort}    3/30
        support_recontact_provisional{within=72h,match=any,window=all,attribution=cohort}       7/50
        support_recontact_provisional{within=72h,match=reason,window=all,attribution=cohort}    0/30
    """)


class TestDistributions:
    def test_sum_and_count_in_seconds_by_event_and_by_cohort(self) -> None:
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

    def test_of_nothing_sum_and_count_are_0_and_there_are_no_quantiles(self) -> None:
        assert Desk().told("support_flow_seconds", exports=Exports(windows=frozenset({"1h"}))) == rows("""
            support_flow_seconds_sum{window=1h,attribution=event}    0
            support_flow_seconds_count{window=1h,attribution=event}  0
            support_flow_seconds_sum{window=all,attribution=event}   0
            support_flow_seconds_count{window=all,attribution=event} 0
        """)

    def test_quantiles_that_are_wanted_within_one_percent(self) -> None:
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

    def test_since_the_first_event_there_is_always_a_sum(self) -> None:
        desk = Desk().took(c.RING, 8)
        assert desk.told("support_ring", exports=Exports(metrics=frozenset(), quantiles=())) == rows("""
            support_ring_seconds_sum{window=all,attribution=event}   8
            support_ring_seconds_count{window=all,attribution=event} 1
        """)

    def test_numbers_of_something_are_no_seconds(self) -> None:
        desk = Desk("email").count(c.REPLIES, 3).count(c.REPLIES, 5).count(c.REPLIES, 5)
        chosen = Exports(windows=frozenset(), quantiles=(0.5,))
        assert desk.told("support_ticket_replies", exports=chosen) == rows("""
            support_ticket_replies_sum{window=all,attribution=event}            13
            support_ticket_replies_count{window=all,attribution=event}           3
            support_ticket_replies{window=all,attribution=event,quantile=0.5}    5
        """)

    def test_business_time_is_told_where_there_is_any(self) -> None:
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

    def test_distributions_of_several_parts(self) -> None:
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

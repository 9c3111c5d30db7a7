"""What ratios and distributions say as series: numerators and denominators, seconds, and nothing where nothing was."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.exports import Exports
from streams.figures.options import FigureOptions
from tests.support.series import EVER, Desk, Table, ratios

SHORT = Exports(windows=frozenset({"15m", "1h"}), quantiles=())
DEFAULTS = EVER._replace(every_attribution=False)


def only_ratios(table: Table) -> Table:
    parts = ("_numerator", "_denominator", "_ratio")
    return {name: value for name, value in table.items() if name.partition("{")[0].endswith(parts)}


class TestServiceLevel:
    """In the last hour 96 by event, 16 by cohort: the others had come the day before, and were over now."""

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
    for beyond, place, resolved, again in (
        ("", "24h.any", 20, 2),
        ("", "24h.reason", 10, 1),
        ("", "72h.any", 18, 3),
        ("", "72h.reason", 9, 2),
        ("", "7d.any", 16, 5),
        ("", "7d.reason", 8, 3),
        ("", "30d.any", 14, 7),
        ("", "30d.reason", 7, 4),
        (c.BEYOND, "24h.any", 4, 1),
        (c.BEYOND, "72h.reason", 3, 1),
        (c.BEYOND, "7d.any", 5, 2),
    ):
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

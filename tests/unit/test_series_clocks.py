"""Series of SLA clocks: what is open, what was breached and met, how late, and how fast budgets burn."""

from __future__ import annotations

import pytest

from streams.businesstime import NEVER
from streams.figures import sla_cells as c
from streams.figures.contributions import Live
from streams.figures.exports import Exports
from tests.support.contact_centre import NOW
from tests.support.series import EVER, Desk, Table, ratios, rows

LABELS = c.ClockLabels("P", "first_reply", "live", "calendar")
OWN = "policy=P,metric=first_reply,mode=live,clock=calendar"
SECONDS = NOW / 1000
SHORT = Exports(windows=frozenset({"15m", "1h"}), quantiles=(0.5,))


def clocks(channel: str = "email", **figures: int) -> Desk:
    desk = Desk(channel)
    for name, number in figures.items():
        desk.count(f"{getattr(c, name)}{LABELS}", number)
    return desk


def deadlines(desk: Desk, *seconds: float) -> Desk:
    """Instances that will be breached in so many seconds, or have been."""
    return desk.live(c.deadline(LABELS), *[-one / 60 for one in seconds])


def own(text: str) -> str:
    return text.replace("OWN", OWN)


def test_codes_of_cells_and_live_states_are_those_that_are_stored() -> None:
    assert f"{c.BREACH}{LABELS}" == "s.breach|first_reply|live|calendar|P"
    assert c.deadline(LABELS) == "s.at|first_reply|live|calendar|P"
    assert c.deadline(LABELS, 2) == "s.at.2|first_reply|live|calendar|P"


def test_counters_by_window() -> None:
    desk = clocks(BREACH=5, IN_TIME=7, LATE=2, CANCELLED=3)
    for prefix, number in ((c.BREACH, 10), (c.IN_TIME, 20), (c.LATE, 30), (c.CANCELLED, 40)):
        desk.count(f"{prefix}{LABELS}", number, ago=40)
    names = ("support_sla_breaches", "support_sla_fulfilled", "support_sla_cancelled")
    assert desk.told(*names, exports=SHORT) == rows(
        own("""
        support_sla_breaches_total{OWN}                                        15
        support_sla_breaches{OWN,window=15m,attribution=event}                  5
        support_sla_breaches{OWN,window=1h,attribution=event}                  15
        support_sla_fulfilled_total{OWN,late=false}                            27
        support_sla_fulfilled{OWN,late=false,window=15m,attribution=event}      7
        support_sla_fulfilled{OWN,late=false,window=1h,attribution=event}      27
        support_sla_fulfilled_total{OWN,late=true}                             32
        support_sla_fulfilled{OWN,late=true,window=15m,attribution=event}       2
        support_sla_fulfilled{OWN,late=true,window=1h,attribution=event}       32
        support_sla_cancelled_total{OWN}                                       43
        support_sla_cancelled{OWN,window=15m,attribution=event}                 3
        support_sla_cancelled{OWN,window=1h,attribution=event}                 43
    """)
    )
    assert desk.told(*names, exports=EVER).keys() == {
        own(name)
        for name in (
            "support_sla_breaches_total{OWN}",
            "support_sla_fulfilled_total{OWN,late=false}",
            "support_sla_fulfilled_total{OWN,late=true}",
            "support_sla_cancelled_total{OWN}",
        )
    }


LIVE = ("support_sla_instances", "support_sla_at_risk", "support_sla_oldest", "support_sla_next")


def test_what_is_open_by_state_and_by_what_is_left() -> None:
    desk = clocks()
    for state, number in (("active", 4), ("paused", 1), ("warning", 3), ("breached", 2)):
        desk.count(f"s.now.{state}|{LABELS}", number)
    desk.count(f"s.risk.15m|{LABELS}", 2).count(f"s.risk.1h|{LABELS}", 5)
    deadlines(desk, 900, -30, 240, -120).live(c.deadline(LABELS, 1), -10)
    assert desk.told(*LIVE) == rows(
        own(f"""
        support_sla_instances{{OWN,state=active}}             4
        support_sla_instances{{OWN,state=paused}}             1
        support_sla_instances{{OWN,state=warning}}            3
        support_sla_instances{{OWN,state=breached}}           2
        support_sla_at_risk{{OWN,within=15m}}                 2
        support_sla_at_risk{{OWN,within=1h}}                  5
        support_sla_oldest_breach_timestamp_seconds{{OWN}}    {SECONDS - 120}
        support_sla_next_breach_exists{{OWN}}                 1
        support_sla_next_breach_timestamp_seconds{{OWN}}      {SECONDS + 240}
    """)
    )


def test_the_next_breach_may_be_that_of_another_clock_of_the_same_entity() -> None:
    desk = deadlines(clocks(), 900).live(c.deadline(LABELS, 1), -200 / 60)
    assert desk.told(*LIVE)[own("support_sla_next_breach_timestamp_seconds{OWN}")] == SECONDS + 200


def of_breaches(desk: Desk) -> Table:
    return {name: value for name, value in desk.told(*LIVE).items() if "breach_" in name}


def test_where_nothing_is_breached_there_is_no_oldest_breach() -> None:
    assert of_breaches(deadlines(clocks(), 60)) == rows(
        own(f"""
        support_sla_next_breach_exists{{OWN}}                 1
        support_sla_next_breach_timestamp_seconds{{OWN}}      {SECONDS + 60}
    """)
    )


def test_what_rests_and_what_is_breached_will_not_be() -> None:
    desk = clocks().count(f"s.now.breached|{LABELS}", 1)
    deadlines(desk, -60).panes.set_live("Q", "ticket/1", [Live(c.deadline(LABELS), "email", "", NEVER)], add=True)
    assert of_breaches(desk) == rows(
        own(f"""
        support_sla_oldest_breach_timestamp_seconds{{OWN}}    {SECONDS - 60}
        support_sla_next_breach_exists{{OWN}}                 0
    """)
    )
    assert of_breaches(clocks(IN_TIME=1)) == {own("support_sla_next_breach_exists{OWN}"): 0}


def test_attainment_is_of_what_was_due() -> None:
    desk = clocks(DUE=1, MET=1)
    desk.count(f"{c.DUE}{LABELS}", 7, ago=40).count(f"{c.MET}{LABELS}", 4, ago=40)
    assert desk.told("support_sla_attainment", exports=SHORT) == ratios(
        own("""
        support_sla_attainment{OWN,window=15m,attribution=cohort}   1/1
        support_sla_attainment{OWN,window=1h,attribution=cohort}    5/8
        support_sla_attainment{OWN,window=all,attribution=cohort}   5/8
    """)
    )
    assert clocks(IN_TIME=1).told("support_sla_attainment", exports=EVER) == ratios(
        own("support_sla_attainment{OWN,window=all,attribution=cohort} 0/0")
    )


def test_budgets_burn_by_the_goals_in_force() -> None:
    desk = clocks(DUE=1, MET=1)
    desk.count(f"{c.DUE}{LABELS}", 7, ago=40).count(f"{c.MET}{LABELS}", 4, ago=40)
    names = ("support_sla_allowed", "support_sla_burn")
    assert desk.told(*names, exports=SHORT, allowances={("P", "first_reply"): 0.25}) == rows(
        own("""
        support_sla_allowed_share{OWN}                                 0.25
        support_sla_burn_rate{OWN,window=15m,attribution=cohort}       0
        support_sla_burn_rate{OWN,window=1h,attribution=cohort}        1.5
    """)
    )
    for other in ({}, {("P", "next_reply"): 0.25}, {("R", "first_reply"): 0.25}, {("P", "first_reply"): 0.0}):
        assert desk.told(*names, allowances=other) == {}
    nothing_due = clocks(IN_TIME=1).told(*names, exports=SHORT, allowances={("P", "first_reply"): 0.25})
    assert nothing_due == {own("support_sla_allowed_share{OWN}"): 0.25}


def test_how_late_the_late_ones_were() -> None:
    desk = clocks(LATE=3).took(f"{c.OVERDUE}{LABELS}", 30, 90).took(f"{c.OVERDUE}{LABELS}", 600, ago=40)
    found = desk.told("support_sla_overdue", exports=SHORT)
    quantiles = {name: value for name, value in found.items() if "quantile" in name}
    assert {name: value for name, value in found.items() if name not in quantiles} == rows(
        own("""
        support_sla_overdue_seconds_sum{OWN,window=15m,attribution=event}     120
        support_sla_overdue_seconds_count{OWN,window=15m,attribution=event}     2
        support_sla_overdue_seconds_sum{OWN,window=1h,attribution=event}      720
        support_sla_overdue_seconds_count{OWN,window=1h,attribution=event}      3
        support_sla_overdue_seconds_sum{OWN,window=all,attribution=event}     720
        support_sla_overdue_seconds_count{OWN,window=all,attribution=event}     3
    """)
    )
    assert quantiles == pytest.approx(
        rows(
            own("""
        support_sla_overdue_seconds{OWN,window=15m,attribution=event,quantile=0.5}    60
        support_sla_overdue_seconds{OWN,window=1h,attribution=event,quantile=0.5}     90
        support_sla_overdue_seconds{OWN,window=all,attribution=event,quantile=0.5}    90
        """)
        ),
        rel=0.01,
    )
    assert clocks(IN_TIME=1).told("support_sla_overdue", exports=Exports(windows=frozenset())) == rows(
        own("""
        support_sla_overdue_seconds_sum{OWN,window=all,attribution=event}     0
        support_sla_overdue_seconds_count{OWN,window=all,attribution=event}   0
    """)
    )


def test_clocks_are_told_apart_by_all_their_labels() -> None:
    desk = clocks(BREACH=1)
    for other, number in (
        (LABELS._replace(policy="R|2"), 2),
        (LABELS._replace(metric="next_reply"), 3),
        (LABELS._replace(mode="shadow"), 4),
        (LABELS._replace(clock="business"), 5),
    ):
        desk.count(f"{c.BREACH}{other}", number)
    assert desk.told("support_sla_breaches", exports=EVER) == rows("""
        support_sla_breaches_total{policy=P,metric=first_reply,mode=live,clock=calendar}     1
        support_sla_breaches_total{policy=R|2,metric=first_reply,mode=live,clock=calendar}   2
        support_sla_breaches_total{policy=P,metric=next_reply,mode=live,clock=calendar}      3
        support_sla_breaches_total{policy=P,metric=first_reply,mode=shadow,clock=calendar}   4
        support_sla_breaches_total{policy=P,metric=first_reply,mode=live,clock=business}     5
    """)


def test_clocks_that_are_over_and_forgotten_have_no_series() -> None:
    desk = (
        Desk("email").set_live("ticket/1", c.deadline(LABELS), 1).set_live("ticket/1", c.deadline(LABELS), 1, add=False)
    )
    assert desk.told("support_sla") == {}

"""Series of what is so now, of what is missing, and of rushed contacts."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.options import FigureOptions
from tests.support.contact_centre import NOW
from tests.support.series import Desk, Table, rows

SECONDS = NOW / 1000
"""2026-05-28 20:26:40 UTC."""


def open_tickets(desk: Desk) -> Table:
    found = desk.told("support_tickets_open", "support_ticket_oldest")
    return {name: value for name, value in found.items() if "opened_by_rep" not in name}


def test_open_tickets_and_since_when_the_oldest_is() -> None:
    desk = Desk("email").live("open.new", 5).live("open.open", 7, 90).live("open.pending", 8, 120, 9)
    desk.live("open.on_hold", 1, 2, 3, 4)
    # Solved meanwhile, the last one of its status.
    desk.set_live("ticket/1", "open.custom", 500).set_live("ticket/1", "open.custom", 500, add=False)
    assert open_tickets(desk) == rows(f"""
        support_tickets_open{{status=new}}                                             1
        support_tickets_open{{status=open}}                                            2
        support_tickets_open{{status=pending}}                                         3
        support_tickets_open{{status=on_hold}}                                         4
        support_ticket_oldest_open_created_timestamp_seconds                           {SECONDS - 120 * 60}
    """)


def test_with_no_open_ticket_there_is_no_oldest_one() -> None:
    assert open_tickets(Desk("email")) == rows("""
        support_tickets_open{status=new}        0
        support_tickets_open{status=open}       0
        support_tickets_open{status=pending}    0
        support_tickets_open{status=on_hold}    0
    """)


def test_open_complaints() -> None:
    desk = Desk("email").live("k.open.0", 300, 60).live("k.open.1", 45)
    desk.set_live("ticket/1", "k.open.2", 500).set_live("ticket/1", "k.open.2", 500, add=False)
    assert desk.told("support_complaints_open", "support_complaint_oldest") == rows(f"""
        support_complaints_open                                             3
        support_complaint_oldest_open_received_timestamp_seconds            {SECONDS - 300 * 60}
    """)
    assert Desk().told("support_complaints_open", "support_complaint_oldest") == {"support_complaints_open": 0}


LIVE_OF_CONTACTS = ("support_contacts_waiting", "support_oldest", "support_contacts_sched", "support_callbacks_pending")


def test_who_waits_and_who_is_to_be_called_back() -> None:
    desk = Desk().live(c.WAITING, 2, 4, 3).live("callback.scheduled", 60).live("callback.queued", 9, 8)
    desk.live("callback.dialling", 3, 2, 1, 1)
    assert desk.told(*LIVE_OF_CONTACTS) == rows(f"""
        support_contacts_waiting                                3
        support_oldest_waiting_enqueued_timestamp_seconds       {SECONDS - 4 * 60}
        support_contacts_scheduled                              1
        support_callbacks_pending{{state=scheduled}}            1
        support_callbacks_pending{{state=queued}}               2
        support_callbacks_pending{{state=dialling}}             4
    """)
    assert Desk().told(*LIVE_OF_CONTACTS) == rows("""
        support_contacts_waiting                                0
        support_contacts_scheduled                              0
        support_callbacks_pending{state=scheduled}              0
        support_callbacks_pending{state=queued}                 0
        support_callbacks_pending{state=dialling}               0
    """)


def test_of_those_who_came_what_became_of_some_is_missing() -> None:
    desk = Desk().count(c.OFFERED, 16, ago=10, begun=40).count(f"{c.FLOW_OUT}overflow", 3, ago=10, begun=40)
    desk.took(c.QUEUE_WAIT, 9, 9, 9, 9, begun=40).took(c.ABANDON_WAIT, 9, 9, begun=40)
    desk.count(c.GHOST, 1, begun=40).count(c.STILL_WAITING, 1, begun=40)
    assert desk.told("support_contact_identity_gap") == rows("""
        support_contact_identity_gap{window=15m,attribution=cohort}         0
        support_contact_identity_gap{window=30m,attribution=cohort}         0
        support_contact_identity_gap{window=1h,attribution=cohort}          5
        support_contact_identity_gap{window=1d,attribution=cohort}          5
        support_contact_identity_gap{window=7d,attribution=cohort}          5
        support_contact_identity_gap{window=today,attribution=cohort}       5
        support_contact_identity_gap{window=yesterday,attribution=cohort}   0
        support_contact_identity_gap{window=all,attribution=cohort}         5
    """)


def test_the_longest_hold_of_each_window_that_has_any() -> None:
    # This one is the middle of its bin: no error of a bin hides another one.
    desk = Desk().took(c.ONE_HOLD, 20, 93.441, 50, ago=40).took(c.ONE_HOLD, 300, ago=25 * 60)
    found = desk.told("support_longest_hold")
    assert found == pytest.approx(
        rows("""
        support_longest_hold_seconds{window=1h,attribution=event}          93.441
        support_longest_hold_seconds{window=1d,attribution=event}          93.441
        support_longest_hold_seconds{window=7d,attribution=event}         300
        support_longest_hold_seconds{window=today,attribution=event}       93.441
        support_longest_hold_seconds{window=yesterday,attribution=event}  300
        support_longest_hold_seconds{window=all,attribution=event}        300
        """),
        rel=0.005,
    )
    assert found["support_longest_hold_seconds{window=1h,attribution=event}"] == pytest.approx(93.441, abs=0.001)


def test_live_series_are_those_of_the_group_s_families() -> None:
    live = ("support_tickets_open{", "support_contacts_waiting", "support_complaints_open", "support_reps{")

    def told(desk: Desk) -> set[str]:
        return {name for name in live if any(line.startswith(name) for line in desk.told())}

    assert told(Desk("email")) == {"support_tickets_open{", "support_complaints_open"}
    assert told(Desk("voice")) == {"support_contacts_waiting", "support_complaints_open"}
    assert told(Desk("chat").count(c.CHATS_HANDLED, 1)) == {"support_reps{"}


RUSHED = ("support_rushed", "support_effective")
AGES = ("ended", "mature", "week", "fortnight")


def rushed(kind: str = "voice.", desk: Desk | None = None, **figures: tuple[int, int, int, int]) -> Desk:
    """Contacts (``n``), their handle time in seconds (``h``) and re-contacts (``re``) that reached each of the ages."""
    desk = desk or Desk()
    for what, numbers in figures.items():
        for age, number in zip(AGES, numbers, strict=True):
            desk.count(f"{c.RUSH}{what}.{age}.{kind}", number * 1000 if what == "h" else number, ago=30 * 1440)
    return desk


def week(*, again: int = 49, desk: Desk | None = None, kind: str = "voice.") -> Desk:
    """Worked example 12, and ten contacts of an earlier week that nobody asks for any more."""
    return rushed(
        kind,
        desk,
        n=(140 + 110, 120 + 110, 110, 10),
        h=(44_800 + 41_000, 38_400 + 41_000, 41_000, 1_000),
        re=(again + 15, again - 2 + 15, 15, 3),
    )


def test_rushed_contacts_of_the_worked_example() -> None:
    expected = rows(f"""
        support_rushed_contacts{{period=current}}                   140
        support_rushed_recontacts{{period=current}}                  49
        support_rushed_handle_seconds{{period=current}}           44800
        support_effective_handle_seconds{{period=current}}         {44_800 / 91}
        support_rushed_contacts{{period=mature}}                    120
        support_rushed_recontacts{{period=mature}}                   47
        support_rushed_handle_seconds{{period=mature}}            38400
        support_effective_handle_seconds{{period=mature}}          {38_400 / 73}
        support_rushed_contacts{{period=baseline}}                  100
        support_rushed_recontacts{{period=baseline}}                 12
        support_rushed_handle_seconds{{period=baseline}}          40000
        support_effective_handle_seconds{{period=baseline}}        {40_000 / 88}
        support_rushed_comparable_contacts{{period=current}}        140
        support_rushed_comparable_contacts{{period=mature}}         120
        support_rushed_comparable_handle_seconds                  44800
        support_rushed_expected_handle_seconds                    56000
        support_rushed_comparable_recontacts                         47
        support_rushed_expected_recontacts                           14.4
        support_rushed_handle_time_change                             0.8
        support_rushed_recontact_z                                    4.529
        support_rushed_same_mix_handle_time_change                    0.8
        support_rushed_same_mix_recontact_z                           4.529
        support_rushed_contact_index                                  1
    """)
    assert week().told(*RUSHED) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("again", "options", "index"),
    [
        (49, FigureOptions(), 1),
        (15, FigureOptions(), 0),
        (49, FigureOptions(rushed_min_contacts=101), 0),
        (49, FigureOptions(rushed_handle_time_drop=0.21), 0),
        (49, FigureOptions(rushed_z=4.6), 0),
    ],
)
def test_less_time_alone_rings_no_bell(again: int, options: FigureOptions, index: int) -> None:
    assert week(again=again).told("support_rushed_contact_index", options=options) == {
        "support_rushed_contact_index": index
    }


def test_what_there_was_none_of_before_is_told_and_not_compared() -> None:
    desk = week(desk=rushed("voice.0aa", n=(60, 40, 0, 0), h=(3000, 2000, 0, 0), re=(6, 6, 0, 0)))
    found = desk.told(*RUSHED)
    expected = rows("""
        support_rushed_contacts{period=current}               200
        support_rushed_recontacts{period=mature}               53
        support_rushed_handle_seconds{period=current}       47800
        support_rushed_comparable_contacts{period=current}    140
        support_rushed_comparable_contacts{period=mature}     120
        support_rushed_comparable_handle_seconds            44800
        support_rushed_expected_handle_seconds              56000
        support_rushed_comparable_recontacts                   47
        support_rushed_same_mix_handle_time_change              0.8
        support_rushed_handle_time_change                       0.5975
    """)
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    # Pooled 65 of 260; (53 / 160 - 12 / 100) / sqrt(.25 * .75 * (1 / 160 + 1 / 100)).
    assert found["support_rushed_recontact_z"] == pytest.approx(3.8271, rel=1e-4)
    assert found["support_rushed_same_mix_recontact_z"] == pytest.approx(4.529, rel=1e-5)


def test_of_one_week_alone_nothing_is_compared() -> None:
    nothing = """
        support_rushed_comparable_contacts{period=current} 0
        support_rushed_comparable_contacts{period=mature}  0
        support_rushed_comparable_handle_seconds           0
        support_rushed_expected_handle_seconds             0
        support_rushed_comparable_recontacts               0
        support_rushed_expected_recontacts                 0
        support_rushed_contact_index                       0
    """
    now = """
        support_rushed_contacts{period=current}            3
        support_rushed_recontacts{period=current}          3
        support_rushed_handle_seconds{period=current}    600
        support_rushed_contacts{period=mature}             0
        support_rushed_recontacts{period=mature}           0
        support_rushed_handle_seconds{period=mature}       0
        support_rushed_contacts{period=baseline}           0
        support_rushed_recontacts{period=baseline}         0
        support_rushed_handle_seconds{period=baseline}     0
    """
    assert rushed(n=(3, 0, 0, 0), h=(600, 0, 0, 0), re=(3, 0, 0, 0)).told(*RUSHED) == rows(now) | rows(nothing)
    before = now.replace("current", "x").replace("baseline", "current").replace("{period=x", "{period=baseline")
    assert rushed(n=(3, 3, 3, 0), h=(600, 600, 600, 0), re=(3, 3, 3, 0)).told(*RUSHED) == rows(before) | rows(nothing)


def test_where_reps_handle_no_contacts_none_are_rushed_or_not() -> None:
    assert Desk().count(c.ATTRIBUTABLE, 5).told(*RUSHED) == {}

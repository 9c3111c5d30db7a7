"""Which series a group has, and what its counters say: by window, attribution and label, and 0 where nothing was."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.exports import EVERYTHING, KEY, Exports
from streams.figures.series import families_of
from tests.support.series import EVER, Desk, Table, rows

SHORT = Exports(windows=frozenset({"15m", "1h"}))


@pytest.mark.parametrize(
    ("channel", "cells", "live", "families"),
    [
        ("voice", (), (), "contacts complaints recontacts"),
        ("chat", (), (), "contacts chats complaints recontacts"),
        ("email", (), (), "tickets complaints recontacts"),
        ("", (), (), "tickets contacts complaints recontacts"),
        ("voice", (c.CREATED,), (), "tickets complaints recontacts"),
        ("voice", (c.CREATED, c.OFFERED), (), "tickets contacts complaints recontacts"),
        ("voice", (), ("open.new",), "tickets complaints recontacts"),
        ("email", (c.OFFERED,), (), "contacts complaints recontacts"),
        ("email", (), (c.WAITING,), "contacts complaints recontacts"),
        ("email", (), ("callback.queued",), "contacts complaints recontacts"),
        ("chat", (c.CREATED,), (), "tickets complaints recontacts"),
        ("chat", (c.CHAT_BOT_CONTAINED,), (), "chats recontacts"),
        ("email", (c.COMPLAINT,), (), "complaints recontacts"),
        ("email", (), ("k.open.0",), "complaints recontacts"),
        ("voice", (c.CHATS_HANDLED,), (), "reps"),
        ("voice", (), ("p.now.available",), "reps"),
        ("voice", (c.CHATS_HANDLED, c.ATTRIBUTABLE), (), "reps recontacts"),
        ("email", (c.ATTRIBUTABLE,), (), "tickets complaints recontacts"),
    ],
)
def test_families_are_those_that_there_are_figures_of_or_that_the_channel_is_for(
    channel: str, cells: tuple[str, ...], live: tuple[str, ...], families: str
) -> None:
    desk = Desk(channel)
    for cell in cells:
        desk.count(cell, 1)
    for state in live:
        desk.live(state, 5)
    assert families_of(desk.key, desk.group) == set(families.split())


@pytest.mark.parametrize(("channel", "families"), [("voice", "contacts"), ("email", "tickets")])
def test_a_pinned_group_is_also_of_the_families_that_its_channel_is_for(channel: str, families: str) -> None:
    desk = Desk(channel).count(c.CHATS_HANDLED, 1)
    assert families_of(desk.key, desk.group) == {"reps"}
    desk.group.pinned = True
    assert families_of(desk.key, desk.group) == {"reps", families, "complaints", "recontacts"}


def test_who_was_but_is_no_more_brings_no_family() -> None:
    desk = Desk("email").set_live("call/1", c.WAITING, 5).set_live("call/1", c.WAITING, 5, add=False)
    assert families_of(desk.key, desk.group) == {"tickets", "complaints", "recontacts"}


def test_a_counter_by_window() -> None:
    desk = Desk("email").count(c.CREATED, 3, ago=10).count(c.CREATED, 5, ago=40)
    desk.count(c.CREATED, 7, ago=25 * 60).count(c.CREATED, 11, ago=8 * 1440)
    assert desk.told("support_tickets_created") == rows("""
        support_tickets_created_total                              26
        support_tickets_created{window=15m,attribution=event}       3
        support_tickets_created{window=30m,attribution=event}       3
        support_tickets_created{window=1h,attribution=event}        8
        support_tickets_created{window=1d,attribution=event}        8
        support_tickets_created{window=7d,attribution=event}       15
        support_tickets_created{window=today,attribution=event}     8
        support_tickets_created{window=yesterday,attribution=event} 7
    """)


def test_by_event_and_by_cohort() -> None:
    desk = Desk().spread(c.OFFERED, 1, 4, 2).spread(c.CONTACTS, 1, 2, 1)
    for seconds, (ago, begun) in (((9,), (5, 12)), ((9, 9), (10, 40)), ((9, 9, 9), (50, 70))):
        desk.took(c.QUEUE_WAIT, *seconds, ago=ago, begun=begun)
    assert desk.told("support_contacts_offered", "support_contacts_answered", exports=SHORT) == rows("""
        support_contacts_offered_total{unit=segment}                              7
        support_contacts_offered_total{unit=contact}                              4
        support_contacts_offered{unit=segment,window=15m,attribution=event}       5
        support_contacts_offered{unit=contact,window=15m,attribution=event}       3
        support_contacts_offered{unit=segment,window=1h,attribution=event}        7
        support_contacts_offered{unit=contact,window=1h,attribution=event}        4
        support_contacts_offered{unit=segment,window=15m,attribution=cohort}      1
        support_contacts_offered{unit=contact,window=15m,attribution=cohort}      1
        support_contacts_offered{unit=segment,window=1h,attribution=cohort}       5
        support_contacts_offered{unit=contact,window=1h,attribution=cohort}       3
        support_contacts_answered_total                                           6
        support_contacts_answered{window=15m,attribution=event}                   3
        support_contacts_answered{window=1h,attribution=event}                    6
        support_contacts_answered{window=15m,attribution=cohort}                  1
        support_contacts_answered{window=1h,attribution=cohort}                   3
    """)


def test_what_is_split_in_two_adds_up_to_the_whole() -> None:
    desk = Desk().spread(c.ABANDONED_SHORT, 0, 1, 1).count(c.REP_NO_ANSWER, 9).count(c.REP_NO_ANSWER_CUSTOMER, 2)
    for ago, begun in ((5, 12), (10, 40), (50, 70)):
        desk.took(c.ABANDON_WAIT, 3, 30, ago=ago, begun=begun)
    assert desk.told("support_contacts_abandoned", "support_rep_no_answer", exports=SHORT) == rows("""
        support_contacts_abandoned_total{short=false}                                    4
        support_contacts_abandoned_total{short=true}                                     2
        support_contacts_abandoned{short=false,window=15m,attribution=event}             3
        support_contacts_abandoned{short=true,window=15m,attribution=event}              1
        support_contacts_abandoned{short=false,window=1h,attribution=event}              4
        support_contacts_abandoned{short=true,window=1h,attribution=event}               2
        support_contacts_abandoned{short=false,window=15m,attribution=cohort}            2
        support_contacts_abandoned{short=true,window=15m,attribution=cohort}             0
        support_contacts_abandoned{short=false,window=1h,attribution=cohort}             3
        support_contacts_abandoned{short=true,window=1h,attribution=cohort}              1
        support_rep_no_answer_total{customer_abandoned=false}                            7
        support_rep_no_answer_total{customer_abandoned=true}                             2
        support_rep_no_answer{customer_abandoned=false,window=1h,attribution=event}      7
        support_rep_no_answer{customer_abandoned=true,window=1h,attribution=event}       2
    """)


def test_labels_whose_values_are_found_are_told_where_they_were_found() -> None:
    desk = Desk().spread(f"{c.FLOW_OUT}overflow", 1, 2, 0).spread(f"{c.FLOW_OUT}voicemail", 0, 0, 5)
    assert desk.told("support_contacts_flow_out", exports=SHORT) == rows("""
        support_contacts_flow_out_total{reason=overflow}                          3
        support_contacts_flow_out_total{reason=voicemail}                         5
        support_contacts_flow_out{reason=overflow,window=15m,attribution=event}   3
        support_contacts_flow_out{reason=overflow,window=1h,attribution=event}    3
        support_contacts_flow_out{reason=voicemail,window=1h,attribution=event}   5
        support_contacts_flow_out{reason=overflow,window=15m,attribution=cohort}  1
        support_contacts_flow_out{reason=overflow,window=1h,attribution=cohort}   3
    """)
    desk = Desk("email").count(f"{c.ESCALATION}2", 4).count(f"{c.ESCALATION}3", 1)
    assert desk.told("support_ticket_escalations", exports=EVER) == rows("""
        support_ticket_escalations_total{level=2} 4
        support_ticket_escalations_total{level=3} 1
    """)


def test_labels_whose_values_are_known_are_all_told() -> None:
    desk = Desk().spread(f"{c.CALLBACK}requested", 1, 2, 4).count(f"{c.CALLBACK}answered", 3)
    desk.count(f"{c.CALLBACK_ATTEMPT}failed", 6).count(f"{c.TRANSFER_OUT}consult", 8)
    desk.count(f"{c.HOLD_DISCONNECT}rep", 2).count(f"{c.UNATTRIBUTABLE}anonymous", 9)
    names = ("support_callback", "support_transfers_total", "support_hold_dis", "support_recontact_unattributable")
    found = {name: value for name, value in desk.told(*names, exports=EVER).items() if "_total" in name}
    assert found == rows("""
        support_callbacks_total{fate=requested}                        7
        support_callbacks_total{fate=answered}                         3
        support_callbacks_total{fate=abandoned}                        0
        support_callbacks_total{fate=ghost}                            0
        support_callback_attempts_total{result=answered}               0
        support_callback_attempts_total{result=failed}                 6
        support_transfers_total{kind=blind}                            0
        support_transfers_total{kind=consult}                          8
        support_transfers_total{kind=queue}                            0
        support_transfers_total{kind=external}                         0
        support_hold_disconnects_total{by=customer}                    0
        support_hold_disconnects_total{by=rep}                         2
        support_hold_disconnects_total{by=system}                      0
        support_hold_disconnects_total{by=unknown}                     0
        support_recontact_unattributable_total{cause=anonymous}        9
        support_recontact_unattributable_total{cause=shared_number}    0
        support_recontact_unattributable_total{cause=no_reason}        0
    """)
    found = desk.told("support_callbacks", exports=SHORT)
    assert {name: value for name, value in found.items() if "requested" in name} == rows("""
        support_callbacks_total{fate=requested}                          7
        support_callbacks{fate=requested,window=1h,attribution=event}    7
        support_callbacks{fate=requested,window=1h,attribution=cohort}   3
    """)


RECONTACTS = rows("""
    support_recontacts_total{window=24h,match=any,attribution=event}       9
    support_recontacts_total{window=24h,match=reason,attribution=event}    4
    support_recontacts_total{window=72h,match=any,attribution=event}      11
    support_recontacts_total{window=72h,match=reason,attribution=event}    0
    support_recontacts_total{window=7d,match=any,attribution=event}        0
    support_recontacts_total{window=7d,match=reason,attribution=event}     0
    support_recontacts_total{window=30d,match=any,attribution=event}       0
    support_recontacts_total{window=30d,match=reason,attribution=event}   13
""")


def recontacts() -> Desk:
    desk = Desk().count("r.re.24h.any", 9, ago=40).count("r.re.24h.reason", 4)
    return desk.count("r.re.72h.any", 11).count("r.re.30d.reason", 13)


def test_a_re_contact_s_own_window_has_another_name_beside_the_figure_s() -> None:
    chosen = Exports(windows=frozenset({"15m"}), within=frozenset({"24h", "72h"}))
    assert recontacts().told("support_recontacts", exports=chosen) == RECONTACTS | rows("""
    support_recontacts{within=24h,match=any,window=15m,attribution=event}       0
    support_recontacts{within=24h,match=reason,window=15m,attribution=event}    4
    support_recontacts{within=72h,match=any,window=15m,attribution=event}      11
    support_recontacts{within=72h,match=reason,window=15m,attribution=event}    0
    """)


def test_windows_of_re_contacts_that_are_not_wanted_take_none_of_the_others_away() -> None:
    chosen = Exports(windows=frozenset({"15m"}), within=frozenset({"30d"}))
    assert recontacts().told("support_recontacts", exports=chosen) == RECONTACTS | rows("""
    support_recontacts{within=30d,match=any,window=15m,attribution=event}       0
    support_recontacts{within=30d,match=reason,window=15m,attribution=event}   13
    """)


PLAIN = {
    "support_tickets_solved": c.SOLVE,
    "support_tickets_closed": c.CLOSE,
    "support_tickets_reopened": c.REOPEN,
    "support_tickets_merged": c.MERGED,
    "support_tickets_deleted": c.DELETED,
    "support_tickets_spam": c.SPAM,
    "support_tickets_opened_by_rep": c.OPENED_BY_REP,
    "support_bot_contained": c.BOT_CONTAINED,
    "support_contact_ghosts_reaped": c.GHOST,
    "support_transfers_in": c.TRANSFER_IN,
    "support_agent_hung_up_first": c.REP_HUNG_UP,
    "support_chat_bot_contained": c.CHAT_BOT_CONTAINED,
    "support_complaints": c.COMPLAINT,
    "support_recontact_retries": c.RETRY,
    "support_recontact_contacts": c.ATTRIBUTABLE,
    "support_concurrent_contacts": c.CONCURRENT,
    "support_rep_chats_handled": c.CHATS_HANDLED,
}
"""Counters without labels of their own, and the cells that only they are read from."""


def test_counters_without_labels_are_read_from_a_cell_each() -> None:
    desk = Desk("").count(c.OFFERED, 1)
    for number, cell in enumerate(PLAIN.values(), 2):
        desk.count(cell, number)
    found = desk.told(exports=Exports(windows=frozenset({"1h"}), every_attribution=False))
    for number, name in enumerate(PLAIN, 2):
        assert found[f"{name}_total"] == number, name
        assert found[f"{name}{{window=1h,attribution=event}}"] == number, name


def test_nobody_is_out_of_hours_where_no_hours_are_known() -> None:
    names = ("support_tickets_out_of_hours", "support_contacts_out_of_hours", "support_ticket_unknown_calendars")
    assert Desk("").told(*names) == {}
    desk = Desk("").count(c.ARRIVALS_JUDGED, 5).count(c.CONTACTS_JUDGED, 4).count(c.CONTACTS_OUT_OF_HOURS, 3)
    assert desk.count(c.UNKNOWN_CALENDAR, 2).told(*names, exports=EVER) == rows("""
        support_tickets_out_of_hours_total        0
        support_contacts_out_of_hours_total       3
        support_ticket_unknown_calendars_total    2
    """)


class TestExports:
    def told(self, exports: Exports, name: str) -> Table:
        return Desk().spread(c.OFFERED, 1, 4, 2).told(name, exports=exports)

    def windows(self, exports: Exports, name: str = "support_contacts_offered") -> set[str]:
        found = self.told(exports, name)
        return {line.partition("window=")[2].partition(",")[0] for line in found if "window=" in line}

    def test_windows(self) -> None:
        every = {"15m", "30m", "1h", "1d", "7d", "today", "yesterday"}
        assert self.windows(EVERYTHING) == every
        assert self.windows(Exports(windows=frozenset({"1d", "today"}))) == {"1d", "today"}
        assert self.windows(EVER) == set()
        assert self.windows(EVER, "support_abandon") == {"all"}

    def test_metrics(self) -> None:
        only = Exports(metrics=frozenset({"support_contacts_offered_total"}))
        assert "15m" in self.windows(only)
        assert self.windows(only, "support_abandon_ratio") == {"all"}
        assert self.windows(only, "support_contacts_handled") == set()
        assert "15m" in self.windows(KEY, "support_queue_wait_seconds")
        assert self.windows(KEY, "support_talk_seconds") == {"all"}

    @pytest.mark.parametrize(
        ("name", "default"), [("support_contacts_offered", "event"), ("support_abandon_ratio", "cohort")]
    )
    def test_attributions(self, name: str, default: str) -> None:
        def attributions(*, every: bool) -> set[str]:
            found = self.told(Exports(every_attribution=every), name)
            return {line.partition("attribution=")[2].rstrip("}") for line in found if "attribution" in line}

        assert attributions(every=False) == {default}
        assert attributions(every=True) == {"event", "cohort"}

    @pytest.mark.parametrize(
        ("labels", "is_exported"),
        [
            ((), True),
            ((("formula", "strict"),), True),
            ((("formula", "amazon"),), False),
            ((("within", "7d"),), True),
            ((("within", "24h"),), False),
            ((("match", "amazon"), ("threshold", "24h")), True),
            ((("match", "any"), ("within", "24h")), False),
        ],
    )
    def test_labels_that_can_be_chosen(self, labels: tuple[tuple[str, str], ...], *, is_exported: bool) -> None:
        assert Exports(formulas=frozenset({"strict"}), within=frozenset({"7d"})).has(labels) is is_exported

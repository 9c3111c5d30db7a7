"""A worked example of the clock of complaints, its instants worked out by hand (SPEC part 4; WE-02 has the hours).

The desk in Berlin is open from 9 to 17. On Friday 27 March it closes at 16:00 UTC; on Sunday the clocks go forward, so
on Monday 30 March it opens at 07:00 UTC. A complaint is to be answered within two business hours.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from streams.figures.contributions import QueueSets
from streams.figures.exports import EVERYTHING
from streams.figures.panes import Panes
from streams.figures.sla_readers import samples
from streams.history import EMPTY, merge
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sla.booking import add_clocks
from streams.sla.clocks import Kind, State
from streams.sla.explanation import explain
from streams.sla.transitions import instance_id
from tests.golden.test_business_time import OFFICE, calendar
from tests.support.sla import clocks, policies, policy, target
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.events import Event
    from streams.sla.clocks import Instance

Step = tuple[str, str, dict[str, Any]]

CALENDARS = {"office": calendar(**OFFICE)}
HOURS = policies(policy(target("complaint_reply", "2bh"), calendar="office"), calendars=CALENDARS)
TWO_HOURS = policies(policy(target("complaint_reply", "2h")))

FRIDAY: tuple[Step, ...] = (
    ("15:00", "ticket.created", {"queue": "Q", "channel": "email"}),
    ("15:30", "complaint.received", {"complaint_id": "a"}),
    ("15:31", "message.sent", {"author": "rep", "automated": True}),
    ("15:40", "message.sent", {"author": "rep", "public": False}),
    ("15:50", "complaint.received", {"complaint_id": "a"}),
    ("2026-03-30 07:10", "complaint.received", {"complaint_id": "b"}),
    ("2026-03-30 08:45", "message.sent", {"author": "rep", "rep": "r"}),
    ("2026-03-30 09:30", "complaint.resolved", {"complaint_id": "a"}),
)
"""The automated receipt and the note answer nothing, and to complain again about the same does not begin anew."""


def told(steps: tuple[Step, ...] = FRIDAY, until: int = 99) -> list[Event]:
    line = Timeline("2026-03-27")
    for when, name, data in steps[:until]:
        line.add("ticket/T", when, name, **data)
    return line.events


def happened(found: Instance) -> list[tuple[str, int, str]]:
    return [(str(each.kind), each.at, each.why) for each in (*found.transitions, *found.ahead)]


def friday(text: str) -> int:
    return millis(text, "2026-03-27")


def test_the_deadline_is_two_business_hours_after_the_complaint() -> None:
    (a,) = clocks(told(until=5), HOURS)
    # Half an hour on Friday, 60 minutes more make 75 %, 90 minutes more make it all.
    assert a.due == millis("2026-03-30 08:30")
    assert happened(a) == [
        ("activated", friday("15:30"), "P"),
        ("warned", millis("2026-03-30 08:00"), "75 %"),
        ("breached", millis("2026-03-30 08:30"), "target reached"),
    ]


def test_each_complaint_has_its_own_clock_and_one_reply_answers_both() -> None:
    a, b = clocks(told(), HOURS)
    assert [instance_id("ticket/T", each) for each in (a, b)] == [
        "ticket/T:complaint_reply:1",
        "ticket/T:complaint_reply:2",
    ]
    assert happened(a)[2:] == [
        ("breached", millis("2026-03-30 08:30"), "target reached"),
        ("fulfilled", millis("2026-03-30 08:45"), "reply"),
    ]
    assert a.transitions[-1].late
    assert a.remaining == -15 * 60_000
    assert happened(b) == [
        ("activated", millis("2026-03-30 07:10"), "P"),
        # 95 of 120 minutes: past 75 % at 08:40.
        ("warned", millis("2026-03-30 08:40"), "75 %"),
        ("fulfilled", millis("2026-03-30 08:45"), "reply"),
    ]
    assert not b.transitions[-1].late
    assert a.transitions[-1].rep == b.transitions[-1].rep == "r"


def test_its_figures_in_any_order() -> None:
    rules = Rules(policies=HOURS)
    seen = []
    for events in (*permutations(told()[:4]), told()[::-1]):
        report = Report(rules)
        for event in (*events, *told(), *events):
            report.add(event)
        seen.append(report.result()["total"])
    assert all(each == seen[0] for each in seen)
    (clock,) = seen[0]["sla"]
    assert (clock["metric"], clock["breaches"], clock["fulfilled"], clock["fulfilled_late"]) == (
        "complaint_reply",
        1,
        1,
        1,
    )
    assert clock["overdue_seconds"]["sum"] == 900
    assert clock["attainment"] == {"numerator": 1, "denominator": 2, "ratio": 0.5}
    complaints = seen[0]["complaints"]
    assert (complaints["received"], complaints["resolved"], complaints["open"]) == (2, 1, 1)


def test_explained() -> None:
    a, b = explain("ticket/T", clocks(told(), HOURS), millis("2026-03-30 10:00"))["clocks"]
    assert [(one["from"], one["to"], one["phase"], one["counted_seconds"]) for one in a["segments"]] == [
        ("2026-03-27T15:30:00Z", "2026-03-27T16:00:00Z", "running", 1_800),
        ("2026-03-27T16:00:00Z", "2026-03-30T07:00:00Z", "outside_hours", 0),
        ("2026-03-30T07:00:00Z", "2026-03-30T08:45:00Z", "running", 6_300),
    ]
    assert a["words"][-1] == "Fulfilled at 2026-03-30T08:45:00Z: a rep replied, 15 min over."
    assert b["words"][0].startswith("complaint_reply #2 by policy P, version ")
    assert "2bh by the business clock" in b["words"][0]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (("complaint.acknowledged", {}), "it was acknowledged"),
        (("complaint.resolved", {}), "it was resolved"),
        (("ticket.solved", {}), "it was solved"),
        (("ticket.closed", {}), "it was solved"),
        (("message.sent", {"author": "rep"}), "a rep replied"),
    ],
)
def test_what_fulfils_it(end: tuple[str, dict[str, Any]], words: str) -> None:
    steps: tuple[Step, ...] = (FRIDAY[0], ("15:10", "complaint.received", {}), ("16:00", *end))
    (found,) = explain("ticket/T", clocks(told(steps), TWO_HOURS), friday("20:00"))["clocks"]
    assert found["words"][-1] == f"Fulfilled at 2026-03-27T16:00:00Z: {words}, 1 h 10 min left."


@pytest.mark.parametrize("gone", ["ticket.merged", "ticket.deleted", "ticket.marked_spam"])
def test_what_is_gone_is_owed_nothing(gone: str) -> None:
    data = {"into": "9"} if gone == "ticket.merged" else {}
    steps: tuple[Step, ...] = (FRIDAY[0], ("15:10", "complaint.received", {}), ("16:00", gone, data))
    (found,) = clocks(told(steps), TWO_HOURS)
    assert found.state is State.CANCELLED
    assert found.ahead == []
    if gone != "ticket.merged":
        (again,) = clocks(told((*steps, ("16:30", "ticket.undeleted", {}))), TWO_HOURS)
        assert (again.state, again.due) == (State.ACTIVE, friday("17:40")), "what is brought back goes on"


def test_a_reopen_goes_on_if_nobody_had_answered() -> None:
    steps: tuple[Step, ...] = (FRIDAY[0], ("15:10", "complaint.received", {}), ("16:00", "ticket.solved", {}))
    reopened: tuple[Step, ...] = (*steps, ("18:00", "ticket.reopened", {}))
    (found,) = clocks(told(reopened), TWO_HOURS)
    assert (found.state, found.due) == (State.ACTIVE, friday("19:10"))
    (answered,) = clocks(told((*steps, ("17:00", "message.sent", {"author": "rep"}), reopened[-1])), TWO_HOURS)
    assert (answered.state, answered.transitions[-1].at) == (State.FULFILLED, friday("16:00"))


def test_answered_in_the_instant_of_the_complaint_is_a_promise_kept() -> None:
    (found,) = clocks(
        told((FRIDAY[0], ("15:10", "complaint.received", {}), ("15:10", "complaint.resolved", {}))), TWO_HOURS
    )
    assert [each.kind for each in found.transitions] == [Kind.ACTIVATED, Kind.FULFILLED]


def test_it_pauses_only_where_the_policy_says_so() -> None:
    steps: tuple[Step, ...] = (
        FRIDAY[0],
        ("15:10", "complaint.received", {}),
        ("15:40", "ticket.status_changed", {"to": "pending"}),
    )
    (runs,) = clocks(told(steps), TWO_HOURS)
    assert runs.due == friday("17:10")
    pausing = policies(policy(target("complaint_reply", "2h", pause_in=frozenset({"pending"}))))
    (stands,) = clocks(told(steps), pausing)
    assert (stands.state, stands.remaining) == (State.PAUSED, 90 * 60_000)


def test_of_a_call() -> None:
    line = Timeline()
    line.add("call/c", "10:00", "contact.queued", queue="Q", tier="gold")
    line.add("call/c", "10:01", "contact.connected", rep="r")
    line.add("call/c", "10:05", "complaint.received", priority="high")
    line.add("call/c", "10:10", "contact.ended")

    def clock(*more: Step) -> Instance:
        for when, name, data in more:
            line.add("call/c", when, name, **data)
        history = merge(EMPTY, [event.entry for event in line.events]).history
        (found,) = derive("call", "C", history, Rules(policies=TWO_HOURS), millis("11:00")).clocks
        return found

    waits = clock()
    # The conversation in which the customer complained answers nothing, and that it ended ends nothing.
    assert (waits.state, waits.due) == (State.ACTIVE, millis("12:05"))
    assert waits.labels == ("Q", "voice", "high", "gold", "", "")
    done = clock(("10:20", "contact.queued", {}), ("10:30", "contact.connected", {"rep": "chief"}))
    assert (done.state, done.transitions[-1].at, done.transitions[-1].rep) == (
        State.FULFILLED,
        millis("10:30"),
        "chief",
    )
    assert _words(done) == "Fulfilled at 2026-05-04T10:30:00Z: a rep answered, 1 h 35 min left."


def _words(found: Instance) -> str:
    return str(explain("call/c", [found], millis("11:00"))["clocks"][0]["words"][-1])


def test_of_two_that_are_open_both_deadlines_are_known() -> None:
    steps: tuple[Step, ...] = (
        FRIDAY[0],
        ("15:10", "complaint.received", {"complaint_id": "a"}),
        ("15:30", "complaint.received", {"complaint_id": "b"}),
    )
    sets = QueueSets()
    add_clocks(sets, clocks(told(steps), TWO_HOURS), "")
    items, live = sets["Q"]
    panes = Panes()
    panes.apply("Q", items, 1)
    panes.set_live("Q", "ticket/T", live, add=True)

    def seen(now: str) -> dict[str, float]:
        panes.advance(friday(now))
        found = samples(panes.group("Q", "email", ""), EVERYTHING, {})
        return {family: value for family, _, labels, value in found if len(labels) == 4}

    before = seen("17:00")
    assert before["support_sla_next_breach_timestamp_seconds"] == friday("17:10") / 1000
    after = seen("17:20")
    assert after["support_sla_oldest_breach_timestamp_seconds"] == friday("17:10") / 1000
    assert after["support_sla_next_breach_timestamp_seconds"] == friday("17:30") / 1000
    report = Report(Rules(policies=TWO_HOURS))
    for event in told(steps):
        report.add(event)
    (clock,) = report.result(friday("17:20"))["total"]["sla"]
    assert (clock["open"], clock["instances"]["breached"], clock["instances"]["warning"]) == (2, 1, 1)

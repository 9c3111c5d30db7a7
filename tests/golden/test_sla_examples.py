"""The worked examples of service-level clocks: WE-02 and WE-09 (the SLA parts), WE-03, WE-04, WE-10 (as a chat)."""

from __future__ import annotations

from collections import Counter
from itertools import islice, permutations
from typing import TYPE_CHECKING, Any

import pytest

from streams.businesstime import ScheduleRule
from streams.figures.contributions import QueueSets
from streams.figures.exports import EVERYTHING
from streams.figures.panes import Panes
from streams.figures.sla_readers import samples
from streams.history import EMPTY, merge
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sla.clocks import Kind, State
from tests.golden.test_business_time import HOLIDAYS, L1, L2, OFFICE, calendar, weekly
from tests.support.sla import clocks, policies, policy, target
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.events import Event
    from streams.sla.clocks import Instance
    from streams.sla.promises import Policies

NOON: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("10:00", "ticket.created", {"priority": "normal", "queue": "Q", "channel": "email"}),
    ("10:40", "message.sent", {"author": "rep"}),
    ("10:40", "ticket.status_changed", {"to": "pending"}),
    ("11:30", "message.sent", {"author": "customer"}),
    ("12:00", "ticket.updated", {"priority": "urgent"}),
    ("12:10", "ticket.updated", {"priority": "normal"}),
    ("13:05", "ticket.solved", {}),
)
"""WE-04. The customer's comment alone takes the ticket out of pending."""
WAIT = policies(policy(target("requester_wait", by={"normal": "2h", "urgent": "1h"})))


def told(until: str = "23:59") -> list[Event]:
    line = Timeline()
    for when, name, data in NOON:
        if when <= until:
            line.add("ticket/T", when, name, **data)
    return line.events


def one(until: str) -> Instance:
    (found,) = clocks(told(until), WAIT)
    return found


def when(found: Instance, *kinds: Kind) -> list[tuple[str, int]]:
    """Kind and instant of what happened, and will happen if nothing else does."""
    return [(each.kind, each.at) for each in (*found.transitions, *found.ahead) if each.kind in kinds]


def test_we04_deadline_and_warning_from_the_first_moment() -> None:
    found = one("10:00")
    assert found.state is State.ACTIVE
    assert found.due == millis("12:00")
    assert when(found, Kind.WARNED, Kind.BREACHED) == [("warned", millis("11:30")), ("breached", millis("12:00"))]


def test_we04_pending_has_no_deadline() -> None:
    found = one("10:40")
    assert found.state is State.PAUSED
    assert found.remaining == 80 * 60_000
    assert found.ahead == []
    assert found.due > millis("2100-01-01 00:00")


def test_we04_the_customer_moves_the_deadline() -> None:
    found = one("11:30")
    assert found.passed == 40 * 60_000
    assert [(each.kind, each.at) for each in found.ahead] == [
        ("warned", millis("12:20")),
        ("breached", millis("12:50")),
    ]


def test_we04_a_shorter_target_breaches_at_its_application() -> None:
    found = one("12:00")
    assert found.passed == 70 * 60_000
    assert found.state is State.BREACHED
    # Not at 11:50, when nobody could have known; and the warning that comes with the breach warns nobody.
    assert when(found, Kind.WARNED, Kind.BREACHED) == [("breached", millis("12:00"))]
    assert found.promise is not None
    assert found.promise.number == 2
    assert -found.remaining == 600_000


def test_we04_a_longer_target_relieves_and_the_breach_stays_counted() -> None:
    found = one("12:10")
    assert found.state is State.ACTIVE
    assert found.passed == 80 * 60_000
    assert found.promise is not None
    assert found.promise.number == 3
    assert when(found, Kind.WARNED, Kind.BREACHED) == [
        ("breached", millis("12:00")),
        ("warned", millis("12:20")),
        ("breached", millis("12:50")),
    ]


def test_we04_solved_late() -> None:
    found = one("13:05")
    last = found.transitions[-1]
    assert (last.kind, last.at, last.late) == (Kind.FULFILLED, millis("13:05"), True)
    assert found.passed == 135 * 60_000
    assert -found.remaining == 900_000


class Gauges:
    """The panes of a queue that is told of each change as it happens, and in between only what time it is."""

    def __init__(self, given: Policies) -> None:
        self.rules = Rules(policies=given)
        self.panes = Panes()
        self.events: list[Event] = []
        self.sets = QueueSets()

    def at(self, now: str, *arrived: Event) -> Counter[str]:
        """Values of the series without window, by family and own labels, as a scrape at an instant would see them."""
        self.panes.advance(millis(now))
        self.events.extend(arrived)
        history = merge(EMPTY, [event.entry for event in self.events]).history
        sets = derive("ticket", "T", history, self.rules, millis(now)).sets
        for queue, (items, live) in self.sets.items():
            self.panes.apply(queue, items, -1)
            self.panes.set_live(queue, "T", live, add=False)
        for queue, (items, live) in sets.items():
            self.panes.apply(queue, items, 1)
            self.panes.set_live(queue, "T", live, add=True)
        self.sets = sets
        self.panes.advance(millis(now))
        found: Counter[str] = Counter()
        for key, group in self.panes.groups.items():
            for family, suffix, labels, value in samples(group, EVERYTHING, {}):
                own = {"priority": key[2], **dict(labels)}
                assert (own.pop("policy"), own.pop("metric"), own.pop("mode"), own.pop("clock")) == (
                    "P",
                    "requester_wait",
                    "live",
                    "calendar",
                )
                if own.pop("window", "all") == "all":
                    own.pop("attribution", "")
                    name = family.removeprefix("support_sla_") + suffix
                    found[f"{name}{{{','.join(own.values())}}}"] += value  # type: ignore[assignment]
        return found


def test_we04_gauges_move_with_no_event() -> None:
    gauges = Gauges(WAIT)
    events = told()
    seen = gauges.at("10:00", events[0])
    assert seen["instances{normal,active}"] == 1
    assert seen["next_breach_timestamp_seconds{normal}"] == millis("12:00") / 1000
    assert seen["at_risk{normal,1h}"] == 0
    assert gauges.at("10:59:59")["at_risk{normal,1h}"] == 0 if len(gauges.events) == 1 else True
    seen = gauges.at("10:40", *events[1:3])
    assert seen["instances{normal,paused}"] == 1
    assert seen["next_breach_exists{normal}"] == 0
    assert "next_breach_timestamp_seconds{normal}" not in seen
    seen = gauges.at("11:30", events[3])
    assert seen["instances{normal,active}"] == 1
    assert seen["next_breach_timestamp_seconds{normal}"] == millis("12:50") / 1000
    seen = gauges.at("11:59:59")
    assert seen["at_risk{normal,1h}"] == 1
    assert seen["breaches_total{normal}"] == 0
    seen = gauges.at("12:00", events[4])
    assert seen["instances{urgent,breached}"] == 1
    assert seen["oldest_breach_timestamp_seconds{urgent}"] == millis("12:00") / 1000
    assert seen["instances{normal,active}"] == seen["instances{normal,breached}"] == 0
    seen = gauges.at("12:10", events[5])
    assert seen["instances{normal,active}"] == 1
    assert seen["instances{urgent,breached}"] == 0
    assert seen["breaches_total{urgent}"] == 1
    assert gauges.at("12:19:59")["instances{normal,active}"] == 1
    seen = gauges.at("12:20")
    assert (seen["instances{normal,active}"], seen["instances{normal,warning}"]) == (0, 1)
    seen = gauges.at("12:30")
    assert seen["next_breach_timestamp_seconds{normal}"] - millis("12:30") / 1000 == 1200
    assert gauges.at("12:34:59")["at_risk{normal,15m}"] == 0
    assert gauges.at("12:35")["at_risk{normal,15m}"] == 1
    seen = gauges.at("12:49:59")
    assert (seen["instances{normal,warning}"], seen["breaches_total{normal}"]) == (1, 0)
    seen = gauges.at("12:50")
    assert (seen["instances{normal,warning}"], seen["instances{normal,breached}"]) == (0, 1)
    assert seen["breaches_total{normal}"] == 1
    assert seen["at_risk{normal,15m}"] == seen["at_risk{normal,1h}"] == 0
    assert seen["next_breach_exists{normal}"] == 0
    assert seen["oldest_breach_timestamp_seconds{normal}"] == millis("12:50") / 1000
    seen = gauges.at("13:05", events[6])
    assert {value for name, value in seen.items() if name.startswith("instances")} == {0}
    assert (seen["fulfilled_total{normal,true}"], seen["fulfilled_total{normal,false}"]) == (1, 0)
    assert (seen["overdue_seconds_sum{normal}"], seen["overdue_seconds_count{normal}"]) == (900, 1)
    assert (seen["breaches_total{urgent}"], seen["breaches_total{normal}"]) == (1, 1)
    # One instance, and its result is "breached": once, whatever the number of targets.
    assert sum(value for name, value in seen.items() if name.startswith("attainment_denominator")) == 1
    assert sum(value for name, value in seen.items() if name.startswith("attainment_numerator")) == 0


def test_we04_in_the_report() -> None:
    report = Report(Rules(policies=WAIT), by=("priority",))
    for event in told():
        report.add(event)
    (said,) = report.result()["total"]["sla"]
    assert (said["breaches"], said["fulfilled"], said["fulfilled_late"], said["cancelled"]) == (2, 0, 1, 0)
    assert said["overdue_seconds"]["sum"] == 900
    assert said["attainment"] == {"numerator": 0, "denominator": 1, "ratio": 0.0}


@pytest.mark.parametrize("until", ["12:20", "12:49"])
def test_we04_in_the_report_as_of_an_instant_between_events(until: str) -> None:
    report = Report(Rules(policies=WAIT))
    for event in told("12:10"):
        report.add(event)
    (said,) = report.result(millis(until))["total"]["sla"]
    assert said["breaches"] == said["open"] == 1
    assert said["instances"]["warning"] == 1


OPENING_HOURS = {"berlin": calendar(**OFFICE, closed=HOLIDAYS)}


def we02(until: int) -> Instance:
    line = Timeline("2026-03-27")
    line.add("ticket/T", "15:30", "ticket.created", queue="Q")
    line.add("ticket/T", "2026-03-30 07:45", "message.sent", author="rep")
    given = policies(policy(target("first_reply", "1bh"), calendar="berlin"), calendars=OPENING_HOURS)
    (found,) = clocks(line.events[:until], given)
    return found


def test_we02_is_due_when_the_clocks_have_changed() -> None:
    found = we02(1)
    assert found.due == millis("2026-03-30 07:30")
    # By the offset of Friday it would be an hour later, and by the clock that never stops an hour after its creation.
    assert found.due not in (millis("2026-03-30 08:30"), millis("2026-03-27 16:30"))
    assert [(each.kind, each.at) for each in found.ahead] == [
        ("warned", millis("2026-03-30 07:15")),
        ("breached", millis("2026-03-30 07:30")),
    ]


def test_we02_breached_at_its_due_and_fifteen_minutes_overdue() -> None:
    found = we02(2)
    assert when(found, Kind.BREACHED) == [("breached", millis("2026-03-30 07:30"))]
    assert found.transitions[-1].late
    assert found.passed == 4_500_000
    assert -found.remaining == 900_000


SHIFTS = {"L1": weekly(L1), "L2": weekly(L2)}


@pytest.mark.parametrize(("rule", "passed"), [("as_assigned", 57_608), ("last", 41_408), ("at_creation", 57_608)])
@pytest.mark.parametrize("by", ["queue", "event"])
def test_we03_a_schedule_that_is_switched(by: str, rule: str, passed: int) -> None:
    line = Timeline()
    line.add("ticket/T", "2020-09-29 17:01:38", "ticket.created", queue="first")
    if by == "event":
        line.add("ticket/T", "2020-09-30 19:01:25", "ticket.schedule_changed", calendar="L2")
    else:
        line.add("ticket/T", "2020-09-30 19:01:25", "ticket.assigned", queue="second")
    line.add("ticket/T", "2020-09-30 19:01:46", "message.sent", author="rep")
    hours: dict[str, Any] = {"calendar": "L1", "calendar_by_queue": {"second": "L2"}}
    wanted = policy(target("first_reply", "100bh"), schedule_rule=ScheduleRule(rule), **hours)
    given = policies(wanted, calendars=SHIFTS)
    (found,) = clocks(line.events, given)
    assert found.passed == passed * 1000


def test_we09_merge_before_the_creation_and_in_any_order() -> None:
    line = Timeline()
    line.add("ticket/T10", "08:00", "ticket.created", customer="Z", priority="normal")
    line.add("ticket/T11", "08:30", "ticket.merged", into="T10")
    line.add("ticket/T11", "08:05", "ticket.created", customer="Z")
    line.add("ticket/T10", "08:40", "message.sent", author="rep", uid="e40")
    line.add("ticket/T10", "08:40", "message.sent", author="rep", uid="e40")
    line.add("ticket/T10", "09:00", "ticket.solved")
    line.add("ticket/T10", "08:20", "ticket.updated", priority="normal")
    rules = Rules(policies=policies(policy(target("first_reply", "0:45h"))))
    said = []
    for order in islice(permutations(line.events), 0, None, 41):
        report = Report(rules)
        for event in order:
            report.add(event)
        figures = report.result(millis("12:00"))["total"]["sla"]
        if figures not in said:
            said.append(figures)
    ((only,),) = said
    assert (only["breaches"], only["fulfilled"], only["fulfilled_late"], only["cancelled"]) == (0, 1, 0, 1)
    assert only["attainment"] == {"numerator": 1, "denominator": 1, "ratio": 1.0}
    first = clocks([event for event in line.events if event.entity == "T10"], rules.policies)
    assert when(first[0], Kind.FULFILLED) == [("fulfilled", millis("08:40"))]
    second = clocks([event for event in line.events if event.entity == "T11"], rules.policies)
    assert when(second[0], Kind.CANCELLED, Kind.BREACHED) == [("cancelled", millis("08:30"))]


WE10: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("2026-05-04 09:00", "contact.initiated", {"queue": "Q"}),
    ("2026-05-04 09:00", "message.sent", {"author": "bot"}),
    ("2026-05-04 09:05", "bot.resolved", {}),
    ("2026-05-08 14:00", "message.sent", {"author": "customer"}),
    ("2026-05-08 14:00", "message.sent", {"author": "bot"}),
    ("2026-05-08 14:02", "bot.handoff", {}),
    ("2026-05-08 14:10", "message.sent", {"author": "rep", "rep": "r"}),
    ("2026-05-08 14:30", "contact.ended", {"by": "rep"}),
)
"""WE-10, as a chat."""
REPLY_IN_TEN = policies(policy(target("first_reply", "0:10h"), target("resolution", "1h")))


def we10(until: str = "2026-05-08 14:30", *, now: str = "2026-05-08 23:00") -> list[Instance]:
    line = Timeline()
    for at, name, data in WE10:
        if at <= until:
            line.add("chat/T", at, name, **data)
    history = merge(EMPTY, [event.entry for event in line.events]).history
    return derive("chat", "C", history, Rules(policies=REPLY_IN_TEN), millis(now)).clocks


def test_we10_people_owe_the_first_reply_from_the_hand_off_on() -> None:
    bot_s, people_s = (each for each in we10() if each.metric == "first_reply")
    assert (people_s.began, people_s.passed) == (millis("2026-05-08 14:02"), 480_000)
    assert when(people_s, *Kind) == [
        ("activated", millis("2026-05-08 14:02")),
        ("warned", millis("2026-05-08 14:09:30")),
        ("fulfilled", millis("2026-05-08 14:10")),
    ]
    assert not people_s.transitions[-1].late
    assert people_s.transitions[-1].rep == "r"
    # What the bot resolved was owed by nobody, and not a second of it counts.
    assert (bot_s.state, bot_s.passed) == (State.CANCELLED, 0)
    assert 364_200_000 not in (bot_s.passed, people_s.passed), "naive: 4 d 5 h 10 min, from the first word"


@pytest.mark.parametrize("until", ["2026-05-04 09:00", "2026-05-08 14:00"])
def test_we10_no_clock_runs_while_the_bot_serves(until: str) -> None:
    found = [each for each in we10(until, now="2026-05-20 00:00") if each.metric == "first_reply"]
    assert all((each.running, each.passed, each.ahead) == (False, 0, []) for each in found)


def test_we10_each_episode_has_a_resolution_of_its_own() -> None:
    assert [
        (each.began, each.passed // 1000, each.state, each.first_breach)
        for each in we10()
        if each.metric == "resolution"
    ] == [
        (millis("2026-05-04 09:00"), 300, State.FULFILLED, None),
        (millis("2026-05-08 14:00"), 1_800, State.FULFILLED, None),
    ]

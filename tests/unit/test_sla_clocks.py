"""Service-level clocks case by case: the complaints of SPEC part 5, rows 12 to 21, and what must not be told twice."""

from __future__ import annotations

from typing import Any

import pytest

from streams.businesstime import parse_duration
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.contact import fold_contact
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sla.clocks import Instance, Kind, State
from streams.sla.matching import Cohort, Match
from streams.sla.model import PolicyBook, PolicySet, Warn
from streams.sla.of_entity import contact_clocks
from streams.sla.promises import Policies, UnknownPolicyCalendarError
from tests.golden.test_business_time import calendar
from tests.support.sla import clocks, policies, policy, target
from tests.support.timeline import Timeline, millis

QUICK = policies(policy(target("first_reply", "1h"), target("next_reply", "2h"), target("resolution", "8h")))


class Ticket(Timeline):
    """One ticket; the first event is its creation."""

    def __init__(self, when: str = "10:00", day: str = "2026-05-04", **data: str) -> None:
        super().__init__(day)
        self.then(when, "ticket.created", **data)

    def then(self, when: str, name: str, **data: Any) -> Ticket:
        self.add("ticket/T", when, name, **data)
        return self

    def clocks(self, given: Policies = QUICK, metric: str = "") -> list[Instance]:
        return [each for each in clocks(self.events, given) if metric in ("", each.metric)]


def at(found: Instance, kind: Kind) -> list[int]:
    return [each.at for each in (*found.transitions, *found.ahead) if each.kind is kind]


def kinds(found: Instance) -> list[str]:
    return [str(each.kind) for each in found.transitions]


LUNCH = {"desk": calendar(zone="Europe/Berlin", week={"mon-fri": ["09:00-12:00", "13:00-17:00"]})}


@pytest.mark.parametrize(
    ("created", "due"),
    [
        ("2026-05-02 22:00", "2026-05-04 09:00"),  # Saturday night: Monday 09:00 local is 07:00 UTC
        ("2026-05-04 09:00", "2026-05-04 12:00"),  # 11:00 local: an hour before lunch and one after it
        ("2026-05-04 10:30", "2026-05-04 13:00"),  # within the lunch break
        ("2026-05-08 14:00", "2026-05-11 08:00"),  # Friday 16:00 local, an hour before the week-end
    ],
)
def test_row_12_week_ends_lunch_breaks_and_zones(created: str, due: str) -> None:
    given = policies(policy(target("first_reply", "2bh"), calendar="desk"), calendars=LUNCH)
    (found,) = Ticket(created).clocks(given)
    assert found.due == millis(due)


def test_a_reply_that_was_made_private_kept_no_promise() -> None:
    ticket = Ticket().then("10:20", "message.sent", uid="m", author="rep")
    (kept,) = ticket.clocks(metric="first_reply")
    assert at(kept, Kind.FULFILLED) == [millis("10:20")]
    ticket.then("10:30", "message.made_private", message="m")
    (open_,) = ticket.clocks(metric="first_reply")
    assert at(open_, Kind.FULFILLED) == []
    assert at(open_, Kind.BREACHED) == [millis("11:00")]
    (answered,) = ticket.then("10:40", "message.sent", author="rep").clocks(metric="first_reply")
    assert at(answered, Kind.FULFILLED) == [millis("10:40")]


@pytest.mark.parametrize(("name", "data"), [("merged", {"into": "U"}), ("deleted", {}), ("marked_spam", {})])
def test_row_13_what_is_merged_or_deleted_breaches_no_more(name: str, data: dict[str, str]) -> None:
    for found in Ticket().then("10:30", f"ticket.{name}", **data).clocks():
        assert found.state is State.CANCELLED
        assert at(found, Kind.CANCELLED) == [millis("10:30")]
        assert at(found, Kind.BREACHED) == []


def test_row_13_what_is_brought_back_goes_on() -> None:
    ticket = Ticket().then("10:30", "ticket.deleted").then("12:00", "ticket.undeleted")
    (found,) = ticket.clocks(metric="first_reply")
    assert kinds(found) == ["activated", "cancelled", "resumed"]
    assert found.due == millis("12:30")


def test_row_14_an_answer_by_another_medium_starts_the_clock_again() -> None:
    given = policies(policy(target("requester_wait", "4h")))
    ticket = Ticket(channel="email").then("11:00", "ticket.status_changed", to="pending")
    (found,) = ticket.then("12:00", "message.sent", author="customer", channel="sms").clocks(given)
    assert found.state is State.ACTIVE
    assert found.due == millis("15:00")


def test_row_15_nothing_escalates_once_the_rep_has_answered() -> None:
    (found,) = Ticket().then("10:59:59", "message.sent", author="rep").clocks(metric="first_reply")
    assert found.state is State.FULFILLED
    assert at(found, Kind.BREACHED) == []


def test_row_15_an_update_due_earlier_is_another_clock_than_the_first_reply() -> None:
    given = policies(policy(target("first_reply", "4h"), target("periodic_update", "1h")))
    (only,) = Ticket().clocks(given)
    assert only.metric == "first_reply"
    first, update = Ticket().then("10:30", "message.sent", author="rep").clocks(given)
    assert (first.state, update.metric, update.due) == (State.FULFILLED, "periodic_update", millis("11:30"))


def test_row_15_the_old_target_does_not_survive_a_change_of_group() -> None:
    slow = policy(target("first_reply", "8h"), name="slow", selector=Match(queue=("B",)))
    given = policies(slow, policy(target("first_reply", "1h"), name="quick"))
    (found,) = Ticket(queue="A").then("10:30", "ticket.assigned", queue="B").clocks(given)
    assert found.promise is not None
    assert (found.promise.policy.name, found.promise.number, found.due) == ("slow", 2, millis("18:00"))


def test_row_16_the_same_event_again_tells_nothing_again() -> None:
    ticket = Ticket().then("12:30", "message.sent", author="rep")
    (once,) = ticket.clocks(metric="first_reply")
    (twice,) = [each for each in clocks([*ticket.events, *ticket.events], QUICK) if each.metric == "first_reply"]
    assert twice.transitions == once.transitions
    assert kinds(once) == ["activated", "warned", "breached", "fulfilled"]


def test_row_17_warnings_come_before_the_breach_by_share_and_by_time_left() -> None:
    warned = target("first_reply", "4h", warn=())
    points = (Warn(percent=50), Warn(before=parse_duration("1h")), Warn(before=parse_duration("9h")))
    given = policies(policy(type(warned)(metric=warned.metric, default=warned.default, warn_at=points, goal=0.9)))
    (found,) = Ticket().clocks(given)
    # The last point lies before the beginning: there is nothing to warn of yet.
    assert at(found, Kind.WARNED) == [millis("12:00"), millis("13:00")]
    assert at(found, Kind.BREACHED) == [millis("14:00")]


def test_row_18_policies_hold_from_their_time_on_and_not_before() -> None:
    book = PolicyBook(
        [
            PolicySet(effective_from=millis("09:00"), policies=(policy(target("first_reply", "1h")),)),
            PolicySet(effective_from=millis("10:30"), policies=(policy(target("first_reply", "0:20h")),)),
        ]
    )
    given = Policies(book)
    assert Ticket("08:00").clocks(given) == []
    (before,) = Ticket("10:00").clocks(given)
    (after,) = Ticket("10:30").clocks(given)
    assert (before.due, after.due) == (millis("11:00"), millis("10:50"))
    # A label that makes no difference to it does not bring it under the new ones; one that does, does.
    (same,) = Ticket("10:00").then("10:40", "ticket.updated", reason="billing").clocks(given)
    assert same.due == millis("11:00")


def test_row_18_the_clock_is_a_label() -> None:
    given = policies(policy(target("first_reply", "2h", by={"low": "1bh"}), calendar="desk"), calendars=LUNCH)
    (by_clock,), (business,) = Ticket().clocks(given), Ticket(priority="low").clocks(given)
    assert [each.promise and each.promise.clock for each in (by_clock, business)] == ["calendar", "business"]


def test_row_19_a_rebuild_from_the_history_is_the_same() -> None:
    ticket = Ticket().then("10:30", "message.sent", author="rep").then("12:00", "message.sent", author="customer")
    ticket.then("15:00", "ticket.solved").then("16:00", "ticket.reopened").then("17:00", "ticket.solved")
    rules = Rules(policies=QUICK)
    grown, rebuilt = Report(rules), Report(rules)
    for event in ticket.events:
        grown.add(event)
        grown.result()
    for event in reversed(ticket.events):
        rebuilt.add(event)
    assert grown.result()["total"]["sla"] == rebuilt.result()["total"]["sla"]


def test_row_20_parking_a_ticket_stops_no_promised_update() -> None:
    given = policies(policy(target("periodic_update", "1h"), target("pausable_update", "1h")))
    ticket = Ticket().then("10:00", "message.sent", author="rep")
    periodic, pausable = ticket.then("10:10", "ticket.status_changed", to="pending").clocks(given)
    assert (periodic.state, periodic.due) == (State.ACTIVE, millis("11:00"))
    assert pausable.state is State.PAUSED


@pytest.mark.parametrize(("replied", "late"), [("10:59:59.999", False), ("11:00", False), ("11:00:00.001", True)])
def test_row_21_milliseconds_count_and_the_limit_itself_is_in_time(replied: str, late: bool) -> None:
    (found,) = Ticket().then(replied, "message.sent", author="rep").clocks(metric="first_reply")
    assert found.transitions[-1].late is late
    assert (at(found, Kind.BREACHED) == [millis("11:00")]) is late


def test_an_old_crossing_is_not_counted_twice() -> None:
    given = policies(policy(target("resolution", by={"normal": "2h", "high": "1h", "low": "8h"})))
    ticket = Ticket(priority="normal").then("13:00", "ticket.updated", priority="high")
    (found,) = ticket.clocks(given)
    assert at(found, Kind.BREACHED) == [millis("12:00")]
    assert found.state is State.BREACHED
    # Once a longer target has relieved it, there is another one to cross.
    (found,) = ticket.then("14:00", "ticket.updated", priority="low").clocks(given)
    assert (found.state, at(found, Kind.BREACHED)) == (State.ACTIVE, [millis("12:00"), millis("18:00")])


def test_a_reopen_continues_work_and_begins_replies() -> None:
    ticket = Ticket().then("10:30", "message.sent", author="rep").then("12:00", "ticket.solved")
    ticket.then("15:00", "message.sent", author="customer").then("15:00", "ticket.reopened")
    first, following, resolution = ticket.clocks()
    assert (first.state, first.number) == (State.FULFILLED, 1)
    assert (following.metric, following.due) == ("next_reply", millis("17:00"))
    assert kinds(resolution) == ["activated", "fulfilled", "resumed"]
    assert resolution.due == millis("21:00")


def test_a_reopen_without_a_new_message_owes_no_next_reply() -> None:
    ticket = Ticket().then("10:30", "message.sent", author="rep").then("11:00", "message.sent", author="customer")
    ticket.then("12:00", "ticket.solved").then("15:00", "ticket.reopened")
    (found,) = ticket.clocks(metric="next_reply")
    assert (found.state, at(found, Kind.FULFILLED)) == (State.FULFILLED, [millis("12:00")])


def test_a_solve_without_a_reply_fulfils_the_first_reply_and_a_reopen_owes_it_anew() -> None:
    first, second = (
        Ticket().then("10:30", "ticket.solved").then("14:00", "ticket.reopened").clocks(metric="first_reply")
    )
    assert (first.state, first.number, second.number, second.due) == (State.FULFILLED, 1, 2, millis("15:00"))


def test_each_group_owns_its_own_spell() -> None:
    given = policies(policy(target("group_ownership", "2h")))
    ticket = Ticket(queue="A").then("11:00", "ticket.assigned", queue="B").then("12:00", "ticket.assigned", queue="A")
    one, two, three = ticket.clocks(given)
    assert [each.labels.queue for each in (one, two, three)] == ["A", "B", "A"]
    assert three.due == millis("14:00")


def test_a_pilot_counts_for_its_cohort_only() -> None:
    pilot = policy(
        target("first_reply", "0:30h"), name="pilot", mode="pilot", cohort=Cohort(queue=("A",)), selector=Match()
    )
    given = policies(pilot, policy(target("first_reply", "1h"), name="live"))
    assert [
        found.promise and found.promise.policy.name for queue in "AB" for found in Ticket(queue=queue).clocks(given)
    ] == ["pilot", "live"]


def test_mystery_shoppers_and_what_the_desk_began_are_promised_nothing() -> None:
    for data in ({"test": True}, {"direction": "outbound"}):
        line = Timeline()
        line.add("ticket/T", "10:00", "ticket.created", **data)
        report = Report(Rules(policies=QUICK))
        report.add(line.events[0])
        assert "sla" not in report.result(millis("23:00"))["total"]


def test_waits_in_queues_and_for_callbacks() -> None:
    line = Timeline()
    line.add("call/C", "10:00", "contact.queued", queue="Q", reason="billing")
    line.add("call/C", "10:05", "callback.requested")
    line.add("call/C", "10:40", "callback.attempted")
    line.add("call/C", "10:41", "callback.answered", rep="r")
    given = policies(policy(target("queue_wait", "0:02h"), target("callback", "1h")))
    events = merge(EMPTY, [event.entry for event in line.events]).history.events
    contact = fold_contact(events, FigureOptions(), millis("11:00"))
    assert contact is not None
    wait, callback = contact_clocks("call/C", contact, events, "voice", given)
    assert (wait.state, at(wait, Kind.BREACHED)) == (State.CANCELLED, [millis("10:02")])
    assert (callback.state, callback.labels.reason, at(callback, Kind.FULFILLED)) == (
        State.FULFILLED,
        "billing",
        [millis("10:41")],
    )


def test_a_policy_with_a_calendar_that_nobody_knows() -> None:
    with pytest.raises(UnknownPolicyCalendarError, match="policy P: there is no calendar 'dusk'; did you mean 'desk'"):
        policies(policy(target("first_reply", "1bh"), calendar="dusk"), calendars=LUNCH)

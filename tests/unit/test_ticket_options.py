"""Where honest people differ about tickets: each choice of definition, beside the default (SPEC 2.1)."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures import cells as c
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis
from tests.unit.test_ticket import Step, created, said, status, told

RIPE = "2026-05-20 09:00"


def seconds(found: dict[str, Any], name: str) -> tuple[int, float]:
    return found[name]["count"], found[name]["sum"]


def by(dimension: str, *steps: Step, **options: Any) -> dict[str, dict[str, Any]]:
    """Figures of tickets by one dimension, where there are any."""
    line = Timeline()
    for when, name, data in steps:
        line.add("ticket/T", when, name, **data)
    report = Report(Rules(FigureOptions(**options)), by=(dimension,))
    for event in line.events:
        report.add(event)
    found = report.result()["by"][dimension]
    return {name: figures["tickets"] for name, figures in found.items() if "tickets" in figures}


class TestClosings:
    CLOSED_TWICE: tuple[Step, ...] = (
        created(), status("10:00", "closed"), status("11:00", "open"), status("12:00", "closed"),
    )  # fmt: skip

    @pytest.mark.parametrize(("chosen", "expected"), [("last", 3 * 3600), ("first", 3600)])
    def test_which_one_counts_for_the_time_to_close(self, chosen: str, expected: int) -> None:
        found = told(*self.CLOSED_TWICE, close_time=chosen)
        assert seconds(found, "close_seconds") == (1, expected)
        assert found["closed"] == 1, "the ticket"
        line = Timeline()
        for when, name, data in self.CLOSED_TWICE:
            line.add("ticket/T", when, name, **data)
        history = merge(EMPTY, [event.entry for event in line.events]).history
        items, _ = derive("ticket", "T", history, Rules(), millis("13:00")).sets["Q"]
        closings = [(item.at, item.value) for item in items if item.cell == c.CLOSE]
        assert closings == [(millis("10:00"), 1), (millis("12:00"), 1)], "the counter of closings"

    def test_said_twice_it_is_another(self) -> None:
        steps = created(), status("10:00", "closed"), status("11:00", "closed")
        assert seconds(told(*steps), "close_seconds") == (1, 7200)
        assert seconds(told(*steps, close_time="first"), "close_seconds") == (1, 3600)

    @pytest.mark.parametrize(("chosen", "solves"), [(True, 1), (False, 0)])
    def test_a_closing_without_a_solve(self, chosen: bool, solves: int) -> None:
        found = told(created(), status("10:00", "closed"), closed_is_solve=chosen)
        assert (found["solved"], found["solve_events"], found["closed"]) == (solves, solves, 1)


class TestStateTimes:
    PENDING: tuple[Step, ...] = (
        created(), status("09:10", "pending"), status("09:30", "open"), status("09:40", "pending"),
        status("09:45", "open"), status("09:50", "on_hold"), status("10:00", "open"),
    )  # fmt: skip

    def test_by_the_solve_an_unsolved_ticket_has_none_yet(self) -> None:
        found = told(*self.PENDING)
        assert (seconds(found, "pending_seconds"), seconds(found, "on_hold_seconds")) == ((0, 0), (0, 0))
        solved = told(*self.PENDING, status("11:00", "solved"))
        assert (seconds(solved, "pending_seconds"), seconds(solved, "on_hold_seconds")) == ((1, 1500), (1, 600))

    def test_by_the_spell_it_has_what_is_over(self) -> None:
        found = told(*self.PENDING, state_times="spell")
        assert (seconds(found, "pending_seconds"), seconds(found, "on_hold_seconds")) == ((1, 1500), (1, 600))
        lasting = told(created(), status("09:10", "pending"), as_of="12:00", state_times="spell")
        assert seconds(lasting, "pending_seconds") == (0, 0)

    def test_they_are_booked_where_the_ticket_was_then(self) -> None:
        steps: tuple[Step, ...] = (
            created(queue="A"), status("09:10", "pending"), ("09:20", "ticket.assigned", {"queue": "B"}),
            status("09:30", "open"), ("09:40", "ticket.assigned", {"queue": "C"}), status("10:00", "solved"),
        )  # fmt: skip
        for chosen, queue in (("spell", "B"), ("solve", "C")):
            found = by("queue", *steps, state_times=chosen)
            assert {
                name: one["pending_seconds"]["sum"] for name, one in found.items() if one["pending_seconds"]["count"]
            } == {queue: 1200}


class TestRepeatedSolves:
    TWICE: tuple[Step, ...] = (created(), status("10:00", "solved"), status("11:00", "solved"))

    def test_by_default_saying_it_again_changes_nothing(self) -> None:
        found = told(*self.TWICE)
        assert (found["solve_events"], seconds(found, "full_resolution_seconds")) == (1, (1, 3600))

    def test_it_may_count_and_move_the_last_one(self) -> None:
        found = told(*self.TWICE, repeated_solves=True)
        assert (found["solved"], found["solve_events"]) == (1, 2)
        assert seconds(found, "first_resolution_seconds") == (1, 3600)
        assert seconds(found, "full_resolution_seconds") == (1, 7200)

    @pytest.mark.parametrize("repeated", [True, False])
    def test_a_closing_after_a_solve_is_never_one(self, repeated: bool) -> None:
        found = told(created(), status("10:00", "solved"), status("11:00", "closed"), repeated_solves=repeated)
        assert (found["solve_events"], seconds(found, "full_resolution_seconds")) == (1, (1, 3600))

    @pytest.mark.parametrize(("repeated", "solves"), [(True, 2), (False, 1)])
    def test_a_solve_after_a_closing_is_one_if_they_repeat(self, repeated: bool, solves: int) -> None:
        found = told(created(), status("10:00", "closed"), status("11:00", "solved"), repeated_solves=repeated)
        assert (found["solve_events"], found["reopen_events"]) == (solves, 0), "from done to done is no reopen"

    def test_a_reopen_undoes_the_last_of_several(self) -> None:
        found = told(*self.TWICE, status("12:00", "open"), as_of=RIPE, repeated_solves=True)["reopen_ratio"]
        assert (found["numerator"], found["denominator"]) == (1, 2)
        thrice = told(*self.TWICE, status("11:30", "solved"), status("12:00", "open"), as_of=RIPE, repeated_solves=True)
        assert (thrice["reopen_ratio"]["numerator"], thrice["reopen_ratio"]["denominator"]) == (1, 3)

    def test_two_reopens_undo_two(self) -> None:
        steps = created(), status("10:00", "solved"), status("11:00", "open"), status("12:00", "solved")
        found = told(*steps, status("13:00", "open"), as_of=RIPE)["reopen_ratio"]
        assert (found["numerator"], found["denominator"]) == (2, 2)


class TestAttribution:
    STEPS: tuple[Step, ...] = (
        created(queue=None), ("09:10", "ticket.assigned", {"queue": "A", "rep": "a"}),
        ("09:20", "ticket.updated", {"priority": "high"}), ("09:30", "ticket.assigned", {"queue": "B", "rep": "b"}),
        status("10:00", "solved"), ("10:30", "ticket.assigned", {"queue": "C", "rep": "c"}),
    )  # fmt: skip

    @pytest.mark.parametrize(("chosen", "queue"), [("event", "B"), ("first", "A"), ("last", "C")])
    def test_the_queue_a_solve_is_booked_to(self, chosen: str, queue: str) -> None:
        found = by("queue", *self.STEPS, attribute_to=chosen)
        assert [name for name, one in found.items() if one["solve_events"]] == [queue]

    @pytest.mark.parametrize(("chosen", "priorities"), [("event", [""]), ("first", ["high"]), ("last", ["high"])])
    def test_the_first_label_that_becomes_known_is_the_first(self, chosen: str, priorities: list[str]) -> None:
        found = by("priority", *self.STEPS, attribute_to=chosen)
        assert [name for name, one in found.items() if one["created"]] == priorities

    @pytest.mark.parametrize("chosen", ["event", "first", "last"])
    def test_whoever_solves_has_the_credit_wherever_it_is_booked(self, chosen: str) -> None:
        found = by("rep", *self.STEPS, attribute_to=chosen)
        assert [name for name, one in found.items() if one["solve_events"]] == ["b"]

    @pytest.mark.parametrize(("chosen", "rep"), [("first", "a"), ("last", "b")])
    def test_of_several_who_solved_it_is_the_first_or_the_last(self, chosen: str, rep: str) -> None:
        found = by(
            "rep", created(), ("09:10", "ticket.assigned", {"rep": "a"}), status("10:00", "solved"),
            status("11:00", "open"), ("11:10", "ticket.assigned", {"rep": "b"}), status("12:00", "solved"),
            attribute_to=chosen,
        )  # fmt: skip
        assert {name: one["solve_events"] for name, one in found.items() if one["solve_events"]} == {rep: 2}


class TestSevenDays:
    """What comes within 7 days of a solve counts against it; the limit itself is inside."""

    @pytest.mark.parametrize(("late", "verified"), [("", 0), (":01", 1)])
    def test_of_what_a_bot_contained(self, late: str, verified: int) -> None:
        contained: Step = ("10:00", "bot.resolved", {})
        steps = created(), contained, status(f"2026-05-11 10:00{late}", "open")
        found = told(*steps, as_of=RIPE)["bot_containment_verified"]
        assert (found["numerator"], found["denominator"]) == (verified, 1)

    @pytest.mark.parametrize(("late", "escalated"), [("", 1), (":01", 0)])
    def test_of_escalations(self, late: str, escalated: int) -> None:
        again = status("2026-05-11 09:00", "open"), (f"2026-05-11 10:00{late}", "ticket.escalated", {"level": 2})
        found = told(created(), status("10:00", "solved"), *again, as_of=RIPE)["escalation_ratio"]
        assert (found["numerator"], found["denominator"]) == (escalated, 1)

    @pytest.mark.parametrize(("late", "undone"), [("", 1), (":01", 0)])
    def test_of_solves(self, late: str, undone: int) -> None:
        steps = created(), status("10:00", "solved"), status(f"2026-05-11 10:00{late}", "open")
        found = told(*steps, as_of=RIPE)["reopen_ratio"]
        assert (found["numerator"], found["denominator"]) == (undone, 1)


class TestPending:
    def test_a_customer_who_writes_waits_for_us_whatever_the_status_says(self) -> None:
        steps = (
            created(),
            said("09:05"),
            status("09:10", "pending"),
            said("09:20", "customer"),
            status("10:00", "solved"),
        )
        found = told(*steps)
        assert seconds(found, "pending_seconds") == (1, 600)
        assert seconds(found, "requester_wait_seconds") == seconds(found, "agent_work_seconds") == (1, 3000)
        assert told(*steps[:-1])["open_by_status"] == {"open": 1}

"""A ticket's life: the cases that naive code gets wrong (SPEC 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streams.figures.options import FigureOptions
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.events import Event

Step = tuple[str, str, dict[str, Any]]


def told(*steps: Step, as_of: str | None = None, **options: Any) -> dict[str, Any]:
    line = Timeline()
    for when, name, data in steps:
        line.add("ticket/T", when, name, **data)
    return figures(line.events, as_of, **options)


def figures(events: list[Event], as_of: str | None = None, **options: Any) -> dict[str, Any]:
    report = Report(Rules(FigureOptions(**options)))
    for event in events:
        report.add(event)
    found: dict[str, Any] = report.result(None if as_of is None else millis(as_of))["total"]["tickets"]
    return found


def created(when: str = "09:00", **data: Any) -> Step:
    return when, "ticket.created", {"queue": "Q", **data}


def said(when: str, author: str = "rep", **data: Any) -> Step:
    return when, "message.sent", {"author": author, **data}


def status(when: str, to: str) -> Step:
    return when, "ticket.status_changed", {"to": to}


class TestFirstReply:
    """M01."""

    def test_notes_bots_and_acknowledgements_are_no_replies(self) -> None:
        found = told(
            created(),
            said("09:01", automated=True),
            said("09:02", "bot"),
            said("09:03", public=False),
            said("09:04", "system"),
            said("09:30"),
        )
        assert found["first_reply_seconds"]["sum"] == 1800

    def test_the_description_that_a_rep_wrote_is_no_reply(self) -> None:
        found = told(created(created_by="rep"), said("09:00"), said("09:10"))
        assert found["first_reply_seconds"]["sum"] == 600

    def test_but_it_is_if_the_description_itself_was_a_note(self) -> None:
        found = told(created(created_by="rep", public_first_comment=False), said("09:00"), said("09:10"))
        assert found["first_reply_seconds"]["sum"] == 0

    def test_there_is_none_until_it_happens(self) -> None:
        first_reply = told(created(), as_of="10:00")["first_reply_seconds"]
        assert (first_reply["count"], first_reply["mean"], first_reply["p50"]) == (0, None, None)

    def test_solved_without_a_reply_there_is_none(self) -> None:
        found = told(created(), status("09:10", "solved"))
        assert (found["first_reply_seconds"]["count"], found["first_reply_seconds"]["mean"]) == (0, None)
        reopened = told(created(), status("09:10", "solved"), status("11:00", "open"))
        assert reopened["first_reply_seconds"]["count"] == 0

    def test_made_private_it_never_was_a_reply(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q")
        line.add("ticket/T", "09:05", "message.sent", author="rep", rep="r", uid="m#1")
        line.add("ticket/T", "09:30", "message.sent", author="rep", rep="s", uid="m2")
        line.add("ticket/T", "09:40", "ticket.solved")
        before = figures(line.events)
        assert (before["first_reply_seconds"]["sum"], before["replies"]["sum"]) == (300, 2)
        line.add("ticket/T", "10:00", "message.made_private", message="m#1")
        assert figures(line.events, "09:59") == figures(line.events[:-1], "09:59"), "until then it was one"
        after = figures(line.events)
        assert (after["first_reply_seconds"]["sum"], after["replies"]["sum"]) == (1800, 1)
        shuffled = [line.events[4], *line.events[:4]]
        assert figures(shuffled) == after, "whichever is known first"

    @pytest.mark.parametrize("message", ["m", "1", "test#m1", "elsewhere"])
    def test_another_message_s_privacy_is_its_own(self, message: str) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q")
        line.add("ticket/T", "09:05", "message.sent", author="rep", uid="m1")
        line.add("ticket/T", "10:00", "message.made_private", message=message)
        assert figures(line.events)["first_reply_seconds"]["count"] == 1

    def test_also_where_the_ticket_was_merged_meanwhile(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q")
        line.add("ticket/T", "09:05", "message.sent", author="rep", uid="m1")
        line.add("ticket/T", "09:10", "ticket.merged", into="U")
        line.add("ticket/T", "10:00", "message.made_private", message="m1")
        assert figures(line.events)["first_reply_seconds"]["count"] == 0

    def test_solved_by_phone_and_reopened_the_clock_ran_on(self) -> None:
        found = told(created(), status("09:10", "solved"), status("11:00", "open"), said("11:05"))
        assert found["first_reply_seconds"]["sum"] == 7500

    def test_the_people_s_clock_starts_at_the_hand_off(self) -> None:
        found = told(created(), ("09:10", "bot.handoff", {}), said("09:15"))
        assert found["first_reply_seconds"]["sum"] == 300
        assert found["first_reply_felt_seconds"]["sum"] == 900

    def test_also_after_a_reopen_without_a_reply_in_between(self) -> None:
        found = told(
            created(), ("09:10", "bot.handoff", {}), status("09:20", "solved"), status("10:00", "open"), said("10:10")
        )
        assert found["first_reply_seconds"]["sum"] == 3600

    def test_a_hand_off_after_the_reply_starts_no_clock(self) -> None:
        found = told(created(), said("09:05"), ("09:10", "bot.handoff", {}))
        assert found["first_reply_seconds"]["sum"] == 300


class TestTimesInStates:
    """M03 to M06."""

    def test_on_hold_is_waiting_and_pending_is_not(self) -> None:
        found = told(
            created(), status("09:10", "pending"), status("09:30", "on_hold"), status("10:00", "open"),
            status("10:05", "solved"),
        )  # fmt: skip
        assert found["requester_wait_seconds"]["sum"] == 600 + 1800 + 300
        assert found["agent_work_seconds"]["sum"] == 900
        assert (found["pending_seconds"]["sum"], found["on_hold_seconds"]["sum"]) == (1200, 1800)

    def test_a_customer_who_writes_ends_pending_whatever_the_field_says(self) -> None:
        found = told(created(), status("09:10", "pending"), said("09:20", "customer"), status("09:30", "solved"))
        assert found["pending_seconds"]["sum"] == 600

    def test_a_customer_s_private_or_automatic_message_does_not(self) -> None:
        found = told(
            created(), status("09:10", "pending"), said("09:20", "customer", automated=True), status("09:30", "solved")
        )
        assert found["pending_seconds"]["sum"] == 1200

    def test_the_same_status_again_changes_nothing(self) -> None:
        found = told(created(), status("09:10", "pending"), status("09:20", "pending"), status("09:30", "solved"))
        assert found["pending_seconds"]["sum"] == 1200

    def test_solved_gaps_are_nobody_s_time(self) -> None:
        found = told(created(), status("09:10", "solved"), status("12:00", "open"), status("12:10", "solved"))
        assert found["requester_wait_seconds"]["sum"] == 1200
        assert found["requester_wait_seconds"]["count"] == 1


class TestResolutions:
    """M07, M08, M11."""

    def test_a_reopen_withdraws_the_last_and_never_moves_the_first(self) -> None:
        steps = (created(), status("09:10", "solved"), status("10:00", "open"), status("10:30", "solved"))
        open_again = told(*steps[:3])
        assert open_again["full_resolution_seconds"]["count"] == 0
        assert open_again["first_resolution_seconds"]["sum"] == 600
        solved_again = told(*steps)
        assert solved_again["full_resolution_seconds"]["sum"] == 5400
        assert solved_again["first_resolution_seconds"]["sum"] == 600

    def test_closed_by_rule_is_a_first_resolution_if_so_chosen(self) -> None:
        steps = (created(), status("09:10", "closed"))
        assert told(*steps)["first_resolution_seconds"]["sum"] == 600
        assert told(*steps, closed_is_solve=False)["solve_events"] == 0

    def test_reopening_what_was_closed_unsolved_undoes_no_solve(self) -> None:
        steps = created(), status("09:10", "closed"), status("10:00", "open")
        found = told(*steps, closed_is_solve=False)
        assert (found["solve_events"], found["reopen_events"], found["reopened"], found["open"]) == (0, 0, 0, 1)
        assert told(*steps)["reopen_events"] == 1

    def test_closed_unsolved_after_a_reopen_it_is_not_resolved(self) -> None:
        steps = created(), status("09:10", "solved"), status("10:00", "open"), status("10:30", "closed")
        found = told(*steps, closed_is_solve=False)
        assert (found["solve_events"], found["reopen_events"], found["open"]) == (1, 1, 0)
        assert found["full_resolution_seconds"]["count"] == 0, "the solve of 09:10 was undone"
        assert found["replies"]["count"] == 0
        again = told(*steps, status("11:00", "open"), closed_is_solve=False)
        assert (again["reopen_events"], again["open"]) == (1, 1), "one reopen to a solve"

    def test_solved_after_it_was_closed_unsolved_it_is_solved(self) -> None:
        steps = created(), status("09:10", "closed"), status("09:30", "solved")
        found = told(*steps, closed_is_solve=False)
        assert (found["solve_events"], found["first_resolution_seconds"]["sum"]) == (1, 1800)
        assert told(*steps)["first_resolution_seconds"]["sum"] == 600

    def test_closing_what_is_solved_is_no_second_solve(self) -> None:
        found = told(created(), status("09:10", "solved"), ("09:20", "ticket.closed", {}))
        assert (found["solve_events"], found["closed"], found["reopen_events"]) == (1, 1, 0)
        assert found["full_resolution_seconds"]["sum"] == 600

    def test_saying_solved_again_is_another_solve_only_if_so_chosen(self) -> None:
        steps: tuple[Step, ...] = (created(), status("09:10", "solved"), ("09:20", "ticket.solved", {}))
        assert told(*steps)["solve_events"] == 1
        again = told(*steps, repeated_solves=True)
        assert (again["solve_events"], again["full_resolution_seconds"]["sum"]) == (2, 1200)

    def test_one_reopen_to_a_solve_however_often_it_is_said(self) -> None:
        found = told(
            created(), status("09:10", "solved"), status("09:20", "open"), ("09:21", "ticket.reopened", {}),
            status("09:22", "pending"), status("09:30", "solved"), status("09:40", "open"),
        )  # fmt: skip
        assert (found["reopen_events"], found["reopened"], found["solve_events"]) == (2, 1, 2)

    def test_a_customer_who_thanks_reopens_nothing_by_writing(self) -> None:
        found = told(created(), status("09:10", "solved"), said("09:20", "customer"))
        assert (found["reopen_events"], found["open"]) == (0, 0)

    @pytest.mark.parametrize(("reopened", "numerator"), [("2026-05-11 09:10:00", 1), ("2026-05-11 09:10:01", 0)])
    def test_a_reopen_counts_against_the_solve_for_seven_days(self, reopened: str, numerator: int) -> None:
        found = told(created(), status("09:10", "solved"), status(reopened, "open"), as_of="2026-05-12 00:00")
        assert (found["reopen_ratio"]["numerator"], found["reopen_ratio"]["denominator"]) == (numerator, 1)

    def test_a_solve_younger_than_that_is_in_no_denominator(self) -> None:
        found = told(created(), status("09:10", "solved"), as_of="2026-05-11 09:09:59")
        assert found["reopen_ratio"] == {"numerator": 0, "denominator": 0, "ratio": None}


class TestBacklog:
    """M14, M15."""

    @pytest.mark.parametrize(
        ("name", "data"),
        [("ticket.merged", {"into": "U"}), ("ticket.deleted", {}), ("ticket.deleted", {"spam": True})],
    )
    def test_what_is_gone_leaves_the_backlog_and_is_no_solve(self, name: str, data: dict[str, Any]) -> None:
        found = told(created(), ("09:10", name, data))
        assert (found["created"], found["open"], found["solve_events"], found["closed"]) == (1, 0, 0, 0)

    def test_undeleted_it_has_the_status_it_had(self) -> None:
        found = told(
            created(), status("09:05", "pending"), ("09:10", "ticket.deleted", {}), ("09:20", "ticket.undeleted", {})
        )
        assert found["open_by_status"] == {"pending": 1}

    def test_what_happens_to_a_merged_ticket_happens_to_the_other(self) -> None:
        found = told(created(), ("09:10", "ticket.merged", {"into": "U"}), said("09:20"), status("09:30", "solved"))
        assert (found["solve_events"], found["first_reply_seconds"]["count"], found["merged"]) == (0, 0, 1)

    def test_a_ticket_whose_creation_is_missing_is_in_no_figure(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:10", "ticket.solved", queue="Q")
        report = Report(Rules())
        report.add(line.events[0])
        assert "tickets" not in report.result()["total"]

    def test_what_is_stamped_before_the_creation_happened_at_it(self) -> None:
        found = told(created(), said("08:59"), status("08:59", "pending"), status("09:10", "solved"))
        assert found["first_reply_seconds"]["sum"] == 0
        assert found["pending_seconds"]["sum"] == 600

    def test_created_as_solved_it_is_solved_at_once(self) -> None:
        found = told(created(status="solved"))
        assert (found["solve_events"], found["open"], found["first_resolution_seconds"]["sum"]) == (1, 0, 0)

"""Answers that are owed in a ticket: the cases that naive code gets wrong (SPEC 2.1: M02, M05, M09, M13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_ticket import created, said, status, told


def summed(found: dict[str, Any], name: str) -> tuple[int, float]:
    return found[name]["count"], found[name]["sum"]


class TestNextReply:
    """M02."""

    def waits(self, *steps: Any, **of_creation: Any) -> tuple[int, float]:
        return summed(told(created(**of_creation), *steps), "next_reply_seconds")

    def test_a_second_message_does_not_make_the_wait_anew(self) -> None:
        waited = self.waits(said("09:10"), said("10:00", "customer"), said("10:20", "customer"), said("10:30"))
        assert waited == (1, 1800)
        assert waited[1] != 600

    def test_somebody_in_copy_is_a_customer_too(self) -> None:
        waited = self.waits(
            said("09:10"), said("10:00", "customer", customer="in-copy"), said("10:30"), customer="requester"
        )
        assert waited == (1, 1800)

    @pytest.mark.parametrize(
        "no_answer", [said("10:05", public=False), said("10:05", "bot"), said("10:05", automated=True)]
    )
    def test_notes_bots_and_acknowledgements_answer_nothing(self, no_answer: Any) -> None:
        waited = self.waits(said("09:10"), said("10:00", "customer"), no_answer, said("10:30"))
        assert waited == (1, 1800)
        assert waited[1] != 300

    @pytest.mark.parametrize("silent", [{"public": False}, {"automated": True}])
    def test_what_nobody_asked_needs_no_answer(self, silent: dict[str, bool]) -> None:
        assert self.waits(said("09:10"), said("10:00", "customer", **silent), said("10:30")) == (0, 0)

    def test_a_reply_with_nothing_to_answer_creates_none(self) -> None:
        assert self.waits(said("09:10"), said("09:20"), said("09:30")) == (0, 0)

    def test_the_first_reply_answers_all_that_came_before_it(self) -> None:
        assert self.waits(said("09:05", "customer"), said("09:10")) == (0, 0)
        found = told(created(), said("09:05", "customer"), said("09:10"))
        assert summed(found, "first_reply_seconds") == (1, 600)

    def test_a_description_that_the_customer_saw_a_rep_write_is_answered_by_the_customer(self) -> None:
        steps = said("09:05", "customer"), said("09:10")
        assert self.waits(*steps, created_by="rep") == (1, 300)
        assert self.waits(*steps, created_by="rep", public_first_comment=False) == (0, 0)
        assert self.waits(*steps, created_by="system") == (0, 0)

    def test_a_solve_without_a_reply_ends_the_wait_without_a_value(self) -> None:
        steps = (
            said("09:10"), said("10:00", "customer"), status("10:10", "solved"), status("12:00", "open"),
            said("12:30"),
        )  # fmt: skip
        waited = self.waits(*steps)
        assert waited == (0, 0)
        assert waited[1] != 9000, "what was solved long ago is not waited for after the reopen"

    def test_the_message_that_reopens_begins_the_wait(self) -> None:
        steps = (
            said("09:10"), status("09:20", "solved"), said("12:00", "customer"), status("12:01", "open"),
            said("12:30"),
        )  # fmt: skip
        assert self.waits(*steps) == (1, 1800)

    def test_a_thank_you_of_long_ago_does_not(self) -> None:
        steps = (
            said("09:10"), status("09:20", "solved"), said("09:25", "customer"), said("12:00", "customer"),
            status("12:00", "open"), said("12:30"),
        )  # fmt: skip
        waited = self.waits(*steps)
        assert waited == (1, 1800)
        assert waited[1] != 11_100

    def test_after_the_reopen_too_a_second_message_does_not_make_the_wait_anew(self) -> None:
        steps = (
            said("09:10"), status("09:20", "solved"), said("12:00", "customer"), status("12:00", "open"),
            said("12:20", "customer"), said("12:30"),
        )  # fmt: skip
        assert self.waits(*steps) == (1, 1800)

    def test_a_closing_ends_the_wait_too(self) -> None:
        steps = (
            said("09:10"), status("09:20", "solved"), said("09:25", "customer"), status("10:00", "closed"),
            status("12:00", "open"), said("12:30"),
        )  # fmt: skip
        assert self.waits(*steps) == (0, 0)

    def test_saying_solved_again_ends_nothing(self) -> None:
        steps = (
            said("09:10"), status("09:20", "solved"), said("12:00", "customer"), status("12:01", "solved"),
            said("12:30"),
        )  # fmt: skip
        assert self.waits(*steps) == (1, 1800)

    def test_there_is_no_value_until_the_reply(self) -> None:
        assert self.waits(said("09:10"), said("10:00", "customer")) == (0, 0)

    def test_what_is_written_to_a_merged_ticket_is_another_ones(self) -> None:
        steps = said("09:10"), said("10:00", "customer"), ("10:10", "ticket.merged", {"into": "U"}), said("10:30")
        assert self.waits(*steps) == (0, 0)


class TestUpdateGaps:
    """M09."""

    def gaps(self, *steps: Any) -> tuple[tuple[int, float], tuple[int, float]]:
        found = told(created(), *steps)
        return summed(found, "update_gap_periodic_seconds"), summed(found, "update_gap_pausable_seconds")

    def test_it_starts_with_the_first_reply(self) -> None:
        assert self.gaps(said("09:30")) == ((0, 0), (0, 0))

    def test_notes_are_no_updates(self) -> None:
        assert self.gaps(said("09:30"), said("09:40", public=False), said("10:00")) == ((1, 1800), (1, 1800))

    def test_on_hold_is_no_pause_and_pending_is(self) -> None:
        periodic, pausable = self.gaps(
            said("09:30"),
            status("09:30", "on_hold"),
            status("09:40", "pending"),
            status("10:10", "open"),
            said("10:30"),
        )
        assert periodic == (1, 3600)
        assert pausable == (1, 1800)

    def test_a_reply_in_the_middle_of_pending_takes_its_share(self) -> None:
        periodic, pausable = self.gaps(said("09:30"), status("09:40", "pending"), said("10:00"), said("10:30"))
        assert periodic == (2, 3600)
        assert pausable == (2, 600)

    def test_a_solve_ends_it_and_a_reply_in_between_starts_nothing(self) -> None:
        steps = (
            said("09:30"), status("09:40", "solved"), said("09:50"), status("11:00", "open"), said("11:30"),
            said("11:40"),
        )  # fmt: skip
        periodic, _ = self.gaps(*steps)
        assert periodic == (1, 600)


class TestParked:
    """M05: clocks stopped while a reply was owed."""

    def parked(self, *steps: Any, **of_creation: Any) -> tuple[int, float]:
        return summed(told(created(**of_creation), *steps), "pending_with_customer_last_seconds")

    def test_pending_without_having_replied(self) -> None:
        assert self.parked(status("09:10", "pending"), status("09:40", "open")) == (1, 1800)

    def test_pending_after_a_reply_is_what_pending_is_for(self) -> None:
        assert self.parked(said("09:10"), status("09:10", "pending"), status("09:40", "open")) == (0, 0)

    def test_the_status_that_comes_before_its_reply_parks_nothing(self) -> None:
        assert self.parked(status("09:10", "pending"), said("09:10"), status("09:40", "open")) == (0, 0)

    @pytest.mark.parametrize(
        "no_answer", [said("09:05", public=False), said("09:05", "bot"), said("09:05", automated=True)]
    )
    def test_notes_bots_and_acknowledgements_do_not_hide_it(self, no_answer: Any) -> None:
        assert self.parked(no_answer, status("09:10", "pending"), status("09:40", "open")) == (1, 1800)

    def test_a_reply_ends_it(self) -> None:
        parked = self.parked(status("09:10", "pending"), said("09:20"), status("09:40", "open"))
        assert parked == (1, 600)
        assert parked[1] != 1800

    def test_another_message_of_the_customer_ends_it_for_the_ticket_is_open_then(self) -> None:
        assert self.parked(status("09:10", "pending"), said("09:20", "customer"), said("09:50")) == (1, 600)

    def test_each_stretch_is_one_value(self) -> None:
        steps = (
            status("09:10", "pending"), said("09:20", "customer"), status("09:30", "pending"),
            status("09:35", "solved"),
        )  # fmt: skip
        assert self.parked(*steps) == (2, 900)

    def test_what_a_rep_or_a_machine_described_waits_for_nobody(self) -> None:
        steps = status("09:10", "pending"), status("09:40", "open")
        assert self.parked(*steps, created_by="rep") == (0, 0)
        assert self.parked(*steps, created_by="system") == (0, 0)


class TestReplies:
    """M13."""

    def replies(self, *steps: Any, **of_creation: Any) -> tuple[int, float]:
        return summed(told(created(**of_creation), *steps), "replies")

    def test_only_solved_tickets_have_a_number(self) -> None:
        assert self.replies(said("09:10")) == (0, 0)
        assert self.replies(said("09:10"), status("09:10", "solved")) == (1, 1)
        assert self.replies(said("09:10"), status("09:10", "solved"), status("09:20", "open")) == (0, 0)

    def test_solved_without_a_reply_counts_as_none(self) -> None:
        found = told(created(), status("09:10", "solved"))["replies"]
        assert (found["count"], found["sum"], found["mean"], found["max"]) == (1, 0, 0.0, 0.0)

    def test_what_is_written_after_the_solve_is_not_in_it(self) -> None:
        assert self.replies(said("09:10"), status("09:10", "solved"), said("09:30")) == (1, 1)

    def test_messages_in_a_row_are_one_reply_in_a_chat_and_not_in_mail(self) -> None:
        steps = (
            said("09:10"), said("09:11"), said("09:12"), said("09:15", "customer"), said("09:16"),
            status("09:20", "solved"),
        )  # fmt: skip
        assert self.replies(*steps, channel="chat") == (1, 2)
        assert self.replies(*steps, channel="email") == (1, 4)

    def test_bots_do_not_part_an_exchange(self) -> None:
        steps = said("09:10"), said("09:11", "bot"), said("09:12"), status("09:20", "solved")
        assert self.replies(*steps, channel="chat") == (1, 1)

    def test_spam_is_no_ticket_that_was_solved_without_effort(self) -> None:
        assert self.replies(status("09:10", "solved"), ("09:20", "ticket.deleted", {"spam": True})) == (0, 0)

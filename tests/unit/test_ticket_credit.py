"""What supervisors complain about, as far as it concerns a ticket's life (SPEC 5, rows 9 to 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streams.figures.options import FigureOptions
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline
from tests.unit.test_ticket import created, said, status, told

if TYPE_CHECKING:
    from tests.unit.test_ticket import Step


def by(dimension: str, *steps: Any, **options: Any) -> dict[str, dict[str, Any]]:
    """The ticket figures of each value of a dimension."""
    line = Timeline()
    for when, name, data in steps:
        line.add("ticket/T", when, name, **data)
    report = Report(Rules(FigureOptions(**options)), by=(dimension,))
    for event in line.events:
        report.add(event)
    return {value: found["tickets"] for value, found in report.result()["by"][dimension].items() if "tickets" in found}


def replied(found: dict[str, dict[str, Any]], name: str = "first_reply_seconds") -> dict[str, int]:
    """How many replies each has."""
    return {value: figures[name]["count"] for value, figures in found.items() if figures[name]["count"]}


def test_row_09_a_bot_s_time_is_not_ours() -> None:
    steps: tuple[Step, ...] = (
        created(), said("09:00", "bot"), ("09:50", "bot.handoff", {}), said("10:00"),
    )  # fmt: skip
    found = told(*steps)
    assert found["first_reply_seconds"]["sum"] == 600
    assert found["first_reply_felt_seconds"]["sum"] == 3600, "and published is both"


def test_row_10_a_reopened_conversation_waits_from_its_last_message() -> None:
    """Chatwoot counted 985 492 s: eleven days, of which the ticket was solved for nearly all."""
    steps = (
        created("2026-05-04 09:00"), said("2026-05-04 09:10"), status("2026-05-04 09:11", "solved"),
        said("2026-05-04 09:12", "customer"), said("2026-05-15 19:00", "customer"),
        status("2026-05-15 19:00", "open"), said("2026-05-15 19:03"),
    )  # fmt: skip
    found = told(*steps)["next_reply_seconds"]
    assert (found["count"], found["sum"]) == (1, 180)
    assert found["sum"] < 985_492


class TestRow11:
    """Credit goes to the author of a reply, not to the assignee."""

    def test_who_writes_has_the_reply_and_who_is_assigned_has_it_not(self) -> None:
        steps = created(rep="owner"), said("09:10", rep="helper"), said("09:20", "customer"), said("09:30", rep="third")
        found = by("rep", *steps)
        assert replied(found) == {"helper": 1}
        assert replied(found, "next_reply_seconds") == {"third": 1}

    def test_who_wrote_does_not_become_the_assignee(self) -> None:
        steps = created(rep="owner"), said("09:10", rep="helper"), status("10:00", "solved")
        found = by("rep", *steps)
        assert {rep: figures["solve_events"] for rep, figures in found.items() if figures["solve_events"]} == {
            "owner": 1
        }

    def test_where_nobody_is_assigned_the_last_who_wrote_solved_it(self) -> None:
        steps = created(), said("09:10", rep="first"), said("09:20", rep="last"), status("10:00", "solved")
        found = by("rep", *steps)
        assert {rep: figures["solve_events"] for rep, figures in found.items() if figures["solve_events"]} == {
            "last": 1
        }

    def test_an_author_who_is_not_named_is_not_guessed(self) -> None:
        assert replied(by("rep", created(rep="owner"), said("09:10"))) == {"": 1}

    @pytest.mark.parametrize("chosen", ["first", "last"])
    def test_also_where_all_is_booked_to_one_queue(self, chosen: str) -> None:
        steps = created(rep="owner"), said("09:10", rep="helper"), ("10:00", "ticket.solved", {"rep": "owner"})
        found = by("rep", *steps, attribute_to=chosen)
        assert replied(found) == {"helper": 1}
        assert found["owner"]["solve_events"] == 1

    @pytest.mark.parametrize(("chosen", "queue"), [("first", "A"), ("last", "B")])
    def test_and_the_reply_is_booked_to_that_queue(self, chosen: str, queue: str) -> None:
        steps = (
            created(queue="A"), ("09:05", "ticket.assigned", {"queue": "M"}), said("09:10"),
            ("09:20", "ticket.assigned", {"queue": "B"}), status("10:00", "solved"),
        )  # fmt: skip
        assert replied(by("queue", *steps, attribute_to=chosen)) == {queue: 1}
        assert replied(by("queue", *steps)) == {"M": 1}


def test_row_13_a_merged_ticket_goes_no_further() -> None:
    steps = (
        created(), ("09:10", "ticket.merged", {"into": "U"}), ("09:20", "ticket.escalated", {"level": 1}),
        status("09:30", "pending"), said("09:40", "customer"),
    )  # fmt: skip
    found = told(*steps)
    assert (found["open"], found["escalations_by_level"], found["merged"]) == (0, {}, 1)


class TestRow14:
    """An answer by another medium is an answer."""

    def test_it_begins_the_wait(self) -> None:
        steps = created(channel="email"), said("09:10"), said("10:00", "customer", channel="sms"), said("10:20")
        found = told(*steps)["next_reply_seconds"]
        assert (found["count"], found["sum"]) == (1, 1200)

    def test_it_ends_pending(self) -> None:
        steps = (
            created(channel="email"), status("09:10", "pending"), said("09:40", "customer", channel="social"),
            status("10:00", "solved"),
        )  # fmt: skip
        assert told(*steps)["pending_seconds"]["sum"] == 1800

    def test_the_ticket_stays_in_its_channel(self) -> None:
        steps = created(channel="email"), said("09:10", "customer", channel="sms"), said("09:20")
        found = by("channel", *steps)
        assert [*found] == ["email"]
        assert (found["email"]["open"], found["email"]["first_reply_seconds"]["count"]) == (1, 1)

    def test_a_ticket_of_no_known_channel_has_that_of_its_first_message(self) -> None:
        found = by("channel", created(), said("09:10", "customer", channel="sms"), said("09:20"))
        assert replied(found) == {"sms": 1}


def test_row_15_what_a_rep_answered_owes_no_update_and_an_update_is_no_first_reply() -> None:
    steps = created(queue="A"), said("09:10"), ("09:20", "ticket.assigned", {"queue": "B"}), status("09:30", "solved")
    found = told(*steps)
    assert found["first_reply_seconds"]["sum"] == 600
    assert found["update_gap_periodic_seconds"]["count"] == 0, "the first reply is no update, and none came after it"


class TestWhoCounts:
    """Customers, reps, and those who are neither."""

    def test_in_copy_is_a_customer_and_the_requester_stays(self) -> None:
        steps = (
            created(customer="requester"), said("09:10"), said("10:00", "customer", customer="in-copy"), said("10:05"),
        )  # fmt: skip
        assert told(*steps)["next_reply_seconds"]["sum"] == 300

    @pytest.mark.parametrize("author", ["customer", "rep"])
    def test_an_acknowledgement_is_nobody_s_word(self, author: str) -> None:
        steps = (
            created(), said("09:05", author, automated=True), said("09:10"), said("09:20", author, automated=True),
            said("09:30"), status("09:40", "solved"),
        )  # fmt: skip
        found = told(*steps)
        assert found["first_reply_seconds"]["sum"] == 600
        assert found["next_reply_seconds"]["count"] == 0
        assert found["replies"]["sum"] == 2

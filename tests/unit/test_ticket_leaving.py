"""Tickets that turn out to be no issue of their own: merged, linked, split, deleted, spam (SPEC 2.1: M15, M16; 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline
from tests.unit.test_ticket import created, figures, said, status, told

if TYPE_CHECKING:
    from tests.unit.test_ticket import Step

RIPE = "2026-05-20 10:00"
"""All windows have passed."""
LIFE: tuple[Step, ...] = (
    created(rep="r"), said("09:10", rep="r"), said("09:20", "customer"), status("09:25", "pending"),
    said("09:40", rep="s"), status("10:00", "solved"), status("11:00", "open"), said("11:05", rep="r"),
    status("11:10", "solved"), status("12:00", "closed"),
)  # fmt: skip
"""Replied to, solved, reopened, solved and closed."""
GOING: tuple[Step, ...] = (
    ("13:00", "ticket.deleted", {}),
    ("13:00", "ticket.deleted", {"spam": True}),
    ("13:00", "ticket.marked_spam", {}),
    ("13:00", "ticket.merged", {"into": "U"}),
)


@pytest.mark.parametrize("going", GOING)
class TestGone:
    """What a ticket leaves behind that is merged, deleted or spam."""

    def test_it_is_neither_solved_nor_closed_nor_reopened_whatever_was_before(self, going: Step) -> None:
        before, after = told(*LIFE), told(*LIFE, going)
        assert (before["solve_events"], before["closed"], before["reopen_events"]) == (2, 1, 1)
        for name in ("solved", "solve_events", "closed", "reopened", "reopen_events", "open"):
            assert after[name] == 0, name
        assert after["created"] == 1

    def test_none_of_its_times_until_a_solve_remain(self, going: Step) -> None:
        found = told(*LIFE, going)
        for name in (
            "first_resolution_seconds", "full_resolution_seconds", "close_seconds", "requester_wait_seconds",
            "agent_work_seconds", "pending_seconds", "replies", "group_stations", "assignee_stations",
        ):  # fmt: skip
            assert (found[name]["count"], found[name]["mean"]) == (0, None), name

    def test_nor_do_its_shares_of_what_has_ripened(self, going: Step) -> None:
        found = told(*LIFE, going, as_of=RIPE)
        for name in ("reopen_ratio", "one_touch_ratio", "escalation_ratio", "resolved_without_escalation_ratio"):
            assert found[name] == {"numerator": 0, "denominator": 0, "ratio": None}, name

    def test_replies_that_customers_got_remain(self, going: Step) -> None:
        found = told(*LIFE, going)
        assert (found["first_reply_seconds"]["count"], found["first_reply_seconds"]["sum"]) == (1, 600)
        assert found["next_reply_seconds"]["count"] == 1
        assert found["group_ownership_seconds"]["count"] == 2

    def test_it_is_counted_as_what_it_became_and_as_nothing_else(self, going: Step) -> None:
        found = told(*LIFE, going)
        became = {"ticket.merged": "merged", "ticket.marked_spam": "spam"}.get(
            going[1], "spam" if going[2].get("spam") else "deleted"
        )
        for name in ("merged", "deleted", "spam"):
            assert found[name] == (name == became), name

    def test_it_leaves_the_backlog(self, going: Step) -> None:
        steps = created("12:00"), going
        assert told(*steps, as_of="12:59:59")["open"] == 1
        assert told(*steps, as_of="13:00")["open"] == 0

    def test_what_a_bot_contained_in_it_is_nothing_either(self, going: Step) -> None:
        steps: tuple[Step, ...] = created(), ("09:05", "bot.resolved", {})
        assert told(*steps, as_of=RIPE)["bot_containment_verified"]["denominator"] == 1
        found = told(*steps, going, as_of=RIPE)
        assert (found["bot_contained"], found["bot_containment_verified"]["denominator"]) == (0, 0)


class TestUndeleted:
    """Brought back, it is what it would have been."""

    @pytest.mark.parametrize("going", GOING[:3])
    @pytest.mark.parametrize("cut", range(1, len(LIFE) + 1))
    def test_all_its_figures_return(self, going: Step, cut: int) -> None:
        last = LIFE[cut - 1][0]
        away: tuple[Step, ...] = ((last, *going[1:]), (last, "ticket.undeleted", {}))
        assert told(*LIFE[:cut], *away, *LIFE[cut:], as_of=RIPE) == told(*LIFE, as_of=RIPE)
        if cut < len(LIFE):
            there_and_back = told(*LIFE[:cut], away[0], *LIFE[cut:], ("19:00", "ticket.undeleted", {}), as_of=RIPE)
            assert there_and_back == told(*LIFE, as_of=RIPE), "also what happened to it in the bin"

    def test_spam_that_was_deleted_too_is_brought_back_at_once(self) -> None:
        steps: tuple[Step, ...] = created(), ("09:10", "ticket.marked_spam", {}), ("09:11", "ticket.deleted", {})
        assert (told(*steps)["spam"], told(*steps)["deleted"]) == (1, 0), "once, and as spam"
        found = told(*steps, ("09:20", "ticket.undeleted", {}))
        assert (found["open"], found["spam"], found["deleted"]) == (1, 0, 0)

    def test_deleted_anew_it_is_gone_from_then(self) -> None:
        steps: tuple[Step, ...] = (
            created(), ("09:10", "ticket.deleted", {}), ("09:20", "ticket.undeleted", {}),
            ("09:30", "ticket.deleted", {}),
        )  # fmt: skip
        assert [told(*steps, as_of=when)["open"] for when in ("09:10", "09:20", "09:29", "09:30")] == [0, 1, 1, 0]
        assert told(*steps)["deleted"] == 1

    def test_late_news_of_a_deletion_takes_the_same_back(self) -> None:
        line = Timeline()
        for when, name, data in (*LIFE, GOING[0]):
            line.add("ticket/T", when, name, **data)
        straight = figures(line.events)
        assert figures([line.events[-1], *line.events[:-1], line.events[-1]]) == straight


def test_a_ticket_closed_by_its_merge_was_never_solved() -> None:
    steps = created(), status("09:10", "closed"), ("09:10", "ticket.merged", {"into": "U"})
    found = told(*steps)
    assert (found["solve_events"], found["closed"], found["merged"]) == (0, 0, 1)
    assert found["solve_events"] != 1, "naive: closed by the merge, and so solved by rule"


def test_what_happens_to_a_merged_ticket_escalates_nothing_more() -> None:
    steps = created(), ("09:10", "ticket.merged", {"into": "U"}), ("09:30", "ticket.escalated", {"level": 2})
    assert told(*steps)["escalations_by_level"] == {}


class TestIssues:
    """M16: how many tickets there are to one issue."""

    def per_issue(self, line: Timeline) -> tuple[int, int]:
        found = figures(line.events)["tickets_per_issue_ratio"]
        return found["numerator"], found["denominator"]

    def tickets(self, number: int) -> Timeline:
        line = Timeline()
        for ticket in range(1, number + 1):
            line.add(f"ticket/{ticket}", f"09:0{ticket}", "ticket.created", queue="Q")
        return line

    def test_alone_each_is_an_issue(self) -> None:
        assert self.per_issue(self.tickets(3)) == (3, 3)

    def test_a_chain_of_merges_links_and_splits_is_one(self) -> None:
        line = self.tickets(4)
        line.add("ticket/2", "09:30", "ticket.merged", into="1")
        line.add("ticket/3", "09:30", "ticket.linked", to="2")
        line.add("ticket/4", "09:30", "ticket.split", from_ticket="3")
        assert self.per_issue(line) == (4, 1)
        assert self.per_issue(line) != (3, 1), "naive: what was merged away is forgotten"

    def test_a_link_that_was_taken_back_is_none(self) -> None:
        line = self.tickets(2)
        line.add("ticket/2", "09:30", "ticket.linked", to="1")
        assert self.per_issue(line) == (2, 1)
        line.add("ticket/2", "09:40", "ticket.unlinked", to="1")
        assert self.per_issue(line) == (2, 2)

    def test_linked_twice_and_parted_from_one_it_is_still_linked(self) -> None:
        line = self.tickets(3)
        line.add("ticket/3", "09:30", "ticket.linked", to="1")
        line.add("ticket/3", "09:31", "ticket.linked", to="2")
        assert self.per_issue(line) == (3, 2), "one ticket less, however many it is linked to"
        line.add("ticket/3", "09:32", "ticket.unlinked", to="2")
        assert self.per_issue(line) == (3, 2)

    def test_a_link_said_twice_is_taken_back_at_once(self) -> None:
        line = self.tickets(2)
        for when in ("09:30", "09:31"):
            line.add("ticket/2", when, "ticket.linked", to="1")
        line.add("ticket/2", "09:32", "ticket.unlinked", to="1")
        assert self.per_issue(line) == (2, 2)

    def test_late_and_repeated_news_change_nothing(self) -> None:
        line = self.tickets(2)
        line.events.insert(0, line.add("ticket/2", "09:30", "ticket.linked", to="1"))
        assert self.per_issue(line) == (2, 1)

    def test_what_the_desk_began_is_nobodys_issue(self) -> None:
        line = self.tickets(1)
        line.add("ticket/9", "09:10", "ticket.created", queue="Q", created_by="rep", direction="outbound")
        assert self.per_issue(line) == (1, 1)
        found = figures(line.events)
        assert (found["created"], found["opened_by_rep_ratio"]["denominator"]) == (2, 1)

    @pytest.mark.parametrize("going", GOING[:3])
    def test_nor_is_what_was_deleted_or_spam(self, going: Step) -> None:
        line = self.tickets(2)
        line.add("ticket/2", *going[:2], **going[2])
        assert self.per_issue(line) == (1, 1)

    def test_reps_share(self) -> None:
        line = self.tickets(3)
        line.add("ticket/9", "09:10", "ticket.created", queue="Q", created_by="rep")
        assert figures(line.events)["opened_by_rep_ratio"] == {"numerator": 1, "denominator": 4, "ratio": 0.25}

    def test_it_is_of_the_day_of_its_creation_whenever_the_link_was_found(self) -> None:
        line = self.tickets(2)
        line.add("ticket/2", "2026-05-06 09:30", "ticket.linked", to="1")
        report = Report(Rules())
        for event in line.events:
            report.add(event)
        days = {day: found["tickets"] for day, found in report.result()["by_day"].items() if "tickets" in found}
        assert days["2026-05-04"]["tickets_per_issue_ratio"]["denominator"] == 1
        assert [*days] == ["2026-05-04"]


def test_a_mystery_shopper_s_ticket_is_in_no_figure() -> None:
    line = Timeline()
    line.add("ticket/T", "09:00", "ticket.created", queue="Q", test=True)
    line.add("ticket/T", "09:10", "message.sent", author="rep")
    line.add("ticket/U", "09:20", "ticket.created", queue="Q")
    found = figures(line.events)
    assert (found["created"], found["first_reply_seconds"]["count"]) == (1, 0)


def test_not_escalated_is_the_rest_of_what_was_solved() -> None:
    steps = created(), status("10:00", "solved")
    assert told(*steps, as_of=RIPE)["resolved_without_escalation_ratio"]["ratio"] == 1.0
    escalated = created(), ("09:30", "ticket.escalated", {"level": 1}), status("10:00", "solved")
    assert told(*escalated, as_of=RIPE)["resolved_without_escalation_ratio"] == {
        "numerator": 0, "denominator": 1, "ratio": 0.0,
    }  # fmt: skip
    unsolved = created(), ("09:30", "ticket.escalated", {"level": 1})
    assert told(*unsolved, as_of=RIPE)["resolved_without_escalation_ratio"]["denominator"] == 0


@pytest.mark.parametrize(
    ("begins", "split", "again"),
    [({}, False, 1), ({"created_by": "rep", "direction": "outbound"}, False, 0), ({"created_by": "rep"}, True, 0)],
)
def test_what_the_desk_began_or_split_off_is_no_contact_of_the_customer(
    begins: dict[str, str], split: bool, again: int
) -> None:
    line = Timeline()
    line.add("ticket/1", "09:00", "ticket.created", queue="Q", customer="x")
    line.add("ticket/1", "09:10", "ticket.solved")
    line.add("ticket/2", "10:00", "ticket.created", queue="Q", customer="x", **begins)
    if split:
        line.add("ticket/2", "10:00", "ticket.split", from_ticket="1")
    report = Report(Rules())
    for event in line.events:
        report.add(event)
    assert report.result()["total"]["recontacts"]["24h"]["any"] == again

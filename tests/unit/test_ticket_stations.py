"""With whom a ticket was, and what came of it: what naive code gets wrong (SPEC 2.1: M10, M12, M16 to M18)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from streams.events.tickets import TicketEscalated
from streams.figures import cells as c
from streams.figures.contributions import Item
from streams.figures.options import FigureOptions
from streams.figures.panes import GroupKey, Panes
from streams.figures.series import Sample, samples
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis
from tests.unit.test_ticket import created, said, status, told

RIPE = "2026-05-11 10:00"
"""7 days after a solve at 10:00."""


def assigned(when: str, **data: Any) -> Any:
    return when, "ticket.assigned", data


def escalated(when: str, level: int, **data: Any) -> Any:
    return when, "ticket.escalated", {"level": level, **data}


def by_queue(*steps: Any, **options: Any) -> dict[str, tuple[int, float]]:
    """Count and seconds of the ownership of each queue that owned something."""
    line = Timeline()
    for when, name, data in steps:
        line.add("ticket/T", when, name, **data)
    report = Report(Rules(FigureOptions(**options)), by=("queue",))
    for event in line.events:
        report.add(event)
    found = {
        queue: said["tickets"]["group_ownership_seconds"] for queue, said in report.result()["by"]["queue"].items()
    }
    return {queue: (held["count"], held["sum"]) for queue, held in found.items() if held["count"]}


class TestOwnership:
    """M10."""

    def test_there_and_back_are_two_spells(self) -> None:
        steps = (
            created(queue="A"), assigned("09:10", queue="B"), assigned("09:30", queue="A"), status("10:00", "solved"),
        )  # fmt: skip
        found = by_queue(*steps)
        assert found == {"A": (2, 2400), "B": (1, 1200)}
        assert found["A"] != (1, 3600), "not one spell from the first assignment to the solve"

    @pytest.mark.parametrize(("chosen", "priority"), [("first", "low"), ("last", "high")])
    def test_all_else_is_as_the_ticket_is_booked(self, chosen: str, priority: str) -> None:
        line = Timeline()
        steps = (
            created(queue="A", priority="low"), ("09:05", "ticket.updated", {"priority": "mid"}),
            assigned("09:10", queue="B"), ("09:20", "ticket.updated", {"priority": "high"}), status("10:00", "solved"),
        )  # fmt: skip
        for when, name, data in steps:
            line.add("ticket/T", when, name, **data)
        options: dict[str, Any] = {"attribute_to": chosen}
        report = Report(Rules(FigureOptions(**options)), by=("priority",))
        for event in line.events:
            report.add(event)
        owned = {
            value: found["tickets"]["group_ownership_seconds"]["count"]
            for value, found in report.result()["by"]["priority"].items()
            if "tickets" in found
        }
        assert {value: number for value, number in owned.items() if number} == {priority: 2}

    @pytest.mark.parametrize("chosen", ["first", "last"])
    def test_a_spell_is_the_groups_own_wherever_the_ticket_is_booked(self, chosen: str) -> None:
        steps = created(queue="A"), assigned("09:10", queue="B"), status("10:00", "solved")
        assert by_queue(*steps, attribute_to=chosen) == {"A": (1, 600), "B": (1, 3000)}

    def test_a_reopen_begins_another_and_solved_time_is_nobodys(self) -> None:
        steps = (
            created(queue="A"), status("09:10", "solved"), status("11:00", "open"), status("11:20", "solved"),
            status("12:00", "closed"),
        )  # fmt: skip
        assert by_queue(*steps) == {"A": (2, 1800)}

    def test_passed_on_while_solved_the_reopen_is_the_new_groups(self) -> None:
        steps = (
            created(queue="A"), status("09:10", "solved"), assigned("10:00", queue="B"), status("11:00", "open"),
            status("11:20", "solved"),
        )  # fmt: skip
        assert by_queue(*steps) == {"A": (1, 600), "B": (1, 1200)}

    def test_passed_on_while_solved_and_closed_there_it_was_no_work(self) -> None:
        steps = (
            created(queue="A"), status("09:10", "solved"), assigned("10:00", queue="B"), status("11:00", "closed"),
        )  # fmt: skip
        assert by_queue(*steps) == {"A": (1, 600)}

    def test_the_same_group_again_or_another_rep_is_no_new_spell(self) -> None:
        steps = (
            created(queue="A"), assigned("09:10", queue="A", rep="r"), assigned("09:20", rep="s"),
            status("10:00", "solved"),
        )  # fmt: skip
        assert by_queue(*steps) == {"A": (1, 3600)}

    def test_with_no_group_it_is_owned_by_none(self) -> None:
        steps = (
            created(queue=""), assigned("09:10", queue="A"), assigned("09:20", queue=""), assigned("09:50", queue="A"),
            status("10:00", "solved"),
        )  # fmt: skip
        assert by_queue(*steps) == {"A": (2, 1200)}

    def test_a_group_that_only_routed_it_did_not_own_it(self) -> None:
        steps = created(queue="triage"), assigned("09:00", queue="A"), status("10:00", "solved")
        assert by_queue(*steps) == {"A": (1, 3600)}

    def test_a_ticket_noted_when_it_was_solved_was_owned_for_no_time(self) -> None:
        assert by_queue(created(queue="A", status="solved")) == {"A": (1, 0)}

    def test_merged_it_was_neither_passed_on_nor_solved(self) -> None:
        assert by_queue(created(queue="A"), ("09:10", "ticket.merged", {"into": "U"})) == {}


class TestStations:
    """M18."""

    def stations(self, *steps: Any) -> tuple[float, float, float, float]:
        found = told(*steps)
        return (
            found["group_stations"]["sum"],
            found["group_station_spells"]["sum"],
            found["assignee_stations"]["sum"],
            found["assignee_station_spells"]["sum"],
        )

    def test_there_and_back_are_two_groups_and_three_spells(self) -> None:
        steps = (
            created(queue="A", rep="r"), assigned("09:10", queue="B", rep="s"), assigned("09:30", queue="A", rep="r"),
            status("10:00", "solved"),
        )  # fmt: skip
        assert self.stations(*steps) == (2, 3, 2, 3)

    def test_a_time_with_nobody_parts_two_spells(self) -> None:
        steps = (
            created(rep="r"), assigned("09:10", rep=""), assigned("09:30", rep="r"), status("10:00", "solved"),
        )  # fmt: skip
        assert self.stations(*steps) == (1, 1, 1, 2)

    def test_who_writes_or_solves_is_not_the_assignee(self) -> None:
        steps = (
            created(rep="r"), said("09:10", rep="s"), said("09:20", rep="t"),
            ("10:00", "ticket.solved", {"rep": "u"}),
        )  # fmt: skip
        assert self.stations(*steps) == (1, 1, 1, 1)

    def test_passed_on_in_the_same_instant_it_was_not_there(self) -> None:
        steps = created(queue="triage"), assigned("09:00", queue="A"), status("10:00", "solved")
        assert self.stations(*steps) == (1, 1, 0, 0)
        bounced = (
            created(queue="A"),
            assigned("09:10", queue="B"),
            assigned("09:10", queue="A"),
            status("10:00", "solved"),
        )
        assert self.stations(*bounced) == (1, 1, 0, 0)

    def test_only_solved_tickets_have_numbers(self) -> None:
        steps = created(rep="r"), status("10:00", "solved"), status("11:00", "open")
        assert told(*steps[:2])["group_stations"]["count"] == 1
        assert told(*steps)["group_stations"]["count"] == 0

    def test_a_reopen_is_no_new_station(self) -> None:
        steps = created(rep="r"), status("10:00", "solved"), status("11:00", "open"), status("12:00", "solved")
        assert self.stations(*steps) == (1, 1, 1, 1)


class TestOneTouch:
    """M12."""

    def one_touch(self, *steps: Any, as_of: str = RIPE) -> tuple[int, int]:
        found = told(created(), *steps, as_of=as_of)["one_touch_ratio"]
        return found["numerator"], found["denominator"]

    def test_at_most_one_reply(self) -> None:
        assert self.one_touch(status("10:00", "solved")) == (1, 1)
        assert self.one_touch(said("09:10"), status("10:00", "solved")) == (1, 1)
        assert self.one_touch(said("09:10"), said("09:20"), status("10:00", "solved")) == (0, 1)

    def test_notes_bots_and_acknowledgements_are_no_touches(self) -> None:
        steps = (
            said("09:01", automated=True), said("09:02", "bot"), said("09:05", public=False), said("09:10"),
            status("10:00", "solved"),
        )  # fmt: skip
        assert self.one_touch(*steps) == (1, 1)

    def test_it_is_not_told_before_the_window_has_passed(self) -> None:
        steps = said("09:10"), status("10:00", "solved")
        assert self.one_touch(*steps, as_of="2026-05-11 09:59:59") == (0, 0)
        assert told(created(), *steps, as_of="12:00")["one_touch_ratio"]["ratio"] is None

    def test_reopened_within_the_window_it_was_none_though_solved_again(self) -> None:
        steps = said("09:10"), status("10:00", "solved"), status("11:00", "open"), status("12:00", "solved")
        assert self.one_touch(*steps) == (0, 1)

    def test_a_reopen_after_the_window_is_too_late(self) -> None:
        at_the_limit = said("09:10"), status("10:00", "solved"), status(RIPE, "open")
        assert self.one_touch(*at_the_limit, as_of="2026-05-12 10:00") == (0, 1)
        after_it = said("09:10"), status("10:00", "solved"), status("2026-05-11 10:01", "open")
        assert self.one_touch(*after_it, as_of="2026-05-12 10:00") == (1, 1)

    def test_a_ticket_counts_once_however_often_it_was_solved(self) -> None:
        steps = (
            said("09:10"), status("10:00", "solved"), status("2026-05-13 10:00", "open"),
            said("2026-05-13 11:00"), status("2026-05-13 12:00", "solved"),
        )  # fmt: skip
        assert self.one_touch(*steps, as_of="2026-05-25 12:00") == (1, 1)

    def test_spam_and_merged_tickets_are_no_successes(self) -> None:
        spam = "10:05", "ticket.deleted", {"spam": True}
        assert self.one_touch(status("10:00", "solved"), spam) == (0, 0)
        assert self.one_touch(status("10:00", "solved"), spam, ("10:10", "ticket.undeleted", {})) == (1, 1)
        assert self.one_touch(("10:00", "ticket.merged", {"into": "U"})) == (0, 0)


class TestOpenedByRep:
    """M16."""

    @pytest.mark.parametrize(
        ("data", "number"),
        [
            ({"created_by": "rep"}, 1),
            ({"created_by": "rep", "direction": "inbound"}, 1),
            ({"created_by": "rep", "direction": "outbound"}, 0),
            ({"created_by": "customer"}, 0),
            ({"created_by": "system"}, 0),
        ],
    )
    def test_what_reps_began_unasked_is_left_out(self, data: dict[str, str], number: int) -> None:
        found = told(created(**data))
        assert (found["opened_by_rep"], found["created"]) == (number, 1)


class TestEscalations:
    """M17."""

    def test_only_a_rise_is_one(self) -> None:
        steps = escalated("09:10", 1), escalated("09:20", 1), escalated("09:30", 0), escalated("09:40", 2)
        assert told(created(), *steps)["escalations_by_level"] == {"1": 1, "2": 1}

    def test_given_back_and_escalated_again_it_was_twice(self) -> None:
        steps = escalated("09:10", 1), escalated("09:30", 0), escalated("09:40", 1)
        assert told(created(), *steps)["escalations_by_level"] == {"1": 2}

    def test_the_front_line_is_no_escalation(self) -> None:
        assert told(created(), escalated("09:10", 0))["escalations_by_level"] == {}

    def test_another_group_on_the_same_level_is_none(self) -> None:
        found = told(created(), assigned("09:10", queue="B"), status("10:00", "solved"), as_of=RIPE)
        assert found["escalations_by_level"] == {}
        assert found["escalation_ratio"] == {"numerator": 0, "denominator": 1, "ratio": 0.0}

    def test_a_ticket_escalated_twice_is_one_escalated_ticket(self) -> None:
        found = told(created(), escalated("09:10", 1), escalated("09:40", 2), status("10:00", "solved"), as_of=RIPE)
        assert found["escalation_ratio"] == {"numerator": 1, "denominator": 1, "ratio": 1.0}

    def test_unsolved_tickets_are_in_neither_part(self) -> None:
        found = told(created(), escalated("09:10", 1), as_of=RIPE)
        assert found["escalation_ratio"]["denominator"] == 0
        assert found["escalations_by_level"] == {"1": 1}

    def test_it_is_booked_to_the_queue_that_it_goes_to(self) -> None:
        found = by_queue(created(queue="A"), escalated("09:10", 1, queue="L2", rep="x"), status("10:00", "solved"))
        assert found == {"A": (1, 600), "L2": (1, 3000)}


def exported(*booked: tuple[str, int]) -> list[Sample]:
    """The series of a queue, just after something was booked."""
    panes = Panes()
    panes.apply("Q", [Item(cell, "email", "", "", 0, 0, value) for cell, value in booked], 1)
    panes.advance(0)
    return list(samples(GroupKey("Q", "email", ""), panes.group("Q", "email", ""), FigureOptions()))


def test_numbers_of_something_are_published_as_they_are_and_exactly() -> None:
    told_of = {
        (one.family, one.suffix, *(value for _, value in one.labels)): one.value
        for one in exported(*((c.REPLIES, replies) for replies in (1, 1, 1, 7)), (c.GROUP_SPELLS, 3))
        if one.family in ("support_ticket_replies", "support_ticket_group_stations")
    }
    assert told_of["support_ticket_replies", "_sum", "all", "event"] == 10
    assert told_of["support_ticket_replies", "_count", "7d", "event"] == 4
    assert told_of["support_ticket_replies", "", "all", "event", "0.5"] == 1, "not 0.995"
    assert told_of["support_ticket_group_stations", "_sum", "spells", "1d", "event"] == 3
    assert told_of["support_ticket_group_stations", "_count", "distinct", "1d", "event"] == 0
    assert not any("15m" in key for key in told_of)


def test_the_escalation_counter_has_the_levels_that_were_reached() -> None:
    gap = millis("00:00:02", "1970-01-01")
    found = {
        (one.family, one.suffix, one.labels): one.value
        for one in exported((f"{c.ESCALATION}2", 1), (c.UPDATE_GAP_PAUSABLE, gap))
    }
    assert found["support_ticket_escalations_total", "", (("level", "2"),)] == 1
    labels = (("kind", "pausable"), ("clock", "calendar"), ("window", "all"), ("attribution", "event"))
    assert found["support_ticket_update_gap_seconds", "_sum", labels] == 2.0


@pytest.mark.parametrize("level", [-1, 10, "high", None])
def test_a_level_out_of_bounds_is_refused(level: Any) -> None:
    with pytest.raises(msgspec.ValidationError, match="level"):
        msgspec.convert({"level": level}, TicketEscalated)

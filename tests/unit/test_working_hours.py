"""Which calendar counts, and what is absent where none does."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.businesstime import Calendar, Period, Version, always_open
from streams.businesstime.rules import Rules as Hours
from streams.codec import RejectedError, decode
from streams.figures.options import FigureOptions
from streams.figures.panes import GroupKey, Panes
from streams.figures.series import samples
from streams.figures.working_hours import UnknownCalendarError, WorkingHours
from streams.history import EMPTY, merge
from streams.lifecycles.marks import Placement
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.laws.histories import wire
from tests.support.timeline import Timeline, millis

HOUR = 3_600_000


def daily(name: str, opens: int, closes: int) -> Calendar:
    """A calendar that opens every day at the same hours, UTC."""
    return Calendar(name, [Version(0, Hours(ZoneInfo("UTC"), [[Period(opens * 60, closes * 60)]] * 7))])


CALENDARS = {"day": daily("day", 9, 17), "late": daily("late", 12, 20), "always": always_open("always")}


def hours(**options: Any) -> WorkingHours:
    return WorkingHours.of(FigureOptions(**options), CALENDARS)


def business(chosen: WorkingHours, *placements: tuple[str, str, str], begin: str, end: str) -> float | None:
    """Business hours between two times of a day."""
    schedule = chosen.schedule([Placement(millis(since), queue, named) for since, queue, named in placements])
    if schedule is None:
        return None
    found = schedule.business([(millis(begin), millis(end))], millis(end))
    return None if found is None else found / HOUR


class TestWhichCalendar:
    def test_a_queue_has_its_own_or_the_default_or_none(self) -> None:
        chosen = hours(queue_calendars={"A": "day"}, default_calendar="late")
        assert (chosen.of_queue("A"), chosen.of_queue("B")) == (CALENDARS["day"], CALENDARS["late"])
        assert hours(queue_calendars={"A": "day"}).of_queue("B") is None

    def test_one_that_is_named_for_the_ticket_goes_before_and_stays_with_it(self) -> None:
        chosen = hours(default_calendar="day")
        places = (("08:00", "A", ""), ("10:00", "A", "late"), ("13:00", "B", "late"))
        assert business(chosen, *places, begin="08:00", end="19:00") == 1 + 7

    def test_the_empty_name_gives_the_queue_its_say_again(self) -> None:
        chosen = hours(default_calendar="day")
        places = (("08:00", "A", "always"), ("10:00", "A", ""))
        assert business(chosen, *places, begin="08:00", end="19:00") == 2 + 7

    def test_a_name_that_is_not_known_is_as_none(self) -> None:
        chosen = hours(default_calendar="day")
        assert business(chosen, ("08:00", "A", "nowhere"), begin="08:00", end="19:00") == 8
        assert business(hours(), ("08:00", "A", "nowhere"), begin="08:00", end="19:00") is None

    def test_what_is_with_no_queue_keeps_its_hours_and_the_first_ones_count_from_the_beginning(self) -> None:
        chosen = hours(queue_calendars={"A": "day", "B": "always"})
        places = (("08:00", "unassigned", ""), ("10:00", "A", ""), ("11:00", "unassigned", ""))
        assert business(chosen, *places, begin="08:00", end="19:00") == 8
        assert business(chosen, *places, begin="08:00", end="09:30") is None, "nothing was known then"

    def test_a_queue_without_calendar_leaves_what_touches_it_without_business_time(self) -> None:
        chosen = hours(queue_calendars={"A": "day"})
        places = (("08:00", "A", ""), ("10:00", "B", ""), ("12:00", "A", ""))
        assert business(chosen, *places, begin="08:00", end="09:30") == 0.5
        assert business(chosen, *places, begin="08:00", end="11:00") is None
        assert business(chosen, *places, begin="08:00", end="13:00") is None
        assert business(chosen, *places, begin="12:00", end="13:00") == 1
        assert business(chosen, *places, begin="09:00", end="10:00") == 1, "it ended as it came to B"
        assert business(chosen, *places, begin="10:00", end="10:00") is None

    @pytest.mark.parametrize(("rule", "expected"), [("as_assigned", None), ("last", None), ("at_creation", 3.0)])
    def test_the_rule_says_whose_hours_count_there(self, rule: str, expected: float | None) -> None:
        chosen = hours(queue_calendars={"A": "day"}, schedule_rule=rule)
        places = (("08:00", "A", ""), ("10:00", "B", ""))
        assert business(chosen, *places, begin="08:00", end="12:00") == expected

    def test_last_is_the_one_at_the_end_of_the_duration_and_not_a_later_one(self) -> None:
        chosen = hours(queue_calendars={"A": "day", "B": "always"}, schedule_rule="last")
        places = (("08:00", "A", ""), ("14:00", "B", ""))
        assert business(chosen, *places, begin="08:00", end="13:00") == 4
        assert business(chosen, *places, begin="08:00", end="15:00") == 7

    def test_all_spells_of_a_duration_are_measured_by_the_hours_at_its_end(self) -> None:
        chosen = hours(queue_calendars={"A": "day", "B": "always"}, schedule_rule="last")
        schedule = chosen.schedule([Placement(millis("06:00"), "A", ""), Placement(millis("14:00"), "B", "")])
        assert schedule is not None
        spells = [(millis("06:00"), millis("07:00")), (millis("14:00"), millis("15:00"))]
        assert schedule.business(spells, millis("15:00")) == 2 * HOUR

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (
                {"default_calendar": "dya"},
                "default_calendar = 'dya': must be one of the calendars; did you mean 'day'?",
            ),
            ({"queue_calendars": {"A": "x"}}, "queue_calendars.A = 'x': must be one of the calendars; known are: "),
        ],
    )
    def test_an_option_that_names_no_calendar(self, options: dict[str, Any], said: str) -> None:
        with pytest.raises(UnknownCalendarError) as caught:
            hours(**options)
        assert str(caught.value).startswith(said)


def told(line: Timeline, **options: Any) -> dict[str, Any]:
    report = Report(Rules.of(FigureOptions(**options), CALENDARS))
    for event in line.events:
        report.add(event)
    found: dict[str, Any] = report.result()["total"]
    return found


class TestFigures:
    def ticket(self, created: str = "08:00", queue: str = "A") -> Timeline:
        line = Timeline()
        line.add("ticket/T", created, "ticket.created", queue=queue, customer="c")
        return line

    def test_pausable_gaps_leave_out_the_business_time_of_pending(self) -> None:
        line = self.ticket()
        line.add("ticket/T", "08:30", "message.sent", author="rep")
        line.add("ticket/T", "08:40", "ticket.status_changed", to="pending")
        line.add("ticket/T", "10:00", "ticket.status_changed", to="open")
        line.add("ticket/T", "11:00", "message.sent", author="rep")
        found = told(line, default_calendar="day")["tickets"]
        assert found["update_gap_periodic_business_seconds"]["sum"] == 2 * 3600
        assert found["update_gap_pausable_business_seconds"]["sum"] == 1 * 3600
        assert found["update_gap_pausable_seconds"]["sum"] == 70 * 60

    def test_a_reply_while_pending_ends_the_gap_and_not_the_pending(self) -> None:
        line = self.ticket("09:00")
        line.add("ticket/T", "09:10", "message.sent", author="rep")
        line.add("ticket/T", "09:20", "ticket.status_changed", to="pending")
        line.add("ticket/T", "09:50", "message.sent", author="rep")
        line.add("ticket/T", "10:20", "message.sent", author="rep")
        found = told(line, default_calendar="day")["tickets"]
        assert found["update_gap_pausable_seconds"]["sum"] == 10 * 60
        assert found["update_gap_pausable_business_seconds"]["sum"] == 10 * 60

    def test_business_time_of_nothing_is_0_where_there_are_hours(self) -> None:
        line = self.ticket("05:00")
        line.add("ticket/T", "06:00", "message.sent", author="rep")
        found = told(line, default_calendar="day")["tickets"]
        assert found["first_reply_business_seconds"]["count"] == 1
        assert found["first_reply_business_seconds"]["sum"] == 0
        assert "full_resolution_business_seconds" not in found, "there was none"

    def test_the_hours_of_a_group_s_spell_are_that_group_s(self) -> None:
        line = self.ticket()
        line.add("ticket/T", "11:00", "ticket.assigned", queue="B")
        line.add("ticket/T", "13:00", "ticket.solved")
        report = Report(Rules.of(FigureOptions(queue_calendars={"A": "day", "B": "late"}), CALENDARS), by=("queue",))
        for event in line.events:
            report.add(event)
        found = report.result()["by"]["queue"]
        name = "group_ownership_business_seconds"
        assert [found[queue]["tickets"][name]["sum"] for queue in "AB"] == [2 * 3600, 3600]

    def test_arrivals_out_of_hours(self) -> None:
        line = Timeline()
        for number, when in enumerate(("08:59", "09:00", "16:59", "17:00")):
            line.add(f"ticket/{number}", when, "ticket.created", queue="A", customer="c")
            line.add(f"call/{number}", when, "contact.queued", queue="A", customer="d")
        line.add("ticket/n", "03:00", "ticket.created", queue="none", customer="c")
        line.add("call/n", "03:00", "contact.queued", queue="none", customer="d")
        line.add("call/0", "08:59:30", "contact.queued", queue="A")
        found = told(line, queue_calendars={"A": "day"})
        assert found["tickets"]["out_of_hours"] == {"numerator": 2, "denominator": 4, "ratio": 0.5}
        assert found["contacts"]["out_of_hours"] == {"numerator": 2, "denominator": 4, "ratio": 0.5}
        assert found["contacts"]["offered"] == 6, "another entry is not another arrival"
        assert "out_of_hours" not in told(line)["contacts"]

    def test_an_arrival_is_judged_by_the_queue_it_first_came_to(self) -> None:
        line = self.ticket("08:00", "")
        line.add("ticket/T", "09:30", "ticket.assigned", queue="A")
        assert told(line, queue_calendars={"A": "day"})["tickets"]["out_of_hours"]["numerator"] == 1

    def test_an_unknown_name_is_counted_and_the_queue_s_hours_count(self) -> None:
        line = self.ticket()
        line.add("ticket/T", "08:30", "ticket.schedule_changed", calendar="nowhere")
        line.add("ticket/T", "10:00", "message.sent", author="rep")
        found = told(line, default_calendar="day")["tickets"]
        assert found["unknown_calendars"] == 1
        assert found["first_reply_business_seconds"]["sum"] == 3600
        line.add("ticket/T", "10:30", "ticket.schedule_changed", calendar="day")
        assert told(line, default_calendar="day")["tickets"]["unknown_calendars"] == 1, "the other one is known"
        assert told(line)["tickets"]["unknown_calendars"] == 1, "also where there are no calendars at all"

    def test_a_name_must_be_a_name(self) -> None:
        line = self.ticket()
        event = line.add("ticket/T", "08:30", "ticket.schedule_changed", calendar="day")
        assert decode(wire(event), ()).entry.data.calendar == "day"
        with pytest.raises(RejectedError, match="calendar"):
            decode(wire(event).replace(b'"day"', b"7"), ())


class TestSeries:
    def series(self, **options: Any) -> dict[tuple[str, str, frozenset[tuple[str, str]]], float]:
        line = Timeline()
        line.add("ticket/T", "08:00", "ticket.created", queue="A", customer="c")
        line.add("ticket/T", "10:00", "message.sent", author="rep")
        rules = Rules.of(FigureOptions(**options), CALENDARS)
        history = merge(EMPTY, [event.entry for event in line.events]).history
        panes = Panes()
        panes.advance(millis("10:00"))
        for queue, (items, _) in derive("ticket", "T", history, rules, millis("10:00")).sets.items():
            panes.apply(queue, items, 1)
        key = GroupKey("A", "", "")
        group = panes.groups[key]
        return {
            (one.family, one.suffix, frozenset(one.labels)): one.value for one in samples(key, group, rules.options)
        }

    def test_the_clock_is_a_label(self) -> None:
        found = self.series(default_calendar="day")
        everywhen = {("window", "all"), ("attribution", "event")}
        name = "support_ticket_first_reply_seconds"
        assert found[name, "_sum", frozenset({("clock", "calendar"), *everywhen})] == 7200
        assert found[name, "_sum", frozenset({("clock", "business"), *everywhen})] == 3600
        assert found["support_tickets_out_of_hours_total", "", frozenset()] == 1

    def test_what_has_no_calendar_is_absent(self) -> None:
        found = self.series()
        assert not [labels for _, _, labels in found if ("clock", "business") in labels]
        assert not [name for name, _, _ in found if "out_of_hours" in name or "unknown_calendar" in name]

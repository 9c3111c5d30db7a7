"""To which day, queue, channel, priority and rep the figures of a contact are booked (SPEC 2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures.options import FigureOptions
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis
from tests.unit.test_callback_places import folded
from tests.unit.test_contact import Q, Step, told
from tests.unit.test_working_hours import daily

TALK: list[Step] = [("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"})]
DAY = "2026-05-04"

ENDED: list[Step] = [*TALK, ("10:05", "ended", {})]
LATE: list[Step] = [
    ("2026-05-04 23:50", "initiated", {}), ("2026-05-04 23:58", "queued", Q),
    ("2026-05-05 00:01", "offered_to_rep", {"rep": "a"}), ("2026-05-05 00:02", "connected", {"rep": "a"}),
    ("2026-05-05 00:03", "held", {}), ("2026-05-05 00:04", "ended", {"by": "customer"}),
    ("2026-05-05 00:05", "wrapup_ended", {}),
]  # fmt: skip
"""A call over midnight."""


def reported(*steps: Step, by: str = "queue", day: str = DAY, **chosen: Any) -> dict[str, Any]:
    line = Timeline(day)
    for when, name, data in steps:
        line.add("call/C", when, name if "." in name else f"contact.{name}", **data)
    attribution = chosen.pop("attribution", "cohort")
    collected = Report(Rules(FigureOptions(**chosen)), by=(by,), attribution=attribution)
    for event in line.events:
        collected.add(event)
    return collected.result()


def values(found: dict[str, Any], by: str) -> set[str]:
    """The values of a dimension that have any figure of contacts."""
    return {value for value, figures in found["by"][by].items() if "contacts" in figures}


def split(found: dict[str, Any], by: str, *names: str) -> dict[str, tuple[Any, ...]]:
    """The named figures of contacts by the values of a dimension; values that have none of them are left out."""
    table = {
        value: tuple(figures["contacts"][name] for name in names)
        for value, figures in found["by"][by].items()
        if "contacts" in figures
    }
    return {value: figures for value, figures in table.items() if any(figures)}


EVERYTHING: list[Step] = [
    ("09:59", "initiated", {}), ("10:00", "queued", {**Q, "priority": "high", "channel": "sms"}),
    ("10:01", "offered_to_rep", {"rep": "a"}), ("10:02", "not_answered", {"rep": "a"}),
    ("10:02", "offered_to_rep", {"rep": "b"}), ("10:03", "connected", {"rep": "b"}), ("10:04", "held", {}),
    ("10:05", "retrieved", {}), ("10:06", "transferred", {}), ("10:06", "connected", {"rep": "c"}),
    ("10:07", "held", {}), ("10:08", "ended", {"by": "rep"}), ("10:09", "wrapup_ended", {"rep": "c"}),
]  # fmt: skip
"""A contact that leaves something in nearly every figure."""
DURATIONS = (
    "flow_seconds", "queue_wait_seconds", "ring_seconds", "talk_seconds", "handle_seconds", "acw_seconds",
    "customer_hold_seconds", "customer_wait_total_seconds",
)  # fmt: skip
COUNTS = ("offered", "contacts", "answered", "handled", "holds", "rep_no_answer", "transfers_out", "transfers_in",
          "agent_hung_up_first")  # fmt: skip


class TestLabels:
    @pytest.mark.parametrize(("by", "value"), [("queue", "Q"), ("channel", "sms"), ("priority", "high")])
    def test_every_figure_has_the_labels_of_the_contact(self, by: str, value: str) -> None:
        found = reported(*EVERYTHING, by=by)
        assert values(found, by) == {value}, "no figure is booked elsewhere"
        contacts = found["by"][by][value]["contacts"]
        assert all(contacts[name]["count"] for name in DURATIONS)
        assert all(contacts[name] for name in COUNTS)

    def test_a_call_that_names_no_channel_is_one_by_voice_in_every_figure(self) -> None:
        steps = [
            (when, name, {**data, "channel": None} if "channel" in data else data) for when, name, data in EVERYTHING
        ]
        assert values(reported(*steps, by="channel"), "channel") == {"voice"}
        back: list[Step] = [("10:01", "callback.requested", {}), ("10:02", "callback.answered", {"rep": "a"})]
        given_up: list[Step] = [("10:01", "offered_to_rep", {"rep": "a"}), ("10:02", "abandoned", {})]
        for rest in (back, given_up):
            assert values(reported(("10:00", "queued", Q), *rest, by="channel"), "channel") == {"voice"}

    @pytest.mark.parametrize(
        ("by", "value"), [("queue", "Q"), ("channel", "voice"), ("priority", "high"), ("rep", "a")]
    )
    def test_so_has_an_arrival_out_of_hours(self, by: str, value: str) -> None:
        calendars = {"day": daily("day", 12, 17)}
        line = Timeline()
        line.add("call/C", "10:00", "contact.queued", queue="Q", priority="high")
        line.add("call/C", "10:01", "contact.connected", rep="a")
        collected = Report(Rules.of(FigureOptions(default_calendar="day"), calendars), by=(by,))
        for event in line.events:
            collected.add(event)
        found = collected.result()["by"][by]
        assert {
            name for name, one in found.items() if one.get("contacts", {}).get("out_of_hours", {}).get("numerator")
        } == {value}

    def test_each_rep_has_the_own_part(self) -> None:
        found = reported(*EVERYTHING, by="rep")
        assert split(found, "rep", "rep_no_answer", "handled", "transfers_out", "transfers_in") == {
            "a": (1, 0, 0, 0),
            "b": (0, 1, 1, 0),
            "c": (0, 1, 0, 1),
        }
        assert split(found, "rep", "answered", "agent_hung_up_first") == {"b": (1, 0), "c": (0, 1)}
        times = {rep: found["by"]["rep"][rep]["contacts"] for rep in values(found, "rep")}
        for name, expected in (
            ("acw_seconds", {"c": 60}),
            ("talk_seconds", {"b": 120, "c": 60}),
            ("customer_hold_seconds", {"c": 120}),
            ("customer_wait_total_seconds", {"c": 300}),
        ):
            counted = {rep: one[name]["sum"] for rep, one in times.items() if one[name]["count"]}
            assert counted == expected, name
        assert {rep: one["holds"] for rep, one in times.items() if one["holds"]} == {"b": 1, "c": 1}

    def test_who_gives_up_while_it_rings_was_missed_by_those_at_whom_it_rang(self) -> None:
        rings: list[Step] = [(f"10:00:{n}0", "offered_to_rep", {"rep": rep}) for n, rep in enumerate("ab", 1)]
        found = reported(("10:00", "queued", Q), *rings, ("10:00:30", "abandoned", {}), by="rep")
        assert split(found, "rep", "rep_no_answer") == {"a": (1,), "b": (1,)}

    def test_a_queue_and_who_answers_without_a_name_have_no_rep(self) -> None:
        again: list[Step] = [*TALK, ("10:05", "queued", {"queue": "R"})]
        assert [stay.dims.rep for stay in folded(*again).entries] == ["a", ""]
        assert [part.dims.rep for part in folded(*again, ("10:06", "connected", {})).segments] == ["a", ""]


class TestDays:
    def days(self, figure: str, **chosen: Any) -> list[str]:
        found = reported(*LATE, **chosen)["by_day"]
        counts = {day: one["contacts"][figure] for day, one in found.items() if "contacts" in one}
        return [day for day, it in counts.items() if (it["count"] if isinstance(it, dict) else it)]

    @pytest.mark.parametrize("figure", ["talk_seconds", "handle_seconds", "acw_seconds", "queue_wait_seconds"])
    def test_by_event_what_lasts_is_of_the_day_it_ends_and_by_cohort_of_that_of_its_queue(self, figure: str) -> None:
        assert self.days(figure, attribution="event") == ["2026-05-05"]
        assert self.days(figure) == ["2026-05-04"]

    def test_no_other_day_has_anything(self) -> None:
        for option in ("enqueue", "arrival"):
            assert set(reported(*LATE, cohort_at=option)["by_day"]) == {"2026-05-04", "2026-05-05"}

    def test_the_cohort_may_be_that_of_the_arrival(self) -> None:
        line: list[Step] = [("2026-05-03 23:59", "initiated", {}), *LATE[1:]]
        found = reported(*line, cohort_at="arrival")["by_day"]
        for figure in ("queue_wait_seconds", "talk_seconds", "handle_seconds", "customer_wait_total_seconds"):
            counts = {day: one["contacts"][figure]["count"] for day, one in found.items() if "contacts" in one}
            assert [day for day, number in counts.items() if number] == ["2026-05-03"], figure

    def test_a_talk_without_a_queue_is_of_its_own_beginning(self) -> None:
        steps: list[Step] = [
            ("2026-05-04 23:59", "connected", {**Q, "rep": "a"}), ("2026-05-05 00:01", "transferred", {}),
            ("2026-05-05 00:01", "connected", {"rep": "b"}), ("2026-05-05 00:02", "ended", {}),
        ]  # fmt: skip
        found = reported(*steps)["by_day"]
        assert {day: one["contacts"]["handled"] for day, one in found.items()} == {"2026-05-04": 1, "2026-05-05": 1}

    def test_an_answer_at_once_is_of_the_queue_that_was_entered_then(self) -> None:
        found = reported(
            ("2026-05-04 23:59", "queued", Q), ("2026-05-05 00:01", "queued", {"queue": "R"}),
            ("2026-05-05 00:01", "connected", {"rep": "a"}), ("2026-05-05 00:02", "ended", {}),
        )["by_day"]  # fmt: skip
        assert {day: one["contacts"]["handled"] for day, one in found.items()} == {"2026-05-04": 0, "2026-05-05": 1}

    def test_without_a_menu_the_way_to_the_queue_takes_no_time(self) -> None:
        found = told(("10:00", "initiated", {}), ("10:00", "queued", Q))["flow_seconds"]
        assert (found["count"], found["sum"]) == (1, 0)


class TestServiceLevel:
    @pytest.mark.parametrize(("when", "hits"), [("10:00:20", 1), ("10:00:21", 0)])
    def test_a_callback_asked_for_in_time_is_a_hit_where_the_formula_says_so(self, when: str, hits: int) -> None:
        level = told(("10:00", "queued", Q), (when, "callback.requested", {}))["service_level"]["amazon"]
        assert (level["numerator"], level["denominator"]) == (hits, 1)

    @pytest.mark.parametrize("why", ["overflow", "voicemail"])
    def test_no_other_way_out_of_the_queue_is(self, why: str) -> None:
        found = told(("10:00", "queued", Q), ("10:00:05", "left_queue", {"why": why}))
        level = found["service_level"]["amazon"]
        assert (level["numerator"], level["denominator"]) == (0, 1)

    def test_short_is_to_the_millisecond(self) -> None:
        found = [told(("10:00", "queued", Q), (f"10:00:05.00{ms}", "abandoned", {})) for ms in (0, 1)]
        assert [one["abandoned_short"] for one in found] == [1, 0]

    def test_dialling_belongs_only_to_who_was_dialled(self) -> None:
        found = told(*TALK, ("10:05", "ended", {}), handle_includes_dial=True)
        assert found["handle_seconds"]["sum"] == 240


class TestFates:
    def test_a_wait_that_lasts_says_when_it_would_be_a_ghost_s(self) -> None:
        assert folded(("10:00", "queued", Q), now="13:59").deadline == millis("14:00")
        assert folded(("10:00", "queued", Q), ("10:01", "callback.requested", {}), now="13:59").deadline == millis(
            "2026-05-11 10:01"
        )
        gone = folded(("10:00", "queued", Q), now="14:00")
        assert (gone.deadline, gone.entries[0].outcome, gone.entries[0].until) == (None, "ghost", millis("14:00"))
        assert folded(*TALK, now="20:00").deadline is None

    def test_handed_on_without_a_word_the_talk_ends_there(self) -> None:
        for name, data in (("queued", {"queue": "R"}), ("connected", {"rep": "b"})):
            found = folded(*TALK, ("10:05", name, data))
            assert found.segments[0].talk_end == millis("10:05")

    def test_only_a_flow_out_has_a_reason(self) -> None:
        assert [folded(("10:00", "queued", Q), step).entries[0].why for step in (
            ("10:01", "connected", {"rep": "a"}), ("10:01", "abandoned", {}), ("10:01", "queued", {"queue": "R"}),
        )] == ["", "", "overflow"]  # fmt: skip

    def test_giving_up_ends_the_contact(self) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "abandoned", {}))
        assert (found["customer_wait_total_seconds"]["count"], found["customer_wait_total_seconds"]["sum"]) == (1, 60)

    def test_a_contact_may_turn_out_to_be_of_another_customer(self) -> None:
        asked: Step = ("10:00", "queued", {**Q, "customer": "x"})
        assert folded(asked, ("10:01", "updated", {"customer": "y"})).customer == "y"
        assert folded(asked, ("10:01", "updated", {})).customer == "x"

    def test_a_new_direction_counts_until_it_is_called_back(self) -> None:
        asked: list[Step] = [("10:00", "queued", {**Q, "direction": "inbound"}), ("10:01", "callback.requested", {})]
        assert folded(*asked, ("10:02", "updated", {"direction": "callback"})).direction == "inbound"
        assert folded(*asked, ("10:02", "updated", {"direction": "internal"})).direction == "internal"


class TestWrapUp:
    def acw(self, *steps: Step) -> tuple[int, float]:
        found = told(*ENDED, *steps)["acw_seconds"]
        return found["count"], found["sum"]

    def test_said_twice_the_first_counts(self) -> None:
        assert self.acw(("10:06", "wrapup_ended", {"rep": "a"}), ("10:08", "wrapup_ended", {"rep": "a"})) == (1, 60)
        assert self.acw(("10:06", "wrapup_ended", {}), ("10:08", "wrapup_ended", {})) == (1, 60)

    def test_of_a_rep_who_was_not_there_it_is_nobody_s(self) -> None:
        assert self.acw(("10:06", "wrapup_ended", {"rep": "z"})) == (0, 0)

    def test_while_the_talk_goes_on_there_is_none(self) -> None:
        found = told(*TALK, ("10:04", "wrapup_ended", {"rep": "a"}), ("10:05", "ended", {}))["acw_seconds"]
        assert found["count"] == 0


class TestTransfersAtOneInstant:
    def test_who_was_connected_at_that_instant_receives_it(self) -> None:
        """Systems that write both at once disagree on their order."""
        steps: list[Step] = [
            *TALK, ("10:05", "connected", {"rep": "b"}), ("10:05", "transferred", {}), ("10:06", "ended", {}),
        ]  # fmt: skip
        found = reported(*steps, by="rep")
        assert split(found, "rep", "transfers_out", "transfers_in", "handled") == {"a": (1, 0, 1), "b": (0, 1, 1)}
        assert found["by"]["rep"]["b"]["contacts"]["talk_seconds"]["sum"] == 60

    def test_the_first_rep_may_be_the_one_who_receives_it(self) -> None:
        found = reported(("10:00", "queued", Q), ("10:05", "connected", {"rep": "b"}), ("10:05", "transferred", {}),
                         ("10:06", "ended", {}), by="rep")  # fmt: skip
        assert split(found, "rep", "transfers_in", "handled") == {"b": (1, 1)}

    def test_the_first_queue_may_be_the_one_that_receives_it(self) -> None:
        found = reported(("10:00", "connected", {**Q, "rep": "a"}), ("10:05", "queued", {"queue": "R"}),
                         ("10:05", "transferred", {"transfer": "queue"}))  # fmt: skip
        assert split(found, "queue", "transfers_out", "transfers_in") == {"Q": (1, 0), "R": (0, 1)}

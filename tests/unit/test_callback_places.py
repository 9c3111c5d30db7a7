"""Whom and where a callback's figures are booked to, and what its stays in queues say of their end (SPEC 2.2, M29)."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.contact import Contact, fold_contact
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis
from tests.unit.test_callbacks import DIALLED, REQUEST, called, state
from tests.unit.test_contact import Q, Step, report, told


def timeline(*steps: Step) -> Timeline:
    line = Timeline()
    for when, name, data in steps:
        line.add("call/C", when, name if "." in name else f"contact.{name}", **data)
    return line


def folded(*steps: Step, now: str = "11:00") -> Contact:
    history = merge(EMPTY, [event.entry for event in timeline(*steps).events]).history
    contact = fold_contact(history.events, FigureOptions(), millis(now))
    assert contact is not None
    return contact


def by(dimension: str, *steps: Step, **options: Any) -> dict[str, dict[str, Any]]:
    """Callback figures by one dimension, where there are any."""
    collected = Report(Rules(FigureOptions(**options)), by=(dimension,))
    for event in timeline(*steps).events:
        collected.add(event)
    found: dict[str, Any] = collected.result()["by"][dimension]
    return {name: figures["contacts"]["callbacks"] for name, figures in found.items() if "contacts" in figures}


def where(found: dict[str, dict[str, Any]], figure: str) -> list[str]:
    return [name for name, figures in found.items() if figures[figure]]


class TestStays:
    @pytest.mark.parametrize(
        ("step", "outcome", "why"),
        [
            (("10:06", "callback.attempted", {"rep": "a"}), "answered", "overflow"),
            (("10:06", "callback.abandoned", {}), "abandoned", "overflow"),
            (("10:06", "callback.scheduled", {}), "flow_out", "overflow"),
            (("10:06", "contact.queued", {"queue": "R"}), "flow_out", "overflow"),
        ],
    )
    def test_say_how_they_ended(self, step: Step, outcome: str, why: str) -> None:
        stay = folded(*REQUEST, ("10:05", "queued", {}), step).callbacks[0].stays[0]
        assert (stay.at, stay.until) == (millis("10:05"), millis("10:06"))
        assert stay.outcome == outcome
        assert outcome != "flow_out" or stay.why == why

    def test_one_of_which_nothing_more_is_heard_is_a_ghost_too(self) -> None:
        callback = folded(*REQUEST, ("10:05", "queued", {}), now="14:05").callbacks[0]
        assert (callback.state, callback.stays[0].outcome) == ("ghost", "ghost")


class TestStates:
    def test_put_off_it_leaves_the_queue(self) -> None:
        assert state(called(*REQUEST, ("10:05", "queued", {}), ("10:06", "callback.scheduled", {}))) == "scheduled"

    def test_an_answer_is_one_even_if_the_request_got_lost(self) -> None:
        found = told(("10:00", "callback.answered", {**Q, "rep": "a"}), ("10:03", "ended", {}))
        assert (found["callbacks"]["requested"], found["callbacks"]["answered"]) == (1, 1)
        assert (found["handled"], found["talk_seconds"]["sum"]) == (1, 180)

    def test_given_up_it_ends_the_contact(self) -> None:
        found = told(*REQUEST, ("10:05", "callback.abandoned", {}))
        assert (found["customer_wait_total_seconds"]["count"], found["customer_wait_total_seconds"]["sum"]) == (1, 60)

    def test_given_up_in_a_conversation_it_does_not(self) -> None:
        talk: list[Step] = [("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"})]
        found = told(*talk, ("10:02", "callback.requested", {}), ("10:03", "callback.abandoned", {}))
        assert (found["callbacks"]["abandoned"], found["customer_wait_total_seconds"]["count"]) == (1, 0)

    def test_an_overflow_before_a_conversation_is_no_wait_for_the_callback_asked_for_in_it(self) -> None:
        found = called(
            ("10:00", "queued", Q), ("10:01", "queued", {"queue": "R"}), ("10:02", "connected", {"rep": "a"}),
            ("10:05", "callback.requested", {}), ("10:06", "ended", {}), ("10:10", "callback.answered", {"rep": "a"}),
        )  # fmt: skip
        assert found["end_to_end_wait_seconds"]["sum"] == 300, "naive: 600, since the first queue"

    def test_a_ring_in_its_queue_that_nobody_offered_may_be_missed(self) -> None:
        assert told(*REQUEST, ("10:05", "queued", {}), ("10:06", "not_answered", {"rep": "a"}))["rep_no_answer"] == 1


class TestReps:
    def test_who_answers_may_be_another_than_who_dialled(self) -> None:
        end: Step = ("10:09", "ended", {})
        for step, rep in (
            (("10:07", "callback.answered", {"rep": "b"}), "b"),
            (("10:07", "callback.answered", {}), "a"),
        ):
            contact = folded(*DIALLED, step, end)
            assert [segment.dims.rep for segment in contact.segments] == [rep]

    def test_who_was_named_since_the_dial_is_not_who_dialled(self) -> None:
        contact = folded(*DIALLED, ("10:06:30", "updated", {"rep": "c"}), ("10:07", "callback.answered", {}))
        assert contact.segments[0].dims.rep == "a"

    def test_an_answer_without_dial_that_names_nobody_is_nobody_s(self) -> None:
        contact = folded(*REQUEST, ("10:02", "updated", {"rep": "c"}), ("10:07", "callback.answered", {}))
        assert contact.segments[0].dims.rep == ""

    def test_it_is_asked_for_and_waits_with_no_rep_but_is_reached_by_one(self) -> None:
        talk: list[Step] = [("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"}), ("10:02", "ended", {})]
        back: list[Step] = [
            ("10:03", "callback.requested", {}), ("10:04", "queued", {}), ("10:05", "callback.attempted", {"rep": "b"}),
        ]  # fmt: skip
        assert folded(*talk, *back).callbacks[0].dims.rep == folded(*talk, *back).callbacks[0].stays[0].dims.rep == ""
        found = by("rep", *talk, *back, ("10:06", "callback.answered", {"rep": "b"}))
        assert where(found, "answered") == ["b"]
        assert "a" not in where(found, "requested")


class TestQueues:
    def test_it_is_pending_and_ends_in_the_queue_it_was_last_in(self) -> None:
        moved: list[Step] = [*REQUEST, ("10:05", "queued", {}), ("10:06", "queued", {"queue": "A"})]
        found = by("queue", *moved)
        assert {name: state(figures) for name, figures in found.items()} == {"Q": "", "A": "queued"}
        ended = by("queue", *moved, ("10:07", "callback.abandoned", {}))
        assert (where(ended, "requested"), where(ended, "abandoned")) == (["Q"], ["A"])
        alone = by("queue", *REQUEST, ("10:05", "queued", {"queue": "A"}), ("10:07", "callback.abandoned", {}))
        assert where(alone, "abandoned") == ["A"]

    def test_after_a_dial_it_may_enter_another(self) -> None:
        found = by("queue", *DIALLED, ("10:07", "callback.failed", {}), ("10:20", "queued", {"queue": "A"}),
                   ("10:21", "callback.abandoned", {}))  # fmt: skip
        assert where(found, "abandoned") == ["A"]

    @pytest.mark.parametrize("policy", ["leg", "original_arrival"])
    def test_each_has_its_own_threshold(self, policy: str) -> None:
        steps: list[Step] = [*DIALLED, ("10:07", "callback.answered", {"rep": "a"})]
        for seconds, hits in ((600.0, 1), (1.0, 0)):
            level = called(*steps, callback_policy=policy, queue_service_level_seconds={"Q": seconds})["service_level"]
            assert (level["numerator"], level["denominator"]) == (hits, 1)


class TestGauges:
    def test_channel_and_priority_are_the_contact_s(self) -> None:
        said: Step = ("10:00", "queued", {**Q, "channel": "sms", "priority": "high"})
        for dimension, name in (("channel", "sms"), ("priority", "high")):
            found = by(dimension, said, *REQUEST[1:])
            assert {value: state(figures) for value, figures in found.items()} == {name: "scheduled"}
            assert where(found, "requested") == [name]
        assert report(*REQUEST)["total"]["contacts"]["callbacks"]["requested"] == 1

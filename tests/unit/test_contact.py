"""A contact's life in queues and with reps: the cases that naive code gets wrong (SPEC 2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures.options import FigureOptions
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis

Step = tuple[str, str, dict[str, Any]]
Q = {"queue": "Q"}


def report(*steps: Step, kind: str = "call", as_of: str | None = None, **options: Any) -> dict[str, Any]:
    line = Timeline()
    for when, name, data in steps:
        line.add(f"{kind}/C", when, name if "." in name else f"contact.{name}", **data)
    collected = Report(Rules(FigureOptions(**options)), by=("queue",))
    for event in line.events:
        collected.add(event)
    return collected.result(None if as_of is None else millis(as_of))


def told(*steps: Step, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = report(*steps, **options)["total"]["contacts"]
    return found


def outcomes(found: dict[str, Any]) -> tuple[int, ...]:
    return tuple(found[name] for name in ("offered", "answered", "abandoned", "flow_out", "waiting", "ghosts"))


class TestOffered:
    """M20, M21, M23."""

    def test_two_queues_are_two_offers_and_one_contact(self) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "queued", {"queue": "R"}), ("10:02", "connected", {"rep": "r"}))
        assert outcomes(found) == (2, 1, 0, 1, 0, 0)
        assert found["contacts"] == 1
        assert found["flow_out_by_reason"] == {"overflow": 1}

    def test_a_rep_who_gets_it_from_a_rep_handles_and_does_not_answer(self) -> None:
        found = told(
            ("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"}), ("10:02", "transferred", {}),
            ("10:02", "connected", {"rep": "b"}), ("10:05", "ended", {}),
        )  # fmt: skip
        assert (found["answered"], found["handled"]) == (1, 2)
        assert found["handle_seconds"]["sum"] == 60 + 180

    def test_a_contact_that_never_reached_a_queue_is_offered_to_none(self) -> None:
        assert "contacts" not in report(("10:00", "initiated", Q), ("10:01", "ended", {}))["total"]

    @pytest.mark.parametrize("why", ["callback", "voicemail", "overflow", "timeout", "empty", "key_exit", "transfer"])
    def test_leaving_the_queue_is_no_abandonment(self, why: str) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "left_queue", {"why": why}), ("10:02", "ended", {}))
        assert outcomes(found) == (1, 0, 0, 1, 0, 0)
        assert found["flow_out_by_reason"] == {why: 1}

    def test_mystery_shoppers_and_outbound_contacts(self) -> None:
        assert "contacts" not in report(("10:00", "queued", {**Q, "test": True}))["total"]
        assert told(("10:00", "queued", {**Q, "direction": "outbound"}))["offered"] == 1


class TestAbandoned:
    """M22, M25."""

    @pytest.mark.parametrize(("when", "short"), [("10:00:05", 1), ("10:00:06", 0)])
    def test_short_includes_its_limit(self, when: str, short: int) -> None:
        found = told(("10:00", "queued", Q), (when, "abandoned", {}))
        assert (found["abandoned"], found["abandoned_short"]) == (1, short)

    def test_who_still_waits_has_not_abandoned(self) -> None:
        assert outcomes(told(("10:00", "queued", Q), as_of="10:30")) == (1, 0, 0, 0, 1, 0)

    def test_an_end_while_waiting_is_an_abandonment(self) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "ended", {"by": "customer"}))
        assert outcomes(found) == (1, 0, 1, 0, 0, 0)
        assert found["abandon_wait_seconds"]["sum"] == 60

    def test_saying_so_twice_or_after_an_answer_changes_nothing(self) -> None:
        found = told(
            ("10:00", "queued", Q), ("10:01", "abandoned", {}), ("10:02", "abandoned", {}), ("10:03", "ended", {})
        )
        assert (found["abandoned"], found["abandon_wait_seconds"]["sum"]) == (1, 60)
        found = told(("10:00", "queued", Q), ("10:01", "connected", {}), ("10:02", "abandoned", {}))
        assert outcomes(found) == (1, 1, 0, 0, 0, 0)


class TestWaits:
    """M24, M26, M28."""

    def test_ringing_is_waiting(self) -> None:
        found = told(
            ("10:00:00", "queued", Q), ("10:00:10", "offered_to_rep", {"rep": "a"}), ("10:00:30", "not_answered", {}),
            ("10:00:40", "connected", {"rep": "b"}),
        )  # fmt: skip
        assert found["queue_wait_seconds"]["sum"] == 40

    def test_the_menu_before_the_queue_is_not(self) -> None:
        found = told(("10:00", "initiated", {}), ("10:05", "queued", Q), ("10:06", "connected", {}))
        assert found["queue_wait_seconds"]["sum"] == 60

    @pytest.mark.parametrize(("when", "hits"), [("10:00:20", 1), ("10:00:21", 0)])
    def test_a_wait_of_exactly_the_threshold_is_a_hit(self, when: str, hits: int) -> None:
        found = told(("10:00", "queued", Q), (when, "connected", {}))
        assert found["service_level"]["strict"]["numerator"] == hits

    def test_each_queue_has_its_own_threshold(self) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "connected", {}), queue_service_level_seconds={"Q": 60.0})
        assert found["service_level"]["strict"]["numerator"] == 1

    @pytest.mark.parametrize(("as_of", "expected"), [("13:59:59", (1, 0, 0, 0, 1, 0)), ("14:00", (1, 0, 0, 0, 0, 1))])
    def test_a_lost_end_leaves_no_ghost_for_ever(self, as_of: str, expected: tuple[int, ...]) -> None:
        assert outcomes(told(("10:00", "queued", Q), as_of=as_of)) == expected

    def test_a_ghost_that_was_answered_after_all_is_none(self) -> None:
        assert outcomes(told(("10:00", "queued", Q), ("15:00", "connected", {}))) == (1, 1, 0, 0, 0, 0)


class TestHandling:
    """M30 to M33."""

    def test_a_hold_that_nobody_ended_ends_with_the_call(self) -> None:
        found = told(
            ("10:00", "queued", Q), ("10:01", "connected", {}), ("10:02", "held", {}), ("10:02:30", "held", {}),
            ("10:05", "ended", {}),
        )  # fmt: skip
        assert (found["holds"], found["customer_hold_seconds"]["sum"], found["talk_seconds"]["sum"]) == (1, 180, 60)
        assert found["customer_wait_total_seconds"]["sum"] == 60 + 180

    def test_the_average_hold_is_of_those_who_were_held(self) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "connected", {}), ("10:05", "ended", {}))
        assert found["customer_hold_seconds"]["count"] == 0
        assert found["customer_hold_seconds"]["mean"] is None

    def test_wrap_up_counts_once_it_is_reported(self) -> None:
        steps: list[Step] = [("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"}), ("10:05", "ended", {})]
        before = told(*steps)
        assert (before["handle_seconds"]["sum"], before["acw_seconds"]["count"]) == (240, 0)
        after = told(*steps, ("10:06", "wrapup_ended", {"rep": "a"}))
        assert (after["handle_seconds"]["sum"], after["acw_seconds"]["sum"]) == (300, 60)
        assert (after["handle_seconds"]["count"], after["handled"]) == (1, 1)

    def test_wrap_up_belongs_to_the_rep_who_did_it(self) -> None:
        found = told(
            ("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"}), ("10:02", "transferred", {}),
            ("10:02", "connected", {"rep": "b"}), ("10:03", "wrapup_ended", {"rep": "a"}), ("10:05", "ended", {}),
        )  # fmt: skip
        assert found["acw_seconds"]["sum"] == 60
        assert found["handle_seconds"]["sum"] == 60 + 60 + 180

    def test_a_talk_that_goes_on_is_not_handled_yet(self) -> None:
        assert told(("10:00", "queued", Q), ("10:01", "connected", {}), as_of="10:30")["handled"] == 0


class TestChat:
    """A chat may be answered by writing."""

    def chat(self, *steps: Step) -> dict[str, Any]:
        return told(("10:00", "queued", Q), *steps, kind="chat")

    def test_the_first_public_message_of_a_rep_is_the_answer(self) -> None:
        found = self.chat(("10:01", "message.sent", {"author": "rep"}), ("10:02", "message.sent", {"author": "rep"}))
        assert outcomes(found) == (1, 1, 0, 0, 0, 0)
        assert found["queue_wait_seconds"]["sum"] == 60

    @pytest.mark.parametrize(
        "message",
        [
            {"author": "bot"},
            {"author": "customer"},
            {"author": "rep", "public": False},
            {"author": "rep", "automated": True},
        ],
    )
    def test_no_other_message_is(self, message: dict[str, Any]) -> None:
        assert outcomes(self.chat(("10:01", "message.sent", message))) == (1, 0, 0, 0, 1, 0)

    def test_nor_one_after_a_connection(self) -> None:
        found = self.chat(("10:01", "connected", {"rep": "a"}), ("10:03", "message.sent", {"author": "rep"}))
        assert (found["queue_wait_seconds"]["sum"], found["answered"]) == (60, 1)

"""Callbacks: the cases that naive code gets wrong (SPEC 2.2, M28 and M29)."""

from __future__ import annotations

from typing import Any

import pytest

from streams.events.callbacks import CallbackAttempted, CallbackFailed, CallbackRequested
from streams.events.contacts import ContactQueued
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline
from tests.unit.test_contact import Q, Step, report, told

REQUEST: list[Step] = [("10:00", "queued", Q), ("10:01", "callback.requested", {})]
DIALLED: list[Step] = [*REQUEST, ("10:05", "queued", {}), ("10:06", "callback.attempted", {"rep": "a"})]


def called(*steps: Step, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = told(*steps, **options)["callbacks"]
    return found


def state(found: dict[str, Any]) -> str:
    pending = [name for name, number in found["pending_by_state"].items() for _ in range(number)]
    return " ".join(pending)


class TestRequest:
    def test_leaves_the_queue_and_the_identity_whole(self) -> None:
        found = told(*REQUEST)
        assert (found["offered"], found["flow_out_by_reason"], found["identity_gap"]) == (1, {"callback": 1}, 0)
        assert state(found["callbacks"]) == "scheduled"

    @pytest.mark.parametrize("when", ["10:01:00", "10:01:01"])
    def test_said_by_two_events_is_one(self, when: str) -> None:
        found = told(*REQUEST, (when, "left_queue", {"why": "callback"}), (when, "callback.requested", {}))
        assert (found["flow_out"], found["callbacks"]["requested"]) == (1, 1)

    def test_hanging_up_to_be_called_back_is_no_abandonment_and_no_end(self) -> None:
        found = told(*REQUEST, ("10:01", "ended", {"by": "customer"}))
        assert found["abandoned"] == 0
        assert found["customer_wait_total_seconds"]["count"] == 0, "the contact goes on"
        assert state(found["callbacks"]) == "scheduled"

    def test_without_a_queue_before_the_wait_begins_with_it(self) -> None:
        found = called(("10:00", "callback.requested", Q), ("10:03", "callback.answered", {"rep": "a"}))
        assert (found["wait_seconds"]["sum"], found["end_to_end_wait_seconds"]["sum"]) == (180, 180)

    def test_after_an_overflow_the_wait_began_in_the_first_queue(self) -> None:
        found = called(
            ("10:00", "queued", Q), ("10:02", "queued", {"queue": "R"}), ("10:03", "callback.requested", {}),
            ("10:10", "callback.answered", {"rep": "a"}),
        )  # fmt: skip
        assert (found["wait_seconds"]["sum"], found["end_to_end_wait_seconds"]["sum"]) == (420, 600)

    def test_after_a_conversation_the_wait_before_it_is_over(self) -> None:
        found = called(
            ("10:00", "queued", Q), ("10:02", "connected", {"rep": "a"}), ("10:05", "callback.requested", {}),
            ("10:06", "ended", {}), ("10:10", "callback.answered", {"rep": "a"}),
        )  # fmt: skip
        assert found["end_to_end_wait_seconds"]["sum"] == 300

    def test_without_delay_the_request_precedes_its_entry_into_the_queue(self) -> None:
        assert CallbackRequested.RANK < ContactQueued.RANK
        assert CallbackAttempted.RANK < CallbackFailed.RANK

    def test_an_entry_that_says_so_is_a_callback_s_even_if_the_request_got_lost(self) -> None:
        found = told(("10:00", "queued", {**Q, "direction": "callback"}))
        assert (found["offered"], found["waiting"], found["callbacks"]["requested"]) == (0, 0, 1)
        assert state(found["callbacks"]) == "queued"


class TestAttempts:
    def test_a_rep_who_declines_makes_no_attempt(self) -> None:
        found = told(
            *REQUEST, ("10:05", "queued", {}), ("10:05:10", "offered_to_rep", {"rep": "a"}),
            ("10:05:20", "not_answered", {"rep": "a", "cause": "rejected"}),
        )  # fmt: skip
        assert (found["callbacks"]["attempts"], found["rep_no_answer"]) == (0, 1)
        assert state(found["callbacks"]) == "queued"

    def test_one_that_lasts_has_no_result(self) -> None:
        found = called(*DIALLED)
        assert (found["attempts"], state(found)) == (0, "dialling")

    @pytest.mark.parametrize("name", ["contact.queued", "callback.scheduled", "callback.attempted"])
    def test_the_next_step_ends_one_whose_failure_got_lost(self, name: str) -> None:
        found = called(*DIALLED, ("10:07", name, {}), ("10:07", "callback.failed", {}) if "att" not in name else
                       ("10:07", "contact.updated", {}))  # fmt: skip
        assert found["attempts_by_result"] == {"answered": 0, "failed": 1}
        assert found["dial_seconds"]["sum"] == 60

    def test_a_failure_said_twice_is_one(self) -> None:
        found = called(*DIALLED, ("10:07", "callback.failed", {}), ("10:08", "callback.failed", {}))
        assert (found["attempts_by_result"]["failed"], state(found)) == (1, "scheduled")

    @pytest.mark.parametrize("name", ["contact.connected", "callback.answered"])
    def test_the_customer_may_be_said_to_be_connected_or_to_have_answered(self, name: str) -> None:
        found = told(
            *DIALLED, ("10:07", name, {"rep": "a"}), ("10:07", "callback.answered", {}), ("10:09", "ended", {})
        )
        assert found["callbacks"]["attempts_by_result"] == {"answered": 1, "failed": 0}
        assert (found["callbacks"]["answered"], found["answered"], found["handled"]) == (1, 0, 1)
        assert found["talk_seconds"]["sum"] == 120
        assert state(found["callbacks"]) == ""

    def test_who_is_connected_while_called_back_was_reached(self) -> None:
        found = called(*DIALLED, ("10:07", "connected", {"rep": "a"}), ("10:09", "ended", {}))
        assert (found["answered"], found["attempts_by_result"]) == (1, {"answered": 1, "failed": 0})
        assert found["dial_seconds"]["sum"] == 60

    def test_the_rep_who_dialled_is_the_rep_who_talks(self) -> None:
        found = report(*DIALLED, ("10:07", "callback.answered", {}), ("10:09", "ended", {}))
        assert found["total"]["contacts"]["handle_seconds"]["sum"] == 120
        line = Timeline()
        for when, name, data in (*DIALLED, ("10:07", "callback.answered", {}), ("10:09", "ended", {})):
            line.add("call/C", when, name if "." in name else f"contact.{name}", **data)
        by_rep = Report(Rules(), by=("rep",))
        for event in line.events:
            by_rep.add(event)
        assert by_rep.result()["by"]["rep"]["a"]["contacts"]["handled"] == 1

    def test_by_cohort_they_are_of_the_day_of_the_arrival(self) -> None:
        line = Timeline()
        line.add("call/C", "2026-05-04 23:59", "contact.queued", queue="Q")
        line.add("call/C", "2026-05-04 23:59:30", "callback.requested")
        line.add("call/C", "2026-05-05 08:00", "callback.attempted", rep="a")
        line.add("call/C", "2026-05-05 08:01", "callback.failed")
        for attribution, day in (("cohort", "2026-05-04"), ("event", "2026-05-05")):
            collected = Report(Rules(), attribution=attribution)  # type: ignore[arg-type]
            for event in line.events:
                collected.add(event)
            days = collected.result()["by_day"]
            attempts = {one: days[one]["contacts"]["callbacks"]["attempts"] for one in days}
            assert {one for one, number in attempts.items() if number} == {day}


class TestEnds:
    @pytest.mark.parametrize(("policy", "fraction"), [("leg", (0, 1)), ("original_arrival", (0, 1))])
    def test_given_up_in_the_queue_it_is_judged_a_miss(self, policy: str, fraction: tuple[int, int]) -> None:
        found = called(*REQUEST, ("10:05", "queued", {}), ("10:06", "callback.abandoned", {}), callback_policy=policy)
        assert (found["abandoned"], state(found)) == (1, "")
        assert (found["service_level"]["numerator"], found["service_level"]["denominator"]) == fraction

    def test_given_up_between_attempts_no_leg_is_judged_for_it(self) -> None:
        found = called(*DIALLED, ("10:07", "callback.failed", {}), ("11:00", "callback.abandoned", {}),
                       callback_policy="leg", service_level_seconds=60.0)  # fmt: skip
        assert (found["service_level"]["numerator"], found["service_level"]["denominator"]) == (1, 1)
        assert found["abandoned"] == 1

    def test_at_once_it_is_in_time_by_the_original_arrival_too(self) -> None:
        steps: list[Step] = [("10:00:00", "queued", Q), ("10:00:05", "callback.requested", {})]
        for when, hits in (("10:00:20", 1), ("10:00:21", 0)):
            level = called(*steps, (when, "callback.answered", {"rep": "a"}))["service_level"]
            assert (level["numerator"], level["denominator"]) == (hits, 1), "a wait of exactly T is a hit"

    @pytest.mark.parametrize(
        ("steps", "before", "at"),
        [
            ([*REQUEST, ("10:05", "queued", {})], "2026-05-04 14:04:59", "2026-05-04 14:05"),
            (DIALLED, "2026-05-04 14:05:59", "2026-05-04 14:06"),
            (REQUEST, "2026-05-11 10:00:59", "2026-05-11 10:01"),
        ],
    )
    def test_one_of_which_nothing_is_heard_becomes_a_ghost(self, steps: list[Step], before: str, at: str) -> None:
        assert called(*steps, as_of=before)["ghost"] == 0
        gone = told(*steps, as_of=at)
        assert (gone["callbacks"]["ghost"], state(gone["callbacks"])) == (1, "")
        assert (gone["ghosts"], gone["identity_gap"]) == (0, 0), "no customer's wait is a ghost"

    def test_two_requests_of_one_contact_are_two(self) -> None:
        found = called(
            *DIALLED, ("10:07", "callback.answered", {"rep": "a"}), ("10:08", "callback.requested", {}),
            ("10:08", "ended", {}), ("10:20", "callback.answered", {"rep": "a"}),
        )  # fmt: skip
        assert (found["requested"], found["answered"]) == (2, 2)
        assert found["wait_seconds"]["sum"] == 360 + 720

    def test_its_direction_does_not_make_the_contact_outbound(self) -> None:
        inbound = {**Q, "customer": "z", "direction": "inbound"}
        found = report(("10:00", "queued", inbound), ("10:01", "callback.requested", {}),
                       ("10:05", "queued", {"direction": "callback"}))  # fmt: skip
        assert found["total"]["recontacts"]["contacts"] == 1

"""Rings, transfers, disconnects and the way to the queue: the cases that naive code gets wrong (M34 to M36)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_contact import Q, Step, report, told

RINGS: list[Step] = [("10:00:00", "queued", Q), ("10:00:10", "offered_to_rep", {"rep": "a"})]
TALK: list[Step] = [("10:00", "queued", Q), ("10:01", "connected", {"rep": "a"})]


def missed(*steps: Step) -> tuple[int, int]:
    found = told(*steps)
    return found["rep_no_answer"], found["rep_no_answer_without_customer_abandons"]


class TestRings:
    def test_one_contact_can_be_missed_several_times_by_the_same_rep_too(self) -> None:
        again: list[Step] = [
            (f"10:0{minute}", name, {"rep": "a"}) for minute in (1, 2, 3) for name in ("offered_to_rep", "not_answered")
        ]
        assert missed(("10:00", "queued", Q), *again) == (3, 3)

    @pytest.mark.parametrize("end", [("abandoned", {}), ("ended", {"by": "customer"})])
    def test_a_customer_who_gives_up_while_it_rings_is_told_apart(self, end: tuple[str, dict[str, Any]]) -> None:
        assert missed(*RINGS, ("10:00:20", *end)) == (1, 0)

    def test_also_if_the_source_reports_the_ring_as_missed_then(self) -> None:
        before = ("10:00:20", "not_answered", {"rep": "a"})
        assert missed(*RINGS, before, ("10:00:20", "abandoned", {})) == (1, 0), "the same instant"
        assert missed(*RINGS, ("10:00:20", "abandoned", {}), ("10:00:21", "not_answered", {"rep": "a"})) == (1, 0)
        assert missed(*RINGS, before, ("10:00:21", "abandoned", {})) == (1, 1), "missed first, given up afterwards"

    def test_a_source_without_offers_reports_what_was_missed(self) -> None:
        assert missed(("10:00", "queued", Q), ("10:01", "not_answered", {"rep": "a"})) == (1, 1)

    def test_of_several_reps_at_whom_it_rings_those_who_were_too_slow_missed_nothing(self) -> None:
        steps: list[Step] = [
            *RINGS, ("10:00:15", "offered_to_rep", {"rep": "b"}), ("10:00:25", "connected", {"rep": "a"}),
        ]  # fmt: skip
        found = told(*steps)
        assert found["ring_seconds"]["sum"] == 15, "naive: 10, from the last offer"
        assert found["rep_no_answer"] == 0

    def test_where_the_answer_names_no_rep_it_is_the_only_one_it_rang_at(self) -> None:
        assert told(*RINGS, ("10:00:25", "connected", {}))["ring_seconds"]["sum"] == 15
        several = told(*RINGS, ("10:00:15", "offered_to_rep", {"rep": "b"}), ("10:00:25", "connected", {}))
        assert several["ring_seconds"]["count"] == 0

    def test_without_an_offer_there_is_no_ring(self) -> None:
        assert told(*TALK)["ring_seconds"]["count"] == 0

    @pytest.mark.parametrize("name", ["left_queue", "queued"])
    def test_a_ring_that_the_queue_took_back_is_nobody_s(self, name: str) -> None:
        assert missed(*RINGS, ("10:00:20", name, {}), ("10:00:30", "abandoned", {})) == (0, 0)


class TestTransfers:
    @pytest.mark.parametrize("kind", ["blind", "consult", "queue", "external"])
    def test_kinds(self, kind: str) -> None:
        found = told(*TALK, ("10:05", "transferred", {"transfer": kind}))
        assert {name: number for name, number in found["transfers_out_by_kind"].items() if number} == {kind: 1}
        assert (found["transfers_out"], found["transfers_in"]) == (1, 0), "nobody has taken it yet"

    def test_what_left_the_house_is_received_by_nobody_here(self) -> None:
        away = ("10:05", "transferred", {"transfer": "external"})
        assert told(*TALK, away, ("10:20", "queued", Q))["transfers_in"] == 0

    @pytest.mark.parametrize("order", [("transferred", "queued"), ("queued", "transferred")])
    def test_whichever_event_comes_first_it_goes_from_the_one_queue_to_the_other(self, order: tuple[str, str]) -> None:
        data: dict[str, dict[str, Any]] = {"transferred": {"transfer": "queue"}, "queued": {"queue": "R"}}
        found = report(*TALK, *(("10:05", name, data[name]) for name in order), ("10:07", "connected", {}))
        sides = {queue: figures["contacts"] for queue, figures in found["by"]["queue"].items()}
        assert (sides["Q"]["transfers_out"], sides["Q"]["transfers_in"]) == (1, 0)
        assert (sides["R"]["transfers_out"], sides["R"]["transfers_in"]) == (0, 1)

    def test_from_rep_to_rep_in_one_queue(self) -> None:
        found = told(*TALK, ("10:05", "transferred", {}), ("10:05", "connected", {"rep": "b"}), ("10:06", "ended", {}))
        assert (found["transfers_out"], found["transfers_in"], found["answered"]) == (1, 1, 1)

    def test_twice_transferred_is_twice(self) -> None:
        found = told(
            *TALK, ("10:05", "transferred", {}), ("10:06", "connected", {"rep": "b"}),
            ("10:07", "transferred", {"transfer": "consult"}), ("10:08", "queued", {"queue": "R"}),
        )  # fmt: skip
        assert (found["transfers_out"], found["transfers_in"]) == (2, 2)


class TestDisconnects:
    @pytest.mark.parametrize("by", ["customer", "rep", "system", None])
    def test_on_hold_by_whom(self, by: str | None) -> None:
        said = {} if by is None else {"by": by}
        found = told(*TALK, ("10:02", "held", {}), ("10:03", "ended", said))
        assert {who: n for who, n in found["hold_disconnects_by"].items() if n} == {by or "unknown": 1}
        assert found["agent_hung_up_first"] == (by == "rep"), "an unknown cause is not the rep's"

    def test_off_hold_it_is_none(self) -> None:
        found = told(*TALK, ("10:02", "held", {}), ("10:03", "retrieved", {}), ("10:04", "ended", {"by": "rep"}))
        assert sum(found["hold_disconnects_by"].values()) == 0
        assert found["agent_hung_up_first"] == 1

    def test_a_transfer_on_hold_is_no_disconnect(self) -> None:
        found = told(*TALK, ("10:02", "held", {}), ("10:03", "transferred", {}), ("10:04", "ended", {"by": "rep"}))
        assert sum(found["hold_disconnects_by"].values()) == 0
        assert found["agent_hung_up_first"] == 0, "the rep had handed it on before"

    def test_said_twice_it_is_one(self) -> None:
        found = told(*TALK, ("10:04", "ended", {"by": "rep"}), ("10:05", "ended", {"by": "rep"}))
        assert found["agent_hung_up_first"] == 1

    def test_who_still_waits_was_hung_up_on_by_no_rep(self) -> None:
        found = told(("10:00", "queued", Q), ("10:01", "ended", {"by": "rep"}))
        assert (found["agent_hung_up_first"], found["abandoned"]) == (0, 1)


class TestFlow:
    def test_only_the_way_to_the_first_queue(self) -> None:
        found = told(("10:00", "initiated", {}), ("10:01", "queued", Q), ("10:09", "queued", {"queue": "R"}))
        assert (found["flow_seconds"]["count"], found["flow_seconds"]["sum"]) == (1, 60)

    def test_unknown_without_a_beginning(self) -> None:
        assert told(("10:00", "updated", {}), ("10:01", "queued", Q))["flow_seconds"]["count"] == 0

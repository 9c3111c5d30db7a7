"""The specification's worked examples of contacts (WE-05 live, WE-06, WE-07), exactly; and never the naive values."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures.options import FigureOptions
from streams.figures.panes import GroupKey
from streams.figures.series import samples
from streams.pipeline.kpis import KpiStage
from streams.pipeline.rules import Rules
from tests.golden.test_worked_examples import call_we06, queue_we05, report
from tests.laws.histories import wire
from tests.support.local import Cluster
from tests.support.timeline import Timeline, millis

LIVE = ("strict", "ignore_early", "icmi1")
"""Negative impact, ignored, positive impact, as Cisco names what becomes of early abandonments."""


def clock(at: int) -> str:
    return f"{at // 3_600_000 % 24:02}:{at // 60_000 % 60:02}:{at // 1000 % 60:02}"


class TestWE05Live:
    EXPECTED = (
        ("10:29:49", [(4, 9), (4, 7), (6, 9)]),
        ("10:29:50", [(4, 10), (4, 8), (6, 10)]),
        ("10:29:55", [(4, 10), (4, 8), (6, 10)]),
    )

    def in_report(self, as_of: str) -> dict[str, Any]:
        found: dict[str, Any] = report(queue_we05().events, as_of=as_of)["total"]["contacts"]
        return found

    @pytest.mark.parametrize(("as_of", "expected"), EXPECTED)
    def test_report(self, as_of: str, expected: list[tuple[int, int]]) -> None:
        live = self.in_report(as_of)["service_level_live"]
        assert [(live[name]["numerator"], live[name]["denominator"]) for name in LIVE] == expected

    def test_ratios_and_the_queue_at_the_end(self) -> None:
        found = self.in_report("10:29:55")
        assert [found["service_level_live"][name]["ratio"] for name in LIVE] == [0.4, 0.5, 0.6]
        assert found["waiting"] == 2
        assert found["service_level"]["strict"]["denominator"] == 7, "naive: who still waits does not count yet"

    def test_panes_drop_within_the_minute_without_any_event(self) -> None:
        cluster = Cluster(Rules())
        for event in queue_we05().events:
            if event.entry.time <= millis("10:29:49"):
                cluster.produce(event.kind, event.entity, wire(event))
        cluster.run(millis("10:29:49"))
        for as_of, expected in self.EXPECTED:
            live = cluster.figures(millis(as_of))["contacts"]["service_level_live"]
            assert [(live[name]["numerator"], live[name]["denominator"]) for name in LIVE] == expected, as_of

    def test_series_of_half_an_hour(self) -> None:
        cluster = Cluster(Rules())
        for event in queue_we05().events:
            if event.entry.time <= millis("10:29:55"):
                cluster.produce(event.kind, event.entity, wire(event))
        cluster.run(millis("10:29:55"))
        cluster.figures(millis("10:29:55"))
        kpis = next(
            stage
            for worker in cluster.workers
            for stage in worker.values()
            if isinstance(stage, KpiStage) and any(panes.groups for panes in stage.panes.values())
        )
        key = GroupKey("Q", "voice", "")
        group = next(panes.groups[key] for panes in kpis.panes.values() if key in panes.groups)
        series = {(one.family, one.labels): one.value for one in samples(key, group, FigureOptions())}
        for name, ratio in zip(LIVE, (0.4, 0.5, 0.6), strict=True):
            labels = (("formula", name), ("threshold", "20"), ("window", "30m"), ("attribution", "event"))
            assert series["support_service_level_live_ratio", labels] == ratio
        assert series["support_contacts_waiting", ()] == 2
        assert series["support_oldest_waiting_enqueued_timestamp_seconds", ()] == millis("10:29:30") / 1000

    def test_an_answer_at_the_threshold_wins(self) -> None:
        before, at = self.in_report("10:03:19"), self.in_report("10:03:20")
        assert before["service_level_live"]["strict"]["denominator"] == 2
        assert (at["service_level_live"]["strict"]["numerator"], at["waiting"]) == (2, 0)
        assert at["service_level_live"]["strict"]["denominator"] == 3, "naive: a miss and a hit"

    def test_who_waits_hurts_now_and_for_good(self) -> None:
        # c7 and c8 left at 30 and 60 s: they had reached the threshold, whatever became of them.
        assert self.in_report("10:12:19")["service_level_live"]["strict"]["denominator"] == 6
        assert self.in_report("10:12:20")["service_level_live"]["strict"]["denominator"] == 7
        assert self.in_report("10:16:00")["service_level_live"]["strict"]["denominator"] == 8

    def test_the_identity_holds_in_the_cohort_at_every_moment(self) -> None:
        for event in queue_we05().events:
            found = self.in_report(clock(event.entry.time))
            assert found["identity_gap"] == 0
            assert found["offered"] >= 1


class TestWE06:
    def queues(self) -> tuple[dict[str, Any], dict[str, Any]]:
        found = report(call_we06().events, by=("queue",))["by"]["queue"]
        return found["L1"]["contacts"], found["L2"]["contacts"]

    def test_rings(self) -> None:
        first, second = self.queues()
        assert (first["ring_seconds"]["sum"], second["ring_seconds"]["sum"]) == (10, 5)
        assert second["ring_seconds"]["count"] == 1, "naive: the ring that B missed is none that was answered"
        assert second["ring_seconds"]["sum"] != 30, "naive: from the first offer"

    def test_the_rep_who_did_not_answer(self) -> None:
        found = report(call_we06().events, by=("rep",))["by"]["rep"]
        missed = {rep: figures["contacts"]["rep_no_answer"] for rep, figures in found.items() if "contacts" in figures}
        assert {rep: number for rep, number in missed.items() if number} == {"B": 1}
        assert found["B"]["contacts"]["rep_no_answer_without_customer_abandons"] == 1

    def test_transfers(self) -> None:
        first, second = self.queues()
        assert (first["transfers_out"], first["transfers_in"]) == (1, 0)
        assert (second["transfers_out"], second["transfers_in"]) == (0, 1)
        assert first["transfers_out_by_kind"] == {"blind": 1, "consult": 0, "queue": 0, "external": 0}

    def test_flow_and_the_whole_call(self) -> None:
        first, second = self.queues()
        assert (first["flow_seconds"]["sum"], second["flow_seconds"]["count"]) == (40, 0)
        assert first["queue_wait_seconds"]["sum"] == 40, "the menu is no waiting, though it took as long"
        whole = (
            first["flow_seconds"]["sum"],
            first["queue_wait_seconds"]["sum"],
            first["talk_seconds"]["sum"] + first["customer_hold_seconds"]["sum"] + 60,
            second["queue_wait_seconds"]["sum"],
            second["talk_seconds"]["sum"] + 20,
        )
        assert whole == (40, 40, 240, 70, 240)
        assert sum(whole) == 630

    def test_nobody_hung_up_on_hold(self) -> None:
        first, second = self.queues()
        for found in (first, second):
            assert sum(found["hold_disconnects_by"].values()) == 0
            assert found["agent_hung_up_first"] == 0
            assert found["identity_gap"] == 0


def callback_we07() -> Timeline:
    line = Timeline()
    line.add("call/k", "14:00:00", "contact.queued", queue="Q", direction="inbound", customer="z")
    line.add("call/k", "14:05:00", "callback.requested")
    line.add("call/k", "14:05:10", "contact.queued", queue="Q", direction="callback")
    line.add("call/k", "14:05:20", "callback.attempted", rep="r")
    line.add("call/k", "14:05:50", "callback.failed")
    line.add("call/k", "14:15:50", "contact.queued", queue="Q", direction="callback")
    line.add("call/k", "14:16:00", "callback.attempted", rep="r")
    line.add("call/k", "14:16:20", "callback.answered", rep="r")
    line.add("call/k", "14:20:20", "contact.ended", by="customer")
    line.add("call/k", "14:20:50", "contact.wrapup_ended", rep="r")
    return line


class TestWE07:
    def found(self, **chosen: Any) -> dict[str, Any]:
        figures: dict[str, Any] = report(callback_we07().events, **chosen)["total"]["contacts"]
        return figures

    def test_the_inbound_call_flowed_out(self) -> None:
        found = self.found()
        assert (found["offered"], found["contacts"], found["answered"], found["abandoned"]) == (1, 1, 0, 0)
        assert found["flow_out_by_reason"] == {"callback": 1}
        assert found["identity_gap"] == 0
        assert found["queue_wait_seconds"]["count"] == 0, "naive: an ASA of 10 s, of the legs"
        assert found["customer_wait_total_seconds"]["sum"] == 300, "the wait of the flow-out"

    def test_attempts(self) -> None:
        found = self.found()["callbacks"]
        assert found["attempts"] == 2
        assert found["attempts_by_result"] == {"answered": 1, "failed": 1}
        assert (found["requested"], found["answered"], found["abandoned"], found["ghost"]) == (1, 1, 0, 0)
        assert (found["dial_seconds"]["count"], found["dial_seconds"]["sum"], found["dial_seconds"]["max"]) == (
            2,
            50,
            30,
        )

    def test_waits(self) -> None:
        found = self.found()["callbacks"]
        assert found["wait_seconds"]["sum"] == 680
        assert found["end_to_end_wait_seconds"]["sum"] == 980
        assert (found["leg_queue_wait_seconds"]["count"], found["leg_queue_wait_seconds"]["sum"]) == (2, 20)
        assert found["wait_seconds"]["count"] == 1, "naive: one for each leg"

    def test_handling(self) -> None:
        found = self.found()
        assert (found["handled"], found["handle_seconds"]["sum"]) == (1, 270)
        dialled = self.found(handle_includes_dial=True)
        assert (dialled["handled"], dialled["handle_seconds"]["sum"]) == (2, 270 + 20 + 30)

    @pytest.mark.parametrize(
        ("as_of", "state"),
        [
            ("14:04:59", None),
            ("14:05:00", "scheduled"),
            ("14:05:09", "scheduled"),
            ("14:05:10", "queued"),
            ("14:05:19", "queued"),
            ("14:05:20", "dialling"),
            ("14:05:50", "scheduled"),
            ("14:15:49", "scheduled"),
            ("14:15:50", "queued"),
            ("14:15:59", "queued"),
            ("14:16:00", "dialling"),
            ("14:16:20", None),
        ],
    )
    def test_gauges(self, as_of: str, state: str | None) -> None:
        found = self.found(as_of=as_of)
        assert found["callbacks"]["pending_by_state"] == {
            name: int(name == state) for name in ("scheduled", "queued", "dialling")
        }
        assert found["waiting"] == (as_of == "14:04:59"), "a callback is not a customer who waits in the queue"

    def test_service_level_by_both_policies(self) -> None:
        leg = self.found(callback_policy="leg")["callbacks"]["service_level"]
        assert (leg["numerator"], leg["denominator"], leg["ratio"]) == (2, 2, 1.0)
        whole = self.found()["callbacks"]["service_level"]
        assert (whole["numerator"], whole["denominator"], whole["ratio"]) == (0, 1, 0.0)

    def test_it_is_no_recontact(self) -> None:
        recontacts = report(callback_we07().events)["total"]["recontacts"]
        assert recontacts["7d"] == {"any": 0, "reason": 0}
        assert recontacts["contacts"] == 1, "naive: three contacts, two of them re-contacts"

"""The simulated contact centre: repeatable, plausible, and its own truth agrees with our figures to the millisecond."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from typing import Any

import pytest

from streams.codec import RejectedError, UnknownTypeError, decode
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sources.simulator import AROUND_THE_CLOCK, Profile, Simulator, disorder, simulate
from tests.support.simulated import differences

MONDAY = 1_777_852_800_000  # 2026-05-04T00:00:00Z
HOUR = 3_600_000
DAY = 24 * HOUR
RULES = Rules()


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    def some(seed: int) -> list[Any]:
        return list(islice(simulate(seed, MONDAY, MONDAY + 9 * HOUR), 5_000))

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_told_in_pieces_it_is_the_same_story() -> None:
    whole = list(simulate(3, MONDAY, MONDAY + 10 * HOUR))
    pieces = Simulator(3, MONDAY)
    told = [event for hour in range(0, 101) for event in pieces.until(MONDAY + hour * HOUR // 10)]
    assert told == whole


def test_events_come_in_the_order_of_event_time_with_identities_of_their_own() -> None:
    events = list(simulate(4, MONDAY, MONDAY + 12 * HOUR))
    assert all(one.entry.time <= other.entry.time for one, other in pairwise(events))
    assert len({(event.source, event.event_id) for event in events}) == len(events)
    assert {event.kind for event in events} == {"ticket", "call", "chat", "rep"}


def test_encoded_and_decoded_they_are_what_they_were() -> None:
    for event in islice(simulate(5, MONDAY, MONDAY + DAY), 3_000):
        assert decode(event.encoded()) == event.decoded()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_report_agrees_with_the_truth(seed: int) -> None:
    end = MONDAY + 2 * DAY + 11 * HOUR  # in the middle of a busy hour, with contacts waiting and tickets open
    simulator = Simulator(seed, MONDAY)
    report = Report(RULES, by=["queue"])
    for event in simulator.until(end):
        report.add(event.decoded())
    result = report.result(end)
    assert differences(simulator.truth.figures(end), result["total"]) == {}
    assert result["total"]["complaints"]["received"] > result["total"]["complaints"]["resolved"] > 0
    for queue in Profile().queues:
        assert differences(simulator.truth.figures(end, queue.name), result["by"]["queue"][queue.name]) == {}


@pytest.mark.slow
def test_the_report_agrees_with_the_truth_once_weeks_have_ripened() -> None:
    end = MONDAY + 16 * DAY
    simulator = Simulator(6, MONDAY, Profile(lost_events=0.01).busier(0.25))
    report = Report(RULES)
    for event in simulator.until(end):
        report.add(event.decoded())
    truth = simulator.truth.figures(end)
    assert differences(truth, report.result(end)["total"]) == {}
    for name in (
        "tickets.reopen_ratio.denominator",
        "recontacts.fcr_no_recontact.7d.any.denominator",
        "contacts.ghosts",
    ):
        assert truth[name] > 0


@pytest.mark.parametrize("seed", [7, 8])
def test_the_report_agrees_with_the_truth_whatever_happens_on_the_way(seed: int) -> None:
    end = MONDAY + 13 * HOUR
    simulator = Simulator(seed, MONDAY, AROUND_THE_CLOCK.busier(0.5))
    report = Report(RULES)
    met: Counter[str] = Counter()
    for record in disorder(simulator.until(end), seed, duplicates=0.2, late=0.1, garbage=0.05):
        met[record.flaw] += 1
        try:
            report.add(decode(record.value))
        except RejectedError:
            assert record.flaw == "invalid"
        except UnknownTypeError:
            assert record.flaw == "unknown_type"
    assert met[""] == simulator.truth.events
    assert min(met["duplicate"], met["invalid"], met["unknown_type"]) > 0
    assert report.events["duplicate"] == met["duplicate"]
    assert differences(simulator.truth.figures(end), report.result(end)["total"]) == {}


def test_disorder_holds_nothing_up_for_longer_than_it_says() -> None:
    top = 0
    moved = 0
    for record in disorder(simulate(9, MONDAY, MONDAY + 10 * HOUR), 9, late=0.2, garbage=0, lateness_ms=120_000):
        time = decode(record.value).entry.time
        assert time >= top - 120_000
        moved += time < top
        top = max(top, time)
    assert moved


def test_the_operation_is_plausible() -> None:
    end = MONDAY + 5 * DAY
    simulator = Simulator(10, MONDAY)
    for _ in simulator.until(end):
        pass
    truth = simulator.truth
    figures = truth.figures(end)
    assert 0.02 < figures["contacts.abandoned"] / figures["contacts.offered"] < 0.15
    assert 0.05 < figures["contacts.abandoned_short"] / figures["contacts.abandoned"] < 0.5
    assert 5 < figures["contacts.queue_wait_seconds.sum"] / figures["contacts.answered"] < 90
    assert 150 < figures["contacts.handle_seconds.sum"] / figures["contacts.handled"] < 900
    assert 0.05 < figures["recontacts.72h.reason"] / figures["recontacts.contacts"] < 0.3
    assert 0.05 < figures["tickets.reopen_events"] / figures["tickets.solve_events"] < 0.25
    assert figures["tickets.open"] < 0.4 * figures["tickets.created"]
    for pool, staffed in truth.staffed.items():
        assert 0.2 < truth.busy[pool] / staffed < 0.95, pool


def test_customers_of_rushed_reps_come_back_more_often_after_shorter_calls() -> None:
    def measured(rushed: float) -> tuple[float, float]:
        end = MONDAY + 2 * DAY
        simulator = Simulator(11, MONDAY, Profile(rushed_reps=rushed))
        for _ in simulator.until(end):
            pass
        figures = simulator.truth.figures(end)
        handle = figures["contacts.handle_seconds.sum"] / figures["contacts.handled"]
        return handle, figures["recontacts.24h.reason"] / figures["recontacts.contacts"]

    patient_handle, patient_back = measured(0.0)
    rushed_handle, rushed_back = measured(1.0)
    assert rushed_handle < 0.75 * patient_handle
    assert rushed_back > 1.5 * patient_back

"""Recorded logs through a real broker and a worker: API and exposition tell what is true of them."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from agents.cli.replay import encoded
from agents.logs import read_log
from agents.mappings import read_mapping
from tests.support.job import Job, fresh_broker, total
from tests.support.truth import BANK, LOGS, VOLVO, RecordedLog, same_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.events import Kind
    from streams.figures.options import FigureOptions

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

Events = "Sequence[tuple[int, Kind, str, bytes]]"


def events_of(log: RecordedLog) -> tuple[list[tuple[int, Kind, str, bytes]], FigureOptions]:
    compiled = read_mapping(log.mapping)
    return list(encoded(read_log([log.path], compiled))), compiled.figures


class Taken(NamedTuple):
    """What API and exposition say when all is taken, and whether the worker ended on the way and was started again."""

    figures: dict[str, Any]
    samples: list[Any]
    restarts: list[str]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log at full speed on a small machine: slow is no reason to end a worker here."""
    monkeypatch.setenv("TICKETSTREAMS_STALL_SECONDS", "140")


def through(broker: str, events: Sequence[tuple[int, Kind, str, bytes]], options: FigureOptions) -> Taken:
    """Feed events to a worker of a fresh broker."""
    with fresh_broker(broker) as address, Job(address, options) as job:
        job.feed(events)
        job.wait_for(len(events))
        restarts = [said for said in job.said if "was started again" in said]
        return Taken(job.figures(), job.metrics(), restarts)


@functools.cache
def straight(log: RecordedLog, broker: str) -> Taken:
    """What a log comes to in its own order."""
    return through(broker, *events_of(log))


def in_groups(*brokers: str) -> list[Any]:
    """Logs and brokers; what uses one straight run is one group, and stays in one process."""
    return [
        pytest.param(
            log, broker, id=f"{log.mapping}-{broker}", marks=pytest.mark.xdist_group(f"{log.mapping}-{broker}")
        )
        for log in LOGS
        for broker in brokers
    ]


@pytest.mark.parametrize(("log", "broker"), in_groups("tansu", "kafka"))
def test_figures_are_true(log: RecordedLog, broker: str) -> None:
    figures, samples, _ = straight(log, broker)
    same_figures(figures["total"], log)
    assert figures["events"]["invalid"] == 0
    (contacts_are_true if log is BANK else tickets_are_true)(samples, log)


def tickets_are_true(samples: list[Any], log: RecordedLog) -> None:
    true = log.truth
    assert total(samples, "support_tickets_created_total") == true["opened"]
    assert total(samples, "support_tickets_solved_total") == true["solve_events"]
    assert total(samples, "support_tickets_reopened_total") == true["reopen_events"]
    for name, key in (
        ("support_ticket_first_resolution_seconds", "first_resolution_s"),
        ("support_ticket_full_resolution_seconds", "full_resolution_s"),
        ("support_ticket_close_seconds", "close_time_s"),
    ):
        number = total(samples, f"{name}_count", window="all")
        assert number == true[key]["n"]
        assert total(samples, f"{name}_sum", window="all") / number == pytest.approx(true[key]["mean"], abs=0.5)
        if log is VOLVO:  # one queue, one priority: its quantiles are the log's
            for quantile, expected in (("0.5", "median"), ("0.9", "p90")):
                found = total(samples, name, window="all", quantile=quantile)
                assert found == pytest.approx(true[key][expected], rel=0.01)


def contacts_are_true(samples: list[Any], log: RecordedLog) -> None:
    true = log.truth["total"]
    assert total(samples, "support_contacts_offered_total", unit="segment") == true["offered"]
    assert total(samples, "support_contacts_answered_total") == true["answered"]
    assert total(samples, "support_contacts_abandoned_total") == true["abandoned_in_queue"]
    for queue, part in log.truth["by_type"].items():
        assert total(samples, "support_contacts_offered_total", unit="segment", queue=queue) == part["offered"]
        labels = {"window": "all", "attribution": "cohort", "formula": "strict", "queue": queue}
        assert total(samples, "support_service_level_numerator", **labels) == part["answered_within_20s"]
        assert total(samples, "support_service_level_denominator", **labels) == part["offered"]
    wait = {"window": "all", "attribution": "event"}
    number = total(samples, "support_queue_wait_seconds_count", **wait)
    assert total(samples, "support_queue_wait_seconds_sum", **wait) / number == pytest.approx(true["asa_s"], abs=0.5)
    handle = total(samples, "support_handle_seconds_sum", **wait)
    assert handle / total(samples, "support_handle_seconds_count", **wait) == pytest.approx(true["aht_s"], abs=0.5)


@pytest.mark.parametrize(("log", "broker"), in_groups("tansu"))
def test_order_and_repetition_change_no_digit(log: RecordedLog, broker: str) -> None:
    events, options = events_of(log)
    luck = random.Random(20260504)
    disordered = [*events, *luck.sample(events, len(events) // 10)]
    luck.shuffle(disordered)
    expected, _, before = straight(log, broker)
    shuffled, _, restarts = through(broker, disordered, options)
    for part in ("as_of", "total", "by"):
        assert shuffled[part] == expected[part], part
    if not before and not restarts:  # how events were taken is counted by process, since it started
        assert shuffled["events"]["duplicate"] == expected["events"]["duplicate"] + len(events) // 10
    same_figures(shuffled["total"], log)

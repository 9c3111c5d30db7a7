"""``report`` on the recorded logs tells what is true of them."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from click.testing import CliRunner

from agents.cli import report as cli
from agents.logs import read_log
from agents.mappings import read_mapping
from streams.codec import parse_time
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.truth import (
    BANK,
    HELPDESK,
    LOGS,
    SERVICENOW,
    TICKET_LOGS,
    VOLVO,
    RecordedLog,
    same_contacts,
    same_distribution,
    same_figures,
)


def run(log: RecordedLog, *options: str) -> dict[str, Any]:
    """What ``report --format json`` prints."""
    result = CliRunner().invoke(cli.command, [log.path, "--mapping", log.mapping, "--format", "json", *options])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module", params=LOGS, ids=lambda log: log.mapping)
def reported(request: pytest.FixtureRequest) -> tuple[RecordedLog, dict[str, Any]]:
    log: RecordedLog = request.param
    return log, run(log, "--by", "queue", "--by", "priority", "--by", "rep")


def test_totals(reported: tuple[RecordedLog, dict[str, Any]]) -> None:
    log, found = reported
    same_figures(found["total"], log)
    assert found["events"]["late"] == 0
    assert found["events"]["invalid"] == 0


def test_days(reported: tuple[RecordedLog, dict[str, Any]]) -> None:
    log, found = reported
    days = found["by_day"]
    if log is BANK:
        for day, true in log.truth["by_day"].items():
            same_contacts(days[day]["contacts"], true)
        return
    for name, key in (("created", "opened_per_day"), ("solved", "first_solved_per_day")):
        counted = {day: figures["tickets"][name] for day, figures in days.items() if "tickets" in figures}
        assert {day: number for day, number in counted.items() if number} == log.truth[key]


def test_queues_and_priorities(reported: tuple[RecordedLog, dict[str, Any]]) -> None:
    log, found = reported
    if log is BANK:
        for queue, true in log.truth["by_type"].items():
            same_contacts(found["by"]["queue"][queue]["contacts"], true)
        return
    if log is VOLVO:
        assert list(found["by"]["queue"]) == ["vinst"]
        return
    queue, priority = ("workgroup", "seriousness_2") if log is HELPDESK else ("assignment_group", "priority")
    for dimension, key in (("queue", queue), ("priority", priority)):
        values = found["by"][dimension]
        for value, true in log.truth[f"full_resolution_s_by_{key}"].items():
            same_distribution(values[value]["tickets"]["full_resolution_seconds"], true)
        reopened = {
            value: figures["tickets"]["reopened"]
            for value, figures in values.items()
            if figures.get("tickets", {}).get("reopened")
        }
        assert reopened == log.truth[f"reopened_tickets_by_{key}"]


def test_reps(reported: tuple[RecordedLog, dict[str, Any]]) -> None:
    log, found = reported
    reps = found["by"]["rep"]
    if log is HELPDESK:
        for rep, true in log.truth["full_resolution_s_by_agent_top10"].items():
            same_distribution(reps[rep]["tickets"]["full_resolution_seconds"], true)
    elif log is BANK:
        for rep, answered in log.truth["answered_by_server_top10"].items():
            assert reps[rep]["contacts"]["answered"] == answered
    else:
        assert (
            sum(figures["tickets"]["solve_events"] for figures in reps.values() if "tickets" in figures)
            == (log.truth["solve_events"])
        )


@pytest.mark.parametrize("log", [HELPDESK, SERVICENOW], ids=lambda log: log.mapping)
def test_backlog_at_an_instant(log: RecordedLog) -> None:
    compiled = read_mapping(log.mapping)
    collected = Report(Rules(compiled.figures))
    for mapped in read_log([log.path], compiled).events:
        collected.add(mapped.event)
    for instant, backlog in list(log.truth["backlog"].items())[:4]:
        total = collected.result(parse_time(f"{instant}Z"))["total"]
        assert total["tickets"]["open"] == backlog, instant


@pytest.mark.parametrize("log", [HELPDESK, SERVICENOW, BANK], ids=lambda log: log.mapping)
def test_repeat_contacts(log: RecordedLog) -> None:
    found = run(log, "--define", "recontact_from=start")["total"]["recontacts"]
    key = "repeat_calls_identified_customers" if log is BANK else "repeat_contacts_open_to_open"
    true = log.truth[key]
    assert found["contacts"] == true["contacts"]
    assert found["24h"]["any"] == true["repeat_24h"]
    assert found["7d"]["any"] == true["repeat_7d"]


@pytest.mark.parametrize("log", [HELPDESK, SERVICENOW], ids=lambda log: log.mapping)
def test_recontacts_after_the_last_solve(log: RecordedLog) -> None:
    # Truth makes no correction at the end of the file: so look back from when everything has ripened.
    found = run(log, "--as-of", "2018-01-01T00:00:00Z")["total"]["recontacts"]["fcr_no_recontact"]
    true = log.truth["recontact_after_last_solve"]
    for window in ("24h", "7d"):
        ratio = found[window]["any"]
        assert ratio["denominator"] == true["solved_tickets"]
        assert ratio["denominator"] - ratio["numerator"] == true[f"recontact_{window}"]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.mapping)
def test_order_and_repetition_change_nothing(log: RecordedLog) -> None:
    compiled = read_mapping(log.mapping)
    events = [mapped.event for mapped in read_log([log.path], compiled).events]
    luck = random.Random(20260504)
    disordered = [*events, *luck.sample(events, len(events) // 10)]
    luck.shuffle(disordered)
    straight, shuffled = (Report(Rules(compiled.figures), by=("queue", "priority", "rep")) for _ in range(2))
    for event in events:
        straight.add(event)
    for event in disordered:
        shuffled.add(event)
    expected, found = straight.result(), shuffled.result()
    for part in ("as_of", "total", "by", "by_day"):
        assert found[part] == expected[part], part
    assert shuffled.events["duplicate"] - straight.events["duplicate"] == len(events) // 10


@pytest.mark.parametrize("log", TICKET_LOGS, ids=lambda log: log.mapping)
def test_the_sum_of_days_and_of_queues_is_the_total(log: RecordedLog) -> None:
    found = run(log, "--by", "queue")
    total = found["total"]["tickets"]
    for parts in (found["by_day"], found["by"]["queue"]):
        families = [figures["tickets"] for figures in parts.values() if "tickets" in figures]
        for name in ("created", "solved", "solve_events", "closed", "reopened", "reopen_events"):
            assert sum(family[name] for family in families) == total[name], name
        for name in ("first_resolution_seconds", "full_resolution_seconds", "close_seconds", "pending_seconds"):
            assert sum(family[name]["count"] for family in families) == total[name]["count"], name
            assert sum(family[name]["sum"] for family in families) == pytest.approx(total[name]["sum"], abs=1e-3)

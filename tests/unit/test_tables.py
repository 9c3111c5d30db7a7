"""A report for people: every family is shown, whatever a desk does."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from agents.cli.tables import print_figures
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sources.simulator import Profile, simulate

MONDAY = 1_777_852_800_000  # 2026-05-04T00:00:00Z


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    report = Report(Rules(), by=["queue"])
    for event in simulate(1, MONDAY, MONDAY + 11 * 3_600_000, Profile(complaints=0.8)):
        report.add(event.decoded())
    return report.result(None)


@pytest.fixture(scope="module")
def shown(figures: dict[str, Any]) -> str:
    console = Console(record=True, width=300, file=io.StringIO())
    print_figures(figures, console)
    return re.sub(r" +", " ", console.export_text())


def test_every_family_of_figures_has_its_table(figures: dict[str, Any], shown: str) -> None:
    assert {"tickets", "contacts", "chats", "complaints", "recontacts", "reps"} == set(figures["total"])
    for family in figures["total"]:
        assert f"Total: {family}" in shown


def test_nothing_is_shown_as_a_program_writes_it(shown: str) -> None:
    assert not re.search(r"None|[{}\[\]]|_seconds", shown)


def test_what_is_nested_is_told_by_its_parts(figures: dict[str, Any], shown: str) -> None:
    contacts, reps = figures["total"]["contacts"], figures["total"]["reps"]
    attempts = ", ".join(f"{result} {number}" for result, number in contacts["callbacks"]["attempts_by_result"].items())
    assert f"callbacks: attempts by result │ {attempts} │" in shown
    live = contacts["service_level_live"]["strict"]
    said = f"{live['ratio']:.1%} ({live['numerator']:,}/{live['denominator']:,})"
    assert f"service level with those waiting, strict ≤ 20 s │ {said} │" in shown
    assert f"chat concurrency │ {reps['chat_concurrency']['ratio']:.1f} │" in shown
    assert re.search(r"│ state │ missed [\d:.]+( s)?, .*available \d+ d [\d:]+", shown)


def test_what_ends_in_tenths_of_a_second_keeps_its_thousands_apart() -> None:
    report = {
        "as_of": "2026-05-04T09:00:00Z",
        "events": {},
        "total": {"contacts": {"offered": 1_234_567, "longest_hold_seconds": None, "attribution": "event"}},
    }
    console = Console(record=True, width=100, file=io.StringIO())
    print_figures(report, console)
    shown = console.export_text()
    assert "1,234,567" in shown
    assert re.search(r"longest hold +│ +–", shown)
    assert re.search(r"attribution +│ +event", shown)

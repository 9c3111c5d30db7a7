"""Calendars as users meet them: in settings, mappings, the report and the manual."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from agents.app import create_app
from agents.cli.report import command as report
from agents.cli.up import command as up
from agents.cli.worker import command as worker
from agents.machine import Machine
from agents.settings import Settings, load_settings
from streams.figures.options import FigureOptions
from tests.support.job import free_port

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "business-hours"
LOG, MAPPING, CALENDARS = (str(EXAMPLE / name) for name in ("tickets.ndjson", "mapping.yaml", "calendars.yaml"))
BAD = "calendars:\n  office:\n    zone: Europe/Berlin\n    weeek: always\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(report, [LOG, "--mapping", MAPPING, "--format", "json", *arguments])


def figures(*arguments: str) -> dict[str, Any]:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)["total"]["tickets"]
    return found


class TestTheExample:
    def test_is_the_manual_s(self) -> None:
        manual = (ROOT / "docs" / "calendars.md").read_text()
        for path in (LOG, MAPPING, CALENDARS):
            assert Path(path).read_text() in manual, path

    def test_says_what_the_manual_says(self) -> None:
        found = figures("--calendars", CALENDARS)
        hour = 3600
        assert found["first_reply_business_seconds"]["sum"] == 1.25 * hour + 4 * hour
        assert found["first_reply_seconds"]["sum"] == 231_300 + (4 + 1 / 6) * hour
        assert found["out_of_hours"] == {"numerator": 1, "denominator": 2, "ratio": 0.5}

    def test_rules_differ_by_the_contract_that_was_made_on_the_way(self) -> None:
        sums = [
            figures("--calendars", CALENDARS, "--define", f"schedule_rule={rule}")["full_resolution_business_seconds"]
            for rule in ("as_assigned", "last", "at_creation")
        ]
        hour = 3600
        # 4711: half an hour on Friday, two days of 8 hours and 3 hours; then six days round the clock, less two hours.
        first, then, whole = 0.5 + 16 + 3, 6 * 24 - 2, 256.5
        # 4712: Saturday 22:10 to Monday 10:00 by the hotline, or an hour of Monday by the office.
        by_hotline, ten_minutes = 23 + 11 + 5 / 6, 1 / 6
        assert [one["sum"] / hour for one in sums] == pytest.approx(
            [first + then + by_hotline, whole + by_hotline + ten_minutes, 33.5 + 1]
        )

    def test_the_file_may_be_named_in_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TICKETSTREAMS_CALENDARS_FILE", CALENDARS)
        assert figures()["first_reply_business_seconds"]["count"] == 2


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (
                (),
                "queue_calendars.hotline = 'around-the-clock': must be one of the calendars; known are: none;",
            ),
            (("--calendars", "nowhere.yaml"), "nowhere.yaml: document = 'nowhere.yaml': cannot be read: No such file"),
            (("--calendars", CALENDARS, "--define", "default_calendar=ofice"), "did you mean 'office'?"),
            (("--calendars", CALENDARS, "--define", "schedule_rule=first"), "schedule_rule"),
        ],
    )
    def test_report(self, arguments: tuple[str, ...], said: str) -> None:
        result = run(*arguments)
        assert result.exit_code == 2
        assert said in result.stderr
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize("command", [worker, up], ids=["worker", "up"])
    def test_worker_and_up_end_at_once_with_file_and_line(self, command: Any, tmp_path: Path) -> None:
        (tmp_path / "calendars.yaml").write_text(BAD)
        (tmp_path / "config.yaml").write_text(f"calendars_file: {tmp_path / 'calendars.yaml'}\nbroker: 127.0.0.1:1\n")
        result = CliRunner().invoke(command, ["--config", str(tmp_path / "config.yaml")])
        assert result.exit_code == 2
        assert f"{tmp_path / 'calendars.yaml'}:4: calendars.office.weeek = 'always': unknown key" in result.stderr

    def test_mappings_say_what_options_must_be(self, tmp_path: Path) -> None:
        text = Path(MAPPING).read_text().replace("{hotline: around-the-clock}", "around-the-clock")
        (tmp_path / "m.yaml").write_text(text)
        result = CliRunner().invoke(report, [LOG, "--mapping", str(tmp_path / "m.yaml")])
        assert result.exit_code == 2
        assert re.search(r"m\.yaml:\d+: figures\.queue_calendars = .*must be a table of queues", result.stderr)


def test_a_worker_derives_by_the_calendars_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        f"calendars_file: {CALENDARS}\nfigures: {{default_calendar: office, schedule_rule: last}}\n"
    )
    settings = load_settings(str(tmp_path / "config.yaml"))
    assert create_app(settings).view.options == FigureOptions(default_calendar="office", schedule_rule="last")


def test_the_machine_tells_its_workers_where_the_calendars_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = FigureOptions(default_calendar="office")
    settings = Settings(calendars_file="calendars.yaml", figures=msgspec.to_builtins(options))
    machine = Machine(settings, broker="127.0.0.1:1", workers=1, port=free_port(), verbose=False)
    assert machine.workers[0].environment["TICKETSTREAMS_CALENDARS_FILE"] == str(tmp_path / "calendars.yaml")

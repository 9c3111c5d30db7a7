"""Weekly blackouts in Alertmanager: when it is silent, nights in which clocks change among them, and for whom."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agents.calendars import parse_calendars
from tests.deploy.programs import both, run
from tests.deploy.test_paging import PAGE, Receiver, alert
from tests.deploy.test_policy_routes import TEMPLATE, VERSIONS, WATCHED, generated, is_sent, routes
from tests.deploy.test_policy_rules import made
from tests.support.brokers import answers, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEK = '{sun: ["02:00-04:00", "22:30-00:30"], mon-fri: ["06:00-06:05", "23:00-01:00"]}'
WEEKS = f"""
  - {{weekly: {WEEK}, zone: Europe/Berlin, policies: [desk, silent], because: maintenance}}
  - {{weekly: {{sat: 00:00-24:00}}, zone: America/New_York, policies: vip}}
"""
SILENT = """
  - name: silent
    goal: in-time
    mode: live
    owner: o
    review_by: 2100-01-01
    match: {channel: sms}
    targets: {first_reply: 1h}
"""


def written(directory: Path, weeks: str) -> str:
    """The watched policies, with more blackouts, and with a policy whose alerts have no routes of their own."""
    text = Path(WATCHED).read_text().replace("policies: vip}\n", "policies: vip}" + weeks, 1) + SILENT
    (directory / "p.policy.yaml").write_text(text)
    (directory / "watched.calendars.yaml").write_text((Path(WATCHED).parent / "watched.calendars.yaml").read_text())
    return str(directory / "p.policy.yaml")


def configured(directory: Path, weeks: str, *arguments: str) -> dict[str, Any]:
    """The configuration that these policies make."""
    found: dict[str, Any] = yaml.safe_load(generated(written(directory, weeks), *arguments, today="1970-06-01"))
    return found


def intervals(config: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {one["name"]: one["time_intervals"] for one in config["time_intervals"]}


def test_each_policy_has_its_own_blackouts_and_its_hours_beside(tmp_path: Path) -> None:
    config = configured(tmp_path, WEEKS)
    for policy, muted in (("desk", ["blackout-1"]), ("vip", ["blackout-2"]), ("phone", []), ("trial", [])):
        found = routes(config, policy)
        assert found
        assert all(route.get("mute_time_intervals", []) == muted for route in found)
    assert all(route["active_time_intervals"] for route in routes(config, "desk"))


def test_what_is_for_nobody_who_is_told_makes_no_interval(tmp_path: Path) -> None:
    config = configured(tmp_path, '\n  - {weekly: {sun: "02:00-04:00"}, zone: UTC, policies: dream}\n')
    assert set(intervals(config)) == {"open-office", "open-nights"}


@pytest.mark.parametrize(
    ("instant", "dark"),
    [
        # Clocks go from 02:00 to 03:00 at 01:00 UTC: an hour of the blackout does not exist.
        ("2027-03-28T00:59", False),
        ("2027-03-28T01:00", True),
        ("2027-03-28T01:59", True),
        ("2027-03-28T02:00", False),
        # They go from 03:00 to 02:00 at 01:00 UTC: an hour of it comes twice.
        ("2027-10-30T23:59", False),
        ("2027-10-31T00:00", True),
        ("2027-10-31T01:30", True),
        ("2027-10-31T02:59", True),
        ("2027-10-31T03:00", False),
        # In winter and summer; and over midnight from Sunday to Monday.
        ("2027-01-17T00:59", False),
        ("2027-01-17T01:00", True),
        ("2027-07-18T00:00", True),
        ("2027-07-18T02:00", False),
        ("2027-07-18T22:29", True),
        ("2027-07-18T22:30", False),
        ("2027-07-18T20:29", False),
    ],
)
def test_the_wall_clock_decides(instant: str, dark: bool, tmp_path: Path) -> None:
    found = intervals(configured(tmp_path, WEEKS))["blackout-1"]
    assert is_sent(found, [], datetime.fromisoformat(instant).replace(tzinfo=UTC)) is dark


def test_the_hours_are_those_of_a_calendar_of_the_same_week(tmp_path: Path) -> None:
    calendar = parse_calendars(f"calendars: {{c: {{zone: Europe/Berlin, week: {WEEK}}}}}", "c", str)["c"]
    found = intervals(configured(tmp_path, WEEKS))["blackout-1"]
    instant = datetime(2027, 1, 1, tzinfo=UTC)
    for _ in range(0, 370 * 24 * 60, 25):
        instant += timedelta(minutes=25)
        assert is_sent(found, [], instant) is calendar.is_open(int(instant.timestamp() * 1000)), instant


def test_a_whole_day_is_told_without_times(tmp_path: Path) -> None:
    found = intervals(configured(tmp_path, WEEKS))["blackout-2"]
    assert found == [{"weekdays": ["saturday"], "location": "America/New_York"}]


def below(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A route and all that stand below it."""
    yield route
    for one in route.get("routes", []):
        yield from below(one)


def test_alerts_without_routes_of_their_own_go_where_all_others_go_but_not_then(tmp_path: Path) -> None:
    config = configured(tmp_path, WEEKS, "--base", str(TEMPLATE))
    base = yaml.safe_load(TEMPLATE.read_text())["route"]["routes"]
    (route,) = routes(config, "silent")
    assert 'stage!="review"' in route["matchers"]
    assert "receiver" not in route
    assert all(one["mute_time_intervals"] == ["blackout-1"] for one in below(route))
    assert len(list(below(route))) == 1 + sum(len(list(below(one))) for one in base)
    assert config["route"]["routes"][-len(base) :] == base, "what others make is heard as before"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("base", [[], ["--base", str(TEMPLATE)]], ids=["alone", "added"])
def test_the_configuration_is_valid_and_sends_to_whom_it_sent(version: str, base: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    config = configured(tmp_path, WEEKS, *base)
    for receiver in config["receivers"]:
        receiver.pop("webhook_configs", None)  # the template's marks are no addresses
    path.write_text(yaml.safe_dump(config))
    assert "SUCCESS" in run(both("amtool", version), "check-config", str(path)).stdout
    told = [
        ("pager" if base else "nobody", "SupportSlaBurnFast", "severity=critical", "policy=silent", "stage=burn"),
        ("desk" if base else "nobody", "SupportSlaAtRisk", "severity=warning", "policy=silent", "stage=risk"),
        ("sla-lead", "SupportSlaWarned", "severity=warning", "policy=desk", "who=lead", "stage=warning"),
    ]
    for receiver, name, *labels in told:
        test = [both("amtool", version), "config", "routes", "test", f"--config.file={path}"]
        run(*test, f"--verify.receivers={receiver}", f"alertname={name}", *labels, "queue=a")


def test_no_rule_knows_of_a_weekly_blackout(tmp_path: Path) -> None:
    """What is mute in Alertmanager still fires in Prometheus, which knows neither weekdays nor zones."""
    plain = made("rules", written(tmp_path, "\n"))
    weekly = made("rules", written(tmp_path, WEEKS))
    assert "# Weekly blackouts are kept by Alertmanager" in weekly
    assert [line for line in weekly.splitlines() if not line.startswith("# Weekly")] == plain.splitlines()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_real_alertmanager_is_silent_in_it(version: str, tmp_path: Path) -> None:
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = datetime.now(UTC).weekday()
    # A test that begins before midnight may end after it; the day after that is never today.
    now = ", ".join(f"{days[(today + step) % 7]}: 00:00-24:00" for step in (0, 1))
    other = f"{days[(today + 3) % 7]}: 00:00-24:00"
    weeks = f"""
  - {{weekly: {{{now}}}, zone: UTC, policies: [desk, silent]}}
  - {{weekly: {{{other}}}, zone: UTC, policies: vip}}
"""
    base = tmp_path / "base.yml"
    base.write_text("route: {receiver: lead, group_by: [queue], group_wait: 1s}\nreceivers: [{name: lead}]\n")
    config = configured(tmp_path, weeks, "--base", str(base))
    url = f"http://127.0.0.1:{receiver.server_address[1]}"
    for one in config["receivers"]:
        one["webhook_configs"] = [{"url": f"{url}/{one['name']}"}]
    for one in config["route"]["routes"]:
        one.pop("active_time_intervals", None)  # whether the office is open is not the question
        one |= {"group_wait": "1s"}
    (tmp_path / "a.yml").write_text(yaml.safe_dump(config))
    (port,) = free_ports(1)
    command = [both("prometheus-alertmanager", version), f"--config.file={tmp_path / 'a.yml'}"]
    command += [f"--storage.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--cluster.listen-address="], env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 30
        while not answers(port):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.1)
        alerts = [
            alert("SupportSlaBreached", "critical", policy="desk", who="supervisor", stage="breach", queue="dark"),
            alert("SupportSlaAtRisk", "warning", policy="silent", stage="risk", queue="dark"),
            alert("SupportSlaReviewOverdue", "info", policy="silent", stage="review", queue="review"),
            alert("SupportSlaBurnFast", "critical", policy="vip", who="supervisor", stage="burn", queue="light"),
            alert("SupportSlaAtRisk", "warning", policy="other", stage="risk", queue="others"),
        ]
        address = f"http://127.0.0.1:{port}/api/v2/alerts"
        request = urllib.request.Request(address, json.dumps(alerts).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert reply.status == 200
        pages: list[PAGE] = [receiver.pages.get(timeout=30) for _ in range(3)]
        # All groups wait equally long: whatever were to come wrongly would have come by then.
        time.sleep(2)
        while not receiver.pages.empty():
            pages.append(receiver.pages.get())
    finally:
        process.terminate()
        process.wait(20)
        receiver.shutdown()
        receiver.server_close()
    said = {(path, one["labels"]["queue"]) for path, body in pages for one in body["alerts"]}
    assert said == {("/lead", "review"), ("/sla-supervisor", "light"), ("/lead", "others")}

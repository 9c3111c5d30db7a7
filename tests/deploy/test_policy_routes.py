"""Routes made from policies, judged by amtool: who hears of what, when, and what is spared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from agents.cli.policy import command
from agents.policies import policy_paths, read_policy_file
from streams.sla.policy_quiet import quiet
from tests.deploy.programs import DEPLOY, both, run

WATCHED = str(Path(__file__).parent / "policies" / "watched.policy.yaml")
TEMPLATE = DEPLOY / "alertmanager" / "alertmanager.tmpl.yml"
ENTRYPOINT = DEPLOY / "alertmanager" / "entrypoint"
VERSIONS = ["installed", "newest"]
TODAY = "2026-06-01"
ADDRESSES = {
    "TICKETSTREAMS_PAGER_URL": "https://pager.example/a'#b?c=d",
    "TICKETSTREAMS_DESK_URL": "http://desk.example/",
}


def generated(*arguments: str, today: str = TODAY) -> str:
    done = CliRunner().invoke(command, ["alertmanager", *arguments, "--today", today])
    assert done.exit_code == 0, done.output
    return done.output


def rendered(directory: Path, text: str, **addresses: str) -> Path:
    """As the Alertmanager that comes with the product starts with it."""
    (directory / "template.yml").write_text(text)
    path = directory / "alertmanager.yml"
    env = {"PATH": "/usr/bin:/bin", "TICKETSTREAMS_ALERTMANAGER_TEMPLATE": str(directory / "template.yml"), **addresses}
    path.write_text(run("sh", str(ENTRYPOINT), "--print", env=env).stdout)
    return path


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The routes of the watched policies, added to what the product comes with."""
    text = generated(WATCHED, "--base", str(TEMPLATE), today="1970-06-01")
    return rendered(tmp_path_factory.mktemp("merged"), text, **ADDRESSES)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("addresses", [{}, ADDRESSES], ids=["no address", "addresses"])
@pytest.mark.parametrize("base", [[], ["--base", str(TEMPLATE)]], ids=["alone", "added"])
def test_the_shipped_policies_make_a_valid_configuration(
    version: str, addresses: dict[str, str], base: list[str], tmp_path: Path
) -> None:
    path = rendered(tmp_path, generated("three-desks", *base), **addresses)
    said = run(both("amtool", version), "check-config", str(path)).stdout
    assert "SUCCESS" in said
    assert f"{8 if base else 5} receivers" in said
    assert f"{5 if base else 3} inhibit rules" in said


def test_addresses_are_filled_in_as_in_the_shipped_configuration(tmp_path: Path) -> None:
    config = yaml.safe_load(
        rendered(tmp_path, generated("three-desks", "--base", str(TEMPLATE)), **ADDRESSES).read_text()
    )
    found = {one["name"]: [each["url"] for each in one.get("webhook_configs", [])] for one in config["receivers"]}
    assert found["pager"] == found["sla-supervisor"] == [ADDRESSES["TICKETSTREAMS_PAGER_URL"]]
    assert found["sla-desk"] == [ADDRESSES["TICKETSTREAMS_DESK_URL"]]
    assert len(found["sla-manager"]) == 2
    assert found["deadman"] == []


ROUTES = [
    ("sla-lead", "SupportSlaWarned severity=warning who=lead policy=desk queue=a"),
    ("sla-supervisor", "SupportSlaBreached severity=critical who=supervisor policy=desk queue=a"),
    ("sla-manager", "SupportSlaBreached severity=critical who=manager policy=desk queue=night"),
    ("sla-supervisor", "SupportSlaBurnFast severity=critical who=supervisor policy=vip queue=a"),
    # Without a list, and of policies that are not in the file, alerts go where all others go.
    ("pager", "SupportSlaBurnFast severity=critical policy=other queue=a"),
    ("desk", "SupportSlaAtRisk severity=warning policy=other who=lead queue=a"),
    ("pager", "SupportQueueBusy severity=critical who=lead policy=desk queue=a"),
    # A shadow has no routes even if somebody makes up an alert.
    ("desk", "SupportSlaWarned severity=warning who=lead policy=dream queue=a"),
    ("deadman", "Watchdog severity=none"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("receiver", "said"), ROUTES, ids=[said.split()[0] + str(n) for n, (_, said) in enumerate(ROUTES)]
)
def test_routes(version: str, receiver: str, said: str, merged: Path) -> None:
    name, *labels = said.split()
    test = [both("amtool", version), "config", "routes", "test", f"--config.file={merged}"]
    run(*test, f"--verify.receivers={receiver}", f"alertname={name}", *labels)


def routes(config: dict[str, Any], policy: str) -> list[dict[str, Any]]:
    return [one for one in config["route"]["routes"] if f'policy="{policy}"' in one["matchers"]]


def test_one_message_a_queue_and_once_a_day(merged: Path) -> None:
    config = yaml.safe_load(merged.read_text())
    for route in (*routes(config, "desk"), *routes(config, "vip"), *routes(config, "phone")):
        assert route["group_by"] == ["queue", "policy"]
        assert route["repeat_interval"] == "24h"
        critical = 'severity="critical"' in route["matchers"]
        assert route["group_wait"] == ("5s" if critical else "15s")


def test_only_policies_that_say_so_are_quiet_and_by_the_hours_of_the_queue(merged: Path) -> None:
    config = yaml.safe_load(merged.read_text())
    assert all("active_time_intervals" not in one for one in routes(config, "vip"))
    hours = {('queue="night"' in one["matchers"], one["active_time_intervals"][0]) for one in routes(config, "desk")}
    assert hours == {(True, "open-nights"), (False, "open-office")}
    positions = ['queue="night"' in one["matchers"] for one in routes(config, "desk")]
    assert positions == [True, False] * (len(positions) // 2), "the special case stands first"


def test_breaches_spare_the_warnings_of_their_queue_and_policy(merged: Path) -> None:
    rules = yaml.safe_load(merged.read_text())["inhibit_rules"]
    spared = [one for one in rules if 'stage="breach"' in one["source_matchers"]]
    assert {one["target_matchers"][1] for one in spared} == {'stage=~"warning|risk"', 'stage="single"'}
    assert all(one["equal"] == ["policy", "queue"] for one in spared)


def is_sent(intervals: list[dict[str, Any]], muted: list[dict[str, Any]], instant: datetime) -> bool:
    """What Alertmanager's documentation says of time intervals, in a few lines."""
    return any(_holds(one, instant) for one in intervals) and not any(_holds(one, instant) for one in muted)


WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _holds(interval: dict[str, Any], instant: datetime) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    local = instant.astimezone(ZoneInfo(interval["location"]))

    def within(key: str, value: int, number: Any = int) -> bool:
        ranges = [(each.split(":")[0], each.split(":")[-1]) for each in interval.get(key, [])]
        return not ranges or any(number(first) <= value <= number(last) for first, last in ranges)

    def minutes(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    now = local.hour * 60 + local.minute
    times = interval.get("times")
    return (
        within("weekdays", local.weekday(), WEEKDAYS.index)
        and within("days_of_month", local.day)
        and within("months", local.month)
        and within("years", local.year)
        and (times is None or any(minutes(one["start_time"]) <= now < minutes(one["end_time"]) for one in times))
    )


BERLIN = """
calendars:
  tested:
    zone: Europe/Berlin
    week: {mon-thu: ["09:00-12:30", "13:30-17:00"], fri: 09:00-12:00, sat: 22:00-03:00}
    holidays: [{country: DE, subdivision: BE}]
    closed: [{from: 12-27, to: 12-30}, {date: 12-31, hours: "12:00-24:00"}]
    open: [{date: 2026-11-29, hours: "12:00-18:00"}]
    changes:
      - {valid_from: 2027-02-01, week: {mon-fri: 08:00-16:00}}
"""


def test_messages_are_sent_in_exactly_the_hours_of_the_calendar(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(BERLIN)
    text = (
        Path(WATCHED).read_text().replace("watched.calendars.yaml", "c.yaml").replace("night: nights", "night: tested")
    )
    text = text.replace("effective_from: 1970", "effective_from: 2026").replace("calendar: office", "calendar: tested")
    (tmp_path / "p.policy.yaml").write_text(text)
    config = yaml.safe_load(generated(str(tmp_path / "p.policy.yaml")))
    named = {one["name"]: one["time_intervals"] for one in config["time_intervals"]}
    (path,) = policy_paths([str(tmp_path / "p.policy.yaml")])
    calendar = read_policy_file(path).calendars["tested"]
    instant = datetime(2026, 6, 1, tzinfo=UTC)
    # Every 105 minutes of the year: each hour of each kind of day is met, and so are the nights in which clocks change.
    for _ in range(0, 395 * 24 * 60, 105):
        instant += timedelta(minutes=105)
        sent = is_sent(named["open-tested"], named["closed-tested"], instant)
        assert sent is calendar.is_open(int(instant.timestamp() * 1000)), instant


def test_a_calendar_without_exceptions_mutes_nothing() -> None:
    (path,) = policy_paths([WATCHED])
    office = quiet(read_policy_file(path).calendars["office"], datetime(2026, 6, 1, tzinfo=UTC).date())
    times = [{"start_time": "09:00", "end_time": "17:00"}]
    assert office.active == [{"weekdays": ["monday:friday"], "times": times, "location": "UTC"}]
    assert office.muted == []


@pytest.mark.parametrize(
    ("base", "rule"),
    [
        (None, "cannot be read: No such file or directory"),
        ("route: [", "cannot be read"),
        ("global: {}", "must be a configuration of Alertmanager, with a route and receivers"),
        ("route: {receiver: a}\nreceivers: [{}]", "must be a configuration of Alertmanager"),
        (
            "route: {receiver: sla-lead}\nreceivers: [{name: sla-lead}]",
            "receivers = 'sla-lead': is a name that policies",
        ),
    ],
)
def test_a_base_that_cannot_be_added_to(base: str | None, rule: str, tmp_path: Path) -> None:
    if base is not None:
        (tmp_path / "base.yml").write_text(base)
    done = CliRunner().invoke(
        command, ["alertmanager", WATCHED, "--today", "1970-06-01", "--base", str(tmp_path / "base.yml")]
    )
    assert done.exit_code == 2
    assert rule in done.output


@pytest.mark.parametrize("version", VERSIONS)
def test_email_needs_a_server(version: str, tmp_path: Path) -> None:
    text = Path(WATCHED).read_text().replace('{webhook: "http://127.0.0.1:1/lead"}', "{email: lead@example.org}")
    (tmp_path / "p.policy.yaml").write_text(text)
    (tmp_path / "watched.calendars.yaml").write_text((Path(WATCHED).parent / "watched.calendars.yaml").read_text())
    done = CliRunner().invoke(command, ["alertmanager", str(tmp_path / "p.policy.yaml"), "--today", "1970-06-01"])
    assert done.exit_code == 2
    assert "global.smtp_smarthost = None: is required" in done.output
    (tmp_path / "base.yml").write_text(
        "global: {smtp_smarthost: 'mail.example:25', smtp_from: a@example.org}\n"
        "route: {receiver: x}\nreceivers: [{name: x}]\n"
    )
    arguments = [str(tmp_path / "p.policy.yaml"), "--base", str(tmp_path / "base.yml")]
    (tmp_path / "a.yml").write_text(generated(*arguments, today="1970-06-01"))
    run(both("amtool", version), "check-config", str(tmp_path / "a.yml"))

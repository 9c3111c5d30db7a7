"""Rules made from policies, judged by promtool: what fires, what must not, and what the alerts say.

Each scenario lists every alert that fires at an instant; whatever else the rules know must be silent then.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from click.testing import CliRunner

from agents.cli.policy import command
from agents.policies import load_policies
from streams.figures import sla_cells
from streams.figures.catalogue import exposed_names
from streams.figures.contributions import Item
from streams.figures.exports import KEY
from streams.figures.panes import Panes
from streams.figures.service_level import DEFAULT_FORMULA
from streams.figures.sla_cells import ClockLabels
from streams.figures.sla_readers import samples as clock_samples
from streams.sla.policy_budget import WINDOWS
from streams.sla.policy_series import BURN
from tests.deploy.programs import ROOT, both, run
from tests.deploy.promql import OURS, RECORDED, Query, metric_names

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCHED = str(Path(__file__).parent / "policies" / "watched.policy.yaml")
GOLDEN = ROOT / "tests" / "golden" / "policies"
VERSIONS = ["installed", "newest"]
DESK = {"policy": "desk", "metric": "first_reply", "mode": "live", "queue": "a"}
VIP = {"policy": "vip", "metric": "resolution", "mode": "live", "queue": "a"}
TRIAL = {"policy": "trial", "metric": "callback", "mode": "pilot", "queue": "phone.pilot"}
BURN_FAST = {"stage": "burn", "severity": "critical", "window": "1h"}
BURN_SLOW = {"stage": "burn", "severity": "warning", "window": "1d"}
BURN_LASTING = {"stage": "burn", "severity": "warning", "window": "7d"}

STEP = "20m"
"""Rules are evaluated this seldom, for every round of some hundred expressions takes its time."""

Windows = dict[str, tuple[int, int]]
"""For each window what was due, and how much of it in time."""
GOOD: Windows = {"15m": (50, 49), "1h": (200, 196), "1d": (900, 882), "7d": (4000, 3920)}


class Scenario(NamedTuple):
    """Series that stay what they are, and the alerts that fire at an instant."""

    series: dict[str, float]
    fires: list[tuple[str, dict[str, str]]]
    at: str = STEP


def series(name: str, labels: dict[str, str], **more: str) -> str:
    said = ", ".join(f'{key}="{value}"' for key, value in {**labels, **more}.items())
    return f"{name}{{{said}}}"


def attained(labels: dict[str, str], windows: Windows) -> dict[str, float]:
    """Attainment of clocks, spread over two channels and two workers as it may be."""
    found: dict[str, float] = {}
    for window, (due, met) in windows.items():
        for part, value in (("denominator", due), ("numerator", met)):
            for place, instance in enumerate(("w1", "w2")):
                own = {"channel": "email", "priority": "normal", "clock": "business", "instance": instance}
                share = value // 2 if place else value - value // 2
                found[series(f"support_sla_attainment_{part}", {**labels, **own}, window=window)] = share
    return found


def answered(threshold: str, queue: str, windows: Windows, *, channel: str = "voice") -> dict[str, float]:
    """A queue's service level."""
    found: dict[str, float] = {}
    for window, (due, met) in windows.items():
        for part, value in (("denominator", due), ("numerator", met)):
            own = {"formula": "ignore_early", "threshold": threshold, "attribution": "event", "priority": ""}
            labels = {**own, "queue": queue, "channel": channel, "window": window}
            found[series(f"support_service_level_{part}", labels)] = value
    return found


def standing(labels: dict[str, str], state: str, count: int, **more: float) -> dict[str, float]:
    own = {**labels, "channel": "email", "priority": "normal", "clock": "business"}
    found: dict[str, float] = {series("support_sla_instances", own, state=state): count}
    for name, value in more.items():
        found[series(f"support_sla_{name}", own)] = value
    return found


def risk(labels: dict[str, str], count: int, within: str = "15m") -> dict[str, float]:
    return {series("support_sla_at_risk", {**labels, "channel": "email"}, within=within): count}


def broken(labels: dict[str, str], count: int, window: str = "15m") -> dict[str, float]:
    return {series("support_sla_breaches", {**labels, "channel": "email"}, window=window): count}


def oldest(labels: dict[str, str], at: float) -> dict[str, float]:
    return {series("support_sla_oldest_breach_timestamp_seconds", {**labels, "clock": "business"}): at}


def of(labels: dict[str, str], *without: str) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key not in without}


def sets(labels: dict[str, str]) -> dict[str, float]:
    """Everything that can go wrong with a clock, at once."""
    bad: Windows = {"15m": (20, 0), "1h": (50, 0), "1d": (90, 0), "7d": (200, 0)}
    return {
        **attained(labels, bad),
        **risk(labels, 50),
        **standing(labels, "warning", 9),
        **broken(labels, 50),
        **oldest(labels, 60),
    }


HOURS_7200 = 7200
QUIET_DESK: dict[str, float] = {
    **attained(DESK, GOOD),
    **risk(DESK, 4),
    **risk(DESK, 40, "1h"),
    **standing(DESK, "active", 90),
    **standing(DESK, "breached", 0),
    **broken(DESK, 3),
    **oldest(DESK, 0),
}
SUPERVISOR, LEAD, MANAGER = {"who": "supervisor"}, {"who": "lead"}, {"who": "manager"}

SCENARIOS = {
    "no data": Scenario({"up": 1}, []),
    "a good day": Scenario(QUIET_DESK, []),
    # 10 of 20 late: 5 times what 90 % allow; the office is open 171 of 720 hours, so 3.43 is too fast already.
    "an hour of many late ones": Scenario(
        attained(DESK, {**GOOD, "15m": (6, 2), "1h": (20, 10)}),
        [("SupportSlaBurnFast", {**DESK, **BURN_FAST, **SUPERVISOR})],
    ),
    "an hour not late enough": Scenario(attained(DESK, {**GOOD, "15m": (6, 2), "1h": (20, 14)}), []),
    "an hour that is over": Scenario(attained(DESK, {**GOOD, "15m": (6, 6), "1h": (20, 10)}), []),
    "an hour after which nothing was due": Scenario(attained(DESK, {**GOOD, "15m": (0, 0), "1h": (20, 10)}), []),
    "an hour of few": Scenario(attained(DESK, {**GOOD, "15m": (5, 0), "1h": (9, 0)}), []),
    "an hour of just enough": Scenario(
        attained(DESK, {**GOOD, "15m": (5, 0), "1h": (10, 0)}),
        [("SupportSlaBurnFast", {**DESK, **BURN_FAST, **SUPERVISOR})],
    ),
    "a bad day": Scenario(
        attained(DESK, {"15m": (1, 0), "1h": (5, 2), "1d": (100, 70), "7d": (500, 470)}),
        [("SupportSlaBurnSlow", {**DESK, **BURN_SLOW, **LEAD})],
    ),
    "a week below the goal": Scenario(
        attained(DESK, {"15m": (1, 1), "1h": (5, 5), "1d": (20, 17), "7d": (100, 80)}),
        [("SupportSlaBurnLasting", {**DESK, **BURN_LASTING, **LEAD})],
    ),
    "low traffic in which all is late": Scenario(
        attained(DESK, {"15m": (9, 0), "1h": (9, 0), "1d": (9, 0), "7d": (9, 0)}), []
    ),
    # 95 % around the clock: 14.4 is out of reach when half of what can be kept is missed, 10.5 is not.
    "urgent ones late around the clock": Scenario(
        attained(VIP, {**GOOD, "15m": (10, 4), "1h": (20, 9)}),
        [("SupportSlaBurnFast", {**VIP, **BURN_FAST, **SUPERVISOR})],
    ),
    "urgent ones not late enough": Scenario(attained(VIP, {**GOOD, "15m": (10, 4), "1h": (20, 10)}), []),
    "several about to be late": Scenario(
        risk(DESK, 5), [("SupportSlaAtRisk", {**DESK, "severity": "warning", "stage": "risk", **LEAD})]
    ),
    "a single urgent one about to be late": Scenario(
        risk(VIP, 1), [("SupportSlaAtRisk", {**VIP, "severity": "warning", "stage": "risk", **SUPERVISOR})]
    ),
    "a warning": Scenario(
        standing(DESK, "warning", 1),
        [
            (
                "SupportSlaWarned",
                {**of(DESK, "metric"), "severity": "warning", "stage": "warning", "level": "1", **LEAD},
            )
        ],
    ),
    "a breach": Scenario(
        oldest(DESK, HOURS_7200 - 30),
        [
            (
                "SupportSlaBreached",
                {**of(DESK, "metric"), "severity": "critical", "stage": "breach", "level": "2", **SUPERVISOR},
            )
        ],
        at="2h",
    ),
    "a breach that nobody mended for just not an hour": Scenario(
        oldest(DESK, HOURS_7200 - 3599),
        [
            (
                "SupportSlaBreached",
                {**of(DESK, "metric"), "severity": "critical", "stage": "breach", "level": "2", **SUPERVISOR},
            )
        ],
        at="2h",
    ),
    "a breach that nobody mended for an hour": Scenario(
        {**oldest(DESK, HOURS_7200 - 3600), **oldest({**DESK, "metric": "resolution"}, HOURS_7200 - 5)},
        [
            (
                "SupportSlaBreached",
                {**of(DESK, "metric"), "severity": "critical", "stage": "breach", "level": level, **who},
            )
            for level, who in (("2", SUPERVISOR), ("3", MANAGER))
        ],
        at="2h",
    ),
    "one broken promise to a desk's customer": Scenario(broken(DESK, 1), []),
    "one broken promise to a VIP": Scenario(
        broken(VIP, 1),
        [("SupportSlaBreachedOnce", {**VIP, "severity": "critical", "stage": "single", **SUPERVISOR})],
    ),
    "a broken promise to a VIP just before a blackout": Scenario(
        broken(VIP, 1),
        [("SupportSlaBreachedOnce", {**VIP, "severity": "critical", "stage": "single", **SUPERVISOR})],
        at="1h40m",
    ),
    "everything broken to a VIP in a blackout": Scenario(sets(VIP), [], at="2h"),
    "a broken promise to a VIP after the blackout": Scenario(
        broken(VIP, 1),
        [("SupportSlaBreachedOnce", {**VIP, "severity": "critical", "stage": "single", **SUPERVISOR})],
        at="4h",
    ),
    "a blackout of others": Scenario(
        risk(DESK, 5), [("SupportSlaAtRisk", {**DESK, "severity": "warning", "stage": "risk", **LEAD})], at="3h"
    ),
    "everything broken in the shadow": Scenario(
        {
            **sets({**DESK, "policy": "dream", "mode": "shadow"}),
            **sets({**DESK, "mode": "shadow"}),
            **sets({**VIP, "mode": "shadow"}),
            **answered("5", "a", {"15m": (20, 0), "1h": (50, 0), "1d": (90, 0), "7d": (200, 0)}),
            **answered("20", "a", GOOD),
        },
        [],
    ),
    "everything broken under policies of somebody else": Scenario(sets({**DESK, "policy": "other"}), []),
    "a pilot": Scenario(
        risk(TRIAL, 5), [("SupportSlaAtRisk", {**TRIAL, "severity": "warning", "stage": "risk", **LEAD})]
    ),
    "a queue that answers late": Scenario(
        {
            **answered("20", "phones", {**GOOD, "15m": (10, 3), "1h": (40, 15)}),
            # The pilot's queue is judged by the pilot, and it is fine; e-mail has no such promise.
            **answered("20", "phone.pilot", {**GOOD, "15m": (10, 0), "1h": (40, 0)}),
            **answered("30", "phone.pilot", GOOD),
            **answered("20", "mails", {**GOOD, "15m": (10, 0), "1h": (40, 0)}, channel="email"),
            # The name of the pilot's queue is no pattern.
            **answered("30", "phone-pilot", {**GOOD, "15m": (10, 0), "1h": (40, 0)}),
        },
        [
            (
                "SupportSlaBurnFast",
                {"policy": "phone", "metric": "service_level", "mode": "live", "queue": "phones", **BURN_FAST, **LEAD},
            )
        ],
    ),
    "a queue whose threshold is another one": Scenario(
        {
            series("support_contacts_offered", {"queue": queue, "channel": "voice"}, window="1d", unit="segment"): 7
            for queue in ("phones", "phones2", "phone.pilot")
        }
        | answered("30", "phones", GOOD)
        | answered("20", "phones2", GOOD)
        | answered("30", "phone.pilot", GOOD),
        [
            (
                "SupportSlaNotMeasured",
                {
                    "policy": "phone",
                    "metric": "service_level",
                    "queue": "phones",
                    "severity": "warning",
                    "stage": "measure",
                    **LEAD,
                },
            )
        ],
    ),
}

REVIEW = "SupportSlaReviewOverdue"
SAID = [
    (
        "an hour of many late ones",
        "SupportSlaBurnFast",
        "Promises are being missed faster than the goal allows.",
        "a: of first_reply under policy desk so many were late in the last 1h that the budget of the goal (90%) "
        "burns 5 times "
        "as fast as it may; 3.43 is too fast.",
    ),
    (
        "a bad day",
        "SupportSlaBurnSlow",
        "Promises are being missed faster than the goal allows.",
        "a: of first_reply under policy desk so many were late in the last 1d that the budget of the goal (90%) "
        "burns 3 times "
        "as fast as it may; 2.14 is too fast.",
    ),
    (
        "a week below the goal",
        "SupportSlaBurnLasting",
        "Promises are being missed faster than the goal allows.",
        "a: of first_reply under policy desk so many were late in the last 7d that the budget of the goal (90%) "
        "burns 2 times "
        "as fast as it may; 1 is too fast.",
    ),
    (
        "several about to be late",
        "SupportSlaAtRisk",
        "Promises are about to be missed.",
        "a: 5 clocks of first_reply under policy desk have at most 15 minutes left.",
    ),
    (
        "a warning",
        "SupportSlaWarned",
        "A promise is in danger.",
        "a: 1 clocks under policy desk have been warned of.",
    ),
    (
        "a breach",
        "SupportSlaBreached",
        "A promise was broken, and nobody has mended it.",
        "a: the oldest open breach under policy desk is 30s old.",
    ),
    (
        "one broken promise to a VIP",
        "SupportSlaBreachedOnce",
        "A promise was broken of which every single one counts.",
        "a: 1 breaches of resolution under policy vip in the last 15 minutes, mended or not.",
    ),
    (
        "a queue whose threshold is another one",
        "SupportSlaNotMeasured",
        "A service level is promised that the figures do not measure.",
        "phones: policy phone promises ignore_early within 20 s; no series has this threshold and formula.",
    ),
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("policies") / "rules.yml"
    path.write_text(made("rules", WATCHED))
    return path


def made(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def read(path: Path) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def case(name: str, scenario: Scenario) -> dict[str, Any]:
    runbooks = {"vip": "https://handbook.example.org/vip"}
    alerts = []
    for said in SAID:
        for alert, labels in scenario.fires if said[0] == name else []:
            runbook = runbooks.get(labels["policy"], f"docs/policies.md#{alert.lower()}")
            annotations = {"summary": said[2], "description": said[3], "runbook_url": runbook}
            expected = {"exp_labels": labels, "exp_annotations": annotations}
            alerts.append({"eval_time": scenario.at, "alertname": alert, "exp_alerts": [expected]})
    firing = [
        {"labels": series("ALERTS", {"alertname": alert, "alertstate": "firing", **labels}), "value": 1}
        for alert, labels in scenario.fires
    ]
    return {
        "name": name,
        "interval": STEP,
        "input_series": [{"series": key, "values": f"{value:g}x12"} for key, value in scenario.series.items()],
        "alert_rule_test": alerts,
        "promql_expr_test": [{"expr": 'ALERTS{alertstate="firing"}', "eval_time": scenario.at, "exp_samples": firing}],
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_alerts_fire_when_they_must_and_only_then(version: str, rules: Path, tmp_path: Path) -> None:
    tests = [case(name, scenario) for name, scenario in SCENARIOS.items()]
    document = {"rule_files": [str(rules)], "evaluation_interval": STEP, "tests": tests}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    run(both("promtool", version), "test", "rules", str(tmp_path / "test.yml"))


PAST = {"a": ((5, 3, 0), (30, 7, 6), (600, 20, 19), (5000, 100, 97)), "b": ((5000, 4, 4),), "c": ((20_000, 9, 1),)}
"""By queue, so many minutes ago so many were due, and so many of them in time."""


def past_figures() -> Iterator[tuple[dict[str, str], str, float]]:
    """Labels, family and value of the series of clocks with such a past, as a worker exports them."""
    now = 30 * 86_400_000
    clock = ClockLabels("desk", "first_reply", "live", "business")
    panes = Panes()
    panes.advance(now)
    for queue, told in PAST.items():
        for minutes, due, met in told:
            for cell, number in ((sla_cells.DUE, due), (sla_cells.MET, met)):
                panes.apply(queue, [Item(f"{cell}{clock}", "email", "", "", now - 60_000 * minutes, 0, 1)] * number, 1)
    allowances = load_policies([WATCHED]).allowances(now)
    for (queue, channel, priority), group in panes.groups.items():
        own = {"queue": queue, "channel": channel, "priority": priority}
        for family, suffix, labels, value in clock_samples(group, KEY, allowances):
            yield {**own, **dict(labels)}, family + suffix, value


@pytest.mark.parametrize("version", VERSIONS)
def test_the_burn_rate_of_the_figures_is_that_of_the_rules(version: str, rules: Path, tmp_path: Path) -> None:
    told = [each for each in past_figures() if each[1].startswith(("support_sla_attainment", "support_sla_burn"))]
    rates = {
        (labels["queue"], labels["window"]): value for labels, name, value in told if name == "support_sla_burn_rate"
    }
    # 3 of 3, 4 of 10 and 5 of 30 were late, of which 90 % should be in time; where nothing was due there is no rate.
    assert {window: round(rates["a", window], 9) for window in WINDOWS} == {
        "15m": 10,
        "1h": 4,
        "1d": round(5 / 30 * 10, 9),
        "7d": round(8 / 130 * 10, 9),
    }
    assert [key for key in rates if key[0] != "a"] == [("b", "7d")]
    assert rates["b", "7d"] == 0
    same = [
        {
            "expr": f"count(abs({BURN}{window} - on (policy, metric, mode, queue) support_sla_burn_rate"
            f'{{window="{window}"}}) < 1e-9)',
            "eval_time": STEP,
            "exp_samples": [{"labels": "{}", "value": sum(of == window for _, of in rates)}],
        }
        for window in WINDOWS
    ]
    none = [{"expr": f'{BURN}{window}{{queue="c"}}', "eval_time": STEP, "exp_samples": []} for window in WINDOWS]
    test = {
        "interval": STEP,
        "input_series": [{"series": series(name, labels), "values": f"{value!r}x12"} for labels, name, value in told],
        "promql_expr_test": [*same, *none],
    }
    document = {"rule_files": [str(rules)], "evaluation_interval": STEP, "tests": [test]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    run(both("promtool", version), "test", "rules", str(tmp_path / "test.yml"))


def test_every_alert_fires_somewhere_and_says_what_it_should(rules: Path) -> None:
    names = {rule["alert"] for rule in read(rules) if "alert" in rule}
    assert {alert for scenario in SCENARIOS.values() for alert, _ in scenario.fires} == names - {REVIEW}
    assert {alert for _, alert, _, _ in SAID} == names - {REVIEW}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_review_is_overdue_from_its_day_on(version: str, tmp_path: Path) -> None:
    text = Path(WATCHED).read_text().replace("2100-01-01", "1970-01-03", 1)
    (tmp_path / "p.policy.yaml").write_text(text)
    (tmp_path / "watched.calendars.yaml").write_text((Path(WATCHED).parent / "watched.calendars.yaml").read_text())
    (tmp_path / "rules.yml").write_text(made("rules", str(tmp_path / "p.policy.yaml")))
    labels = {"severity": "info", "policy": "vip", "stage": "review"}
    annotations = {
        "summary": "A policy is to be reviewed.",
        "description": "The review of policy vip is overdue since 1970-01-03; o is to review it.",
        "runbook_url": "https://handbook.example.org/vip",
    }
    expected = [{"exp_labels": labels, "exp_annotations": annotations}]
    alerts = [
        {"eval_time": "36h", "alertname": REVIEW, "exp_alerts": []},
        {"eval_time": "48h", "alertname": REVIEW, "exp_alerts": expected},
    ]
    tests = [{"interval": "12h", "input_series": [], "alert_rule_test": alerts}]
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "12h", "tests": tests}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    run(both("promtool", version), "test", "rules", str(tmp_path / "test.yml"))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [WATCHED, "three-desks"], ids=["watched", "three-desks"])
def test_rules_are_valid_and_no_two_of_them_the_same(version: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(made("rules", name))
    run(both("promtool", version), "check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "rules.yml"))


def test_no_alert_hears_of_shadows(rules: Path) -> None:
    for rule in read(rules):
        if "alert" not in rule:
            continue
        assert rule["labels"]["policy"] != "dream"
        for name in (*OURS.findall(RECORDED.sub("", rule["expr"])), *RECORDED.findall(rule["expr"])):
            clocks = "support_sla" in name
            after = rule["expr"].split(name, 1)[1]
            assert not clocks or 'mode=~"live|pilot"' in after[: after.index("}")]


def test_recorded_names_in_alerts_are_recorded(rules: Path) -> None:
    recorded = {rule["record"] for rule in read(rules) if "record" in rule}
    asked = {name for rule in read(rules) for name in RECORDED.findall(rule["expr"])}
    assert asked <= recorded


def test_the_series_exist_and_are_exported_by_default(rules: Path) -> None:
    asked = metric_names([Query("", rule["expr"]) for rule in read(rules)])
    assert asked <= exposed_names()
    assert set(WINDOWS) <= KEY.windows
    by_window = {"support_sla_attainment_ratio", "support_sla_breaches_total", "support_service_level_ratio"}
    assert {*by_window, "support_contacts_offered_total"} <= KEY.metrics
    assert DEFAULT_FORMULA in KEY.formulas


def test_alerts_have_their_place_in_the_manual(rules: Path) -> None:
    titles = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "policies.md").read_text(), re.MULTILINE)
    anchors = {title.lower().replace(" ", "-") for title in titles}
    for rule in read(rules):
        if "alert" in rule:
            assert re.fullmatch(r"([A-Z][a-z]+)+", rule["alert"])
            assert rule["alert"].lower() in anchors
            assert "{{" not in rule["annotations"]["summary"]


def test_what_is_few_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "few.yml").write_text(made("rules", WATCHED, "--min-due", "3", "--min-at-risk", "2"))
    (tmp_path / "usual.yml").write_text(made("rules", WATCHED))
    few, usual = (
        [
            rule["expr"]
            for rule in read(tmp_path / name)
            if rule.get("alert", "").startswith(("SupportSlaB", "SupportSlaA"))
        ]
        for name in ("few.yml", "usual.yml")
    )
    assert few != usual
    chosen = [each.replace(">= 10", ">= 3").replace(">= 5", ">= 2") for each in usual]
    assert few == chosen


@pytest.mark.parametrize(
    ("made_by", "golden"),
    [
        (["rules", "three-desks"], "three-desks.rules.yml"),
        (["alertmanager", "three-desks", "--today", "2026-06-01"], "three-desks.alertmanager.yml"),
    ],
    ids=["rules", "alertmanager"],
)
def test_what_the_shipped_policies_come_to(made_by: list[str], golden: str) -> None:
    """Made anew with the command of the same arguments, when it is meant to differ."""
    assert made(*made_by) == (GOLDEN / golden).read_text()


def test_bad_policies_make_no_rules() -> None:
    bad = ROOT / "tests" / "bad" / "policies"
    for what in ("rules", "alertmanager"):
        done = CliRunner().invoke(command, [what, str(bad / "unreachable.policy.yaml")])
        assert done.exit_code == 2
        assert "is never reached" in done.output
        assert "groups" not in done.output
        done = CliRunner().invoke(command, [what, str(bad)])
        assert done.exit_code == 2
        assert "must be a single file" in done.output

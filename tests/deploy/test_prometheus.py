"""Prometheus' configuration and rules, judged by the real programs: Debian's 2.42 and the newest that Debian has."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.deploy import promql
from tests.deploy.programs import DEPLOY, ROOT, both, run

PROMETHEUS = DEPLOY / "prometheus"
RULE_TESTS = sorted((PROMETHEUS / "tests").glob("*.test.yml"))
VERSIONS = ["installed", "newest"]


@pytest.mark.parametrize("version", VERSIONS)
def test_configuration_and_rules_are_valid(version: str) -> None:
    promtool = both("promtool", version)
    said = run(promtool, "check", "config", str(PROMETHEUS / "prometheus.yml")).stdout
    for path in sorted(promql.RULES.glob("*.yml")):
        assert path.name in said
        run(promtool, "check", "rules", "--lint=all", "--lint-fatal", str(path))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_rules_fire_when_they_must_and_only_then(version: str, path: object) -> None:
    run(both("promtool", version), "test", "rules", str(path))


def alerts() -> list[dict[str, object]]:
    return [rule for rule in promql.rules() if "alert" in rule]


def test_every_alert_is_unit_tested_both_ways() -> None:
    fired: set[str] = set()
    silent: set[str] = set()
    for path in RULE_TESTS:
        for case in yaml.safe_load(path.read_text())["tests"]:
            for expectation in case.get("alert_rule_test", []):
                (fired if expectation["exp_alerts"] else silent).add(expectation["alertname"])
    names = {str(rule["alert"]) for rule in alerts()}
    assert fired == names
    # Watchdog has no circumstances in which it is silent.
    assert silent == names - {"Watchdog"}


def test_every_recorded_series_is_used_or_unit_tested() -> None:
    tested = "".join(path.read_text() for path in RULE_TESTS)
    for rule in promql.rules():
        if "record" in rule:
            assert rule["record"] in tested


def test_alerts_say_what_is_wrong_and_where_to_read_on() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    anchors = {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in headings(manual)}
    for rule in alerts():
        assert re.fullmatch(r"([A-Z][a-z]+)+", str(rule["alert"])), rule["alert"]
        labels, annotations = rule["labels"], rule["annotations"]
        assert isinstance(labels, dict)
        assert isinstance(annotations, dict)
        assert labels["severity"] in {"critical", "warning", "info", "none"}
        assert set(annotations) == {"summary", "description", "runbook_url"}
        assert "{{" not in annotations["summary"], "a summary names no values, so that it groups"
        page, anchor = annotations["runbook_url"].split("#")
        assert page == "docs/operations.md"
        assert anchor in anchors
        assert anchor == str(rule["alert"]).lower()


def headings(markdown: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", markdown, flags=re.MULTILINE)


def test_recorded_names_in_expressions_are_recorded() -> None:
    recorded = {str(rule["record"]) for rule in promql.rules() if "record" in rule}
    asked = promql.recorded_names(promql.rule_queries() + promql.dashboard_queries())
    assert asked <= recorded

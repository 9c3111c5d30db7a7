"""What dashboards and rules ask of Prometheus: their expressions, and the names of the metrics in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
RULES = ROOT / "deploy" / "prometheus" / "rules"

# What Grafana puts in place of its variables, as for a viewer who chose nothing.
SUBSTITUTES = {"queue": ".*", "channel": ".*", "window": "1h", "__rate_interval": "1m", "__interval": "15s"}

OURS = re.compile(r"\b(?:support|ticketstreams)_[a-z0-9_]+\b")
RECORDED = re.compile(r"(?<![\w:])[a-z_]+:[a-z0-9_]+:[a-z0-9_]+")


class Query(NamedTuple):
    """One expression and where it stands."""

    where: str
    expression: str


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels, those inside collapsed rows too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def dashboard_queries() -> list[Query]:
    """Every panel's expressions, with Grafana's variables filled in."""
    found = []
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel.get("targets", []):
                where = f"{name}: {panel['title']} {target['refId']}"
                found.append(Query(where, substituted(target["expr"])))
    return found


def substituted(expression: str) -> str:
    """The expression as Grafana would send it; an unknown variable is an error."""
    return re.sub(r"\$(\w+)", lambda match: SUBSTITUTES[match[1]], expression)


def rules() -> list[dict[str, Any]]:
    """Every rule of every file, alerts and recordings."""
    files = [yaml.safe_load(path.read_text()) for path in sorted(RULES.glob("*.yml"))]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def rule_queries() -> list[Query]:
    """The expressions of all rules."""
    return [Query(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()]


def metric_names(queries: list[Query]) -> set[str]:
    """Names of our own metrics in the expressions; names made by recording rules are not among them."""
    return {
        name for query in queries for name in OURS.findall(RECORDED.sub("", re.sub(r'"[^"]*"', '""', query.expression)))
    }


def recorded_names(queries: list[Query]) -> set[str]:
    """Names of recorded series in the expressions."""
    return {name for query in queries for name in RECORDED.findall(re.sub(r'"[^"]*"', '""', query.expression))}

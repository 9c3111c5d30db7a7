"""What a worker exports unless told otherwise: little enough to be scraped often, and all that is shipped asks for."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from agents.cli.up import _Demo
from agents.web.exposition import Exposition
from agents.web.present import Present
from streams.figures.catalogue import METRICS, RATIOS
from streams.figures.exports import EVERYTHING, KEY, Exports
from streams.sources.simulator import Simulator, delivery
from streams.sources.simulator_profile import AROUND_THE_CLOCK
from streams.topics import partition_of
from tests.bench.bench_core import PARTITIONS, Pipeline
from tests.deploy import promql
from tests.support.contact_centre import FakeWorker

if TYPE_CHECKING:
    from streams.pipeline.kpis import KpiStage

NOW = 1_777_910_400_000
MOST = 28_000
"""Series of the demo: four queues with as many channels and up to four priorities."""
Series = dict[str, list[dict[str, str]]]
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Selector(NamedTuple):
    name: str
    matchers: tuple[tuple[str, str, str], ...]

    def matches(self, labels: dict[str, str]) -> bool:
        for label, operator, value in self.matchers:
            held = labels.get(label, "")
            same = held == value if operator in ("=", "!=") else re.fullmatch(value, held) is not None
            if same == operator.startswith("!"):
                return False
        return True


@pytest.fixture(scope="module")
def demo() -> KpiStage:
    """The figures of the demo's history, as ``up`` begins with."""
    pipeline = Pipeline()
    for event in Simulator(seed=7, start_ms=NOW - _Demo.HISTORY_MS, profile=AROUND_THE_CLOCK).until(NOW):
        record = delivery(event)
        pipeline.put(record.topic, partition_of(record.key.decode(), PARTITIONS), record.key, record.value)
    pipeline.run()
    return pipeline.kpis


def exported(kpis: KpiStage, exports: Exports) -> Series:
    worker = FakeWorker(kpis, NOW)
    worker.exports = exports
    worker.last_event = dict.fromkeys(("calls", "chats", "tickets"), NOW)
    text = asyncio.run(Exposition(worker, Present(worker)).text()).decode()
    found: Series = {}
    # The reference parser reads it in tests/unit/test_exposition.py; here it would take longer than all else.
    for line in text.splitlines():
        if not line.startswith("#"):
            found.setdefault(re.split("[{ ]", line, maxsplit=1)[0], []).append(dict(_LABEL.findall(line)))
    return found


@pytest.fixture(scope="module")
def everything(demo: KpiStage) -> Series:
    return exported(demo, EVERYTHING)


@pytest.fixture(scope="module")
def key(demo: KpiStage) -> Series:
    return exported(demo, KEY)


def selectors(expression: str) -> list[Selector]:
    """The selectors of our own series in an expression."""
    found = []
    for name, inside in re.findall(
        r"\b((?:support|ticketstreams)_\w+)(?:\{([^}]*)\})?", promql.RECORDED.sub("", expression)
    ):
        matchers = re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', inside)
        found.append(Selector(name, tuple(matchers)))
    return found


def asked_for() -> set[tuple[str, Selector]]:
    """Every selector of a shipped dashboard or rule, for every choice of the dashboards' window."""
    expressions = [(query.where, query.expression) for query in promql.rule_queries()]
    for name, dashboard in promql.dashboards().items():
        chosen = [one["query"].split(",") for one in dashboard["templating"]["list"] if one["name"] == "window"]
        for window in chosen[0] if chosen else [""]:
            for panel in promql.panels(dashboard):
                for target in panel.get("targets", []):
                    expression = promql.substituted(target["expr"].replace("$window", window))
                    expressions.append((f"{name}: {panel['title']}, {window}", expression))
    return {(where, sure(selector)) for where, expression in expressions for selector in selectors(expression)}


def sure(selector: Selector) -> Selector:
    """Whether there is a ratio of ours depends on the data; its denominator is there in any case."""
    of_ours = any(metric.full_name == selector.name for metric in RATIOS)
    return selector._replace(name=selector.name.replace("_ratio", "_denominator")) if of_ours else selector


def test_the_demo_exports_no_more_series_than_it_should(key: Series, everything: Series) -> None:
    assert sum(map(len, key.values())) <= MOST
    assert sum(map(len, everything.values())) > 2 * MOST, "or there would be nothing to choose"


def test_what_is_shipped_finds_what_it_asks_for(key: Series, everything: Series) -> None:
    asked, answered = asked_for(), 0
    for where, selector in asked:
        if any(map(selector.matches, everything.get(selector.name, ()))):
            answered += 1
            assert any(map(selector.matches, key.get(selector.name, ()))), f"{where}: nothing for {selector}"
    # The rest are series that only appear when something is the matter, or that need a policy.
    assert answered >= 0.8 * len(asked)


def test_whoever_exports_less_misses_it(demo: KpiStage, everything: Series) -> None:
    """The test above would notice a window, a metric, an attribution and a quantile that are not exported."""
    asked = {selector for _, selector in asked_for()}
    for less in (
        KEY._replace(windows=KEY.windows - {"today"}),
        KEY._replace(metrics=KEY.metrics - {"support_handle_seconds"}),
        KEY._replace(quantiles=(0.95,)),
        KEY._replace(within=frozenset({"24h"})),
    ):
        few = exported(demo, less)
        assert any(
            any(map(one.matches, everything.get(one.name, ()))) and not any(map(one.matches, few.get(one.name, ())))
            for one in asked
        ), less


def test_every_series_with_a_window_says_how_it_is_attributed(everything: Series) -> None:
    declared: dict[str, tuple[str, ...]] = {}
    for metric in METRICS:
        assert metric.attribution, metric.name
        assert set(metric.attribution) <= {"event", "cohort", "split"}, metric.name
        if "window" in metric.labels:
            assert "attribution" in metric.labels, metric.name
        stem = metric.full_name.removesuffix("_ratio")
        names = [metric.full_name, f"{stem}_numerator", f"{stem}_denominator"]
        names += [metric.full_name + suffix for suffix in ("_sum", "_count")]
        for name in (*names, *([metric.windowed_name] if metric.type == "counter" else [])):
            declared[name] = metric.attribution
    seen: dict[str, set[str]] = {}
    for name, series in everything.items():
        for labels in series:
            if "window" in labels:
                assert labels.get("attribution") in declared[name], (name, labels)
                seen.setdefault(name, set()).add(labels["attribution"])
    assert len(seen) > 100
    for name, attributions in seen.items():
        assert attributions == set(declared[name]), name


def test_every_metric_since_the_first_event_is_always_there(demo: KpiStage, everything: Series) -> None:
    few = exported(demo, Exports(frozenset(), frozenset()))
    for name, series in everything.items():
        there = {frozenset(labels.items()) for labels in few.get(name, ())}
        always = {frozenset(labels.items()) for labels in series if labels.get("window", "all") == "all"}
        assert always <= there, name

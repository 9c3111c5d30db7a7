"""Dashboards and rules speak only of metrics that exist."""

from __future__ import annotations

from streams.figures.catalogue import exposed_names
from tests.deploy import promql


def test_every_metric_of_dashboards_and_rules_is_in_the_catalogue() -> None:
    spoken_of = promql.metric_names(promql.dashboard_queries() + promql.rule_queries())
    ours = {name for name in spoken_of if name.startswith(("support_", "ticketstreams_")) and ":" not in name}
    assert ours, "nothing was read"
    assert ours <= exposed_names(), sorted(ours - exposed_names())

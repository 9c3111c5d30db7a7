"""docs/metrics.md says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from agents.web.metric_docs import metrics_markdown
from streams.figures.catalogue import METRICS, exposed_names

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_is_what_the_catalogue_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == metrics_markdown(), "write it anew: agents.web.metric_docs"


def test_every_declared_metric_is_on_the_page_with_its_help_and_formula() -> None:
    page = metrics_markdown()
    for metric in METRICS:
        row = next(line for line in page.splitlines() if f"`{metric.full_name}`" in line and line.startswith("|"))
        assert f"| {metric.help} | {metric.formula} |" in row


def test_names_in_the_tables_are_exposed_names() -> None:
    named = {
        name.strip("`")
        for line in metrics_markdown().splitlines()
        if line.startswith(("| `support_", "| `ticketstreams_"))
        for name in line.split(" | ")[0].removeprefix("| ").split("<br>")
    }
    parts = {f"{metric.full_name}{end}" for metric in METRICS if metric.type == "summary" for end in ("_sum", "_count")}
    assert named == exposed_names() - parts

"""The series of the pipeline and of the processor itself, from what the worker says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.web.text import DEFINITIONS
from agents.web.view import FEEDS, SPORADIC, STALE_AFTER_SECONDS
from streams.figures.catalogue import PIPELINE, PROCESSOR, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.web.view import RuntimeView

Labels = tuple[tuple[str, str], ...]
RESULTS = ("ok", "duplicate", "late", "invalid", "unknown_type")
"""How an event of a feed can be taken: exported as 0 until it happens."""

_BY_NAME = {metric.name: metric for metric in (*PIPELINE, *PROCESSOR)}


def runtime_samples(
    view: RuntimeView, stale_after: float = STALE_AFTER_SECONDS
) -> Iterator[tuple[Metric, Labels, float]]:
    """All of them but the number of series, which is known last. ``stale_after``: seconds until a feed is silent."""
    now = view.now_ms()
    for topic, at in sorted(view.last_event_ms().items()):
        labels: Labels = (("topic", topic),)
        yield _BY_NAME["last_event_timestamp_seconds"], labels, at / 1000
        if topic in FEEDS and topic not in SPORADIC:
            lag = (now - at) / 1000
            yield _BY_NAME["event_lag_seconds"], labels, lag
            yield _BY_NAME["source_silent"], labels, int(lag > stale_after)
    for topic, at in sorted(view.watermark_ms().items()):
        yield _BY_NAME["watermark_timestamp_seconds"], (("topic", topic),), at / 1000
    counts = dict.fromkeys(((topic, result, "") for topic in FEEDS for result in RESULTS), 0)
    for key, count in view.tally.items():
        counts[key.topic, key.result, key.reason] = count
    for (topic, result, reason), count in sorted(counts.items()):
        labels = (("topic", topic), ("result", result), ("reason", reason))
        yield _BY_NAME["events_total"], labels, count
    for labels in DEFINITIONS:
        yield _BY_NAME["metric_definition_info"], labels, 1
    yield _BY_NAME["ready"], (), int(view.ready)
    for row in view.partitions():
        labels = (("topic", row.topic), ("partition", str(row.partition)))
        yield _BY_NAME["partition_owned"], labels, 1
        if row.end is not None:
            yield _BY_NAME["partition_lag_records"], labels, max(0, row.end - row.position)
    yield _BY_NAME["clock_timestamp_seconds"], (), now / 1000
    yield _BY_NAME["policy_info"], (("version", view.policies.version),), 1
    yield _BY_NAME["policy_reload_failures_total"], (), view.policies.failures

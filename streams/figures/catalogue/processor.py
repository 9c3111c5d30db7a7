"""Metrics of the event stream and of the processor itself (SPEC 2.6)."""

from __future__ import annotations

from streams.figures.catalogue.metric import Metric

PIPELINE: tuple[Metric, ...] = (
    Metric(
        "M90",
        "pipeline",
        "event_lag_seconds",
        "gauge",
        "System time less the time of the newest event taken.",
        "now - max t(event)",
        ("topic",),
    ),
    Metric(
        "M91",
        "pipeline",
        "events_total",
        "counter",
        "Events by how they were taken, by this process.",
        "count",
        ("topic", "result", "reason"),
    ),
    Metric(
        "M92",
        "pipeline",
        "last_event_timestamp_seconds",
        "gauge",
        "Time of the newest event taken.",
        "max t(event)",
        ("topic",),
    ),
    Metric(
        "M92",
        "pipeline",
        "watermark_timestamp_seconds",
        "gauge",
        "Before this time no event is expected any more.",
        "max t(event) - lateness + system time since",
        ("topic",),
    ),
    Metric(
        "M94",
        "pipeline",
        "source_silent",
        "gauge",
        "1 when no event of the topic has been taken for longer than stale_seconds, by the clock that windows follow.",
        "now - max t(event) > stale_seconds",
        ("topic",),
    ),
    Metric(
        "M93",
        "pipeline",
        "metric_definition_info",
        "gauge",
        "Definition of each metric.",
        "1",
        ("metric", "id", "formula", "attribution"),
    ),
)

PROCESSOR: tuple[Metric, ...] = (
    Metric("", "processor", "ready", "gauge", "1 when all partitions are recovered and served.", "0 or 1"),
    Metric(
        "",
        "processor",
        "partition_owned",
        "gauge",
        "1 for every partition that this process serves.",
        "1",
        ("topic", "partition"),
    ),
    Metric(
        "",
        "processor",
        "partition_lag_records",
        "gauge",
        "Records fetched by no batch yet.",
        "end - position",
        ("topic", "partition"),
    ),
    Metric("", "processor", "clock_timestamp_seconds", "gauge", "The instant that windows reach to.", "now"),
    Metric(
        "",
        "processor",
        "policy_info",
        "gauge",
        "Version of the policies that clocks run by; all workers must have the same one. Empty: there are none.",
        "1",
        ("version",),
    ),
    Metric(
        "",
        "processor",
        "policy_reload_failures_total",
        "counter",
        "Newer versions of the policies that could not be used, so that the older ones stay in force.",
        "count",
    ),
    Metric(
        "",
        "processor",
        "rep_label_overflow",
        "gauge",
        'Reps of a queue that are added up in rep="__other__", where reps are told apart.',
        "count",
        ("queue",),
    ),
    Metric("", "processor", "series", "gauge", "Series in this exposition.", "count"),
)

"""Metrics of complaints (SPEC 2.6, M74).

Many complaints are a good measure of bad service; few of them prove nothing, as most of those who are dissatisfied
leave in silence. So they are never to be shown alone: beside them belongs what such customers do instead, those who
give up waiting and those who come again.
"""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.catalogue.metric import DAYS, Metric

COUNTERS: tuple[Metric, ...] = (
    Metric(
        "M74",
        "complaints",
        "complaints_total",
        "counter",
        "Complaints received. Many show bad service, but few are no proof of good: the dissatisfied mostly leave in "
        "silence.",
        "count of complaints; those in deleted and spam tickets left out",
        cell=c.COMPLAINT,
    ),
)

SUMMARIES: tuple[Metric, ...] = (
    Metric(
        "000-3",
        "complaints",
        "complaint_first_reply_seconds",
        "summary",
        "From a complaint to its first answer by a person; no value where only the ticket's solve ended the wait.",
        "min t(acknowledged, public reply, next conversation, resolved) - t(received)",
        ("clock",),
        c.COMPLAINT_REPLY,
    ),
    Metric(
        "000-3",
        "complaints",
        "complaint_resolution_seconds",
        "summary",
        "From a complaint to its resolution, or to the solve of its ticket that has not been reopened since.",
        "min t(resolved, solve) - t(received)",
        ("clock",),
        c.COMPLAINT_RESOLUTION,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Metric(
        "M74",
        "complaints",
        "complaint_ratio",
        "gauge",
        "Complaints for each contact; times 1,000 per 1,000 contacts. Never to be shown alone: few complaints are no "
        "proof of good service.",
        "complaints / (tickets created + contacts that entered a queue)",
        windows=DAYS,
    ),
)

LIVE: tuple[Metric, ...] = (
    Metric("M74", "complaints", "complaints_open", "gauge", "Complaints that are not resolved.", "count"),
    Metric(
        "M74",
        "complaints",
        "complaint_oldest_open_received_timestamp_seconds",
        "gauge",
        "When the oldest open complaint was received; absent when none is open.",
        "min t(received)",
    ),
)

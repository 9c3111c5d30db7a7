"""The catalogue: every metric that is published, declared once.

The exposition, the documentation (docs/metrics.md) and the tests that compare dashboards and rules with what exists
all start here. Names omit their prefix: ``support_`` for what the operation sees, ``ticketstreams_`` for the processor.
"""

from __future__ import annotations

from streams.figures.catalogue import (
    chats,
    complaints,
    contact_times,
    contacts,
    recontacts,
    reps,
    ticket_times,
    tickets,
)
from streams.figures.catalogue.by_rep import BY_REP
from streams.figures.catalogue.metric import GROUP_LABELS, Family, Metric
from streams.figures.catalogue.processor import PIPELINE, PROCESSOR
from streams.figures.catalogue.sla import SLA

__all__ = [
    "BY_REP",
    "COUNTERS",
    "GROUP_LABELS",
    "LIVE",
    "METRICS",
    "PIPELINE",
    "PROCESSOR",
    "RATIOS",
    "SLA",
    "SUMMARIES",
    "Family",
    "Metric",
    "exposed_names",
]

COUNTERS: tuple[Metric, ...] = (
    *tickets.COUNTERS,
    *contacts.COUNTERS,
    *chats.COUNTERS,
    *complaints.COUNTERS,
    *recontacts.COUNTERS,
    *reps.COUNTERS,
)
"""Exported as a counter since the first event, and as a gauge for each window under the name without ``_total``."""

SUMMARIES: tuple[Metric, ...] = (
    *ticket_times.SUMMARIES,
    *contact_times.SUMMARIES,
    *chats.SUMMARIES,
    *complaints.SUMMARIES,
    *recontacts.SUMMARIES,
)
"""Distributions: sum, count and quantiles for each window, ``window="all"`` being since the first event."""

RATIOS: tuple[Metric, ...] = (
    *tickets.RATIOS,
    *contacts.RATIOS,
    *chats.RATIOS,
    *complaints.RATIOS,
    *recontacts.RATIOS,
    *reps.RATIOS,
)
"""Each with two gauges beside it, named ``…_numerator`` and ``…_denominator`` in place of ``…_ratio``: ratios must
not be averaged."""

LIVE: tuple[Metric, ...] = (*tickets.LIVE, *contacts.LIVE, *complaints.LIVE, *reps.LIVE, *recontacts.LIVE)

METRICS: tuple[Metric, ...] = (*COUNTERS, *SUMMARIES, *RATIOS, *LIVE, *BY_REP, *SLA, *PIPELINE, *PROCESSOR)


def exposed_names() -> frozenset[str]:
    """Every name that may appear in the exposition, with those derived from a declaration."""
    names: set[str] = set()
    for metric in METRICS:
        names.add(metric.full_name)
        if metric.by_window:
            names.add(metric.windowed_name)
        if metric.type == "summary":
            names.update((f"{metric.full_name}_sum", f"{metric.full_name}_count"))
        if metric.full_name.endswith("_ratio"):
            stem = metric.full_name.removesuffix("_ratio")
            names.update((f"{stem}_numerator", f"{stem}_denominator"))
    return frozenset(names)

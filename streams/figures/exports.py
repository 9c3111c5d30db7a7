"""What of the figures is exported as series: all is kept and can be asked for, but each series costs at every scrape.

Since the first event (window ``all``) every metric is exported always; by the other windows those that are chosen.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from streams.figures.catalogue import COUNTERS, RATIOS, SLA, SUMMARIES, Metric
from streams.figures.cells import RECONTACT_WINDOWS
from streams.figures.service_level import FORMULAS
from streams.figures.sketch import QUANTILES
from streams.figures.windows import ALL, WINDOW_NAMES

KEY_METRICS: Final = (
    "support_tickets_created_total",
    "support_tickets_solved_total",
    "support_ticket_first_reply_seconds",
    "support_ticket_full_resolution_seconds",
    "support_contacts_offered_total",
    "support_contacts_answered_total",
    "support_contacts_abandoned_total",
    "support_queue_wait_seconds",
    "support_handle_seconds",
    "support_service_level_ratio",
    "support_service_level_live_ratio",
    "support_fcr_ratio",
    "support_recontact_ratio",
    "support_rep_occupancy_ratio",
    "support_sla_breaches_total",
    "support_sla_attainment_ratio",
)
"""What a wallboard shows: exported by window unless others are chosen."""

WINDOWED: Final = tuple(
    metric.full_name
    for metric in (*COUNTERS, *SUMMARIES, *RATIOS, *SLA)
    if metric.type != "gauge" or metric.name.endswith("_ratio")
)
"""Every metric that can be exported by window."""


class Exports(NamedTuple):
    """Which series are exported."""

    windows: frozenset[str] = frozenset(WINDOW_NAMES)
    metrics: frozenset[str] = frozenset(WINDOWED)
    """Full names of the metrics that are exported by window."""
    every_attribution: bool = True
    """Whether figures that can be booked by event and by cohort are exported both ways, or by their default only."""
    formulas: frozenset[str] = frozenset(FORMULAS)
    quantiles: tuple[float, ...] = QUANTILES
    within: frozenset[str] = frozenset(RECONTACT_WINDOWS)
    """Windows within which a contact is a re-contact; of the figures that tell them apart."""
    reps: int = 0
    """How many reps of each queue are exported by name, all others together; 0: reps are not told apart."""

    def has(self, labels: tuple[tuple[str, str], ...]) -> bool:
        """Whether a series is exported, by the labels of its own that can be chosen."""
        return all(
            (name != "formula" or value in self.formulas) and (name != "within" or value in self.within)
            for name, value in labels
        )

    def windows_of(self, metric: Metric, *, but: str = "") -> list[str]:
        """The windows that a metric is exported for; ``but``: one that it does not have."""
        chosen = self.windows if metric.full_name in self.metrics else frozenset()
        return [
            window
            for window in WINDOW_NAMES
            if (window == ALL or window in chosen)
            and window != but
            and (not metric.windows or window in metric.windows)
        ]

    def attributions_of(self, metric: Metric) -> tuple[str, ...]:
        """The attributions that a metric is exported by, its default first."""
        return metric.attribution if self.every_attribution else metric.attribution[:1]


EVERYTHING: Final = Exports()

KEY: Final = Exports(frozenset({"15m", "30m", "1h", "1d", "7d", "today"}), frozenset(KEY_METRICS))
"""The default."""

__all__ = ["EVERYTHING", "KEY", "KEY_METRICS", "WINDOWED", "Exports"]

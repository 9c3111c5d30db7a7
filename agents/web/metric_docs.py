"""Renders ``docs/metrics.md`` from the catalogue; a test keeps the two equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures.catalogue import COUNTERS, GROUP_LABELS, METRICS, RATIOS, SLA, SUMMARIES, Family, Metric
from streams.figures.exports import KEY, KEY_METRICS
from streams.figures.panes import ALL, TODAY, WINDOW_NAMES, YESTERDAY
from streams.figures.service_level import DEFAULT_FORMULA, FORMULAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TITLES: dict[Family, str] = {
    "tickets": "Tickets",
    "contacts": "Contacts",
    "chats": "Chats",
    "complaints": "Complaints",
    "recontacts": "Re-contacts and first contact resolution",
    "reps": "Reps",
    "by_rep": "Single reps",
    "sla": "Service-level agreements",
    "pipeline": "Pipeline",
    "processor": "Processor",
}
_COLUMNS = ("Name", "Type", "Labels", "What it says", "Formula", "Attribution", "Spec")

_LABELS = ", ".join(f"`{label}`" for label in GROUP_LABELS)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_INTRODUCTION = f"""\
# Metrics

Generated from the catalogue in `streams/figures/catalogue`; do not edit.

Durations and instants are in seconds, ratios from 0 to 1. What there is no data for is absent, never 0; counts of
queues that are known are 0. Every figure of a queue carries {_LABELS}
besides the labels named below.

- `window` is one of {_names(WINDOW_NAMES)}. `{TODAY}` begins with midnight in the queue's time zone
  (`queue_zones`, `default_zone` in [configuration](configuration.md)), `{YESTERDAY}` is the last complete day there, 23
  or 25 hours long where clocks change; `{ALL}` begins with the first event, the others end now.
- `attribution` says when something is booked: `event` at its own time, `cohort` at the time its contact entered the
  queue, `split` to every minute that it touches, as much as it covers of each.
- `clock` is `calendar`, or `business`: the same duration by the [calendar](calendars.md) of its ticket, absent where
  there is none. Filter or group by it: a sum over both is neither.
- A **counter** counts since the first event. Beside it stands a gauge of the same name without `_total`, with `window`
  (not `{ALL}`) and `attribution`; a label that the counter calls `window` is called `within` there. A correction (a
  duplicate, a late event, a merge) may lower a counter; `rate()` takes that for a restart, the gauges are right.
- A **summary** has `_sum`, `_count` and the quantiles 0.5, 0.9 and 0.95 for each window. Quantiles of several queues
  cannot be averaged; the HTTP API merges them exactly.
- A **ratio** has `…_numerator` and `…_denominator` beside it: add these up, then divide.

Not all of it is exported unless you say so; the wallboard, the HTTP API and `report` have everything. Since the first
event (window `all`) every metric is always there; by the other windows these are, unless you choose others (see
[configuration](configuration.md)):

- `export_metrics`: {_names(KEY_METRICS)}
- `export_windows`: {_names(name for name in WINDOW_NAMES if name in KEY.windows)}
- `export_quantiles`: {_names(map(str, KEY.quantiles))}
- `export_formulas`: {_names(formula for formula in FORMULAS if formula in KEY.formulas)}
- `export_within`: {_names(sorted(KEY.within))}
- `export_attributions`: `all`

Series of single reps (`rep`) are there only with `export_rep_label`: see [reps](reps.md#single-reps).

`ticketstreams_series` says how many series there are.

Where a front serves several workers, the families of the pipeline and of the processor and `process_*`, `python_*`
carry `worker` besides; a worker that does not answer is there with `ticketstreams_ready` 0.
"""


def metrics_markdown() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for family, title in _TITLES.items():
        rows = [_row(metric) for metric in METRICS if metric.family == family]
        parts.append("\n".join((f"## {title}\n", _line(_COLUMNS), _line("---" for _ in _COLUMNS), *rows, "")))
    formulas = (_line((f"`{name}`", f"`{words}`")) for name, (words, _) in FORMULAS.items())
    parts.append(
        "\n".join(
            (
                "## Formulas of service level\n",
                "A answered, a answered within the threshold, B abandoned, b abandoned within the threshold, s short",
                "abandons, F flow-outs, c callbacks requested within the threshold, Q entered the queue. A wait of",
                f"exactly the threshold is a hit. The wallboard shows `{DEFAULT_FORMULA}` unless told otherwise.\n",
                _line(("`formula`", "Formula")),
                _line(("---", "---")),
                *formulas,
                "",
            )
        )
    )
    return "\n".join(parts)


def _row(metric: Metric) -> str:
    names = [f"`{metric.full_name}`", *(f"`{name}`" for name in _beside(metric))]
    return _line(
        (
            "<br>".join(names),
            metric.type,
            ", ".join(f"`{label}`" for label in _labels(metric)) or "–",
            metric.help,
            metric.formula,
            ", ".join(metric.attribution) if metric.of_group else "–",
            metric.id or "–",
        )
    )


def _beside(metric: Metric) -> Iterator[str]:
    if metric in COUNTERS or (metric in SLA and metric.type == "counter"):
        yield metric.windowed_name
    if _is_ratio(metric):
        stem = metric.full_name.removesuffix("_ratio")
        yield f"{stem}_numerator"
        yield f"{stem}_denominator"


def _labels(metric: Metric) -> tuple[str, ...]:
    if metric in SUMMARIES or (metric in SLA and metric.type == "summary"):
        return (*metric.labels, "window", "attribution", "quantile")
    if _is_ratio(metric):
        return (*metric.labels, "window", "attribution")
    return metric.labels


def _is_ratio(metric: Metric) -> bool:
    return metric in RATIOS or (metric in SLA and metric.name.endswith("_ratio"))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

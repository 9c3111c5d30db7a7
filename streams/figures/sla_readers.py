"""Readers of SLA clocks: from cells to the figures that people see, and to series (M60 to M67).

Durations and instants are published in seconds. Labels besides those of the group: policy, metric, mode and clock.
"""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from streams.businesstime import NEVER
from streams.figures import sla_cells as c
from streams.figures.catalogue import sla as catalogue
from streams.figures.reading import count, distribution, ratio
from streams.figures.sketch import Sketch
from streams.figures.windows import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streams.figures.catalogue.metric import Metric
    from streams.figures.exports import Exports
    from streams.figures.panes import Cells, Group
    from streams.figures.sla_cells import Allowances, ClockLabels

    Labels = tuple[tuple[str, str], ...]


def sla(cells: Cells, live: Mapping[str, int]) -> list[dict[str, Any]] | None:
    """The clocks of each policy, metric and mode, or None if there were none.

    Args:
        cells: those of the window.
        live: how many are in each live state now; without any, nothing is said of what is so now.
    """
    is_now = any(state.startswith(c.SLA) and number for state, number in live.items())
    found = []
    for labels in c.clocks_in((*cells, *(state for state, number in live.items() if number))):
        found.append(
            {
                **labels._asdict(),
                "breaches": _count(cells, c.BREACH, labels),
                "fulfilled": _count(cells, c.IN_TIME, labels),
                "fulfilled_late": _count(cells, c.LATE, labels),
                "cancelled": _count(cells, c.CANCELLED, labels),
                "attainment": ratio(_count(cells, c.MET, labels), _count(cells, c.DUE, labels)),
                "overdue_seconds": distribution(cells, f"{c.OVERDUE}{labels}"),
            }
        )
        if is_now:
            opened = sum(c.deadlines(live, labels))
            states = {state: _count(cells, c.NOW[state], labels) for state in c.STATES}
            found[-1]["open"] = opened
            # In a window's cells those are missing that have not changed within it: their states are not known then.
            if sum(states.values()) == opened:
                found[-1]["instances"] = states
                found[-1]["at_risk"] = {within: _count(cells, c.RISK[within], labels) for within in c.WITHIN}
    return found or None


def samples(group: Group, exports: Exports, allowances: Allowances) -> Iterator[tuple[str, str, Labels, float]]:
    """Family, suffix, labels and value of all series of a group's clocks."""
    ever = group.windows[ALL]
    for labels in c.clocks_in((*ever, *(state for state, members in group.live.items() if members))):
        own = labels.pairs
        yield from _now(group, ever, labels)
        for metric, parts in _COUNTERS:
            for mine, prefix in parts:
                yield metric.full_name, "", (*own, *mine), _count(ever, prefix, labels)
                for window in exports.windows_of(metric, but=ALL):
                    when = (("window", window), ("attribution", "event"))
                    number = _count(group.windows[window], prefix, labels)
                    yield metric.windowed_name, "", (*own, *mine, *when), number
        for window in dict.fromkeys((*exports.windows_of(catalogue.ATTAINMENT), ALL)):
            yield from _attainment(group.windows[window], labels, window)
        yield from _budget(group, labels, exports, allowances.get((labels.policy, labels.metric), 0))
        windows = exports.windows_of(catalogue.OVERDUE)
        for window in dict.fromkeys((*windows, ALL)):
            quantiles = exports.quantiles if window in windows else ()
            yield from _distribution(group.windows[window], labels, window, quantiles)


_COUNTERS: tuple[tuple[Metric, tuple[tuple[Labels, str], ...]], ...] = (
    (catalogue.BREACHES, (((), c.BREACH),)),
    (catalogue.FULFILLED, (((("late", "false"),), c.IN_TIME), ((("late", "true"),), c.LATE))),
    (catalogue.CANCELLED, (((), c.CANCELLED),)),
)


def _now(group: Group, ever: Cells, labels: ClockLabels) -> Iterator[tuple[str, str, Labels, float]]:
    own = labels.pairs
    for state in c.STATES:
        yield catalogue.INSTANCES.full_name, "", (*own, ("state", state)), _count(ever, c.NOW[state], labels)
    for within in c.WITHIN:
        yield catalogue.AT_RISK.full_name, "", (*own, ("within", within)), _count(ever, c.RISK[within], labels)
    breached = _count(ever, c.NOW["breached"], labels)
    first = nsmallest(breached + 1, (at for held in c.deadlines(group.live, labels) for at in held.values()))
    if breached and first:
        yield catalogue.OLDEST_BREACH.full_name, "", own, first[0] / 1000
    following = first[breached : breached + 1]
    exists = bool(following) and following[0] != NEVER
    yield catalogue.NEXT_BREACH_EXISTS.full_name, "", own, int(exists)
    if exists:
        yield catalogue.NEXT_BREACH.full_name, "", own, following[0] / 1000


def _attainment(cells: Cells, labels: ClockLabels, window: str) -> Iterator[tuple[str, str, Labels, float]]:
    name = catalogue.ATTAINMENT.full_name
    stem = name.removesuffix("_ratio")
    own = (*labels.pairs, ("window", window), ("attribution", "cohort"))
    numerator, denominator = _count(cells, c.MET, labels), _count(cells, c.DUE, labels)
    yield f"{stem}_numerator", "", own, numerator
    yield f"{stem}_denominator", "", own, denominator
    if denominator > 0:
        yield name, "", own, numerator / denominator


def _budget(
    group: Group, labels: ClockLabels, exports: Exports, allowed: float
) -> Iterator[tuple[str, str, Labels, float]]:
    """What may be late, and how fast that is used up; nothing without a goal in force that allows anything."""
    if not allowed:
        return
    yield catalogue.ALLOWED_SHARE.full_name, "", labels.pairs, allowed
    for window in exports.windows_of(catalogue.ATTAINMENT, but=ALL):
        cells = group.windows[window]
        met, due = _count(cells, c.MET, labels), _count(cells, c.DUE, labels)
        if due > 0:
            own = (*labels.pairs, ("window", window), ("attribution", "cohort"))
            yield catalogue.BURN_RATE.full_name, "", own, (due - met) / due / allowed


def _distribution(
    cells: Cells, labels: ClockLabels, window: str, quantiles: tuple[float, ...]
) -> Iterator[tuple[str, str, Labels, float]]:
    name = catalogue.OVERDUE.full_name
    own = (*labels.pairs, ("window", window), ("attribution", "event"))
    held = cells.get(f"{c.OVERDUE}{labels}")
    if not isinstance(held, Sketch):
        held = Sketch()
    yield name, "_sum", own, held.total / 1000
    yield name, "_count", own, held.count
    found = held.quantiles(quantiles)
    for quantile, value in zip(quantiles, found or (), strict=found is not None):
        yield name, "", (*own, ("quantile", str(quantile))), value / 1000


def _count(cells: Cells, prefix: str, labels: ClockLabels) -> int:
    return count(cells, f"{prefix}{labels}")

"""From one group's windows to the series of the exposition. Times and durations are published in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells as c
from streams.figures.catalogue import COUNTERS, RATIOS, SUMMARIES, Metric
from streams.figures.cells import MATCHES, RECONTACT_WINDOWS
from streams.figures.panes import ALL, COHORT, WINDOWS
from streams.figures.readers import count, flow_outs, outcomes
from streams.figures.service_level import FORMULAS
from streams.figures.sketch import QUANTILES, Sketch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.figures.options import FigureOptions
    from streams.figures.panes import Cells, Group, GroupKey

Labels = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """One value of a family; ``suffix`` follows the family's name."""

    family: str
    suffix: str
    labels: Labels
    """Labels besides those of the group."""
    value: float


_CONTACT_CHANNELS = frozenset({"voice", "chat"})
_QUANTILE_LABELS = tuple(("quantile", str(q)) for q in QUANTILES)
_CALENDAR = (("clock", "calendar"),)


def families_of(key: GroupKey, group: Group) -> frozenset[str]:
    """Which families a group has series of: those it has figures of, or that its channel is for."""
    kinds = {cell[0] for cell in group.windows[ALL]} | {state[0] for state in group.live if group.live[state]}
    found = set()
    if "t" in kinds or "o" in kinds:
        found.add("tickets")
    if "c" in kinds or "w" in kinds:
        found.add("contacts")
    if not found:
        found = (
            {"contacts"}
            if key.channel in _CONTACT_CHANNELS
            else {"tickets"}
            if key.channel
            else {"tickets", "contacts"}
        )
    return frozenset({*found, "recontacts"})


def samples(key: GroupKey, group: Group, options: FigureOptions) -> Iterator[Sample]:
    """All series of a group; counts are 0 where nothing happened, ratios and quantiles are absent."""
    families = families_of(key, group)
    threshold = options.threshold_millis(key.queue) / 1000
    for metric in COUNTERS:
        if metric.family in families:
            yield from _counter(metric, group)
    for metric in SUMMARIES:
        if metric.family in families:
            yield from _summary(metric, group)
    for metric in RATIOS:
        if metric.family in families:
            yield from _ratio(metric, group, threshold)
    yield from _live(families, group)


def _parts(metric: Metric, cells: Cells, suffix: str) -> Iterator[tuple[Labels, int]]:
    """A counter's values by its own labels."""
    if metric.cell == c.OFFERED:
        yield (("unit", "segment"),), count(cells, c.OFFERED + suffix)
        yield (("unit", "contact"),), count(cells, c.CONTACTS + suffix)
    elif metric.cell == c.ABANDON_WAIT:
        short = count(cells, c.ABANDONED_SHORT + suffix)
        yield (("short", "false"),), count(cells, c.ABANDON_WAIT + suffix) - short
        yield (("short", "true"),), short
    elif metric.cell == c.FLOW_OUT:
        for reason, number in flow_outs(cells, suffix).items():
            yield (("reason", reason),), number
    elif metric.cell == c.RECONTACT:
        for window in RECONTACT_WINDOWS:
            for match in MATCHES:
                yield (("window", window), ("match", match)), count(cells, f"{c.RECONTACT}{window}.{match}")
    elif metric.cell == c.UNATTRIBUTABLE:
        yield (("cause", "anonymous"),), count(cells, f"{c.UNATTRIBUTABLE}anonymous")
    else:
        yield (), count(cells, metric.cell + suffix)


def _counter(metric: Metric, group: Group) -> Iterator[Sample]:
    for labels, number in _parts(metric, group.windows[ALL], ""):
        yield Sample(metric.full_name, "", labels, number)
    for attribution in metric.attribution:
        suffix = COHORT if attribution == "cohort" else ""
        for window in WINDOWS:
            for labels, number in _parts(metric, group.windows[window], suffix):
                # The gauge's window is that of the figure; a re-contact's own window needs another name there.
                own = tuple(("within" if name == "window" else name, value) for name, value in labels)
                yield Sample(metric.windowed_name, "", (*own, ("window", window), ("attribution", attribution)), number)


def _summary(metric: Metric, group: Group) -> Iterator[Sample]:
    clock: Labels = _CALENDAR if "clock" in metric.labels else ()
    for attribution in metric.attribution:
        suffix = COHORT if attribution == "cohort" else ""
        for window in (*WINDOWS, ALL):
            labels = (*clock, ("window", window), ("attribution", attribution))
            held = group.windows[window].get(metric.cell + suffix)
            number, total = (held.count, held.total / 1000) if isinstance(held, Sketch) else (0, 0.0)
            yield Sample(metric.full_name, "_sum", labels, total)
            yield Sample(metric.full_name, "_count", labels, number)
            found = held.quantiles() if isinstance(held, Sketch) else None
            if found is not None:
                for quantile, value in zip(_QUANTILE_LABELS, found, strict=True):
                    yield Sample(metric.full_name, "", (*labels, quantile), value / 1000)


def _fractions(metric: Metric, cells: Cells, attribution: str, threshold: float) -> Iterator[tuple[Labels, int, int]]:
    """A ratio's labels, numerator and denominator."""
    if metric.name == "ticket_reopen_ratio":
        yield (), count(cells, c.REOPENS_MATURE), count(cells, c.SOLVES_MATURE)
    elif metric.name == "bot_containment_verified_ratio":
        yield (), count(cells, c.BOT_VERIFIED), count(cells, c.BOT_CONTAINED_MATURE)
    elif metric.name == "fcr_ratio":
        for within in RECONTACT_WINDOWS:
            for match in MATCHES:
                yield (
                    (("method", "no_recontact"), ("within", within), ("match", match)),
                    count(cells, f"{c.NOT_RECONTACTED}{within}.{match}"),
                    count(cells, f"{c.RESOLVED_MATURE}{within}.{match}"),
                )
    else:
        said = outcomes(cells, "cohort" if attribution == "cohort" else "event")
        if metric.name == "abandon_ratio":
            yield (), said.abandoned, said.offered
        else:
            for formula, (_, parts) in FORMULAS.items():
                yield (("formula", formula), ("threshold", f"{threshold:g}")), *parts(said)


def _ratio(metric: Metric, group: Group, threshold: float) -> Iterator[Sample]:
    stem = metric.full_name.removesuffix("_ratio")
    for attribution in metric.attribution:
        for window in (*WINDOWS, ALL):
            for own, numerator, denominator in _fractions(metric, group.windows[window], attribution, threshold):
                labels = (*own, ("window", window), ("attribution", attribution))
                yield Sample(f"{stem}_numerator", "", labels, numerator)
                yield Sample(f"{stem}_denominator", "", labels, denominator)
                if denominator > 0:
                    yield Sample(metric.full_name, "", labels, numerator / denominator)


def _live(families: frozenset[str], group: Group) -> Iterator[Sample]:
    if "tickets" in families:
        opened = {state.removeprefix(c.OPEN): held for state, held in group.live.items() if state.startswith(c.OPEN)}
        for status in ("new", "open", "pending", "on_hold"):
            yield Sample("support_tickets_open", "", (("status", status),), len(opened.get(status, ())))
        oldest = min((min(held.values()) for held in opened.values() if held), default=None)
        if oldest is not None:
            yield Sample("support_ticket_oldest_open_created_timestamp_seconds", "", (), oldest / 1000)
    if "contacts" in families:
        waiting = group.live.get(c.WAITING, {})
        yield Sample("support_contacts_waiting", "", (), len(waiting))
        if waiting:
            yield Sample("support_oldest_waiting_enqueued_timestamp_seconds", "", (), min(waiting.values()) / 1000)
        for window in (*WINDOWS, ALL):
            longest = group.windows[window].get(c.ONE_HOLD)
            if isinstance(longest, Sketch) and longest.largest is not None:
                yield Sample("support_longest_hold_seconds", "", (("window", window),), longest.largest / 1000)

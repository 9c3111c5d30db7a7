"""From one group's windows to the series of the exposition. Times and durations are published in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells as c
from streams.figures.catalogue import COUNTERS, RATIOS, SUMMARIES, Metric
from streams.figures.cells import MATCHES, RECONTACT_WINDOWS
from streams.figures.panes import ALL, COHORT, WINDOWS
from streams.figures.readers import count, escalations, flow_outs, identity_gap, live_outcomes, outcomes, published
from streams.figures.service_level import FORMULAS, LIVE_FORMULAS
from streams.figures.sketch import QUANTILES, Sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
_SPLIT_BY = {c.ABANDON_WAIT: c.ABANDONED_SHORT, c.REP_NO_ANSWER: c.REP_NO_ANSWER_CUSTOMER}
"""Cells to the cell of that part of them for which the metric's only label is true."""
_BY_LABEL: dict[str, tuple[str, ...]] = {
    c.CALLBACK: c.CALLBACK_FATES,
    c.CALLBACK_ATTEMPT: c.ATTEMPT_RESULTS,
    c.TRANSFER_OUT: c.TRANSFER_KINDS,
    c.HOLD_DISCONNECT: c.HANG_UPS,
    c.UNATTRIBUTABLE: ("anonymous",),
}
"""Cells whose code ends with the value of the metric's only label, and those values: all are shown, also with 0."""
_BY_FINDING: dict[str, Callable[[Cells, str], dict[str, int]]] = {c.FLOW_OUT: flow_outs, c.ESCALATION: escalations}
"""The same for labels with values that are not known before they happen."""
_CALENDAR = (("clock", "calendar"),)
_PARTED: dict[str, tuple[tuple[Labels, str], ...]] = {
    c.UPDATE_GAP: (((("kind", "periodic"),), c.UPDATE_GAP), ((("kind", "pausable"),), c.UPDATE_GAP_PAUSABLE)),
    c.GROUPS: (((("counted", "distinct"),), c.GROUPS), ((("counted", "spells"),), c.GROUP_SPELLS)),
    c.ASSIGNEES: (((("counted", "distinct"),), c.ASSIGNEES), ((("counted", "spells"),), c.ASSIGNEE_SPELLS)),
}
"""Distributions that are several cells, by the metric's own labels."""
_OF_CELLS = {
    "ticket_reopen_ratio": (c.REOPENS_MATURE, c.SOLVES_MATURE),
    "ticket_one_touch_ratio": (c.ONE_TOUCH, c.SOLVED_MATURE),
    "ticket_escalation_ratio": (c.ESCALATED, c.SOLVED_MATURE),
    "bot_containment_verified_ratio": (c.BOT_VERIFIED, c.BOT_CONTAINED_MATURE),
}
"""Ratios of one cell to another."""


def families_of(key: GroupKey, group: Group) -> frozenset[str]:
    """Which families a group has series of: those it has figures of, or that its channel is for."""
    kinds = {cell[0] for cell in group.windows[ALL]} | {state[0] for state in group.live if group.live[state]}
    found = set()
    if "t" in kinds or "o" in kinds:
        found.add("tickets")
    if kinds & {"c", "w"}:
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
            yield from _ratio(metric, group, threshold, options.callback_policy)
    yield from _live(families, group)


def _parts(metric: Metric, cells: Cells, suffix: str) -> Iterator[tuple[Labels, int]]:
    """A counter's values by its own labels."""
    if metric.cell == c.OFFERED:
        yield (("unit", "segment"),), count(cells, c.OFFERED + suffix)
        yield (("unit", "contact"),), count(cells, c.CONTACTS + suffix)
    elif metric.cell in _SPLIT_BY:
        part = count(cells, _SPLIT_BY[metric.cell] + suffix)
        yield ((metric.labels[0], "false"),), count(cells, metric.cell + suffix) - part
        yield ((metric.labels[0], "true"),), part
    elif metric.cell in _BY_FINDING:
        for value, number in _BY_FINDING[metric.cell](cells, suffix).items():
            yield ((metric.labels[0], value),), number
    elif metric.cell in _BY_LABEL:
        for value in _BY_LABEL[metric.cell]:
            yield ((metric.labels[0], value),), count(cells, metric.cell + value + suffix)
    elif metric.cell == c.RECONTACT:
        for window in RECONTACT_WINDOWS:
            for match in MATCHES:
                yield (("window", window), ("match", match)), count(cells, f"{c.RECONTACT}{window}.{match}")
    else:
        yield (), count(cells, metric.cell + suffix)


def _windows(metric: Metric, all_of_them: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the windows that the metric is published for."""
    return tuple(window for window in all_of_them if not metric.windows or window in metric.windows)


def _counter(metric: Metric, group: Group) -> Iterator[Sample]:
    for labels, number in _parts(metric, group.windows[ALL], ""):
        yield Sample(metric.full_name, "", labels, number)
    for attribution in metric.attribution:
        suffix = COHORT if attribution == "cohort" else ""
        for window in _windows(metric, tuple(WINDOWS)):
            for labels, number in _parts(metric, group.windows[window], suffix):
                # The gauge's window is that of the figure; a re-contact's own window needs another name there.
                own = tuple(("within" if name == "window" else name, value) for name, value in labels)
                yield Sample(metric.windowed_name, "", (*own, ("window", window), ("attribution", attribution)), number)


def _summary(metric: Metric, group: Group) -> Iterator[Sample]:
    clock: Labels = _CALENDAR if "clock" in metric.labels else ()
    unit = published(metric.cell)
    for attribution in metric.attribution:
        suffix = COHORT if attribution == "cohort" else ""
        for window in _windows(metric, (*WINDOWS, ALL)):
            for own, cell in _PARTED.get(metric.cell, (((), metric.cell),)):
                labels = (*own, *clock, ("window", window), ("attribution", attribution))
                held = group.windows[window].get(cell + suffix)
                number, total = (held.count, held.total / unit) if isinstance(held, Sketch) else (0, 0.0)
                yield Sample(metric.full_name, "_sum", labels, total)
                yield Sample(metric.full_name, "_count", labels, number)
                found = held.quantiles() if isinstance(held, Sketch) else None
                if found is not None:
                    for quantile, value in zip(_QUANTILE_LABELS, found, strict=True):
                        yield Sample(metric.full_name, "", (*labels, quantile), value / unit)


def _fractions(
    metric: Metric, cells: Cells, attribution: str, threshold: float, policy: str
) -> Iterator[tuple[Labels, int, int]]:
    """A ratio's labels, numerator and denominator."""
    if metric.name in _OF_CELLS:
        numerator, denominator = _OF_CELLS[metric.name]
        yield (), count(cells, numerator), count(cells, denominator)
    elif metric.name == "fcr_ratio":
        for within in RECONTACT_WINDOWS:
            for match in MATCHES:
                yield (
                    (("method", "no_recontact"), ("within", within), ("match", match)),
                    count(cells, f"{c.NOT_RECONTACTED}{within}.{match}"),
                    count(cells, f"{c.RESOLVED_MATURE}{within}.{match}"),
                )
    elif metric.name == "service_level_live_ratio":
        for formula, (_, live_parts) in LIVE_FORMULAS.items():
            yield (("formula", formula), ("threshold", f"{threshold:g}")), *live_parts(live_outcomes(cells))
    elif metric.name == "callback_service_level_ratio":
        suffix = COHORT if attribution == "cohort" else ""
        hits, judged = (count(cells, cell + suffix) for cell in (c.CALLBACK_HIT, c.CALLBACK_JUDGED))
        yield (("policy", policy), ("threshold", f"{threshold:g}")), hits, judged
    else:
        said = outcomes(cells, "cohort" if attribution == "cohort" else "event")
        if metric.name == "abandon_ratio":
            yield (), said.abandoned, said.offered
        else:
            for formula, (_, parts) in FORMULAS.items():
                yield (("formula", formula), ("threshold", f"{threshold:g}")), *parts(said)


def _ratio(metric: Metric, group: Group, threshold: float, policy: str) -> Iterator[Sample]:
    stem = metric.full_name.removesuffix("_ratio")
    for attribution in metric.attribution:
        for window in _windows(metric, (*WINDOWS, ALL)):
            cells = group.windows[window]
            for own, numerator, denominator in _fractions(metric, cells, attribution, threshold, policy):
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
        states = {state: len(group.live.get(c.CALLING_BACK + state, ())) for state in c.CALLBACK_STATES}
        yield Sample("support_contacts_scheduled", "", (), states["scheduled"])
        for state, number in states.items():
            yield Sample("support_callbacks_pending", "", (("state", state),), number)
        for window in (*WINDOWS, ALL):
            gap = identity_gap(group.windows[window])
            yield Sample("support_contact_identity_gap", "", (("window", window), ("attribution", "cohort")), gap)
            longest = group.windows[window].get(c.ONE_HOLD)
            if isinstance(longest, Sketch) and longest.largest is not None:
                yield Sample("support_longest_hold_seconds", "", (("window", window),), longest.largest / 1000)

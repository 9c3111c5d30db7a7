"""From one group's windows to the series of the exposition. Times and durations are published in seconds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells as c
from streams.figures import recontacts as again
from streams.figures import ticket_readers
from streams.figures.catalogue import COUNTERS, RATIOS, SUMMARIES, Metric
from streams.figures.cells import MATCHES, RECONTACT_WINDOWS
from streams.figures.exports import EVERYTHING, Exports
from streams.figures.live_series import live_samples
from streams.figures.panes import ALL, COHORT
from streams.figures.readers import count, escalations, flow_outs, live_outcomes, outcomes, published
from streams.figures.reps import concurrency, occupancy, state_seconds
from streams.figures.rushed_series import rushed_samples
from streams.figures.service_level import FORMULAS, LIVE_FORMULAS
from streams.figures.sketch import Sketch
from streams.figures.sla_readers import samples as clock_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streams.figures.options import FigureOptions
    from streams.figures.panes import Cells, Group, GroupKey
    from streams.figures.sla_cells import Allowances

Labels = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """One value of a family; ``suffix`` follows the family's name."""

    family: str
    suffix: str
    labels: Labels
    """Labels besides those of the group."""
    value: float


_NO_POLICIES: Allowances = MappingProxyType({})
_CONTACT_CHANNELS = frozenset({"voice", "chat"})
_SPLIT_BY = {c.ABANDON_WAIT: c.ABANDONED_SHORT, c.REP_NO_ANSWER: c.REP_NO_ANSWER_CUSTOMER}
"""Cells to the cell of that part of them for which the metric's only label is true."""
_BY_LABEL: dict[str, tuple[str, ...]] = {
    c.CALLBACK: c.CALLBACK_FATES,
    c.CALLBACK_ATTEMPT: c.ATTEMPT_RESULTS,
    c.TRANSFER_OUT: c.TRANSFER_KINDS,
    c.HOLD_DISCONNECT: c.HANG_UPS,
    c.UNATTRIBUTABLE: c.UNATTRIBUTABLE_CAUSES,
}
"""Cells whose code ends with the value of the metric's only label, and those values: all are shown, also with 0."""
_BY_FINDING: dict[str, Callable[[Cells, str], dict[str, int]]] = {c.FLOW_OUT: flow_outs, c.ESCALATION: escalations}
"""The same for labels with values that are not known before they happen."""
_CALENDAR = (("clock", "calendar"),)
_BUSINESS = (("clock", "business"),)
_NEEDS_CALENDAR = {
    c.OUT_OF_HOURS: c.ARRIVALS_JUDGED,
    c.CONTACTS_OUT_OF_HOURS: c.CONTACTS_JUDGED,
    c.UNKNOWN_CALENDAR: c.UNKNOWN_CALENDAR,
}
"""Cells that say nothing, not even 0, where another is not: nobody is out of hours where no hours are known."""
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
    "chat_bot_containment_verified_ratio": (c.CHAT_BOT_VERIFIED, c.CHAT_BOT_CONTAINED_MATURE),
    "bot_containment_verified_ratio": (c.BOT_VERIFIED, c.BOT_CONTAINED_MATURE),
}
"""Ratios of one cell to another."""
_OF_SEVERAL: dict[str, Callable[[Cells], tuple[float, float]]] = {
    "resolved_without_escalation_ratio": ticket_readers.not_escalated,
    "tickets_opened_by_rep_ratio": ticket_readers.opened_by_rep,
    "tickets_per_issue_ratio": ticket_readers.per_issue,
    "complaint_ratio": ticket_readers.complaints_per_contact,
    "rep_occupancy_ratio": occupancy,
    "chat_concurrency_ratio": concurrency,
}
"""Ratios whose parts are each worked out from several cells."""
_BY_WINDOW_AND_MATCH: dict[str, Callable[[Cells, str, str], again.Share]] = {
    "recontact_ratio": again.came_again,
    "recontact_provisional_ratio": again.came_again_so_far,
}
"""Ratios that there is one of for each re-contact window and match."""


def families_of(key: GroupKey, group: Group) -> frozenset[str]:
    """Which families a group has series of: those it has figures of, or that its channel is for."""
    kinds = {cell[0] for cell in group.windows[ALL]} | {state[0] for state in group.live if group.live[state]}
    found = set()
    if "t" in kinds or "o" in kinds:
        found.add("tickets")
    if kinds & {"c", "w"}:
        found.add("contacts")
    if not found and (group.pinned or not kinds & {"h", "k", "p"}):
        found = (
            {"contacts"}
            if key.channel in _CONTACT_CHANNELS
            else {"tickets"}
            if key.channel
            else {"tickets", "contacts"}
        )
    if "h" in kinds or (key.channel == "chat" and "contacts" in found):
        found.add("chats")
    if found & {"tickets", "contacts"} or "k" in kinds:
        # Where nobody complained the contacts count all the same: ratios of queues are added up by their parts.
        found.add("complaints")
    if "p" in kinds:
        found.add("reps")
    # Reps who are with no queue are not what customers come back to.
    return frozenset(found if found == {"reps"} and "r" not in kinds else {*found, "recontacts"})


def samples(
    key: GroupKey,
    group: Group,
    options: FigureOptions,
    exports: Exports = EVERYTHING,
    allowances: Allowances = _NO_POLICIES,
) -> Iterator[Sample]:
    """The series of a group; counts are 0 where nothing happened, ratios and quantiles are absent."""
    families = families_of(key, group)
    threshold = options.threshold_millis(key.queue) / 1000
    for metric in COUNTERS:
        if metric.family in families and not _unknown(metric, group):
            yield from _counter(metric, group, exports)
    for metric in SUMMARIES:
        if metric.family in families:
            yield from _summary(metric, group, exports)
    for metric in RATIOS:
        if metric.family in families:
            yield from _ratio(metric, group, exports, threshold, options)
    for family, labels, value in (*live_samples(families, group), *rushed_samples(group, options)):
        yield Sample(family, "", labels, value)
    for family, suffix, labels, value in clock_samples(group, exports, allowances):
        yield Sample(family, suffix, labels, value)


def _parts(metric: Metric, cells: Cells, suffix: str) -> Iterator[tuple[Labels, float]]:
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
    elif metric.cell == c.REP_TIME:
        for state, seconds in state_seconds(cells).items():
            yield ((metric.labels[0], state),), seconds
    elif metric.cell == c.RECONTACT:
        for window in RECONTACT_WINDOWS:
            for match in MATCHES:
                yield (("window", window), ("match", match)), count(cells, f"{c.RECONTACT}{window}.{match}")
    else:
        yield (), count(cells, metric.cell + suffix)


def _counter(metric: Metric, group: Group, exports: Exports) -> Iterator[Sample]:
    for labels, number in _parts(metric, group.windows[ALL], ""):
        # A re-contact's own window is one, so it says as all windows do when it is booked.
        by = (("attribution", "event"),) if "window" in metric.labels else ()
        yield Sample(metric.full_name, "", (*labels, *by), number)
    for attribution in exports.attributions_of(metric):
        suffix = COHORT if attribution == "cohort" else ""
        for window in exports.windows_of(metric, but=ALL):
            for labels, number in _parts(metric, group.windows[window], suffix):
                # The gauge's window is that of the figure; a re-contact's own window needs another name there.
                own = tuple(("within" if name == "window" else name, value) for name, value in labels)
                if not exports.has(own):
                    continue
                yield Sample(metric.windowed_name, "", (*own, ("window", window), ("attribution", attribution)), number)


def _unknown(metric: Metric, group: Group) -> bool:
    """Whether a counter has nothing to say, not even 0, as no calendar is known."""
    return metric.cell in _NEEDS_CALENDAR and _NEEDS_CALENDAR[metric.cell] not in group.windows[ALL]


def _summary(metric: Metric, group: Group, exports: Exports) -> Iterator[Sample]:
    yield from _by_clock(metric, group, exports, _CALENDAR if "clock" in metric.labels else (), "")
    # Without a calendar there is no business time: it is absent, not 0.
    if "clock" in metric.labels and metric.cell + c.BUSINESS in group.windows[ALL]:
        yield from _by_clock(metric, group, exports, _BUSINESS, c.BUSINESS)


def _by_clock(metric: Metric, group: Group, exports: Exports, clock: Labels, twin: str) -> Iterator[Sample]:
    """A summary by one clock, whose cells carry the suffix ``twin``."""
    unit = published(metric.cell)
    windows = exports.windows_of(metric)
    for attribution in exports.attributions_of(metric):
        suffix = COHORT if attribution == "cohort" else ""
        for window in dict.fromkeys((*windows, ALL)):
            for own, cell in _PARTED.get(metric.cell, (((), metric.cell),)):
                labels = (*own, *clock, ("window", window), ("attribution", attribution))
                held = group.windows[window].get(cell + twin + suffix)
                number, total = (held.count, held.total / unit) if isinstance(held, Sketch) else (0, 0.0)
                yield Sample(metric.full_name, "_sum", labels, total)
                yield Sample(metric.full_name, "_count", labels, number)
                found = held.quantiles(exports.quantiles) if isinstance(held, Sketch) and window in windows else None
                for quantile, value in zip(exports.quantiles, found or (), strict=found is not None):
                    yield Sample(metric.full_name, "", (*labels, ("quantile", str(quantile))), value / unit)


def _fractions(
    metric: Metric, cells: Cells, attribution: str, threshold: float, options: FigureOptions
) -> Iterator[tuple[Labels, float, float]]:
    """A ratio's labels, numerator and denominator."""
    if metric.name in _OF_CELLS:
        numerator, denominator = _OF_CELLS[metric.name]
        yield (), count(cells, numerator), count(cells, denominator)
    elif metric.name in _OF_SEVERAL:
        yield (), *_OF_SEVERAL[metric.name](cells)
    elif metric.name == "fcr_ratio":
        for own, share in again.resolutions(cells, options):
            yield own, *share
    elif metric.name in _BY_WINDOW_AND_MATCH:
        for within in RECONTACT_WINDOWS:
            for match in MATCHES:
                yield (("within", within), ("match", match)), *_BY_WINDOW_AND_MATCH[metric.name](cells, within, match)
    elif metric.name == "service_level_live_ratio":
        for formula, (_, live_parts) in LIVE_FORMULAS.items():
            yield (("formula", formula), ("threshold", f"{threshold:g}")), *live_parts(live_outcomes(cells))
    elif metric.name == "callback_service_level_ratio":
        suffix = COHORT if attribution == "cohort" else ""
        hits, judged = (count(cells, cell + suffix) for cell in (c.CALLBACK_HIT, c.CALLBACK_JUDGED))
        yield (("policy", options.callback_policy), ("threshold", f"{threshold:g}")), hits, judged
    else:
        yield from _of_stays(metric, cells, attribution, threshold)


def _of_stays(
    metric: Metric, cells: Cells, attribution: str, threshold: float
) -> Iterator[tuple[Labels, float, float]]:
    """The same of what became of those in a queue."""
    said = outcomes(cells, "cohort" if attribution == "cohort" else "event")
    if metric.name == "abandon_ratio":
        yield (), said.abandoned, said.offered
    else:
        for formula, (_, parts) in FORMULAS.items():
            yield (("formula", formula), ("threshold", f"{threshold:g}")), *parts(said)


def _ratio(
    metric: Metric, group: Group, exports: Exports, threshold: float, options: FigureOptions
) -> Iterator[Sample]:
    stem = metric.full_name.removesuffix("_ratio")
    for attribution in exports.attributions_of(metric):
        for window in exports.windows_of(metric):
            cells = group.windows[window]
            for own, numerator, denominator in _fractions(metric, cells, attribution, threshold, options):
                if not exports.has(own):
                    continue
                labels = (*own, ("window", window), ("attribution", attribution))
                yield Sample(f"{stem}_numerator", "", labels, numerator)
                yield Sample(f"{stem}_denominator", "", labels, denominator)
                if denominator > 0:
                    yield Sample(metric.full_name, "", labels, numerator / denominator)

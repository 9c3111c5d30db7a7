"""The series of reps that no other figures are like. Times are published in seconds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streams.figures import cells as c
from streams.figures import reps
from streams.figures.cell_sets import pour
from streams.figures.panes import ALL, GroupKey
from streams.figures.windows import WINDOW_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.figures.cell_sets import Cells
    from streams.figures.options import FigureOptions
    from streams.figures.panes import Group

Told = tuple[str, tuple[tuple[str, str], ...], float]
"""Family, labels besides those of the group, and value."""


def live_of_reps(group: Group) -> Iterator[Told]:
    """Who is in which state, and what chats cost, in one group."""
    for state in c.REP_STATES:
        yield "support_reps", (("state", state),), len(group.live.get(c.REP_NOW + state, ()))
    for window in WINDOW_NAMES:
        mean = reps.concurrent_handle(group.windows[window]).ratio
        if mean is not None:
            yield "support_chat_concurrent_aht_seconds", (("window", window), ("attribution", "split")), mean


class StaffedQueue:
    """What there is to be done in one queue, and who is there for it. All priorities are served by the same reps."""

    def __init__(self) -> None:
        self._channels: defaultdict[str, Cells] = defaultdict(dict)
        self._reps: Cells = {}
        self._live: dict[str, int] = {}
        self._known = False

    def add(self, channel: str, recent: Cells, live: dict[str, int], *, known: bool) -> None:
        """Add a group's cells within :data:`reps.STAFFING_WINDOW`, and its reps by state, if any were ever known."""
        self._known = self._known or known
        if c.OFFERED in recent or c.HANDLE in recent:
            pour(self._channels[channel], recent)
        if c.CHAT_WALL in recent:
            pour(self._reps, recent)
        for state, number in live.items():
            self._live[state] = self._live.get(state, 0) + number

    def needs(self, options: FigureOptions, threshold_seconds: float) -> dict[str, reps.Need]:
        """What each channel needs, and under the empty name all of them together, to be compared with who is there."""
        found = {
            channel: reps.requirement(cells, self._reps if channel == "chat" else {}, options, threshold_seconds)
            for channel, cells in sorted(self._channels.items())
        }
        known = {channel: one.reps for channel, one in found.items() if one is not None}
        alone = {channel: reps.Need(number, None) for channel, number in known.items() if channel}
        return {**alone, "": reps.need(sum(known.values()) if known else None, self._live, known=self._known)}


def staffed_queues(groups: Iterable[tuple[GroupKey, Group]]) -> dict[str, StaffedQueue]:
    """The queues of some groups, by name."""
    queues: defaultdict[str, StaffedQueue] = defaultdict(StaffedQueue)
    for key, group in groups:
        recent = group.windows[reps.STAFFING_WINDOW]
        live = {state: len(held) for state, held in group.live.items()}
        known = any(cell in c.SPAN_STATES for cell in group.windows[ALL])
        queues[key.queue].add(key.channel, recent, live, known=known)
    return queues


def required(groups: Iterable[tuple[GroupKey, Group]], options: FigureOptions) -> Iterator[tuple[GroupKey, int]]:
    """Required reps of each queue and channel of which the load is known."""
    for name, queue in staffed_queues(groups).items():
        for channel, need in queue.needs(options, options.threshold_millis(name) / 1000).items():
            if channel and need.required is not None:
                yield GroupKey(name, channel, ""), need.required


def staffing(groups: Iterable[tuple[GroupKey, Group]], options: FigureOptions) -> Iterator[tuple[GroupKey, Told]]:
    """Required reps of each queue and channel, and what each queue lacks."""
    model = (("model", options.staffing_model),)
    for name, queue in staffed_queues(groups).items():
        for channel, need in queue.needs(options, options.threshold_millis(name) / 1000).items():
            if channel and need.required is not None:
                yield GroupKey(name, channel, ""), ("support_required_reps", model, need.required)
            elif not channel and need.gap is not None:
                yield GroupKey(name, "", ""), ("support_staffing_gap", model, need.gap)

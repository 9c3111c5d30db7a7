"""Raw cells as they travel from a worker to the front: counts and bins add up, figures would not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from streams.figures import cells as c
from streams.figures.panes import MINUTE
from streams.figures.series import families_of
from streams.figures.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.figures.panes import Cells, Group, GroupKey


class Distribution(msgspec.Struct, array_like=True):
    """A :class:`Sketch`."""

    count: int
    total: int
    bins: dict[int, int]


class LiveState(msgspec.Struct):
    """What is in one live state now."""

    count: int
    oldest: int | None
    """Since when the oldest is in it, in milliseconds."""
    inside: dict[str, int]
    """How many entered it within each window."""


class GroupCells(msgspec.Struct):
    """One group of labels."""

    partition: int
    queue: str
    channel: str
    priority: str
    threshold_seconds: float
    families: list[str]
    windows: dict[str, dict[str, int | Distribution]]
    live: dict[str, LiveState]


class Feeds(msgspec.Struct):
    """How fresh and complete a worker's figures are."""

    clock: Literal["wall", "event"]
    now: int
    """The instant that the figures reach to."""
    ready: bool
    newest_event: int
    """Largest event time that the figures speak of; 0: there is none. Survives restarts."""
    last_event: dict[str, int]
    events: dict[str, int]


class Required(msgspec.Struct):
    """How many reps a queue needs for one channel."""

    partition: int
    queue: str
    channel: str
    reps: int


class CellsDocument(msgspec.Struct):
    """All that a worker has."""

    feeds: Feeds
    owned: list[int]
    groups: list[GroupCells]
    required: list[Required] = []


JSON = msgspec.json.Encoder()
MSGPACK = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(CellsDocument)


def live_of(group: Group, spans: Mapping[str, tuple[int, int]]) -> dict[str, LiveState]:
    """The live states of a group; ``spans``: first and last minute of each window."""
    found = {}
    for state, members in group.live.items():
        inside = {}
        if state == c.WAITING:
            minutes = [since // MINUTE for since in members.values()]
            for window, (first, last) in spans.items():
                inside[window] = sum(1 for minute in minutes if first <= minute <= last)
        found[state] = LiveState(len(members), min(members.values(), default=None), inside)
    return found


def to_wire(
    partition: int,
    key: GroupKey,
    group: Group,
    spans: Mapping[str, tuple[int, int]],
    windows: list[str],
    threshold_seconds: float,
) -> GroupCells:
    """A group with copies of its cells."""
    return GroupCells(
        partition,
        *key,
        threshold_seconds,
        sorted(families_of(key, group)),
        {
            window: {
                cell: Distribution(held.count, held.total, dict(held.bins)) if isinstance(held, Sketch) else held
                for cell, held in group.windows[window].items()
            }
            for window in windows
        },
        live_of(group, spans),
    )


def from_wire(cells: dict[str, int | Distribution]) -> Cells:
    """The cells that were sent."""
    found: Cells = {}
    for cell, held in cells.items():
        if isinstance(held, Distribution):
            sketch = found[cell] = Sketch()
            sketch.count, sketch.total, sketch.bins = held.count, held.total, held.bins
        else:
            found[cell] = held
    return found

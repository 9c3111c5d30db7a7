"""A group: everything that is known of one set of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.figures.windows import GroupWindows

if TYPE_CHECKING:
    from streams.figures.cell_sets import Cells
    from streams.figures.windows import Midnights


class GroupKey(NamedTuple):
    """The labels that a series carries."""

    queue: str
    channel: str
    priority: str


class Group:
    """The panes and windows of one set of labels."""

    __slots__ = ("changes", "live", "midnights", "minutes", "pinned", "windows")

    def __init__(self, midnights: Midnights) -> None:
        self.pinned = False
        """Whether it is shown even with nothing in it."""
        self.minutes: dict[int, Cells] = {}
        self.windows = GroupWindows()
        self.midnights = midnights
        """Of its queue; shared with all groups of the same zone."""
        self.live: dict[str, dict[str, int]] = {}
        """Live state to entity to the instant since when, in milliseconds."""
        self.changes = 0
        """Grows with every change, so that readers know what they may keep."""

    def changed(self) -> None:
        """Tell readers that nothing they kept is right any more."""
        self.changes += 1
        self.windows.changed()

    def is_empty(self) -> bool:
        """Whether nothing is left in it, now or in time to come."""
        return self.windows.is_empty() and not any(self.live.values()) and not any(self.minutes.values())

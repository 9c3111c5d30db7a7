"""The rest of the present minute: what spans have of it is in its pane, but in no window before it has passed.

A pane holds whole minutes, so that it can be taken off again whatever the instant was at which it came. What is so now
lasts at least until now and no longer, as far as anybody knows: so the windows that hold the present minute go without
what lies ahead in it, and with every instant that passes they get their part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures.cell_sets import Cells, add, pour
from streams.figures.days import MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.figures.contributions import Item
    from streams.figures.groups import Group

_Key = tuple[str, str, str]


def ahead(item: Item, instant: int) -> int:
    """What a span counts in the minute of an instant, after it."""
    end = (instant // MINUTE + 1) * MINUTE
    return max(0, min(item.at, end) - max(item.cohort, instant + 1)) * item.value


class Unpassed:
    """What was kept back from the windows of each group."""

    def __init__(self) -> None:
        self._kept: dict[_Key, Cells] = {}

    def keep(self, key: _Key, group: Group, cell: str, value: int) -> None:
        """Keep something back that was booked to a group's present minute; a negative value was taken off it."""
        if value:
            for cells in _holding_the_present(group):
                add(cells, cell, -value)
            add(self._kept.setdefault(key, {}), cell, value)

    def give_back(self, groups: Mapping[_Key, Group]) -> None:
        """Let all windows have what was kept back."""
        for key, kept in self._kept.items():
            if kept:
                groups[key].changed()
                for cells in _holding_the_present(groups[key]):
                    pour(cells, kept)
        self._kept = {}


def _holding_the_present(group: Group) -> tuple[Cells, Cells]:
    """The newest band, which all windows that end in the present reach over, and today."""
    return group.windows.bands[0], group.windows.today

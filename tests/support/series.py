"""Groups with what a test puts into them, and their series and what is expected of them as lines that one can read."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Self

from streams.figures.contributions import Item, Live
from streams.figures.exports import EVERYTHING, Exports
from streams.figures.options import FigureOptions
from streams.figures.panes import MINUTE, GroupKey, Panes
from streams.figures.series import samples
from tests.support.contact_centre import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.figures.panes import Group
    from streams.figures.sla_cells import Allowances

EVER = Exports(windows=frozenset(), quantiles=())
"""Since the first event only, without quantiles."""
SPREAD = ((5, 12), (10, 40), (50, 70))
"""Minutes ago that something was over, and that it had begun: 15 minutes hold the first two of them by event, and by
cohort the first; an hour holds all of them by event, and by cohort the first two."""

Table = dict[str, float]
"""Name with suffix and labels, as in ``support_holds{window=1h,attribution=event}``, to value."""


class Desk:
    """One group of a queue at :data:`NOW`. Times are minutes ago, durations seconds."""

    def __init__(self, channel: str = "voice", priority: str = "") -> None:
        self.key = GroupKey("Q", channel, priority)
        self.panes = Panes()
        self.panes.advance(NOW)
        self._entities = count()
        self.group: Group = self.panes.group(*self.key)

    def _book(self, cell: str, value: int, ago: float, begun: float | None) -> Self:
        at, cohort = (0 if one is None else NOW - round(one * MINUTE) for one in (ago, begun))
        self.panes.apply(self.key.queue, [Item(cell, *self.key[1:], "ann", at, cohort, value)], 1)
        return self

    def count(self, cell: str, number: int, ago: float = 10, begun: float | None = None) -> Self:
        """So many of something; by cohort only if it is said when it had begun."""
        return self._book(cell, number, ago, begun)

    def spread(self, cell: str, *numbers: int) -> Self:
        """So many at each of the times of :data:`SPREAD`."""
        for number, (ago, begun) in zip(numbers, SPREAD, strict=True):
            self._book(cell, number, ago, begun)
        return self

    def took(self, cell: str, *seconds: float, ago: float = 10, begun: float | None = None) -> Self:
        """Something that took so long, for each of the durations."""
        for one in seconds:
            self._book(cell, round(one * 1000), ago, begun)
        return self

    def spell(self, cell: str, seconds: float, ago: float = 10, number: int = 1) -> Self:
        """Something that began so many minutes ago and lasted so long, so many times over."""
        return self._book(cell, number, ago - seconds / 60, ago)

    def live(self, state: str, *since: float) -> Self:
        """Something that is so since so many minutes, for each of the times."""
        for one in since:
            self.set_live(f"entity/{next(self._entities)}", state, one)
        return self

    def set_live(self, entity: str, state: str, since: float, *, add: bool = True) -> Self:
        """The same of one entity, or that it is so no more."""
        live = Live(state, *self.key[1:], NOW - round(since * MINUTE))
        self.panes.set_live(self.key.queue, entity, [live], add=add)
        return self

    def told(
        self,
        *names: str,
        exports: Exports = EVERYTHING,
        options: FigureOptions | None = None,
        allowances: Allowances | None = None,
    ) -> Table:
        """All series of the families whose names begin with one of these; without any, all of the group."""
        found: Table = {}
        for one in samples(self.key, self.group, options or FigureOptions(), exports, allowances or {}):
            if one.family.startswith(names or ""):
                line = line_of(one.family + one.suffix, one.labels)
                assert line not in found, "told twice"
                found[line] = one.value
        return found


def line_of(name: str, labels: Iterable[tuple[str, str]]) -> str:
    """A series as tables name it."""
    said = ",".join(f"{label}={value}" for label, value in labels)
    return f"{name}{{{said}}}" if said else name


def rows(text: str) -> Table:
    """A table of expected series: name and value in each line."""
    return {name: float(value) for name, value in map(str.split, text.strip().splitlines())}


def ratios(text: str) -> Table:
    """The same of ratios: name without ``_ratio``, and numerator and denominator. Over 0 there is no ratio itself."""
    found: Table = {}
    for line in text.strip().splitlines():
        name, fraction = line.split()
        stem, _, labels = name.partition("{")
        above, below = map(float, fraction.split("/"))
        parts = {"numerator": above, "denominator": below} | ({"ratio": above / below} if below else {})
        found |= {f"{stem}_{part}{{{labels}": value for part, value in parts.items()}
    return found

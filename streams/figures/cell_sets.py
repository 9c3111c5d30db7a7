"""Sets of cells: adding contributions to them and taking them back, and adding sets up.

A cell holds a number or a distribution. One that is back at nothing is dropped: what a group shows must not tell what
was once taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures.cells import DURATIONS, TALLIES
from streams.figures.sketch import ExactSketch, Sketch
from streams.figures.sla_cells import OVERDUE

if TYPE_CHECKING:
    from collections.abc import Iterable

Cells = dict[str, "int | Sketch"]

COHORT = "~"
"""Suffix of a cell's code where it is booked by cohort."""


class _Kinds(dict[str, type[Sketch] | None]):
    """Cell to the kind of distribution that it holds, None for a number; found out once for each cell."""

    def __missing__(self, cell: str) -> type[Sketch] | None:
        self[cell] = kind = Sketch if cell.startswith(OVERDUE) else None
        return kind


_KINDS = _Kinds(
    {
        **dict.fromkeys(DURATIONS, Sketch),
        **{cell + COHORT: Sketch for cell in DURATIONS},
        **dict.fromkeys(TALLIES, ExactSketch),
    }
)


def add(cells: Cells, cell: str, change: int) -> None:
    """Add to a number."""
    number = cells.get(cell, 0) + change  # type: ignore[operator]
    if number:
        cells[cell] = number
    else:
        cells.pop(cell, None)


def book(into: Iterable[Cells], cell: str, value: int, times: int = 1, *, exact: bool = False) -> None:
    """Add one contribution to each of several sets of cells, or take it back with ``times=-1``.

    ``exact``: keep durations with a bin for every value.
    """
    sketch_type = _KINDS[cell]
    if sketch_type is None:
        change = value * times
        for cells in into:
            add(cells, cell, change)
        return
    if exact:
        sketch_type = ExactSketch
    number = sketch_type.bin_of(value)
    for cells in into:
        sketch = cells.get(cell)
        if sketch is None:
            sketch = cells[cell] = sketch_type()
        sketch.put(number, value, times)  # type: ignore[union-attr]
        if not sketch.count:  # type: ignore[union-attr]
            del cells[cell]


def pour(into: Cells, cells: Cells, times: int = 1) -> None:
    """Merge cells into others, or take them back with ``times=-1``."""
    for cell, held in cells.items():
        if isinstance(held, Sketch):
            sketch = into.get(cell)
            if sketch is None:
                sketch = into[cell] = type(held)()
            sketch.merge(held, times)  # type: ignore[union-attr]
            if not sketch.count:  # type: ignore[union-attr]
                del into[cell]
        else:
            add(into, cell, held * times)


def summed(some: Cells, others: Cells) -> Cells:
    """The sums of two sets of cells. Distributions that only one of them has are not copied."""
    sums = dict(some)
    for cell, held in others.items():
        present = sums.get(cell)
        if present is None:
            sums[cell] = held
        elif isinstance(held, Sketch):
            assert isinstance(present, Sketch)  # noqa: S101 - a cell is always of one kind
            larger, smaller = (held, present) if len(held.bins) > len(present.bins) else (present, held)
            sums[cell] = larger = larger.copy()
            larger.merge(smaller)
        else:
            assert isinstance(present, int)  # noqa: S101 - see above
            sums[cell] = present + held
    return sums

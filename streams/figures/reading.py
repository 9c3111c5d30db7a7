"""Reading cells: what all readers of figures have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.figures import cells as c
from streams.figures.sketch import Sketch

if TYPE_CHECKING:
    from streams.figures.panes import Cells


def count(cells: Cells, cell: str) -> int:
    """What a cell has counted; of a distribution, how many values."""
    held = cells.get(cell, 0)
    return held.count if isinstance(held, Sketch) else held


def ratio(numerator: int, denominator: int) -> dict[str, float | int | None]:
    """A ratio with its parts; None over an empty denominator."""
    return {
        "numerator": numerator,
        "denominator": denominator,
        "ratio": numerator / denominator if denominator > 0 else None,
    }


def published(cell: str) -> int:
    """What a distribution's values are divided by: durations are kept in milliseconds, numbers as they are."""
    return 1 if cell in c.TALLIES else 1000


def distribution(cells: Cells, cell: str) -> dict[str, float | int | None]:
    """A distribution of durations in seconds, or of numbers of something."""
    held = cells.get(cell)
    if not isinstance(held, Sketch) or held.count <= 0:
        return {"count": 0, "sum": 0.0, "mean": None, "p50": None, "p90": None, "p95": None, "max": None}
    quantiles = held.quantiles() or [0.0, 0.0, 0.0]
    unit = published(cell)
    return {
        "count": held.count,
        "sum": held.total / unit,
        "mean": (held.mean or 0.0) / unit,
        "p50": quantiles[0] / unit,
        "p90": quantiles[1] / unit,
        "p95": quantiles[2] / unit,
        "max": (held.largest or 0.0) / unit,
    }


def out_of_hours(cells: Cells, closed: str, judged: str) -> dict[str, Any]:
    """Arrivals while the calendar was closed, of those where there is a calendar; nothing where there is none."""
    arrivals = count(cells, judged)
    return {"out_of_hours": ratio(count(cells, closed), arrivals)} if arrivals else {}

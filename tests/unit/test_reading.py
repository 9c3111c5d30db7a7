"""What all readers of figures have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells as c
from streams.figures.cell_sets import book
from streams.figures.reading import count, distribution, out_of_hours, ratio

if TYPE_CHECKING:
    from streams.figures.cell_sets import Cells

NONE = {"count": 0, "sum": 0.0, "mean": None, "p50": None, "p90": None, "p95": None, "max": None}


def held(cell: str, *values: int) -> Cells:
    cells: Cells = {}
    for value in values:
        book([cells], cell, value)
    return cells


def test_a_duration_is_kept_in_milliseconds_and_told_in_seconds() -> None:
    found = distribution(held(c.HANDLE, *range(10_000, 210_000, 10_000), 4_000_000), c.HANDLE)
    assert list(found) == list(NONE)
    assert (found["count"], found["sum"], found["mean"]) == (21, 6100.0, 6100 / 21)
    for name, expected in {"p50": 110, "p90": 190, "p95": 200, "max": 4000}.items():
        value = found[name]
        assert value is not None
        assert abs(value - expected) <= 0.01 * expected, name


def test_a_number_of_something_is_told_exactly_and_as_it_is() -> None:
    found = distribution(held(c.REPLIES, *range(1, 22)), c.REPLIES)
    assert found == {"count": 21, "sum": 231, "mean": 11, "p50": 11, "p90": 19, "p95": 20, "max": 21}


def test_nothing_is_no_data_and_not_0() -> None:
    assert distribution({}, c.HANDLE) == NONE
    assert distribution({c.HANDLE: 3}, c.HANDLE) == NONE
    zeros = distribution(held(c.HANDLE, 0, 0), c.HANDLE)
    assert zeros == {"count": 2, "sum": 0.0, "mean": 0.0, "p50": 0.0, "p90": 0.0, "p95": 0.0, "max": 0.0}


def test_a_distribution_counts_its_values() -> None:
    assert count(held(c.HANDLE, 5_000, 7_000), c.HANDLE) == 2
    assert count(held(c.OFFERED, 1, 1, 1), c.OFFERED) == 3
    assert count({}, c.OFFERED) == 0


def test_a_ratio_over_nothing_is_none() -> None:
    assert ratio(1, 4) == {"numerator": 1, "denominator": 4, "ratio": 0.25}
    assert ratio(0, 0) == {"numerator": 0, "denominator": 0, "ratio": None}


def test_without_a_calendar_nothing_is_said_of_hours() -> None:
    assert out_of_hours({}, c.CONTACTS_OUT_OF_HOURS, c.CONTACTS_JUDGED) == {}
    cells: Cells = {c.CONTACTS_JUDGED: 4, c.CONTACTS_OUT_OF_HOURS: 1}
    assert out_of_hours(cells, c.CONTACTS_OUT_OF_HOURS, c.CONTACTS_JUDGED) == {"out_of_hours": ratio(1, 4)}

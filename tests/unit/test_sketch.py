"""Distributions: exact counts and sums, quantiles by rank, and what is put in can be taken out."""

from __future__ import annotations

import pytest

from streams.figures.sketch import ExactSketch, Sketch, bin_of, value_of


def holding(kind: type[Sketch], *values: int) -> Sketch:
    made = kind()
    for value in values:
        made.add(value)
    return made


def said(sketch: Sketch) -> tuple[int, int, dict[int, int]]:
    return sketch.count, sketch.total, sketch.bins


@pytest.mark.parametrize("kind", [Sketch, ExactSketch])
class TestSums:
    def test_count_and_sum_are_exact_and_whole(self, kind: type[Sketch]) -> None:
        found = holding(kind, 1, 1_000_003, 7)
        found.add(5, times=3)
        assert (found.count, found.total) == (6, 1_000_026)
        assert (type(found.count), type(found.total)) == (int, int), "a sum of whole milliseconds never rounds"
        assert found.mean == 1_000_026 / 6

    def test_several_times_is_as_often_one_by_one(self, kind: type[Sketch]) -> None:
        several, one_by_one = kind(), holding(kind, 40, 40, 40)
        several.add(40, times=3)
        assert said(several) == said(one_by_one)

    def test_merging_twice_what_was_added_once(self, kind: type[Sketch]) -> None:
        found = holding(kind, 10, 5_000)
        found.merge(holding(kind, 10, 70_000), times=2)
        assert said(found) == said(holding(kind, 10, 5_000, 10, 10, 70_000, 70_000))
        assert all(type(number) is int for number in (found.count, found.total, *found.bins.values()))

    def test_nothing_is_left_of_what_is_taken_back(self, kind: type[Sketch]) -> None:
        found = holding(kind, 10, 5_000)
        assert not found.is_empty()
        found.merge(holding(kind, 5_000), times=-1)
        assert not found.is_empty()
        found.add(10, times=-1)
        assert found.is_empty()
        assert said(found) == (0, 0, {})
        assert (found.mean, found.quantiles(), found.largest) == (None, None, None), "no data is not 0"

    def test_one_of_which_the_opposite_came_first_is_not_empty(self, kind: type[Sketch]) -> None:
        """What is taken back before it is put in leaves bins that cancel out later, though the count is 0 before."""
        found = kind()
        found.add(10)
        found.add(5_000, times=-1)
        assert found.count == 0
        assert not found.is_empty()
        found.add(5_000)
        found.add(10, times=-1)
        assert found.is_empty()

    def test_one_value_is_every_quantile(self, kind: type[Sketch]) -> None:
        found = holding(kind, 0).quantiles((0.0, 0.5, 1.0))
        assert found == [0.0, 0.0, 0.0]


class TestQuantiles:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ((10, 20), [10, 12.5, 15, 19, 20]),
            ((30, 10, 20), [10, 15, 20, 28, 30]),
            ((10, 10, 10, 50), [10, 10, 10, 38, 50]),
            ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), [1, 3.5, 6, 10, 11]),
        ],
    )
    def test_lie_between_the_closest_ranks(self, values: tuple[int, ...], expected: list[float]) -> None:
        found = holding(ExactSketch, *values).quantiles((0.0, 0.25, 0.5, 0.9, 1.0))
        assert found is not None
        assert [round(value, 9) for value in found] == expected

    def test_by_default_they_are_the_median_and_the_two_that_are_published(self) -> None:
        assert holding(ExactSketch, *range(101)).quantiles() == [50, 90, 95]

    def test_none_of_what_was_only_taken_back(self) -> None:
        found = ExactSketch()
        found.add(10, times=-1)
        assert found.quantiles() is None

    def test_the_largest(self) -> None:
        assert holding(ExactSketch, 3, 90, 7).largest == 90


class TestBins:
    @pytest.mark.parametrize("value", [1, 2, 3, 999, 60_000, 86_400_000, 31_536_000_000])
    def test_a_bin_stands_for_its_values_within_half_a_percent(self, value: int) -> None:
        assert abs(value_of(bin_of(value)) - value) <= 0.005 * value * (1 + 1e-9)

    def test_what_lasted_no_time_has_a_bin_of_its_own(self) -> None:
        assert bin_of(0) == bin_of(-5)
        assert bin_of(0) < bin_of(1) < bin_of(2)
        assert value_of(bin_of(0)) == 0.0
        assert value_of(bin_of(1)) > 0

    def test_a_copy_goes_its_own_way(self) -> None:
        one = holding(ExactSketch, 10)
        other = one.copy()
        other.add(20)
        assert (said(one), said(other)) == ((1, 10, {10: 1}), (2, 30, {10: 1, 20: 1}))
        assert type(other) is ExactSketch

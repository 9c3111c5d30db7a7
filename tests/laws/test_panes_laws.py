"""Panes and sketches: what is applied can be taken back, and windows are sums, however one gets there."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.figures import cells as c
from streams.figures.contributions import Item
from streams.figures.days import days_of
from streams.figures.panes import ALL, COHORT, MINUTE, TODAY, WINDOW_NAMES, WINDOWS, YESTERDAY, Panes
from streams.figures.sketch import ExactSketch, Sketch
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.figures.panes import Cells

DAY = timedelta(days=1)
LATEST = 12_000
"""In minutes; longer than the longest window."""
QUEUES = ("A", "B")
CHANGES = {1: 1_774_659_600_000, 2: 1_792_965_600_000}
"""Some hours before clocks are put forward, and put back, in Berlin (2026-03-29 and 2026-10-25, 01:00 UTC)."""
ZONES = {"A": "Europe/Berlin", "B": "Asia/Kolkata"}


def local_midnights(queue: str, around: int) -> tuple[int, int]:
    """The minutes at which yesterday and today began in a queue's zone, by the calendar on the wall alone."""
    zone = ZoneInfo(ZONES[queue])
    today = datetime.fromtimestamp(around * 60, zone).date()
    begun = [int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) // 60 for day in (today - DAY, today)]
    return begun[0], begun[1]


class Booked(NamedTuple):
    queue: str
    item: Item


def booking(tape: Tape) -> Booked:
    minute = tape.one((0, 1, 14, 15, 16, 60, 1440, 1441, 10_079, 10_080, 10_081, LATEST)) + tape.pick(3)
    cell = tape.one((c.CREATED, c.HANDLE, c.QUEUE_WAIT, c.OFFERED))
    return Booked(
        tape.one(QUEUES),
        Item(
            cell, tape.one(("", "voice")), "", "", minute * MINUTE + tape.pick(60_000),
            tape.one((0, 1, 5)) * MINUTE, tape.one((1, 0, 250, 61_000)),
        ),
    )  # fmt: skip


def plain(cells: Cells) -> dict[str, tuple[int, int, dict[int, int]]]:
    """Cells as values that can be compared; empty ones say nothing."""
    said = {
        cell: (held.count, held.total, held.bins) if isinstance(held, Sketch) else (held, 0, {})
        for cell, held in cells.items()
    }
    return {cell: values for cell, values in said.items() if values != (0, 0, {})}


def windows(panes: Panes) -> dict[tuple[tuple[str, str, str], str], dict[str, tuple[int, int, dict[int, int]]]]:
    found = {(key, name): plain(held) for key, group in panes.groups.items() for name, held in group.windows.items()}
    return {where: cells for where, cells in found.items() if cells}


Sums = dict[tuple[tuple[str, str, str], str], dict[str, tuple[int, int]]]


def summed(booked: Iterable[Booked], present: int) -> Sums:
    """The same by adding up everything that lies within each window: number of bookings and their sum."""
    found: Sums = {}
    for queue, item in booked:
        yesterday, today = local_midnights(queue, present)
        first = {name: present - length + 1 for name, length in WINDOWS.items()}
        first |= {TODAY: today, YESTERDAY: yesterday, ALL: 0}
        for suffix, at in (("", item.at), (COHORT, item.cohort)):
            if suffix and not item.cohort:
                continue
            for name in WINDOW_NAMES:
                last = today - 1 if name == YESTERDAY else present
                if first[name] <= at // MINUTE <= last:
                    held = found.setdefault(((queue, item.channel, item.priority), name), {})
                    number, total = held.get(item.cell + suffix, (0, 0))
                    held[item.cell + suffix] = number + 1, total + item.value
    return found


def moved(item: Item, by: int) -> Item:
    """An item so many minutes later."""
    later = by * MINUTE
    return msgspec.structs.replace(item, at=item.at + later, cohort=item.cohort + later if item.cohort else 0)


@given(tapes(300))
def test_windows_are_the_sums_of_what_lies_within_them(tape: Tape) -> None:
    panes, booked, present = Panes(lambda queue: days_of(ZONES[queue])), [], -1
    origin = tape.one((0, CHANGES[1], CHANGES[2])) // MINUTE
    for _ in range(tape.pick(40)):
        act = tape.pick(4)
        if act == 0:
            queue, item = booking(tape)
            booked.append(Booked(queue, moved(item, origin)))
            panes.apply(booked[-1].queue, [booked[-1].item], 1)
        elif act == 1 and booked:
            queue, item = booked.pop(tape.pick(len(booked)))
            panes.apply(queue, [item], -1)
        else:
            jump = tape.one((0, 1, 14, 15, 16, 1440, 2000, 3000, 10_080, 10_081, LATEST))
            present = max(present, jump + tape.pick(20) * tape.one((1, 30)))
            panes.advance((origin + present) * MINUTE + tape.pick(60_000))
            if tape.pick(2):
                windows(panes)  # reading must not keep what is changed afterwards
    panes.advance((origin + max(present, 0)) * MINUTE)
    found = windows(panes)
    expected = summed(booked, origin + max(present, 0))
    # A sum of values may be 0 where their number is not, but only in distributions, which say both.
    for where, cells in expected.items():
        for cell, (number, total) in cells.items():
            if cell.removesuffix(COHORT) in c.DURATIONS:
                assert found[where][cell][:2] == (number, total), (where, cell)
            else:
                assert found.get(where, {}).get(cell, (0,))[0] == total, (where, cell)
    assert {(w, cell) for w, held in found.items() for cell in held} <= {
        (w, cell) for w, held in expected.items() for cell in held
    }


@given(tapes(200))
def test_what_is_applied_and_taken_back_leaves_no_trace(tape: Tape) -> None:
    panes = Panes()
    for queue, item in [booking(tape) for _ in range(tape.pick(10))]:
        panes.apply(queue, [item], 1)
    panes.advance(tape.pick(LATEST) * MINUTE)
    before = windows(panes)
    again = [booking(tape) for _ in range(1 + tape.pick(10))]
    for queue, item in again:
        panes.apply(queue, [item], 1)
    for queue, item in tape.shuffle(again):
        panes.apply(queue, [item], -1)
    assert windows(panes) == before
    panes.advance(2 * LATEST * MINUTE)
    assert {name for _, name in windows(panes)} <= {ALL}


@given(tapes(200))
def test_one_jump_of_the_present_does_what_many_steps_do(tape: Tape) -> None:
    jumping, stepping = Panes(), Panes()
    for queue, item in [booking(tape) for _ in range(1 + tape.pick(15))]:
        for panes in (jumping, stepping):
            panes.apply(queue, [item], 1)
    instants = sorted(tape.pick(LATEST + 100) for _ in range(1 + tape.pick(12)))
    for instant in instants:
        stepping.advance(instant * MINUTE)
        stepping.advance(instants[0] * MINUTE)  # going back does nothing
    jumping.advance(instants[-1] * MINUTE)
    assert windows(jumping) == windows(stepping)


def sketch_of(values: Iterable[int], kind: type[Sketch] = Sketch) -> Sketch:
    made = kind()
    for value in values:
        made.add(value)
    return made


def merged(*parts: Sketch) -> tuple[int, int, dict[int, int]]:
    total = Sketch()
    for part in parts:
        total.merge(part)
    return total.count, total.total, total.bins


durations = st.lists(st.integers(0, 10**10) | st.integers(0, 100), max_size=30)


@given(durations, durations, durations)
def test_merging_sketches_does_not_depend_on_the_order(a: list[int], b: list[int], c: list[int]) -> None:
    x, y, z = sketch_of(a), sketch_of(b), sketch_of(c)
    whole = sketch_of([*a, *b, *c])
    expected = (whole.count, whole.total, whole.bins)
    assert merged(x, y, z) == merged(z, y, x) == merged(y, z, x) == expected
    assert (whole.count, whole.total) == (len(a) + len(b) + len(c), sum(a) + sum(b) + sum(c))
    whole.merge(y, -1)
    whole.merge(x, -1)
    assert (whole.count, whole.total, whole.bins) == (z.count, z.total, z.bins)


def linear(values: list[int], q: float) -> float:
    """The quantile between closest ranks, as spreadsheets and numpy have it."""
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    below = math.floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] * (1 - (rank - below)) + ordered[above] * (rank - below)


@given(durations.filter(bool))
def test_quantiles_are_within_one_percent(values: list[int]) -> None:
    wanted = (0.0, 0.25, 0.5, 0.9, 0.95, 1.0)
    exact = [linear(values, q) for q in wanted]
    assert sketch_of(values).quantiles(wanted) == pytest.approx(exact, rel=0.01)
    assert sketch_of(values, ExactSketch).quantiles(wanted) == pytest.approx(exact, rel=1e-9)
    assert sketch_of(values).largest == pytest.approx(max(values), rel=0.01)
    assert sketch_of(values, ExactSketch).largest == max(values)


def test_a_queue_that_was_only_mistaken_for_another_leaves_no_trace() -> None:
    panes = Panes()
    panes.advance(10 * MINUTE)
    item = Item("t.created", "email", "", "", 5 * MINUTE, 0, 1)
    panes.group("configured", "voice", "").pinned = True
    for queue in ("mistaken", "right"):
        panes.apply(queue, [item], 1)
    panes.apply("mistaken", [item], -1)
    panes.tidy()
    assert {key[0] for key in panes.groups} == {"configured", "right"}
    panes.advance(20_000 * MINUTE)
    assert {key[0] for key in panes.groups} == {"configured", "right"}
    panes.apply("right", [item], -1)
    panes.apply("right", [item], 1)
    panes.tidy()
    assert panes.groups["right", "email", ""].windows["all"] == {"t.created": 1}

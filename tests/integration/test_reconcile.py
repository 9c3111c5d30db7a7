"""Nothing is lost or counted twice between a log's total and its parts: days, queues, and windows laid end to end."""

from __future__ import annotations

import gc
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest

from agents.logs import read_log
from agents.mappings import read_mapping
from streams.figures import cells as c
from streams.figures.catalogue import COUNTERS, SUMMARIES
from streams.figures.cell_sets import COHORT, Cells, pour
from streams.figures.cells import SPLIT
from streams.figures.panes import ALL, YESTERDAY, GroupKey, Panes
from streams.figures.readers import identity_gap, published
from streams.figures.series import Sample, samples
from streams.figures.sketch import Sketch
from streams.pipeline.report import Report, Tables
from streams.pipeline.rules import Rules
from tests.support.truth import BANK, LOGS, RecordedLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.figures.contributions import Item
    from streams.figures.options import FigureOptions
    from streams.figures.panes import Group

Plain = dict[str, tuple[int, int, dict[int, int]]]
DAY = 86_400_000


class Log(NamedTuple):
    recorded: RecordedLog
    options: FigureOptions
    tables: Tables
    booked: list[tuple[str, list[Item]]]
    """Every contribution, with its queue."""
    began: int
    ended: int


class Noting(Tables):
    """Also keeps what is booked."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.booked: list[tuple[str, list[Item]]] = []

    def book(self, queue: str, items: Iterable[Item]) -> None:
        """Keep, then book."""
        self.booked.append((queue, list(items)))
        super().book(queue, self.booked[-1][1])


@pytest.fixture(scope="module", autouse=True)
def _without_the_garbage_collector() -> Iterator[None]:
    """It would walk some ten million objects again and again, and find nothing."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module", params=LOGS, ids=lambda log: log.mapping)
def log(request: pytest.FixtureRequest) -> Log:
    recorded: RecordedLog = request.param
    compiled = read_mapping(recorded.mapping)
    report = Report(Rules(compiled.figures), by=("queue",))
    events = [mapped.event for mapped in read_log([recorded.path], compiled).events]
    for event in events:
        report.add(event)
    began, ended = min(event.entry.time for event in events), max(event.entry.time for event in events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streams.pipeline.report.Tables", Noting)
        tables = report.tables(ended)
    assert isinstance(tables, Noting)
    return Log(recorded, compiled.figures, tables, tables.booked, began, ended)


def plain(cells: Cells) -> Plain:
    """Numbers, sums and bins as values that can be compared."""
    return {
        cell: (held.count, held.total, held.bins) if isinstance(held, Sketch) else (held, 0, {})
        for cell, held in cells.items()
    }


def added_up(parts: Iterable[Cells]) -> Plain:
    total: Cells = {}
    for part in parts:
        pour(total, part)
    return plain(total)


def until(item: Item, instant: int) -> Item | None:
    """What of a contribution is known of at an instant, whatever the future brings."""
    if item.cell in SPLIT:
        return msgspec.structs.replace(item, at=min(item.at, instant + 1))
    if item.at <= instant:
        return item
    if 0 < item.cohort <= instant:
        return msgspec.structs.replace(item, cell=item.cell + COHORT, at=item.cohort, cohort=0)
    return None


def panes_of(log: Log) -> Panes:
    panes = Panes(log.options.days)
    for queue, items in log.booked:
        known = (until(item, log.ended) for item in items)
        panes.apply(queue, [item for item in known if item is not None], 1)
    return panes


def test_days_and_queues_add_up_to_the_total(log: Log) -> None:
    total = plain(log.tables.total)
    assert len(total) > 10
    assert added_up(log.tables.days.values()) == total
    for dimension, values in log.tables.by.items():
        assert added_up(values.values()) == total, dimension


def test_windows_laid_end_to_end_add_up_to_the_total(log: Log) -> None:
    """Hopping windows in steps of their own length, and the days of the queues' zone; of every queue, one at a time."""
    panes = panes_of(log)
    tiles: dict[str, dict[str, list[Cells]]] = {name: defaultdict(list) for name in ("1d", "7d", YESTERDAY)}
    day = log.options.days("").day_of(log.began - DAY)
    days = minutes = 0
    while day.start <= log.ended + DAY or days % 7:
        # At its last instant, windows of whole days begin when it began.
        panes.advance(day.end - 1)
        days += 1
        for key, group in panes.groups.items():
            for name in tiles if days % 7 == 0 else ("1d", YESTERDAY):
                if group.windows[name]:
                    held: Cells = {}
                    pour(held, group.windows[name])
                    tiles[name][key[0]].append(held)
            if log.recorded is BANK and day.start <= (log.began + log.ended) // 2 < day.end:
                minutes += everyone_is_accounted_for(group)
        day = log.options.days("").day_of(day.end)
    for name, per_queue in tiles.items():
        for queue, expected in log.tables.by["queue"].items():
            assert coarse(added_up(per_queue[queue])) == coarse(plain(expected)), (name, queue)
    assert (minutes > 1000) == (log.recorded is BANK)
    since_the_first_event(log, panes)


def everyone_is_accounted_for(group: Group) -> int:
    """Whatever becomes of a contact is booked to the minute that it came in; returns in how many minutes any did."""
    offered = 0
    for minute, cells in group.minutes.items():
        assert identity_gap(cells) == 0, minute
        offered += f"{c.OFFERED}{COHORT}" in cells
    assert {name for name, cells in group.windows.items() if identity_gap(cells)} == set()
    return offered


def coarse(cells: Plain) -> dict[str, tuple[int, int]]:
    """Without the bins: the report keeps one for every value."""
    return {cell: (number, total) for cell, (number, total, _) in cells.items()}


def binned(cells: Cells) -> Plain:
    """With the bins that the panes have."""
    found: Cells = {}
    for cell, held in cells.items():
        if isinstance(held, Sketch) and published(cell.removesuffix(COHORT)) != 1:
            sketch = found[cell] = Sketch()
            for value, times in held.bins.items():
                sketch.add(value, times)
        else:
            found[cell] = held
    return plain(found)


def since_the_first_event(log: Log, panes: Panes) -> None:
    """What the panes have, and what is exported of it, is what the report has."""
    by_queue: dict[str, Cells] = defaultdict(dict)
    exported: dict[tuple[str, str], list[float]] = defaultdict(list)
    for labels, group in panes.groups.items():
        pour(by_queue[labels[0]], group.windows[ALL])
        for sample in samples(GroupKey(*labels), group, log.options):
            exported[labels[0], series_name(sample)].append(sample.value)
    for queue, expected in log.tables.by["queue"].items():
        assert plain(by_queue[queue]) == binned(expected), queue
        for metric in (*COUNTERS, *SUMMARIES):
            held = expected.get(metric.cell)
            if metric.labels or metric.attribution[0] != "event" or metric.cell in SPLIT or held is None:
                continue  # told by several cells: what they are made of is compared above
            if metric.type == "counter":
                number = held.count if isinstance(held, Sketch) else held
                assert sum(exported[queue, metric.full_name]) == number, metric.name
            elif isinstance(held, Sketch):
                unit = published(metric.cell)
                counts = exported[queue, f"{metric.full_name}_count of event"]
                sums = exported[queue, f"{metric.full_name}_sum of event"]
                assert sum(counts) == held.count, metric.name
                assert sum(sums) == pytest.approx(held.total / unit, rel=1e-12), metric.name


def series_name(sample: Sample) -> str:
    """A family with its suffix; of what is windowed, since the first event and with its attribution."""
    labels = dict(sample.labels)
    if labels.get("window") == ALL and "quantile" not in labels and labels.get("clock") != "business":
        return f"{sample.family}{sample.suffix} of {labels['attribution']}"
    return f"{sample.family}{sample.suffix}" if "window" not in labels else ""


def test_everyone_offered_is_accounted_for_on_every_day_and_in_every_queue(log: Log) -> None:
    for parts in (log.tables.days, log.tables.by["queue"]):
        assert {name for name, cells in parts.items() if identity_gap(cells)} == set()
    offered = sum(f"{c.OFFERED}{COHORT}" in cells for cells in log.tables.days.values())
    assert offered == (28 if log.recorded is BANK else 0)

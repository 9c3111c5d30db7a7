"""The figures of a whole log, without a broker: the same folds as the worker's, with exact quantiles."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streams.codec import format_time
from streams.customers.recontacts import derive as derive_recontacts
from streams.figures.panes import COHORT, Cells, bump
from streams.figures.readers import Attribution, figures
from streams.figures.sketch import ExactSketch
from streams.history import EMPTY, merge
from streams.pipeline.derive import derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.customers.summary import Summary
    from streams.events import Entry, Event, Kind
    from streams.figures.contributions import Item, Live
    from streams.figures.options import FigureOptions

DIMENSIONS = ("queue", "channel", "priority", "rep")


class Report:
    """Collects events, in any order and any number of times, and tells their figures."""

    def __init__(
        self,
        options: FigureOptions,
        *,
        by: Sequence[str] = (),
        attribution: Attribution = "cohort",
        lateness: int = 600_000,
    ) -> None:
        """``by``: dimensions to break down by; ``lateness`` in milliseconds."""
        self._options = options
        self._by = by
        self._attribution: Attribution = attribution
        self._lateness = lateness
        self._entries: dict[tuple[Kind, str], list[Entry]] = defaultdict(list)
        self._uids: set[str] = set()
        self._top = 0
        self.events: Counter[str] = Counter(ok=0, duplicate=0, late=0, invalid=0, ignored=0)

    def add(self, event: Event) -> None:
        """Take one event."""
        entry = event.entry
        uid = f"{event.kind}/{event.entity}/{entry.uid}"
        if uid in self._uids:
            self.events["duplicate"] += 1
        else:
            self._uids.add(uid)
            self.events["late" if entry.time < self._top - self._lateness else "ok"] += 1
        self._top = max(self._top, entry.time)
        self._entries[event.kind, event.entity].append(entry)

    def result(self, as_of: int | None = None) -> dict[str, Any]:
        """The figures as they stood at ``as_of`` (milliseconds; default: the last event)."""
        instant = self._top if as_of is None else as_of
        tables = _Tables(self._by, self._attribution, instant)
        customers: dict[str, dict[str, Summary]] = defaultdict(dict)
        for (kind, entity), entries in self._entries.items():
            history = merge(EMPTY, (entry for entry in entries if entry.time <= instant)).history
            if not history.events:
                continue
            derived = derive(kind, history, self._options, instant)
            for queue, (items, live) in derived.sets.items():
                tables.book(queue, items)
                tables.note(queue, live)
            if derived.summary is not None and derived.customer:
                customers[derived.customer][f"{kind}/{entity}"] = derived.summary
        for contacts in customers.values():
            for entity, items in derive_recontacts(contacts, self._options).items():
                tables.book(contacts[entity].queue, items)
        return {
            "as_of": format_time(instant),
            "events": dict(self.events),
            **tables.figures(self._options),
        }


class _Tables:
    """Cells of the total, of each value of each dimension, and of each day."""

    def __init__(self, by: Iterable[str], attribution: Attribution, instant: int) -> None:
        self._attribution: Attribution = attribution
        self._instant = instant
        self._total: Cells = {}
        self._total_live: Counter[str] = Counter()
        self._by: dict[str, dict[str, Cells]] = {dimension: defaultdict(dict) for dimension in by}
        self._by_live: dict[str, dict[str, Counter[str]]] = {dimension: defaultdict(Counter) for dimension in by}
        self._days: dict[int, Cells] = defaultdict(dict)

    def book(self, queue: str, items: Iterable[Item]) -> None:
        for item in items:
            self._book(item.cell, queue, item, item.at)
            if item.cohort:
                self._book(item.cell + COHORT, queue, item, item.cohort)

    def _book(self, cell: str, queue: str, item: Item, at: int) -> None:
        if at > self._instant:
            return
        value = item.value
        bump(self._total, cell, value, sketch_type=ExactSketch)
        bump(self._days[at // 86_400_000], cell, value, sketch_type=ExactSketch)
        for dimension, values in self._by.items():
            label = queue if dimension == "queue" else str(getattr(item, dimension))
            bump(values[label], cell, value, sketch_type=ExactSketch)

    def note(self, queue: str, live: Iterable[Live]) -> None:
        for one in live:
            self._total_live[one.state] += 1
            for dimension, values in self._by_live.items():
                label = queue if dimension == "queue" else str(getattr(one, dimension, ""))
                values[label][one.state] += 1

    def figures(self, options: FigureOptions) -> dict[str, Any]:
        def said(cells: Cells, live: Counter[str], queue: str = "") -> dict[str, Any]:
            threshold = options.threshold_millis(queue) / 1000
            return figures(cells, live, threshold, self._attribution)

        return {
            "total": said(self._total, self._total_live),
            "by": {
                dimension: {
                    value: said(values[value], self._by_live[dimension][value], value if dimension == "queue" else "")
                    for value in sorted({*values, *self._by_live[dimension]})
                }
                for dimension, values in self._by.items()
            },
            "by_day": {
                datetime.fromtimestamp(day * 86_400, UTC).date().isoformat(): said(self._days[day], Counter())
                for day in sorted(self._days)
            },
        }

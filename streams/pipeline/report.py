"""The figures of a whole log, without a broker: the same folds as the worker's, with exact quantiles."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from streams.codec import RejectedError, format_time
from streams.customers.derive import derive as derive_customer
from streams.customers.identity import OWN, customer_of
from streams.figures.cell_sets import COHORT, Cells, book
from streams.figures.cells import SPAN_STATES, SPLIT
from streams.figures.readers import Attribution, figures
from streams.history import EMPTY, entity_of, key_of, merge
from streams.pipeline.derive import derive
from streams.reps.occupancy import by_slice
from streams.room import Rooms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from streams.customers.identity import Alias, Customer
    from streams.customers.summary import Summary
    from streams.events import Entry, Event, Kind
    from streams.figures.contributions import Item, Live
    from streams.figures.options import FigureOptions
    from streams.pipeline.rules import Rules
    from streams.reps.work import Work

DIMENSIONS = ("queue", "channel", "priority", "rep")


class Report:
    """Collects events, in any order and any number of times, and tells their figures."""

    def __init__(
        self,
        rules: Rules,
        *,
        by: Sequence[str] = (),
        attribution: Attribution = "cohort",
        lateness: int = 600_000,
    ) -> None:
        """``by``: dimensions to break down by; ``lateness`` in milliseconds."""
        self._rules = rules
        self._by = by
        self._attribution: Attribution = attribution
        self._lateness = lateness
        self._entries: dict[tuple[Kind, str], list[Entry]] = defaultdict(list)
        self._rooms = Rooms()
        self._uids: set[str] = set()
        self._top = 0
        self.events: Counter[str] = Counter(ok=0, duplicate=0, late=0, invalid=0, ignored=0)

    def add(self, event: Event) -> None:
        """Take one event; one that its history has no room for counts as invalid."""
        entry = event.entry
        key = key_of(event.kind, event.entity, entry.time)
        uid = f"{event.kind}/{key}/{entry.uid}"
        entries = self._entries[event.kind, key]
        if uid in self._uids:
            self.events["duplicate"] += 1
        else:
            try:
                self._rooms.take(f"{event.kind}/{key}", EMPTY, entries, entry)
            except RejectedError:
                self.events["invalid"] += 1
                return
            self._uids.add(uid)
            self.events["late" if entry.time < self._top - self._lateness else "ok"] += 1
        self._top = max(self._top, entry.time)
        entries.append(entry)

    def result(self, as_of: int | None = None) -> dict[str, Any]:
        """The figures as they stood at ``as_of`` (milliseconds; default: the last event)."""
        instant = self._top if as_of is None else as_of
        return {
            "as_of": format_time(instant),
            "events": dict(self.events),
            **self.tables(instant).figures(),
        }

    def tables(self, instant: int) -> Tables:
        """The sums behind the figures, as they stood at an instant (milliseconds)."""
        tables = Tables(self._rules.options, self._by, self._attribution, instant)
        handles: dict[str, dict[str, Summary]] = defaultdict(dict)
        aliases: dict[str, Alias] = {}
        works: dict[str, list[Work]] = defaultdict(list)
        for (kind, entity), entries in self._entries.items():
            history = merge(EMPTY, (entry for entry in entries if entry.time <= instant)).history
            if not history.events:
                continue
            derived = derive(kind, entity, history, self._rules, instant)
            for queue, (items, live) in derived.sets.items():
                tables.book(queue, items)
                tables.note(queue, live)
            for rep, work in derived.works.items():
                works[rep or entity_of(entity)].append(work)
            if derived.summary is not None and derived.customer:
                handles[derived.customer][f"{kind}/{entity}"] = derived.summary
            if derived.alias is not None:
                aliases[entity] = derived.alias
        tables.book_reps(works)
        customers: dict[Customer, dict[str, Summary]] = defaultdict(dict)
        for handle, contacts in handles.items():
            customers[customer_of(handle, lambda one: aliases.get(one, OWN))].update(contacts)
        for customer, contacts in customers.items():
            for sets in derive_customer(contacts, self._rules.options, shared=customer.shared).values():
                for queue, (items, _) in sets.items():
                    tables.book(queue, items)
        return tables


class Tables:
    """Cells of the total, of each value of each dimension, and of each day."""

    def __init__(self, options: FigureOptions, by: Iterable[str], attribution: Attribution, instant: int) -> None:
        self._options = options
        self._attribution: Attribution = attribution
        self._instant = instant
        self.total: Cells = {}
        self._total_live: Counter[str] = Counter()
        self.by: dict[str, dict[str, Cells]] = {dimension: defaultdict(dict) for dimension in by}
        """By dimension, and by its values."""
        self._by_live: dict[str, dict[str, Counter[str]]] = {dimension: defaultdict(Counter) for dimension in by}
        self.days: dict[date, Cells] = defaultdict(dict)
        """By the days of each queue's own zone."""

    def book(self, queue: str, items: Iterable[Item]) -> None:
        """Book contributions of a queue."""
        for item in items:
            if item.cell in SPLIT:
                self._book_span(queue, item)
                continue
            self._book(item.cell, queue, item, item.at)
            if item.cohort:
                self._book(item.cell + COHORT, queue, item, item.cohort)

    def book_reps(self, works: Mapping[str, Iterable[Work]]) -> None:
        """Book what reps were occupied with."""
        for rep, told in works.items():
            for hour in by_slice(rep, told, self._options).values():
                for queue, items in hour.items():
                    self.book(queue, items)

    def _book(self, cell: str, queue: str, item: Item, at: int) -> None:
        if at > self._instant:
            return
        self._add(cell, queue, item, at, item.value)

    def _book_span(self, queue: str, item: Item) -> None:
        """Book what a span has of each day, up to and including the instant."""
        at, end = item.cohort, min(item.at, self._instant + 1)
        if item.cell in SPAN_STATES and at <= self._instant < item.at:
            self._note(queue, SPAN_STATES[item.cell], item)
        while at < end:
            until = min(end, self._options.days(queue).day_of(at).end)
            self._add(item.cell, queue, item, at, (until - at) * item.value)
            at = until

    def _add(self, cell: str, queue: str, item: Item, at: int, value: int) -> None:
        into = [self.total, self.days[self._options.days(queue).day_of(at).date]]
        for dimension, values in self.by.items():
            into.append(values[queue if dimension == "queue" else str(getattr(item, dimension))])
        book(into, cell, value, exact=True)

    def note(self, queue: str, live: Iterable[Live]) -> None:
        """Count what is so at the instant."""
        for one in live:
            self._note(queue, one.state, one)

    def _note(self, queue: str, state: str, one: Item | Live) -> None:
        self._total_live[state] += 1
        for dimension, values in self._by_live.items():
            values[queue if dimension == "queue" else str(getattr(one, dimension, ""))][state] += 1

    def figures(self) -> dict[str, Any]:
        """The figures of the total, of each value and of each day."""
        whole: dict[str, Any] | None = None

        def said(
            cells: Cells, live: Counter[str], queue: str = "", options: FigureOptions | None = self._options
        ) -> dict[str, Any]:
            threshold = self._options.threshold_millis(queue) / 1000
            return figures(cells, live, threshold, self._attribution, options, whole=whole)

        whole = said(self.total, self._total_live)
        return {
            "total": whole,
            "by": {
                dimension: {
                    value: said(values[value], self._by_live[dimension][value], value if dimension == "queue" else "")
                    for value in sorted({*values, *self._by_live[dimension]})
                }
                for dimension, values in self.by.items()
            },
            "by_day": {day.isoformat(): said(self.days[day], Counter(), options=None) for day in sorted(self.days)},
        }

"""The stage of one kind of entity: events in, contribution sets and customer summaries out, histories kept."""

from __future__ import annotations

from collections import defaultdict
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams import history as histories
from streams.codec import RejectedError, UnknownTypeError, decode
from streams.customers import summary as summaries
from streams.figures import contributions
from streams.figures.contributions import Contribution, Item, Live
from streams.history import EMPTY, History, merge
from streams.pipeline.derive import Derived, derive, mentioned_customers
from streams.pipeline.sent import OFFSET_KEY, Sent, offset_write
from streams.stage import Output, Step, TallyKey
from streams.topics import CONTACTS, CONTRIBUTIONS, DEAD_LETTERS, SOURCES, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.customers.summary import Summary
    from streams.events import Entry, Kind
    from streams.figures.options import FigureOptions
    from streams.stage import Record

_ENCODER = msgspec.msgpack.Encoder()
_NO_ITEMS: tuple[list[Item], list[Live]] = ([], [])
_MAX_FUTURE = 86_400_000


class _Changed(NamedTuple):
    """What adopting a step brings into memory."""

    histories: dict[str, History]
    deadlines: dict[str, int]
    sent: dict[str, tuple[int, int]]
    top: int


class EntityStage:
    """Histories of tickets, calls or chats. See :class:`streams.stage.Stage`."""

    def __init__(
        self,
        kind: Kind,
        *,
        partitions: int,
        options: FigureOptions,
        lateness: int,
        reject_future: bool,
    ) -> None:
        """``lateness``: allowed lateness in milliseconds; ``reject_future``: refuse events dated over a day ahead."""
        self.kind = kind
        self.name = f"{kind}s"
        self.source = SOURCES[kind].name
        self._partitions = partitions
        self._options = options
        self._lateness = lateness
        self._reject_future = reject_future
        self._histories: dict[int, dict[str, History]] = defaultdict(dict)
        self._deadlines: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._deadline_of: dict[int, dict[str, int]] = defaultdict(dict)
        self._sent = Sent()
        self._top: dict[int, int] = {}

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Take a batch of events."""
        step = Step()
        top = self._top.get(partition, 0)
        arrived: dict[str, list[Entry]] = {}
        kept = self._histories[partition]
        known: dict[str, set[str]] = {}
        for record in records:
            try:
                event = decode(record.value, record.headers)
                self._check(event.kind, event.entity, event.entry, now)
            except UnknownTypeError:
                step.tally[TallyKey(self.source, "unknown_type")] += 1
                continue
            except RejectedError as error:
                step.tally[TallyKey(self.source, "invalid", error.reason)] += 1
                step.outputs.append(self._dead_letter(partition, record, error))
                continue
            entity, entry = event.entity, event.entry
            uids = known.get(entity)
            if uids is None:
                uids = known[entity] = {old.uid for old in kept.get(entity, EMPTY).events}
                arrived[entity] = []
            if entry.uid in uids:
                result = "duplicate"
            else:
                uids.add(entry.uid)
                result = "late" if entry.time < top - self._lateness else "ok"
            arrived[entity].append(entry)
            top = max(top, entry.time)
            step.tally[TallyKey(self.source, result)] += 1
            if event.unknown_fields:
                step.tally[TallyKey(self.source, "unknown_field")] += 1
        changed: dict[str, History] = {}
        for entity, entries in arrived.items():
            old = kept.get(entity, EMPTY)
            merged = merge(old, entries).history
            if merged is not old:
                changed[entity] = merged
        # A deadline may pass between two batches: what a batch touches is derived as of its latest event at least.
        instant = max(now, top)
        again = self._sent.must_send_all(partition, records)
        deadlines, sent = self._emit(step, partition, changed, instant, again=again)
        step.writes = {entity.encode(): histories.encode(history) for entity, history in changed.items()}
        step.writes[OFFSET_KEY] = offset_write(records)
        step.max_event_time = top or None
        step.state = _Changed(changed, deadlines, sent, top)
        return step

    def due(self, partition: int, now: int) -> Step | None:
        """Derive again the entities whose deadline has passed."""
        heap = self._deadlines[partition]
        valid = self._deadline_of[partition]
        passed: dict[str, int] = {}
        while heap and heap[0][0] <= now:
            deadline, entity = heappop(heap)
            if valid.get(entity) == deadline:
                passed[entity] = deadline
        if not passed:
            return None
        for entity, deadline in passed.items():
            heappush(heap, (deadline, entity))  # until the step is adopted, and the deadline with it
        histories_of = self._histories[partition]
        step = Step()
        due = {entity: histories_of[entity] for entity in passed}
        deadlines, sent = self._emit(step, partition, due, now, again=False)
        step.state = _Changed({}, deadlines, sent, self._top.get(partition, 0))
        return step

    def adopt(self, partition: int, step: Step) -> None:
        """Take over histories and deadlines."""
        changed: _Changed = step.state
        self._histories[partition].update(changed.histories)
        self._sent.update(partition, changed.sent)
        self._top[partition] = max(changed.top, self._top.get(partition, 0))
        self._schedule(partition, changed.deadlines)

    def _schedule(self, partition: int, deadlines: dict[str, int]) -> None:
        valid = self._deadline_of[partition]
        heap = self._deadlines[partition]
        for entity, deadline in deadlines.items():
            if deadline:
                if valid.get(entity) != deadline:
                    valid[entity] = deadline
                    heappush(heap, (deadline, entity))
            else:
                valid.pop(entity, None)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt histories from the changelog, and rebuild the deadlines from them."""
        kept = self._histories[partition]
        valid = self._deadline_of[partition]
        for key, value in entries:
            if key == OFFSET_KEY:
                self._sent.restore(partition, value or b"0")
                continue
            entity = key.decode()
            if value is None:
                kept.pop(entity, None)
                valid.pop(entity, None)
                continue
            history = histories.decode(self.kind, value)
            if entity in kept and kept[entity].version > history.version:
                continue  # written late, by a worker that no longer owned the partition
            kept[entity] = history
            # As of the dawn of time, so that a deadline that has passed meanwhile fires once more: that is harmless.
            deadline = derive(self.kind, history, self._options, 0).deadline
            if deadline is None:
                valid.pop(entity, None)
            else:
                valid[entity] = deadline
        heap = [(deadline, entity) for entity, deadline in valid.items()]
        heapify(heap)
        self._deadlines[partition] = heap

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._sent.revoke(partition)
        for kept in (self._histories, self._deadlines, self._deadline_of, self._top):
            kept.pop(partition, None)

    def history(self, entity: str) -> History | None:
        """The history of one entity, if this worker keeps it."""
        for kept in self._histories.values():
            if entity in kept:
                return kept[entity]
        return None

    def _check(self, kind: Kind, entity: str, entry: Entry, now: int) -> None:
        if kind != self.kind:
            raise RejectedError("topic", "subject", f"{kind}/{entity}", f"topic {self.source} takes {self.kind}/… only")
        if contributions.SEPARATOR in entity:
            raise RejectedError("envelope", "subject", entity, "must not contain the character U+001F")
        if self._reject_future and entry.time > now + _MAX_FUTURE:
            raise RejectedError("time", "time", entry.time, "must not lie more than a day in the future")

    def _emit(
        self, step: Step, partition: int, changed: dict[str, History], now: int, *, again: bool
    ) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
        """Append the outputs of changed entities; returns their deadlines, 0 for none, and what was sent.

        ``again``: send also what has not changed since it was last sent.
        """
        deadlines: dict[str, int] = {}
        sent: dict[str, tuple[int, int]] = {}
        for entity, history in changed.items():
            derived = derive(self.kind, history, self._options, now)
            deadlines[entity] = derived.deadline or 0
            prints = (hash(_ENCODER.encode(derived.sets)), hash(_ENCODER.encode((derived.customer, derived.summary))))
            old = None if again else self._sent.get(partition, entity)
            old_prints = old if isinstance(old, tuple) else (None, None)
            sent[entity] = prints
            if prints[0] != old_prints[0]:
                self._emit_sets(step, entity, history, derived)
            if prints[1] != old_prints[1] and derived.summary is not None:
                self._emit_summary(step, entity, history, derived, derived.summary)
        return deadlines, sent

    def _emit_sets(self, step: Step, entity: str, history: History, derived: Derived) -> None:
        named = f"{self.kind}/{entity}"
        seen = max(entry.time for entry in history.events)
        for queue in {*derived.queues, *derived.sets}:
            items, live = derived.sets.get(queue, _NO_ITEMS)
            step.outputs.append(
                Output(
                    CONTRIBUTIONS.name,
                    partition_of(queue, self._partitions),
                    contributions.key_of(queue, named),
                    contributions.encode(Contribution(_version(history, derived), seen, items, live)),
                )
            )

    def _emit_summary(self, step: Step, entity: str, history: History, derived: Derived, summary: Summary) -> None:
        customer = derived.customer
        for mentioned in {*mentioned_customers(history), customer} - {""}:
            said = summary if mentioned == customer else msgspec.structs.replace(summary, gone=True)
            step.outputs.append(
                Output(
                    CONTACTS.name,
                    partition_of(mentioned, self._partitions),
                    f"{mentioned}{contributions.SEPARATOR}{self.kind}/{entity}".encode(),
                    summaries.encode(summaries.Known(_version(history, derived), said)),
                )
            )

    def _dead_letter(self, partition: int, record: Record, error: RejectedError) -> Output:
        headers = (
            ("reason", error.reason.encode()),
            ("field", error.field.encode()),
            ("error", str(error).encode()),
            ("topic", self.source.encode()),
            ("partition", str(partition).encode()),
            ("offset", str(record.offset).encode()),
        )
        return Output(DEAD_LETTERS.name, 0, record.key, record.value, headers)


def _version(history: History, derived: Derived) -> int:
    """Orders what was derived: by what was known, and then by how many deadlines had passed."""
    return history.version * 8 + derived.crossed

"""The stage of one kind of entity: events in, contribution sets and customer summaries out, histories kept."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams import history as histories
from streams.codec import RejectedError, UnknownTypeError, decode
from streams.figures import contributions
from streams.history import EMPTY, History, merge, replaces
from streams.limits import LIMITS, Limits
from streams.pipeline.clock_news import POLICIES_KEY, TOLD_KEY, ClockNews
from streams.pipeline.dead_letters import check_size, dead_letter
from streams.pipeline.deadlines import AT_ONCE, DeadlineHeap
from streams.pipeline.derive import Derived, ahead, derive
from streams.pipeline.entity_outputs import EntityOutputs
from streams.pipeline.sent import OFFSET_KEY, Sent, offset_write
from streams.room import Rooms
from streams.sla.of_entity import next_change
from streams.sla.promises import Policies
from streams.stage import Step, TallyKey
from streams.topics import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.events import Entry, Kind
    from streams.pipeline.rules import Rules
    from streams.stage import Record

_ENCODER = msgspec.msgpack.Encoder()
_MAX_FUTURE = 86_400_000
_MAX_DUE = 50
"""Entities whose deadlines one step takes at most: events wait for one step, and never for all that are due."""


class _Prints(NamedTuple):
    """Fingerprints of what was sent of an entity: its sets, its summary, and what it says of reps."""

    sets: int
    summary: int
    works: int


class _Changed(NamedTuple):
    """What adopting a step brings into memory."""

    histories: dict[str, History]
    deadlines: dict[str, int]
    sent: dict[str, _Prints]
    top: int
    told: int
    """Up to when deadlines were told; 0: it was no pass over them."""
    policies: str | None
    """The version that all clocks run by now, if that is another one than before."""


class EntityStage:
    """Histories of tickets, calls, chats, reps or customers' handles. See :class:`streams.stage.Stage`."""

    def __init__(
        self,
        kind: Kind,
        *,
        partitions: int,
        rules: Rules,
        lateness: int,
        reject_future: bool,
        limits: Limits = LIMITS,
    ) -> None:
        """``lateness``: allowed lateness in milliseconds; ``reject_future``: refuse events dated over a day ahead."""
        self.kind = kind
        self.name = self.source = SOURCES[kind].name
        self.rules = rules
        """What is derived by now."""
        self._lateness = lateness
        self._reject_future = reject_future
        self._limits = limits
        self._histories: dict[int, dict[str, History]] = defaultdict(dict)
        self._deadlines = DeadlineHeap()
        self._outputs = EntityOutputs(kind, partitions)
        self._news = ClockNews(kind, partitions)
        self._sent = Sent()
        self._top: dict[int, int] = {}
        self._before = Policies()
        """What clocks were run by before."""
        self._revisited: dict[int, str] = {}
        """Partition to the version of the policies for which all that they change was found."""

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Take a batch of events."""
        step = Step()
        top = self._top.get(partition, 0)
        arrived: dict[str, list[Entry]] = {}
        kept = self._histories[partition]
        known: dict[str, dict[str, Entry]] = {}
        rooms = Rooms(self._limits)
        for record in records:
            try:
                check_size(record, self._limits)
                event = decode(record.value, record.headers)
                self._check(event.kind, event.entity, event.entry, now)
                entity, entry = histories.key_of(event.kind, event.entity, event.entry.time), event.entry
                old = kept.get(entity, EMPTY)
                uids = known.get(entity)
                if uids is None:
                    uids = known[entity] = {one.uid: one for one in old.events}
                    arrived[entity] = []
                present = uids.get(entry.uid)
                # What is known already takes no room, and is a duplicate however full the history is.
                if present is None or replaces(entry, present):
                    rooms.take(entity, old, arrived[entity], entry)
                    arrived[entity].append(entry)
                    uids[entry.uid] = entry
            except UnknownTypeError:
                step.tally[TallyKey(self.source, "unknown_type")] += 1
                continue
            except RejectedError as error:
                step.tally[TallyKey(self.source, "invalid", error.reason)] += 1
                step.outputs.append(dead_letter(self.source, partition, record, error))
                continue
            result = "late" if entry.time < top - self._lateness else "ok"
            if present is not None:
                result = "duplicate"
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
        deadlines, sent = self._emit(step, partition, changed, instant, top, again=again)
        step.writes = {entity.encode(): histories.encode(history) for entity, history in changed.items()}
        step.writes[OFFSET_KEY] = offset_write(records)
        step.max_event_time = top or None
        step.state = _Changed(changed, deadlines, sent, top, 0, None)
        return step

    def due(self, partition: int, now: int) -> Step | None:
        """Derive again the entities whose deadline has passed, and those that other policies apply to now."""
        version = self.rules.policies.version
        # What was begun by others must be gone through again, though what is stored is the same as now.
        revised = not self._news.is_run_by(partition, version) or self._revisited.get(partition, version) != version
        if revised:
            self._revisit(partition)
        passed = self._deadlines.passed(partition, now, _MAX_DUE)
        revised = revised and passed.until >= AT_ONCE
        if not passed.entities and not revised:
            return None
        # What is left for the next time has not been told.
        told = self._news.told(partition, passed.until)
        histories_of = self._histories[partition]
        step = Step()
        due = {entity: histories_of[entity] for entity in passed.entities}
        deadlines, sent = self._emit(step, partition, due, now, now, again=False)
        if self.rules.policies:
            step.writes[TOLD_KEY] = str(told).encode()
        if revised:
            step.writes[POLICIES_KEY] = version.encode()
        step.state = _Changed({}, deadlines, sent, self._top.get(partition, 0), told, version if revised else None)
        return step

    def adopt(self, partition: int, step: Step) -> None:
        """Take over histories and deadlines."""
        changed: _Changed = step.state
        self._histories[partition].update(changed.histories)
        self._sent.update(partition, changed.sent)
        self._top[partition] = max(changed.top, self._top.get(partition, 0))
        self._news.note(partition, changed.told)
        if changed.policies is not None:
            self._news.run_by(partition, changed.policies)
        self._deadlines.schedule(partition, changed.deadlines)

    def take_policies(self, rules: Rules) -> None:
        """Run clocks by other policies from now on; :meth:`due` derives again what they change."""
        self._before = self.rules.policies
        self.rules = rules

    def _revisit(self, partition: int) -> None:
        """Let what has happened since the policies differ be due at once; what ended before is promised what it was."""
        version = self.rules.policies.version
        if self._revisited.get(partition) == version:
            return
        self._revisited[partition] = version
        # Clocks may run by others still: those before came and went too quickly, or another worker had the partition.
        before = self._before if self._news.is_run_by(partition, self._before.version) else Policies()
        kept, since = self._histories[partition].items(), self.rules.policies.differ_from(before)
        touched = {entity: AT_ONCE for entity, known in kept if known.events[-1].time >= since}
        self._deadlines.schedule(partition, touched)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt histories from the changelog, and rebuild the deadlines from them."""
        kept = self._histories[partition]
        deadlines: dict[str, int] = {}
        for key, value in entries:
            if key == OFFSET_KEY:
                self._sent.restore(partition, value or b"0")
                continue
            if self._news.restore(partition, key, value):
                continue
            entity = key.decode()
            if value is None:
                kept.pop(entity, None)
                deadlines[entity] = 0
                continue
            history = histories.decode(self.kind, value)
            if entity in kept and kept[entity].version > history.version:
                continue  # written late, by a worker that no longer owned the partition
            kept[entity] = history
            # As of the dawn of time, so that a deadline that has passed meanwhile fires once more: that is harmless.
            deadline, clocks = ahead(self.kind, entity, history, self.rules, 0)
            change = self._news.next_deadline(partition, clocks)
            deadlines[entity] = min(filter(None, (deadline, change)), default=0)
        self._deadlines.schedule(partition, deadlines)

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._sent.revoke(partition)
        self._news.revoke(partition)
        self._deadlines.revoke(partition)
        for kept in (self._histories, self._top, self._revisited):
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
        self, step: Step, partition: int, changed: dict[str, History], now: int, top: int, *, again: bool
    ) -> tuple[dict[str, int], dict[str, _Prints]]:
        """Append the outputs of changed entities; returns their deadlines, 0 for none, and what was sent.

        ``top``: up to when transitions are told; ``again``: send also what has not changed since it was last sent.
        """
        deadlines: dict[str, int] = {}
        sent: dict[str, _Prints] = {}
        outputs = self._outputs
        for entity, history in changed.items():
            derived = derive(self.kind, entity, history, self.rules, now)
            prints = _Prints(
                hash(_ENCODER.encode(derived.sets)),
                hash(_ENCODER.encode((derived.customer, derived.summary, derived.alias))),
                hash(_ENCODER.encode(derived.works)),
            )
            old = None if again else self._sent.get(partition, entity)
            old_prints = old if isinstance(old, _Prints) else (None, None, None)
            sent[entity] = prints
            if prints[0] != old_prints[0]:
                step.outputs.extend(outputs.sets(entity, history, derived))
            if prints[1] != old_prints[1] and derived.summary is not None:
                step.outputs.extend(outputs.summary(entity, history, derived, derived.summary))
            if prints[1] != old_prints[1] and derived.alias is not None:
                step.outputs.extend(outputs.alias(entity, history, derived, derived.alias))
            if prints[2] != old_prints[2]:
                step.outputs.extend(outputs.works(entity, history, derived))
            change = self._tell(step, partition, entity, history, derived, top) if self.rules.policies else None
            deadlines[entity] = min(filter(None, (derived.deadline, change)), default=0)
        return deadlines, sent

    def _tell(
        self, step: Step, partition: int, entity: str, history: History, derived: Derived, top: int
    ) -> int | None:
        """Append the transitions of an entity's clocks; returns when time alone will bring about the next one."""
        old = self._histories[partition].get(entity)
        reach = self._news.reach(partition, top, old, history)
        deadline = self._deadlines.of(partition, entity)
        told = self._news.outputs(partition, entity, (old, history), derived.clocks, deadline, reach, self.rules)
        step.outputs.extend(told)
        return next_change(derived.clocks, reach)

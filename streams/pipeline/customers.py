"""The stage of customers: summaries of contacts and identities in; re-contacts, chains and relays out.

Each handle is kept where its contacts arrive. What is another customer's goes back to the topic that the stage reads,
under that customer's key: so a merge reaches across partitions, and ends like any other record.

What a handle's contacts say together is derived from all of them, so they cannot be any number: a handle of more than
``FigureOptions.shared_after_contacts`` is taken for several customers'. From then on none of its contacts says anything
of another, and only those that a batch touches are derived. Contacts that were taken back are counted with the others:
so a handle stays what it has become.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams.customers import handles
from streams.customers import summary as summaries
from streams.customers.derive import derive
from streams.customers.handles import Handle
from streams.figures import contributions
from streams.figures.contributions import SEPARATOR, Contribution, Item, Live, QueueSets
from streams.pipeline.sent import OFFSET_KEY, Sent, offset_write
from streams.stage import Output, Step, TallyKey
from streams.topics import CONTACTS, CONTRIBUTIONS, partition_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from streams.pipeline.rules import Rules
    from streams.stage import Record

_ENCODER = msgspec.msgpack.Encoder()
_NOTHING: tuple[list[Item], list[Live]] = ([], [])


class _Changed(NamedTuple):
    handles: dict[str, Handle]
    sent: dict[str, int]


class CustomerStage:
    """The contacts of each customer. See :class:`streams.stage.Stage`."""

    name = "customers"
    source = CONTACTS.name

    def __init__(self, *, partitions: int, rules: Rules) -> None:
        self._partitions = partitions
        self._rules = rules
        self._handles: dict[int, dict[str, Handle]] = defaultdict(dict)
        self._sent = Sent()

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Take a batch of summaries and notes; what is known already, or better, changes nothing."""
        step = Step()
        kept = self._handles[partition]
        changed: dict[str, Handle] = {}
        touched: defaultdict[str, set[str] | None] = defaultdict(set)
        for record in records:
            if record.key is None or record.value is None:
                continue
            name, _, slot = record.key.decode().partition(SEPARATOR)
            handle = changed.get(name)
            if handle is None:
                known = kept.get(name)
                handle = known.copy() if known is not None else Handle(name)
            if not self._take(step, handle, slot, record.value):
                step.tally[TallyKey(self.source, "known")] += 1
                continue
            changed[name] = handle
            entities = touched[name]
            if not slot:
                touched[name] = None  # what is said of the handle may change all that it has
            elif entities is not None:
                entities.add(slot.partition(SEPARATOR)[0])
            step.tally[TallyKey(self.source, "ok")] += 1
        again = self._sent.must_send_all(partition, records)
        sent: dict[str, int] = {}
        for handle in changed.values():
            before = kept.get(handle.name)
            # Its other contacts are, and were, nothing to those that the batch touches.
            only = touched[handle.name] if before is not None and self._is_crowded(before) else None
            self._emit_sets(step, partition, handle, sent, only, again=again)
            self._emit_relays(step, partition, handle, sent, only, again=again)
        step.writes[OFFSET_KEY] = offset_write(records)
        step.state = _Changed(changed, sent)
        return step

    def _take(self, step: Step, handle: Handle, slot: str, value: bytes) -> bool:
        """Let a handle take a record, and note what is stored otherwise then; False if nothing."""
        if slot:
            if not handle.take(slot, summaries.decode(value)):
                return False
            slots = [slot]
        else:
            noted = handle.take_note(handles.decode_note(value))
            if noted is None:
                return False
            step.writes[handles.note_key(handle.name)] = value
            slots = noted
        for one in slots:
            step.writes[f"{handle.name}{SEPARATOR}{one}".encode()] = handles.encode(handle.slots[one])
        return True

    def _is_crowded(self, handle: Handle) -> bool:
        """Whether a handle has more contacts than one customer's can have."""
        return len(handle.slots) > self._rules.options.shared_after_contacts

    def _emit_sets(
        self,
        step: Step,
        partition: int,
        handle: Handle,
        sent: dict[str, int],
        only: Collection[str] | None,
        *,
        again: bool,
    ) -> None:
        """Append the sets of the contacts that count here, or once did: those not as last sent, or all.

        ``only``: entities to look at.
        """
        here = handle.here(only)
        present = {entity: known[0].summary for entity, known in here.items()}
        derived = derive(present, self._rules.options, shared=handle.note.shared or self._is_crowded(handle))
        version = handle.version
        for entity, known in here.items():
            sets = derived.get(entity) or QueueSets()
            named = f"customer/{handle.name}/{entity}"
            sent[named] = hash(_ENCODER.encode(sets))
            if not again and sent[named] == self._sent.get(partition, named):
                continue
            booked = {queue for held in known for queue in (*held.summary.queues, held.summary.queue)}
            for queue in {*booked, *sets}:
                items, live = sets.get(queue, _NOTHING)
                step.outputs.append(
                    Output(
                        CONTRIBUTIONS.name,
                        partition_of(queue, self._partitions),
                        contributions.key_of(queue, named),
                        contributions.encode(Contribution(version, 0, items, live)),
                    )
                )

    def _emit_relays(
        self,
        step: Step,
        partition: int,
        handle: Handle,
        sent: dict[str, int],
        only: Collection[str] | None,
        *,
        again: bool,
    ) -> None:
        """Append what other handles are to know: what is not as last sent, or all; ``only``: entities to look at."""
        for relay in handle.relays(only):
            key = f"{relay.to}{SEPARATOR}{relay.slot}"
            sent[key] = hash(_ENCODER.encode(relay.known.summary))
            if not again and sent[key] == self._sent.get(partition, key):
                continue
            step.outputs.append(
                Output(
                    CONTACTS.name,
                    partition_of(relay.to, self._partitions),
                    key.encode(),
                    summaries.encode(relay.known),
                )
            )

    def due(self, partition: int, now: int) -> Step | None:
        """Nothing is due by itself: what ripens is dated ahead."""
        return None

    def adopt(self, partition: int, step: Step) -> None:
        """Take over the handles of a step."""
        changed: _Changed = step.state
        self._handles[partition].update(changed.handles)
        self._sent.update(partition, changed.sent)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt contacts and notes from the changelog."""
        kept = self._handles[partition]
        for key, value in entries:
            if key == OFFSET_KEY:
                self._sent.restore(partition, value or b"0")
                continue
            if value is None:
                continue  # nothing is ever deleted
            name, _, slot = key.decode().partition(SEPARATOR)
            handle = kept.get(name)
            if handle is None:
                handle = kept[name] = Handle(name)
            if slot:
                handle.recover(slot, handles.decode_held(value))
            else:
                note = handles.decode_note(value)
                # An older one was written late, by a worker that no longer owned the partition.
                if note.version >= handle.note.version:
                    handle.note = note

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._handles.pop(partition, None)
        self._sent.revoke(partition)

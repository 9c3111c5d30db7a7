"""The stage of customers: summaries of contacts in, re-contacts out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams.customers import summary as summaries
from streams.customers.recontacts import derive
from streams.figures import contributions
from streams.figures.contributions import SEPARATOR, Contribution
from streams.pipeline.sent import OFFSET_KEY, Sent, offset_write
from streams.stage import Output, Step, TallyKey
from streams.topics import CONTACTS, CONTRIBUTIONS, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.customers.summary import Known
    from streams.figures.options import FigureOptions
    from streams.stage import Record

_ENCODER = msgspec.msgpack.Encoder()


class _Changed(NamedTuple):
    customers: dict[str, dict[str, Known]]
    sent: dict[str, int]


class CustomerStage:
    """The contacts of each customer. See :class:`streams.stage.Stage`."""

    name = "customers"
    source = CONTACTS.name

    def __init__(self, *, partitions: int, options: FigureOptions) -> None:
        self._partitions = partitions
        self._options = options
        self._customers: dict[int, dict[str, dict[str, Known]]] = defaultdict(dict)
        self._sent = Sent()

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Take a batch of summaries; an older one than is known changes nothing."""
        step = Step()
        kept = self._customers[partition]
        changed: dict[str, dict[str, Known]] = {}
        for record in records:
            if record.key is None or record.value is None:
                continue
            customer, _, entity = record.key.decode().partition(SEPARATOR)
            known = summaries.decode(record.value)
            old = (changed.get(customer) or kept.get(customer) or {}).get(entity)
            if old is not None and old.version > known.version:
                step.tally[TallyKey(self.source, "superseded")] += 1
                continue
            if customer not in changed:
                changed[customer] = dict(kept.get(customer, {}))
            changed[customer][entity] = known
            step.writes[record.key] = record.value
            step.tally[TallyKey(self.source, "ok")] += 1
        again = self._sent.must_send_all(partition, records)
        sent: dict[str, int] = {}
        for customer, contacts in changed.items():
            self._emit(step, partition, customer, contacts, sent, again=again)
        step.writes[OFFSET_KEY] = offset_write(records)
        step.state = _Changed(changed, sent)
        return step

    def _emit(
        self,
        step: Step,
        partition: int,
        customer: str,
        contacts: dict[str, Known],
        sent: dict[str, int],
        *,
        again: bool,
    ) -> None:
        """Append the sets of a customer's contacts that are not as last sent, or of all of them."""
        derived = derive({entity: known.summary for entity, known in contacts.items()}, self._options)
        version = sum(known.version for known in contacts.values())
        for entity, known in contacts.items():
            one = known.summary
            items = derived.get(entity, [])
            named = f"customer/{customer}/{entity}"
            sent[named] = hash(_ENCODER.encode((one.queue, items)))
            if not again and sent[named] == self._sent.get(partition, named):
                continue
            for queue in {*one.queues, one.queue}:
                step.outputs.append(
                    Output(
                        CONTRIBUTIONS.name,
                        partition_of(queue, self._partitions),
                        contributions.key_of(queue, named),
                        contributions.encode(Contribution(version, 0, items if queue == one.queue else [], [])),
                    )
                )

    def due(self, partition: int, now: int) -> Step | None:
        """Nothing is due by itself: what ripens is dated ahead."""
        return None

    def adopt(self, partition: int, step: Step) -> None:
        """Take over the customers of a step."""
        changed: _Changed = step.state
        self._customers[partition].update(changed.customers)
        self._sent.update(partition, changed.sent)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt summaries from the changelog."""
        kept = self._customers[partition]
        for key, value in entries:
            if key == OFFSET_KEY:
                self._sent.restore(partition, value or b"0")
                continue
            customer, _, entity = key.decode().partition(SEPARATOR)
            contacts = kept.setdefault(customer, {})
            if value is None:
                contacts.pop(entity, None)
                continue
            known = summaries.decode(value)
            # An older one was written late, by a worker that no longer owned the partition.
            if entity not in contacts or contacts[entity].version <= known.version:
                contacts[entity] = known

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._customers.pop(partition, None)
        self._sent.revoke(partition)

"""The stage of customers: summaries of contacts in, re-contacts out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streams.customers.recontacts import LONGEST, derive
from streams.figures import contributions
from streams.figures.contributions import SEPARATOR, Contribution
from streams.pipeline.entities import decode_summary
from streams.stage import Output, Step, TallyKey
from streams.topics import CONTACTS, CONTRIBUTIONS, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.customers.summary import Summary
    from streams.figures.options import FigureOptions
    from streams.stage import Record


class CustomerStage:
    """The contacts of each customer. See :class:`streams.stage.Stage`."""

    name = "customers"
    source = CONTACTS.name

    def __init__(self, *, partitions: int, options: FigureOptions) -> None:
        self._partitions = partitions
        self._options = options
        self._customers: dict[int, dict[str, dict[str, Summary]]] = defaultdict(dict)

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:  # noqa: ARG002 - part of the contract
        """Take a batch of summaries; an older one than is known changes nothing."""
        step = Step()
        kept = self._customers[partition]
        changed: dict[str, dict[str, Summary]] = {}
        touched: dict[str, list[Summary]] = defaultdict(list)
        for record in records:
            if record.key is None or record.value is None:
                continue
            customer, _, entity = record.key.decode().partition(SEPARATOR)
            summary = decode_summary(record.value)
            contacts = changed.get(customer)
            if contacts is None:
                contacts = changed[customer] = dict(kept.get(customer, {}))
            old = contacts.get(entity)
            if old is not None and old.version > summary.version:
                step.tally[TallyKey(self.source, "superseded")] += 1
                continue
            contacts[entity] = summary
            touched[customer].append(summary)
            if old is not None:
                touched[customer].append(old)
            step.writes[record.key] = record.value
            step.tally[TallyKey(self.source, "ok")] += 1
        for customer, summaries in touched.items():
            self._emit(step, customer, changed[customer], summaries)
        step.state = {customer: changed[customer] for customer in touched}
        return step

    def _emit(self, step: Step, customer: str, contacts: dict[str, Summary], touched: list[Summary]) -> None:
        """Send the sets of all contacts that a touched one can have influenced, changed or not.

        What was sent just before a crash is not known, so "not changed since" would be a guess.
        """
        derived = derive(contacts, self._options)
        version = sum(one.version for one in contacts.values())
        instants = [instant for one in touched for instant in _instants(one)]
        first, last = min(instants) - LONGEST, max(instants) + LONGEST
        for entity, one in contacts.items():
            if not any(first <= instant <= last for instant in _instants(one)):
                continue
            items = derived.get(entity, [])
            for queue in {*one.queues, one.queue}:
                step.outputs.append(
                    Output(
                        CONTRIBUTIONS.name,
                        partition_of(queue, self._partitions),
                        contributions.key_of(queue, f"customer/{customer}/{entity}"),
                        contributions.encode(Contribution(version, 0, items if queue == one.queue else [], [])),
                    )
                )

    def due(self, partition: int, now: int) -> Step | None:  # noqa: ARG002 - part of the contract
        """Nothing is due by itself: what ripens is dated ahead."""
        return None

    def adopt(self, partition: int, step: Step) -> None:
        """Take over the customers of a step."""
        self._customers[partition].update(step.state)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt summaries from the changelog."""
        kept = self._customers[partition]
        for key, value in entries:
            customer, _, entity = key.decode().partition(SEPARATOR)
            contacts = kept.setdefault(customer, {})
            if value is None:
                contacts.pop(entity, None)
            else:
                contacts[entity] = decode_summary(value)

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._customers.pop(partition, None)


def _instants(one: Summary) -> list[int]:
    return [one.start, *(ending.at for ending in one.endings)]

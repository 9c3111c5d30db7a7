"""What a stage of entities sends besides transitions: sets to queues, summaries to customers, work to reps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streams import history as histories
from streams.customers import handles
from streams.customers import summary as summaries
from streams.figures import contributions
from streams.figures.contributions import Contribution, Item, Live
from streams.pipeline.derive import Derived, mentioned_customers, mentioned_reps
from streams.reps import work
from streams.reps.work import Work
from streams.stage import Output
from streams.topics import CONTACTS, CONTRIBUTIONS, REP_WORK, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.customers.identity import Alias
    from streams.customers.summary import Summary
    from streams.events import Kind
    from streams.history import History

_NO_ITEMS: tuple[list[Item], list[Live]] = ([], [])


class EntityOutputs:
    """Makes the records of one kind of entity."""

    def __init__(self, kind: Kind, partitions: int) -> None:
        """``partitions``: of every topic."""
        self._kind = kind
        self._partitions = partitions

    def sets(self, entity: str, history: History, derived: Derived) -> Iterator[Output]:
        """The entity's sets, empty ones included for queues that it may have contributed to before."""
        named = f"{self._kind}/{entity}"
        seen = max(entry.time for entry in history.events)
        for queue in {*derived.queues, *derived.sets}:
            items, live = derived.sets.get(queue, _NO_ITEMS)
            yield Output(
                CONTRIBUTIONS.name,
                partition_of(queue, self._partitions),
                contributions.key_of(queue, named),
                contributions.encode(Contribution(_version(history, derived), seen, items, live)),
            )

    def summary(self, entity: str, history: History, derived: Derived, summary: Summary) -> Iterator[Output]:
        """The entity's summary to its customer, and that it is gone to those whose it was taken to be."""
        customer = derived.customer
        for mentioned in {*mentioned_customers(history), customer} - {""}:
            said = summary if mentioned == customer else msgspec.structs.replace(summary, gone=True)
            yield Output(
                CONTACTS.name,
                partition_of(mentioned, self._partitions),
                f"{mentioned}{contributions.SEPARATOR}{self._kind}/{entity}".encode(),
                summaries.encode(summaries.Known(_version(history, derived), said)),
            )

    def alias(self, handle: str, history: History, derived: Derived, alias: Alias) -> Iterator[Output]:
        """Whose a handle is."""
        note = handles.encode(handles.Note(_version(history, derived), *alias))
        yield Output(CONTACTS.name, partition_of(handle, self._partitions), handles.note_key(handle), note)

    def works(self, key: str, history: History, derived: Derived) -> Iterator[Output]:
        """What the entity says of reps."""
        named = f"{self._kind}/{key.replace(contributions.SEPARATOR, '/')}"
        mentioned = [""] if self._kind == "rep" else sorted(mentioned_reps(history))
        for rep in mentioned:
            said = rep or histories.entity_of(key)
            known = work.Known(_version(history, derived), derived.works.get(rep) or Work(queues=derived.queues))
            yield Output(
                REP_WORK.name,
                partition_of(said, self._partitions),
                f"{said}{contributions.SEPARATOR}{named}".encode(),
                work.encode(known),
            )


def _version(history: History, derived: Derived) -> int:
    """Orders what was derived: by what was known, and then by how many deadlines had passed."""
    return history.version * 8 + derived.crossed

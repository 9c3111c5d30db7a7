"""The tapes of a contact: its stays in queues, and its callbacks (see :mod:`streams.sla.tape`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.lifecycles.callback import PENDING
from streams.sla.model import Metric
from streams.sla.said import NOTHING_SAID
from streams.sla.tape import Fact, Moment, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.events import Entry
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims


def contact_tapes(
    entity: str, contact: Contact, events: Sequence[Entry], channel: str
) -> Iterator[tuple[Metric, Tape]]:
    """What the clocks of a contact are played from, by metric.

    Args:
        entity: kind and id, as in ``call/4711``.
        contact: the folded contact.
        events: what it was folded from, for what the labels said when.
        channel: taken where no event named one.
    """
    said = NOTHING_SAID
    known = [(entry.time, said := said.after(entry.data)) for entry in events]

    def moment(at: int, dims: Dims, status: str, fact: Fact = Fact.NOTHING) -> Moment:
        then = next((said for since, said in reversed(known) if since <= at), NOTHING_SAID)
        return Moment(at, then.labels(dims, channel), dims.rep, status, fact, "", "", then.customer or entity)

    waits, callbacks = Tape(entity), Tape(entity)
    for stay in contact.entries:
        waits.moments.append(moment(stay.at, stay.dims._replace(rep=""), "waiting", Fact.QUEUED))
        if stay.outcome != "waiting":
            waits.moments.append(moment(stay.until, stay.dims, stay.outcome))
    for callback in contact.callbacks:
        callbacks.moments.append(moment(callback.at, callback.dims, "waiting", Fact.QUEUED))
        if callback.state not in PENDING:
            callbacks.moments.append(moment(callback.since, callback.dims, callback.state))
    yield Metric.QUEUE_WAIT, waits
    yield Metric.CALLBACK, callbacks

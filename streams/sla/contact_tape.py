"""The tapes of a contact: its stays in queues, and its callbacks (see :mod:`streams.sla.tape`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.lifecycles.callback import PENDING
from streams.sla.model import Labels, Metric
from streams.sla.tape import Fact, Moment, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.events import Entry
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims


def contact_tapes(contact: Contact, events: Sequence[Entry], channel: str) -> Iterator[tuple[Metric, Tape]]:
    """What the clocks of a contact are played from, by metric.

    Args:
        contact: the folded contact.
        events: what it was folded from, for what the labels said when.
        channel: taken where no event named one.
    """
    reasons = [(entry.time, entry.data.reason) for entry in events if entry.data.reason]

    def moment(at: int, dims: Dims, status: str, fact: Fact = Fact.NOTHING) -> Moment:
        reason = next((said for since, said in reversed(reasons) if since <= at), "")
        labels = Labels(dims.queue, dims.channel or channel, dims.priority, reason=reason)
        return Moment(at, labels, dims.rep, status, fact, "", "")

    waits, callbacks = Tape(), Tape()
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

"""The clocks of complaints: of one ticket or contact there may be several, each with its own clock.

What is owed is the first answer. When it was owed says :mod:`streams.lifecycles.complaint`, so that the clocks and the
figures cannot differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import complaints as ev
from streams.events.contacts import ContactConnected
from streams.events.tickets import MessageSent
from streams.lifecycles.dims import NOWHERE
from streams.sla.conditions import Condition, Phase
from streams.sla.machine import play_each
from streams.sla.model import Metric
from streams.sla.said import NOTHING_SAID
from streams.sla.tape import Fact, Moment, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.events import Entry
    from streams.lifecycles.complaint import Complaint
    from streams.sla.clocks import Instance
    from streams.sla.promises import Policies


def complaint_clocks(complaints: Sequence[Complaint], tape: Tape, policies: Policies) -> list[Instance]:
    """The clocks of complaints, in the order in which they were received.

    Args:
        complaints: those of one ticket or contact.
        tape: that of the ticket or contact; every event of a complaint is a moment on it.
        policies: what was promised, at each instant of it.
    """
    if not complaints or Metric.COMPLAINT_REPLY not in policies.lanes:
        return []
    return play_each(Metric.COMPLAINT_REPLY, tape, policies, [tuple(_conditions(each, tape)) for each in complaints])


def _conditions(complaint: Complaint, tape: Tape) -> Iterator[Condition]:
    """Owed from the receipt to the first answer; what a reopen or an undeletion brings back goes on."""
    for place, moment in enumerate(tape.moments):
        if moment.at < complaint.received.at:
            continue
        if moment.gone:
            yield Condition(place, Phase.CANCEL, moment.gone, resumable=True)
            continue
        last = next(wait for wait in reversed(complaint.waits) if wait.began <= moment.at)
        owed = last.ended is None or last.ended > moment.at
        if owed or moment.at == complaint.received.at:
            # Answered in the instant of its receipt: a promise was kept all the same.
            yield Condition(place, Phase.RUN, "complaint")
        if not owed:
            yield Condition(place, Phase.STOP, last.why, resumable=True)


def contact_tape(entity: str, events: Sequence[Entry], channel: str) -> Tape:
    """What happened to a call or chat; each event is a moment. ``channel``: taken where no event named one."""
    tape, dims, said = Tape(entity), NOWHERE, NOTHING_SAID
    for entry in events:
        data = entry.data
        dims = dims.after(data)
        said = said.after(data)
        # An answer is to the credit of who gave it, if that was told.
        rep = data.rep or "" if isinstance(data, _ANSWERS) else dims.rep
        labels = said.labels(dims, channel)
        tape.add(Moment(entry.time, labels, rep, "", Fact.NOTHING, "", "", said.customer or entity))
    return tape


_ANSWERS = (ev.ComplaintAcknowledged, ev.ComplaintResolved, ContactConnected, MessageSent)

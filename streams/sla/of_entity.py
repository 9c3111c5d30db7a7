"""The clocks of one ticket or contact."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from streams.sla.chat_tape import chat_tapes
from streams.sla.complaint_clocks import complaint_clocks, contact_tape
from streams.sla.conditions import TICKET_METRICS
from streams.sla.contact_tape import contact_tapes
from streams.sla.machine import play

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.events import Entry, Kind
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.ticket import Ticket
    from streams.sla.clocks import Instance
    from streams.sla.promises import Policies
    from streams.sla.tape import Tape


PROMISED: tuple[Kind, ...] = ("ticket", "call", "chat")
"""Kinds of entities that clocks may run for."""


def ticket_clocks(ticket: Ticket, tape: Tape, policies: Policies) -> list[Instance]:
    """The clocks of a ticket, whose fold has written the tape; none of what is no customer's."""
    if ticket.test or ticket.outbound:
        return []
    return [*play(tape, policies, TICKET_METRICS), *complaint_clocks(ticket.complaints.all, tape, policies)]


def contact_clocks(
    entity: str, contact: Contact, events: Sequence[Entry], channel: str, policies: Policies
) -> list[Instance]:
    """The clocks of a call or chat.

    See :func:`streams.sla.contact_tape.contact_tapes` and :func:`streams.sla.chat_tape.chat_tapes`.
    """
    if not policies or contact.test or contact.direction in ("outbound", "internal"):
        return []
    tapes = chain(contact_tapes(entity, contact, events, channel), chat_tapes(entity, contact, events, channel))
    found = [instance for metric, tape in tapes for instance in play(tape, policies, (metric,))]
    if contact.complaints:
        found += complaint_clocks(contact.complaints, contact_tape(entity, events, channel), policies)
    return found


def next_change(instances: Iterable[Instance], now: int) -> int | None:
    """When time alone will next bring about a transition; None if it never does. Milliseconds."""
    return min((change.at for instance in instances for change in instance.ahead if change.at > now), default=None)

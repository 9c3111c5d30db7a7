"""The event contract: one typed struct for each event type, registered here once.

Schemas, documentation and decoding all start from :data:`EVENT_TYPES`. The CloudEvents type of an event is
``support.<family>.<event>.v1``; its short name is ``<family>.<event>``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from streams.events import bots, callbacks, complaints, contacts, identity, reps, tickets
from streams.events.base import KINDS, Channel, Data, Direction, Entry, Event, Kind
from streams.events.tickets import MessageMadePrivate, MessageSent

__all__ = [
    "COMPLAINT_EVENTS",
    "ENTRY_TYPES",
    "EVENT_TYPES",
    "KINDS",
    "Channel",
    "Data",
    "Direction",
    "Entry",
    "Event",
    "Kind",
    "ce_type",
    "kinds_of",
    "short_name",
]

TICKET_EVENTS: tuple[type[Data], ...] = (
    tickets.TicketCreated,
    tickets.TicketAssigned,
    tickets.TicketEscalated,
    tickets.TicketUpdated,
    tickets.TicketScheduleChanged,
    tickets.TicketRequesterChanged,
    tickets.TicketStatusChanged,
    tickets.TicketSolved,
    tickets.TicketReopened,
    tickets.TicketClosed,
    tickets.TicketMerged,
    tickets.TicketLinked,
    tickets.TicketUnlinked,
    tickets.TicketSplit,
    tickets.TicketDeleted,
    tickets.TicketMarkedSpam,
    tickets.TicketUndeleted,
    MessageSent,
    MessageMadePrivate,
)
BOT_EVENTS: tuple[type[Data], ...] = (bots.BotHandoff, bots.BotResolved)
COMPLAINT_EVENTS: tuple[type[Data], ...] = (
    complaints.ComplaintReceived,
    complaints.ComplaintAcknowledged,
    complaints.ComplaintResolved,
)
CONTACT_EVENTS: tuple[type[Data], ...] = (
    contacts.ContactInitiated,
    contacts.ContactQueued,
    contacts.ContactOfferedToRep,
    contacts.ContactNotAnswered,
    contacts.ContactConnected,
    contacts.ContactHeld,
    contacts.ContactRetrieved,
    contacts.ContactTransferred,
    contacts.ContactLeftQueue,
    contacts.ContactAbandoned,
    contacts.ContactUpdated,
    contacts.ContactEnded,
    contacts.ContactWrapupEnded,
    callbacks.CallbackRequested,
    callbacks.CallbackScheduled,
    callbacks.CallbackAttempted,
    callbacks.CallbackFailed,
    callbacks.CallbackAnswered,
    callbacks.CallbackAbandoned,
)
REP_EVENTS: tuple[type[Data], ...] = (
    reps.RepLoggedIn,
    reps.RepStateChanged,
    reps.RepCapacityChanged,
    reps.RepHeartbeat,
    reps.RepLoggedOut,
)
IDENTITY_EVENTS: tuple[type[Data], ...] = (
    identity.IdentityObserved,
    identity.IdentityMerged,
    identity.IdentityUnmerged,
    identity.IdentityShared,
    identity.IdentityUnshared,
)


def short_name(data_type: type[Data]) -> str:
    """The short name of an event type, such as ``ticket.created``."""
    return str(data_type.__struct_config__.tag)


def ce_type(name: str) -> str:
    """The CloudEvents type of a short name."""
    return f"support.{name}.v1"


EVENT_TYPES: dict[str, type[Data]] = {
    short_name(t): t
    for t in (*TICKET_EVENTS, *BOT_EVENTS, *CONTACT_EVENTS, *COMPLAINT_EVENTS, *REP_EVENTS, *IDENTITY_EVENTS)
}
"""Short name to data type."""

_TICKET_NAMES = frozenset(map(short_name, TICKET_EVENTS))
_BOT_NAMES = frozenset(map(short_name, BOT_EVENTS))
_CONTACT_NAMES = frozenset(map(short_name, CONTACT_EVENTS))
_COMPLAINT_NAMES = frozenset(map(short_name, COMPLAINT_EVENTS))
_REP_NAMES = frozenset(map(short_name, REP_EVENTS))
_IDENTITY_NAMES = frozenset(map(short_name, IDENTITY_EVENTS))

ENTRY_TYPES: dict[Kind, Any] = {}
"""Kind of entity to the type of its history: a list of entries whose data is one of the kind's event types."""


def _entry_type(kind: Kind, data_types: tuple[type[Data], ...]) -> Any:
    union: Any = data_types[0]
    for data_type in data_types[1:]:
        union = union | data_type
    return msgspec.defstruct(
        f"{kind.title()}Entry",
        [("time", int), ("sequence", int), ("uid", str), ("data", union)],
        bases=(Entry,),
        array_like=True,
        gc=False,
        frozen=True,
    )


ENTRY_TYPES["ticket"] = _entry_type("ticket", (*TICKET_EVENTS, *BOT_EVENTS, *COMPLAINT_EVENTS))
ENTRY_TYPES["call"] = _entry_type("call", (*CONTACT_EVENTS, *COMPLAINT_EVENTS))
ENTRY_TYPES["chat"] = _entry_type(
    "chat", (*CONTACT_EVENTS, *BOT_EVENTS, *COMPLAINT_EVENTS, MessageSent, MessageMadePrivate)
)
ENTRY_TYPES["rep"] = _entry_type("rep", REP_EVENTS)
ENTRY_TYPES["identity"] = _entry_type("identity", IDENTITY_EVENTS)


def kinds_of(name: str) -> tuple[Kind, ...]:
    """Which kinds of entity an event type may speak of."""
    if name.startswith("message.") or name in _BOT_NAMES:
        return ("ticket", "chat")
    if name in _TICKET_NAMES:
        return ("ticket",)
    if name in _COMPLAINT_NAMES:
        return ("ticket", "call", "chat")
    if name in _REP_NAMES:
        return ("rep",)
    if name in _IDENTITY_NAMES:
        return ("identity",)
    return ("call", "chat") if name in _CONTACT_NAMES else ()

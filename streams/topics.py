"""Every topic: name, key, retention and owner. Created, checked and documented from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from streams.events import Kind


class Topic(NamedTuple):
    """A topic that the product reads or writes."""

    name: str
    key: str
    holds: str
    owner: str
    """Who writes it."""
    retention_hours: int | None
    """None: for ever."""
    single: bool = False
    """True: one partition; False: as many as configured."""
    compacted: bool = False
    """True: of each key the newest record is kept; False: every record is."""


TICKETS = Topic("tickets", "root id of the ticket", "ticket and message events (CloudEvents)", "producers", 168)
CALLS = Topic("calls", "root id of the call", "contact events of calls (CloudEvents)", "producers", 168)
CHATS = Topic("chats", "root id of the chat", "contact and message events of chats (CloudEvents)", "producers", 168)
REPS = Topic("reps", "id of the rep", "rep events (CloudEvents)", "producers", 168)
IDENTITIES = Topic("identities", "customer's handle", "identity events (CloudEvents)", "producers", 168)
CONTACTS = Topic(
    "contacts",
    "customer's handle",
    "summaries of tickets, calls and chats, and whose the handles are",
    "tickets, calls, chats, identities, customers",
    168,
)
REP_WORK = Topic("rep-work", "rep", "reps' states and their parts of calls and chats", "calls, chats, reps", 168)
CONTRIBUTIONS = Topic(
    "contributions",
    "queue and entity; partitioned by queue",
    "contribution sets",
    "tickets, calls, chats, customers, rep-hours",
    168,
)
SLA_TRANSITIONS = Topic(
    "sla-transitions",
    "kind and id of the ticket, call or chat",
    "what becomes of service-level clocks: activated, paused, warned, breached … (CloudEvents)",
    "tickets, calls, chats",
    168,
)
DEAD_LETTERS = Topic(
    "dead-letters",
    "as received",
    "events that could not be taken: original bytes, reason in the headers",
    "tickets, calls, chats, reps, identities",
    720,
    single=True,
)

POLICIES = Topic(
    "policies",
    "name of the version",
    "versions of the policies, with the calendars that they name (JSON)",
    "ticket-streams policy publish",
    None,
    single=True,
    compacted=True,
)

TOPICS: tuple[Topic, ...] = (
    TICKETS,
    CALLS,
    CHATS,
    REPS,
    IDENTITIES,
    CONTACTS,
    REP_WORK,
    CONTRIBUTIONS,
    SLA_TRANSITIONS,
    DEAD_LETTERS,
    POLICIES,
)

SOURCES: dict[Kind, Topic] = {"ticket": TICKETS, "call": CALLS, "chat": CHATS, "rep": REPS, "identity": IDENTITIES}
"""The topic that events of a kind of entity come on."""


def partition_of(key: str, partitions: int) -> int:
    """Partition of an internal topic. Producers of source topics may use any partitioner, but all the same one."""
    return crc32(key.encode()) % partitions

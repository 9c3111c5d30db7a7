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


TICKETS = Topic("tickets", "root id of the ticket", "ticket and message events (CloudEvents)", "producers", 168)
CALLS = Topic("calls", "root id of the call", "contact events of calls (CloudEvents)", "producers", 168)
CHATS = Topic("chats", "root id of the chat", "contact and message events of chats (CloudEvents)", "producers", 168)
CONTACTS = Topic("contacts", "customer", "summaries of tickets, calls and chats", "tickets, calls, chats", 168)
CONTRIBUTIONS = Topic(
    "contributions",
    "queue and entity; partitioned by queue",
    "contribution sets",
    "tickets, calls, chats, customers",
    168,
)
DEAD_LETTERS = Topic(
    "dead-letters",
    "as received",
    "events that could not be taken: original bytes, reason in the headers",
    "tickets, calls, chats",
    720,
    single=True,
)

TOPICS: tuple[Topic, ...] = (TICKETS, CALLS, CHATS, CONTACTS, CONTRIBUTIONS, DEAD_LETTERS)

SOURCES: dict[Kind, Topic] = {"ticket": TICKETS, "call": CALLS, "chat": CHATS}
"""The topic that events of a kind of entity come on."""


def partition_of(key: str, partitions: int) -> int:
    """Partition of an internal topic. Producers of source topics may use any partitioner, but all the same one."""
    return crc32(key.encode()) % partitions

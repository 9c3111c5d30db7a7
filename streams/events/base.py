"""What every event's data may carry, and the compact form in which a history keeps an event.

An event's *data* is a typed struct; the CloudEvents attributes around it are read by :mod:`streams.codec`. Absent means
"says nothing": what an event does not carry stays as it was.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec

Channel = Literal["voice", "chat", "email", "web", "social", "sms", "task"]
Direction = Literal["inbound", "outbound", "internal", "callback"]
Kind = Literal["ticket", "call", "chat", "rep", "identity"]

KINDS: tuple[Kind, ...] = ("ticket", "call", "chat", "rep", "identity")

MAX_TEXT = 256
"""The most characters of an attribute of the envelope, or of a label."""

LABELS = ("queue", "priority", "rep", "reason", "customer", "tier", "team")
"""Fields that become parts of keys and of series: not too long, and without control characters."""

Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
"""An id or another short text: histories keep it."""

Label = str
"""A short name that may become a label value: a queue, a priority, a rep."""


class Data(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False, frozen=True):
    """Fields that every event may carry; they are in force from the event's time on."""

    RANK: ClassVar[int] = 5
    """Causal rank: the order of events of one entity with equal time and sequence."""
    ASIDE: ClassVar[bool] = False
    """Whether it is about something that hangs on the entity: its rep, channel and direction are not the entity's."""

    queue: Label | None = None
    """Queue or group that the entity is with."""
    priority: Label | None = None
    channel: Channel | None = None
    direction: Direction | None = None
    rep: Label | None = None
    """The person who serves, never the customer."""
    reason: Label | None = None
    """Why the customer made contact."""
    customer: str | None = None
    """Keyed hash of the customer's identity; absent or empty: unknown."""
    tier: Label | None = None
    """What was agreed with the customer, such as ``gold``: service-level policies may depend on it."""
    team: Label | None = None
    """The team that serves, where that is not the queue; policies may depend on it."""
    test: bool | None = None
    """True for mystery shoppers and other contacts that are no customer's."""


class Entry(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One event in an entity's history."""

    time: int
    """Event time, milliseconds since the epoch, UTC."""
    sequence: int
    """The source's own order among events of one time; 0 if it has none."""
    uid: str
    """Identity of the event: CloudEvents source and id."""
    data: Any

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Sort key: event time, source sequence, causal rank, identity."""
        return (self.time, self.sequence, self.data.RANK, self.uid)


class Event(msgspec.Struct, gc=False, frozen=True):
    """A decoded event: which entity it belongs to, and what its history is to remember."""

    kind: Kind
    entity: str
    """Root id of the ticket, call or chat, the id of the rep, or a customer's handle."""
    entry: Entry
    unknown_fields: tuple[str, ...] = ()
    """Names of data fields that this version does not know; ignored, but counted."""

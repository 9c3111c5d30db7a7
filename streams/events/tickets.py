"""Events of a ticket's life (family ``ticket``) and of messages (family ``message``)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from streams.events.base import Data, Text

Status = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
"""Status category; sources with their own states map them to these six."""

Level = Annotated[int, msgspec.Meta(ge=0, le=9)]
"""Escalation level; 0: the front line, with which every ticket begins."""

DONE: frozenset[str] = frozenset({"solved", "closed"})


class TicketCreated(Data, tag="ticket.created", frozen=True):
    """A ticket came into being."""

    RANK: ClassVar[int] = 0
    created_by: Literal["customer", "rep", "system"] = "customer"
    public_first_comment: bool = True
    """Whether the description is visible to the customer (matters for tickets that a rep created)."""
    status: Status = "new"


class TicketAssigned(Data, tag="ticket.assigned", frozen=True):
    """Another rep or queue took the ticket over: see ``rep`` and ``queue``."""

    RANK: ClassVar[int] = 1


class TicketEscalated(Data, tag="ticket.escalated", frozen=True):
    """Given to a higher level; the same or a lower level is no escalation. The new rep and queue: see there."""

    RANK: ClassVar[int] = 1
    level: Level


class TicketUpdated(Data, tag="ticket.updated", frozen=True):
    """Fields of the ticket changed: see ``priority``, ``queue``, ``reason``."""

    RANK: ClassVar[int] = 1


class TicketScheduleChanged(Data, tag="ticket.schedule_changed", frozen=True):
    """The ticket's business time is measured by another calendar, whatever queue it is with."""

    RANK: ClassVar[int] = 1
    calendar: Text
    """Name of the calendar; empty: that of the queue again."""


class TicketRequesterChanged(Data, tag="ticket.requester_changed", frozen=True):
    """The ticket turned out to be another customer's: see ``customer``."""

    RANK: ClassVar[int] = 1


class TicketStatusChanged(Data, tag="ticket.status_changed", frozen=True):
    """The ticket moved to another status category; the same one again is harmless."""

    RANK: ClassVar[int] = 3
    to: Status


class TicketSolved(Data, tag="ticket.solved", frozen=True):
    """Said to be solved: shorthand for a status change to ``solved``."""

    RANK: ClassVar[int] = 3


class TicketReopened(Data, tag="ticket.reopened", frozen=True):
    """Open again: shorthand for a status change to ``open``."""

    RANK: ClassVar[int] = 3


class TicketClosed(Data, tag="ticket.closed", frozen=True):
    """Closed for good: shorthand for a status change to ``closed``."""

    RANK: ClassVar[int] = 3


class TicketMerged(Data, tag="ticket.merged", frozen=True):
    """Continued in another ticket: leaves the backlog, and is not a solve."""

    RANK: ClassVar[int] = 4
    into: Text


class TicketLinked(Data, tag="ticket.linked", frozen=True):
    """Found to be about an issue that an earlier ticket is about: no issue of its own; to be told of the later one."""

    RANK: ClassVar[int] = 1
    to: Text


class TicketUnlinked(Data, tag="ticket.unlinked", frozen=True):
    """Not about the other ticket's issue after all: takes a link back."""

    RANK: ClassVar[int] = 1
    to: Text


class TicketSplit(Data, tag="ticket.split", frozen=True):
    """Made of a part of another ticket: no issue of its own, and no contact of the customer's."""

    RANK: ClassVar[int] = 1
    from_ticket: Text


class TicketDeleted(Data, tag="ticket.deleted", frozen=True):
    """Removed as nobody's issue: leaves the backlog, and its solves count no longer. Not for keeping data short."""

    RANK: ClassVar[int] = 4
    spam: bool = False


class TicketMarkedSpam(Data, tag="ticket.marked_spam", frozen=True):
    """Found to be spam: as if deleted, but counted apart."""

    RANK: ClassVar[int] = 4


class TicketUndeleted(Data, tag="ticket.undeleted", frozen=True):
    """Brought back, from spam too, with all its figures and the status it had."""

    RANK: ClassVar[int] = 4


class MessageSent(Data, tag="message.sent", frozen=True):
    """Somebody wrote: a customer, a rep, a bot or a rule."""

    RANK: ClassVar[int] = 2
    author: Literal["customer", "rep", "bot", "system"]
    public: bool = True
    """False for notes that the customer cannot see."""
    automated: bool = False
    """True for acknowledgements that a rule sent in somebody's name: no reply."""


class MessageMadePrivate(Data, tag="message.made_private", frozen=True):
    """A public message turned into a note: it answers nothing, and never did."""

    RANK: ClassVar[int] = 3
    message: Text

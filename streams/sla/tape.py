"""The tape: what SLA clocks need to know of an entity's life, one moment after the other.

It is written once while the life is folded, and every clock is played from it. What happens at one and the same
instant is one moment, so that no clock depends on the order within it. Instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag, auto
from typing import TYPE_CHECKING, NamedTuple

from streams.events import bots, complaints
from streams.events import tickets as ev
from streams.lifecycles.dims import UNASSIGNED
from streams.sla.matching import Labels

if TYPE_CHECKING:
    from streams.events import Data
    from streams.lifecycles.ticket import Ticket


class Fact(Flag):
    """What happened at a moment, besides changes of status and labels."""

    NOTHING = 0
    CUSTOMER = auto()
    """A customer wrote in public."""
    REPLY = auto()
    """A human rep replied in public."""
    BOT = auto()
    """A bot wrote in public."""
    HANDOFF = auto()
    """A bot gave it to a person."""
    QUEUED = auto()
    """A contact entered a queue, or asked to be called back."""


class Moment(NamedTuple):
    """An instant at which something happened, and what was so from then on."""

    at: int
    labels: Labels
    rep: str
    status: str
    """A ticket's status category; of a contact, what became of its wait; of what is written in a chat, whether its
    episode lasts (``open``) or is over (``solved``)."""
    facts: Fact
    calendar: str
    """The schedule that an event gave to the ticket itself; empty: none did."""
    gone: str
    """Why nothing is owed any more: ``merged``, ``deleted``, ``spam``, or how a chat was left; empty: it counts."""
    who: str
    """By what the shares of pilots are drawn: the customer, by the handle that events gave, for what identities make of
    it later is no reason to change a promise; where none is known, the entity."""


@dataclass(slots=True)
class Tape:
    """The moments of one life, in order."""

    entity: str
    """Kind and id, as in ``ticket/4711``."""
    moments: list[Moment] = field(default_factory=list)
    by_episode: bool = False
    """Whether what has ended begins anew when it goes on, as chats do; a ticket goes on where it stopped."""
    addressed: bool = False
    """Whether a rep began it with a public message, so that what the customer writes is an answer to that."""
    tier: str = ""
    team: str = ""

    def add(self, moment: Moment) -> None:
        """Append a moment, or merge it into the last one if that is of the same instant."""
        if self.moments and self.moments[-1].at == moment.at:
            moment = moment._replace(facts=moment.facts | self.moments[-1].facts)
            self.moments.pop()
        self.moments.append(moment)

    def watch(self, ticket: Ticket, data: Data, at: int) -> None:
        """Note what an event did to a ticket: to be called by the fold after each one."""
        if isinstance(data, ev.TicketCreated):
            self.moments, self.tier, self.team = [], "", ""
            self.addressed = ticket.described_by_rep
        self.tier = self.tier if data.tier is None else data.tier
        self.team = self.team if data.team is None else data.team
        fact = _fact(ticket, data, at)
        queue, channel, priority, rep = ticket.dims
        # A reply, and an answer to a complaint, is to the credit of who wrote it.
        rep = data.rep or "" if fact is Fact.REPLY or isinstance(data, _ANSWERS) else rep
        gone = "merged" if ticket.merged else "spam" if ticket.spam else "deleted" if ticket.removed else ""
        labels = Labels(queue, channel, priority, self.tier, self.team, ticket.reason)
        who = ticket.customer or self.entity
        self.add(Moment(at, labels, rep, ticket.status, fact, ticket.placements[-1].calendar, gone, who))


_ANSWERS = (complaints.ComplaintAcknowledged, complaints.ComplaintResolved)


def _fact(ticket: Ticket, data: Data, at: int) -> Fact:
    if isinstance(data, bots.BotHandoff):
        return Fact.HANDOFF
    if not isinstance(data, ev.MessageSent) or not data.public or data.automated:
        return Fact.NOTHING
    if data.author == "customer":
        return Fact.CUSTOMER
    if data.author == "bot":
        return Fact.BOT
    # The description that a rep wrote is no reply.
    is_reply = data.author == "rep" and not (ticket.described_by_rep and at == ticket.created)
    return Fact.REPLY if is_reply else Fact.NOTHING


def is_assigned(moment: Moment) -> bool:
    """Whether it is with a group."""
    return moment.labels.queue not in ("", UNASSIGNED)

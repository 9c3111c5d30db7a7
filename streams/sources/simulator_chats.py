"""What is written in a simulated chat, by the bot and by people, and what is true of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import bots
from streams.events.tickets import MessageSent

if TYPE_CHECKING:
    from streams.sources.simulator_contacts import Contact

_NO_QUEUE = "unassigned"
"""Where what no queue has had anything to do with is counted."""


class Written:
    """The words of one chat."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._world = contact.world
        self._began = self._handed = contact.world.now
        self._asked: int | None = None
        """When the customer wrote what has not been answered."""
        self._exchanges = 0

    def customer(self) -> None:
        """The customer writes; a second message makes no new question."""
        self._contact.tell(MessageSent(author="customer"))
        if self._asked is None:
            self._asked = self._world.now

    def rep(self, name: str) -> None:
        """A rep writes, unasked or in answer to all that the customer wrote before."""
        contact, now = self._contact, self._world.now
        contact.tell(MessageSent(author="rep", rep=name))
        if not self._exchanges:
            contact.took("chats.first_reply_seconds", now - self._handed)
            contact.took("chats.first_reply_felt_seconds", now - self._began)
            self._exchanges = 1
        elif self._asked is not None:
            contact.took("chats.next_reply_seconds", now - self._asked)
            self._exchanges += 1
        self._asked = None

    def bot(self) -> None:
        """The bot acknowledges."""
        self._contact.tell(MessageSent(author="bot", automated=True))

    def hand_off(self) -> None:
        """The bot gives the customer to people."""
        self._contact.tell(bots.BotHandoff())
        self._handed = self._world.now
        self._contact.took("chats.bot_handoff_seconds", self._handed - self._began)

    def bot_resolves(self) -> None:
        """The bot takes it that the customer is content, and the customer is."""
        self._contact.tell(bots.BotResolved())
        self._world.truth.count(_NO_QUEUE, "chats.bot_contained")
        self._world.truth.took(_NO_QUEUE, "chats.replies", 0)

    def end(self) -> None:
        """The customer leaves; what the bot resolved has ended before."""
        if self._exchanges:
            self._contact.took("chats.replies", self._exchanges * 1000)

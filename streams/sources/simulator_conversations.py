"""What one rep does with one contact: talk or write, holds, wrap-up, and how it leaves the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import contacts as ev

if TYPE_CHECKING:
    from streams.sources.simulator_contacts import Contact
    from streams.sources.simulator_world import Served

_DAY = 86_400_000
_SILENT_CHATS = "sales"
"""Queue whose chat product reports no connection: there the rep's first message is the answer."""


class Conversation:
    """One rep's part of a call or chat."""

    def __init__(self, contact: Contact, served: Served | None) -> None:
        """``served``: None for callbacks, which no pool pays for."""
        self._contact = contact
        self._world = contact.world
        self._served = served
        self._rushed = served is not None and served.rep.rushed
        self._queue = contact.queue
        self._name = served.rep.name if served else f"{contact.queue.name}-callbacks"
        self._since = contact.world.now
        self._held_from = 0
        self._holds: list[int] = []
        self._account = contact.world.truth.rep(self._name, contact.queue.name)
        self._talk = self._account.begins("chat" if contact.kind == "chat" else "talk", contact.world.now)
        if served is None:
            return  # the answer to the callback has been told
        if contact.kind == "chat" and contact.queue.name == _SILENT_CHATS:
            contact.written.rep(self._name)
        else:
            contact.tell(ev.ContactConnected(rep=self._name))

    def begin(self) -> None:
        """Decide how it goes."""
        world, contact = self._world, self._contact
        talk = world.about(self._queue.talk_s * (1000 if contact.kind == "call" else 2000))
        if self._rushed:
            talk *= 0.6
        if contact.kind == "chat":
            for number in range(1, 4):
                world.after(talk * number / 4, contact.written.customer)
                world.after(talk * number / 4 + 9_000, contact.written.rep, self._name)
            world.after(talk + 10_000, self._talked)
        elif world.chance(0.18):
            world.after(talk * 0.4, self._hold, talk * 0.6)
        else:
            world.after(talk, self._talked)

    def _hold(self, rest: float) -> None:
        self._held_from = self._world.now
        self._contact.tell(ev.ContactHeld())
        hold = self._world.about(50_000)
        if self._world.chance(0.03):  # the customer rings off while on hold
            self._world.after(hold, self._talked)
        else:
            self._world.after(hold, self._retrieve, rest)

    def _retrieve(self, rest: float) -> None:
        if self._world.chance(0.98):  # else the source says nothing, and the hold lasts to the end
            self._contact.tell(ev.ContactRetrieved())
            self._unhold()
        self._world.after(rest, self._talked)

    def _unhold(self) -> None:
        if self._held_from:
            self._holds.append(self._world.now - self._held_from)
            self._held_from = 0

    def _talked(self) -> None:
        """The conversation is over; wrap-up begins."""
        world, contact = self._world, self._contact
        self._unhold()
        self._talk[1] = world.now
        hold = sum(self._holds)
        talk = world.now - self._since - hold
        contact.talked(self._holds)
        contact.count("contacts.handled")
        contact.count("contacts.holds", len(self._holds))
        contact.took("contacts.talk_seconds", talk)
        contact.took("contacts.handle_seconds", talk + hold)
        world.after(world.about(10_000 if self._rushed else 35_000), self._wrapped_up, world.now)
        may_transfer = self._served is not None and contact.kind == "call" and contact.stays < 3
        if may_transfer and world.chance(0.07) and contact.transfer():
            return
        contact.end("rep" if world.chance(0.3) else "customer")
        profile = world.profile
        world.unsettled(contact.issue, profile.unresolved_rushed if self._rushed else profile.unresolved, _DAY)

    def _wrapped_up(self, since: int) -> None:
        if self._served is not None:
            self._served.done()
        if self._world.chance(0.95):  # else the source does not report wrap-up
            acw = self._world.now - since
            self._contact.tell(ev.ContactWrapupEnded(rep=self._name))
            self._contact.wrapped_up(self._queue, acw)
            self._account.begins("chat_acw" if self._contact.kind == "chat" else "acw", since)[1] = self._world.now

"""Simulated calls and chats: a customer enters a queue, waits, is served or gives up, and may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import bots
from streams.events import contacts as ev
from streams.events.tickets import MessageSent
from streams.sources.simulator_profile import contact_staff
from streams.sources.simulator_truth import Account, Ending
from streams.sources.simulator_world import Pool

if TYPE_CHECKING:
    from streams.events import Data, Kind
    from streams.events.contacts import FlowOutReason
    from streams.sources.simulator_profile import QueueProfile
    from streams.sources.simulator_world import Issue, Rep, World

SERVICE_LEVEL_MS = 20_000
SHORT_ABANDON_MS = 5_000
GHOST_MS = 4 * 3_600_000
DAY = 86_400_000
_CHAT_SLOTS = 3
"""Chats that a rep serves at once."""
_MUTE_SOURCE = "sales"
"""Queue whose chat product reports no connection: there the rep's first message is the answer."""
_OVERFLOW: dict[str, str] = {"billing": "sales", "sales": "billing", "delivery": "billing", "technical": "delivery"}


class Desk:
    """The reps for calls and chats of all queues."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.queues = {queue.name: queue for queue in world.profile.queues}
        self.pools: dict[tuple[Kind, str], Pool] = {}
        for queue in world.profile.queues:
            for kind in ("call", "chat"):
                self.pools[kind, queue.name] = self._pool(kind, queue)

    def _pool(self, kind: Kind, queue: QueueProfile) -> Pool:
        # Transfers, overflow and customers who try again come on top of the arrivals; wrap-up on top of the talk.
        if kind == "call":
            peak, slots = queue.calls * 1.2 * (queue.talk_s + 50) / 3600, 1
        else:
            peak, slots = queue.chats * 0.85 * (queue.talk_s * 2 + 60) / 3600, _CHAT_SLOTS
        return Pool(
            self.world, f"{queue.name}-{kind}", lambda level: contact_staff(peak * level), Contact.offered, slots
        )

    def call(self, issue: Issue) -> None:
        """A customer rings."""
        Contact(self, "call", issue)

    def chat(self, issue: Issue) -> None:
        """A customer opens the chat."""
        Contact(self, "chat", issue)


class Contact:
    """One call or chat."""

    def __init__(self, desk: Desk, kind: Kind, issue: Issue) -> None:
        self.world = world = desk.world
        self.wants_rep = False
        self._desk = desk
        self._kind = kind
        self._issue = issue
        self._entity = world.new_entity(kind)
        self._source = "phone" if kind == "call" else f"chat-{issue.queue.name}"
        test = kind == "call" and world.chance(world.profile.mystery)
        self._account = Account(f"{kind}/{self._entity}", world.now, "", answered=False, reached=False, test=test)
        self._queue = issue.queue
        self._stays = 0
        self._queued_at = 0
        self._waited = 0
        self._rep: Rep | None = None
        self._slot = 0
        self._talk_from = 0
        self._held_from = 0
        self._held = 0
        self._holds: list[int] = []
        self._held_in_all = 0
        # Half of the customers are known from the start (their number, their login), others only once asked.
        self._known = world.chance(0.5)
        world.truth.accounts.append(self._account)
        customer = self._identify() if self._known else None
        channel = "voice" if kind == "call" else "chat"
        self._tell(ev.ContactInitiated(channel=channel, direction="inbound", customer=customer, test=test or None))
        if kind == "call":
            self._ivr()
        else:
            self._bot()

    def _tell(self, data: Data) -> None:
        self.world.tell(self._kind, self._entity, self._source, data)

    def _identify(self) -> str | None:
        self._account.customer = self._issue.customer
        return self._issue.customer or None

    def _count(self, name: str, number: int = 1) -> None:
        if not self._account.test:
            self.world.truth.count(self._queue.name, name, number)

    def _took(self, name: str, millis: int) -> None:
        if not self._account.test:
            self.world.truth.took(self._queue.name, name, millis)

    # --- before a person has anything to do with it ------------------------------------------------------------

    def _ivr(self) -> None:
        menu = self.world.about(25_000)
        if self.world.chance(0.08):
            self.world.after(menu, self._end, "customer")
        else:
            self.world.after(menu, self._enqueue)

    def _bot(self) -> None:
        self._tell(MessageSent(author="customer"))
        self.world.after(1_500, self._tell, MessageSent(author="bot", automated=True))
        if self.world.chance(0.3):
            self.world.after(60_000, self._tell, MessageSent(author="customer"))
            self.world.after(62_000, self._tell, bots.BotResolved())
            self.world.after(self.world.about(90_000) + 62_000, self._end, "customer")
        else:
            self.world.after(self.world.about(40_000), self._hand_off)

    def _hand_off(self) -> None:
        self._tell(bots.BotHandoff())
        self._enqueue()

    # --- in a queue --------------------------------------------------------------------------------------------

    def _enqueue(self, why: str | None = None) -> None:
        world, queue = self.world, self._queue
        reason = None
        if not self._stays:
            self._account.queue, self._account.reached = queue.name, True
            self._count("contacts.contacts")
            if world.chance(0.9):
                reason = self._account.reason = self._issue.reason
        self._stays += 1
        self._queued_at = world.now
        self.wants_rep = True
        self._account.endings.clear()
        self._tell(ev.ContactQueued(queue=queue.name, priority=None if why else self._priority(), reason=reason))
        self._count("contacts.offered")
        self._count("contacts.waiting")
        mean = world.profile.patience_s * (1000 if self._kind == "call" else 1500)
        patience = 1_000 + world.random.random() * 5_000 if world.chance(0.015) else world.random.expovariate(1 / mean)
        world.after(min(max(patience, 1_000), GHOST_MS / 2), self._give_up, self._stays)
        if self._stays == 1:
            if self._kind == "call" and world.chance(0.15):
                world.after(90_000, self._call_me_back, self._stays)
            elif world.chance(0.2):
                world.after(240_000, self._overflow, self._stays)
        self._pool().join(self)

    def _priority(self) -> str:
        return "high" if self.world.chance(0.1) else "normal"

    def _pool(self) -> Pool:
        return self._desk.pools[self._kind, self._queue.name]

    def _leave(self) -> int:
        self.wants_rep = False
        wait = self.world.now - self._queued_at
        self._waited += wait
        self._count("contacts.waiting", -1)
        return wait

    def _give_up(self, stay: int) -> None:
        if stay != self._stays or not self.wants_rep:
            return
        world = self.world
        retry_share, retry_after = 0.6, 900_000
        if world.chance(world.profile.lost_events):
            self.wants_rep = False
            world.after(self._queued_at + GHOST_MS - world.now, self._reap)
        elif self._kind == "call" and world.chance(0.04):
            self._flow_out("voicemail")
            self._end("customer")
            return
        else:
            wait = self._leave()
            self._took("contacts.abandon_wait_seconds", wait)
            self._count("contacts.abandoned")
            self._count("contacts.abandoned_short", wait <= SHORT_ABANDON_MS)
            self._count("abandoned_in", wait <= SERVICE_LEVEL_MS)
            self._tell(ev.ContactAbandoned())
            self._over()
        world.unsettled(self._issue, retry_share, retry_after)

    def _reap(self) -> None:
        """The source never said that the customer had gone: by now that must be so."""
        self._count("contacts.waiting", -1)
        self._count("contacts.ghosts")

    def _flow_out(self, why: FlowOutReason) -> None:
        wait = self._leave()
        self._count("contacts.flow_out")
        self._count("callback_in", why == "callback" and wait <= SERVICE_LEVEL_MS)
        self._tell(ev.ContactLeftQueue(why=why))

    def _call_me_back(self, stay: int) -> None:
        if stay == self._stays and self.wants_rep:
            self._flow_out("callback")
            self.world.after(self.world.about(1_500_000), self._called_back)

    def _called_back(self) -> None:
        """A rep who has time for it rings; it is not the queue's pool that pays."""
        self._connect(None)

    def _overflow(self, stay: int) -> None:
        other = self._desk.queues.get(_OVERFLOW.get(self._queue.name, ""))
        if stay == self._stays and self.wants_rep and other is not None:
            self._flow_out("overflow")
            self._queue = other
            self.world.after(500, self._enqueue, "overflow")

    # --- with a rep --------------------------------------------------------------------------------------------

    def offered(self, slot: int, rep: Rep) -> None:
        """A rep of the pool has time."""
        if self._kind == "call":
            self._tell(ev.ContactOfferedToRep(rep=rep.name))
            if self.world.chance(0.03):
                self.world.after(15_000, self._missed, slot, rep, self._stays)
                return
        self.world.after(min(self.world.about(5_000), 14_000), self._taken, slot, rep, self._stays)

    def _missed(self, slot: int, rep: Rep, stay: int) -> None:
        pool = self._pool()
        if stay == self._stays and self.wants_rep:
            self._tell(ev.ContactNotAnswered(rep=rep.name))
            pool.join(self, first=True)
        self.world.after(20_000, pool.release, slot)

    def _taken(self, slot: int, rep: Rep, stay: int) -> None:
        if stay != self._stays or not self.wants_rep:
            self._pool().release(slot)
            return
        wait = self._leave()
        self._took("contacts.queue_wait_seconds", wait)
        self._count("contacts.answered")
        self._count("answered_in", wait <= SERVICE_LEVEL_MS)
        self._slot = slot
        self._connect(rep)

    def _connect(self, rep: Rep | None) -> None:
        world = self.world
        self._rep = rep
        self._talk_from = world.now
        self._held = 0
        self._holds = []
        self._account.answered = True
        self._account.endings.clear()
        name = rep.name if rep else f"{self._queue.name}-callbacks"
        if self._kind == "chat" and self._queue.name == _MUTE_SOURCE:
            self._tell(MessageSent(author="rep", rep=name))
        else:
            self._tell(ev.ContactConnected(rep=name))
        if not self._known and world.chance(0.8):
            self._known = True
            self._tell(ev.ContactUpdated(customer=self._identify()))
        talk = world.about(self._queue.talk_s * (1000 if self._kind == "call" else 2000))
        if rep and rep.rushed:
            talk *= 0.6
        if self._kind == "chat":
            for number in range(1, 4):
                world.after(talk * number / 4, self._tell, MessageSent(author="customer"))
                world.after(talk * number / 4 + 9_000, self._tell, MessageSent(author="rep", rep=name))
            world.after(talk + 10_000, self._talked, name)
        elif world.chance(0.18):
            world.after(talk * 0.4, self._hold, talk * 0.6, name)
        else:
            world.after(talk, self._talked, name)

    def _hold(self, rest: float, name: str) -> None:
        self._held_from = self.world.now
        self._tell(ev.ContactHeld())
        hold = self.world.about(50_000)
        if self.world.chance(0.03):  # rings off while on hold
            self.world.after(hold, self._talked, name)
        else:
            self.world.after(hold, self._retrieve, rest, name)

    def _retrieve(self, rest: float, name: str) -> None:
        if self.world.chance(0.98):  # else the source says nothing, and the hold lasts to the end
            self._tell(ev.ContactRetrieved())
            self._unhold()
        self.world.after(rest, self._talked, name)

    def _unhold(self) -> None:
        if self._held_from:
            self._holds.append(self.world.now - self._held_from)
            self._held_from = 0

    def _talked(self, name: str) -> None:
        """The conversation with this rep is over."""
        world, rep = self.world, self._rep
        self._unhold()
        hold = sum(self._holds)
        self._held_in_all += hold
        talk = world.now - self._talk_from - hold
        self._count("contacts.handled")
        self._took("contacts.talk_seconds", talk)
        self._took("contacts.handle_seconds", talk + hold)
        self._count("contacts.holds", len(self._holds))
        acw = world.about(10_000 if rep and rep.rushed else 35_000)
        world.after(acw, self._wrapped_up, name, self._queue, world.now, self._pool(), self._slot if rep else None)
        if rep and self._kind == "call" and self._stays < 3 and world.chance(0.07):
            self._transfer()
        else:
            self._end("rep" if world.chance(0.3) else "customer")
            self._satisfied_or_not(rep)

    def _wrapped_up(self, name: str, queue: QueueProfile, since: int, pool: Pool, slot: int | None) -> None:
        if slot is not None:
            pool.release(slot)
        if self.world.chance(0.95):  # else the source does not report wrap-up
            self._tell(ev.ContactWrapupEnded(rep=name))
            acw = self.world.now - since
            if not self._account.test:
                self.world.truth.took(queue.name, "contacts.acw_seconds", acw)
                self.world.truth.took(queue.name, "contacts.handle_seconds", acw, 0)
                self.world.truth.more(queue.name, "contacts.handle_seconds", acw)

    def _transfer(self) -> None:
        others = [queue for queue in self._desk.queues.values() if queue is not self._queue]
        if not others:
            self._end("customer")
            return
        target = self.world.random.choice(others)
        self._tell(ev.ContactTransferred(transfer="queue", to=target.name))
        self._over()
        self.world.after(2_000, self._move_to, target)

    def _move_to(self, target: QueueProfile) -> None:
        self._queue = target
        self._enqueue("transfer")

    def _over(self) -> None:
        """For now nobody has the customer any more."""
        self._account.endings[:] = [Ending(self.world.now)]

    def _end(self, by: str) -> None:
        self._tell(ev.ContactEnded(by="rep" if by == "rep" else "customer"))
        self._over()

    def _satisfied_or_not(self, rep: Rep | None) -> None:
        profile = self.world.profile
        rushed = rep is not None and rep.rushed
        self.world.unsettled(self._issue, profile.unresolved_rushed if rushed else profile.unresolved, DAY)

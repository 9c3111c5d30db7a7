"""Simulated calls and chats: a customer enters a queue, waits, is served or gives up, and may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from streams.events import contacts as ev
from streams.sources.simulator_callbacks import Callback
from streams.sources.simulator_chats import Written
from streams.sources.simulator_conversations import Conversation
from streams.sources.simulator_truth import Account, Ending
from streams.sources.simulator_world import Turn

if TYPE_CHECKING:
    from streams.events import Channel, Data, Kind
    from streams.events.contacts import FlowOutReason
    from streams.sources.simulator_desk import Desk
    from streams.sources.simulator_profile import QueueProfile
    from streams.sources.simulator_world import Issue, Served

SERVICE_LEVEL_MS = 20_000
SHORT_ABANDON_MS = 5_000
GHOST_MS = 4 * 3_600_000
_LONGEST_RING_MS = 300_000
"""A ring whose end got lost is taken to last so long."""


class Contact:
    """One call or chat."""

    def __init__(self, desk: Desk, kind: Kind, issue: Issue) -> None:
        self.world = world = desk.world
        self.kind = kind
        self.issue = issue
        self.queue = issue.queue
        self.stays = 0
        self._desk = desk
        self._entity = world.new_entity(kind)
        self._source = "phone" if kind == "call" else "web-chat"
        test = kind == "call" and world.chance(world.profile.mystery)
        self._account = Account(f"{kind}/{self._entity}", world.now, "", answered=False, reached=False, test=test)
        self.written = Written(self)
        self._turn = Turn(self)
        self._queued_at = 0
        self._waited = 0
        self._held = 0
        self._was_held = False
        self._last_talk_end = 0
        self._ring: list[int] | None = None
        """The ring at a rep that lasts: since when, and until when, as the truth has it."""
        self._served_in: QueueProfile | None = None
        # Half of the customers are known from the start (their number, their login), others only once asked.
        self._known = world.chance(0.5)
        world.truth.accounts.append(self._account)
        customer = self._identify() if self._known else None
        channel: Channel = "voice" if kind == "call" else "chat"
        self.tell(ev.ContactInitiated(channel=channel, direction="inbound", customer=customer, test=test or None))
        if kind == "call":
            self._ivr()
        else:
            self._bot()

    def tell(self, data: Data) -> None:
        """Emit an event of this contact."""
        self.world.tell(self.kind, self._entity, self._source, data)

    def count(self, name: str, number: int = 1) -> None:
        """Write down that something happened in the present queue."""
        if not self._account.test:
            self.world.truth.count(self.queue.name, name, number)

    def took(self, name: str, millis: int) -> None:
        """Write down that something in the present queue took so long."""
        if not self._account.test:
            self.world.truth.took(self.queue.name, name, millis)

    def wrapped_up(self, queue: QueueProfile, millis: int) -> None:
        """Write down a wrap-up, which lengthens a handling that has been written down."""
        if not self._account.test:
            self.world.truth.took(queue.name, "contacts.acw_seconds", millis)
            self.world.truth.longer(queue.name, "contacts.handle_seconds", millis)

    def _identify(self) -> str | None:
        self._account.customer = self.issue.customer
        return self.issue.customer or None

    # --- before a person has anything to do with it ------------------------------------------------------------

    def _ivr(self) -> None:
        menu = self.world.about(25_000)
        if self.world.chance(0.08):
            self.world.after(menu, self.end, "customer")
        else:
            self.world.after(menu, self._enqueue)

    def _bot(self) -> None:
        self.written.customer()
        self.world.after(1_500, self.written.bot)
        if self.world.chance(0.3):
            self.world.after(60_000, self.written.customer)
            self.world.after(62_000, self.written.bot_resolves)
            self.world.after(self.world.about(90_000) + 62_000, self.end, "customer")
        else:
            self.world.after(self.world.about(40_000), self._hand_off)

    def _hand_off(self) -> None:
        self.written.hand_off()
        self._enqueue()

    # --- in a queue --------------------------------------------------------------------------------------------

    def _enqueue(self) -> None:
        world = self.world
        reason = priority = None
        self.stays += 1
        if self.stays == 1:
            self._account.queue, self._account.reached = self.queue.name, True
            self._account.people.add(world.now)
            self.count("contacts.contacts")
            priority = "high" if world.chance(0.1) else "normal"
            if world.chance(0.9):
                reason = self._account.reason = self.issue.reason
        self._queued_at = world.now
        self._turn = turn = Turn(self)
        self._account.endings.clear()
        self.tell(ev.ContactQueued(queue=self.queue.name, priority=priority, reason=reason))
        self.count("contacts.offered")
        self.count("contacts.waiting")
        mean = world.profile.patience_s * (1000 if self.kind == "call" else 1500)
        # A few change their mind at once; the others hear the greeting out before they lose patience.
        patience = (
            world.random.uniform(500, 6_000) if world.chance(0.012) else 8_000 + world.random.expovariate(1 / mean)
        )
        world.after(min(patience, GHOST_MS / 2), self._give_up, turn)
        if self.stays == 1:
            if self.kind == "call" and world.chance(0.15):
                world.after(90_000, self._call_me_back, turn)
            elif world.chance(0.2):
                world.after(240_000, self._overflow, turn)
        self._desk.pools[self.kind, self.queue.name].join(turn)

    def _leave(self) -> int:
        self._turn.wants_rep = False
        self._silence()
        wait = self.world.now - self._queued_at
        self._waited += wait
        self.count("contacts.waiting", -1)
        return wait

    def _silence(self) -> None:
        if self._ring is not None:
            self._ring[1] = self.world.now
            self._ring = None

    def _give_up(self, turn: Turn) -> None:
        if not turn.wants_rep:
            return
        world = self.world
        if world.chance(world.profile.lost_events):
            turn.wants_rep = False
            if self._ring is not None:
                self._ring[1] = self._ring[0] + _LONGEST_RING_MS
                self._ring = None
            world.after(self._queued_at + GHOST_MS - world.now, self._reap)
        elif self.stays == 1 and self.kind == "call" and world.chance(0.04):
            self._flow_out("voicemail")
            self.end("customer")
            return
        else:
            wait = self._leave()
            self.took("contacts.abandon_wait_seconds", wait)
            self.count("contacts.abandoned")
            self.count("contacts.abandoned_short", wait <= SHORT_ABANDON_MS)
            self.count("abandoned_in", wait <= SERVICE_LEVEL_MS)
            self.tell(ev.ContactAbandoned())
            self._close()
        world.unsettled(self.issue, 0.6, 900_000)

    def _reap(self) -> None:
        """The source never said that the customer had gone: by now that must be so."""
        self.count("contacts.waiting", -1)
        self.count("contacts.ghosts")
        if self._last_talk_end:  # the last thing known of the customer
            self._account.endings[:] = [Ending(self._last_talk_end)]

    def _flow_out(self, why: FlowOutReason) -> None:
        self._leave()
        self.count("contacts.flow_out")
        self.tell(ev.ContactLeftQueue(why=why))

    def _call_me_back(self, turn: Turn) -> None:
        if turn.wants_rep:
            wait = self._leave()
            self.count("contacts.flow_out")
            self.count("callback_in", wait <= SERVICE_LEVEL_MS)
            Callback(self, self._queued_at)

    def called_back(self) -> None:
        """A callback has reached the customer."""
        self._connect(None)

    def never_reached(self) -> None:
        """No callback has reached the customer, and none will."""
        self._close()
        self.world.unsettled(self.issue, 0.6, 900_000)

    def _overflow(self, turn: Turn) -> None:
        other = self._desk.other_than(self.queue)
        if turn.wants_rep and other is not None:
            self._flow_out("overflow")
            self.queue = other
            self.world.after(500, self._enqueue)

    def transfer(self) -> bool:
        """The rep hands the customer to another queue; False if there is none."""
        target = self._desk.other_than(self.queue)
        if target is None:
            return False
        self.tell(ev.ContactTransferred(transfer="queue", to=target.name))
        self._over()
        self.world.after(2_000, self._move_to, target)
        return True

    def _move_to(self, target: QueueProfile) -> None:
        self.queue = target
        self._enqueue()

    # --- with a rep --------------------------------------------------------------------------------------------

    def offered(self, turn: Turn, served: Served) -> None:
        """A rep has time."""
        if self.kind == "call":
            self.tell(ev.ContactOfferedToRep(rep=served.rep.name))
            self._ring = self.world.truth.rep(served.rep.name, self.queue.name).begins("ring", self.world.now)
            if self.world.chance(0.03):
                self.world.after(15_000, self._missed, turn, served)
                return
        self.world.after(min(self.world.about(5_000), 14_000), self._taken, turn, served)

    def _missed(self, turn: Turn, served: Served) -> None:
        if turn.wants_rep:
            cause: Literal["rejected", "timeout"] = "rejected" if self.world.now % 3 == 0 else "timeout"
            self.tell(ev.ContactNotAnswered(rep=served.rep.name, cause=cause))
            self._silence()
            account = self.world.truth.rep(served.rep.name, self.queue.name)
            account.left_unanswered("rejected" if cause == "rejected" else "missed", self.world.now)
            served.pool.join(turn, first=True)
            served.pause(self.world.about(20_000), None)
        else:
            served.pause(20_000, "missed")

    def _taken(self, turn: Turn, served: Served) -> None:
        if not turn.wants_rep:
            served.release()
            return
        wait = self._leave()
        self.took("contacts.queue_wait_seconds", wait)
        self.count("contacts.answered")
        self.count("answered_in", wait <= SERVICE_LEVEL_MS)
        self._connect(served)

    def _connect(self, served: Served | None) -> None:
        self._account.answered = True
        self._account.endings.clear()
        self._served_in = self.queue
        talk = Conversation(self, served)
        if not self._known and self.world.chance(0.8):
            self._known = True
            self.tell(ev.ContactUpdated(customer=self._identify()))
        talk.begin()

    def talked(self, holds: list[int]) -> None:
        """Note the end of a conversation, and the holds that it had."""
        self._last_talk_end = self.world.now
        self._held += sum(holds)
        self._was_held = self._was_held or bool(holds)

    def end(self, by: str) -> None:
        """The customer is gone."""
        self.tell(ev.ContactEnded(by="rep" if by == "rep" else "customer"))
        self.written.end()
        self._close()

    def _close(self) -> None:
        self._over()
        if self.stays:
            # Booked where the customer was last served, if at all.
            queue = self._served_in or self.queue
            if not self._account.test:
                self.world.truth.took(queue.name, "contacts.customer_wait_total_seconds", self._waited + self._held)
                if self._was_held:
                    self.world.truth.took(queue.name, "contacts.customer_hold_seconds", self._held)

    def _over(self) -> None:
        """For now nobody has the customer any more."""
        self._account.endings[:] = [Ending(self.world.now)]

"""Simulated tickets: bots, reps, waiting for customers and for others, solves, reopens, merges, spam."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streams.events import bots
from streams.events import tickets as ev
from streams.sources.simulator_complaints import Grievance
from streams.sources.simulator_truth import Account, Ending
from streams.sources.simulator_world import Turn

if TYPE_CHECKING:
    from streams.events import Data
    from streams.events.tickets import Status
    from streams.sources.simulator_office import Office
    from streams.sources.simulator_world import Issue, Served

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_DURATIONS = {
    "requester_wait_seconds": ("new", "open", "on_hold"),
    "agent_work_seconds": ("new", "open"),
    "pending_seconds": ("pending",),
    "on_hold_seconds": ("on_hold",),
}
"""Figure to the statuses whose time it sums, at the last solve."""
_ONLY_IF_ANY = frozenset({"pending_seconds", "on_hold_seconds"})


class Ticket:
    """One ticket."""

    def __init__(self, office: Office, issue: Issue, *, duplicate_of: Ticket | None = None) -> None:
        self._world = world = office.world
        self._office = office
        self._issue = issue
        self._queue = issue.queue
        self._entity = world.new_entity("ticket")
        self._web = world.chance(0.5)
        self._status: Status = "new"
        self._since = self._clock = self._felt = self._episode = self._turned = world.now
        self._spent: defaultdict[str, int] = defaultdict(int)
        self._replied = self._reopened = self._solved_once = False
        self._turn = Turn(self)
        self._withdraw: list[tuple[str, str, int]] = []
        self._sequence = 0
        self._grievance = Grievance(world, issue.queue.name, self._tell)
        self._account = Account(
            f"ticket/{self._entity}", world.now, issue.queue.name, issue.customer, issue.reason, is_ticket=True
        )
        world.truth.accounts.append(self._account)
        priority = world.random.choices(("low", "normal", "high", "urgent"), (20, 60, 15, 5))[0]
        self._tell(
            ev.TicketCreated(
                queue=issue.queue.name,
                channel="web" if self._web else "email",
                priority=priority,
                customer=issue.customer or None,
                reason=issue.reason or None,
            )
        )
        self._count("tickets.created")
        self._count("tickets.open")
        self._begin(duplicate_of)

    def _begin(self, duplicate_of: Ticket | None) -> None:
        world = self._world
        self._tell(ev.MessageSent(author="system", automated=True))
        with_bot = self._web and world.chance(0.4)
        if duplicate_of is not None:
            world.after(world.about(600_000), self._merge, duplicate_of)
        elif self._issue.customer and not with_bot and world.chance(0.02):
            world.after(world.about(300_000), self._delete)
        elif self._issue.customer and world.chance(0.04):
            world.after(world.about(600_000), self._write_again)
        if with_bot:
            world.after(5_000, self._tell, ev.MessageSent(author="bot"))
            delay, step = (240_000, self._bot_resolves) if world.chance(0.35) else (90_000, self._hand_off)
            world.after(world.about(delay), step)
        else:
            self._wait_for_rep()

    def _tell(self, data: Data) -> None:
        self._sequence += 1
        source = "web-form" if self._web else "mailbox"
        self._world.tell("ticket", self._entity, source, data, self._sequence)
        self._grievance.notice(data)

    def _count(self, name: str, number: int = 1) -> None:
        self._world.truth.count(self._queue.name, name, number)

    def _took(self, name: str, millis: int) -> None:
        self._world.truth.took(self._queue.name, f"tickets.{name}", millis)

    # --- states ------------------------------------------------------------------------------------------------

    def _enter(self, status: Status) -> None:
        self._spent[self._status] += self._world.now - self._since
        self._status, self._since = status, self._world.now

    def _wait_for_rep(self) -> None:
        self._turn = Turn(self)
        self._office.pools[self._queue.name].join(self._turn)

    def _bot_resolves(self) -> None:
        if self._account.gone:
            return
        self._tell(bots.BotResolved())
        self._solved(by_bot=True)
        self._count("tickets.bot_contained")
        if self._world.chance(0.25):
            self._world.after(self._world.about(4 * _HOUR), self._reopen)
        else:
            self._world.after(4 * _DAY, self._close)

    def _hand_off(self) -> None:
        if self._account.gone:
            return
        self._tell(bots.BotHandoff())
        self._clock = self._turned = self._world.now
        self._account.people.add(self._turned)
        self._took("bot_handoff_seconds", self._world.now - self._episode)
        self._wait_for_rep()

    def _solve(self, *, by_rule: bool = False) -> None:
        if self._web or by_rule:
            self._tell(ev.TicketSolved())
        else:
            self._tell(ev.TicketStatusChanged(to="solved"))
        self._solved()

    def _solved(self, *, by_bot: bool = False) -> None:
        now = self._world.now
        self._enter("solved")
        self._count("tickets.open", -1)
        self._count("tickets.solve_events")
        if not self._solved_once:
            self._solved_once = True
            self._count("tickets.solved")
            self._took("first_resolution_seconds", now - self._account.start)
        self._account.endings.append(Ending(now, self._queue.name, by_bot=by_bot))
        spans = {"full_resolution_seconds": now - self._account.start}
        for name, statuses in _DURATIONS.items():
            spent = sum(self._spent[status] for status in statuses)
            if spent or name not in _ONLY_IF_ANY:
                spans[name] = spent
        self._withdraw = [(self._queue.name, f"tickets.{name}", millis) for name, millis in spans.items()]
        for entry in self._withdraw:
            self._world.truth.took(*entry)

    def _reopen(self) -> None:
        """The customer is not content; what was said of the resolution is not true any more."""
        now = self._world.now
        self._tell(ev.MessageSent(author="customer"))
        self._tell(ev.TicketReopened() if self._web else ev.TicketStatusChanged(to="open"))
        self._enter("open")
        self._count("tickets.open")
        self._count("tickets.reopen_events")
        if not self._reopened:
            self._reopened = True
            self._count("tickets.reopened")
        for queue, name, millis in self._withdraw:
            self._world.truth.took(queue, name, millis, -1)
        last = self._account.endings[-1]
        last.undone = self._episode = self._turned = now
        if last.by_bot:
            if not self._replied:
                self._felt = self._clock = now
            self._world.after(self._world.about(60_000), self._hand_off)
        else:
            self._wait_for_rep()

    def _close(self) -> None:
        self._enter("closed")
        self._tell(ev.TicketClosed())
        self._count("tickets.closed")
        self._took("close_seconds", self._world.now - self._account.start)

    # --- unusual ends ------------------------------------------------------------------------------------------

    def _write_again(self) -> None:
        """The customer writes a second ticket about the same."""
        if not self._account.gone:
            Ticket(self._office, self._issue, duplicate_of=self)

    def _merge(self, into: Ticket) -> None:
        if self._status == "new" and not into._account.gone:
            self._vanish()
            self._account.merged_at = self._world.now
            self._tell(ev.TicketMerged(into=into._entity))
            self._count("tickets.merged")

    def _delete(self) -> None:
        if self._status == "new":
            self._vanish()
            self._tell(ev.TicketDeleted(spam=True))
            if self._world.chance(0.1):
                self._world.after(self._world.about(_HOUR), self._undelete)

    def _vanish(self) -> None:
        self._turn.wants_rep = False
        self._account.gone = True
        self._count("tickets.open", -1)

    def _undelete(self) -> None:
        self._tell(ev.TicketUndeleted())
        self._account.gone = False
        self._count("tickets.open")
        self._wait_for_rep()

    # --- with a rep --------------------------------------------------------------------------------------------

    def taken(self, turn: Turn, served: Served) -> None:
        """A rep takes the ticket up."""
        turn.wants_rep = False
        world = self._world
        self._tell(ev.TicketAssigned(rep=served.rep.name))
        if self._status == "new":
            self._enter("open")
            self._tell(ev.TicketStatusChanged(to="open"))
        work = world.about(self._queue.talk_s * 1000) * (0.6 if served.rep.rushed else 1.0)
        world.after(work, self._worked, served)

    def _worked(self, served: Served) -> None:
        world, fate = self._world, self._world.random.random()
        served.release()
        if world.chance(0.15):
            self._tell(ev.MessageSent(author="rep", rep=served.rep.name, public=False))
        if fate < 0.08 and len(self._office.queues) > 1:
            self._hand_on()
            return
        if fate < 0.97 or self._replied:
            self._reply(served.rep.name)
        if fate < 0.38:
            self._ask()
        elif fate < 0.46:
            self._enter("on_hold")
            self._tell(ev.TicketStatusChanged(to="on_hold"))
            world.after(world.about(20 * _HOUR), self._resume)
        else:
            self._solve()
            self._what_next(0.2 if served.rep.rushed else 0.06)

    def _hand_on(self) -> None:
        self._count("tickets.open", -1)
        self._queue = self._world.random.choice([queue for queue in self._office.queues if queue is not self._queue])
        self._tell(ev.TicketAssigned(queue=self._queue.name, rep=""))
        if self._world.chance(0.4):
            self._tell(ev.TicketUpdated(priority="high"))
        self._count("tickets.open")
        self._wait_for_rep()

    def _reply(self, rep: str) -> None:
        self._tell(ev.MessageSent(author="rep", rep=rep))
        self._account.people.add(self._turned)
        if not self._replied:
            self._replied = True
            self._took("first_reply_seconds", self._world.now - self._clock)
            self._took("first_reply_felt_seconds", self._world.now - self._felt)

    def _ask(self) -> None:
        self._enter("pending")
        self._tell(ev.TicketStatusChanged(to="pending"))
        if self._world.chance(0.85):
            self._world.after(self._world.about(9 * _HOUR, 1.0), self._answered)
        else:
            self._world.after(4 * _DAY, self._give_up)

    def _answered(self) -> None:
        self._tell(ev.MessageSent(author="customer"))
        self._resume(told=self._web)  # the mailbox says nothing: that the customer wrote must do

    def _resume(self, *, told: bool = True) -> None:
        self._enter("open")
        if told:
            self._tell(ev.TicketStatusChanged(to="open"))
        self._wait_for_rep()

    def _give_up(self) -> None:
        self._solve(by_rule=True)
        self._what_next(0.02)

    def _what_next(self, reopen_share: float) -> None:
        world = self._world
        if world.chance(reopen_share):
            world.after(world.about(12 * _HOUR), self._reopen)
            return
        if world.chance(0.15):
            world.after(world.about(2 * _HOUR), self._thanks)
        if world.chance(0.06):
            world.unsettled(self._issue, 1.0, _DAY)
        world.after(4 * _DAY, self._close)

    def _thanks(self) -> None:
        """A thank-you reopens nothing."""
        if self._status == "solved":
            self._tell(ev.MessageSent(author="customer"))

"""The simulation's clock, its agenda, its pools of reps, and the events that come out of it."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from math import exp
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from streams.codec import encode
from streams.events import ENTRY_TYPES, EVENT_TYPES, Event
from streams.sources.simulator_profile import HOUR
from streams.sources.simulator_truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streams.events import Data, Entry, Kind
    from streams.sources.simulator_profile import Profile, QueueProfile
    from streams.sources.simulator_reps import Roster


class Simulated(NamedTuple):
    """One event, as a source would tell it."""

    kind: Kind
    entity: str
    name: str
    source: str
    event_id: str
    entry: Entry

    def encoded(self) -> bytes:
        """As structured-mode CloudEvents JSON."""
        return encode(*self)

    def decoded(self) -> Event:
        """As it is after decoding."""
        return Event(self.kind, self.entity, self.entry)


class Issue(NamedTuple):
    """Why a customer makes contact, until it is settled."""

    customer: str
    """Empty: a customer who never says who they are."""
    queue: QueueProfile
    reason: str
    tries: int = 0


_NAMES: dict[type[Data], str] = {data_type: name for name, data_type in EVENT_TYPES.items()}


class World:
    """What all simulated people share. Randomness comes from one seeded generator, time from the agenda."""

    def __init__(self, seed: int, start: int, profile: Profile) -> None:
        """``start`` in milliseconds."""
        self.random = Random(f"{seed}/{start}")  # noqa: S311 - a simulation has no secrets
        self.profile = profile
        self.now = start
        self.truth = Truth()
        self.comes_back: Callable[[Issue], None] = lambda issue: None
        """Lets a customer make contact again; set by the simulator."""
        self._tag = f"{seed:x}{start // 1000:x}"
        self._agenda: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._planned = 0
        self._entities = 0
        self._told: list[Simulated] = []

    def after(self, millis: float, action: Callable[..., None], *arguments: Any) -> None:
        """Have something happen, at least a millisecond from now."""
        self._planned += 1
        heappush(self._agenda, (self.now + max(1, int(millis)), self._planned, action, arguments))

    def run(self, until: int) -> Iterator[Simulated]:
        """Let everything happen that is due up to an instant, and tell the events."""
        agenda, told = self._agenda, self._told
        yield from told
        told.clear()
        while agenda and agenda[0][0] <= until:
            self.now, _, action, arguments = heappop(agenda)
            action(*arguments)
            if told:
                yield from told
                told.clear()
        self.now = max(self.now, until)

    def new_entity(self, kind: Kind) -> str:
        """An identifier that no other simulation uses."""
        self._entities += 1
        return f"{kind[:2]}-{self._tag}-{self._entities}"

    def tell(self, kind: Kind, entity: str, source: str, data: Data, sequence: int = 0) -> None:
        """Emit an event of this instant."""
        self.truth.events += 1
        event_id = f"{self._tag}-{self.truth.events}"
        entry = ENTRY_TYPES[kind](self.now, sequence, f"{source}#{event_id}", data)
        self._told.append(Simulated(kind, entity, _NAMES[type(data)], source, event_id, entry))

    def chance(self, share: float) -> bool:
        """Whether something of this probability happens."""
        return self.random.random() < share

    def about(self, mean: float, spread: float = 0.6) -> float:
        """A duration around a mean: log-normal, as handle times are."""
        return mean * exp(self.random.gauss(0.0, spread) - spread * spread / 2)

    def unsettled(self, issue: Issue, share: float, mean_millis: float) -> None:
        """With some probability, let the customer come back with the same issue."""
        if issue.tries < 6 and self.chance(share):
            delay = 60_000 + self.random.expovariate(1 / mean_millis)
            self.after(delay, self.comes_back, issue._replace(tries=issue.tries + 1))


class Rep(NamedTuple):
    """Somebody who serves customers."""

    name: str
    rushed: bool


class Served(NamedTuple):
    """A rep's time, given to one piece of work until it is released."""

    pool: Pool
    slot: int
    rep: Rep

    def release(self) -> None:
        """The rep is free again."""
        self.pool.release(self.slot)

    def pause(self, millis: float, reason: str | None) -> None:
        """The rep does something else first, or with no reason nothing that they would tell of."""
        self.pool.pause(self.slot, millis, reason)

    def done(self) -> None:
        """The rep is through with the contact, and free again, or takes a break first."""
        self.pool.done(self.slot)


class Turn:
    """A place in a pool's line; it lapses when ``wants_rep`` becomes false."""

    __slots__ = ("wants_rep", "work")

    def __init__(self, work: Any) -> None:
        self.work = work
        self.wants_rep = True


class Pool:
    """The reps of one queue and kind of work, and who waits for them in order of arrival."""

    def __init__(
        self,
        world: World,
        name: str,
        staff: Callable[[float], int],
        serve: Callable[[Turn, Served], None],
        slots: int = 1,
        roster: Roster | None = None,
    ) -> None:
        """Staff it.

        Args:
            world: where it is.
            name: of the pool.
            staff: how many at once at a level of arrivals.
            serve: told who serves which turn.
            slots: how many of them are one rep's.
            roster: of reps who say what they do.
        """
        self._world = world
        self._name = name
        self._staff = staff
        self._serve = serve
        self._slots = slots
        self._roster = roster
        self._waiting: deque[Turn] = deque()
        self._busy: dict[int, int] = {}
        self._free: list[int] = []
        self._size = 0
        self._shift()

    def _shift(self) -> None:
        """An hour begins: reps come and go. Who is serving finishes first."""
        world = self._world
        self._size = self._staff(world.profile.level(world.now))
        self._free = [slot for slot in range(self._size) if slot not in self._busy]
        if self._roster is not None:
            self._roster.shift(self._size, self._busy)
        left = HOUR - world.now % HOUR
        world.truth.staffed[self._name] += self._size * left
        world.after(left, self._shift)
        self._dispatch()

    def join(self, turn: Turn, *, first: bool = False) -> None:
        """Wait for a rep; ``first``: ahead of the others."""
        if first:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        self._dispatch()

    def release(self, slot: int) -> None:
        """The rep is free again."""
        self._world.truth.busy[self._name] += self._world.now - self._busy.pop(slot)
        if self._roster is not None:
            self._roster.rest(slot // self._slots, self._busy)
        if slot < self._size:
            self._free.append(slot)
            self._dispatch()

    def done(self, slot: int) -> None:
        """The rep is through with a contact; one who has no others takes a break now and then."""
        if self._slots == 1 and self._world.chance(0.02):
            self.pause(slot, self._world.about(300_000), "break")
        else:
            self.release(slot)

    def pause(self, slot: int, millis: float, reason: str | None) -> None:
        """The rep says that they do something else, unless there is no reason, and is free again afterwards."""
        if self._roster is not None and reason is not None:
            self._roster.says(slot // self._slots, "custom", reason)
        self._world.after(millis, self._back, slot)

    def _back(self, slot: int) -> None:
        if self._roster is not None:
            self._roster.says(slot // self._slots, "available")
        self.release(slot)

    def _dispatch(self) -> None:
        while self._free and self._waiting:
            turn = self._waiting.popleft()
            if turn.wants_rep:
                number = int(self._world.random.random() * len(self._free))
                self._free[number], self._free[-1] = self._free[-1], self._free[number]
                slot = self._free.pop()
                self._busy[slot] = self._world.now
                self._serve(turn, Served(self, slot, self._rep(slot)))

    def _rep(self, slot: int) -> Rep:
        number = slot // self._slots
        # Spread over the numbers, so that small shifts have their share of rushed reps, too.
        rushed = (number * 0.618034 + 0.5) % 1.0 < self._world.profile.rushed_reps
        return Rep(f"{self._name}-{number:02d}", rushed)

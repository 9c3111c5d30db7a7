"""The simulated reps for calls and chats: who is on duty, and what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import reps as ev

if TYPE_CHECKING:
    from collections.abc import Collection

    from streams.events import Channel, Data, Kind
    from streams.events.reps import RepState
    from streams.sources.simulator_truth import RepAccount
    from streams.sources.simulator_world import World

HEARTBEAT_MS = 120_000
_SAY_AGAIN_MS = 4 * 3_600_000
"""After how long a desk repeats a state that lasts."""
_WITH_HEARTBEATS = "sales"
"""Queue whose desk sends heartbeats."""


class Roster:
    """The reps of one pool: they log in when their shift begins, and out when they are through with it."""

    def __init__(self, world: World, queue: str, kind: Kind, slots: int) -> None:
        """``slots``: how many contacts each rep serves at once."""
        self._world = world
        self._queue = queue
        self._kind = kind
        self._channel: Channel = "voice" if kind == "call" else "chat"
        self._slots = slots
        self._capacity: dict[int, int] = {}
        """Numbers of the reps on duty to how many contacts they take at once."""
        self._here: dict[int, tuple[RepState, int]] = {}
        """Numbers of those who are there to what they last said, and when."""

    def name(self, number: int) -> str:
        """What the rep of a number is called."""
        return f"{self._queue}-{self._kind}-{number:02d}"

    def shift(self, size: int, busy: Collection[int]) -> None:
        """So many slots are staffed from now on; ``busy``: those that are still serving."""
        before = self._capacity
        self._capacity = {slot // self._slots: 0 for slot in range(size)}
        for slot in range(size):
            self._capacity[slot // self._slots] += 1
        for number in sorted(self._here - self._capacity.keys()):
            self.rest(number, busy)
        for number, capacity in self._capacity.items():
            if number not in self._here:
                self._log_in(number)
            state, since = self._here[number]
            if self._world.now - since >= _SAY_AGAIN_MS:
                self.says(number, state)
            if self._slots > 1 and before.get(number) != capacity:
                self._tell(number, ev.RepCapacityChanged(channel=self._channel, capacity=capacity))

    def rest(self, number: int, busy: Collection[int]) -> None:
        """A rep has nothing to do: who is not on duty any more goes home."""
        slots = range(number * self._slots, (number + 1) * self._slots)
        if number in self._here and number not in self._capacity and not any(slot in busy for slot in slots):
            del self._here[number]
            self._tell(number, ev.RepLoggedOut())
            self.account(number).is_in(None, self._world.now)

    def says(self, number: int, state: RepState, reason: str | None = None) -> None:
        """A rep says what they do."""
        if number in self._here:
            self._here[number] = state, self._world.now
            data = ev.RepStateChanged(state=state, reason=reason, queue=self._queue, channel=self._channel)
            self._tell(number, data)
            self.account(number).is_in(state, self._world.now)

    def account(self, number: int) -> RepAccount:
        """What is true of a rep."""
        return self._world.truth.rep(self.name(number), self._queue)

    def _log_in(self, number: int) -> None:
        self._here[number] = "available", self._world.now
        self._tell(number, ev.RepLoggedIn(queue=self._queue, channel=self._channel))
        self.account(number).is_in("available", self._world.now)
        if self._queue == _WITH_HEARTBEATS:
            self._world.after(HEARTBEAT_MS, self._beat, number)

    def _beat(self, number: int) -> None:
        if number in self._here:
            self._tell(number, ev.RepHeartbeat())
            self._world.after(HEARTBEAT_MS, self._beat, number)

    def _tell(self, number: int, data: Data) -> None:
        self._world.tell("rep", self.name(number), f"{self._kind}-desk", data)

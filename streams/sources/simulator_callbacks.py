"""Simulated callbacks: requested in the queue, made by people who have time for it, sometimes in vain (SPEC WE-07)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events import callbacks as ev
from streams.events.contacts import ContactQueued

if TYPE_CHECKING:
    from streams.sources.simulator_contacts import Contact

_DELAY_MS = 10_000
_RETRY_MS = 600_000
_LONGEST_MS = 7_200_000
_ATTEMPTS = 3


class Callback:
    """One customer who did not stay in the queue."""

    def __init__(self, contact: Contact, queued_at: int) -> None:
        """The customer asks for it; ``queued_at``: when they entered the queue."""
        self._contact = contact
        self._world = contact.world
        self._queued_at = queued_at
        self._requested = self._world.now
        self._attempts = 0
        self._since = 0
        self._state = ""
        # No queue's own reps ring back.
        self._rep = f"{contact.queue.name}-callbacks"
        contact.tell(ev.CallbackRequested())
        self._count("requested")
        self._become("scheduled")
        self._world.after(_DELAY_MS, self._enter)

    def _count(self, name: str) -> None:
        self._contact.count(f"contacts.callbacks.{name}")

    def _took(self, name: str, since: int) -> None:
        self._contact.took(f"contacts.callbacks.{name}", self._world.now - since)

    def _become(self, state: str) -> None:
        if self._state:
            self._contact.count(f"contacts.callbacks.pending_by_state.{self._state}", -1)
        if state:
            self._count(f"pending_by_state.{state}")
        self._state, self._since = state, self._world.now

    def _enter(self) -> None:
        self._contact.tell(ContactQueued(direction="callback"))
        self._become("queued")
        self._world.after(min(self._world.about(1_200_000), _LONGEST_MS), self._dial)

    def _dial(self) -> None:
        self._took("leg_queue_wait_seconds", self._since)
        self._contact.tell(ev.CallbackAttempted(rep=self._rep))
        self._attempts += 1
        self._become("dialling")
        dialling = self._world.truth.rep(self._rep, self._contact.queue.name).begins("dial", self._world.now)
        self._world.after(min(self._world.about(20_000), 60_000), self._rang, dialling)

    def _rang(self, dialling: list[int]) -> None:
        dialling[1] = self._world.now
        self._took("dial_seconds", self._since)
        self._count("attempts")
        reached = self._world.chance(0.75)
        self._count(f"attempts_by_result.{'answered' if reached else 'failed'}")
        if reached:
            self._contact.tell(ev.CallbackAnswered(rep=self._rep))
            self._took("wait_seconds", self._requested)
            self._took("end_to_end_wait_seconds", self._queued_at)
            self._over("answered")
            self._contact.called_back()
        else:
            self._contact.tell(ev.CallbackFailed())
            self._become("scheduled")
            if self._attempts < _ATTEMPTS:
                self._world.after(_RETRY_MS, self._enter)
            else:
                self._world.after(1_000, self._give_up)

    def _give_up(self) -> None:
        self._contact.tell(ev.CallbackAbandoned())
        self._over("abandoned")
        self._contact.never_reached()

    def _over(self, fate: str) -> None:
        self._become("")
        self._count(fate)
        # Whoever waited to be called back had waited longer than the threshold before asking for it.
        self._count("service_level.denominator")

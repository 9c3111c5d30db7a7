"""Who owes whom an answer in a ticket: next replies, updates and parked tickets (M02, M05, M09, M13).

Only what a customer or a human rep wrote, and the customer can see, counts here. Notes, bots and automated messages
answer nothing. All instants are milliseconds since the epoch, all durations milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from streams.lifecycles.marks import Span

if TYPE_CHECKING:
    from streams.lifecycles.marks import Mark


@dataclass(slots=True)
class Conversation:
    """What was said in public between customers and reps."""

    replies: int = 0
    """Public replies by reps; of a chat, exchanges."""
    waits: list[Span] = field(default_factory=list)
    """Waits of customers that a reply after the first one ended."""
    gaps: list[Span] = field(default_factory=list)
    """From one public reply of a rep to the next, within one episode."""
    parked: list[Span] = field(default_factory=list)
    """Stretches in pending while the customer had spoken last."""
    last: Literal["", "customer", "rep"] = ""
    """Who spoke last."""
    addressed: bool = False
    """Whether a rep has written before; what customers wrote until then is answered by the first reply (M01)."""
    asked: list[int] = field(default_factory=list)
    """When customers began to wait for a reply after the first one, whether or not it came."""
    _unanswered: int | None = None
    _latest: int = 0
    _update: int | None = None
    _parked_since: int | None = None

    def describe(self, by: Literal["customer", "rep"]) -> None:
        """The description of the ticket, seen by the customer: said, but neither a reply nor in need of a next one."""
        self.last, self.addressed = by, by == "rep"

    def customer(self, at: int) -> None:
        """A customer wrote, be it the requester or somebody in copy; a second message does not make the wait anew."""
        self.last = "customer"
        if self.addressed:
            self._latest = at
            if self._unanswered is None:
                self._unanswered = at
                self.asked.append(at)

    def rep(self, mark: Mark, *, done: bool, chat: bool) -> None:
        """A rep replied.

        Args:
            mark: when, and the labels in force.
            done: whether the ticket is solved or closed, so that no update is owed.
            chat: whether messages in a row are one reply.
        """
        if not (chat and self.last == "rep"):
            self.replies += 1
        self.last, self.addressed = "rep", True
        if self._unanswered is not None:
            self.waits.append(Span(self._unanswered, mark))
            self._unanswered = None
        if not done:
            if self._update is not None:
                self.gaps.append(Span(self._update, mark))
            self._update = mark.at
        self.unpark(mark)

    def done(self) -> None:
        """Solved or closed: no answer and no update is owed any more."""
        self._unanswered = self._update = None

    def reopened(self, since: int = 0) -> None:
        """Open again: a wait is for the last message before it, not for a "thank you" of weeks ago.

        Args:
            since: what was written earlier waits for nothing.
        """
        if self._unanswered is not None:
            self.asked.pop()
            self._unanswered = self._latest if self._latest >= since else None
            if self._unanswered is not None:
                self.asked.append(self._unanswered)

    def park(self, at: int) -> None:
        """The ticket went to pending; whoever spoke last should have been the rep."""
        if self.last == "customer":
            self._parked_since = at

    def unpark(self, mark: Mark) -> None:
        """Pending is over, or a rep wrote after all; a parking that was undone at once never was one."""
        if self._parked_since is not None and mark.at > self._parked_since:
            self.parked.append(Span(self._parked_since, mark))
        self._parked_since = None

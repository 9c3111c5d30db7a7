"""What was written in a chat: who answered whom, and what a bot did of it (M01, M02, M13, M41).

A chat is over when the customer leaves it, or when a bot takes it for resolved. It goes on, in another episode, when
the customer is let in again, waits in a queue again, or is given to a person; a thank-you alone opens nothing. All
instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.events import bots
from streams.events import contacts as ev
from streams.events.tickets import MessageSent
from streams.lifecycles.conversation import Conversation
from streams.lifecycles.dims import NOWHERE, Dims
from streams.lifecycles.episode import Episode, first_reply
from streams.lifecycles.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.events import Entry

IDLE = 24 * 3_600_000
"""After so long without a word, what is written next is about something else."""

_SPOKEN = frozenset({MessageSent, bots.BotHandoff, bots.BotResolved})
_GOES_ON = frozenset({ev.ContactInitiated, ev.ContactQueued, ev.ContactConnected, bots.BotHandoff})
_ENDS = frozenset({ev.ContactEnded, ev.ContactAbandoned})


@dataclass(slots=True)
class Dialogue:
    """What was said in public between a customer and the house, and how often it began."""

    episodes: list[Episode]
    dims: Dims = NOWHERE
    """Labels in force now."""
    talk: Conversation = field(default_factory=Conversation)
    over: Mark | None = None
    """When the last episode ended; None while it lasts."""
    replies: int = 0
    """Exchanges until then: messages in a row of one side are one."""
    served: bool = False
    """Whether a person or a bot did anything for the customer."""
    _met: bool = False
    _again_since: int = 0
    _spoken: int | None = None

    @property
    def first_reply(self) -> tuple[Mark, int, int] | None:
        """See :func:`streams.lifecycles.episode.first_reply`: who left has ceased to wait."""
        return first_reply(self.episodes, runs_on=False)

    def heard(self, data: MessageSent, at: int) -> None:
        """Somebody wrote; notes and automated messages say nothing."""
        if not data.public or data.automated:
            return
        if self._spoken is None or at - self._spoken > IDLE:
            self._again_since = at
        self._spoken = at
        if data.author == "customer":
            self.talk.customer(at)
        elif data.author == "rep":
            reply = Mark(at, self.dims._replace(rep=data.rep or ""))
            self.talk.rep(reply, done=self.over is not None, chat=True)
            self.meet()
            if self.episodes[-1].reply is None:
                self.episodes[-1].reply = reply

    def go_on(self, at: int) -> None:
        """Whoever left is back: since the first word after a long silence, or since now."""
        if self.over is not None:
            speaks = self._spoken is not None and at - self._spoken <= IDLE
            self.episodes.append(Episode(self._again_since if speaks else at))
            self.over, self._met = None, False
            self.talk.reopened()

    def meet(self) -> None:
        """A person took over, with or without a word."""
        self.served = self._met = True

    def end(self, at: int, *, by_bot: bool = False) -> None:
        """The customer is gone, or the bot takes it that there is nothing more to do."""
        if self.over is None:
            self.over = Mark(at, self.dims)
            episode = self.episodes[-1]
            episode.solved, episode.contained = self.over, by_bot and not self._met
            self.served = self.served or by_bot
            self.talk.done()
            self.replies = self.talk.replies
            self._spoken = None


def fold_dialogue(events: Sequence[Entry]) -> Dialogue | None:
    """Fold a sorted history; None where nobody wrote anything and no bot had a part."""
    if not any(type(entry.data) in _SPOKEN for entry in events):
        return None
    dialogue = Dialogue([Episode(events[0].time)])
    for entry in events:
        data, at = entry.data, entry.time
        kind = type(data)
        dialogue.dims = dialogue.dims.after(data)
        if kind in _GOES_ON:
            dialogue.go_on(at)
        if kind is MessageSent:
            dialogue.heard(data, at)
        elif kind is ev.ContactConnected:
            dialogue.meet()
        elif kind is bots.BotHandoff:
            episode = dialogue.episodes[-1]
            episode.handoff = episode.handoff or Mark(at, dialogue.dims)
        elif kind in _ENDS:
            dialogue.end(at)
        elif kind is bots.BotResolved:
            dialogue.end(at, by_bot=True)
    return dialogue

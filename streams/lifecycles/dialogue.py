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
    from streams.lifecycles.episode import Ender

IDLE = 24 * 3_600_000
"""After so long without a word, what is written next is about something else."""

_SPOKEN = frozenset({MessageSent, bots.BotHandoff, bots.BotResolved})
_GOES_ON = frozenset({ev.ContactInitiated, ev.ContactQueued, ev.ContactConnected, bots.BotHandoff})
_TO_PEOPLE = frozenset({ev.ContactQueued, ev.ContactConnected})


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
    _with_people: bool = False
    """Whether the customer waits for a person, or has met one, in this episode."""
    _bot_since: int | None = None
    """Since when a bot has written to who has not been let in again."""
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
            self._again_since, self._bot_since = at, None
        self._spoken = at
        if data.author == "customer":
            self.talk.customer(at)
        elif data.author == "rep":
            reply = Mark(at, self.dims._replace(rep=data.rep or ""))
            self.talk.rep(reply, done=self.over is not None, chat=True)
            self.meet()
            if self.episodes[-1].reply is None:
                self.episodes[-1].reply = reply
        elif data.author == "bot":
            self._bot_writes(at)

    def _bot_writes(self, at: int) -> None:
        if self.over is not None:
            self._bot_since = at if self._bot_since is None else self._bot_since
        elif not self._with_people and self.episodes[-1].bot is None:
            self.episodes[-1].bot = at

    def go_on(self, at: int) -> None:
        """Whoever left is back: since the first word after a long silence, or since now."""
        if self.over is not None:
            speaks = self._spoken is not None and at - self._spoken <= IDLE
            episode = Episode(self._again_since if speaks else at, bot=self._bot_since if speaks else None)
            self.episodes.append(episode)
            self.over, self._met, self._with_people = None, False, False
            self.talk.reopened(episode.began)

    def come_to_people(self, at: int) -> None:
        """The customer waits for a person from now on, or has got one."""
        episode = self.episodes[-1]
        if episode.bot is not None and episode.taken is None and not self._with_people:
            episode.taken = at
        self._with_people = True

    def meet(self) -> None:
        """A person took over, with or without a word."""
        self.served = self._met = self._with_people = True

    def end(self, at: int, by: Ender) -> None:
        """The customer is gone, or the bot takes it that there is nothing more to do."""
        if self.over is None:
            self.over = Mark(at, self.dims)
            episode = self.episodes[-1]
            episode.solved, episode.ender = self.over, by
            episode.contained = by == "bot" and not self._met
            self.served = self.served or by == "bot"
            self.talk.done()
            self.replies = self.talk.replies
            self._spoken = self._bot_since = None


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
        if kind in _TO_PEOPLE:
            dialogue.come_to_people(at)
        if kind is MessageSent:
            dialogue.heard(data, at)
        elif kind is ev.ContactConnected:
            dialogue.meet()
        elif kind is bots.BotHandoff:
            episode = dialogue.episodes[-1]
            episode.handoff = episode.handoff or Mark(at, dialogue.dims)
        elif kind is ev.ContactAbandoned:
            dialogue.end(at, "customer")
        elif kind is ev.ContactEnded:
            dialogue.end(at, data.by or "")
        elif kind is bots.BotResolved:
            dialogue.end(at, "bot")
    return dialogue

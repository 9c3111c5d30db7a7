"""Episodes of a ticket or chat: each end that did not last is followed by another. All times in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.lifecycles.marks import Mark

Ender = Literal["", "bot", "customer", "rep", "system"]
"""Who ended an episode of a chat; empty: nobody said, or it has not ended."""


@dataclass(slots=True)
class Episode:
    """From creation, or a reopen, to the solve that follows."""

    began: int
    handoff: Mark | None = None
    """When a bot gave it to a person; only the first time in an episode counts."""
    bot: int | None = None
    """Of a chat: since when a bot serves; what it writes to who waits for a person, or talks to one, is no service."""
    taken: int | None = None
    """Of a chat: when people took it from such a bot, be it by a queue, without a hand-off that was told."""
    reply: Mark | None = None
    """First public reply by a rep."""
    solved: Mark | None = None
    contained: bool = False
    """Solved by the bot, without a human message."""
    ender: Ender = ""

    @property
    def passed_on(self) -> int | None:
        """When it came from a bot to people: from then on they owe an answer."""
        return min((at for at in (self.taken, self.handoff and self.handoff.at) if at is not None), default=None)

    @property
    def resolution(self) -> int | None:
        """From its beginning to its solve, in milliseconds."""
        return None if self.solved is None else self.solved.at - self.began

    @property
    def human_work(self) -> int | None:
        """The same from the hand-off on, if there was one."""
        if self.solved is None or self.contained:
            return None
        return self.solved.at - (self.began if self.handoff is None else self.handoff.at)


def first_reply(episodes: Sequence[Episode], *, runs_on: bool) -> tuple[Mark, int, int] | None:
    """The first public reply by a rep, when the people's clock for it began, and when the customer's did.

    Without bots both begin with the first episode. What a bot resolved is over for the customer too, so that both
    begin anew with the episode in which a person replied.

    Args:
        episodes: all of them, in order.
        runs_on: whether the clocks run on over what ended otherwise, without a reply, and went on later.
    """
    clock, over = 0, True
    handed: int | None = None
    for episode in episodes:
        if over:
            clock, handed = episode.began, None
        if handed is None:
            handed = episode.passed_on
        if episode.reply is not None:
            # A hand-off after the reply starts no clock: a person was there already.
            human = clock if handed is None or handed > episode.reply.at else handed
            return episode.reply, human, clock
        over = episode.contained or not runs_on
    return None

"""Episodes of a ticket: each solve that was undone begins another. Instants and durations in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.lifecycles.marks import Mark


@dataclass(slots=True)
class Episode:
    """From creation, or a reopen, to the solve that follows."""

    began: int
    handoff: Mark | None = None
    """When a bot gave it to a person; only the first time in an episode counts."""
    reply: Mark | None = None
    """First public reply by a rep."""
    solved: Mark | None = None
    contained: bool = False
    """Solved by the bot, without a human message."""

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

"""What the pages show, whoever has it: one worker, or the front of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from agents.web.query import EntitiesQuery, FiguresQuery


class Verdict(NamedTuple):
    """An answer to "are you well?"."""

    fine: bool
    reasons: list[str]


class Source(Protocol):
    """Answers the requests."""

    async def metrics(self) -> bytes:
        """The exposition."""

    async def health(self) -> Verdict:
        """Whether the process works; if not, it should be restarted."""

    async def readiness(self) -> Verdict:
        """Whether the figures are complete."""

    async def figures(self, query: FiguresQuery) -> dict[str, Any]:
        """The figures' document."""

    async def progress(self) -> dict[str, Any]:
        """How far the events have been taken."""

    async def entities(self, query: EntitiesQuery) -> dict[str, Any]:
        """What stands behind a queue's figures."""

"""What the pages show, whoever has it: one worker, or the front of several."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from streams.codec import format_time

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

    async def explain(self, kind: str, entity: str) -> dict[str, Any] | None:
        """Why the clocks of an entity stand where they stand; None if it is not known."""

    async def entities(self, query: EntitiesQuery) -> dict[str, Any]:
        """What stands behind a queue's figures."""


def document(query: FiguresQuery, now: int, events: dict[str, int], *parts: dict[str, Any]) -> dict[str, Any]:
    """The figures' document."""
    head = {
        "as_of": format_time(now),
        "now": format_time(time.time_ns() // 1_000_000),
        "window": query.window,
        "attribution": query.attribution,
        "events": events,
    }
    for part in parts:
        head |= part
    return head

"""One piece of work for all who ask for it at about the same time: ten wallboards cost what one costs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

T = TypeVar("T")


class Shared(Generic[T]):
    """Results by key, made once and handed out while they are fresh."""

    def __init__(self, fresh_s: float = 0.0) -> None:
        """``fresh_s``: how long a result is handed out after it was made; 0: only to those who waited for it."""
        self._fresh = fresh_s
        self._made: dict[Hashable, tuple[asyncio.Task[T], float]] = {}

    async def get(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result for a key; an error is handed to all who waited, and not kept."""
        now = time.monotonic()
        self._made = {k: one for k, one in self._made.items() if not one[0].done() or now - one[1] < self._fresh}
        found = self._made.get(key)
        if found is None or (found[0].done() and found[0].exception() is not None):
            found = self._made[key] = (asyncio.create_task(make()), now)
        # Whoever goes away must not take the work from the others.
        return await asyncio.shield(found[0])

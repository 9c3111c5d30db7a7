"""Faust's application object, bent where the engine needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import faust

from agents.engine.batches import batch_scheduler
from agents.engine.config import EngineConfig, faust_settings
from agents.engine.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from faust.types.transports import TransportT


class Hooks(Protocol):
    """What the application tells the engine."""

    def on_pause(self) -> None:
        """A rebalance begins. Called from the consumer's thread."""

    async def on_release(self) -> None:
        """All partitions are being given up."""

    def on_ready(self) -> None:
        """All assigned partitions are recovered; records flow."""

    async def on_start(self) -> None:
        """The application starts; neither consumer nor tables exist yet."""


class EngineApp(faust.App):
    """A Faust application with our transport, and what a worker needs before it begins."""

    def __init__(self, config: EngineConfig) -> None:
        """Configure Faust; ``hooks`` and ``needs`` may be set until the application is started."""
        super().__init__(**faust_settings(config), ConsumerScheduler=batch_scheduler(config.batch_records))
        self.fetch_wait_ms = config.fetch_wait_ms
        self.hooks: Hooks | None = None
        self.needs: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.on_partitions_revoked.connect(self._release)  # type: ignore[arg-type]

    def _new_transport(self) -> TransportT:
        return Transport(self.conf.broker_consumer, self)

    async def on_first_start(self) -> None:
        """Create no directories: nothing is kept on disk."""

    async def on_start(self) -> None:
        """Start what must answer while tables are still being recovered, and wait for what is needed before."""
        await super().on_start()
        if self.hooks is not None:
            await self.hooks.on_start()
        for need in self.needs:
            await need()

    def on_rebalance_start(self) -> None:
        """Stop taking batches at once."""
        if self.hooks is not None:
            self.hooks.on_pause()
        super().on_rebalance_start()

    async def _release(self, app: Any, revoked: Iterable[Any], **kwargs: Any) -> None:
        if self.hooks is not None:
            await self.hooks.on_release()

    def on_rebalance_end(self) -> None:
        """Everything assigned is recovered."""
        super().on_rebalance_end()
        if self.hooks is not None:
            self.hooks.on_ready()

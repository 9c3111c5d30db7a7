"""The agent of customers: see :class:`streams.pipeline.customers.CustomerStage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faust.types.streams import StreamT

    from agents.engine import Engine
    from streams.pipeline.customers import CustomerStage


def register(engine: Engine, stage: CustomerStage) -> None:
    """Let the engine run the stage of customers."""

    @engine.agent(stage)
    async def customers(stream: StreamT[Any]) -> None:
        async for batch in engine.batches(stream):
            await engine.run_batch(stage, batch)

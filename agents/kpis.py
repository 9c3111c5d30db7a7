"""The agent of the figures: see :class:`streams.pipeline.kpis.KpiStage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faust.types.streams import StreamT

    from agents.engine import Engine
    from streams.pipeline.kpis import KpiStage


def register(engine: Engine, stage: KpiStage) -> None:
    """Let the engine run the stage of the figures."""

    @engine.agent(stage)
    async def kpis(stream: StreamT[Any]) -> None:
        async for batch in engine.batches(stream):
            await engine.run_batch(stage, batch)

"""The agent of reps: see :class:`streams.pipeline.entities.EntityStage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faust.types.streams import StreamT

    from agents.engine import Engine
    from streams.pipeline.entities import EntityStage


def register(engine: Engine, stage: EntityStage) -> None:
    """Let the engine run the stage of reps."""

    @engine.agent(stage)
    async def reps(stream: StreamT[Any]) -> None:
        async for batch in engine.batches(stream):
            await engine.run_batch(stage, batch)

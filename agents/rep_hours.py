"""The agent of reps' hours: see :class:`streams.pipeline.reps.RepHoursStage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faust.types.streams import StreamT

    from agents.engine import Engine
    from streams.pipeline.reps import RepHoursStage


def register(engine: Engine, stage: RepHoursStage) -> None:
    """Let the engine run the stage of reps' hours."""

    @engine.agent(stage)
    async def rep_hours(stream: StreamT[Any]) -> None:
        async for batch in engine.batches(stream):
            await engine.run_batch(stage, batch)

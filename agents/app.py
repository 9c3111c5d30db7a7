"""Wiring only: settings to stages, agents and web."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents import calls, chats, customers, kpis, tickets
from agents.engine import Engine, EngineConfig
from agents.view import LiveView
from streams.figures.panes import GroupKey
from streams.pipeline.customers import CustomerStage
from streams.pipeline.entities import EntityStage
from streams.pipeline.kpis import KpiStage

if TYPE_CHECKING:
    from agents.settings import Settings
    from streams.events import Kind


class App(NamedTuple):
    """A worker, ready to run."""

    engine: Engine
    view: LiveView


def create_app(settings: Settings) -> App:
    """Build a worker; nothing is connected yet."""
    options = settings.figure_options
    lateness = round(settings.lateness_seconds * 1000)
    engine = Engine(
        EngineConfig(
            app_id=settings.app_id,
            broker=settings.broker,
            partitions=settings.partitions,
            clock=settings.clock,
            lateness_ms=lateness,
            session_timeout_s=settings.session_timeout_seconds,
            heartbeat_interval_s=settings.session_timeout_seconds / 4,
            stall_timeout_s=settings.stall_seconds,
        )
    )

    def entity_stage(kind: Kind) -> EntityStage:
        return EntityStage(
            kind,
            partitions=settings.partitions,
            options=options,
            lateness=lateness,
            # In replay the present is the events' own, so nothing can be said of their future.
            reject_future=settings.clock == "wall",
        )

    figures = KpiStage(_configured(settings), partitions=settings.partitions, follow_events=settings.clock == "event")
    tickets.register(engine, entity_stage("ticket"))
    calls.register(engine, entity_stage("call"))
    chats.register(engine, entity_stage("chat"))
    customers.register(engine, CustomerStage(partitions=settings.partitions, options=options))
    kpis.register(engine, figures)

    def show_configured() -> None:
        for partition in engine.owned(figures):
            figures.open(partition)

    engine.on_change(show_configured)
    return App(engine, LiveView(engine, figures, options))


def _configured(settings: Settings) -> list[GroupKey]:
    return [GroupKey(queue.name, queue.channel, priority) for queue in settings.queues for priority in queue.priorities]

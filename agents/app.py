"""Wiring only: settings to stages, agents and web."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agents import calls, chats, customers, identities, kpis, rep_hours, reps, tickets
from agents.engine import Engine, EngineConfig
from agents.policy_topic import PolicyTopic
from agents.policy_watch import PoliciesInForce, PolicyWatch
from agents.rules import load_rules
from agents.view import LiveView
from streams.figures.panes import GroupKey
from streams.pipeline.customers import CustomerStage
from streams.pipeline.entities import EntityStage
from streams.pipeline.kpis import KpiStage
from streams.pipeline.reps import RepHoursStage
from streams.sla.of_entity import PROMISED

if TYPE_CHECKING:
    from agents.settings import Settings
    from streams.events import Kind
    from streams.sla.promises import Policies


class App(NamedTuple):
    """A worker, ready to run."""

    engine: Engine
    view: LiveView


def create_app(settings: Settings) -> App:
    """Build a worker; nothing is connected yet."""
    rules = load_rules(settings.figure_options, calendars_file=settings.calendars_file, policies=settings.policy_names)
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
            rules=rules,
            lateness=lateness,
            # In replay the present is the events' own, so nothing can be said of their future.
            reject_future=settings.clock == "wall",
        )

    figures = KpiStage(
        _configured(settings),
        partitions=settings.partitions,
        follow_events=settings.clock == "event",
        options=rules.options,
        by_rep=settings.export_rep_label,
    )
    promised: dict[str, EntityStage] = {kind: entity_stage(kind) for kind in PROMISED}
    tickets.register(engine, promised["ticket"])
    calls.register(engine, promised["call"])
    chats.register(engine, promised["chat"])
    reps.register(engine, entity_stage("rep"))
    identities.register(engine, entity_stage("identity"))
    customers.register(engine, CustomerStage(partitions=settings.partitions, rules=rules))
    rep_hours.register(engine, RepHoursStage(partitions=settings.partitions, rules=rules))
    kpis.register(engine, figures)

    def show_configured() -> None:
        for partition in engine.owned(figures):
            figures.open(partition)

    engine.on_change(show_configured)

    def take(policies: Policies) -> None:
        for stage in promised.values():
            stage.take_policies(replace(rules, policies=policies))

    in_force = PoliciesInForce(rules.policies, take)
    if settings.policies_topic:
        topic = PolicyTopic(settings.broker, in_force)
        engine.on_started(topic.follow)
        engine.needs(topic.caught_up)
    else:
        watch = PolicyWatch(settings.policy_names, in_force)
        engine.on_started(partial(watch.run, settings.policies_check_seconds))
    return App(engine, LiveView(engine, figures, promised, rules.options, settings.exports, in_force))


def _configured(settings: Settings) -> list[GroupKey]:
    return [GroupKey(queue.name, queue.channel, priority) for queue in settings.queues for priority in queue.priorities]

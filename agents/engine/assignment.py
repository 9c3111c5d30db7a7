"""Whether a worker was given what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from faust.types import TP

    from agents.engine.steps import Unit
    from agents.engine.transport import Consumer


def assignment_problem(unit: Unit, consumer: Consumer, assigned: AbstractSet[TP], partitions: int) -> str | None:
    """Why a stage cannot work with the partitions assigned, or None. ``partitions``: how many topics are to have."""
    topics = (unit.stage.source, unit.table.changelog_topic_name)
    for topic in topics:
        # A worker may well be assigned nothing, but never because a topic is missing: it would idle for ever.
        count = consumer.partition_count(topic)
        if count != partitions:
            return f"topic {topic!r} has {count} partitions, {partitions} are configured"
    mine, logged = ({tp.partition for tp in assigned if tp.topic == topic} for topic in topics)
    if mine != logged:
        return f"{unit.stage.name!r} was assigned {sorted(mine)} of its source, {sorted(logged)} of its changelog"
    return None

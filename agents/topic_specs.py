"""The topics of an installation as the broker must have them: declared in :mod:`streams.topics`, plus changelogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.engine import changelog_topic
from agents.topics_admin import TopicSpec
from streams.topics import TOPICS

if TYPE_CHECKING:
    from agents.settings import Settings

STAGES = ("tickets", "calls", "chats", "reps", "identities", "customers", "rep-hours", "kpis")
"""Names of the stages; each has a changelog."""

_HOUR_MS = 3_600_000


def topic_specs(settings: Settings) -> list[TopicSpec]:
    """All topics: sources, internal ones, dead letters and changelogs."""
    specs = [
        TopicSpec(
            topic.name,
            1 if topic.single else settings.partitions,
            {
                "cleanup.policy": "delete",
                # Recorded events carry old times; what counts is how long ago they were produced.
                "message.timestamp.type": "LogAppendTime",
                "retention.ms": "-1" if topic.retention_hours is None else str(topic.retention_hours * _HOUR_MS),
            },
        )
        for topic in TOPICS
    ]
    specs.extend(
        TopicSpec(
            changelog_topic(settings.app_id, stage),
            settings.partitions,
            {
                "cleanup.policy": "compact",
                "segment.ms": str(_HOUR_MS),
                # A worker thought dead may write an older state late: both must be there to be told apart.
                "min.compaction.lag.ms": str(_HOUR_MS),
            },
        )
        for stage in STAGES
    )
    return specs

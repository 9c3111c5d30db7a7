"""The topics of an installation as the broker must have them: declared in :mod:`streams.topics`, plus changelogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.engine import changelog_topic
from agents.topics_admin import TopicSpec
from streams.topics import TOPICS

if TYPE_CHECKING:
    from agents.settings import Settings
    from streams.topics import Topic

STAGES = ("tickets", "calls", "chats", "reps", "identities", "customers", "rep-hours", "kpis")
"""Names of the stages; each has a changelog."""

_HOUR_MS = 3_600_000
_MEND_MS = 7 * 24 * _HOUR_MS


def topic_specs(settings: Settings) -> list[TopicSpec]:
    """All topics: sources, internal ones, dead letters and changelogs."""
    specs = [TopicSpec(topic.name, 1 if topic.single else settings.partitions, topic_config(topic)) for topic in TOPICS]
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


def topic_config(topic: Topic) -> dict[str, str]:
    """Settings of a declared topic."""
    # Recorded events carry old times; what counts is how long ago they were produced.
    config = {"message.timestamp.type": "LogAppendTime"}
    if topic.compacted:
        # Below a broken record the last good one of its key stays for as long as it may take to mend it.
        return {**config, "cleanup.policy": "compact", "min.compaction.lag.ms": str(_MEND_MS)}
    kept = "-1" if topic.retention_hours is None else str(topic.retention_hours * _HOUR_MS)
    return {**config, "cleanup.policy": "delete", "retention.ms": kept}

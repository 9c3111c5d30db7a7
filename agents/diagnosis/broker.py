"""Diagnosis of the broker: whether it answers, is set as we need it, and has the topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.diagnosis.finding import Finding, Level
from agents.topic_specs import topic_specs
from agents.topics_admin import Cluster, TopicsError, check_topics, describe_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.settings import Settings

_TIMEOUT_S = 10.0
_WEEK_MINUTES = 7 * 24 * 60
_LEAST_RECORD = 1_048_588
"""Kafka's default: what follows from one subject fits into that, see :mod:`streams.limits`."""


class _AtLeast(NamedTuple):
    """A number that a setting of the broker should have at least."""

    level: Level
    least: int
    because: str


_NUMBERS = {
    "message.max.bytes": _AtLeast(Level.WRONG, _LEAST_RECORD, "larger records of ours are refused, and workers end"),
    "offsets.retention.minutes": _AtLeast(
        Level.NOTE, _WEEK_MINUTES, "workers that were stopped for longer begin anew, or miss events"
    ),
}


def of_broker(settings: Settings) -> Iterator[Finding]:
    """What an administrator would look at. Settings that the broker does not tell are not complained about."""
    specs = topic_specs(settings)
    try:
        cluster = describe_cluster(settings.broker, timeout_s=_TIMEOUT_S)
        problems = check_topics(settings.broker, specs, timeout_s=_TIMEOUT_S)
    except TopicsError as error:
        yield Finding(Level.WRONG, "broker", str(error), "start it, or set TICKETSTREAMS_BROKER")
        return
    nodes = "1 node" if cluster.nodes == 1 else f"{cluster.nodes} nodes"
    yield Finding(Level.OK, "broker", f"{settings.broker} answers, {nodes}")
    yield from _of_copies(settings.replication, cluster.nodes)
    yield from _of_settings(cluster)
    for problem in problems:
        do = "run `ticket-streams topics create`" if problem.endswith("does not exist") else ""
        yield Finding(Level.WRONG, "topics", problem, do)
    if not problems:
        yield Finding(Level.OK, "topics", f"all {len(specs)} are as they should be")


def _of_copies(replication: int, nodes: int) -> Iterator[Finding]:
    if replication > nodes:
        said = f"{replication} copies of each topic are asked for, and the broker has {nodes} of the nodes that takes"
        yield Finding(Level.WRONG, "replication", said, "set TICKETSTREAMS_REPLICATION")
    elif replication == 1:
        yield Finding(
            Level.NOTE, "replication", "one copy of everything: a lost disk loses it", "see docs/operations.md"
        )


def _of_settings(cluster: Cluster) -> Iterator[Finding]:
    if cluster.config.get("auto.create.topics.enable") == "true":
        said = "auto.create.topics.enable=true: a topic that appears by accident has the wrong number of partitions"
        yield Finding(Level.NOTE, "broker", said, "set it to false")
    for name, rule in _NUMBERS.items():
        text = cluster.config.get(name, "")
        if text.lstrip("-").isdigit() and 0 <= int(text) < rule.least:
            yield Finding(rule.level, "broker", f"{name}={text}: {rule.because}", f"set it to {rule.least} or more")

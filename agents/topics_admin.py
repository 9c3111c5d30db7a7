"""Creates topics, and says what is wrong with those that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class TopicsError(RuntimeError):
    """The broker cannot be reached, or refused; the message says what and why."""


class TopicSpec(NamedTuple):
    """A topic as we want it."""

    name: str
    partitions: int
    config: Mapping[str, str]
    """Kafka's topic settings, all values as text."""


def create_topics(
    broker: str, topics: Iterable[TopicSpec], *, replication: int = 1, timeout_s: float = 15.0
) -> list[str]:
    """Create the topics that do not exist, and wait until they can be used. Existing ones are left as they are.

    Returns:
        The names of those that were created.

    Raises:
        TopicsError: the broker cannot be reached, or refused a topic.
    """
    with _admin(broker, timeout_s) as admin:
        existing = set(admin.list_topics())
        wanted = {spec.name: spec for spec in topics if spec.name not in existing}
        if not wanted:
            return []
        request = {
            spec.name: {
                "num_partitions": spec.partitions,
                "replication_factor": replication,
                "configs": dict(spec.config),
            }
            for spec in wanted.values()
        }
        answer = admin.create_topics(request, timeout_ms=int(timeout_s * 1000), raise_errors=False)
        created = []
        for row in answer["topics"]:
            code = row["error_code"]
            if code == 0:
                created.append(row["name"])
            # Another process may have been quicker.
            elif code != TopicAlreadyExistsError.errno:
                reason = row.get("error_message") or for_code(code).__name__
                msg = f"topic {row['name']!r} cannot be created: {reason}"
                raise TopicsError(msg)
        admin.wait_for_topics(list(wanted), timeout_ms=int(timeout_s * 1000))
        return created


def check_topics(broker: str, topics: Iterable[TopicSpec], *, timeout_s: float = 15.0) -> list[str]:
    """Compare topics with what we want of them.

    A setting that the broker does not report is not complained about: the embedded broker reports only those that
    were set.

    Returns:
        One sentence per problem, in the order of ``topics``; empty when all is well.

    Raises:
        TopicsError: the broker cannot be reached.
    """
    specs = list(topics)
    problems = []
    with _admin(broker, timeout_s) as admin:
        existing = set(admin.list_topics())
        present = [spec for spec in specs if spec.name in existing]
        counts = _counts(admin, [spec.name for spec in present])
        for spec in specs:
            if spec.name not in existing:
                problems.append(f"topic {spec.name!r} does not exist")
                continue
            if counts[spec.name] != spec.partitions:
                problems.append(
                    f"topic {spec.name!r} has {counts[spec.name]} partitions, {spec.partitions} are needed: "
                    f"create it anew, records of one key must not be spread over two partitions"
                )
            actual = _configs(admin, spec.name) if spec.config else {}
            problems += [
                f"topic {spec.name!r} has {key}={actual[key]}, {value} is needed"
                for key, value in spec.config.items()
                if key in actual and not _same(key, actual[key], value)
            ]
    return problems


def partition_counts(broker: str, names: Iterable[str], *, timeout_s: float = 15.0) -> dict[str, int]:
    """How many partitions topics have; those that do not exist are left out.

    Raises:
        TopicsError: the broker cannot be reached.
    """
    with _admin(broker, timeout_s) as admin:
        existing = set(admin.list_topics())
        return _counts(admin, [name for name in names if name in existing])


class Cluster(NamedTuple):
    """What a broker says of itself."""

    nodes: int
    config: Mapping[str, str]
    """Settings of one of its nodes; empty: it does not tell."""


def describe_cluster(broker: str, *, timeout_s: float = 15.0) -> Cluster:
    """What the broker is like.

    Raises:
        TopicsError: it cannot be reached.
    """
    with _admin(broker, timeout_s) as admin:
        nodes = admin.describe_cluster()["brokers"]
        if not nodes:
            return Cluster(0, {})
        node = str(nodes[0]["broker_id"])
        answer = admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, node)], config_filter="all")
        return Cluster(len(nodes), _told(answer["broker"][node]))


def _counts(admin: Any, names: list[str]) -> dict[str, int]:
    return {row["name"]: len(row["partitions"]) for row in admin.describe_topics(names)} if names else {}


def _same(key: str, actual: str, wanted: str) -> bool:
    if key == "cleanup.policy":
        return sorted(actual.split(",")) == sorted(wanted.split(","))
    return actual == wanted


def _configs(admin: Any, topic: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    answer = admin.describe_configs([resource], config_filter="all")
    return _told(answer["topic"][topic])


def _told(rows: Mapping[str, Any]) -> dict[str, str]:
    """The settings that have a value."""
    return {key: str(row["value"]) for key, row in rows.items() if row.get("value") is not None}


class _admin:  # noqa: N801  (reads as a function at its uses)
    """A connected admin client whose errors are ours."""

    def __init__(self, broker: str, timeout_s: float) -> None:
        self._broker = broker
        self._timeout = timeout_s
        self._client: Any = None

    def __enter__(self) -> Any:
        try:
            self._client = KafkaAdminClient(
                bootstrap_servers=[address.strip() for address in self._broker.split(",")],
                request_timeout_ms=int(self._timeout * 1000),
                bootstrap_timeout_ms=int(self._timeout * 1000),
            )
        except KafkaError as error:
            msg = f"no broker answers at {self._broker}: {error}"
            raise TopicsError(msg) from error
        return self._client

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._client.close()
        if isinstance(error, KafkaError):
            msg = f"the broker at {self._broker} refused: {error}"
            raise TopicsError(msg) from error

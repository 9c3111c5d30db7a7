"""How one worker is configured, and what Faust is told.

Every duration is in the unit its name ends with: ``_ms`` milliseconds, ``_s`` seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Clock = Literal["wall", "event"]


class EngineError(RuntimeError):
    """The worker cannot go on; the message says why. The process ends with a non-zero status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """All that the engine needs to know."""

    app_id: str
    """Names the consumer group and prefixes the changelog topics. Workers of one application share it."""
    broker: str
    """``host:port``, or several of them separated by commas."""
    partitions: int
    """Partitions of every source topic and of every changelog topic."""
    clock: Clock = "wall"
    """``wall``: time is the system's. ``event``: time is the largest event time this worker has seen (replay)."""
    lateness_ms: int = 0
    """Allowed lateness of the per-partition watermarks."""
    session_timeout_s: float = 6.0
    """A worker that is silent for so long loses its partitions. Writes do not outlive it: see ``Engine``."""
    heartbeat_interval_s: float = 1.5
    rebalance_timeout_s: float = 10.0
    request_timeout_s: float = 30.0
    """How long one request to the broker may take, start-up and recovery steps included."""
    commit_interval_s: float = 1.0
    fetch_wait_ms: int = 50
    """How long the broker may hold a fetch back when there is nothing to read; bounds the latency of a hop."""
    fetch_bytes: int = 1 << 20
    """Largest answer per partition and fetch."""
    batch_records: int = 1000
    """Most records handed to a stage at once."""
    buffer_batches: int = 64
    """Most batches that wait in memory for one stage."""
    due_interval_s: float = 1.0
    """How often passed deadlines are looked for in ``wall`` mode."""
    stall_timeout_s: float = 60.0
    """Lag or recovery without any progress for so long ends the process."""
    broker_timeout_s: float = 30.0
    """A broker that has not answered a heartbeat for so long ends the process."""
    shutdown_timeout_s: float = 8.0
    """A shutdown that takes longer is cut short by the process itself."""

    def __post_init__(self) -> None:
        """Reject what would only fail much later.

        Raises:
            ValueError: a value is out of its range; names it.
        """
        if not self.app_id or not self.broker:
            msg = "app_id and broker must not be empty"
            raise ValueError(msg)
        for name in ("partitions", "batch_records", "buffer_batches", "fetch_bytes"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, not {getattr(self, name)}"
                raise ValueError(msg)
        if self.session_timeout_s > self.request_timeout_s:
            msg = f"session_timeout_s must not exceed request_timeout_s ({self.request_timeout_s})"
            raise ValueError(msg)
        if self.heartbeat_interval_s * 2 > self.session_timeout_s:
            msg = f"heartbeat_interval_s ({self.heartbeat_interval_s}) must be at most half of session_timeout_s"
            raise ValueError(msg)


def changelog_topic(app_id: str, stage_name: str) -> str:
    """Name of the changelog topic of a stage; whoever creates topics asks here."""
    return f"{app_id}-{stage_name}-changelog"


def faust_settings(config: EngineConfig) -> dict[str, Any]:
    """Faust's settings for our way of using it."""
    return {
        "id": config.app_id,
        "broker": [f"kafka://{address.strip()}" for address in config.broker.split(",")],
        # Neither web server nor leader topic nor topic creation: those are done elsewhere, or not needed.
        "web_enabled": False,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "topic_partitions": config.partitions,
        "key_serializer": "raw",
        "value_serializer": "raw",
        "processing_guarantee": "at_least_once",
        "table_standby_replicas": 0,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": config.fetch_bytes,
        "broker_session_timeout": config.session_timeout_s,
        "broker_heartbeat_interval": config.heartbeat_interval_s,
        "broker_rebalance_timeout": config.rebalance_timeout_s,
        "broker_request_timeout": config.request_timeout_s,
        "broker_commit_interval": config.commit_interval_s,
        # A write that is still being retried when the session is over could land behind the new owner's writes.
        "producer_request_timeout": config.session_timeout_s,
        "producer_acks": -1,
        "producer_linger": 0,
        "producer_max_batch_size": 512 * 1024,
        # Revocation waits for the batch in flight by itself; Faust's own waiting needs its own acknowledgements.
        "stream_wait_empty": False,
        "stream_buffer_maxsize": config.buffer_batches,
        "stream_recovery_delay": 0.0,
        "worker_redirect_stdouts": False,
    }

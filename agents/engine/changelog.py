"""A Faust table without a store: it gives a stage's partitions their changelog, and feeds it back on recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faust.tables.table import Table

from agents.engine.config import changelog_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from faust.types import TP

    from agents.engine.transport import Seen

Entries = list[tuple[bytes, bytes | None]]


class ChangelogTable(Table[bytes, bytes]):
    """Lets Faust assign and replay the changelog of one stage.

    The state itself lives in the stage. Recovery always begins at the start of the changelog, because revocation
    makes the stage forget.
    """

    def __init__(
        self,
        app: Any,
        name: str,
        restore: Callable[[int, Entries], None],
        *,
        app_id: str = "",
        partitions: int | None = None,
        **kwargs: Any,
    ) -> None:
        """``restore`` takes (partition, entries) while a partition is being recovered; it must not raise."""
        topic = app.topic(
            changelog_topic(app_id, name),
            partitions=partitions,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            acks=False,
            internal=False,
            allow_empty=True,
        )
        super().__init__(
            app, name=name, key_type=bytes, value_type=bytes, partitions=partitions, changelog_topic=topic, **kwargs
        )
        self._restore = restore

    async def on_start(self) -> None:
        """Nothing to open and nothing to create: topics are made by ``agents.topics_admin``."""

    def persisted_offset(self, tp: TP) -> int | None:
        """No partition outlives its process."""
        return None

    async def need_active_standby_for(self, tp: TP) -> bool:
        """There is never local data that would make recovery superfluous."""
        return True

    def reset_state(self) -> None:
        """Nothing is kept here."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Make the recovery that follows read each changelog partition from its start.

        Faust would go on where the last recovery of a retained partition ended; the state that stood for the part
        before was dropped when the rebalance began.
        """
        recovery = self.app.tables.recovery  # type: ignore[attr-defined]
        recovery.buffers[self].clear()
        for tp in list(recovery.active_offsets):
            if tp.topic == self.changelog_topic_name:
                del recovery.active_offsets[tp]

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Nothing: the engine learns of it once all tables are done."""

    async def on_changelog_event(self, event: Any) -> None:
        """Nothing per event: entries are restored per batch."""

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Hand recovered records to the stage, in their order."""
        for event in batch:
            message: Any = event.message
            self._restore(message.partition, [(record.key, record.value) for record in message.value])


def close_trailing_hole(app: Any, handed: Mapping[TP, tuple[int, int]], seen: Mapping[TP, Seen]) -> None:
    """Let recovery end when the last offsets of a changelog partition hold no record.

    Transaction markers, and tombstones that compaction removed, leave such holes. Faust waits for a record at the
    very last offset, which will never come. A hole is certain once everything handed out has been applied and the
    consumer's position lies beyond the end.

    Args:
        app: The Faust application.
        handed: Per partition the generation and the offset after the last record handed out.
        seen: Per partition what the consumer's thread last saw.
    """
    recovery = app.tables.recovery
    generation = app.consumer_generation_id
    for tp in list(recovery.active_tps):
        # Both are offsets of records: the last one there is, and the last one applied.
        end, have = recovery.active_highwaters.get(tp), recovery.active_offsets.get(tp)
        at = seen.get(tp)
        if end is None or have is None or have >= end:
            continue
        if at is None or at.generation != generation or at.position <= end:
            continue
        batch = handed.get(tp)
        if batch is None or batch[0] != generation or have + 1 >= batch[1]:
            recovery.active_offsets[tp] = end

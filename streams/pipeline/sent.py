"""What has been sent of each entity, so that what has not changed is not sent again: safely so after a crash.

Outputs are sent before state is stored. A worker that died between the two has sent something that its stored state
knows nothing of, made of at most one batch of records behind the last one that the state includes. A successor may
cut those records into other batches, and end with what the stored state already said; had it compared with that, the
dead worker's output would stand for ever. So for the records of one batch after the last stored offset everything
touched is sent again, and only from there on is compared with what this process itself has sent.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streams.stage import MAX_BATCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streams.stage import Record

OFFSET_KEY = b"\x00offset"
"""Changelog key of the last offset that a table's state includes; no entity's key begins like it."""


class Sent:
    """Fingerprints of what was sent, by partition and entity."""

    def __init__(self) -> None:
        self._prints: dict[int, dict[str, object]] = defaultdict(dict)
        self._safe_from: dict[int, int] = {}

    def must_send_all(self, partition: int, records: Sequence[Record]) -> bool:
        """Whether a batch begins where a predecessor may have sent something that was not stored."""
        first = records[0].offset
        safe_from = self._safe_from.get(partition)
        if safe_from is None:
            safe_from = self._safe_from[partition] = first + MAX_BATCH
        return first < safe_from

    def get(self, partition: int, entity: str) -> object:
        """Fingerprint of what this process last sent of an entity, or None."""
        return self._prints[partition].get(entity)

    def update(self, partition: int, prints: Mapping[str, object]) -> None:
        """Note what was sent."""
        self._prints[partition].update(prints)

    def restore(self, partition: int, stored: bytes) -> None:
        """Note the last offset that the stored state includes."""
        self._safe_from[partition] = max(self._safe_from.get(partition, 0), int(stored) + 1 + MAX_BATCH)

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._prints.pop(partition, None)
        self._safe_from.pop(partition, None)


def offset_write(records: Sequence[Record]) -> bytes:
    """The changelog value that says up to where the state includes its source."""
    return str(records[-1].offset).encode()

"""The records of a fetch, handed to the stream a batch at a time instead of a record at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faust.transport.utils import DefaultSchedulingStrategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from faust.types import TP


class BatchRecord:
    """The records of one partition from one fetch, in the shape of a single consumer record."""

    __slots__ = ("first_offset", "offset", "partition", "timestamp", "timestamp_type", "topic", "value")
    headers = ()
    key = None
    checksum = None
    serialized_key_size = 0
    serialized_value_size = 0

    def __init__(self, records: list[Any]) -> None:
        """``records``: consumer records in offset order, at least one."""
        last = records[-1]
        self.topic: str = last.topic
        self.partition: int = last.partition
        self.first_offset: int = records[0].offset
        self.offset: int = last.offset
        self.timestamp: int = last.timestamp
        self.timestamp_type: int = last.timestamp_type
        self.value = records


def batch_scheduler(size: int) -> type[DefaultSchedulingStrategy]:
    """A scheduling strategy for Faust that hands out batches of at most ``size`` records."""

    class BatchScheduler(DefaultSchedulingStrategy):
        def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
            return super().iterate(
                {
                    tp: [BatchRecord(found[start : start + size]) for start in range(0, len(found), size)]
                    for tp, found in records.items()
                }
            )

    return BatchScheduler

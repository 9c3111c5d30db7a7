"""Produces events to a broker with kafka-python, as fast as it takes them or paced by their times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.codec import CONTENT_TYPE
from streams.topics import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from streams.events import Kind

_HEADERS = [("content-type", CONTENT_TYPE)]
_LONGEST_NAP_S = 0.2
_REPORT_EVERY = 500


class FeedError(RuntimeError):
    """Events could not be produced; the message says why."""


class Feeder:
    """A producer of events. Usable as a context manager; leaving it waits for what is on its way."""

    def __init__(self, broker: str, *, stopped: Callable[[], bool] = lambda: False) -> None:
        """Connect. ``stopped``: asked now and then; feeding ends when it says so.

        Raises:
            FeedError: the broker cannot be reached.
        """
        self._broker = broker
        self.stopped = stopped
        self._failure: BaseException | None = None
        self.sent = 0
        try:
            self._producer: Any = KafkaProducer(
                bootstrap_servers=broker.split(","),
                acks="all",
                linger_ms=20,
                batch_size=256 * 1024,
                allow_auto_create_topics=False,
                metrics_enabled=False,
                max_block_ms=15_000,
                bootstrap_timeout_ms=10_000,
                delivery_timeout_ms=60_000,
            )
        except KafkaError as error:
            raise FeedError(self._said(error)) from None

    def send(self, kind: Kind, entity: str, value: bytes) -> None:
        """Produce one event.

        Raises:
            FeedError: the broker refused this event or an earlier one, or is gone.
        """
        self.put(SOURCES[kind].name, entity.encode(), value)

    def put(self, topic: str, key: bytes, value: bytes) -> None:
        """Produce one record, whatever it holds.

        Raises:
            FeedError: the broker refused this record or an earlier one, or is gone.
        """
        if self._failure is not None:
            raise FeedError(self._said(self._failure))
        try:
            future = self._producer.send(topic, key=key, value=value, headers=_HEADERS)
        except KafkaError as error:
            raise FeedError(self._said(error)) from None
        future.add_errback(self._fail)
        self.sent += 1

    def feed(
        self,
        events: Iterable[tuple[int, Kind, str, bytes]],
        *,
        speed: float | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Produce events; returns how many.

        Args:
            events: event time (milliseconds), kind and id of the entity, encoded event; in order of time.
            speed: seconds of event time per second; None: as fast as the broker takes them.
            progress: told the number of events sent and the present event time, now and then.

        Raises:
            FeedError: the broker refused an event, or is gone.
        """
        records = ((at, SOURCES[kind].name, entity.encode(), value) for at, kind, entity, value in events)
        return self.feed_records(records, speed=speed, progress=progress)

    def feed_records(
        self,
        records: Iterable[tuple[int, str, bytes, bytes]],
        *,
        speed: float | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Produce records as :meth:`feed` does events; of each its time, topic, key and value."""
        start, began = time.monotonic(), None
        before = self.sent
        for at, topic, key, value in records:
            if speed is not None:
                began = at if began is None else began
                self._wait_until(start + (at - began) / 1000 / speed)
            if self.stopped():
                break
            self.put(topic, key, value)
            if progress is not None and (speed is not None or self.sent % _REPORT_EVERY == 0):
                progress(self.sent - before, at)
        self.flush()
        return self.sent - before

    def _wait_until(self, moment: float) -> None:
        while not self.stopped():
            left = moment - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _LONGEST_NAP_S))

    def flush(self) -> None:
        """Wait until the broker has everything.

        Raises:
            FeedError: it does not have everything.
        """
        try:
            self._producer.flush(timeout=60)
        except KafkaError as error:
            raise FeedError(self._said(error)) from None
        if self._failure is not None:
            raise FeedError(self._said(self._failure))

    def _fail(self, error: BaseException) -> None:
        self._failure = error

    def _said(self, error: BaseException) -> str:
        return f"events cannot be produced to the broker at {self._broker}: {error}"

    def close(self, timeout_s: float = 5.0) -> None:
        """Let go of the broker, waiting up to ``timeout_s`` seconds for what is on its way."""
        self._producer.close(timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After an error there is nothing to wait for: what is on its way may never arrive.
        self.close(0.0 if kind is not None else 5.0)

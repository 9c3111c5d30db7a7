"""What becomes of events on their way: they come late, twice, in another order, and among garbage."""

from __future__ import annotations

from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple

from streams.topics import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.events import Kind
    from streams.sources.simulator_world import Simulated

Flaw = Literal["", "duplicate", "invalid", "unknown_type"]


class Delivery(NamedTuple):
    """One record as it reaches a topic."""

    topic: str
    key: bytes
    value: bytes
    at: int = 0
    """When it reaches it, in milliseconds since the epoch; garbage comes with what it comes after."""
    flaw: Flaw = ""
    """What is the matter with it; an event out of order has none."""


def delivery(event: Simulated) -> Delivery:
    """An event as a record that comes at once."""
    return Delivery(SOURCES[event.kind].name, event.entity.encode(), event.encoded(), event.entry.time)


_INVALID = (
    b"",
    b"not JSON at all",
    b'["a", "list"]',
    b'{"specversion": "0.3", "type": "support.ticket.created.v1"}',
    b'{"specversion": "1.0", "type": "support.ticket.created.v1", "source": "s", "id": "1", "subject": "ticket/1"}',
    b'{"specversion": "1.0", "type": "support.ticket.created.v1", "source": "s", "id": "1", "subject": "parcel/1",'
    b' "time": "2026-05-04T09:00:00Z"}',
    b'{"specversion": "1.0", "type": "support.ticket.status_changed.v1", "source": "s", "id": "1",'
    b' "subject": "ticket/1", "time": "2026-05-04T09:00:00Z", "data": {"to": "lost"}}',
    b'{"specversion": "1.0", "type": "support.contact.queued.v1", "source": "s", "id": "1", "subject": "call/1",'
    b' "time": "2026-05-04T09:00:00", "data": {"queue": "billing"}}',
)
_UNKNOWN = (
    b'{"specversion": "1.0", "type": "support.coffee.brewed.v1", "source": "s", "id": "1", "subject": "ticket/1",'
    b' "time": "2026-05-04T09:00:00Z"}'
)
_KINDS: tuple[Kind, ...] = ("ticket", "call", "chat")


def _garbage(random: Random, at: int) -> Delivery:
    topic = SOURCES[random.choice(_KINDS)].name
    if random.random() < 0.2:
        return Delivery(topic, b"x", _UNKNOWN, at, "unknown_type")
    return Delivery(topic, b"x", random.choice(_INVALID), at, "invalid")


def disorder(
    events: Iterable[Simulated],
    seed: int,
    *,
    duplicates: float = 0.1,
    late: float = 0.05,
    garbage: float = 0.01,
    lateness_ms: int = 600_000,
) -> Iterator[Delivery]:
    """Deliver events as a bad day of the network would.

    Every event is delivered, at most ``lateness_ms`` of event time after its turn.

    Args:
        events: In event-time order.
        seed: Of the disorder.
        duplicates: Share of events that come once more.
        late: Share of events that are held up; the others only change places within two seconds.
        garbage: Unreadable records, as a share of the events.
        lateness_ms: The most that an event is held up.
    """
    random = Random(seed)  # noqa: S311 - a simulation has no secrets
    held: list[tuple[int, int, Delivery]] = []
    number = 0
    for event in events:
        time = event.entry.time
        while held and held[0][0] <= time:
            yield heappop(held)[2]
        record = delivery(event)
        delay = random.randint(0, lateness_ms if random.random() < late else min(2_000, lateness_ms))
        number += 1
        heappush(held, (time + delay, number, record._replace(at=time + delay)))
        if random.random() < duplicates:
            number += 1
            # Not before the first one, or that would be the duplicate.
            again = random.randint(delay, lateness_ms)
            heappush(held, (time + again, number, record._replace(at=time + again, flaw="duplicate")))
        if random.random() < garbage:
            yield _garbage(random, time)
    while held:
        yield heappop(held)[2]

"""A made-up contact centre as contribution sets, fed to a real :class:`KpiStage`; its randomness is seeded."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from agents.web.view import PartitionState, PolicyState
from streams.figures import cells as c
from streams.figures.contributions import Contribution, Item, Live, encode, key_of
from streams.figures.exports import EVERYTHING, Exports
from streams.figures.options import FigureOptions
from streams.pipeline.kpis import KpiStage
from streams.topics import partition_of

if TYPE_CHECKING:
    from streams.stage import TallyKey

NOW = 1_780_000_000_000
"""2026-05-28 20:26:40 UTC."""
MINUTE = 60_000
DAY = 1440 * MINUTE
QUEUES = (
    "billing", "sales", "tech-support", "returns", "vip", "onboarding",
    "shipping", "complaints", "retention", "partners", "web-shop", "field-service",
)  # fmt: skip


class FakeRecord(NamedTuple):
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def send(kpis: KpiStage, queue: str, sets: list[tuple[str, Contribution]], partitions: int = 4) -> None:
    """Send a queue's sets as the engine would: fold, then adopt."""
    partition = partition_of(queue, partitions)
    records = [FakeRecord(n, key_of(queue, entity), encode(one)) for n, (entity, one) in enumerate(sets)]
    kpis.adopt(partition, kpis.fold(partition, records, NOW))


def contact(rng: random.Random, at: int, channel: str, mean_wait: int, now: int) -> Contribution:
    """One call or chat that entered a queue at an instant."""
    priority = "normal"
    wait = int(rng.expovariate(1 / mean_wait))
    out: list[Item] = []

    def book(cell: str, when: int, value: int) -> None:
        out.append(Item(cell, channel, priority, "", when, at, value))

    book(c.OFFERED, at, 1)
    book(c.CONTACTS, at, 1)
    out.append(Item(c.ATTRIBUTABLE, channel, priority, "", at, 0, 1))
    if at + wait > now:
        book(c.STILL_WAITING, at, 1)
        return Contribution(1, at, out, [Live(c.WAITING, channel, priority, at)])
    done = at + wait
    fate = rng.random()
    if fate < 0.06:
        book(c.ABANDON_WAIT, done, wait)
        if wait <= 20_000:
            book(c.ABANDONED_IN, done, 1)
        if wait <= 5_000:
            book(c.ABANDONED_SHORT, done, 1)
    elif fate < 0.1:
        book(c.FLOW_OUT + rng.choice(("callback", "overflow")), done, 1)
    else:
        book(c.QUEUE_WAIT, done, wait)
        if wait <= 20_000:
            book(c.ANSWERED_IN, done, 1)
        _talk(rng, book, done, now)
    if rng.random() < 0.18:
        for window in ("24h", "72h", "7d"):
            out.append(Item(f"{c.RECONTACT}{window}.any", channel, priority, "", at, 0, 1))
    return Contribution(1, done, out, [])


def _talk(rng: random.Random, book: object, begun: int, now: int) -> None:
    assert callable(book)
    talk, acw = int(rng.lognormvariate(12.3, 0.6)), int(rng.expovariate(1 / 40_000))
    end = begun + talk + acw
    if end > now:
        return
    book(c.TALK, end, talk)
    book(c.ACW, end, acw)
    book(c.HANDLE, end, talk + acw)
    if rng.random() < 0.2:
        book(c.ONE_HOLD, end, talk // 5)
        book(c.HOLD, end, talk // 5)


def ticket(rng: random.Random, at: int, channel: str, now: int) -> Contribution:
    """One ticket that was created at an instant."""
    priority = "normal"
    out = [Item(c.CREATED, channel, priority, "", at, 0, 1)]

    def book(cell: str, when: int, value: int) -> None:
        out.append(Item(cell, channel, priority, "", when, 0, value))

    reply, solve = at + int(rng.lognormvariate(15.5, 1)), at + int(rng.lognormvariate(17.5, 1))
    if reply <= now:
        book(c.FIRST_REPLY, reply, reply - at)
    if solve > now:
        status = "new" if reply > now else rng.choice(("open", "open", "pending", "on_hold"))
        return Contribution(1, at, out, [Live(c.OPEN + status, channel, priority, at)])
    book(c.SOLVE, solve, 1)
    book(c.FIRST_RESOLUTION, solve, solve - at)
    book(c.FULL_RESOLUTION, solve, solve - at)
    if rng.random() < 0.08:
        book(c.REOPEN, min(solve + DAY, now), 1)
        book(c.REOPENED, min(solve + DAY, now), 1)
    return Contribution(1, solve, out, [])


def busy_centre(
    queues: tuple[str, ...] = QUEUES, contacts: int = 400, tickets: int = 60, now: int = NOW, days: float = 7.0
) -> KpiStage:
    """A stage with figures in every queue; half of the contacts are of the last two hours."""
    kpis = KpiStage()
    rng = random.Random(20_260_528)
    for number, queue in enumerate(queues):
        channel = ("voice", "chat")[number % 4 == 3]
        mean_wait = (8_000, 11_000, 14_000, 25_000)[number % 4]
        ages = [rng.uniform(0, 2 * 3_600_000 if rng.random() < 0.5 else days * DAY) for _ in range(contacts)]
        sets = [
            (f"call/{queue}-{n}", contact(rng, now - int(age), channel, mean_wait, now)) for n, age in enumerate(ages)
        ]
        sets += [
            (f"ticket/{queue}-{n}", ticket(rng, now - int(rng.uniform(0, days * DAY)), channel, now))
            for n in range(tickets)
        ]
        send(kpis, queue, sets)
    return kpis


class FakeWorker:
    """What a worker shows to the web, with a clock that stands until it is moved."""

    def __init__(self, kpis: KpiStage | None = None, now: int = NOW) -> None:
        self.kpis = kpis or KpiStage()
        self.options = FigureOptions(queue_service_level_seconds={"vip": 10.0})
        self.exports: Exports = EVERYTHING
        self.clock: Literal["wall", "event"] = "wall"
        self.time = now
        self.tally: Counter[TallyKey] = Counter()
        self.failure: str | None = None
        self.heartbeat_age = 0.1
        self.ready = True
        self.owned_partitions = frozenset(range(4))
        self.last_event: dict[str, int] = {}
        self.drained = True
        self.policies = PolicyState()
        self.allowed: dict[tuple[str, str], float] = {}
        self.explained: dict[str, dict[str, Any]] = {}

    def allowances(self) -> dict[tuple[str, str], float]:
        return self.allowed

    def explain(self, kind: str, entity: str) -> dict[str, Any] | None:
        return self.explained.get(f"{kind}/{entity}")

    def now_ms(self) -> int:
        return self.time

    def last_event_ms(self) -> dict[str, int]:
        return self.last_event

    def watermark_ms(self) -> dict[str, int]:
        return {topic: at - 1000 for topic, at in self.last_event.items()}

    def partitions(self) -> list[PartitionState]:
        return [
            PartitionState("calls", number, 10 * number, 10 * number + 5) for number in sorted(self.owned_partitions)
        ]

    def owned(self) -> frozenset[int]:
        return self.owned_partitions if self.ready else frozenset()

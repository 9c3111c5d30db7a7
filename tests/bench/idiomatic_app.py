"""Application, models, topics and tables of :mod:`tests.bench.idiomatic`."""

from __future__ import annotations

import functools
import os
import time
from collections import defaultdict
from datetime import datetime
from typing import Any

import faust
from prometheus_client import Gauge

PARTITIONS = int(os.environ.get("IDIOMATIC_PARTITIONS", "4"))

app = faust.App(
    "idiomatic",
    broker=f"kafka://{os.environ.get('IDIOMATIC_BROKER', '127.0.0.1:9092')}",
    topic_partitions=PARTITIONS,
    broker_session_timeout=6.0,
    broker_heartbeat_interval=1.5,
    store="memory://",
    worker_redirect_stdouts=False,
)


class CloudEvent(faust.Record, serializer="json"):
    type: str
    time: str
    subject: str
    data: dict[str, Any]


class Fact(faust.Record, serializer="json"):
    queue: str
    channel: str
    priority: str
    metric: str
    at: float
    value: float = 1.0


class Touch(faust.Record, serializer="json"):
    """A customer's contact began (``over`` false) or was over."""

    customer: str
    entity: str
    queue: str
    channel: str
    priority: str
    reason: str
    at: float
    over: bool


class Ticket(faust.Record, serializer="json"):
    created: float
    queue: str
    channel: str = ""
    priority: str = ""
    customer: str = ""
    reason: str = ""
    status: str = "new"
    since: float = 0.0
    clock: float = 0.0
    replied: bool = False
    solved: bool = False
    new: float = 0.0
    open: float = 0.0
    pending: float = 0.0
    on_hold: float = 0.0


class Contact(faust.Record, serializer="json"):
    began: float
    queue: str = ""
    channel: str = ""
    priority: str = ""
    customer: str = ""
    reason: str = ""
    queued: float = 0.0
    connected: float = 0.0
    held_since: float = 0.0
    held: float = 0.0
    held_in_all: float = 0.0
    waited: float = 0.0
    talk_end: float = 0.0


class Rep(faust.Record, serializer="json"):
    queue: str = ""
    channel: str = ""
    priority: str = ""
    state: str = ""
    since: float = 0.0


class Pane(faust.Record, serializer="json"):
    count: int = 0
    total: float = 0.0
    bins: dict[str, int] = {}  # noqa: RUF012 - how Faust's records declare a default


class Customer(faust.Record, serializer="json"):
    endings: list[list[Any]]


ticket_topic = app.topic("tickets", value_type=CloudEvent, key_type=bytes)
call_topic = app.topic("calls", value_type=CloudEvent, key_type=bytes)
chat_topic = app.topic("chats", value_type=CloudEvent, key_type=bytes)
rep_topic = app.topic("reps", value_type=CloudEvent, key_type=bytes)
fact_topic = app.topic("idiomatic-facts", value_type=Fact, key_type=str, partitions=PARTITIONS)
touch_topic = app.topic("idiomatic-touches", value_type=Touch, key_type=str, partitions=PARTITIONS)

ticket_table = app.Table("ticket-states", value_type=Ticket, partitions=PARTITIONS)
call_table = app.Table("call-states", value_type=Contact, partitions=PARTITIONS)
chat_table = app.Table("chat-states", value_type=Contact, partitions=PARTITIONS)
rep_table = app.Table("rep-states", value_type=Rep, partitions=PARTITIONS)
customer_table = app.Table("customer-states", value_type=Customer, partitions=PARTITIONS)
pane_table = app.Table("panes", value_type=Pane, partitions=PARTITIONS)
hopping_table = app.Table("hour", default=float, partitions=PARTITIONS).hopping(3600, 300, expires=3600)

progress = Gauge("idiomatic_progress", "How far the benchmark is.", ("what",))
done: dict[str, float] = defaultdict(float)
for what in ("events", "sent", "applied", "first", "last"):
    progress.labels(what).set_function(functools.partial(done.__getitem__, what))


def when(event: CloudEvent) -> float:
    if not done["first"]:
        done["first"] = time.monotonic()
    return datetime.fromisoformat(event.time).timestamp()


async def tell(state: Ticket | Contact | Rep, metric: str, at: float, value: float = 1.0) -> None:
    done["sent"] += 1
    queue = state.queue or "unassigned"
    await fact_topic.send(key=queue, value=Fact(queue, state.channel, state.priority, metric, at, value))


async def touch(state: Ticket | Contact, entity: str, at: float, *, over: bool) -> None:
    if state.customer:
        done["sent"] += 1
        value = Touch(state.customer, entity, state.queue, state.channel, state.priority, state.reason, at, over)
        await touch_topic.send(key=state.customer, value=value)

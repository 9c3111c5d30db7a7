"""The same job as a competent user of Faust would write it from its documentation; what we measure ourselves against.

Choices, and why they are fair:

* Events are ``faust.Record`` models, agents iterate over single events, state lives in memory tables that are written per
  event: what the documentation teaches.
* Figures by queue and by customer go through explicit second topics, which is what ``group_by`` does inside.
* Windows are one-minute panes in a plain table, one write for each fact, merged to 15m … 7d by a timer: far cheaper than
  ``.hopping()`` tables, which write every window that an event is in (set ``IDIOMATIC_HOPPING=1`` to have one of them,
  an hour in steps of five minutes, instead of the panes). Quantiles come from logarithmic bins in the panes.
* prometheus_client counters are increased per fact, gauges of windows are set by a timer every 15 seconds.
* Debug logging is off, session timeouts are short, and the number of partitions is the same as ours.

What it does not do that ours does: recognise duplicates; put late or disordered events where they belong; take back
figures after a reopen, a merge, or a contact that becomes known later; count exactly once over a crash; book by
cohort; tell waiting and open entities that nothing happens to; mature ratios (FCR, reopen within a week); reap ghosts;
reject malformed events with a reason (they stop its agent). So it does less work per event.
"""

from __future__ import annotations

import math
import os
import time
from collections import defaultdict
from datetime import datetime
from typing import Any

import faust
from prometheus_client import Counter, Gauge, start_http_server

PARTITIONS = int(os.environ.get("IDIOMATIC_PARTITIONS", "4"))
HOPPING = os.environ.get("IDIOMATIC_HOPPING") == "1"
WINDOWS = {"15m": 15, "30m": 30, "1h": 60, "1d": 1440, "7d": 10_080}
HOURS = {"24h": 24, "72h": 72, "7d": 168}
THRESHOLD_S = 20.0
SHORT_S = 5.0
LOG_GAMMA = math.log(1.01)

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


class Pane(faust.Record, serializer="json"):
    count: int = 0
    total: float = 0.0
    bins: dict[str, int] = {}  # noqa: RUF012 - how Faust's records declare a default


class Customer(faust.Record, serializer="json"):
    endings: list[list[Any]]


ticket_topic = app.topic("tickets", value_type=CloudEvent, key_type=bytes)
call_topic = app.topic("calls", value_type=CloudEvent, key_type=bytes)
chat_topic = app.topic("chats", value_type=CloudEvent, key_type=bytes)
fact_topic = app.topic("idiomatic-facts", value_type=Fact, key_type=str, partitions=PARTITIONS)
touch_topic = app.topic("idiomatic-touches", value_type=Touch, key_type=str, partitions=PARTITIONS)

ticket_table = app.Table("ticket-states", value_type=Ticket, partitions=PARTITIONS)
call_table = app.Table("call-states", value_type=Contact, partitions=PARTITIONS)
chat_table = app.Table("chat-states", value_type=Contact, partitions=PARTITIONS)
customer_table = app.Table("customer-states", value_type=Customer, partitions=PARTITIONS)
pane_table = app.Table("panes", value_type=Pane, partitions=PARTITIONS)
hopping_table = app.Table("hour", default=float, partitions=PARTITIONS).hopping(3600, 300, expires=3600)

LABELS = ("queue", "channel", "priority", "metric")
facts_total = Counter("idiomatic_facts", "Facts applied, by what they say.", LABELS)
seconds_total = Counter("idiomatic_seconds", "Sum of the facts' values.", LABELS)
window_count = Gauge("idiomatic_window_count", "Facts within a window.", (*LABELS, "window"))
window_sum = Gauge("idiomatic_window_sum", "Sum of the facts' values within a window.", (*LABELS, "window"))
window_quantile = Gauge("idiomatic_window_quantile", "Quantiles within a window.", (*LABELS, "window", "quantile"))

progress = Gauge("idiomatic_progress", "How far the benchmark is.", ("what",))
done: dict[str, float] = defaultdict(float)
for what in ("events", "sent", "applied", "first", "last"):
    progress.labels(what).set_function(lambda what=what: done[what])


def when(event: CloudEvent) -> float:
    if not done["first"]:
        done["first"] = time.monotonic()
    return datetime.fromisoformat(event.time).timestamp()


async def tell(state: Ticket | Contact, metric: str, at: float, value: float = 1.0) -> None:
    done["sent"] += 1
    queue = state.queue or "unassigned"
    await fact_topic.send(key=queue, value=Fact(queue, state.channel, state.priority, metric, at, value))


async def touch(state: Ticket | Contact, entity: str, at: float, *, over: bool) -> None:
    if state.customer:
        done["sent"] += 1
        value = Touch(state.customer, entity, state.queue, state.channel, state.priority, state.reason, at, over)
        await touch_topic.send(key=state.customer, value=value)


def learn(state: Ticket | Contact, data: dict[str, Any]) -> None:
    for name in ("queue", "channel", "priority", "customer", "reason"):
        if data.get(name):
            setattr(state, name, data[name])


# --- tickets -------------------------------------------------------------------------------------------------------


@app.agent(ticket_topic)
async def tickets(events: Any) -> None:
    async for event in events:
        at, data, entity = when(event), event.data, event.subject
        name = event.type.removeprefix("support.").removesuffix(".v1")
        ticket = ticket_table.get(entity)
        if name == "ticket.created":
            ticket = Ticket(created=at, queue=data.get("queue", ""), since=at, clock=at)
            learn(ticket, data)
            await tell(ticket, "created", at)
            await touch(ticket, entity, at, over=False)
        elif ticket is not None:
            learn(ticket, data)
            await change_ticket(ticket, name, data, at, entity)
        if ticket is not None:
            ticket_table[entity] = ticket
        done["events"] += 1


STATUS_OF = {"ticket.solved": "solved", "ticket.reopened": "open", "ticket.closed": "closed", "bot.resolved": "solved"}


async def change_ticket(ticket: Ticket, name: str, data: dict[str, Any], at: float, entity: str) -> None:
    if name == "message.sent":
        if not data.get("public", True) or data.get("automated"):
            return
        if data["author"] == "rep" and not ticket.replied:
            ticket.replied = True
            await tell(ticket, "first_reply", at, at - ticket.clock)
        elif data["author"] == "customer" and ticket.status == "pending":
            await enter(ticket, "open", at, entity)
    elif name == "bot.handoff":
        ticket.clock = at
        await tell(ticket, "bot_handoff", at, at - ticket.created)
    elif name == "ticket.status_changed":
        await enter(ticket, data["to"], at, entity)
    elif name in STATUS_OF:
        await enter(ticket, STATUS_OF[name], at, entity)
    elif name == "ticket.merged":
        await tell(ticket, "merged", at)


async def enter(ticket: Ticket, status: str, at: float, entity: str) -> None:
    before = ticket.status
    if status == before:
        return
    if before in ("new", "open", "pending", "on_hold"):
        setattr(ticket, before, getattr(ticket, before) + at - ticket.since)
    ticket.status, ticket.since = status, at
    if status == "solved":
        await tell(ticket, "solve", at)
        if not ticket.solved:
            ticket.solved = True
            await tell(ticket, "first_resolution", at, at - ticket.created)
        await tell(ticket, "full_resolution", at, at - ticket.created)
        await tell(ticket, "requester_wait", at, ticket.new + ticket.open + ticket.on_hold)
        await tell(ticket, "agent_work", at, ticket.new + ticket.open)
        if ticket.pending:
            await tell(ticket, "pending", at, ticket.pending)
        if ticket.on_hold:
            await tell(ticket, "on_hold", at, ticket.on_hold)
        await touch(ticket, entity, at, over=True)
    elif status == "closed":
        await tell(ticket, "close", at, at - ticket.created)
    elif before in ("solved", "closed"):
        await tell(ticket, "reopen", at)


# --- calls and chats -----------------------------------------------------------------------------------------------


@app.agent(call_topic)
async def calls(events: Any) -> None:
    async for event in events:
        await contact(call_table, event)


@app.agent(chat_topic)
async def chats(events: Any) -> None:
    async for event in events:
        await contact(chat_table, event)


async def contact(table: Any, event: CloudEvent) -> None:
    at, data, entity = when(event), event.data, event.subject
    name = event.type.removeprefix("support.").removesuffix(".v1").removeprefix("contact.")
    state = table.get(entity)
    if state is None:
        state = Contact(began=at)
    learn(state, data)
    if name == "queued":
        if not state.waited and not state.connected:
            await touch(state, entity, state.began, over=False)
        state.queued = at
        await tell(state, "offered", at)
    elif name == "connected" or (name == "message.sent" and state.queued and data["author"] == "rep"):
        if state.queued:
            await leave(state, "queue_wait", at)
        state.connected, state.held = at, 0.0
    elif name == "held":
        state.held_since = at
    elif name == "retrieved":
        unhold(state, at)
    elif name == "left_queue":
        await tell(state, f"flow_out.{data.get('why', 'overflow')}", at)
        state.waited += at - state.queued
        state.queued = 0.0
    elif name == "abandoned":
        await leave(state, "abandon_wait", at)
        await end(state, at, entity)
    elif name in ("ended", "transferred"):
        await end_talk(state, at)
        if name == "ended":
            await end(state, at, entity)
    elif name == "wrapup_ended" and state.talk_end:
        await tell(state, "acw", at, at - state.talk_end)
        await tell(state, "handle_acw", at, at - state.talk_end)
    table[entity] = state
    done["events"] += 1


async def leave(state: Contact, metric: str, at: float) -> None:
    wait = at - state.queued
    state.waited += wait
    state.queued = 0.0
    await tell(state, metric, at, wait)
    if wait <= THRESHOLD_S:
        await tell(state, f"{metric}.in_time", at)
    if metric == "abandon_wait" and wait <= SHORT_S:
        await tell(state, "abandoned_short", at)


def unhold(state: Contact, at: float) -> None:
    if state.held_since:
        state.held += at - state.held_since
        state.held_since = 0.0


async def end_talk(state: Contact, at: float) -> None:
    if not state.connected:
        return
    unhold(state, at)
    await tell(state, "talk", at, at - state.connected - state.held)
    await tell(state, "handle", at, at - state.connected)
    state.held_in_all += state.held
    state.connected, state.talk_end = 0.0, at


async def end(state: Contact, at: float, entity: str) -> None:
    if state.waited:
        await tell(state, "customer_wait", at, state.waited + state.held_in_all)
        if state.held_in_all:
            await tell(state, "customer_hold", at, state.held_in_all)
        await touch(state, entity, at, over=True)


# --- customers and figures -----------------------------------------------------------------------------------------


@app.agent(touch_topic)
async def customers(touches: Any) -> None:
    async for one in touches:
        known = customer_table.get(one.customer) or Customer(endings=[])
        if one.over:
            known.endings = [*known.endings[-19:], [one.at, one.reason]]
            customer_table[one.customer] = known
        else:
            for match in ("any", "reason"):
                before = [
                    at for at, reason in known.endings if at < one.at and (match == "any" or reason == one.reason)
                ]
                for window, hours in HOURS.items():
                    if before and one.at - max(before) <= hours * 3600:
                        done["sent"] += 1
                        fact = Fact(one.queue, one.channel, one.priority, f"recontact.{window}.{match}", one.at)
                        await fact_topic.send(key=one.queue, value=fact)
        applied()


@app.agent(fact_topic)
async def figures(facts: Any) -> None:
    async for fact in facts:
        labels = (fact.queue, fact.channel, fact.priority, fact.metric)
        facts_total.labels(*labels).inc()
        seconds_total.labels(*labels).inc(max(0.0, fact.value))
        if HOPPING:
            hopping_table["|".join(labels)] += fact.value
        else:
            key = f"{'|'.join(labels)}|{int(fact.at // 60)}"
            pane = pane_table.get(key) or Pane()
            number = str(math.ceil(math.log(fact.value) / LOG_GAMMA)) if fact.value > 0 else ""
            pane.count += 1
            pane.total += fact.value
            pane.bins = {**pane.bins, number: pane.bins.get(number, 0) + 1}
            pane_table[key] = pane
        applied()


def applied() -> None:
    done["applied"] += 1
    done["last"] = time.monotonic()


@app.timer(interval=15.0)
async def publish() -> None:
    """Merge the panes to windows and set the gauges."""
    panes = [(key.rsplit("|", 1), pane) for key, pane in pane_table.items()]
    present = max((int(minute) for (_, minute), _ in panes), default=0)
    merged: dict[tuple[str, str], Pane] = {}
    for (labels, minute), pane in panes:
        for window, length in WINDOWS.items():
            if present - int(minute) < length:
                into = merged.setdefault((labels, window), Pane(bins={}))
                into.count += pane.count
                into.total += pane.total
                for number, count in pane.bins.items():
                    into.bins[number] = into.bins.get(number, 0) + count
    for (labels, window), pane in merged.items():
        named = (*labels.split("|"), window)
        window_count.labels(*named).set(pane.count)
        window_sum.labels(*named).set(pane.total)
        for quantile in (0.5, 0.9, 0.95):
            window_quantile.labels(*named, quantile).set(quantile_of(pane, quantile))


def quantile_of(pane: Pane, quantile: float) -> float:
    rank = quantile * (pane.count - 1)
    seen = 0
    for number in sorted(pane.bins, key=lambda one: int(one or -10_000)):
        seen += pane.bins[number]
        if seen > rank:
            return math.exp(int(number) * LOG_GAMMA) if number else 0.0
    return 0.0


@app.task
async def serve() -> None:
    start_http_server(int(os.environ["IDIOMATIC_PORT"]), "127.0.0.1")


if __name__ == "__main__":
    app.main()

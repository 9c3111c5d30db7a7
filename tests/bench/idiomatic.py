"""The same job as a competent user of Faust would write it from its documentation; what we measure ourselves against.

Choices, and why they are fair:

* Events are ``faust.Record`` models, agents iterate over single events, state lives in memory tables that are written
  per event: what the documentation teaches.
* Figures by queue and by customer go through explicit second topics, which is what ``group_by`` does inside.
* Windows are one-minute panes in a plain table, one write for each fact, merged to 15m … 7d by a timer: far cheaper
  than ``.hopping()`` tables, which write every window that an event is in (set ``IDIOMATIC_HOPPING=1`` to have
  one of them,
  an hour in steps of five minutes, instead of the panes). Quantiles come from logarithmic bins in the panes.
* prometheus_client counters are increased per fact, gauges of windows are set by a timer every 15 seconds.
* Debug logging is off, session timeouts are short, and the number of partitions is the same as ours.

What it does not do that ours does: recognise duplicates; put late or disordered events where they belong; take back
figures after a reopen, a merge, or a contact that becomes known later; count exactly once over a crash; book by
cohort; tell waiting and open entities that nothing happens to; mature ratios (FCR, reopen within a week); reap ghosts;
split the time of reps over the minutes and join it with what they serve; reckon in business time; reject malformed
events with a reason (they stop its agent). So it does less work per event.
"""

from __future__ import annotations

import math
import os
import time
from typing import Any

from prometheus_client import Counter, Gauge, start_http_server

from tests.bench import idiomatic_states
from tests.bench.idiomatic_app import (
    Customer,
    Fact,
    Pane,
    app,
    customer_table,
    done,
    fact_topic,
    hopping_table,
    pane_table,
    touch_topic,
)

HOPPING = os.environ.get("IDIOMATIC_HOPPING") == "1"
WINDOWS = {"15m": 15, "30m": 30, "1h": 60, "1d": 1440, "7d": 10_080}
HOURS = {"24h": 24, "72h": 72, "7d": 168}
LOG_GAMMA = math.log(1.01)
AGENTS = (idiomatic_states.tickets, idiomatic_states.calls, idiomatic_states.chats, idiomatic_states.reps)
"""Registered by being imported."""

LABELS = ("queue", "channel", "priority", "metric")
facts_total = Counter("idiomatic_facts", "Facts applied, by what they say.", LABELS)
seconds_total = Counter("idiomatic_seconds", "Sum of the facts' values.", LABELS)
window_count = Gauge("idiomatic_window_count", "Facts within a window.", (*LABELS, "window"))
window_sum = Gauge("idiomatic_window_sum", "Sum of the facts' values within a window.", (*LABELS, "window"))
window_quantile = Gauge("idiomatic_window_quantile", "Quantiles within a window.", (*LABELS, "window", "quantile"))

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


@app.timer(interval=15.0)  # type: ignore[untyped-decorator]
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


@app.task  # type: ignore[untyped-decorator]
async def serve() -> None:
    start_http_server(int(os.environ["IDIOMATIC_PORT"]), "127.0.0.1")


if __name__ == "__main__":
    app.main()

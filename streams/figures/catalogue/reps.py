"""Metrics of reps: occupancy, concurrency, states, and how many are needed (SPEC 2.2)."""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.catalogue.metric import Metric

SPLIT = ("split",)

COUNTERS: tuple[Metric, ...] = (
    Metric(
        "M39",
        "reps",
        "rep_state_seconds_total",
        "counter",
        "Time of reps by the state they were in; each minute has its share, up to the present.",
        "sum of spells",
        ("state",),
        c.REP_TIME,
        SPLIT,
    ),
    Metric(
        "M38",
        "reps",
        "rep_chats_handled_total",
        "counter",
        "Chats that reps were done with, wrap-up included.",
        "count of rep segments of chats",
        (),
        c.CHATS_HANDLED,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Metric(
        "M37",
        "reps",
        "rep_occupancy_ratio",
        "gauge",
        "Time with at least one contact or its wrap-up, of that and idle time, in seconds of reps whose presence is "
        "known; ringing, not having answered and custom states are neither.",
        "busy / (busy + idle)",
        attribution=SPLIT,
    ),
    Metric(
        "M38",
        "reps",
        "chat_concurrency_ratio",
        "gauge",
        "How many chats a rep who has any has at once.",
        "sum of chat handle time / time with at least one chat",
        attribution=SPLIT,
    ),
)

LIVE: tuple[Metric, ...] = (
    Metric("M39", "reps", "reps", "gauge", "Reps by the one state that each is in now.", "count", ("state",)),
    Metric(
        "M38",
        "reps",
        "chat_concurrent_aht_seconds",
        "gauge",
        "What a chat costs of a rep's time within the window; absent where none was handled.",
        "time with at least one chat / chats handled",
        ("window", "attribution"),
        attribution=SPLIT,
    ),
    Metric(
        "M40",
        "reps",
        "required_reps",
        "gauge",
        "The fewest reps who reach the goal of service level for the load of the last half hour, by queue and channel "
        "(all priorities; that label is empty); absent where nothing was offered or handled.",
        "smallest N with SL(N) >= goal; SL = 1 - P_w * exp(-(N - A) * T / AHT), or by Erlang A",
        ("model",),
    ),
    Metric(
        "M40",
        "reps",
        "staffing_gap",
        "gauge",
        "Required reps of all channels of a queue, less those who take contacts now (channel and priority are empty); "
        "above 0: reps are missing.",
        "required - (on contact + wrapping up + ringing + available)",
        ("model",),
    ),
)

"""Metrics of what is written in chats (SPEC 2.1, M41); as contacts chats are in those of contacts."""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.catalogue.metric import DAYS, Metric

COUNTERS: tuple[Metric, ...] = (
    Metric(
        "M41",
        "chats",
        "chat_bot_contained_total",
        "counter",
        "Chats that a bot resolved without a person taking part.",
        "count of bot resolutions",
        cell=c.CHAT_BOT_CONTAINED,
    ),
)

SUMMARIES: tuple[Metric, ...] = (
    Metric(
        "M01",
        "chats",
        "chat_first_reply_seconds",
        "summary",
        "From the bot's hand-off, or the chat's beginning where there was none, to a rep's first public message. To"
        " enter a queue, or be connected, after a bot's message is a hand-off too.",
        "t(message) - t(hand-off or beginning)",
        ("clock",),
        c.CHAT_FIRST_REPLY,
    ),
    Metric(
        "M01",
        "chats",
        "chat_first_reply_felt_seconds",
        "summary",
        "The same as the customer feels it: time with a bot included.",
        "t(message) - t(beginning of the episode)",
        ("clock",),
        c.CHAT_FIRST_REPLY_FELT,
    ),
    Metric(
        "M02",
        "chats",
        "chat_next_reply_seconds",
        "summary",
        "Wait for a rep's message after the first one; no value where the end of the chat ended the wait.",
        "t(message) - t(oldest unanswered customer message)",
        ("clock",),
        c.CHAT_NEXT_REPLY,
    ),
    Metric(
        "M13",
        "chats",
        "chat_replies",
        "summary",
        "Exchanges until the end of a chat that somebody served: a rep's messages in a row are one.",
        "count of exchanges for each chat",
        (),
        c.CHAT_REPLIES,
        windows=DAYS,
    ),
    Metric(
        "M41",
        "chats",
        "chat_bot_handoff_seconds",
        "summary",
        "From the beginning of an episode to the bot's hand-off to a person.",
        "t(handoff) - t(episode)",
        ("clock",),
        c.CHAT_BOT_HANDOFF,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Metric(
        "M41",
        "chats",
        "chat_bot_containment_verified_ratio",
        "gauge",
        "Bot resolutions of chats that lasted for 7 days, of those at least 7 days old.",
        "neither gone on nor followed by a turn to people, on any channel, of a known customer / resolved by bot",
        attribution=("cohort",),
    ),
)

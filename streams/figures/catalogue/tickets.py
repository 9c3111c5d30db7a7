"""Metrics of tickets (SPEC 2.1)."""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.catalogue.metric import DAYS, Metric

COUNTERS: tuple[Metric, ...] = (
    Metric(
        "M15", "tickets", "tickets_created_total", "counter", "Tickets created.", "count of creations", cell=c.CREATED
    ),
    Metric(
        "M15",
        "tickets",
        "tickets_solved_total",
        "counter",
        "Solve events; less the reopen events it is the number of tickets now solved.",
        "count of solves",
        cell=c.SOLVE,
    ),
    Metric(
        "M15", "tickets", "tickets_closed_total", "counter", "Closings of tickets.", "count of closings", cell=c.CLOSE
    ),
    Metric("M11", "tickets", "tickets_reopened_total", "counter", "Reopen events.", "count of reopens", cell=c.REOPEN),
    Metric(
        "M15",
        "tickets",
        "tickets_merged_total",
        "counter",
        "Tickets merged into another; no solves, also where they had been solved before.",
        "count of merges",
        cell=c.MERGED,
    ),
    Metric(
        "M15",
        "tickets",
        "tickets_deleted_total",
        "counter",
        "Tickets now deleted, spam left out; no solves, also where they had been solved before.",
        "count of deletions not taken back",
        cell=c.DELETED,
    ),
    Metric(
        "M15",
        "tickets",
        "tickets_spam_total",
        "counter",
        "Tickets now marked as spam; no solves, also where they had been solved before.",
        "count of spam marks not taken back",
        cell=c.SPAM,
    ),
    Metric(
        "M16",
        "tickets",
        "tickets_opened_by_rep_total",
        "counter",
        "Tickets that reps created; proactive (outbound), deleted and spam ones left out.",
        "count of creations by reps",
        (),
        c.OPENED_BY_REP,
    ),
    Metric(
        "M17",
        "tickets",
        "ticket_escalations_total",
        "counter",
        "Escalations to a higher level than before; lateral moves are none.",
        "count of rises of level",
        ("level",),
        c.ESCALATION,
    ),
    Metric(
        "001-1",
        "tickets",
        "tickets_out_of_hours_total",
        "counter",
        "Tickets created while their first calendar was closed; absent where no ticket had a calendar.",
        "count of creations out of hours",
        cell=c.OUT_OF_HOURS,
    ),
    Metric(
        "M01",
        "tickets",
        "ticket_unknown_calendars_total",
        "counter",
        "Events that named a calendar that is not known here: the queue's counts. Absent where there was none.",
        "count of unknown names",
        cell=c.UNKNOWN_CALENDAR,
    ),
    Metric(
        "M41",
        "tickets",
        "bot_contained_total",
        "counter",
        "Conversations that a bot resolved without a human message.",
        "count of bot resolutions",
        cell=c.BOT_CONTAINED,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Metric(
        "M11",
        "tickets",
        "ticket_reopen_ratio",
        "gauge",
        "Solves that were undone within 7 days, of solves at least 7 days old.",
        "reopened within 7 d / solved",
        attribution=("cohort",),
    ),
    Metric(
        "M12",
        "tickets",
        "ticket_one_touch_ratio",
        "gauge",
        "Tickets first solved with at most one public reply and not reopened within 7 days, of those old enough.",
        "(replies <= 1 and not reopened within 7 d) / solved",
        attribution=("cohort",),
    ),
    Metric(
        "M16",
        "tickets",
        "tickets_opened_by_rep_ratio",
        "gauge",
        "Share of tickets that reps created; proactive (outbound), deleted and spam ones left out.",
        "created by reps / all",
        windows=DAYS,
    ),
    Metric(
        "M16",
        "tickets",
        "tickets_per_issue_ratio",
        "gauge",
        "Tickets created for one issue; merged, linked and split ones are of another's; the same left out.",
        "tickets / (tickets not merged into, linked to or split from another)",
        windows=DAYS,
    ),
    Metric(
        "M17",
        "tickets",
        "ticket_escalation_ratio",
        "gauge",
        "Tickets escalated until 7 days after their first solve, of those old enough.",
        "escalated / solved",
        attribution=("cohort",),
    ),
    Metric(
        "M17",
        "tickets",
        "resolved_without_escalation_ratio",
        "gauge",
        "Tickets not escalated until 7 days after their first solve, of those old enough.",
        "(solved and not escalated) / solved",
        attribution=("cohort",),
        windows=DAYS,
    ),
    Metric(
        "M41",
        "tickets",
        "bot_containment_verified_ratio",
        "gauge",
        "Bot resolutions that lasted for 7 days, of those at least 7 days old.",
        "neither reopened nor followed by a turn to people, on any channel, of a known customer / resolved by bot",
        attribution=("cohort",),
    ),
)

LIVE: tuple[Metric, ...] = (
    Metric("M14", "tickets", "tickets_open", "gauge", "Open tickets by status.", "count", ("status",)),
    Metric(
        "M14",
        "tickets",
        "ticket_oldest_open_created_timestamp_seconds",
        "gauge",
        "When the oldest open ticket was created; absent when none is open.",
        "min t(created)",
    ),
)

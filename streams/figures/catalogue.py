"""The catalogue: every metric that is published, declared once.

The exposition, the documentation (docs/metrics.md) and the tests that compare dashboards and rules with what exists
all start here. Names omit their prefix: ``support_`` for what the operation sees, ``ticketstreams_`` for the processor.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from streams.figures import cells as c

Type = Literal["counter", "gauge", "summary"]
Family = Literal["tickets", "contacts", "recontacts", "pipeline", "processor"]

GROUP_LABELS = ("queue", "channel", "priority")
PREFIXES: dict[Family, str] = {
    "tickets": "support_",
    "contacts": "support_",
    "recontacts": "support_",
    "pipeline": "support_",
    "processor": "ticketstreams_",
}


class Metric(NamedTuple):
    """One metric family."""

    id: str
    """Id in the specification."""
    family: Family
    name: str
    type: Type
    help: str
    formula: str
    labels: tuple[str, ...] = ()
    """Labels besides those of the group."""
    cell: str = ""
    """Cell it is read from, where it is one cell."""
    attribution: tuple[str, ...] = ("event",)
    windows: tuple[str, ...] = ()
    """The windows that it is published for; none named: for all."""

    @property
    def full_name(self) -> str:
        """The name with its prefix."""
        return PREFIXES[self.family] + self.name

    @property
    def windowed_name(self) -> str:
        """Name of the gauge that says a counter's increase within a window."""
        return self.full_name.removesuffix("_total")

    @property
    def of_group(self) -> bool:
        """Whether it is a figure of a queue, and carries the group's labels."""
        return self.family not in ("pipeline", "processor")


_BOTH = ("event", "cohort")
_RARE = ("1h", "1d", "all")
"""Windows of what happens too seldom for shorter ones."""
_DAYS = ("1d", "7d", "all")
"""Windows of numbers for each solved ticket: too few are solved in shorter ones to say anything."""

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
        "Tickets merged into another; no solves.",
        "count of merges",
        cell=c.MERGED,
    ),
    Metric(
        "M16",
        "tickets",
        "tickets_opened_by_rep_total",
        "counter",
        "Tickets that reps created, proactive (outbound) ones left out.",
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
        "M41",
        "tickets",
        "bot_contained_total",
        "counter",
        "Conversations that a bot resolved without a human message.",
        "count of bot resolutions",
        cell=c.BOT_CONTAINED,
    ),
    Metric(
        "M20",
        "contacts",
        "contacts_offered_total",
        "counter",
        "Entries into a queue (unit=segment), and contacts by the first queue they entered (unit=contact).",
        "count of queue entries",
        ("unit",),
        c.OFFERED,
        _BOTH,
    ),
    Metric(
        "M21",
        "contacts",
        "contacts_answered_total",
        "counter",
        "Queue entries that a rep answered.",
        "count of first connects",
        (),
        c.QUEUE_WAIT,
        _BOTH,
    ),
    Metric(
        "M21",
        "contacts",
        "contacts_handled_total",
        "counter",
        "Rep segments that ended, wrap-up included.",
        "count of rep segments",
        (),
        c.HANDLE,
        _BOTH,
    ),
    Metric(
        "M22",
        "contacts",
        "contacts_abandoned_total",
        "counter",
        "Customers who gave up in the queue; short: after at most the short-abandon threshold.",
        "count of abandonments",
        ("short",),
        c.ABANDON_WAIT,
        _BOTH,
    ),
    Metric(
        "M23",
        "contacts",
        "contacts_flow_out_total",
        "counter",
        "Left the queue unanswered and not abandoned.",
        "count of flow-outs",
        ("reason",),
        c.FLOW_OUT,
        _BOTH,
    ),
    Metric(
        "M28",
        "contacts",
        "contact_ghosts_reaped_total",
        "counter",
        "Contacts that waited beyond the maximum without any event: their end was lost.",
        "count of waits over the maximum",
        (),
        c.GHOST,
        _BOTH,
    ),
    Metric(
        "M30",
        "contacts",
        "holds_total",
        "counter",
        "Times that a customer was put on hold.",
        "count of holds",
        (),
        c.ONE_HOLD,
    ),
    Metric(
        "M29",
        "contacts",
        "callbacks_total",
        "counter",
        "Callbacks that customers requested, and what became of them; ghost: no event came for too long.",
        "requested = answered + abandoned + ghost + pending",
        ("fate",),
        c.CALLBACK,
        _BOTH,
        _RARE,
    ),
    Metric(
        "M29",
        "contacts",
        "callback_attempts_total",
        "counter",
        "Dials of callbacks after a rep accepted, by result; by cohort at the customer's original arrival.",
        "count of finished dials",
        ("result",),
        c.CALLBACK_ATTEMPT,
        _BOTH,
        _RARE,
    ),
    Metric(
        "M34",
        "contacts",
        "rep_no_answer_total",
        "counter",
        "Rings at a rep that ended unanswered; customer_abandoned=true: because the customer gave up meanwhile.",
        "count of missed rings",
        ("customer_abandoned",),
        c.REP_NO_ANSWER,
        windows=_RARE,
    ),
    Metric(
        "M35",
        "contacts",
        "transfers_total",
        "counter",
        "Contacts handed on, booked to the queue of whoever handed them on.",
        "count of transfers out",
        ("kind",),
        c.TRANSFER_OUT,
        windows=_RARE,
    ),
    Metric(
        "M35",
        "contacts",
        "transfers_in_total",
        "counter",
        "Transferred contacts that a queue or rep took over, booked to the receiving queue.",
        "count of transfers in",
        (),
        c.TRANSFER_IN,
        windows=_RARE,
    ),
    Metric(
        "M36",
        "contacts",
        "hold_disconnects_total",
        "counter",
        "Conversations that ended while the customer was on hold, by who hung up.",
        "count of ends on hold",
        ("by",),
        c.HOLD_DISCONNECT,
        windows=_RARE,
    ),
    Metric(
        "M36",
        "contacts",
        "agent_hung_up_first_total",
        "counter",
        "Conversations that the rep ended; where no cause was reported it is not taken for the rep.",
        "count of ends by the rep",
        (),
        c.REP_HUNG_UP,
        windows=_RARE,
    ),
    Metric(
        "M50",
        "recontacts",
        "recontacts_total",
        "counter",
        "Contacts whose customer had an earlier contact that was over at most a window before.",
        "0 < start - end of the nearest earlier contact <= window",
        ("window", "match"),
        c.RECONTACT,
    ),
    Metric(
        "M50",
        "recontacts",
        "recontact_retries_total",
        "counter",
        "Answered contacts that followed an abandoned one within 7 days; no re-contacts.",
        "count of retries",
        (),
        c.RETRY,
    ),
    Metric(
        "M51",
        "recontacts",
        "recontact_contacts_total",
        "counter",
        "Contacts of known customers: what re-contacts are a share of.",
        "count of attributable contacts",
        (),
        c.ATTRIBUTABLE,
    ),
    Metric(
        "M54",
        "recontacts",
        "recontact_unattributable_total",
        "counter",
        "Contacts without usable identity: in no re-contact figure.",
        "count of contacts without customer",
        ("cause",),
        c.UNATTRIBUTABLE,
    ),
    Metric(
        "M55",
        "recontacts",
        "concurrent_contacts_total",
        "counter",
        "Contacts begun while another of the customer for the same reason was still open.",
        "count of overlaps",
        (),
        c.CONCURRENT,
    ),
)
"""Exported as a counter since the first event, and as a gauge for each window under the name without ``_total``."""

SUMMARIES: tuple[Metric, ...] = (
    Metric(
        "M01",
        "tickets",
        "ticket_first_reply_seconds",
        "summary",
        "From creation to the first public reply by a human rep.",
        "t(reply) - t(created)",
        ("clock",),
        c.FIRST_REPLY,
    ),
    Metric(
        "M01",
        "tickets",
        "ticket_first_reply_felt_seconds",
        "summary",
        "The same as the customer feels it: time with a bot included.",
        "t(reply) - t(first unanswered contact)",
        ("clock",),
        c.FIRST_REPLY_FELT,
    ),
    Metric(
        "M02",
        "tickets",
        "ticket_next_reply_seconds",
        "summary",
        "Wait for a rep's public reply after the first one; no value where a solve ended the wait.",
        "t(reply) - t(oldest unanswered customer message)",
        ("clock",),
        c.NEXT_REPLY,
    ),
    Metric(
        "M41",
        "tickets",
        "bot_handoff_seconds",
        "summary",
        "From the beginning of an episode to the bot's hand-off to a person.",
        "t(handoff) - t(episode)",
        ("clock",),
        c.BOT_HANDOFF,
    ),
    Metric(
        "M03",
        "tickets",
        "ticket_requester_wait_seconds",
        "summary",
        "Time in new, open and on-hold until the last solve.",
        "sum of new + open + on_hold",
        ("clock",),
        c.REQUESTER_WAIT,
    ),
    Metric(
        "M04",
        "tickets",
        "ticket_agent_work_seconds",
        "summary",
        "Time in new and open until the last solve.",
        "sum of new + open",
        ("clock",),
        c.AGENT_WORK,
    ),
    Metric(
        "M05",
        "tickets",
        "ticket_agent_wait_seconds",
        "summary",
        "Time in pending, of tickets that were pending.",
        "sum of pending",
        ("clock",),
        c.PENDING,
    ),
    Metric(
        "M05",
        "tickets",
        "pending_with_customer_last_seconds",
        "summary",
        "Stretches in pending although the customer had spoken last: clocks stopped while a reply was owed.",
        "t(end of pending, or reply) - t(pending)",
        ("clock",),
        c.PARKED,
    ),
    Metric(
        "M06",
        "tickets",
        "ticket_on_hold_seconds",
        "summary",
        "Time on hold, of tickets that were on hold.",
        "sum of on_hold",
        ("clock",),
        c.ON_HOLD,
    ),
    Metric(
        "M07",
        "tickets",
        "ticket_first_resolution_seconds",
        "summary",
        "From creation to the first solve; never moved.",
        "t(first solve) - t(created)",
        ("clock",),
        c.FIRST_RESOLUTION,
    ),
    Metric(
        "M08",
        "tickets",
        "ticket_full_resolution_seconds",
        "summary",
        "From creation to the last solve; withdrawn while reopened.",
        "t(last solve) - t(created)",
        ("clock",),
        c.FULL_RESOLUTION,
    ),
    Metric(
        "M09",
        "tickets",
        "ticket_update_gap_seconds",
        "summary",
        "Between a rep's public reply and the next one before the solve; pausable: time in pending left out.",
        "t(reply) - t(reply before)",
        ("kind", "clock"),
        c.UPDATE_GAP,
    ),
    Metric(
        "M10",
        "tickets",
        "ticket_group_ownership_seconds",
        "summary",
        "Spell of a group, booked to that group; a return or a reopen begins another.",
        "t(other group, or solve) - t(assigned to group, or reopened)",
        ("clock",),
        c.GROUP_OWNERSHIP,
    ),
    Metric(
        "M13",
        "tickets",
        "ticket_replies",
        "summary",
        "Number of reps' public replies until the last solve; in chats, of exchanges. Withdrawn while reopened.",
        "count of public replies for each solved ticket",
        (),
        c.REPLIES,
        windows=_DAYS,
    ),
    Metric(
        "M18",
        "tickets",
        "ticket_group_stations",
        "summary",
        "Number of groups that had the ticket until the last solve: different ones, or spells.",
        "count of groups for each solved ticket",
        ("counted",),
        c.GROUPS,
        windows=_DAYS,
    ),
    Metric(
        "M18",
        "tickets",
        "ticket_assignee_stations",
        "summary",
        "Number of assignees of the ticket until the last solve: different ones, or spells.",
        "count of assignees for each solved ticket",
        ("counted",),
        c.ASSIGNEES,
        windows=_DAYS,
    ),
    Metric(
        "M15",
        "tickets",
        "ticket_close_seconds",
        "summary",
        "From creation to closing.",
        "t(closed) - t(created)",
        ("clock",),
        c.TIME_TO_CLOSE,
    ),
    Metric(
        "M24",
        "contacts",
        "queue_wait_seconds",
        "summary",
        "Wait in the queue of the answered; its mean is the ASA.",
        "t(connect) - t(enqueue)",
        (),
        c.QUEUE_WAIT,
        _BOTH,
    ),
    Metric(
        "M25",
        "contacts",
        "abandon_wait_seconds",
        "summary",
        "Wait in the queue of those who gave up.",
        "t(abandon) - t(enqueue)",
        (),
        c.ABANDON_WAIT,
        _BOTH,
    ),
    Metric(
        "M24",
        "contacts",
        "flow_seconds",
        "summary",
        "From the contact's beginning to its first queue: menus and bots, in no queue wait.",
        "t(first enqueue) - t(initiated)",
        (),
        c.FLOW_TIME,
        windows=_RARE,
    ),
    Metric(
        "M29",
        "contacts",
        "callback_dial_seconds",
        "summary",
        "Dialling of callbacks, in vain or not.",
        "t(result) - t(dial)",
        (),
        c.CALLBACK_DIAL,
        _BOTH,
        _RARE,
    ),
    Metric(
        "M29",
        "contacts",
        "callback_leg_wait_seconds",
        "summary",
        "Wait of callbacks in queues, each entry by itself: what the customer had waited before is not in it.",
        "t(accepted) - t(enqueue)",
        (),
        c.CALLBACK_QUEUE_WAIT,
        _BOTH,
        _RARE,
    ),
    Metric(
        "M29",
        "contacts",
        "callback_wait_seconds",
        "summary",
        "From the request to the customer's answer.",
        "t(answered) - t(requested)",
        (),
        c.CALLBACK_WAIT,
        _BOTH,
        _RARE,
    ),
    Metric(
        "M29",
        "contacts",
        "callback_end_to_end_wait_seconds",
        "summary",
        "From the customer's original arrival in a queue to the answer.",
        "t(answered) - t(first enqueue)",
        (),
        c.CALLBACK_END_TO_END,
        _BOTH,
        _RARE,
    ),
    Metric(
        "M34",
        "contacts",
        "ring_seconds",
        "summary",
        "Ringing at the rep who answered.",
        "t(connect) - t(offered to rep)",
        (),
        c.RING,
        windows=_RARE,
    ),
    Metric(
        "M30",
        "contacts",
        "customer_hold_seconds",
        "summary",
        "Time on hold of contacts that were held.",
        "sum of holds",
        (),
        c.HOLD,
        _BOTH,
    ),
    Metric(
        "M30",
        "contacts",
        "customer_wait_total_seconds",
        "summary",
        "All waiting of a contact, in queues and on hold.",
        "sum of queue waits and holds",
        (),
        c.CUSTOMER_WAIT,
        _BOTH,
    ),
    Metric(
        "M31",
        "contacts",
        "talk_seconds",
        "summary",
        "Conversation with a rep, holds left out.",
        "connected - holds",
        (),
        c.TALK,
        _BOTH,
    ),
    Metric(
        "M32",
        "contacts",
        "acw_seconds",
        "summary",
        "Wrap-up (after-call work).",
        "t(wrap-up end) - t(conversation end)",
        (),
        c.ACW,
        _BOTH,
    ),
    Metric(
        "M33",
        "contacts",
        "handle_seconds",
        "summary",
        "Handle time of a rep segment, booked when wrap-up ends; its mean is the AHT.",
        "talk + hold + wrap-up",
        (),
        c.HANDLE,
        _BOTH,
    ),
)
"""Distributions: sum, count and quantiles for each window, ``window="all"`` being since the first event."""

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
        "M17",
        "tickets",
        "ticket_escalation_ratio",
        "gauge",
        "Tickets escalated until 7 days after their first solve, of those old enough.",
        "escalated / solved",
        attribution=("cohort",),
    ),
    Metric(
        "M41",
        "tickets",
        "bot_containment_verified_ratio",
        "gauge",
        "Bot resolutions not reopened within 7 days, of those at least 7 days old.",
        "not reopened within 7 d / resolved by bot",
        attribution=("cohort",),
    ),
    Metric(
        "M26",
        "contacts",
        "service_level_ratio",
        "gauge",
        "Service level by formula; a wait of exactly the threshold is a hit.",
        "see label formula",
        ("formula", "threshold"),
        attribution=_BOTH,
    ),
    Metric(
        "M27",
        "contacts",
        "service_level_live_ratio",
        "gauge",
        "Service level now: who reaches the threshold unanswered counts against it at that instant, not when they end.",
        "see label formula",
        ("formula", "threshold"),
        windows=("15m", "30m"),
    ),
    Metric(
        "M29",
        "contacts",
        "callback_service_level_ratio",
        "gauge",
        "Callbacks that were reached within the threshold; policy: of each leg's wait, or of all since the arrival.",
        "reached within T / (reached + abandoned)",
        ("policy", "threshold"),
        attribution=_BOTH,
        windows=_RARE,
    ),
    Metric(
        "M22", "contacts", "abandon_ratio", "gauge", "Abandoned of offered.", "abandoned / offered", attribution=_BOTH
    ),
    Metric(
        "M52",
        "recontacts",
        "fcr_ratio",
        "gauge",
        "Resolved contacts that no other of the customer followed within the window, of those old enough to tell.",
        "1 - re-contacted / resolved",
        ("method", "within", "match"),
        attribution=("cohort",),
    ),
)
"""Each with two gauges beside it, named ``…_numerator`` and ``…_denominator`` in place of ``…_ratio``: ratios must
not be averaged."""

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
    Metric("M28", "contacts", "contacts_waiting", "gauge", "Contacts in the queue.", "count"),
    Metric("M28", "contacts", "contacts_scheduled", "gauge", "Callbacks in delay: in no queue yet.", "count"),
    Metric(
        "M29", "contacts", "callbacks_pending", "gauge", "Callbacks still to be made, by state.", "count", ("state",)
    ),
    Metric(
        "M23",
        "contacts",
        "contact_identity_gap",
        "gauge",
        "Of the contacts offered in the window, those that are nowhere: 0, or figures are wrong.",
        "offered - answered - abandoned - flow_out - ghosts - waiting",
        ("window", "attribution"),
        attribution=("cohort",),
    ),
    Metric(
        "M28",
        "contacts",
        "oldest_waiting_enqueued_timestamp_seconds",
        "gauge",
        "When the contact that waits longest entered the queue; absent when none waits.",
        "min t(enqueue)",
    ),
    Metric(
        "M30",
        "contacts",
        "longest_hold_seconds",
        "gauge",
        "Longest single hold within the window.",
        "max hold",
        ("window",),
    ),
)

PIPELINE: tuple[Metric, ...] = (
    Metric(
        "M90",
        "pipeline",
        "event_lag_seconds",
        "gauge",
        "System time less the time of the newest event taken.",
        "now - max t(event)",
        ("topic",),
    ),
    Metric(
        "M91",
        "pipeline",
        "events_total",
        "counter",
        "Events by how they were taken, by this process.",
        "count",
        ("topic", "result", "reason"),
    ),
    Metric(
        "M92",
        "pipeline",
        "last_event_timestamp_seconds",
        "gauge",
        "Time of the newest event taken.",
        "max t(event)",
        ("topic",),
    ),
    Metric(
        "M92",
        "pipeline",
        "watermark_timestamp_seconds",
        "gauge",
        "Before this time no event is expected any more.",
        "max t(event) - lateness + system time since",
        ("topic",),
    ),
    Metric(
        "M93",
        "pipeline",
        "metric_definition_info",
        "gauge",
        "Definition of each metric.",
        "1",
        ("metric", "id", "formula", "attribution"),
    ),
)

PROCESSOR: tuple[Metric, ...] = (
    Metric("", "processor", "ready", "gauge", "1 when all partitions are recovered and served.", "0 or 1"),
    Metric(
        "",
        "processor",
        "partition_owned",
        "gauge",
        "1 for every partition that this process serves.",
        "1",
        ("topic", "partition"),
    ),
    Metric(
        "",
        "processor",
        "partition_lag_records",
        "gauge",
        "Records fetched by no batch yet.",
        "end - position",
        ("topic", "partition"),
    ),
    Metric("", "processor", "clock_timestamp_seconds", "gauge", "The instant that windows reach to.", "now"),
    Metric("", "processor", "series", "gauge", "Series in this exposition.", "count"),
)

METRICS: tuple[Metric, ...] = (*COUNTERS, *SUMMARIES, *RATIOS, *LIVE, *PIPELINE, *PROCESSOR)


def exposed_names() -> frozenset[str]:
    """Every name that may appear in the exposition, with those derived from a declaration."""
    names: set[str] = set()
    for metric in METRICS:
        names.add(metric.full_name)
        if metric.type == "counter" and metric.of_group:
            names.add(metric.windowed_name)
        if metric.type == "summary":
            names.update((f"{metric.full_name}_sum", f"{metric.full_name}_count"))
        if metric.full_name.endswith("_ratio"):
            stem = metric.full_name.removesuffix("_ratio")
            names.update((f"{stem}_numerator", f"{stem}_denominator"))
    return frozenset(names)

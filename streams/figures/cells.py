"""Codes of the cells that contributions are booked to, each said once. What is published of them: the catalogue."""

from __future__ import annotations

from typing import Final

# Tickets: occurrences
CREATED: Final = "t.created"
SOLVE: Final = "t.solve"
CLOSE: Final = "t.close"
REOPEN: Final = "t.reopen"
MERGED: Final = "t.merged"
# Tickets: each ticket at most once
REOPENED: Final = "t.reopened"
SOLVES_MATURE: Final = "t.solve.mature"
REOPENS_MATURE: Final = "t.reopen.mature"
# Tickets: durations
FIRST_REPLY: Final = "t.first_reply"
FIRST_REPLY_FELT: Final = "t.first_reply_felt"
FIRST_RESOLUTION: Final = "t.first_res"
FULL_RESOLUTION: Final = "t.full_res"
TIME_TO_CLOSE: Final = "t.close_time"
REQUESTER_WAIT: Final = "t.req_wait"
AGENT_WORK: Final = "t.work"
PENDING: Final = "t.pending"
ON_HOLD: Final = "t.hold"
# Tickets: bots
BOT_HANDOFF: Final = "t.bot_handoff"
BOT_CONTAINED: Final = "t.bot"
BOT_CONTAINED_MATURE: Final = "t.bot.mature"
BOT_VERIFIED: Final = "t.bot.verified"
# Contacts: stays in a queue
OFFERED: Final = "c.offered"
CONTACTS: Final = "c.contact"
ANSWERED_IN: Final = "c.ans_in"
ABANDONED_IN: Final = "c.ab_in"
ABANDONED_SHORT: Final = "c.ab_short"
CALLBACK_IN: Final = "c.cb_in"
FLOW_OUT: Final = "c.flow."
"""Prefix: the reason follows."""
GHOST: Final = "c.ghost"
QUEUE_WAIT: Final = "c.wait"
"""Wait of the answered; its count is the number answered."""
ABANDON_WAIT: Final = "c.ab_wait"
# Contacts: reps' segments
TALK: Final = "c.talk"
ACW: Final = "c.acw"
HANDLE: Final = "c.handle"
HOLD: Final = "c.hold"
"""Hold of contacts that were held."""
ONE_HOLD: Final = "c.hold1"
CUSTOMER_WAIT: Final = "c.cust_wait"
# Customers
RECONTACT: Final = "r.re."
"""Prefix: window and match follow, as in ``r.re.24h.any``."""
RECONTACT_WINDOWS: Final[dict[str, int]] = {"24h": 86_400_000, "72h": 259_200_000, "7d": 604_800_000}
"""Re-contact window to its length in milliseconds; the limit itself is inside."""
MATCHES: Final = ("any", "reason")
"""Whether any earlier contact counts, or only one for the same reason."""
RETRY: Final = "r.retry"
CONCURRENT: Final = "r.conc"
UNATTRIBUTABLE: Final = "r.un."
"""Prefix: the cause follows."""
ATTRIBUTABLE: Final = "r.contacts"
RESOLVED_MATURE: Final = "r.res."
"""Prefix: the window follows."""
NOT_RECONTACTED: Final = "r.fcr."
"""Prefix: window and match follow."""

DURATIONS: Final = frozenset(
    {
        FIRST_REPLY,
        FIRST_REPLY_FELT,
        BOT_HANDOFF,
        FIRST_RESOLUTION,
        FULL_RESOLUTION,
        TIME_TO_CLOSE,
        REQUESTER_WAIT,
        AGENT_WORK,
        PENDING,
        ON_HOLD,
        QUEUE_WAIT,
        ABANDON_WAIT,
        TALK,
        ACW,
        HANDLE,
        HOLD,
        ONE_HOLD,
        CUSTOMER_WAIT,
    }
)
"""Cells whose values are durations and form a distribution; the others are counted."""

OPEN: Final = "open."
"""Prefix of a live state: the ticket's status follows."""
WAITING: Final = "waiting"
"""Live state of a contact in a queue."""
INCOMPLETE: Final = "incomplete"
"""Live state of a ticket whose creation has not been seen."""

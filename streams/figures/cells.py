"""Codes of the cells that contributions are booked to, each said once. What is published of them: the catalogue."""

from __future__ import annotations

from typing import Final

# Tickets: occurrences
CREATED: Final = "t.created"
SOLVE: Final = "t.solve"
CLOSE: Final = "t.close"
REOPEN: Final = "t.reopen"
MERGED: Final = "t.merged"
DELETED: Final = "t.deleted"
SPAM: Final = "t.spam"
OPENED_BY_REP: Final = "t.by_rep"
NOT_ASKED: Final = "t.not_asked"
"""Tickets that are about nothing that a customer wants: what the desk began, deleted ones, spam."""
JOINED: Final = "t.joined"
"""Of the others those that are another one's continuation, repetition or part."""
ESCALATION: Final = "t.esc."
"""Prefix: the level follows."""
# Tickets: each ticket at most once
REOPENED: Final = "t.reopened"
SOLVES_MATURE: Final = "t.solve.mature"
REOPENS_MATURE: Final = "t.reopen.mature"
SOLVED_MATURE: Final = "t.solved.mature"
ONE_TOUCH: Final = "t.one_touch"
ESCALATED: Final = "t.escalated"
# Tickets: how many there were of something until a solve
REPLIES: Final = "t.replies"
GROUPS: Final = "t.groups"
GROUP_SPELLS: Final = "t.groups.spells"
ASSIGNEES: Final = "t.assignees"
ASSIGNEE_SPELLS: Final = "t.assignees.spells"
# Tickets: durations
FIRST_REPLY: Final = "t.first_reply"
FIRST_REPLY_FELT: Final = "t.first_reply_felt"
NEXT_REPLY: Final = "t.next_reply"
UPDATE_GAP: Final = "t.gap"
UPDATE_GAP_PAUSABLE: Final = "t.gap.pausable"
GROUP_OWNERSHIP: Final = "t.owned"
PARKED: Final = "t.parked"
FIRST_RESOLUTION: Final = "t.first_res"
FULL_RESOLUTION: Final = "t.full_res"
TIME_TO_CLOSE: Final = "t.close_time"
REQUESTER_WAIT: Final = "t.req_wait"
AGENT_WORK: Final = "t.work"
PENDING: Final = "t.pending"
ON_HOLD: Final = "t.hold"
# Tickets: calendars
OUT_OF_HOURS: Final = "t.ooh"
ARRIVALS_JUDGED: Final = "t.arrived"
"""Tickets whose first queue has a calendar, be it open or closed."""
UNKNOWN_CALENDAR: Final = "t.cal_unknown"
# Tickets: bots
BOT_HANDOFF: Final = "t.bot_handoff"
BOT_CONTAINED: Final = "t.bot"
BOT_CONTAINED_MATURE: Final = "t.bot.mature"
BOT_VERIFIED: Final = "t.bot.verified"
# Chats: what was written, and bots
CHAT_FIRST_REPLY: Final = "h.first_reply"
CHAT_FIRST_REPLY_FELT: Final = "h.first_reply_felt"
CHAT_NEXT_REPLY: Final = "h.next_reply"
CHAT_REPLIES: Final = "h.replies"
CHAT_BOT_HANDOFF: Final = "h.bot_handoff"
CHAT_BOT_CONTAINED: Final = "h.bot"
CHAT_BOT_CONTAINED_MATURE: Final = "h.bot.mature"
CHAT_BOT_VERIFIED: Final = "h.bot.verified"
# Complaints, whatever they are about
COMPLAINT: Final = "k.received"
COMPLAINT_REPLY: Final = "k.reply"
COMPLAINT_RESOLUTION: Final = "k.resolution"
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
STILL_WAITING: Final = "c.waiting"
"""Booked by cohort beside the live state, so that every cohort adds up."""
THRESHOLD_PASSED: Final = "c.late"
"""The service-level threshold was reached unanswered: dated ahead, and withdrawn by what comes in time."""
FLOW_TIME: Final = "c.menu"
REP_NO_ANSWER: Final = "c.no_ans"
REP_NO_ANSWER_CUSTOMER: Final = "c.no_ans_cust"
"""Those of them that the customer ended by giving up."""
# Contacts: reps' segments
RING: Final = "c.ring"
TRANSFER_OUT: Final = "c.transfer."
"""Prefix: the kind follows."""
TRANSFER_KINDS: Final = ("blind", "consult", "queue", "external")
TRANSFER_IN: Final = "c.transferred"
HOLD_DISCONNECT: Final = "c.hold_end."
"""Prefix: who hung up follows."""
HANG_UPS: Final = ("customer", "rep", "system", "unknown")
REP_HUNG_UP: Final = "c.rep_hung_up"
TALK: Final = "c.talk"
ACW: Final = "c.acw"
HANDLE: Final = "c.handle"
HOLD: Final = "c.hold"
"""Hold of contacts that were held."""
ONE_HOLD: Final = "c.hold1"
CUSTOMER_WAIT: Final = "c.cust_wait"
CONTACTS_OUT_OF_HOURS: Final = "c.ooh"
CONTACTS_JUDGED: Final = "c.arrived"
"""Contacts whose first queue has a calendar, be it open or closed."""
# Contacts: callbacks
CALLBACK: Final = "c.cb."
"""Prefix: what became of it follows."""
CALLBACK_FATES: Final = ("requested", "answered", "abandoned", "ghost")
CALLBACK_ATTEMPT: Final = "c.cb_dial."
"""Prefix: the result follows."""
ATTEMPT_RESULTS: Final = ("answered", "failed")
CALLBACK_DIAL: Final = "c.cb_dial_time"
CALLBACK_QUEUE_WAIT: Final = "c.cb_queue"
CALLBACK_WAIT: Final = "c.cb_wait"
CALLBACK_END_TO_END: Final = "c.cb_whole"
CALLBACK_JUDGED: Final = "c.cb_judged"
CALLBACK_HIT: Final = "c.cb_hit"
# Reps
REP_TIME: Final = "p.time."
"""Prefix: the state follows, of reps whose own events say that they are there."""
REP_SEEN: Final = "p.seen."
"""Prefix: the state follows, of reps of whom only contacts tell: how long they were idle is not known."""
REP_NOW: Final = "p.now."
"""Prefix of a live state: the state follows."""
REP_BUSY_BESIDES: Final = "p.busy"
"""Time of reps with a contact or its wrap-up who are shown as having missed or rejected another one."""
REP_STATES: Final = ("missed", "rejected", "on_contact", "acw", "incoming", "unknown", "custom", "available", "offline")
"""Every rep is in one of them, the first that holds."""
CHAT_TIME: Final = "p.chat"
CHAT_WALL: Final = "p.chat.wall"
CHATS_HANDLED: Final = "p.chat.n"
# Customers
RECONTACT: Final = "r.re."
"""Prefix: window and match follow, as in ``r.re.24h.any``."""
RECONTACT_WINDOWS: Final[dict[str, int]] = {
    "24h": 86_400_000,
    "72h": 259_200_000,
    "7d": 604_800_000,
    "30d": 2_592_000_000,
}
"""Re-contact window to its length in milliseconds; the limit itself is inside."""
MATCHES: Final = ("any", "reason")
"""Whether any earlier contact counts, or only one for the same reason."""
RETRY: Final = "r.retry"
CONCURRENT: Final = "r.conc"
UNATTRIBUTABLE: Final = "r.un."
"""Prefix: the cause follows."""
UNATTRIBUTABLE_CAUSES: Final = ("anonymous", "shared_number", "no_reason")
"""The first two identify nobody; a contact without reason is its customer's, but not to be matched by reason."""
ATTRIBUTABLE: Final = "r.contacts"
OVER: Final = "r.over."
"""Prefix: the match follows; contacts that are over, booked when they were."""
RESOLVED_MATURE: Final = "r.res."
"""Prefix of this and the next three: window and match follow. Booked when the window after the end has passed; those
that say that the customer came again also, by cohort, at the end itself. This one: answered, and over."""
RETURNED: Final = "r.back."
"""Those of them that another contact followed within the window."""
GAVE_UP_MATURE: Final = "r.gave_up."
"""Over without an answer."""
GAVE_UP_RETURNED: Final = "r.gave_up_back."
"""Those of them that another one without an answer followed."""
BEYOND: Final = "r.beyond."
"""Prefix of a cell of resolved contacts: those of them whose reason the first level cannot solve."""
MORE_TOUCHES: Final = "r.more"
"""Resolved, and nobody came again within 7 days, but it took more than one touch."""
CHAIN: Final = "r.chain"
CHAIN_CALLS: Final = "r.chain.calls"
# Customers: handled contacts by how long they have been over, each at every age that it has reached
RUSH: Final = "r.rush."
"""Prefix: one of the next three follows, an age, and the kind of contact (:func:`streams.figures.mix.stratum_of`)."""
HANDLED: Final = "n"
"""How many."""
HANDLED_TIME: Final = "h"
"""Their handle time in milliseconds."""
HANDLED_AGAIN: Final = "re"
"""How many of them the customer came again after."""
AGES: Final = ("ended", "mature", "week", "fortnight")
"""Over at all, for the time within which a re-contact counts, for 7 and for 14 days."""

_BY_THE_CLOCK: Final = frozenset(
    {
        FIRST_REPLY,
        FIRST_REPLY_FELT,
        CHAT_FIRST_REPLY,
        CHAT_FIRST_REPLY_FELT,
        CHAT_NEXT_REPLY,
        CHAT_BOT_HANDOFF,
        BOT_HANDOFF,
        NEXT_REPLY,
        UPDATE_GAP,
        UPDATE_GAP_PAUSABLE,
        GROUP_OWNERSHIP,
        PARKED,
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
        FLOW_TIME,
        RING,
        CALLBACK_DIAL,
        CALLBACK_QUEUE_WAIT,
        CALLBACK_WAIT,
        CALLBACK_END_TO_END,
        COMPLAINT_REPLY,
        COMPLAINT_RESOLUTION,
    }
)
BUSINESS: Final = "/b"
"""Suffix of a ticket's or complaint's duration where it is measured in business time."""

DURATIONS: Final = _BY_THE_CLOCK | {cell + BUSINESS for cell in _BY_THE_CLOCK if cell.startswith(("t.", "k."))}
"""Cells whose values are durations and form a distribution; the others are counted."""

SPLIT: Final = frozenset(
    {
        CHAT_TIME,
        CHAT_WALL,
        REP_BUSY_BESIDES,
        *(prefix + state for prefix in (REP_TIME, REP_SEEN) for state in REP_STATES),
    }
)
"""Cells of what covers a span of time, and is booked to every minute that it touches: of their items ``cohort`` is the
beginning and ``at`` the end of the span, exclusive. They count milliseconds, ``value`` of them for each that passes."""
SPAN_STATES: Final = {prefix + state: REP_NOW + state for prefix in (REP_TIME, REP_SEEN) for state in REP_STATES}
"""Some of them to the live state that holds of the item's rep while the span lasts."""
PUNCTUAL: Final = frozenset({THRESHOLD_PASSED})
"""Cells that are dated ahead of the event that books them and count from that very instant, not from its minute."""
TALLIES: Final = frozenset(
    {CHAIN, CHAIN_CALLS, REPLIES, CHAT_REPLIES, GROUPS, GROUP_SPELLS, ASSIGNEES, ASSIGNEE_SPELLS}
)
"""Cells whose values are small numbers of something and form a distribution, with a bin for every number."""

OPEN: Final = "open."
"""Prefix of a live state: the ticket's status follows."""
WAITING: Final = "waiting"
"""Live state of a contact in a queue."""
CALLING_BACK: Final = "callback."
"""Prefix of a live state: the state of a pending callback follows."""
CALLBACK_STATES: Final = ("scheduled", "queued", "dialling")
OPEN_COMPLAINT: Final = "k.open."
"""Prefix of a live state: a number follows, by which several open complaints of one ticket or contact differ."""
INCOMPLETE: Final = "incomplete"
"""Live state of a ticket whose creation has not been seen."""

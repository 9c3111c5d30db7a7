"""Readers of the figures of tickets, of what is written in chats, and of complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.figures import cells as c
from streams.figures.panes import COHORT
from streams.figures.reading import count, distribution, out_of_hours, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.figures.panes import Cells

_TICKET_DURATIONS = {
    "first_reply_seconds": c.FIRST_REPLY,
    "first_reply_felt_seconds": c.FIRST_REPLY_FELT,
    "next_reply_seconds": c.NEXT_REPLY,
    "update_gap_periodic_seconds": c.UPDATE_GAP,
    "update_gap_pausable_seconds": c.UPDATE_GAP_PAUSABLE,
    "group_ownership_seconds": c.GROUP_OWNERSHIP,
    "pending_with_customer_last_seconds": c.PARKED,
    "bot_handoff_seconds": c.BOT_HANDOFF,
    "first_resolution_seconds": c.FIRST_RESOLUTION,
    "full_resolution_seconds": c.FULL_RESOLUTION,
    "close_seconds": c.TIME_TO_CLOSE,
    "requester_wait_seconds": c.REQUESTER_WAIT,
    "agent_work_seconds": c.AGENT_WORK,
    "pending_seconds": c.PENDING,
    "on_hold_seconds": c.ON_HOLD,
}
_TICKET_TALLIES = {
    "replies": c.REPLIES,
    "group_stations": c.GROUPS,
    "group_station_spells": c.GROUP_SPELLS,
    "assignee_stations": c.ASSIGNEES,
    "assignee_station_spells": c.ASSIGNEE_SPELLS,
}


def escalations(cells: Cells, suffix: str = "") -> dict[str, int]:
    """Escalations by the level they went to; levels without any are left out."""
    found = {
        cell.removeprefix(c.ESCALATION).removesuffix(COHORT): count(cells, cell)
        for cell in cells
        if cell.startswith(c.ESCALATION) and cell.endswith(COHORT) == bool(suffix)
    }
    return {level: number for level, number in sorted(found.items()) if number}


def per_issue(cells: Cells) -> tuple[int, int]:
    """Tickets about what customers want, and the issues that they are about."""
    asked = count(cells, c.CREATED) - count(cells, c.NOT_ASKED)
    return asked, asked - count(cells, c.JOINED)


def opened_by_rep(cells: Cells) -> tuple[int, int]:
    """Of these tickets those that reps created, and all."""
    return count(cells, c.OPENED_BY_REP), per_issue(cells)[0]


def not_escalated(cells: Cells) -> tuple[int, int]:
    """Solved tickets of some age that were not escalated, and all."""
    solved = count(cells, c.SOLVED_MATURE)
    return solved - count(cells, c.ESCALATED), solved


def tickets(cells: Cells, live: Mapping[str, int]) -> dict[str, Any] | None:
    """The ticket family, or None if there were no tickets."""
    opened = {state.removeprefix(c.OPEN): n for state, n in live.items() if state.startswith(c.OPEN) and n}
    if not (opened or any(cell.startswith("t.") and count(cells, cell) for cell in cells)):
        return None
    return {
        "created": count(cells, c.CREATED),
        "solved": count(cells, c.FIRST_RESOLUTION),
        "solve_events": count(cells, c.SOLVE),
        "closed": count(cells, c.TIME_TO_CLOSE),
        "reopened": count(cells, c.REOPENED),
        "reopen_events": count(cells, c.REOPEN),
        "merged": count(cells, c.MERGED),
        "deleted": count(cells, c.DELETED),
        "spam": count(cells, c.SPAM),
        "open": sum(opened.values()),
        "open_by_status": opened,
        "reopen_ratio": ratio(count(cells, c.REOPENS_MATURE), count(cells, c.SOLVES_MATURE)),
        "opened_by_rep": count(cells, c.OPENED_BY_REP),
        "opened_by_rep_ratio": ratio(*opened_by_rep(cells)),
        "tickets_per_issue_ratio": ratio(*per_issue(cells)),
        "escalations_by_level": escalations(cells),
        "escalation_ratio": ratio(count(cells, c.ESCALATED), count(cells, c.SOLVED_MATURE)),
        "resolved_without_escalation_ratio": ratio(*not_escalated(cells)),
        "one_touch_ratio": ratio(count(cells, c.ONE_TOUCH), count(cells, c.SOLVED_MATURE)),
        "bot_contained": count(cells, c.BOT_CONTAINED),
        "bot_containment_verified": ratio(count(cells, c.BOT_VERIFIED), count(cells, c.BOT_CONTAINED_MATURE)),
        **_by_both_clocks(cells, _TICKET_DURATIONS),
        **{name: distribution(cells, cell) for name, cell in _TICKET_TALLIES.items()},
        **out_of_hours(cells, c.OUT_OF_HOURS, c.ARRIVALS_JUDGED),
        **({"unknown_calendars": unknown} if (unknown := count(cells, c.UNKNOWN_CALENDAR)) else {}),
    }


def _by_both_clocks(cells: Cells, durations: Mapping[str, str]) -> dict[str, Any]:
    """Each duration, and beside it the same in business time where a calendar was known."""
    found = {}
    for name, cell in durations.items():
        found[name] = distribution(cells, cell)
        if count(cells, cell + c.BUSINESS):
            found[f"{name.removesuffix('_seconds')}_business_seconds"] = distribution(cells, cell + c.BUSINESS)
    return found


_CHAT_DISTRIBUTIONS = {
    "first_reply_seconds": c.CHAT_FIRST_REPLY,
    "first_reply_felt_seconds": c.CHAT_FIRST_REPLY_FELT,
    "next_reply_seconds": c.CHAT_NEXT_REPLY,
    "bot_handoff_seconds": c.CHAT_BOT_HANDOFF,
    "replies": c.CHAT_REPLIES,
}


def chats(cells: Cells) -> dict[str, Any] | None:
    """What was written in chats, or None if nothing was; as contacts they are in that family."""
    if not any(cell.startswith("h.") and count(cells, cell) for cell in cells):
        return None
    return {
        "bot_contained": count(cells, c.CHAT_BOT_CONTAINED),
        "bot_containment_verified": ratio(count(cells, c.CHAT_BOT_VERIFIED), count(cells, c.CHAT_BOT_CONTAINED_MATURE)),
        **{name: distribution(cells, cell) for name, cell in _CHAT_DISTRIBUTIONS.items()},
    }


_COMPLAINT_DURATIONS = {
    "first_reply_seconds": c.COMPLAINT_REPLY,
    "resolution_seconds": c.COMPLAINT_RESOLUTION,
}


def complaints_per_contact(cells: Cells) -> tuple[int, int]:
    """Complaints, and what customers could complain of: tickets created and contacts that entered a queue."""
    return count(cells, c.COMPLAINT), count(cells, c.CREATED) + count(cells, c.CONTACTS)


def complaints(cells: Cells, live: Mapping[str, int], *, elsewhere: bool = False) -> dict[str, Any] | None:
    """The complaint family, or None if nobody complained.

    ``elsewhere``: somebody did in the whole that this is a part of. Then its contacts are told of, so that the parts of
    the ratio add up to those of the whole.
    """
    opened = sum(number for state, number in live.items() if state.startswith(c.OPEN_COMPLAINT))
    _, contacts = complaints_per_contact(cells)
    told = opened or any(cell.startswith("k.") and count(cells, cell) for cell in cells)
    if not (told or (elsewhere and contacts)):
        return None
    return {
        "received": count(cells, c.COMPLAINT),
        "resolved": count(cells, c.COMPLAINT_RESOLUTION),
        "open": opened,
        "complaint_ratio": ratio(*complaints_per_contact(cells)),
        **_by_both_clocks(cells, _COMPLAINT_DURATIONS),
    }

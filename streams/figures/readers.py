"""Readers: from cells to the figures that people see, the same for the report, the API and the wallboard.

Durations are published in seconds, ratios with numerator and denominator. What there is no data for is left out, or
None: it is never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from streams.figures import cells as c
from streams.figures.cells import MATCHES, RECONTACT_WINDOWS
from streams.figures.panes import COHORT
from streams.figures.service_level import FORMULAS, LIVE_FORMULAS, LiveOutcomes, Outcomes
from streams.figures.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.figures.panes import Cells

Attribution = Literal["event", "cohort"]


def count(cells: Cells, cell: str) -> int:
    """What a cell has counted; of a distribution, how many values."""
    held = cells.get(cell, 0)
    return held.count if isinstance(held, Sketch) else held


def flow_outs(cells: Cells, suffix: str = "") -> dict[str, int]:
    """Flow-outs by reason; reasons without any are left out."""
    found = {}
    for cell in cells:
        if cell.startswith(c.FLOW_OUT) and cell.endswith(COHORT) == bool(suffix):
            number = count(cells, cell)
            if number:
                found[cell.removeprefix(c.FLOW_OUT).removesuffix(COHORT)] = number
    return found


def outcomes(cells: Cells, attribution: Attribution) -> Outcomes:
    """What became of the contacts in a queue."""
    suffix = COHORT if attribution == "cohort" else ""
    return Outcomes(
        count(cells, c.OFFERED + suffix),
        count(cells, c.QUEUE_WAIT + suffix),
        count(cells, c.ANSWERED_IN + suffix),
        count(cells, c.ABANDON_WAIT + suffix),
        count(cells, c.ABANDONED_IN + suffix),
        count(cells, c.ABANDONED_SHORT + suffix),
        sum(flow_outs(cells, suffix).values()),
        count(cells, c.CALLBACK_IN + suffix),
    )


def live_outcomes(cells: Cells) -> LiveOutcomes:
    """Service-level events (M27): each at its own time, and none for who waits below the threshold."""
    return LiveOutcomes(count(cells, c.ANSWERED_IN), count(cells, c.ABANDONED_IN), count(cells, c.THRESHOLD_PASSED))


def ratio(numerator: int, denominator: int) -> dict[str, float | int | None]:
    """A ratio with its parts; None over an empty denominator."""
    return {
        "numerator": numerator,
        "denominator": denominator,
        "ratio": numerator / denominator if denominator > 0 else None,
    }


def published(cell: str) -> int:
    """What a distribution's values are divided by: durations are kept in milliseconds, numbers as they are."""
    return 1 if cell in c.TALLIES else 1000


def distribution(cells: Cells, cell: str) -> dict[str, float | int | None]:
    """A distribution of durations in seconds, or of numbers of something."""
    held = cells.get(cell)
    if not isinstance(held, Sketch) or held.count <= 0:
        return {"count": 0, "sum": 0.0, "mean": None, "p50": None, "p90": None, "p95": None, "max": None}
    quantiles = held.quantiles() or [0.0, 0.0, 0.0]
    unit = published(cell)
    return {
        "count": held.count,
        "sum": held.total / unit,
        "mean": (held.mean or 0.0) / unit,
        "p50": quantiles[0] / unit,
        "p90": quantiles[1] / unit,
        "p95": quantiles[2] / unit,
        "max": (held.largest or 0.0) / unit,
    }


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
        "open": sum(opened.values()),
        "open_by_status": opened,
        "reopen_ratio": ratio(count(cells, c.REOPENS_MATURE), count(cells, c.SOLVES_MATURE)),
        "opened_by_rep": count(cells, c.OPENED_BY_REP),
        "escalations_by_level": escalations(cells),
        "escalation_ratio": ratio(count(cells, c.ESCALATED), count(cells, c.SOLVED_MATURE)),
        "one_touch_ratio": ratio(count(cells, c.ONE_TOUCH), count(cells, c.SOLVED_MATURE)),
        "bot_contained": count(cells, c.BOT_CONTAINED),
        "bot_containment_verified": ratio(count(cells, c.BOT_VERIFIED), count(cells, c.BOT_CONTAINED_MATURE)),
        **{name: distribution(cells, cell) for name, cell in (_TICKET_DURATIONS | _TICKET_TALLIES).items()},
    }


def contacts(
    cells: Cells, live: Mapping[str, int], threshold_seconds: float | None, attribution: Attribution = "cohort"
) -> dict[str, Any] | None:
    """The contact family, or None if there were no contacts in queues."""
    waiting = live.get(c.WAITING, 0)
    called_back = any(number for state, number in live.items() if state.startswith(c.CALLING_BACK))
    if not (waiting or called_back) and not any(cell.startswith("c.") and count(cells, cell) for cell in cells):
        return None
    suffix = COHORT if attribution == "cohort" else ""
    said = outcomes(cells, attribution)
    return {
        "attribution": attribution,
        "contacts": count(cells, c.CONTACTS + suffix),
        "offered": said.offered,
        "answered": said.answered,
        "handled": count(cells, c.HANDLE + suffix),
        "abandoned": said.abandoned,
        "abandoned_short": said.abandoned_short,
        "flow_out": said.flow_out,
        "flow_out_by_reason": flow_outs(cells, suffix),
        "ghosts": count(cells, c.GHOST + suffix),
        "waiting": waiting,
        "abandon_ratio": ratio(said.abandoned, said.offered),
        "queue_wait_seconds": distribution(cells, c.QUEUE_WAIT + suffix),
        "abandon_wait_seconds": distribution(cells, c.ABANDON_WAIT + suffix),
        "talk_seconds": distribution(cells, c.TALK + suffix),
        "acw_seconds": distribution(cells, c.ACW + suffix),
        "handle_seconds": distribution(cells, c.HANDLE + suffix),
        "customer_hold_seconds": distribution(cells, c.HOLD + suffix),
        "longest_hold_seconds": distribution(cells, c.ONE_HOLD + suffix)["max"],
        "holds": count(cells, c.ONE_HOLD + suffix),
        "customer_wait_total_seconds": distribution(cells, c.CUSTOMER_WAIT + suffix),
        "service_level": {
            formula: {"threshold_seconds": threshold_seconds, **ratio(*parts(said))}
            for formula, (_, parts) in FORMULAS.items()
        },
        "service_level_live": {
            formula: {"threshold_seconds": threshold_seconds, **ratio(*parts(live_outcomes(cells)))}
            for formula, (_, parts) in LIVE_FORMULAS.items()
        },
        "identity_gap": identity_gap(cells),
        "callbacks": _callbacks(cells, live, suffix),
        **_handovers(cells),
    }


def identity_gap(cells: Cells) -> int:
    """What is missing, in the cohorts, for offered = answered + abandoned + flow-outs + ghosts + waiting."""
    said = outcomes(cells, "cohort")
    known = said.answered + said.abandoned + said.flow_out
    return said.offered - known - count(cells, c.GHOST + COHORT) - count(cells, c.STILL_WAITING + COHORT)


def _handovers(cells: Cells) -> dict[str, Any]:
    """Rings, transfers and disconnects: by the time of the event, whatever the attribution."""
    missed = count(cells, c.REP_NO_ANSWER)
    transfers = {kind: count(cells, c.TRANSFER_OUT + kind) for kind in c.TRANSFER_KINDS}
    return {
        "flow_seconds": distribution(cells, c.FLOW_TIME),
        "ring_seconds": distribution(cells, c.RING),
        "rep_no_answer": missed,
        "rep_no_answer_without_customer_abandons": missed - count(cells, c.REP_NO_ANSWER_CUSTOMER),
        "transfers_out": sum(transfers.values()),
        "transfers_out_by_kind": transfers,
        "transfers_in": count(cells, c.TRANSFER_IN),
        "hold_disconnects_by": {by: count(cells, c.HOLD_DISCONNECT + by) for by in c.HANG_UPS},
        "agent_hung_up_first": count(cells, c.REP_HUNG_UP),
    }


def _callbacks(cells: Cells, live: Mapping[str, int], suffix: str) -> dict[str, Any]:
    results = {result: count(cells, c.CALLBACK_ATTEMPT + result + suffix) for result in c.ATTEMPT_RESULTS}
    return {
        **{fate: count(cells, c.CALLBACK + fate + suffix) for fate in c.CALLBACK_FATES},
        "pending_by_state": {state: live.get(c.CALLING_BACK + state, 0) for state in c.CALLBACK_STATES},
        "attempts": sum(results.values()),
        "attempts_by_result": results,
        "dial_seconds": distribution(cells, c.CALLBACK_DIAL + suffix),
        "leg_queue_wait_seconds": distribution(cells, c.CALLBACK_QUEUE_WAIT + suffix),
        "wait_seconds": distribution(cells, c.CALLBACK_WAIT + suffix),
        "end_to_end_wait_seconds": distribution(cells, c.CALLBACK_END_TO_END + suffix),
        "service_level": ratio(count(cells, c.CALLBACK_HIT + suffix), count(cells, c.CALLBACK_JUDGED + suffix)),
    }


def recontacts(cells: Cells) -> dict[str, Any] | None:
    """The re-contact family, or None if there was nothing to attribute or that could not be."""
    if not any(cell.startswith("r.") and count(cells, cell) for cell in cells):
        return None
    found: dict[str, Any] = {
        window: {match: count(cells, f"{c.RECONTACT}{window}.{match}") for match in MATCHES}
        for window in RECONTACT_WINDOWS
    }
    found["contacts"] = count(cells, c.ATTRIBUTABLE)
    found["retries"] = count(cells, c.RETRY)
    found["concurrent"] = count(cells, c.CONCURRENT)
    found["unattributable"] = sum(count(cells, cell) for cell in cells if cell.startswith(c.UNATTRIBUTABLE))
    found["fcr_no_recontact"] = {
        window: {
            match: ratio(
                count(cells, f"{c.NOT_RECONTACTED}{window}.{match}"),
                count(cells, f"{c.RESOLVED_MATURE}{window}.{match}"),
            )
            for match in MATCHES
        }
        for window in RECONTACT_WINDOWS
    }
    return found


def figures(
    cells: Cells, live: Mapping[str, int], threshold_seconds: float | None, attribution: Attribution = "cohort"
) -> dict[str, Any]:
    """All families that there is anything to say of."""
    families = {
        "tickets": tickets(cells, live),
        "contacts": contacts(cells, live, threshold_seconds, attribution),
        "recontacts": recontacts(cells),
    }
    return {name: family for name, family in families.items() if family is not None}

"""Readers: from cells to the figures that people see, the same for the report, the API and the wallboard.

Durations are published in seconds, ratios with numerator and denominator. What there is no data for is left out, or
None: it is never 0.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from streams.figures import cells as c
from streams.figures import recontacts as again
from streams.figures.cells import MATCHES, RECONTACT_WINDOWS
from streams.figures.panes import COHORT
from streams.figures.reading import count, distribution, out_of_hours, published, ratio
from streams.figures.reps import reps
from streams.figures.rushed import judge, strata_of
from streams.figures.service_level import FORMULAS, LIVE_FORMULAS, LiveOutcomes, Outcomes
from streams.figures.sla_readers import sla
from streams.figures.ticket_readers import chats, complaints, escalations, tickets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streams.figures.options import FigureOptions
    from streams.figures.panes import Cells
    from streams.figures.rushed import Judgement

__all__ = [
    "Attribution",
    "contacts",
    "count",
    "distribution",
    "escalations",
    "figures",
    "flow_outs",
    "identity_gap",
    "live_outcomes",
    "outcomes",
    "published",
    "ratio",
    "recontacts",
    "tickets",
]

Attribution = Literal["event", "cohort"]


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
        **out_of_hours(cells, c.CONTACTS_OUT_OF_HOURS + suffix, c.CONTACTS_JUDGED + suffix),
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


def recontacts(cells: Cells, options: FigureOptions | None = None) -> dict[str, Any] | None:
    """The re-contact family, or None if there was nothing to attribute or that could not be.

    Args:
        cells: of any time.
        options: tell also what only they define, and what only the cells since the first event can: the net first
            contact resolution, and whether contacts are rushed now.
    """
    if not any(cell.startswith("r.") and count(cells, cell) for cell in cells):
        return None

    def shares(reader: Callable[[Cells, str, str], again.Share]) -> dict[str, Any]:
        return {
            window: {match: ratio(*reader(cells, window, match)) for match in MATCHES} for window in RECONTACT_WINDOWS
        }

    causes = again.unattributable(cells)
    found: dict[str, Any] = {
        window: {match: count(cells, f"{c.RECONTACT}{window}.{match}") for match in MATCHES}
        for window in RECONTACT_WINDOWS
    }
    found["contacts"] = count(cells, c.ATTRIBUTABLE)
    found["retries"] = count(cells, c.RETRY)
    found["concurrent"] = count(cells, c.CONCURRENT)
    found["unattributable"] = causes["anonymous"] + causes["shared_number"]
    found["unattributable_by_cause"] = causes
    found["recontact_ratio"] = shares(again.came_again)
    found["recontact_ratio_provisional"] = shares(again.came_again_so_far)
    found["fcr_no_recontact"] = shares(again.resolved_at_once)
    found["fcr_one_touch"] = ratio(*again.resolved_in_one_touch(cells))
    found["contacts_per_resolution"] = distribution(cells, c.CHAIN)
    found["calls_per_resolution"] = distribution(cells, c.CHAIN_CALLS)
    if options is not None:
        if options.not_first_level_reasons:
            found["fcr_no_recontact_net"] = shares(partial(again.resolved_at_once, net=True))
            found["fcr_one_touch_net"] = ratio(*again.resolved_in_one_touch(cells, net=True))
        found["rushed"] = _rushed(judge(strata_of(cells), options), options)
    return found


def _rushed(judged: Judgement, options: FigureOptions) -> dict[str, Any]:
    rush, handling, returning = judged
    return {
        **{
            period: {
                **part._asdict(),
                "aht_seconds": part.mean_seconds,
                "effective_handle_seconds": part.effective_seconds,
            }
            for period, part in rush._asdict().items()
        },
        "aht_change": rush.handle_time_ratio,
        "z": rush.z,
        "same_mix": {
            "contacts": handling.now.contacts,
            "handle_seconds": handling.now.handle_seconds,
            "expected_handle_seconds": handling.expected_seconds,
            "aht_change": handling.handle_time_ratio,
            "mature_contacts": returning.now.contacts,
            "recontacts": returning.now.recontacts,
            "expected_recontacts": returning.expected_recontacts,
            "z": returning.z,
        },
        "rushed": judged.rushed(options),
    }


def figures(
    cells: Cells,
    live: Mapping[str, int],
    threshold_seconds: float | None,
    attribution: Attribution = "cohort",
    options: FigureOptions | None = None,
    *,
    whole: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All families that there is anything to say of.

    Args:
        cells: of any time.
        live: how many are in each live state now.
        threshold_seconds: of service level; None where there are several.
        attribution: by which contacts are booked.
        options: see :func:`recontacts`.
        whole: the families of what this is a part of, if it is.
    """
    families = {
        "tickets": tickets(cells, live),
        "contacts": contacts(cells, live, threshold_seconds, attribution),
        "chats": chats(cells),
        "complaints": complaints(cells, live, elsewhere=whole is not None and "complaints" in whole),
        "recontacts": recontacts(cells, options),
        "reps": reps(cells, live),
        "sla": sla(cells, live),
    }
    return {name: family for name, family in families.items() if family is not None}

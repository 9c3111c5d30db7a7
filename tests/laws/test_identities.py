"""Sums that must come out, whatever happened: contacts that entered a queue, tickets that are open, days and queues."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import given

from streams.figures import cells as c
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.ticket import fold_ticket
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.laws.histories import NAMES, Setting, options, with_duplicates, world
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from streams.events import Event

_LEAVING = frozenset({"ticket.merged", "ticket.deleted", "ticket.marked_spam"})
STAYING = Setting(names={kind: tuple(name for name in names if name not in _LEAVING) for kind, names in NAMES.items()})


def report(events: list[Event], as_of: int, chosen: FigureOptions, attribution: Any = "cohort") -> dict[str, Any]:
    collected = Report(Rules(chosen), by=("queue", "channel", "priority", "rep"), attribution=attribution)
    for event in events:
        collected.add(event)
    return collected.result(as_of)


def tag(event: Event) -> str:
    """The short name of an event's type."""
    return str(type(event.entry.data).__struct_config__.tag)


def family(figures: dict[str, Any], name: str) -> Counter[str]:
    """The counts of a family; nothing where it is absent."""
    return Counter({key: held for key, held in figures.get(name, {}).items() if isinstance(held, int)})


@given(tapes(400))
def test_everyone_offered_was_answered_abandoned_sent_on_lost_or_waits(tape: Tape) -> None:
    events, as_of = world(tape)
    chosen = options(tape)
    attribution = tape.one(("cohort", "event"))
    told = report(events, as_of, chosen, attribution)
    for figures in (told["total"], *told["by"]["queue"].values()):
        found = family(figures, "contacts")
        assert found["offered"] == sum(
            found[outcome] for outcome in ("answered", "abandoned", "flow_out", "waiting", "ghosts")
        )
        assert found["abandoned_short"] <= found["abandoned"]
        assert found["identity_gap"] == 0
        if found["offered"]:
            assert sum(figures["contacts"]["flow_out_by_reason"].values()) == found["flow_out"]


@given(tapes(400))
def test_every_callback_requested_was_answered_given_up_or_lost_or_is_still_to_be_made(tape: Tape) -> None:
    events, as_of = world(tape)
    told = report(events, as_of, options(tape))["total"].get("contacts")
    if told is not None:
        found = told["callbacks"]
        pending = sum(found["pending_by_state"].values())
        assert found["requested"] == found["answered"] + found["abandoned"] + found["ghost"] + pending


@given(tapes(400))
def test_created_less_solved_for_now_is_open(tape: Tape) -> None:
    events, as_of = world(tape, STAYING)
    found = family(report(events, as_of, FigureOptions())["total"], "tickets")
    assert found["created"] - (found["solve_events"] - found["reopen_events"]) == found["open"]
    created = {event.entity for event in events if tag(event) == "ticket.created"}
    tests = {event.entity for event in events if event.entry.data.test}
    assert len(created - tests) <= found["created"] <= len(created), "once, however often that is said"


@given(tapes(400))
def test_every_ticket_is_open_solved_merged_deleted_or_spam_and_only_one_of_them(tape: Tape) -> None:
    events, as_of = world(tape)
    found = family(report(events, as_of, FigureOptions())["total"], "tickets")
    solved = found["solve_events"] - found["reopen_events"]
    assert found["created"] == found["open"] + solved + found["merged"] + found["deleted"] + found["spam"]


@given(tapes(400))
def test_there_are_no_more_issues_than_tickets(tape: Tape) -> None:
    events, as_of = world(tape)
    found = report(events, as_of, FigureOptions())["total"].get("tickets")
    if found is not None:
        tickets, issues = (found["tickets_per_issue_ratio"][part] for part in ("numerator", "denominator"))
        assert found["created"] - found["deleted"] - found["spam"] >= tickets >= issues
        assert tickets >= found["opened_by_rep"]
        of_solved, escalated = found["resolved_without_escalation_ratio"], found["escalation_ratio"]
        assert of_solved["numerator"] + escalated["numerator"] == of_solved["denominator"] == escalated["denominator"]


@given(tapes(400))
def test_a_ticket_is_reopened_as_often_as_it_was_solved_or_once_less(tape: Tape) -> None:
    events, _ = world(tape)
    for entity in {event.entity for event in events if event.kind == "ticket"}:
        entries = [event.entry for event in events if event.kind == "ticket" and event.entity == entity]
        chosen = tape.one((True, False))
        ticket = fold_ticket(merge(EMPTY, entries).history.events, FigureOptions(closed_is_solve=chosen))
        if ticket is not None:
            assert len(ticket.solves) - len(ticket.reopens) == ticket.resolved
            assert ticket.resolved <= ticket.done
            if chosen:
                assert ticket.done == ticket.resolved
                assert len(ticket.episodes) == len(ticket.reopens) + 1
            spent = sum(spell.ended - spell.began for spell in ticket.spells)
            assert spent == ticket.since - ticket.created, "no moment is in two states, or in none"


@given(tapes(400))
def test_no_duration_is_negative(tape: Tape) -> None:
    events, as_of = world(tape)
    chosen = options(tape)
    for kind, entity in {(event.kind, event.entity) for event in events}:
        entries = [event.entry for event in events if (event.kind, event.entity) == (kind, entity)]
        for items, _ in derive(kind, entity, merge(EMPTY, entries).history, Rules(chosen), as_of).sets.values():
            for item in items:
                assert item.value >= (0 if item.cell in c.DURATIONS | c.TALLIES else 1), item


def added(parts: list[dict[str, Any]]) -> Any:
    """Counts and sums of several figures, added up."""
    total: dict[str, Any] = {}
    for part in parts:
        for name, held in part.items():
            if isinstance(held, dict):
                total.setdefault(name, []).append(held)
            elif isinstance(held, int | float) and name in ADDITIVE:
                total[name] = total.get(name, 0) + round(held * 1000)
    return {name: added(held) if isinstance(held, list) else held for name, held in total.items()}


ADDITIVE = {
    *("created", "solved", "solve_events", "closed", "reopened", "reopen_events", "merged", "open", "bot_contained"),
    *("contacts", "offered", "answered", "handled", "abandoned", "abandoned_short", "flow_out", "ghosts", "waiting"),
    *("transfers_out", "transfers_in", "rep_no_answer", "agent_hung_up_first", "requested", "attempts", "ghost"),
    *("holds", "count", "sum", "numerator", "denominator"),
    *("any", "reason", "retries", "concurrent", "unattributable"),
}


@given(tapes(400), tapes(40))
def test_the_parts_add_up_to_the_total(tape: Tape, disorder: Tape) -> None:
    events, as_of = world(tape)
    chosen = options(tape)
    told = report(with_duplicates(disorder, events), as_of, chosen)
    total = added([told["total"]])
    for dimension, values in told["by"].items():
        if dimension != "rep":  # live states have no rep
            assert added(list(values.values())) == total, dimension
    for parts in (told["by_day"], told["by"]["rep"]):
        without_live = added([*parts.values()])
        for name, figures in without_live.items():
            for key, held in figures.items():
                if key not in ("open", "open_by_status", "waiting"):
                    assert held == total[name][key], (name, key)
        assert {name for name, figures in total.items() if figures != added([{}])} >= without_live.keys()

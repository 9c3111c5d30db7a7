"""Breaches in the recorded ServiceNow log under a policy by priority, against a computation that knows no clocks.

The other computation reads the mapped events one ticket at a time and adds up minutes; it shares no code with the
folds, the tape or the machine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from agents.logs import read_log
from agents.mappings import read_mapping
from streams.figures.sla_cells import BREACH
from streams.history import EMPTY, merge
from streams.pipeline.derive import derive
from streams.pipeline.rules import Rules
from tests.support.sla import policies, policy, target
from tests.support.truth import SERVICENOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.events import Event

HOUR = 3_600_000
TARGETS = {"1 - Critical": 4, "2 - High": 8, "3 - Moderate": 72}
OTHERWISE = 120
STANDS = {"pending"}
OVER = {"solved", "closed"}


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return [mapped.event for mapped in read_log([SERVICENOW.path], read_mapping(SERVICENOW.mapping)).events]


class State(NamedTuple):
    at: int
    status: str
    priority: str


def states(entries: list[Any]) -> Iterator[State]:
    """What a ticket's status and priority were from which instant on; nothing twice at one instant."""
    distinct: dict[str, Any] = {}
    for entry in entries:
        if entry.uid not in distinct or entry.time < distinct[entry.uid].time:
            distinct[entry.uid] = entry
    ordered = sorted(distinct.values(), key=lambda entry: (entry.time, entry.sequence))
    born = next(entry for entry in ordered if type(entry.data).__name__ == "TicketCreated").time
    status, priority = "new", ""
    for at, together in groupby(ordered, key=lambda entry: max(entry.time, born)):
        for entry in together:
            name = type(entry.data).__name__
            status = (
                entry.data.to
                if name == "TicketStatusChanged"
                else {"TicketSolved": "solved", "TicketClosed": "closed", "TicketReopened": "open"}.get(name, status)
            )
            priority = priority if entry.data.priority is None else entry.data.priority
        yield State(at, status, priority)


def breaches(entries: list[Any], until: int) -> Iterator[tuple[str, int]]:
    """Priority and instant of each breach of one ticket."""
    spent, late, told = 0, False, list(states(entries))
    allowed = TARGETS.get(told[0].priority, OTHERWISE) * HOUR
    for number, now in enumerate(told):
        # While it is solved nothing is owed, so nothing is promised anew either.
        if now.status not in OVER:
            allowed = TARGETS.get(now.priority, OTHERWISE) * HOUR
            if spent < allowed:
                late = False
        runs = now.status not in STANDS | OVER
        if not late and now.status not in OVER and (spent > allowed or (runs and spent == allowed)):
            late = True
            yield now.priority, now.at
        ends = told[number + 1].at if number + 1 < len(told) else until + 1
        if runs:
            if not late and now.at + allowed - spent < ends:
                late = True
                yield now.priority, now.at + allowed - spent
            spent += ends - now.at


def test_breaches_by_priority_and_month(events: list[Event]) -> None:
    by = {name: f"{hours}h" for name, hours in TARGETS.items()}
    given = policies(policy(target("resolution", f"{OTHERWISE}h", by=by, pause_in=frozenset(STANDS))))
    entries = defaultdict(list)
    for event in events:
        entries[event.entity].append(event.entry)
    last = max(event.entry.time for event in events)
    expected: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for ticket, own in entries.items():
        expected.update((priority, month(at)) for priority, at in breaches(own, last))
        sets = derive("ticket", ticket, merge(EMPTY, own).history, Rules(policies=given), last).sets
        items = [item for booked, _ in sets.values() for item in booked if item.cell.startswith(BREACH)]
        found.update((item.priority, month(item.at)) for item in items if item.at <= last)
    assert found == expected
    assert sum(expected.values()) > 2_000
    assert {priority for priority, _ in expected} == {*TARGETS, "4 - Low"}


def month(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m")

"""The shipped mappings against recorded logs: the events must carry the figures that an independent count found.

The counting here is deliberately naive: it knows nothing of histories, contribution sets or panes.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from agents.files import open_rows
from agents.mappings import read_mapping, shipped
from agents.pseudonyms import pseudonymiser
from streams import codec
from streams.sources.mapping import Ignored, Invalid, Mapped, to_cloudevent

if TYPE_CHECKING:
    from streams.events import Entry

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LOGS = {
    "italian-helpdesk": "helpdesk_it_2010-2011.csv.gz",
    "servicenow-audit": "servicenow_incidents_2016-03.csv.gz",
    "volvo-vinst": "volvo_incidents_a.csv.gz",
    "anonymous-bank": "anonymousbank_calls_1999-02.tsv.gz",
}
DONE = ("solved", "closed")
HMAC = pseudonymiser(b"a key that tests may know")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir() and os.environ.get("CI") != "true", reason="the recorded logs are not beside the checkout"
)


@cache
def mapped(name: str) -> list[Any]:
    mapping = read_mapping(name)
    return list(mapping.events(open_rows(DATA / LOGS[name], mapping.format), HMAC))


def truth(name: str) -> Any:
    return json.loads((DATA / "truth.json").read_text())[LOGS[name]]


def histories(outcomes: list[Any]) -> dict[str, list[Entry]]:
    """Entries of each entity in order; of equal ids the earlier stands."""
    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    for outcome in outcomes:
        if isinstance(outcome, Mapped):
            entry, known = outcome.event.entry, found[outcome.event.entity]
            if entry.uid not in known or entry.time < known[entry.uid].time:
                known[entry.uid] = entry
    return {entity: sorted(known.values(), key=lambda e: e.order) for entity, known in found.items()}


def tag(entry: Entry) -> str:
    return str(entry.data.__struct_config__.tag)


def day(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).strftime("%Y-%m-%d")


class Ticket:
    """What a ticket's events say, in seconds since it was created."""

    def __init__(self, entries: list[Entry], *, closed_is_solve: bool, repeated_solves: bool) -> None:
        created = next(entry for entry in entries if tag(entry) == "ticket.created")
        self.created = created.time
        self.customer = created.data.customer
        self.solves: list[int] = []
        self.closes: list[int] = []
        self.reopens = 0
        self.pending = 0
        self.first, self.last = entries[0].data, entries[-1].data
        self.queue = self.priority = None
        self.solver: str | None = None
        state, since = "new", created.time
        for entry in entries:
            name = tag(entry)
            self.queue = entry.data.queue or self.queue
            self.priority = entry.data.priority or self.priority
            if state == "pending":
                self.pending += entry.time - since
                since = entry.time
            if name not in ("ticket.status_changed", "ticket.closed"):
                continue
            to = "closed" if name == "ticket.closed" else entry.data.to
            if to == "closed":
                self.closes.append(entry.time)
            solves = to == "solved" or (to == "closed" and closed_is_solve)
            if solves and (state not in DONE or (repeated_solves and to == "solved")):
                self.solves.append(entry.time)
                self.solver = self.solver or entry.data.rep
            self.reopens += state in DONE and to not in DONE
            state, since = to, entry.time

    def seconds(self, time: int) -> float:
        return (time - self.created) / 1000


def check_tickets(name: str, *, close: int = -1, **options: bool) -> list[Ticket]:
    outcomes, expected = mapped(name), truth(name)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    tickets = [Ticket(entries, **options) for entries in histories(outcomes).values()]
    assert len(tickets) == expected["opened"]
    assert Counter(day(t.created) for t in tickets) == expected["opened_per_day"]
    solved = [t for t in tickets if t.solves]
    assert len(solved) == expected["solved_tickets"]
    assert sum(len(t.solves) for t in tickets) == expected["solve_events"]
    assert sum(bool(t.reopens) for t in tickets) == expected["reopened_tickets"]
    assert sum(t.reopens for t in tickets) == expected["reopen_events"]
    assert sum(bool(t.closes) for t in tickets) == expected["closed_tickets"]
    for key, values in (
        ("first_resolution_s", [t.seconds(t.solves[0]) for t in solved]),
        ("full_resolution_s", [t.seconds(t.solves[-1]) for t in solved]),
        ("close_time_s", [t.seconds(t.closes[close]) for t in tickets if t.closes]),
    ):
        check_times(values, expected[key])
    assert Counter(day(t.solves[0]) for t in solved) == expected["first_solved_per_day"]
    return tickets


def check_times(values: list[float], expected: dict[str, float]) -> None:
    assert len(values) == expected["n"]
    assert round(fmean(values), 3) == expected["mean"]
    assert max(values) == expected["max"]
    assert min(values) == expected["min"]


def check_customers(tickets: list[Ticket], expected: dict[str, int]) -> None:
    times: dict[str, list[int]] = defaultdict(list)
    for ticket in tickets:
        if ticket.customer:
            times[ticket.customer].append(ticket.created)
    check_repeats(times, expected)


def check_repeats(times: dict[str, list[int]], expected: dict[str, int]) -> None:
    gaps = [b - a for starts in times.values() for a, b in zip(sorted(starts), sorted(starts)[1:], strict=False)]
    assert sum(map(len, times.values())) == expected["contacts"]
    assert len(times) == expected["customers"]
    assert sum(gap <= 86_400_000 for gap in gaps) == expected["repeat_24h"]
    assert sum(gap <= 604_800_000 for gap in gaps) == expected["repeat_7d"]


def by(tickets: list[Ticket], group: Any) -> dict[str, list[float]]:
    groups: dict[str, list[float]] = defaultdict(list)
    for ticket in tickets:
        groups[group(ticket)].append(ticket.seconds(ticket.solves[-1]))
    return groups


def check_groups(groups: dict[str, list[float]], expected: dict[str, dict[str, float]]) -> None:
    assert set(expected) <= set(groups)
    for value, figures in expected.items():
        check_times(groups[value], figures)


def test_italian_helpdesk() -> None:
    tickets = check_tickets("italian-helpdesk", close=0, closed_is_solve=False, repeated_solves=True)
    expected = truth("italian-helpdesk")
    check_times([t.pending / 1000 for t in tickets if t.pending], expected["wait_status_s_tickets_with_wait"])
    check_groups(by(tickets, lambda t: t.first.queue), expected["full_resolution_s_by_workgroup"])
    check_groups(by(tickets, lambda t: t.first.priority), expected["full_resolution_s_by_seriousness_2"])
    check_groups(by(tickets, lambda t: t.solver), expected["full_resolution_s_by_agent_top10"])
    check_customers(tickets, expected["repeat_contacts_open_to_open"])


def test_servicenow_audit() -> None:
    tickets = check_tickets("servicenow-audit", closed_is_solve=True, repeated_solves=False)
    expected = truth("servicenow-audit")
    check_times([t.pending / 1000 for t in tickets if t.pending], expected["awaiting_user_info_s"])
    check_groups(by(tickets, lambda t: t.queue), expected["full_resolution_s_by_assignment_group"])
    check_groups(by(tickets, lambda t: t.priority), expected["full_resolution_s_by_priority"])
    check_customers(tickets, expected["repeat_contacts_open_to_open"])


def test_volvo_vinst() -> None:
    tickets = check_tickets("volvo-vinst", closed_is_solve=True, repeated_solves=False)
    waits = [t.pending / 1000 for t in tickets if t.pending]
    check_times(waits, truth("volvo-vinst")["wait_user_s"])


def test_anonymous_bank() -> None:
    expected = truth("anonymous-bank")
    outcomes = mapped("anonymous-bank")
    assert sum(isinstance(outcome, Ignored) for outcome in outcomes) == expected["phantom_ignored"]
    assert not [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    calls = [{tag(entry): entry for entry in entries} for entries in histories(outcomes).values()]
    check_calls(calls, expected["total"])
    for queue, figures in expected["by_type"].items():
        check_calls([call for call in calls if call["contact.initiated"].data.queue == queue], figures)
    for date, figures in expected["by_day"].items():
        check_calls([call for call in calls if day(call["contact.initiated"].time) == date], figures)
    servers = Counter(call["contact.connected"].data.rep for call in calls if "contact.connected" in call)
    assert servers.pop(None) == expected["agent_outcome_without_server_name"]
    assert {name: servers[name] for name in expected["answered_by_server_top10"]} == expected[
        "answered_by_server_top10"
    ]
    times: dict[str, list[int]] = defaultdict(list)
    for call in calls:
        if customer := call["contact.initiated"].data.customer:
            times[customer].append(call["contact.initiated"].time)
    check_repeats(times, expected["repeat_calls_identified_customers"])
    for call in calls:
        assert call["contact.initiated"].time == min(entry.time for entry in call.values())


def check_calls(calls: list[dict[str, Entry]], expected: dict[str, Any]) -> None:
    offered = [call for call in calls if "contact.queued" in call]
    answered = [call for call in calls if "contact.connected" in call]
    abandoned = [call for call in calls if "contact.abandoned" in call]
    waits = [(call["contact.connected"].time - call["contact.queued"].time) / 1000 for call in answered]
    given_up = [(call["contact.abandoned"].time - call["contact.queued"].time) / 1000 for call in abandoned]
    handled = [(call["contact.ended"].time - call["contact.connected"].time) / 1000 for call in answered]
    assert len(calls) == expected["calls"]
    assert len(offered) == expected["offered"] == len(answered) + len(abandoned)
    assert len(answered) == expected["answered"]
    assert len(abandoned) == expected["abandoned_in_queue"]
    assert len(calls) - len(offered) == expected["hung_up_before_queue"]
    assert sum(wait <= 20 for wait in waits) == expected["answered_within_20s"]
    assert sum(wait <= 20 for wait in given_up) == expected["abandons_within_20s"]
    if answered:
        assert round(fmean(waits), 6) == expected["asa_s"]
        assert round(fmean(handled), 6) == expected["aht_s"]
    if abandoned:
        assert round(fmean(given_up), 6) == expected["mean_time_to_abandon_s"]


@pytest.mark.parametrize("name", sorted(LOGS))
def test_events_do_not_depend_on_the_order_or_repetition_of_rows(name: str) -> None:
    mapping = read_mapping(name)
    header, *rows = open_rows(DATA / LOGS[name], mapping.format)
    chance = random.Random(7)
    shuffled = rows + chance.sample(rows, len(rows) // 10)
    chance.shuffle(shuffled)

    def contents(some: list[Any]) -> set[bytes]:
        outcomes = mapping.events([header, *some], HMAC)
        return {to_cloudevent(outcome) for outcome in outcomes if isinstance(outcome, Mapped)}

    assert contents(shuffled) == contents(rows)


@pytest.mark.parametrize("name", sorted(LOGS))
def test_events_survive_the_journey_as_cloudevents(name: str) -> None:
    for outcome in mapped(name):
        if isinstance(outcome, Mapped):
            assert codec.decode(to_cloudevent(outcome)) == outcome.event


def test_every_shipped_mapping_is_tested_here() -> None:
    assert set(shipped()) == set(LOGS)

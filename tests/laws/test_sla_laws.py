"""Laws of service-level clocks, whatever happens to a ticket and whatever was promised."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given

from streams.events import ENTRY_TYPES, EVENT_TYPES
from streams.figures import sla_cells
from streams.figures.contributions import QueueSets
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.ticket import fold_ticket
from streams.sla.booking import add_clocks
from streams.sla.clocks import OPEN, Kind
from streams.sla.conditions import TICKET_METRICS
from streams.sla.model import Metric, Mode, PolicyBook, PolicySet
from streams.sla.of_entity import ticket_clocks
from streams.sla.promises import Policies
from streams.sla.tape import Tape as ClockTape
from streams.sla.transitions import transitions
from tests.laws.calendars import CALENDARS
from tests.laws.histories import HOUR, MINUTE, START
from tests.laws.promises import promised
from tests.laws.tape import Tape, tapes
from tests.support.sla import policy, target

if TYPE_CHECKING:
    from streams.events import Entry
    from streams.sla.clocks import Instance

_STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ticket.status_changed", {"to": "pending"}),
    ("ticket.status_changed", {"to": "open"}),
    ("ticket.status_changed", {"to": "on_hold"}),
    ("ticket.solved", {}),
    ("ticket.reopened", {}),
    ("message.sent", {"author": "rep"}),
    ("message.sent", {"author": "customer"}),
    ("message.sent", {"author": "rep", "public": False}),
    ("ticket.updated", {"priority": "high"}),
    ("ticket.updated", {"priority": "low"}),
    ("ticket.assigned", {"queue": "A"}),
    ("ticket.assigned", {"queue": "B"}),
    ("ticket.assigned", {"queue": ""}),
    ("ticket.requester_changed", {"customer": "ada"}),
    ("ticket.requester_changed", {"customer": "bob"}),
    ("ticket.requester_changed", {"customer": ""}),
    ("ticket.schedule_changed", {"calendar": "nights"}),
    ("ticket.deleted", {}),
    ("ticket.undeleted", {}),
    ("ticket.merged", {"into": "other"}),
    ("complaint.received", {}),
    ("complaint.received", {"complaint_id": "a"}),
    ("complaint.received", {"complaint_id": "b"}),
    ("complaint.acknowledged", {"complaint_id": "a"}),
    ("complaint.resolved", {}),
)
_PLAIN = _STEPS[:5]
_GAPS = (0, 0, MINUTE, 7 * MINUTE, 31 * MINUTE, HOUR, 2 * HOUR, 5 * HOUR, 16 * HOUR)


def life(tape: Tape, steps: tuple[tuple[str, dict[str, Any]], ...] = _STEPS) -> list[Entry]:
    """The events of one ticket, in order; all at whole minutes."""
    at = START + 9 * HOUR + tape.pick(300) * MINUTE
    entries = [_entry(at, 0, "ticket.created", {"queue": tape.one(("A", "B", None))})]
    for number in range(1, 1 + tape.pick(9)):
        at += tape.one(_GAPS)
        entries.append(_entry(at, number, *tape.one(steps)))
    return entries


def _entry(at: int, number: int, name: str, data: dict[str, Any]) -> Entry:
    made: Entry = ENTRY_TYPES["ticket"](at, number, f"law#{number}", msgspec.convert(data, EVENT_TYPES[name]))
    return made


def clocks(entries: list[Entry], given_policies: Policies) -> list[Instance]:
    tape = ClockTape("ticket/T")
    ticket = fold_ticket(merge(EMPTY, entries).history.events, FigureOptions(), tape.watch)
    assert ticket is not None
    return ticket_clocks(ticket, tape, given_policies)


def told(instances: list[Instance], until: int) -> set[tuple[object, ...]]:
    """Identity and content of all that happens before an instant."""
    return {(one.id, *one.content) for one in transitions("ticket/T", instances, until) if one.transition.at < until}


@given(tapes(80), tapes(40))
def test_order_and_duplicates_change_no_transition(tape: Tape, disorder: Tape) -> None:
    entries = life(tape)
    chosen = promised(tape, CALENDARS, always=True)
    shuffled = sorted([*entries, *entries[:3]], key=lambda _: disorder.pick(256))
    until = START + 100 * 24 * HOUR
    assert told(clocks(shuffled, chosen), until) == told(clocks(entries, chosen), until)


@given(tapes(80))
def test_what_was_told_stays_true_when_more_happens(tape: Tape) -> None:
    entries = life(tape)
    chosen = promised(tape, CALENDARS, always=True)
    cut = 1 + tape.pick(len(entries))
    if cut >= len(entries):
        return
    following = entries[cut].time
    before = clocks(entries[:cut], chosen)
    assert told(before, following) == told(clocks(entries, chosen), following)


@given(tapes(60))
def test_a_breach_comes_in_the_minute_in_which_the_last_of_the_target_passes(tape: Tape) -> None:
    entries = life(tape, _PLAIN)
    calendar = tape.one(("", "office", "nights"))
    hours = 1 + tape.pick(6)
    wanted = target("resolution", f"{hours}{'bh' if calendar else 'h'}", pause_in=frozenset({"pending"}))
    chosen = Policies(
        PolicyBook([PolicySet(effective_from=0, policies=(policy(wanted, calendar=calendar),))]), CALENDARS
    )
    found = [
        one.at
        for instance in clocks(entries, chosen)
        for one in (*instance.transitions, *instance.ahead)
        if one.kind is Kind.BREACHED
    ]
    end = entries[-1].time + 24 * HOUR
    assert [at for at in found if at <= end] == _walk(entries, calendar, hours * 60, end)


def _walk(entries: list[Entry], calendar: str, target_minutes: int, end: int) -> list[int]:
    """Go through the life minute by minute; the breach is at the end of the minute that fills the target."""
    status, done, place = "new", 0, 0
    for at in range(entries[0].time, end + 1, MINUTE):
        while place < len(entries) and entries[place].time == at:
            data = entries[place].data
            name = type(data).__name__
            status = {"TicketSolved": "solved", "TicketReopened": "open"}.get(name, getattr(data, "to", status))
            place += 1
        runs = status not in ("pending", "solved", "closed")
        # Paused or solved at the very minute of the deadline is in time.
        if done == target_minutes and runs:
            return [at]
        if runs and (not calendar or CALENDARS[calendar].is_open(at)):
            done += 1
    return []


@given(tapes(80))
def test_a_shadow_changes_nothing_that_counts(tape: Tape) -> None:
    entries = life(tape)
    chosen = promised(tape, CALENDARS, always=True)
    bare = Policies(
        PolicyBook(
            [
                msgspec.structs.replace(
                    each, policies=tuple(policy for policy in each.policies if policy.mode is not Mode.SHADOW)
                )
                for each in chosen.book.sets
            ]
        ),
        CALENDARS,
    )
    until = START + 100 * 24 * HOUR

    def counting(given_policies: Policies) -> set[tuple[object, ...]]:
        return told([each for each in clocks(entries, given_policies) if not each.shadow], until)

    assert counting(chosen) == counting(bare)


@given(tapes(80))
def test_states_that_are_counted_are_those_that_are(tape: Tape) -> None:
    entries = life(tape)
    instances = clocks(entries, promised(tape, CALENDARS, always=True))
    sets = QueueSets()
    add_clocks(sets, instances, "")
    now = entries[-1].time + tape.one(_GAPS) * 3
    counted: Counter[str] = Counter()
    for items, _ in sets.values():
        for item in items:
            if item.at <= now:
                for state, prefix in sla_cells.NOW.items():
                    counted[state] += item.value if item.cell.startswith(prefix) else 0
    truly = Counter(str(state) for each in instances if (state := each.state_at(now)) in OPEN)
    assert +counted == +truly
    deadlines = [
        (queue, one.channel, one.priority, one.state)
        for queue, (_, live) in sets.items()
        for one in live
        if one.state.startswith(sla_cells.SLA)
    ]
    assert len(set(deadlines)) == len(deadlines) == sum(each.state in OPEN for each in instances)
    due = [item for items, _ in sets.values() for item in items if item.cell.startswith(sla_cells.DUE)]
    met = [item for items, _ in sets.values() for item in items if item.cell.startswith(sla_cells.MET)]
    assert len(met) <= len(due) <= len(instances)


@given(tapes(80))
def test_every_clock_ends_as_it_must(tape: Tape) -> None:
    metric = tape.one((*TICKET_METRICS, Metric.COMPLAINT_REPLY))
    chosen = Policies(
        PolicyBook([PolicySet(effective_from=0, policies=(policy(target(metric, "2h", warn=(50, 75))),))]), CALENDARS
    )
    for instance in clocks(life(tape), chosen):
        kinds = [one.kind for one in (*instance.transitions, *instance.ahead)]
        instants = [one.at for one in (*instance.transitions, *instance.ahead)]
        assert kinds[0] is Kind.ACTIVATED
        assert instants == sorted(instants)
        # The one target is breached once at most, by what is late then; and what is fulfilled late was breached.
        assert kinds.count(Kind.BREACHED) <= 1
        late = [one.late for one in instance.transitions if one.kind is Kind.FULFILLED]
        assert not any(late) or Kind.BREACHED in kinds
        assert kinds.count(Kind.WARNED) <= 2

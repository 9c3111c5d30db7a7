"""What must hold of business time in the figures, whatever happens to a ticket and whatever hours its queues have."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given

from streams.figures import cells as c
from streams.history import EMPTY, merge
from streams.lifecycles.ticket import fold_ticket
from streams.pipeline.derive import derive
from streams.pipeline.rules import Rules
from tests.laws.calendars import CALENDARS, rules
from tests.laws.histories import ANYTHING, Setting, options, world
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.events import Event, Kind
    from streams.figures.contributions import Item
    from streams.history import History

TICKETS = Setting(
    (("ticket", "1"), ("ticket", "2")),
    {
        "ticket": (
            *["message.sent"] * 5, *["ticket.status_changed"] * 3, "ticket.solved", "ticket.reopened", "ticket.closed",
            "ticket.assigned", "ticket.schedule_changed", "bot.handoff",
        )
    },
    events=(2, 20),
)  # fmt: skip
"""Tickets that live long enough to have all their durations."""
JUDGED = frozenset({c.ARRIVALS_JUDGED, c.OUT_OF_HOURS, c.CONTACTS_JUDGED, c.CONTACTS_OUT_OF_HOURS, c.UNKNOWN_CALENDAR})


def clocks(tape: Tape) -> Rules:
    """Calendars, and nothing that is promised by them."""
    made = rules(tape)
    return Rules(made.options, made.hours)


def histories(events: list[Event]) -> Iterator[tuple[Kind, History]]:
    for kind, entity in {(event.kind, event.entity) for event in events}:
        entries = [event.entry for event in events if (event.kind, event.entity) == (kind, entity)]
        yield kind, merge(EMPTY, entries).history


def items(kind: Kind, history: History, chosen: Rules, as_of: int) -> list[tuple[str, Item]]:
    sets = derive(kind, "1", history, chosen, as_of).sets
    return [(queue, item) for queue, (found, _) in sets.items() for item in found]


def is_business(item: Item) -> bool:
    return item.cell.endswith(c.BUSINESS)


@given(tapes(300))
def test_business_time_stands_beside_the_time_by_the_clock_and_is_not_longer(tape: Tape) -> None:
    events, as_of = world(tape)
    chosen = clocks(tape)
    for kind, history in histories(events):
        found = items(kind, history, chosen, as_of)
        for (queue, before), (own_queue, item) in pairwise(found):
            if is_business(item):
                # Each stands behind what it is the twin of, booked to the same queue, labels and instant.
                assert own_queue == queue
                assert item == msgspec.structs.replace(before, cell=before.cell + c.BUSINESS, value=item.value)
                assert 0 <= item.value <= before.value
        assert not found or not is_business(found[0][1])
        without = items(kind, history, Rules(chosen.options), as_of)
        theirs = [one for one in found if is_business(one[1]) or one[1].cell in JUDGED]
        unknown = [one for one in without if one[1].cell == c.UNKNOWN_CALENDAR]
        # Otherwise calendars change nothing; and where none is known, every one that is named is unknown.
        assert Counter(found) - Counter(theirs) == Counter(without) - Counter(unknown)
        assert not [one for one in without if is_business(one[1]) or one[1].cell in JUDGED - {c.UNKNOWN_CALENDAR}]


@given(tapes(200))
def test_where_it_never_closes_both_clocks_are_one(tape: Tape) -> None:
    events, as_of = world(tape, TICKETS)
    always = {"always": CALENDARS["always"]}
    chosen = msgspec.structs.replace(
        options(tape),
        default_calendar="always",
        schedule_rule=tape.one(("as_assigned", "last", "at_creation")),
    )
    for kind, history in histories(events):
        found = items(kind, history, Rules.of(chosen, always), as_of)
        durations = [item for _, item in found if item.cell.startswith(("t.", "k.")) and item.cell in c.DURATIONS]
        by_the_clock = [item for item in durations if not is_business(item)]
        assert [item for item in durations if is_business(item)] == [
            msgspec.structs.replace(item, cell=item.cell + c.BUSINESS) for item in by_the_clock
        ]
        assert c.OUT_OF_HOURS not in {item.cell for _, item in found}


@given(tapes(200))
def test_the_business_times_of_all_spells_are_that_of_the_whole(tape: Tape) -> None:
    events, _ = world(tape, TICKETS)
    chosen = clocks(tape)
    for kind, history in histories(events):
        ticket = fold_ticket(history.events, chosen.options) if kind == "ticket" else None
        schedule = None if ticket is None else chosen.hours.schedule(ticket.placements)
        if ticket is None or schedule is None or not ticket.spells:
            continue
        spells = [spell[1:] for spell in ticket.spells if spell.began < spell.ended]
        at = ticket.spells[-1].ended
        assert sum(end - start for start, end in spells) == at - ticket.created
        assert schedule.business(spells, at) == schedule.business([(ticket.created, at)], at)


def test_the_worlds_have_business_time_in_them() -> None:
    """Lest the laws above hold of nothing."""
    found: set[str] = set()
    for seed in range(400):
        tape = Tape(Random(seed).randbytes(300))
        events, as_of = world(tape, TICKETS if seed % 2 else ANYTHING)
        chosen = clocks(tape)
        for kind, history in histories(events):
            found |= {item.cell for _, item in items(kind, history, chosen, as_of)}
    assert {cell for cell in c.DURATIONS if cell.endswith(c.BUSINESS)} - found == set()
    assert found >= JUDGED

"""Many deadlines at one instant: taken in slices, between which events have their turn, and none of them lost."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from streams.codec import decode
from streams.history import EMPTY, merge
from streams.pipeline.derive import ahead, derive
from streams.pipeline.rules import Rules
from streams.sources.simulator import delivery, simulate
from tests.support.sla import policies, policy, target
from tests.support.timeline import Timeline
from tests.unit.test_clock_news import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.events import Event, Kind
    from streams.history import History
    from streams.sla.clocks import Instance

START = 1_777_852_800_000  # a Monday
TICKETS = 170
HOUR_LATE = policies(policy(target("first_reply", "1h", warn=())))
AT_ONCE_MOST = 50
"""What the event loop does in one piece."""
SLICES = -(-TICKETS // AT_ONCE_MOST)


def tickets(*, spread: bool) -> list[Event]:
    told = Timeline()
    for number in range(TICKETS):
        at = f"10:{number // 60:02}:{number % 60:02}" if spread else "10:00"
        told.add(f"ticket/{number}", at, "ticket.created", channel="email")
    return told.events


def breached(sent: list[dict[str, Any]]) -> Counter[str]:
    return Counter(each["subject"] for each in sent if each["data"]["transition"] == "breached")


EVERY = Counter({f"ticket/{number}": 1 for number in range(TICKETS)})


def waiting(*, spread: bool = False) -> Worker:
    worker = Worker(HOUR_LATE)
    worker.take(*tickets(spread=spread), now="10:03")
    # The policies are new, so all clocks are gone through once.
    assert not any(worker.tick("10:04") for _ in range(SLICES))
    return worker


def test_all_are_told_once_and_no_slice_is_longer_than_events_may_wait() -> None:
    worker, slices = waiting(), []
    while new := worker.tick("11:00"):
        slices.append(len(new))
    assert len(slices) == SLICES
    assert max(slices) <= AT_ONCE_MOST
    assert breached(worker.sent) == EVERY
    assert worker.tick("12:00") == []


@pytest.mark.parametrize("spread", [False, True], ids=["one instant", "many instants"])
@pytest.mark.parametrize("lose_state", [False, True], ids=["stored", "not stored"])
def test_who_takes_over_between_two_slices_tells_the_others(lose_state: bool, spread: bool) -> None:
    worker = waiting(spread=spread)
    first = breached(worker.tick("11:05", lose_state=lose_state))
    assert 0 < len(first) < TICKETS
    worker.start()
    # Also slices in which there is nothing to tell: deadlines that had passed before are looked at once more.
    for _ in range(SLICES + 1):
        worker.tick("11:30")
    # Up to where all is told is stored as an instant: what was not stored, and the told part of an instant that was
    # not finished, is sent again under the identity that it had.
    again = breached(worker.sent) - EVERY
    assert again == (first if lose_state or not spread else Counter())
    assert len({each["id"] for each in worker.sent if each["data"]["transition"] == "breached"}) == TICKETS


def test_an_event_between_two_slices_is_taken_and_spoils_nothing() -> None:
    worker = waiting()
    first = breached(worker.tick("11:00"))
    (answered,) = islice((each for each in EVERY if each not in first), 1)
    reply = Timeline()
    reply.add(answered, "10:59", "message.sent", uid="reply", author="rep")
    told = worker.take(*reply.events, now="11:00")
    assert [(each["subject"], each["data"]["transition"]) for each in told] == [(answered, "fulfilled")]
    for _ in range(SLICES):
        worker.tick("11:00")
    assert breached(worker.sent) == EVERY - Counter([answered])


def histories() -> Iterator[tuple[Kind, History]]:
    """What was known of many entities at one time or another."""
    known: dict[tuple[Kind, str], History] = {}
    for one in islice(simulate(1, START, 1 << 60), 1500):
        event = decode(delivery(one).value, ())
        key = event.kind, event.entity
        known[key] = merge(known.get(key, EMPTY), [event.entry]).history
        yield event.kind, known[key]


def points(clocks: list[Instance]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """What became of clocks, and what will become of them."""
    return [
        (each.metric, each.number, [(change.kind, change.at) for change in (*each.transitions, *each.ahead)])
        for each in clocks
    ]


@pytest.mark.parametrize("given", [Rules(), Rules(policies=HOUR_LATE)], ids=["no policy", "a policy"])
def test_what_a_worker_that_takes_over_has_to_know_is_what_is_derived(given: Rules) -> None:
    found = Counter[str]()
    for kind, history in histories():
        derived = derive(kind, "1", history, given, 0)
        deadline, clocks = ahead(kind, "1", history, given, 0)
        assert (deadline, points(clocks)) == (derived.deadline, points(derived.clocks))
        found[kind] += deadline is not None or bool(clocks)
    assert found["call"] > 10
    assert (found["ticket"] > 10) == bool(given.policies)

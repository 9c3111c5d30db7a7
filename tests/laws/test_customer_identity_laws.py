"""Identities: order does not matter, a merge that is taken back leaves nothing, merged is as if it were one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from msgspec import structs

from streams.customers.identity import Alias, customer_of, fold_identity
from streams.events import ENTRY_TYPES, Event
from streams.events.identity import IdentityMerged, IdentityObserved, IdentityUnmerged
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.laws.histories import MERGING, Setting, options, with_duplicates, world
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from streams.events import Data

HANDLES = ("x", "y", "z", "w")
CONTACTS_ONLY = Setting(
    tuple(entity for entity in MERGING.entities if entity[0] != "identity"), MERGING.names, events=MERGING.events
)


def report(events: list[Event], as_of: int, rules: Rules) -> dict[str, Any]:
    collected = Report(rules)
    for event in events:
        collected.add(event)
    found: dict[str, Any] = collected.result(as_of)["total"]
    return found


def identity(handle: str, at: int, data: Data) -> Event:
    return Event("identity", handle, ENTRY_TYPES["identity"](at, 0, f"more#{handle}{type(data).__name__}", data))


@given(tapes(300), tapes(40))
def test_any_order_and_any_duplication_give_the_same_customers(tape: Tape, disorder: Tape) -> None:
    events, as_of = world(tape, MERGING)
    rules = Rules(options(tape))
    assert report(with_duplicates(disorder, events), as_of, rules) == report(events, as_of, rules)


@given(tapes(300))
def test_a_merge_that_is_taken_back_leaves_nothing(tape: Tape) -> None:
    events, as_of = world(tape, MERGING)
    rules = Rules(options(tape))
    handle, into = tape.one(HANDLES), tape.one((*HANDLES, "v"))
    merged = [event for event in events if event.entity == handle and isinstance(event.entry.data, IdentityMerged)]
    if any(event.entry.data.into == into for event in merged):
        into = "v"  # the same merge said again is no other, and would be taken back with it
    there_and_back = [
        identity(handle, as_of - 1, IdentityMerged(into=into)),
        identity(handle, as_of, IdentityUnmerged(into=tape.one((None, into)))),
    ]
    assert report([*there_and_back, *events], as_of, rules) == report(events, as_of, rules)


@given(tapes(300))
def test_merged_handles_are_as_if_they_had_always_been_one(tape: Tape) -> None:
    events, as_of = world(tape, CONTACTS_ONLY)
    rules = Rules(options(tape))
    chain = tape.shuffle(HANDLES)
    merges = [
        identity(handle, as_of, tape.one((IdentityMerged(into=following), IdentityObserved(canonical=following))))
        for handle, following in zip(chain, (*chain[1:], tape.one(("v", chain[0], chain[2]))), strict=True)
    ]
    renamed = [_renamed(event) for event in events]
    assert report([*events, *merges], as_of, rules) == report(renamed, as_of, rules)


def _renamed(event: Event) -> Event:
    data = event.entry.data
    if not data.customer:
        return event
    return structs.replace(event, entry=structs.replace(event.entry, data=structs.replace(data, customer="one")))


@given(tapes(20))
def test_every_way_along_aliases_ends_and_all_on_it_end_together(tape: Tape) -> None:
    aliases = {name: Alias(tape.one(("", *HANDLES, "v")), tape.pick(8) == 7) for name in HANDLES}

    def said(name: str) -> Alias:
        return aliases.get(name, Alias())

    for name in HANDLES:
        found = customer_of(name, said)
        alias = said(name)
        if not alias.shared and alias.into:
            assert customer_of(alias.into, said) == found
        else:
            assert found == (name, alias.shared)


def test_observations_give_way_to_merges_and_come_back_after_them() -> None:
    told: list[Any] = []

    def after(data: Data) -> Alias:
        told.append(identity("h", len(told), data).entry)
        return fold_identity(told)

    assert after(IdentityUnmerged()).into == ""
    assert after(IdentityObserved(canonical="a")).into == "a"
    assert after(IdentityMerged(into="b")).into == "b"
    assert after(IdentityObserved(canonical="c")).into == "b"
    assert after(IdentityMerged(into="d")).into == "d"
    assert after(IdentityMerged(into="b")).into == "b", "said again, it is the latest"
    assert after(IdentityUnmerged(into="d")).into == "b"
    assert after(IdentityUnmerged()).into == "c"

"""The product's promise: order, duplication, batching, partitions, crashes, takeovers and sleepers change no figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from streams.pipeline.report import Report
from tests.laws.calendars import rules
from tests.laws.histories import ANYTHING, MERGING, STAFFED, UNDECIDED, WAITING, Setting, wire, with_duplicates, world
from tests.laws.tape import Tape, tapes
from tests.support.local import Cluster

if TYPE_CHECKING:
    from streams.events import Event
    from streams.figures.readers import Attribution
    from streams.pipeline.rules import Rules

QUANTILES = frozenset({"p50", "p90", "p95", "max", "longest_hold_seconds"})
ATTRIBUTIONS: tuple[Attribution, ...] = ("cohort", "event")


def reported(events: list[Event], chosen: Rules, as_of: int, attribution: Attribution) -> dict[str, Any]:
    report = Report(chosen, by=("queue",), attribution=attribution)
    for event in events:
        report.add(event)
    found = report.result(as_of)
    del found["events"]
    return found


def assert_same(found: Any, expected: Any, where: str = "") -> None:
    """Equal to the last digit, but quantiles of sketches within 1 %."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        assert found.keys() == expected.keys(), where
        for name, value in expected.items():
            assert_same(found[name], value, f"{where}.{name}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for number, value in enumerate(expected):
            assert_same(found[number], value, f"{where}.{number}")
    elif where.rpartition(".")[2] in QUANTILES and expected is not None:
        assert found == pytest.approx(max(expected, 0), rel=0.01), where
    else:
        assert found == expected, where


@given(tapes(400), tapes(60))
def test_any_order_and_any_duplication_give_the_same_report(tape: Tape, disorder: Tape) -> None:
    events, as_of = world(tape, disorder.one((ANYTHING, STAFFED)))
    chosen = rules(tape)
    attribution = tape.one(ATTRIBUTIONS)
    straight = reported(events, chosen, as_of, attribution)
    assert reported(with_duplicates(disorder, events), chosen, as_of, attribution) == straight


@given(tapes(400), tapes(200))
def test_the_pipeline_gives_the_figures_of_the_report(tape: Tape, course: Tape) -> None:
    events, as_of = world(tape, course.one((ANYTHING, STAFFED)))
    chosen = rules(tape)
    attribution = tape.one(ATTRIBUTIONS)
    cluster = Cluster(
        chosen,
        partitions=1 + course.pick(4),
        workers=1,
        chance=course.pick,
        max_batch=1 + course.pick(9),
        disturbances=0,
    )
    for event in with_duplicates(course, events):
        cluster.produce(event.kind, event.entity, wire(event))
    cluster.run(as_of)
    assert_same(cluster.figures(as_of, attribution), reported(events, chosen, as_of, attribution)["total"])


@pytest.mark.parametrize("setting", [ANYTHING, UNDECIDED, WAITING], ids=["anything", "undecided", "waiting"])
@pytest.mark.parametrize("zombies_write_state", [False, True], ids=["outputs-late", "outputs-and-state-late"])
@settings(max_examples=settings().max_examples // 3)  # of each of six kinds: together twice as many as of any law
@given(tape=tapes(400), course=tapes(600))
def test_crashes_takeovers_and_sleepers_change_nothing(
    tape: Tape, course: Tape, zombies_write_state: bool, setting: Setting
) -> None:
    survives(tape, course, zombies_write_state, setting)


@given(tape=tapes(400), course=tapes(600))
def test_nor_do_they_while_customers_are_merged_and_parted(tape: Tape, course: Tape) -> None:
    survives(tape, course, bool(course.pick(2)), MERGING)


def survives(tape: Tape, course: Tape, zombies_write_state: bool, setting: Setting) -> None:
    events, as_of = world(tape, setting)
    chosen = rules(tape)
    max_batch = 1 + course.pick(6)
    # Many mishaps cover each other's traces: what the first does shows best where all goes well afterwards.
    disturbances, rarity = ((30, 16), (1, 2), (2, 3))[course.pick(3)]
    with patch("streams.pipeline.sent.MAX_BATCH", max_batch):
        cluster = Cluster(
            chosen,
            partitions=1 + course.pick(3),
            workers=2 + course.pick(2),
            chance=course.pick,
            max_batch=max_batch,
            disturbances=disturbances,
            rarity=rarity,
            zombies_write_state=zombies_write_state,
        )
        # In order, an entity passes through more states than when its last event comes first.
        for event in events if course.pick(2) else with_duplicates(course, events):
            cluster.produce(event.kind, event.entity, wire(event))
        cluster.run(as_of)
    assert_same(cluster.figures(as_of), reported(events, chosen, as_of, "cohort")["total"])
    assert not cluster.dead_letters()

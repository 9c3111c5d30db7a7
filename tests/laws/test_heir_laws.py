"""One worker dies, or falls asleep, after some outputs and before its state is stored; another takes over.

The same promise as that of the whole pipeline, at the one point where skipping what has not changed is dangerous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from streams.figures.panes import ALL
from streams.pipeline.entities import EntityStage
from streams.pipeline.kpis import KpiStage
from tests.laws.calendars import rules
from tests.laws.histories import UNDECIDED, WAITING, Setting, wire, world
from tests.laws.tape import Tape, tapes
from tests.laws.test_panes_laws import plain
from tests.support.local import LATENESS, Logged

if TYPE_CHECKING:
    from streams.events import Kind
    from streams.pipeline.rules import Rules
    from streams.stage import Output, Step


def stage(kind: Kind, chosen: Rules) -> EntityStage:
    return EntityStage(kind, partitions=1, rules=chosen, lateness=LATENESS, reject_future=False)


def work(owner: EntityStage, batches: list[list[Logged]], clock: list[int]) -> list[Output]:
    """Let a worker work undisturbed; between its batches time may pass."""
    outputs: list[Output] = []
    for batch, now in zip(batches, clock, strict=True):
        # One after the other, as in the engine: what is due is asked of what has been adopted.
        step: Step | None = owner.fold(0, batch, now)
        while step is not None:
            outputs += step.outputs
            owner.adopt(0, step)
            step = owner.due(0, now)
    return outputs


def shown(outputs: list[Output]) -> list[tuple[object, ...]]:
    """What the figures come to: the live states and the cells."""
    kpis = KpiStage()
    sets = [Logged(offset, o.key, o.value) for offset, o in enumerate(outputs) if o.topic == kpis.source]
    for record in sets:
        kpis.adopt(0, kpis.fold(0, [record], 0))
    kpis.panes[0].advance(1 << 42)  # the year 2109: all that is dated ahead has come
    return sorted(
        (key, sorted((state, sorted(held)) for state, held in group.live.items() if held), cell)
        for key, group in kpis.panes[0].groups.items()
        for cell in [sorted(plain(group.windows[ALL]).items())]
        if cell or any(group.live.values())
    )


def cut(tape: Tape, records: list[Logged], largest: int) -> list[list[Logged]]:
    batches = []
    while records:
        size = 1 + tape.pick(min(largest, len(records)))
        batches.append(records[:size])
        records = records[size:]
    return batches


@pytest.mark.parametrize("setting", [UNDECIDED, WAITING], ids=["undecided", "waiting"])
@settings(max_examples=settings().max_examples // 2)  # of each of two settings
@given(tapes(200))
def test_what_a_worker_left_half_done_does_no_harm(setting: Setting, tape: Tape) -> None:
    events, as_of = world(tape, setting)
    chosen = rules(tape)
    kind = events[0].kind
    records = [Logged(offset, event.entity.encode(), wire(event)) for offset, event in enumerate(events)]
    stored, largest = tape.pick(len(records)), 1 + tape.pick(4)
    with patch("streams.pipeline.sent.MAX_BATCH", largest):
        first, heir = stage(kind, chosen), stage(kind, chosen)
        sent: list[Output] = []
        for batch in cut(tape, records[:stored], largest):
            step = first.fold(0, batch, 0)
            sent += step.outputs
            first.adopt(0, step)
            heir.restore(0, step.writes.items())
        dying = first.fold(0, records[stored : stored + 1 + tape.pick(largest)], tape.one((0, as_of))).outputs
        left = [output for output in dying if tape.pick(4) != 3]
        batches = cut(tape, records[stored:], largest)
        inherited = work(heir, batches, [tape.one((0, as_of)) for _ in batches])
        last = heir.due(0, as_of)
        if last is not None:
            inherited += last.outputs
        woken = tape.pick(len(inherited) + 1)
        straight = stage(kind, chosen).fold(0, records, as_of).outputs
    assert shown([*sent, *inherited[:woken], *left, *inherited[woken:]]) == shown(straight)

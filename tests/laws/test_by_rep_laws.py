"""Reps told apart: their sums are what was booked for them, in any order, and together what the queue's figures say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from msgspec.structs import replace

from streams.figures import cells as c
from streams.figures.by_rep import OTHER, Place, RepPanes
from streams.figures.contributions import Item
from streams.figures.days import MINUTE, days_of
from streams.figures.panes import ALL
from streams.figures.sketch import Sketch
from tests.laws.tape import Tape, tapes
from tests.laws.test_rep_laws import passed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.figures.by_rep import Ranked

START = 20_000 * 1440
"""A minute with which a day begins in UTC."""
MINUTES = (0, 1, 2, 1439, 1440, 6 * 1440, 7 * 1440, 8 * 1440)
COUNTS = {
    c.QUEUE_WAIT: "answered", c.HANDLE: "handled", c.REP_NO_ANSWER: "no_answer", c.SOLVE: "solves",
    c.FIRST_REPLY: "replies", c.NEXT_REPLY: "replies", c.CHAT_FIRST_REPLY: "replies", c.CHAT_NEXT_REPLY: "replies",
}  # fmt: skip
TIMES = {
    c.REP_TIME + "on_contact": "busy", c.REP_TIME + "acw": "busy", c.REP_BUSY_BESIDES: "busy",
    c.REP_TIME + "available": "idle",
}  # fmt: skip
OTHERS = (c.OFFERED, c.TALK, c.REP_TIME + "incoming", c.REP_SEEN + "on_contact", c.CHAT_WALL)
Booked = list[tuple[str, Item]]


def some_item(tape: Tape) -> Item:
    cell = tape.one((*COUNTS, *TIMES, *OTHERS))
    start = MINUTE * (START + tape.one(MINUTES)) + tape.one((0, 1, 59_999))
    rep, channel, priority = tape.one(("a", "b", "c", "", OTHER)), tape.one(("voice", "chat")), tape.one(("", "high"))
    if cell in TIMES or cell in OTHERS[2:]:
        return Item(cell, channel, priority, rep, start + tape.one((0, 1, 90_000, 30 * MINUTE)), start, 1)
    value = tape.one((0, 1, 30_000)) if cell in (c.QUEUE_WAIT, c.HANDLE, c.TALK) else 1
    return Item(cell, channel, priority, rep, start, tape.one((0, start)), value)


def by_hand(booked: Booked, instant: int) -> dict[tuple[Place, str], Counter[str]]:
    """Added up from what is booked: of time what has passed, of all else the minutes that have begun."""
    present = instant // MINUTE
    found: dict[tuple[Place, str], Counter[str]] = {}
    for queue, item in booked:
        if not item.rep or item.cell in OTHERS:
            continue
        sums = found.setdefault((Place(queue, item.channel), item.rep), Counter())
        if item.cell in TIMES:
            sums[TIMES[item.cell]] += passed(item, 0, present, instant)
        elif item.at // MINUTE <= present:
            sums[COUNTS[item.cell]] += 1
            sums["handle"] += item.value if item.cell == c.HANDLE else 0
    return {place: +sums for place, sums in found.items() if +sums}


def told(ranked: Ranked) -> dict[tuple[Place, str], Counter[str]]:
    return {(place, rep): sums for place, reps in ranked.named.items() for rep, sums in reps.items()}


def played(tape: Tape) -> tuple[RepPanes, Booked, int]:
    """Panes after items came, went and changed, while time passed; and the present, in milliseconds."""
    panes, booked, present = RepPanes(lambda _: days_of("UTC")), Booked(), START * MINUTE
    for _ in range(tape.pick(24)):
        act = tape.pick(5)
        if act == 0 and booked:
            queue, item = booked.pop(tape.pick(len(booked)))
            panes.apply(queue, [item], -1)
        elif act == 1 and booked:
            place = tape.pick(len(booked))
            queue, item = booked[place]
            new = some_item(tape) if tape.pick(2) else replace(item, at=item.at + 45_000)
            panes.replace(queue, [item], [new])
            booked[place] = queue, new
        elif act == 2:
            present = max(present, (START + tape.one(MINUTES) + tape.pick(2)) * MINUTE + tape.pick(60_000))
            panes.advance(present)
        else:
            booked.append((tape.one(("Q", "R")), some_item(tape)))
            panes.apply(booked[-1][0], [booked[-1][1]], 1)
    panes.advance(present)
    return panes, booked, present


@given(tapes(260))
def test_every_rep_has_what_was_booked_for_them(tape: Tape) -> None:
    panes, booked, now = played(tape)
    found: dict[tuple[Place, str], Counter[str]] = {}
    for queue in panes.reps.queues:
        found |= told(panes.reps.ranked(queue, 100, now))
    assert found == by_hand(booked, now)
    for queue, item in booked:
        panes.apply(queue, [item], -1)
    assert panes.reps.queues == [], "taken back they leave nothing"


@given(tapes(260))
def test_all_of_them_are_the_queue(tape: Tape) -> None:
    panes, booked, now = played(tape)
    unnamed = [(queue, replace(item, rep="nobody")) for queue, item in booked if not item.rep]
    nameless = by_hand(unnamed, now)
    for cap in (1, 2, 100):
        for queue in {queue for queue, _ in booked}:
            ranked = panes.reps.ranked(queue, cap, now)
            for channel in ("voice", "chat"):
                place = Place(queue, channel)
                known = ranked.named.get(place, {}).values()
                sums = sum(known, nameless.get((place, "nobody"), Counter()))
                groups = [group for key, group in panes.groups.items() if key[:2] == place]
                for name, cells in parts().items():
                    figure = sum(number(group.windows[ALL].get(cell, 0)) for group in groups for cell in cells)
                    assert sums[name] == figure, (name, place)


def parts() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for cell, name in (*COUNTS.items(), *TIMES.items()):
        found.setdefault(name, []).append(cell)
    return found


def number(held: int | Sketch) -> int:
    return held.count if isinstance(held, Sketch) else held


@given(tapes(260), tapes(8))
def test_the_most_active_of_seven_days_keep_their_names(tape: Tape, course: Tape) -> None:
    panes, booked, now = played(tape)
    cap = 1 + course.pick(3)
    today = panes.present // 1440
    for queue in panes.reps.queues:
        ranked = panes.reps.ranked(queue, cap, now)
        known = {rep for place, rep in by_hand(booked, now) if place.queue == queue}
        named = {rep for _, rep in told(ranked)} - {OTHER}
        assert named == set(most_active(queue, known - {OTHER}, booked, today, panes.present)[:cap])
        assert ranked.unnamed == len(known - named)


def most_active(queue: str, known: set[str], booked: Sequence[tuple[str, Item]], today: int, present: int) -> list[str]:
    did = Counter(
        item.rep
        for where, item in booked
        if where == queue and item.cell in COUNTS and item.at // MINUTE <= present
        and today - 7 < item.at // (1440 * MINUTE) <= today
    )  # fmt: skip
    return sorted(known, key=lambda rep: (-did[rep], rep))

"""Reps: the stage gives, record by record and across crashes, what one look at everything gives; splits are exact."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from hypothesis import given
from msgspec import structs

from streams.figures import cells as c
from streams.figures import contributions
from streams.figures.contributions import Item
from streams.figures.options import FigureOptions
from streams.figures.panes import ALL, MINUTE, TODAY, WINDOWS, Panes
from streams.figures.running import within
from streams.lifecycles.rep import Mark
from streams.pipeline.reps import RepHoursStage
from streams.pipeline.rules import Rules
from streams.reps import work as works
from streams.reps.occupancy import by_slice, pieces
from streams.reps.work import HOUR, UNANSWERED, Known, Span, Work
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

QUEUES = ["A", "B", "unassigned"]
STEPS = (0, 1, 5_000, MINUTE, 5 * MINUTE, 5 * MINUTE + 1, 55 * MINUTE, HOUR, 3 * HOUR, 12 * HOUR, 13 * HOUR, 25 * HOUR)
RULES = Rules(FigureOptions(max_spell_seconds=43_200, heartbeat_timeout_seconds=300, unreported_wrapup_seconds=60))
SHORT = Rules(
    FigureOptions(
        max_spell_seconds=7_200, heartbeat_timeout_seconds=300, max_ring_seconds=30, missed_state_seconds=3600
    )
)
NEVER_MISSED = Rules(FigureOptions(max_spell_seconds=600, missed_state_seconds=0))


class Told(NamedTuple):
    """One record of the topic of reps' work."""

    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Density(NamedTuple):
    """How much happens at a time."""

    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    """After the hour."""
    steps: tuple[int, ...]
    kinds: tuple[str, ...]
    rules: tuple[Rules, ...]


KINDS = ("talk", "acw", "ring", "dial", *UNANSWERED)
SPREAD = Density((0, 1, 2, 3, 4, 5, 6, 12, 13, 24, 60, 100), (0, 59), STEPS, KINDS, (RULES, SHORT, NEVER_MISSED))
CROWDED = Density((0, 0, 1), (0, 14, 29, 31, 59), STEPS[:4], ("missed", "ring", "rejected", "talk"), (SHORT, RULES))


def some_work(tape: Tape, entity: str, begun: int, density: Density) -> Work:
    """What an entity might say of a rep."""
    at = begun + MINUTE * tape.one(density.minutes) + tape.pick(2)
    if entity.startswith("rep"):
        marks: list[Mark] = []
        for _ in range(1 + tape.pick(3)):
            said = tape.one(("available", "", "beat", "out", "custom", "beat"))
            if at // HOUR == begun // HOUR:  # a rep's history is kept by the hour
                queue, channel = tape.one((None, None, "A", "", "B")), tape.one((None, None, "chat"))
                marks.append(Mark(at, said, queue, channel))  # type: ignore[arg-type]
            at += tape.one(STEPS[:7])
        return Work(queues=QUEUES, marks=marks)
    spans: list[Span] = []
    for _ in range(tape.pick(4)):
        what = tape.one(density.kinds)
        end = at + tape.one(density.steps)
        if what in UNANSWERED:  # no contact says how long the rep is in it
            spans.append(Span(what, at, 0, tape.one(("A", "B"))))  # type: ignore[arg-type]
        elif end > at:
            spans.append(Span(what, at, end if tape.pick(3) else 0, tape.one(("A", "B"))))  # type: ignore[arg-type]
        at = end
    return Work(entity.startswith("chat"), "chat", QUEUES, spans)


def some_records(tape: Tape, density: Density) -> list[Told]:
    """Versions of what several entities say of two reps; a newer version may say less, or something else."""
    found: list[Told] = []
    version: dict[str, int] = {}
    if density is CROWDED:  # what ends then shows that they are there
        there = Known(1, Work(queues=QUEUES, marks=[Mark(499_999 * HOUR + 1, "available", "A")]))
        found.append(Told(0, f"r{contributions.SEPARATOR}rep/r/499999".encode(), works.encode(there)))
    for _ in range(1 + tape.pick(12)):
        rep = tape.one(("r", "r", "r", "s"))
        hour = 500_000 + tape.one(density.hours)
        entity = tape.one((f"rep/{rep}/{hour}", "chat/1", "chat/2", "call/1", "call/2"))
        key = f"{rep}{contributions.SEPARATOR}{entity}"
        version[key] = version.get(key, 0) + tape.one((1, 1, 0, 8))
        known = Known(version[key], some_work(tape, entity, hour * HOUR, density))
        if tape.pick(8) == 7 and found:
            found.append(tape.one(found)._replace(offset=len(found)))  # delivered again, and late
        else:
            found.append(Told(len(found), key.encode(), works.encode(known)))
    return found


class Sets:
    """What the stage of the figures keeps: of each key the newest set."""

    def __init__(self) -> None:
        self.kept: dict[bytes, contributions.Contribution] = {}

    def take(self, outputs: Iterable[tuple[bytes, bytes]]) -> None:
        for key, value in outputs:
            new = contributions.decode(value)
            if key not in self.kept or self.kept[key].version <= new.version:
                self.kept[key] = new

    def said(self) -> dict[bytes, list[Item]]:
        return {key: one.items for key, one in self.kept.items() if one.items}


def at_one_look(records: Sequence[Told], rules: Rules) -> dict[bytes, list[Item]]:
    newest: dict[tuple[str, str], Known] = {}
    for record in records:
        rep, _, entity = record.key.decode().partition(contributions.SEPARATOR)
        known = works.decode(record.value)
        if (rep, entity) not in newest or newest[rep, entity].version <= known.version:
            newest[rep, entity] = known
    found = {}
    for rep in {rep for rep, _ in newest}:
        told = [known.work for (name, _), known in newest.items() if name == rep]
        for hour, queues in by_slice(rep, told, rules.options).items():
            for queue, items in queues.items():
                found[contributions.key_of(queue, f"rep/{rep}/{hour}")] = items
    return found


@given(tapes(220), tapes(40))
def test_hours_follow_whatever_dies_on_the_way(tape: Tape, course: Tape) -> None:
    """Batches, and crashes after some outputs or some state: always what all records give at one look."""
    density = course.one((SPREAD, CROWDED))
    rules = course.one(density.rules)
    records = some_records(tape, density)
    largest = course.one((1, 2, 4, 12))
    sets, log, place = Sets(), dict[bytes, bytes | None](), 0
    crashes = course.pick(4)
    with patch("streams.pipeline.sent.MAX_BATCH", largest):
        stage = RepHoursStage(partitions=1, rules=rules)
        while place < len(records):
            batch = records[place : place + 1 + course.pick(largest)]
            step = stage.fold(0, batch, 0)
            outputs = [(one.key or b"", one.value or b"") for one in step.outputs]
            mishap = course.pick(3) if crashes else 0
            if mishap:
                crashes -= 1
                sets.take(course.shuffle(outputs)[: course.pick(len(outputs) + 1)] if mishap == 1 else outputs)
                if mishap == 2:
                    log.update(list(step.writes.items())[: course.pick(len(step.writes))])
                stage = RepHoursStage(partitions=1, rules=rules)
                stage.restore(0, log.items())
                continue
            sets.take(outputs)
            log.update(step.writes)
            stage.adopt(0, step)
            place += len(batch)
        assert sets.said() == at_one_look(records, rules)
        # What changes no figure leads to no set.
        assert not stage.fold(0, [records[-1]._replace(offset=1_000)], 0).outputs
    check_pieces(records, rules)


def test_what_would_have_ended_later_is_taken_back_there() -> None:
    """A ring ends what the rep is shown in: what would have begun quarters of an hour later, does not."""
    hour = 500_000 * HOUR
    told = [
        ("rep/r/499999", Work(queues=QUEUES, marks=[Mark(hour - HOUR, "available", "A")])),
        ("call/1", Work(channel="voice", queues=QUEUES, spans=[Span("missed", hour + MINUTE, 0, "A")])),
        (
            "call/2",
            Work(channel="voice", queues=QUEUES, spans=[Span("ring", hour + 20 * MINUTE, hour + 21 * MINUTE, "A")]),
        ),
    ]
    records = [
        Told(place, f"r{contributions.SEPARATOR}{entity}".encode(), works.encode(Known(1, work)))
        for place, (entity, work) in enumerate(told)
    ]
    stage, sets = RepHoursStage(partitions=1, rules=SHORT), Sets()
    for record in records:
        step = stage.fold(0, [record], 0)
        sets.take((one.key or b"", one.value or b"") for one in step.outputs)
        stage.adopt(0, step)
    assert sets.said() == at_one_look(records, SHORT)
    states = [item.cell.rpartition(".")[2] for items in sets.said().values() for item in items]
    assert sorted(states) == ["available", "available", "incoming", "missed"]


def check_pieces(records: Sequence[Told], rules: Rules) -> None:
    """A rep is in one state at a time; pieces are not empty, and begin and end only where something may."""
    told = [works.decode(record.value).work for record in records]
    found = list(pieces(told, rules.options))
    assert all(one.start < one.end for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    points = {point for one in told for point in one.points(rules.options)}
    assert {at for one in found for at in (one.start, one.end)} <= points
    for one in found:
        for at in (one.start, one.end - 1):
            shown = one.state if one.state in UNANSWERED else ""
            assert shown == unanswered_at(told, at, rules.options)
            talks = [span for work in told for span in work.spans if span.what in ("talk", "dial", "acw")]
            assert one.busy == any(span.start <= at < span.until(rules.options) for span in talks)


def unanswered_at(told: Sequence[Work], at: int, options: FigureOptions) -> str:
    """By what was told until an instant alone, and event by event: whether the rep is shown as not having answered."""
    spans = [span for work in told for span in work.spans if span.start <= at]
    signs = [span.start for span in spans if span.what in ("ring", "talk", "dial")]
    signs += [mark.at for work in told for mark in work.marks if mark.at <= at and mark.said not in ("beat", "")]
    unanswered = [span for span in spans if span.what in UNANSWERED]
    last = max((span.start for span in unanswered), default=0)
    if any(sign >= last for sign in signs) or at >= last + options.missed_state_seconds * 1000:
        return ""
    states = {span.what for span in unanswered if span.start == last}
    return next((state for state in UNANSWERED if state in states), "")


def some_span(tape: Tape) -> Item:
    start = tape.one((0, 1, 59_999, MINUTE)) + MINUTE * tape.one((100, 101, 1540, 10_170, 10_181)) + tape.pick(3)
    length = tape.one((0, 1, 30_000, MINUTE, 90_000, 17 * MINUTE, 720 * MINUTE)) + tape.pick(2)
    return Item(tape.one((c.CHAT_TIME, c.CHAT_WALL)), "", "", "", start + length, start, tape.one((1, 2)))


def passed(item: Item, first: int, last: int, instant: int) -> int:
    """What of a span has passed by the end of an instant, within some minutes, both limits included."""
    end = min(item.at, (last + 1) * MINUTE, instant + 1)
    return max(0, end - max(item.cohort, first * MINUTE)) * item.value


@given(tapes(120))
def test_split_is_exact_in_every_window_and_taken_back_without_a_trace(tape: Tape) -> None:
    panes, booked, instant = Panes(), list[Item](), 0
    for _ in range(tape.pick(14)):
        act = tape.pick(4)
        if act == 0 and booked:
            panes.apply("Q", [booked.pop(tape.pick(len(booked)))], -1)
        elif act == 1:
            minute = tape.one((0, 99, 100, 115, 130, 820, 1541, 10_179, 10_182, 20_000)) + tape.pick(3)
            now = max(minute, instant // MINUTE) * MINUTE + tape.one((0, 1, 29_999, 30_000, 59_999, tape.pick(60_000)))
            panes.advance(now)  # which may be before the last one
            instant = max(instant, now)
        else:
            booked.append(some_span(tape))
            panes.apply("Q", booked[-1:], 1)
    panes.advance(instant)
    group, last = panes.group("Q", "", ""), instant // MINUTE
    for window, length in {**WINDOWS, ALL: 1 << 40, TODAY: last % 1440 + 1}.items():
        for cell in (c.CHAT_TIME, c.CHAT_WALL):
            expected = sum(passed(item, last - length + 1, last, instant) for item in booked if item.cell == cell)
            assert group.windows[window].get(cell, 0) == expected, (window, cell)
    for item in booked:
        first, last = item.cohort // MINUTE - 1, item.at // MINUTE + 1
        cuts = sorted({first, last + 1, *(first + tape.pick(last - first + 1) for _ in range(3))})
        whole = sum(within(item, start, end - 1) for start, end in pairwise(cuts))
        assert whole == (item.at - item.cohort) * item.value, "any tiling adds up to the whole"
    panes.apply("Q", booked, -1)
    panes.advance(30_000 * MINUTE)
    assert panes.group("Q", "", "").is_empty()


def another(tape: Tape, items: list[Item]) -> list[Item]:
    """What may come in place of a set: some of it gone, some new, and of some spans only the end is another."""
    found = []
    for item in items:
        act = tape.pick(4)
        if act == 1:
            found.append(structs.replace(item, at=item.cohort + tape.one((0, 1, 60_000, 3_600_000)) + tape.pick(3)))
        elif act == 2:
            found += [item, item]
        elif act == 3:
            found.append(some_span(tape))
    return found + [some_span(tape) for _ in range(tape.pick(3))]


@given(tapes(120))
def test_a_set_in_place_of_another_leaves_what_the_new_one_alone_would(tape: Tape) -> None:
    replaced, fresh = Panes(), Panes()
    items: list[Item] = []
    for _ in range(1 + tape.pick(6)):
        new = another(tape, items)
        replaced.replace("Q", items, new)
        items = new
        present = (tape.one((0, 99, 130, 820, 1541, 10_182)) + tape.pick(3)) * MINUTE + tape.pick(60_000)
        for panes in (replaced, fresh):
            panes.advance(present)
    fresh.apply("Q", items, 1)
    for panes in (replaced, fresh):
        panes.advance(10_183 * MINUTE)
    assert dict(replaced.group("Q", "", "").windows) == dict(fresh.group("Q", "", "").windows)
    replaced.replace("Q", items, [])
    replaced.advance(40_000 * MINUTE)
    assert replaced.group("Q", "", "").is_empty()

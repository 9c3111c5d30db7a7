"""The clocks of chats say what the figures of chats say, whatever is written and however often it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given

from streams.events import ENTRY_TYPES
from streams.figures import cells as c
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.chat import fold_chat
from streams.pipeline.derive import derive
from streams.pipeline.rules import Rules
from streams.sla.clocks import Kind, State
from tests.laws.histories import DAY, HOUR, MINUTE, START
from tests.laws.tape import Tape, tapes
from tests.support.sla import policies, policy, target

if TYPE_CHECKING:
    from streams.events import Entry
    from streams.lifecycles.dialogue import Dialogue
    from streams.sla.clocks import Instance

NOW = START + 400 * DAY
RULES = Rules(
    FigureOptions(max_wait_seconds=1e9),
    policies=policies(policy(target("first_reply", "9h"), target("next_reply", "2h"), target("resolution", "30h"))),
)
_STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("message.sent", {"author": "rep"}),
    ("message.sent", {"author": "rep"}),
    ("message.sent", {"author": "customer"}),
    ("message.sent", {"author": "customer"}),
    ("message.sent", {"author": "bot"}),
    ("message.sent", {"author": "bot", "automated": True}),
    ("message.sent", {"author": "rep", "public": False}),
    ("bot.handoff", {}),
    ("bot.resolved", {}),
    ("contact.queued", {"queue": "A"}),
    ("contact.connected", {"rep": "r"}),
    ("contact.left_queue", {}),
    ("contact.initiated", {}),
    ("contact.ended", {"by": "customer"}),
    ("contact.ended", {"by": "rep"}),
    ("contact.ended", {}),
    ("contact.abandoned", {}),
)
_GAPS = (1, 999, MINUTE, 5 * MINUTE, HOUR, 3 * HOUR, DAY, DAY + 1, 5 * DAY)
"""No two events at one instant: what goes first then, figures take from their order, and clocks from no order."""


def life(tape: Tape) -> list[Entry]:
    at = START
    told: list[Entry] = []
    for number in range(2 + tape.pick(12)):
        name, data = tape.one(_STEPS)
        told.append(msgspec.convert([at, number, f"law#e{number}", {"type": name, **data}], ENTRY_TYPES["chat"]))
        at += tape.one(_GAPS)
    return told


def folded(told: list[Entry]) -> tuple[Dialogue | None, list[Instance], dict[str, set[tuple[int, int]]]]:
    """What was written, the clocks, and for each cell of chats what was booked when."""
    history = merge(EMPTY, told).history
    contact = fold_chat(history.events, RULES.options, NOW)
    derived = derive("chat", "1", history, RULES, NOW)
    booked: dict[str, set[tuple[int, int]]] = {}
    for items, _ in derived.sets.values():
        for item in items:
            booked.setdefault(item.cell, set()).add((item.at, item.value))
    return contact.dialogue if contact else None, derived.clocks, booked


def answered(instances: list[Instance], metric: str) -> set[tuple[int, int]]:
    """When clocks of a metric were fulfilled by a reply, and after how long."""
    return {
        (instance.transitions[-1].at, instance.passed)
        for instance in instances
        if instance.metric == metric
        and (instance.transitions[-1].kind, instance.transitions[-1].why) == (Kind.FULFILLED, "reply")
    }


def lasts(dialogue: Dialogue, at: int) -> bool:
    """Whether an episode lasts at an instant: after its end the figures still take a reply, but nothing is owed."""
    return any(
        episode.began <= at and (episode.solved is None or at <= episode.solved.at) for episode in dialogue.episodes
    )


@given(tapes(80))
def test_a_first_reply_takes_as_long_as_its_figure_says(tape: Tape) -> None:
    dialogue, instances, booked = folded(life(tape))
    episodes = [] if dialogue is None else dialogue.episodes
    replied = next((episode for episode in episodes if episode.reply is not None), None)
    expected = booked.get(c.CHAT_FIRST_REPLY, set())
    if replied is not None and replied.reply is not None and replied.solved and replied.reply.at > replied.solved.at:
        return  # it came after the end, when nothing was owed any more
    found = answered(instances, "first_reply")
    assert {at for at, _ in found} == {at for at, _ in expected}
    if replied is not None and replied.reply is not None and replied.bot is not None:
        handed = replied.passed_on
        if handed is None or handed > replied.reply.at:
            return  # a person came in while a bot served, and owed nothing yet: the figure says since the beginning
    assert found == expected


@given(tapes(80))
def test_a_next_reply_takes_as_long_as_its_figure_says(tape: Tape) -> None:
    dialogue, instances, booked = folded(life(tape))
    expected = {
        (at, value)
        for at, value in booked.get(c.CHAT_NEXT_REPLY, ())
        if dialogue and lasts(dialogue, at) and lasts(dialogue, at - value)
    }
    assert answered(instances, "next_reply") == expected


@given(tapes(80))
def test_an_episode_has_one_resolution_from_its_beginning_to_its_end(tape: Tape) -> None:
    dialogue, instances, _ = folded(life(tape))
    # Of what is over in the instant of its beginning there need be none.
    ended = [each for each in instances if each.metric == "resolution" and each.ended and each.passed]
    found = [(each.began, each.passed) for each in ended]
    episodes = [] if dialogue is None else dialogue.episodes
    assert found == [(each.began, each.resolution) for each in episodes if each.resolution]
    left_open = [each.began for each in instances if each.metric == "resolution" and not each.ended]
    assert left_open == [each.began for each in episodes[-1:] if each.solved is None]


@given(tapes(80))
def test_nothing_is_owed_where_it_is_over(tape: Tape) -> None:
    dialogue, instances, _ = folded(life(tape))
    if dialogue is not None and dialogue.over is not None:
        assert all(instance.ended in (State.FULFILLED, State.CANCELLED) for instance in instances if _written(instance))


def _written(instance: Instance) -> bool:
    return instance.metric in ("first_reply", "next_reply", "resolution")

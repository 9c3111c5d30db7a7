"""What happens to a ticket and is taken back leaves no trace; and a chat is told like a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given

from streams.events import ENTRY_TYPES, Entry
from streams.events import tickets as ev
from streams.figures import cells as c
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.pipeline.derive import derive
from streams.pipeline.rules import Rules
from tests.laws.histories import DAY, MINUTE, START, Setting, options, world
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from streams.events import Kind

NOW = START + 400 * DAY
TICKET = Setting((("ticket", "1"),), events=(2, 14))
CONVERSATION = Setting((("chat", "1"),), {"chat": ("message.sent", "message.made_private")}, events=(2, 10))


def entries(tape: Tape, setting: Setting) -> list[Entry]:
    return [event.entry for event in world(tape, setting).events]


def sets_of(kind: Kind, told: list[Entry], rules: Rules) -> dict[str, Any]:
    """All sets, with the items in one order."""
    sets = derive(kind, "1", merge(EMPTY, told).history, rules, NOW).sets
    return {queue: (sorted(items, key=repr), sorted(live, key=repr)) for queue, (items, live) in sets.items() if items}


@given(tapes(200))
def test_deleted_and_brought_back_a_ticket_is_what_it_was(tape: Tape) -> None:
    rules = Rules(options(tape))
    told = [
        entry
        for entry in entries(tape, TICKET)
        if not isinstance(entry.data, ev.TicketMerged | ev.TicketDeleted | ev.TicketMarkedSpam)
    ]
    away, back = sorted(START + tape.pick(60_000) * 8 * MINUTE for _ in range(2))
    going = tape.one((ev.TicketDeleted(), ev.TicketDeleted(spam=True), ev.TicketMarkedSpam()))
    kind = ENTRY_TYPES["ticket"]
    pair = [kind(away, 0, "gen#away", going), kind(back, 9, "gen#back", ev.TicketUndeleted())]
    assert sets_of("ticket", [*told, *pair], rules) == sets_of("ticket", told, rules)


@given(tapes(200))
def test_a_message_made_private_is_a_note_from_the_first(tape: Tape) -> None:
    rules = Rules(options(tape))
    for kind, setting in (("ticket", TICKET), ("chat", CONVERSATION)):
        told = entries(tape, setting)
        hidden = {entry.data.message for entry in told if isinstance(entry.data, ev.MessageMadePrivate)}
        notes = [
            Entry(*entry.order[:2], entry.uid, msgspec.structs.replace(entry.data, public=False))
            if isinstance(entry.data, ev.MessageSent) and entry.uid.removeprefix("gen#") in hidden
            else entry
            for entry in told
        ]
        assert sets_of(kind, told, rules) == sets_of(kind, notes, rules)  # type: ignore[arg-type]


SAME = {
    c.CHAT_FIRST_REPLY: c.FIRST_REPLY,
    c.CHAT_FIRST_REPLY_FELT: c.FIRST_REPLY_FELT,
    c.CHAT_NEXT_REPLY: c.NEXT_REPLY,
    c.CHAT_BOT_HANDOFF: c.BOT_HANDOFF,
    c.CHAT_BOT_CONTAINED: c.BOT_CONTAINED,
    c.CHAT_REPLIES: c.REPLIES,
}
"""Cells of chats to those of tickets."""
PLAIN = Rules(FigureOptions())


def conversation(tape: Tape) -> list[tuple[int, str, dict[str, Any]]]:
    """What is said until the end, if it ends."""
    said: list[tuple[int, str, dict[str, Any]]] = []
    at = START
    for _ in range(tape.pick(10)):
        at += tape.one((0, 1, 999, MINUTE, 5 * MINUTE, DAY))
        if tape.pick(4) == 3:
            said.append((at, "bot.handoff", {}))
            continue
        author = tape.one(("rep", "customer", "bot", "system"))
        data = {"author": author, "public": tape.one((True, True, False)), "automated": tape.one((False, False, True))}
        said.append((at, "message.sent", data))
    ending = tape.one(("end", "bot.resolved", ""))
    return [*said, (at + 1, ending, {})] if ending else said


def booked(
    kind: Kind, story: list[tuple[int, str, dict[str, Any]]], words: dict[str, str]
) -> set[tuple[str, int, int]]:
    """Cell, instant and value of what is booked of a story, told in the words of a kind of entity."""
    told = [
        msgspec.convert([at, number, f"gen#e{number}", {"type": words.get(name, name), **data}], ENTRY_TYPES[kind])
        for number, (at, name, data) in enumerate(story)
    ]
    sets = derive(kind, "1", merge(EMPTY, told).history, PLAIN, NOW).sets.values()
    return {(item.cell, item.at, item.value) for items, _ in sets for item in items}


@given(tapes(120))
def test_one_conversation_told_as_a_chat_and_as_a_ticket_has_the_same_figures(tape: Tape) -> None:
    """Until its first end: that it goes on is told by other events."""
    story = [(START, "begin", {"queue": "Q", "channel": "chat"}), *conversation(tape)]
    ticket = booked("ticket", story, {"begin": "ticket.created", "end": "ticket.solved"})
    chat = booked("chat", story, {"begin": "contact.initiated", "end": "contact.ended"})
    found = {(SAME[cell], at, value) for cell, at, value in chat if cell in SAME}
    expected = {item for item in ticket if item[0] in SAME.values()}
    if not any(cell == c.CHAT_REPLIES for cell, _, _ in chat):
        # A solved ticket that nobody answered had no replies; a chat that ended so was left.
        expected = {item for item in expected if item[0] != c.REPLIES or item[2]}
    assert found == expected

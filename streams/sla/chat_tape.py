"""The tapes of what is written in a chat: who owes an answer, and what each episode came to.

They are written when the chat has been folded, for only then it is known since when an episode that goes on has lasted:
the tape says the same as the figures (:mod:`streams.figures.from_chat`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.events.tickets import MessageSent
from streams.lifecycles.dims import NOWHERE
from streams.lifecycles.messages import still_public
from streams.sla.model import Metric
from streams.sla.said import NOTHING_SAID
from streams.sla.tape import Fact, Moment, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.events import Entry
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dialogue import Dialogue
    from streams.lifecycles.episode import Episode

_LEFT = {
    "": "ended",
    "bot": "resolved by the bot",
    "customer": "customer left",
    "system": "ended by the system",
}
"""Why nothing is owed any more, by who ended the chat. A rep's end is not among them: that is what a solve is."""
GHOST = "ghost"
OPEN, OVER = "open", "solved"


def chat_tapes(entity: str, contact: Contact, events: Sequence[Entry], channel: str) -> Iterator[tuple[Metric, Tape]]:
    """What the clocks of a dialogue are played from, by metric; none where nobody wrote and no bot had a part.

    Args:
        entity: kind and id, as in ``chat/4711``.
        contact: the folded chat.
        events: what it was folded from.
        channel: taken where no event named one.
    """
    dialogue = contact.dialogue
    if dialogue is None:
        return
    replies, resolution = Tape(entity, by_episode=True), Tape(entity, by_episode=True)
    for moment, episode in _moments(entity, dialogue, still_public(events), channel):
        ender = episode.ender if moment.status == OVER else ""
        left = "" if moment.status == OPEN or ender == "rep" else _LEFT[ender]
        # What comes at one instant is in time: the answer goes before the end.
        replies.moments.append(moment._replace(gone="" if Fact.REPLY in moment.facts else left))
        # Who was answered leaves when all is said; what a bot resolved is resolved.
        done = ender == "bot" or episode.reply is not None
        resolution.moments.append(moment._replace(gone="" if done else left))
    lost = _lost_since(contact, events)
    if lost is not None:
        for tape in (replies, resolution):
            tape.moments.append(tape.moments[-1]._replace(at=lost, status=OVER, facts=Fact.NOTHING, gone=GHOST))
    yield Metric.FIRST_REPLY, replies
    yield Metric.NEXT_REPLY, replies
    yield Metric.RESOLUTION, resolution


def _moments(
    entity: str, dialogue: Dialogue, events: Sequence[Entry], channel: str
) -> Iterator[tuple[Moment, Episode]]:
    """One moment for each instant, and the episode that it belongs to, which may be over."""
    facts = _facts(dialogue, events)
    dims, said, place = NOWHERE, NOTHING_SAID, 0
    for number, entry in enumerate(events):
        at = entry.time
        dims = dims.after(entry.data)
        said = said.after(entry.data)
        if number + 1 < len(events) and events[number + 1].time == at:
            continue
        while place + 1 < len(dialogue.episodes) and dialogue.episodes[place + 1].began <= at:
            place += 1
        episode = dialogue.episodes[place]
        over = episode.solved is not None and episode.solved.at <= at
        fact, author = facts.get(at, (Fact.NOTHING, ""))
        labels = said.labels(dims, channel)
        # A reply is to the credit of who wrote it.
        rep = author if Fact.REPLY in fact else dims.rep
        yield Moment(at, labels, rep, OVER if over else OPEN, fact, "", "", said.customer or entity), episode


def _facts(dialogue: Dialogue, events: Sequence[Entry]) -> dict[int, tuple[Fact, str]]:
    """What happened at which instant, and of replies, who wrote them."""
    found: dict[int, tuple[Fact, str]] = {}

    def note(at: int, fact: Fact, rep: str = "") -> None:
        before, author = found.get(at, (Fact.NOTHING, ""))
        found[at] = before | fact, rep or author

    for episode in dialogue.episodes:
        if episode.bot is not None:
            note(episode.bot, Fact.BOT)
        if episode.passed_on is not None:
            note(episode.passed_on, Fact.HANDOFF)
    for at in dialogue.talk.asked:
        note(at, Fact.CUSTOMER)
    for entry in events:
        data = entry.data
        if isinstance(data, MessageSent) and data.author == "rep" and data.public and not data.automated:
            note(entry.time, Fact.REPLY, data.rep or "")
    return found


def _lost_since(contact: Contact, events: Sequence[Entry]) -> int | None:
    """When a chat that still waits was taken for a ghost of a lost event; None where anything was told since."""
    stay = contact.entries[-1] if contact.entries else None
    if stay is None or stay.outcome != GHOST or stay.until <= events[-1].time:
        return None
    return stay.until

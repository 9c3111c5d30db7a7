"""Whether what a bot contained stayed contained (M41): known once the window has passed.

Of a known customer it did when the conversation was not reopened, and the customer turned to people on no channel. Of
an unknown one only the conversation itself can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streams.figures import cells
from streams.figures.contributions import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.figures.contributions import QueueSets
    from streams.lifecycles.dims import Dims
    from streams.lifecycles.episode import Episode

CONTAINMENT_WINDOW = 7 * 86_400_000
"""A bot's solution is verified when it has held for 7 days."""


_TICKET_CELLS = (cells.BOT_CONTAINED_MATURE, cells.BOT_VERIFIED)
_CHAT_CELLS = (cells.CHAT_BOT_CONTAINED_MATURE, cells.CHAT_BOT_VERIFIED)


class Contained(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A solve by a bot, without a person having taken part, and the labels that it is booked to."""

    at: int
    queue: str
    channel: str
    priority: str
    rep: str
    reopened: int = 0
    """When the conversation went on; 0: not."""


def contained_in(episodes: Sequence[Episode], fixed: Dims | None, default_channel: str = "") -> Iterator[Contained]:
    """What a bot contained in a conversation.

    Args:
        episodes: of the conversation, in order.
        fixed: the labels that everything is booked to; None: those in force at each solve.
        default_channel: of conversations that name none.
    """
    for number, episode in enumerate(episodes):
        if episode.contained and episode.solved is not None:
            queue, channel, priority, rep = fixed or episode.solved.dims
            reopened = next((one.began for one in episodes[number + 1 : number + 2]), 0)
            yield Contained(episode.solved.at, queue, channel or default_channel, priority, rep, reopened)


def turned_to_people(episodes: Sequence[Episode]) -> list[int]:
    """When the customer turned to people, or was handed to them, in a conversation."""
    return [
        episode.began if episode.handoff is None else episode.handoff.at
        for episode in episodes
        if episode.handoff is not None or episode.reply is not None
    ]


def book_containment(sets: QueueSets, entity: str, contained: Sequence[Contained], people: Sequence[int]) -> None:
    """Book what a bot contained in one conversation, and whether it lasted, at the instant that this can be known.

    Args:
        sets: of the conversation.
        entity: the conversation; tickets and chats have cells of their own.
        contained: the bot's solves.
        people: when the same customer turned to people, in any contact.
    """
    mature, verified = _CHAT_CELLS if entity.startswith("chat/") else _TICKET_CELLS
    for one in contained:
        ripe = one.at + CONTAINMENT_WINDOW
        lasted = not 0 < one.reopened <= ripe and not any(one.at < at <= ripe for at in people)
        for cell in (mature, verified) if lasted else (mature,):
            sets.items_of(one.queue).append(Item(cell, one.channel, one.priority, one.rep, ripe, 0, 1))

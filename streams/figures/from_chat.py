"""What was written in a chat contributes (M01, M02, M13, M41); as a contact it contributes like a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.contributions import Item
from streams.figures.from_ticket import REOPEN_WINDOW

if TYPE_CHECKING:
    from streams.figures.contributions import QueueSets
    from streams.lifecycles.dialogue import Dialogue
    from streams.lifecycles.marks import Mark


def add_dialogue(sets: QueueSets, dialogue: Dialogue, default_channel: str, *, customer: str) -> None:
    """Add to the chat's sets. ``default_channel``: channel of chats that name none; ``customer``: empty if unknown."""

    def book(cell: str, mark: Mark, value: int) -> None:
        queue, channel, priority, rep = mark.dims
        sets.items_of(queue).append(Item(cell, channel or default_channel, priority, rep, mark.at, 0, value))

    first_reply = dialogue.first_reply
    if first_reply is not None:
        reply, human_clock, felt_clock = first_reply
        book(cells.CHAT_FIRST_REPLY, reply, reply.at - human_clock)
        book(cells.CHAT_FIRST_REPLY_FELT, reply, reply.at - felt_clock)
    for wait in dialogue.talk.waits:
        book(cells.CHAT_NEXT_REPLY, wait.end, wait.length)
    if dialogue.over is not None and dialogue.served:
        book(cells.CHAT_REPLIES, dialogue.over, dialogue.replies)
    for number, episode in enumerate(dialogue.episodes):
        if episode.handoff is not None:
            book(cells.CHAT_BOT_HANDOFF, episode.handoff, episode.handoff.at - episode.began)
        if episode.contained and episode.solved is not None:
            ripe = episode.solved._replace(at=episode.solved.at + REOPEN_WINDOW)
            book(cells.CHAT_BOT_CONTAINED, episode.solved, 1)
            if customer:
                continue  # whether the customer turned to people elsewhere is known of all their contacts together
            book(cells.CHAT_BOT_CONTAINED_MATURE, ripe, 1)
            following = dialogue.episodes[number + 1 : number + 2]
            if not following or following[0].began > ripe.at:
                book(cells.CHAT_BOT_VERIFIED, ripe, 1)

"""Events of a bot's part in a ticket or chat (family ``bot``)."""

from __future__ import annotations

from typing import ClassVar

from streams.events.base import Data


class BotHandoff(Data, tag="bot.handoff", frozen=True):
    """The bot gave the conversation to a person: the human clocks start."""

    RANK: ClassVar[int] = 2


class BotResolved(Data, tag="bot.resolved", frozen=True):
    """The bot takes the conversation for resolved, with no human message in it: solved, until reopened."""

    RANK: ClassVar[int] = 3

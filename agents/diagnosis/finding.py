"""What a diagnosis says of one thing."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How much it matters."""

    OK = "ok"
    NOTE = "note"
    """Works, but somebody should know."""
    WRONG = "wrong"


class Finding(NamedTuple):
    """One thing that was looked at."""

    level: Level
    about: str
    """A word or two."""
    said: str
    """A sentence."""
    do: str = ""
    """What to do about it; empty: nothing."""

"""Choices read from a string of bytes, so that Hypothesis can generate them fast and shrink them well.

A tape that has run out answers 0, which everywhere means the plainest choice.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Tape:
    """Reads choices from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __repr__(self) -> str:
        return f"Tape({self._data.rstrip(bytes(1))!r})"

    def pick(self, choices: int) -> int:
        """A number from 0 to ``choices`` - 1."""
        if choices < 2 or self._at >= len(self._data):
            return 0
        self._at += 1
        found = self._data[self._at - 1]
        if choices > 256 and self._at < len(self._data):
            self._at += 1
            found = found << 8 | self._data[self._at - 1]
        return found % choices

    def one(self, choices: Sequence[T]) -> T:
        """One of the choices; the first is the plainest."""
        return choices[self.pick(len(choices))]

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """The items in another order; in the given one when the tape has run out."""
        left = list(items)
        return [left.pop(self.pick(len(left))) for _ in items]


def tapes(length: int) -> st.SearchStrategy[Tape]:
    """Tapes of at most this many bytes: plain ones, which shrink well, and full ones, in which much happens."""
    full = st.integers(0, (1 << 64) - 1).map(lambda seed: Random(seed).randbytes(length))
    return (st.binary(max_size=length) | st.binary(min_size=length, max_size=length) | full).map(Tape)

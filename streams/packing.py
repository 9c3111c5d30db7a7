"""What is stored and sent, made smaller where it is large: labels that say the same again and again pack well.

So the size of what follows from a history is bounded by what is in it, however often a long name is repeated.
"""

from __future__ import annotations

import zlib

_FROM = 65_536
"""Smaller ones are left as they are, in bytes: packing costs more time than it saves."""
_MARK = b"\xc1"
"""The one byte that no MessagePack begins with."""


def pack(encoded: bytes) -> bytes:
    """MessagePack as it is sent."""
    return encoded if len(encoded) < _FROM else _MARK + zlib.compress(encoded, 1)


def unpack(stored: bytes) -> bytes:
    """The inverse of :func:`pack`."""
    return zlib.decompress(stored[1:]) if stored[:1] == _MARK else stored

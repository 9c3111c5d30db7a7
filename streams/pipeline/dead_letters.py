"""What could not be taken, as it came, and why. :mod:`streams.pipeline.redrive` reads it again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from streams.codec import RejectedError
from streams.limits import LIMITS, Limits
from streams.stage import Output
from streams.topics import DEAD_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.stage import Record

ORIGINAL = "original."
"""Goes before the names of the headers that the producer gave the record."""

_KEY_BYTES = 4096
"""What a longer key is cut to: no subject has so many."""
_HEADERS_BYTES = 16_384
"""Where not all fits, the producer's headers are kept if they have no more."""
_FRAME = 1024
"""Bytes of a record besides key, value and headers, and of the headers that say what was cut."""
_HEADER_FRAME = 10
"""Bytes of a header besides name and value, at most."""


def check_size(record: Record, limits: Limits) -> None:
    """Refuse what is too large to be looked into.

    Raises:
        RejectedError: says how large it is.
    """
    size = len(record.value or b"") + len(record.key or b"")
    if record.headers:
        size += sum(len(name.encode()) + len(value or b"") for name, value in record.headers)
    if size > limits.event_bytes:
        raise RejectedError(
            "size", "value", size, f"key, value and headers must have at most {limits.event_bytes} bytes"
        )


def dead_letter(source: str, partition: int, record: Record, error: RejectedError) -> Output:
    """A record for the topic of dead letters; what does not fit into one is cut, and its headers say so."""
    told: list[tuple[str, bytes | None]] = [
        ("reason", error.reason.encode()),
        ("field", error.field.encode("utf-8", "backslashreplace")),
        ("error", str(error).encode("utf-8", "backslashreplace")),
        ("topic", source.encode()),
        ("partition", str(partition).encode()),
        ("offset", str(record.offset).encode()),
    ]
    key, value = record.key, record.value
    originals = [(f"{ORIGINAL}{name}", said) for name, said in record.headers or ()]
    if key is not None and len(key) > _KEY_BYTES:
        told.append(("key-bytes", str(len(key)).encode()))
        key = key[:_KEY_BYTES]
    room = LIMITS.record_bytes - _FRAME - len(key or b"") - _size(told)
    if _size(originals) > max(_HEADERS_BYTES, room - len(value or b"")):
        size = sum(len(name.encode()) + len(said or b"") for name, said in record.headers)
        told.append(("headers-bytes", str(size).encode()))
        originals = []
    room -= _size(originals)
    if value is not None and len(value) > room:
        told.append(("value-bytes", str(len(value)).encode()))
        told.append(("value-sha256", hashlib.sha256(value).hexdigest().encode()))
        value = value[:room]
    return Output(DEAD_LETTERS.name, 0, key, value, (*told, *originals))


def _size(headers: Iterable[tuple[str, bytes | None]]) -> int:
    return sum(_HEADER_FRAME + len(name.encode()) + len(said or b"") for name, said in headers)

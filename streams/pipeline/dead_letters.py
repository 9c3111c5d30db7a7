"""What could not be taken, as it came, and why."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from streams.codec import RejectedError
from streams.limits import LIMITS, Limits
from streams.stage import Output
from streams.topics import DEAD_LETTERS

if TYPE_CHECKING:
    from streams.stage import Record

_KEY_BYTES = 4096
"""What a longer key is cut to: no subject has so many."""
_FRAME = 1024
"""Bytes of a record besides key, value and headers, and of the headers that say what was cut."""


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
    headers = [
        ("reason", error.reason.encode()),
        ("field", error.field.encode()),
        ("error", str(error).encode("utf-8", "backslashreplace")),
        ("topic", source.encode()),
        ("partition", str(partition).encode()),
        ("offset", str(record.offset).encode()),
    ]
    key, value = record.key, record.value
    if key is not None and len(key) > _KEY_BYTES:
        headers.append(("key-bytes", str(len(key)).encode()))
        key = key[:_KEY_BYTES]
    used = _FRAME + len(key or b"") + sum(len(name) + len(said) for name, said in headers)
    if value is not None and used + len(value) > LIMITS.record_bytes:
        headers.append(("value-bytes", str(len(value)).encode()))
        headers.append(("value-sha256", hashlib.sha256(value).hexdigest().encode()))
        value = value[: LIMITS.record_bytes - used]
    return Output(DEAD_LETTERS.name, 0, key, value, tuple(headers))

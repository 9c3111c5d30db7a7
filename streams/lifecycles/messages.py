"""Which messages of a ticket or chat the customer can see: a message may be made private long after it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streams.events import Entry
from streams.events.tickets import MessageMadePrivate, MessageSent

if TYPE_CHECKING:
    from collections.abc import Sequence


def still_public(events: Sequence[Entry]) -> Sequence[Entry]:
    """A history in which the messages that were made private are notes from the first."""
    hidden: set[str] = set()
    for entry in events:
        if type(entry.data) is MessageMadePrivate:
            # An identity is source, # and id, and both may contain a #: the message is of the same source.
            hidden.update(
                f"{entry.uid[:end]}#{entry.data.message}" for end, mark in enumerate(entry.uid) if mark == "#"
            )
    if not hidden:
        return events
    return [_as_note(entry) if entry.uid in hidden and type(entry.data) is MessageSent else entry for entry in events]


def _as_note(entry: Entry) -> Entry:
    return Entry(entry.time, entry.sequence, entry.uid, msgspec.structs.replace(entry.data, public=False))

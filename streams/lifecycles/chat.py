"""A chat's life: a contact that may be answered by writing, in a source that reports no connection.

Messages of bots answer nothing: the customer still waits for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.events import Entry
from streams.events.contacts import ContactConnected, ContactQueued
from streams.events.tickets import MessageSent
from streams.lifecycles.complaint import complaints_of
from streams.lifecycles.contact import Contact, fold_contact
from streams.lifecycles.dialogue import fold_dialogue
from streams.lifecycles.dims import NOWHERE
from streams.lifecycles.marks import Mark
from streams.lifecycles.messages import still_public

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.figures.options import FigureOptions

__all__ = ["Contact", "fold_chat"]


def fold_chat(events: Sequence[Entry], options: FigureOptions, now: int) -> Contact | None:
    """Fold a chat's sorted history; see :func:`streams.lifecycles.contact.fold_contact`."""
    events = still_public(events)
    contact = fold_contact(_with_answers(events), options, now)
    if contact is not None:
        contact.dialogue = fold_dialogue(events)
        contact.complaints = complaints_of(events, _replies(events), "reply")
    return contact


def _replies(events: Sequence[Entry]) -> Iterator[Mark]:
    """What reps wrote to the customer."""
    dims = NOWHERE
    for entry in events:
        dims = dims.after(entry.data)
        if _is_reply(entry):
            yield Mark(entry.time, dims._replace(rep=entry.data.rep or ""))


def _is_reply(entry: Entry) -> bool:
    data = entry.data
    return type(data) is MessageSent and data.author == "rep" and data.public and not data.automated


def _with_answers(events: Sequence[Entry]) -> Sequence[Entry]:
    """Turn the first public message of a rep to a waiting customer into the answer to the wait."""
    answered: list[Any] = []
    waits = False
    for entry in events:
        kind = type(entry.data)
        if kind is ContactQueued:
            waits = True
        elif kind is ContactConnected:
            waits = False
        elif waits and _is_reply(entry):
            waits = False
            answered.append(Entry(entry.time, entry.sequence, entry.uid, ContactConnected(rep=entry.data.rep)))
            continue
        answered.append(entry)
    return answered

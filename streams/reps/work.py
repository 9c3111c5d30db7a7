"""A rep's part of one contact, or an hour of what the rep said, as it travels to the rep's own stage.

Instants are milliseconds since the epoch.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import msgspec

from streams.lifecycles.dims import UNASSIGNED
from streams.lifecycles.rep import Mark, fold_rep
from streams.packing import pack, unpack

if TYPE_CHECKING:
    from streams.figures.options import FigureOptions
    from streams.history import History
    from streams.lifecycles.contact import Contact

HOUR = 3_600_000


UNANSWERED = ("missed", "rejected")
"""What a rep is in who did not answer, the more telling first."""


class Span(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A stretch of time that a contact took of a rep."""

    what: Literal["talk", "dial", "acw", "ring", "missed", "rejected"]
    start: int
    end: int
    """Exclusive; 0: it goes on, as far as is known. No contact knows how long its rep stays in ``missed`` or
    ``rejected``: until the next sign of them, see :mod:`streams.reps.signs`."""
    queue: str
    """The contact's."""

    def until(self, options: FigureOptions) -> int:
        """When it ended, or is taken to end if nothing more is heard of it; never later than so."""
        limit = options.max_spell_millis
        if self.what == "ring":
            limit = options.max_ring_millis
        elif self.what in UNANSWERED:
            limit = options.missed_state_millis
        elif self.what == "acw" and not self.end:
            limit = options.unreported_wrapup_millis
        return min(self.end or self.start + limit, self.start + limit)


class Work(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """What one entity says of one rep."""

    chat: bool = False
    """Whether it is a chat, of which a rep may have several at once."""
    channel: str = ""
    queues: list[str] = []
    """Every queue that any state of the entity may have named."""
    spans: list[Span] = []
    marks: list[Mark] = []

    def limits(self, options: FigureOptions) -> tuple[int, int] | None:
        """The first and the last instant at which it can matter; None if it says nothing."""
        if self.marks:
            return self.marks[0].at, self.marks[-1].at + 2 * options.max_spell_millis
        if self.spans:
            # Whatever begins may end what a rep is in who did not answer before: as long as that might have lasted.
            last = max(span.start for span in self.spans) + options.missed_state_millis
            return min(span.start for span in self.spans), max(last, *(span.until(options) for span in self.spans))
        return None

    def points(self, options: FigureOptions) -> set[int]:
        """All instants at which it may make anything begin or end, alone or with others."""
        found = {at for span in self.spans for at in (span.start, span.until(options))}
        for mark in self.marks:
            found.update((mark.at, mark.at + options.heartbeat_timeout_millis, mark.at + options.max_spell_millis))
        return found

    def spans_by_hour(self) -> Counter[int]:
        """The hours since the epoch in which spans begin, with how many do."""
        return Counter(span.start // HOUR for span in self.spans)

    def hours(self) -> set[int]:
        """The hours since the epoch in which anything of it began."""
        return {at // HOUR for at in (*(span.start for span in self.spans), *(mark.at for mark in self.marks))}


class Known(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """What is known of a rep from one entity, and the version of what it follows from; a larger one knows more."""

    version: int
    work: Work


def of_rep(history: History) -> Work:
    """What an hour of a rep's own history says."""
    queues = {entry.data.queue or UNASSIGNED for entry in (*history.events, *history.replaced)}
    return Work(queues=sorted({*queues, UNASSIGNED}), marks=fold_rep(history.events))


def of_contact(contact: Contact, queues: list[str], channel: str, *, chat: bool) -> dict[str, Work]:
    """What a call or chat took of each of its reps. Test contacts take time, too."""
    spans: dict[str, list[Span]] = {}

    def add(rep: str, span: Span) -> None:
        if rep and (not span.end or span.end > span.start):
            spans.setdefault(rep, []).append(span)

    for segment in contact.segments:
        queue, rep = segment.dims.queue, segment.dims.rep
        add(rep, Span("talk", segment.at, segment.talk_end or 0, queue))
        if segment.talk_end is not None:
            add(rep, Span("acw", segment.talk_end, segment.wrap_end or 0, queue))
    for callback in contact.callbacks:
        for attempt in callback.attempts:
            add(attempt.dims.rep, Span("dial", attempt.at, attempt.until or 0, attempt.dims.queue))
    for ring in contact.rings.over:
        add(ring.rep, Span("ring", ring.since, ring.until, _queue_at(contact, ring.since)))
    for rep, since in contact.rings.now.items():
        add(rep, Span("ring", since, 0, _queue_at(contact, since)))
    for missed in contact.missed:
        if not missed.by_customer:
            what: Literal["missed", "rejected"] = "rejected" if missed.rejected else "missed"
            add(missed.dims.rep, Span(what, missed.at, 0, _queue_at(contact, missed.at)))
    said = contact.dims.channel or channel
    return {
        rep: Work(chat, said, queues, sorted(found, key=lambda span: (span.start, span.what, span.end)))
        for rep, found in spans.items()
    }


def _queue_at(contact: Contact, at: int) -> str:
    """The queue that a contact had last entered."""
    return next((stay.dims.queue for stay in reversed(contact.entries) if stay.at <= at), UNASSIGNED)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Known)


def encode(known: Known) -> bytes:
    """As it travels and is stored."""
    return pack(_ENCODER.encode(known))


def decode(stored: bytes) -> Known:
    """The inverse of :func:`encode`."""
    return _DECODER.decode(unpack(stored))

"""What one rep did, spell by spell: the union of all contacts, and presence (SPEC 2.2, M37 to M39).

Time is cut wherever anything begins or ends. In each piece the rep is in one state, the first of these that holds:
having missed a contact, having rejected one, on contact (a conversation, or dialling one), wrapping up, ringing, and
otherwise what the rep's own events say. One chat or four: the rep is on contact once.

Every piece belongs to the quarter of an hour in which it began. So the figures of a rep are many small sets, of which
an event changes few. No piece, and nothing that makes one, lasts longer than ``FigureOptions.max_spell_seconds``.

All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells
from streams.figures.contributions import Item
from streams.lifecycles.rep import presence
from streams.reps.active import Active
from streams.reps.signs import Signs
from streams.reps.work import UNANSWERED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.figures.options import FigureOptions
    from streams.lifecycles.rep import Presence
    from streams.reps.work import Span, Work

SLICE = 900_000
"""Quarters of an hour, in milliseconds: small enough for a set to be sent again whenever something changes in it."""

Slices = dict[int, dict[str, list[Item]]]
"""Slice since the epoch to queue to what is booked to it, in the order of time."""

_SHOWN = (
    *((what, what) for what in UNANSWERED),
    ("talk", "on_contact"),
    ("dial", "on_contact"),
    ("acw", "acw"),
    ("ring", "incoming"),
)
"""What a rep may be doing to the state shown, the most telling first."""
_BUSY = {"talk", "dial", "acw"}


class Part(NamedTuple):
    """A contact's span, as far as it counts."""

    start: int
    end: int
    what: str
    queue: str
    channel: str
    chat: int
    """Number of the chat; -1: no chat."""
    last: bool
    """Whether the rep is done with the chat at its end, as far as is known."""


class Piece(NamedTuple):
    """A stretch of time in which nothing changed; the end is exclusive."""

    start: int
    end: int
    state: str
    busy: bool
    """Whether the rep had a contact or its wrap-up, whatever state they were shown in."""
    known: bool
    """Whether the rep's own events told that they were there."""
    queue: str
    channel: str
    chats: int
    """How many chats the rep had."""
    finished: int
    """How many of them were done with at its end."""


def by_slice(rep: str, works: Iterable[Work], options: FigureOptions) -> Slices:
    """Items of all pieces, by the slice in which each began."""
    return _by_slice(rep, Times.of(works, options).pieces())


def slices_between(rep: str, times: Times, since: int, before: int) -> Slices:
    """Items of the pieces that began at or after an instant and before another, by the slice in which each began."""
    return _by_slice(rep, times.pieces(since, before))


def _by_slice(rep: str, found: Iterable[Piece]) -> Slices:
    slices: Slices = {}
    for piece in found:
        sets = slices.setdefault(piece.start // SLICE, {})
        sets.setdefault(piece.queue, []).extend(_items(rep, piece))
    return slices


def _items(rep: str, piece: Piece) -> Iterator[Item]:
    start, end, channel = piece.start, piece.end, piece.channel
    prefix = cells.REP_TIME if piece.known else cells.REP_SEEN
    # Of spans the cohort is the beginning: see :data:`streams.figures.cells.SPLIT`.
    yield Item(prefix + piece.state, channel, "", rep, end, start, 1)
    if piece.known and piece.busy and piece.state in UNANSWERED:
        yield Item(cells.REP_BUSY_BESIDES, channel, "", rep, end, start, 1)
    if piece.chats:
        yield Item(cells.CHAT_TIME, channel, "", rep, end, start, piece.chats)
        yield Item(cells.CHAT_WALL, channel, "", rep, end, start, 1)
    if piece.finished:
        yield Item(cells.CHATS_HANDLED, channel, "", rep, end, 0, piece.finished)


class Times:
    """A rep's presence and parts of contacts."""

    def __init__(self, there: list[Presence], parts: list[Part]) -> None:
        self._there = there
        self._parts = parts

    @classmethod
    def of(cls, works: Iterable[Work], options: FigureOptions, since: int = 0) -> Times:
        """Read what entities say of a rep; ``since``: what ended before it may be left out."""
        works = list(works)
        marks = sorted((mark for work in works for mark in work.marks), key=lambda mark: mark.at)
        signs = Signs(marks, works)
        parts = [part for number, work in enumerate(works) for part in _parts(work, number, signs, options)]
        return cls(presence(marks, options, since), sorted(part for part in parts if part.end >= since))

    def last_limit(self, before: int) -> int | None:
        """When the piece of time before an instant began or, where nothing was known then, ended."""
        return max((at for at in self._limits() if at < before), default=None)

    def _limits(self, since: int = 0) -> set[int]:
        """Where time is cut, for all that ends at or after an instant."""
        limits = {at for part in self._parts if part.end >= since for at in (part.start, part.end)}
        limits.update(at for spell in self._there if spell.end >= since for at in (spell.start, spell.end))
        return limits

    def pieces(self, since: int = 0, before: int = 1 << 62) -> Iterator[Piece]:
        """The pieces that begin at or after an instant and before another, in the order of time."""
        there = [spell for spell in self._there if spell.end >= since]
        parts = [part for part in self._parts if part.end >= since]
        coming, here = iter([*parts, _END]), iter([*there, None])
        after, spell = next(coming), next(here)
        active = Active()
        for start, end in pairwise(sorted(self._limits(since))):
            if start >= before:
                return
            active.pass_to(start)
            while after.start <= start:
                active.begin(after)
                after = next(coming)
            while spell is not None and spell.end <= start:
                spell = next(here)
            current = spell if spell is not None and spell.start <= start else None
            if start >= since and (active or current is not None):
                yield _piece(start, end, active, current)


def pieces(works: Iterable[Work], options: FigureOptions) -> Iterator[Piece]:
    """All pieces of a rep's time, in the order of time."""
    return Times.of(works, options).pieces()


_END = Part(1 << 62, 1 << 62, "", "", "", -1, last=False)


def _parts(work: Work, number: int, signs: Signs, options: FigureOptions) -> Iterator[Part]:
    counted = [(span, end) for span in work.spans if (end := _end(span, signs, options)) > span.start]
    wrapped_up = {span.start for span, _ in counted if span.what == "acw"}
    for span, end in counted:
        handles = work.chat and span.what in ("talk", "acw")
        # A conversation that goes on is not over with the longest that it can count for.
        last = handles and (span.what == "acw" or (span.end > 0 and span.end not in wrapped_up))
        yield Part(span.start, end, span.what, span.queue, work.channel, number if handles else -1, last)


def _end(span: Span, signs: Signs, options: FigureOptions) -> int:
    latest = span.until(options)
    return signs.end(span.start, latest) if span.what in UNANSWERED else latest


def _piece(start: int, end: int, active: Active, spell: Presence | None) -> Piece:
    doing = active.doing
    shown = next((state for what, state in _SHOWN if what in doing), spell.state if spell else "")
    # Who never said where they belong is counted with the contact that came last.
    queue, channel = (spell.queue, spell.channel) if spell else (active.latest.queue, active.latest.channel)
    busy = not _BUSY.isdisjoint(doing)
    return Piece(start, end, shown, busy, spell is not None, queue, channel, active.chats, active.done_at(end))

"""Books the items of a ticket, or a complaint: each to the labels then in force, and each duration by both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures.cells import BUSINESS
from streams.figures.contributions import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.figures.contributions import QueueSets
    from streams.figures.working_hours import Schedule
    from streams.lifecycles.dims import Dims
    from streams.lifecycles.marks import Mark

    Spells = Sequence[tuple[int, int]]


class Book:
    """Where a ticket's items are booked to. Instants are milliseconds since the epoch, durations milliseconds."""

    __slots__ = ("_default_channel", "_fixed", "_items", "_queue", "_schedule", "_sets")

    def __init__(
        self, sets: QueueSets, fixed: Dims | None, schedule: Schedule | None, default_channel: str = ""
    ) -> None:
        """Book into sets.

        Args:
            sets: what the items are added to.
            fixed: the labels that everything is booked to; None: those in force at each event.
            schedule: the ticket's calendars; None: it has had none, and no business time.
            default_channel: taken where no channel was named.
        """
        self._sets = sets
        self._fixed = fixed
        self._schedule = schedule
        self._default_channel = default_channel
        self._queue: str | None = None
        self._items: list[Item] = []
        """The items of the queue that was booked to last: mostly it is the same again."""

    def __call__(self, cell: str, mark: Mark, value: int) -> None:
        """Add one item."""
        queue, channel, priority, rep = self._fixed or mark.dims
        if queue != self._queue:
            self._queue, self._items = queue, self._sets.items_of(queue)
        self._items.append(Item(cell, channel or self._default_channel, priority, rep, mark.at, 0, value))

    def lasted(self, cell: str, began: int, mark: Mark, *, without: Spells = ()) -> None:
        """A duration from an instant to the mark, less the spells in between that do not count."""
        length = mark.at - began
        self(cell, mark, length - _length(without) if without else length)
        if self._schedule is not None:
            gross = self._schedule.business(((began, mark.at),), mark.at)
            less = self._schedule.business(without, mark.at) if without else 0
            if gross is not None and less is not None:
                self(cell + BUSINESS, mark, gross - less)

    def replied(self, cell: str, began: int, mark: Mark, *, without: Spells = ()) -> None:
        """A duration that a reply ended: its author's, also where all else is booked to another rep."""
        own = self._fixed and Book(self._sets, self._fixed._replace(rep=mark.dims.rep), self._schedule)
        (own or self).lasted(cell, began, mark, without=without)

    def spent(self, cell: str, mark: Mark, spells: Spells) -> None:
        """A duration that is the sum of spells, booked at the mark."""
        self(cell, mark, _length(spells))
        if self._schedule is not None:
            business = self._schedule.business(spells, mark.at)
            if business is not None:
                self(cell + BUSINESS, mark, business)

    def owned(self, cell: str, began: int, mark: Mark) -> None:
        """A duration of one queue: booked to that queue, also where all else is booked to another."""
        if self._fixed is None:
            self.lasted(cell, began, mark)
        else:
            own = self._fixed._replace(queue=mark.dims.queue)
            Book(self._sets, own, self._schedule).lasted(cell, began, mark)


def _length(spells: Spells) -> int:
    return sum(end - start for start, end in spells)

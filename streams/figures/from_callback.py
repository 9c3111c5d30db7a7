"""What a callback contributes (M29): booked at its own time, and by cohort to the customer's original arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.contributions import Item, Live

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.figures.contributions import QueueSets
    from streams.figures.options import FigureOptions
    from streams.lifecycles.callback import Callback
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims

    _Book = Callable[[str, Dims, int, int], None]


def add_callbacks(sets: QueueSets, contact: Contact, options: FigureOptions, default_channel: str) -> None:
    """Add what the contact's callbacks contribute to its sets."""
    for callback in contact.callbacks:

        def book(cell: str, dims: Dims, at: int, value: int, cohort: int = callback.origin) -> None:
            queue, channel, priority, rep = dims
            sets.items_of(queue).append(Item(cell, channel or default_channel, priority, rep, at, cohort, value))

        _fate(callback, book)
        _attempts(callback, options, book)
        for stay in callback.stays:
            if stay.outcome == "answered":
                book(cells.CALLBACK_QUEUE_WAIT, stay.dims, stay.until, stay.until - stay.at)
        _judge(callback, options, book)
        if callback is contact.calling_back:
            queue, channel, priority, _ = _place(callback)
            state = cells.CALLING_BACK + callback.state
            sets.live_of(queue).append(Live(state, channel or default_channel, priority, callback.since))


def _place(callback: Callback) -> Dims:
    """Where a callback is now: with its last attempt or in its last queue, at first where it was requested."""
    places = [(attempt.at, attempt.dims) for attempt in callback.attempts[-1:]]
    places += [(stay.at, stay.dims) for stay in callback.stays[-1:]]
    places.append((callback.at, callback.dims))
    return max(places, key=lambda place: place[0])[1]


def _fate(callback: Callback, book: _Book) -> None:
    book(cells.CALLBACK + "requested", callback.dims, callback.at, 1)
    if callback.state in cells.CALLBACK_FATES:
        book(cells.CALLBACK + callback.state, _place(callback), callback.since, 1)
    if callback.state == "answered":
        dims = _place(callback)
        book(cells.CALLBACK_WAIT, dims, callback.since, callback.since - callback.at)
        book(cells.CALLBACK_END_TO_END, dims, callback.since, callback.since - callback.origin)


def _attempts(callback: Callback, options: FigureOptions, book: _Book) -> None:
    for attempt in callback.attempts:
        if attempt.until is None:
            continue
        dial = attempt.until - attempt.at
        result = "answered" if attempt.answered else "failed"
        book(cells.CALLBACK_ATTEMPT + result, attempt.dims, attempt.until, 1)
        book(cells.CALLBACK_DIAL, attempt.dims, attempt.until, dial)
        if options.handle_includes_dial and not attempt.answered:
            book(cells.HANDLE, attempt.dims, attempt.until, dial)


def _judge(callback: Callback, options: FigureOptions, book: _Book) -> None:
    """Service level of callbacks: hits, and all that are judged."""
    if options.callback_policy == "leg":
        judged = [
            (stay.dims, stay.until, stay.until - stay.at, stay.outcome == "answered")
            for stay in callback.stays
            if stay.outcome in ("answered", "abandoned")
        ]
    elif callback.state in ("answered", "abandoned"):
        whole = callback.since - callback.origin
        judged = [(_place(callback), callback.since, whole, callback.state == "answered")]
    else:
        judged = []
    for dims, at, wait, reached in judged:
        book(cells.CALLBACK_JUDGED, dims, at, 1)
        if reached and wait <= options.threshold_millis(dims.queue):
            book(cells.CALLBACK_HIT, dims, at, 1)

"""What a call or chat contributes (M20 to M26, M28, M30 to M33)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.contributions import Item, Live, QueueSets

if TYPE_CHECKING:
    from streams.figures.options import FigureOptions
    from streams.lifecycles.contact import Contact, QueueEntry


def contributions(contact: Contact, options: FigureOptions, default_channel: str) -> QueueSets:
    """Derive the contact's sets by queue. ``default_channel``: channel of contacts that name none."""
    sets = QueueSets()
    if contact.test:
        return sets
    arrival = contact.began if options.cohort_at == "arrival" else 0
    for number, stay in enumerate(contact.entries):
        _stay(sets, stay, arrival or stay.at, options, default_channel, first=number == 0)
    _segments(sets, contact, arrival, default_channel)
    return sets


def _stay(
    sets: QueueSets, stay: QueueEntry, cohort: int, options: FigureOptions, default_channel: str, *, first: bool
) -> None:
    queue, channel, priority, rep = stay.dims
    channel = channel or default_channel
    items = sets.items_of(queue)

    def book(cell: str, at: int, value: int) -> None:
        items.append(Item(cell, channel, priority, rep, at, cohort, value))

    book(cells.OFFERED, stay.at, 1)
    if first:
        book(cells.CONTACTS, stay.at, 1)
    if stay.outcome == "waiting":
        sets.live_of(queue).append(Live(cells.WAITING, channel, priority, stay.at))
        return
    wait = stay.until - stay.at
    in_time = wait <= options.threshold_millis(queue)
    if stay.outcome == "answered":
        book(cells.QUEUE_WAIT, stay.until, wait)
        if in_time:
            book(cells.ANSWERED_IN, stay.until, 1)
    elif stay.outcome == "abandoned":
        book(cells.ABANDON_WAIT, stay.until, wait)
        if in_time:
            book(cells.ABANDONED_IN, stay.until, 1)
        if wait <= options.short_abandon_seconds * 1000:
            book(cells.ABANDONED_SHORT, stay.until, 1)
    elif stay.outcome == "flow_out":
        book(cells.FLOW_OUT + stay.why, stay.until, 1)
        if stay.why == "callback" and in_time:
            book(cells.CALLBACK_IN, stay.until, 1)
    else:
        book(cells.GHOST, stay.until, 1)


def _segments(sets: QueueSets, contact: Contact, arrival: int, default_channel: str) -> None:
    for segment in contact.segments:
        if segment.talk_end is None:
            continue
        queue, channel, priority, rep = segment.dims
        items = sets.items_of(queue)
        # A segment belongs to the cohort of the stay in the queue that led to it.
        cohort = arrival or max((stay.at for stay in contact.entries if stay.at <= segment.at), default=segment.at)
        done = max(segment.talk_end, segment.wrap_end or 0)
        talk = segment.talk_end - segment.at - segment.hold
        for cell, value in (
            (cells.TALK, talk),
            (cells.HANDLE, talk + segment.hold + segment.acw),
        ):
            items.append(Item(cell, channel or default_channel, priority, rep, done, cohort, value))
        if segment.wrap_end is not None:
            items.append(Item(cells.ACW, channel or default_channel, priority, rep, done, cohort, segment.acw))
        items.extend(
            Item(cells.ONE_HOLD, channel or default_channel, priority, rep, end, cohort, end - start)
            for start, end in segment.holds
        )
    if contact.ended is None or not contact.entries:
        return
    queue, channel, priority, rep = (contact.segments[-1] if contact.segments else contact.entries[-1]).dims
    held = sum(segment.hold for segment in contact.segments)
    waited = sum(stay.until - stay.at for stay in contact.entries if stay.outcome != "waiting")
    items = sets.items_of(queue)
    cohort = arrival or contact.entries[0].at
    items.append(
        Item(cells.CUSTOMER_WAIT, channel or default_channel, priority, rep, contact.ended, cohort, held + waited)
    )
    if any(segment.holds for segment in contact.segments):
        items.append(Item(cells.HOLD, channel or default_channel, priority, rep, contact.ended, cohort, held))

"""What a call or chat contributes (M20 to M28, M30 to M36; callbacks: :mod:`streams.figures.from_callback`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells, from_callback, from_complaint
from streams.figures.contributions import Item, Live, QueueSets

if TYPE_CHECKING:
    from streams.figures.options import FigureOptions
    from streams.figures.working_hours import WorkingHours
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims
    from streams.lifecycles.parts import QueueEntry, Segment


def contributions(contact: Contact, options: FigureOptions, hours: WorkingHours, default_channel: str) -> QueueSets:
    """Derive the contact's sets by queue. ``default_channel``: channel of contacts that name none."""
    sets = QueueSets()
    if contact.test:
        return sets
    arrival = contact.began if options.cohort_at == "arrival" else 0
    for number, stay in enumerate(contact.entries):
        _stay(sets, stay, arrival or stay.at, options, default_channel, first=number == 0)
    if contact.entries:
        _arrival(sets, contact.entries[0], arrival, hours, default_channel)
    _segments(sets, contact, arrival, options, default_channel)
    _handovers(sets, contact, default_channel)
    from_callback.add_callbacks(sets, contact, options, default_channel)
    from_complaint.add_of_contact(sets, contact, hours, default_channel)
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
    late = stay.at + options.threshold_millis(queue)
    if stay.outcome == "waiting" or stay.until > late:
        items.append(Item(cells.THRESHOLD_PASSED, channel, priority, rep, late, 0, 1))
    if stay.outcome == "waiting":
        book(cells.STILL_WAITING, stay.at, 1)
        sets.live_of(queue).append(Live(cells.WAITING, channel, priority, stay.at))
        return
    wait = stay.until - stay.at
    in_time = stay.until <= late
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


def _arrival(sets: QueueSets, stay: QueueEntry, arrival: int, hours: WorkingHours, default_channel: str) -> None:
    """Whether the desk was closed when the contact entered its first queue."""
    queue, channel, priority, rep = stay.dims
    calendar = hours.of_queue(queue)
    if calendar is not None:
        found = (
            [cells.CONTACTS_JUDGED]
            if calendar.is_open(stay.at)
            else [cells.CONTACTS_JUDGED, cells.CONTACTS_OUT_OF_HOURS]
        )
        sets.items_of(queue).extend(
            Item(cell, channel or default_channel, priority, rep, stay.at, arrival or stay.at, 1) for cell in found
        )


def _segments(sets: QueueSets, contact: Contact, arrival: int, options: FigureOptions, default_channel: str) -> None:
    for segment in contact.segments:
        if segment.ring is not None:
            _book(sets, segment.dims, default_channel, cells.RING, segment.at, segment.ring)
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
            (cells.HANDLE, talk + segment.hold + segment.acw + _dialled(segment, options)),
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


def _dialled(segment: Segment, options: FigureOptions) -> int:
    return (segment.dialled or 0) if options.handle_includes_dial else 0


def _book(sets: QueueSets, dims: Dims, default_channel: str, cell: str, at: int, value: int) -> None:
    """Book to the event's own time only."""
    queue, channel, priority, rep = dims
    sets.items_of(queue).append(Item(cell, channel or default_channel, priority, rep, at, 0, value))


def _handovers(sets: QueueSets, contact: Contact, default_channel: str) -> None:
    """The way to the queue, missed rings, transfers, and who hung up."""
    if contact.initiated is not None and contact.entries and contact.entries[0].at >= contact.initiated:
        first = contact.entries[0]
        _book(sets, first.dims, default_channel, cells.FLOW_TIME, first.at, first.at - contact.initiated)
    for missed in contact.missed:
        _book(sets, missed.dims, default_channel, cells.REP_NO_ANSWER, missed.at, 1)
        if missed.by_customer:
            _book(sets, missed.dims, default_channel, cells.REP_NO_ANSWER_CUSTOMER, missed.at, 1)
    for transfer in contact.transfers:
        _book(sets, transfer.dims, default_channel, cells.TRANSFER_OUT + transfer.kind, transfer.at, 1)
        if transfer.received is not None:
            at, dims = transfer.received
            _book(sets, dims, default_channel, cells.TRANSFER_IN, at, 1)
    for disconnect in contact.disconnects:
        if disconnect.held:
            cell = cells.HOLD_DISCONNECT + (disconnect.by or "unknown")
            _book(sets, disconnect.dims, default_channel, cell, disconnect.at, 1)
        if disconnect.by == "rep":
            _book(sets, disconnect.dims, default_channel, cells.REP_HUNG_UP, disconnect.at, 1)

"""What the complaints of a ticket, call or chat contribute (M74)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.contributions import Live
from streams.figures.ticket_book import Book
from streams.lifecycles.marks import Placement

if TYPE_CHECKING:
    from streams.figures.contributions import QueueSets
    from streams.figures.working_hours import WorkingHours
    from streams.lifecycles.complaint import Complaint
    from streams.lifecycles.contact import Contact
    from streams.lifecycles.dims import Dims
    from streams.lifecycles.ticket import Ticket


def add_of_ticket(sets: QueueSets, ticket: Ticket, book: Book, now: Dims) -> None:
    """Add those of a ticket. What is deleted or spam was no complaint; what is merged is solved elsewhere, if at all.

    Args:
        sets: those that the book books to.
        ticket: the folded ticket.
        book: books by the ticket's clocks.
        now: the labels that what is open is booked to.
    """
    if not ticket.deleted:
        for number, complaint in enumerate(ticket.complaints.all):
            _add(sets, complaint, book, number, None if ticket.gone else now)


def add_of_contact(sets: QueueSets, contact: Contact, hours: WorkingHours, default_channel: str) -> None:
    """Add those of a call or chat: business time is that of the queue in which each was received."""
    now = contact.dims._replace(channel=contact.dims.channel or default_channel)
    for number, complaint in enumerate(contact.complaints):
        received = complaint.received
        schedule = hours.schedule([Placement(received.at, received.dims.queue, "")])
        _add(sets, complaint, Book(sets, None, schedule, default_channel), number, now)


def _add(sets: QueueSets, complaint: Complaint, book: Book, number: int, now: Dims | None) -> None:
    began, over = complaint.received.at, complaint.settled if now is None else complaint.resolved
    book(cells.COMPLAINT, complaint.received, 1)
    if complaint.answer is not None:
        book.replied(cells.COMPLAINT_REPLY, began, complaint.answer)
    if over is not None:
        book.lasted(cells.COMPLAINT_RESOLUTION, began, over)
    elif now is not None:
        sets.live_of(now.queue).append(Live(f"{cells.OPEN_COMPLAINT}{number}", now.channel, now.priority, began))

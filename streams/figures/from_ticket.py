"""What a ticket contributes (M01 to M18, M41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells, from_complaint
from streams.figures.contributions import Live, QueueSets
from streams.figures.ticket_book import Book
from streams.lifecycles.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.figures.options import FigureOptions
    from streams.figures.working_hours import Schedule, WorkingHours
    from streams.lifecycles.dims import Dims
    from streams.lifecycles.marks import Spell
    from streams.lifecycles.ticket import Ticket

REOPEN_WINDOW = 7 * 86_400_000
"""A reopen counts against a solve within 7 days (M11)."""


def contributions(ticket: Ticket, options: FigureOptions, hours: WorkingHours) -> QueueSets:
    """Derive the ticket's sets by queue."""
    sets = QueueSets()
    if ticket.test:
        return sets
    fixed = fixed_dims(ticket, options)
    schedule = hours.schedule(ticket.placements)
    book = Book(sets, fixed, schedule)
    opening = Mark(ticket.created, ticket.opening)
    book(cells.CREATED, opening, 1)
    _issue(ticket, opening, book)
    _arrival(ticket, opening, schedule, book)
    for mark, name in ticket.named:
        if not hours.knows(name):
            book(cells.UNKNOWN_CALENDAR, mark, 1)
    _replies(ticket, book)
    for spell in ticket.owned.spells:
        book.owned(cells.GROUP_OWNERSHIP, spell.began, spell.end)
    for episode in ticket.episodes:
        if episode.handoff is not None:
            book.lasted(cells.BOT_HANDOFF, episode.began, episode.handoff)
    for mark, level in ticket.escalations:
        book(f"{cells.ESCALATION}{level}", mark, 1)
    if ticket.merged is not None:
        book(cells.MERGED, ticket.merged, 1)
    elif ticket.removed is not None:
        book(cells.SPAM if ticket.spam else cells.DELETED, ticket.removed, 1)
    else:
        _endings(ticket, options, book)
    from_complaint.add_of_ticket(sets, ticket, book, fixed or ticket.dims)
    if not ticket.gone and not ticket.done:
        queue, channel, priority, _ = fixed or ticket.dims
        sets.live_of(queue).append(Live(cells.OPEN + ticket.status, channel, priority, ticket.created))
    return sets


def _issue(ticket: Ticket, opening: Mark, book: Book) -> None:
    """Whether it is about what a customer wants, as what the desk began and spam are not, and no other ticket is."""
    if ticket.outbound or ticket.deleted:
        book(cells.NOT_ASKED, opening, 1)
        return
    if ticket.opened_by_rep:
        book(cells.OPENED_BY_REP, opening, 1)
    if not ticket.own_issue:
        book(cells.JOINED, opening, 1)


def _endings(ticket: Ticket, options: FigureOptions, book: Book) -> None:
    """All that follows from how the ticket ended; what is gone has no end of its own, whatever was said before."""
    _contained(ticket, book)
    _solves(ticket, book)
    _closings(ticket, options, book)
    _state_times(ticket, options, book)
    _stations(ticket, book)
    _mature_ticket(ticket, book)


def _arrival(ticket: Ticket, opening: Mark, schedule: Schedule | None, book: Book) -> None:
    """Whether the desk was closed when the ticket arrived."""
    is_open = None if schedule is None else schedule.open_at_first(ticket.created)
    if is_open is not None:
        book(cells.ARRIVALS_JUDGED, opening, 1)
        if not is_open:
            book(cells.OUT_OF_HOURS, opening, 1)


def _replies(ticket: Ticket, book: Book) -> None:
    first_reply = ticket.first_reply
    if first_reply is not None:
        reply, human_clock, felt_clock = first_reply
        book.replied(cells.FIRST_REPLY, human_clock, reply)
        book.replied(cells.FIRST_REPLY_FELT, felt_clock, reply)
    for wait in ticket.talk.waits:
        book.replied(cells.NEXT_REPLY, wait.began, wait.end)
    for gap in ticket.talk.gaps:
        book.replied(cells.UPDATE_GAP, gap.began, gap.end)
        book.replied(cells.UPDATE_GAP_PAUSABLE, gap.began, gap.end, without=ticket.pending_within(gap))
    for parked in ticket.talk.parked:
        book.lasted(cells.PARKED, parked.began, parked.end)


def _solves(ticket: Ticket, book: Book) -> None:
    """Solves and reopens; what a reopen makes wrong is withdrawn until the next solve."""
    for solve in ticket.solves:
        book(cells.SOLVE, solve, 1)
    for reopen in ticket.reopens:
        book(cells.REOPEN, reopen, 1)
    if ticket.reopens:
        book(cells.REOPENED, ticket.reopens[0], 1)
    if not ticket.solves:
        return
    book.lasted(cells.FIRST_RESOLUTION, ticket.created, ticket.solves[0])
    _mature_reopens(ticket, book)
    if ticket.resolved:
        last, spent = ticket.solves[-1], _by_status(ticket.spells)
        work = spent.get("new", []) + spent.get("open", [])
        book.lasted(cells.FULL_RESOLUTION, ticket.created, last)
        book.spent(cells.REQUESTER_WAIT, last, work + spent.get("on_hold", []))
        book.spent(cells.AGENT_WORK, last, work)


def _closings(ticket: Ticket, options: FigureOptions, book: Book) -> None:
    for closing in ticket.closings:
        book(cells.CLOSE, closing, 1)
    if ticket.closings:
        closing = ticket.closings[0 if options.close_time == "first" else -1]
        book.lasted(cells.TIME_TO_CLOSE, ticket.created, closing)


def _state_times(ticket: Ticket, options: FigureOptions, book: Book) -> None:
    """Time in pending and on hold, of tickets that were in it at all."""
    solve = options.state_times == "solve"
    if solve and not ticket.resolved:
        return
    spent = _by_status(ticket.spells)
    for cell, status in ((cells.PENDING, "pending"), (cells.ON_HOLD, "on_hold")):
        if status in spent:
            book.spent(cell, ticket.solves[-1] if solve else ticket.spell_end[status], spent[status])


def _by_status(spells: Iterable[Spell]) -> dict[str, list[tuple[int, int]]]:
    """When each spell began and ended, by status, those left out that lasted no time."""
    found: dict[str, list[tuple[int, int]]] = {}
    for status, began, ended in spells:
        if began < ended:
            found.setdefault(status, []).append((began, ended))
    return found


def fixed_dims(ticket: Ticket, options: FigureOptions) -> Dims | None:
    """The labels that everything is booked to, or None if each event has its own."""
    if options.attribute_to == "event":
        return None
    dims = ticket.first if options.attribute_to == "first" else ticket.dims
    if not ticket.solves:
        return dims
    solve = ticket.solves[0 if options.attribute_to == "first" else -1]
    return dims._replace(rep=solve.dims.rep)


def _contained(ticket: Ticket, book: Book) -> None:
    """What a bot contained: verified once the window has passed without a reopen."""
    for number, episode in enumerate(ticket.episodes):
        if episode.contained and episode.solved is not None:
            ripe = episode.solved._replace(at=episode.solved.at + REOPEN_WINDOW)
            book(cells.BOT_CONTAINED, episode.solved, 1)
            if ticket.customer:
                continue  # whether the customer turned to people elsewhere is known of all their contacts together
            book(cells.BOT_CONTAINED_MATURE, ripe, 1)
            following = ticket.episodes[number + 1 : number + 2]
            if not following or following[0].began > ripe.at:
                book(cells.BOT_VERIFIED, ripe, 1)


def _mature_reopens(ticket: Ticket, book: Book) -> None:
    """Book every solve, and whether it was undone within the window, at the instant the window has passed."""
    for number, solve in enumerate(ticket.solves):
        ripe = solve._replace(at=solve.at + REOPEN_WINDOW)
        book(cells.SOLVES_MATURE, ripe, 1)
        undone, following = ticket.undone[number], ticket.undone[number + 1 : number + 2]
        # Of several solves in a row a reopen undoes the last one.
        if undone and undone <= ripe.at and following != [undone]:
            book(cells.REOPENS_MATURE, ripe, 1)


def _stations(ticket: Ticket, book: Book) -> None:
    """What was counted until the last solve, booked at it; withdrawn while reopened."""
    if ticket.resolved:
        last, counted = ticket.solves[-1], ticket.counts[-1]
        book(cells.REPLIES, last, counted.replies)
        book(cells.GROUPS, last, counted.groups)
        book(cells.GROUP_SPELLS, last, counted.group_spells)
        book(cells.ASSIGNEES, last, counted.assignees)
        book(cells.ASSIGNEE_SPELLS, last, counted.assignee_spells)


def _mature_ticket(ticket: Ticket, book: Book) -> None:
    """Book the ticket once, when the window after its first solve has passed: one touch, escalated."""
    if not ticket.solves:
        return
    ripe = ticket.solves[0]._replace(at=ticket.solves[0].at + REOPEN_WINDOW)
    book(cells.SOLVED_MATURE, ripe, 1)
    undone = ticket.undone[0]
    if ticket.counts[0].replies <= 1 and not (undone and undone <= ripe.at):
        book(cells.ONE_TOUCH, ripe, 1)
    if any(mark.at <= ripe.at for mark, _ in ticket.escalations):
        book(cells.ESCALATED, ripe, 1)

"""What a ticket contributes (M01 to M18, M41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.contributions import Item, Live, QueueSets
from streams.lifecycles.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.figures.options import FigureOptions
    from streams.lifecycles.dims import Dims
    from streams.lifecycles.marks import Span
    from streams.lifecycles.ticket import Ticket

    _Book = Callable[[str, Mark, int], None]

REOPEN_WINDOW = 7 * 86_400_000
"""A reopen counts against a solve within 7 days (M11)."""


def contributions(ticket: Ticket, options: FigureOptions) -> QueueSets:
    """Derive the ticket's sets by queue."""
    sets = QueueSets()
    fixed = _fixed_dims(ticket, options)

    def book(cell: str, mark: Mark, value: int) -> None:
        queue, channel, priority, rep = fixed or mark.dims
        sets.items_of(queue).append(Item(cell, channel, priority, rep, mark.at, 0, value))

    opening = Mark(ticket.created, ticket.opening)
    book(cells.CREATED, opening, 1)
    if ticket.opened_by_rep:
        book(cells.OPENED_BY_REP, opening, 1)
    _replies(ticket, book)
    _owners(sets, ticket, fixed)
    _bots(ticket, book)
    _solves(ticket, book)
    _closings(ticket, options, book)
    _state_times(ticket, options, book)
    _stations(ticket, book)
    _mature_ticket(ticket, book)
    for mark, level in ticket.escalations:
        book(f"{cells.ESCALATION}{level}", mark, 1)
    if ticket.merged is not None:
        book(cells.MERGED, ticket.merged, 1)
    if not ticket.gone and not ticket.done:
        queue, channel, priority, _ = fixed or ticket.dims
        sets.live_of(queue).append(Live(cells.OPEN + ticket.status, channel, priority, ticket.created))
    return sets


def _replies(ticket: Ticket, book: _Book) -> None:
    first_reply = ticket.first_reply
    if first_reply is not None:
        reply, human_clock, felt_clock = first_reply
        book(cells.FIRST_REPLY, reply, reply.at - human_clock)
        book(cells.FIRST_REPLY_FELT, reply, reply.at - felt_clock)

    def ended(cell: str, span: Span, without: int = 0) -> None:
        book(cell, span.end, span.length - without)

    for wait in ticket.talk.waits:
        ended(cells.NEXT_REPLY, wait)
    for gap in ticket.talk.gaps:
        ended(cells.UPDATE_GAP, gap.span)
        ended(cells.UPDATE_GAP_PAUSABLE, gap.span, gap.pending)
    for parked in ticket.talk.parked:
        ended(cells.PARKED, parked)


def _owners(sets: QueueSets, ticket: Ticket, fixed: Dims | None) -> None:
    """Each group's spell is that group's own, also where a ticket's figures are booked to one queue."""
    for spell in ticket.owned.spells:
        own = spell.end.dims
        _, channel, priority, rep = fixed or own
        sets.items_of(own.queue).append(
            Item(cells.GROUP_OWNERSHIP, channel, priority, rep, spell.end.at, 0, spell.length)
        )


def _solves(ticket: Ticket, book: _Book) -> None:
    """Solves and reopens; what a reopen makes wrong is withdrawn until the next solve."""
    for solve in ticket.solves:
        book(cells.SOLVE, solve, 1)
    for reopen in ticket.reopens:
        book(cells.REOPEN, reopen, 1)
    if ticket.reopens:
        book(cells.REOPENED, ticket.reopens[0], 1)
    if not ticket.solves:
        return
    book(cells.FIRST_RESOLUTION, ticket.solves[0], ticket.solves[0].at - ticket.created)
    _mature_reopens(ticket, book)
    if ticket.done:
        last, spent = ticket.solves[-1], ticket.spent_at_solve
        work = spent.get("new", 0) + spent.get("open", 0)
        book(cells.FULL_RESOLUTION, last, last.at - ticket.created)
        book(cells.REQUESTER_WAIT, last, work + spent.get("on_hold", 0))
        book(cells.AGENT_WORK, last, work)


def _closings(ticket: Ticket, options: FigureOptions, book: _Book) -> None:
    for closing in ticket.closings:
        book(cells.CLOSE, closing, 1)
    if ticket.closings:
        closing = ticket.closings[0 if options.close_time == "first" else -1]
        book(cells.TIME_TO_CLOSE, closing, closing.at - ticket.created)


def _state_times(ticket: Ticket, options: FigureOptions, book: _Book) -> None:
    """Time in pending and on hold, of tickets that were in it at all."""
    for cell, status in ((cells.PENDING, "pending"), (cells.ON_HOLD, "on_hold")):
        if options.state_times == "spell":
            if ticket.spent.get(status):
                book(cell, ticket.spell_end[status], ticket.spent[status])
        elif ticket.solves and ticket.done and ticket.spent_at_solve.get(status):
            book(cell, ticket.solves[-1], ticket.spent_at_solve[status])


def _fixed_dims(ticket: Ticket, options: FigureOptions) -> Dims | None:
    """The labels that everything is booked to, or None if each event has its own."""
    if options.attribute_to == "event":
        return None
    dims = ticket.first if options.attribute_to == "first" else ticket.dims
    if not ticket.solves:
        return dims
    solve = ticket.solves[0 if options.attribute_to == "first" else -1]
    return dims._replace(rep=solve.dims.rep)


def _bots(ticket: Ticket, book: _Book) -> None:
    """Hand-offs, and what a bot contained: verified once the window has passed without a reopen."""
    for number, episode in enumerate(ticket.episodes):
        if episode.handoff is not None:
            book(cells.BOT_HANDOFF, episode.handoff, episode.handoff.at - episode.began)
        if episode.contained and episode.solved is not None:
            ripe = episode.solved._replace(at=episode.solved.at + REOPEN_WINDOW)
            book(cells.BOT_CONTAINED, episode.solved, 1)
            book(cells.BOT_CONTAINED_MATURE, ripe, 1)
            following = ticket.episodes[number + 1 : number + 2]
            if not following or following[0].began > ripe.at:
                book(cells.BOT_VERIFIED, ripe, 1)


def _mature_reopens(ticket: Ticket, book: _Book) -> None:
    """Book every solve, and whether it was undone within the window, at the instant the window has passed."""
    for number, solve in enumerate(ticket.solves):
        ripe = solve._replace(at=solve.at + REOPEN_WINDOW)
        book(cells.SOLVES_MATURE, ripe, 1)
        undone, following = ticket.undone[number], ticket.undone[number + 1 : number + 2]
        # Of several solves in a row a reopen undoes the last one.
        if undone and undone <= ripe.at and following != [undone]:
            book(cells.REOPENS_MATURE, ripe, 1)


def _stations(ticket: Ticket, book: _Book) -> None:
    """What was counted until the last solve, booked at it; withdrawn while reopened, and of what is no customer's."""
    if ticket.solves and ticket.done and not ticket.deleted:
        last, counted = ticket.solves[-1], ticket.counts[-1]
        book(cells.REPLIES, last, counted.replies)
        book(cells.GROUPS, last, counted.groups)
        book(cells.GROUP_SPELLS, last, counted.group_spells)
        book(cells.ASSIGNEES, last, counted.assignees)
        book(cells.ASSIGNEE_SPELLS, last, counted.assignee_spells)


def _mature_ticket(ticket: Ticket, book: _Book) -> None:
    """Book the ticket once, when the window after its first solve has passed: one touch, escalated."""
    if not ticket.solves or ticket.deleted:
        return
    ripe = ticket.solves[0]._replace(at=ticket.solves[0].at + REOPEN_WINDOW)
    book(cells.SOLVED_MATURE, ripe, 1)
    undone = ticket.undone[0]
    if ticket.counts[0].replies <= 1 and not (undone and undone <= ripe.at):
        book(cells.ONE_TOUCH, ripe, 1)
    if any(mark.at <= ripe.at for mark, _ in ticket.escalations):
        book(cells.ESCALATED, ripe, 1)

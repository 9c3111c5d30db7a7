"""Generated worlds: tickets, calls and chats of a few customers in a few queues, with times that often coincide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from streams.codec import encode
from streams.events import ENTRY_TYPES, EVENT_TYPES, Event, Kind
from streams.figures.options import FigureOptions

if TYPE_CHECKING:
    from tests.laws.tape import Tape

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_777_852_800_000
"""2026-05-04 00:00 UTC."""

_GAPS = (0, 0, 0, 1, 999, 5_000, 20_000, MINUTE, 5 * MINUTE, HOUR, 5 * HOUR, DAY, DAY + 1, 3 * DAY, 7 * DAY, 8 * DAY)
_QUEUES = (None, None, "A", "B", "C", "")
_CUSTOMERS = (None, None, "x", "y", "")
_STATUSES = ("open", "pending", "on_hold", "solved", "closed", "new")

_TICKET = (
    "message.sent", "ticket.status_changed", "ticket.status_changed", "ticket.solved", "ticket.reopened",
    "ticket.closed", "ticket.assigned", "ticket.updated", "ticket.requester_changed", "bot.resolved", "bot.handoff",
    "ticket.merged", "ticket.deleted", "ticket.undeleted", "ticket.created", "message.sent", "ticket.escalated",
)  # fmt: skip
_CONTACT = (
    "contact.queued", "contact.connected", "contact.ended", "contact.abandoned", "contact.left_queue", "contact.held",
    "contact.retrieved", "contact.transferred", "contact.wrapup_ended", "contact.updated", "contact.initiated",
    "contact.not_answered", "contact.offered_to_rep", "callback.requested", "callback.scheduled", "callback.attempted",
    "callback.failed", "callback.answered", "callback.abandoned",
)  # fmt: skip
_CHAT = (*_CONTACT, "message.sent", "message.sent", "bot.handoff", "bot.resolved")
NAMES: dict[Kind, tuple[str, ...]] = {"ticket": _TICKET, "call": _CONTACT, "chat": _CHAT}
_FIRST: dict[Kind, str] = {"ticket": "ticket.created", "call": "contact.queued", "chat": "contact.queued"}
ENTITIES: tuple[tuple[Kind, str], ...] = (
    ("ticket", "1"), ("call", "1"), ("ticket", "2"), ("chat", "1"), ("call", "2"), ("ticket", "3"),
)  # fmt: skip


class Setting(NamedTuple):
    """What may happen in a world, and to what."""

    entities: tuple[tuple[Kind, str], ...] = ENTITIES
    names: dict[Kind, tuple[str, ...]] = NAMES
    statuses: tuple[str, ...] = _STATUSES
    quiet: bool = False
    """Whether only the first event of an entity says where it is and whose."""
    events: tuple[int, int] = (1, 28)
    """The fewest and the most events."""


ANYTHING = Setting()
UNDECIDED = Setting(
    (("ticket", "1"), ("ticket", "1"), ("ticket", "1"), ("ticket", "2")),
    {"ticket": (*["ticket.status_changed"] * 4, "ticket.requester_changed")},
    ("pending", "new"),
    quiet=True,
    events=(4, 8),
)
"""Tickets that return to what they were, so that figures of different versions are equal."""
WAITING = Setting(
    (("call", "1"), ("call", "2")),
    {"call": ("contact.updated", "contact.updated", "contact.connected", "contact.ended", "contact.queued")},
    quiet=True,
    events=(1, 7),
)
"""Calls whose deadlines pass."""

_OWN: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "ticket.created": (
        ("created_by", (None, None, "rep")),
        ("public_first_comment", (None, None, False)),
        ("status", (None, None, None, "open", "solved")),
    ),
    "ticket.merged": (("into", ("9",)),),
    "ticket.escalated": (("level", (1, 2, 0)),),
    "message.sent": (
        ("author", ("rep", "customer", "rep", "bot")),
        ("public", (None, None, False)),
        ("automated", (None, None, None, True)),
    ),
    "contact.left_queue": (("why", (None, "callback", "transfer")),),
    "contact.transferred": (("transfer", (None, "queue", "external")),),
    "contact.ended": (("by", (None, "customer", "rep")),),
}


class World(NamedTuple):
    """A history of everything, in the order of its times."""

    events: list[Event]
    as_of: int
    """The end of a minute at or after the last event, so that panes and the report mean the same instant."""


def world(tape: Tape, setting: Setting = ANYTHING) -> World:
    """Read a history from a tape."""
    at = START + tape.one((0, 1, 43_200_000))
    fewest, most = setting.events
    events: list[Event] = []
    begun: set[tuple[Kind, str]] = set()
    for number in range(fewest + tape.pick(most - fewest + 1)):
        kind, entity = tape.one(setting.entities)
        at += tape.one(_GAPS)
        first = (kind, entity) not in begun
        begun.add((kind, entity))
        # Mostly a life begins with its beginning, but what was before the log began, or got lost, is missing.
        name = _FIRST[kind] if first and tape.pick(8) != 7 else tape.one(setting.names[kind])
        data = _data(tape, name, quiet=setting.quiet and not first)
        if name == "ticket.status_changed":
            data["to"] = tape.one(setting.statuses)
        entry = ENTRY_TYPES[kind](
            at, tape.one((0, 0, 0, 1, 2)), f"gen#e{number}", msgspec.convert(data, EVENT_TYPES[name])
        )
        events.append(Event(kind, entity, entry))
    end = max(event.entry.time for event in events) + tape.one((0, 0, HOUR, 5 * HOUR, 8 * DAY))
    return World(events, end // MINUTE * MINUTE + MINUTE - 1)


def _data(tape: Tape, name: str, *, quiet: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not quiet or name == "ticket.requester_changed":
        found["customer"] = tape.one(_CUSTOMERS)
    if not quiet:
        found["queue"] = tape.one(_QUEUES)
    if not quiet and tape.pick(4) == 3:
        found["priority"] = tape.one((None, "high", "low"))
        found["channel"] = tape.one((None, "voice", "email"))
        found["rep"] = tape.one((None, "r", "s", ""))
        found["reason"] = tape.one((None, "billing", "delivery"))
        found["direction"] = tape.one((None, None, "inbound", "outbound", "callback"))
        found["test"] = tape.one((None, None, None, True, False))
    for field, choices in _OWN.get(name, ()):
        found[field] = tape.one(choices)
    return {field: value for field, value in found.items() if value is not None}


def options(tape: Tape) -> FigureOptions:
    """Choices of definition."""
    return FigureOptions(
        attribute_to=tape.one(("event", "event", "first", "last")),
        closed_is_solve=tape.one((True, True, False)),
        repeated_solves=tape.one((False, False, True)),
        close_time=tape.one(("last", "first")),
        state_times=tape.one(("solve", "spell")),
        cohort_at=tape.one(("enqueue", "arrival")),
        recontact_from=tape.one(("end", "end", "start")),
        callback_policy=tape.one(("original_arrival", "leg")),
        handle_includes_dial=tape.one((False, True)),
    )


def with_duplicates(tape: Tape, events: list[Event]) -> list[Event]:
    """The same events in another order, some of them more than once."""
    again = [tape.one(events) for _ in range(tape.pick(6))]
    return tape.shuffle([*events, *again])


def wire(event: Event) -> bytes:
    """An event as a producer writes it."""
    source, _, uid = event.entry.uid.partition("#")
    name = str(type(event.entry.data).__struct_config__.tag)
    return encode(event.kind, event.entity, name, source, uid, event.entry)

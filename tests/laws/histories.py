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
_CUSTOMERS = (None, None, "x", "y", "", "z")
_STATUSES = ("open", "pending", "on_hold", "solved", "closed", "new")

_COMPLAINT = ("complaint.received", "complaint.received", "complaint.acknowledged", "complaint.resolved")
_TICKET = (
    "message.sent", "ticket.status_changed", "ticket.status_changed", "ticket.solved", "ticket.reopened",
    "ticket.closed", "ticket.assigned", "ticket.updated", "ticket.requester_changed", "bot.resolved", "bot.handoff",
    "ticket.merged", "ticket.deleted", "ticket.undeleted", "ticket.created", "message.sent", "ticket.escalated",
    "ticket.schedule_changed", "ticket.marked_spam", "ticket.linked", "ticket.unlinked", "ticket.split",
    "message.made_private", *_COMPLAINT,
)  # fmt: skip
_CONTACT = (
    "contact.queued", "contact.connected", "contact.ended", "contact.abandoned", "contact.left_queue", "contact.held",
    "contact.retrieved", "contact.transferred", "contact.wrapup_ended", "contact.updated", "contact.initiated",
    "contact.not_answered", "contact.offered_to_rep", "callback.requested", "callback.scheduled", "callback.attempted",
    "callback.failed", "callback.answered", "callback.abandoned", *_COMPLAINT,
)  # fmt: skip
_CHAT = (*_CONTACT, "message.sent", "message.sent", "bot.handoff", "bot.resolved", "message.made_private")
_IDENTITY = (
    "identity.merged", "identity.merged", "identity.unmerged", "identity.shared", "identity.unshared",
    "identity.observed",
)  # fmt: skip
_REP = (
    "rep.state_changed", "rep.state_changed", "rep.heartbeat", "rep.logged_out", "rep.heartbeat",
    "rep.capacity_changed", "rep.logged_in",
)  # fmt: skip
NAMES: dict[Kind, tuple[str, ...]] = {
    "ticket": _TICKET, "call": _CONTACT, "chat": _CHAT, "identity": _IDENTITY, "rep": _REP,
}  # fmt: skip
_FIRST: dict[Kind, str] = {
    "ticket": "ticket.created", "call": "contact.queued", "chat": "contact.queued", "identity": "identity.merged",
    "rep": "rep.logged_in",
}  # fmt: skip
ENTITIES: tuple[tuple[Kind, str], ...] = (
    ("ticket", "1"), ("call", "1"), ("ticket", "2"), ("chat", "1"), ("call", "2"), ("ticket", "3"),
    ("rep", "r"), ("rep", "s"),
)  # fmt: skip


class Setting(NamedTuple):
    """What may happen in a world, and to what."""

    entities: tuple[tuple[Kind, str], ...] = ENTITIES
    names: dict[Kind, tuple[str, ...]] = NAMES
    statuses: tuple[str, ...] = _STATUSES
    quiet: bool = False
    """Whether only the first event of an entity says where it is and whose."""
    gaps: tuple[int, ...] = _GAPS
    staffed: bool = False
    """Whether contacts name their reps."""
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

STAFFED = Setting(
    (("rep", "r"), ("chat", "1"), ("chat", "2"), ("rep", "r"), ("call", "1"), ("rep", "s")),
    {
        "rep": _REP,
        "call": (
            "contact.offered_to_rep", "contact.connected", "contact.ended", "contact.wrapup_ended",
            "contact.not_answered",
        ),
        "chat": (
            "contact.connected", "contact.ended", "contact.wrapup_ended", "contact.transferred", "contact.not_answered",
        ),
    },
    gaps=(0, 1, 5_000, 59_999, MINUTE, 5 * MINUTE, 5 * MINUTE + 1, 20 * MINUTE, HOUR, HOUR, 5 * HOUR, 13 * HOUR),
    staffed=True,
    events=(3, 18),
)  # fmt: skip
"""Reps who come and go, and whose contacts overlap."""

_HANDLES = ("x", "y", "z", "w")
MERGING = Setting(
    (
        ("identity", "x"), ("call", "1"), ("identity", "y"), ("call", "2"), ("ticket", "1"), ("identity", "z"),
        ("identity", "x"), ("identity", "w"), ("ticket", "2"), ("chat", "1"), ("call", "3"),
    ),
    {
        "ticket": ("ticket.solved", "ticket.reopened", "ticket.requester_changed", "bot.resolved", "message.sent"),
        "call": ("contact.connected", "contact.ended", "contact.ended", "contact.abandoned", "contact.updated"),
        "chat": ("contact.connected", "contact.ended", "contact.updated", "bot.resolved"),
        "identity": _IDENTITY,
    },
    events=(4, 16),
)  # fmt: skip
"""Contacts of a few handles that are merged, parted, shared and merged in loops."""

_OWN: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "ticket.created": (
        ("created_by", (None, None, "rep")),
        ("public_first_comment", (None, None, False)),
        ("status", (None, None, None, "open", "solved")),
    ),
    "ticket.merged": (("into", ("9",)),),
    "ticket.linked": (("to", ("9", "8")),),
    "ticket.unlinked": (("to", ("9", "8")),),
    "ticket.split": (("from_ticket", ("9",)),),
    "ticket.deleted": (("spam", (None, True)),),
    "message.made_private": (("message", ("e1", "e2", "e3", "e5", "e8")),),
    "identity.merged": (("into", ("y", "z", "x", "w")),),
    "identity.unmerged": (("into", (None, None, *_HANDLES)),),
    "identity.observed": (("canonical", _HANDLES),),
    "ticket.schedule_changed": (("calendar", ("office", "nights", "", "nowhere")),),
    "ticket.escalated": (("level", (1, 2, 0)),),
    "message.sent": (
        ("author", ("rep", "customer", "rep", "bot")),
        ("public", (None, None, False)),
        ("automated", (None, None, None, True)),
    ),
    "contact.not_answered": (("cause", (None, "rejected", "missed")),),
    "contact.left_queue": (("why", (None, "callback", "transfer")),),
    "contact.transferred": (("transfer", (None, "queue", "external")),),
    "rep.logged_in": (("state", (None, "available", "custom")),),
    "rep.state_changed": (("state", ("available", "custom", "offline")),),
    "rep.capacity_changed": (("capacity", (1, 3)),),
    "contact.ended": (("by", (None, "customer", "rep")),),
    "complaint.received": (("complaint_id", (None, None, "a", "b")),),
    "complaint.acknowledged": (("complaint_id", (None, None, "a")),),
    "complaint.resolved": (("complaint_id", (None, None, "a", "b")),),
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
        at += tape.one(setting.gaps)
        first = (kind, entity) not in begun
        begun.add((kind, entity))
        # Mostly a life begins with its beginning, but what was before the log began, or got lost, is missing.
        name = _FIRST[kind] if first and tape.pick(8) != 7 else tape.one(setting.names[kind])
        data = _data(tape, name, quiet=setting.quiet and not first)
        if setting.staffed and kind != "rep":
            data["rep"] = tape.one(("r", "r", "s"))
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
        resolution_quiet_seconds=tape.one((604_800.0, 86_400.0)),
        not_first_level_reasons=tape.one(([], ["billing"])),
        max_spell_seconds=tape.one((43_200.0, 3_600.0)),
        max_ring_seconds=tape.one((300.0, 5.0)),
        heartbeat_timeout_seconds=tape.one((300.0, 60.0)),
        unreported_wrapup_seconds=tape.one((0.0, 90.0)),
        missed_state_seconds=tape.one((30.0, 0.0, 600.0)),
        rushed_min_contacts=tape.one((1, 30)),
        rushed_min_alike=tape.one((1, 5)),
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

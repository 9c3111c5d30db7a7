"""Series of what is so now in a group: what is open, who waits, who is there. Instants are published in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells as c
from streams.figures.panes import WINDOW_NAMES
from streams.figures.readers import identity_gap
from streams.figures.rep_series import live_of_reps
from streams.figures.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from streams.figures.panes import Group
    from streams.figures.rep_series import Told


def live_samples(families: Collection[str], group: Group) -> Iterator[Told]:
    """Family, labels besides those of the group, and value."""
    if "tickets" in families:
        yield from _tickets(group)
    if "complaints" in families:
        yield from _complaints(group)
    if "contacts" in families:
        yield from _contacts(group)
    if "reps" in families:
        yield from live_of_reps(group)


def _tickets(group: Group) -> Iterator[Told]:
    opened = {state.removeprefix(c.OPEN): held for state, held in group.live.items() if state.startswith(c.OPEN)}
    for status in ("new", "open", "pending", "on_hold"):
        yield "support_tickets_open", (("status", status),), len(opened.get(status, ()))
    oldest = min((min(held.values()) for held in opened.values() if held), default=None)
    if oldest is not None:
        yield "support_ticket_oldest_open_created_timestamp_seconds", (), oldest / 1000


def _complaints(group: Group) -> Iterator[Told]:
    opened = [held for state, held in group.live.items() if state.startswith(c.OPEN_COMPLAINT) and held]
    yield "support_complaints_open", (), sum(map(len, opened))
    if opened:
        oldest = min(min(held.values()) for held in opened)
        yield "support_complaint_oldest_open_received_timestamp_seconds", (), oldest / 1000


def _contacts(group: Group) -> Iterator[Told]:
    waiting = group.live.get(c.WAITING, {})
    yield "support_contacts_waiting", (), len(waiting)
    if waiting:
        yield "support_oldest_waiting_enqueued_timestamp_seconds", (), min(waiting.values()) / 1000
    states = {state: len(group.live.get(c.CALLING_BACK + state, ())) for state in c.CALLBACK_STATES}
    yield "support_contacts_scheduled", (), states["scheduled"]
    for state, number in states.items():
        yield "support_callbacks_pending", (("state", state),), number
    for window in WINDOW_NAMES:
        gap = identity_gap(group.windows[window])
        yield "support_contact_identity_gap", (("window", window), ("attribution", "cohort")), gap
        longest = group.windows[window].get(c.ONE_HOLD)
        if isinstance(longest, Sketch) and longest.largest is not None:
            labels = (("window", window), ("attribution", "event"))
            yield "support_longest_hold_seconds", labels, longest.largest / 1000

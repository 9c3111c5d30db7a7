"""Readers of reps: from cells to occupancy, concurrency, states, and how many reps are needed (SPEC 2.2, M37 to M40).

Times are published in seconds, ratios with numerator and denominator. What there is no data for is None, never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from streams.figures import cells as c
from streams.figures.reading import count
from streams.figures.sketch import Sketch
from streams.figures.staffing import Load, Staffed, erlang_a, erlang_c, required

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.figures.cell_sets import Cells
    from streams.figures.options import FigureOptions

STAFFING_WINDOW = "30m"
"""The window whose load reps are required for."""
_STAFFING_SECONDS = 1800
STAFFED_STATES = ("on_contact", "acw", "incoming", "available")
"""States of reps who take contacts."""


_BUSY = (c.REP_TIME + "on_contact", c.REP_TIME + "acw", c.REP_BUSY_BESIDES)


class Share(NamedTuple):
    """A ratio's parts, in seconds."""

    numerator: float
    denominator: float

    @property
    def ratio(self) -> float | None:
        """None over an empty denominator."""
        return self.numerator / self.denominator if self.denominator > 0 else None


def state_seconds(cells: Cells) -> dict[str, float]:
    """Time of reps by the state they were in."""
    return {
        state: (count(cells, c.REP_TIME + state) + count(cells, c.REP_SEEN + state)) / 1000 for state in c.REP_STATES
    }


def occupancy(cells: Cells) -> Share:
    """Busy of busy and idle (M37): of reps whose presence is known, as nobody knows how long others were idle.

    Busy with a contact is who has one, also where another that they did not answer decides which state is shown.
    """
    busy = sum(count(cells, cell) for cell in _BUSY)
    return Share(busy / 1000, (busy + count(cells, c.REP_TIME + "available")) / 1000)


def concurrency(cells: Cells) -> Share:
    """Time of all chats of the time with at least one (M38)."""
    return Share(count(cells, c.CHAT_TIME) / 1000, count(cells, c.CHAT_WALL) / 1000)


def concurrent_handle(cells: Cells) -> Share:
    """Time with at least one chat, by the chats that reps were done with: what one chat costs of a rep's time."""
    return Share(count(cells, c.CHAT_WALL) / 1000, count(cells, c.CHATS_HANDLED))


def reps(cells: Cells, live: Mapping[str, int]) -> dict[str, Any] | None:
    """The family of reps, or None if nothing is known of any."""
    now = {state: live.get(c.REP_NOW + state, 0) for state in c.REP_STATES}
    seconds = state_seconds(cells)
    if not any(now.values()) and not any(seconds.values()) and not count(cells, c.CHATS_HANDLED):
        return None
    return {
        "now": now,
        "occupancy": _said(occupancy(cells)),
        "state_seconds": seconds,
        "chat_concurrency": _said(concurrency(cells)),
        "chats_handled": count(cells, c.CHATS_HANDLED),
        "concurrent_aht_seconds": concurrent_handle(cells).ratio,
    }


def _said(share: Share) -> dict[str, float | None]:
    return {**share._asdict(), "ratio": share.ratio}


class Need(NamedTuple):
    """What the load of the last half hour asks for, and who is there."""

    required: int | None
    """None where a load is not known: nothing was offered, or nothing handled that tells how long it takes."""
    staffed: int | None
    """Reps who take contacts now; None where nothing is known of any."""

    @property
    def gap(self) -> int | None:
        """How many are missing; below 0: to spare."""
        return None if self.required is None or self.staffed is None else self.required - self.staffed


def requirement(contacts: Cells, reps: Cells, options: FigureOptions, threshold_seconds: float) -> Staffed | None:
    """The reps that a queue needs for one channel.

    Args:
        contacts: of that queue and channel, within :data:`STAFFING_WINDOW`.
        reps: of the queue's reps, within the same; only read for chats, whose handle times overlap.
        options: goal and model.
        threshold_seconds: of the service level.
    """
    offered = count(contacts, c.OFFERED)
    handled = contacts.get(c.HANDLE)
    if not offered or not isinstance(handled, Sketch) or not handled.total:
        return None
    one = handled.total / handled.count / 1000
    load = Load(offered / _STAFFING_SECONDS, concurrent_handle(reps).ratio or one)
    if options.staffing_model == "erlang_a":
        return required(
            options.service_level_goal, lambda n: erlang_a(load, n, threshold_seconds, options.patience_seconds)
        )
    return required(options.service_level_goal, lambda n: erlang_c(load, n, threshold_seconds))


def need(required: int | None, live: Mapping[str, int], *, known: bool) -> Need:
    """Compare what is required with who is there; ``known``: whether anything was ever known of the queue's reps."""
    staffed = sum(live.get(c.REP_NOW + state, 0) for state in STAFFED_STATES)
    return Need(required, staffed if known else None)

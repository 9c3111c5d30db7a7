"""Events of reps (family ``rep``): whether they are there, and what they say they do.

The subject is ``rep/<id>``, with the id under which contacts name the rep. ``queue`` is the rep's team or queue, and
``channel`` the one that they serve, if it is only one; both hold on until another event says otherwise.

Ranks: who logs in does so before saying more at that instant; logging out comes last.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from streams.events.base import Data

RepState = Literal["available", "custom", "offline"]
"""What a rep says of themselves; whether they serve somebody is known from the contacts."""


class RepLoggedIn(Data, tag="rep.logged_in", frozen=True):
    """The rep is there: in ``state`` until more is said."""

    RANK: ClassVar[int] = 0
    state: RepState = "available"


class RepStateChanged(Data, tag="rep.state_changed", frozen=True):
    """The rep takes contacts (``available``), does something else (``custom``), or takes none (``offline``).

    ``reason`` may say why; it becomes no label.
    """

    RANK: ClassVar[int] = 2
    state: RepState


class RepCapacityChanged(Data, tag="rep.capacity_changed", frozen=True):
    """How many contacts of ``channel`` the rep takes at once from now on. A sign of life like any other event."""

    RANK: ClassVar[int] = 1
    capacity: Annotated[int, msgspec.Meta(ge=0, le=1000)]


class RepHeartbeat(Data, tag="rep.heartbeat", frozen=True):
    """Nothing has changed. Once heartbeats come, their silence means that the rep's state is not known."""

    RANK: ClassVar[int] = 3


class RepLoggedOut(Data, tag="rep.logged_out", frozen=True):
    """The rep is gone; heartbeats that follow mean nothing."""

    RANK: ClassVar[int] = 9

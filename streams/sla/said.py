"""What events have said of a call or chat besides where it is: what policies look at, and figures do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.events.tickets import MessageSent
from streams.sla.matching import Labels

if TYPE_CHECKING:
    from streams.events import Data
    from streams.lifecycles.dims import Dims


class Said(NamedTuple):
    """What is known at an instant; empty string: not known."""

    tier: str = ""
    team: str = ""
    reason: str = ""
    customer: str = ""

    def after(self, data: Data) -> Said:
        """What is known after an event."""
        # A message has a writer, who may be somebody in copy.
        names_nobody_new = type(data) is MessageSent and self.customer
        return Said(
            self.tier if data.tier is None else data.tier,
            self.team if data.team is None else data.team,
            data.reason or self.reason,
            self.customer if names_nobody_new else data.customer or self.customer,
        )

    def labels(self, dims: Dims, channel: str) -> Labels:
        """What policies match. ``channel``: taken where no event named one."""
        return Labels(dims.queue, dims.channel or channel, dims.priority, self.tier, self.team, self.reason)


NOTHING_SAID = Said()

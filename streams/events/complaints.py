"""Events of a customer's complaint about, or in, a ticket, call or chat (family ``complaint``).

They carry the id of what is complained of. Where that gets several complaints at once, ``complaint_id`` tells them
apart. What a source knows as a type or a tag, its adapter turns into these.

Ranks: of events of one instant the receipt comes before any answer to it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from streams.events.base import MAX_TEXT, Data

ComplaintId = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
"""Names one complaint among those of its ticket or contact; empty is as absent."""


class _Complaint(Data, frozen=True):
    """What they have in common: ``rep`` and ``channel`` are those of the complaint, not of what it is about."""

    ASIDE: ClassVar[bool] = True
    complaint_id: ComplaintId | None = None


class ComplaintReceived(_Complaint, tag="complaint.received", frozen=True):
    """The customer complains. The same ``complaint_id`` again changes nothing, nor without one while one is open."""

    RANK: ClassVar[int] = 1


class ComplaintAcknowledged(_Complaint, tag="complaint.acknowledged", frozen=True):
    """A person told the customer that the complaint was heard; without a ``complaint_id``: all that are open."""

    RANK: ClassVar[int] = 2


class ComplaintResolved(_Complaint, tag="complaint.resolved", frozen=True):
    """The complaint is settled, and the customer knows; without a ``complaint_id``: all that are open."""

    RANK: ClassVar[int] = 3

"""Events of a customer's identity (family ``identity``): which handles are one customer, and which are nobody's own.

The subject is ``identity/<handle>``. A handle is what contacts carry as ``customer``: the keyed hash of a telephone
number, an address or an account, or a customer id of the producer's own. All of it is retroactive: what is known now
holds for every contact of the handle, also for those of last week.

Ranks: of events of one instant the observation comes first, and what takes something back comes after it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from streams.events.base import MAX_TEXT, Data

Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT, pattern=r"^(?![\s\S]*[\u0000-\u001f\u007f])")]
"""A handle or canonical id; it becomes part of keys, so it is short and holds no control characters."""


class IdentityObserved(Data, tag="identity.observed", frozen=True):
    """The handle belongs to the customer ``canonical``. A later observation replaces it; a merge outweighs it."""

    RANK: ClassVar[int] = 1
    canonical: Handle


class IdentityMerged(Data, tag="identity.merged", frozen=True):
    """The handle, and with it all that was merged into it, is the same customer as ``into``, until unmerged."""

    RANK: ClassVar[int] = 2
    into: Handle


class IdentityUnmerged(Data, tag="identity.unmerged", frozen=True):
    """Takes a merge of this handle back: that into ``into``, or the last one. Without any it changes nothing."""

    RANK: ClassVar[int] = 3
    into: Handle | None = None


class IdentityShared(Data, tag="identity.shared", frozen=True):
    """Several customers use the handle (a company's switchboard, a family's address): it identifies none of them."""

    RANK: ClassVar[int] = 4


class IdentityUnshared(Data, tag="identity.unshared", frozen=True):
    """The handle is one customer's after all."""

    RANK: ClassVar[int] = 5

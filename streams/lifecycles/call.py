"""A call's life: a contact whose conversation begins when a rep is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.lifecycles.complaint import complaints_of
from streams.lifecycles.contact import Contact as Call
from streams.lifecycles.contact import fold_contact
from streams.lifecycles.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.events import Entry
    from streams.figures.options import FigureOptions

__all__ = ["Call", "fold_call"]


def fold_call(events: Sequence[Entry], options: FigureOptions, now: int) -> Call | None:
    """Fold a call's sorted history; see :func:`streams.lifecycles.contact.fold_contact`."""
    call = fold_contact(events, options, now)
    if call is not None:
        # The conversation in which the customer complains is not yet an answer; the next one with a person is.
        call.complaints = complaints_of(events, (Mark(each.at, each.dims) for each in call.segments), "answered")
    return call

"""How long a rep is shown as having missed or rejected a contact: until the next sign of them (SPEC 2.2, M39).

A sign is that the rep says what they do, or logs in or out, and that something of a contact begins for them: it rings,
they talk, or dial, or do not answer another one. A heartbeat says that nothing has changed.

All instants are milliseconds since the epoch.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from streams.reps.work import UNANSWERED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.lifecycles.rep import Mark
    from streams.reps.work import Work

_OFFERS = ("ring", "talk", "dial")
_SAID = ("available", "custom", "offline", "out")


class Signs:
    """The instants at which something was heard of a rep."""

    def __init__(self, marks: Iterable[Mark], works: Iterable[Work]) -> None:
        spans = [span for work in works for span in work.spans]
        offers = [span.start for span in spans if span.what in _OFFERS]
        self._clearing = sorted([*offers, *(mark.at for mark in marks if mark.said in _SAID)])
        self._unanswered = sorted(span.start for span in spans if span.what in UNANSWERED)

    def end(self, since: int, latest: int) -> int:
        """When a state is over that began with a contact not answered at an instant; at once, if there is a sign then.

        ``latest``: when it is over without one.
        """
        cleared = bisect_left(self._clearing, since)
        again = bisect_right(self._unanswered, since)
        return min((latest, *self._clearing[cleared : cleared + 1], *self._unanswered[again : again + 1]))

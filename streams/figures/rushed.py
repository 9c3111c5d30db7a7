"""Rushed contacts (M56): handle time fell, and because of it more customers come again.

Judged are the contacts of known customers that reps handled, by when they were over: this week's against those of the
seven days before, the same weekdays. Whether the customer came again is asked of those only that are old enough for an
answer; handle time of all. Neither figure alone says anything: less time may mean that the work got easier.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells as c
from streams.figures.sketch import Sketch

if TYPE_CHECKING:
    from streams.figures.cell_sets import Cells
    from streams.figures.options import FigureOptions


class Handled(NamedTuple):
    """Contacts that were handled in some period."""

    contacts: int
    handle_seconds: float
    recontacts: int
    """How many of them the customer came again after, within the window for it, as far as is known."""

    @property
    def mean_seconds(self) -> float | None:
        """Average handle time; None without contacts."""
        return self.handle_seconds / self.contacts if self.contacts else None

    @property
    def effective_seconds(self) -> float | None:
        """Handle time for each contact that was not followed by another; None if all were, or there are none."""
        lasting = self.contacts - self.recontacts
        return self.handle_seconds / lasting if lasting else None


class Rush(NamedTuple):
    """What is known of a queue's handling."""

    current: Handled
    """Over in the last seven days."""
    mature: Handled
    """Those of them that are old enough to tell whether the customer came again."""
    baseline: Handled
    """Over in the seven days before."""

    @property
    def handle_time_ratio(self) -> float | None:
        """Average handle time now over that of the baseline; None if there is none to compare."""
        now, base = self.current.mean_seconds, self.baseline.mean_seconds
        return now / base if now is not None and base else None

    @property
    def z(self) -> float | None:
        """How much likelier customers come again than before: the pooled two-proportion z; None where undefined."""
        now, base = self.mature, self.baseline
        if not (now.contacts and base.contacts):
            return None
        pooled = (now.recontacts + base.recontacts) / (now.contacts + base.contacts)
        variance = pooled * (1 - pooled) * (1 / now.contacts + 1 / base.contacts)
        if variance <= 0:
            return None
        return (now.recontacts / now.contacts - base.recontacts / base.contacts) / sqrt(variance)

    def rushed(self, options: FigureOptions) -> bool:
        """Whether contacts are rushed: less time, significantly more re-contacts, and enough contacts to say so."""
        ratio, z = self.handle_time_ratio, self.z
        enough = min(self.mature.contacts, self.baseline.contacts) >= options.rushed_min_contacts
        return (
            enough
            and ratio is not None
            and ratio <= 1 - options.rushed_handle_time_drop
            and z is not None
            and z >= options.rushed_z
        )


PERIODS = ("current", "mature", "baseline")


def rush_of(ever: Cells) -> Rush:
    """Read from the cells of everything since the first event.

    Of each contact it is booked when it was over, and again when it reached each age; so the contacts of a period are
    those that have reached one age less those that have reached the next.
    """
    ended, mature, week, fortnight = (_reached(ever, age) for age in c.AGES)
    return Rush(_less(ended, week), _less(mature, week), _less(week, fortnight))


def _reached(ever: Cells, age: str) -> Handled:
    contacts, handle, again = (
        0 if isinstance(held := ever.get(prefix + age, 0), Sketch) else held
        for prefix in (c.HANDLED, c.HANDLED_TIME, c.HANDLED_AGAIN)
    )
    return Handled(contacts, handle / 1000, again)


def _less(some: Handled, others: Handled) -> Handled:
    # Sums of seconds are taken apart in whole milliseconds.
    handle = round((some.handle_seconds - others.handle_seconds) * 1000) / 1000
    return Handled(some.contacts - others.contacts, handle, some.recontacts - others.recontacts)

"""Rushed contacts (M56): handle time fell, and because of it more customers come again.

Judged are the contacts of known customers that reps handled, by when they were over: this week's against those of the
seven days before, the same weekdays, like with like (:mod:`streams.figures.mix`). Whether the customer came again is
asked of those only that are old enough for an answer; handle time of all. Neither figure alone says anything: less time
may mean that the work got easier.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells as c
from streams.figures.mix import Handled, Pair, SameMix, same_mix, total
from streams.figures.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.figures.cell_sets import Cells
    from streams.figures.options import FigureOptions


class Rush(NamedTuple):
    """What is known of a queue's handling, or of its contacts of one kind."""

    current: Handled
    """Over in the last seven days."""
    mature: Handled
    """Those of them that are old enough to tell whether the customer came again."""
    baseline: Handled
    """Over in the seven days before."""

    @property
    def handle_time_ratio(self) -> float | None:
        """Average handle time now over that of the baseline, whatever the mix; None if there is none to compare."""
        return same_mix({"": Pair(self.current, self.baseline)}, 1).handle_time_ratio

    @property
    def z(self) -> float | None:
        """How much likelier customers come again than before, whatever the mix; None where undefined."""
        return same_mix({"": Pair(self.mature, self.baseline)}, 1).z


class Judgement(NamedTuple):
    """Whether a queue's contacts are rushed, and what that follows from."""

    whole: Rush
    """All contacts."""
    handling: SameMix
    """Contacts of this week whose handle time can be compared."""
    returning: SameMix
    """Mature contacts of which the share that was followed can be compared."""

    def rushed(self, options: FigureOptions) -> bool:
        """Less time, significantly more re-contacts, both at the same mix, and enough contacts to say so."""
        ratio, z = self.handling.handle_time_ratio, self.returning.z
        parts = (self.handling.now, self.handling.before, self.returning.now, self.returning.before)
        return (
            min(part.contacts for part in parts) >= options.rushed_min_contacts
            and ratio is not None
            and ratio <= 1 - options.rushed_handle_time_drop
            and z is not None
            and z >= options.rushed_z
        )


PERIODS = ("current", "mature", "baseline")


def judge(strata: Mapping[str, Rush], options: FigureOptions) -> Judgement:
    """Compare kind by kind; see :func:`streams.figures.mix.stratum_of`."""
    least = options.rushed_min_alike
    return Judgement(
        _together(strata.values()),
        same_mix({kind: Pair(rush.current, rush.baseline) for kind, rush in strata.items()}, least),
        same_mix({kind: Pair(rush.mature, rush.baseline) for kind, rush in strata.items()}, least),
    )


def _together(parts: Iterable[Rush]) -> Rush:
    parts = list(parts)
    return Rush(*(total(getattr(part, period) for part in parts) for period in PERIODS))


def strata_of(ever: Cells) -> dict[str, Rush]:
    """Read from the cells of everything since the first event, by kind of contact.

    Of each contact it is booked when it was over, and again when it reached each age; so the contacts of a period are
    those that have reached one age less those that have reached the next.
    """
    found: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for cell, held in ever.items():
        if cell.startswith(c.RUSH) and not isinstance(held, Sketch):
            what, age, kind = cell.removeprefix(c.RUSH).split(".", 2)
            found[kind][what, age] = held
    return {kind: _rush(held) for kind, held in found.items()}


def _rush(held: Mapping[tuple[str, str], int]) -> Rush:
    ended, mature, week, fortnight = (
        tuple(held.get((what, age), 0) for what in (c.HANDLED, c.HANDLED_TIME, c.HANDLED_AGAIN)) for age in c.AGES
    )
    return Rush(_less(ended, week), _less(mature, week), _less(week, fortnight))


def _less(some: tuple[int, ...], others: tuple[int, ...]) -> Handled:
    contacts, millis, again = (one - other for one, other in zip(some, others, strict=True))
    return Handled(contacts, millis / 1000, again)

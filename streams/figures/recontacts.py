"""Readers of what customers' contacts say together: re-contacts, first contact resolution, chains (SPEC 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.figures import cells as c
from streams.figures.panes import COHORT
from streams.figures.reading import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.figures.cell_sets import Cells
    from streams.figures.options import FigureOptions


class Share(NamedTuple):
    """A numerator and its denominator."""

    part: int
    whole: int


ONE_TOUCH_WINDOW = "7d"
"""The window of first contact resolution in one touch, by any match."""


def came_again(cells: Cells, within: str, match: str) -> Share:
    """M51: contacts that a re-contact followed, of all those that were over for the window."""
    place = f"{within}.{match}"
    return Share(
        count(cells, c.RETURNED + place) + count(cells, c.GAVE_UP_RETURNED + place),
        count(cells, c.RESOLVED_MATURE + place) + count(cells, c.GAVE_UP_MATURE + place),
    )


def came_again_so_far(cells: Cells, within: str, match: str) -> Share:
    """M51, provisional: the same of all those that are over, however short a time ago."""
    place = f"{within}.{match}{COHORT}"
    again = count(cells, c.RETURNED + place) + count(cells, c.GAVE_UP_RETURNED + place)
    return Share(again, count(cells, c.OVER + match))


def resolved_at_once(cells: Cells, within: str, match: str, *, net: bool = False) -> Share:
    """M52, no re-contact: resolved contacts that none followed; net: without those beyond the first level."""
    place = f"{within}.{match}"

    def of(prefix: str) -> Share:
        resolved = count(cells, prefix + c.RESOLVED_MATURE + place)
        return Share(resolved - count(cells, prefix + c.RETURNED + place), resolved)

    return _without(of(""), of(c.BEYOND)) if net else of("")


def resolved_in_one_touch(cells: Cells, *, net: bool = False) -> Share:
    """M52, one touch: those of them that took one touch only, within 7 days and by any match."""
    part, whole = resolved_at_once(cells, ONE_TOUCH_WINDOW, "any", net=net)
    more = count(cells, c.MORE_TOUCHES) - (count(cells, c.BEYOND + c.MORE_TOUCHES) if net else 0)
    return Share(part - more, whole)


def _without(all_of_them: Share, some: Share) -> Share:
    return Share(all_of_them.part - some.part, all_of_them.whole - some.whole)


def resolutions(cells: Cells, options: FigureOptions) -> Iterator[tuple[tuple[tuple[str, str], ...], Share]]:
    """M52 by all its labels. There is a net scope only where reasons beyond the first level are named."""
    for scope in ("gross", "net") if options.not_first_level_reasons else ("gross",):
        net = scope == "net"
        for within in c.RECONTACT_WINDOWS:
            for match in c.MATCHES:
                labels = (("method", "no_recontact"), ("scope", scope), ("within", within), ("match", match))
                yield labels, resolved_at_once(cells, within, match, net=net)
        labels = (("method", "one_touch"), ("scope", scope), ("within", ONE_TOUCH_WINDOW), ("match", "any"))
        yield labels, resolved_in_one_touch(cells, net=net)


def unattributable(cells: Cells) -> dict[str, int]:
    """M54: contacts by what they lack, every cause named."""
    return {cause: count(cells, c.UNATTRIBUTABLE + cause) for cause in c.UNATTRIBUTABLE_CAUSES}

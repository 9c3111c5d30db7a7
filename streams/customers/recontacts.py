"""Re-contacts, retries, concurrent contacts and first contact resolution of one customer (M50 to M52, M54 to M56).

A contact is a re-contact when the same customer has an earlier contact, on any channel, that was over before this one
began, at most a window ago; the nearest such contact decides. Pure functions of all the customer's contacts, so a
contact that becomes known late, or is reopened, corrects the figures of the others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.cells import MATCHES, RECONTACT_WINDOWS
from streams.figures.contributions import Item
from streams.figures.mix import stratum_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streams.customers.summary import Summary
    from streams.figures.options import FigureOptions

LONGEST = max(RECONTACT_WINDOWS.values())
WEEK = RECONTACT_WINDOWS["7d"]
"""An answered contact this long after an abandoned one is its retry at most; see also the parts of M56."""

_FOR_EVER = 1 << 62
_LAST = "\U0010ffff"
"""Follows the name of every entity."""


def derive(contacts: Mapping[str, Summary], options: FigureOptions) -> dict[str, list[Item]]:
    """What each of a customer's contacts adds to the figures of its queue, by entity."""
    present = {entity: one for entity, one in contacts.items() if not one.gone}
    if options.recontact_from == "start":
        return _repeats({entity: one for entity, one in present.items() if one.counts})
    reached = {entity: one for entity, one in present.items() if one.reached and (one.counts or one.left)}
    timeline = _Timeline(reached, options)
    found: dict[str, list[Item]] = {}
    for entity, one in timeline.contacts.items():
        items = [*timeline.against_earlier(one), *timeline.against_later(one)] if one.counts else []
        if timeline.is_concurrent(entity, one):
            items.append(_item(one, cells.CONCURRENT, one.start))
        found[entity] = items
    return found


def _item(one: Summary, cell: str, at: int) -> Item:
    return Item(cell, one.channel, one.priority, "", at, 0, 1)


def _opening(one: Summary, gaps: Mapping[str, int | None]) -> list[Item]:
    """That the contact can be attributed, and in which windows it is a re-contact."""
    items = [_item(one, cells.ATTRIBUTABLE, one.start)]
    if not one.reason:
        items.append(_item(one, f"{cells.UNATTRIBUTABLE}no_reason", one.start))
    for match, gap in gaps.items():
        if gap is not None:
            items.extend(
                _item(one, f"{cells.RECONTACT}{name}.{match}", one.start)
                for name, length in RECONTACT_WINDOWS.items()
                if gap <= length
            )
    return items


def _repeats(contacts: Mapping[str, Summary]) -> dict[str, list[Item]]:
    """Gaps from the start of the contact before, whatever became of it."""
    found: dict[str, list[Item]] = {}
    before: int | None = None
    before_by_reason: dict[str, int] = {}
    for start, entity in sorted((one.start, entity) for entity, one in contacts.items()):
        one = contacts[entity]
        same = before_by_reason.get(one.reason) if one.reason else None
        found[entity] = _opening(
            one,
            {
                "any": None if before is None else start - before,
                "reason": None if same is None else start - same,
            },
        )
        before = before_by_reason[one.reason] = start
    return found


def _spells(one: Summary) -> Iterator[tuple[int, int]]:
    """When a contact was open, from and until; spells that ended as they began are left out."""
    begun: int | None = one.start
    for ending in one.endings:
        if begun is None:
            break
        if ending.at < begun:
            continue  # solved once more while it was solved
        if ending.at > begun:
            yield begun, ending.at
        begun = ending.undone or None
    if begun is not None and (not one.left or one.left > begun):
        yield begun, one.left or _FOR_EVER


class _Timeline:
    """A customer's contacts, indexed by when they began and when they were over."""

    def __init__(self, contacts: dict[str, Summary], options: FigureOptions) -> None:
        self.contacts = contacts
        self._options = options
        self.starts: dict[str | None, list[tuple[int, str]]] = {None: []}
        """Reason, or None for all, to the instants at which contacts that count began, with the entity."""
        self.endings: list[tuple[int, str, int]] = []
        """Instants at which contacts that count were over, with the entity and when that was undone."""
        self.opened: dict[str, list[tuple[int, str]]] = {}
        self.closed: dict[str, list[int]] = {}
        """Reason to the instants at which contacts opened (with the entity, for ties) and closed."""
        for entity, one in contacts.items():
            opened = self.opened.setdefault(one.reason, [])
            closed = self.closed.setdefault(one.reason, [])
            for begun, over in _spells(one):
                opened.append((begun, entity))
                closed.append(over)
            if one.counts:
                self.starts[None].append((one.start, entity))
                self.starts.setdefault(one.reason, []).append((one.start, entity))
                self.endings.extend((ending.at, entity, ending.undone) for ending in one.endings)
        for instants in (*self.starts.values(), self.endings, *self.opened.values(), *self.closed.values()):
            instants.sort()  # type: ignore[attr-defined]

    def against_earlier(self, one: Summary) -> list[Item]:
        """Whether the contact is a re-contact, or the retry of an abandoned one."""
        gaps: dict[str, int | None] = {}
        retry = False
        for place in range(bisect_left(self.endings, (one.start,)) - 1, -1, -1):
            over, entity, undone = self.endings[place]
            if one.start - over > LONGEST or len(gaps) == len(MATCHES):
                break
            if undone and undone <= one.start:
                continue
            other = self.contacts[entity]
            for match in MATCHES:
                if match in gaps or (match == "reason" and (not one.reason or other.reason != one.reason)):
                    continue
                tried_again = one.answered and not other.answered
                gaps[match] = None if tried_again else one.start - over
                retry = retry or (tried_again and match == "any" and one.start - over <= WEEK)
        items = _opening(one, gaps)
        if retry:
            items.append(_item(one, cells.RETRY, one.start))
        return items

    def is_concurrent(self, entity: str, one: Summary) -> bool:
        """Whether another contact for the same reason was still open when this one began."""
        open_before = bisect_left(self.opened[one.reason], (one.start, entity))
        return open_before > bisect_right(self.closed[one.reason], one.start)

    def against_later(self, one: Summary) -> list[Item]:
        """Whether the customer came again: booked when that can be known, by what had happened until then."""
        if not one.endings or one.endings[-1].undone:
            return []
        over = one.endings[-1].at
        gap = self._return_after(one, "any", over)
        items = [_item(one, f"{cells.OVER}any", over), *self._returns(one, "any", over, gap)]
        if one.reason:
            same = self._return_after(one, "reason", over)
            items += [_item(one, f"{cells.OVER}reason", over), *self._returns(one, "reason", over, same)]
        if one.resolved is not None:
            items.extend(self._touches(one, over, gap))
            items.extend(self._handling(one, over, gap))
        return items

    def _returns(self, one: Summary, match: str, over: int, gap: int | None) -> Iterator[Item]:
        """Re-contact ratio and first contact resolution, within every window."""
        whole, again = (
            (cells.RESOLVED_MATURE, cells.RETURNED)
            if one.resolved is not None
            else (cells.GAVE_UP_MATURE, cells.GAVE_UP_RETURNED)
        )
        prefixes = ("", cells.BEYOND) if self._is_beyond(one) else ("",)
        for name, length in RECONTACT_WINDOWS.items():
            for prefix in prefixes:
                yield _item(one, f"{prefix}{whole}{name}.{match}", over + length)
                if gap is not None and gap <= length:
                    at = over + length
                    yield Item(f"{prefix}{again}{name}.{match}", one.channel, one.priority, "", at, over, 1)

    def _return_after(self, one: Summary, match: str, over: int) -> int | None:
        """How long after the end of a contact the customer came again; None: not at all, as far as is known."""
        starts = self.starts[None if match == "any" else one.reason]
        place = bisect_right(starts, (over, _LAST))
        if place == len(starts):
            return None
        start, entity = starts[place]
        # Whoever gave up, and was then answered, tried again: the answer stands for both.
        return None if not one.answered and self.contacts[entity].answered else start - over

    def _is_beyond(self, one: Summary) -> bool:
        return one.resolved is not None and one.reason in self._options.not_first_level_reasons

    def _touches(self, one: Summary, over: int, gap: int | None) -> Iterator[Item]:
        """What kept a contact that nobody came again after from being solved in one touch."""
        if one.touches > 1 and (gap is None or gap > WEEK):
            yield _item(one, cells.MORE_TOUCHES, over + WEEK)
            if self._is_beyond(one):
                yield _item(one, cells.BEYOND + cells.MORE_TOUCHES, over + WEEK)

    def _handling(self, one: Summary, over: int, gap: int | None) -> Iterator[Item]:
        """How long reps handled it, booked again at every age (M56)."""
        if not one.handle:
            return
        window = RECONTACT_WINDOWS[self._options.rushed_recontact_window]
        kind = stratum_of(one.channel, one.reason)
        again = gap is not None and gap <= window
        for age, since in zip(cells.AGES, (0, window, WEEK, 2 * WEEK), strict=True):
            for what, value in ((cells.HANDLED, 1), (cells.HANDLED_TIME, one.handle), (cells.HANDLED_AGAIN, again)):
                if value:
                    cell = f"{cells.RUSH}{what}.{age}.{kind}"
                    yield Item(cell, one.channel, one.priority, "", over + since, 0, int(value))

"""With whom a ticket was, one after the other (M10, M18). All instants are milliseconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.lifecycles.dims import UNASSIGNED
from streams.lifecycles.marks import Span

if TYPE_CHECKING:
    from streams.lifecycles.marks import Mark


@dataclass(slots=True)
class Stations:
    """Groups or assignees. One that passed the ticket on in the instant of getting it never had it."""

    held: list[tuple[str, int]] = field(default_factory=list)
    """Name and since when; the empty name: with none."""

    def move(self, name: str, at: int) -> None:
        """The ticket is with somebody from now on; with the same one again is no move."""
        if self.held and self.held[-1][0] != name and self.held[-1][1] == at:
            self.held.pop()
        if not self.held or self.held[-1][0] != name:
            self.held.append((name, at))

    @property
    def present(self) -> str:
        """Who has it now; empty: none."""
        return self.held[-1][0] if self.held else ""

    @property
    def spells(self) -> int:
        """How many times somebody had it: A, B and A again are three."""
        return sum(name != "" for name, _ in self.held)

    @property
    def distinct(self) -> int:
        """How many different ones had it: A, B and A again are two."""
        return len({name for name, _ in self.held if name})


@dataclass(slots=True)
class Ownership:
    """Spells of groups with work to do: from taking a ticket over, or its reopen, to passing it on or its solve."""

    spells: list[Span] = field(default_factory=list)
    _since: int | None = None

    def take(self, at: int) -> None:
        """The group that has the ticket has work to do again."""
        self._since = at

    def pass_on(self, mark: Mark) -> None:
        """Another group takes over; what was only routed through within an instant was owned by nobody."""
        if self._since is not None and mark.at > self._since:
            self._end(self._since, mark)
        self._since = mark.at

    def finish(self, mark: Mark) -> None:
        """The work is done; also within the instant, as of tickets that are noted when they are solved."""
        if self._since is not None:
            self._end(self._since, mark)
        self._since = None

    def _end(self, since: int, mark: Mark) -> None:
        if mark.dims.queue != UNASSIGNED:
            self.spells.append(Span(since, mark))

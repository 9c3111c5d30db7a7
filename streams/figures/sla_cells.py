"""Codes of the cells of SLA clocks: a prefix that says what is counted, and then whose clock it was."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Held = TypeVar("_Held")

Allowances = Mapping[tuple[str, str], float]
"""By policy and metric, the share of what is due that may be late: by the goals in force now."""

SLA: Final = "s."
"""Prefix of all of them. They are dated ahead, and count from their very instant: see ``PUNCTUAL`` in
:mod:`streams.figures.cells`."""
BREACH: Final = "s.breach|"
IN_TIME: Final = "s.done|"
LATE: Final = "s.late|"
CANCELLED: Final = "s.off|"
DUE: Final = "s.due|"
"""Instances by when they were due, whatever became of them; cancelled ones are left out."""
MET: Final = "s.met|"
"""Those of them that were never breached."""
OVERDUE: Final = "s.over|"
"""How far past its target a late one was: a distribution."""
STATES: Final = ("active", "paused", "warning", "breached")
NOW: Final = {state: f"s.now.{state}|" for state in STATES}
"""Counts up when an instance enters the state and down when it leaves it: the sum is how many are in it."""
WITHIN: Final = {"15m": 900_000, "1h": 3_600_000}
"""How little may be left of a target for it to be at risk; milliseconds of the target's clock."""
RISK: Final = {within: f"s.risk.{within}|" for within in WITHIN}
"""Counts up and down likewise."""


class ClockLabels(NamedTuple):
    """Whose clock it is: the labels of its series."""

    policy: str
    metric: str
    mode: str
    clock: str

    def __str__(self) -> str:
        """What follows a prefix; the policy last, for its name may hold anything."""
        return f"{self.metric}|{self.mode}|{self.clock}|{self.policy}"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The labels with their names."""
        return tuple(zip(self._fields, self, strict=True))


def deadline(labels: ClockLabels, earlier: int = 0) -> str:
    """A live state of open instances: since when they are breached, or when they will be; ``NEVER`` of those that rest.

    So the first so many of them in order, as many as are breached now, are those that are.

    Args:
        labels: whose clocks they are.
        earlier: how many others of the entity are open under the same labels, as clocks of complaints may be: an entity
            is in a state but once.
    """
    return f"{SLA}at{f'.{earlier}' if earlier else ''}|{labels}"


def deadlines(live: Mapping[str, _Held], labels: ClockLabels) -> Iterator[_Held]:
    """What is in each of these states, as far as there is any: no entity is in one of them without those before."""
    for earlier in count():
        held = live.get(deadline(labels, earlier))
        if not held:
            return
        yield held


def clocks_in(cells: Iterable[str]) -> list[ClockLabels]:
    """Whose clocks there are among cells, or live states, in order."""
    suffixes = {cell.partition("|")[2] for cell in cells if cell.startswith(SLA)}
    found = []
    for suffix in suffixes:
        metric, mode, clock, policy = suffix.split("|", 3)
        found.append(ClockLabels(policy, metric, mode, clock))
    return sorted(found)

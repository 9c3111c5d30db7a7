"""Tells what becomes of clocks: transitions of one kind of entity, each once, as far as it can be known to be told.

What an event brings about is told with the event. What time alone brings about is told when its instant has come, by a
deadline; up to when that has been done is stored, so that a worker that takes over tells what fell due meanwhile, with
its true instant, and nothing twice. Only what a worker sent and had not yet stored when it died is sent again, and what
it told of an instant whose deadlines, or of policies whose clocks, it had not gone through to the end: that is what the
identities of transitions are for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.businesstime import NEVER
from streams.pipeline.derive import clocks_of
from streams.sla.of_entity import next_change
from streams.sla.transitions import changes, encode, transitions
from streams.stage import Output
from streams.topics import SLA_TRANSITIONS, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.events import Kind
    from streams.history import History
    from streams.pipeline.rules import Rules
    from streams.sla.clocks import Instance

TOLD_KEY = b"\x00told"
"""Changelog key of the instant up to which deadlines have been told; no entity's key begins like it."""
POLICIES_KEY = b"\x00policies"
"""Changelog key of the version of the policies that all clocks of the partition run by."""


class ClockNews:
    """What was told of the clocks of one kind of entity, by partition."""

    def __init__(self, kind: Kind, partitions: int) -> None:
        """``partitions``: of the topic."""
        self._kind = kind
        self._partitions = partitions
        self._told: dict[int, int] = {}
        self._policies: dict[int, str] = {}

    def reach(self, partition: int, top: int, old: History | None, new: History) -> int:
        """Up to when transitions of an entity are known: as far as anything was told, and to its own last event.

        Args:
            partition: whose present it is.
            top: the present: of a batch of events that of the newest one, as what is still to be read may change more.
            old: the history that was told of so far.
            new: the history to tell of.
        """
        ends: list[int] = [history.events[-1].time for history in (old, new) if history is not None and history.events]
        return max(top, self._told.get(partition, 0), *ends)

    def outputs(
        self,
        partition: int,
        entity: str,
        histories: tuple[History | None, History],
        clocks: list[Instance],
        deadline: int | None,
        reach: int,
        rules: Rules,
    ) -> Iterator[Output]:
        """The transitions to send.

        Args:
            partition: of the entity.
            entity: its id.
            histories: what was told of so far, and what is to be told of.
            clocks: what follows from the latter.
            deadline: when the next transition of the former was due; None: it had none.
            reach: see :meth:`reach`.
            rules: what clocks run by.
        """
        old, new = histories
        named = f"{self._kind}/{entity}"
        since = NEVER if deadline is None else max(self._told.get(partition, 0), deadline - 1)
        before = clocks if old is new else [] if old is None else clocks_of(self._kind, entity, old, rules, reach)
        for told, withdrawn in changes(transitions(named, before, since), transitions(named, clocks, reach)):
            yield Output(
                SLA_TRANSITIONS.name,
                partition_of(named, self._partitions),
                named.encode(),
                encode(named, told, new.version, reach, withdrawn=withdrawn),
            )

    def restore(self, partition: int, key: bytes, stored: bytes | None) -> bool:
        """Adopt what is its own of the changelog; returns whether it was. What was written late changes nothing."""
        if key == TOLD_KEY:
            self.note(partition, int(stored or b"0"))
        elif key == POLICIES_KEY:
            self.run_by(partition, (stored or b"").decode())
        return key in (TOLD_KEY, POLICIES_KEY)

    def run_by(self, partition: int, version: str) -> None:
        """All clocks of a partition run by this version of the policies."""
        self._policies[partition] = version

    def is_run_by(self, partition: int, version: str) -> bool:
        """Whether no clock of a partition runs by other policies."""
        return self._policies.get(partition, "") == version

    def told(self, partition: int, reached: int) -> int:
        """Up to when all deadlines have been told, once those up to an instant have."""
        return max(reached, self._told.get(partition, 0))

    def note(self, partition: int, instant: int) -> None:
        """All deadlines up to an instant have been told."""
        self._told[partition] = max(instant, self._told.get(partition, 0))

    def next_deadline(self, partition: int, clocks: list[Instance]) -> int | None:
        """When time alone brings about the next transition that was not told yet."""
        return next_change(clocks, self._told.get(partition, 0))

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._told.pop(partition, None)
        self._policies.pop(partition, None)

"""Policies while a worker runs: looked at for changes, taken when they can be used, and otherwise left as they are."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from agents.policies import UNUSABLE, load_policies, policy_paths
from agents.web.view import PolicyState
from streams.sla.policy_document import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.sla.promises import Policies

log = logging.getLogger(__name__)

_READ = (".yaml", ".yml", ".ics")
"""Files that a policy is made of, with its calendars and their holidays."""

Stamp = frozenset[tuple[str, int, int]]


class PoliciesInForce:
    """The policies that clocks run by, and whether newer ones could be used; the same wherever they come from."""

    def __init__(self, policies: Policies, take: Callable[[Policies], None]) -> None:
        """Begin.

        Args:
            policies: what clocks run by at first.
            take: told of others; called in the loop of whoever calls :meth:`take`.
        """
        self.policies = policies
        self.failures = 0
        self._take = take

    @property
    def state(self) -> PolicyState:
        """What the metrics say of it."""
        return PolicyState(self.policies.version, self.failures)

    def take(self, policies: Policies) -> None:
        """Let clocks run by others from now on."""
        log.info("policies %s take the place of %s", policies.version or "none", self.policies.version or "none")
        self.policies = policies
        self._take(policies)

    def refuse(self, reason: str) -> None:
        """Change nothing, as newer ones cannot be used; to be called once for each that cannot."""
        self.failures += 1
        log.error("policies were not changed, as the new ones cannot be used: %s", reason)


class PolicyWatch:
    """Policies from files."""

    def __init__(self, names: Sequence[str], in_force: PoliciesInForce) -> None:
        """Watch.

        Args:
            names: what the policies were read from; none: there is nothing to watch.
            in_force: what was read, and where to bring others.
        """
        self._names = list(names)
        self._in_force = in_force
        self._stamp = self._now()

    async def run(self, interval: float) -> None:
        """Look again and again, every so many seconds."""
        while self._names:
            await asyncio.sleep(interval)
            self.look()

    def look(self) -> None:
        """Read the policies again if a file has changed. What cannot be used changes nothing, and is counted once."""
        stamp = self._now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            policies = load_policies(self._names)
        except UNUSABLE as error:
            self._in_force.refuse(str(error))
            return
        self._in_force.take(policies)

    def _now(self) -> Stamp:
        found = set()
        for folder in self._folders():
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.suffix in _READ:
                    status = path.stat()
                    found.add((str(path), status.st_mtime_ns, status.st_size))
        return frozenset(found)

    def _folders(self) -> set[Path]:
        try:
            return {path.parent for path in policy_paths(self._names)}
        except PolicyError:
            # A file that is gone, or between two versions; what its folder holds has changed all the same.
            return {Path(name) if Path(name).is_dir() else Path(name).parent for name in self._names}

"""Policies while a worker runs: looked at for changes, taken when they can be used, and otherwise left as they are."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from agents.policies import load_policies, policy_paths
from agents.web.view import PolicyState
from streams.businesstime import CalendarError
from streams.sla.policy_document import PolicyError
from streams.sla.promises import UnknownPolicyCalendarError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streams.sla.promises import Policies

log = logging.getLogger(__name__)

_READ = (".yaml", ".yml", ".ics")
"""Files that a policy is made of, with its calendars and their holidays."""

Stamp = frozenset[tuple[str, int, int]]


class PolicyWatch:
    """The policies in force, and whether a newer version of them could be read."""

    def __init__(self, names: Sequence[str], policies: Policies, take: Callable[[Policies], None]) -> None:
        """Watch.

        Args:
            names: what the policies were read from; none: there is nothing to watch.
            policies: what was read.
            take: told of others; called in the loop that :meth:`run` runs in.
        """
        self.policies = policies
        self.failures = 0
        self._names = list(names)
        self._take = take
        self._stamp = self._now()

    @property
    def state(self) -> PolicyState:
        """What the metrics say of it."""
        return PolicyState(self.policies.version, self.failures)

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
        except (PolicyError, CalendarError, UnknownPolicyCalendarError) as error:
            self.failures += 1
            log.error("policies were not changed, as the new ones cannot be used: %s", error)
            return
        log.info("policies %s take the place of %s", policies.version, self.policies.version)
        self.policies = policies
        self._take(policies)

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

"""What the records of published versions come to: of each name the newest that can be used, all together.

A record that cannot be used is as if it had never been written. So is the end of a log from which on the versions do
not go together, two of them holding from the same instant for instance, until a later record mends it. Whoever reads
the same log therefore comes to the same policies, whether it was read in one go or followed record by record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.policies import UNUSABLE, policies_of, read_policy
from agents.policies.record import PublishedVersion, shelf
from streams.topics import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.sla.promises import Policies

Change = tuple[str, PublishedVersion | None]
"""Name of a version, and what it is from now on; None: withdrawn."""


class Outcome(NamedTuple):
    """What is in force by the records read so far."""

    policies: Policies
    texts: dict[str, str]
    """All that they were read from, by name."""
    problems: frozenset[str]
    """Why newer records are not in force."""


class PublishedPolicies:
    """Takes records in the order of their log."""

    def __init__(self) -> None:
        """Begin before the first record."""
        self._changes: list[Change] = []
        self.broken: dict[str, str] = {}
        """By name what is wrong with its newest record."""

    def put(self, key: bytes | None, value: bytes | None) -> None:
        """Take the next record."""
        name = (key or b"").decode(errors="replace")
        version = None
        if value is not None:
            try:
                version = PublishedVersion.decode(name, value)
                version.check(name)
            except UNUSABLE as error:
                self.broken[name] = str(error)
                return
            except Exception as error:  # whatever a record makes a reader do: it must not end all workers
                self.broken[name] = f"{POLICIES.name}/{name}: cannot be read: {error!r}"
                return
        self.broken.pop(name, None)
        self._changes.append((name, version))

    @property
    def versions(self) -> dict[str, PublishedVersion]:
        """By name the newest that can be used by itself, in the order of their records."""
        return _newest(self._changes)

    def outcome(self) -> Outcome:
        """What is in force now."""
        problems = set(self.broken.values())
        length = len(self._changes)
        while True:
            kept = _newest(self._changes[:length])
            try:
                policies = together(kept)
                break
            except UNUSABLE as error:
                if length == len(self._changes):
                    problems.add(str(error))
                length -= 1  # before the first record there is nothing that could not go together
        if length == len(self._changes):
            # What is older can be needed no more.
            self._changes = list(kept.items())
        return Outcome(policies, _texts(kept), frozenset(problems))


def together(versions: dict[str, PublishedVersion]) -> Policies:
    """The policies of versions. A file that several have is that of the last: calendars have versions of their own.

    Raises:
        PolicyError, CalendarError, UnknownPolicyCalendarError: they do not go together.
    """
    read_from = shelf(_texts(versions))
    return policies_of([read_policy(read_from, name) for name in versions])


def _newest(changes: Iterable[Change]) -> dict[str, PublishedVersion]:
    kept: dict[str, PublishedVersion] = {}
    for name, version in changes:
        kept.pop(name, None)
        if version is not None:
            kept[name] = version
    return kept


def _texts(versions: dict[str, PublishedVersion]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for version in versions.values():
        texts |= version.files
    return texts | {name: version.policy for name, version in versions.items()}

"""A version of the policies as one record: its policy file and all files that it names, so that nothing else is needed.

The value is JSON: ``format`` (1), ``policy`` (text of the policy file), ``files`` (texts of calendar and iCalendar
files, by the paths by which documents find them from the policy file) and ``sha256`` (of policy and files, as JSON with
keys in order and without spaces). The key is the name of the policy file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Self

import msgspec

from agents.policies import policies_of, read_policy
from agents.texts import Copied, Folder, Shelf
from streams.problems import Problem
from streams.sla.policy_document import PolicyError
from streams.topics import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from agents.policies import PolicyFile

FORMAT = 1


class PublishedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of one version."""

    policy: str
    files: dict[str, str]

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The version that a policy file and the files it names make.

        Raises:
            PolicyError, CalendarError: it cannot be read.
        """
        copied = Copied(Folder(path.parent))
        read_policy(copied, path.name)
        files = dict(copied.copies)
        return cls(policy=files.pop(path.name), files=files)

    @classmethod
    def decode(cls, name: str, value: bytes) -> Self:
        """The version that a record holds.

        Raises:
            PolicyError: it is none, or was damaged.
        """
        try:
            said = msgspec.json.decode(value, type=_Record)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _unusable(name, (), "", f"must be a published version: {error}") from None
        if said.format != FORMAT:
            raise _unusable(name, ("format",), said.format, f"must be {FORMAT}, the only one known to this release")
        version = cls(policy=said.policy, files=said.files)
        if said.sha256 != version.sha256:
            raise _unusable(name, ("sha256",), said.sha256, f"the texts have {version.sha256}: they were damaged")
        return version

    @property
    def sha256(self) -> str:
        """Content hash, in hexadecimal digits."""
        texts = {"policy": self.policy, "files": self.files}
        return hashlib.sha256(msgspec.json.encode(texts, order="deterministic")).hexdigest()

    def encode(self) -> bytes:
        """The value of its record."""
        said = _Record(format=FORMAT, policy=self.policy, files=self.files, sha256=self.sha256)
        return msgspec.json.encode(said)

    def check(self, name: str) -> PolicyFile:
        """The policy file, read by itself.

        Raises:
            PolicyError, CalendarError, UnknownPolicyCalendarError: it cannot be used, whatever else is published.
        """
        file = read_policy(shelf({**self.files, name: self.policy}), name)
        policies_of([file])
        return file


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """The value of a record; what else stands in it may be of a later release."""

    format: int
    policy: str
    files: dict[str, str]
    sha256: str


def shelf(texts: dict[str, str]) -> Shelf:
    """Published texts, known by the topic that they are from."""
    return Shelf(texts, POLICIES.name)


def _unusable(name: str, path: tuple[str, ...], value: object, rule: str) -> PolicyError:
    return PolicyError(f"{POLICIES.name}/{name}", [Problem(path, value, rule)])

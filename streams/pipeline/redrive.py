"""Dead letters read again: which there are, which are meant, and what goes back to where it came from."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams.pipeline.dead_letters import ORIGINAL
from streams.topics import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.stage import Record

FOREIGN = "foreign"
"""Instead of a reason: what no worker has written, as it lacks what all dead letters have."""

_ENCODER = msgspec.msgpack.Encoder()
_TOPICS = tuple(topic.name for topic in SOURCES.values())
_CUT = {"key-bytes": "key", "value-bytes": "value", "headers-bytes": "headers"}


class Letter(NamedTuple):
    """A dead letter."""

    reason: str
    field: str
    error: str
    topic: str
    """Where it came from, as are partition and offset; empty if it does not say so."""
    partition: int
    offset: int
    key: bytes | None
    """As produced, as are value and headers, as far as they are kept."""
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    obstacle: str
    """Why it cannot be sent again; empty if it can be."""

    @property
    def origin(self) -> str:
        """Topic, partition and offset, as people write them."""
        return f"{self.topic}/{self.partition}@{self.offset}"

    def fingerprint(self) -> bytes:
        """The same for letters that would be sent again as the same record."""
        content = _ENCODER.encode((self.topic, self.partition, self.key, self.value, self.headers))
        return hashlib.blake2b(content, digest_size=16).digest()


def open_letter(record: Record) -> Letter:
    """What a record of the topic of dead letters says. Whatever stands there is answered; see :data:`FOREIGN`."""
    said: dict[str, str] = {}
    originals: list[tuple[str, bytes | None]] = []
    for name, raw in record.headers:
        if name.startswith(ORIGINAL):
            originals.append((name.removeprefix(ORIGINAL), raw))
        elif raw is not None:
            said[name] = raw.decode("utf-8", "replace")
    headers = tuple(originals)
    problem = _problem(said)
    if problem:
        return Letter(FOREIGN, "headers", problem, "", 0, 0, record.key, record.value, headers, problem)
    cut = [f"its {part} had {said[name]} bytes" for name, part in _CUT.items() if name in said]
    obstacle = f"{' and '.join(cut)}, of which not all are kept" if cut else ""
    if "value-sha256" in said:
        obstacle += f" (sha256 {said['value-sha256']})"
    return Letter(
        said["reason"],
        said.get("field", ""),
        said.get("error", ""),
        said["topic"],
        int(said["partition"]),
        int(said["offset"]),
        record.key,
        record.value,
        headers,
        obstacle,
    )


def _problem(said: Mapping[str, str]) -> str:
    """What is wrong with the headers, or nothing."""
    if not said.get("reason"):
        return f"header reason = {said.get('reason')!r}: must not be empty"
    if said.get("topic") not in _TOPICS:
        return f"header topic = {said.get('topic')!r}: must be {', '.join(_TOPICS[:-1])} or {_TOPICS[-1]}"
    for name in ("partition", "offset"):
        number = said.get(name, "")
        if not (number.isascii() and number.isdigit() and len(number) < 20):
            return f"header {name} = {said.get(name)!r}: must be a whole number"
    return ""


class Selection(NamedTuple):
    """Which dead letters are meant; without any choice all of them."""

    reasons: frozenset[str] = frozenset()
    topic: str = ""
    """Where they came from."""
    since: int | None = None
    """When they became dead letters, milliseconds, at the earliest."""

    def has(self, letter: Letter, at: int) -> bool:
        """Whether a letter is meant. ``at``: when it became one (milliseconds)."""
        return (
            (not self.reasons or letter.reason in self.reasons)
            and self.topic in ("", letter.topic)
            and (self.since is None or at >= self.since)
        )


class Redrive:
    """Decides of letter after letter whether it is sent again, and counts."""

    def __init__(self, selection: Selection, partitions: Mapping[str, int], limit: int | None = None) -> None:
        """``partitions``: how many each topic has that exists; ``limit``: the most letters to send."""
        self._selection = selection
        self._partitions = partitions
        self._limit = limit
        self._seen: set[bytes] = set()
        self.sent: Counter[tuple[str, str]] = Counter()
        """By topic and reason, those to send."""
        self.same = 0
        """Those that are the same as one sent already. What is sent again and refused again is another dead letter:
        if each of them were sent the next time, there would be twice as many every time."""
        self.left: list[tuple[Letter, str]] = []
        """Those that cannot be sent, with what is in the way."""

    @property
    def full(self) -> bool:
        """Whether as many are sent as may be."""
        return self._limit is not None and self.sent.total() >= self._limit

    def send(self, letter: Letter, at: int) -> bool:
        """Whether to send a letter. ``at``: when it became one (milliseconds)."""
        if self.full or not self._selection.has(letter, at):
            return False
        obstacle = letter.obstacle or self._missing(letter)
        if obstacle:
            self.left.append((letter._replace(key=None, value=None, headers=()), obstacle))
            return False
        fingerprint = letter.fingerprint()
        if fingerprint in self._seen:
            self.same += 1
            return False
        self._seen.add(fingerprint)
        self.sent[letter.topic, letter.reason] += 1
        return True

    def _missing(self, letter: Letter) -> str:
        count = self._partitions.get(letter.topic)
        if count is None:
            return f"topic {letter.topic!r} does not exist"
        # Elsewhere it would not be with the other events of its subject: nobody but producers knows the partitioner.
        return "" if letter.partition < count else f"topic {letter.topic!r} has {count} partitions only"

"""The complaints of one ticket, call or chat: received, first answered, settled (M74).

The first answer is an acknowledgement, a person's reply to the customer after it was received, or its being settled.
That a ticket is solved ends what is owed, and is no answer; a reopen takes it back. All instants are milliseconds since
the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from streams.events import complaints as ev
from streams.lifecycles.dims import NOWHERE
from streams.lifecycles.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streams.events import Data, Entry


class Wait(NamedTuple):
    """A stretch in which the first answer was owed."""

    began: int
    ended: int | None = None
    """None: it still is."""
    why: str = ""
    """What ended it, in a word."""


@dataclass(slots=True)
class Complaint:
    """What became of one complaint."""

    id: str
    received: Mark
    waits: list[Wait]
    answer: Mark | None = None
    """The first one, to the credit of who gave it."""
    settled: Mark | None = None
    solved: Mark | None = None
    """When the ticket was solved with it, unless it was reopened."""

    @property
    def resolved(self) -> Mark | None:
        """When it was over: settled, or solved with its ticket; None while it is open."""
        ends = [mark for mark in (self.settled, self.solved) if mark is not None]
        return min(ends, key=lambda mark: mark.at, default=None)

    def cease(self, at: int, why: str) -> None:
        """No answer is owed any more."""
        if self.waits[-1].ended is None:
            self.waits[-1] = Wait(self.waits[-1].began, at, why)

    def resume(self, at: int) -> None:
        """It is owed again; what ended and went on at one instant never ended."""
        last = self.waits[-1]
        if last.ended == at:
            self.waits[-1] = Wait(last.began)
        elif last.ended is not None:
            self.waits.append(Wait(at))


@dataclass(slots=True)
class Complaints:
    """All of them, in the order in which they were received."""

    all: list[Complaint] = field(default_factory=list)

    def receive(self, name: str, mark: Mark) -> None:
        """A complaint comes in. One of the same name is the same; without a name, one that is still open is."""
        same = [complaint for complaint in self.all if complaint.id == name]
        if same:
            last = same[-1]
            if name or last.resolved is None:
                return
            # What was over when the next one came does not come back with the ticket.
            last.settled = last.resolved
        self.all.append(Complaint(name, mark, [Wait(mark.at)]))

    def answer(self, mark: Mark, why: str, name: str = "") -> None:
        """A person turned to the customer. Without a name it is an answer to all that are not settled."""
        for complaint in self._meant(name):
            if complaint.answer is None:
                complaint.answer = mark
                complaint.cease(mark.at, why)

    def settle(self, mark: Mark, name: str) -> None:
        """A complaint is settled; with an empty name, all of them."""
        for complaint in list(self._meant(name)):
            complaint.settled = mark
            complaint.answer = complaint.answer or mark
            complaint.cease(mark.at, "resolved")

    def solve(self, mark: Mark) -> None:
        """The ticket is solved, and with it what is open."""
        for complaint in self.all:
            if complaint.resolved is None:
                complaint.solved = mark
                complaint.cease(mark.at, "solved")

    def reopen(self, at: int) -> None:
        """The ticket was not solved after all."""
        for complaint in self.all:
            if complaint.solved is not None:
                complaint.solved = None
                if complaint.answer is None and complaint.settled is None:
                    complaint.resume(at)

    def hear(self, data: Data, mark: Mark) -> None:
        """An event of a complaint. Answers are to the credit of who the event names, who need not be the assignee."""
        if isinstance(data, ev.ComplaintReceived):
            self.receive(data.complaint_id or "", mark)
        elif isinstance(data, (ev.ComplaintAcknowledged, ev.ComplaintResolved)):
            given = Mark(mark.at, mark.dims._replace(rep=data.rep or ""))
            name = data.complaint_id or ""
            if isinstance(data, ev.ComplaintAcknowledged):
                self.answer(given, "acknowledged", name)
            else:
                self.settle(given, name)

    def _meant(self, name: str) -> Iterator[Complaint]:
        return (each for each in self.all if each.settled is None and name in ("", each.id))


def complaints_of(events: Sequence[Entry], answers: Iterable[Mark], why: str) -> list[Complaint]:
    """The complaints of a call or chat.

    Args:
        events: its sorted history.
        answers: when a person turned to the customer, in order; one at the instant of a complaint answers it.
        why: what the answers are, in a word.
    """
    if not any(entry.data.ASIDE for entry in events):
        return []
    found, dims = Complaints(), NOWHERE
    given = list(answers)
    for entry in events:
        dims = dims.after(entry.data)
        while given and given[0].at < entry.time:
            found.answer(given.pop(0), why)
        found.hear(entry.data, Mark(entry.time, dims))
    for mark in given:
        found.answer(mark, why)
    return found.all

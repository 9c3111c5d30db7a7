"""What really happened in a simulation, written down by the simulator as it decides it.

Nothing here goes through the folds of this product: counts are counted when they happen, and what one customer's
contacts say together is found by comparing all of them with each other, straight from the definitions (SPEC 2.4).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

HOUR = 3_600_000
WITHIN = {"24h": 24 * HOUR, "72h": 72 * HOUR, "7d": 168 * HOUR}
REOPEN_WITHIN = 168 * HOUR
UNANSWERED_MS = 30_000
"""For how long a rep is shown as not having answered who then says nothing."""


@dataclass(slots=True)
class Ending:
    """A contact was over; ``undone``: when it was reopened, 0 if it was not."""

    at: int
    queue: str = ""
    undone: int = 0
    by_bot: bool = False


@dataclass(slots=True)
class Account:
    """One ticket, call or chat as the simulator knows it."""

    entity: str
    start: int
    queue: str
    customer: str = ""
    reason: str = ""
    is_ticket: bool = False
    reached: bool = True
    """False while, or if, it never got as far as a queue."""
    answered: bool = True
    gone: bool = False
    """Merged or deleted."""
    merged_at: int = 0
    test: bool = False
    endings: list[Ending] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    """When the customer turned to people in it, or was handed to them."""

    @property
    def counts(self) -> bool:
        """Whether it is a customer's contact."""
        return not self.gone and not self.test

    def open_at(self, at: int) -> bool:
        """Whether it had begun before an instant and was not over by then."""
        if self.start > at or (self.merged_at and self.merged_at <= at):
            return False
        over = [ending for ending in self.endings if ending.at <= at]
        return not over or bool(over[-1].undone and over[-1].undone <= at)


class RepAccount:
    """A rep's time as the simulator knows it. Spans are lists of a beginning and an end, 0 while they last."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.spans: list[tuple[str, list[int]]] = []
        """What it was: ``talk``, ``dial``, ``acw``, ``ring``, ``chat``, ``chat_acw``, ``missed``, ``rejected``, or a
        state that the rep told."""
        self._state: list[int] = []
        self._unanswered: list[int] = []

    def begins(self, what: str, at: int) -> list[int]:
        """Note that something begins; the span is to be ended by who asked for it."""
        if what not in ("acw", "chat_acw"):
            self._is_back(at)
        span = [at, 0]
        self.spans.append((what, span))
        return span

    def left_unanswered(self, what: Literal["missed", "rejected"], at: int) -> None:
        """Note that the rep did not answer: that shows until they are heard of again, or for some time."""
        self._unanswered = self.begins(what, at)
        self._unanswered[1] = at + UNANSWERED_MS

    def _is_back(self, at: int) -> None:
        if self._unanswered:
            self._unanswered[1] = min(self._unanswered[1], at)
            self._unanswered = []

    def is_in(self, state: str | None, at: int) -> None:
        """Note what the rep says of themselves; None: gone."""
        self._is_back(at)
        if self._state:
            self._state[1] = at
        self._state = self.begins(state, at) if state else []

    def add_to(self, found: defaultdict[str, float], as_of: int) -> None:
        """Add milliseconds by state, concurrency and what is so now."""
        changes: list[tuple[int, int, str]] = []
        for what, (start, end) in self.spans:
            if start <= as_of and start != end:
                changes.append((start, 1, what))
                if end and end <= as_of:
                    changes.append((end, -1, what))
                    found["reps.chats_handled"] += what == "chat"
        changes.sort()
        doing: defaultdict[str, int] = defaultdict(int)
        for place, (at, step, what) in enumerate(changes):
            doing[what] += step
            until = changes[place + 1][0] if place + 1 < len(changes) else as_of + 1
            state = _shown(doing)
            if state:
                found[f"reps.state_seconds.{state}"] += until - at
                here = any(doing[said] for said in ("available", "custom", "offline"))
                found["busy"] += (until - at) * (here and _is_busy(doing))
                found["idle"] += (until - at) * (state == "available")
            chats = doing["chat"] + doing["chat_acw"]
            found["reps.chat_concurrency.numerator"] += chats * (until - at)
            found["reps.chat_concurrency.denominator"] += (chats > 0) * (until - at)
        state = _shown(doing)
        if state:
            found[f"reps.now.{state}"] += 1


def _is_busy(doing: defaultdict[str, int]) -> bool:
    return any(doing[what] for what in ("talk", "chat", "dial", "acw", "chat_acw"))


def _shown(doing: defaultdict[str, int]) -> str:
    """The state that a rep is shown in."""
    if doing["missed"] or doing["rejected"]:
        return "missed" if doing["missed"] else "rejected"
    if doing["talk"] or doing["chat"] or doing["dial"]:
        return "on_contact"
    if doing["acw"] or doing["chat_acw"]:
        return "acw"
    if doing["ring"]:
        return "incoming"
    return next((state for state in ("available", "custom", "offline") if doing[state]), "")


class Truth:
    """The figures of a simulation, under the names that a report gives them, joined by dots."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self.events = 0
        self.reps: dict[str, RepAccount] = {}
        self.busy: defaultdict[str, int] = defaultdict(int)
        """Pool of reps to milliseconds of work."""
        self.staffed: defaultdict[str, int] = defaultdict(int)
        """Pool of reps to milliseconds on duty."""
        self._counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def rep(self, name: str, queue: str) -> RepAccount:
        """What is true of a rep, who belongs to a queue."""
        return self.reps.setdefault(name, RepAccount(queue))

    def count(self, queue: str, name: str, number: int = 1) -> None:
        """Something happened in a queue, or with a negative number: is not so any more."""
        self._counts[queue, name] += number

    def took(self, queue: str, name: str, millis: int, times: int = 1) -> None:
        """Something took so long; ``times=-1`` takes that back."""
        held = self._sums[queue, name]
        held[0] += times
        held[1] += times * millis

    def longer(self, queue: str, name: str, millis: int) -> None:
        """Something that has been written down took longer than that."""
        self._sums[queue, name][1] += millis

    def figures(self, as_of: int, queue: str | None = None) -> dict[str, float]:
        """All figures of one queue, or of all of them: counts, and the counts and sums (seconds) of durations."""
        found: defaultdict[str, float] = defaultdict(float)
        for (where, name), number in self._counts.items():
            if queue in (None, where):
                found[name] += number
        millis: defaultdict[str, int] = defaultdict(int)
        for (where, name), (number, total) in self._sums.items():
            if queue in (None, where):
                found[f"{name}.count"] += number
                millis[f"{name}.sum"] += total
        found.update({name: total / 1000 for name, total in millis.items()})
        found["complaints.complaint_ratio.numerator"] = complaints = found["complaints.received"]
        found["complaints.complaint_ratio.denominator"] = complaints and (
            found["tickets.created"] + found["contacts.contacts"]
        )
        self._service_level(found)
        self._matured(found, as_of, queue)
        self._customers(found, as_of, queue)
        self._reps(found, as_of, queue)
        return dict(found)

    def _service_level(self, found: defaultdict[str, float]) -> None:
        """The parts of the formulas, from which all of them follow."""
        answered_in, abandoned_in = found.pop("answered_in", 0), found.pop("abandoned_in", 0)
        callback_in = found.pop("callback_in", 0)
        answered, abandoned = found["contacts.answered"], found["contacts.abandoned"]
        for formula, numerator, denominator in (
            ("strict", answered_in, answered + abandoned),
            ("icmi1", answered_in + abandoned_in, answered + abandoned),
            ("ignore_early", answered_in, answered + abandoned - abandoned_in),
            ("amazon", answered_in + abandoned_in + callback_in, found["contacts.offered"]),
        ):
            found[f"contacts.service_level.{formula}.numerator"] = numerator
            found[f"contacts.service_level.{formula}.denominator"] = denominator

    def _reps(self, found: defaultdict[str, float], as_of: int, queue: str | None) -> None:
        """Occupancy, concurrency and states: in seconds, of whole milliseconds that have passed."""
        millis: defaultdict[str, float] = defaultdict(float)
        for account in self.reps.values():
            if queue in (None, account.queue):
                account.add_to(millis, as_of)
        busy, idle = millis.pop("busy", 0), millis.pop("idle", 0)
        found["reps.occupancy.numerator"] = busy / 1000
        found["reps.occupancy.denominator"] = (busy + idle) / 1000
        for name, value in millis.items():
            found[name] = value if name.startswith(("reps.now.", "reps.chats_handled")) else value / 1000

    def _matured(self, found: defaultdict[str, float], as_of: int, queue: str | None) -> None:
        """Solves, and what bots contained, that had their week to be undone."""
        people: defaultdict[str, list[int]] = defaultdict(list)
        for account in self.accounts:
            if account.counts:
                people[account.customer or account.entity].extend(account.people)
        for account in self.accounts:
            if not account.is_ticket:
                continue
            turned = people[account.customer or account.entity]
            for ending in account.endings:
                ripe = ending.at + REOPEN_WITHIN
                if ripe > as_of or queue not in (None, ending.queue):
                    continue
                undone = 0 < ending.undone <= ripe
                found["tickets.reopen_ratio.denominator"] += 1
                found["tickets.reopen_ratio.numerator"] += undone
                if ending.by_bot:
                    found["tickets.bot_containment_verified.denominator"] += 1
                    needed = any(ending.at < at <= ripe for at in turned)
                    found["tickets.bot_containment_verified.numerator"] += not undone and not needed

    def _customers(self, found: defaultdict[str, float], as_of: int, queue: str | None) -> None:
        """Compare every contact with all others of its customer."""
        by_customer: defaultdict[str, list[Account]] = defaultdict(list)
        for account in self.accounts:
            if account.reached and (account.counts or account.merged_at):
                by_customer[account.customer].append(account)
        anonymous = by_customer.pop("", [])
        found["recontacts.unattributable"] += sum(one.counts and queue in (None, one.queue) for one in anonymous)
        for accounts in by_customer.values():
            for one in accounts:
                if queue not in (None, one.queue):
                    continue
                others = [other for other in accounts if other is not one]
                found["recontacts.concurrent"] += any(
                    other.reason == one.reason
                    and (other.start, other.entity) < (one.start, one.entity)
                    and other.open_at(one.start)
                    for other in others
                )
                if one.counts:
                    counting = [other for other in others if other.counts]
                    found["recontacts.contacts"] += 1
                    for match in ("any", "reason"):
                        _one_contact(found, one, counting, match, as_of)


def _one_contact(found: defaultdict[str, float], one: Account, others: list[Account], match: str, as_of: int) -> None:
    """Whether a contact is a re-contact, and whether it resolved its customer's issue."""
    if match == "reason":
        if not one.reason:
            return
        others = [other for other in others if other.reason == one.reason]
    before = [
        (ending.at, other.entity, other)
        for other in others
        for ending in other.endings
        if ending.at < one.start and not 0 < ending.undone <= one.start
    ]
    if before:
        over, _, nearest = max(before)
        if one.answered and not nearest.answered:
            in_reach = one.start - over <= max(WITHIN.values())
            found["recontacts.retries"] += match == "any" and in_reach
        else:
            for window, length in WITHIN.items():
                found[f"recontacts.{window}.{match}"] += one.start - over <= length
    if not one.endings or one.endings[-1].undone or not one.answered:
        return
    resolved = one.endings[-1].at
    again = min((other.start - resolved for other in others if other.start > resolved), default=None)
    for window, length in WITHIN.items():
        if resolved + length <= as_of:
            found[f"recontacts.fcr_no_recontact.{window}.{match}.denominator"] += 1
            found[f"recontacts.fcr_no_recontact.{window}.{match}.numerator"] += again is None or again > length

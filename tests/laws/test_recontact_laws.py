"""Re-contacts against an oracle that reads the specification (2.4) aloud, comparing every contact with every other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given

from streams.customers.recontacts import derive
from streams.customers.summary import Ending, Summary
from streams.figures.options import FigureOptions
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR = 3_600_000
DAY = 24 * HOUR
WINDOWS = {"24h": DAY, "72h": 3 * DAY, "7d": 7 * DAY}
INSTANTS = (0, 1, HOUR, DAY, DAY + 1, DAY + HOUR, 2 * DAY, 3 * DAY, 4 * DAY, 7 * DAY, 8 * DAY, 8 * DAY + 1, 15 * DAY)
Told = Counter[tuple[str, int]]
"""What is said of one contact: the cell and when it is booked."""


def summary(tape: Tape) -> Summary:
    start = 1_000_000 + tape.one(INSTANTS)
    endings: list[Ending] = []
    at = start
    left = 0
    for _ in range(tape.pick(3)):
        at += tape.one((0, 1, HOUR, DAY, 3 * DAY))
        undone = at + tape.one((1, HOUR, DAY)) if tape.pick(2) else 0
        endings.append(Ending(at, undone))
        if not undone:
            break
        at = undone
    counts = tape.pick(5) != 4
    if not counts and tape.pick(2):
        left = at + tape.one((0, HOUR))
    return Summary(
        start, endings, "Q", "voice", "", tape.one(("billing", "delivery", "")),
        reached=tape.pick(6) != 5, answered=tape.pick(4) != 3, counts=counts, left=left, gone=tape.pick(8) == 7,
    )  # fmt: skip


def over_before(other: Summary, instant: int) -> int | None:
    """The latest end of a contact before an instant at which it was over, as far as it was still over then."""
    found = [e.at for e in other.endings if e.at < instant and not (e.undone and e.undone <= instant)]
    return max(found, default=None)


def open_since(other: Summary, instant: int) -> int | None:
    """Since when a contact was open at an instant: begun or reopened, and neither over nor merged away."""
    if other.start > instant or (other.left and other.left <= instant):
        return None
    if any(e.at <= instant and not (e.undone and e.undone <= instant) for e in other.endings):
        return None
    return max([other.start, *(e.undone for e in other.endings if 0 < e.undone <= instant)])


def oracle(contacts: Mapping[str, Summary]) -> dict[str, Told]:
    known = {name: one for name, one in contacts.items() if not one.gone and one.reached}
    counted = {name: one for name, one in known.items() if one.counts}
    told = {name: Counter({("r.contacts", one.start): 1}) for name, one in counted.items()}
    for name, one in counted.items():
        for match in ("any", "reason"):
            if match == "any":
                rivals = counted
            elif one.reason:
                rivals = {other_name: other for other_name, other in counted.items() if other.reason == one.reason}
            else:
                continue
            told[name] += came_again(one, rivals, match) + was_resolved(one, rivals, match)
    for name, one in known.items():
        if (one.counts or one.left) and is_concurrent(name, one, known):
            told.setdefault(name, Counter())["r.conc", one.start] += 1
    return told


def came_again(one: Summary, rivals: Mapping[str, Summary], match: str) -> Told:
    """The nearest contact that was over when this one began decides; an abandoned one makes it a retry."""
    earlier = [(over, name) for name, other in rivals.items() if (over := over_before(other, one.start)) is not None]
    if not earlier:
        return Counter()
    over, nearest = max(earlier)
    gap = one.start - over
    if one.answered and not rivals[nearest].answered:
        return Counter([("r.retry", one.start)] if match == "any" and gap <= WINDOWS["7d"] else [])
    return Counter((f"r.re.{window}.{match}", one.start) for window, length in WINDOWS.items() if gap <= length)


def was_resolved(one: Summary, rivals: Mapping[str, Summary], match: str) -> Told:
    """Answered and over for good; and whether nobody came back within the window, known when that has passed."""
    said: Told = Counter()
    if one.answered and one.endings and not one.endings[-1].undone:
        end = one.endings[-1].at
        for window, length in WINDOWS.items():
            said[f"r.res.{window}.{match}", end + length] += 1
            if not any(0 < other.start - end <= length for other in rivals.values()):
                said[f"r.fcr.{window}.{match}", end + length] += 1
    return said


def is_concurrent(name: str, one: Summary, known: Mapping[str, Summary]) -> bool:
    """Of two that open at one instant, the second by name is the concurrent one."""
    return any(
        (other.counts or other.left)
        and other.reason == one.reason
        and (since := open_since(other, one.start)) is not None
        and (since, other_name) < (one.start, name)
        for other_name, other in known.items()
    )


@given(tapes(160))
def test_recontacts_are_those_of_the_specification(tape: Tape) -> None:
    contacts = {f"call/{number}": summary(tape) for number in range(1 + tape.pick(6))}
    found = {
        name: Counter({(item.cell, item.at): item.value for item in items})
        for name, items in derive(contacts, FigureOptions()).items()
    }
    found = {name: told for name, told in found.items() if told}
    assert found == oracle(contacts)

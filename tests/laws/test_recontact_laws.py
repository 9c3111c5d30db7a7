"""Re-contacts against an oracle that reads the specification (2.4) aloud, comparing every contact with every other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from msgspec import structs

from streams.customers.chains import chains_of
from streams.customers.recontacts import derive
from streams.customers.summary import Ending, Summary
from streams.figures.options import FigureOptions
from tests.laws.tape import Tape, tapes

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR = 3_600_000
DAY = 24 * HOUR
WINDOWS = {"24h": DAY, "72h": 3 * DAY, "7d": 7 * DAY, "30d": 30 * DAY}
INSTANTS = (
    0,
    1,
    HOUR,
    DAY,
    DAY + 1,
    DAY + HOUR,
    2 * DAY,
    3 * DAY,
    4 * DAY,
    7 * DAY,
    8 * DAY,
    8 * DAY + 1,
    15 * DAY,
    31 * DAY,
)
KINDS = {"billing": "0aa", "delivery": "010", "": ""}
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
        handle=tape.one((0, 60_000, 90_000)), touches=1 + tape.pick(2),
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
        if not one.reason:
            told[name]["r.un.no_reason", one.start] += 1
        told[name] += was_handled(one, counted)
        for match in ("any", "reason"):
            if match == "any":
                rivals = counted
            elif one.reason:
                rivals = {other_name: other for other_name, other in counted.items() if other.reason == one.reason}
            else:
                continue
            told[name] += came_again(one, rivals, match) + was_followed(one, rivals, match)
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


def over_for_good(one: Summary) -> int | None:
    return one.endings[-1].at if one.endings and not one.endings[-1].undone else None


def follower(one: Summary, rivals: Mapping[str, Summary]) -> tuple[int, Summary] | None:
    """The first contact after one was over, and how long after; of several at once the first by name."""
    over = over_for_good(one)
    after = sorted((other.start, name) for name, other in rivals.items() if over is not None and other.start > over)
    return (after[0][0] - (over or 0), rivals[after[0][1]]) if after else None


def followed_within(one: Summary, rivals: Mapping[str, Summary], length: int) -> bool:
    """Whether a re-contact followed. One who gave up and was then answered has but tried again."""
    found = follower(one, rivals)
    return found is not None and found[0] <= length and (one.answered or not found[1].answered)


def was_followed(one: Summary, rivals: Mapping[str, Summary], match: str) -> Told:
    """Over for good; and whether a re-contact followed within the window, known when that has passed."""
    said: Told = Counter()
    end = over_for_good(one)
    if end is None:
        return said
    said["r.over." + match, end] += 1
    whole, again = ("r.res", "r.back") if one.answered else ("r.gave_up", "r.gave_up_back")
    prefixes = ["", "r.beyond."] if one.answered and one.reason == "billing" else [""]
    for prefix in prefixes:
        for window, length in WINDOWS.items():
            said[f"{prefix}{whole}.{window}.{match}", end + length] += 1
            if followed_within(one, rivals, length):
                said[f"{prefix}{again}.{window}.{match}", end + length] += 1
        if match == "any" and one.answered and one.touches > 1 and not followed_within(one, rivals, 7 * DAY):
            said[f"{prefix}r.more", end + 7 * DAY] += 1
    return said


def was_handled(one: Summary, rivals: Mapping[str, Summary]) -> Told:
    """The parts of M56, at every age: over, old enough to tell, over for one week, and for two."""
    said: Told = Counter()
    end = over_for_good(one)
    if end is not None and one.answered and one.handle:
        for age, length in (("ended", 0), ("mature", 3 * DAY), ("week", 7 * DAY), ("fortnight", 14 * DAY)):
            kind = f"{one.channel}.{KINDS[one.reason]}"
            said[f"r.rush.n.{age}.{kind}", end + length] += 1
            said[f"r.rush.h.{age}.{kind}", end + length] += one.handle
            if followed_within(one, rivals, 3 * DAY):
                said[f"r.rush.re.{age}.{kind}", end + length] += 1
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
        for name, items in derive(contacts, FigureOptions(not_first_level_reasons=["billing"])).items()
    }
    found = {name: told for name, told in found.items() if told}
    assert found == oracle(contacts)


def chains(contacts: Mapping[str, Summary], quiet: int) -> list[tuple[int, int, int]]:
    """When each issue was resolved for certain, and after how many contacts and calls, told contact by contact."""
    told = []
    known = [one for one in contacts.values() if one.reason]
    for one in known:
        same = [other for other in known if other.reason == one.reason]
        # Whoever opens the last chain that one can belong to has nobody before within reach.
        before = [other for other in same if other.start < one.start]
        if any((end := over_for_good(other)) is None or one.start <= end + quiet for other in before):
            continue
        if any(other.start == one.start and other is not one and id(other) < id(one) for other in same):
            continue
        chain, grown = [one], True
        while grown:
            ends = [over_for_good(other) for other in chain]
            reach = None if None in ends else max(end for end in ends if end is not None) + quiet
            new = [
                other for other in same
                if not any(other is member for member in chain) and other.start >= one.start
                and (reach is None or other.start <= reach)
            ]  # fmt: skip
            chain, grown = chain + new, bool(new)
        if reach is not None:
            last = max(
                ((reach - quiet, name) for name, o in contacts.items()
                 if any(o is member for member in chain) and over_for_good(o) == reach - quiet)
            )  # fmt: skip
            if contacts[last[1]].answered:
                told.append((reach, len(chain), sum(other.channel == "voice" for other in chain)))
    return sorted(told)


@given(tapes(160))
def test_chains_are_those_of_the_specification(tape: Tape) -> None:
    contacts = {
        f"call/{number}": structs.replace(summary(tape), channel=tape.one(("voice", "chat")))
        for number in range(1 + tape.pick(6))
    }
    quiet = tape.one((7 * DAY, DAY))
    found = []
    for entity, items in chains_of(contacts, quiet):
        by_cell = {item.cell: item for item in items}
        assert {item.channel for item in items} == {contacts[entity].channel}
        calls = by_cell["r.chain.calls"].value if "r.chain.calls" in by_cell else 0
        found.append((by_cell["r.chain"].at, by_cell["r.chain"].value, calls))
    assert sorted(found) == chains(contacts, quiet)

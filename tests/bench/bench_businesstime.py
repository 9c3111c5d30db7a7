"""Business time: microseconds for an answer, beside those of a loop over days and of a walk over minutes.

Usage: ``python -m tests.bench.bench_businesstime``.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from streams.businesstime import Calendar, parse_duration
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars

if TYPE_CHECKING:
    from collections.abc import Callable

ZONE = "Europe/Berlin"
OFFICE = {
    "zone": ZONE,
    "week": {"mon-fri": ["09:00-12:30", "13:30-17:00"]},
    "holidays": [{"country": "DE", "subdivision": "BE"}],
}
HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_777_870_800_000  # Monday 2026-05-04 05:00 UTC
SPANS = {"day": DAY, "month": 30 * DAY, "5 years": 1826 * DAY}


def office() -> Calendar:
    """A calendar that has not been asked anything yet."""
    return compile_calendars(read_calendars({"calendars": {"office": OFFICE}}, "bench"), {}, "bench")["office"]


def best_of(what: Callable[[], object], seconds: float = 0.2) -> float:
    """Microseconds of one call: the best of five rounds."""
    rounds = []
    for _ in range(5):
        calls, began = 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds / 5:
            for _ in range(max(1, calls)):
                what()
            calls += max(1, calls)
        rounds.append(spent / calls * 1e6)
    return min(rounds)


def by_days(start: int, end: int) -> int:
    """What is usually written: a loop over local days that intersects the periods of each (holidays left out)."""
    zone = ZoneInfo(ZONE)
    total = 0
    day = datetime.fromtimestamp(start / 1000, zone).date()
    last = datetime.fromtimestamp(end / 1000, zone).date()
    while day <= last:
        if day.weekday() < 5:
            for opens, closes in ((clock(9), clock(12, 30)), (clock(13, 30), clock(17))):
                edges = (datetime.combine(day, edge, zone).timestamp() * 1000 for edge in (opens, closes))
                first, until = (int(edge) for edge in edges)
                total += max(0, min(end, until) - max(start, first))
        day += timedelta(days=1)
    return total


def by_minutes(start: int, end: int) -> int:
    """The walk of the tests' oracle, at its barest."""
    zone = ZoneInfo(ZONE)
    total = 0
    for minute in range(start // 60_000, end // 60_000):
        local = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone)
        at = local.hour * 60 + local.minute
        total += local.weekday() < 5 and (540 <= at < 750 or 810 <= at < 1020)
    return total * 60_000


def main() -> None:
    """Measure and print."""
    tested = office()
    began = time.perf_counter()
    tested.elapsed(START, START + DAY)
    print(f"first answer, with its part of the index built  {(time.perf_counter() - began) * 1e6:10,.0f} µs")
    began = time.perf_counter()
    tested.elapsed(START, START + SPANS["5 years"])
    print(f"the index of five years                         {(time.perf_counter() - began) * 1e6:10,.0f} µs")
    for name, span in SPANS.items():
        end = START + span
        ours = best_of(lambda end=end: tested.elapsed(START, end))  # type: ignore[misc]
        days = best_of(lambda end=end: by_days(START, end))  # type: ignore[misc]
        line = f"elapsed over a {name:8} {ours:8.2f} µs; loop over days {days:10,.1f} µs ({days / ours:8,.0f} times)"
        if span <= 30 * DAY:
            walk = best_of(lambda end=end: by_minutes(START, end))  # type: ignore[misc]
            line += f"; walk over minutes {walk:10,.1f} µs ({walk / ours:8,.0f} times)"
        print(line)
    for text in ("1bh", "40bh", "2000bh", "10bd"):
        duration = parse_duration(text)
        print(f"due in {text:17} {best_of(lambda duration=duration: duration.due(tested, START)):8.2f} µs")  # type: ignore[misc]
    print(f"is_open                  {best_of(lambda: tested.is_open(START)):8.2f} µs")
    print(f"next_open                {best_of(lambda: tested.next_open(START)):8.2f} µs")
    print(f"periods of a month       {best_of(lambda: tested.periods(START, START + 30 * DAY)):8.2f} µs")


if __name__ == "__main__":
    main()

"""Laws of business time, and its agreement with a clock watcher that looks at the wall once a minute."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate, groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import holidays
from hypothesis import given
from hypothesis import strategies as st

from streams.businesstime import (
    EARLIEST,
    LATEST,
    NEVER,
    Assignment,
    Calendar,
    ScheduleRule,
    always_open,
    due_over,
    elapsed_over,
)
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars
from tests.laws.tape import Tape, tapes

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = sorted(available_timezones())
Hours = tuple[tuple[int, int], ...]


class Plan(NamedTuple):
    """A calendar in the plainest words: minutes after midnight; a closing before the opening is the next day's."""

    zone: str
    week: tuple[Hours, ...]
    closed: frozenset[date] = frozenset()
    open: tuple[tuple[date, Hours], ...] = ()
    shut: tuple[tuple[date, Hours], ...] = ()
    country: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "zone": self.zone,
            "week": {name: texts(hours) for name, hours in zip(WEEKDAYS, self.week, strict=True) if hours},
            "closed": [str(day) for day in sorted(self.closed)]
            + [{"date": str(day), "hours": texts(hours)} for day, hours in self.shut],
            "open": [{"date": str(day), "hours": texts(hours)} for day, hours in self.open],
            "holidays": [{"country": self.country}] if self.country else [],
        }

    def of_day(self, day: date) -> Hours:
        own = dict(self.open).get(day)
        if own is not None:
            return own
        off = day in self.closed or (self.country and day in public_holidays(self.country, day.year))
        return () if off else self.week[day.weekday()]


def texts(hours: Hours) -> list[str]:
    return [f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}" for opens, closes in hours]


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=range(year - 1, year + 2)))


def calendar(plan: Plan, later: tuple[date, Plan] | None = None) -> Calendar:
    changes = [{"valid_from": str(later[0]), **later[1].document()}] if later else []
    said = {"calendars": {"x": {**plan.document(), "changes": changes}}}
    return compile_calendars(read_calendars(said, "laws"), {}, "laws")["x"]


# The watcher. It knows nothing of offsets, gaps and folds: it reads the wall clock at every minute, and remembers the
# latest time that the clock has shown so far and the earliest that it will yet show.


def watch(zone: str, first: int, minutes: int) -> list[tuple[int, int]]:
    """For each minute, in local minutes: the latest reading until then and the earliest from then on."""
    margin = 4 * 60  # clocks are put back by three hours at most
    tz = ZoneInfo(zone)
    shown = []
    for minute in range(first - margin, first + minutes + margin):
        local = datetime.fromtimestamp(minute * 60, tz)
        shown.append(local.toordinal() * DAY + local.hour * 60 + local.minute)
    latest = list(accumulate(shown, max))
    earliest = list(accumulate(reversed(shown), min))[::-1]
    return list(zip(latest, earliest, strict=True))[margin : margin + minutes]


def watched(plan: Plan, first: int, minutes: int) -> list[bool]:
    """Whether the plan is open, minute by minute: the clock has reached an opening and will still show less than the
    closing that belongs to it, and not likewise of hours that are shut.
    """
    readings = watch(plan.zone, first, minutes)
    days = range(readings[0][1] // DAY - 1, readings[-1][0] // DAY + 1) if readings else range(0)
    opened = [edges(day, hours) for day in days for hours in plan.of_day(date.fromordinal(day))]
    shut = [edges(each.toordinal(), hours) for each, many in plan.shut for hours in many]

    def among(pairs: list[tuple[int, int]], latest: int, earliest: int) -> bool:
        return any(opens <= latest and earliest < closes for opens, closes in pairs)

    return [among(opened, *reading) and not among(shut, *reading) for reading in readings]


def edges(day: int, hours: tuple[int, int]) -> tuple[int, int]:
    """When hours of a day open and close, in local minutes."""
    opens, closes = hours
    return day * DAY + opens, (day if closes > opens else day + 1) * DAY + closes


# What plans are made of.


def hours_of_a_day(tape: Tape) -> Hours:
    kind = tape.one(["closed", "day", "day", "split", "night", "whole", "odd", "small hours", "turn"])
    grain = tape.one([60, 15, 1])
    found: set[int] = set()
    for _ in range(4):
        cut = tape.pick(DAY // grain)
        while cut in found:
            cut = (cut + 1) % (DAY // grain)
        found.add(cut)
    a, b, c, d = (cut * grain for cut in sorted(found))
    by_kind: dict[str, Hours] = {
        "closed": (),
        "day": ((540, 1020),),
        "split": ((a, b), (c, d)),
        "night": ((1320, 360),),
        "whole": ((0, DAY),),
        "odd": ((b, c), (d, a)),
        "turn": ((a % 2 * 60, 120 + b % 2 * 60), (180 + c // 2, DAY)),
        "small hours": ((a % 240, 240 + b % 120),),
    }
    return by_kind[kind]


@cache
def changes_of_clocks(zone: str, year: int) -> tuple[int, ...]:
    """The days of a year, as ordinals, on which the offset changes."""
    start = date(year, 1, 1).toordinal()
    tz = ZoneInfo(zone)
    offsets = [datetime.fromordinal(start + day).replace(tzinfo=tz, hour=12).utcoffset() for day in range(-1, 366)]
    return tuple(start + day for day in range(366) if offsets[day] != offsets[day + 1])


def open_hours(tape: Tape) -> Hours:
    return hours_of_a_day(tape) or ((540, 1020),)


def plan_near(tape: Tape) -> tuple[Plan, date]:
    """A plan and a day to look at: a change of clocks, a leap day, a turn of the year, or any day."""
    zone = tape.one(ZONES)
    year = 1973 + tape.pick(88)
    changes = [date.fromordinal(day) for day in changes_of_clocks(zone, year)]
    edges = [*changes * 3, date(year, 12, 31), date(year, 2, 28) + timedelta(days=1)]
    day = tape.one(edges) if tape.pick(2) else date(year, 1, 2) + timedelta(days=tape.pick(363))

    def around() -> date:
        return day + timedelta(days=tape.pick(5) - 2)

    closed = frozenset(around() for _ in range(tape.pick(3)))
    opened = {around(): open_hours(tape) for _ in range(tape.pick(3))}
    shut = [(around(), open_hours(tape)) for _ in range(tape.pick(2))]
    kinds = [*(hours_of_a_day(tape) for _ in range(2 + tape.pick(2))), ((0, DAY),)]
    pattern = tape.pick(4**7)
    week = tuple(kinds[(pattern >> 2 * weekday & 3) % len(kinds)] for weekday in range(7))
    if not any(week):
        week = (*week[:6], kinds[-1])
    country = tape.one(["", "", "US", "JP", "DE"])
    kept = tuple((each, hours) for each, hours in opened.items() if each not in closed)
    return Plan(zone, week, closed, kept, tuple(shut), country), day


def runs(minutes: list[bool], first: int) -> list[tuple[int, int]]:
    """Spans of open minutes, in milliseconds."""
    found = []
    for is_open, run in groupby(enumerate(minutes, first), lambda pair: pair[1]):
        places = [place for place, _ in run]
        if is_open:
            found.append((places[0] * MINUTE, (places[-1] + 1) * MINUTE))
    return found


@given(tapes(140))
def test_agrees_with_the_watcher(tape: Tape) -> None:
    plan, day = plan_near(tape)
    minutes = 1 + tape.pick(24 * 60)
    first = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60 - 24 * 60 + tape.pick(44 * 60)
    seen = watched(plan, first, minutes)
    tested = calendar(plan)
    start, end = first * MINUTE, (first + minutes) * MINUTE
    assert [tuple(span) for span in tested.periods(start, end)] == runs(seen, first)
    passed = [0, *accumulate(seen)]
    assert tested.elapsed(start, end) == passed[-1] * MINUTE
    cut = tape.pick(minutes)
    instant = (first + cut) * MINUTE
    assert tested.is_open(instant) == seen[cut]
    assert tested.elapsed(start, instant) == passed[cut] * MINUTE
    assert tested.elapsed(start, instant + 1) == passed[cut] * MINUTE + seen[cut]
    if passed[cut]:
        assert tested.due(start, passed[cut] * MINUTE) == (first + passed.index(passed[cut])) * MINUTE
    if True in seen[cut:]:
        assert tested.next_open(instant) == (first + seen.index(True, cut)) * MINUTE


@given(tapes(140))
def test_versions_agree_with_a_watcher_who_changes_the_plan(tape: Tape) -> None:
    plan, day = plan_near(tape)
    before = tape.pick(4 * 60 + 1)
    later = Plan(plan.zone, (*plan.week[3:], *plan.week[:3]), open=((day, ((7, 1439),)),))
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60
    # The first minute at which the wall clock of the zone shows the day of the change, or a later one.
    tz = ZoneInfo(plan.zone)
    minutes_around = range(midnight - 16 * 60, midnight + 16 * 60)
    switch = next(minute for minute in minutes_around if datetime.fromtimestamp(minute * 60, tz).date() >= day)
    first, minutes = switch - before, 4 * 60
    seen = watched(plan, first, before) + watched(later, switch, minutes - before)
    tested = calendar(plan, (day, later))
    spans = [tuple(span) for span in tested.periods(first * MINUTE, (first + minutes) * MINUTE)]
    assert spans == runs(seen, first)
    assert tested.version_at(switch * MINUTE - 1) == 1
    assert tested.version_at(switch * MINUTE) == 2


# The laws of the arithmetic, from 2001 to 2033. Some fixed calendars, so that what is built once serves all cases.


def some_plans() -> list[Plan]:
    chance = random.Random(7)
    day, night = ((540, 750), (810, 1020)), ((1320, 360),)
    weeks = [
        ((*(((540, 1020),),) * 5, (), ())),
        ((day,) * 6 + ((),)),
        (night,) * 7,
        (((0, DAY),),) * 7,
        ((((17, 1439),),) + ((),) * 6),
        ((night, day) * 3 + (night,)),
    ]
    zones = ["UTC", "Europe/Berlin", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia"]
    zones += chance.sample(ZONES, 6)
    return [Plan(zone, chance.choice(weeks), country=chance.choice(["", "US"])) for zone in zones]


PLANS = some_plans()
CALENDARS = [calendar(plan) for plan in PLANS]
calendars = st.sampled_from(CALENDARS)
instants = st.integers(1_000_000_000_000, 2_000_000_000_000) | st.integers(1_700_000_000_000, 1_800_000_000_000)
amounts = st.integers(1, 400 * HOUR) | st.integers(1, 60_000 * HOUR)


@given(calendars, instants, instants, instants)
def test_elapsed_is_additive(tested: Calendar, a: int, b: int, c: int) -> None:
    assert tested.elapsed(a, b) + tested.elapsed(b, c) == tested.elapsed(a, c)
    assert tested.elapsed(a, b) == -tested.elapsed(b, a)


@given(calendars, instants, instants, st.integers(0, 10 * DAY * MINUTE))
def test_elapsed_is_monotone_and_no_faster_than_the_clock(tested: Calendar, a: int, b: int, more: int) -> None:
    assert 0 <= tested.elapsed(a, b + more) - tested.elapsed(a, b) <= more


@given(calendars, instants, amounts)
def test_due_is_the_first_instant_at_which_the_amount_has_passed(tested: Calendar, start: int, amount: int) -> None:
    due = tested.due(start, amount)
    if due == NEVER:
        assert tested.elapsed(start, LATEST) < amount
    else:
        assert tested.elapsed(start, due) == amount
        assert tested.elapsed(start, due - 1) == amount - 1


@given(calendars, instants, instants)
def test_what_has_elapsed_was_due_by_then(tested: Calendar, a: int, b: int) -> None:
    start, end = sorted((a, b))
    assert start <= tested.due(start, tested.elapsed(start, end)) <= end


@given(calendars, instants, amounts)
def test_a_start_outside_hours_is_a_start_at_the_next_opening(tested: Calendar, start: int, amount: int) -> None:
    opens = tested.next_open(start)
    assert tested.due(start, amount) == (NEVER if opens == NEVER else tested.due(opens, amount))
    assert tested.business_days(start, 3) == (NEVER if opens == NEVER else tested.business_days(opens, 3))
    assert opens == start or not tested.is_open(start)
    assert opens == NEVER or (tested.is_open(opens) and tested.elapsed(start, opens) == 0)


@given(calendars, instants)
def test_the_next_closing_ends_what_is_open(tested: Calendar, instant: int) -> None:
    opens, closes = tested.next_open(instant), tested.next_close(instant)
    assert opens < closes or opens == closes == NEVER
    if closes != NEVER:
        assert tested.elapsed(opens, closes) == closes - opens
        assert not tested.is_open(closes)


@given(st.sampled_from(ZONES), st.integers(EARLIEST, LATEST), st.integers(-300 * 24 * HOUR, 300 * 24 * HOUR))
def test_always_open_is_the_difference_of_the_clock(zone: str, start: int, length: int) -> None:
    inside = min(max(start + length, EARLIEST), LATEST) - start
    assert calendar(Plan(zone, (((0, DAY),),) * 7)).elapsed(start, start + length) == inside


@given(calendars, instants, instants)
def test_periods_are_what_elapsed_is_the_sum_of(tested: Calendar, a: int, b: int) -> None:
    start, end = sorted((a, min(b, a + 20 * 24 * HOUR)))
    spans = tested.periods(start, end)
    assert sum(span.end - span.start for span in spans) == tested.elapsed(start, end)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges))


@given(st.sampled_from(PLANS), instants, st.lists(st.integers(-150, 150), min_size=1, max_size=2))
def test_answers_do_not_depend_on_what_was_asked_before(plan: Plan, at: int, asked: list[int]) -> None:
    def answers(tested: Calendar) -> list[Any]:
        return [tested.business_days(at, 2), tested.elapsed(at, at + 77 * HOUR), tested.periods(at, at + 77 * HOUR)]

    experienced = calendar(plan)
    for days in asked:
        experienced.elapsed(at, at + days * 24 * HOUR)
    assert answers(experienced) == answers(calendar(plan))


EVEN_DAYS = [
    Plan("Europe/Berlin", ((*(((540, 750), (810, 1020)),) * 5, (), ())), country="US"),
    Plan("Australia/Lord_Howe", (((480, 1200),), ()) * 3 + ((),)),
    Plan("UTC", (((1320, 360),),) * 7),
    Plan("UTC", (((0, DAY),),) * 7),
]


@given(st.sampled_from([(calendar(plan), plan.week[0]) for plan in EVEN_DAYS]), instants, st.integers(1, 90))
def test_where_all_days_are_as_long_a_business_day_is_so_many_hours(
    tested: tuple[Calendar, Hours], start: int, days: int
) -> None:
    hours = sum((closes - opens) % DAY or DAY for opens, closes in tested[1])
    amount = tested[0].business_days(start, days)
    assert amount == days * hours * MINUTE or (amount == NEVER and start > LATEST - (days * 3 + 9) * 24 * HOUR)


@given(st.lists(st.tuples(instants, calendars), min_size=1, max_size=4), instants, amounts, instants)
def test_changes_of_schedule(changes: list[tuple[int, Calendar]], start: int, amount: int, cut: int) -> None:
    assigned = [Assignment(*change) for change in sorted(changes, key=lambda change: change[0])]
    due = due_over(assigned, start, amount)
    if due != NEVER:
        assert elapsed_over(assigned, start, due) == amount
        assert elapsed_over(assigned, start, due - 1) == amount - 1
    end = start + amount
    assert elapsed_over(assigned, start, cut) + elapsed_over(assigned, cut, end) == elapsed_over(assigned, start, end)
    same = [change._replace(calendar=assigned[0].calendar) for change in assigned]
    for rule in ScheduleRule:
        assert elapsed_over(same, start, end, rule) == assigned[0].calendar.elapsed(start, end)
        assert due_over(same, start, amount, rule) == assigned[0].calendar.due(start, amount)


def test_the_calendar_that_never_closes_is_made_in_code_too() -> None:
    assert always_open().elapsed(7, 1_800_000_000_123) == 1_800_000_000_116
    assert always_open().next_close(0) == NEVER

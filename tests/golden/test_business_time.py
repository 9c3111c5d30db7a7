"""The worked examples of business time, to the second; each says which naive value it is not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from streams.businesstime import Assignment, Calendar, ScheduleRule, elapsed_over, parse_duration
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars

HOUR = 3600
BERLIN = ZoneInfo("Europe/Berlin")


def calendar(**said: object) -> Calendar:
    return compile_calendars(read_calendars({"calendars": {"x": said}}, "golden"), {}, "golden")["x"]


def utc(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * 1000


def local(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) * 1000


def seconds(tested: Calendar, start: int, end: int) -> float:
    return tested.elapsed(start, end) / 1000


OFFICE = {"zone": "Europe/Berlin", "week": {"mon-fri": "09:00-17:00"}}
HOLIDAYS = ["2026-04-03", "2026-04-06"]
CREATED = utc("2026-03-27T15:30:00")
REPLIED = utc("2026-03-30T07:45:00")
SOLVED = utc("2026-04-07T08:00:00")


def test_we_02_first_reply() -> None:
    tested = calendar(**OFFICE, closed=HOLIDAYS)
    assert local("2026-03-27T16:30:00") == CREATED
    assert local("2026-03-30T09:45:00") == REPLIED
    assert seconds(tested, CREATED, REPLIED) == 4_500
    assert (REPLIED - CREATED) / 1000 == 231_300
    assert seconds(tested, CREATED, REPLIED) != 1_800  # an opening at 08:00Z on Monday, as if it were still winter


def test_we_02_target_of_sixty_business_minutes() -> None:
    tested = calendar(**OFFICE, closed=HOLIDAYS)
    due = parse_duration("1bh").due(tested, CREATED)
    assert due == utc("2026-03-30T07:30:00")
    assert seconds(tested, due, REPLIED) == 900
    assert due != utc("2026-03-30T08:30:00")


def test_we_02_resolution() -> None:
    tested = calendar(**OFFICE, closed=HOLIDAYS)
    assert seconds(tested, CREATED, SOLVED) == 120_600
    assert (SOLVED - CREATED) / 1000 == 256.5 * HOUR
    assert seconds(calendar(**OFFICE), CREATED, SOLVED) == 49.5 * HOUR  # what it is when holidays are ignored


def test_we_02_holidays_of_the_package_are_the_same() -> None:
    tested = calendar(**OFFICE, holidays=[{"country": "DE"}])
    assert seconds(tested, CREATED, SOLVED) == 120_600


def test_we_02_around_the_clock() -> None:
    always = calendar(zone="Europe/Berlin", week="always")
    spring = seconds(always, local("2026-03-28T20:00:00"), local("2026-03-29T08:00:00"))
    autumn = seconds(always, local("2026-10-24T20:00:00"), local("2026-10-25T08:00:00"))
    assert (spring, autumn) == (39_600, 46_800)
    assert 43_200 not in (spring, autumn)


def test_we_02_night_shift() -> None:
    nights = calendar(zone="Europe/Berlin", week={"mon-sun": "22:00-06:00"})
    evening, noon = local("2026-03-28T12:00:00"), local("2026-03-29T12:00:00")
    assert seconds(nights, evening, noon) == 7 * HOUR
    assert seconds(nights, local("2026-10-24T12:00:00"), local("2026-10-25T12:00:00")) == 9 * HOUR
    assert nights.due(evening, 8 * HOUR * 1000) == local("2026-03-29T23:00:00")


L1 = [(720, 1560), (2160, 3000), (3600, 4440), (5040, 5880), (6480, 7320), (7920, 8760), (9360, 10200)]
L2 = [(2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670)]
TICKET, SWITCHED, FIRST_REPLY = utc("2020-09-29T17:01:38"), utc("2020-09-30T19:01:25"), utc("2020-09-30T19:01:46")


def weekly(periods: list[tuple[int, int]]) -> Calendar:
    """A calendar in UTC from minutes after the start of Sunday."""
    names = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
    week = {
        names[opens // 1440]: f"{opens % 1440 // 60:02}:{opens % 60:02}-{closes % 1440 // 60:02}:{closes % 60:02}"
        for opens, closes in periods
    }
    return calendar(zone="UTC", week=week)


def test_we_03_schedule_switched() -> None:
    first, second = weekly(L1), weekly(L2)
    assigned = [Assignment(TICKET, first), Assignment(SWITCHED, second)]
    assert seconds(first, TICKET, utc("2020-09-30T12:00:00")) == 32_302
    assert seconds(first, utc("2020-09-30T12:00:00"), SWITCHED) == 25_285
    by_rule = {rule: elapsed_over(assigned, TICKET, FIRST_REPLY, rule) for rule in ScheduleRule}
    assert by_rule == {
        ScheduleRule.AS_ASSIGNED: 57_608_000,
        ScheduleRule.LAST: 41_408_000,
        ScheduleRule.AT_CREATION: 57_608_000,
    }
    assert elapsed_over(assigned, TICKET, FIRST_REPLY) == 57_608_000
    naive = {round(959.46 * 60_000), round(689.46 * 60_000)}  # the published log, with a start rounded to the minute
    assert naive.isdisjoint(by_rule.values())


def test_we_03_at_creation_differs_once_the_second_calendar_is_closed_while_the_first_is_open() -> None:
    assigned = [Assignment(TICKET, weekly(L1)), Assignment(SWITCHED, weekly(L2))]
    end = utc("2020-09-30T23:00:00")
    by_rule = [elapsed_over(assigned, TICKET, end, rule) // 1000 for rule in ScheduleRule]
    # L2 closes at 00:30, L1 at 02:00: until 23:00 both are open. Two hours on they are not.
    assert by_rule[0] == by_rule[2] == 57_587 + 3 * HOUR + 3515
    end = utc("2020-10-01T02:00:00")
    assert [elapsed_over(assigned, TICKET, end, rule) // 1000 for rule in ScheduleRule] == [
        57_587 + 19_715,
        26_902 + 14_485 + 19_715,
        57_587 + 25_115,
    ]

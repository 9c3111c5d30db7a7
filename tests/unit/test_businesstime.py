"""Calendars by example: the edges of days, nights, years and versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.businesstime import (
    EARLIEST,
    LATEST,
    NEVER,
    Assignment,
    Calendar,
    ScheduleRule,
    Span,
    always_open,
    due_over,
    elapsed_over,
)
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars
from streams.businesstime.rules import Period

MINUTE = 60_000
HOUR = 60 * MINUTE


def calendar(zone: str = "UTC", week: Any = None, **said: Any) -> Calendar:
    entry = {"zone": zone, "week": {"mon-fri": "09:00-17:00"} if week is None else week, **said}
    return compile_calendars(read_calendars({"calendars": {"x": entry}}, "test"), {}, "test")["x"]


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(moment.timestamp()) * 1000


def shown(spans: list[Span], zone: str = "UTC") -> list[str]:
    """Spans by the wall clock."""
    tz = ZoneInfo(zone)
    texts = [[datetime.fromtimestamp(edge / 1000, tz).strftime("%a %H:%M%z") for edge in span] for span in spans]
    return [f"{opens} {closes}" for opens, closes in texts]


def hours(tested: Calendar, first: str, last: str) -> float:
    return tested.elapsed(at(first), at(last)) / HOUR


# Clocks put forward and back.


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ("01:00-04:00", ["Sun 01:00+0100 Sun 04:00+0200"]),
        ("02:30-04:00", ["Sun 03:00+0200 Sun 04:00+0200"]),
        ("01:00-02:30", ["Sun 01:00+0100 Sun 03:00+0200"]),
        ("02:15-02:45", []),
        ("03:00-04:00", ["Sun 03:00+0200 Sun 04:00+0200"]),
    ],
)
def test_a_time_that_does_not_exist_is_the_instant_of_the_change(week: str, expected: list[str]) -> None:
    tested = calendar("Europe/Berlin", {"sun": week})
    assert shown(tested.periods(at("2026-03-28"), at("2026-03-30")), "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ("01:00-04:00", ["Sun 01:00+0200 Sun 04:00+0100"]),
        ("02:30-04:00", ["Sun 02:30+0200 Sun 04:00+0100"]),
        ("01:00-02:30", ["Sun 01:00+0200 Sun 02:30+0100"]),
        ("02:15-02:45", ["Sun 02:15+0200 Sun 02:45+0100"]),
        ("01:00-02:00", ["Sun 01:00+0200 Sun 02:00+0200"]),
        ("02:00-02:01", ["Sun 02:00+0200 Sun 02:01+0100"]),
        ("02:59-03:00", ["Sun 02:59+0200 Sun 03:00+0100"]),
        ("03:00-04:00", ["Sun 03:00+0100 Sun 04:00+0100"]),
        (["02:00-02:30", "02:30-03:00"], ["Sun 02:00+0200 Sun 03:00+0100"]),
    ],
)
def test_of_a_time_that_occurs_twice_the_first_opens_and_the_second_closes(week: Any, expected: list[str]) -> None:
    tested = calendar("Europe/Berlin", {"sun": week})
    assert shown(tested.periods(at("2026-10-24"), at("2026-10-26")), "Europe/Berlin") == expected


def test_a_zone_whose_midnight_does_not_exist() -> None:
    tested = calendar("Asia/Beirut", {"sun": "00:00-09:00"})
    assert shown(tested.periods(at("2024-03-30"), at("2024-04-01")), "Asia/Beirut") == ["Sun 01:00+0300 Sun 09:00+0300"]


def test_a_zone_whose_midnight_occurs_twice() -> None:
    tested = calendar("America/Havana", {"sun": "00:00-09:00"})
    found = shown(tested.periods(at("2024-11-02"), at("2024-11-04")), "America/Havana")
    assert found == ["Sun 00:00-0400 Sun 09:00-0500"]
    late = calendar("America/Havana", {"sat": "16:00-24:00"})
    assert hours(late, "2024-11-02T12:00", "2024-11-03T12:00") == 8
    over = calendar("America/Havana", {"sat": "16:00-00:30"})
    assert hours(over, "2024-11-02T12:00", "2024-11-03T12:00") == 9.5


def test_a_day_that_was_skipped_has_no_hours() -> None:
    tested = calendar("Pacific/Apia", {"mon-sun": "09:00-17:00"})
    found = shown(tested.periods(at("2011-12-29T12:00"), at("2011-12-31T12:00")), "Pacific/Apia")
    assert found == ["Thu 09:00-1000 Thu 17:00-1000", "Sat 09:00+1400 Sat 17:00+1400"]


# Days, nights, exceptions.


def test_a_night_shift_belongs_to_the_day_on_which_it_opens() -> None:
    tested = calendar(week={"mon-fri": "22:00-06:00"}, closed=["2026-05-06"])
    week = shown(tested.periods(at("2026-05-04"), at("2026-05-11")))
    assert week == [
        "Mon 22:00+0000 Tue 06:00+0000",
        "Tue 22:00+0000 Wed 06:00+0000",
        "Thu 22:00+0000 Fri 06:00+0000",
        "Fri 22:00+0000 Sat 06:00+0000",
    ]


def test_closed_hours_cut_whatever_is_open_at_them() -> None:
    tested = calendar(week={"mon-fri": "22:00-06:00"}, closed=[{"date": "2026-05-06", "hours": "00:00-24:00"}])
    assert shown(tested.periods(at("2026-05-05"), at("2026-05-08"))) == [
        "Tue 00:00+0000 Tue 06:00+0000",
        "Tue 22:00+0000 Wed 00:00+0000",
        "Thu 00:00+0000 Thu 06:00+0000",
        "Thu 22:00+0000 Fri 00:00+0000",
    ]


def test_an_open_day_has_its_own_hours_and_no_others() -> None:
    tested = calendar(open=[{"date": "2026-05-04", "hours": ["10:00-11:00", "20:00-01:00"]}, *CHRISTMAS["open"]])
    assert shown(tested.periods(at("2026-05-03"), at("2026-05-05T09:30"))) == [
        "Mon 10:00+0000 Mon 11:00+0000",
        "Mon 20:00+0000 Tue 01:00+0000",
        "Tue 09:00+0000 Tue 09:30+0000",
    ]


CHRISTMAS: dict[str, Any] = {
    "closed": [
        "12-24",
        {"from": "2027-12-23", "to": "2027-12-24"},
        {"from": "12-25", "to": "12-31", "because": "rest"},
    ],
    "open": [{"date": "12-23", "hours": "09:00-10:00"}, {"date": "2026-12-24", "hours": "09:00-11:00"}],
}


def test_a_day_with_its_year_decides_over_one_of_every_year() -> None:
    tested = calendar(**CHRISTMAS)
    # Of 2028 only the hour of the 23rd is left, a Saturday.
    expected = {2026: 1 + 2, 2027: 0, 2028: 1}
    assert {year: hours(tested, f"{year}-12-23", f"{year + 1}-01-01") for year in expected} == expected


def test_the_29th_of_february_of_every_year_is_in_leap_years() -> None:
    tested = calendar(week="always", closed=["02-29", {"date": "03-01", "hours": "00:00-01:00"}])
    assert [hours(tested, f"{year}-02-28", f"{year}-03-02") for year in (1996, 2027, 2028)] == [47, 47, 47]


def test_days_in_a_row_reach_over_the_turn_of_the_year() -> None:
    tested = calendar(week="always", closed=[{"from": "2026-12-30", "to": "2027-01-02"}, "2027-12-31", "01-01"])
    assert [hours(tested, f"{year}-12-29", f"{year + 1}-01-04") / 24 for year in (2025, 2026, 2027)] == [5, 2, 4]


def test_names_of_holidays_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    tested = calendar(holidays=[{"country": "DE", "worked": ["Labor Day"]}, {"country": "HN", "observed": False}])
    assert hours(tested, "2026-05-01", "2026-05-02") == 0  # a holiday of Honduras
    assert hours(calendar(holidays=[{"country": "DE", "worked": ["Labor Day"]}]), "2026-05-01", "2026-05-02") == 8


def test_hours_that_overlap_over_midnight_count_once() -> None:
    tested = calendar(week={"mon": "20:00-06:30", "tue": "06:00-14:00"})
    assert shown(tested.periods(at("2026-05-04"), at("2026-05-06"))) == ["Mon 20:00+0000 Tue 14:00+0000"]


def test_public_holidays_are_days_of_the_calendars_zone() -> None:
    """1 January in Auckland is still December in Europe."""
    tested = calendar("Pacific/Auckland", "always", holidays=[{"country": "NZ"}])
    assert hours(tested, "2025-12-31T11:00", "2026-01-02T11:00") == 0  # both 1 and 2 January are holidays there
    assert hours(tested, "2025-12-31T10:00", "2025-12-31T11:00") == 1


def test_holidays_of_a_subdivision_in_lieu_and_worked() -> None:
    def closed(date: str, **said: Any) -> bool:
        return not hours(calendar(holidays=[said]), f"{date}T09:00", f"{date}T17:00")

    assert closed("2027-03-08", country="DE", subdivision="BE")
    assert not closed("2027-03-08", country="DE")
    assert closed("2027-07-05", country="US")
    assert not closed("2027-07-05", country="US", observed=False)
    assert not closed("2027-07-05", country="US", observed="false")
    assert closed("2027-07-05", country="US", observed="true")
    assert closed("2027-07-05", country="US", observed=True)
    assert closed("2027-10-11", country="US")
    assert not closed("2027-10-11", country="US", worked=["Columbus Day"])
    assert not closed("2027-07-05", country="US", worked="Independence Day")


# Open or not.


def test_next_open_and_next_close() -> None:
    tested = calendar()
    friday, opens, closes = at("2026-05-08T17:00"), at("2026-05-11T09:00"), at("2026-05-11T17:00")
    assert [tested.next_open(instant) for instant in (friday, opens, opens + 1)] == [opens, opens, opens + 1]
    assert [tested.next_close(instant) for instant in (friday - 1, friday, opens, closes)] == [
        friday,
        closes,
        closes,
        at("2026-05-12T17:00"),
    ]
    assert [tested.is_open(instant) for instant in (friday - 1, friday, opens - 1, opens)] == [True, False, False, True]


def test_periods_are_clipped_and_empty_spans_have_none() -> None:
    tested = calendar()
    noon = at("2026-05-08T12:00")
    assert tested.periods(noon, noon + 1) == [Span(noon, noon + 1)]
    assert tested.periods(noon, noon) == tested.periods(noon + 1, noon) == []
    assert tested.periods(at("2026-05-08T17:00"), at("2026-05-11T09:00")) == []


def test_nothing_is_open_beyond_the_years_that_calendars_know() -> None:
    tested = always_open()
    assert tested.elapsed(EARLIEST - HOUR, EARLIEST + 1) == 1
    assert tested.elapsed(LATEST - 1, LATEST + HOUR) == 1
    assert tested.elapsed(LATEST, NEVER) == tested.elapsed(-HOUR, EARLIEST) == 0
    assert [tested.is_open(instant) for instant in (EARLIEST - 1, EARLIEST, LATEST - 1, LATEST)] == [
        False,
        True,
        True,
        False,
    ]
    assert tested.next_open(-5) == EARLIEST
    assert tested.next_open(LATEST) == tested.due(LATEST - 1, 2) == tested.due(LATEST, 1) == NEVER
    assert tested.next_close(LATEST) == tested.next_close(LATEST - 1) == NEVER
    assert tested.due(LATEST - 1, 1) == LATEST
    assert tested.periods(EARLIEST - 1, EARLIEST + 1) == [Span(EARLIEST, EARLIEST + 1)]
    assert tested.version_at(EARLIEST - 1) == 1


def test_a_calendar_that_opens_once() -> None:
    tested = calendar(week={}, open=[{"date": "2026-05-09", "hours": "10:00-12:00"}])
    start = at("2026-01-01")
    assert tested.due(start, 2 * HOUR) == at("2026-05-09T12:00")
    assert tested.due(start, 2 * HOUR + 1) == tested.next_open(at("2026-05-09T12:00")) == NEVER
    assert tested.business_days(start, 1) == tested.business_days(at("2027-01-01"), 1) == NEVER


def test_never_can_be_printed() -> None:
    assert datetime.fromtimestamp(NEVER / 1000, ZoneInfo("UTC")).year == 9999


def test_an_amount_of_nothing_is_due_at_once_and_a_negative_one_is_refused() -> None:
    saturday = at("2026-05-09T12:00")
    assert calendar().due(saturday, 0) == saturday
    with pytest.raises(ValueError, match="must not be negative, not -1"):
        calendar().due(saturday, -1)


def test_periods_print_as_they_are_written() -> None:
    assert [str(Period(*pair)) for pair in ((540, 1020), (0, 1440), (1320, 1800))] == [
        "09:00-17:00",
        "00:00-24:00",
        "22:00-06:00",
    ]


# Versions.


def test_versions_hold_from_their_day_and_take_over_what_they_do_not_say() -> None:
    tested = calendar(
        "Europe/Berlin",
        closed=["2026-05-05", "2026-05-12"],
        changes=[
            {"valid_from": "2026-05-11", "week": {"mon-fri": "08:00-18:00"}},
            {"valid_from": "2026-05-13T12:00:00+02:00", "zone": "UTC"},
        ],
    )
    assert hours(tested, "2026-05-04", "2026-05-09") == 4 * 8
    assert hours(tested, "2026-05-11", "2026-05-13") == 10
    assert shown(tested.periods(at("2026-05-13"), at("2026-05-14"))) == ["Wed 06:00+0000 Wed 18:00+0000"]
    switches = [at("2026-05-10T22:00"), at("2026-05-13T10:00")]
    assert [tested.version_at(at_ - 1) for at_ in switches] == [1, 2]
    assert [tested.version_at(at_) for at_ in switches] == [2, 3]


# Changes of schedule.


def test_an_assignment_after_the_end_does_not_count_yet() -> None:
    office, always = calendar(), always_open()
    start = at("2026-05-04T16:00")
    assigned = [Assignment(start, office), Assignment(start + 3 * HOUR, always)]
    elapsed = [elapsed_over(assigned, start, start + 3 * HOUR - 1, rule) / HOUR for rule in ScheduleRule]
    assert elapsed == [1, 1, 1]
    assert elapsed_over(assigned, start, start + 3 * HOUR, ScheduleRule.LAST) == 3 * HOUR
    assert [elapsed_over(assigned, start, start + 5 * HOUR, rule) / HOUR for rule in ScheduleRule] == [3, 5, 1]
    assert [elapsed_over(assigned, start + 5 * HOUR, start, rule) / HOUR for rule in ScheduleRule] == [-3, -5, -1]
    assert [due_over(assigned, start, 2 * HOUR, rule) - start for rule in ScheduleRule] == [
        4 * HOUR,
        2 * HOUR,
        18 * HOUR,
    ]
    assert due_over(assigned, start, HOUR) == start + HOUR


def test_the_first_assignment_counts_before_its_time_too() -> None:
    assigned = [Assignment(at("2026-05-04T12:00"), always_open()), Assignment(at("2026-05-05"), calendar())]
    assert elapsed_over(assigned, at("2026-05-04"), at("2026-05-04T13:00")) == 13 * HOUR
    assert elapsed_over(assigned, at("2026-05-04"), at("2026-05-04T11:00"), ScheduleRule.LAST) == 11 * HOUR
    assert due_over(assigned, at("2026-05-04"), HOUR) == at("2026-05-04T01:00")


def test_three_assignments() -> None:
    """Open hours of Monday: 9 to 17 of the office, then half an hour around the clock, then the office again."""
    start, seven = at("2026-05-04T16:00"), at("2026-05-04T19:00")
    assigned = [
        Assignment(start, calendar()),
        Assignment(seven, always_open()),
        Assignment(seven + HOUR // 2, calendar()),
    ]
    assert [due_over(assigned, start, amount * MINUTE) - seven for amount in (60, 61, 90)] == [
        -2 * HOUR,
        MINUTE,
        30 * MINUTE,
    ]
    assert due_over(assigned, start, 91 * MINUTE) == at("2026-05-05T09:01")
    assert due_over(assigned, seven, 30 * MINUTE) == seven + HOUR // 2
    assert elapsed_over(assigned, start, at("2026-05-05T10:00")) == 150 * MINUTE


@pytest.mark.parametrize("asked", [elapsed_over, due_over])
def test_without_an_assignment_there_is_no_business_time(asked: Any) -> None:
    with pytest.raises(ValueError, match="at least one assignment"):
        asked([], 0, 1)

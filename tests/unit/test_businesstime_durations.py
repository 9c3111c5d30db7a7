"""Durations: what is one, what is refused and why, and how long a business day is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from streams.businesstime import NEVER, Calendar, Duration, DurationError, Unit, parse_duration
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars

HOUR = 3_600_000
KNOWN = "units are h (hours by the clock), bh (business hours) and bd (business days)"
A_DAY = f"a day is 24 hours to some and the working hours to others: write 24h, 1bd, or hours in bh; {KNOWN}"


def calendar(week: Any, **said: Any) -> Calendar:
    entry: dict[str, Any] = {"zone": "UTC", "week": week} | said
    return compile_calendars(read_calendars({"calendars": {"x": entry}}, "test"), {}, "test")["x"]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def due(text: str, tested: Calendar, start: str) -> str:
    return datetime.fromtimestamp(parse_duration(text).due(tested, at(start)) / 1000, UTC).strftime("%a %d %H:%M")


@pytest.mark.parametrize(
    ("text", "unit", "amount", "printed"),
    [
        ("24h", Unit.HOURS, 24 * HOUR, "24h"),
        ("8bh", Unit.BUSINESS_HOURS, 8 * HOUR, "8bh"),
        (" 8 bh ", Unit.BUSINESS_HOURS, 8 * HOUR, "8bh"),
        ("1.5h", Unit.HOURS, HOUR * 3 // 2, "1:30h"),
        ("0.05bh", Unit.BUSINESS_HOURS, HOUR // 20, "0:03bh"),
        ("0:20h", Unit.HOURS, HOUR // 3, "0:20h"),
        ("100:59bh", Unit.BUSINESS_HOURS, 100 * HOUR + 59 * 60_000, "100:59bh"),
        ("1bd", Unit.BUSINESS_DAYS, 1, "1bd"),
        ("100000bd", Unit.BUSINESS_DAYS, 100_000, "100000bd"),
        ("100000h", Unit.HOURS, 100_000 * HOUR, "100000h"),
    ],
)
def test_durations(text: str, unit: Unit, amount: int, printed: str) -> None:
    found = parse_duration(text)
    assert found == Duration(unit, amount)
    assert str(found) == printed
    assert parse_duration(printed) == found
    assert found.is_business is (unit is not Unit.HOURS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("8", f"needs a unit; {KNOWN}"),
        ("1d", A_DAY),
        ("90m", "minutes do not say by which clock: write 1:30h or 1:30bh"),
        ("5 minutes", "minutes do not say by which clock: write 0:05h or 0:05bh"),
        ("1.5m", "minutes do not say by which clock: write hours and minutes, such as 0:30h or 0:30bh"),
        (
            "2 days",
            A_DAY,
        ),
        ("90 min", "minutes do not say by which clock: write 1:30h or 1:30bh"),
        ("61 mins", "minutes do not say by which clock: write 1:01h or 1:01bh"),
        ("1 minute", "minutes do not say by which clock: write 0:01h or 0:01bh"),
        (
            "1 day",
            A_DAY,
        ),
        ("61.999h", "must come to whole minutes; write hours and minutes, such as 61:59h"),
        ("1.0166h", "must come to whole minutes; write hours and minutes, such as 1:00h"),
        ("2w", f"a week is 168 hours to some and the working days to others: write 168h, or 5bd; {KNOWN}"),
        ("2 Hours", f"hours do not say by which clock: write 2h or 2bh; {KNOWN}"),
        ("90s", f"seconds are too fine: the least is a minute, 0:01h or 0:01bh; {KNOWN}"),
        ("90 Min", "minutes do not say by which clock: write 1:30h or 1:30bh"),
        ("3y", f"unknown unit 'y'; {KNOWN}"),
        ("1h30m", "must be one number and one unit; write 1:30h for an hour and a half"),
        ("1bd 4bh", "must be one number and one unit; write 1:30h for an hour and a half"),
        ("1.5bd", "business days must be whole: days differ in length, so write part of one in bh"),
        ("1:30bd", "business days must be whole: days differ in length, so write part of one in bh"),
        ("0.333h", "must come to whole minutes; write hours and minutes, such as 0:19h"),
        ("0h", "must be more than 0 and at most 100000h"),
        ("0bd", "must be more than 0 and at most 100000bd"),
        ("100001bd", "must be more than 0 and at most 100000bd"),
        ("100000:01bh", "must be more than 0 and at most 100000bh"),
        ("-1h", f"must be a number and a unit, such as 24h, 8bh, 0:30bh or 1bd; {KNOWN}"),
        ("1:60h", f"must be a number and a unit, such as 24h, 8bh, 0:30bh or 1bd; {KNOWN}"),
        ("", f"must be a number and a unit, such as 24h, 8bh, 0:30bh or 1bd; {KNOWN}"),
        ("8BH", "units are written in small letters: 8bh"),
        ("0:30 Bh", "units are written in small letters: 0:30bh"),
        ("٨h", f"must be a number and a unit, such as 24h, 8bh, 0:30bh or 1bd; {KNOWN}"),
    ],
)
def test_what_is_not_a_duration_and_why(text: str, why: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == why


OFFICE = {"mon-fri": "09:00-17:00"}


@pytest.mark.parametrize(
    ("start", "one", "two"),
    [
        ("2026-05-04T09:00", "Mon 04 17:00", "Tue 05 17:00"),
        ("2026-05-04T10:30", "Tue 05 10:30", "Wed 06 10:30"),
        ("2026-05-04T18:00", "Tue 05 17:00", "Wed 06 17:00"),
        ("2026-05-08T10:30", "Mon 11 10:30", "Tue 12 10:30"),
        ("2026-05-09T12:00", "Mon 11 17:00", "Tue 12 17:00"),
    ],
)
def test_business_days_of_one_length(start: str, one: str, two: str) -> None:
    tested = calendar(OFFICE)
    assert (due("1bd", tested, start), due("2bd", tested, start)) == (one, two)
    assert (due("8bh", tested, start), due("16bh", tested, start)) == (one, two)


def test_business_days_of_different_length_keep_what_has_passed_of_the_day_or_end_with_it() -> None:
    tested = calendar({"mon-thu": ["09:00-12:00", "13:00-18:00"], "fri": "09:00-13:00"})
    assert due("1bd", tested, "2026-05-07T11:00") == "Fri 08 11:00"
    assert due("1bd", tested, "2026-05-07T15:00") == "Fri 08 13:00"
    assert due("2bd", tested, "2026-05-07T15:00") == "Mon 11 15:00"
    assert due("1bd", tested, "2026-05-08T12:00") == "Mon 11 12:00"
    assert due("1bd", tested, "2026-05-08T13:00") == "Mon 11 18:00"


def test_a_night_shift_is_one_business_day_also_over_new_year() -> None:
    tested = calendar({"mon-fri": "22:00-06:00"})
    assert due("1bd", tested, "2026-05-04T23:00") == "Tue 05 23:00"
    assert due("1bd", tested, "2026-05-05T03:00") == "Wed 06 03:00"
    assert due("1bd", calendar({"mon-fri": "22:00-06:00"}), "2027-01-01T03:00") == "Sat 02 03:00"


def test_business_days_do_not_depend_on_where_the_index_begins_and_ends() -> None:
    """The index is built in blocks of 64 days; one ends with 26 January 2026."""
    assert due("1bd", calendar({"mon-fri": "22:00-06:00"}), "2026-01-27T03:00") == "Wed 28 03:00"
    assert due("1bd", calendar({"mon-fri": "22:00-06:00"}), "2026-01-27T00:00") == "Wed 28 00:00"
    assert due("1bd", calendar(OFFICE), "2026-01-26T12:00") == "Tue 27 12:00"
    assert due("2bd", calendar({"mon-thu": "09:00-18:00", "fri": "09:00-13:00"}), "2026-01-21T15:00") == "Fri 23 13:00"
    assert due("300bd", calendar({"mon": "09:00-17:00"}), "2026-01-26T12:00") == due(
        "2400bh", calendar({"mon": "09:00-17:00"}), "2026-01-26T12:00"
    )


def test_the_first_and_the_last_business_day_of_all() -> None:
    tokyo = calendar({"mon-fri": "08:00-17:00"}, zone="Asia/Tokyo")
    assert due("1bd", tokyo, "1970-01-01T00:00") == "Thu 01 08:00"  # its day has begun before all calendars
    assert due("1bd", tokyo, "1970-01-02T01:00") == "Mon 05 01:00"
    assert due("1bd", calendar(OFFICE), "2099-12-30T12:00") == "Thu 31 12:00"
    assert due("1bd", calendar({"thu": "09:00-10:00", "wed": "09:00-17:00"}), "2099-12-30T12:00") == "Thu 31 10:00"
    assert parse_duration("1bd").due(calendar(OFFICE), at("2099-12-31T12:00")) == NEVER


def test_days_that_closings_leave_nothing_of_are_no_business_days() -> None:
    tested = calendar(OFFICE, closed=[{"date": "2026-05-05", "hours": "08:00-18:00"}, "2026-05-06"])
    assert due("1bd", tested, "2026-05-04T10:00") == "Thu 07 10:00"
    late = calendar(OFFICE, closed=[{"date": "2026-05-05", "hours": "08:00-12:00"}])
    assert due("1bd", late, "2026-05-04T10:00") == "Tue 05 13:00"


def test_hours_by_the_clock_need_no_calendar_hours() -> None:
    tested = calendar(OFFICE)
    assert due("24h", tested, "2026-05-08T12:00") == "Sat 09 12:00"
    assert parse_duration("1h").due(tested, NEVER) == NEVER
    assert parse_duration("2bh").milliseconds(tested, 0) == parse_duration("2h").milliseconds(tested, 0) == 2 * HOUR
    assert parse_duration("1bd").milliseconds(tested, at("2026-05-08T12:00")) == 8 * HOUR

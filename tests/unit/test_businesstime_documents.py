"""Calendars from YAML and iCalendar files."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from agents.calendars import load_calendars, parse_calendars
from streams.businesstime import Calendar, CalendarError, Problem

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests" / "bad" / "calendars"
HOUR = 3_600_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def hours(tested: Calendar, first: str, last: str) -> float:
    return tested.elapsed(at(first), at(last)) / HOUR


def with_events(events: str, zone: str = "Europe/Berlin", means: str = "closed") -> Calendar:
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{dedent(events).strip()}\nEND:VCALENDAR\n"
    week = "always" if means == "closed" else "{mon: 00:00-01:00}"
    said = f"calendars: {{x: {{zone: {zone}, week: {week}, icalendar: {{file: a.ics, means: {means}}}}}}}"
    return parse_calendars(said, "x", lambda _: text)["x"]


def closed(tested: Calendar, first: str, last: str) -> float:
    return (at(last) - at(first)) / HOUR - hours(tested, first, last)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_bad_calendars_say_what_is_wrong(path: Path) -> None:
    expected = re.findall(r"^# expect: (.*)$", path.read_text(), re.MULTILINE)
    assert expected
    with pytest.raises(CalendarError) as caught:
        load_calendars(str(path))
    assert str(caught.value).replace(str(BAD) + "/", "").splitlines() == expected


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"calendars: {b\xfcro: {}}")
    for path, reason in ((tmp_path / "none.yaml", "No such file or directory"), (latin, "must be UTF-8 text")):
        with pytest.raises(CalendarError) as caught:
            load_calendars(str(path))
        assert caught.value.problems == (Problem((), str(path), f"cannot be read: {reason}"),)
        assert caught.value.name == str(path)


def test_a_document_that_is_nested_without_end() -> None:
    with pytest.raises(CalendarError, match="is nested too deeply"):
        parse_calendars("[" * 25 + "]" * 25, "x", str)


def test_the_manual_shows_calendars_that_work(tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "calendars.md").read_text()
    shown = re.findall(r"^```yaml\n(calendars:\n.*?)^```", manual, re.MULTILINE | re.DOTALL)
    events = re.findall(r"^```ics\n(.*?)^```", manual, re.MULTILINE | re.DOTALL)
    (tmp_path / "works-council.ics").write_text(events[0])
    names: list[str] = []
    for number, text in enumerate(shown):
        (tmp_path / f"{number}.yaml").write_text(text)
        names += load_calendars(str(tmp_path / f"{number}.yaml"))
    assert names == ["support-berlin", "night-desk", "around-the-clock", "office", "around-the-clock", "returns"]


def test_the_manuals_first_calendar(tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "calendars.md").read_text()
    (tmp_path / "c.yaml").write_text(manual.split("```yaml\n")[1].split("```")[0])
    (tmp_path / "works-council.ics").write_text(manual.split("```ics\n")[1].split("```")[0])
    tested = load_calendars(str(tmp_path / "c.yaml"))["support-berlin"]
    assert hours(tested, "2026-11-09", "2026-11-14") == 5 * 7  # an ordinary week
    assert hours(tested, "2026-11-29", "2026-11-30") == 6  # the Sunday that is open
    assert hours(tested, "2026-12-24", "2026-12-27") == 0
    assert hours(tested, "2026-12-31", "2027-01-02") == 3
    assert hours(tested, "2026-09-15", "2026-09-16") == 7 - 2  # the assembly
    assert hours(tested, "2027-02-01", "2027-02-06") == 5 * 8


def test_all_day_events_are_days_of_the_calendars_zone() -> None:
    tested = with_events("BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260503\nEND:VEVENT")
    assert closed(tested, "2026-04-30T22:00", "2026-05-02T22:00") == 48
    assert closed(tested, "2026-04-01", "2026-06-01") == 48
    alone = with_events("BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260501\nTRANSP:TRANSPARENT\nEND:VEVENT")
    assert closed(alone, "2026-04-01", "2026-06-01") == 24


def test_timed_events_in_their_own_zone_in_utc_and_in_the_calendars() -> None:
    tested = with_events(
        """
        BEGIN:VEVENT
        UID:own
        DTSTART;TZID=America/New_York:20260504T100000
        DURATION:PT2H
        END:VEVENT
        BEGIN:VEVENT
        UID:utc
        DTSTART:20260505T100000Z
        DTEND:20260505T110000Z
        END:VEVENT
        BEGIN:VEVENT
        UID:floating
        DTSTART:20260506T100000
        DTEND:20260506T103000
        END:VEVENT
        BEGIN:VEVENT
        UID:a reminder
        DTSTART:20260507T100000
        END:VEVENT
        """
    )
    assert closed(tested, "2026-05-04T14:00", "2026-05-04T16:00") == 2
    assert closed(tested, "2026-05-05T10:00", "2026-05-05T11:00") == 1
    assert closed(tested, "2026-05-06T08:00", "2026-05-06T08:30") == 0.5
    assert closed(tested, "2026-01-01", "2027-01-01") == 3.5


def test_the_length_of_an_event_over_a_change_of_clocks_is_what_the_clock_shows_it_to_be() -> None:
    tested = with_events(
        """
        BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Europe/Berlin:20260328T200000
        DTEND;TZID=Europe/Berlin:20260329T080000
        END:VEVENT
        """
    )
    assert closed(tested, "2026-03-01", "2026-04-01") == 11


def test_recurring_events_keep_their_wall_time() -> None:
    tested = with_events(
        """
        BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Europe/Berlin:20260302T100000
        DTEND;TZID=Europe/Berlin:20260302T110000
        RRULE:FREQ=WEEKLY;UNTIL=20260413T080000Z
        EXDATE;TZID=Europe/Berlin:20260309T100000
        EXDATE;TZID=Europe/Berlin:20260316T100000,20260323T100000
        RDATE;TZID=Europe/Berlin:20260501T150000
        END:VEVENT
        """
    )
    assert closed(tested, "2026-03-02T09:00", "2026-03-02T10:00") == 1
    assert closed(tested, "2026-03-09", "2026-03-24") == 0
    assert closed(tested, "2026-03-30T08:00", "2026-03-30T09:00") == 1  # summer time has begun
    assert closed(tested, "2026-04-13T08:00", "2026-04-13T09:00") == 1  # the end of the rule is still of it
    assert closed(tested, "2026-05-01T13:00", "2026-05-01T14:00") == 1
    assert closed(tested, "2026-01-01", "2027-01-01") == 5


def test_a_day_of_every_year() -> None:
    tested = with_events(
        "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY;UNTIL=20300101\nEND:VEVENT", "UTC"
    )
    expected = [24.0 * (2020 <= year <= 2030) for year in range(2018, 2033)]
    assert [closed(tested, f"{year}-01-01", f"{year}-01-02") for year in range(2018, 2033)] == expected


def test_single_occurrences_that_are_moved_or_cancelled() -> None:
    tested = with_events(
        """
        BEGIN:VEVENT
        UID:a
        DTSTART:20260504T100000Z
        DURATION:PT1H
        RRULE:FREQ=DAILY;COUNT=3
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260505T100000Z
        DTSTART:20260505T200000Z
        DURATION:PT2H
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260506T100000Z
        DTSTART:20260506T100000Z
        STATUS:CANCELLED
        END:VEVENT
        BEGIN:VEVENT
        UID:b
        DTSTART:20260507T100000Z
        DURATION:PT1H
        STATUS:CANCELLED
        END:VEVENT
        """
    )
    assert closed(tested, "2026-05-04T10:00", "2026-05-04T11:00") == 1
    assert closed(tested, "2026-05-05T20:00", "2026-05-05T22:00") == 2
    assert closed(tested, "2026-01-01", "2027-01-01") == 3


def test_events_that_last_for_years() -> None:
    tested = with_events("BEGIN:VEVENT\nUID:a\nDTSTART:20240601T000000Z\nDTEND:20280601T000000Z\nEND:VEVENT")
    assert hours(tested, "2026-01-01", "2027-01-01") == 0
    assert hours(tested, "2024-05-31", "2024-06-02") == 24
    assert hours(tested, "2028-05-31", "2028-06-02") == 24


def test_events_that_open() -> None:
    tested = with_events(
        """
        BEGIN:VEVENT
        UID:a
        DTSTART;VALUE=DATE:20260509
        DTEND;VALUE=DATE:20260511
        END:VEVENT
        BEGIN:VEVENT
        UID:b
        DTSTART;TZID=Europe/Berlin:20260513T180000
        DURATION:PT90M
        END:VEVENT
        """,
        means="open",
    )
    assert hours(tested, "2026-05-08T22:00", "2026-05-10T22:00") == 48
    assert hours(tested, "2026-05-11T12:00", "2026-05-16") == 1.5
    # A day that only an event opens is a business day.
    assert tested.business_days(at("2026-05-11T12:00"), 1) == 1.5 * HOUR


def test_a_zone_that_the_file_defines_itself() -> None:
    tested = with_events(
        """
        BEGIN:VTIMEZONE
        TZID:Office
        BEGIN:STANDARD
        DTSTART:19700101T000000
        TZOFFSETFROM:+0300
        TZOFFSETTO:+0300
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:a
        DTSTART;TZID=Office:20260504T100000
        DURATION:PT1H
        END:VEVENT
        """
    )
    assert closed(tested, "2026-05-04T07:00", "2026-05-04T08:00") == 1


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("UID:a\nSUMMARY:x", "event a: has no DTSTART"),
        ("SUMMARY:x", "event x: has no DTSTART"),
        ("DTSTART:nonsense", "event without UID: DTSTART: Wrong date format nonsense"),
        ("UID:a\nDTSTART;TZID=Nowhere/City:20260504T100000", "event a: TZID Nowhere/City is neither an IANA zone nor "),
        ("UID:a\nDTSTART:20260504T100000Z\nRRULE:FREQ=HOURLY", "event a: RRULE with FREQ=HOURLY is not supported"),
        ("UID:a\nDTSTART:20260504T100000Z\nDTEND:20260504T090000Z", "event a: ends before it starts"),
        (
            "UID:a\nDTSTART:20260504T100000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260504T100000Z",
            "event a: RANGE=THISANDFUTURE is not supported",
        ),
        (
            "UID:a\nDTSTART:20260504T100000Z\nRDATE;VALUE=PERIOD:20260504T100000Z/PT1H",
            "event a: RDATE with periods is not supported",
        ),
        ("UID:a\nDTSTART;VALUE=DATE:20260504\nDTEND:20260504T090000Z", "event a: "),
    ],
)
def test_events_that_cannot_be_taken(event: str, why: str) -> None:
    with pytest.raises(CalendarError) as caught:
        with_events(f"BEGIN:VEVENT\n{event}\nEND:VEVENT")
    (problem,) = caught.value.problems
    assert problem.path == ("calendars", "x", "icalendar", 0, "file")
    assert problem.value == "a.ics"
    assert problem.rule.startswith(why)

"""Edges of calendars that examples of ordinary weeks do not touch."""

from __future__ import annotations

import pytest

from agents.calendars import parse_calendars
from streams.businesstime import NEVER, Assignment, CalendarError, always_open, due_over, parse_duration
from streams.businesstime.durations import DurationError
from streams.businesstime.problems import nearest
from streams.businesstime.reading import read_calendars
from tests.unit.test_businesstime import calendar
from tests.unit.test_businesstime_documents import at, closed, hours, with_events

# iCalendar.


def test_an_occurrence_may_keep_its_time_and_change_its_length() -> None:
    tested = with_events(
        """
        BEGIN:VEVENT
        UID:a
        DTSTART:20260504T100000Z
        DURATION:PT1H
        RRULE:FREQ=DAILY;COUNT=2
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        RECURRENCE-ID:20260505T100000Z
        DTSTART:20260505T100000Z
        DURATION:PT3H
        END:VEVENT
        """
    )
    assert closed(tested, "2026-05-04", "2026-05-05") == 1
    assert closed(tested, "2026-05-05", "2026-05-06") == 3


@pytest.mark.parametrize("day", ["01-01", "01-02", "01-15", "01-31", "06-30", "12-30", "12-31"])
def test_a_day_closes_wherever_in_the_year_it_lies(day: str) -> None:
    text = f"BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:2026{day.replace('-', '')}\nEND:VEVENT"
    assert closed(with_events(text, "UTC"), "2026-01-01", "2027-01-01") == 24
    assert closed(with_events(text, "UTC"), f"2026-{day}", f"2026-{day}T12:00") == 12


def test_an_all_day_event_that_opens_ends_at_the_midnight_of_the_calendars_zone() -> None:
    tested = with_events(
        "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260506\nDTEND;VALUE=DATE:20260508\nEND:VEVENT",
        "America/New_York",
        means="open",
    )
    assert hours(tested, "2026-05-06T04:00", "2026-05-08T04:00") == 48
    assert hours(tested, "2026-05-06", "2026-05-06T04:00") == hours(tested, "2026-05-08T04:00", "2026-05-10") == 0


def test_edges_of_events_are_whole_milliseconds() -> None:
    tested = with_events("BEGIN:VEVENT\nUID:a\nDTSTART:20260504T100000Z\nDURATION:PT90S\nEND:VEVENT")
    edges = [edge for span in tested.periods(at("2026-05-04"), at("2026-05-05")) for edge in span]
    assert len(edges) == 4
    assert all(type(edge) is int for edge in edges)


def test_an_event_that_opens_belongs_to_the_business_day_of_the_calendars_zone() -> None:
    """Tuesday morning in Auckland is still Monday by UTC: it is no part of Monday's business day."""
    event = "BEGIN:VEVENT\nUID:a\nDTSTART:20260505T080000\nDURATION:PT1H\nEND:VEVENT"
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{event}\nEND:VCALENDAR\n"
    said = "{zone: Pacific/Auckland, week: {mon-fri: 12:00-17:00}, icalendar: {file: a.ics, means: open}}"
    tested = parse_calendars(f"calendars: {{x: {said}}}", "x", lambda _: text)["x"]
    tuesday = at("2026-05-05T08:30") - 12 * 3_600_000
    assert tested.is_open(tuesday)
    due = tested.due(tuesday, tested.business_days(tuesday, 1))
    assert due == at("2026-05-06T12:30") - 12 * 3_600_000, "half an hour into Wednesday, as it was into Tuesday"


# Documents.


def test_a_version_begins_at_a_whole_millisecond() -> None:
    said = {"zone": "UTC", "week": "always", "changes": [{"valid_from": "2026-05-04T06:00:00.0019+02:00"}]}
    (read,) = read_calendars({"calendars": {"x": said}}, "test")
    instant = read.versions[1].valid_from
    assert type(instant) is int
    assert instant == at("2026-05-04T04:00") + 1


def test_a_document_that_was_read_from_no_file_has_no_lines() -> None:
    with pytest.raises(CalendarError) as caught:
        read_calendars({"calendars": {"x": {"zone": "UTC"}}}, "my calendars")
    assert str(caught.value).startswith("my calendars: calendars.x.week = None: is required")


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("mon", [], "none is known here"),
        ("holiday", ["holidays", "closed"], "did you mean 'holidays'?"),
        ("MON", ["mon", "tue"], "did you mean 'mon'?"),
        ("x", ["mon", "tue"], "known are 'mon', 'tue'"),
        ("x", [f"name {n:02}" for n in range(20)], f"known are {', '.join(repr(f'name {n:02}') for n in range(20))}"),
        ("x", [f"name {n:02}" for n in range(21)], "none of the 21 known is near"),
    ],
)
def test_a_hint_names_what_may_have_been_meant_or_what_is_known(word: str, known: list[str], hint: str) -> None:
    assert nearest(word, known) == hint


# Durations and assignments.


def test_minutes_are_told_in_hours_to_be_written_instead() -> None:
    with pytest.raises(DurationError, match="write 10:00h or 10:00bh"):
        parse_duration("600m")


def test_nothing_is_due_from_never_on() -> None:
    assert due_over([Assignment(0, always_open())], NEVER, 1) == NEVER


def test_a_due_time_at_the_very_change_of_calendars_is_that_instant() -> None:
    noon = at("2026-05-04T12:00")
    assigned = [Assignment(at("2026-05-04T09:00"), calendar()), Assignment(noon, calendar(week={"sun": "09:00-17:00"}))]
    assert due_over(assigned, at("2026-05-04T09:00"), 3 * 3_600_000) == noon

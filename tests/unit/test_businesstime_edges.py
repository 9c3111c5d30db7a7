"""Edges of calendars that examples of ordinary weeks do not touch."""

from __future__ import annotations

import pytest

from agents.calendars import parse_calendars
from streams.businesstime import (
    NEVER,
    Assignment,
    Calendar,
    CalendarError,
    Span,
    always_open,
    due_over,
    parse_duration,
)
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.durations import DurationError
from streams.businesstime.problems import nearest
from streams.businesstime.reading import read_calendars
from streams.businesstime.spans import union, within, without
from tests.unit.test_businesstime import calendar
from tests.unit.test_businesstime_documents import at, closed, hours, with_events

# Days and weeks.


def test_a_range_of_days_may_go_over_the_weekend() -> None:
    tested = calendar(week={"fri-mon": "09:00-10:00"})
    assert [hours(tested, f"2026-05-{day:02}", f"2026-05-{day + 1:02}") for day in range(4, 11)] == [
        1,
        0,
        0,
        0,
        1,
        1,
        1,
    ]


def test_closed_hours_are_by_the_clock_of_the_calendars_zone() -> None:
    tested = calendar("Asia/Tokyo", closed=[{"date": "2026-05-04", "hours": "10:00-12:00"}])
    assert hours(tested, "2026-05-04T00:00", "2026-05-04T08:00") == 6
    assert hours(tested, "2026-05-04T01:00", "2026-05-04T03:00") == 0


def test_an_open_day_with_its_year_decides_over_one_of_every_year() -> None:
    opened = [{"date": "2026-12-24", "hours": "09:00-12:00"}, {"date": "12-24", "hours": "09:00-10:00"}]
    tested = calendar(open=opened)
    assert [hours(tested, f"{year}-12-24", f"{year}-12-25") for year in (2026, 2027)] == [3, 1]


def test_hours_closed_in_one_year_are_taken_from_the_open_day_of_every_year() -> None:
    opened, shut = {"date": "12-23", "hours": "09:00-12:00"}, {"date": "2026-12-23", "hours": "09:00-10:00"}
    tested = calendar(open=[opened], closed=[shut])
    assert [hours(tested, f"{year}-12-23", f"{year}-12-24") for year in (2026, 2027)] == [2, 3]


def test_a_period_that_the_change_of_clocks_leaves_nothing_of_begins_no_business_day() -> None:
    """Where clocks go forward Sunday has no 02:15; the shift of Saturday goes on over it."""
    tested = calendar("Europe/Berlin", {"sat": "22:00-06:00", "sun": "02:15-02:45", "mon": "09:00-17:00"})
    saturday = at("2026-03-28T22:00")  # 23:00 in Berlin
    assert tested.due(saturday, tested.business_days(saturday, 1)) == at("2026-03-30T08:00")


# How far one looks.


def test_the_next_opening_is_found_however_far_off_it_is() -> None:
    def tested() -> Calendar:
        return calendar(week={}, open=[{"date": "2026-05-09", "hours": "10:00-12:00"}])

    start = at("2020-01-01")
    assert tested().next_open(start) == at("2026-05-09T10:00")
    assert tested().next_close(start) == at("2026-05-09T12:00")


def test_the_next_closing_does_not_depend_on_where_the_index_ends() -> None:
    """The index is built in blocks of 64 days; one ends with 26 January 2026."""
    assert calendar(week={"mon-fri": "22:00-06:00"}).next_close(at("2026-01-26T23:00")) == at("2026-01-27T06:00")


def test_the_last_business_day_of_a_block_of_the_index_ends_with_its_hours() -> None:
    tested = calendar(week={"fri": "09:00-18:00", "mon": "09:00-13:00"})
    friday = at("2026-01-23T15:00")
    assert tested.due(friday, tested.business_days(friday, 1)) == at("2026-01-26T13:00")


# Versions.


def test_the_first_version_holds_from_the_beginning_whatever_its_instant() -> None:
    made = Calendar("x", [always_open().versions[0]._replace(valid_from=at("2026-05-04"))])
    assert hours(made, "2026-05-03", "2026-05-05") == 48
    assert made.version_at(at("2026-05-03")) == 1


def test_a_version_that_ends_just_after_new_year_has_the_days_of_the_new_year_too() -> None:
    tested = calendar(week="always", closed=["2027-01-01"], changes=[{"valid_from": "2027-01-02", "closed": []}])
    assert hours(tested, "2026-12-31", "2027-01-03") == 48


def test_a_business_day_that_begins_with_a_version_is_one_of_it() -> None:
    tested = calendar(week="always", changes=[{"valid_from": "2026-05-11", "closed": []}])
    noon = at("2026-05-10T12:00")
    assert tested.due(noon, tested.business_days(noon, 1)) == at("2026-05-11T12:00")


def test_a_business_day_that_begins_when_its_version_ends_is_none() -> None:
    """From Monday on there are nights only, and that of Sunday goes on until six."""
    nights = {"valid_from": "2026-05-11", "week": {"sun-thu": "22:00-06:00"}}
    tested = calendar(week="always", changes=[nights])
    sunday = at("2026-05-10T02:00")
    assert tested.due(sunday, tested.business_days(sunday, 1)) == at("2026-05-12T00:00")


# Stretches of time.


def test_the_union_of_stretches_is_without_those_that_have_no_length() -> None:
    assert union([Span(4, 6), Span(3, 3), Span(5, 7), Span(1, 2)]) == [Span(1, 2), Span(4, 7)]


def test_what_is_cut_leaves_no_stretches_without_length() -> None:
    assert list(without([Span(0, 10)], [Span(0, 2), Span(8, 10)])) == [Span(2, 8)]
    assert list(within([Span(0, 2), Span(4, 6), Span(8, 9)], 2, 8)) == [Span(4, 6)]


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


def test_keys_that_are_not_text_are_told_by_their_place() -> None:
    week = {"zone": "UTC", "week": {5: "09:00-17:00"}}
    with pytest.raises(CalendarError) as caught:
        read_calendars({"calendars": {24: {}, "x": week}}, "made in code")
    assert str(caught.value).splitlines() == [
        "made in code: calendars.24 = 24: keys must be text",
        "made in code: calendars.x.week.5 = 5: keys must be text",
    ]


def test_a_file_that_cannot_be_taken_is_told_by_the_name_of_the_document() -> None:
    documents = read_calendars({"calendars": {"x": {"zone": "UTC", "week": "always", "icalendar": "a.ics"}}}, "mine")
    with pytest.raises(CalendarError) as caught:
        compile_calendars(documents, {"a.ics": "nothing"}, "mine")
    assert caught.value.name == "mine"
    assert str(caught.value).startswith("mine: calendars.x.icalendar[0].file = 'a.ics': is not iCalendar")


def test_calendars_have_the_names_that_they_are_found_by() -> None:
    assert calendar().name == "x"
    assert always_open().name == "24x7"
    assert always_open("always").name == "always"


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

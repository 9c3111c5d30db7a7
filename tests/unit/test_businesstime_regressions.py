"""What other products got wrong with business hours; each by the name of its report."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.businesstime import Calendar, Span
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars

MINUTE = 60_000
HOUR = 60 * MINUTE


def calendar(zone: str, week: Any = None, **said: Any) -> Calendar:
    entry = {"zone": zone, "week": {"mon-fri": "09:00-17:00"} if week is None else week, **said}
    return compile_calendars(read_calendars({"calendars": {"x": entry}}, "test"), {}, "test")["x"]


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def test_dbt_zendesk_25_created_at_the_weekend() -> None:
    """A ticket of a weekend starts at the opening of Monday, not of another day, and not where it was created."""
    tested = calendar("America/New_York", holidays=[{"country": "US"}])
    created, replied = at("2026-05-23T15:00", "America/New_York"), at("2026-05-26T09:10", "America/New_York")
    assert tested.elapsed(created, replied) == 10 * MINUTE  # Monday is Memorial Day
    assert tested.due(created, HOUR) == at("2026-05-26T10:00", "America/New_York")


def test_frappe_2075_lunch_break() -> None:
    """A break between two periods of one day is closed time, not a holiday."""
    tested = calendar("Asia/Kolkata", {"mon-sat": ["10:00-13:00", "14:00-19:00"]})
    created = at("2026-05-04T12:30", "Asia/Kolkata")
    assert tested.due(created, HOUR) == at("2026-05-04T14:30", "Asia/Kolkata")
    assert tested.elapsed(created, at("2026-05-04T13:59", "Asia/Kolkata")) == 30 * MINUTE
    assert tested.elapsed(at("2026-05-04T00:00", "Asia/Kolkata"), at("2026-05-05T00:00", "Asia/Kolkata")) == 8 * HOUR


@pytest.mark.parametrize("created", ["2026-05-04T00:00", "2026-05-04T08:59", "2026-05-04T23:30", "2026-05-09T12:00"])
def test_erpnext_38745_failed_just_after_creating(created: str) -> None:
    """A deadline is never before the creation, and never less business time away than was promised."""
    tested = calendar("Asia/Kolkata")
    start = at(created, "Asia/Kolkata")
    due = tested.due(start, 4 * HOUR)
    assert due - start >= 4 * HOUR
    assert tested.elapsed(start, due) == 4 * HOUR
    assert tested.elapsed(start, start + 1) == 0


def test_osticket_6847_a_schedule_is_of_its_own_zone() -> None:
    tested = calendar("Asia/Tokyo")
    assert tested.periods(at("2026-05-03"), at("2026-05-05")) == [Span(at("2026-05-04T00:00"), at("2026-05-04T08:00"))]


def test_glpi_15429_around_the_clock() -> None:
    """A calendar of seven whole days is the clock itself, over a change of clocks too, and closes at no midnight."""
    tested = calendar("Europe/Paris", {"mon-sun": "00:00-24:00"})
    start, end = at("2026-03-27T13:37", "Europe/Paris"), at("2026-11-02T01:02", "Europe/Paris")
    assert tested.elapsed(start, end) == end - start
    assert tested.due(start, end - start) == end
    assert tested.periods(start, end) == [Span(start, end)]


def test_glpi_22678_several_segments_a_day() -> None:
    """With several segments a day a deadline lies in one of them, not at midnight."""
    tested = calendar("Europe/Paris", {"mon-fri": ["08:00-12:00", "13:30-15:00", "16:00-18:30"]})
    start = at("2026-05-04T11:00", "Europe/Paris")
    dues = [tested.due(start, amount * HOUR) for amount in (1, 2, 3, 5, 6)]
    times = ["04T12:00", "04T14:30", "04T16:30", "04T18:30", "05T09:00"]
    assert dues == [at(f"2026-05-{time}", "Europe/Paris") for time in times]

"""How fast is too fast: the usual factors, and what hours and low goals make of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.calendars import parse_calendars
from streams.businesstime import always_open
from streams.sla.model import Level, Mode, Policy
from streams.sla.policy_alerts import told
from streams.sla.policy_budget import ALWAYS, SPEEDS, factor, open_hours

SINCE = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) * 1000
HOUR = 3_600_000
OFFICE = "calendars: {x: {zone: UTC, week: {mon-fri: 09:00-17:00}}}"
NIGHTS = "calendars: {x: {zone: UTC, week: {mon: 22:00-02:00}}}"


def factors(text: str | None, goal: float) -> list[float]:
    hours = ALWAYS if text is None else open_hours(parse_calendars(text, "x", str)["x"], SINCE)
    return [round(factor(speed, hours, goal), 2) for speed in SPEEDS]


def test_around_the_clock_they_are_the_usual_ones() -> None:
    # 2 % of 30 days in one hour, 10 % in a day, a week's share in a week.
    assert factors(None, 0.999) == [14.4, 3.0, 1.0]
    assert open_hours(always_open(), SINCE) == ALWAYS


def test_a_desk_with_hours_has_its_whole_budget_in_them() -> None:
    assert factors(OFFICE, 0.99) == [round(0.02 * 30 * 40 / 7, 2), round(0.1 * 30 * 40 / 7 / 8, 2), 1.0]
    # Naive, as if the desk never closed: an hour in which a seventh of a month's promises fall due passes unseen.
    assert factors(OFFICE, 0.99) != factors(None, 0.99)
    assert open_hours(parse_calendars(OFFICE, "x", str)["x"], SINCE).ratio == pytest.approx(40 / 168)


def test_a_low_goal_does_not_put_the_alert_out_of_reach() -> None:
    for goal in (0.5, 0.8, 0.9, 0.95):
        allowed = 1 - goal
        for number in factors(None, goal):
            assert number * allowed < 1, "all late must be too fast"
    # Naive: 14.4 times 20 % is more than everything.
    assert factors(None, 0.8)[0] == 3.0
    assert factors(None, 0.95)[0] == 10.5


def test_a_short_shift_is_not_taken_for_a_whole_window() -> None:
    hours = open_hours(parse_calendars(NIGHTS, "x", str)["x"], SINCE)
    assert (hours.day, hours.week) == (2 * HOUR, 4 * HOUR)
    assert hours.period == pytest.approx(4 * HOUR * 30 / 7)


def test_who_is_told_of_what_no_level_is_for() -> None:
    def listed(*severities: str) -> Policy:
        levels = tuple(Level(who=f"{n}-{each}", when="breach", severity=each) for n, each in enumerate(severities))  # type: ignore[arg-type]
        return Policy(
            name="p", mode=Mode.LIVE, owner="o", review_by=datetime(2027, 1, 1, tzinfo=UTC).date(), escalation=levels
        )

    chain = listed("info", "warning", "critical", "critical")
    assert [told(chain, "warning"), told(chain, "critical")] == ["1-warning", "2-critical"]
    assert told(listed("info", "critical"), "warning") == "0-info"
    assert told(listed("critical"), "warning") == "0-critical"
    assert told(listed("info", "warning"), "critical") == "1-warning"
    assert told(listed(), "critical") == ""

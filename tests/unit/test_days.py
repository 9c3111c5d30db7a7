"""Days of a queue: by its own clock, 23 and 25 hours long where clocks change, and never a reset of what is live."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from streams.codec import parse_time
from streams.events import ENTRY_TYPES, Event
from streams.events.tickets import TicketCreated
from streams.figures import cells as c
from streams.figures.contributions import Item, Live
from streams.figures.days import Day, LocalDays, days_of
from streams.figures.options import FigureOptions
from streams.figures.panes import MINUTE, TODAY, YESTERDAY, GroupKey, Panes
from streams.figures.series import samples
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sources.mapping import MappingError, load_mapping

HOUR = 60 * MINUTE


def utc(text: str) -> int:
    return parse_time(f"{text}Z")


def test_days_of_a_zone_that_nobody_has_asked_for() -> None:
    days, start = LocalDays("Asia/Kathmandu"), utc("2026-05-03T18:15:00")
    day = Day(date(2026, 5, 4), start, start + 24 * HOUR)
    assert [days.day_of(start + hours * HOUR) for hours in (5, 0, 5)] == [day, day, day]
    assert days.before(day) == Day(date(2026, 5, 3), start - 24 * HOUR, start)


@pytest.mark.parametrize(
    ("zone", "instant", "day", "start", "hours"),
    [
        ("UTC", "2026-05-04T00:00:00", "2026-05-04", "2026-05-04T00:00:00", 24),
        ("UTC", "2026-05-03T23:59:59", "2026-05-03", "2026-05-03T00:00:00", 24),
        ("Europe/Berlin", "2026-03-29T12:00:00", "2026-03-29", "2026-03-28T23:00:00", 23),
        ("Europe/Berlin", "2026-10-25T22:59:59", "2026-10-25", "2026-10-24T22:00:00", 25),
        ("Asia/Kathmandu", "2026-05-03T18:15:00", "2026-05-04", "2026-05-03T18:15:00", 24),
        # Midnight does not exist: the day begins when it would have been.
        ("America/Sao_Paulo", "2018-11-04T12:00:00", "2018-11-04", "2018-11-04T03:00:00", 23),
        # Midnight comes twice, as clocks went back at 00:01: the day began with the first one, and lasts 25 hours.
        ("America/St_Johns", "2010-11-07T02:45:00", "2010-11-07", "2010-11-07T02:30:00", 25),
        # Midnight in the midst of a minute (UTC-0:44:30): the minute belongs to the new day.
        ("Africa/Monrovia", "1970-01-05T00:44:10", "1970-01-05", "1970-01-05T00:44:00", 24),
    ],
)
def test_a_day_begins_at_midnight_by_the_wall_clock(zone: str, instant: str, day: str, start: str, hours: int) -> None:
    found = days_of(zone).day_of(utc(instant))
    assert (found.date, found.start) == (date.fromisoformat(day), utc(start))
    assert found.end - found.start == hours * HOUR


def test_a_date_that_was_skipped_is_no_day() -> None:
    samoa = days_of("Pacific/Apia")
    last_of_the_year = samoa.day_of(utc("2011-12-30T10:00:00"))
    assert last_of_the_year.date == date(2011, 12, 31)
    assert samoa.before(last_of_the_year).date == date(2011, 12, 29)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "Asia/Tehran"])
def test_days_follow_each_other_without_gap_or_overlap(zone: str) -> None:
    days = days_of(zone)
    day = days.day_of(utc("2009-12-31T12:00:00"))
    while day.start < utc("2012-02-01T00:00:00"):
        following = days.day_of(day.end)
        assert following.start == day.end
        assert following.date > day.date
        assert days.day_of(day.end - 1) == days.day_of(day.start) == days.before(following) == day
        day = following


def counted(panes: Panes, queue: str) -> tuple[int, int]:
    windows = panes.groups[queue, "voice", ""].windows
    return tuple(windows[name].get(c.OFFERED, 0) for name in (TODAY, YESTERDAY))  # type: ignore[return-value]


def offered(at: str) -> Item:
    return Item(c.OFFERED, "voice", "", "", utc(at), 0, 1)


def test_the_day_of_each_queue_ends_at_its_own_midnight() -> None:
    options = FigureOptions(default_zone="Europe/Berlin", queue_zones={"NY": "America/New_York"})
    panes = Panes(options.days)
    for queue in ("B", "NY"):
        # 25 hours before the end of Berlin's day on which clocks are put back, and within them.
        panes.apply(queue, [offered("2026-10-24T21:59:59"), offered("2026-10-24T22:00:00")], 1)
    panes.advance(utc("2026-10-25T22:59:59"))
    assert counted(panes, "B") == (1, 1), "not by the last 24 hours, which begin at 23:00"
    assert counted(panes, "NY") == (0, 2)
    panes.advance(utc("2026-10-25T23:00:00"))
    assert counted(panes, "B") == (0, 1)
    assert counted(panes, "NY") == (0, 2)
    panes.advance(utc("2026-10-26T04:00:00"))
    assert counted(panes, "NY") == (0, 0)


def test_what_is_corrected_later_is_corrected_in_the_day_it_belongs_to() -> None:
    panes = Panes()
    panes.apply("Q", [offered("2026-05-04T09:00:00"), offered("2026-05-04T10:00:00")], 1)
    panes.advance(utc("2026-05-05T08:00:00"))
    assert counted(panes, "Q") == (0, 2)
    panes.apply("Q", [offered("2026-05-04T09:00:00")], -1)
    panes.apply("Q", [offered("2026-05-05T07:00:00")], 1)
    assert counted(panes, "Q") == (1, 1)


def test_midnight_resets_nothing_that_is_live() -> None:
    panes = Panes()
    panes.set_live("Q", "call/1", [Live(c.WAITING, "voice", "", utc("2026-05-04T23:58:00"))], add=True)
    panes.apply("Q", [Item(cell, "voice", "", "", at := utc("2026-05-04T23:58:00"), at, 1)
                      for cell in (c.OFFERED, c.STILL_WAITING)], 1)  # fmt: skip
    for now in ("2026-05-04T23:59:00", "2026-05-05T00:00:00", "2026-05-05T00:05:00"):
        panes.advance(utc(now))
        group = panes.group("Q", "voice", "")
        said = {
            (one.family, dict(one.labels).get("window")): one.value
            for one in samples(GroupKey("Q", "voice", ""), group, FigureOptions())
        }
        assert said["support_contacts_waiting", None] == 1
        assert said["support_contact_identity_gap", TODAY] == said["support_contact_identity_gap", YESTERDAY] == 0


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (
            {"default_zone": "Europe/Rom"},
            "default_zone = 'Europe/Rom': must be a time zone.*did you mean 'Europe/Rome'",
        ),
        ({"queue_zones": {"B": "+02:00"}}, r"queue_zones\.B = '\+02:00': must be a time zone"),
    ],
)
def test_a_zone_that_does_not_exist_is_refused(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(chosen, FigureOptions)


def created(at: str, queue: str) -> Event:
    entry = ENTRY_TYPES["ticket"](utc(at), 0, f"{queue}{at}", TicketCreated(queue=queue))
    return Event("ticket", f"{queue}{at}", entry, ())


def test_the_days_of_the_report_are_those_of_the_queues() -> None:
    report = Report(Rules(FigureOptions(default_zone="Europe/Berlin", queue_zones={"NY": "America/New_York"})))
    for queue in ("B", "NY"):
        report.add(created("2026-10-24T22:30:00", queue))
        report.add(created("2026-10-25T22:30:00", queue))
        report.add(created("2026-10-25T23:30:00", queue))
    days = {day: figures["tickets"]["created"] for day, figures in report.result()["by_day"].items()}
    assert days == {"2026-10-24": 1, "2026-10-25": 4, "2026-10-26": 1}
    assert days != {"2026-10-24": 2, "2026-10-25": 4}, "the days of UTC"


def mapping(**more: Any) -> dict[str, Any]:
    return {
        "source": "s", "kind": "ticket", "entity": "{id}", "format": {"type": "csv"},
        "times": {"at": {"value": "{at}", "format": "%Y-%m-%d"}}, "events": [{"event": "ticket.created"}], **more,
    }  # fmt: skip


def test_a_mapping_counts_days_in_its_own_zone_unless_it_says_otherwise() -> None:
    assert load_mapping(mapping(zone="Europe/Rome"), "m").figures.default_zone == "Europe/Rome"
    assert load_mapping(mapping(zone="as_written"), "m").figures.default_zone == "UTC"
    chosen = mapping(zone="Europe/Rome", figures={"default_zone": "Asia/Tokyo"})
    assert load_mapping(chosen, "m").figures.default_zone == "Asia/Tokyo"
    with pytest.raises(MappingError, match=r"figures\.default_zone.*'Mars'.*must be a time zone"):
        load_mapping(mapping(zone="UTC", figures={"default_zone": "Mars"}), "m")


def test_the_present_of_the_panes_is_utc_and_no_clock_is_read() -> None:
    panes = Panes()
    panes.apply("Q", [offered("2000-02-29T23:59:59")], 1)
    panes.advance(utc("2000-03-01T00:00:00"))
    assert counted(panes, "Q") == (0, 1)
    assert datetime.now(UTC).year > 2000

"""Times in files: formats, zones and durations."""

from __future__ import annotations

import pytest

from streams.sources.mapping_rows import RowError
from streams.sources.mapping_times import check_format, compile_formats, duration_millis

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "format_", "iso"),
    [
        ("2026/5/4 9:07:03.25", "%Y/%m/%d %H:%M:%S.%f", "2026-05-04T09:07:03.250"),
        ("04-May-99 12:05 am", "%d-%b-%y %I:%M %p", "1999-05-04T00:05:00"),
        ("Tue Oct 31 22:10:47 +0200 2017", "%a %b %d %H:%M:%S %z %Y", "2017-10-31T20:10:47"),
        ("2026-05-04T09:00:00Z", "iso", "2026-05-04T09:00:00"),
        ("2026-05-04 09:00", "iso", "2026-05-04T09:00:00"),
        ("1777885200", "epoch_seconds", "2026-05-04T09:00:00"),
        ("1777885200500", "epoch_millis", "2026-05-04T09:00:00.500"),
    ],
)
def test_time_formats(text: str, format_: str, iso: str) -> None:
    assert check_format(format_) == ""
    expected = compile_formats("t", ["iso"], "as_written", "first")(iso)
    assert compile_formats("t", [format_], "as_written", "first")(text) == expected


@pytest.mark.parametrize(
    ("local", "fold", "utc"),
    [
        ("2026-10-25T02:30:00", "first", "2026-10-25T00:30:00"),
        ("2026-10-25T02:30:00", "second", "2026-10-25T01:30:00"),
        ("2026-03-29T02:30:00", "first", "2026-03-29T01:30:00"),
        ("2026-07-01T12:00:00+00:00", "first", "2026-07-01T12:00:00"),
    ],
)
def test_local_times_where_clocks_change(local: str, fold: str, utc: str) -> None:
    expected = compile_formats("t", ["iso"], "as_written", "first")(utc)
    assert compile_formats("t", ["iso"], "Europe/Rome", fold)(local) == expected


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-29", "01.02.2026", "", "1969-12-31", "9999-01-01"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(RowError, match="must be a time"):
        compile_formats("t", ["%Y-%m-%d"], "as_written", "first")(text)


@pytest.mark.parametrize("text", ["inf", "nan", "1e30", "12 o'clock"])
def test_epochs_that_are_none(text: str) -> None:
    with pytest.raises(RowError, match="must be a time"):
        compile_formats("t", ["epoch_seconds"], "as_written", "first")(text)


@pytest.mark.parametrize("text", ["%d/%m", "%Y-%m-%d %Q", "%Y %Y-%m-%d", "%Y-%m-%d %I:%M", "%Y-%m-%d %"])
def test_formats_that_are_none(text: str) -> None:
    assert check_format(text)


@pytest.mark.parametrize(
    ("text", "millis"),
    [("5", 5000), ("0.25", 250), ("-3", -3000), ("1:30", 90_000), ("0:59:59", HOUR - 1000), ("-0:01", -1000)],
)
def test_durations(text: str, millis: int) -> None:
    assert duration_millis("t", text) == millis


@pytest.mark.parametrize("text", ["5s", "1:2:3:04", "inf", "1:5"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(RowError, match="must be a number of seconds, or H:MM:SS"):
        duration_millis("t", text)

"""Reads calendar documents: tables, as YAML or JSON has them, to typed structs, with every problem found."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from streams.businesstime.calendar import EARLIEST
from streams.businesstime.document import CalendarDocument, CalendarFile, VersionDocument
from streams.businesstime.localtime import millis, opening
from streams.businesstime.problems import CalendarError, Reading
from streams.businesstime.public_holidays import PublicHolidays, unknown_place
from streams.businesstime.reading_hours import read_date, read_days, read_week, read_zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from streams.businesstime.document import SpecialDays
    from streams.problems import Path
_FIELDS = ("zone", "week", "holidays", "closed", "open", "icalendar")


def read_calendars(document: object, name: str) -> tuple[CalendarDocument, ...]:
    """The calendars of a document.

    Args:
        document: ``{"calendars": {NAME: …}}``.
        name: how errors call the document.

    Raises:
        CalendarError: it has problems; all of them, each with path, value and rule.
    """
    reading = Reading()
    top = reading.table((), document, ("calendars",))
    found: list[CalendarDocument] = []
    if "calendars" in top or not reading.problems:
        entries = reading.table(("calendars",), top.get("calendars"))
        if isinstance(top.get("calendars"), dict) and not entries and not reading.problems:
            reading.problem(("calendars",), {}, "must name at least one calendar")
        found = [_calendar(reading, ("calendars", key), key, entry) for key, entry in entries.items()]
    if reading.problems:
        raise CalendarError(name, reading.problems)
    return tuple(found)


def _calendar(reading: Reading, path: Path, name: str, value: object) -> CalendarDocument:
    if not isinstance(value, dict):
        reading.problem(path, value, "must be a table of keys and values")
        return CalendarDocument(name=name, versions=())
    said = reading.table(path, value, (*_FIELDS, "changes"))
    changes = reading.items(said.pop("changes", None))
    versions = [_version(reading, path, dict.fromkeys(said, path), said)]
    places = dict.fromkeys(said, path)
    for number, change in enumerate(changes):
        here = (*path, "changes", number)
        fields = reading.table(here, change, ("valid_from", *_FIELDS))
        if not isinstance(change, dict):
            continue
        valid_from = fields.pop("valid_from", None)
        # A version takes over what it does not say itself.
        said = said | fields
        places = places | dict.fromkeys(fields, here)
        version = _version(reading, here, places, said)
        instant = _instant(reading, (*here, "valid_from"), valid_from, version.zone)
        if instant is not None:
            if instant <= versions[-1].valid_from:
                reading.problem((*here, "valid_from"), valid_from, "must be later than that of the version before")
            versions.append(msgspec.structs.replace(version, valid_from=instant))
    if not reading.problems and not any(map(_ever_opens, versions)):
        reading.problem((*path, "week"), said.get("week"), "must have hours on some day, for nothing else opens")
    return CalendarDocument(name=name, versions=tuple(versions))


def _version(reading: Reading, path: Path, places: dict[str, Path], said: dict[str, object]) -> VersionDocument:
    """A version; ``places`` says where each field stands. Problems of those that stand elsewhere are told there."""
    elsewhere = Reading()

    def told(field: str) -> tuple[Reading, Path]:
        place = places.get(field, path)
        return (reading if place == path else elsewhere), (*place, field)

    zone = read_zone(*told("zone"), said.get("zone"))
    closed = _days(*told("closed"), said.get("closed"), opens=False)
    opened = _days(*told("open"), said.get("open"), opens=True)
    _check_contradictions(reading if path in (places.get("closed"), places.get("open")) else elsewhere, closed, opened)
    return VersionDocument(
        valid_from=EARLIEST,
        zone=zone,
        week=read_week(*told("week"), said.get("week")),
        holidays=_holidays(*told("holidays"), said.get("holidays")),
        closed=closed,
        open=opened,
        icalendar=_files(*told("icalendar"), said.get("icalendar")),
    )


def _ever_opens(version: VersionDocument) -> bool:
    return any(version.week) or bool(version.open) or any(file.opens for file in version.icalendar)


def _instant(reading: Reading, path: Path, value: object, zone: ZoneInfo) -> int | None:
    """Milliseconds of a date (its local midnight), or of a time with its offset; None after a problem."""
    text = reading.text(path, value)
    day = read_date(text)
    if day is not None:
        return opening(zone, day, 0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None:
        return millis(moment)
    if text:
        reading.problem(path, text, "must be a date such as 2027-01-01, or a time such as 2027-01-01T06:00:00+01:00")
    return None


def _holidays(reading: Reading, path: Path, value: object) -> tuple[PublicHolidays, ...]:
    found: list[PublicHolidays] = []
    for place, item in enumerate(reading.items(value)):
        here = (*path, place)
        fields = reading.table(here, item, ("country", "subdivision", "observed", "worked"))
        if not isinstance(item, dict):
            continue
        country = reading.text((*here, "country"), fields.get("country"))
        part = fields.get("subdivision")
        subdivision = None if part is None else reading.text((*here, "subdivision"), part)
        observed = reading.flag((*here, "observed"), fields.get("observed"), default=True)
        names = reading.items(fields.get("worked"))
        if not country or subdivision == "":
            continue
        if problem := unknown_place(country, subdivision):
            reading.problem((*here, problem[0]), fields[problem[0]], problem[1])
            continue
        worked = tuple(reading.text((*here, "worked", number), each) for number, each in enumerate(names))
        chosen = PublicHolidays(country=country, subdivision=subdivision, observed=observed, worked=worked)
        for number, each in enumerate(worked):
            if each and (hint := chosen.unknown_name(each)):
                reading.problem((*here, "worked", number), each, f"must be the name of a holiday of {country}; {hint}")
        found.append(chosen)
    return tuple(found)


def _days(reading: Reading, path: Path, value: object, *, opens: bool) -> tuple[SpecialDays, ...]:
    read = [read_days(reading, (*path, place), item, opens=opens) for place, item in enumerate(reading.items(value))]
    return tuple(days for days in read if days is not None)


def _check_contradictions(reading: Reading, closed: tuple[SpecialDays, ...], opened: tuple[SpecialDays, ...]) -> None:
    """Note days that are said to be closed and open, or open at two sets of hours."""
    whole = [days for days in closed if not days.hours]
    for one, other in [*((one, other) for other in opened for one in whole), *combinations(opened, 2)]:
        # A yearly day gives way to one with its year, so that there can be exceptions to it.
        if one.yearly == other.yearly and one.first <= other.last and other.first <= one.last:
            shown = f"{one.path[-2]}[{one.path[-1]}]"
            reading.problem(other.path, other.first_written, f"is the same day as {shown}; say one thing of it")


def _files(reading: Reading, path: Path, value: object) -> tuple[CalendarFile, ...]:
    found: list[CalendarFile] = []
    for place, item in enumerate(reading.items(value)):
        here = (*path, place)
        fields = reading.table(here, {"file": item} if isinstance(item, str) else item, ("file", "means"))
        if not isinstance(item, str | dict):
            continue
        means = fields.get("means", "closed")
        if means not in ("closed", "open"):
            reading.problem((*here, "means"), means, "must be closed or open")
        file = reading.text((*here, "file"), fields.get("file"))
        found.append(CalendarFile(path=here, file=file, opens=means == "open"))
    return tuple(found)

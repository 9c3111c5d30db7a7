"""From calendar documents to calendars."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from streams.businesstime.calendar import Calendar, Version
from streams.businesstime.icalendar_events import IcalendarError, read_events
from streams.businesstime.localtime import closing, opening
from streams.businesstime.problems import CalendarError
from streams.businesstime.rules import Exceptions, Rules
from streams.businesstime.spans import Span
from streams.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from streams.businesstime.document import CalendarDocument, SpecialDays, VersionDocument
    from streams.businesstime.rules import ExceptionSource, Period


def compile_calendars(
    documents: Sequence[CalendarDocument], files: Mapping[str, str], name: str
) -> dict[str, Calendar]:
    """Calendars by name.

    Args:
        documents: as :func:`streams.businesstime.reading.read_calendars` gives them.
        files: the text of every iCalendar file that they name.
        name: how errors call the document.

    Raises:
        CalendarError: an iCalendar file that cannot be taken.
    """
    problems: list[Problem] = []
    calendars = {
        document.name: Calendar(
            document.name,
            [Version(each.valid_from, _rules(each, files, problems)) for each in document.versions],
            _digest(document, files),
        )
        for document in documents
    }
    if problems:
        # A file that several versions share is told of once.
        raise CalendarError(name, dict.fromkeys(problems))
    return calendars


def _digest(document: CalendarDocument, files: Mapping[str, str]) -> str:
    """Of everything that decides when it is open, except for what is known of public holidays."""
    named = sorted({file.file for version in document.versions for file in version.icalendar})
    return hashlib.sha256(repr((document, [files[file] for file in named])).encode()).hexdigest()[:12]


def _rules(version: VersionDocument, files: Mapping[str, str], problems: list[Problem]) -> Rules:
    sources: list[ExceptionSource] = [holidays.source() for holidays in version.holidays]
    for file in version.icalendar:
        try:
            sources.append(read_events(files[file.file], version.zone, opens=file.opens))
        except IcalendarError as error:
            problems.append(Problem((*file.path, "file"), file.file, str(error)))
    sources.append(_special_days(version.zone, version.closed, version.open))
    return Rules(version.zone, version.week, sources)


def _special_days(zone: ZoneInfo, closed: Sequence[SpecialDays], opened: Sequence[SpecialDays]) -> ExceptionSource:
    """Days closed and open by the document itself; a day given with its year decides over one of every year."""

    def of_year(year: int) -> Exceptions:
        whole = {day for days in closed if not days.hours for day in days.of_year(year)}
        once = {day for days in closed if not days.hours and not days.yearly for day in days.of_year(year)}
        hours: dict[date, tuple[Period, ...]] = {}
        for days in sorted(opened, key=lambda days: not days.yearly):
            hours.update((day, days.hours) for day in days.of_year(year) if not (days.yearly and day in once))
        shut = tuple(
            Span(opening(zone, day, period.opens), closing(zone, day, period.closes))
            for days in closed
            for day in days.of_year(year)
            for period in days.hours
        )
        return Exceptions(closed=frozenset(whole), hours=hours, shut=shut)

    return of_year

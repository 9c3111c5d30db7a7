"""Business time: calendars with zones, holidays and versions, and the arithmetic of their open hours.

Reading them from documents (:mod:`~streams.businesstime.reading`, :mod:`~streams.businesstime.compiling`) is not
imported here: it brings the public holidays of all countries with it, which takes longer than all else together.
"""

from streams.businesstime.calendar import EARLIEST, LATEST, NEVER, Calendar, Version, always_open
from streams.businesstime.durations import Duration, DurationError, Unit, parse_duration
from streams.businesstime.problems import CalendarError
from streams.businesstime.rules import Exceptions, Period, Rules
from streams.businesstime.schedules import Assignment, ScheduleRule, due_over, elapsed_over
from streams.businesstime.spans import Span
from streams.problems import Problem

__all__ = [
    "EARLIEST",
    "LATEST",
    "NEVER",
    "Assignment",
    "Calendar",
    "CalendarError",
    "Duration",
    "DurationError",
    "Exceptions",
    "Period",
    "Problem",
    "Rules",
    "ScheduleRule",
    "Span",
    "Unit",
    "Version",
    "always_open",
    "due_over",
    "elapsed_over",
    "parse_duration",
]

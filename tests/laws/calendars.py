"""Calendars for generated worlds: offices, nights, a change of hours, and one that never closes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from streams.businesstime import Calendar, Period, Version, always_open
from streams.businesstime.rules import Rules as Hours
from streams.pipeline.rules import Rules
from tests.laws.histories import DAY, HOUR, START, options
from tests.laws.promises import promised

if TYPE_CHECKING:
    from tests.laws.tape import Tape

_OFFICE = [[Period(540, 750), Period(810, 1020)]] * 5 + [[], []]
_NIGHTS = [[Period(1320, 1800)]] * 7

CALENDARS = {
    calendar.name: calendar
    for calendar in (
        Calendar("office", [Version(0, Hours(ZoneInfo("Europe/Berlin"), _OFFICE))]),
        Calendar(
            "nights",
            [
                Version(0, Hours(ZoneInfo("America/New_York"), _NIGHTS)),
                Version(START + 2 * DAY + 3 * HOUR, Hours(ZoneInfo("America/New_York"), _OFFICE)),
            ],
        ),
        always_open("always"),
    )
}
_NAMES = (None, "office", "nights", "always")


def rules(tape: Tape) -> Rules:
    """Choices of definition, among them which queue has which calendar; mostly some queue has one."""
    chosen = options(tape)
    queues = {queue: name for queue in ("A", "B", "unassigned") if (name := tape.one(_NAMES)) is not None}
    made = Rules.of(
        msgspec.structs.replace(
            chosen,
            schedule_rule=tape.one(("as_assigned", "last", "at_creation")),
            queue_calendars=queues,
            default_calendar=tape.one(("", "", "office")),
        ),
        CALENDARS,
    )
    return replace(made, policies=promised(tape, CALENDARS))

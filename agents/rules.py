"""What figures are derived by, from choices of definition and the files that they speak of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from streams.figures.working_hours import UnknownCalendarError
from streams.pipeline.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.figures.options import FigureOptions


def load_rules(options: FigureOptions, *, calendars_file: str = "", policies: Sequence[str] = ()) -> Rules:
    """Read what the options speak of.

    Args:
        options: choices of definition.
        calendars_file: path of a YAML file with calendars; empty: there are none.
        policies: files with policies, directories of such files, or names of shipped ones.

    Raises:
        CalendarError: the file cannot be read, or has problems: file, line, path, value and rule of each.
        UnknownCalendarError: an option names a calendar that the file does not have.
        PolicyError: policies cannot be used: file, line, path, value and rule of each problem.
    """
    rules = _with_calendars(options, calendars_file)
    if not policies:
        return rules
    # Imported where there are policies, likewise.
    from agents.policies import load_policies  # noqa: PLC0415

    return replace(rules, policies=load_policies(policies))


def _with_calendars(options: FigureOptions, calendars_file: str) -> Rules:
    if not calendars_file:
        try:
            return Rules.of(options, {})
        except UnknownCalendarError as error:
            msg = f"{error}; their file is named by calendars_file, or report --calendars"
            raise UnknownCalendarError(msg) from None
    # Imported where there are calendars: see streams.businesstime.
    from agents.calendars import load_calendars  # noqa: PLC0415

    return Rules.of(options, load_calendars(calendars_file))

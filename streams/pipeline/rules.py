"""What figures are derived by, besides an entity's history and the instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from streams.figures.options import FigureOptions
from streams.figures.working_hours import WorkingHours
from streams.sla.promises import Policies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.businesstime import Calendar


@dataclass(frozen=True, slots=True)
class Rules:
    """The choices of definition, the calendars in force, and what is promised. The same for all entities."""

    options: FigureOptions = field(default_factory=FigureOptions)
    hours: WorkingHours = field(default_factory=WorkingHours)
    policies: Policies = field(default_factory=Policies)

    @classmethod
    def of(cls, options: FigureOptions, calendars: Mapping[str, Calendar]) -> Self:
        """Rules in which the calendars are in force that the options choose.

        Args:
            options: the choices of definition.
            calendars: all that are known, by name.

        Raises:
            UnknownCalendarError: an option names a calendar that is not known.
        """
        return cls(options, WorkingHours.of(options, calendars))

"""Public holidays by country and subdivision, from the ``holidays`` package.

Holidays are dates; the calendar's own zone says when such a date begins and ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import holidays
import msgspec

from streams.businesstime.problems import nearest
from streams.businesstime.rules import Exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from streams.businesstime.rules import ExceptionSource

_LANGUAGE = "en_US"
_SAMPLE = range(2015, 2036)
"""Years in which the name of a holiday must occur, lest a slip of the pen keep a desk open on it unnoticed."""


class PublicHolidays(msgspec.Struct, frozen=True, kw_only=True):
    """The holidays of a country, or of a part of it."""

    country: str
    subdivision: str | None = None
    observed: bool = True
    """Whether days off in lieu count, such as the Monday after a holiday on a Sunday."""
    worked: tuple[str, ...] = ()
    """Names of holidays on which work goes on."""

    def source(self) -> ExceptionSource:
        """The closed days of a year; the choice must be one that :func:`unknown_place` has nothing against."""
        return lambda year: Exceptions(closed=frozenset(self._days(year)))

    def unknown_name(self, name: str) -> str | None:
        """A hint if no holiday has such a name; None if one has."""
        known = sorted({each for year in _SAMPLE for names in self._named(year).values() for each in names})
        return None if any(_is_called(each, name) for each in known) else nearest(name, known)

    def _days(self, year: int) -> Iterator[date]:
        for day, names in self._named(year).items():
            # A day may have the names of two holidays: it is closed for the one that is not worked.
            if not all(any(_is_called(name, worked) for worked in self.worked) for name in names):
                yield day

    def _named(self, year: int) -> dict[date, list[str]]:
        kind = type(holidays.country_holidays(self.country))
        # Left open, the language of the names is that of the machine.
        language = _LANGUAGE if _LANGUAGE in kind.supported_languages else kind.default_language
        found = holidays.country_holidays(
            self.country, subdiv=self.subdivision, years=year, expand=False, observed=self.observed, language=language
        )
        return {day: found.get_list(day) for day in found}


def _is_called(name: str, wanted: str) -> bool:
    """Whether a day has a name; one in lieu has that of its holiday and a remark such as ``(observed)``."""
    return name == wanted or name.startswith(f"{wanted} (")


def unknown_place(country: str, subdivision: str | None) -> tuple[str, str] | None:
    """Which of ``country`` and ``subdivision`` is not known, and a hint; None if both are."""
    countries = {name: parts for name, parts in holidays.list_supported_countries().items() if len(name) == 2}
    if country not in countries:
        return "country", f"must be a country such as DE (ISO 3166-1); {nearest(country, sorted(countries))}"
    if subdivision is not None and subdivision not in countries[country]:
        return "subdivision", f"must be a part of {country} (ISO 3166-2); {nearest(subdivision, countries[country])}"
    return None

"""Error budgets: how fast missed promises may come before somebody is told (M67).

A goal of 95 % allows 5 % to be late: over :data:`PERIOD_DAYS` days that is the budget. A *burn rate* is the late share
of what was due in a window over the share that is allowed; at 1 the budget lasts exactly the period. An alert asks for
it in two windows: in the long one, so that it matters, and in the short one, so that it still goes on.

The usual factors (14.4 over one hour spends 2 % of 30 days) hold for services that never close. A desk that is open 40
of 168 hours has its whole budget in these 40, so an hour of it is a larger part of the period: factors shrink with the
share of the time that is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streams.businesstime import Calendar
    from streams.sla.model import Severity

PERIOD_DAYS = 30
_HOUR = 3_600_000
_DAY = 24 * _HOUR
_WEEK = 7 * _DAY
_YEAR = 52 * _WEEK
"""What hours are averaged over: whole weeks."""


class Speed(NamedTuple):
    """So much of the budget within a window is too fast."""

    name: str
    severity: Severity
    long: str
    short: str
    spent: float
    """Share of the period's budget that the long window may use up."""


SPEEDS: tuple[Speed, ...] = (
    Speed("Fast", "critical", "1h", "15m", 0.02),
    Speed("Slow", "warning", "1d", "1h", 0.10),
    Speed("Lasting", "warning", "7d", "1d", 7 / PERIOD_DAYS),
)
"""From what must be looked at now to what must be talked about. Windows are those that figures are exported for."""

WINDOWS: tuple[str, ...] = ("15m", "1h", "1d", "7d")
"""All windows that they need, shortest first."""

_LENGTHS = {"15m": _HOUR // 4, "1h": _HOUR, "1d": _DAY, "7d": _WEEK}


class Hours(NamedTuple):
    """How much open time there is, in milliseconds."""

    period: float
    """In an average period of the budget."""
    day: int
    """In the longest day."""
    week: int
    """In the longest week."""

    @property
    def ratio(self) -> float:
        """Open share of all time."""
        return self.period / (PERIOD_DAYS * _DAY)


ALWAYS = Hours(PERIOD_DAYS * _DAY, _DAY, _WEEK)


def allowed_share(goal: float) -> float:
    """The share of what is due that a goal allows to be late; 0 of a goal that is all but the whole."""
    return round(1 - goal, 6)


def open_hours(calendar: Calendar, since: int) -> Hours:
    """The open time of a calendar in the year after an instant; around the clock if it does not open at all."""
    total = calendar.elapsed(since, since + _YEAR)
    if not total:
        return ALWAYS
    days = range(since, since + _YEAR, _DAY)
    return Hours(
        period=total * PERIOD_DAYS * _DAY / _YEAR,
        day=max(calendar.elapsed(start, start + _DAY) for start in days),
        week=max(calendar.elapsed(start, start + _WEEK) for start in days[:-6]),
    )


def factor(speed: Speed, hours: Hours, goal: float) -> float:
    """The burn rate from which a window is too fast.

    Never more than what is reached when half of all that could be kept is missed: with a goal of 80 %, everything being
    late is a burn rate of only 5, and an alert that waits for 14.4 would never come.
    """
    length = _LENGTHS[speed.long]
    held = {"1d": hours.day, "7d": hours.week}.get(speed.long, min(length, hours.day))
    allowed = 1 - goal
    return min(speed.spent * hours.period / held, (1 + allowed) / (2 * allowed))

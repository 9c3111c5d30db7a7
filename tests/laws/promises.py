"""Policies for generated worlds: in two versions, by both clocks, with pauses, and one that only runs beside."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from streams.businesstime import ScheduleRule, parse_duration
from streams.sla.matching import Cohort, Match
from streams.sla.model import Metric, Mode, Policy, PolicyBook, PolicySet, Target, Warn
from streams.sla.promises import Policies
from tests.laws.histories import DAY, START

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.businesstime import Calendar
    from tests.laws.tape import Tape

_SHORT = {"high": parse_duration("0:05h"), "low": parse_duration("1bd")}
_WARN = (Warn(percent=50), Warn(before=parse_duration("0:01h")))


def _targets(default: str, metrics: Iterable[Metric], pause_in: Iterable[str] = ()) -> tuple[Target, ...]:
    return tuple(
        Target(
            metric=metric,
            by_priority=_SHORT,
            default=parse_duration(default),
            pause_in=frozenset(pause_in),
            warn_at=_WARN,
            goal=0.9,
        )
        for metric in metrics
    )


def _policy(name: str, targets: tuple[Target, ...], mode: str = "live", **more: object) -> Policy:
    return Policy(name=name, mode=Mode(mode), owner="desk", review_by=date(2030, 1, 1), targets=targets, **more)  # type: ignore[arg-type]


def _books() -> list[PolicyBook]:
    everything = tuple(Metric)
    replies = (Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.PAUSABLE_UPDATE)
    work = (Metric.RESOLUTION, Metric.AGENT_WORK, Metric.QUEUE_WAIT)
    return [
        PolicyBook([PolicySet(effective_from=0, policies=(_policy("all", _targets("1h", everything)),))]),
        PolicyBook(
            [
                PolicySet(
                    effective_from=0,
                    policies=(
                        _policy("tried", _targets("3h", replies), "pilot", cohort=Cohort(share=0.5)),
                        _policy("a", _targets("2bh", replies), selector=Match(queue=("A",)), calendar="office"),
                        _policy(
                            "b",
                            _targets("1bh", work, ["on_hold"]),
                            calendar="nights",
                            calendar_by_queue={"B": "office"},
                            schedule_rule=ScheduleRule.LAST,
                        ),
                        _policy("beside", _targets("5h", replies), "shadow"),
                    ),
                ),
                PolicySet(
                    effective_from=START + 2 * DAY,
                    policies=(_policy("later", _targets("24h", everything, ["pending"])),),
                ),
            ]
        ),
    ]


_BOOKS = _books()
_CHOICES: dict[int, Policies] = {}


def promised(tape: Tape, calendars: Mapping[str, Calendar], *, always: bool = False) -> Policies:
    """Policies, or none: mostly none, as clocks cost time."""
    choice = tape.pick(2) + 1 if always else tape.pick(4)
    if choice not in _CHOICES:
        book = _BOOKS[choice - 1] if 0 < choice <= len(_BOOKS) else None
        _CHOICES[choice] = Policies(book, calendars)
    return _CHOICES[choice]

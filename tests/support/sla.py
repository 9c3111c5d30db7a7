"""Policies as a test would say them, and the clocks that they start on a timeline."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from streams.businesstime import parse_duration
from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.ticket import fold_ticket
from streams.sla.model import Metric, Mode, Policy, PolicyBook, PolicySet, Target, Warn
from streams.sla.of_entity import ticket_clocks
from streams.sla.promises import Policies
from streams.sla.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.businesstime import Calendar
    from streams.events import Event
    from streams.sla.clocks import Instance


def target(metric: str, default: str = "", *, warn: tuple[int, ...] = (75,), goal: float = 0.9, **more: Any) -> Target:
    """A target; durations as text, those by priority as ``by={"urgent": "1h"}``."""
    by = {priority: parse_duration(text) for priority, text in more.pop("by", {}).items()}
    return Target(
        metric=Metric(metric),
        default=parse_duration(default) if default else None,
        by_priority=by,
        warn_at=tuple(Warn(percent=percent) for percent in warn),
        goal=goal,
        **more,
    )


def policy(*targets: Target, name: str = "P", mode: str = "live", **more: Any) -> Policy:
    """A policy with nothing but targets, unless more is said."""
    return Policy(name=name, mode=Mode(mode), owner="desk", review_by=date(2030, 1, 1), targets=targets, **more)


def policies(*given: Policy, since: int = 0, calendars: Mapping[str, Calendar] | None = None) -> Policies:
    """Policies in one version."""
    return Policies(PolicyBook([PolicySet(effective_from=since, policies=given)]), calendars)


def clocks(events: Iterable[Event], given: Policies) -> list[Instance]:
    """The clock instances of the one ticket that events are about."""
    history = merge(EMPTY, [event.entry for event in events]).history
    tape = Tape("ticket/T")
    ticket = fold_ticket(history.events, FigureOptions(), tape.watch)
    assert ticket is not None
    return ticket_clocks(ticket, tape, given)

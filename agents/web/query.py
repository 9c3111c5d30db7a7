"""Reads the parameters of a request. What is wrong is answered with 400, naming parameter, value and rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.web.merging import DIMENSIONS
from streams.figures.panes import ALL, WINDOW_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.figures.readers import Attribution


class BadQueryError(ValueError):
    """A parameter that cannot be used."""

    def __init__(self, parameter: str, value: str, rule: str) -> None:
        super().__init__(f"{parameter}={value!r}: {rule}")
        self.parameter = parameter
        self.value = value
        self.rule = rule


class FiguresQuery(NamedTuple):
    """Which figures."""

    window: str
    attribution: Attribution
    by: tuple[str, ...]


class EntitiesQuery(NamedTuple):
    """Which entities behind a queue's figures."""

    queue: str
    limit: int
    contributes: str
    """Only those that contribute to this cell, or are in this live state; empty: all."""


def _known(query: Mapping[str, str], names: Iterable[str]) -> None:
    allowed = sorted(names)
    for name, value in query.items():
        if name not in allowed:
            rule = f"unknown parameter; known are {', '.join(allowed)}"
            raise BadQueryError(name, value, rule)


def _choice(query: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = query.get(name, default)
    if value not in allowed:
        raise BadQueryError(name, value, f"must be one of {', '.join(allowed)}")
    return value


def _each(query: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    value = query.get(name, "")
    chosen = tuple(dict.fromkeys(part for part in value.split(",") if part))
    if not set(chosen) <= set(allowed):
        raise BadQueryError(name, value, f"must be some of {', '.join(allowed)}, separated by commas")
    return chosen


def figures_query(query: Mapping[str, str]) -> FiguresQuery:
    """Parameters of ``/api/v1/figures``; default: ``all``, ``cohort``, no breakdown."""
    _known(query, FiguresQuery._fields)
    attribution = _choice(query, "attribution", ("cohort", "event"), "cohort")
    return FiguresQuery(
        _choice(query, "window", WINDOW_NAMES, ALL),
        "cohort" if attribution == "cohort" else "event",
        _each(query, "by", DIMENSIONS),
    )


def entities_query(queue: str, query: Mapping[str, str]) -> EntitiesQuery:
    """Parameters of ``/api/v1/queues/{queue}/entities``; default: the first 100."""
    _known(query, ("limit", "contributes"))
    limit = query.get("limit", "100")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= 1000):
        rule = "must be a whole number from 1 to 1000"
        parameter = "limit"
        raise BadQueryError(parameter, limit, rule)
    return EntitiesQuery(queue, int(limit), query.get("contributes", ""))


def cells_query(query: Mapping[str, str]) -> tuple[list[str], str]:
    """Windows and format that ``/api/v1/cells`` is asked for; default: all windows as JSON."""
    _known(query, ("window", "format"))
    windows = _each(query, "window", WINDOW_NAMES) or WINDOW_NAMES
    return list(windows), _choice(query, "format", ("json", "msgpack"), "json")

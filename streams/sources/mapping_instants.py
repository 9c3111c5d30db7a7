"""The times of a mapping, compiled: each a function from a row to a point in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.problems import Problem
from streams.sources.mapping_problems import nearest
from streams.sources.mapping_times import DAY_MILLIS, check_format, check_zone, compile_formats, duration_millis

if TYPE_CHECKING:
    from streams.sources.mapping_conditions import Instant
    from streams.sources.mapping_document import Time
    from streams.sources.mapping_rows import Cells, Columns


def compile_times(times: dict[str, Time], columns: Columns) -> dict[str, Instant]:
    """All times by name. A time may refer to those above it; anything else is noted in ``columns.problems``."""
    instants: dict[str, Instant] = {}
    for name, time in times.items():
        instants[name] = _instant(name, time, columns, instants)
    return instants


def _instant(name: str, time: Time, columns: Columns, known: dict[str, Instant]) -> Instant:
    def refer(key: str, other: str) -> Instant:
        if other not in known:
            rule = f"must be the name of a time above this one; {nearest(other, known)}"
            columns.problems.append(Problem((*time.path, key), other, rule))
        return known.get(other, _never)

    if time.value:
        instant = _read(name, time, columns)
        if time.after_midnight_of:
            instant = _wrapped(instant, refer("after_midnight_of", time.after_midnight_of), time.wrap_seconds * 1000)
    elif time.base:
        instant = _shifted(name, refer("from", time.base), time, columns)
    else:
        instant = _first_of([refer("first_of", other) for other in time.first_of])
    if time.not_before:
        instant = _bounded(instant, refer("not_before", time.not_before))
    return instant


def _never(cells: Cells) -> int | None:
    return None


def _read(name: str, time: Time, columns: Columns) -> Instant:
    problems = [Problem((*time.path, "format"), text, wrong) for text in time.formats if (wrong := check_format(text))]
    if wrong := check_zone(time.zone):
        problems.append(Problem((*time.path, "zone"), time.zone, wrong))
    columns.problems += problems
    getter = columns.required(time.value, (*time.path, "value"), time.absent)
    if problems:
        return _never
    parse = compile_formats(name, time.formats, time.zone, time.fold)
    return lambda cells: parse(text) if (text := getter(cells)) else None


def _wrapped(instant: Instant, reference: Instant, tolerance: int) -> Instant:
    def wrapped(cells: Cells) -> int | None:
        millis = instant(cells)
        start = reference(cells)
        if millis is None or start is None or millis >= start - tolerance:
            return millis
        return millis + DAY_MILLIS

    return wrapped


def _shifted(name: str, base: Instant, time: Time, columns: Columns) -> Instant:
    getter = columns.template(time.plus_seconds, (*time.path, "plus_seconds"))

    def shifted(cells: Cells) -> int | None:
        millis = base(cells)
        text = getter(cells)
        return None if millis is None or not text else millis + duration_millis(name, text)

    return shifted


def _first_of(instants: list[Instant]) -> Instant:
    def first(cells: Cells) -> int | None:
        for instant in instants:
            millis = instant(cells)
            if millis is not None:
                return millis
        return None

    return first


def _bounded(instant: Instant, bound: Instant) -> Instant:
    def bounded(cells: Cells) -> int | None:
        millis = instant(cells)
        least = bound(cells)
        return millis if millis is None or least is None else max(millis, least)

    return bounded

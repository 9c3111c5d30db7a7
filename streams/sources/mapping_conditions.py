"""Conditions on rows, compiled to functions of a row, its entity's previous row, and the times of the mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.sources.mapping_document import When
    from streams.sources.mapping_rows import Cells, Columns, Getter

    Instant = Callable[[Cells], int | None]
    """A point in time made from a row, milliseconds since the epoch, UTC; None: absent."""

    Condition = Callable[[Cells, Cells | None], bool]
    """Whether a row meets the conditions; the second argument is the entity's previous row, None before the first."""


def compile_when(when: When, columns: Columns, times: dict[str, Instant]) -> Condition:
    """All conditions of ``when`` as one function; true if there are none."""
    tests: list[Condition] = []
    for names, expected in ((when.is_, True), (when.not_, False)):
        for name, values in names.items():
            path = (*when.path, "is" if expected else "not", name)
            tests.append(_one_of(columns.column(name, path), frozenset(values), expected=expected))
    for key, names_, expected in (("present", when.present, True), ("absent", when.absent, False)):
        for name in names_:
            if name in times:
                tests.append(_time_present(times[name], expected=expected))
            else:
                tests.append(_present(columns.column(name, (*when.path, key)), expected=expected))
    if when.first is not None:
        tests.append(_first(expected=when.first))
    if when.changed:
        tests.append(_changed([columns.column(name, (*when.path, "changed")) for name in when.changed]))
    if len(tests) == 1:
        return tests[0]

    def every(cells: Cells, previous: Cells | None) -> bool:
        return all(test(cells, previous) for test in tests)

    return every


def _one_of(getter: Getter, values: frozenset[str], *, expected: bool) -> Condition:
    return lambda cells, previous: (getter(cells) in values) is expected


def _present(getter: Getter, *, expected: bool) -> Condition:
    return lambda cells, previous: (getter(cells) != "") is expected


def _time_present(instant: Instant, *, expected: bool) -> Condition:
    return lambda cells, previous: (instant(cells) is not None) is expected


def _first(*, expected: bool) -> Condition:
    return lambda cells, previous: (previous is None) is expected


def _changed(getters: list[Getter]) -> Condition:
    def changed(cells: Cells, previous: Cells | None) -> bool:
        return previous is None or any(getter(cells) != getter(previous) for getter in getters)

    return changed

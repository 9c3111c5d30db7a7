"""A mapping as typed structs: what the YAML says, checked word by word but not yet compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streams.events import Kind
    from streams.figures.options import FigureOptions
    from streams.problems import Path
AS_WRITTEN = "as_written"
"""The zone of times that are taken as UTC."""

LINES = "lines"
"""The format of files whose lines are events already."""

ROW_SEQUENCE = "row"
"""The sequence that is the row's place in the file."""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """How the file is written."""

    type: str
    delimiter: str
    quote: str
    """Quoting character; empty: quotes are ordinary characters."""
    encoding: str
    header: bool
    columns: tuple[str, ...]
    """Names of the columns if the file has no header."""
    fields: int | None
    """Expected number of fields of every row; None: as many as there are column names."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A value made from a row: a template, then a value table."""

    path: Path
    template: str
    constant: bool = False
    absent: tuple[str, ...] | None = None
    table: dict[str, str] | None = None
    otherwise: str | None = None
    """What a value becomes that the table does not have; None: the row is invalid; ``keep``: itself."""
    case: str = "keep"


class Time(msgspec.Struct, frozen=True, kw_only=True):
    """A point in time made from a row; exactly one of ``value``, ``base`` and ``first_of`` is set."""

    path: Path
    value: str = ""
    formats: tuple[str, ...] = ()
    zone: str = AS_WRITTEN
    fold: str = "first"
    absent: tuple[str, ...] | None = None
    after_midnight_of: str = ""
    wrap_seconds: int = 43_200
    base: str = ""
    plus_seconds: str = ""
    first_of: tuple[str, ...] = ()
    not_before: str = ""


class When(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that must all hold."""

    path: Path
    is_: dict[str, tuple[str, ...]] = {}
    not_: dict[str, tuple[str, ...]] = {}
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    first: bool | None = None
    changed: tuple[str, ...] = ()

    @property
    def needs_neighbours(self) -> bool:
        """Whether the rows of an entity must be seen together to decide."""
        return self.first is not None or bool(self.changed)


class Sieve(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to pass over or to refuse, and why."""

    when: When
    because: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One event that a row may yield."""

    path: Path
    event: str
    when: When
    at: str
    id: str
    data: dict[str, Field]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole mapping."""

    about: str
    format: Format
    source: str
    kind: Kind
    entity: str
    absent: tuple[str, ...]
    sequence: str
    times: dict[str, Time]
    values: dict[str, Field]
    at: str
    ignore: tuple[Sieve, ...]
    reject: tuple[Sieve, ...]
    events: tuple[Rule, ...]
    figures: FigureOptions

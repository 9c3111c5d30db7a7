"""The declarative mapping language: how the rows of a CSV, TSV or NDJSON file become events.

A mapping is read by :func:`load_mapping` from a document (YAML already parsed) and turns rows into events with
:meth:`Mapping.events`. Rows that cannot be used are answered as :class:`Invalid`, never raised. ``docs/sources.md`` is
the language's manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams import codec
from streams.problems import Problem
from streams.sources.mapping_checks import check_rules
from streams.sources.mapping_conditions import compile_when
from streams.sources.mapping_document import ROW_SEQUENCE, Document, Format
from streams.sources.mapping_events import Ignored, Invalid, Maker, Mapped, Place
from streams.sources.mapping_instants import compile_times
from streams.sources.mapping_problems import MappingError, Reading
from streams.sources.mapping_reading import read_document
from streams.sources.mapping_rows import Columns, RowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.figures.options import FigureOptions
    from streams.sources.mapping_events import Pseudonymise
    from streams.sources.mapping_rows import Cells, Row

__all__ = [
    "Format",
    "Ignored",
    "Invalid",
    "Mapped",
    "Mapping",
    "MappingError",
    "Outcome",
    "Problem",
    "load_mapping",
    "to_cloudevent",
]

Outcome = Mapped | Ignored | Invalid
"""What a row comes to: its events one by one, or why there are none."""

_MAX_ENTITY = 256
_MAX_SEQUENCE_DIGITS = 15
_SEQUENCE_RULE = f"must be a whole number, 0 or more, of at most {_MAX_SEQUENCE_DIGITS} digits"


def load_mapping(document: object, name: str) -> Mapping:
    """Read and compile a mapping.

    Args:
        document: the parsed YAML: tables, lists and scalars; scalars may all be text.
        name: how to call the mapping in errors.

    Raises:
        MappingError: lists all problems found, each with path, value and rule.
    """
    reading = Reading()
    read = read_document(reading, document)
    check_rules(reading, read)
    mapping = Mapping(read, name)
    problems = [*reading.problems, *mapping.problems]
    if problems:
        raise MappingError(name, problems)
    return mapping


def to_cloudevent(mapped: Mapped) -> bytes:
    """An event as structured-mode CloudEvents JSON."""
    event = mapped.event
    return codec.encode(event.kind, event.entity, mapped.name, mapped.source, mapped.event_id, event.entry)


class Mapping:
    """A compiled mapping; made by :func:`load_mapping`."""

    def __init__(self, document: Document, name: str) -> None:
        """Compile a document that was read; what is wrong with it is in :attr:`problems` afterwards."""
        self.name = name
        self.about = document.about
        self.format: Format = document.format
        """How the file is written: what opens files needs it."""
        self.figures: FigureOptions = document.figures
        """The definitions of figures that suit this log."""
        self._kind = document.kind
        columns = self._columns = Columns(name, document.absent)
        for key, field in document.values.items():
            columns.define(key, field)
        times = compile_times(document.times, columns)
        self._entity = columns.required(document.entity, ("entity",))
        self._row_sequence = document.sequence == ROW_SEQUENCE
        numbered = document.sequence and not self._row_sequence
        self._sequence = columns.required(document.sequence, ("sequence",)) if numbered else None
        self._sieves = [
            *((compile_when(sieve.when, columns, times), sieve.because, False) for sieve in document.ignore),
            *((compile_when(sieve.when, columns, times), sieve.because, True) for sieve in document.reject),
        ]
        self._makers = [Maker(rule, document, columns, times) for rule in document.events]
        self._grouped = any(rule.when.needs_neighbours for rule in document.events)
        self._at_name = document.at
        self._at = times.get(document.at)
        self.problems: tuple[Problem, ...] = tuple(columns.problems)

    def events(self, rows: Iterable[Row], pseudonymise: Pseudonymise) -> Iterator[Outcome]:
        """What the rows come to.

        Rules that ask for ``first`` or ``changed`` need all rows of an entity, in order of time: then all rows are
        read before the first event is yielded, entity by entity. Otherwise rows are answered one at a time.

        Args:
            rows: rows with their line numbers; of a file with a header, the header is the first.
            pseudonymise: makes a stable name of a customer's identity.

        Raises:
            MappingError: the mapping names a column that the file does not have.
        """
        cut = self._cut(rows)
        if self._grouped:
            yield from self._by_entity(cut, pseudonymise)
            return
        for line, cells in cut:
            if isinstance(cells, RowError):
                yield Invalid(line, cells.field, cells.value, cells.rule)
                continue
            refused = self._refused(line, cells)
            if refused is not None:
                yield refused
                continue
            try:
                place = Place(line, self._entity_of(cells), self._sequence_of(line, cells), None)
            except RowError as error:
                yield Invalid(line, error.field, error.value, error.rule)
                continue
            yield from self._made(cells, place, pseudonymise)

    def _cut(self, rows: Iterable[Row]) -> Iterator[tuple[int, Cells | RowError]]:
        """The used columns of every row."""
        layout = self.format
        source = iter(rows)
        if layout.type == "ndjson":
            for line, named in source:
                if isinstance(named, dict):
                    yield line, self._columns.pick(named)
                else:
                    yield line, RowError(field="row", value=named, rule="must be a JSON object")
            return
        header: list[str] = list(layout.columns)
        if layout.header:
            head = next(source, None)
            if head is None:
                return
            header = list(head[1])
        pick = self._columns.bind(header)
        width = len(header)
        if layout.fields not in (None, width):
            problem = Problem(("format", "fields"), layout.fields, f"the file has {width} columns")
            raise MappingError(self.name, [problem])
        for line, fields in source:
            if len(fields) == width:
                yield line, pick(fields)  # type: ignore[arg-type]  # only ndjson rows are given by name
            else:
                yield line, RowError(field="row", value=f"{len(fields)} fields", rule=f"must have {width} fields")

    def _refused(self, line: int, cells: Cells) -> Ignored | Invalid | None:
        try:
            for applies, because, invalid in self._sieves:
                if applies(cells, None):
                    return Invalid(line, "row", "", because) if invalid else Ignored(line, because)
        except RowError as error:
            return Invalid(line, error.field, error.value, error.rule)
        return None

    def _entity_of(self, cells: Cells) -> str:
        entity = self._entity(cells)
        if not entity or len(entity) + len(self._kind) >= _MAX_ENTITY:
            raise RowError(
                field="entity", value=entity, rule=f"must have 1 to {_MAX_ENTITY - len(self._kind) - 1} characters"
            )
        if codec.has_control(entity):
            raise RowError(field="entity", value=entity, rule="must not contain control characters")
        return entity

    def _sequence_of(self, line: int, cells: Cells) -> int:
        if self._row_sequence:
            return line
        text = self._sequence(cells) if self._sequence else ""
        if text and not (text.isascii() and text.isdigit() and len(text) <= _MAX_SEQUENCE_DIGITS):
            raise RowError(field="sequence", value=text, rule=_SEQUENCE_RULE)
        return int(text or 0)

    def _made(self, cells: Cells, place: Place, pseudonymise: Pseudonymise) -> Iterator[Outcome]:
        try:
            made: list[Outcome] = [
                maker.make(cells, place, pseudonymise) for maker in self._makers if maker.applies(cells, place.previous)
            ]
        except RowError as error:
            return iter([Invalid(place.line, error.field, error.value, error.rule)])
        return iter(made or [Ignored(place.line, "no rule applies")])

    def _by_entity(self, cut: Iterable[tuple[int, Cells | RowError]], pseudonymise: Pseudonymise) -> Iterator[Outcome]:
        groups: dict[str, list[tuple[int, int, int, Cells]]] = {}
        for line, cells in cut:
            if isinstance(cells, RowError):
                yield Invalid(line, cells.field, cells.value, cells.rule)
                continue
            refused = self._refused(line, cells)
            if refused is not None:
                yield refused
                continue
            try:
                time = self._at(cells) if self._at else None
                if time is None:
                    raise RowError(self._at_name, "", "must be present: it puts the rows of an entity in order")
                entity = self._entity_of(cells)
                groups.setdefault(entity, []).append((time, self._sequence_of(line, cells), line, cells))
            except RowError as error:
                yield Invalid(line, error.field, error.value, error.rule)
        for entity, members in groups.items():
            members.sort(key=lambda member: member[:3])
            previous: Cells | None = None
            for _, sequence, line, cells in members:
                yield from self._made(cells, Place(line, entity, sequence, previous), pseudonymise)
                previous = cells

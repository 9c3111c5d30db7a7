"""Rows: their columns by name, values made from templates, and what is said of a row that cannot be used."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING

from streams.problems import Path, Problem
from streams.sources.mapping_problems import MappingError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streams.sources.mapping_document import Field

    Row = tuple[int, Sequence[str] | Mapping[str, str]]
    """Line number, and the row's fields: in the order of the columns, or by name."""

    Cells = tuple[str, ...]
    """The values of the columns that a mapping uses, in the order in which it names them."""

    Getter = Callable[[Cells], str]
    """A value made from a row; empty: absent."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|([{}])")


class RowError(ValueError):
    """A row that cannot be used: which field, which value, which rule."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        """``rule``: what the field must be."""
        super().__init__(f"{field} = {value!r}: {rule}")
        self.field = field
        self.value = value
        self.rule = rule


class Columns:
    """The columns that a mapping uses, and the values made from them."""

    def __init__(self, name: str, absent: Sequence[str]) -> None:
        """``name``: the mapping's name, for errors; ``absent``: values that mean nothing, in every column."""
        self._name = name
        self._absent = frozenset(absent)
        self._used: dict[str, Path] = {}
        self._values: dict[str, Getter] = {}
        self._constants: dict[str, Path] = {}
        self.problems: list[Problem] = []

    def define(self, name: str, field: Field) -> None:
        """Make a named value known to the templates that follow."""
        self._values[name] = self.field(field)

    def column(self, name: str, path: Path, absent: frozenset[str] | None = None) -> Getter:
        """The value of a column, or a named value; absent values are empty."""
        if name in self._values:
            value = self._values[name]
            return value if absent is None else lambda cells: "" if (text := value(cells)) in absent else text
        self._used.setdefault(name, path)
        cell = itemgetter(list(self._used).index(name))
        nothing = self._absent if absent is None else absent
        if not nothing:
            return cell
        return lambda cells: "" if (text := cell(cells)) in nothing else text

    def template(self, text: str, path: Path, absent: Sequence[str] | None = None) -> Getter:
        """A text with ``{column}`` placeholders; empty as soon as one of them is empty."""
        nothing = None if absent is None else frozenset(absent)
        parts: list[str | Getter] = []
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            parts.append(text[end : found.start()])
            end = found.end()
            if found.group(2):
                rule = "has a single brace; write {column name}, or {{ and }} for braces themselves"
                self.problems.append(Problem(path, text, rule))
            parts.append(self.column(found.group(1), path, nothing) if found.group(1) else found.group()[0])
        parts.append(text[end:])
        return _joined([part for part in parts if part != ""])

    def required(self, text: str, path: Path, absent: Sequence[str] | None = None) -> Getter:
        """A template that must name a column, for the same text in every row would be a mistake."""
        if text and "{" not in text:
            self.problems.append(Problem(path, text, f"must name a column in braces, such as '{{{text}}}'"))
        return self.template(text, path, absent)

    def constant(self, text: str, path: Path) -> Getter:
        """A text as it stands, which is suspicious if it is the name of a column."""
        self._constants.setdefault(text, path)
        return lambda cells: text

    def field(self, field: Field) -> Getter:
        """A value as a mapping's field describes it."""
        if field.constant:
            text = field.template
            return lambda cells: text
        plain = "{" not in field.template and "}" not in field.template
        getter = (
            self.constant(field.template, field.path)
            if plain
            else self.template(field.template, field.path, field.absent)
        )
        if field.table is not None:
            getter = _looked_up(getter, field.table, field.otherwise, ".".join(map(str, field.path)))
        if field.case == "lower":
            return lambda cells: getter(cells).lower()
        if field.case == "upper":
            return lambda cells: getter(cells).upper()
        return getter

    def bind(self, header: Sequence[str]) -> Callable[[Sequence[str]], Cells]:
        """A function that picks the used columns out of a row with this header.

        Raises:
            MappingError: the mapping uses a column that the file does not have.
        """
        names = distinct(header)
        problems = [
            Problem(path, used, f"must be a column of the file; {nearest(used, names)}")
            for used, path in self._used.items()
            if used not in names
        ]
        problems += [
            Problem(path, text, f"is the name of a column: write '{{{text}}}' for its value, or constant: {text}")
            for text, path in self._constants.items()
            if text in names
        ]
        if problems:
            raise MappingError(self._name, problems)
        places = [names.index(used) for used in self._used]
        return lambda fields: tuple([fields[place].strip() for place in places])

    def pick(self, fields: Mapping[str, str]) -> Cells:
        """The used columns of a row that is given by name; missing ones are empty."""
        return tuple([fields.get(used, "").strip() for used in self._used])


def distinct(header: Sequence[str]) -> list[str]:
    """Names of the columns without spaces around them; the second ``x`` is called ``x.2``, and so on."""
    seen: dict[str, int] = {}
    names = []
    for raw in header:
        name = raw.strip()
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return names


def _joined(parts: list[str | Getter]) -> Getter:
    if len(parts) == 1 and callable(parts[0]):
        return parts[0]

    shape = "".join("%s" if callable(part) else part.replace("%", "%%") for part in parts)
    getters = [part for part in parts if callable(part)]

    def join(cells: Cells) -> str:
        texts = [getter(cells) for getter in getters]
        return "" if "" in texts else shape % tuple(texts)

    return join


def _looked_up(getter: Getter, table: dict[str, str], otherwise: str | None, where: str) -> Getter:
    keep = otherwise == "keep"

    def look_up(cells: Cells) -> str:
        text = getter(cells)
        if not text:
            return ""
        found = table.get(text)
        if found is not None:
            return found
        if otherwise is None:
            raise RowError(where, text, f"is not in the value table; {nearest(text, table)}")
        return text if keep else otherwise

    return look_up

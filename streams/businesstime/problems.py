"""What may be wrong with a calendar, and a reader that collects every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from streams.problems import Path, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class CalendarError(ValueError):
    """Calendars that cannot be used; lists all problems found."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        """``name``: the file, or what the document is called."""
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}:{p.line}: {p}" if p.line else f"{name}: {p}" for p in self.problems))


def nearest(word: str, known: Collection[str]) -> str:
    """A hint that names the nearest known word, or lists the known ones if none is near and they are few."""
    close = difflib.get_close_matches(word, list(known))
    if not close:
        close = [name for name in known if name.casefold() == word.casefold()]
    if close:
        return f"did you mean {close[0]!r}?"
    if not known:
        return "none is known here"
    return f"known are {', '.join(map(repr, known))}" if len(known) <= 20 else f"none of the {len(known)} known is near"


class Reading:
    """Reads parts of a document, noting a problem wherever a part is not what it must be."""

    def __init__(self) -> None:
        """Start without problems."""
        self.problems: list[Problem] = []

    def problem(self, path: Path, value: object, rule: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, value, rule))

    def table(
        self, path: Path, value: object, known: Collection[str] | None = None, such_as: str = ""
    ) -> dict[str, object]:
        """A table with text keys; keys that are not ``known`` are problems and left out. ``such_as``: an example."""
        if not isinstance(value, dict):
            self.problem(path, value, "must be a table of keys and values" + (f" such as {such_as}" if such_as else ""))
            return {}
        found: dict[str, object] = {}
        for key, content in value.items():
            if not isinstance(key, str):
                self.problem((*path, str(key)), key, "keys must be text")
            elif known is not None and key not in known:
                self.problem((*path, key), content, f"unknown key; {nearest(key, known)}")
            else:
                found[key] = content
        return found

    def text(self, path: Path, value: object) -> str:
        """Text that is not empty; empty after a problem."""
        if isinstance(value, str) and value:
            return value
        self.problem(path, value, "is required" if value is None else "must be text that is not empty")
        return ""

    @staticmethod
    def items(value: object) -> list[object]:
        """A list; one value alone counts as a list of it, nothing as an empty one."""
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def flag(self, path: Path, value: object, *, default: bool) -> bool:
        """True or false; the default if absent or after a problem."""
        if value is None:
            return default
        if value in (True, "true") or value in (False, "false"):
            return value in (True, "true")
        self.problem(path, value, "must be true or false")
        return default

"""What may be wrong with a mapping, and a reader that collects every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from streams.problems import Path, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class MappingError(ValueError):
    """A mapping that cannot be used; lists all problems found."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        """``name``: the mapping's name, or its file."""
        self.name = name
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{name}:{p.line}: {p}" if p.line else f"{name}: {p}" for p in self.problems),
        )


def nearest(word: str, known: Collection[str]) -> str:
    """A hint that names the nearest known word, or lists the known ones if none is near or they are few."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not close:
        folded = {name.casefold(): name for name in known}
        close = [folded[word.casefold()]] if word.casefold() in folded else []
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are {', '.join(map(repr, known))}" if known else "none is known here"


class Reading:
    """Reads parts of a document, noting a problem wherever a part is not what it must be."""

    def __init__(self) -> None:
        """Start without problems."""
        self.problems: list[Problem] = []

    def problem(self, path: Path, value: object, rule: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, value, rule))

    def table(self, path: Path, value: object, known: Collection[str] | None = None) -> dict[str, object]:
        """A mapping with text keys; keys that are not ``known`` are problems and left out."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.problem(path, value, "must be a table of keys and values")
            return {}
        found: dict[str, object] = {}
        for raw, content in value.items():
            key = self.scalar((*path, str(raw)), raw)
            if key is None:
                continue
            if known is not None and key not in known:
                self.problem((*path, key), content, f"unknown key; {nearest(key, known)}")
            else:
                found[key] = content
        return found

    def scalar(self, path: Path, value: object) -> str | None:
        """Text; whole numbers are taken as written, other YAML types are not, for YAML may have changed them."""
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self.problem(path, value, "must be text; put it in quotes")
        return None

    def text(self, path: Path, value: object) -> str:
        """Text that is not empty; empty after a problem."""
        found = self.scalar(path, value)
        if found == "":
            self.problem(path, value, "must not be empty")
        return found or ""

    def texts(self, path: Path, value: object) -> tuple[str, ...]:
        """One text or a list of texts."""
        if not isinstance(value, list):
            found = self.scalar(path, value)
            return () if found is None else (found,)
        read = [self.scalar((*path, index), item) for index, item in enumerate(value)]
        return tuple(item for item in read if item is not None)

    def items(self, path: Path, value: object) -> list[object]:
        """A list."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.problem(path, value, "must be a list")
            return []
        return value

    def choice(self, path: Path, value: object, known: Collection[str], default: str) -> str:
        """One of the known words; the default if absent or after a problem."""
        if value is None:
            return default
        found = self.scalar(path, value)
        if found is None:
            return default
        if found not in known:
            self.problem(path, value, f"unknown; {nearest(found, known)}")
            return default
        return found

    def flag(self, path: Path, value: object, *, default: bool) -> bool:
        """True or false; the default if absent or after a problem."""
        if value is None:
            return default
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        self.problem(path, value, "must be true or false")
        return default

    def number(self, path: Path, value: object, default: int | None) -> int | None:
        """A whole number that is not negative; the default if absent or after a problem."""
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        self.problem(path, value, "must be a whole number, 0 or more")
        return default

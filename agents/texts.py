"""Where the texts of documents come from that name one another: a folder, or a version that was published whole."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Texts(Protocol):
    """Files that stand together. A document is read in the same way wherever they stand."""

    def has(self, file: str) -> bool:
        """Whether there is such a file."""

    def read(self, file: str) -> str:
        """The text of a file.

        Raises:
            OSError: there is none, or it cannot be read.
            UnicodeDecodeError: it is not UTF-8.
        """

    def called(self, file: str) -> str:
        """How people are told of a file."""

    def identity(self, file: str) -> str:
        """Equal for two names if, and only if, they mean the same file."""


class Folder:
    """Files of a directory, and what is named from there."""

    def __init__(self, path: Path) -> None:
        """``path``: the directory."""
        self._path = path

    def has(self, file: str) -> bool:
        """Whether there is such a file."""
        return (self._path / file).is_file()

    def read(self, file: str) -> str:
        """The text of a file, without a byte-order mark."""
        return (self._path / file).read_text(encoding="utf-8-sig")

    def called(self, file: str) -> str:
        """Its path."""
        return str(self._path / file)

    def identity(self, file: str) -> str:
        """Its path without links."""
        return str((self._path / file).resolve())


class Shelf:
    """Texts in memory, by the names that documents have for them."""

    def __init__(self, texts: Mapping[str, str], where: str) -> None:
        """``where``: what people know them by, such as the name of a topic."""
        self._texts = texts
        self._where = where

    def has(self, file: str) -> bool:
        """Whether there is such a file."""
        return plain(file) in self._texts

    def read(self, file: str) -> str:
        """The text of a file."""
        try:
            return self._texts[plain(file)]
        except KeyError:
            raise FileNotFoundError(2, "No such file", file) from None

    def called(self, file: str) -> str:
        """Its name, after what the texts are known by."""
        return f"{self._where}/{plain(file)}"

    def identity(self, file: str) -> str:
        """Its name."""
        return plain(file)


class Copied:
    """Other texts, and a copy of whatever was read of them."""

    def __init__(self, texts: Texts) -> None:
        """``texts``: where to read."""
        self._texts = texts
        self.copies: dict[str, str] = {}
        """By the names that :class:`Shelf` finds them by."""

    def has(self, file: str) -> bool:
        """Whether there is such a file."""
        return self._texts.has(file)

    def read(self, file: str) -> str:
        """The text of a file."""
        text = self.copies[plain(file)] = self._texts.read(file)
        return text

    def called(self, file: str) -> str:
        """How people are told of a file."""
        return self._texts.called(file)

    def identity(self, file: str) -> str:
        """Equal for two names if, and only if, they mean the same file."""
        return self._texts.identity(file)


def beside(file: str, other: str) -> str:
    """The name of a file that a document names, as seen from where the document's own name is seen from."""
    return posixpath.join(posixpath.dirname(file), other)


def plain(file: str) -> str:
    """A name without detours."""
    return posixpath.normpath(file)

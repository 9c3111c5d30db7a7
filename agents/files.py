"""Opens recorded logs: CSV, TSV and NDJSON, plain or gzip-compressed, as rows with their line numbers."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from typing import IO, TYPE_CHECKING, Any, cast

import orjson

from streams.sources.mapping_document import LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streams.sources.mapping_document import Format
    from streams.sources.mapping_rows import Row

_GZIP = b"\x1f\x8b"
_MAX_FIELD = 10_000_000


class FileError(ValueError):
    """A file that cannot be read; the message is one line that names the file, and the line where there is one."""


def open_rows(path: Path, layout: Format) -> Iterator[Row]:
    """The rows of a file, each with the number of the line on which it ends.

    Compression is told from the content, not from the name. A byte-order mark, CRLF line ends and empty lines are
    passed over. A header is a row like any other. Rows of NDJSON are tables: nested objects and lists become dotted
    names (``user.id``, ``tags.0``), null becomes empty, true and false become ``true`` and ``false``. A line that is
    no JSON object comes as a list with the line as its only field, as every line does of a file whose lines are events.

    Raises:
        FileError: the file cannot be opened; while iterating: cannot be decompressed, decoded or split into fields.
    """
    try:
        raw = path.open("rb")
        magic = raw.read(2)
        raw.seek(0)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise FileError(message) from None
    stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if magic == _GZIP else raw
    return _rows(path, raw, stream, layout)


def _rows(path: Path, raw: IO[bytes], stream: IO[bytes], layout: Format) -> Iterator[Row]:
    encoding = "utf-8-sig" if codecs.lookup(layout.encoding).name == "utf-8" else layout.encoding
    line = 0
    # Where each line is an event, a broken one costs nothing but itself.
    errors = "surrogateescape" if layout.type == LINES else "strict"
    with raw, io.TextIOWrapper(stream, encoding, errors, newline="") as text:
        try:
            for line, row in _READERS.get(layout.type, _table_rows)(text, layout):
                yield line, row
        except UnicodeDecodeError as error:
            rule = f"is not {layout.encoding} after line {line}; set encoding in the format of the mapping"
            message = f"{path}: {rule} ({error.reason})"
            raise FileError(message) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            message = f"{path}: the compressed data is damaged after line {line}: {error}"
            raise FileError(message) from None
        except csv.Error as error:
            message = f"{path}:{line + 1}: cannot be split into fields: {error}"
            raise FileError(message) from None
        except OSError as error:
            message = f"{path}: cannot be read: {error.strerror or error}"
            raise FileError(message) from None


def _table_rows(text: io.TextIOWrapper, layout: Format) -> Iterator[Row]:
    csv.field_size_limit(_MAX_FIELD)
    if layout.quote:
        reader = csv.reader(text, delimiter=layout.delimiter, quotechar=layout.quote)
    else:
        reader = csv.reader(text, delimiter=layout.delimiter, quoting=csv.QUOTE_NONE)
    for row in reader:
        if row:
            yield reader.line_num, row


def _lines(text: io.TextIOWrapper, _: Format) -> Iterator[tuple[int, list[str]]]:
    for line, content in enumerate(text, 1):
        bare = content.strip()
        if bare:
            yield line, [bare]


def _json_rows(text: io.TextIOWrapper, layout: Format) -> Iterator[Row]:
    for line, [bare] in _lines(text, layout):
        try:
            document = orjson.loads(bare)
        except orjson.JSONDecodeError:
            document = None
        yield line, flatten(document) if isinstance(document, dict) else [bare]


_READERS: dict[str, Callable[[io.TextIOWrapper, Format], Iterator[Row]]] = {"ndjson": _json_rows, LINES: _lines}
"""By the type of the format; all others are tables."""


def flatten(document: dict[str, Any]) -> dict[str, str]:
    """A JSON object as one table of text: nested names are joined with dots."""
    flat: dict[str, str] = {}
    pending: list[tuple[str, Any]] = list(document.items())
    while pending:
        name, value = pending.pop()
        if isinstance(value, str):
            flat[name] = value
        elif isinstance(value, dict):
            pending += [(f"{name}.{key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            pending += [(f"{name}.{index}", inner) for index, inner in enumerate(value)]
        elif value is None:
            flat[name] = ""
        else:
            flat[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return flat

"""Opening recorded logs."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from agents.files import FileError, flatten, open_rows
from streams.sources.mapping_document import Format

if TYPE_CHECKING:
    from pathlib import Path


def layout(**changes: Any) -> Format:
    base: dict[str, Any] = {"type": "csv", "delimiter": ",", "quote": '"', "encoding": "utf-8"}
    base |= {"header": True, "columns": (), "fields": None}
    return Format(**(base | changes))


TSV = layout(type="tsv", delimiter="\t", quote="")
NDJSON = layout(type="ndjson", header=False)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_a_byte_order_mark_crlf_quoted_line_ends_and_empty_lines(log: Path) -> None:
    log.write_bytes('\ufeffa,b\r\n\r\n"x\r\ny","p,q"\r\nz,è\r\n'.encode())
    assert list(open_rows(log, layout())) == [(1, ["a", "b"]), (4, ["x\r\ny", "p,q"]), (5, ["z", "è"])]


def test_compression_is_told_from_the_content(log: Path) -> None:
    log.write_bytes(gzip.compress(b'a\tb\r\n"1\t2\r\n', mtime=0))
    assert list(open_rows(log, TSV)) == [(1, ["a", "b"]), (2, ['"1', "2"])]


def test_other_encodings(log: Path) -> None:
    log.write_bytes("città\n".encode("windows-1252"))
    assert list(open_rows(log, layout(encoding="windows-1252"))) == [(1, ["città"])]


def test_ndjson_is_flattened_and_what_is_none_is_handed_on(log: Path) -> None:
    log.write_text('\n{"a": {"b": 1.5, "c": [true, null]}}\n[1]\n{"a":\n')
    assert list(open_rows(log, NDJSON)) == [
        (2, {"a.b": "1.5", "a.c.0": "true", "a.c.1": ""}),
        (3, ["[1]"]),
        (4, ['{"a":']),
    ]


def test_numbers_and_text_are_as_written_when_flattened() -> None:
    assert flatten({"n": 10**15, "t": "007", "f": False}) == {"n": "1000000000000000", "t": "007", "f": "false"}


def test_rows_come_before_the_file_is_read_to_its_end(log: Path) -> None:
    log.write_bytes(b"a\n" * 200_000 + b"\xff")
    assert next(iter(open_rows(log, layout()))) == (1, ["a"])


def test_files_that_cannot_be_read(tmp_path: Path, log: Path) -> None:
    for path, said in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(FileError, match=said) as caught:
            open_rows(path, layout())
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n\xff,1\n", "is not utf-8 after line 0; set encoding"),
        (gzip.compress(b"a,b\n" * 9999, mtime=0)[:-20], "the compressed data is damaged"),
        (b"\x1f\x8bnot really", "the compressed data is damaged"),
        (b'a,"' + b"x" * 10_000_001 + b'"\n', "cannot be split into fields: field larger than field limit"),
    ],
)
def test_files_that_are_damaged(log: Path, content: bytes, said: str) -> None:
    log.write_bytes(content)
    with pytest.raises(FileError, match=said):
        list(open_rows(log, layout()))

"""Whole mappings over whole files: what is written beside them must come out, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.files import open_rows
from agents.mappings import parse_mapping, read_mapping
from streams import codec
from streams.figures.options import FigureOptions
from streams.sources.mapping import Ignored, Invalid, MappingError, to_cloudevent

TESTS = Path(__file__).parents[1]
GOLDEN = TESTS / "golden" / "mappings"
BAD = sorted((TESTS / "bad" / "mappings").glob("*.yaml"))


def told(mapping_file: Path, log: Path) -> list[str]:
    """One line for each outcome: the event as sent, or why there is none."""
    mapping = read_mapping(str(mapping_file))
    lines = []
    for outcome in mapping.events(open_rows(log, mapping.format), lambda identity: f"hidden:{len(identity)}"):
        if isinstance(outcome, Ignored):
            lines.append(f"line {outcome.line} ignored: {outcome.reason}")
        elif isinstance(outcome, Invalid):
            lines.append(f"line {outcome.line} invalid: {outcome.field} = {outcome.value!r}: {outcome.rule}")
        else:
            sent = to_cloudevent(outcome)
            assert codec.decode(sent) == outcome.event
            lines.append(f"line {outcome.line} {sent.decode()}")
    return lines


@pytest.mark.parametrize("name", ["desk.csv", "chats.ndjson"])
def test_golden(name: str) -> None:
    log = GOLDEN / name
    assert told(log.with_suffix(".yaml"), log) == log.with_suffix(".expected").read_text().splitlines()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_mappings_say_what_is_wrong(path: Path) -> None:
    text = path.read_text()
    expected = re.findall(r"^# expect: (.*)$", text, re.MULTILINE)
    assert expected
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, path.name)
    assert str(caught.value).splitlines() == expected


def test_the_manual_shows_the_mapping_that_is_tested() -> None:
    manual = (TESTS.parent / "docs" / "sources.md").read_text()
    assert (GOLDEN / "desk.yaml").read_text() in manual
    assert (GOLDEN / "desk.csv").read_text() in manual


def test_the_manual_names_every_choice_of_figures() -> None:
    manual = (TESTS.parent / "docs" / "sources.md").read_text()
    assert [name for name in FigureOptions.__struct_fields__ if f"`{name}`" not in manual] == []

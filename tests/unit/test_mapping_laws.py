"""Laws that hold for any rows: nothing raises, every row is answered, and every event can be sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from agents.mappings import read_mapping
from streams import codec
from streams.sources.mapping import Mapped, to_cloudevent

if TYPE_CHECKING:
    from agents.mappings import Source

CALLS = read_mapping("anonymous-bank")
DESK = read_mapping(str(Path(__file__).parents[1] / "golden" / "mappings" / "desk.yaml"))
CALL_COLUMNS = [
    "vru+line",
    "call_id",
    "customer_id",
    "priority",
    "type",
    "date",
    "vru_entry",
    "vru_exit",
    "vru_time",
    "q_start",
    "q_exit",
    "q_time",
    "outcome",
    "ser_start",
    "ser_exit",
    "ser_time",
    "server",
]
DESK_COLUMNS = ["Ticket", "State", "Team", "Agent", "Prio", "Mail", "Updated"]

WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CLOCK = st.sampled_from(["0:00:00", "0:00:30", "9:00:00", "23:59:59", "24:00:00"])
CALL_ROW = st.tuples(
    WILD, st.sampled_from(["1", "2", ""]), WILD, WILD, WILD, st.sampled_from(["990201", "000229", "990230"]),
    CLOCK, CLOCK, WILD, CLOCK, CLOCK, st.sampled_from(["0", "7", "-3", "x", ""]),
    st.sampled_from(["AGENT", "HANG", "PHANTOM", "?"]), CLOCK, CLOCK,
    st.sampled_from(["0", "9", "1e300", "-1e15", "inf", ""]), WILD,
)  # fmt: skip
DESK_ROW = st.tuples(
    st.sampled_from(["1", "2", "x" * 300, ""]), st.sampled_from(["New", "In work", "Done", "Draft", "?"]), WILD, WILD,
    WILD, WILD, st.sampled_from(["29/03/2026 02:30", "25/10/2026 02:30", "1/1/0001 00:00", "31/12/9999 23:59", ""]),
)  # fmt: skip


@given(st.lists(CALL_ROW | st.lists(WILD, max_size=18).map(tuple), max_size=8))
def test_rows_of_a_streaming_mapping(rows: list[tuple[str, ...]]) -> None:
    check(CALLS, CALL_COLUMNS, rows)


@given(st.lists(DESK_ROW | st.lists(WILD, max_size=8).map(tuple), max_size=8))
def test_rows_of_a_mapping_that_compares_neighbours(rows: list[tuple[str, ...]]) -> None:
    check(DESK, DESK_COLUMNS, rows)


def check(mapping: Source, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    answered = set()
    for outcome in mapping.events(enumerate([columns, *rows], 1), str.upper):
        answered.add(outcome.line)
        if isinstance(outcome, Mapped):
            assert codec.decode(to_cloudevent(outcome)) == outcome.event
    assert answered == set(range(2, len(rows) + 2))

"""Sets as they travel and as people see them, and labels that become known one after the other."""

from __future__ import annotations

from streams.figures.contributions import (
    Contribution,
    Item,
    Live,
    QueueSets,
    as_plain,
    decode,
    encode,
    key_of,
    split_key,
)
from streams.lifecycles.dims import NOWHERE, UNASSIGNED, Dims

ITEM = Item("c.wait", "voice", "high", "a", 2_000, 1_000, 500)
LIVE = Live("waiting", "voice", "high", 1_000)


def test_a_set_travels_whole() -> None:
    made = Contribution(7, 3_000, [ITEM], [LIVE])
    assert decode(encode(made)) == made


def test_a_key_names_queue_and_entity_whatever_they_are_called() -> None:
    for queue, entity in (("Q", "call/C"), ("", "ticket/1"), ("Ærø/2", "call/a b")):
        assert split_key(key_of(queue, entity)) == (queue, entity)


def test_people_see_every_field_by_its_name() -> None:
    assert as_plain(Contribution(7, 3_000, [ITEM], [LIVE])) == {
        "version": 7,
        "items": [
            {"cell": "c.wait", "channel": "voice", "priority": "high", "rep": "a", "at": 2_000, "cohort": 1_000,
             "value": 500}
        ],
        "live": [{"state": "waiting", "channel": "voice", "priority": "high", "since": 1_000}],
    }  # fmt: skip


def test_a_queue_s_items_and_live_states_are_collected_in_one_place() -> None:
    sets = QueueSets()
    sets.live_of("Q").append(LIVE)
    sets.items_of("Q").append(ITEM)
    sets.items_of("R")
    assert sets == {"Q": ([ITEM], [LIVE]), "R": ([], [])}


def test_labels_that_are_known_stay_and_unknown_ones_are_filled() -> None:
    full, other = Dims("A", "voice", "high", "a"), Dims("B", "chat", "low", "b")
    assert full.or_else(other) == full
    assert NOWHERE.or_else(other) == other
    assert Dims("A").or_else(other) == Dims("A", "chat", "low", "b")
    assert Dims(UNASSIGNED, "voice", "", "a").or_else(other) == Dims("B", "voice", "low", "a")
    assert full.or_else(NOWHERE) == full

"""The end of a changelog is what the broker told in a Fetch, or the worker does not begin."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from agents.engine.config import EngineError
from agents.engine.transport import ConsumerThread

TPS = [TP("changelog", 0), TP("changelog", 1)]
LISTED = {TPS[0]: 3, TPS[1]: 1}


def ends(monkeypatch: pytest.MonkeyPatch, answers: list[list[tuple[int, int, int]]]) -> tuple[dict[TP, int], list[Any]]:
    """What a consumer thread takes for the ends, given what the broker answers to one Fetch after the other."""
    asked = []

    async def send(_node: object, request: Any) -> Any:
        asked.append({partition for _, parts in request.topics for partition, *_ in parts})
        answer = answers[min(len(asked), len(answers)) - 1]
        return SimpleNamespace(topics=[("changelog", answer)] if answer else [])

    async def listed(_self: object, _partitions: object) -> dict[TP, int]:
        return dict(LISTED)

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_highwaters", listed)
    thread: Any = ConsumerThread.__new__(ConsumerThread)
    cluster = SimpleNamespace(leader_for_partition=lambda _tp: 1)
    client = SimpleNamespace(cluster=cluster, send=send)
    thread._ensure_consumer = lambda: SimpleNamespace(_client=client)
    return dict(asyncio.run(thread._highwaters(TPS))), asked


def test_fetch_corrects_what_list_offsets_says(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = ends(monkeypatch, [[(0, 0, 40), (1, 0, 7)]])
    assert found == {TPS[0]: 40, TPS[1]: 7}
    assert len(asked) == 1


def test_partitions_left_out_of_an_answer_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = ends(monkeypatch, [[], [(1, 0, 7)], [(0, 0, 40)]])
    assert found == {TPS[0]: 40, TPS[1]: 7}
    assert asked == [{0, 1}, {0, 1}, {0}]


def test_no_answer_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a worker would recover a part of its state and go on from there."""
    with pytest.raises(EngineError, match="does not tell the end of changelog/0"):
        ends(monkeypatch, [[(1, 0, 7)]])

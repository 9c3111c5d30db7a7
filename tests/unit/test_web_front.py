"""Several workers behind one front: nothing counted twice, nothing silently missing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from agents.web.exposition_merge import merge_expositions
from agents.web.front import create_front
from agents.web.server import create_web, start
from tests.support.contact_centre import NOW, QUEUES, FakeWorker, busy_centre
from tests.unit.test_exposition import of_operation, parsed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from streams.pipeline.kpis import KpiStage

    Client = TestClient[web.Request, web.Application]


@pytest.fixture(scope="module")
def kpis() -> KpiStage:
    return busy_centre(contacts=100, tickets=20)


class Fleet:
    """Two workers that share four partitions, one worker that has all of them, and the front of the two."""

    def __init__(self, kpis: KpiStage) -> None:
        self.workers = [FakeWorker(kpis), FakeWorker(kpis)]
        self.alone = FakeWorker(kpis)
        for worker in (*self.workers, self.alone):
            worker.last_event = {"calls": NOW - 1000}
        self.workers[0].owned_partitions = frozenset({0, 1})
        self.workers[1].owned_partitions = frozenset({2, 3})
        self.runners: list[web.AppRunner] = []
        self.names: list[str] = []

    def queues(self, worker: int) -> set[str]:
        mine = self.workers[worker]
        return {
            labels[0]
            for one in mine.owned_partitions
            if one in mine.kpis.panes
            for labels in mine.kpis.panes[one].groups
        }


@asynccontextmanager
async def fleet_of(kpis: KpiStage) -> AsyncIterator[tuple[Fleet, Client, Client]]:
    """The fleet, a client of the front and one of the worker that has everything."""
    fleet = Fleet(kpis)
    for worker in fleet.workers:
        runner = await start(create_web(worker), port=0)
        fleet.runners.append(runner)
        fleet.names.append("{}:{}".format(*runner.addresses[0]))
    front = create_front([f"http://{name}" for name in fleet.names], worker_timeout=5.0)
    try:
        async with TestClient(TestServer(front)) as client, TestClient(TestServer(create_web(fleet.alone))) as alone:
            yield fleet, client, alone
    finally:
        for runner in fleet.runners:
            await runner.cleanup()


async def json_of(client: Client, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        assert answer.status == status
        return await answer.json()


async def text_of(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


@pytest.mark.parametrize("window", ["15m", "1d", "all"])
def test_figures_are_those_of_one_worker_that_has_everything(kpis: KpiStage, window: str) -> None:
    async def scenario() -> None:
        async with fleet_of(kpis) as (_, front, alone):
            path = f"/api/v1/figures?window={window}&by=queue,channel"
            merged, single = await json_of(front, path), await json_of(alone, path)
            assert set(merged["by"]["queue"]) == set(QUEUES)
            for part in ("total", "by", "live", "freshness", "status", "problems", "as_of"):
                assert merged[part] == single[part], part

    asyncio.run(scenario())


def test_metrics_hold_every_series_of_the_queues_once(kpis: KpiStage) -> None:
    async def scenario() -> None:
        async with fleet_of(kpis) as (fleet, front, alone):
            text = await text_of(front, "/metrics")
            merged, single = parsed(text), parsed(await text_of(alone, "/metrics"))
            assert of_operation(merged) == of_operation(single)
            types = [line for line in text.splitlines() if line.startswith("# TYPE ")]
            assert len(types) == len(set(types))
            for name in fleet.names:
                assert merged["ticketstreams_ready", frozenset({("worker", name)})] == 1
                assert merged["process_cpu_seconds_total", frozenset({("worker", name)})] > 0
            taken = {"topic": "calls", "result": "ok", "reason": "", "worker": fleet.names[0]}
            assert merged["support_events_total", frozenset(taken.items())] == 0
            defined = [labels for name, labels in merged if name == "support_metric_definition_info"]
            assert not any("worker" in dict(labels) for labels in defined)

    asyncio.run(scenario())


def test_a_worker_that_does_not_answer_is_named_with_what_it_had(kpis: KpiStage) -> None:
    async def scenario() -> None:
        async with fleet_of(kpis) as (fleet, front, _):
            assert (await json_of(front, "/readyz"))["ok"]
            assert (await json_of(front, "/api/v1/figures?by=queue"))["status"] == "ok"
            await fleet.runners[1].cleanup()
            await asyncio.sleep(0.3)
            said = await json_of(front, "/api/v1/figures?by=queue")
            assert said["status"] == "incomplete"
            assert set(said["missing_queues"]) == fleet.queues(1)
            assert set(said["by"]["queue"]) == fleet.queues(0)
            assert fleet.names[1] in said["problems"][0]
            assert fleet.names[1] in (await json_of(front, "/readyz", 503))["reasons"][0]
            assert (await json_of(front, "/healthz"))["ok"]
            progress = await json_of(front, "/api/v1/progress")
            assert (progress["recovered"], progress["drained"]) == (False, False)
            merged = parsed(await text_of(front, "/metrics"))
            assert merged["ticketstreams_ready", frozenset({("worker", fleet.names[1])})] == 0
            assert merged["ticketstreams_ready", frozenset({("worker", fleet.names[0])})] == 1

    asyncio.run(scenario())


def test_a_worker_that_is_not_ready_makes_the_front_not_ready(kpis: KpiStage) -> None:
    async def scenario() -> None:
        async with fleet_of(kpis) as (fleet, front, _):
            fleet.workers[0].ready = False
            reasons = (await json_of(front, "/readyz", 503))["reasons"]
            assert reasons == [f"worker {fleet.names[0]} answers 503: not all assigned partitions are recovered"]
            assert (await json_of(front, "/api/v1/figures"))["status"] == "incomplete"

    asyncio.run(scenario())


def test_nobody_answers() -> None:
    async def scenario() -> None:
        front = create_front(["http://127.0.0.1:1", "http://127.0.0.1:2"])
        async with TestClient(TestServer(front)) as client:
            said = await json_of(client, "/api/v1/figures")
            assert (said["status"], said["total"]) == ("incomplete", {})
            await json_of(client, "/readyz", 503)
            merged = parsed(await text_of(client, "/metrics"))
            assert set(merged.values()) == {0}

    asyncio.run(scenario())


def test_a_partition_that_two_workers_show_counts_once_and_is_named(kpis: KpiStage) -> None:
    async def scenario() -> None:
        async with fleet_of(kpis) as (fleet, front, alone):
            fleet.workers[1].owned_partitions = frozenset({0, 2, 3})
            fleet.workers[0].owned_partitions = frozenset({0, 1})
            path = "/api/v1/figures?window=all&by=queue"
            merged, single = await json_of(front, path), await json_of(alone, path)
            assert merged["total"] == single["total"]
            assert merged["status"] == "incomplete"
            assert any(said.startswith("partition 0 is shown by") for said in merged["problems"])
            series = of_operation(parsed(await text_of(front, "/metrics")))
            assert series == of_operation(parsed(await text_of(alone, "/metrics")))

    asyncio.run(scenario())


def test_progress_and_entities_come_from_all_workers(kpis: KpiStage) -> None:
    async def scenario() -> None:
        async with fleet_of(kpis) as (fleet, front, alone):
            progress = await json_of(front, "/api/v1/progress")
            assert (progress["recovered"], progress["drained"]) == (True, True)
            assert [row["partition"] for row in progress["partitions"]] == [0, 1, 2, 3]
            assert {row["worker"] for row in progress["partitions"]} == set(fleet.names)
            path = "/api/v1/queues/vip/entities?limit=7&contributes=c.wait"
            merged, single = await json_of(front, path), await json_of(alone, path)
            assert len(merged["entities"]) == 7
            assert merged["entities"] == single["entities"]
            assert merged["more"] is True

    asyncio.run(scenario())


def test_merging_puts_a_label_before_nasty_ones() -> None:
    text = b'# HELP process_x a\n# TYPE process_x gauge\nprocess_x{v="a{b} \\"c\\" 1"} 2\nprocess_x 3\n'
    merged = asyncio.run(merge_expositions({"w:1": text}))
    assert parsed(merged.decode()) == {
        ("process_x", frozenset({("v", 'a{b} "c" 1'), ("worker", "w:1")})): 2,
        ("process_x", frozenset({("worker", "w:1")})): 3,
    }


@pytest.mark.parametrize("urls", [[], ["http://127.0.0.1:1", "http://127.0.0.1:1"]])
def test_a_front_needs_different_workers(urls: list[str]) -> None:
    with pytest.raises(ValueError, match="addresses of the workers"):
        create_front(urls)

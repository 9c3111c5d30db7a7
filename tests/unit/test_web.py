"""The pages of one worker: figures, health, queries, cells, and the road to the entities."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from agents.web.cells import CellsDocument, from_wire
from agents.web.server import create_web, start
from streams.figures import cells as c
from streams.figures.catalogue import METRICS
from streams.figures.contributions import Contribution, Item, Live
from streams.figures.panes import COHORT, WINDOWS, Cells, pour
from streams.figures.readers import contacts, distribution, recontacts, tickets
from streams.figures.sketch import Sketch
from streams.stage import TallyKey
from tests.support.contact_centre import DAY, MINUTE, NOW, QUEUES, FakeWorker, busy_centre, send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def client_of(worker: FakeWorker) -> AsyncIterator[Client]:
    async with TestClient(TestServer(create_web(worker))) as client:
        yield client


def ask(worker: FakeWorker, *paths: str, status: int = 200) -> Any:
    """The JSON answer to a request, or to each of several."""

    async def scenario() -> list[Any]:
        found = []
        async with client_of(worker) as client:
            for path in paths:
                async with client.get(path) as answer:
                    assert answer.status == status, await answer.text()
                    found.append(await answer.json())
        return found

    answers = asyncio.run(scenario())
    return answers[0] if len(paths) == 1 else answers


@pytest.fixture(scope="module")
def busy() -> FakeWorker:
    worker = FakeWorker(busy_centre(contacts=150, tickets=40))
    worker.last_event = dict.fromkeys(("calls", "chats", "tickets"), NOW - 2000)
    return worker


def whole(worker: FakeWorker, window: str, queue: str | None = None) -> tuple[Cells, dict[str, int]]:
    """Cells and live counts, added up by hand."""
    cells: Cells = {}
    live: dict[str, int] = {}
    for panes in worker.kpis.panes.values():
        panes.advance(worker.time)
        for labels, group in panes.groups.items():
            if queue in {None, labels[0]}:
                pour(cells, group.windows[window])
                for state, members in group.live.items():
                    live[state] = live.get(state, 0) + len(members)
    return cells, live


@pytest.mark.parametrize("window", [*WINDOWS, "all"])
@pytest.mark.parametrize("attribution", ["cohort", "event"])
def test_figures_are_what_the_readers_make_of_merged_cells(busy: FakeWorker, window: str, attribution: Any) -> None:
    said = ask(busy, f"/api/v1/figures?window={window}&attribution={attribution}&by=queue,channel")
    cells, live = whole(busy, window)
    assert said["total"]["tickets"] == tickets(cells, live)
    assert said["total"]["contacts"] == contacts(cells, live, None, attribution)
    assert said["total"]["recontacts"] == recontacts(cells)
    assert set(said["by"]["queue"]) == set(QUEUES)
    assert set(said["by"]["channel"]) == {"voice", "chat"}
    cells, live = whole(busy, window, "vip")
    assert said["by"]["queue"]["vip"]["contacts"] == contacts(cells, live, 10.0, attribution)
    assert (said["window"], said["attribution"]) == (window, attribution)


def test_parts_add_up_to_the_total(busy: FakeWorker) -> None:
    said = ask(busy, "/api/v1/figures?window=1h&by=queue,channel,priority")
    for dimension in ("queue", "channel", "priority"):
        parts = said["by"][dimension].values()
        for name in ("offered", "answered", "abandoned", "flow_out", "waiting"):
            assert sum(part["contacts"][name] for part in parts) == said["total"]["contacts"][name]
        live = said["live"]["by"][dimension].values()
        assert sum(one["open"] for one in live) == said["live"]["total"]["open"] > 0


@pytest.mark.parametrize("window", [*WINDOWS, "all"])
def test_everyone_offered_is_accounted_for(busy: FakeWorker, window: str) -> None:
    identity = ask(busy, f"/api/v1/figures?window={window}")["live"]["total"]["identity"]
    assert identity["holds"] is True
    parts = ("answered", "abandoned", "flow_out", "ghosts", "waiting")
    assert identity["offered"] == sum(identity[part] for part in parts) > 0


def test_the_oldest_are_told_with_their_age() -> None:
    worker = FakeWorker()
    waiting = [Live(c.WAITING, "voice", "", NOW - age) for age in (5_000, 125_000, 61_000)]
    opened = [Live(c.OPEN + "open", "email", "", NOW - 3 * DAY), Live(c.OPEN + "new", "email", "", NOW - DAY)]
    send(worker.kpis, "billing", [(f"e/{n}", Contribution(1, 0, [], [one])) for n, one in enumerate(waiting + opened)])
    live = ask(worker, "/api/v1/figures")["live"]["total"]
    assert (live["waiting"], live["oldest_waiting_seconds"]) == (3, 125.0)
    assert live["oldest_waiting"] == "2026-05-28T20:24:35Z"
    assert (live["open"], live["oldest_open_seconds"]) == (2, 3 * 86_400.0)


def test_an_idle_queue_stays_and_says_that_it_is_one_for_contacts() -> None:
    worker = FakeWorker()
    item = Item(c.OFFERED, "voice", "", "", NOW - DAY * 2, NOW - DAY * 2, 1)
    send(worker.kpis, "night", [("call/1", Contribution(1, 0, [item], []))])
    said = ask(worker, "/api/v1/figures?window=15m&by=queue")
    assert said["by"]["queue"] == {"night": {}}
    assert "contacts" in said["live"]["by"]["queue"]["night"]["families"]
    assert said["live"]["by"]["queue"]["night"]["oldest_waiting"] is None


def test_events_are_counted_over_the_feeds_only() -> None:
    worker = FakeWorker()
    worker.tally.update(
        {
            TallyKey("calls", "ok"): 5,
            TallyKey("tickets", "ok"): 2,
            TallyKey("contributions", "ok"): 100,
            TallyKey("calls", "invalid", "time"): 1,
            TallyKey("calls", "invalid", "queue"): 1,
            TallyKey("chats", "unknown_type"): 4,
        }
    )
    events = ask(worker, "/api/v1/figures")["events"]
    assert events == {"ok": 7, "duplicate": 0, "late": 0, "invalid": 2, "ignored": 4}


def test_status_tells_no_data_from_stale_from_fresh_from_incomplete() -> None:
    worker = FakeWorker()
    said = ask(worker, "/api/v1/figures")
    assert (said["status"], said["newest_event"], said["total"]) == ("empty", None, {})
    assert said["freshness"]["calls"] == {"last_event": None, "lag_seconds": None, "stale": False}
    worker.last_event = {"calls": NOW - 3000, "tickets": NOW - 9000}
    assert ask(worker, "/api/v1/figures")["status"] == "ok"
    worker.last_event["calls"] = NOW - 20 * MINUTE
    said = ask(worker, "/api/v1/figures")
    assert said["status"] == "stale"
    assert said["problems"] == ["no event on calls for 0:20:00"]
    assert (said["freshness"]["calls"]["stale"], said["freshness"]["tickets"]["stale"]) == (True, False)
    worker.ready = False
    assert ask(worker, "/api/v1/figures")["status"] == "incomplete"


def test_after_a_restart_the_age_of_restored_figures_is_known() -> None:
    worker = FakeWorker()
    send(
        worker.kpis,
        "billing",
        [("call/1", Contribution(1, NOW - 3_600_000, [Item(c.CREATED, "", "", "", NOW, 0, 1)], []))],
    )
    assert not worker.last_event
    said = ask(worker, "/api/v1/figures")
    assert (said["status"], said["newest_event_age_seconds"]) == ("stale", 3600.0)


@pytest.mark.parametrize(
    ("path", "parameter", "value"),
    [
        ("/api/v1/figures?window=2h", "window", "2h"),
        ("/api/v1/figures?attribution=split", "attribution", "split"),
        ("/api/v1/figures?by=queue,rep", "by", "queue,rep"),
        ("/api/v1/figures?windw=1h", "windw", "1h"),
        ("/api/v1/queues/vip/entities?limit=0", "limit", "0"),
        ("/api/v1/queues/vip/entities?limit=1001", "limit", "1001"),
        ("/api/v1/queues/vip/entities?limit=many", "limit", "many"),
        ("/api/v1/cells?format=xml", "format", "xml"),
    ],
)
def test_a_bad_query_is_told_parameter_value_and_rule(busy: FakeWorker, path: str, parameter: str, value: str) -> None:
    error = ask(busy, path, status=400)["error"]
    assert (error["parameter"], error["value"]) == (parameter, value)
    assert error["rule"]


def test_health_and_readiness() -> None:
    worker = FakeWorker()
    assert ask(worker, "/healthz", "/readyz") == [{"ok": True, "reasons": []}] * 2
    worker.ready = False
    assert ask(worker, "/healthz")["ok"]
    assert ask(worker, "/readyz", status=503)["reasons"] == ["not all assigned partitions are recovered"]
    worker.heartbeat_age = 31.0
    said = ask(worker, "/healthz", status=503)
    assert said == {"ok": False, "reasons": ["the engine's loop has not turned for 31 s"]}
    worker.heartbeat_age, worker.failure = 0.1, "KafkaError: gone"
    assert ask(worker, "/healthz", status=503)["reasons"] == ["the worker ends: KafkaError: gone"]


def test_progress(busy: FakeWorker) -> None:
    said = ask(busy, "/api/v1/progress")
    assert (said["recovered"], said["drained"]) == (True, True)
    assert said["partitions"][3] == {"topic": "calls", "partition": 3, "position": 30, "end": 35}


def test_the_road_from_a_figure_to_the_entities(busy: FakeWorker) -> None:
    figures, behind, few = ask(
        busy,
        "/api/v1/figures?by=queue",
        "/api/v1/queues/tech-support/entities?limit=1000&contributes=c.ab_wait",
        "/api/v1/queues/tech-support/entities?limit=2",
    )
    abandoned = figures["by"]["queue"]["tech-support"]["contacts"]["abandoned"]
    assert len(behind["entities"]) == abandoned > 0
    assert behind["more"] is False
    assert all(one["entity"].startswith("call/tech-support-") for one in behind["entities"])
    assert all(any(item["cell"] == "c.ab_wait" for item in one["items"]) for one in behind["entities"])
    assert (len(few["entities"]), few["more"]) == (2, True)
    waiting = ask(busy, "/api/v1/queues/vip/entities?contributes=waiting")["entities"]
    assert len(waiting) == figures["by"]["queue"]["vip"]["contacts"]["waiting"]


@pytest.mark.parametrize("form", ["json", "msgpack"])
def test_cells_travel_without_loss(busy: FakeWorker, form: str) -> None:
    async def scenario() -> bytes:
        async with client_of(busy) as client, client.get(f"/api/v1/cells?format={form}") as answer:
            return await answer.read()

    module = msgspec.json if form == "json" else msgspec.msgpack
    said: CellsDocument = module.decode(asyncio.run(scenario()), type=CellsDocument)
    assert said.owned == sorted(busy.kpis.panes)
    cells: Cells = {}
    for group in said.groups:
        pour(cells, from_wire(group.windows["all"]))
    mine, _ = whole(busy, "all")
    assert cells.keys() == mine.keys()
    for cell, held in mine.items():
        if isinstance(held, Sketch):
            assert distribution(cells, cell) == distribution(mine, cell)
        else:
            assert cells[cell] == held
    assert isinstance(cells[c.QUEUE_WAIT + COHORT], Sketch)


def test_metrics_has_the_exact_content_type(busy: FakeWorker) -> None:
    async def scenario() -> None:
        async with client_of(busy) as client, client.get("/metrics") as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert b"support_contacts_waiting{" in await answer.read()

    asyncio.run(scenario())


def test_the_wallboard_needs_nothing_from_elsewhere() -> None:
    async def scenario() -> None:
        async with client_of(FakeWorker()) as client:
            async with client.get("/", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (302, "/wallboard")
            async with client.get("/wallboard") as answer:
                page = await answer.text()
                policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            for part in ("wallboard.css", "wallboard.js", "icon.svg"):
                assert f'"/wallboard/{part}"' in page
                async with client.get(f"/wallboard/{part}") as answer:
                    assert answer.status == 200
                    text = await answer.text()
                assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
            assert "http" not in page

    asyncio.run(scenario())


def test_the_wallboards_tooltips_are_metrics_of_the_catalogue() -> None:
    async def scenario() -> tuple[str, Any]:
        async with client_of(FakeWorker()) as client:
            async with client.get("/wallboard") as answer:
                page = await answer.text()
            async with client.get("/api/v1/definitions") as answer:
                return page, await answer.json()

    page, definitions = asyncio.run(scenario())
    assert set(definitions["metrics"]) == {metric.full_name for metric in METRICS}
    named = {part.split('"')[0] for part in page.split('data-metric="')[1:]}
    assert named
    assert named <= set(definitions["metrics"])


def test_a_partition_that_goes_away_while_figures_are_read_is_not_in_them() -> None:
    async def scenario() -> Any:
        worker = FakeWorker(busy_centre(contacts=30, tickets=5))
        async with client_of(worker) as client:
            reading = asyncio.create_task(_json(client, "/api/v1/figures?by=queue"))
            while not any(panes.present == NOW // MINUTE for panes in worker.kpis.panes.values()):  # noqa: ASYNC110 - waits for a turn of the loop
                await asyncio.sleep(0)
            gone = max(worker.kpis.panes)
            worker.owned_partitions -= {gone}
            queues = {labels[0] for labels in worker.kpis.panes[gone].groups}
            worker.kpis.revoke(gone)
            said = await reading
        assert set(said["by"]["queue"]) == set(QUEUES) - queues
        offered = [part["contacts"]["offered"] for part in said["by"]["queue"].values()]
        assert sum(offered) == said["total"]["contacts"]["offered"]
        return queues

    assert asyncio.run(scenario())


async def _json(client: Client, path: str) -> Any:
    async with client.get(path) as answer:
        return await answer.json()


def test_a_taken_port_is_an_error_and_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        first = await start(create_web(FakeWorker()), port=0)
        try:
            host, port = first.addresses[0][:2]
            assert host == "127.0.0.1"
            with pytest.raises(OSError, match="in use"):
                await start(create_web(FakeWorker()), port=port)
        finally:
            await first.cleanup()

    asyncio.run(scenario())
